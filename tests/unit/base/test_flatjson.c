/* The flat reader takes exactly what the general reader takes, as far as it is flat, and reads the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/flatjson.h"
#include "base/json.h"

static struct arena arena;

static enum err
parse(const char *json, size_t len, struct flat *f, struct why *why)
{
	/* At the very end of a block of its own, so that ASan sees a read past it. */
	char *exact = malloc(len > 0 ? len : 1);
	enum err e;

	memcpy(exact, json, len);
	arena_reset(&arena);
	e = flat_parse(exact, len, &arena, f, why);
	free(exact);
	return e;
}

static void
test_reads_texts_and_numbers(void **state)
{
	static const char json[] =
	    " { \"a\" : \"x\" ,\"b\":-12,\"\":\"\",\"min\":-9223372036854775808,"
	    "\"max\":9223372036854775807,\"zero\":0 } \n";
	struct flat f;
	struct why why;
	const char *text;
	int64_t v;

	(void)state;
	assert_int_equal(parse(json, strlen(json), &f, &why), ERR_OK);
	assert_int_equal(f.count, 6);
	assert_string_equal(flat_text(&f, "a"), "x");
	assert_string_equal(flat_text(&f, ""), "");
	assert_null(flat_text(&f, "b"));
	assert_null(flat_text(&f, "c"));
	assert_int_equal(flat_want_int(&f, "b", -12, 0, &v, &why), ERR_OK);
	assert_int_equal(v, -12);
	assert_int_equal(flat_want_int(&f, "min", INT64_MIN, 0, &v, &why), ERR_OK);
	assert_true(v == INT64_MIN);
	assert_int_equal(flat_want_int(&f, "max", 0, INT64_MAX, &v, &why), ERR_OK);
	assert_true(v == INT64_MAX);
	assert_int_equal(flat_want_int(&f, "b", 0, 9, &v, &why), ERR_INVALID);
	assert_string_equal(why.text, "\"b\" must be an integer from 0 to 9");
	assert_int_equal(flat_want_int(&f, "a", 0, 9, &v, &why), ERR_INVALID);
	assert_int_equal(flat_want_int(&f, "c", 0, 9, &v, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "missing"));
	assert_int_equal(flat_want_text(&f, "a", 1, &text, &why), ERR_OK);
	assert_int_equal(flat_want_text(&f, "a", 0, &text, &why), ERR_LIMIT);
	assert_int_equal(flat_want_text(&f, "b", 9, &text, &why), ERR_INVALID);
	assert_int_equal(flat_want_text(&f, "c", 9, &text, &why), ERR_INVALID);
	assert_int_equal(parse("{}", 2, &f, &why), ERR_OK);
	assert_int_equal(f.count, 0);
}

static void
test_escapes(void **state)
{
	static const char json[] = "{\"k\\u0065y\":\"\\\"\\\\\\/"
				   "\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\ude00\xe9\x97\xa8\"}";
	struct flat f;
	struct why why;

	(void)state;
	assert_int_equal(parse(json, strlen(json), &f, &why), ERR_OK);
	assert_string_equal(flat_text(&f, "key"),
	    "\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe9\x97\xa8");
}

