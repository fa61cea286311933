/*
 * spawn_exec: starting /bin/true through exec_start under the full sandbox of limits and following it to its end, against a
 * bare loop of posix_spawn and waitpid of the same program with the same environment, descriptors as they are. spawn_bwrap:
 * the same under bubblewrap. Both keep IN_FLIGHT programs going at a time; medians of alternating repetitions.
 */
#include "bare.h"
#include "base/time.h"
#include "checker/exec.h"
#include "checker/launcher.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_FLIGHT 8
#define REPETITIONS 7
#define PROGRAM "/bin/true"

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	fprintf(stderr, "bench_exec: %s: %s\n", what, why);
	exit(1);
}

/* ---- the bare loop ---- */

static void
bare_start(void)
{
	char program[] = PROGRAM, path[] = "PATH=/usr/bin:/bin", lang[] = "LANG=C.UTF-8";
	char *argv[] = {program, NULL}, *env[] = {path, lang, NULL};
	pid_t pid;

	if ((errno = posix_spawn(&pid, PROGRAM, NULL, NULL, argv, env)) != 0)
		die("posix_spawn", strerror(errno));
}

static double
bare(unsigned count)
{
	int64_t from = time_mono_ns();
	unsigned started = 0;
	int status;

	while (started < IN_FLIGHT && started < count)
		bare_start(), started++;
	for (unsigned ended = 0; ended < count; ended++) {
		if (wait(&status) < 0 || status != 0)
			die(PROGRAM, "it failed");
		if (started < count)
			bare_start(), started++;
	}
	return count * 1e9 / (double)(time_mono_ns() - from);
}

/* ---- ours ---- */

struct ours {
	uv_loop_t loop;
	struct exec_host *host;
	unsigned started, ended, count;
};

static void start_next(struct ours *s);

static void
on_done(void *ctx, const struct exec_result *r)
{
	struct ours *s = ctx;

	if (!r->started || r->exit_code != 0)
		die(PROGRAM, r->started ? "it failed" : r->why.text);
	s->ended++;
	start_next(s);
}

static void
start_next(struct ours *s)
{
	static const char *const argv[] = {PROGRAM, NULL};
	const struct exec_options o = {.argv = argv,
	    .dir = "/",
	    .timeout_ms = 20000,
	    .out_max = 1024,
	    .err_max = 1024,
	    .done = on_done,
	    .ctx = s};
	struct why why;

	if (s->started == s->count)
		return;
	s->started++;
	if (exec_start(s->host, &o, &why) == NULL)
		die("exec_start", why.text);
}

static double
ours(struct ours *s, unsigned count)
{
	int64_t from = time_mono_ns();

	s->started = s->ended = 0;
	s->count = count;
	for (unsigned i = 0; i < IN_FLIGHT; i++)
		start_next(s);
	while (s->ended < count)
		uv_run(&s->loop, UV_RUN_ONCE);
	return count * 1e9 / (double)(time_mono_ns() - from);
}

static void
on_died(void *ctx)
{
	(void)ctx;
	die("launcher", "it ended");
}

static void
open_ours(struct ours *s, enum launcher_sandbox sandbox)
{
	const struct launcher_options o = {.user = EXEC_USER_DEFAULT, .sandbox = sandbox};
	struct why why;
	int fd = launcher_start(&o, &why);

	if (fd < 0)
		die("launcher_start", why.text);
	uv_loop_init(&s->loop);
	if ((s->host = exec_host_open(&s->loop, fd, on_died, s, &why)) == NULL)
		die("exec_host_open", why.text);
}

static void
close_ours(struct ours *s)
{
	exec_host_close(s->host);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
	wait(NULL); /* the launcher */
}

static void
measure(const char *name, enum launcher_sandbox sandbox, unsigned count)
{
	double value[REPETITIONS], reference[REPETITIONS], v, r;
	struct ours s;

	for (int i = 0; i < REPETITIONS; i++) {
		reference[i] = bare(count); /* first: the launcher would be a child to wait for */
		open_ours(&s, sandbox);
		(void)ours(&s, 2 * IN_FLIGHT);
		value[i] = ours(&s, count);
		close_ours(&s);
	}
	v = median(value, REPETITIONS);
	r = median(reference, REPETITIONS);
	printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"programs/"
	       "s\",\"reference\":%.0f,\"ratio\":%.2f,"
	       "\"in_flight\":%d,\"ms_each\":%.2f}\n",
	    name, v, r, v / r, IN_FLIGHT, 1e3 / v);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	for (int i = argc > 1 ? 1 : 0; i < argc; i++) {
		if (i == 0 || strcmp(argv[i], "spawn_exec") == 0)
			measure("spawn_exec", SANDBOX_RLIMITS, 2000);
		if (i == 0 || strcmp(argv[i], "spawn_bwrap") == 0)
			measure("spawn_bwrap", SANDBOX_BUBBLEWRAP, 500);
	}
	return 0;
}
