/*
 * Rounds of checks outside a drill, for drillctl probe and preflight: a real drill-checker is started, given the
 * scenario's challenges and asked to check systems now. Flags are made with a key that is thrown away: they look
 * like the drill's and are none. drillctl's one thread.
 */
#ifndef DRILLD_CTL_TRIAL_H
#define DRILLD_CTL_TRIAL_H

#include "api/checker_plan.h"
#include "core/status.h"

struct trial;

struct trial_options {
	const struct scenario *scenario;
	const char *program; /* drill-checker; NULL: beside drillctl */
	const char *user;    /* whom it becomes when we are root */
	const char *exec_user,
	    *sandbox; /* of external programs, as drilld's options of these names */
	unsigned in_flight;
	int32_t ticks_max; /* trial_round is called at most so often */
};

/* What one round of one system came to; texts are borrowed from the trial until the next round. */
struct trial_result {
	bool done; /* false: this system was not asked for */
	enum status status;
	int64_t ms;
	const char *message; /* public */
	const char *trace;   /* private, whole: one line a step */
};

/* ERR_IO with why if the checker cannot be started or ends before it is ready. */
enum err trial_open(const struct trial_options *o, struct trial **out, struct why *why) MUST_CHECK;

/*
 * The tick's round of the systems for which wanted (one per system; NULL: all) is true. Each tick comes once, in
 * order: later ones look for what earlier ones placed. Returns when all have a result, or when none has
 * come for longer than the longest round may take: those left are faults then.
 */
const struct trial_result *trial_round(struct trial *t, int32_t tick, const bool *wanted);

/* How drilld would run the checks here: how many of each contract at once. */
const struct checker_plan *trial_plan(const struct trial *t);
/* What external programs run in: "bubblewrap" or "rlimits"; note says why not the former, or "". */
const char *trial_sandbox(const struct trial *t, const char **note);

void trial_close(struct trial *t);

#endif
