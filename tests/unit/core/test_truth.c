/* Ground truth: which report tells of which red fact, what became of each, measured times, corrections by hand. */
#include "report_rig.h"

#include "core/truth.h"

#define MINUTE 60000

static struct event
capture(const char *red, const char *system, int32_t tick)
{
	return (struct event){
	    .kind = EV_FLAG_CAPTURED, .actor = "red-1-hand", .u.capture = {red, system, tick, 0}};
}

static void
tick(struct game *g, enum event_kind kind, int32_t n)
{
	core_must(g, (struct event){.kind = kind, .actor = "clock", .u.tick.tick = n});
}

/* A tick with one result for the library's portal. */
static void
checked(struct game *g, int32_t n, enum status status)
{
	if (g->drill_ms < (int64_t)n * MINUTE)
		report_later(g, (int64_t)n * MINUTE - g->drill_ms);
	tick(g, EV_TICK_BEGAN, n);
	core_must(g, (struct event){.kind = EV_CHECK_DONE,
			 .actor = "checker",
			 .u.check = {.system = "library-portal",
			     .tick = n,
			     .status = status,
			     .message = "",
			     .trace = "",
			     .saved = "",
			     .state = ""}});
	tick(g, EV_TICK_CLOSED, n);
}

/* It runs, tick 0 is open. */
static struct game *
game(void)
{
	struct game *g = report_game();

	tick(g, EV_TICK_BEGAN, 0);
	return g;
}

/* The library files an initial report that names its portal. */
static void
file_report(struct game *g, int32_t id, const char *systems, enum incident_level level)
{
	struct report_event *r;
	struct event ev = filed(id, STAGE_INITIAL, &r);

	r->systems = systems;
	r->level = level;
	core_must(g, ev);
}

static struct event
corrected(enum event_kind kind, int32_t fact, int32_t report, bool concealed)
{
	static struct truth_event t;

	t = (struct truth_event){
	    .fact = fact, .report = report, .concealed = concealed, .reason = "because"};
	return (struct event){.kind = kind, .actor = "judge-1", .u.truth = &t};
}

static void
status_is(const struct game *g, int32_t fact, enum truth_status s)
{
	assert_string_equal(term_id(&terms_truth_statuses, (int)truth_status(g, fact)),
	    term_id(&terms_truth_statuses, (int)s));
}

/* ---- what becomes of facts ---- */

/* Of eight hours: a window of 40 min; 20 min for an initial report at level III, 10 at II. */
static void
test_detected_late_missed(void **state)
{
	struct game *g = game();
	int64_t attack = g->drill_ms;

	(void)state;
	assert_int_equal(truth_window_ms(g), 40 * MINUTE);
	core_must(g, capture("red-1", "library-portal", 0));
	core_must(g, capture("red-1", "finance-portal", 0));
	assert_int_equal(g->truths->count, 2);
	status_is(g, 1, TRUTH_OPEN);
	report_later(g, 15 * MINUTE);
	file_report(g, 1, "library-portal", LEVEL_III);
	status_is(g, 1, TRUTH_DETECTED);
	assert_int_equal(truth_of_report(g, 1), 1);
	assert_int_equal(truth_times(g, 1).detected_measured, g->drill_ms - attack);
	assert_int_equal(truth_times(g, 1).detected_claimed, 0); /* never before the attack */
	status_is(g, 2, TRUTH_OPEN);
	report_later(g, 25 * MINUTE + 1);
	status_is(g, 2, TRUTH_MISSED);
	game_free(g);
}

static void
test_late_by_level(void **state)
{
	struct game *g = game();

	(void)state;
	core_must(g, capture("red-1", "library-portal", 0));
	report_later(g, 15 * MINUTE);
	file_report(g, 1, "library-portal", LEVEL_II);
	status_is(g, 1, TRUTH_LATE);
	game_free(g);
}

/* Nothing is open after the end. */
static void
test_end(void **state)
{
	struct game *g = game();

	(void)state;
	core_must(g, capture("red-1", "library-portal", 0));
	tick(g, EV_TICK_CLOSED, 0);
	core_must(g, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = ""});
	status_is(g, 1, TRUTH_MISSED);
	game_free(g);
}

