/*
 * Who may be checked next, by the dispatcher on a virtual clock: the test is the owner, the checkers and
 * the systems, and looks at every beginning whether it was allowed.
 */
#include "base/mem.h"
#include "checker/protocol.h"
#include "dispatch/dispatch.h"
#include "dispatch/lanes.h"

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

static size_t
no_flags(void *ctx, uint32_t system, int32_t tick, struct check_flag *out, size_t max)
{
	(void)ctx, (void)system, (void)tick, (void)out, (void)max;
	return 0;
}

static unsigned
more(unsigned *n, unsigned *most)
{
	if (++*n > *most)
		*most = *n;
	return *n;
}

static enum err
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

static void
on_began(void *ctx, uint32_t system, int64_t lag_ms)
{
	struct sim *s = ctx;

	s->lag_ms[system] = lag_ms;
}

static void
on_result(void *ctx, const struct check_result *r)
{
	struct sim *s = ctx;

	s->results[r->system]++;
	s->status[r->system] = r->status;
	snprintf(s->message[r->system], sizeof s->message[0], "%s", r->message);
}

/* Systems belong to the departments in turn; all quick, all of the group forcad with that limit. */
static struct sim *
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
	    .flags = no_flags,
	    .send = on_send,
	    .began = on_began,
	    .result = on_result,
	    .ctx = s});
	return s;
}

static void
sim_free(struct sim *s)
{
	dispatch_free(s->d);
	arena_free(&s->arena);
	free(s);
}

static void
up(struct sim *s, unsigned worker)
{
	struct why why;

	dispatch_worker_up(s->d, worker);
	assert_int_equal(dispatch_line(s->d, worker, "{\"type\":\"ready\"}", 16, &why), ERR_OK);
}

static void
forget(struct sim *s, size_t i)
{
	struct round *r = &s->rounds[i];

	s->busy[r->worker]--;
	s->group_running[s->targets[r->system].group]--;
	s->owner_running[s->targets[r->system].owner]--;
	s->system_running[r->system] = false;
	s->rounds[i] = s->rounds[--s->round_count];
}

static void
down(struct sim *s, unsigned worker)
{
	for (size_t i = s->round_count; i > 0; i--)
		if (s->rounds[i - 1].worker == worker)
			forget(s, i - 1);
	dispatch_worker_down(s->d, worker);
}

static void
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

static size_t
first_to_end(const struct sim *s)
{
	size_t best = 0;

	for (size_t i = 1; i < s->round_count; i++)
		if (s->rounds[i].ends_ms < s->rounds[best].ends_ms)
			best = i;
	return best;
}

/* Rounds end and begin until then. */
static void
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

static void
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
static void
run_tick(struct sim *s, int32_t tick)
{
	open_tick(s, tick);
	run_until(s, (int64_t)(tick + 1) * TICK_MS - 1);
	dispatch_close_tick(s->d);
	for (size_t i = 0; i < s->count; i++)
		assert_int_equal(s->results[i], 1);
	assert_int_equal(dispatch_waiting(s->d) + dispatch_running(s->d), 0);
}

static size_t
count_status(const struct sim *s, enum status status)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		n += s->status[i] == status;
	return n;
}

/*
 * One department's ten systems hang for ever, in a checker that does not end their rounds, with 16 places for
 * 1,500 systems: it holds its share of two, and nobody else waits for as much as a round.
 */
static void
test_one_department_hangs(void **state)
{
	struct sim *s = sim_new(SYSTEMS, DEPARTMENTS, 16, 100);
	size_t down_count = 0;

	(void)state;
	up(s, 0);
	for (size_t i = 7; i < SYSTEMS; i += DEPARTMENTS)
		s->takes_ms[i] = NEVER;
	for (int32_t t = 0; t < 4; t++) {
		run_tick(s, t);
		assert_in_range(s->group_max[1], 1, 16);
		down_count = 0;
		for (size_t i = 0; i < SYSTEMS; i++) {
			if (i % DEPARTMENTS != 7) {
				assert_int_equal(s->status[i], ST_OK);
				assert_true(s->lag_ms[i] < QUICK_MS);
				continue;
			}
			down_count += s->status[i] == ST_DOWN;
			if (s->status[i] == ST_NONE)
				assert_string_equal(s->message[i],
				    "not checked: the checkers could not keep up: at most 2 of the "
				    "16 checks of forcad at once are one department's");
		}
		assert_int_equal(down_count, 2);
		assert_int_equal(s->owner_max[7], t == 0 ? 2 : 0);
	}
	assert_int_equal(dispatch_figures(s->d, 1).running, 2);
	sim_free(s);
}

