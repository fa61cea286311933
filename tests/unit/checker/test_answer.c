/* Templates, random values, regular expressions, rules and captures on answers that were not made to please. */
#include "checker/answer.h"
#include "checker/run.h"
#include "checker/template.h"
#include "core/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct arena arena;

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
renders(const char *source, enum escape escape, const char *expected)
{
	struct vars vars = {0};
	struct template t;
	struct buf out;
	struct why why;

	vars_set(&vars, &arena, "v", "a b/\"\xc3\xa9\r\nx");
	vars_set(&vars, &arena, "w", "old");
	vars_set(&vars, &arena, "w", "new");
	template_parse(&t, &arena, source);
	buf_init(&out, 1000);
	assert_int_equal(template_render(&t, &vars, escape, &out, &why), ERR_OK);
	assert_string_equal(out.data != NULL ? out.data : "", expected);
	buf_free(&out);
}

static void
test_templates(void **state)
{
	(void)state;
	renders("", ESCAPE_NONE, "");
	renders("plain", ESCAPE_NONE, "plain");
	renders("<{{w}}{{w}}>", ESCAPE_NONE, "<newnew>");
	renders("{{w}", ESCAPE_NONE, "{{w}");
	renders("{{7*7}} {{ w }} {{{w}}}", ESCAPE_NONE, "{{7*7}} {{ w }} {new}");
	renders("/a b/{{v}}", ESCAPE_URL, "/a b/a%20b%2F%22%C3%A9%0D%0Ax");
	renders("k k={{w}}", ESCAPE_FORM, "k%20k%3Dnew");
	renders("{\"k\":\"{{v}}\"}", ESCAPE_JSON, "{\"k\":\"a b/\\\"\xc3\xa9\\r\\nx\"}");
	renders("Bearer {{v}}", ESCAPE_HEADER, "Bearer a b/\"\xc3\xa9x");
}

static void
test_template_unknown(void **state)
{
	struct vars vars = {0};
	struct template t;
	struct buf out;
	struct why why;

	(void)state;
	template_parse(&t, &arena, "a{{gone}}");
	buf_init(&out, 1000);
	assert_int_equal(template_render(&t, &vars, ESCAPE_NONE, &out, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "gone"));
	buf_free(&out);
}

static const char *
drawn(const char *seed, const char *name, enum random_kind kind, size_t length)
{
	struct random_var v = {.name = name, .kind = kind, .length = length};

	return random_value(&arena, seed, &v);
}

/* Values are part of the contract: the same seed must give them after an upgrade, or old flags are lost. */
static void
test_random_values(void **state)
{
	static const char seed[] = "0123456789abcdef";

	(void)state;
	assert_string_equal(drawn(seed, "user", RANDOM_NAME, 0), "caoyongling2208");
	assert_string_equal(drawn(seed, "pw", RANDOM_TEXT, 16), "LQgiWugm4lq9IE73");
	assert_int_equal(strlen(drawn(seed, "x", RANDOM_HEX, 256)), 256);
	assert_int_equal(strspn(drawn(seed, "x", RANDOM_HEX, 64), "0123456789abcdef"), 64);
	assert_int_equal(strspn(drawn(seed, "x", RANDOM_NUMBER, 40), "0123456789"), 40);
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof name, "n%d", i);
		assert_true(drawn(seed, name, RANDOM_NUMBER, 3)[0] != '0');
	}
	assert_string_not_equal(
	    drawn(seed, "a", RANDOM_TEXT, 8), drawn("0123456789abcdee", "a", RANDOM_TEXT, 8));
	assert_string_not_equal(drawn(seed, "a", RANDOM_TEXT, 8), drawn(seed, "b", RANDOM_TEXT, 8));
}

/* ---- regular expressions ---- */

static enum pattern_result
find_n(const char *source, const char *text, size_t len, regmatch_t match[2])
{
	struct pattern p;
	struct why why;
	double budget_ms = ANSWER_REGEX_MS;
	enum pattern_result r;

	if (pattern_compile(&p, source, &why) != ERR_OK)
		fail_msg("%s", why.text);
	r = pattern_find(&p, text, len, &budget_ms, match);
	pattern_free(&p);
	return r;
}

static bool
finds(const char *source, const char *text)
{
	regmatch_t match[2];

	return find_n(source, text, strlen(text), match) == PATTERN_FOUND;
}