static void
test_false_alarm(void **state)
{
	struct game *g = game();

	(void)state;
	file_report(g, 1, "library-portal", LEVEL_IV); /* before the attack */
	report_later(g, 1000);
	core_must(g, capture("red-1", "library-portal", 0));
	file_report(g, 2, "", LEVEL_IV); /* names no system */
	assert_int_equal(truth_of_report(g, 1), 0);
	assert_int_equal(truth_of_report(g, 2), 0);
	report_later(g, 40 * MINUTE + 1);
	file_report(g, 3, "library-portal", LEVEL_IV); /* past the window */
	assert_int_equal(truth_of_report(g, 3), 0);
	assert_true(truth_now(g)->named[0]); /* but the department evidently knew */
	game_free(g);
}

/* Of two reports the sooner; a duplicate tells of nothing; one may tell of several facts of its systems. */
static void
test_whose(void **state)
{
	struct game *g = game();

	(void)state;
	core_must(g, capture("red-1", "library-portal", 0));
	report_later(g, MINUTE);
	file_report(g, 1, "library-portal", LEVEL_IV);
	file_report(g, 2, "library-portal", LEVEL_IV);
	assert_int_equal(truth_now(g)->report[0], 1);
	core_must(g, duplicate(1, 2));
	assert_int_equal(truth_now(g)->report[0], 2);
	game_free(g);
}

/* Captures of a system within the window after the first are one fact. */
static void
test_captures_merge(void **state)
{
	struct game *g = game();

	(void)state;
	core_must(g, capture("red-1", "library-portal", 0));
	report_later(g, MINUTE);
	core_must(g, capture("red-2", "library-portal", 0));
	assert_int_equal(g->truths->count, 1);
	assert_int_equal(g->truths->facts[0].captures, 2);
	tick(g, EV_TICK_CLOSED, 0);
	report_later(g, 40 * MINUTE);
	tick(g, EV_TICK_BEGAN, 1);
	core_must(g, capture("red-1", "library-portal", 1));
	assert_int_equal(g->truths->count, 2);
	game_free(g);
}

/* ---- results and incidents ---- */

static struct event
result(enum event_kind kind, const char *actor, struct result_event r)
{
	static struct result_event kept;

	kept = r;
	kept.reason = "so";
	return (struct event){.kind = kind, .actor = actor, .u.result = &kept};
}

static void
confirm_result(struct game *g, int32_t id, int64_t attacked_ms)
{
	core_must(g, result(EV_RESULT_SUBMITTED, "red-1-hand",
			 (struct result_event){.id = id,
			     .team = "red-1",
			     .content = {.department = "library",
				 .system = "library-portal",
				 .attacked_ms = attacked_ms,
				 .claimed = "server",
				 .technique = "T1190",
				 .asset = "",
				 .path = "",
				 .evidence = "e",
				 .effect = "",
				 .cleanup = "",
				 .weakness = "CVE-2021-44228"}}));
	core_must(g, result(EV_RESULT_TAKEN, "judge-1", (struct result_event){.id = id}));
	core_must(g, result(EV_RESULT_CONFIRMED, "judge-1",
			 (struct result_event){.id = id,
			     .ruling = {.kind = "server",
				 .mlps = 3,
				 .size = 140,
				 .quality = 100,
				 .flaw = 1,
				 .weakness = "CVE-2021-44228"}}));
}

/* A result is a fact while it is confirmed, with the number that it got first. */
static void
test_results(void **state)
{
	struct game *g = game();

	(void)state;
	confirm_result(g, 1, g->at_ms);
	assert_non_null(truth_fact(g, 1));
	assert_int_equal(g->truths->facts[0].drill_ms, result_find(g, 1)->attacked_drill_ms);
	core_must(g, result(EV_RESULT_REOPENED, "judge-1", (struct result_event){.id = 1}));
	assert_null(truth_fact(g, 1));
	core_must(g, result(EV_RESULT_CONFIRMED, "judge-1",
			 (struct result_event){.id = 1,
			     .ruling = {.kind = "server",
				 .mlps = 3,
				 .size = 140,
				 .quality = 100,
				 .flaw = 1,
				 .weakness = "CVE-2021-44228"}}));
	assert_non_null(truth_fact(g, 1));
	assert_int_equal(g->truths->count, 1);
	game_free(g);
}

