/* Python checkers forked from a warm interpreter: they end, speak and are bounded as cold ones, and keep nothing. */
#include "checker/exec_internal.h"
#include "checker/warm.h"
#include "exec_rig.h"

#define WARM_WAIT_MS PATIENCE_MS /* until an interpreter is ready */

/* Runs the script; warm if *was_warm says so afterwards. */
static struct run *
run_python(const char *script, const char *const *args, bool *was_warm)
{
	const char *argv[16] = {"python3", script};
	struct exec_options o;
	struct run *r;

	for (size_t i = 0; args != NULL && args[i] != NULL; i++)
		argv[i + 2] = args[i];
	o = options_of(argv);
	o.warm = true;
	r = run_begin(&o);
	*was_warm = r->exec->zygote != NULL;
	return run_wait(r);
}

static char script_path[128];

static const char *
write_script(const char *name, const char *text)
{
	rig_file(name, text, 0644);
	snprintf(script_path, sizeof script_path, "%s/%s", rig.dir, name);
	return script_path;
}

/* Runs it until it is run warm. */
static struct run *
run_warm(const char *script, const char *const *args)
{
	for (int64_t until = time_mono_ms() + WARM_WAIT_MS; time_mono_ms() < until;) {
		bool warm;
		struct run *r = run_python(script, args, &warm);

		if (warm)
			return r;
		free(r);
	}
	fail_msg("%s never became warm", script);
	return NULL;
}

static void
test_ends_and_speaks_as_cold(void **state)
{
	static const char text[] =
	    "import sys, json, os\n"
	    "print(json.dumps(sys.argv[1:]), __name__, os.path.basename(__file__))\n"
	    "print('told', file=sys.stderr)\n"
	    "if sys.argv[1] == 'text': sys.exit('words')\n"
	    "if sys.argv[1] == 'raise': raise ValueError('gone wrong')\n"
	    "if sys.argv[1] == 'none': sys.exit()\n"
	    "sys.exit(int(sys.argv[1]))\n";
	const char *script = write_script("speaks.py", text);
	struct run *r = run_warm(script, (const char *[]){"101", "a b", NULL});

	(void)state;
	assert_true(r->result.started);
	assert_int_equal(r->result.exit_code, 101);
	assert_string_equal(r->out, "[\"101\", \"a b\"] __main__ speaks.py\n");
	assert_string_equal(r->err, "told\n");
	free(r);
	r = run_warm(script, (const char *[]){"text", NULL});
	assert_int_equal(r->result.exit_code, 1);
	assert_string_equal(r->err, "told\nwords\n");
	free(r);
	r = run_warm(script, (const char *[]){"none", NULL});
	assert_int_equal(r->result.exit_code, 0);
	free(r);
	r = run_warm(script, (const char *[]){"raise", NULL});
	assert_int_equal(r->result.exit_code, 1);
	assert_non_null(strstr(r->err, "ValueError: gone wrong"));
	assert_null(strstr(r->err, "exec(code"));
	free(r);
}

/* Each says what it finds, then leaves all it can behind. */
static void
test_nothing_is_left_for_the_next(void **state)
{
	static const char text[] =
	    "import os, sys, random, tempfile, builtins, json\n"
	    "import helper\n"
	    "found = [hasattr(builtins, 'left'), 'LEFT' in os.environ, hasattr(json, 'left'), "
	    "helper.count,\n"
	    "         os.listdir(os.environ['HOME']), os.path.exists('/tmp/left-' + "
	    "os.path.basename(sys.path[0])),\n"
	    "         len(os.listdir('/proc/self/fd'))]\n"
	    "print(found, flush=True)\n"
	    "print(random.random(), file=sys.stderr)\n"
	    "builtins.left = json.left = True\n"
	    "os.environ['LEFT'] = '1'\n"
	    "helper.count += 1\n"
	    "open(os.path.join(os.environ['HOME'], 'left'), 'w').write('x')\n"
	    "os.mkdir(os.path.join(tempfile.gettempdir(), 'dir'), 0)\n"
	    "if len(sys.argv) > 1: open('/tmp/left-' + os.path.basename(sys.path[0]), "
	    "'w').write('x')\n"
	    "sys.modules.clear()\n";
	const char *args[] = {bubblewrapped() ? "tmp" : NULL, NULL};
	const char *script;
	char *first, *random_number;
	struct run *r;

	(void)state;
	rig_file("helper.py", "count = 0\n", 0644);
	script = write_script("leaves.py", text);
	r = run_warm(script, args);
	assert_memory_equal(r->out, "[False, False, False, 0, [], False,", 35);
	first = mem_strdup(r->out);
	random_number = mem_strdup(r->err);
	free(r);
	for (int i = 0; i < 5; i++) {
		r = run_warm(script, args);
		assert_string_equal(r->out, first);
		assert_string_not_equal(r->err, random_number);
		free(r);
	}
	free(first);
	free(random_number);
}