static void
test_pattern_lines(void **state)
{
	(void)state;
	assert_true(finds("^221", "220 hello\r\n221 bye\r\n"));
	assert_true(finds("bye$", "220 hello\r\n221 bye\r\nx"));
	assert_false(finds("hello.*bye", "220 hello\r\n221 bye\r\n"));
	assert_true(finds("^$", ""));
	assert_true(finds("^$", "a\n\nb"));
	assert_false(finds("^$", "a\n"));
	assert_true(finds("[]^]{2}", "x^]"));
	assert_true(finds("\\{[[:digit:]]\\}", "{7}"));
}

static void
test_pattern_binary(void **state)
{
	static const char text[] = "\0\xff\0a7\0";
	regmatch_t match[2];

	(void)state;
	assert_int_equal(find_n("a([0-9])", text, sizeof text - 1, match), PATTERN_FOUND);
	assert_int_equal(match[0].rm_so, 3);
	assert_int_equal(match[1].rm_so, 4);
	assert_int_equal(match[1].rm_eo, 5);
}

/* A long line is searched in windows: a match across their seams is found, ^ and $ stay the line's. */
static void
test_pattern_windows(void **state)
{
	enum { LEN = 100000 };
	char *text = malloc(LEN + 1);
	regmatch_t match[2];

	(void)state;
	memset(text, '.', LEN);
	text[LEN] = '\0';
	for (size_t at = 0; at + 700 < LEN; at += 997) {
		memset(text, '.', LEN);
		text[at] = '<';
		memset(text + at + 1, 'x', 600);
		text[at + 601] = '>';
		assert_int_equal(find_n("<(x*)>", text, LEN, match), PATTERN_FOUND);
		assert_int_equal(match[0].rm_so, at);
		assert_int_equal(match[1].rm_eo, at + 601);
		assert_int_equal(
		    find_n("^<", text, LEN, match), at == 0 ? PATTERN_FOUND : PATTERN_ABSENT);
		assert_int_equal(find_n(">$", text, LEN, match), PATTERN_ABSENT);
	}
	free(text);
}

