/*
 * What a step's answer means: its rules, then its captures, then what it saves. No I/O.
 */
#ifndef DRILLD_CHECKER_JUDGE_H
#define DRILLD_CHECKER_JUDGE_H

#include "checker/answer.h"
#include "checker/outcome.h"
#include "checker/run.h"

struct judgement {
	const struct run *run;
	const struct step *step;
	struct answer *answer;
	struct vars *vars;       /* captures are added */
	struct arena *run_arena; /* where they live */
	struct saved *saved;
	struct arena *arena; /* where what is saved lives */
};

/* Leaves *o as it is if the step went well; otherwise o says how not, and detail what only organizers see. */
void judge_step(const struct judgement *j, struct outcome *o, struct why *detail);

#endif