/* Those that are asked for together come in one piece: none finds the others' arguments, where flags are. */
static void
test_the_others_arguments_are_not_there(void **state)
{
	static const char text[] = "import sys\n"
				   "frame, found = sys._getframe(), []\n"
				   "while frame:\n"
				   "    zygote = frame.f_locals.get('zygote')\n"
				   "    if zygote is not None:\n"
				   "        found += [bytes(zygote.received).count(b'SECRET'), "
				   "len(zygote.checks)]\n"
				   "    frame = frame.f_back\n"
				   "print(found)\n";
	const char *script = write_script("looks.py", text);
	const char *argv[] = {"python3", script, "SECRET", NULL};
	struct run *runs[8];
	struct exec_options o;

	(void)state;
	free(run_warm(script, NULL));
	o = options_of(argv);
	o.warm = true;
	for (size_t i = 0; i < 8; i++) {
		runs[i] = run_begin(&o);
		assert_non_null(runs[i]->exec->zygote);
	}
	for (size_t i = 0; i < 8; i++) {
		run_wait(runs[i]);
		assert_memory_equal(runs[i]->out, "[0, 0", 5);
		assert_null(strpbrk(runs[i]->out, "123456789"));
		free(runs[i]);
	}
}

/* Under limits alone a check can write beside its own scratch directory; not what another's will be called. */
static void
test_a_scratch_directory_cannot_be_taken_first(void **state)
{
	static const char text[] = "import os, sys\n"
				   "own = os.environ['HOME']\n"
				   "base, name = os.path.split(own)\n"
				   "number = int(name.split('-')[0])\n"
				   "if len(sys.argv) > 1:\n"
				   "    for n in range(number + 1, number + 3000):\n"
				   "        os.mkdir(os.path.join(base, str(n)))\n";
	const char *script = write_script("takes.py", text);
	struct run *r;

	(void)state;
	r = run_warm(script, (const char *[]){bubblewrapped() ? NULL : "take", NULL});
	assert_int_equal(r->result.exit_code, 0);
	free(r);
	r = run_warm(script, NULL);
	assert_true(r->result.started);
	assert_int_equal(r->result.exit_code, 0);
	free(r);
}

/* The file is read anew whenever it has changed, its folder's modules always. */
static void
test_a_changed_script_is_run_as_it_is_now(void **state)
{
	const char *script = write_script("changes.py", "import part\nprint('old', part.text)\n");
	struct run *r;

	(void)state;
	rig_file("part.py", "text = 'old'\n", 0644);
	r = run_warm(script, NULL);
	assert_string_equal(r->out, "old old\n");
	free(r);
	rig_file("part.py", "text = 'newer'\n", 0644);
	write_script("changes.py", "import part\nprint('newer', part.text)\n");
	r = run_warm(script_path, NULL);
	assert_string_equal(r->out, "newer newer\n");
	free(r);
}

static void
expect_cold(const char *name, const char *text)
{
	const char *script = write_script(name, text);

	/* Long enough for an interpreter to come up: each cold start takes as long as that. */
	for (int i = 0; i < 8; i++) {
		bool warm;
		struct run *r = run_python(script, NULL, &warm);

		assert_false(warm);
		assert_true(r->result.started);
		free(r);
	}
}

static void
test_what_cannot_be_forked_is_started_cold(void **state)
{
	(void)state;
	rig_file("site_threads.py", "", 0644);
	expect_cold("syntax.py", "def\n");
	expect_cold("missing.py", "import no_such_module\n");
	expect_cold("antigravity_like.py", "import this\n"); /* prints when it is imported */
}

