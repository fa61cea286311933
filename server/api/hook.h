/*
 * Runs a program that the organizers have configured when something has happened: the kill switch's, which cuts the
 * red network. No shell; the arguments are the scenario's, whatever has happened comes in variables. On the loop's
 * thread.
 */
#ifndef DRILLD_API_HOOK_H
#define DRILLD_API_HOOK_H

#include "base/err.h"
#include "net/loop.h"
#include "scenario/scenario.h"
#include <stdbool.h>
#include <stdint.h>

#define HOOK_TAIL_MAX_BYTES 2000

/* The program's environment but for PATH and LANG. Control characters in a text become blanks. */
struct hook_facts {
	const char *event;    /* DRILL_EVENT: "kill" */
	const char *drill_id; /* DRILL_ID */
	const char *actor;    /* DRILL_ACTOR: the account */
	const char *reason;   /* DRILL_REASON: may be "" */
	int64_t at_ms;        /* DRILL_AT_MS: Unix milliseconds */
};

struct hook_result {
	bool ok;        /* it ended by itself with exit code 0 */
	bool timed_out; /* its time was over: SIGTERM, then SIGKILL, to all that it had started */
	int status;     /* exit code, or 128 + signal; -1: it could not be started */
	int64_t ms;     /* how long it ran */
	char tail[HOOK_TAIL_MAX_BYTES +
		  1]; /* the end of its output, or why it was not started; UTF-8 without control
					       characters but line feeds */
};

struct hook;

/*
 * Checks the program (scenario/executable.h) and starts it. done follows once, on a later turn of the loop, also where it
 * could not be started. The object is gone after done; it is there to be stopped. Everything but the loop is copied.
 */
struct hook *hook_run(struct loop *l, const struct scenario_hook *program,
    const struct hook_facts *facts, void (*done)(void *ctx, const struct hook_result *r),
    void *ctx);

/* Ends it now, as if its time were over: at shutdown. */
void hook_stop(struct hook *h);

#endif
