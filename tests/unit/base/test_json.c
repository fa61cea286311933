/* JSON in and out: canonical text, hostile text, and sentences that say what would be right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/json.h"

static struct why why;

static struct json_t *
parsed(const char *text)
{
	struct json_t *j;

	if (jr_parse(text, strlen(text), &j, &why) != ERR_OK)
		fail_msg("%s: %s", text, why.text);
	return j;
}

static void
assert_refused(const char *text, size_t len, const char *reason)
{
	struct json_t *j = (void *)&why;

	why.text[0] = '\0';
	if (jr_parse(text, len, &j, &why) == ERR_OK)
		fail_msg("taken: %s", text);
	assert_null(j);
	if (strstr(why.text, reason) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, reason);
}

#define REFUSED(text, reason) assert_refused(text, sizeof(text) - 1, reason)

static void
test_writes_canonical_text(void **state)
{
	struct json_writer w;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	jw_begin(&w, &out);
	jw_object(&w);
	jw_kv_str(&w, "a", "x\"\\\n\t\x01中");
	jw_kv_str(&w, "b", NULL);
	jw_kv_int(&w, "c", INT64_MIN);
	jw_kv_bool(&w, "d", true);
	jw_key(&w, "e");
	jw_array(&w);
	jw_int(&w, 1);
	jw_array(&w);
	jw_array_end(&w);
	jw_object(&w);
	jw_object_end(&w);
	jw_raw(&w, "[2]", 3);
	jw_null(&w);
	jw_array_end(&w);
	jw_object_end(&w);
	assert_string_equal(out.data,
	    "{\"a\":\"x\\\"\\\\\\n\\t\\u0001中\",\"b\":null,"
	    "\"c\":-9223372036854775808,\"d\":true,\"e\":[1,[],{},[2],null]}");
	buf_free(&out);
}

/* Reals come back the same, in their shortest form; what JSON cannot say is null. */
static void
test_writes_reals(void **state)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {{0.1, "0.1"}, {1, "1.0"}, {-0.0, "-0.0"}, {1e300, "1e+300"}, {1.0 / 3, NULL},
	    {12345.678901234567, NULL}, {__builtin_inf(), "null"}, {__builtin_nan(""), "null"}};
	struct json_writer w;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		jw_begin(&w, &out);
		jw_real(&w, cases[i].v);
		if (cases[i].text != NULL)
			assert_string_equal(out.data, cases[i].text);
		else
			assert_true(strtod(out.data, NULL) == cases[i].v);
	}
	buf_free(&out);
}

/* Bytes that are not UTF-8 (RFC 3629) become U+FFFD, one for one; what surrounds them stays. */
static void
test_writes_bad_bytes_as_replacement(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"a\xff"
	     "b",
		"\"a\xef\xbf\xbd"
		"b\""},
	    {"\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong NUL */
	    {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* a surrogate */
	    {"\xe4\xb8", "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* cut */
	    {"\xf5\x80\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	    {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
	};
	struct json_writer w;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&out);
		jw_begin(&w, &out);
		jw_str(&w, cases[i].in);
		assert_string_equal(out.data, cases[i].out);
	}
	buf_free(&out);
}

