/*
 * What the files of this floor share: dispatch.c (workers, ticks, results), schedule.c (when each check
 * begins), job.c (a check as a line for a checker). Nobody else includes this.
 */
#ifndef DRILLD_DISPATCH_INTERNAL_H
#define DRILLD_DISPATCH_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "dispatch/dispatch.h"

enum check_state { CHECK_WAITING, CHECK_RUNNING, CHECK_DONE };

/* One system in the open tick. */
struct check {
	uint32_t system;
	enum check_state state;
	int64_t at_ms; /* its moment */
};

enum worker_state {
	WORKER_DOWN,
	WORKER_STARTING, /* up, and has not said "ready" */
	WORKER_READY,
	WORKER_FAILED /* a line could not be sent; its end is being reported */
};

/* A job that a worker has: id is sequence * in_flight_max + slot, so its slot is found from it. */
struct slot {
	uint64_t id; /* 0: free */
	uint32_t job;
};

struct worker {
	enum worker_state state;
	bool heard; /* a line came since the tick began */
	unsigned busy;
	struct slot *slots;
	unsigned *free_slots; /* a stack: [busy, in_flight_max) are free */
};

struct dispatch {
	struct dispatch_options o;
	struct worker workers[WORKERS_MAX];
	int32_t tick;
	int64_t end_ms;
	int64_t span_ms;
	struct check *jobs; /* in the order of their moments */
	size_t job_count;
	size_t next; /* all before it have been sent */
	unsigned waiting;
	unsigned running;
	uint64_t sent;
	struct histogram lag;
	struct buf line;
	struct arena arena;
};

/*
 * Shuffles the checks and gives the i-th a moment drawn from the i-th of equal parts of the first 80 % of
 * [now, now + span): even load, and no system can tell its next moment from its last.
 */
void schedule_spread(
    struct check *checks, size_t count, int64_t now_ms, int64_t span_ms, uint64_t seed);

/* Appends the job line of a system; asks the owner for its flags. Works in d->arena. */
void job_write(
    struct dispatch *d, uint32_t system, uint64_t id, int64_t timeout_ms, struct buf *out);

#endif
