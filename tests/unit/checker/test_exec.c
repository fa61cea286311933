/* External programs that behave: how they end, what they get, what comes of what they write. */
#include "exec_rig.h"

#include <fcntl.h>

static void
test_exit_codes_and_output(void **state)
{
	struct run *r = run_script("echo said; echo told >&2; exit 103");

	(void)state;
	assert_true(r->result.started);
	assert_int_equal(r->result.exit_code, 103);
	assert_int_equal(r->result.signal, 0);
	assert_false(r->result.timed_out);
	assert_string_equal(r->out, "said\n");
	assert_string_equal(r->err, "told\n");
	assert_in_range(r->result.ms, 0, 20000);
	free(r);
	r = run_script("true");
	assert_int_equal(r->result.exit_code, 0);
	assert_string_equal(r->out, "");
	free(r);
}

static void
test_a_signal_is_told(void **state)
{
	struct run *r = run_script("kill -SEGV $$");

	(void)state;
	assert_true(r->result.started);
	assert_int_equal(r->result.exit_code, -1);
	assert_int_equal(r->result.signal, SIGSEGV);
	free(r);
}

static void
expect_no_start(const char *const *argv, const char *said)
{
	struct exec_options o = options_of(argv);
	struct run *r = run_wait(run_begin(&o));

	if (r->result.started)
		fail_msg("%s was started: exit code %d, signal %d, %s", argv[0],
		    r->result.exit_code, r->result.signal, r->err);
	assert_int_equal(r->result.exit_code, -1);
	if (strstr(r->result.why.text, said) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", r->result.why.text, said);
	free(r);
}

static void
test_what_cannot_be_run_is_named(void **state)
{
	(void)state;
	expect_no_start(
	    (const char *[]){"no-such-program", NULL}, "no program no-such-program in PATH");
	expect_no_start((const char *[]){"./missing", NULL}, "there is no program");
	rig_file("plain", "#!/bin/sh\nexit 0\n", 0644);
	expect_no_start((const char *[]){"./plain", NULL}, "chmod +x");
	rig_file("orphan", "#!/no/such/python\n", 0755);
	expect_no_start((const char *[]){"./orphan", NULL}, "#! line names /no/such/python");
	rig_file("text", "echo no line with an interpreter\n", 0755);
	expect_no_start((const char *[]){"./text", NULL}, "script with a #! line");
	expect_no_start((const char *[]){"/tmp", NULL}, "chmod +x");
}

static void
test_path_passes_over_what_its_user_cannot_run(void **state)
{
	static const char *const argv[] = {"which-one", NULL};
	struct exec_options o = options_of(argv);
	char folder[96], path[256];
	const char *env[] = {path, NULL};
	struct run *r;

	(void)state;
	snprintf(path, sizeof path, "PATH=%s/closed:%s/plain:%s/open:/usr/bin:/bin", rig.dir,
	    rig.dir, rig.dir);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"closed", "plain", "open"};

		snprintf(folder, sizeof folder, "%s/%s", rig.dir, names[i]);
		assert_int_equal(mkdir(folder, 0755), 0);
	}
	rig_file("closed/which-one", "#!/bin/sh\necho closed\n", 0755);
	rig_file("plain/which-one", "#!/bin/sh\necho plain\n", 0744);
	rig_file("open/which-one", "#!/bin/sh\necho open\n", 0755);
	snprintf(folder, sizeof folder, "%s/closed", rig.dir);
	assert_int_equal(chmod(folder, mode->root ? 0700 : 0), 0);
	o.env = env;
	r = run_wait(run_begin(&o));
	assert_string_equal(r->result.why.text, "");
	/* who owns the file may run it */
	assert_string_equal(r->out, mode->root ? "open\n" : "plain\n");
	free(r);
	assert_int_equal(chmod(folder, 0700), 0);
}

