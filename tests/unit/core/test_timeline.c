/* A moment on the wall clock has its moment on the drill's: over pauses, over downtime, over a clock that was set. */
#include "core_rig.h"

#include "core/timeline.h"

static void
test_moments(void **state)
{
	/* runs 1000..1600, stands still until 2000, runs again */
	static const struct {
		int64_t wall, drill;
	} cases[] = {{0, 0}, {999, 0}, {1000, 0}, {1500, 500}, {1600, 600}, {1800, 600},
	    {2000, 600}, {2500, 1100}};
	struct timeline t = {.points = NULL};

	(void)state;
	assert_true(timeline_start_ms(&t) == 0);
	assert_true(timeline_drill_ms(&t, 1500) == 0);
	timeline_note(&t, 1000, 0, true);
	timeline_note(&t, 1600, 600, false);
	timeline_note(&t, 2000, 600, true);
	assert_true(timeline_start_ms(&t) == 1000);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (timeline_drill_ms(&t, cases[i].wall) != cases[i].drill)
			fail_msg("%lld", (long long)cases[i].wall);
	timeline_close(&t);
}

/* The wall clock jumped ahead within the run: what it shows is not later than the pause. */
static void
test_clock_was_set(void **state)
{
	struct timeline t = {.points = NULL};

	(void)state;
	timeline_note(&t, 1000, 0, true);
	timeline_note(&t, 9000, 600, false);
	assert_true(timeline_drill_ms(&t, 5000) == 600);
	timeline_close(&t);
}

/* In the fold; a pause for the server's downtime began when the server went. */
static void
test_in_the_fold(void **state)
{
	struct game *g = core_game();
	struct event down = {.kind = EV_DRILL_PAUSED, .u.clock = {"the server was down", 700}};

	(void)state;
	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
	assert_true(timeline_start_ms(&g->timeline) == g->at_ms);
	core_must(g, down);
	assert_int_equal(g->timeline.count, 2);
	assert_true(g->timeline.points[1].wall_ms == g->at_ms - 700);
	core_must(g, (struct event){.kind = EV_DRILL_RESUMED, .u.clock.reason = ""});
	assert_true(g->timeline.points[2].running);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moments),
	    cmocka_unit_test(test_clock_was_set),
	    cmocka_unit_test(test_in_the_fold),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
