/* Incident reports in the fold: levels, what is late. */
#include "report_rig.h"

/* The level is proposed from the systems' importance and the loss; the report's own is kept beside it. */
static void
test_level(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev = filed(1, STAGE_INITIAL, &r);

	(void)state;
	r->systems = "library-portal"; /* MLPS 3 */
	r->loss = LOSS_SERIOUS;
	r->level = LEVEL_I;
	core_must(g, ev);
	assert_int_equal(chain(g, 1)->level, LEVEL_I);
	assert_int_equal(chain(g, 1)->proposed, LEVEL_III);
	assert_int_equal(chain(g, 1)->systems.count, 1);
	ev = filed(1, STAGE_PROGRESS, &r);
	r->importance = IMPORTANCE_ESPECIAL;
	r->loss = LOSS_SERIOUS;
	core_must(g, ev);
	assert_int_equal(chain(g, 1)->proposed, LEVEL_II);
	assert_int_equal(chain(g, 1)->systems.count, 0);
	game_free(g);
}

/*
 * The core's drill has 8 h: a third of everyday's limits. At level IV 40 min for the initial report, 2 h 40 min between
 * progress reports, 8 h from containment to the final one.
 */
static void
test_late(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	assert_true(report_limit_ms(g, STAGE_INITIAL, LEVEL_I) == 10 * 60000);
	assert_true(report_limit_ms(g, STAGE_INITIAL, LEVEL_IV) == 40 * 60000);
	assert_true(report_limit_ms(g, STAGE_PROGRESS, LEVEL_III) == 160 * 60000);
	assert_true(report_limit_ms(g, STAGE_FINAL, LEVEL_II) == 480 * 60000);
	g->config->report_limits.ms[STAGE_INITIAL][LEVEL_IV] = 15000;
	core_must(g, filed_at(1, STAGE_INITIAL));
	assert_false(report_last(chain(g, 1))->late);
	report_later(g, 5000);
	core_must(g, filed_at(2, STAGE_INITIAL));
	assert_true(report_last(chain(g, 2))->late);
	/* A return does not excuse what was late, nor make late what was not. */
	core_must(g, returned(2));
	core_must(g, returned(1));
	report_later(g, 100000);
	core_must(g, filed_at(2, STAGE_INITIAL));
	core_must(g, filed_at(1, STAGE_INITIAL));
	assert_true(report_last(chain(g, 2))->late);
	assert_false(report_last(chain(g, 1))->late);
	ev = filed(1, STAGE_PROGRESS, &r);
	r->times[REPORT_CONTAINED] = g->at_ms;
	core_must(g, ev);
	assert_false(report_last(chain(g, 1))->late);
	report_later(g, 161 * 60000);
	core_must(g, filed_at(1, STAGE_PROGRESS));
	assert_true(report_last(chain(g, 1))->late);
	report_later(g, 318 * 60000);
	core_must(g, filed_at(1, STAGE_FINAL));
	assert_false(report_last(chain(g, 1))->late);
	core_must(
	    g, filed_at(2, STAGE_FINAL)); /* the first that tells of a containment, long ago */
	assert_true(report_last(chain(g, 2))->late);
	game_free(g);
}

/* A final report's limit runs from the containment as it was first claimed: a later claim moves nothing. */
static void
test_late_since_containment(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;
	int64_t now;

	(void)state;
	g->config->report_limits.ms[STAGE_FINAL][LEVEL_IV] = 60000;
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_must(g, filed_at(2, STAGE_INITIAL));
	ev = filed(1, STAGE_PROGRESS, &r);
	r->times[REPORT_CONTAINED] = now = g->at_ms;
	core_must(g, ev);
	report_later(g, 70000);
	ev = filed(1, STAGE_FINAL, &r);
	r->times[REPORT_CONTAINED] = g->at_ms;
	core_must(g, ev);
	assert_true(report_last(chain(g, 1))->late);
	ev = filed(2, STAGE_FINAL, &r);
	r->times[REPORT_CONTAINED] = now + 11000;
	core_must(g, ev);
	assert_false(report_last(chain(g, 2))->late);
	game_free(g);
}

/* A pause is no time: the same report is in time when the clock stood still since its detection. */
static void
test_pause_makes_nothing_late(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	g->config->report_limits.ms[STAGE_INITIAL][LEVEL_IV] = 2000;
	ev = filed(1, STAGE_INITIAL, &r);
	r->times[REPORT_DETECTED] = g->at_ms;
	g->drill_ms = clocklog_drill_ms(&g->clock, g->at_ms);
	core_must(g, (struct event){.kind = EV_DRILL_PAUSED, .u.clock.reason = ""});
	g->at_ms += 3600000;
	core_must(g, ev);
	assert_false(report_last(chain(g, 1))->late);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_level),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_late_since_containment),
	    cmocka_unit_test(test_pause_makes_nothing_late),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
