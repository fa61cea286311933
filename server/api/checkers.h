/*
 * The checker processes: started, fed, restarted when they die, stopped. Stands between the dispatcher,
 * which knows no process, and net/child.h, which knows no check. On the loop's thread.
 */
#ifndef DRILLD_API_CHECKERS_H
#define DRILLD_API_CHECKERS_H

#include "api/checker_plan.h"
#include "api/drill.h"
#include "net/loop.h"

struct checkers;

struct checkers_options {
	struct loop *loop;
	struct drill *drill;
	const char *program;   /* path of drill-checker */
	const char *user;      /* whom it becomes when we are root */
	const char *exec_user; /* whom external programs become then */
	const char *sandbox;   /* theirs: auto, bubblewrap or rlimits */
	struct checker_plan plan;
	void (*stopped)(void *ctx); /* after checkers_stop: all have ended */
	void *ctx;
};

/* Starts the processes; one that cannot be started is tried again later. Attaches itself to the drill. */
struct checkers *checkers_start(const struct checkers_options *o);
/* Asks them to end; stopped follows, at once if none runs. */
void checkers_stop(struct checkers *c);
void checkers_free(struct checkers *c); /* after stopped */

#endif
