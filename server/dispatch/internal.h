/*
 * What the files of this floor share: dispatch.c (workers, results, sending), tick.c (a tick opened and
 * closed), schedule.c (when each check begins), lanes.c (who may begin), job.c (a check as a line for a
 * checker). Nobody else includes this.
 */
#ifndef DRILLD_DISPATCH_INTERNAL_H
#define DRILLD_DISPATCH_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "dispatch/dispatch.h"
#include "dispatch/lanes.h"

enum check_state { CHECK_WAITING, CHECK_RUNNING, CHECK_DONE };

/* One system in the open tick. */
struct check {
	uint32_t system;
	enum check_state state;
	enum lanes_block block; /* what kept it from beginning while there was time */
	bool first;             /* it has flags: its moment is in the first part */
	int64_t at_ms;          /* its moment */
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
	uint32_t system;
	int64_t timeout_ms;
};

#define SLOT_LATE UINT32_MAX /* the tick of this job is over; its result is dropped */
#define NO_JOB UINT32_MAX

struct worker {
	enum worker_state state;
	bool heard; /* a line came since the tick began */
	unsigned busy;
	struct slot *slots;   /* in_flight_max, from its first start on */
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
	size_t next;      /* the moments of all before it have come */
	bool last_call;   /* what still waits has been asked what keeps it */
	uint32_t *job_of; /* by system: its job in this tick, or NO_JOB */
	struct lanes *lanes;
	unsigned waiting;
	unsigned running;
	uint64_t sent;
	struct histogram lag;
	struct buf line;
	struct arena arena;
};

/* A job has its result. */
void dispatch_report(struct dispatch *d, struct check *c, const struct check_result *given);
void dispatch_report_plain(
    struct dispatch *d, struct check *c, enum status status, const char *message);

/* What is left of the tick for a job that begins now. */
int64_t tick_left_ms(const struct dispatch *d, int64_t now_ms);
/* From here on a job may have less time than others: who has not begun asks why. */
int64_t tick_last_call_ms(const struct dispatch *d);
/* Whether a job that begins now has less time than is fair. */
bool tick_too_late(const struct dispatch *d, const struct check *c, int64_t now_ms);
/* Notes of each job that waits what keeps it. */
void tick_call_last(struct dispatch *d);

/*
 * Gives the checks their moments in the first 80 % of [now, now + span) and sorts them by these: systems
 * with flags before the others, each kind over the part of that time that it makes up of all, but over a
 * third at least; within it shuffled, and the i-th drawn from the i-th of equal parts. So the load is
 * even, and no system can tell its next moment from its last.
 */
void schedule_spread(
    struct check *checks, size_t count, int64_t now_ms, int64_t span_ms, uint64_t seed);

/* Appends the job line of a system; asks the owner for its flags. Works in d->arena. */
void job_write(
    struct dispatch *d, uint32_t system, uint64_t id, int64_t timeout_ms, struct buf *out);

#endif
