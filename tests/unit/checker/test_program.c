/* Compiled programs: what docs/challenge.md describes is read, anything else is refused with its place. */
#include "checker/action.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
refused(const char *text, const char *reason)
{
	struct program *p = NULL;
	struct why why;
	enum err e = program_read(text, strlen(text), &p, &why);

	assert_null(p);
	if (e == ERR_OK || strstr(why.text, reason) == NULL)
		fail_msg("%s\n  gave %s\n  expected a reason with: %s", text, why.text, reason);
}

static struct program *
accepted(const char *text)
{
	struct program *p = NULL;
	struct why why;

	if (program_read(text, strlen(text), &p, &why) != ERR_OK)
		fail_msg("%s\n  was refused: %s", text, why.text);
	return p;
}

static void
test_whole_program(void **state)
{
	struct program *p =
	    accepted("{\"vars\":[{\"name\":\"user\",\"random\":\"name\"},{\"name\":\"pin\","
		     "\"random\":\"number\",\"length\":4}],"
		     "\"put\":[{\"name\":\"register\",\"timeout_ms\":900,\"http\":{\"method\":"
		     "\"POST\",\"path\":\"/r\","
		     "\"headers\":[[\"X-A\",\"{{user}}\"]],\"form\":[[\"u\",\"{{user}}\"]],\"tls\":"
		     "false,\"follow\":2},"
		     "\"assert\":[{\"rule\":\"status\",\"value\":[201,302],\"fails\":\"down\"}],"
		     "\"capture\":[{\"var\":\"id\",\"from\":\"json\",\"arg\":\"/"
		     "id\"}],\"save\":[[\"note\",\"{{id}}\"]]}],"
		     "\"get\":[{\"name\":\"read\",\"http\":{\"path\":\"/n/{{note}}\"},"
		     "\"assert\":[{\"rule\":\"body_contains\",\"value\":\"{{flag}}\"}]}],"
		     "\"check\":[{\"name\":\"banner\",\"tcp\":{\"port\":2525,\"talk\":[[\"expect\","
		     "\"220 \"],"
		     "[\"send_hex\",\"0d0A\"],[\"expect_regex\",\"^221\"]]},"
		     "\"assert\":[{\"rule\":\"latency_ms_max\",\"value\":100}]}]}");
	const struct step *put = &p->sections[SECTION_PUT].steps[0];
	const struct step *check = &p->sections[SECTION_CHECK].steps[0];

	(void)state;
	assert_int_equal(p->var_count, 2);
	assert_int_equal(p->vars[1].random.length, 4);
	assert_int_equal(put->timeout_ms, 900);
	assert_string_equal(((const struct http_plan *)put->plan)->method, "POST");
	assert_int_equal(((const struct http_plan *)put->plan)->follow, 2);
	assert_int_equal(put->rules[0].fails, ST_DOWN);
	assert_int_equal(put->rules[0].statuses[1], 302);
	assert_string_equal(put->saves[0].name.source, "note");
	assert_string_equal(
	    ((const struct http_plan *)p->sections[SECTION_GET].steps[0].plan)->method, "GET");
	assert_int_equal(p->sections[SECTION_GET].steps[0].rules[0].fails, ST_CORRUPT);
	assert_int_equal(check->port, 2525);
	assert_int_equal(((const struct tcp_plan *)check->plan)->talk_count, 3);
	assert_memory_equal(((const struct tcp_plan *)check->plan)->talk[1].bytes, "\r\n", 2);
	assert_int_equal(check->rules[0].fails, ST_MUMBLE);
	program_free(p);
}

#define STEP(text) "{\"check\":[{\"name\":\"n\"," text "}]}"
#define HTTP "\"http\":{\"path\":\"/\"}"
#define RULE(text) STEP(HTTP ",\"assert\":[{" text "}]")
#define CAPTURE(text) STEP(HTTP ",\"capture\":[{" text "}]")

