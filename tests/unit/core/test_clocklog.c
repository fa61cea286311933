/* The two clocks side by side, and the numbers that stand for departments. */
#include "core_rig.h"

#include "core/clocklog.h"
#include "core/unit.h"

static void
test_moments(void **state)
{
	struct clocklog log = {0};

	(void)state;
	assert_true(clocklog_start_ms(&log) == 0);
	assert_true(clocklog_drill_ms(&log, 5000) == 0);
	clocklog_add(&log, 1000, 0, true);
	clocklog_add(&log, 4000, 3000, false);
	clocklog_add(&log, 9000, 3000, true);
	clocklog_add(&log, 20000, 8000, false); /* down from 14000 on: the pause stands for it */
	assert_true(clocklog_start_ms(&log) == 1000);
	assert_true(clocklog_drill_ms(&log, 999) == 0);
	assert_true(clocklog_drill_ms(&log, 1000) == 0);
	assert_true(clocklog_drill_ms(&log, 2500) == 1500);
	assert_true(clocklog_drill_ms(&log, 4000) == 3000);
	assert_true(clocklog_drill_ms(&log, 8999) == 3000);
	assert_true(clocklog_drill_ms(&log, 10000) == 4000);
	assert_true(clocklog_drill_ms(&log, 14000) == 8000);
	assert_true(clocklog_drill_ms(&log, 19000) == 8000);
	assert_true(clocklog_drill_ms(&log, 99000) == 8000);
	clocklog_free(&log);
}

static void
test_the_fold_keeps_it(void **state)
{
	struct game *g = core_game();

	(void)state;
	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
	assert_true(clocklog_start_ms(&g->clock) == g->at_ms);
	g->drill_ms = 500;
	core_must(g, (struct event){.kind = EV_DRILL_PAUSED, .u.clock.reason = ""});
	assert_int_equal(g->clock.count, 2);
	assert_false(g->clock.marks[1].runs);
	assert_true(g->clock.marks[1].drill_ms == 500);
	game_free(g);
}

static void
test_what_is_claimed(void **state)
{
	struct clocklog log = {0};

	(void)state;
	clocklog_add(&log, 100000, 0, true);
	assert_int_equal(clocklog_claim(&log, 99999, 160000, 60000), CLOCK_CLAIM_EARLY);
	assert_int_equal(clocklog_claim(&log, 100000, 160000, 60000), CLOCK_CLAIM_FITS);
	assert_int_equal(clocklog_claim(&log, 160000, 160000, 60000), CLOCK_CLAIM_FITS);
	assert_int_equal(clocklog_claim(&log, 160001, 160000, 60000), CLOCK_CLAIM_LATE);
	/* set back to before the start, a minute in */
	assert_int_equal(clocklog_claim(&log, 29999, 90000, 60000), CLOCK_CLAIM_EARLY);
	assert_int_equal(clocklog_claim(&log, 30000, 90000, 60000), CLOCK_CLAIM_FITS);
	assert_int_equal(clocklog_claim(&log, 90001, 90000, 60000), CLOCK_CLAIM_LATE);
	clocklog_free(&log);
}