/* Those whose rounds end by timeout are down, tick for tick; nobody else waits, not even in their department. */
static void
test_timeouts_delay_nobody(void **state)
{
	struct sim *s = sim_new(SYSTEMS, DEPARTMENTS, 16, 100);

	(void)state;
	up(s, 0);
	for (size_t i = 7; i < SYSTEMS / 2; i += DEPARTMENTS)
		s->takes_ms[i] = TIMEOUT_MS;
	for (int32_t t = 0; t < 4; t++) {
		run_tick(s, t);
		for (size_t i = 0; i < SYSTEMS; i++) {
			bool hangs = s->takes_ms[i] == TIMEOUT_MS;

			assert_int_equal(s->status[i], hangs ? ST_DOWN : ST_OK);
			/* Before they are known as slow they may keep their own department waiting. */
			if (!hangs && (t > 0 || i % DEPARTMENTS != 7))
				assert_true(s->lag_ms[i] < QUICK_MS);
		}
	}
	sim_free(s);
}

/* Slow systems all over hold half of the places at most; the others go on beside them. */
static void
test_suspects_hold_half(void **state)
{
	struct sim *s = sim_new(300, DEPARTMENTS, 16, 100);
	unsigned suspects_max = 0;

	(void)state;
	up(s, 0);
	for (size_t i = 0; i < 100; i++)
		s->takes_ms[i] = TIMEOUT_MS;
	run_tick(s, 0);
	open_tick(s, 1);
	for (int64_t ms = 0; ms < TICK_MS; ms += 50) {
		unsigned suspects = 0;

		run_until(s, TICK_MS + ms);
		for (size_t i = 0; i < s->round_count; i++)
			suspects += s->takes_ms[s->rounds[i].system] == TIMEOUT_MS;
		suspects_max = suspects > suspects_max ? suspects : suspects_max;
	}
	dispatch_close_tick(s->d);
	/* Those that tick 0 did not come to are not known as slow. */
	assert_in_range(suspects_max, 8, 15);
	for (size_t i = 100; i < 300; i++) {
		assert_int_equal(s->status[i], ST_OK);
		assert_true(s->lag_ms[i] < TIMEOUT_MS);
	}
	run_tick(s, 2);
	for (size_t i = 100; i < 300; i++)
		assert_int_equal(s->status[i], ST_OK);
	sim_free(s);
}

/* More than the places can do: who was slow is still checked now and then, an eighth of the places is theirs. */
static void
test_suspects_do_not_starve(void **state)
{
	struct sim *s = sim_new(SYSTEMS, DEPARTMENTS, 16, 100);
	int checked = 0, unchecked = 0;

	(void)state;
	up(s, 0);
	for (size_t i = 0; i < SYSTEMS; i++)
		s->takes_ms[i] = i < 20 ? 3000 : 1000;
	run_tick(s, 0);
	for (int32_t t = 1; t < 4; t++) {
		run_tick(s, t);
		for (size_t i = 0; i < 20; i++)
			checked += s->status[i] == ST_OK;
		for (size_t i = 20; i < SYSTEMS; i++)
			unchecked += s->status[i] == ST_NONE;
	}
	assert_true(unchecked > 0); /* it was too much */
	assert_true(checked >= 30);
	sim_free(s);
}

/* All hang: each has its result, none is checked twice at a time; and when they are back, so is everyone. */
static void
test_all_hang(void **state)
{
	struct sim *s = sim_new(SYSTEMS, DEPARTMENTS, 16, 100);

	(void)state;
	up(s, 0);
	for (size_t i = 0; i < SYSTEMS; i++)
		s->takes_ms[i] = TIMEOUT_MS;
	for (int32_t t = 0; t < 3; t++) {
		run_tick(s, t);
		assert_in_range(count_status(s, ST_DOWN), 70, 180);
		assert_int_equal(count_status(s, ST_DOWN) + count_status(s, ST_NONE), SYSTEMS);
		assert_in_range(s->group_max[1], 8, 16);
	}
	for (size_t i = 0; i < SYSTEMS; i++)
		s->takes_ms[i] = QUICK_MS;
	run_tick(s, 3);
	run_tick(s, 4);
	assert_int_equal(count_status(s, ST_OK), SYSTEMS);
	sim_free(s);
}