/* Confirmed of another department after all: neither the report that it was paired with nor what was concealed stays. */
static void
test_result_of_another_department(void **state)
{
	struct game *g = game();
	struct result_content c = {.department = "finance",
	    .system = "finance-portal",
	    .attacked_ms = g->at_ms,
	    .claimed = "server",
	    .technique = "T1190",
	    .asset = "",
	    .path = "",
	    .evidence = "e",
	    .effect = "",
	    .cleanup = "",
	    .weakness = "CVE-2021-44228"};
	int32_t mlps = g->config->systems[game_system(g, "finance-portal")].mlps;

	(void)state;
	confirm_result(g, 1, g->at_ms);
	file_report(g, 1, "", LEVEL_IV);
	core_must(g, corrected(EV_TRUTH_PAIRED, 1, 1, false));
	core_must(g, corrected(EV_TRUTH_CONCEALED, 1, 0, true));
	core_must(g, result(EV_RESULT_REOPENED, "judge-1", (struct result_event){.id = 1}));
	core_must(g, result(EV_RESULT_RETURNED, "judge-1", (struct result_event){.id = 1}));
	core_must(g, result(EV_RESULT_RESUBMITTED, "red-1-hand",
			 (struct result_event){.id = 1, .team = "red-1", .content = c}));
	core_must(g, result(EV_RESULT_TAKEN, "judge-1", (struct result_event){.id = 1}));
	core_must(g, result(EV_RESULT_CONFIRMED, "judge-1",
			 (struct result_event){.id = 1,
			     .ruling = {.kind = "server",
				 .mlps = mlps,
				 .size = 100,
				 .overridden = true,
				 .quality = 100,
				 .flaw = 2,
				 .weakness = "CVE-2021-44228"}}));
	assert_int_equal(g->truths->count, 1);
	assert_int_equal(truth_fact(g, 1)->team, game_team(g, "finance"));
	assert_int_equal(truth_now(g)->report[0], 0);
	assert_int_equal(truth_of_report(g, 1), 0);
	status_is(g, 1, TRUTH_OPEN);
	game_free(g);
}

static struct inject_event inject_events[2];

static struct event
inject(enum event_kind kind, struct inject_event e)
{
	inject_events[0] = e;
	inject_events[0].team = "";
	inject_events[0].text = "";
	inject_events[0].reason = "so";
	if (inject_events[0].teams == NULL)
		inject_events[0].teams = "";
	return (struct event){.kind = kind, .u.inject = &inject_events[0]};
}

static void
deliver_common(struct game *g, int32_t id, const char *number)
{
	const struct inject_plan plan = {.number = number,
	    .to = "blue",
	    .common = true,
	    .channels = INJECT_IN_APP,
	    .when = INJECT_MANUAL,
	    .after = "",
	    .phase = -1,
	    .pass = 60,
	    .controller = "",
	    .evaluator = "",
	    .from = {"", ""},
	    .title = {"", ""},
	    .text = {"", ""},
	    .objective = {"", ""},
	    .expected = {"", ""}};

	core_must(g, inject(EV_INJECT_DRAFTED, (struct inject_event){.id = id, .plan = &plan}));
	core_must(g, inject(EV_INJECT_APPROVED, (struct inject_event){.id = id}));
	core_must(g,
	    inject(EV_INJECT_DELIVERED,
		(struct inject_event){.id = id, .how = INJECT_MANUAL, .teams = "library,finance"}));
}

/* An incident takes a report that tells of nothing else, each its own. */
static void
test_incidents(void **state)
{
	struct game *g = game();

	(void)state;
	deliver_common(g, 1, "defacement");
	deliver_common(g, 2, "mail");
	assert_int_equal(g->truths->count, 4); /* two departments each */
	core_must(g, capture("red-1", "library-portal", 0));
	report_later(g, MINUTE);
	file_report(g, 1, "library-portal", LEVEL_IV); /* of the flag */
	file_report(g, 2, "", LEVEL_IV);
	assert_int_equal(truth_of_report(g, 1), 5);
	assert_int_equal(truth_of_report(g, 2), 1); /* equally soon for both: the lower number */
	assert_int_equal(truth_now(g)->report[2], 0);
	file_report(g, 3, "", LEVEL_IV);
	assert_int_equal(truth_of_report(g, 3), 3);
	core_must(g, inject(EV_INJECT_CANCELLED, (struct inject_event){.id = 1}));
	assert_null(truth_fact(g, 1));
	assert_int_equal(truth_of_report(g, 2), 3);
	game_free(g);
}