/* Of the processor: what else the machine does counts not. */
static int64_t
spent_ms(void)
{
	return (int64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

/* The worst answer costs the budget and a window, not minutes. */
static void
test_pattern_cost(void **state)
{
	char *text = calloc(PATTERN_SUBJECT_MAX_BYTES + 1, 1);
	regmatch_t match[2];
	int64_t start = spent_ms();

	(void)state;
	memset(text, 'a', PATTERN_SUBJECT_MAX_BYTES);
	assert_int_equal(
	    find_n("a.*b", text, PATTERN_SUBJECT_MAX_BYTES, match), PATTERN_TOO_COSTLY);
	assert_in_range(spent_ms() - start, 0, 20000);
	memset(text, '\n', PATTERN_SUBJECT_MAX_BYTES);
	start = spent_ms();
	(void)find_n("a.*b", text, PATTERN_SUBJECT_MAX_BYTES, match);
	assert_in_range(spent_ms() - start, 0, 20000);
	free(text);
}

/* ---- rules and captures ---- */

static struct program *program;

/* The step of a program that has this one. */
static const struct step *
step_of(const char *rest)
{
	char text[2000];
	struct why why;

	snprintf(
	    text, sizeof text, "{\"check\":[{\"name\":\"n\",\"http\":{\"path\":\"/\"},%s}]}", rest);
	program_free(program);
	if (program_read(text, strlen(text), &program, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return &program->sections[SECTION_CHECK].steps[0];
}

static void
fill(struct answer *a, int status, const char *headers, const char *body)
{
	answer_free(a);
	answer_init(a);
	a->status = status;
	a->ms = 50;
	buf_puts(&a->headers, headers);
	buf_puts(&a->body, body);
}

static void
judged(struct answer *a, const char *rule, const char *said)
{
	char text[1000];
	struct vars vars = {0};
	struct why public_text, detail;
	const struct step *step;
	bool holds;

	snprintf(text, sizeof text, "\"assert\":[{%s}]", rule);
	step = step_of(text);
	vars_set(&vars, &arena, "flag", "F{1}");
	holds = rule_holds(&step->rules[0], a, &vars, &public_text, &detail);
	if (holds != (said == NULL))
		fail_msg("%s: %s", rule, holds ? "holds" : public_text.text);
	if (said != NULL)
		assert_string_equal(public_text.text, said);
}

static void
test_rules(void **state)
{
	struct answer a = {0};

	(void)state;
	fill(&a, 404, "HTTP/1.1 404 No\r\nX-Kind:  abc \r\nx-kind: def\r\n\r\n", "hello F{1}");
	judged(&a, "\"rule\":\"status\",\"value\":[200,404]", NULL);
	judged(&a, "\"rule\":\"status\",\"value\":[200,201]", "status 404, expected 200 or 201");
	judged(&a, "\"rule\":\"body_contains\",\"value\":\"{{flag}}\"", NULL);
	judged(&a, "\"rule\":\"body_contains\",\"value\":\"{{flag}}!\"",
	    "the answer lacks an expected text");
	judged(&a, "\"rule\":\"body_contains\",\"value\":\"{{none}}\"",
	    "a value of an earlier step is missing");
	judged(&a, "\"rule\":\"body_lacks\",\"value\":\"{{none}}\"",
	    "a value of an earlier step is missing");
	judged(&a, "\"rule\":\"body_lacks\",\"value\":\"bye\"", NULL);
	judged(&a, "\"rule\":\"body_lacks\",\"value\":\"hell\"",
	    "the answer has a text that must not be there");
	judged(&a, "\"rule\":\"body_regex\",\"value\":\"^hel+o\"", NULL);
	judged(&a, "\"rule\":\"body_regex\",\"value\":\"^el\"",
	    "the answer does not have the expected form");
	judged(&a, "\"rule\":\"header\",\"name\":\"x-KIND\",\"value\":\"^def$\"", NULL);
	judged(&a, "\"rule\":\"header\",\"name\":\"X-Kind\",\"value\":\"^ghi$\"",
	    "header X-Kind is not as expected");
	judged(
	    &a, "\"rule\":\"header\",\"name\":\"X-Kin\",\"value\":\"\"", "header X-Kin is missing");
	judged(&a, "\"rule\":\"latency_ms_max\",\"value\":50", NULL);
	judged(&a, "\"rule\":\"latency_ms_max\",\"value\":49", "took 50 ms, at most 49 expected");
	judged(&a, "\"rule\":\"size_max\",\"value\":10", NULL);
	judged(&a, "\"rule\":\"size_max\",\"value\":9", "10 bytes, at most 9 expected");
	judged(&a, "\"rule\":\"equals\",\"value\":[\"{{flag}}\",\"F{1}\"]", NULL);
	judged(&a, "\"rule\":\"equals\",\"value\":[\"{{flag}}\",\"F{2}\"]",
	    "two values that must agree differ");
	fill(&a, 200, "", "");
	judged(&a,
	    "\"rule\":\"sha256\",\"value\":"
	    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
	    NULL);
	judged(&a, "\"rule\":\"body_contains\",\"value\":\"\"", NULL);
	judged(
	    &a, "\"rule\":\"body_contains\",\"value\":\"a\"", "the answer lacks an expected text");
	fill(&a, 200, "", "a");
	judged(&a,
	    "\"rule\":\"sha256\",\"value\":"
	    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
	    "the content has changed");
	answer_free(&a);
}

static void
captured(struct answer *a, const char *from, const char *arg, const char *expected)
{
	char text[1000];
	struct vars vars = {0};
	struct why why;
	const struct step *step;
	enum err e;

	snprintf(text, sizeof text, "\"capture\":[{\"var\":\"v\",\"from\":\"%s\",\"arg\":\"%s\"}]",
	    from, arg);
	step = step_of(text);
	answer_drop_json(a);
	e = capture_take(&step->captures[0], a, &arena, &vars, &why);
	assert_int_equal(e == ERR_OK, expected != NULL);
	if (expected != NULL)
		assert_string_equal(vars_get(&vars, "v", 1), expected);
}

static void
test_captures(void **state)
{
	struct answer a = {0};

	(void)state;
	fill(&a, 200,
	    "HTTP/1.1 200 OK\r\nLocation: /n/7\r\nSet-Cookie: sid=old; Path=/\r\n"
	    "Set-Cookie: sid=new\r\nset-cookie: side=x\r\n\r\n",
	    "{\"id\":42,\"a/b\":{\"~\":[\"zero\",true]},\"big\":1.5}");
	captured(&a, "json", "/id", "42");
	captured(&a, "json", "/a~1b/~0/0", "zero");
	captured(&a, "json", "/a~1b/~0/1", "true");
	captured(&a, "json", "/a~1b/~0", "[\"zero\",true]");
	captured(&a, "json", "/a~1b/~0/2", NULL);
	captured(&a, "json", "/a~1b/~0/-1", NULL);
	captured(&a, "json", "/none/x", NULL);
	captured(&a, "regex", "id.:([0-9]+)", "42");
	captured(&a, "regex", "id.:([a-z]+)", NULL);
	captured(&a, "header", "location", "/n/7");
	captured(&a, "header", "etag", NULL);
	captured(&a, "cookie", "sid", "new");
	captured(&a, "cookie", "si", NULL);
	fill(&a, 200, "", "{\"id\":1");
	captured(&a, "json", "/id", NULL);
	fill(&a, 200, "", "id=\xff\xfe;");
	captured(&a, "regex", "id=(.*);", NULL);
	answer_free(&a);
	program_free(program);
	program = NULL;
}

/* A captured value has a limit, so that a system cannot make a check carry its megabyte along. */
static void
test_capture_limit(void **state)
{
	struct answer a = {0};

	(void)state;
	fill(&a, 200, "", "\"");
	for (int i = 0; i < CAPTURE_MAX_BYTES + 1; i++)
		buf_putc(&a.body, 'x');
	buf_putc(&a.body, '"');
	captured(&a, "json", "", NULL);
	fill(&a, 200, "", "\"x\"");
	captured(&a, "json", "", "x");
	answer_free(&a);
	program_free(program);
	program = NULL;
}

/* ---- runs ---- */

static void
test_runs_in_order(void **state)
{
	static const struct {
		enum section_kind section;
		int tick, slot;
		bool older;
	} expected[] = {{SECTION_PUT, 5, 0, false}, {SECTION_PUT, 5, 1, false},
	    {SECTION_GET, 5, 0, false}, {SECTION_GET, 5, 1, false}, {SECTION_CHECK, -1, -1, false},
	    {SECTION_GET, 4, 0, true}};
	struct job *job = arena_alloc(&arena, sizeof *job);
	struct run run;

	(void)state;
	job->put_count = 2;
	job->put[0] = (struct job_flag){.tick = 5, .slot = 0};
	job->put[1] = (struct job_flag){.tick = 5, .slot = 1};
	job->get_count = 1;
	job->get[0] = (struct job_flag){.tick = 4, .slot = 0};
	for (size_t i = 0; i < 6; i++) {
		assert_true(run_nth(job, i, &run));
		assert_int_equal(run.section, expected[i].section);
		assert_int_equal(run.flag != NULL ? run.flag->tick : -1, expected[i].tick);
		assert_int_equal(run.flag != NULL ? run.flag->slot : -1, expected[i].slot);
		assert_int_equal(run.older, expected[i].older);
	}
	assert_false(run_nth(job, 6, &run));
}

static void
test_saved(void **state)
{
	char long_text[SAVED_MAX_BYTES];
	struct saved saved = {0};
	struct buf out;

	(void)state;
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	buf_init(&out, SAVED_MAX_BYTES);
	assert_int_equal(saved_set(&saved, &arena, 1, "b", "1"), ERR_OK);
	assert_int_equal(saved_set(&saved, &arena, 0, "z", "\"2\n"), ERR_OK);
	assert_int_equal(saved_set(&saved, &arena, 1, "a", "3"), ERR_OK);
	assert_int_equal(saved_set(&saved, &arena, 1, "b", "4"), ERR_OK);
	assert_int_equal(saved_set(&saved, &arena, 1, "a", long_text), ERR_LIMIT);
	buf_reset(&out);
	saved_write(&saved, &out);
	assert_string_equal(out.data, "{\"s0.z\":\"\\\"2\\n\",\"s1.a\":\"3\",\"s1.b\":\"4\"}");
	assert_int_equal(saved_set(&saved, &arena, 2, "a", long_text), ERR_LIMIT);
	buf_reset(&out);
	saved_write(&saved, &out);
	assert_string_equal(out.data, "{\"s0.z\":\"\\\"2\\n\",\"s1.a\":\"3\",\"s1.b\":\"4\"}");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_templates, teardown),
	    cmocka_unit_test_teardown(test_template_unknown, teardown),
	    cmocka_unit_test_teardown(test_random_values, teardown),
	    cmocka_unit_test_teardown(test_pattern_lines, teardown),
	    cmocka_unit_test_teardown(test_pattern_binary, teardown),
	    cmocka_unit_test_teardown(test_pattern_windows, teardown),
	    cmocka_unit_test_teardown(test_pattern_cost, teardown),
	    cmocka_unit_test_teardown(test_rules, teardown),
	    cmocka_unit_test_teardown(test_captures, teardown),
	    cmocka_unit_test_teardown(test_capture_limit, teardown),
	    cmocka_unit_test_teardown(test_runs_in_order, teardown),
	    cmocka_unit_test_teardown(test_saved, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
