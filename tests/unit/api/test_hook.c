/* The configured program: what it is given, how its end is told, what it may not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "api/hook.h"
#include "base/mem.h"
#include "base/time.h"
#include "scenario/executable.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct rig {
	struct loop *loop;
	char dir[64], program[96];
	struct hook_result result;
	struct timer *timer;
	struct hook *hook;
	int done;
};

static struct why why;

static void
on_done(void *ctx, const struct hook_result *result)
{
	struct rig *r = ctx;

	r->result = *result;
	r->done++;
}

static void
write_program(struct rig *r, const char *script)
{
	FILE *f = fopen(r->program, "we");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(r->program, 0700), 0);
}

static int
set_up(void **state)
{
	struct rig *r = mem_alloc(sizeof *r);

	assert_int_equal(loop_open(&r->loop, NULL), ERR_OK);
	snprintf(r->dir, sizeof r->dir, "/tmp/drill-hook-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->program, sizeof r->program, "%s/hook", r->dir);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	unlink(r->program);
	assert_int_equal(rmdir(r->dir), 0);
	assert_int_equal(loop_close(r->loop), ERR_OK);
	free(r);
	return 0;
}

static void
begin(struct rig *r, const char *script, int64_t timeout_ms, const char *reason)
{
	const char *argv[] = {r->program, "--now", "a b; $(id)", "", NULL};
	struct scenario_hook program = {.argv = argv, .timeout_ms = timeout_ms};
	struct hook_facts facts = {.event = "kill",
	    .drill_id = "campus",
	    .actor = "chief",
	    .reason = reason,
	    .at_ms = 1750000000123};

	if (script != NULL)
		write_program(r, script);
	r->hook = hook_run(r->loop, &program, &facts, on_done, r);
	assert_int_equal(r->done, 0);
}

static void
run(struct rig *r, const char *script, int64_t timeout_ms)
{
	begin(r, script, timeout_ms, "red team out of scope");
	loop_run(r->loop);
	assert_int_equal(r->done, 1);
}

static void
what_it_is_given(void **state)
{
	struct rig *r = *state;

	setenv("DRILLD_MAIL_PASSWORD", "secret", 1);
	begin(r,
	    "printf '%s|' \"$@\"; echo; env | grep -v ^PWD= | cut -d= -f1 | sort | tr '\\n' ' '; "
	    "echo;"
	    "echo \"$DRILL_EVENT $DRILL_ID $DRILL_ACTOR $DRILL_AT_MS $DRILL_REASON\"; cat; echo to "
	    "/dev/stderr >&2;"
	    "[ -e /proc/$$/fd/3 ] || echo nothing else is open",
	    10000, "line\nbreak \x1b[2J\xe2\x80\xae");
	loop_run(r->loop);
	assert_true(r->result.ok);
	assert_int_equal(r->result.status, 0);
	assert_string_equal(r->result.tail,
	    "--now|a b; $(id)||\n"
	    "DRILL_ACTOR DRILL_AT_MS DRILL_EVENT DRILL_ID DRILL_REASON LANG PATH \n"
	    "kill campus chief 1750000000123 line break  [2J   \n"
	    "to /dev/stderr\n"
	    "nothing else is open\n");
}

static void
its_end_is_told(void **state)
{
	struct rig *r = *state;

	run(r, "echo cut; exit 3", 10000);
	assert_false(r->result.ok);
	assert_false(r->result.timed_out);
	assert_int_equal(r->result.status, 3);
	assert_string_equal(r->result.tail, "cut\n");
	r->done = 0;
	run(r, "kill -9 $$", 10000);
	assert_int_equal(r->result.status, 128 + SIGKILL);
	assert_false(r->result.ok);
}

static void
its_time_is_over(void **state)
{
	struct rig *r = *state;
	int64_t start = time_mono_ms();

	run(r, "echo begun; sleep 60", 300);
	assert_true(r->result.timed_out);
	assert_false(r->result.ok);
	assert_int_equal(r->result.status, 128 + SIGTERM);
	assert_string_equal(r->result.tail, "begun\n");
	assert_true(r->result.ms >= 250 && r->result.ms < 2000);
	r->done = 0;
	run(r, "trap '' TERM; while :; do sleep 0.1; done", 300);
	assert_true(r->result.timed_out);
	assert_int_equal(r->result.status, 128 + SIGKILL);
	assert_true(time_mono_ms() - start < 10000);
}

static void
stop_now(void *ctx)
{
	struct rig *r = ctx;

	timer_close(r->timer);
	hook_stop(r->hook);
	hook_stop(r->hook);
}

static void
stopped_from_outside(void **state)
{
	struct rig *r = *state;

	begin(r, "sleep 60", 60000, "");
	r->timer = timer_new(r->loop, stop_now, r);
	timer_at(r->timer, loop_now_ms(r->loop) + 100);
	loop_run(r->loop);
	assert_int_equal(r->done, 1);
	assert_true(r->result.timed_out);
}

/* What it leaves behind in its group ends with it; that it closes its output does not end it. */
static void
background_and_closed_output(void **state)
{
	struct rig *r = *state;
	int64_t start = time_mono_ms();

	run(r, "sleep 60 & echo fine", 30000);
	assert_true(r->result.ok);
	assert_true(time_mono_ms() - start < 5000);
	r->done = 0;
	run(r, "exec >/dev/null 2>&1; sleep 1.5; exit 7", 30000);
	assert_int_equal(r->result.status, 7);
}

