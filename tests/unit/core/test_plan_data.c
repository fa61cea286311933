/* The default emergency plans as shipped, all of them, and what a plan's reader refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "core/embedded.h"
#include "core/plan_data.h"

#define MINIMUM_STEPS 8
#define MAXIMUM_STEPS 14

/* Both languages given, not one for both: Chinese has bytes above ASCII, English none. */
static void
check_text(const char *where, const struct i18n *t)
{
	bool chinese = false;

	for (const char *s = t->zh; *s != '\0'; s++)
		chinese = chinese || (unsigned char)*s >= 0x80;
	if (!chinese)
		fail_msg("%s: \"%s\" is not Chinese", where, t->zh);
	if (t->en[0] == '\0')
		fail_msg("%s: no English", where);
	for (const char *s = t->en; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f)
			fail_msg("%s: \"%s\" is not plain English", where, t->en);
}

static void
check_steps(const struct plan *p)
{
	uint32_t phases = 0, actions = 0;

	assert_in_range(p->step_count, MINIMUM_STEPS, MAXIMUM_STEPS);
	for (size_t i = 0; i < p->step_count; i++) {
		const struct plan_step *s = &p->steps[i];

		check_text(s->id, &s->text);
		assert_true(id_valid(s->id));
		assert_int_equal(plan_step_find(p, s->id), i); /* its id is there once */
		assert_in_range(s->within_minutes, 1, PLAN_WITHIN_MAX_MINUTES);
		assert_true(i == 0 || p->steps[i - 1].phase <= s->phase);
		phases |= 1u << s->phase;
		actions |= s->actions;
	}
	assert_int_equal(phases, (1u << PDCERF_COUNT) - 1);
	assert_true(actions & 1u << ACT_PRESERVE_EVIDENCE);
	assert_true(actions & 1u << ACT_NOTIFY);
	assert_true(actions & 1u << ACT_RESTORE);
	assert_true(actions & (1u << ACT_ISOLATE | 1u << ACT_BLOCK));
}

/* DOMAIN section 7: each of the eight threats has its plan with steps of every phase, in their order. */
static void
test_shipped_plans(void **state)
{
	static const char *const threats[] = {"defacement", "planted-malware", "mail-attack",
	    "ransomware", "cryptominer", "data-leak", "led-tampering", "denial-of-service"};
	const struct plan *plans;
	size_t count;

	(void)state;
	plans = plan_defaults(&count);
	assert_int_equal(count, 8);
	for (size_t i = 0; i < 8; i++) {
		const struct plan *p = plan_default(threats[i]);

		assert_non_null(p);
		assert_in_range(p - plans, 0, 7);
		check_text(p->id, &p->name);
		check_text(p->id, &p->summary);
		check_steps(p);
		assert_true(p->class_count > 0);
		for (size_t c = 0; c < p->class_count; c++)
			assert_ptr_equal(plan_for_class(p->classes[c]), p);
	}
	assert_null(plan_default("flood"));
	assert_string_equal(plan_for_class("0107")->id, "ransomware");
	assert_null(plan_for_class("0902"));
	assert_null(plan_for_class("nothing"));
}

/* What matters to whoever handles it: first the screen goes dark, first the ransomware loses its network. */
static void
test_first_things_first(void **state)
{
	const struct plan *led = plan_default("led-tampering"), *r = plan_default("ransomware");
	int off = plan_step_find(led, "power-off"), cut = plan_step_find(r, "cut-network");

	(void)state;
	assert_true(off >= 0 && cut >= 0);
	for (size_t i = 0; i < led->step_count; i++)
		assert_true(led->steps[off].within_minutes <= led->steps[i].within_minutes);
	for (size_t i = 0; i < r->step_count; i++)
		assert_true(r->steps[cut].within_minutes <= r->steps[i].within_minutes);
	assert_int_equal(plan_step_find(r, "pay"), -1);
}

/* A department's own version goes through the API and the journal as this JSON and comes back the same. */
static void
test_round_trip(void **state)
{
	struct arena arena = {NULL, 0};
	const struct plan *plans;
	struct json_writer w;
	struct json_t *j;
	struct why why;
	struct plan back;
	struct buf first, second;
	size_t count;

	(void)state;
	plans = plan_defaults(&count);
	for (size_t i = 0; i < count; i++) {
		buf_init(&first, 1 << 20);
		buf_init(&second, 1 << 20);
		jw_begin(&w, &first);
		plan_encode(&plans[i], &w);
		assert_int_equal(jr_parse(first.data, first.len, &j, &why), ERR_OK);
		assert_int_equal(plan_parse(j, &arena, &back, &why), ERR_OK);
		jw_begin(&w, &second);
		plan_encode(&back, &w);
		assert_string_equal(first.data, second.data);
		buf_reset(&second);
		assert_int_equal(jr_canonical(j, &second), ERR_OK); /* keys in sorted order */
		assert_string_equal(first.data, second.data);
		jr_free(j);
		buf_free(&first);
		buf_free(&second);
	}
	arena_free(&arena);
}

#define STEP(id, phase)                                                                            \
	"{\"id\":\"" id "\",\"phase\":\"" phase "\",\"who\":\"duty\",\"within_minutes\":5,"        \
	"\"actions\":[\"notify\"],\"text\":{\"zh\":\"做\"}}"
#define PLAN(steps)                                                                                \
	"{\"id\":\"own\",\"name\":{\"en\":\"Own\"},\"summary\":{\"zh\":\"要点\"},\"classes\":["  \
	"\"0107\"],\"steps\":[" steps "]}"

