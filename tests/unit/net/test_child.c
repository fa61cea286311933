#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/mem.h"
#include "net/child.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct seen {
	struct loop *loop;
	struct child *child;
	struct timer *timer;
	char lines[64 * 1024];
	size_t len;
	int line_count, exits, status;
	int stop_at_line; /* 0 = never */
	int64_t grace_ms;
};

static void
on_line(void *ctx, const char *line, size_t len)
{
	struct seen *s = ctx;

	assert_int_equal(s->exits, 0);
	assert_true(s->len + len + 1 < sizeof s->lines);
	memcpy(s->lines + s->len, line, len);
	s->len += len;
	s->lines[s->len++] = '\n';
	if (++s->line_count == s->stop_at_line)
		child_stop(s->child, s->grace_ms);
}

static void
on_exit_(void *ctx, int status)
{
	struct seen *s = ctx;

	s->exits++;
	s->status = status;
}

static int
set_up(void **state)
{
	struct seen *s = mem_alloc(sizeof *s);

	assert_int_equal(loop_open(&s->loop, NULL), ERR_OK);
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct seen *s = *state;

	assert_int_equal(loop_close(s->loop), ERR_OK);
	free(s);
	return 0;
}

static void
assert_has(const struct seen *s, const char *part)
{
	if (strstr(s->lines, part) == NULL)
		fail_msg("no \"%s\" in: %s", part, s->lines);
}

