/* Lists: captured from answers that were not made to please, counted, and gone over. Filters, and rules on JSON. */
#include "checker/answer.h"
#include "checker/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct program *program;
static struct answer answer;

static int
teardown(void **state)
{
	(void)state;
	answer_free(&answer);
	arena_free(&arena);
	program_free(program);
	program = NULL;
	return 0;
}

static void
read_program(const char *text)
{
	struct why why;

	program_free(program);
	if (program_read(text, strlen(text), &program, &why) != ERR_OK)
		fail_msg("%s\n%s", text, why.text);
}

static const struct step *
step_of(const char *rest)
{
	char text[4000];

	snprintf(
	    text, sizeof text, "{\"check\":[{\"name\":\"n\",\"http\":{\"path\":\"/\"},%s}]}", rest);
	read_program(text);
	return &program->sections[SECTION_CHECK].steps[0];
}

static void
fill(const char *headers, const char *body)
{
	answer_free(&answer);
	answer_init(&answer);
	buf_puts(&answer.headers, headers);
	buf_puts(&answer.body, body);
}

/* expected: elements with ; after each, or NULL for a failure. */
static void
list_is(const char *from, const char *arg, const char *expected)
{
	char text[1000];
	struct vars vars = {0};
	const struct values *list;
	struct buf out;
	struct why why;
	enum err e;

	snprintf(text, sizeof text,
	    "\"capture\":[{\"var\":\"v\",\"from\":\"%s\",\"arg\":\"%s\",\"all\":true}]", from, arg);
	e = capture_take(&step_of(text)->captures[0], &answer, &arena, &vars, &why);
	assert_int_equal(e == ERR_OK, expected != NULL);
	if (expected == NULL)
		return;
	assert_null(vars_get(&vars, "v", 1));
	assert_non_null(list = vars_list(&vars, "v"));
	buf_init(&out, 100000);
	for (size_t i = 0; i < list->count; i++)
		buf_printf(&out, "%s;", list->items[i]);
	assert_string_equal(out.len > 0 ? out.data : "", expected);
	buf_free(&out);
}

static void
test_lists(void **state)
{
	(void)state;
	fill("X-A: 1\r\nx-a:  2 \r\nSet-Cookie: c=3; Path=/\r\nSet-Cookie: d=4\r\nSet-Cookie: "
	     "c=5\r\n",
	    "{\"a\":[1,\"two\",{\"id\":3},[4]],\"o\":[{\"id\":\"x\"},{},{\"id\":null},7],\"e\":[],"
	    "\"s\":"
	    "\"text\",\"*\":[9]}");
	list_is("json", "/a", "1;two;{\"id\":3};[4];");
	list_is("json", "/a/*", "1;two;{\"id\":3};[4];");
	list_is("json", "/a/3", "4;");
	list_is("json", "/o/*/id", "x;null;");
	list_is("json", "/*", "9;");
	list_is("json", "/e", "");
	list_is("json", "/s", NULL);
	list_is("json", "/gone", NULL);
	list_is("json", "/gone/*", NULL);
	list_is("header", "X-A", "1;2;");
	list_is("header", "X-B", "");
	list_is("cookie", "c", "3;5;");
	list_is("regex", "id.:([0-9]+)", "3;");
	list_is("regex", "zzz(a)", "");
	fill("", "a=1 a=2\na=3b=\na=4");
	list_is("regex", "a=([0-9])", "1;2;3;4;");
	list_is("regex", "^a=([0-9])", "1;3;4;");
	list_is("regex", "a=([0-9])$", "2;4;");
	list_is("regex", "b=([0-9]*)", ";");
	fill("", "a=1a=2\na=3a=4");
	list_is("regex", "^a=([0-9])", "1;3;");
	list_is("regex", "a(x)?=", "");
	fill("", "ab\ncd");
	list_is("regex", "(x*)", ";;;;;;");
	list_is("json", "/a", NULL);
	fill("", "<input name=t value=1><input name=t value=2>");
	list_is("form", "t", "1;2;");
}

