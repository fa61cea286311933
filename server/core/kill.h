/*
 * The kill switch: while it is on, the drill's clock does not run, and no flag, by whatever protocol, and no attack result
 * is taken; reports, answers and tickets go on. Who switched it, who undid it, and what came of the program that cuts the
 * red network are facts. Part of the fold.
 */
#ifndef DRILLD_CORE_KILL_H
#define DRILLD_CORE_KILL_H

#include "core/decision.h"
#include "core/record.h"

#define KILL_TAIL_MAX_BYTES 2000

/* What became of the program. */
enum kill_outcome {
	KILL_HOOK_NONE,    /* there is none, or nobody has said */
	KILL_HOOK_PENDING, /* it is to run, or runs */
	KILL_HOOK_DONE,    /* it ended by itself with exit code 0 */
	KILL_HOOK_FAILED,  /* with another, or it could not be started */
	KILL_HOOK_TIMED_OUT,
	KILL_HOOK_INTERRUPTED, /* the server stopped meanwhile: it is not run again */
	KILL_HOOK_COUNT
};

struct kill_event {
	const char *reason;        /* switched, undone */
	bool hook;                 /* switched: a program is to run */
	int32_t announcement;      /* switched: the urgent one that follows; 0: none has room */
	enum kill_outcome outcome; /* hook */
	int32_t status;            /* hook: exit code, 128 + signal, or -1 */
	int64_t ms;                /* hook: how long it ran */
	const char *tail;          /* hook, secret: the end of its output */
};

/* One time that it was switched. */
struct kill_round {
	uint64_t seq; /* of kill.switched */
	struct decision switched, undone;
	int32_t announcement;
	enum kill_outcome outcome;
	int32_t status;
	int64_t ms, hook_at_ms;
	char *tail;
};

struct kill_switch {
	bool on;
	struct kill_round *rounds; /* the last is the present one while on */
	size_t count;
};

extern const struct record_family kill_family;

#define KILL_ROUNDS_MAX 1000

/* The last one, or NULL if it was never switched. */
const struct kill_round *kill_last(const struct game *g);
/* ERR_CONFLICT with the rule while it is on. */
enum err kill_refuses(const struct game *g, struct why *why) MUST_CHECK;

const char *kill_outcome_name(enum kill_outcome o); /* "none", "pending", "done", ... */

#endif