/* A shell whose fd 3 is ours. */
static void
start(struct seen *s, const char *script)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct child_options o = {.argv = argv,
	    .line_max_bytes = 1000,
	    .queue_max_bytes = 4000,
	    .on_line = on_line,
	    .on_exit = on_exit_,
	    .ctx = s};
	struct why why = {""};

	if (child_spawn(s->loop, &o, &s->child, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void
run(struct seen *s, const char *script)
{
	start(s, script);
	loop_run(s->loop);
	assert_int_equal(s->exits, 1);
}

static void
lines_go_both_ways(void **state)
{
	struct seen *s = *state;

	start(s, "while read -r x <&3; do echo \"got $x\" >&3; [ \"$x\" = end ] && exit 5; done");
	assert_true(child_pid(s->child) > 0);
	assert_int_equal(child_send(s->child, "one", 3), ERR_OK);
	assert_int_equal(child_send(s->child, "two", 3), ERR_OK);
	assert_int_equal(child_send(s->child, "end", 3), ERR_OK);
	loop_run(s->loop);
	assert_string_equal(s->lines, "got one\ngot two\ngot end\n");
	assert_int_equal(s->exits, 1);
	assert_int_equal(s->status, 5);
}

static void
it_has_nothing_but_its_line_and_two_variables(void **state)
{
	struct seen *s = *state;

	setenv("DRILL_SECRET", "x", 1);
	assert_int_equal(dup2(STDERR_FILENO, 77), 77); /* somebody forgot O_CLOEXEC */
	run(s, "env | cut -d= -f1 | sort | tr '\\n' ' ' >&3; echo >&3;"
	       "cd /proc/$$/fd; set -- *; out=$(readlink /proc/$$/fd/0 /proc/$$/fd/1); echo \"fds "
	       "$*\" \"$out\" >&3;"
	       "ps -o sid= -p $$ | tr -d ' ' | grep -qx $$ && echo own session >&3");
	assert_has(s, "LANG PATH PWD");
	assert_null(strstr(s->lines, "DRILL_SECRET"));
	assert_null(strstr(s->lines, "HOME"));
	assert_has(s, "fds 0 1 2 3 4 "); /* 4: the shell reads its directory */
	assert_has(s, "/dev/null\n/dev/null\n");
	assert_has(s, "own session\n");
	assert_int_equal(s->status, 0);
}

static void
a_line_in_parts_is_one_and_an_unfinished_one_is_none(void **state)
{
	struct seen *s = *state;

	run(s, "printf 'ab' >&3; sleep 0.05; printf 'cd\\n\\nlast' >&3");
	assert_string_equal(s->lines, "abcd\n\n");
	assert_int_equal(s->line_count, 2);
}

static void
what_it_wrote_before_it_died_is_read(void **state)
{
	struct seen *s = *state;

	run(s, "i=0; while [ $i -lt 500 ]; do echo line $i >&3; i=$((i + 1)); done; kill -9 $$");
	assert_int_equal(s->line_count, 500);
	assert_int_equal(s->status, 128 + SIGKILL);
}

static void
a_line_too_long_ends_it(void **state)
{
	struct seen *s = *state;

	run(s, "echo fine >&3; head -c 1001 /dev/zero | tr '\\0' a >&3; sleep 30");
	assert_string_equal(s->lines, "fine\n");
	assert_int_equal(s->status, 128 + SIGKILL);
}

static void
a_child_that_does_not_read_fills_a_bounded_queue(void **state)
{
	struct seen *s = *state;
	static char line[1000];
	enum err e = ERR_OK;
	int sent = 0;

	memset(line, 'x', sizeof line);
	start(s, "sleep 30");
	while (sent < 100000 && (e = child_send(s->child, line, sizeof line)) == ERR_OK)
		sent++;
	assert_int_equal(e, ERR_BUSY);
	assert_true(sent < 1000);
	assert_int_equal(child_send(s->child, line, 5000), ERR_BUSY);
	child_stop(s->child, 5000);
	assert_int_equal(child_send(s->child, "x", 1), ERR_CLOSED);
	loop_run(s->loop);
	assert_int_equal(s->status, 128 + SIGTERM);
}

static void
stopping_closes_its_input_and_asks_before_it_kills(void **state)
{
	struct seen *s = *state;

	s->stop_at_line = 1;
	s->grace_ms = 10000;
	run(s, "trap 'echo bye >&3; exit 3' TERM; echo up >&3; while :; do sleep 0.02; done");
	assert_string_equal(s->lines, "up\nbye\n");
	assert_int_equal(s->status, 3);
}

static void
one_that_will_not_go_is_killed(void **state)
{
	struct seen *s = *state;

	s->stop_at_line = 1;
	s->grace_ms = 50;
	run(s, "trap '' TERM; echo up >&3; while :; do sleep 0.02; done");
	assert_int_equal(s->status, 128 + SIGKILL);
}

static void
its_own_children_go_with_it(void **state)
{
	struct seen *s = *state;
	int pid;

	run(s, "sleep 60 & echo $! >&3; exit 0");
	pid = atoi(s->lines);
	assert_true(pid > 1);
	for (int i = 0; i < 2000 && kill(pid, 0) == 0; i++) {
		char path[64], stat[128] = "";
		FILE *f;

		/* where nobody reaps orphans it stays a zombie, which is dead enough */
		snprintf(path, sizeof path, "/proc/%d/stat", pid);
		if ((f = fopen(path, "re")) != NULL) {
			if (fgets(stat, sizeof stat, f) == NULL)
				stat[0] = '\0';
			fclose(f);
		}
		if (strstr(stat, ") Z ") != NULL)
			return;
		poll(NULL, 0, 1);
	}
	assert_int_equal(kill(pid, 0), -1);
}

static void
one_that_hangs_up_is_not_kept(void **state)
{
	struct seen *s = *state;

	run(s, "exec 3>&-; sleep 60");
	assert_int_equal(s->status, 128 + SIGKILL);
}

static void
a_program_that_is_not_there_is_named(void **state)
{
	struct seen *s = *state;
	const char *argv[] = {"/nonexistent/checker", NULL};
	struct child_options o = {.argv = argv,
	    .line_max_bytes = 10,
	    .queue_max_bytes = 10,
	    .on_line = on_line,
	    .on_exit = on_exit_,
	    .ctx = s};
	struct child *c;
	struct why why;

	assert_int_equal(child_spawn(s->loop, &o, &c, &why), ERR_IO);
	assert_string_equal(
	    why.text, "cannot start /nonexistent/checker: no such file or directory");
	loop_run(s->loop);
	assert_int_equal(s->exits, 0);
}

static void
on_output(void *ctx, const char *data, size_t len)
{
	struct seen *s = ctx;

	assert_int_equal(s->exits, 0);
	assert_true(s->len + len < sizeof s->lines);
	memcpy(s->lines + s->len, data, len);
	s->len += len;
	s->lines[s->len] = '\0';
}

static enum err
start_program(struct seen *s, const char *script, const char *const *env)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct child_options o = {
	    .argv = argv, .env = env, .on_output = on_output, .on_exit = on_exit_, .ctx = s};

	return child_spawn(s->loop, &o, &s->child, NULL);
}

/* Both of its outputs are one pipe, which it may open by name; there is no line. */
static void
a_program_has_a_pipe_for_its_output(void **state)
{
	struct seen *s = *state;
	const char *env[] = {"A=1 2", "B=", NULL};

	assert_int_equal(start_program(s,
			     "echo \"$A|$B|\"; echo err >&2; echo named >/dev/stdout; cat; "
			     "[ -e /proc/$$/fd/3 ] || echo no line",
			     env),
	    ERR_OK);
	assert_int_equal(child_send(s->child, "x", 1), ERR_CLOSED);
	loop_run(s->loop);
	assert_string_equal(s->lines, "1 2||\nerr\nnamed\nno line\n");
	assert_int_equal(s->status, 0);
}

static void
too_many_variables_are_refused(void **state)
{
	struct seen *s = *state;
	const char *env[40] = {NULL};

	for (int i = 0; i < 33; i++)
		env[i] = "A=1";
	assert_int_equal(start_program(s, "exit 0", env), ERR_IO);
	env[32] = NULL;
	assert_int_equal(start_program(s, "exit 0", env), ERR_OK);
	loop_run(s->loop);
	assert_int_equal(s->exits, 1);
}

/* One that has closed its output goes on; what another session of it keeps open is not waited for. */
static void
a_program_ends_when_it_exits(void **state)
{
	struct seen *s = *state;

	assert_int_equal(start_program(s, "exec >&- 2>&-; sleep 1.3; exit 4", NULL), ERR_OK);
	loop_run(s->loop);
	assert_int_equal(s->status, 4);
	s->exits = 0;
	assert_int_equal(
	    start_program(s, "setsid sh -c 'echo $$; exec sleep 5' & sleep 0.3", NULL), ERR_OK);
	loop_run(s->loop);
	assert_int_equal(s->exits, 1);
	assert_int_equal(kill(atoi(s->lines), SIGKILL), 0); /* it still ran */
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(lines_go_both_ways),
	    T(it_has_nothing_but_its_line_and_two_variables),
	    T(a_line_in_parts_is_one_and_an_unfinished_one_is_none),
	    T(what_it_wrote_before_it_died_is_read),
	    T(a_line_too_long_ends_it),
	    T(a_child_that_does_not_read_fills_a_bounded_queue),
	    T(stopping_closes_its_input_and_asks_before_it_kills),
	    T(one_that_will_not_go_is_killed),
	    T(its_own_children_go_with_it),
	    T(one_that_hangs_up_is_not_kept),
	    T(a_program_that_is_not_there_is_named),
	    T(a_program_has_a_pipe_for_its_output),
	    T(too_many_variables_are_refused),
	    T(a_program_ends_when_it_exits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