static void
test_paths_and_arguments(void **state)
{
	static const char *const argv[] = {"./my checker", "one two", "", "$HOME", NULL};
	struct exec_options o = options_of(argv);
	struct run *r;

	(void)state;
	rig_file("my checker", "#!/bin/sh\nprintf '%s|' \"$@\"; pwd; ls -A | wc -l\n", 0755);
	r = run_wait(run_begin(&o));
	assert_string_equal(r->result.why.text, "");
	assert_memory_equal(r->out, "one two||$HOME|", 15);
	assert_non_null(strstr(r->out, "drill-exec-"));
	assert_non_null(strstr(r->out, "\n0\n")); /* an empty scratch directory */
	free(r);
	o.cwd = EXEC_CWD_DIR;
	r = run_wait(run_begin(&o));
	assert_non_null(strstr(r->out, rig.dir));
	free(r);
}

static void
test_environment(void **state)
{
	static const char *const argv[] = {"/usr/bin/env", NULL};
	static const char *const env[] = {
	    "CTF_CHECKERSCRIPT=1", "LANG=de_DE.UTF-8", "EMPTY=", NULL};
	struct exec_options o = options_of(argv);
	struct run *r;
	int lines = 0;

	(void)state;
	setenv("DRILL_SECRET", "must not be seen", 1);
	o.env = env;
	r = run_wait(run_begin(&o));
	assert_non_null(strstr(r->out, "CTF_CHECKERSCRIPT=1\n"));
	assert_non_null(strstr(r->out, "LANG=de_DE.UTF-8\n"));
	assert_null(strstr(r->out, "C.UTF-8"));
	assert_non_null(strstr(r->out, "EMPTY=\n"));
	assert_non_null(strstr(r->out, "PYTHONDONTWRITEBYTECODE=1\n"));
	assert_non_null(strstr(r->out, "PATH=/"));
	assert_non_null(strstr(r->out, "HOME=/"));
	assert_non_null(strstr(r->out, "TMPDIR=/"));
	assert_null(strstr(r->out, "SECRET"));
	for (const char *at = r->out; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines, 7 + bubblewrapped()); /* which adds PWD */
	free(r);
}

static void
test_no_other_descriptors(void **state)
{
	const char *const argv[] = {"sh", "-c", "ls /proc/self/fd | tr '\\n' ' '", NULL};
	struct exec_options o = options_of(argv);
	int open_here = open("/etc/passwd", O_RDONLY); /* without O_CLOEXEC */
	struct run *r;

	(void)state;
	r = run_wait(run_begin(&o));
	assert_string_equal(r->out, "0 1 2 3 "); /* 3: ls reads the folder */
	free(r);
	o.duplex = true;
	r = run_wait(run_begin(&o));
	assert_string_equal(r->out, "0 1 2 3 4 5 ");
	free(r);
	close(open_here);
}

static void
test_who_it_is(void **state)
{
	struct run *r = run_script(
	    "id -u; id -G; ps -o sid= -p $$ >/dev/null 2>&1; "
	    "grep -E '^(NoNewPrivs|CapEff|CapPrm|CapBnd|SigBlk|SigIgn)' /proc/self/status");
	unsigned uid = 0, gid = 0;

	(void)state;
	assert_int_equal(sscanf(r->out, "%u\n%u\n", &uid, &gid), 2);
	if (!mode->root)
		assert_int_equal(uid, geteuid());
	else if (strcmp(mode->user, "nobody") == 0)
		assert_int_equal(uid, 65534);
	else
		assert_in_range(uid, 2100000000, 2100000000 + 40 * EXEC_JOBS_MAX);
	assert_int_equal(uid, gid);
	assert_non_null(strstr(r->out, "NoNewPrivs:\t1\n"));
	assert_non_null(strstr(r->out, "CapEff:\t0000000000000000\n"));
	assert_non_null(strstr(r->out, "CapPrm:\t0000000000000000\n"));
	assert_non_null(strstr(r->out, "SigBlk:\t0000000000000000\n"));
	assert_non_null(strstr(r->out, "SigIgn:\t0000000000000000\n"));
	free(r);
}