/* ---- times ---- */

static void
test_recovery(void **state)
{
	struct game *g = report_game();
	int64_t attack;

	(void)state;
	tick(g, EV_TICK_BEGAN, 0);
	core_must(g, capture("red-1", "library-portal", 0));
	attack = g->drill_ms;
	tick(g, EV_TICK_CLOSED, 0);
	assert_true(truth_times(g, 1).never_failed);
	assert_int_equal(truth_times(g, 1).recovered_measured, -1);
	checked(g, 1, ST_DOWN);
	assert_false(truth_times(g, 1).never_failed);
	checked(g, 2, ST_RECOVERING);
	assert_int_equal(truth_times(g, 1).recovered_measured, -1);
	checked(g, 3, ST_OK);
	assert_int_equal(truth_times(g, 1).recovered_measured, 3 * MINUTE - attack);
	checked(g, 4, ST_DOWN); /* another failure is another matter */
	assert_int_equal(truth_times(g, 1).recovered_measured, 3 * MINUTE - attack);
	game_free(g);
}

/* Containment counts from the filing that first reports it, not from what it claims. */
static void
test_containment_and_marks(void **state)
{
	const struct rubric_item contained = {.id = "c",
				     .marks = 20,
				     .measure = RUBRIC_CONTAINMENT},
				 reported = {.id = "r", .marks = 15, .measure = RUBRIC_REPORT};
	struct game *g = game();
	struct report_event *r;
	struct event ev;

	(void)state;
	core_must(g, capture("red-1", "library-portal", 0));
	file_report(g, 1, "library-portal", LEVEL_IV);
	assert_int_equal(truth_marks_milli(g, 1, &reported), 15000);
	assert_int_equal(truth_marks_milli(g, 1, &contained), 0);
	report_later(g, 15 * MINUTE); /* of eight hours: 10 min 100 %, 40 min 75 % */
	ev = filed(1, STAGE_FINAL, &r);
	r->systems = "library-portal";
	core_must(g, ev);
	assert_in_range(truth_times(g, 1).contained_measured, 15 * MINUTE, 16 * MINUTE);
	assert_int_equal(truth_times(g, 1).contained_claimed, 0);
	assert_int_equal(truth_marks_milli(g, 1, &contained), 15000);
	file_report(g, 2, "", LEVEL_IV);
	assert_int_equal(truth_marks_milli(g, 2, &reported), 0); /* a false alarm */
	game_free(g);
}

static void
test_steps(void **state)
{
	const struct truth_config none = {0}, given = {.report_steps = {10, 20, 30, 40}};
	struct truth_config day = truth_config_filled(&none, INT64_C(86400000)),
			    short_ = truth_config_filled(&none, 60000);

	(void)state;
	assert_int_equal(day.window_ms, 120 * MINUTE);
	assert_int_equal(day.recovery_steps[3], 72 * 60 * MINUTE);
	assert_int_equal(short_.report_steps[0], MINUTE);
	assert_int_equal(short_.report_steps[3], 4 * MINUTE);
	assert_int_equal(truth_step_percent(given.report_steps, 10), 100);
	assert_int_equal(truth_step_percent(given.report_steps, 11), 75);
	assert_int_equal(truth_step_percent(given.report_steps, 40), 25);
	assert_int_equal(truth_step_percent(given.report_steps, 41), 0);
}

/* ---- by hand ---- */

