/*
 * One round: all steps of one system in one tick, in the order of docs/challenge.md. A state machine that
 * starts one exchange at a time and is stepped by its end, its deadline or the end of the process.
 * The checker's loop thread.
 */
#ifndef DRILLD_CHECKER_ROUND_H
#define DRILLD_CHECKER_ROUND_H

#include "base/arena.h"
#include "checker/exec.h"
#include "checker/http_step.h"
#include "checker/program.h"
#include "checker/protocol.h"
#include <uv.h>

struct round;

/* What rounds run on; outlives them. */
struct round_host {
	uv_loop_t *loop;
	struct http_engine *http;
	struct exec_host *exec; /* external programs */
	struct round *rounds;   /* those under way */
	unsigned count;
	/* A round has its result (borrowed); it is no longer under way. Not called for a cancelled one. */
	void (*finished)(void *ctx, const struct job_result *r);
	void *ctx;
};

/* job lives in *arena, which the round takes over (the caller's is empty afterwards). */
void round_start(
    struct round_host *host, const struct program *program, struct job *job, struct arena *arena);

/* Ends all of them without a result. */
void rounds_cancel(struct round_host *host);

#endif
