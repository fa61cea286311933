/* Dispatch on a virtual clock: the test is the owner, the checkers and the time. */
#include "base/mem.h"
#include "checker/protocol.h"
#include "dispatch/dispatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define READY "{\"note\":\"\",\"sandbox\":\"rlimits\",\"type\":\"ready\"}"

#define SYSTEMS 100
#define TICK_MS 60000

/* What the owner sees. */
struct world {
	struct dispatch *d;
	struct check_target targets[SYSTEMS];
	size_t target_count;
	int64_t now_ms;
	struct sent {
		unsigned worker;
		struct job job;
		int64_t at_ms;
	} sent[4 * SYSTEMS];
	size_t sent_count;
	size_t programs[WORKERS_MAX];
	struct check_result results[4 * SYSTEMS];
	char messages[4 * SYSTEMS][128];
	char saved[4 * SYSTEMS][128];
	size_t result_count;
	bool send_fails;
	struct arena arena;
};

static size_t
give_flags(void *ctx, uint32_t system, int32_t tick, struct check_flag *out, size_t max)
{
	size_t n = 0;

	(void)ctx;
	for (int32_t t = tick; t >= 0 && t > tick - 3 && n < max; t--) {
		struct check_flag *f = &out[n++];

		*f = (struct check_flag){.tick = t, .slot = 1};
		f->saved =
		    t < tick ? "{\"s0.user\":\"no\",\"s1.id\":\"7\",\"s1.user\":\"li\"}" : "";
		snprintf(f->text, sizeof f->text, "T{%010d%014u}", t, system);
		snprintf(f->seed, sizeof f->seed, "%016x", (unsigned)t);
	}
	return n;
}

static enum err
take_line(void *ctx, unsigned worker, const char *line, size_t len)
{
	struct world *w = ctx;
	struct line in;
	struct why why;

	if (w->send_fails)
		return ERR_CLOSED;
	if (protocol_read(TO_CHECKER, line, len, &w->arena, &in, &why) != ERR_OK)
		fail_msg("a line for the checker does not read: %s", why.text);
	if (in.type == LINE_PROGRAM)
		w->programs[worker]++;
	else
		w->sent[w->sent_count++] = (struct sent){worker, *in.job, w->now_ms};
	return ERR_OK;
}

static void
take_result(void *ctx, const struct check_result *r)
{
	struct world *w = ctx;
	size_t i = w->result_count++;

	w->results[i] = *r;
	snprintf(w->messages[i], sizeof w->messages[i], "%s", r->message);
	snprintf(w->saved[i], sizeof w->saved[i], "%s", r->saved);
}

static const char *
give_state(void *ctx, uint32_t system)
{
	(void)ctx;
	return system == 0 ? "{\"k\":\"v\"}" : "";
}

static struct world *
world_new(size_t systems, unsigned in_flight)
{
	static const char *const names[] = {"portal"}, *const programs[] = {"{\"check\":[]}"};
	struct world *w = mem_alloc(sizeof *w);
	struct dispatch_options o = {.targets = w->targets,
	    .target_count = systems,
	    .program_names = names,
	    .programs = programs,
	    .program_count = 1,
	    .in_flight_max = in_flight,
	    .tick_ms = TICK_MS,
	    .flags = give_flags,
	    .state = give_state,
	    .send = take_line,
	    .result = take_result,
	    .ctx = w};

	w->target_count = systems;
	for (size_t i = 0; i < systems; i++)
		w->targets[i] = (struct check_target){.challenge = "portal",
		    .host = "10.0.0.1",
		    .port = 1000 + (int)i,
		    .timeout_ms = 5000,
		    .team_id = "library",
		    .team_name = "图书馆",
		    .team_number = 1};
	w->d = dispatch_new(&o);
	return w;
}

static void
world_free(struct world *w)
{
	dispatch_free(w->d);
	arena_free(&w->arena);
	free(w);
}

static enum err
say(struct world *w, unsigned worker, const char *text)
{
	struct why why;

	return dispatch_line(w->d, worker, text, strlen(text), &why);
}

