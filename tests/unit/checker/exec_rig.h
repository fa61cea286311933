/*
 * A launcher and a host on a loop, and programs run to their end on it, for the tests of external programs. Each
 * test runs in every mode that this machine and user allow: root with a uid for each program, root with one user for all, not root;
 * limits alone and bubblewrap.
 */
#ifndef TESTS_EXEC_RIG_H
#define TESTS_EXEC_RIG_H

#include "base/mem.h"
#include "base/time.h"
#include "checker/exec.h"
#include "checker/launcher.h"
#include "checker/processes.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WATCHDOG_MS 90000
#define PATIENCE_MS 60000 /* for what must come, on a busy machine */
#define OTHER_UID 65533

struct mode {
	const char *name;
	const char *user;
	enum launcher_sandbox sandbox;
	bool root;
};

static const struct mode modes[] = {
    {"root, a uid each, rlimits", "2100000000", SANDBOX_RLIMITS, true},
    {"root, a uid each, bubblewrap", "2100000000", SANDBOX_BUBBLEWRAP, true},
    {"root, one user, rlimits", "nobody", SANDBOX_RLIMITS, true},
    {"not root, rlimits", "2100000000", SANDBOX_RLIMITS, false},
    {"not root, bubblewrap", "2100000000", SANDBOX_BUBBLEWRAP, false},
};
static const struct mode *mode;

struct rig {
	uv_loop_t loop;
	uv_timer_t watchdog;
	struct exec_host *host;
	pid_t self, launcher;
	bool died;
	struct why why;
	char dir[64]; /* a challenge's folder, open to all */
};
static struct rig rig;

/* One program and how it ended. */
struct run {
	struct exec *exec;
	bool done;
	struct exec_result result;
	char out[EXEC_OUTPUT_MAX_BYTES + 1], err[EXEC_OUTPUT_MAX_BYTES + 1];
	char data[4096]; /* from descriptor 4 */
	size_t data_len;
};

static inline void
on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("nothing came within %d ms", WATCHDOG_MS);
}

static inline void
on_launcher_died(void *ctx)
{
	((struct rig *)ctx)->died = true;
}

static inline bool
bubblewrapped(void)
{
	return mode->sandbox == SANDBOX_BUBBLEWRAP;
}

static inline void
rig_open(const char *user, enum launcher_sandbox sandbox)
{
	struct launcher_options o = {.user = user, .sandbox = sandbox};
	pid_t children[64];
	size_t n;
	int fd = launcher_start(&o, &rig.why);

	assert_true(fd >= 0);
	n = processes_children(getpid(), children, 64);
	assert_true(n > 0);
	rig.launcher = children[n - 1];
	rig.died = false;
	assert_int_equal(uv_loop_init(&rig.loop), 0);
	uv_timer_init(&rig.loop, &rig.watchdog);
	rig.host = exec_host_open(&rig.loop, fd, on_launcher_died, &rig, &rig.why);
	assert_non_null(rig.host);
}

/* Everything is closed, the launcher ends by itself, nothing of it is left. */
static inline void
rig_close(void)
{
	int status;

	exec_host_close(rig.host);
	uv_close((uv_handle_t *)&rig.watchdog, NULL);
	uv_run(&rig.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&rig.loop), 0);
	assert_int_equal(waitpid(rig.launcher, &status, 0), rig.launcher);
	if (!rig.died)
		assert_int_equal(status, 0);
}

static inline int
setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	rig.self = getpid();
	snprintf(rig.dir, sizeof rig.dir, "/tmp/exec test.XXXXXX");
	assert_non_null(mkdtemp(rig.dir));
	chmod(rig.dir, 0755);
	rig_open(mode->user, mode->sandbox);
	return 0;
}

static inline int
teardown(void **state)
{
	char command[128];

	(void)state;
	rig_close();
	snprintf(command, sizeof command, "rm -rf '%s'", rig.dir);
	return system(command);
}

/* A file of the challenge's folder. */
static inline const char *
rig_file(const char *name, const char *text, mode_t bits)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", rig.dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, bits);
	return path;
}

static inline void
on_run_data(void *ctx, const char *data, size_t len)
{
	struct run *r = ctx;
	size_t room = sizeof r->data - 1 - r->data_len;

	memcpy(r->data + r->data_len, data, len < room ? len : room);
	r->data_len += len < room ? len : room;
}

static inline void
on_run_done(void *ctx, const struct exec_result *x)
{
	struct run *r = ctx;

	assert_false(r->done);
	r->done = true;
	r->result = *x;
	memcpy(r->out, x->out, x->out_len);
	memcpy(r->err, x->err, x->err_len);
	r->out[x->out_len] = r->err[x->err_len] = '\0';
}