static void
test_refusals(void **state)
{
	(void)state;
	refused("[]", "a program is an object");
	refused("{\"x\":[]}", "unknown key \"x\"");
	refused("{\"vars\":{}}", "\"vars\" must be a list");
	refused("{\"vars\":[{\"name\":\"1a\",\"random\":\"text\"}]}", "the name of a variable");
	refused("{\"vars\":[{\"name\":\"a\",\"random\":\"uid\"}]}", "name, text, hex, number");
	refused("{\"vars\":[{\"name\":\"a\",\"random\":\"text\",\"length\":257}]}", "\"length\"");
	refused("{\"check\":[1]}", "check, step 1: a step is an object");
	refused("{\"put\":[{\"name\":\"n\"," HTTP "},{\"name\":\"m\"}]}",
	    "put, step 2: exactly one action");
	refused(STEP(HTTP ",\"tcp\":{}"), "exactly one action");
	refused(STEP("\"http\":{}"), "\"path\" must be a string");
	refused(STEP("\"http\":{\"path\":\"x\"}"), "begins with /");
	refused(STEP("\"http\":{\"path\":\"/a\\r\\nHost: b\"}"), "no control characters");
	refused(STEP("\"http\":{\"path\":\"/\",\"method\":\"BREW\"}"), "\"method\" is \"BREW\"");
	refused(STEP("\"http\":{\"path\":\"/\",\"body\":\"\",\"json\":\"{}\"}"), "only one of");
	refused(STEP("\"http\":{\"path\":\"/\",\"headers\":[[\"A b\",\"c\"]]}"), "header 1");
	refused(STEP("\"http\":{\"path\":\"/\",\"headers\":[[\"A\",\"b\\nc\"]]}"), "header 1");
	refused(STEP("\"http\":{\"path\":\"/\",\"headers\":[[\"A\"]]}"), "a pair [NAME, VALUE]");
	refused(STEP("\"http\":{\"path\":\"/\",\"follow\":11}"), "\"follow\"");
	refused(STEP("\"http\":{\"path\":\"/\",\"port\":0}"), "\"port\"");
	refused(STEP("\"tcp\":{\"talk\":[[\"shout\",\"x\"]]}"), "send, send_hex, expect");
	refused(STEP("\"tcp\":{\"talk\":[[\"send_hex\",\"abc\"]]}"), "even number");
	refused(STEP("\"tcp\":{\"talk\":[[\"send_hex\",\"zz\"]]}"), "hex digits");
	refused(STEP("\"tcp\":{\"talk\":[[\"expect_regex\",\"(\"]]}"), "regular expression");
	refused(RULE("\"rule\":\"teapot\",\"value\":1"), "unknown rule");
	refused(RULE("\"rule\":\"status\",\"value\":200"), "a list of 1 to");
	refused(RULE("\"rule\":\"status\",\"value\":[20]"), "100 to 999");
	refused(RULE("\"rule\":\"body_regex\",\"value\":\"(a)\\\\1\""), "back-reference");
	refused(RULE("\"rule\":\"body_regex\",\"value\":\"((a{200}){200})\""), "multiply");
	refused(RULE("\"rule\":\"sha256\",\"value\":\"00\""), "64 hex digits");
	refused(RULE("\"rule\":\"equals\",\"value\":[\"a\"]"), "a list of two");
	refused(RULE("\"rule\":\"header\",\"value\":\"a\""), "\"name\" is missing");
	refused(RULE("\"rule\":\"status\",\"value\":[200],\"fails\":\"fault\""),
	    "down, mumble or corrupt");
	refused(STEP("\"tcp\":{\"talk\":[]},\"assert\":[{\"rule\":\"status\",\"value\":[200]}]"),
	    "is not for tcp steps");
	refused(
	    CAPTURE("\"var\":\"a-b\",\"from\":\"json\",\"arg\":\"/a\""), "the name of a capture");
	refused(CAPTURE("\"var\":\"a\",\"from\":\"json\",\"arg\":\"a\""), "begins with /");
	refused(CAPTURE("\"var\":\"a\",\"from\":\"regex\",\"arg\":\"a\""), "has a group");
	refused(CAPTURE("\"var\":\"a\",\"from\":\"xpath\",\"arg\":\"a\""),
	    "json, regex, header, cookie or form");
	refused(STEP(HTTP ",\"save\":[[\"a\",\"b\"]]"), "for steps of put");
}

static void
test_too_many_steps(void **state)
{
	struct program *p = NULL;
	struct buf text;
	struct why why;

	(void)state;
	buf_init(&text, 65536);
	buf_puts(&text, "{\"check\":[");
	for (int i = 0; i <= STEPS_MAX; i++)
		buf_printf(&text, "%s{\"name\":\"n\"," HTTP "}", i > 0 ? "," : "");
	buf_puts(&text, "]}");
	assert_int_equal(program_read(text.data, text.len, &p, &why), ERR_LIMIT);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole_program),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_too_many_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