/* A full group keeps nobody of another waiting. */
static void
test_groups_apart(void **state)
{
	struct sim *s = sim_new(200, 20, 2, 1000);

	(void)state;
	up(s, 0);
	for (size_t i = 0; i < 200; i++) {
		s->takes_ms[i] = i < 100 ? NEVER : QUICK_MS;
		s->targets[i].group = i < 100;
	}
	dispatch_free(s->d); /* its groups have been counted */
	s->d = dispatch_new(&(struct dispatch_options){.targets = s->targets,
	    .target_count = 200,
	    .groups = s->groups,
	    .group_count = 2,
	    .in_flight_max = 150,
	    .flags = no_flags,
	    .send = on_send,
	    .began = on_began,
	    .result = on_result,
	    .ctx = s});
	up(s, 0);
	open_tick(s, 0);
	run_until(s, TICK_MS - 1);
	assert_int_equal(dispatch_figures(s->d, 1).places, 2);
	assert_int_equal(dispatch_figures(s->d, 1).running, 2);
	assert_int_equal(dispatch_figures(s->d, 1).waiting, 98);
	assert_int_equal(dispatch_figures(s->d, 0).places, 0);
	assert_int_equal(dispatch_figures(s->d, -1).places, 150);
	assert_int_equal(dispatch_figures(s->d, -1).running, 2);
	assert_int_equal(dispatch_figures(s->d, -1).waiting, 98);
	dispatch_close_tick(s->d);
	for (size_t i = 0; i < 200; i++) {
		assert_int_equal(s->lag_ms[i], 0);
		if (i >= 100)
			assert_int_equal(s->status[i], ST_OK);
		else if (s->status[i] != ST_DOWN)
			assert_string_equal(s->message[i],
			    "not checked: the checkers could not keep up: at most 2 checks of "
			    "forcad run at once");
	}
	sim_free(s);
}

/* The places of all workers together are shared out in the same way, whatever the groups. */
static void
test_all_places_shared(void **state)
{
	struct sim *s = sim_new(SYSTEMS, DEPARTMENTS, 0, 10);

	(void)state;
	up(s, 0);
	up(s, 1);
	for (size_t i = 3; i < SYSTEMS; i += DEPARTMENTS)
		s->takes_ms[i] = NEVER;
	run_tick(s, 0);
	assert_int_equal(s->owner_max[3], 2); /* an eighth of 20 */
	for (size_t i = 0; i < SYSTEMS; i++) {
		if (i % DEPARTMENTS != 3) {
			assert_int_equal(s->status[i], ST_OK);
			assert_true(s->lag_ms[i] < QUICK_MS);
		} else if (s->status[i] == ST_NONE) {
			assert_string_equal(s->message[i], "not checked: the checkers could not "
							   "keep up: its department's share of "
							   "the places was taken");
		}
	}
	sim_free(s);
}

/* A limit of one: one after the other, and all of them; one that hangs costs the others its timeout. */
static void
test_limit_of_one(void **state)
{
	struct sim *s = sim_new(20, 5, 1, 100);

	(void)state;
	up(s, 0);
	s->takes_ms[4] = TIMEOUT_MS;
	for (int32_t t = 0; t < 3; t++) {
		run_tick(s, t);
		assert_int_equal(s->group_max[1], 1);
		for (size_t i = 0; i < 20; i++) {
			assert_int_equal(s->status[i], i == 4 ? ST_DOWN : ST_OK);
			assert_in_range(s->lag_ms[i], 0, TIMEOUT_MS + 20 * QUICK_MS);
		}
	}
	sim_free(s);
}

/* Several workers share the work; the limit holds over all of them. */
static void
test_several_workers(void **state)
{
	struct sim *s = sim_new(SYSTEMS, DEPARTMENTS, 10, 4);

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		up(s, i);
	run_tick(s, 0);
	assert_int_equal(count_status(s, ST_OK), SYSTEMS);
	assert_int_equal(s->group_max[1], 10);
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(s->busy_max[i], 2, 4);
	sim_free(s);
}