static inline struct exec_options
options_of(const char *const *argv)
{
	return (struct exec_options){.argv = argv,
	    .dir = rig.dir,
	    .timeout_ms = 30000,
	    .out_max = EXEC_OUTPUT_MAX_BYTES,
	    .err_max = EXEC_OUTPUT_MAX_BYTES,
	    .on_data = on_run_data,
	    .done = on_run_done};
}

static inline struct run *
run_begin(const struct exec_options *given)
{
	struct exec_options o = *given;
	struct run *r = mem_alloc(sizeof *r);

	o.ctx = r;
	r->exec = exec_start(rig.host, &o, &rig.why);
	if (r->exec == NULL)
		fail_msg("%s", rig.why.text);
	return r;
}

static inline struct run *
run_wait(struct run *r)
{
	uv_timer_start(&rig.watchdog, on_watchdog, WATCHDOG_MS, 0);
	while (!r->done)
		uv_run(&rig.loop, UV_RUN_ONCE);
	uv_timer_stop(&rig.watchdog);
	return r;
}

/*
 * The text with the test's own pid, of seven digits, for each @: what is looked for in /proc is then no other run's. It
 * lives until eight more have been made.
 */
static inline const char *
with_pid(const char *text)
{
	static char texts[8][1024];
	static unsigned next;
	char *out = texts[next++ % 8], *end = out + sizeof texts[0] - 1, *to = out;

	for (; *text != '\0' && to + 8 < end; text++) {
		if (*text == '@')
			to += snprintf(to, 8, "%07d", (int)rig.self);
		else
			*to++ = *text;
	}
	assert_int_equal(*text, '\0');
	*to = '\0';
	return out;
}

/* sh -c script, each @ in it our pid, to its end. The caller frees it. */
static inline struct run *
run_script(const char *script)
{
	const char *const argv[] = {"sh", "-c", with_pid(script), NULL};
	struct exec_options o = options_of(argv);

	return run_wait(run_begin(&o));
}

static inline void
turn_for(int64_t ms)
{
	int64_t until = time_mono_ms() + ms;

	while (time_mono_ms() < until) {
		uv_run(&rig.loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
}

/* How many processes have this, each @ in it our pid, in their command line. */
struct seekers {
	const char *mark;
	unsigned count;
};

static inline void
seek(void *ctx, const struct process *p)
{
	struct seekers *s = ctx;
	char path[64], text[4096];
	ssize_t n;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)p->pid);
	if (p->pid == getpid() || (f = fopen(path, "r")) == NULL)
		return;
	n = (ssize_t)fread(text, 1, sizeof text - 1, f);
	fclose(f);
	for (ssize_t i = 0; i < n - 1; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[n > 0 ? n : 0] = '\0';
	if (strstr(text, s->mark) != NULL)
		s->count++;
}

static inline unsigned
processes_with(const char *mark)
{
	struct seekers s = {.mark = with_pid(mark)};

	processes_each(seek, &s);
	return s.count;
}

/* Waits until none is left: killing is not over at once. */
static inline void
expect_gone(const char *mark)
{
	int64_t until = time_mono_ms() + PATIENCE_MS;

	while (processes_with(mark) > 0 && time_mono_ms() < until)
		turn_for(10);
	assert_int_equal(processes_with(mark), 0);
}

/* Is bubblewrap to be had, as whom we are now? */
static inline bool
bubblewrap_works(void)
{
	bool works;

	rig_open("2100000000", SANDBOX_AUTO);
	works = strcmp(exec_sandbox(rig.host), "bubblewrap") == 0;
	rig_close();
	return works;
}

#define RUN_MODES(tests)                                                                           \
	do {                                                                                       \
		int failed = 0;                                                                    \
		for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {                      \
			mode = &modes[i];                                                          \
			if (mode->root && geteuid() != 0)                                          \
				continue;                                                          \
			if (!mode->root && geteuid() == 0 &&                                       \
			    (setgid(OTHER_UID) != 0 || setuid(OTHER_UID) != 0))                    \
				return 1;                                                          \
			if (bubblewrapped() && !bubblewrap_works()) {                              \
				fprintf(                                                           \
				    stderr, "no bubblewrap here: %s is left out\n", mode->name);   \
				continue;                                                          \
			}                                                                          \
			failed += cmocka_run_group_tests_name(mode->name, tests, NULL, NULL);      \
		}                                                                                  \
		return failed;                                                                     \
	} while (0)

#endif