static void
test_deadline(void **state)
{
	const char *script = write_script("sleeps.py",
	    "import time, sys, signal\n"
	    "if len(sys.argv) > 1: signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
	    "print('ready', flush=True)\n"
	    "if len(sys.argv) < 3: time.sleep(600)\n");
	static const char *const variants[] = {NULL, "stubborn"};

	(void)state;
	free(run_warm(script, (const char *[]){"a", "b", NULL}));
	for (size_t i = 0; i < 2; i++) {
		const char *argv[] = {"python3", script, variants[i], NULL};
		struct exec_options o = options_of(argv);
		struct run *r = NULL;

		o.warm = true;
		/* Until its time is enough for it to be ready, which is to say that it ignores SIGTERM. */
		for (o.timeout_ms = 1000; r == NULL || strcmp(r->out, "ready\n") != 0;
		     o.timeout_ms *= 2) {
			assert_true(o.timeout_ms < PATIENCE_MS);
			free(r);
			r = run_begin(&o);
			assert_non_null(r->exec->zygote);
			run_wait(r);
		}
		assert_true(r->result.timed_out);
		assert_int_equal(r->result.signal, i == 0 ? SIGTERM : SIGKILL);
		free(r);
	}
}

static void
test_limits_and_isolation(void **state)
{
	const char *script =
	    write_script("asks.py", "import os, resource, sys\n"
				    "print(resource.getrlimit(resource.RLIMIT_CPU), "
				    "resource.getrlimit(resource.RLIMIT_NOFILE), os.getsid(0) == "
				    "os.getpid(),\n"
				    "      [l for l in open('/proc/self/status') if "
				    "l.startswith(('NoNewPrivs', 'CapEff'))], "
				    "sorted(os.listdir('/proc/self/fd'))[:5])\n"
				    "if len(sys.argv) > 1: sys.stdout.write('x' * 10000000)\n");
	struct run *r = run_warm(script, NULL);

	(void)state;
	assert_non_null(strstr(r->out, "(30, 31) (256, 256) True"));
	assert_non_null(strstr(r->out, "NoNewPrivs:\\t1"));
	assert_non_null(strstr(r->out, "CapEff:\\t0000000000000000"));
	assert_non_null(strstr(r->out, "['0', '1', '2', '3']"));
	free(r);
	r = run_warm(script, (const char *[]){"much", NULL});
	assert_int_equal(r->result.exit_code, 0);
	assert_int_equal(r->result.out_len, EXEC_OUTPUT_MAX_BYTES);
	free(r);
}

static void
test_what_flees_is_cut_off(void **state)
{
	static const char text[] = "import os\n"
				   "if os.fork() == 0:\n"
				   "    os.setsid()\n"
				   "    if os.fork() == 0:\n"
				   "        os.execvp('sleep', ['sleep', '1012.@'])\n"
				   "    os._exit(0)\n"
				   "os.wait()\n";
	struct run *r;

	(void)state;
	r = run_warm(write_script("flees.py", with_pid(text)), NULL);
	assert_int_equal(r->result.exit_code, 0);
	assert_in_range(r->result.ms, 0, 20000);
	free(r);
	expect_gone("sleep 1012.@");
}

static void
on_echo(void *ctx, const char *data, size_t len)
{
	struct run *r = ctx;

	if (r->data_len + len < sizeof r->data) {
		memcpy(r->data + r->data_len, data, len);
		r->data_len += len;
	}
	if (memchr(data, '\n', len) != NULL && r->exec != NULL)
		(void)!exec_send(r->exec, "bye\n", 4);
}

static void
test_duplex(void **state)
{
	const char *script = write_script("talks.py", "import os\n"
						      "i, o = os.fdopen(3), os.fdopen(4, 'w')\n"
						      "o.write('hello\\n'); o.flush()\n"
						      "o.write(i.readline().upper()); o.flush()\n");
	const char *argv[] = {"python3", script, NULL};
	struct run *r;

	(void)state;
	for (int64_t until = time_mono_ms() + WARM_WAIT_MS; time_mono_ms() < until;) {
		struct exec_options o = options_of(argv);
		bool warm;

		o.warm = o.duplex = true;
		o.on_data = on_echo;
		r = run_begin(&o);
		warm = r->exec->zygote != NULL;
		run_wait(r);
		assert_int_equal(r->result.exit_code, 0);
		r->data[r->data_len] = '\0';
		assert_string_equal(r->data, "hello\nBYE\n");
		free(r);
		if (warm)
			return;
	}
	fail_msg("never warm");
}

