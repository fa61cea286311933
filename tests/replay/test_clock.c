/* The clock's rules, on clocks that the test moves. Each replay: the rule, the events, what must hold. */
#include "replay.h"

#include "base/time.h"

static const struct game *
game_of(const struct replay *r)
{
	return r->drill->game;
}

static void
assert_at(const struct replay *r, enum drill_state state, int32_t tick, bool open)
{
	assert_int_equal(game_of(r)->state, state);
	assert_int_equal(game_of(r)->tick, tick);
	assert_int_equal(game_of(r)->tick_open, open);
}

static struct replay *
started(void)
{
	struct replay *r = replay_new();

	replay_open(r);
	clock_hand(r, "start");
	return r;
}

/* A pause stops drill time: what is due in ten minutes is still due in ten minutes after a break of an hour. */
static void
test_pause_stops_drill_time(void **state)
{
	struct replay *r = started();

	(void)state;
	run_for(r, 30 * SECOND);
	assert_at(r, DRILL_RUNNING, 0, true);
	clock_hand(r, "pause");
	run_for(r, HOUR);
	assert_at(r, DRILL_PAUSED, 0, true);
	assert_int_equal(drill_now_ms(r->drill), 30 * SECOND);
	assert_int_equal(drill_next_ms(r->drill), INT64_MAX);
	clock_hand(r, "resume");
	assert_int_equal(drill_next_ms(r->drill), r->mono_ms + 30 * SECOND);
	run_for(r, 30 * SECOND - 1);
	assert_at(r, DRILL_RUNNING, 0, true);
	run_for(r, 1);
	assert_at(r, DRILL_RUNNING, 1, true);
	replay_free(r);
}

/* A flag does not age during a pause: what was good before the break is good after it. */
static void
test_pause_ages_no_flag(void **state)
{
	struct replay *r = started();

	(void)state;
	run_for(r, 4 * MINUTE);
	clock_hand(r, "pause");
	assert_int_equal(submit(r, 0, 0), V_ERR);
	run_for(r, 10 * HOUR);
	clock_hand(r, "resume");
	assert_int_equal(submit(r, 0, 0), V_OK);
	replay_free(r);
}

/* An eight-hour drill of one-minute ticks: 480 ticks begin and close, each when it is due, and then it ends. */
static void
test_eight_hours(void **state)
{
	struct replay *r = started();
	int64_t began = time_mono_ms(), took;

	(void)state;
	run_for(r, 8 * HOUR);
	took = time_mono_ms() - began;
	assert_at(r, DRILL_ENDED, 479, false);
	assert_int_equal(game_of(r)->history_count, 480);
	assert_int_equal(game_of(r)->drill_ms, 8 * HOUR);
	assert_int_equal(drill_next_ms(r->drill), INT64_MAX);
	print_message("# eight hours in %lld ms\n", (long long)took);
	/* Some thousand commits: well under a second, but for a disk that needs 20 ms for each. */
	assert_in_range(took, 0, 100000);
	replay_free(r);
}

/* Ticks keep to the start's rhythm: a loop that is late by some ms each time does not push later ticks back. */
static void
test_lateness_does_not_add_up(void **state)
{
	struct replay *r = started();

	(void)state;
	for (int i = 0; i < 100; i++) {
		int64_t next = drill_next_ms(r->drill);

		pass(r, next - r->mono_ms + 7);
	}
	assert_int_equal(game_of(r)->tick, 100);
	assert_int_equal(drill_next_ms(r->drill), 1000000 + 101 * MINUTE);
	replay_free(r);
}

/* A loop that stalls over several ticks closes and begins them in order when it comes back, none left out. */
static void
test_stall_closes_ticks_in_order(void **state)
{
	struct replay *r = started();

	(void)state;
	run_for(r, 10 * SECOND);
	checked(r, 0, ST_OK);
	pass(r, 5 * MINUTE);
	assert_at(r, DRILL_RUNNING, 5, true);
	assert_int_equal(game_of(r)->history_count, 5);
	assert_int_equal(game_of(r)->systems[0].checked_ticks, 1);
	assert_int_equal(drill_next_ms(r->drill), 1000000 + 6 * MINUTE);
	replay_free(r);
}

/* "Stop after tick 3" closes tick 3 in full time, then ends; it can be moved, but not into the past. */
static void
test_stop_after_tick(void **state)
{
	struct replay *r = started();

	(void)state;
	run_for(r, 2 * MINUTE);
	assert_int_equal(try_clock(r, "stop_after", 1), ERR_CONFLICT);
	assert_int_equal(try_clock(r, "stop_after", 480), ERR_CONFLICT);
	assert_int_equal(try_clock(r, "stop_after", 7), ERR_OK);
	assert_int_equal(try_clock(r, "stop_after", 3), ERR_OK);
	run_for(r, 2 * MINUTE - 1);
	assert_at(r, DRILL_RUNNING, 3, true);
	run_for(r, 1);
	assert_at(r, DRILL_ENDED, 3, false);
	assert_int_equal(game_of(r)->history_count, 4);
	assert_int_equal(try_clock(r, "stop_after", 9), ERR_CONFLICT);
	replay_free(r);
}

