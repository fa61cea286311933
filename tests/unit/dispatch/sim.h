/*
 * The dispatcher on a virtual clock with systems that take their time: the owner, the checkers and the
 * systems are here. Looks at every beginning whether it was allowed, and counts who had how much at once.
 * Included once by each test program that needs it.
 */
#ifndef DRILLD_TESTS_DISPATCH_SIM_H
#define DRILLD_TESTS_DISPATCH_SIM_H

#include "base/mem.h"
#include "checker/protocol.h"
#include "dispatch/dispatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SYSTEMS 1500
#define DEPARTMENTS 150
#define TICK_MS 60000
#define TIMEOUT_MS 5000
#define RUNNING_MAX 2000
#define NEVER INT64_MAX
#define QUICK_MS 300

/* A round in a checker. */
struct round {
	unsigned worker;
	uint64_t id;
	uint32_t system;
	int64_t ends_ms;
	int64_t ms;
	bool dropped; /* its worker has died */
};

struct sim {
	struct dispatch *d;
	size_t count;
	struct check_target targets[SYSTEMS];
	struct check_group groups[2];
	int64_t takes_ms[SYSTEMS]; /* how long its round takes; from TIMEOUT_MS on it is down */
	int64_t now_ms;
	struct round rounds[RUNNING_MAX];
	size_t round_count;
	unsigned busy[WORKERS_MAX], busy_max[WORKERS_MAX];
	unsigned group_running[2], group_max[2];
	unsigned owner_running[DEPARTMENTS], owner_max[DEPARTMENTS];
	bool system_running[SYSTEMS];
	int began[SYSTEMS]; /* in this tick */
	int results[SYSTEMS];
	enum status status[SYSTEMS];
	char message[SYSTEMS][128];
	int64_t lag_ms[SYSTEMS];
	struct arena arena;
};

static inline size_t
no_flags(void *ctx, uint32_t system, int32_t tick, struct check_flag *out, size_t max)
{
	(void)ctx, (void)system, (void)tick, (void)out, (void)max;
	return 0;
}

static inline const char *
no_state(void *ctx, uint32_t system)
{
	(void)ctx, (void)system;
	return "";
}

static inline unsigned
more(unsigned *n, unsigned *most)
{
	if (++*n > *most)
		*most = *n;
	return *n;
}

static inline enum err
on_send(void *ctx, unsigned worker, const char *line, size_t len)
{
	struct sim *s = ctx;
	struct line in;
	struct why why;
	uint32_t system;

	assert_int_equal(protocol_read(TO_CHECKER, line, len, &s->arena, &in, &why), ERR_OK);
	if (in.type != LINE_JOB)
		return ERR_OK;
	system = (uint32_t)in.job->port - 1;
	assert_false(s->system_running[system]); /* one round of a system at a time */
	s->system_running[system] = true;
	more(&s->busy[worker], &s->busy_max[worker]);
	more(&s->group_running[s->targets[system].group], &s->group_max[s->targets[system].group]);
	more(&s->owner_running[s->targets[system].owner], &s->owner_max[s->targets[system].owner]);
	s->began[system]++;
	assert_true(s->round_count < RUNNING_MAX);
	s->rounds[s->round_count] =
	    (struct round){.worker = worker, .id = in.job->id, .system = system, .ends_ms = NEVER};
	if (s->takes_ms[system] != NEVER) {
		struct round *r = &s->rounds[s->round_count];

		r->ms = s->takes_ms[system] < in.job->timeout_ms ? s->takes_ms[system]
								 : in.job->timeout_ms;
		r->ends_ms = s->now_ms + r->ms;
	}
	s->round_count++;
	arena_reset(&s->arena);
	return ERR_OK;
}

static inline void
on_began(void *ctx, uint32_t system, int64_t lag_ms)
{
	struct sim *s = ctx;

	s->lag_ms[system] = lag_ms;
}

static inline void
on_result(void *ctx, const struct check_result *r)
{
	struct sim *s = ctx;

	s->results[r->system]++;
	s->status[r->system] = r->status;
	snprintf(s->message[r->system], sizeof s->message[0], "%s", r->message);
}