/* Its own session and group, no terminal, stdin at its end. */
static void
test_session(void **state)
{
	struct run *r =
	    run_script("cat; read -r pid name st ppid pgrp sid tty rest </proc/$$/stat; "
		       "echo $pid $pgrp $sid $tty");
	long pid, group, session, tty;

	(void)state;
	assert_int_equal(sscanf(r->out, "%ld %ld %ld %ld", &pid, &group, &session, &tty), 4);
	assert_int_equal(group, session);
	assert_int_equal(tty, 0);
	if (!bubblewrapped())
		assert_int_equal(session, pid);
	assert_int_not_equal(session, getsid(0));
	free(r);
}

static void
test_two_at_once_are_two_users(void **state)
{
	const char *const argv[] = {"sh", "-c", "id -u; sleep 0.3", NULL};
	struct exec_options o = options_of(argv);
	struct run *a = run_begin(&o), *b = run_begin(&o);

	(void)state;
	run_wait(a);
	run_wait(b);
	if (mode->root && strcmp(mode->user, "nobody") != 0)
		assert_string_not_equal(a->out, b->out);
	else
		assert_string_equal(a->out, b->out);
	free(a);
	free(b);
}

static void
test_duplex(void **state)
{
	const char *const argv[] = {
	    "sh", "-c", "while read -r line <&3; do echo \"<$line>\" >&4; done; exit 7", NULL};
	struct exec_options o = options_of(argv);
	struct run *r;

	(void)state;
	o.duplex = true;
	r = run_begin(&o);
	assert_int_equal(exec_send(r->exec, "one\n", 4), ERR_OK);
	while (r->data_len < 6)
		uv_run(&rig.loop, UV_RUN_ONCE);
	assert_int_equal(exec_send(r->exec, "two\nthree\n", 10), ERR_OK);
	while (r->data_len < 20)
		uv_run(&rig.loop, UV_RUN_ONCE);
	assert_string_equal(r->data, "<one>\n<two>\n<three>\n");
	exec_cancel(r->exec);
	free(r);
}

/* What was written to 4 just before the end still comes, before done. */
static void
test_duplex_last_words(void **state)
{
	const char *const argv[] = {"sh", "-c", "printf result >&4", NULL};
	struct exec_options o = options_of(argv);
	struct run *r;

	(void)state;
	o.duplex = true;
	r = run_wait(run_begin(&o));
	assert_string_equal(r->data, "result");
	free(r);
}

static void
test_no_duplex_no_sending(void **state)
{
	const char *const argv[] = {"sh", "-c", "sleep 0.2", NULL};
	struct exec_options o = options_of(argv);
	struct run *r = run_begin(&o);

	(void)state;
	assert_int_equal(exec_send(r->exec, "x", 1), ERR_CLOSED);
	free(run_wait(r));
}

/* A program that never reads what it is sent: the queue has an end, the loop does not wait. */
static void
test_never_reads(void **state)
{
	const char *const argv[] = {"sleep", "60", NULL};
	struct exec_options o = options_of(argv);
	char *block = mem_alloc(16 * 1024);
	struct run *r;
	size_t sent = 0;
	enum err e;

	(void)state;
	o.duplex = true;
	r = run_begin(&o);
	while ((e = exec_send(r->exec, block, 16 * 1024)) == ERR_OK && sent < 8 << 20)
		sent += 16 * 1024;
	assert_int_equal(e, ERR_BUSY);
	assert_in_range(sent, EXEC_SEND_MAX_BYTES - 16 * 1024, EXEC_SEND_MAX_BYTES + (1 << 20));
	turn_for(50);
	exec_cancel(r->exec);
	free(r);
	free(block);
}

