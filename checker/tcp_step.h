/*
 * TCP steps on libuv: connect, then a talk of sends and expects. One tcp_talk a step; it frees itself when
 * the loop has closed its handle. What the peer sends goes into the answer's body, at most BODY_MAX_BYTES.
 */
#ifndef DRILLD_CHECKER_TCP_STEP_H
#define DRILLD_CHECKER_TCP_STEP_H

#include "checker/answer.h"
#include "checker/outcome.h"
#include "checker/program.h"
#include <uv.h>

struct tcp_talk;

struct tcp_options {
	uv_loop_t *loop;
	const struct step *step;
	const struct sockaddr *address;
	const struct vars *vars;
	struct answer *answer;
	/* The talk is over, once; not called after tcp_talk_cancel. */
	void (*done)(void *ctx, const struct outcome *o);
	void *ctx;
};

/*
 * NULL (and the outcome written) if it cannot even begin: a local shortage. All that options point to
 * outlives the talk.
 */
struct tcp_talk *tcp_talk_start(const struct tcp_options *options, struct outcome *o);
/* ERR_NOT_FOUND with why if a variable that the talk names has no value: ask before the start. */
enum err tcp_talk_check(
    const struct step *step, const struct vars *vars, struct why *why) MUST_CHECK;

void tcp_talk_cancel(struct tcp_talk *t);

#endif