/* Systems belong to the departments in turn; all quick, all of the group forcad with that limit. */
static inline struct sim *
sim_new(size_t systems, unsigned departments, unsigned limit, unsigned in_flight)
{
	static const char *const names[] = {"portal"}, *const programs[] = {"{\"check\":[]}"};
	struct sim *s = mem_alloc(sizeof *s);

	s->count = systems;
	s->groups[0] = (struct check_group){"steps", 0};
	s->groups[1] = (struct check_group){"forcad", limit};
	for (size_t i = 0; i < systems; i++) {
		s->takes_ms[i] = QUICK_MS;
		s->targets[i] = (struct check_target){.challenge = "portal",
		    .host = "10.0.0.1",
		    .port = (int)i + 1,
		    .timeout_ms = TIMEOUT_MS,
		    .team_id = "library",
		    .team_name = "Library",
		    .team_number = 1,
		    .group = limit > 0,
		    .owner = (uint32_t)(i % departments)};
	}
	s->d = dispatch_new(&(struct dispatch_options){.targets = s->targets,
	    .target_count = systems,
	    .program_names = names,
	    .programs = programs,
	    .program_count = 1,
	    .groups = s->groups,
	    .group_count = 2,
	    .in_flight_max = in_flight,
	    .tick_ms = TICK_MS,
	    .flags = no_flags,
	    .state = no_state,
	    .send = on_send,
	    .began = on_began,
	    .result = on_result,
	    .ctx = s});
	return s;
}

static inline void
sim_free(struct sim *s)
{
	dispatch_free(s->d);
	arena_free(&s->arena);
	free(s);
}

static inline void
up(struct sim *s, unsigned worker)
{
	static const char ready[] = "{\"note\":\"\",\"sandbox\":\"rlimits\",\"type\":\"ready\"}";
	struct why why;

	dispatch_worker_up(s->d, worker);
	assert_int_equal(dispatch_line(s->d, worker, ready, sizeof ready - 1, &why), ERR_OK);
}

static inline void
forget(struct sim *s, size_t i)
{
	struct round *r = &s->rounds[i];

	s->busy[r->worker]--;
	s->group_running[s->targets[r->system].group]--;
	s->owner_running[s->targets[r->system].owner]--;
	s->system_running[r->system] = false;
	s->rounds[i] = s->rounds[--s->round_count];
}

static inline void
down(struct sim *s, unsigned worker)
{
	for (size_t i = s->round_count; i > 0; i--)
		if (s->rounds[i - 1].worker == worker)
			forget(s, i - 1);
	dispatch_worker_down(s->d, worker);
}

static inline void
end_round(struct sim *s, size_t i)
{
	struct round r = s->rounds[i];
	char text[256];
	struct why why;

	forget(s, i);
	snprintf(text, sizeof text,
	    "{\"type\":\"result\",\"job\":%llu,\"status\":\"%s\",\"ms\":%lld,\"message\":\"m\","
	    "\"trace\":\"\",\"saved\":{}}",
	    (unsigned long long)r.id, r.ms < TIMEOUT_MS ? "ok" : "down", (long long)r.ms);
	assert_int_equal(dispatch_line(s->d, r.worker, text, strlen(text), &why), ERR_OK);
}

static inline size_t
first_to_end(const struct sim *s)
{
	size_t best = 0;

	for (size_t i = 1; i < s->round_count; i++)
		if (s->rounds[i].ends_ms < s->rounds[best].ends_ms)
			best = i;
	return best;
}

/* Rounds end and begin until then. */
static inline void
run_until(struct sim *s, int64_t ms)
{
	for (;;) {
		int64_t at = dispatch_step(s->d, s->now_ms);
		size_t i = first_to_end(s);
		int64_t ends = s->round_count > 0 ? s->rounds[i].ends_ms : NEVER;

		assert_true(at < 0 || at > s->now_ms);
		if (at < 0 || ends <= at)
			at = ends;
		if (at > ms)
			break;
		s->now_ms = at;
		if (ends == at)
			end_round(s, i);
	}
	s->now_ms = ms;
}

static inline void
open_tick(struct sim *s, int32_t tick)
{
	memset(s->began, 0, sizeof s->began);
	memset(s->results, 0, sizeof s->results);
	memset(s->lag_ms, 0, sizeof s->lag_ms);
	memset(s->group_max, 0, sizeof s->group_max);
	memset(s->owner_max, 0, sizeof s->owner_max);
	memset(s->busy_max, 0, sizeof s->busy_max);
	s->now_ms = (int64_t)tick * TICK_MS;
	dispatch_open_tick(
	    s->d, tick, s->now_ms, s->now_ms + TICK_MS, (uint64_t)tick * 77 + 1, NULL, NULL);
}

/* A whole tick; each system has one result then. */
static inline void
run_tick(struct sim *s, int32_t tick)
{
	open_tick(s, tick);
	run_until(s, (int64_t)(tick + 1) * TICK_MS - 1);
	dispatch_close_tick(s->d);
	for (size_t i = 0; i < s->count; i++)
		assert_int_equal(s->results[i], 1);
	assert_int_equal(dispatch_waiting(s->d) + dispatch_running(s->d), 0);
}

static inline size_t
count_status(const struct sim *s, enum status status)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		n += s->status[i] == status;
	return n;
}

#endif
