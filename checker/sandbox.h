/*
 * What the process gives up before it reads its first job, for it talks to hostile systems: descriptors,
 * the user it was started as, core dumps, written files, most of its memory. Called once from main,
 * before the loop exists.
 */
#ifndef DRILLD_CHECKER_SANDBOX_H
#define DRILLD_CHECKER_SANDBOX_H

#include "base/err.h"

struct sandbox_options {
	const char *user;   /* whom root becomes */
	unsigned in_flight; /* rounds at a time: sets how many descriptors are needed */
};

/* What drilld's libraries may have left open: everything beyond CHECKER_FD. Before the launcher is started. */
enum err sandbox_close_descriptors(struct why *why) MUST_CHECK;

/* ERR_OK, or ERR_IO with the step that failed. When not root it says once that the user stays. */
enum err sandbox_enter(const struct sandbox_options *o, struct why *why) MUST_CHECK;

/*
 * System calls that no check needs fail from here on: starting programs and processes, other users, namespaces, mounts,
 * looking into processes, kernel interfaces, exotic sockets. After sandbox_enter, before any thread. ERR_UNSUPPORTED
 * with why where the kernel has no seccomp.
 */
enum err sandbox_filter_calls(struct why *why) MUST_CHECK;

#endif
