/* What becomes of rounds that outlive their tick or their checker. */
#include "sim.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worker_dies),
	    cmocka_unit_test(test_no_worker),
	    cmocka_unit_test(test_own_round),
	    cmocka_unit_test(test_own_round_ends_late),
	    cmocka_unit_test(test_silent_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