/* What a worker held is free again when it dies, and what it kept from beginning begins elsewhere. */
static void
test_worker_dies(void **state)
{
	struct sim *s = sim_new(40, 4, 8, 20);

	(void)state;
	up(s, 0);
	for (size_t i = 0; i < 40; i++)
		s->takes_ms[i] = NEVER;
	run_tick(s, 0);
	assert_int_equal(dispatch_figures(s->d, 1).running, 8);
	for (size_t i = 0; i < 40; i++)
		s->takes_ms[i] = QUICK_MS;
	open_tick(s, 1);
	up(s, 1);
	run_until(s, TICK_MS + TICK_MS / 2);
	assert_int_equal(dispatch_figures(s->d, 1).running, 8);
	assert_true(dispatch_figures(s->d, 1).waiting > 0);
	down(s, 0);
	run_until(s, 2 * TICK_MS - 1);
	dispatch_close_tick(s->d);
	assert_int_equal(count_status(s, ST_OK), 40);
	assert_int_equal(dispatch_figures(s->d, -1).running, 0);
	assert_int_equal(dispatch_figures(s->d, -1).places, 20);
	sim_free(s);
}

/* Without a checker nothing is anybody's fault, and when one is there all goes on. */
static void
test_no_worker(void **state)
{
	struct sim *s = sim_new(10, 2, 4, 20);

	(void)state;
	run_tick(s, 0);
	assert_int_equal(count_status(s, ST_NONE), 10);
	assert_string_equal(s->message[0], "not checked: no checker is running");
	up(s, 0);
	run_tick(s, 1);
	assert_int_equal(count_status(s, ST_OK), 10);
	sim_free(s);
}

/*
 * A round that outlives its tick: its system is not begun beside it. That is the system's doing, so it is
 * down; when the round ends in time the system is checked after it, and is quick again afterwards.
 */
static void
test_own_round(void **state)
{
	struct sim *s = sim_new(2, 1, 0, 10);

	(void)state;
	up(s, 0);
	s->takes_ms[0] = NEVER;
	run_tick(s, 0);
	assert_int_equal(s->status[0], ST_DOWN);
	assert_string_equal(s->message[0], "still running at the end of the tick");
	run_tick(s, 1);
	assert_int_equal(s->began[0], 0);
	assert_int_equal(s->status[0], ST_DOWN);
	assert_string_equal(s->message[0], "its round of an earlier tick was still running");
	assert_int_equal(s->status[1], ST_OK);
	open_tick(s, 2);
	s->takes_ms[0] = QUICK_MS;
	run_until(s, 2 * TICK_MS + TICK_MS * 81 / 100);
	assert_int_equal(s->began[0], 0);
	assert_int_equal(s->results[0], 0);
	end_round(s, 0);
	run_until(s, 3 * TICK_MS - 1);
	dispatch_close_tick(s->d);
	assert_int_equal(s->began[0], 1);
	assert_int_equal(s->status[0], ST_OK);
	sim_free(s);
}

/* The same, but its round ends when too little of the tick is left: down; unless its checker died, then none. */
static void
test_own_round_ends_late(void **state)
{
	(void)state;
	for (int dies = 0; dies < 2; dies++) {
		struct sim *s = sim_new(2, 1, 0, 10);

		up(s, 0);
		up(s, 1);
		s->takes_ms[0] = NEVER;
		run_tick(s, 0);
		open_tick(s, 1);
		run_until(s, 2 * TICK_MS - 10);
		if (dies)
			down(s, s->rounds[0].worker);
		else
			end_round(s, 0);
		run_until(s, 2 * TICK_MS - 1);
		dispatch_close_tick(s->d);
		assert_int_equal(s->began[0], 0);
		assert_int_equal(s->status[0], dies ? ST_NONE : ST_DOWN);
		assert_string_equal(s->message[0],
		    dies
			? "not checked: the checkers could not keep up: too little of the tick was "
			  "left"
			: "its round of an earlier tick was still running");
		sim_free(s);
	}
}

/* A checker that says nothing to anybody is no system's doing, in the second tick neither. */
static void
test_silent_worker(void **state)
{
	struct sim *s = sim_new(2, 1, 0, 10);

	(void)state;
	up(s, 0);
	s->takes_ms[0] = s->takes_ms[1] = NEVER;
	for (int32_t t = 0; t < 2; t++) {
		run_tick(s, t);
		assert_int_equal(count_status(s, ST_FAULT), 2);
		assert_string_equal(s->message[0], "the checker did not answer");
	}
	sim_free(s);
}