static void
test_by_hand(void **state)
{
	struct game *g = game();

	(void)state;
	core_must(g, capture("red-1", "library-portal", 0));
	file_report(g, 1, "library-portal", LEVEL_IV);
	file_report(g, 2, "", LEVEL_IV);
	core_must(g, corrected(EV_TRUTH_PAIRED, 1, 2, false));
	assert_int_equal(truth_now(g)->report[0], 2);
	assert_int_equal(truth_now(g)->by_clock[0], 1);
	assert_int_equal(truth_of_report(g, 1), 0);
	core_must(g, corrected(EV_TRUTH_UNPAIRED, 1, 0, false));
	assert_int_equal(truth_now(g)->report[0], 0);
	status_is(g, 1, TRUTH_MISSED);
	core_must(g, corrected(EV_TRUTH_CONCEALED, 1, 0, true));
	status_is(g, 1, TRUTH_CONCEALED);
	core_refused(
	    g, corrected(EV_TRUTH_CONCEALED, 1, 0, true), ERR_CONFLICT, "concealed already");
	core_must(g, corrected(EV_TRUTH_CONCEALED, 1, 0, false));
	status_is(g, 1, TRUTH_MISSED);
	assert_int_equal(g->truths->correction_count, 4);
	assert_string_equal(g->truths->corrections[0].decision.reason, "because");
	game_free(g);
}

static void
test_refusals(void **state)
{
	struct game *g = game();

	(void)state;
	core_refused(g, corrected(EV_TRUTH_PAIRED, 1, 1, false), ERR_NOT_FOUND, "no red fact 1");
	core_must(g, capture("red-1", "library-portal", 0));
	core_refused(g, corrected(EV_TRUTH_PAIRED, 1, 1, false), ERR_NOT_FOUND, "no report 1");
	core_must(g, of_finance(filed_at(1, STAGE_INITIAL)));
	core_refused(g, corrected(EV_TRUTH_PAIRED, 1, 1, false), ERR_NOT_FOUND, "no report 1");
	file_report(g, 2, "library-portal", LEVEL_IV);
	core_refused(g, by(corrected(EV_TRUTH_PAIRED, 1, 2, false), "library-blue"), ERR_FORBIDDEN,
	    "judges and the direction");
	core_must(g, (struct event){.kind = EV_ACCOUNT_CREATED,
			 .u.account = {.account = "own",
			     .role = ROLE_JUDGE,
			     .team = "",
			     .department = "library",
			     .value = ""}});
	core_refused(g, by(corrected(EV_TRUTH_PAIRED, 1, 2, false), "own"), ERR_FORBIDDEN,
	    "your own department");
	core_must(g, corrected(EV_TRUTH_PAIRED, 1, 2, false));
	core_refused(g, corrected(EV_TRUTH_PAIRED, 1, 2, false), ERR_CONFLICT, "by hand already");
	report_set_state(g, 2, REPORT_FINAL, 1);
	core_refused(g, corrected(EV_TRUTH_CONCEALED, 1, 0, true), ERR_CONFLICT, "is final");
	report_set_state(g, 2, REPORT_SUBMITTED, 1);
	core_must(g, corrected(EV_TRUTH_UNPAIRED, 1, 0, false));
	core_refused(g, corrected(EV_TRUTH_UNPAIRED, 1, 0, false), ERR_CONFLICT, "by hand already");
	report_set_state(g, 2, REPORT_FINAL, 1);
	core_refused(g, corrected(EV_TRUTH_PAIRED, 1, 2, false), ERR_CONFLICT, "is final");
	game_free(g);
}

static void
test_text(void **state)
{
	(void)state;
	core_text_is(corrected(EV_TRUTH_PAIRED, 3, 7, false), "{\"fact\":3,\"report\":7}",
	    "{\"reason\":\"because\"}");
	core_text_is(
	    corrected(EV_TRUTH_UNPAIRED, 3, 0, false), "{\"fact\":3}", "{\"reason\":\"because\"}");
	core_text_is(corrected(EV_TRUTH_CONCEALED, 3, 0, true), "{\"concealed\":true,\"fact\":3}",
	    "{\"reason\":\"because\"}");
	core_cannot_decode(EV_TRUTH_PAIRED, "{\"fact\":0,\"report\":1}", "fact");
	core_cannot_decode(EV_TRUTH_PAIRED, "{\"fact\":1}", "report");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_detected_late_missed),
	    cmocka_unit_test(test_late_by_level),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_false_alarm),
	    cmocka_unit_test(test_whose),
	    cmocka_unit_test(test_captures_merge),
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_result_of_another_department),
	    cmocka_unit_test(test_incidents),
	    cmocka_unit_test(test_recovery),
	    cmocka_unit_test(test_containment_and_marks),
	    cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_by_hand),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests_name("ground truth", tests, NULL, core_rig_close);
}