/* What comes after the bound is left out; an element that is too long, or no text, is a failure. */
static void
test_bounds(void **state)
{
	struct vars vars = {0};
	struct why why;
	(void)state;

	fill("", "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&answer.body, "<%d>", i);
	assert_int_equal(
	    capture_take(&step_of("\"capture\":[{\"var\":\"v\",\"from\":\"regex\",\"arg\":"
				  "\"<([0-9]*)>\",\"all\":true}]")
			      ->captures[0],
		&answer, &arena, &vars, &why),
	    ERR_OK);
	assert_int_equal(vars_list(&vars, "v")->count, CAPTURE_LIST_MAX);
	assert_string_equal(vars_list(&vars, "v")->items[255], "255");
	fill("", "<\xff>");
	list_is("regex", "<(.*)>", NULL);
	fill("", "[\"");
	for (int i = 0; i <= CAPTURE_MAX_BYTES; i++)
		buf_putc(&answer.body, 'x');
	buf_puts(&answer.body, "\"]");
	list_is("json", "", NULL);
	/* The run as a whole has a bound, too: a system cannot fill the checker's memory round by round of a loop. */
	fill("", "x");
	(void)arena_alloc(&arena, RUN_MAX_BYTES + 1);
	list_is("regex", "(x)", NULL);
}

static void
test_defaults(void **state)
{
	struct vars vars = {0};
	struct why why;
	const struct step *step = step_of(
	    "\"capture\":[{\"var\":\"a\",\"from\":\"json\",\"arg\":\"/a\",\"default\":\"none\"},"
	    "{\"var\":\"b\",\"from\":\"json\",\"arg\":\"/b\",\"default\":\"\"}]");
	(void)state;

	fill("", "{\"b\":\"\"}");
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    capture_take(&step->captures[i], &answer, &arena, &vars, &why), ERR_OK);
	assert_string_equal(vars_get(&vars, "a", 1), "none");
	assert_string_equal(vars_get(&vars, "b", 1), "");
}

/* ---- rules ---- */

static void
judged(const char *rule, const char *said)
{
	char text[1000];
	struct vars vars = {0};
	struct why public_text, detail;
	const struct step *step;

	snprintf(text, sizeof text, "\"assert\":[{%s}]", rule);
	step = step_of(text);
	vars_set(&vars, &arena, "v", "a\"b");
	vars_set(&vars, &arena, "host", "own.example");
	if (rule_holds(&step->rules[0], &answer, &vars, &public_text, &detail) != (said == NULL))
		fail_msg("%s: %s", rule, said == NULL ? public_text.text : "holds");
	if (said != NULL)
		assert_string_equal(public_text.text, said);
}

static void
test_rules(void **state)
{
	static const char lacks[] = "the answer lacks an expected value";
	static const char number[] = "the answer does not have as many entries as expected";
	(void)state;

	fill("",
	    "{\"s\":\"a\\\"b\",\"n\":1,\"o\":{\"y\":1,\"x\":[]},\"l\":[{},{\"i\":1},{\"i\":2}]}");
	judged("\"rule\":\"json\",\"value\":[[\"/s\",\"\\\"{{v}}\\\"\"],[\"/n\",\"1\"]]", NULL);
	judged("\"rule\":\"json\",\"value\":[[\"/o\",\"{\\\"x\\\":[],\\\"y\\\":1}\"]]", NULL);
	judged("\"rule\":\"json\",\"value\":[[\"/s\",\"\\\"{{v}}\\\"\"],[\"/n\",\"2\"]]", lacks);
	judged("\"rule\":\"json\",\"value\":[[\"/n\",\"\\\"1\\\"\"]]", lacks);
	judged("\"rule\":\"json\",\"value\":[[\"/s\",\"\\\"{{w}}\\\"\"]]",
	    "a value of an earlier step is missing");
	judged("\"rule\":\"count\",\"value\":{\"json\":\"/l\",\"min\":3,\"max\":3}", NULL);
	judged("\"rule\":\"count\",\"value\":{\"json\":\"/l/*/i\",\"min\":2,\"max\":2}", NULL);
	judged("\"rule\":\"count\",\"value\":{\"json\":\"/l\",\"min\":4,\"max\":9}", number);
	judged("\"rule\":\"count\",\"value\":{\"json\":\"/n\",\"min\":0,\"max\":9}", number);
	judged("\"rule\":\"count\",\"value\":{\"regex\":\"[0-9]\",\"min\":4,\"max\":4}", NULL);
	judged("\"rule\":\"count\",\"value\":{\"regex\":\"[0-9]\",\"min\":0,\"max\":3}", number);
	judged("\"rule\":\"body_regex_lacks\",\"value\":\"zz\"", NULL);
	judged("\"rule\":\"body_regex_lacks\",\"value\":\"l.:\"",
	    "the answer has a text that must not be there");
	judged("\"rule\":\"size_min\",\"value\":10", NULL);
	fill("", "short");
	judged("\"rule\":\"size_min\",\"value\":6", "5 bytes, at least 6 expected");
	fill("", "<a href=//evil.example>");
	judged("\"rule\":\"no_foreign\",\"value\":[\"scripts\"]", NULL);
	judged(
	    "\"rule\":\"no_foreign\",\"value\":[\"links\"]", "the page has content from elsewhere");
	judged("\"rule\":\"no_foreign\",\"value\":[\"links\"],\"allow\":[\"evil.example\"]", NULL);
	answer_set_site(&answer, "evil.example:80");
	judged("\"rule\":\"no_foreign\",\"value\":[\"links\"]", NULL);
}

