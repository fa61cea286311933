/* How external programs come to their end: cancelled, fled, with a launcher or a checker that is killed. */
#include "exec_rig.h"

#include <sys/prctl.h>

static struct exec_options
script_options(const char *script)
{
	static const char *argv[] = {"sh", "-c", NULL, NULL};

	argv[2] = with_pid(script);
	return options_of(argv);
}

static struct run *
begin(const char *script)
{
	struct exec_options o = script_options(script);

	return run_begin(&o);
}

static void
wait_for(const char *mark)
{
	int64_t until = time_mono_ms() + PATIENCE_MS;

	while (processes_with(mark) == 0 && time_mono_ms() < until)
		turn_for(5);
	assert_true(processes_with(mark) > 0);
}

/* A program whose child, in a session of its own, is there by then; expect_whole ends it, and it says whether it still is. */
static struct run *
begin_with_child(const char *child)
{
	char script[256];
	struct exec_options o;
	struct run *r;

	snprintf(script, sizeof script,
	    "setsid %s & until pgrep -f '^%s' >/dev/null; do :; done; echo up >&4; "
	    "read -r x <&3; pgrep -f '^%s' >/dev/null && echo whole",
	    child, child, child);
	o = script_options(script);
	o.duplex = true;
	r = run_begin(&o);
	uv_timer_start(&rig.watchdog, on_watchdog, WATCHDOG_MS, 0);
	while (r->data_len == 0)
		uv_run(&rig.loop, UV_RUN_ONCE);
	uv_timer_stop(&rig.watchdog);
	return r;
}

static void
expect_whole(struct run *r)
{
	assert_int_equal(exec_send(r->exec, "go\n", 3), ERR_OK);
	run_wait(r);
	assert_string_equal(r->out, "whole\n");
	free(r);
}

static void
test_cancel(void **state)
{
	struct run *r = begin("sleep 1001.@ & sleep 1001.@; echo not reached");

	(void)state;
	wait_for("sleep 1001.@");
	exec_cancel(r->exec);
	expect_gone("sleep 1001.@");
	while (exec_running(rig.host) > 0)
		uv_run(&rig.loop, UV_RUN_ONCE);
	assert_false(r->done);
	free(r);
	free(run_script("true"));
}

static void
test_cancel_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct run *r = begin("sleep 1002.@");

		exec_cancel(r->exec);
		free(r);
	}
	free(run_script("true"));
	expect_gone("sleep 1002.@");
}

static void
on_data_cancel(void *ctx, const char *data, size_t len)
{
	struct run *r = ctx;

	on_run_data(ctx, data, len);
	exec_cancel(r->exec);
}

/* From within its own callback, with the program's last words as much as with its first. */
static void
test_cancel_from_its_data(void **state)
{
	static const char *const scripts[] = {"echo one >&4; sleep 1003.@", "echo one >&4"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct exec_options o = script_options(scripts[i]);
		struct run *r;

		o.duplex = true;
		o.on_data = on_data_cancel;
		r = run_begin(&o);
		while (exec_running(rig.host) > 0)
			uv_run(&rig.loop, UV_RUN_ONCE);
		assert_string_equal(r->data, "one\n");
		assert_false(r->done);
		free(r);
	}
	expect_gone("sleep 1003.@");
}

/* What is under way when the host is closed: teardown sees that everything ends. */
static void
test_close_with_programs_under_way(void **state)
{
	struct run *runs[20];

	(void)state;
	for (int i = 0; i < 20; i++)
		runs[i] = begin("setsid sleep 1004.@ & sleep 1004.@");
	wait_for("sleep 1004.@");
	rig_close();
	for (int i = 0; i < PATIENCE_MS / 10 && processes_with("sleep 1004.@") > 0; i++)
		usleep(10000);
	assert_int_equal(processes_with("sleep 1004.@"), 0);
	for (int i = 0; i < 20; i++)
		free(runs[i]);
	rig_open(mode->user, mode->sandbox);
}

/* In the program's group, and out of it: both are gone, and the open pipes of neither keep it from ending. */
static void
test_left_behind(void **state)
{
	struct run *r =
	    run_script("sleep 1005.@ & setsid sleep 1005.@ & "
		       "setsid sh -c 'setsid sleep 1005.@ & sleep 1005.@' & "
		       "(setsid sh -c 'trap \"\" TERM HUP; sleep 1005.@; sleep 1005.@' &) ; "
		       "sleep 0.2; echo over; exit 5");

	(void)state;
	assert_int_equal(r->result.exit_code, 5);
	assert_string_equal(r->out, "over\n");
	assert_in_range(r->result.ms, 0, 20000);
	expect_gone("sleep 1005.@");
	free(r);
}

