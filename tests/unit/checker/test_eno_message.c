/* The JSON of the contract eno: tasks as EnoEngine writes them, answers as its checkers give them. */
#include "checker/eno_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int
forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static enum err
read_answer(const char *text, struct eno_answer *out, struct why *why)
{
	return eno_message_answer(arena_strdup(&arena, text), strlen(text), &arena, out, why);
}

static enum err
read_info(const char *text, struct eno_info *out, struct why *why)
{
	return eno_message_info(arena_strdup(&arena, text), strlen(text), &arena, out, why);
}

static void
written_as(const struct job *job, const struct eno_task *t, const char *expected)
{
	char chain[ENO_CHAIN_BYTES], text[1024];
	struct buf out;

	buf_init(&out, 4096);
	eno_tasks_chain(job, t, chain);
	snprintf(text, sizeof text, expected, chain);
	eno_message_write(&out, job, t, 77, 15000);
	assert_string_equal(out.data, text);
	buf_free(&out);
}

/* All members there are, none left out: enochecker_core's model refuses a message without one. */
static void
test_write(void **state)
{
	struct job job = {.challenge = "portal",
	    .host = "10.0.0.1",
	    .port = 80,
	    .tick = 9,
	    .tick_ms = 60000,
	    .team_number = 4,
	    .team_name = "图书馆 \"A\""};
	struct job_flag flag = {.tick = 7, .slot = 3, .flag = "F{x}"};

	(void)state;
	written_as(&job,
	    &(struct eno_task){
		.method = ENO_GETFLAG, .flag = &flag, .tick = 7, .index = 3, .variant = 1},
	    "{\"address\":\"10.0.0.1\",\"currentRoundId\":10,\"flag\":\"F{x}\",\"method\":"
	    "\"getflag\",\"relatedRoundId\":8,\"roundLength\":60000,\"taskChainId\":\"%s\","
	    "\"taskId\":77,\"teamId\":4,\"teamName\":\"图书馆 \\\"A\\\"\",\"timeout\":15000,"
	    "\"variantId\":1}");
	written_as(&job,
	    &(struct eno_task){.method = ENO_HAVOC, .tick = 9, .index = 2, .variant = 2},
	    "{\"address\":\"10.0.0.1\",\"currentRoundId\":10,\"flag\":null,\"method\":\"havoc\","
	    "\"relatedRoundId\":10,\"roundLength\":60000,\"taskChainId\":\"%s\",\"taskId\":77,"
	    "\"teamId\":4,\"teamName\":\"图书馆 \\\"A\\\"\",\"timeout\":15000,\"variantId\":2}");
}

static void
test_info(void **state)
{
	struct eno_info info;
	struct why why;

	(void)state;
	assert_int_equal(read_info("{\"serviceName\":\"n\",\"flagVariants\":2,\"noiseVariants\":0,"
				   "\"havocVariants\":64,\"exploitVariants\":1,\"testVariants\":0}",
			     &info, &why),
	    ERR_OK);
	assert_string_equal(info.name, "n");
	assert_int_equal(info.variants.flag, 2);
	assert_int_equal(info.variants.noise, 0);
	assert_int_equal(info.variants.havoc, 64);
}

static void
test_info_refused(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
	    {"", "empty"},
	    {"<html>", "not JSON"},
	    {"[]", "no JSON object"},
	    {"{\"flagVariants\":1,\"noiseVariants\":0,\"havocVariants\":0}", "serviceName"},
	    {"{\"serviceName\":\"n\",\"noiseVariants\":0,\"havocVariants\":0}", "flagVariants"},
	    {"{\"serviceName\":\"n\",\"flagVariants\":65,\"noiseVariants\":0,\"havocVariants\":0}",
		"flagVariants"},
	    {"{\"serviceName\":\"n\",\"flagVariants\":1,\"noiseVariants\":-1,\"havocVariants\":0}",
		"noiseVariants"},
	    {"{\"serviceName\":\"n\",\"flagVariants\":1,\"noiseVariants\":0,\"havocVariants\":"
	     "\"1\"}",
		"havocVariants"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct eno_info info;
		struct why why = {{0}};

		assert_int_not_equal(read_info(cases[i].text, &info, &why), ERR_OK);
		if (strstr(why.text, cases[i].reason) == NULL)
			fail_msg("%s: %s", cases[i].text, why.text);
	}
}

