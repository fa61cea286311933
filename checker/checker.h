/*
 * The worker: jobs from the link become rounds, their results go back. One object, one loop, one thread.
 */
#ifndef DRILLD_CHECKER_CHECKER_H
#define DRILLD_CHECKER_CHECKER_H

#include "base/err.h"

struct checker_options {
	int fd;          /* the line to drilld */
	int launcher_fd; /* launcher_start's */
	unsigned in_flight;
};

/*
 * Runs until the other end closes or SIGTERM or SIGINT comes. ERR_OK then; ERR_INVALID after a line that
 * breaks the protocol; ERR_IO (logged) if the loop, the link or the launcher fails.
 */
enum err checker_run(const struct checker_options *o) MUST_CHECK;

#endif
