/*
 * Where a run stands in its section: from step to step, and round and round where one goes over a list. No I/O.
 */
#ifndef DRILLD_CHECKER_WALK_H
#define DRILLD_CHECKER_WALK_H

#include "checker/program.h"

struct walk {
	const struct section *section;
	size_t at; /* of the step after the present one */
	struct {
		const struct each *loop;
		const struct values *list;
		size_t first, end; /* its body */
		size_t count, i;   /* elements it goes over, and the present one */
	} loops[LOOPS_DEEP_MAX];
	int depth;
};

void walk_begin(struct walk *w, const struct section *section);

/*
 * The next step that asks something, NULL after the last; the variables of loops are set, in the arena. ERR_NOT_FOUND
 * with why (public) if *step, a loop, has a list with fewer elements than it must have, or none.
 */
enum err walk_next(struct walk *w, struct vars *vars, struct arena *arena, const struct step **step,
    struct why *why) MUST_CHECK;

/* Appends "[2]" or "[2][7]": the elements, counted from 1; nothing outside loops. */
void walk_describe(const struct walk *w, struct buf *out);

#endif
