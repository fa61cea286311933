/*
 * spawn_warm: a Python checker that imports what checkers import, run through exec_start from a warm interpreter;
 * the reference is the same file started cold in the same sandbox (limits alone, so that bubblewrap's cost hides
 * nothing). Medians of alternating repetitions, checks a second.
 */
#include "base/time.h"
#include "checker/exec_internal.h"
#include "checker/launcher.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOGETHER 4
#define COLD_RUNS 24
#define WARM_RUNS 240
#define REPETITIONS 5
#define READY_TRIES 200
#define DEADLINE_MS 120000
#define EXIT_UP 101

/* What a checker of the field begins with; what it does after that is its own matter. */
static const char script[] =
    "#!/usr/bin/env python3\n"
    "import base64, hashlib, json, random, re, string, sys\n"
    "import requests\n"
    "name = ''.join(random.choices(string.ascii_letters, k=12))\n"
    "session = requests.Session()\n"
    "session.headers['User-Agent'] = hashlib.sha256(name.encode()).hexdigest()\n"
    "print('UP', json.dumps({'user': name}))\n"
    "sys.exit(101)\n";

struct bench {
	uv_loop_t loop;
	struct exec_host *host;
	char dir[64], path[96];
	int64_t deadline_ms;
	unsigned started, ended, warm, to_run;
	bool want_warm;
};

__attribute__((noreturn)) static void
die(const char *what)
{
	fprintf(stderr, "bench_warm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void start_one(struct bench *b);

static void
on_done(void *ctx, const struct exec_result *r)
{
	struct bench *b = ctx;

	if (!r->started || r->exit_code != EXIT_UP || strncmp(r->out, "UP {\"user\": ", 12) != 0) {
		fprintf(
		    stderr, "bench_warm: %s, exit %d: %.300s\n", r->why.text, r->exit_code, r->err);
		exit(1);
	}
	b->ended++;
	if (b->started < b->to_run)
		start_one(b);
}

static void
start_one(struct bench *b)
{
	const char *argv[] = {b->path, "check", "127.0.0.1", NULL};
	struct exec_options o = {.argv = argv,
	    .dir = b->dir,
	    .cwd = EXEC_CWD_DIR,
	    .timeout_ms = 60000,
	    .warm = b->want_warm,
	    .out_max = 4096,
	    .err_max = 4096,
	    .done = on_done,
	    .ctx = b};
	struct exec *x;
	struct why why;

	if ((x = exec_start(b->host, &o, &why)) == NULL) {
		fprintf(stderr, "bench_warm: %s\n", why.text);
		exit(1);
	}
	b->started++;
	b->warm += x->zygote != NULL;
}

/* Runs so many, TOGETHER at a time; checks a second. */
static double
rate(struct bench *b, bool warm, unsigned runs)
{
	int64_t start = time_mono_ns();

	b->started = b->ended = b->warm = 0;
	b->to_run = runs;
	b->want_warm = warm;
	while (b->started < runs && b->started < TOGETHER)
		start_one(b);
	while (b->ended < runs) {
		uv_run(&b->loop, UV_RUN_ONCE);
		if (time_mono_ms() > b->deadline_ms)
			die("not finished in time");
	}
	return runs * 1e9 / (double)(time_mono_ns() - start);
}

static void
write_script(struct bench *b)
{
	FILE *f;

	snprintf(b->dir, sizeof b->dir, "/tmp/drill-bench-warm-XXXXXX");
	if (mkdtemp(b->dir) == NULL || chmod(b->dir, 0755) != 0)
		die(b->dir);
	snprintf(b->path, sizeof b->path, "%s/checker.py", b->dir);
	if ((f = fopen(b->path, "we")) == NULL)
		die(b->path);
	fputs(script, f);
	fclose(f);
	chmod(b->path, 0755);
}

static void
on_launcher_died(void *ctx)
{
	(void)ctx;
	die("the launcher has ended");
}

static void
open_host(struct bench *b)
{
	struct launcher_options o = {.user = "65533", .sandbox = SANDBOX_RLIMITS};
	struct why why;
	int fd = launcher_start(&o, &why);

	uv_loop_init(&b->loop);
	if (fd < 0 || (b->host = exec_host_open(&b->loop, fd, on_launcher_died, b, &why)) == NULL) {
		fprintf(stderr, "bench_warm: %s\n", why.text);
		exit(1);
	}
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return v[n / 2];
}

int
main(void)
{
	struct bench b = {.deadline_ms = time_mono_ms() + DEADLINE_MS};
	double cold[REPETITIONS], warm[REPETITIONS], value, reference;
	char command[128];

	setenv("PATH", "/usr/bin:/bin", 1); /* Debian's interpreter, which every user may run */
	signal(SIGPIPE, SIG_IGN);
	write_script(&b);
	open_host(&b);
	for (int i = 0; b.warm == 0; i++) {
		if (i == READY_TRIES)
			die("the interpreter never became ready");
		rate(&b, true, 1);
	}
	rate(&b, false, TOGETHER);
	for (int i = 0; i < REPETITIONS; i++) {
		cold[i] = rate(&b, false, COLD_RUNS);
		warm[i] = rate(&b, true, WARM_RUNS);
		if (b.warm != WARM_RUNS)
			die("some were started cold");
	}
	exec_host_close(b.host);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	value = median(warm, REPETITIONS);
	reference = median(cold, REPETITIONS);
	printf("{\"bench\":\"spawn_warm\",\"value\":%.0f,\"unit\":\"checks/s\",\"reference\":%.1f,"
	       "\"ratio\":%.2f,\"together\":%d,\"cold_ms_each\":%.1f,\"warm_ms_each\":%.2f}\n",
	    value, reference, value / reference, TOGETHER, 1000 / reference, 1000 / value);
	snprintf(command, sizeof command, "rm -rf %s", b.dir);
	return system(command) == 0 ? 0 : 1;
}
