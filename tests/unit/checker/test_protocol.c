/* The lines between drilld and a checker: what is written reads back, what is wrong is refused with a reason. */
#include "checker/protocol.h"
#include "core/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct why why;

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static enum err
read_line(enum line_direction direction, const char *text, struct line *out)
{
	return protocol_read(direction, text, strlen(text), &arena, out, &why);
}

static void
refused(enum line_direction direction, const char *text, const char *reason)
{
	struct line line;
	enum err e = read_line(direction, text, &line);

	if (e == ERR_OK || strstr(why.text, reason) == NULL)
		fail_msg("%s\n  gave %s: %s\n  expected a reason with: %s", text, err_name(e),
		    e == ERR_OK ? "" : why.text, reason);
}

static void
test_job_reads_back(void **state)
{
	struct job job = {.id = 1ull << 60,
	    .challenge = "portal",
	    .host = "fd00::7",
	    .port = 8080,
	    .tick = 12,
	    .timeout_ms = 4999,
	    .tick_ms = 60000,
	    .team_id = "library",
	    .team_name = "图书馆",
	    .team_number = 150,
	    .state = "{\"creds 5\":\"dQ==\"}",
	    .verbose = true,
	    .put_count = 1,
	    .get_count = 1};
	struct line line;
	struct buf out;

	(void)state;
	job.put[0] =
	    (struct job_flag){.tick = 12, .slot = 7, .flag = "F{\"\n}", .seed = "0123456789abcdef"};
	job.get[0] = (struct job_flag){.tick = 11,
	    .slot = 0,
	    .flag = "G",
	    .seed = "fedcba9876543210",
	    .saved = "{\"a\":\"b\"}"};
	buf_init(&out, JOB_LINE_MAX_BYTES);
	protocol_write_job(&out, &job);
	assert_int_equal(buf_err(&out), ERR_OK);
	assert_null(memchr(out.data, '\n', out.len));
	assert_int_equal(protocol_read(TO_CHECKER, out.data, out.len, &arena, &line, &why), ERR_OK);
	assert_int_equal(line.type, LINE_JOB);
	assert_true(line.job->id == 1ull << 60);
	assert_string_equal(line.job->host, "fd00::7");
	assert_int_equal(line.job->timeout_ms, 4999);
	assert_int_equal(line.job->tick_ms, 60000);
	assert_string_equal(line.job->team_id, "library");
	assert_string_equal(line.job->team_name, "图书馆");
	assert_int_equal(line.job->team_number, 150);
	assert_string_equal(line.job->state, "{\"creds 5\":\"dQ==\"}");
	assert_true(line.job->verbose);
	assert_string_equal(line.job->put[0].flag, "F{\"\n}");
	assert_int_equal(line.job->put[0].slot, 7);
	assert_int_equal(line.job->put[0].tick, 12);
	assert_int_equal(line.job->get[0].tick, 11);
	assert_string_equal(line.job->get[0].saved, "{\"a\":\"b\"}");
	buf_free(&out);
}

static void
test_result_reads_back(void **state)
{
	struct job_result r = {.id = 3,
	    .status = ST_CORRUPT,
	    .ms = 17,
	    .message = "flag gone \xe4\xb8\xad",
	    .trace = "a\nb",
	    .saved = "{\"s0.id\":\"5\"}",
	    .state = "{\"k\":\"v\"}"};
	struct line line;
	struct buf out;

	(void)state;
	buf_init(&out, RESULT_LINE_MAX_BYTES);
	protocol_write_result(&out, &r);
	assert_int_equal(
	    protocol_read(FROM_CHECKER, out.data, out.len, &arena, &line, &why), ERR_OK);
	assert_int_equal(line.type, LINE_RESULT);
	assert_int_equal(line.result.status, ST_CORRUPT);
	assert_string_equal(line.result.message, r.message);
	assert_string_equal(line.result.trace, "a\nb");
	assert_string_equal(line.result.saved, r.saved);
	assert_string_equal(line.result.state, r.state);
	buf_free(&out);
}