/* What one leaves behind is ended, what another that is still running has put into a session of its own is not. */
static void
test_others_are_left_alone(void **state)
{
	struct run *longer;

	(void)state;
	longer = begin_with_child("sleep 1006.@");
	for (int i = 0; i < 5; i++)
		free(run_script("setsid sleep 1007.@ & exit 0"));
	expect_gone("sleep 1007.@");
	expect_whole(longer);
	expect_gone("sleep 1006.@");
}

/* Whoever kills the launcher leaves its directories to somebody else: here to us. */
static void
remove_base(const char *home)
{
	char command[256];

	snprintf(command, sizeof command, "rm -rf '%.*s'", (int)(strrchr(home, '/') - home), home);
	assert_int_equal(system(command), 0);
}

/*
 * The launcher is killed: every program's done is called once, the host says so once, the first processes are gone.
 * bubblewrap's first process starts the program before it ties its own life to its parent's: it has done so once it waits.
 */
static void
test_launcher_killed(void **state)
{
	struct exec_options o = script_options("until grep -q ') S ' /proc/1/stat; do :; done; "
					       "echo \"$HOME\" >&4; exec sleep 1008.@");
	struct run *runs[5];

	(void)state;
	o.duplex = true;
	for (int i = 0; i < 5; i++)
		runs[i] = run_begin(&o);
	for (int i = 0; i < 5; i++)
		while (runs[i]->data_len == 0)
			uv_run(&rig.loop, UV_RUN_ONCE);
	kill(rig.launcher, SIGKILL);
	for (int i = 0; i < 5; i++) {
		run_wait(runs[i]);
		assert_false(runs[i]->result.started);
		assert_non_null(strstr(runs[i]->result.why.text, "launcher"));
	}
	while (!rig.died)
		uv_run(&rig.loop, UV_RUN_ONCE);
	assert_null(exec_start(rig.host, &o, &rig.why));
	expect_gone("sleep 1008.@");
	remove_base(runs[0]->data);
	for (int i = 0; i < 5; i++)
		free(runs[i]);
}

/*
 * The checker is killed: a process of its own with a launcher and programs, all of which are to be gone, whether they are
 * in the program's session or not.
 */
static void
test_checker_killed(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	/* Whom nobody waits for becomes our child: here we can wait for the launcher. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if ((pid = fork()) == 0) {
		rig_open(mode->user, mode->sandbox);
		for (int i = 0; i < 5; i++)
			(void)begin("setsid sleep 1009.@ & sleep 1009.@");
		for (;;)
			uv_run(&rig.loop, UV_RUN_ONCE);
	}
	wait_for("sleep 1009.@");
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	expect_gone("sleep 1009.@");
	/* Our own launcher lives on; the other one is the second child to end. */
	assert_true(waitpid(-1, &status, 0) != rig.launcher);
	assert_int_equal(status, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

/* No child of the launcher is left over as a zombie. */
static void
test_no_zombies(void **state)
{
	pid_t children[256];
	size_t n = 1;

	(void)state;
	for (int i = 0; i < 10; i++)
		free(run_script("sleep 0.01 & setsid sleep 0.02 & (sleep 0.01 &) & exit 0"));
	for (int i = 0; i < PATIENCE_MS / 10 && n > 0; i++) {
		turn_for(10);
		n = processes_children(rig.launcher, children, 256);
	}
	assert_int_equal(n, 0);
}

/* Signals that end other processes do not end the launcher: it has to clean up. */
static void
test_launcher_heeds_no_signal(void **state)
{
	(void)state;
	kill(rig.launcher, SIGTERM);
	kill(rig.launcher, SIGINT);
	kill(rig.launcher, SIGHUP);
	free(run_script("true"));
	assert_int_not_equal(getsid(rig.launcher), getsid(0));
	assert_false(rig.died);
}

/*
 * Two launchers at a time have users of their own, or one would end the other's programs: while a second process runs
 * programs that leave something behind, ours go on undisturbed.
 */
static void
test_two_launchers(void **state)
{
	struct run *r = begin_with_child("sleep 1010.@");
	pid_t pid;
	int status;

	(void)state;
	if ((pid = fork()) == 0) {
		rig_open(mode->user, mode->sandbox);
		for (int i = 0; i < 5; i++)
			free(run_script("setsid sleep 1011.@ & exit 0"));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	expect_whole(r);
	expect_gone("sleep 1011.@");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_cancel),
	    TEST(test_cancel_at_once),
	    TEST(test_cancel_from_its_data),
	    TEST(test_close_with_programs_under_way),
	    TEST(test_left_behind),
	    TEST(test_others_are_left_alone),
	    TEST(test_launcher_killed),
	    TEST(test_checker_killed),
	    TEST(test_no_zombies),
	    TEST(test_launcher_heeds_no_signal),
	    TEST(test_two_launchers),
	};

	RUN_MODES(tests);
}