static void
test_refuses_hostile_text(void **state)
{
	char deep[2 * JSON_DEPTH_MAX + 3];

	(void)state;
	REFUSED("", "empty");
	REFUSED("{", "not JSON");
	REFUSED("{} {}", "not JSON");
	REFUSED("{\"a\":1,\"a\":2}", "duplicate");
	REFUSED("{\"a\":1,}", "not JSON");
	REFUSED("[01]", "not JSON");
	REFUSED("[NaN]", "not JSON");
	REFUSED("[1e999]", "not JSON");
	REFUSED("[99999999999999999999]", "not JSON");
	REFUSED("[\"\\u0000\"]", "not JSON");
	REFUSED("[\"a\0b\"]", "not JSON");
	REFUSED("[\"\xff\"]", "not JSON");
	REFUSED("[\"\xed\xa0\x80\"]", "not JSON");
	REFUSED("[\"\\ud800\"]", "not JSON");
	REFUSED("\xef\xbb\xbf{}", "not JSON");
	REFUSED("// x\n1", "not JSON");
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_refused(deep, 2 * JSON_DEPTH_MAX + 2, "deeper than 32");
	jr_free((deep[2 * JSON_DEPTH_MAX + 1] = '\0', parsed(deep + 1)));
	jr_free(parsed("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"]"));
}

/* What jansson quotes of the text near a mistake may be cut anywhere: the sentence is whole all the same. */
static void
test_complaints_are_whole(void **state)
{
	char text[400];

	(void)state;
	for (size_t pad = 0; pad < 8; pad++) {
		size_t n = (size_t)sprintf(text, "[\"%.*s", (int)pad, "aaaaaaaa");

		while (n < 300)
			n += (size_t)sprintf(text + n, "中");
		strcpy(text + n, "\\x中\"]");
		assert_refused(text, strlen(text), "not JSON");
		assert_true(utf8_valid(why.text, strlen(why.text)));
	}
}

static void
test_plain_values_have_defaults(void **state)
{
	struct json_t *j =
	    parsed("{\"s\":\"x\",\"i\":-5,\"r\":1.5,\"b\":true,\"n\":null,\"a\":[1,2]}");
	size_t len;

	(void)state;
	assert_string_equal(jr_string(jr_get(j, "s"), &len), "x");
	assert_int_equal(len, 1);
	assert_null(jr_string(jr_get(j, "i"), NULL));
	assert_null(jr_string(NULL, NULL));
	assert_int_equal(jr_integer(jr_get(j, "i"), 9), -5);
	assert_int_equal(jr_integer(jr_get(j, "r"), 9), 9);
	assert_int_equal(jr_integer(jr_get(j, "none"), 9), 9);
	assert_true(jr_number(jr_get(j, "r"), 0) == 1.5);
	assert_true(jr_number(jr_get(j, "i"), 0) == -5);
	assert_true(jr_boolean(jr_get(j, "b"), false));
	assert_true(jr_boolean(jr_get(j, "n"), true));
	assert_int_equal(jr_count(jr_get(j, "a")), 2);
	assert_int_equal(jr_count(jr_get(j, "s")), 0);
	assert_null(jr_at(jr_get(j, "a"), 2));
	assert_null(jr_get(jr_get(j, "a"), "x"));
	jr_free(j);
	jr_free(NULL);
}

static void
assert_says(enum err got, enum err want, const char *text)
{
	assert_int_equal(got, want);
	if (strstr(why.text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, text);
}

static void
test_wanted_members(void **state)
{
	static const char *const keys[] = {"s", "e", NULL};
	struct json_t *j = parsed("{\"s\":\"four\",\"e\":\"\",\"i\":7,\"r\":7.0}");
	const char *s;
	int64_t v;

	(void)state;
	assert_int_equal(jr_want_str(j, "s", 4, &s, &why), ERR_OK);
	assert_string_equal(s, "four");
	assert_says(jr_want_str(j, "s", 3, &s, &why), ERR_LIMIT, "\"s\" has 4 bytes; at most 3");
	assert_says(jr_want_str(j, "e", 3, &s, &why), ERR_INVALID, "\"e\" must not be empty");
	assert_int_equal(jr_want_text(j, "e", 3, &s, &why), ERR_OK);
	assert_says(jr_want_str(j, "x", 3, &s, &why), ERR_INVALID, "\"x\" is missing");
	assert_says(jr_want_str(j, "i", 3, &s, &why), ERR_INVALID, "\"i\" must be a string");
	assert_int_equal(jr_want_int(j, "i", 7, 7, &v, &why), ERR_OK);
	assert_int_equal(v, 7);
	assert_says(jr_want_int(j, "i", 8, 9, &v, &why), ERR_INVALID, "from 8 to 9");
	assert_says(jr_want_int(j, "r", 0, 9, &v, &why), ERR_INVALID, "\"r\" must be an integer");
	assert_says(jr_want_int(j, "x", 0, 9, &v, &why), ERR_INVALID, "\"x\" is missing");
	assert_says(
	    jr_only_keys(j, keys, &why), ERR_INVALID, "unknown key \"i\"; known: \"s\", \"e\"");
	jr_free(j);
}

static void
test_canonical_form(void **state)
{
	struct json_t *j =
	    parsed(" { \"b\" : [ 1 , true ] , \"a\" : { \"z\":\"\\u4e2d/\\/\" , \"y\":null } } ");
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	assert_int_equal(jr_canonical(j, &out), ERR_OK);
	assert_string_equal(out.data, "{\"a\":{\"y\":null,\"z\":\"中//\"},\"b\":[1,true]}");
	buf_free(&out);
	buf_init(&out, 10);
	assert_int_equal(jr_canonical(j, &out), ERR_LIMIT);
	buf_free(&out);
	jr_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_writes_canonical_text),
	    cmocka_unit_test(test_writes_reals),
	    cmocka_unit_test(test_writes_bad_bytes_as_replacement),
	    cmocka_unit_test(test_refuses_hostile_text),
	    cmocka_unit_test(test_complaints_are_whole),
	    cmocka_unit_test(test_plain_values_have_defaults),
	    cmocka_unit_test(test_wanted_members),
	    cmocka_unit_test(test_canonical_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