/* As many flags as a job takes, each with all that a system may have made its checks save, fit the line. */
static void
test_largest_job_fits(void **state)
{
	static struct job job = {.id = 1,
	    .challenge = "portal",
	    .host = "h",
	    .port = 80,
	    .tick = 100,
	    .tick_ms = 1000,
	    .timeout_ms = 1,
	    .team_id = "library",
	    .team_name = "L",
	    .team_number = 1};
	static char state_text[STATE_MAX_BYTES + 1];
	char saved[SAVED_MAX_BYTES + 1], flag[129];
	struct line line;
	struct buf out;

	(void)state;
	memset(saved, 'v', sizeof saved);
	memcpy(saved, "{\"a\":\"", 6);
	memcpy(saved + SAVED_MAX_BYTES - 2, "\"}", 3);
	memset(state_text, 'v', sizeof state_text);
	memcpy(state_text, "{\"a\":\"", 6);
	memcpy(state_text + STATE_MAX_BYTES - 2, "\"}", 3);
	job.state = state_text;
	memset(flag, 'F', sizeof flag);
	flag[128] = '\0';
	job.put_count = job.get_count = JOB_FLAGS_MAX;
	for (int i = 0; i < JOB_FLAGS_MAX; i++) {
		job.put[i] =
		    (struct job_flag){.tick = 100, .flag = flag, .seed = "0123456789abcdef"};
		job.get[i] = (struct job_flag){
		    .tick = i, .flag = flag, .seed = "0123456789abcdef", .saved = saved};
	}
	buf_init(&out, JOB_LINE_MAX_BYTES);
	protocol_write_job(&out, &job);
	assert_int_equal(buf_err(&out), ERR_OK);
	assert_int_equal(protocol_read(TO_CHECKER, out.data, out.len, &arena, &line, &why), ERR_OK);
	assert_int_equal(line.job->get_count, JOB_FLAGS_MAX);
	assert_int_equal(strlen(line.job->state), STATE_MAX_BYTES);
	buf_free(&out);
}

/* The largest result that the checker may make fits its line. */
static void
test_largest_result_fits(void **state)
{
	char text[MESSAGE_MAX_BYTES + 1], saved[SAVED_MAX_BYTES + 1];
	struct job_result r = {
	    .id = INT64_MAX, .status = ST_RECOVERING, .message = text, .trace = text};
	struct line line;
	struct buf out;

	(void)state;
	memset(text, '"', MESSAGE_MAX_BYTES);
	text[MESSAGE_MAX_BYTES] = '\0';
	snprintf(saved, sizeof saved, "{\"s0.a\":\"%0*d\"}", SAVED_MAX_BYTES - 11, 0);
	assert_int_equal(strlen(saved), SAVED_MAX_BYTES);
	r.saved = saved;
	buf_init(&out, RESULT_LINE_MAX_BYTES);
	protocol_write_result(&out, &r);
	assert_int_equal(buf_err(&out), ERR_OK);
	assert_int_equal(
	    protocol_read(FROM_CHECKER, out.data, out.len, &arena, &line, &why), ERR_OK);
	assert_int_equal(strlen(line.result.saved), SAVED_MAX_BYTES);
	buf_free(&out);
}

static void
test_program_and_ready_read_back(void **state)
{
	struct line line;
	struct buf out;

	(void)state;
	buf_init(&out, PROGRAM_LINE_MAX_BYTES);
	protocol_write_program(&out, "portal", "{\"vars\":[],\"check\":[]}");
	assert_int_equal(protocol_read(TO_CHECKER, out.data, out.len, &arena, &line, &why), ERR_OK);
	assert_int_equal(line.type, LINE_PROGRAM);
	assert_string_equal(line.challenge, "portal");
	assert_string_equal(line.program, "{\"check\":[],\"vars\":[]}");
	buf_reset(&out);
	protocol_write_ready(&out, "rlimits", "no user namespaces");
	assert_int_equal(
	    protocol_read(FROM_CHECKER, out.data, out.len, &arena, &line, &why), ERR_OK);
	assert_int_equal(line.type, LINE_READY);
	assert_string_equal(line.sandbox, "rlimits");
	assert_string_equal(line.note, "no user namespaces");
	buf_free(&out);
}

#define TEAM "\"team\":{\"id\":\"library\",\"name\":\"L\",\"number\":1},\"tick_ms\":60000,"
#define JOB(flags)                                                                                 \
	"{\"type\":\"job\",\"job\":1,\"challenge\":\"c\",\"host\":\"h\",\"port\":80,\"tick\":"     \
	"5," TEAM "\"timeout_ms\":100," flags "}"
#define SEED "\"seed\":\"0000000000000000\""