static void
refuse(const char *json, size_t len, const char *text)
{
	struct flat f;
	struct why why = {""};

	if (parse(json, len, &f, &why) != ERR_INVALID || strstr(why.text, text) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", json, why.text, text);
	assert_int_equal(f.count, 0);
}

#define REFUSE(json, text) refuse(json, sizeof(json) - 1, text)

static void
test_refusals(void **state)
{
	(void)state;
	REFUSE("", "object is expected");
	REFUSE("[]", "object is expected");
	REFUSE("{", "string is expected");
	REFUSE("{\"a\"", "colon");
	REFUSE("{\"a\":", "does not end");
	REFUSE("{\"a\":1", "end of the object");
	REFUSE("{\"a\":1,}", "string is expected");
	REFUSE("{\"a\":1}x", "follows");
	REFUSE("{\"a\":1,\"a\":2}", "twice");
	REFUSE("{\"a\":1,\"\\u0061\":2}", "twice");
	REFUSE("{\"a\":{}}", "string or an integer");
	REFUSE("{\"a\":[]}", "string or an integer");
	REFUSE("{\"a\":true}", "string or an integer");
	REFUSE("{\"a\":-}", "string or an integer");
	REFUSE("{\"a\":1.5}", "string or an integer");
	REFUSE("{\"a\":1e2}", "string or an integer");
	REFUSE("{\"a\":01}", "zero");
	REFUSE("{\"a\":9223372036854775808}", "too large");
	REFUSE("{\"a\":-9223372036854775809}", "too large");
	REFUSE("{\"a\":99999999999999999999}", "too large");
	REFUSE("{\"a\":\"x}", "does not end");
	REFUSE("{\"a\":\"\\", "does not end");
	REFUSE("{\"a\":\"\\x\"}", "escape");
	REFUSE("{\"a\":\"\\\0\"}", "escape");
	REFUSE("{\"a\":\"\\u12", "cut short");
	REFUSE("{\"a\":\"\\u12g4\"}", "hex");
	REFUSE("{\"a\":\"\\u0000\"}", "NUL");
	REFUSE("{\"a\":\"\0\"}", "control");
	REFUSE("{\"a\":\"\n\"}", "control");
	REFUSE("{\"a\":\"\\ud83d\"}", "surrogate");
	REFUSE("{\"a\":\"\\ud83dx\"}", "surrogate");
	REFUSE("{\"a\":\"\\ud83d\\u0041\"}", "surrogate");
	REFUSE("{\"a\":\"\\ude00\"}", "surrogate");
	REFUSE("{\"a\":\"\xff\"}", "UTF-8");
	REFUSE("{\"a\":\"\xc3\"}", "UTF-8");
	REFUSE("{\"\xff\":1}", "UTF-8");
}

static void
test_too_many_members(void **state)
{
	char json[512] = "{";
	size_t n = 1;

	(void)state;
	for (int i = 0; i <= FLAT_MEMBERS_MAX; i++)
		n += (size_t)snprintf(
		    json + n, sizeof(json) - n, "%s\"k%d\":%d", i > 0 ? "," : "", i, i);
	json[n++] = '}';
	refuse(json, n, "too many");
}

/* Every member that it reads, the general reader reads the same. */
static void
compare_readers(const char *json, size_t len, int *taken)
{
	struct json_t *tree = NULL;
	struct flat f;

	if (parse(json, len, &f, NULL) != ERR_OK)
		return;
	++*taken;
	if (jr_parse(json, len, &tree, NULL) != ERR_OK)
		fail_msg("only the flat reader takes %.*s", (int)len, json);
	assert_int_equal(jr_count(tree), f.count);
	for (size_t i = 0; i < f.count; i++) {
		const struct json_t *v = jr_get(tree, f.members[i].key);

		assert_non_null(v);
		if (f.members[i].text != NULL)
			assert_string_equal(f.members[i].text, jr_string(v, NULL));
		else
			assert_true(jr_is_int(v) && jr_integer(v, 0) == f.members[i].number);
	}
	jr_free(tree);
}

static void
test_same_as_the_general_reader(void **state)
{
	static const char base[] =
	    "{\"message\":\"a \\u00e9\\n\xe9\x97\xa8\",\"ms\":-12,\"tick\":0}";
	static const char alphabet[] = "{}[]\":,\\u0019aefbnrt-+. \n\xc3\xa9\xff\x01";
	char json[sizeof(base)];
	int taken = 0;

	(void)state;
	srand(7);
	for (int round = 0; round < 200000; round++) {
		memcpy(json, base, sizeof(base));
		for (int i = 0; i <= round % 3; i++)
			json[(size_t)rand() % (sizeof(base) - 1)] =
			    alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
		compare_readers(json, sizeof(base) - 1 - (size_t)(round % 50 == 0), &taken);
	}
	assert_true(taken > 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_texts_and_numbers),
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_too_many_members),
	    cmocka_unit_test(test_same_as_the_general_reader),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_free(&arena);
	return failed;
}
