/*
 * The launcher: the process that starts external programs for drill-checker. main forks it before anything else, so it
 * is small, has one thread and keeps what it needs of root; the checker then gives root up. It does one thing:
 * run a program, sandboxed, as the user for programs. A checker that has been taken over gains no more by it.
 *
 * It ends, with all that it has started, when the checker's end of the line closes. Signals do not end it (but
 * SIGKILL): it has a session of its own and cleans up.
 */
#ifndef DRILLD_CHECKER_LAUNCHER_H
#define DRILLD_CHECKER_LAUNCHER_H

#include "base/err.h"

enum launcher_sandbox { SANDBOX_AUTO, SANDBOX_BUBBLEWRAP, SANDBOX_RLIMITS };

struct launcher_options {
	/*
	 * Whom programs become when we are root. A number is the first of a range: each of the EXEC_JOBS_MAX programs
	 * at a time has a uid of its own, and a second launcher on the machine takes the next EXEC_JOBS_MAX. A name is
	 * that user, for all of them.
	 */
	const char *user;
	enum launcher_sandbox sandbox;
};

/* The line to it (close on exec), or -1 with why: an unknown user, or no process to be had. */
int launcher_start(const struct launcher_options *o, struct why *why) MUST_CHECK;

#endif