static void
test_bad_jobs(void **state)
{
	struct line line;

	(void)state;
	assert_int_equal(read_line(TO_CHECKER, JOB("\"put\":[],\"get\":[]"), &line), ERR_OK);
	refused(TO_CHECKER, JOB("\"put\":[]"), "\"get\" must be a list");
	refused(TO_CHECKER, JOB("\"put\":[],\"get\":{}"), "\"get\" must be a list");
	refused(TO_CHECKER, JOB("\"put\":[1],\"get\":[]"), "is an object");
	refused(TO_CHECKER, JOB("\"put\":[{\"flag\":\"F\",\"slot\":0}],\"get\":[]"),
	    "\"seed\" is missing");
	refused(TO_CHECKER, JOB("\"put\":[{\"flag\":\"F\",\"seed\":\"00\",\"slot\":0}],\"get\":[]"),
	    "16 lower-case hex digits");
	refused(TO_CHECKER,
	    JOB("\"put\":[{\"flag\":\"F\",\"seed\":\"000000000000000G\",\"slot\":0}],\"get\":[]"),
	    "16 lower-case hex digits");
	refused(TO_CHECKER, JOB("\"put\":[{\"flag\":\"F\"," SEED ",\"slot\":8}],\"get\":[]"),
	    "\"slot\"");
	refused(TO_CHECKER, JOB("\"put\":[{\"flag\":\"\"," SEED ",\"slot\":0}],\"get\":[]"),
	    "\"flag\"");
	refused(TO_CHECKER,
	    JOB("\"put\":[],\"get\":[{\"flag\":\"F\"," SEED
		",\"slot\":0,\"saved\":{},\"tick\":5}]"),
	    "lists older flags");
	refused(TO_CHECKER,
	    JOB("\"put\":[],\"get\":[{\"flag\":\"F\"," SEED
		",\"slot\":0,\"saved\":{\"a\":1},\"tick\":4}]"),
	    "must be a string");
	refused(TO_CHECKER,
	    JOB("\"put\":[],\"get\":[{\"flag\":\"F\"," SEED
		",\"slot\":0,\"saved\":{\"s0.a\":\"\"},\"tick\":4}]"),
	    "a name of letters");
	refused(TO_CHECKER, JOB("\"put\":[],\"get\":[],\"extra\":1"), "unknown key \"extra\"");
	refused(
	    TO_CHECKER, JOB("\"put\":[],\"get\":[],\"state\":{\"k\":1}"), "a string are expected");
	refused(TO_CHECKER, JOB("\"put\":[],\"get\":[],\"state\":{\"\":\"v\"}"), "a key of 1 to");
	refused(TO_CHECKER,
	    "{\"type\":\"job\",\"job\":-1,\"challenge\":\"c\",\"host\":\"h\",\"port\":80,\"tick\":"
	    "5," TEAM "\"timeout_ms\":1,\"put\":[],\"get\":[]}",
	    "\"job\" must be an integer");
	refused(TO_CHECKER,
	    "{\"type\":\"job\",\"job\":1,\"challenge\":\"c\",\"host\":\"h\",\"port\":70000,"
	    "\"tick\":5," TEAM "\"timeout_ms\":1,\"put\":[],\"get\":[]}",
	    "\"port\"");
	refused(TO_CHECKER,
	    "{\"type\":\"job\",\"job\":1,\"challenge\":\"c\",\"host\":\"h\",\"port\":1,\"tick\":"
	    "5," TEAM "\"timeout_ms\":0,\"put\":[],\"get\":[]}",
	    "\"timeout_ms\"");
}

static void
test_too_many_flags(void **state)
{
	struct buf text;
	struct line line;

	(void)state;
	buf_init(&text, JOB_LINE_MAX_BYTES);
	buf_puts(&text,
	    "{\"type\":\"job\",\"job\":1,\"challenge\":\"c\",\"host\":\"h\",\"port\":80,"
	    "\"tick\":5," TEAM "\"timeout_ms\":100,\"get\":[],\"put\":[");
	for (int i = 0; i <= JOB_FLAGS_MAX; i++)
		buf_printf(&text, "%s{\"flag\":\"F\"," SEED ",\"slot\":0}", i > 0 ? "," : "");
	buf_puts(&text, "]}");
	assert_int_equal(
	    protocol_read(TO_CHECKER, text.data, text.len, &arena, &line, &why), ERR_LIMIT);
	buf_free(&text);
}

#define RESULT(status, message, trace, saved)                                                      \
	"{\"type\":\"result\",\"job\":1,\"status\":" status ",\"ms\":1,\"message\":" message       \
	",\"trace\":" trace ",\"saved\":" saved "}"