static void
on_ask(void *ctx, const char *data, size_t len)
{
	static char answer[64 * 1024];
	struct run *r = ctx;

	(void)data;
	(void)len;
	if (r->exec != NULL)
		(void)!exec_send(r->exec, answer, sizeof answer);
}

/* Who asks and does not read is ended: its answers do not pile up in the interpreter of all. */
static void
test_who_does_not_read(void **state)
{
	const char *script = write_script("deaf.py", "import os, sys, time\n"
						     "if len(sys.argv) == 1: sys.exit(0)\n"
						     "while True:\n"
						     "    os.write(4, b'?'); time.sleep(0.01)\n");
	const char *argv[] = {"python3", script, "ask", NULL};
	struct exec_options o = options_of(argv);
	struct run *r;

	(void)state;
	free(run_warm(script, NULL));
	o.warm = o.duplex = true;
	o.on_data = on_ask;
	r = run_begin(&o);
	assert_non_null(r->exec->zygote);
	run_wait(r);
	assert_int_equal(r->result.signal, SIGKILL);
	free(r);
}

static void
test_cancel_and_a_killed_interpreter(void **state)
{
	const char *script = write_script("waits.py",
	    "import sys, time, os, signal\n"
	    "if len(sys.argv) > 1 and sys.argv[1] == 'kill': "
	    "os.kill(os.getppid(), signal.SIGKILL)\n"
	    "me = os.getppid()\n"
	    "print(open(f'/proc/{me}/task/{me}/children').read().count(' '))\n"
	    "time.sleep(60 if len(sys.argv) > 1 else 0)\n");
	const char *argv[] = {"python3", script, "long", NULL};
	struct exec_options o;
	int64_t until = time_mono_ms() + PATIENCE_MS;
	struct run *r;
	bool warm, alone = false;

	(void)state;
	free(run_warm(script, NULL));
	o = options_of(argv);
	o.warm = true;
	r = run_begin(&o);
	assert_non_null(r->exec->zygote);
	exec_cancel(r->exec);
	assert_false(r->done);
	free(r);
	/* Nothing of what was cancelled before it had begun goes on. */
	while (!alone && time_mono_ms() < until) {
		r = run_warm(script, NULL);
		alone = strcmp(r->out, "1\n") == 0;
		free(r);
	}
	assert_true(alone);
	/* A check that kills its interpreter is lost; the next one is started cold. */
	r = run_warm(script, (const char *[]){"kill", NULL});
	assert_false(r->result.started);
	free(r);
	r = run_python(script, NULL, &warm);
	assert_false(warm);
	assert_int_equal(r->result.exit_code, 0);
	free(r);
}

/* After a long pause: an interpreter that nobody has needed is gone, and the next check has another made. */
static void
test_an_interpreter_whose_time_is_over(void **state)
{
	const char *script = write_script("rests.py", "import sys\n");
	struct exec *interpreter = NULL;

	(void)state;
	free(run_warm(script, NULL));
	for (unsigned i = 0; i < EXEC_JOBS_MAX; i++)
		if (rig.host->slots[i] != NULL)
			interpreter = rig.host->slots[i];
	assert_non_null(interpreter);
	uv_timer_start(&interpreter->timer, interpreter->timer.timer_cb, 1, 0);
	uv_timer_start(&rig.watchdog, on_watchdog, WATCHDOG_MS, 0);
	while (exec_running(rig.host) > 0)
		uv_run(&rig.loop, UV_RUN_ONCE);
	uv_timer_stop(&rig.watchdog);
	free(run_warm(script, NULL));
}

/* What an interpreter cannot fork is started cold, at once. */
static void
test_an_interpreter_that_cannot_fork(void **state)
{
	const char *script =
	    write_script("spoils.py", "import os, sys\n"
				      "above = os.path.dirname(os.environ['HOME'])\n"
				      "if len(sys.argv) > 1:\n"
				      "    os.chmod(above, 0o500)\n"
				      "    os.write(4, b'done')\n"
				      "    os.read(3, 1)\n"
				      "    os.chmod(above, 0o700)\n"
				      "print('well')\n");
	const char *spoil[] = {"python3", script, "spoil", NULL},
		   *argv[] = {"python3", script, NULL};
	struct exec_options o = options_of(spoil);
	struct run *first, *r;

	(void)state;
	o.warm = o.duplex = true;
	o.on_data = on_echo;
	free(run_warm(script, NULL));
	first = run_begin(&o);
	assert_non_null(first->exec->zygote);
	while (first->data_len == 0 && !first->done)
		uv_run(&rig.loop, UV_RUN_ONCE);
	o.argv = argv;
	o.duplex = false;
	r = run_begin(&o);
	assert_ptr_equal(r->exec->zygote, first->exec->zygote);
	run_wait(r);
	assert_true(r->result.started);
	assert_int_equal(r->result.exit_code, 0);
	assert_string_equal(r->out, "well\n");
	free(r);
	assert_int_equal(exec_send(first->exec, ".", 1), ERR_OK);
	run_wait(first);
	assert_int_equal(first->result.exit_code, 0);
	free(first);
}

