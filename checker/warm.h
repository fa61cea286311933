/*
 * Python checkers kept warm: for each script one resident interpreter that has imported what the script imports
 * (warm_zygote.py, started like any external program, in the same sandbox) and forks for each check. Starting
 * an interpreter and importing is most of what such a checker costs. exec.c asks here first; whatever cannot be
 * kept warm is started cold, by itself. drill-checker's loop thread.
 *
 * What differs from a cold start: all checks of one script share a user, a process namespace and the limit on
 * processes, so they could signal each other: one that is ended is a fault, one that is stopped is down at its
 * deadline.
 */
#ifndef DRILLD_CHECKER_WARM_H
#define DRILLD_CHECKER_WARM_H

#include "checker/exec.h"
#include <stdbool.h>

struct warm_host;

struct warm_host *warm_host_new(struct exec_host *exec, uv_loop_t *loop);
/* Programs under way are cancelled by exec_host_close before. */
void warm_host_free(struct warm_host *w);

/*
 * Starts o warm: x, which exec.c has set up, is under way then. False: start it cold (no Python script, its
 * interpreter is not ready yet or cannot be had).
 */
bool warm_start(struct warm_host *w, struct exec *x, const struct exec_options *o);
enum err warm_send(struct exec *x, const char *data, size_t len) MUST_CHECK;
void warm_signal(struct exec *x, int number);
/* x is not under way any more; what it still does is killed. */
void warm_leave(struct exec *x);
/* x has been killed and nothing came of it: its interpreter goes, and all that it runs is over. */
void warm_stuck(struct exec *x);

/* What a script and its interpreter are; false if argv is no Python script that can be forked. Pure but for reading #!. */
struct warm_command {
	char interpreter[256];
	const char *script;
	const char *const *args;
};
bool warm_command(const char *const *argv, struct warm_command *out);

#endif
