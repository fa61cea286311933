/*
 * The facts that were fed to the scoring policy, in their order, kept so that the game can be scored again
 * with some checks voided. Append only, in chunks that never move: another thread may walk the first n facts
 * while the loop appends more, for it touches neither a fact nor a link that it was not given.
 */
#ifndef DRILLD_CORE_FACTLOG_H
#define DRILLD_CORE_FACTLOG_H

#include "core/score.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct factlog_chunk;

/* Zero-initialised is a valid empty log. */
struct factlog {
	struct factlog_chunk *first, *last;
	size_t count;
};

/* system: whose check a FACT_CHECK is, which team and service alone say only by a search; else 0. */
void factlog_add(struct factlog *l, const struct fact *f, uint32_t system);
void factlog_close(struct factlog *l);

/* The facts up to now; valid until factlog_close, on any thread. */
struct factlog_view {
	const struct factlog_chunk *chunk;
	size_t at;   /* within the chunk: 0 at first */
	size_t left; /* facts to come */
};
struct factlog_view factlog_view(const struct factlog *l);

/* Takes the next fact out of the view (a copy walks again from where it stands); false at its end. */
bool factlog_next(struct factlog_view *v, struct fact *f, uint32_t *system);

#endif