/* What it runs warm ends once: with its interpreter. */
static void
test_the_launcher_dies(void **state)
{
	const char *script = write_script(
	    "sleeps.py", "import sys, time\ntime.sleep(60 if len(sys.argv) > 1 else 0)\n");
	const char *argv[] = {"python3", script, "long", NULL};
	struct exec_options o;
	struct run *r;

	(void)state;
	free(run_warm(script, NULL));
	o = options_of(argv);
	o.warm = true;
	r = run_begin(&o);
	assert_non_null(r->exec->zygote);
	assert_int_equal(kill(rig.launcher, SIGKILL), 0);
	uv_timer_start(&rig.watchdog, on_watchdog, WATCHDOG_MS, 0);
	while (!rig.died)
		uv_run(&rig.loop, UV_RUN_ONCE);
	assert_true(r->done);
	assert_false(r->result.started);
	assert_int_equal(exec_running(rig.host), 0);
	free(r);
}

static void
test_commands(void **state)
{
	struct warm_command c;
	char path[128];

	(void)state;
	assert_true(warm_command((const char *[]){"python3", "/a/b.py", "x", NULL}, &c));
	assert_string_equal(c.interpreter, "python3");
	assert_string_equal(c.script, "/a/b.py");
	assert_string_equal(c.args[0], "x");
	assert_true(warm_command((const char *[]){"/usr/bin/python3.11", "/a/b.py", NULL}, &c));
	assert_false(warm_command((const char *[]){"python3", "-u", "/a/b.py", NULL}, &c));
	assert_false(warm_command((const char *[]){"python3", NULL}, &c));
	assert_false(warm_command((const char *[]){"python3-config", "/a/b.py", NULL}, &c));
	assert_false(warm_command((const char *[]){"/bin/sh", "/a/b.py", NULL}, &c));
	snprintf(path, sizeof path, "%s/s", rig.dir);
	rig_file("s", "#!/usr/bin/env python3\n", 0755);
	assert_true(warm_command((const char *[]){path, "y", NULL}, &c));
	assert_string_equal(c.interpreter, "python3");
	assert_string_equal(c.args[0], "y");
	rig_file("s", "#! /usr/bin/python3\nimport x\n", 0755);
	assert_true(warm_command((const char *[]){path, NULL}, &c));
	assert_string_equal(c.interpreter, "/usr/bin/python3");
	rig_file("s", "#!/usr/bin/python3 -u\n", 0755);
	assert_false(warm_command((const char *[]){path, NULL}, &c));
	rig_file("s", "#!/bin/sh\n", 0755);
	assert_false(warm_command((const char *[]){path, NULL}, &c));
	rig_file("s", "#!", 0755);
	assert_false(warm_command((const char *[]){path, NULL}, &c));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_commands),
	    TEST(test_ends_and_speaks_as_cold),
	    TEST(test_nothing_is_left_for_the_next),
	    TEST(test_the_others_arguments_are_not_there),
	    TEST(test_a_scratch_directory_cannot_be_taken_first),
	    TEST(test_a_changed_script_is_run_as_it_is_now),
	    TEST(test_what_cannot_be_forked_is_started_cold),
	    TEST(test_deadline),
	    TEST(test_limits_and_isolation),
	    TEST(test_what_flees_is_cut_off),
	    TEST(test_duplex),
	    TEST(test_who_does_not_read),
	    TEST(test_cancel_and_a_killed_interpreter),
	    TEST(test_an_interpreter_whose_time_is_over),
	    TEST(test_an_interpreter_that_cannot_fork),
	    TEST(test_the_launcher_dies),
	};

	setenv("PATH", "/usr/bin:/bin", 1); /* an interpreter that every user may run */
	RUN_MODES(tests);
}