static void
up(struct world *w, unsigned worker)
{
	dispatch_worker_up(w->d, worker);
	assert_int_equal(say(w, worker, READY), ERR_OK);
}

static enum err
answer(struct world *w, unsigned worker, uint64_t id, const char *status)
{
	char text[256];

	snprintf(text, sizeof text,
	    "{\"type\":\"result\",\"job\":%llu,\"status\":\"%s\",\"ms\":12,\"message\":\"m\","
	    "\"trace\":\"t\",\"saved\":{\"s1.id\":\"8\"}}",
	    (unsigned long long)id, status);
	return say(w, worker, text);
}

static void
open_tick(struct world *w, int32_t tick, uint64_t seed)
{
	w->now_ms = (int64_t)tick * TICK_MS;
	dispatch_open_tick(w->d, tick, w->now_ms, w->now_ms + TICK_MS, seed, NULL, NULL);
}

/* Steps as the owner would: at each moment that dispatch names, until the given one. */
static void
run_until(struct world *w, int64_t ms)
{
	int64_t at;

	while ((at = dispatch_step(w->d, w->now_ms)) >= 0 && at <= ms) {
		assert_true(at > w->now_ms);
		w->now_ms = at;
	}
	w->now_ms = ms;
	(void)dispatch_step(w->d, ms);
}

/* Every system is checked once a tick, all beginnings lie in the first 80 % and fill it evenly. */
static void
test_spread(void **state)
{
	struct world *w = world_new(SYSTEMS, SYSTEMS);
	bool seen[SYSTEMS] = {false};
	int per_fifth[5] = {0};

	(void)state;
	up(w, 0);
	open_tick(w, 3, 42);
	run_until(w, 4 * TICK_MS - 1);
	assert_int_equal(w->sent_count, SYSTEMS);
	for (size_t i = 0; i < w->sent_count; i++) {
		int64_t offset = w->sent[i].at_ms - 3 * TICK_MS;
		int system = w->sent[i].job.port - 1000;

		assert_false(seen[system]);
		seen[system] = true;
		assert_in_range(offset, 0, TICK_MS * 8 / 10);
		per_fifth[offset * 5 / (TICK_MS * 8 / 10 + 1)]++;
	}
	for (int i = 0; i < 5; i++)
		assert_in_range(per_fifth[i], SYSTEMS / 5 - 1, SYSTEMS / 5 + 1);
	world_free(w);
}

/* The seed decides the moments: the same one gives the same, another one others. */
static void
test_seed(void **state)
{
	struct world *w = world_new(SYSTEMS, SYSTEMS);
	int order[3][SYSTEMS];
	static const uint64_t seeds[3] = {1, 1, 2};

	(void)state;
	up(w, 0);
	for (int32_t t = 0; t < 3; t++) {
		w->sent_count = 0;
		dispatch_worker_down(w->d, 0);
		up(w, 0);
		open_tick(w, t, seeds[t]);
		run_until(w, (t + 1) * TICK_MS - 1);
		for (int i = 0; i < SYSTEMS; i++)
			order[t][i] = w->sent[i].job.port;
		dispatch_close_tick(w->d);
	}
	assert_memory_equal(order[0], order[1], sizeof order[0]);
	assert_memory_not_equal(order[0], order[2], sizeof order[0]);
	world_free(w);
}

/* This tick's flag is put; older ones are looked for with their own slot's values, prefix off. */
static void
test_job(void **state)
{
	struct world *w = world_new(1, 1);
	const struct job *job = &w->sent[0].job;

	(void)state;
	up(w, 0);
	assert_int_equal(w->programs[0], 1);
	open_tick(w, 5, 0);
	run_until(w, 6 * TICK_MS - 1);
	assert_int_equal(w->sent_count, 1);
	assert_int_equal(job->tick, 5);
	assert_int_equal(job->put_count, 1);
	assert_int_equal(job->put[0].slot, 1);
	assert_string_equal(job->put[0].seed, "0000000000000005");
	assert_int_equal(job->get_count, 2);
	assert_int_equal(job->get[0].tick, 4);
	assert_int_equal(job->get[1].tick, 3);
	assert_string_equal(job->get[0].saved, "{\"id\":\"7\",\"user\":\"li\"}");
	assert_int_equal(job->timeout_ms, 5000);
	world_free(w);
}