/* A flag lives exactly flag_ticks ticks: its own and the four after it; then it is old. */
static void
test_flag_lifetime(void **state)
{
	struct replay *r = started();

	(void)state;
	assert_int_equal(submit(r, 0, 1), V_INV); /* not issued yet */
	run_for(r, 5 * MINUTE - 1);
	assert_at(r, DRILL_RUNNING, 4, true);
	assert_int_equal(submit(r, 0, 0), V_OK);
	assert_int_equal(submit(r, 0, 0), V_DUP);
	assert_int_equal(submit(r, 1, 0), V_OWN);
	run_for(r, 1);
	assert_at(r, DRILL_RUNNING, 5, true);
	assert_int_equal(submit(r, 0, 0), V_OLD);
	assert_int_equal(submit(r, 0, 1), V_OK);
	replay_free(r);
}

/* A planned start is an hour of the wall clock: nothing before it, tick 0 with it, whoever is at the desk. */
static void
test_planned_start(void **state)
{
	struct replay *r = replay_new();

	(void)state;
	r->scenario.config.start_ms = REPLAY_WALL_MS + HOUR;
	replay_open(r);
	run_for(r, HOUR - 1);
	assert_at(r, DRILL_PLANNED, -1, false);
	run_for(r, 1);
	assert_at(r, DRILL_RUNNING, 0, true);
	assert_int_equal(game_of(r)->drill_ms, 0);
	replay_free(r);
}

/* The wall clock decides the start even when somebody sets it forward: half a minute later at the latest. */
static void
test_planned_start_after_the_clock_was_set(void **state)
{
	struct replay *r = replay_new();

	(void)state;
	r->scenario.config.start_ms = REPLAY_WALL_MS + HOUR;
	replay_open(r);
	r->wall_ms += 2 * HOUR;
	run_for(r, 30 * SECOND);
	assert_at(r, DRILL_RUNNING, 0, true);
	replay_free(r);
}

/* Once it runs, drill time is monotonic: setting the wall clock moves no tick. */
static void
test_setting_the_wall_clock_moves_no_tick(void **state)
{
	struct replay *r = started();

	(void)state;
	run_for(r, 30 * SECOND);
	r->wall_ms -= 5 * HOUR;
	run_for(r, 29 * SECOND);
	assert_at(r, DRILL_RUNNING, 0, true);
	r->wall_ms += 50 * HOUR;
	run_for(r, 1 * SECOND);
	assert_at(r, DRILL_RUNNING, 1, true);
	replay_free(r);
}

/* Ended by hand in the middle of a tick: the open tick closes first and counts, then nothing is due any more. */
static void
test_end_by_hand_closes_the_open_tick(void **state)
{
	struct replay *r = started();

	(void)state;
	run_for(r, MINUTE + 20 * SECOND);
	checked(r, 0, ST_OK);
	clock_hand(r, "end");
	assert_at(r, DRILL_ENDED, 1, false);
	assert_int_equal(game_of(r)->history_count, 2);
	run_for(r, HOUR);
	assert_at(r, DRILL_ENDED, 1, false);
	assert_int_equal(submit(r, 0, 1), V_ERR);
	assert_int_equal(try_clock(r, "resume", -1), ERR_CONFLICT);
	assert_int_equal(try_clock(r, "end", -1), ERR_CONFLICT);
	replay_free(r);
}

/* A paused drill can be ended as it is; each other action needs its state, and says so. */
static void
test_actions_need_their_state(void **state)
{
	struct replay *r = replay_new();

	(void)state;
	replay_open(r);
	assert_int_equal(try_clock(r, "pause", -1), ERR_CONFLICT);
	assert_int_equal(try_clock(r, "resume", -1), ERR_CONFLICT);
	assert_int_equal(try_clock(r, "end", -1), ERR_CONFLICT);
	assert_int_equal(try_clock(r, "dance", -1), ERR_INVALID);
	clock_hand(r, "start");
	assert_int_equal(try_clock(r, "start", -1), ERR_CONFLICT);
	clock_hand(r, "pause");
	clock_hand(r, "end");
	assert_at(r, DRILL_ENDED, 0, false);
	replay_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pause_stops_drill_time),
	    cmocka_unit_test(test_pause_ages_no_flag),
	    cmocka_unit_test(test_eight_hours),
	    cmocka_unit_test(test_lateness_does_not_add_up),
	    cmocka_unit_test(test_stall_closes_ticks_in_order),
	    cmocka_unit_test(test_stop_after_tick),
	    cmocka_unit_test(test_flag_lifetime),
	    cmocka_unit_test(test_planned_start),
	    cmocka_unit_test(test_planned_start_after_the_clock_was_set),
	    cmocka_unit_test(test_setting_the_wall_clock_moves_no_tick),
	    cmocka_unit_test(test_end_by_hand_closes_the_open_tick),
	    cmocka_unit_test(test_actions_need_their_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