/* An hour back, with a pause before and after it: moments are found on the clock as it goes since then. */
static void
test_clock_set_back(void **state)
{
	struct game *g = core_game();
	const int64_t hour = 3600000, start = g->at_ms + 1000;
	struct event ev = {.actor = "chief", .at_ms = start, .u.clock.reason = ""};
	const struct {
		enum event_kind kind;
		int64_t at_ms, drill_ms;
	} course[] = {
	    {EV_DRILL_STARTED, 0, 0},
	    {EV_DRILL_PAUSED, 60000, 60000},
	    {EV_DRILL_RESUMED, 90000, 60000},
	    {EV_DRILL_PAUSED, 120000 - hour, 90000}, /* the thirty seconds between were told */
	    {EV_DRILL_RESUMED, 150000 - hour, 90000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof course / sizeof course[0]; i++) {
		ev.kind = course[i].kind;
		ev.seq = g->seq + 1;
		ev.at_ms = start + course[i].at_ms;
		ev.drill_ms = course[i].drill_ms;
		assert_int_equal(game_apply(g, &ev, &core_why), ERR_OK);
	}
	for (size_t i = 1; i < g->clock.count; i++)
		assert_true(g->clock.marks[i].wall_ms >= g->clock.marks[i - 1].wall_ms);
	assert_true(clocklog_start_ms(&g->clock) == start - hour);
	assert_true(clocklog_drill_ms(&g->clock, start - hour + 40000) == 40000);
	assert_true(clocklog_drill_ms(&g->clock, start - hour + 75000) == 60000);
	assert_true(clocklog_drill_ms(&g->clock, start - hour + 100000) == 70000);
	assert_true(clocklog_drill_ms(&g->clock, start - hour + 160000) == 100000);
	/* What is refused moves nothing. */
	ev.kind = EV_DRILL_RESUMED;
	ev.seq = g->seq + 1;
	ev.at_ms -= hour;
	assert_int_not_equal(game_apply(g, &ev, &core_why), ERR_OK);
	assert_true(clocklog_start_ms(&g->clock) == start - hour);
	game_free(g);
}

/* Each department once, red teams none; the same in every fold; by the moment of opening in another order. */
static void
test_units(void **state)
{
	struct team_config teams[40];
	char ids[40][8], zh[UNIT_NAME_BYTES], en[UNIT_NAME_BYTES];
	struct drill_config c = {.id = "d", .teams = teams, .team_count = 40};
	bool taken[40] = {false};
	int *units, *again, *other;
	size_t moved = 0, in_order = 0;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		snprintf(ids[i], sizeof ids[i], "t%zu", i);
		teams[i] =
		    (struct team_config){.id = ids[i], .kind = i < 30 ? TEAM_BLUE : TEAM_RED};
	}
	units = units_draw(&c, 1000, NULL);
	again = units_draw(&c, 1000, NULL);
	other = units_draw(&c, 1001, "");
	for (size_t i = 0; i < 40; i++) {
		assert_int_equal(units[i], again[i]);
		moved += units[i] != other[i];
		in_order += units[i] == (int)i + 1;
		if (i >= 30) {
			assert_int_equal(units[i], 0);
			continue;
		}
		assert_in_range(units[i], 1, 30);
		assert_false(taken[units[i]]);
		taken[units[i]] = true;
	}
	assert_true(moved > 20);
	assert_true(in_order < 10);
	free(other);
	other = units_draw(&c, 1000, "5eed");
	assert_memory_not_equal(units, other, 40 * sizeof *units);
	free(again);
	again = units_draw(&c, 2000, "5eed"); /* by the seed alone */
	assert_memory_equal(again, other, 40 * sizeof *units);
	unit_name(7, zh, en);
	assert_string_equal(zh, "单位 7");
	assert_string_equal(en, "Unit 7");
	free(units);
	free(again);
	free(other);
}

/* The seed is secret, comes back, and a bundle without it folds as well. */
static void
test_unit_seed(void **state)
{
	struct event ev = {.kind = EV_DRILL_OPENED, .u.opened = {&core_config, "5eed"}}, again = ev;
	struct drill_config config = {.id = NULL};
	struct buf body, secret;

	(void)state;
	buf_init(&body, EVENT_BODY_MAX_BYTES);
	buf_init(&secret, 1000);
	assert_int_equal(event_encode(&ev, &body, &secret), ERR_OK);
	assert_string_equal(secret.data, "{\"unit_seed\":\"5eed\"}");
	assert_null(strstr(body.data, "5eed"));
	assert_int_equal(event_decode(&again, body.data, body.len, secret.data, secret.len,
			     &core_arena, &config, &core_why),
	    ERR_OK);
	assert_string_equal(again.u.opened.unit_seed, "5eed");
	config_free(&config);
	assert_int_equal(
	    event_decode(&again, body.data, body.len, "", 0, &core_arena, &config, &core_why),
	    ERR_OK);
	assert_string_equal(again.u.opened.unit_seed, "");
	config_free(&config);
	assert_int_equal(event_decode(&again, body.data, body.len, "{\"unit_seed\":7}", 15,
			     &core_arena, &config, &core_why),
	    ERR_INVALID);
	buf_free(&body);
	buf_free(&secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moments),
	    cmocka_unit_test(test_the_fold_keeps_it),
	    cmocka_unit_test(test_what_is_claimed),
	    cmocka_unit_test(test_clock_set_back),
	    cmocka_unit_test(test_units),
	    cmocka_unit_test(test_unit_seed),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