/* A result reaches the owner as it was given. */
static void
test_result(void **state)
{
	struct world *w = world_new(1, 1);

	(void)state;
	up(w, 0);
	open_tick(w, 5, 0);
	assert_int_equal(dispatch_waiting(w->d), 1);
	run_until(w, 6 * TICK_MS - 1);
	assert_int_equal(dispatch_running(w->d), 1);
	assert_int_equal(answer(w, 0, w->sent[0].job.id, "recovering"), ERR_OK);
	assert_int_equal(dispatch_running(w->d), 0);
	assert_int_equal(w->result_count, 1);
	assert_int_equal(w->results[0].status, ST_RECOVERING);
	assert_int_equal(w->results[0].tick, 5);
	assert_int_equal(w->results[0].ms, 12);
	assert_string_equal(w->messages[0], "m");
	assert_string_equal(w->saved[0], "{\"s1.id\":\"8\"}");
	dispatch_close_tick(w->d);
	assert_int_equal(w->result_count, 1);
	world_free(w);
}

/* A worker gets no more than its limit, and the next as soon as one is answered. */
static void
test_in_flight(void **state)
{
	struct world *w = world_new(10, 2);

	(void)state;
	up(w, 0);
	up(w, 1);
	open_tick(w, 0, 0);
	run_until(w, TICK_MS * 81 / 100);
	assert_int_equal(w->sent_count, 4);
	assert_int_equal(dispatch_running(w->d), 4);
	assert_int_equal(dispatch_waiting(w->d), 6);
	assert_int_equal(answer(w, w->sent[3].worker, w->sent[3].job.id, "ok"), ERR_OK);
	(void)dispatch_step(w->d, w->now_ms);
	assert_int_equal(w->sent_count, 5);
	assert_int_equal(w->sent[4].worker, w->sent[3].worker);
	world_free(w);
}

/* The jobs of a checker that dies are its fault, not the systems'; another goes on with the rest. */
static void
test_worker_dies(void **state)
{
	struct world *w = world_new(10, 3);
	size_t faults;

	(void)state;
	up(w, 0);
	open_tick(w, 0, 0);
	run_until(w, TICK_MS / 2);
	assert_int_equal(w->sent_count, 3);
	dispatch_worker_down(w->d, 0);
	assert_int_equal(w->result_count, 3);
	for (faults = 0; faults < 3; faults++) {
		assert_int_equal(w->results[faults].status, ST_FAULT);
		assert_string_equal(w->messages[faults], "checker died");
	}
	dispatch_worker_up(w->d, 0);
	(void)dispatch_step(w->d, w->now_ms);
	assert_int_equal(w->sent_count, 3); /* it has not said "ready" */
	assert_int_equal(say(w, 0, READY), ERR_OK);
	(void)dispatch_step(w->d, w->now_ms);
	assert_true(w->sent_count > 3);
	assert_int_equal(
	    answer(w, 0, w->sent[0].job.id, "ok"), ERR_INVALID); /* its predecessor's */
	world_free(w);
}

/* The tick's end: running ones are down, waiting ones not checked, and each system has one result. */
static void
test_close(void **state)
{
	struct world *w = world_new(10, 3);
	size_t down = 0, none = 0;

	(void)state;
	up(w, 0);
	open_tick(w, 0, 7);
	run_until(w, TICK_MS * 79 / 100);
	assert_int_equal(answer(w, 0, w->sent[0].job.id, "ok"), ERR_OK);
	(void)dispatch_step(w->d, w->now_ms);
	dispatch_close_tick(w->d);
	assert_int_equal(w->result_count, 10);
	for (size_t i = 1; i < 10; i++) {
		if (w->results[i].status == ST_DOWN) {
			assert_string_equal(w->messages[i], "still running at the end of the tick");
			down++;
		} else {
			assert_int_equal(w->results[i].status, ST_NONE);
			assert_string_equal(w->messages[i],
			    "not checked: the checkers could not keep up: all places were taken");
			none++;
		}
	}
	assert_int_equal(down, 3);
	assert_int_equal(none, 6);
	assert_int_equal(dispatch_waiting(w->d) + dispatch_running(w->d), 0);
	world_free(w);
}

