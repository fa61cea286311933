/* External programs that want more than they may have: output, time, processor, memory, processes, files, descriptors. */
#include "exec_rig.h"

/* sh -c script with limits and a deadline of their own. */
static struct run *
run_limited(const char *script, const struct exec_limits *limits, int64_t timeout_ms)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct exec_options o = options_of(argv);

	o.limits = *limits;
	o.timeout_ms = timeout_ms;
	return run_wait(run_begin(&o));
}

static const struct exec_limits usual;

/*
 * A deadline tells something once the program has come so far as to say that it is ready, which takes it longer on a busy
 * machine: it is run again, with twice the time, until it has.
 */
static struct run *
run_to_deadline(const char *script, int64_t *timeout_ms)
{
	struct run *r;

	for (*timeout_ms = 1500;; *timeout_ms *= 2) {
		r = run_limited(script, &usual, *timeout_ms);
		assert_true(r->result.timed_out);
		if (strstr(r->out, "ready\n") != NULL)
			return r;
		assert_true(*timeout_ms < PATIENCE_MS);
		free(r);
	}
}

static void
test_output_of_just_the_limit(void **state)
{
	struct run *r = run_script("head -c 65536 /dev/zero; head -c 65537 /dev/zero >&2");

	(void)state;
	assert_int_equal(r->result.exit_code, 0);
	assert_int_equal(r->result.out_len, 65536);
	assert_int_equal(r->result.err_len, 65536);
	free(r);
}

/* Ten gigabytes, or as much as time allows, on both: kept is what may be kept, and the program is not held up. */
static void
test_endless_output(void **state)
{
	const char *const argv[] = {"sh", "-c",
	    "head -c 10000000000 /dev/zero | tr '\\0' x & exec head -c 10000000000 /dev/zero >&2",
	    NULL};
	struct exec_options o = options_of(argv);
	struct run *r = NULL;

	(void)state;
	o.out_max = 1000;
	for (o.timeout_ms = 700; o.timeout_ms < PATIENCE_MS; o.timeout_ms *= 2) {
		free(r);
		r = run_wait(run_begin(&o));
		if (r->result.out_len == 1000 && r->result.err_len == EXEC_OUTPUT_MAX_BYTES)
			break; /* both were under way when its time was over */
	}
	assert_int_equal(r->result.out_len, 1000);
	assert_int_equal(r->result.err_len, EXEC_OUTPUT_MAX_BYTES);
	assert_int_equal(r->out[999], 'x');
	assert_true(r->result.timed_out);
	free(r);
}

/* A megabyte is written to the end though a hundred bytes are kept. */
static void
test_dropped_output_holds_nobody_up(void **state)
{
	const char *const argv[] = {"sh", "-c", "head -c 4000000 /dev/zero && echo done >&2", NULL};
	struct exec_options o = options_of(argv);
	struct run *r;

	(void)state;
	o.out_max = 100;
	r = run_wait(run_begin(&o));
	assert_int_equal(r->result.exit_code, 0);
	assert_int_equal(r->result.out_len, 100);
	assert_string_equal(r->err, "done\n");
	free(r);
}

static void
test_deadline_is_heeded(void **state)
{
	static const char script[] =
	    "trap 'echo asked; exit 104' TERM; echo ready; while :; do sleep 0.05; done";
	int64_t timeout_ms;
	struct run *r = run_to_deadline(script, &timeout_ms);

	(void)state;
	/* Where even that takes long it is killed, but not each time. */
	for (int i = 0; i < 5 && r->result.ms > timeout_ms + EXEC_GRACE_MS; i++) {
		free(r);
		r = run_to_deadline(script, &timeout_ms);
	}
	assert_int_equal(r->result.exit_code, 104);
	assert_string_equal(r->out, "ready\nasked\n");
	assert_in_range(r->result.ms, timeout_ms, timeout_ms + EXEC_GRACE_MS);
	free(r);
}

static void
test_deadline_is_ignored(void **state)
{
	int64_t timeout_ms;
	struct run *r =
	    run_to_deadline("trap '' TERM; echo ready; while :; do sleep 0.05; done", &timeout_ms);

	(void)state;
	assert_int_equal(r->result.exit_code, -1);
	assert_int_equal(r->result.signal, SIGKILL);
	assert_string_equal(r->out, "ready\n");
	assert_in_range(
	    r->result.ms, timeout_ms + EXEC_GRACE_MS, timeout_ms + EXEC_GRACE_MS + PATIENCE_MS / 4);
	free(r);
}

