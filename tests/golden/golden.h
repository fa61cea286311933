/*
 * Holds a policy against games whose scores are known: tests/golden/NAME.json is a facts file,
 * NAME.expected.json what must come out. Ids and ranks agree exactly, points to 1e-9 relative.
 * Included by one test_POLICY.c each; run from the top of the repository.
 */
#ifndef DRILLD_TESTS_GOLDEN_H
#define DRILLD_TESTS_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "core/facts.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN_MAX_BYTES (1 << 20)

static char *
golden_read(const char *name, const char *suffix, size_t *len)
{
	char path[256];
	char *text = malloc(GOLDEN_MAX_BYTES);
	FILE *in;

	snprintf(path, sizeof(path), "tests/golden/%s%s", name, suffix);
	if ((in = fopen(path, "re")) == NULL)
		fail_msg("%s cannot be opened; tests run from the top of the repository", path);
	*len = fread(text, 1, GOLDEN_MAX_BYTES, in);
	assert_in_range(*len, 1, GOLDEN_MAX_BYTES - 1);
	fclose(in);
	return text;
}

/* Ids, ranks: the same JSON value. */
static void
golden_same(const struct json_t *want, const struct json_t *got, const char *place)
{
	struct buf a, b;

	buf_init(&a, 4096);
	buf_init(&b, 4096);
	if (want == NULL || got == NULL)
		fail_msg("%s: missing", place);
	assert_int_equal(jr_canonical(want, &a), ERR_OK);
	assert_int_equal(jr_canonical(got, &b), ERR_OK);
	if (strcmp(a.data, b.data) != 0)
		fail_msg("%s: expected %s, got %s", place, a.data, b.data);
	buf_free(&a);
	buf_free(&b);
}

static void
golden_close(const struct json_t *want, const struct json_t *got, const char *place)
{
	double a = jr_number(want, NAN), b = jr_number(got, NAN);

	if (!(fabs(a - b) <= 1e-9 * fmax(1, fabs(a))))
		fail_msg("%s: expected %.17g, got %.17g", place, a, b);
}

static void
golden_list(const struct json_t *want, const struct json_t *got, const char *list,
    const char *const *exact, const char *const *points)
{
	const struct json_t *a = jr_get(want, list), *b = jr_get(got, list);
	char place[64];

	assert_true(jr_is_array(a) && jr_is_array(b));
	if (jr_count(a) != jr_count(b))
		fail_msg("%s: expected %zu, got %zu", list, jr_count(a), jr_count(b));
	for (size_t i = 0; i < jr_count(a); i++) {
		for (size_t k = 0; exact[k] != NULL; k++) {
			snprintf(place, sizeof(place), "%s[%zu].%s", list, i, exact[k]);
			golden_same(
			    jr_get(jr_at(a, i), exact[k]), jr_get(jr_at(b, i), exact[k]), place);
		}
		for (size_t k = 0; points[k] != NULL; k++) {
			snprintf(place, sizeof(place), "%s[%zu].%s", list, i, points[k]);
			golden_close(
			    jr_get(jr_at(a, i), points[k]), jr_get(jr_at(b, i), points[k]), place);
		}
	}
}

static struct json_t *
golden_parse(const char *text, size_t len)
{
	struct json_t *j;
	struct why why;

	if (jr_parse(text, len, &j, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return j;
}

static struct json_t *
golden_score(const char *policy, const char *name)
{
	size_t len;
	char *text = golden_read(name, ".json", &len);
	struct facts *facts;
	struct json_t *got;
	struct why why;
	struct buf out;

	if (facts_read(text, len, &facts, &why) != ERR_OK)
		fail_msg("%s: %s", name, why.text);
	buf_init(&out, GOLDEN_MAX_BYTES);
	if (facts_score(facts, policy_find(policy), NULL, 0, &out, &why) != ERR_OK)
		fail_msg("%s: %s", name, why.text);
	got = golden_parse(out.data, out.len);
	buf_free(&out);
	facts_free(facts);
	free(text);
	return got;
}

/* *state is the name of the game. */
static void
golden_check(const char *policy, void **state)
{
	static const char *const row_ids[] = {"team", "service", NULL};
	static const char *const row_points[] = {"attack", "defense", "sla", "total", NULL};
	static const char *const place_ids[] = {"team", "rank", NULL};
	static const char *const place_points[] = {"total", NULL};
	size_t len;
	char *text = golden_read(*state, ".expected.json", &len);
	struct json_t *want = golden_parse(text, len), *got = golden_score(policy, *state);

	golden_list(want, got, "rows", row_ids, row_points);
	golden_list(want, got, "ranking", place_ids, place_points);
	jr_free(want);
	jr_free(got);
	free(text);
}

#endif