/* An expression that costs too much is no proof that a text is absent. */
static void
test_costly_is_no_proof(void **state)
{
	(void)state;
	fill("", "x");
	answer.regex_ms = 0;
	judged("\"rule\":\"body_regex_lacks\",\"value\":\"zz\"",
	    "the answer has a text that must not be there");
	judged("\"rule\":\"no_code\",\"value\":[\"scripts\"]",
	    "the page has code in it that must not be there");
	judged("\"rule\":\"count\",\"value\":{\"regex\":\"z\",\"min\":0,\"max\":9}",
	    "the answer does not have as many entries as expected");
}

/* ---- filters ---- */

static void
renders(const char *source, enum escape escape, const char *expected)
{
	struct vars vars = {0};
	struct template t;
	struct buf out;
	struct why why;

	vars_set(&vars, &arena, "v", "a/b?c d%20");
	vars_set(&vars, &arena, "u", "user:pass");
	vars_set(&vars, &arena, "e", "");
	template_parse(&t, &arena, source);
	buf_init(&out, 1000);
	assert_int_equal(template_render(&t, &vars, escape, &out, &why), ERR_OK);
	assert_string_equal(out.data != NULL ? out.data : "", expected);
	buf_free(&out);
}

static void
test_filters(void **state)
{
	(void)state;
	renders("Basic {{u|base64}}", ESCAPE_HEADER, "Basic dXNlcjpwYXNz");
	renders("{{e|base64}}.{{e|hex}}", ESCAPE_NONE, ".");
	renders("{{u|hex|upper}}", ESCAPE_NONE, "757365723A70617373");
	renders("{{e|md5}}", ESCAPE_NONE, "d41d8cd98f00b204e9800998ecf8427e");
	renders("{{e|sha256}}", ESCAPE_NONE,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	renders("/{{v}}", ESCAPE_URL, "/a%2Fb%3Fc%20d%2520");
	renders("/{{v|raw}}", ESCAPE_URL, "/a/b?c%20d%20");
	renders("{{v|raw}}", ESCAPE_FORM, "a%2Fb%3Fc%20d%2520");
	renders("{{v|url}}", ESCAPE_NONE, "a%2Fb%3Fc%20d%2520");
	renders("{{u|upper|lower|upper|lower}}", ESCAPE_NONE, "user:pass");
	renders("{{u|up}}{{u|}}{{u|upper|lower|upper|lower|upper}}", ESCAPE_NONE,
	    "{{u|up}}{{u|}}{{u|upper|lower|upper|lower|upper}}");
}

/* ---- loops ---- */

#define HTTP "\"http\":{\"path\":\"/\"}"
#define EACH(var, in, min)                                                                         \
	"\"each\":{\"var\":\"" var "\",\"in\":\"" in "\",\"min\":" min ",\"max\":2}"

static const char nested[] = "{\"check\":[{\"name\":\"a\"," HTTP "},{\"name\":\"l\"," EACH(
    "x", "xs", "0") ",\"steps\":[{\"name\":\"b\"," HTTP "},{\"name\":\"m\"," EACH("y", "ys",
    "1") ",\"steps\":[{\"name\":\"c\"," HTTP "}]}]},{\"name\":\"d\"," HTTP "}]}";

/* The names of the steps in their order, with the variables of the loops. */
static void
walked(const struct values *xs, const struct values *ys, const char *expected)
{
	struct vars vars = {0};
	const struct step *step;
	struct walk w;
	struct buf out;
	struct why why;
	enum err e;

	read_program(nested);
	vars_set_list(&vars, &arena, "xs", xs);
	vars_set_list(&vars, &arena, "ys", ys);
	buf_init(&out, 1000);
	walk_begin(&w, &program->sections[SECTION_CHECK]);
	while ((e = walk_next(&w, &vars, &arena, &step, &why)) == ERR_OK && step != NULL) {
		buf_puts(&out, step->name);
		if (w.depth > 0)
			buf_puts(&out, vars_get(&vars, "x", 1));
		if (w.depth > 1)
			buf_puts(&out, vars_get(&vars, "y", 1));
		walk_describe(&w, &out);
		buf_putc(&out, ' ');
	}
	if (e != ERR_OK)
		buf_printf(&out, "!%s", step->name);
	assert_string_equal(out.data, expected);
	buf_free(&out);
}

static void
test_walks(void **state)
{
	static const char *const items[] = {"1", "2", "3"};
	static const struct values none = {items, 0}, one = {items, 1}, three = {items, 3};
	(void)state;

	walked(&none, &none, "a d ");
	walked(&one, &one, "a b1[1] c11[1][1] d ");
	walked(&three, &three, "a b1[1] c11[1][1] c12[1][2] b2[2] c21[2][1] c22[2][2] d ");
	walked(&one, &none, "a b1[1] !m");
}

static void
refused(const char *text, const char *reason)
{
	struct program *p = NULL;
	struct why why;
	enum err e = program_read(text, strlen(text), &p, &why);

	if (e == ERR_OK || strstr(why.text, reason) == NULL)
		fail_msg("%s\n  gave %s\n  expected a reason with: %s", text, why.text, reason);
}

#define LOOP(rest, steps)                                                                          \
	"{\"put\":[{\"name\":\"l\"," EACH("x", "xs", "0") rest ",\"steps\":[" steps "]}]}"
#define STEP(rest) "{\"name\":\"s\"," HTTP rest "}"

static void
test_refusals(void **state)
{
	(void)state;
	refused(LOOP("", "1"), "put, step 1: step 1: a step is an object");
	refused(LOOP("," HTTP, STEP("")), "unknown key \"http\"");
	refused(LOOP("", STEP(",\"save\":[[\"a\",\"b\"]]")), "in no loop");
	refused("{\"put\":[{\"name\":\"l\",\"steps\":[]}]}", "\"each\" is an object");
	refused(
	    "{\"put\":[{\"name\":\"l\",\"each\":{\"var\":\"a\",\"in\":\"b\",\"min\":3,\"max\":2},"
	    "\"steps\":[]}]}",
	    "\"min\"");
	refused(
	    LOOP("", "{\"name\":\"m\"," EACH("y", "ys", "0") ",\"steps\":[{\"name\":\"n\"," EACH(
			 "z", "zs", "0") ",\"steps\":[]}]}"),
	    "at most 2");
	refused(
	    "{\"put\":[{\"name\":\"l\",\"each\":{\"var\":\"a\",\"in\":\"b\",\"min\":0,\"max\":256},"
	    "\"steps\":[" STEP(",\"retry\":3") "]}]}",
	    "more than 1000 steps");
	refused("{\"put\":[" STEP(",\"retry\":4") "]}", "\"retry\"");
	refused("{\"put\":[" STEP(",\"fails\":\"ok\"") "]}", "down, mumble or corrupt");
	refused("{\"put\":[" STEP(",\"unreachable\":\"fault\"") "]}", "down, mumble or corrupt");
	refused(
	    "{\"put\":[" STEP(",\"assert\":[{\"rule\":\"no_code\",\"value\":[\"links\"]}]") "]}",
	    "\"links\" is no kind of content here");
	refused("{\"put\":[" STEP(",\"assert\":[{\"rule\":\"count\",\"value\":{\"min\":1}}]") "]}",
	    "\"regex\" or \"json\"");
	refused(
	    "{\"put\":[" STEP(",\"capture\":[{\"var\":\"a\",\"from\":\"json\",\"arg\":\"\",\"all\":"
			      "true,\"default\":\"\"}]") "]}",
	    "for one value");
	refused("{\"vars\":[{\"name\":\"a\",\"random\":\"choice\"}]}", "\"of\"");
	refused("{\"vars\":[{\"name\":\"a\",\"random\":\"text\",\"min\":1,\"max\":2}]}",
	    "for a number");
	refused(
	    "{\"vars\":[{\"name\":\"a\",\"random\":\"number\",\"min\":2,\"max\":1}]}", "\"max\"");
	refused("{\"vars\":[{\"name\":\"a\",\"random\":\"phrase\",\"lang\":\"fr\"}]}", "zh or en");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_lists, teardown),
	    cmocka_unit_test_teardown(test_bounds, teardown),
	    cmocka_unit_test_teardown(test_defaults, teardown),
	    cmocka_unit_test_teardown(test_rules, teardown),
	    cmocka_unit_test_teardown(test_costly_is_no_proof, teardown),
	    cmocka_unit_test_teardown(test_filters, teardown),
	    cmocka_unit_test_teardown(test_walks, teardown),
	    cmocka_unit_test_teardown(test_refusals, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