static void
test_processor_limit(void **state)
{
	struct run *r =
	    run_limited("while :; do :; done", &(struct exec_limits){.cpu_s = 1}, 60000);

	(void)state;
	assert_false(r->result.timed_out);
	assert_int_equal(r->result.signal, SIGXCPU);
	free(r);
	r = run_limited(
	    "trap '' XCPU; while :; do :; done", &(struct exec_limits){.cpu_s = 1}, 60000);
	assert_false(r->result.timed_out);
	assert_int_equal(r->result.signal, SIGKILL);
	free(r);
}

static void
test_memory_limit(void **state)
{
	static const char script[] = "perl -e '$x = \"x\" x (200 << 20); print length $x'";
	struct run *r = run_limited(script, &(struct exec_limits){.memory_bytes = 64 << 20}, 20000);

	(void)state;
	assert_true(r->result.exit_code != 0);
	assert_string_equal(r->out, "");
	free(r);
	r = run_limited(script, &(struct exec_limits){.memory_bytes = 600 << 20}, 20000);
	assert_int_equal(r->result.exit_code, 0);
	assert_string_equal(r->out, "209715200");
	free(r);
}

static void
test_file_size_limit(void **state)
{
	struct run *r = run_limited("head -c 1000000 /dev/zero >f; code=$?; wc -c <f; exit $code",
	    &(struct exec_limits){.file_bytes = 65536}, 20000);

	(void)state;
	assert_true(r->result.exit_code != 0);
	assert_int_equal(atoi(r->out), 65536);
	free(r);
}

static void
test_descriptor_limit(void **state)
{
	struct run *r = run_limited("ulimit -n; perl -e 'for (1 .. 100) { open($f[$_], \"<\", "
				    "\"/dev/null\") or last; $n++ } print $n'",
	    &(struct exec_limits){.files = 32}, 20000);

	(void)state;
	assert_memory_equal(r->out, "32\n", 3);
	assert_in_range(atoi(r->out + 3), 20, 32);
	free(r);
}

/* Lets a bomb burn for its time, and another program run meanwhile: how many processes it was at most. */
static unsigned
light(const struct exec_options *bomb)
{
	int64_t until = time_mono_ms() + bomb->timeout_ms;
	struct run *r = run_begin(bomb), *other;
	unsigned most = 0, n;

	while (time_mono_ms() < until) {
		turn_for(20);
		n = processes_with("a-fork-bomb-@");
		most = n > most ? n : most;
	}
	other = run_script("(echo fine)"); /* it does not heed SIGTERM and has EXEC_GRACE_MS left */
	assert_string_equal(other->out, "fine\n");
	run_wait(r);
	expect_gone("a-fork-bomb-@");
	free(r);
	free(other);
	return most;
}

/* A bomb makes at most what it may; the others do not suffer, and nothing is left of it. */
static void
test_fork_bomb(void **state)
{
	static const char bomb[] =
	    "perl -e '$SIG{TERM} = \"IGNORE\"; while (1) { fork; $m = \"a-fork-bomb-@\" }'";
	const char *const argv[] = {"sh", "-c", with_pid(bomb), NULL};
	struct exec_options o = options_of(argv);
	unsigned most = 0;

	(void)state;
	o.limits.processes = 20;
	for (o.timeout_ms = 300; most <= 5 && o.timeout_ms < PATIENCE_MS; o.timeout_ms *= 2)
		most = light(&o); /* again, and longer, if it had no time to grow */
	assert_true(most > 5);
	if (mode->root && strcmp(mode->user, "nobody") != 0)
		assert_in_range(most, 5, bubblewrapped() ? 22 : 20);
	else
		assert_in_range(most, 5, 1000);
}

/* A bomb whose every process has a session of its own. */
static void
test_bomb_of_sessions(void **state)
{
	static const char bomb[] = "exec perl -MPOSIX -e 'while (1) { fork; POSIX::setsid(); "
				   "$m = \"a-session-bomb-@\" }'";
	const char *const argv[] = {"sh", "-c", with_pid(bomb), NULL};
	struct exec_options o = options_of(argv);

	(void)state;
	o.limits.processes = 20;
	o.timeout_ms = 500;
	free(run_wait(run_begin(&o)));
	expect_gone("a-session-bomb-@");
	free(run_script("true"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_output_of_just_the_limit),
	    TEST(test_endless_output),
	    TEST(test_dropped_output_holds_nobody_up),
	    TEST(test_deadline_is_heeded),
	    TEST(test_deadline_is_ignored),
	    TEST(test_processor_limit),
	    TEST(test_memory_limit),
	    TEST(test_file_size_limit),
	    TEST(test_descriptor_limit),
	    TEST(test_fork_bomb),
	    TEST(test_bomb_of_sessions),
	};

	RUN_MODES(tests);
}