static void
parsed(const char *text, enum err want, const char *says)
{
	struct arena arena = {NULL, 0};
	struct why why = {""};
	struct json_t *j;
	struct plan p;

	if (jr_parse(text, strlen(text), &j, &why) != ERR_OK)
		fail_msg("%s: %s", text, why.text);
	if (plan_parse(j, &arena, &p, &why) != want || strstr(why.text, says) == NULL)
		fail_msg("%s: \"%s\"", text, why.text);
	jr_free(j);
	arena_free(&arena);
}

/* PLAN(STEP("a", "recovery")) with its first OLD replaced. */
static void
edited(const char *old, const char *new, enum err want, const char *says)
{
	static const char valid[] = PLAN(STEP("a", "recovery"));
	const char *at = strstr(valid, old);
	size_t size = sizeof(valid) + strlen(new);
	char *text = malloc(size);

	assert_non_null(at);
	snprintf(text, size, "%.*s%s%s", (int)(at - valid), valid, new, at + strlen(old));
	parsed(text, want, says);
	free(text);
}

static void
test_refused(void **state)
{
	struct buf many;

	(void)state;
	edited("own", "own", ERR_OK, "");
	edited("\"id\":\"own\"", "\"id\":\"Own\"", ERR_INVALID, "\"Own\" is no id");
	edited("\"id\":\"own\",", "", ERR_INVALID, "\"id\" is missing");
	edited("\"name\"", "\"title\"", ERR_INVALID, "unknown key \"title\"");
	edited("{\"en\":\"Own\"}", "\"Own\"", ERR_INVALID,
	    "plan \"own\": \"name\" must be an object with \"zh\" and \"en\"");
	edited("{\"en\":\"Own\"}", "{}", ERR_INVALID, "\"name\" has neither");
	edited("{\"en\":\"Own\"}", "{\"de\":\"E\"}", ERR_INVALID, "unknown key \"de\"");
	edited("{\"en\":\"Own\"}", "{\"en\":\"a\\nb\"}", ERR_INVALID,
	    "\"name\" in \"en\" has a line break at byte 2");
	edited("[\"0107\"]", "[\"0199\"]", ERR_INVALID, "\"0199\" is no code");
	edited("[\"0107\"]", "[\"0107\",\"0107\"]", ERR_INVALID, "has 0107 twice");
	edited("[\"0107\"]", "[7]", ERR_INVALID, "is no code");
	edited("recovery", "repair", ERR_INVALID,
	    "plan \"own\": step 1: there is no phase \"repair\"; there are: preparation");
	edited("duty", "nobody", ERR_INVALID, "there is no role in a plan \"nobody\"");
	edited(":5", ":0", ERR_INVALID, "\"within_minutes\" must be an integer from 1 to 86400");
	edited(":5", ":86401", ERR_INVALID, "from 1 to 86400");
	edited("[\"notify\"]", "[]", ERR_OK, "");
	edited("[\"notify\"]", "[\"notify\",\"notify\"]", ERR_INVALID, "\"notify\" twice");
	edited("[\"notify\"]", "[\"pay\"]", ERR_INVALID, "there is no action kind \"pay\"");
	edited("[\"notify\"]", "\"notify\"", ERR_INVALID, "\"actions\" must be a list");
	parsed("[]", ERR_INVALID, "a plan must be an object");
	parsed(PLAN(""), ERR_INVALID, "\"steps\" must be a list of 1 to 40");
	parsed(PLAN("7"), ERR_INVALID, "step 1: a step must be an object");
	parsed(PLAN(STEP("a", "recovery") "," STEP("a", "recovery")), ERR_INVALID,
	    "step 2: its id is there twice");
	parsed(PLAN(STEP("a", "recovery") "," STEP("b", "detection")), ERR_INVALID,
	    "step 2: detection comes before recovery");
	buf_init(&many, 1 << 20);
	buf_printf(&many, "%.*s", (int)(sizeof(PLAN("")) - 3), PLAN(""));
	for (int i = 0; i <= PLAN_STEPS_MAX; i++)
		buf_printf(&many, "%s{}", i > 0 ? "," : "");
	buf_puts(&many, "]}");
	parsed(many.data, ERR_INVALID, "1 to 40");
	buf_free(&many);
}

static void
list_parsed(const char *text, enum err want, const char *says)
{
	struct arena arena = {NULL, 0};
	const struct plan *plans;
	struct why why = {""};
	size_t count;

	if (plans_parse(text, &arena, &plans, &count, &why) != want ||
	    strstr(why.text, says) == NULL)
		fail_msg("\"%s\"", why.text);
	assert_int_equal(count > 0, want == ERR_OK);
	arena_free(&arena);
}

static void
test_lists_refused(void **state)
{
	(void)state;
	list_parsed(embedded_plans, ERR_OK, "");
	list_parsed("{", ERR_INVALID, "not JSON");
	list_parsed("{}", ERR_INVALID, "\"plans\" must be a list of at most 32");
	list_parsed("{\"plans\":[" PLAN(STEP("a", "recovery")) "," PLAN(STEP("a", "recovery")) "]}",
	    ERR_INVALID, "plan \"own\" twice");
	list_parsed(
	    "{\"plans\":[" PLAN(STEP("a", "recovery")) ",{\"id\":\"other\",\"name\":{\"en\":"
						       "\"O\"},\"summary\":{\"en\":\"S\"},"
						       "\"classes\":[\"0107\"],\"steps\":[" STEP(
							   "a", "recovery") "]}]}",
	    ERR_INVALID, "class 0107: both plan \"own\" and plan \"other\" are for it");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shipped_plans),
	    cmocka_unit_test(test_first_things_first),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_lists_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