/* A program that closes descriptor 3. */
static void
test_reader_gone(void **state)
{
	const char *const argv[] = {"sh", "-c", "exec 3<&-; echo closed >&4; sleep 60", NULL};
	struct exec_options o = options_of(argv);
	struct run *r;
	enum err e = ERR_OK;

	(void)state;
	o.duplex = true;
	r = run_begin(&o);
	while (r->data_len < 7)
		uv_run(&rig.loop, UV_RUN_ONCE);
	/* bubblewrap's own processes have it open a little longer */
	for (int i = 0; i < PATIENCE_MS / 5 && e == ERR_OK; i++) {
		e = exec_send(r->exec, "x\n", 2);
		turn_for(5);
	}
	assert_int_equal(e, ERR_CLOSED);
	exec_cancel(r->exec);
	free(r);
}

static void
expect_refused(const struct exec_options *o, const char *said)
{
	assert_null(exec_start(rig.host, o, &rig.why));
	if (strstr(rig.why.text, said) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", rig.why.text, said);
	assert_int_equal(exec_running(rig.host), 0);
}

static void
test_options_have_limits(void **state)
{
	const char *many[EXEC_ARGS_MAX + 2] = {"true"}, *argv[] = {"true", NULL, NULL};
	char *long_text = mem_alloc(EXEC_STRINGS_MAX_BYTES + 2);
	struct exec_options o = options_of(argv), bad;

	(void)state;
	for (int i = 1; i <= EXEC_ARGS_MAX; i++)
		many[i] = "x";
	bad = o, bad.argv = many;
	expect_refused(&bad, "more than 256 arguments");
	memset(long_text, 'x', EXEC_STRINGS_MAX_BYTES);
	argv[1] = long_text;
	expect_refused(&o, "longer than");
	argv[1] = NULL;
	bad = o, bad.env = (const char *[]){"NOVALUE", NULL};
	expect_refused(&bad, "NAME=VALUE");
	bad = o, bad.dir = "relative";
	expect_refused(&bad, "not absolute");
	bad = o, bad.timeout_ms = 0;
	expect_refused(&bad, "1 to 600000");
	bad = o, bad.limits.memory_bytes = 1;
	expect_refused(&bad, "a limit on memory");
	bad = o, bad.limits.processes = EXEC_PROCESSES_MAX + 1;
	expect_refused(&bad, "a limit on processes");
	bad = o, bad.limits.cpu_s = -1;
	expect_refused(&bad, "CPU");
	free(long_text);
}

static void
test_many_at_once(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo $1; exit $1", "sh", NULL, NULL};
	const char *own[6];
	struct run *runs[64];
	char number[16];

	(void)state;
	memcpy(own, argv, sizeof own);
	own[4] = number;
	for (int i = 0; i < 64; i++) {
		struct exec_options o = options_of(own);

		snprintf(number, sizeof number, "%d", i + 1);
		runs[i] = run_begin(&o);
	}
	for (int i = 0; i < 64; i++) {
		run_wait(runs[i]);
		assert_int_equal(runs[i]->result.exit_code, i + 1);
		assert_int_equal(atoi(runs[i]->out), i + 1);
		free(runs[i]);
	}
	assert_int_equal(exec_running(rig.host), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_exit_codes_and_output),
	    TEST(test_a_signal_is_told),
	    TEST(test_what_cannot_be_run_is_named),
	    TEST(test_path_passes_over_what_its_user_cannot_run),
	    TEST(test_paths_and_arguments),
	    TEST(test_environment),
	    TEST(test_no_other_descriptors),
	    TEST(test_who_it_is),
	    TEST(test_session),
	    TEST(test_two_at_once_are_two_users),
	    TEST(test_duplex),
	    TEST(test_duplex_last_words),
	    TEST(test_no_duplex_no_sending),
	    TEST(test_never_reads),
	    TEST(test_reader_gone),
	    TEST(test_options_have_limits),
	    TEST(test_many_at_once),
	};

	RUN_MODES(tests);
}
