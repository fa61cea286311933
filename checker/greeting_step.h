/*
 * mysql, postgresql, rdp, ssh and vnc steps: a greeting (greeting.h) on a connection (wire.h). The answer's body is
 * its facts, a line each. One greeting_talk a step.
 */
#ifndef DRILLD_CHECKER_GREETING_STEP_H
#define DRILLD_CHECKER_GREETING_STEP_H

#include "checker/action.h"
#include "checker/greeting.h"
#include "checker/tls_client.h"

struct greeting_plan {
	const struct greeting_kind *kind;
	const char *user; /* postgresql; NULL for the others */
	const char *database;
	const struct tls_wishes *tls; /* none: what the system shows is taken as it is */
};

#endif