/* The drill ends within a tick: nobody had the time that was theirs, so nobody is down. */
static void
test_cut(void **state)
{
	struct world *w = world_new(10, 3);

	(void)state;
	up(w, 0);
	open_tick(w, 0, 7);
	run_until(w, TICK_MS / 2);
	dispatch_cut_tick(w->d);
	assert_int_equal(w->result_count, 10);
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(w->results[i].status, ST_NONE);
		assert_string_equal(
		    w->messages[i], "not checked: the drill was ended within this tick");
	}
	world_free(w);
}

/* A late answer is dropped, once; it holds its place until then, for the checker is still at it. */
static void
test_late(void **state)
{
	struct world *w = world_new(2, 2);
	uint64_t late;

	(void)state;
	up(w, 0);
	open_tick(w, 0, 0);
	run_until(w, TICK_MS - 1);
	assert_int_equal(w->sent_count, 2);
	late = w->sent[0].job.id;
	assert_int_equal(answer(w, 0, w->sent[1].job.id, "ok"), ERR_OK);
	open_tick(w, 1, 0);
	assert_int_equal(w->result_count, 2);
	run_until(w, 2 * TICK_MS - 12000);
	assert_int_equal(w->sent_count, 3);
	assert_int_equal(answer(w, 0, late, "ok"), ERR_OK);
	assert_int_equal(w->result_count, 2);
	(void)dispatch_step(w->d, w->now_ms);
	assert_int_equal(w->sent_count, 4);
	assert_int_equal(answer(w, 0, late, "ok"), ERR_INVALID);
	world_free(w);
}

/* What a checker may not say. */
static void
test_bad_lines(void **state)
{
	struct world *w = world_new(1, 4);

	(void)state;
	assert_int_equal(say(w, 0, READY), ERR_CLOSED);
	up(w, 0);
	up(w, 1);
	open_tick(w, 0, 0);
	run_until(w, TICK_MS - 1);
	assert_int_equal(say(w, 0, READY), ERR_INVALID); /* a second time */
	assert_int_equal(answer(w, 0, w->sent[0].job.id + 1, "ok"), ERR_INVALID);
	assert_int_equal(answer(w, 0, 0, "ok"), ERR_INVALID);
	assert_int_equal(
	    answer(w, 1 - w->sent[0].worker, w->sent[0].job.id, "ok"), ERR_INVALID); /* another's */
	assert_int_equal(answer(w, w->sent[0].worker, w->sent[0].job.id, "none"), ERR_INVALID);
	assert_int_equal(answer(w, w->sent[0].worker, w->sent[0].job.id, "ok"), ERR_OK);
	assert_int_equal(
	    answer(w, w->sent[0].worker, w->sent[0].job.id, "ok"), ERR_INVALID); /* twice */
	assert_int_equal(w->result_count, 1);
	world_free(w);
}

/* No job runs past its tick: late in a short tick its time is cut, and too late it does not begin. */
static void
test_deadline(void **state)
{
	struct world *w = world_new(1, 1);

	(void)state;
	up(w, 0);
	w->now_ms = 0;
	dispatch_open_tick(w->d, 0, 0, 2000, 0, NULL, NULL);
	(void)dispatch_step(w->d, 1600);
	assert_int_equal(w->sent_count, 1);
	assert_in_range(w->sent[0].job.timeout_ms, 300, 399);
	dispatch_close_tick(w->d);

	dispatch_worker_down(w->d, 0);
	up(w, 0);
	dispatch_open_tick(w->d, 1, 2000, 4000, 0, NULL, NULL);
	assert_int_equal(dispatch_step(w->d, 3900), -1);
	assert_int_equal(w->sent_count, 1);
	dispatch_close_tick(w->d);
	assert_int_equal(w->results[w->result_count - 1].status, ST_NONE);
	world_free(w);
}

