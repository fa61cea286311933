/* Who may be checked next: shares, limits, turns; slow and hanging systems keep nobody waiting. */
#include "sim.h"

#include "dispatch/lanes.h"

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
	    .tick_ms = TICK_MS,
	    .flags = no_flags,
	    .state = no_state,
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
	    cmocka_unit_test(test_ample),
	    cmocka_unit_test(test_turns),
	    cmocka_unit_test(test_overdue),
	    cmocka_unit_test(test_more_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