static void
test_bad_results(void **state)
{
	char long_text[MESSAGE_MAX_BYTES + 2], text[2 * MESSAGE_MAX_BYTES];

	(void)state;
	refused(FROM_CHECKER, RESULT("\"none\"", "\"\"", "\"\"", "{}"), "\"status\" is \"none\"");
	refused(FROM_CHECKER, RESULT("\"up\"", "\"\"", "\"\"", "{}"), "\"status\" is \"up\"");
	refused(FROM_CHECKER, RESULT("1", "\"\"", "\"\"", "{}"), "\"status\" must be a string");
	refused(
	    FROM_CHECKER, RESULT("\"ok\"", "\"a\\nb\"", "\"\"", "{}"), "control character 0x0a");
	refused(FROM_CHECKER, RESULT("\"ok\"", "\"\"", "\"\\u001b[2J\"", "{}"),
	    "control character 0x1b");
	refused(
	    FROM_CHECKER, RESULT("\"ok\"", "\"\"", "\"\"", "[]"), "\"saved\" must be an object");
	refused(
	    FROM_CHECKER, RESULT("\"ok\"", "\"\"", "\"\"", "{\"a\":\"b\"}"), "like \"s0.name\"");
	refused(
	    FROM_CHECKER, RESULT("\"ok\"", "\"\"", "\"\"", "{\"s9.a\":\"b\"}"), "like \"s0.name\"");
	refused(
	    FROM_CHECKER, RESULT("\"ok\"", "\"\"", "\"\"", "{\"s0.a\":{}}"), "must be a string");
	refused(FROM_CHECKER, RESULT("\"ok\"", "\"\\ud800\"", "\"\"", "{}"), "not JSON");
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	snprintf(text, sizeof text, RESULT("\"ok\"", "\"%s\"", "\"\"", "{}"), long_text);
	refused(FROM_CHECKER, text, "at most 1024");
}

static void
test_saved_too_long(void **state)
{
	struct line line;
	struct buf text;

	(void)state;
	buf_init(&text, RESULT_LINE_MAX_BYTES);
	buf_puts(&text,
	    "{\"type\":\"result\",\"job\":1,\"status\":\"ok\",\"ms\":1,\"message\":\"\","
	    "\"trace\":\"\",\"saved\":{\"s0.a\":\"");
	for (int i = 0; i < SAVED_MAX_BYTES; i++)
		buf_putc(&text, 'x');
	buf_puts(&text, "\"}}");
	assert_int_equal(
	    protocol_read(FROM_CHECKER, text.data, text.len, &arena, &line, &why), ERR_LIMIT);
	buf_free(&text);
}

/* Neither side takes what only the other may say, nor what is no line at all. */
static void
test_bad_lines(void **state)
{
	char *long_line = malloc(RESULT_LINE_MAX_BYTES + 2);

	(void)state;
	refused(TO_CHECKER, "{\"type\":\"ready\"}", "program or job is expected");
	refused(FROM_CHECKER, JOB("\"put\":[],\"get\":[]"), "ready or result is expected");
	refused(FROM_CHECKER, "{\"type\":\"ready\",\"x\":1}", "unknown key");
	refused(FROM_CHECKER, "{\"type\":\"ready\"}", "\"sandbox\" is missing");
	refused(FROM_CHECKER, "{\"type\":\"ready\",\"sandbox\":\"none\",\"note\":\"\"}",
	    "bubblewrap or rlimits is expected");
	refused(FROM_CHECKER, "{\"type\":\"ready\",\"sandbox\":\"rlimits\",\"note\":\"a\\nb\"}",
	    "control character");
	refused(FROM_CHECKER, "", "empty");
	refused(FROM_CHECKER, "[]", "a line is a JSON object");
	refused(FROM_CHECKER, "{}", "\"type\" is missing");
	refused(FROM_CHECKER, "{\"type\":\"ready\"", "not JSON");
	refused(FROM_CHECKER, "{\"type\":\"ready\"} {}", "not JSON");
	refused(FROM_CHECKER, "{\"type\":\"ready\",\"type\":\"ready\"}", "not JSON");
	refused(FROM_CHECKER, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested deeper");
	refused(TO_CHECKER, "{\"type\":\"program\",\"challenge\":\"c\",\"program\":[]}",
	    "must be an object");
	memset(long_line, ' ', RESULT_LINE_MAX_BYTES + 1);
	long_line[RESULT_LINE_MAX_BYTES + 1] = '\0';
	refused(FROM_CHECKER, long_line, "at most 262144");
	free(long_line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_job_reads_back, teardown),
	    cmocka_unit_test_teardown(test_result_reads_back, teardown),
	    cmocka_unit_test_teardown(test_largest_job_fits, teardown),
	    cmocka_unit_test_teardown(test_largest_result_fits, teardown),
	    cmocka_unit_test_teardown(test_program_and_ready_read_back, teardown),
	    cmocka_unit_test_teardown(test_bad_jobs, teardown),
	    cmocka_unit_test_teardown(test_too_many_flags, teardown),
	    cmocka_unit_test_teardown(test_bad_results, teardown),
	    cmocka_unit_test_teardown(test_saved_too_long, teardown),
	    cmocka_unit_test_teardown(test_bad_lines, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
