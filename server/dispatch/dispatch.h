/*
 * Check jobs: made from a tick, spread over it, fed to the checkers, their results collected.
 *
 * Knows no pipe, process or clock: whoever owns them (main.c, or a test) calls in with the time and
 * gets lines to send by a callback. One job per system and tick. Every result line is re-checked
 * field by field before it counts: a checker talks to hostile systems.
 *
 *   waiting -> (its moment in the tick comes and there is a place for it, lanes.h) running -> result
 *   a worker dies: its running jobs are FAULT; the tick ends: running ones are DOWN with "still
 * running at the end of the tick", waiting ones NONE ("not checked" and by which limit), but DOWN if it
 * was their system's own round of an earlier tick that kept them waiting.
 */
#ifndef DRILLD_DISPATCH_DISPATCH_H
#define DRILLD_DISPATCH_DISPATCH_H

#include "base/err.h"
#include "core/flag.h"
#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dispatch;

#define WORKERS_MAX 16

/* How to check one system; borrowed for the life of the dispatch. */
struct check_target {
	const char *challenge; /* whose program to run */
	const char *host;
	int port;
	int64_t timeout_ms;  /* of the whole round */
	const char *team_id; /* the department, for checkers that want to know */
	const char *team_name;
	int team_number; /* from 1 */
	bool has_flags;  /* it has flag places: it is checked in the first part of the tick */
	unsigned group;  /* index into dispatch_options.groups, 0 without any */
	uint32_t owner;  /* its department, a small number: shares are counted by it */
};

/* Checks that have a limit in common, such as all of one contract. */
struct check_group {
	const char *name;
	unsigned max; /* at once over all workers; 0: as many as there are places */
};

/* What is going on. */
struct dispatch_figures {
	unsigned places;  /* checks at once; of a group 0 if it has no limit of its own */
	unsigned running; /* rounds of earlier ticks that are not over included */
	unsigned waiting; /* their moment has come and they have not begun */
};

/* An older or present flag of a job. */
struct check_flag {
	int32_t tick;
	int slot;
	char text[FLAG_TEXT_BYTES];
	char seed[17];
	const char *saved; /* JSON object or "": what the round of that tick kept */
};

struct check_result {
	uint32_t system;
	int32_t tick;
	enum status status;
	int32_t ms;
	const char *message; /* public, at most MESSAGE_MAX_BYTES, UTF-8; borrowed until the
				callback returns */
	const char *trace;   /* private, same limits unless verbose */
	const char *saved;   /* JSON object of at most SAVED_MAX_BYTES, or "" */
	const char
	    *state; /* JSON object of at most STATE_MAX_BYTES: added to the system's, or "" */
};

struct dispatch_options {
	const struct check_target *targets; /* by system index */
	size_t target_count;
	/* The compiled programs, by challenge: one JSON object each (docs/challenge.md). Sent to
	 * every worker. */
	const char *const *program_names;
	const char *const *programs;
	size_t program_count;
	const struct check_group *groups; /* borrowed; none: one group without a limit */
	size_t group_count;
	unsigned in_flight_max; /* per worker */
	int64_t tick_ms;
	bool verbose; /* traces may be TRACE_MAX_BYTES long instead of MESSAGE_MAX_BYTES */
	/*
	 * Fills the flags for a round: first this tick's (one per slot), then the older ones of the
	 * window to look for. Returns how many (at most max).
	 */
	size_t (*flags)(
	    void *ctx, uint32_t system, int32_t tick, struct check_flag *out, size_t max);
	/* What checkers keep of a system, a JSON object or ""; borrowed until the next call. */
	const char *(*state)(void *ctx, uint32_t system);
	/* Queues a line to a worker; an error counts as the worker's death (dispatch_worker_down
	 * follows). */
	enum err (*send)(void *ctx, unsigned worker, const char *line, size_t len);
	/* For figures, may be NULL: a round begins, so long after its moment. */
	void (*began)(void *ctx, uint32_t system, int64_t lag_ms);
	/* One per system and tick, before dispatch_close_tick returns at the latest. */
	void (*result)(void *ctx, const struct check_result *r);
	/* A worker is ready; what its external programs run in, borrowed (checker/protocol.h). May be NULL. */
	void (*ready)(void *ctx, unsigned worker, const char *sandbox, const char *note);
	void *ctx;
};

struct dispatch *dispatch_new(const struct dispatch_options *o);
void dispatch_free(struct dispatch *d);

/* A process has been started in this place (0 to WORKERS_MAX - 1); after its "ready" it gets jobs. */
void dispatch_worker_up(struct dispatch *d, unsigned worker);
/* It has ended. */
void dispatch_worker_down(struct dispatch *d, unsigned worker);

/*
 * A line from a worker; call dispatch_step afterwards, for there may be room now. An error (with why) if it
 * is not a proper line or names a job that this worker does not have: the caller ends that worker.
 */
enum err dispatch_line(
    struct dispatch *d, unsigned worker, const char *line, size_t len, struct why *why) MUST_CHECK;

/*
 * Makes the tick's jobs, each with its moment in [now, end) drawn from seed (so that a defender
 * cannot tell the next from the last): all within the first 80 % of what is left of the tick, systems with
 * flag places before those without.
 * skip(skip_ctx, system) true leaves a system out (it has its result already: a restart in the middle of
 * a tick); may be NULL.
 */
void dispatch_open_tick(struct dispatch *d, int32_t tick, int64_t now_ms, int64_t end_ms,
    uint64_t seed, bool (*skip)(void *ctx, uint32_t system), void *skip_ctx);

/* Sends what is due; returns when to call again (ms on the same clock), or -1 for not before a line
 * comes. */
int64_t dispatch_step(struct dispatch *d, int64_t now_ms);

/* Reports what has no result yet and forgets the tick. Late results are then dropped silently. */
void dispatch_close_tick(struct dispatch *d);
/* The same before the tick's time is over: what has no result was not checked, whoever waits for it. */
void dispatch_cut_tick(struct dispatch *d);

/* Jobs of this tick that have not begun, those before their moment included; and those that run. */
unsigned dispatch_waiting(const struct dispatch *d);
unsigned dispatch_running(const struct dispatch *d);
/* In all (group -1) or of one group. */
struct dispatch_figures dispatch_figures(const struct dispatch *d, int group);

#endif