/* ---- the queues by themselves ---- */

/* Systems of owners, all in one group without a limit. */
static struct lanes *
queues(struct check_target *targets, const uint32_t *owners, size_t count, unsigned places)
{
	struct lanes *l;

	memset(targets, 0, count * sizeof *targets);
	for (size_t i = 0; i < count; i++)
		targets[i].owner = owners[i];
	l = lanes_new(targets, count, NULL, 0);
	lanes_set_places(l, places);
	return l;
}

/* Jobs have the numbers of their systems here. */
static void
takes(struct lanes *l, const int *expected, size_t count)
{
	uint32_t job = 99;

	for (size_t i = 0; i < count; i++) {
		assert_true(lanes_take(l, &job));
		assert_int_equal(job, expected[i]);
	}
	assert_false(lanes_take(l, &job));
}

static void
all_wait(struct lanes *l, size_t count)
{
	for (uint32_t i = 0; i < count; i++)
		lanes_wait(l, i, i);
}

/* Where there is a place for every system nobody is held back, whoever owns them. */
static void
test_ample(void **state)
{
	static const uint32_t owners[] = {0, 0, 0, 0, 0, 0, 0, 1};
	struct check_target targets[8];
	struct lanes *l = queues(targets, owners, 8, 8);

	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		lanes_judge(l, i, true);
	all_wait(l, 8);
	takes(l, (int[]){0, 7, 1, 2, 3, 4, 5, 6}, 8);
	lanes_free(l);
}

/* Departments take turns; those that were slow wait for the others. */
static void
test_turns(void **state)
{
	static const uint32_t owners[] = {0, 0, 0, 1, 1, 2};
	struct check_target targets[6];
	struct lanes *l = queues(targets, owners, 6, 6);

	(void)state;
	all_wait(l, 6);
	takes(l, (int[]){0, 3, 5, 1, 4, 2}, 6);
	for (uint32_t i = 0; i < 6; i++)
		lanes_release(l, i);
	lanes_judge(l, 0, true);
	lanes_judge(l, 5, true);
	all_wait(l, 6);
	takes(l, (int[]){1, 3, 2, 4, 0, 5}, 6);
	lanes_free(l);
}

/* A system whose round outlived its tick was slow. */
static void
test_overdue(void **state)
{
	static const uint32_t owners[] = {0, 1, 2};
	struct check_target targets[3];
	struct lanes *l = queues(targets, owners, 3, 3);

	(void)state;
	lanes_wait(l, 0, 0);
	takes(l, (int[]){0}, 1);
	lanes_overdue(l, 0);
	lanes_release(l, 0);
	all_wait(l, 3);
	takes(l, (int[]){1, 2, 0}, 3);
	lanes_free(l);
}

/* Another worker: the shares grow, and who waited for them goes on. */
static void
test_more_places(void **state)
{
	static const uint32_t owners[] = {0, 0, 0, 0, 1, 1, 1, 1};
	struct check_target targets[8];
	struct lanes *l = queues(targets, owners, 8, 4);

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		lanes_wait(l, i, i);
	takes(l, (int[]){0, 1}, 2);
	assert_int_equal(lanes_block(l, 2), BLOCK_SHARE);
	lanes_set_places(l, 6);
	takes(l, (int[]){2}, 1);
	lanes_set_places(l, 0);
	assert_int_equal(lanes_block(l, 3), BLOCK_NO_WORKER);
	lanes_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_department_hangs),
	    cmocka_unit_test(test_timeouts_delay_nobody),
	    cmocka_unit_test(test_suspects_hold_half),
	    cmocka_unit_test(test_suspects_do_not_starve),
	    cmocka_unit_test(test_all_hang),
	    cmocka_unit_test(test_groups_apart),
	    cmocka_unit_test(test_all_places_shared),
	    cmocka_unit_test(test_limit_of_one),
	    cmocka_unit_test(test_several_workers),
	    cmocka_unit_test(test_worker_dies),
	    cmocka_unit_test(test_no_worker),
	    cmocka_unit_test(test_own_round),
	    cmocka_unit_test(test_own_round_ends_late),
	    cmocka_unit_test(test_silent_worker),
	    cmocka_unit_test(test_ample),
	    cmocka_unit_test(test_turns),
	    cmocka_unit_test(test_overdue),
	    cmocka_unit_test(test_more_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
