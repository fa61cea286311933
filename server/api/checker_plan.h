/*
 * How many checkers there are and how much each does at once: the command line over the scenario's
 * `checkers` over what is fitting. main.c asks once, at the start.
 */
#ifndef DRILLD_API_CHECKER_PLAN_H
#define DRILLD_API_CHECKER_PLAN_H

#include "dispatch/dispatch.h"
#include "scenario/scenario.h"

struct checker_plan {
	unsigned processes;
	unsigned in_flight;                        /* checks at once, of each process */
	struct check_group groups[CONTRACT_COUNT]; /* by enum contract */
};

/*
 * processes and in_flight: as the command line says, 0 if it does not; cores: of this machine, for the
 * contracts whose checks are processes. Where nobody says in_flight, all systems can be in flight at once
 * as far as descriptors allow; a line of the log tells if they do not.
 */
struct checker_plan checker_plan(
    const struct scenario *s, unsigned processes, unsigned in_flight, unsigned cores);

#endif
