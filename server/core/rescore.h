/*
 * Scoring a game anew from the facts it was scored by, with some checks void: what adopting or dropping a void
 * does in the fold, and what a preview of it shows. Pure; on any thread, for it reads only what it is given.
 */
#ifndef DRILLD_CORE_RESCORE_H
#define DRILLD_CORE_RESCORE_H

#include "core/factlog.h"
#include "core/score.h"
#include "core/voids.h"

struct rescore {
	/* in: borrowed until rescore_run returns */
	const struct policy *policy;
	const struct score_setup *setup;
	struct factlog_view facts;
	const struct void_bits *voided; /* these checks are fed as not checked */
	int32_t from;                   /* rows are made for closed ticks from this one on */
	/* Loop or pool: after each of them; rows and ranking are as of that tick. May be NULL. */
	void (*closed)(void *ctx, int32_t tick, const struct rescore *r);
	void *ctx;

	/* out: as of the last tick closed; freed by rescore_free */
	void *state; /* the policy's, fed with all facts: take it by setting it to NULL */
	struct score_row *rows;
	size_t row_count;
	struct rank_row *ranking;
	size_t rank_count;
};

/* An error of the policy's own open. */
enum err rescore_run(struct rescore *r, struct why *why) MUST_CHECK;
void rescore_free(struct rescore *r);

#endif