static void
endless_output_is_bounded(void **state)
{
	struct rig *r = *state;

	run(r,
	    "head -c 3000000 /dev/zero | tr '\\0' x; i=0; while [ $i -lt 500 ]; do echo line $i; "
	    "i=$((i+1)); done; "
	    "printf '\\377\\001end'",
	    30000);
	assert_true(r->result.ok);
	assert_int_equal(strlen(r->result.tail), HOOK_TAIL_MAX_BYTES);
	assert_string_equal(r->result.tail + HOOK_TAIL_MAX_BYTES - 14, "line 499\n? end");
}

static void
not_started(struct rig *r, const char *part)
{
	r->done = 0;
	run(r, NULL, 1000);
	assert_false(r->result.ok);
	assert_int_equal(r->result.status, -1);
	if (strstr(r->result.tail, part) == NULL)
		fail_msg("no \"%s\" in: %s", part, r->result.tail);
}

/* Checked again each time: what was fit when the server started may not be so now. */
static void
what_it_may_not_be(void **state)
{
	struct rig *r = *state;

	not_started(r, "No such file or directory");
	write_program(r, "exit 0");
	assert_int_equal(chmod(r->program, 0600), 0);
	not_started(r, "cannot be executed; chmod +x");
	assert_int_equal(chmod(r->program, 0722), 0);
	not_started(r, "can be written by others; chmod go-w");
	assert_int_equal(chmod(r->program, 0700), 0);
	assert_int_equal(chmod(r->dir, 0777), 0);
	not_started(r, "can be written by others");
	assert_int_equal(chmod(r->dir, 01777), 0);
	r->done = 0;
	run(r, NULL, 10000);
	assert_true(r->result.ok);
	if (geteuid() == 0) {
		assert_int_equal(chown(r->program, 65534, 65534), 0);
		not_started(r, "belongs to user 65534; it has to be root's or user 0's");
	}
}

static void
paths(void **state)
{
	struct rig *r = *state;
	char link_path[128];

	assert_int_equal(executable_check("bin/sh", &why), ERR_INVALID);
	assert_int_equal(executable_check("/bin", &why), ERR_INVALID);
	assert_int_equal(executable_check("/bin/sh", &why), ERR_OK);
	assert_int_equal(executable_check("/bin/../bin/sh", &why), ERR_OK);
	assert_int_equal(executable_check("/no/such/program", &why), ERR_NOT_FOUND);
	/* A link in a folder that anybody may write could lead elsewhere tomorrow. */
	snprintf(link_path, sizeof link_path, "%s/link", r->dir);
	assert_int_equal(symlink("/bin/sh", link_path), 0);
	assert_int_equal(executable_check(link_path, &why), ERR_OK);
	assert_int_equal(chmod(r->dir, 0777), 0);
	assert_int_equal(executable_check(link_path, &why), ERR_FORBIDDEN);
	unlink(link_path);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_it_is_given),
	    T(its_end_is_told),
	    T(its_time_is_over),
	    T(stopped_from_outside),
	    T(background_and_closed_output),
	    T(endless_output_is_bounded),
	    T(what_it_may_not_be),
	    T(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