/* A job with less time than the tick's margin must not get a time below 1 ms, whenever it begins. */
static void
test_short_timeout(void **state)
{
	struct world *w = world_new(1, 1);

	(void)state;
	w->targets[0].timeout_ms = 20;
	for (int64_t late = 0; late <= 5000; late += 7) {
		w->sent_count = w->result_count = 0;
		up(w, 0);
		dispatch_open_tick(w->d, 0, 0, 5000, 0, NULL, NULL);
		(void)dispatch_step(
		    w->d, late); /* take_line refuses what the protocol does not allow */
		dispatch_worker_down(w->d, 0);
	}
	world_free(w);
}

static bool
skip_odd(void *ctx, uint32_t system)
{
	(void)ctx;
	return system % 2 == 1;
}

/* Systems that have their result already are left out. */
static void
test_skip(void **state)
{
	struct world *w = world_new(10, 10);

	(void)state;
	up(w, 0);
	dispatch_open_tick(w->d, 0, 0, TICK_MS, 0, skip_odd, NULL);
	assert_int_equal(dispatch_waiting(w->d), 5);
	run_until(w, TICK_MS - 1);
	assert_int_equal(w->sent_count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(w->sent[i].job.port % 2, 0);
	world_free(w);
}

/* Without a checker nothing is anybody's fault. */
static void
test_no_worker(void **state)
{
	struct world *w = world_new(2, 2);

	(void)state;
	open_tick(w, 0, 0);
	run_until(w, TICK_MS - 1);
	dispatch_close_tick(w->d);
	assert_int_equal(w->result_count, 2);
	assert_int_equal(w->results[0].status, ST_NONE);
	assert_string_equal(w->messages[0], "not checked: no checker is running");
	world_free(w);
}

/* A checker that hangs, process and all, is no system's fault. */
static void
test_silent_worker(void **state)
{
	struct world *w = world_new(2, 2);

	(void)state;
	up(w, 0);
	open_tick(w, 0, 0);
	run_until(w, TICK_MS - 1);
	dispatch_close_tick(w->d);
	assert_int_equal(w->result_count, 2);
	assert_int_equal(w->results[0].status, ST_FAULT);
	assert_string_equal(w->messages[0], "the checker did not answer");
	world_free(w);
}

/* A line that cannot be sent ends the worker, not the job. */
static void
test_send_fails(void **state)
{
	struct world *w = world_new(1, 1);

	(void)state;
	up(w, 0);
	open_tick(w, 0, 0);
	w->send_fails = true;
	run_until(w, TICK_MS / 10 * 8);
	assert_int_equal(dispatch_waiting(w->d), 1);
	assert_int_equal(dispatch_figures(w->d, -1).places, 0);
	assert_int_equal(dispatch_figures(w->d, -1).running, 0);
	dispatch_worker_down(w->d, 0);
	assert_int_equal(w->result_count, 0);
	w->send_fails = false;
	up(w, 1);
	(void)dispatch_step(w->d, w->now_ms);
	assert_int_equal(w->sent_count, 1);
	assert_int_equal(w->sent[0].worker, 1);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spread),
	    cmocka_unit_test(test_seed),
	    cmocka_unit_test(test_job),
	    cmocka_unit_test(test_result),
	    cmocka_unit_test(test_in_flight),
	    cmocka_unit_test(test_worker_dies),
	    cmocka_unit_test(test_close),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_bad_lines),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_short_timeout),
	    cmocka_unit_test(test_skip),
	    cmocka_unit_test(test_no_worker),
	    cmocka_unit_test(test_silent_worker),
	    cmocka_unit_test(test_send_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