static void
answer_is(const char *text, enum eno_result result, const char *message, const char *info)
{
	struct eno_answer a;
	struct why why = {{0}};

	if (read_answer(text, &a, &why) != ERR_OK)
		fail_msg("%s: %s", text, why.text);
	assert_int_equal(a.result, result);
	assert_string_equal(a.message, message);
	assert_string_equal(a.attack_info, info);
}

static void
test_answer(void **state)
{
	(void)state;
	answer_is("{\"result\":\"OK\",\"message\":null,\"attackInfo\":\"user1\",\"flag\":null}",
	    ENO_OK, "", "user1");
	answer_is("{\"result\":\"MUMBLE\",\"message\":\"no\"}", ENO_MUMBLE, "no", "");
	answer_is("{\"result\":\"OFFLINE\"}", ENO_OFFLINE, "", "");
	answer_is("{\"result\":\"INTERNAL_ERROR\",\"message\":7}", ENO_INTERNAL_ERROR, "", "");
	answer_is(
	    "{\"result\":\"internaL_ERROR\"}", ENO_INTERNAL_ERROR, "", ""); /* .NET's camel case */
	answer_is("{\"result\":\"ok\"}\n", ENO_OK, "", "");
}

/* What a system may have put into a quoted text does not make the verdict unreadable. */
static void
test_answer_smuggled(void **state)
{
	(void)state;
	answer_is("{\"result\":\"MUMBLE\",\"message\":\"a\\u0000b\"}", ENO_MUMBLE,
	    "a\xef\xbf\xbd"
	    "b",
	    "");
	answer_is(
	    "{\"result\":\"MUMBLE\",\"message\":\"\\ud800\"}", ENO_MUMBLE, "\xef\xbf\xbd", "");
	answer_is("{\"result\":\"MUMBLE\",\"message\":\"\\uDC00x\\ud801\\u0041\"}", ENO_MUMBLE,
	    "\xef\xbf\xbdx\xef\xbf\xbd"
	    "A",
	    "");
	answer_is("{\"result\":\"MUMBLE\",\"message\":\"\\ud83d\\ude00\"}", ENO_MUMBLE,
	    "\xf0\x9f\x98\x80", "");
	answer_is("{\"result\":\"MUMBLE\",\"message\":\"\\\\u0000 \\\\\\u0000\"}", ENO_MUMBLE,
	    "\\u0000 \\\xef\xbf\xbd", "");
	answer_is("{\"result\":\"MUMBLE\",\"message\":\"\xff\xc3 \"}", ENO_MUMBLE, "?? ", "");
}

static void
test_answer_refused(void **state)
{
	static const char *const cases[] = {"", "null", "OK", "\"OK\"", "{}", "{\"result\":null}",
	    "{\"result\":\"FINE\"}", "{\"result\":3}", "{\"result\":\"OK\"", "{\"result\":\"OK\"}x",
	    "{\"result\":\"OK\\", "{\"result\":\"\\u", "{\"result\":\"OK\",\"message\":\"\\ud8"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct eno_answer a;
		struct why why = {{0}};

		assert_int_not_equal(read_answer(cases[i], &a, &why), ERR_OK);
		assert_true(why.text[0] != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_write, forget),
	    cmocka_unit_test_teardown(test_info, forget),
	    cmocka_unit_test_teardown(test_info_refused, forget),
	    cmocka_unit_test_teardown(test_answer, forget),
	    cmocka_unit_test_teardown(test_answer_smuggled, forget),
	    cmocka_unit_test_teardown(test_answer_refused, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
