/*
 * How one step's exchange with a system ended: with an answer (ST_OK), or with the status and the sentence
 * that say why not. Filled by the actions (action.h), judged by round.c.
 */
#ifndef DRILLD_CHECKER_OUTCOME_H
#define DRILLD_CHECKER_OUTCOME_H

#include "base/err.h"
#include "core/status.h"

struct outcome {
	enum status status;
	struct why said; /* for the public */
};

/*
 * A failed connection by its errno: refused, reset, unreachable are the system's (down); running out of
 * descriptors, memory or ports is ours (fault).
 */
void outcome_from_errno(struct outcome *o, int code);

#endif
