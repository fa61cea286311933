/* What a job's result is made of: a trace that keeps its end, values that replace each other, limits. */
#include "base/json.h"
#include "base/mem.h"
#include "checker/report.h"
#include "core/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct got {
	enum status status;
	char message[MESSAGE_MAX_BYTES + 1];
	char trace[TRACE_MAX_BYTES + 1];
	char state[STATE_MAX_BYTES + 1];
	int count;
};

static uv_loop_t loop;
static struct arena arena;
static struct job job;
static struct report report;
static struct task task;
static struct got got;

static void
on_finished(void *ctx, const struct job_result *r)
{
	(void)ctx;
	got.count++;
	got.status = r->status;
	snprintf(got.message, sizeof got.message, "%s", r->message);
	snprintf(got.trace, sizeof got.trace, "%s", r->trace);
	snprintf(got.state, sizeof got.state, "%s", r->state);
}

static struct host host = {.finished = on_finished};

static int
setup(void **state)
{
	(void)state;
	job = (struct job){.id = 1, .verbose = true};
	got = (struct got){.count = 0};
	if (uv_loop_init(&loop) != 0)
		return -1;
	host.loop = &loop;
	host_enter(&host, &task);
	report_init(&report, &job, &arena, &loop);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	report_free(&report);
	arena_free(&arena);
	return uv_loop_close(&loop);
}

static void
finish(enum status status, const char *message)
{
	report_finish(&report, &host, &task, status, message);
	assert_int_equal(got.count, 1);
	assert_int_equal(host.count, 0);
}

static void
a_full_trace_keeps_its_end(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++)
		report_trace(&report, "line %d", i);
	finish(ST_OK, "");
	assert_true(strlen(got.trace) > TRACE_MAX_BYTES / 3);
	assert_non_null(strstr(got.trace, "line 19999"));
	assert_null(strstr(got.trace, "line 0\n"));
	assert_int_equal(got.trace[0], '+');
}

static void
a_short_trace_is_its_end(void **state)
{
	(void)state;
	job.verbose = false;
	for (int i = 0; i < 1000; i++)
		report_trace(&report, "line %d", i);
	finish(ST_OK, "");
	assert_in_range(strlen(got.trace), MESSAGE_MAX_BYTES - 40, MESSAGE_MAX_BYTES);
	assert_non_null(strstr(got.trace, "line 999"));
	assert_int_equal(got.trace[0], '+');
}

static void
a_later_value_replaces_the_earlier(void **state)
{
	char key[16];
	struct json_t *o;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 100; i++) {
			snprintf(key, sizeof key, "k%d", i);
			report_store(&report, key, round == 0 ? "old" : "new");
		}
	}
	finish(ST_OK, "");
	assert_int_equal(jr_parse(got.state, strlen(got.state), &o, NULL), ERR_OK);
	assert_int_equal(jr_count(o), 100);
	assert_string_equal(jr_string(jr_get(o, "k0"), NULL), "new");
	assert_string_equal(jr_string(jr_get(o, "k99"), NULL), "new");
	jr_free(o);
}

static void
too_much_kept_is_a_fault(void **state)
{
	char *value = mem_alloc(STATE_MAX_BYTES + 1);

	(void)state;
	memset(value, 'x', STATE_MAX_BYTES);
	report_store(&report, "k", value);
	finish(ST_OK, "");
	assert_int_equal(got.status, ST_FAULT);
	assert_string_equal(got.state, "");
	free(value);
}

static void
a_message_is_plain(void **state)
{
	(void)state;
	report_trace(&report, "a\nb%s", "\x1b\xff");
	finish(ST_DOWN, "two\nlines\xff");
	assert_string_equal(got.message, "two lines?");
	assert_string_equal(got.trace, "+0 ms a b ?");
	assert_int_equal(got.status, ST_DOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_full_trace_keeps_its_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_short_trace_is_its_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_later_value_replaces_the_earlier, setup, teardown),
	    cmocka_unit_test_setup_teardown(too_much_kept_is_a_fault, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_message_is_plain, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
