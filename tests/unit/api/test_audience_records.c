/* What each audience is told of incident reports and injects. */
#include "audience_rig.h"

#include "base/date.h"

/* ---- incident reports ---- */

static const struct fake_frame *
report_happens(struct rig *rig, enum event_kind kind, const char *actor, struct report_event r)
{
	r.id = 1;
	r.team = "library";
	r.reason = "";
	return emit(rig, (struct event){.kind = kind, .actor = actor, .u.report = &r});
}

/* A draft is its department's; what is filed is staff's as well, the judges' without the department's name. */
static void
test_reports_reach_theirs(void **state)
{
	struct rig *rig = *state;
	struct drill *d = rig->r->drill;
	int64_t now = d->options.wall_ms(d->options.ctx);
	const struct fake_frame *f;
	int year, month, day;
	struct why why;

	assert_int_equal(
	    drill_account_create(d, "blue", ROLE_BLUE, "library", "boss", &why), ERR_OK);
	date_to_civil(date_at(now, 0), &year, &month, &day);
	f = report_happens(rig, EV_REPORT_DRAFTED, "blue", (struct report_event){.text = "{}"});
	assert_null(f->public_);
	assert_null(f->staff);
	assert_int_equal(f->part_count, 1);
	assert_has(told(f, 0), "report.drafted", true);
	f = report_happens(rig, EV_REPORT_SUBMITTED, "blue",
	    (struct report_event){.text = "{\"phone\":\"4711\"}",
		.class_code = "0107",
		.level = LEVEL_IV,
		.systems = "library-portal",
		.year = year,
		.times[REPORT_DETECTED] = now});
	assert_null(f->public_);
	assert_has(f->staff, "\"department\":\"library\"", true);
	assert_has(f->staff, "4711", false);
	assert_has(told(f, 0), "\"number\":\"library-", true);
	assert_has(told(f, LIVE_LEADER), "\"department\":\"library\"", true);
	assert_has(told(f, LIVE_JUDGE), "report.submitted", true);
	assert_has(told(f, LIVE_JUDGE), "\"unit\":", true);
	assert_has(told(f, LIVE_JUDGE), "library", false);
	assert_has(told(f, 1), "report", false);
	f = report_happens(rig, EV_REPORT_DRAFTED, "blue",
	    (struct report_event){.text = "{}", .stage = STAGE_PROGRESS});
	assert_null(f->staff);
	assert_has(told(f, LIVE_JUDGE), "report", false);
	assert_has(told(f, 0), "report.drafted", true);
	f = report_happens(rig, EV_REPORT_COMMENTED, "boss",
	    (struct report_event){.text = "the-internal", .internal = true});
	assert_has(f->staff, "the-internal", true);
	assert_has(told(f, LIVE_JUDGE), "the-internal", true);
	assert_has(told(f, 0), "report", false);
}

/* ---- injects ---- */

static struct fake_frame *
inject(struct rig *rig, enum event_kind kind, const char *actor, struct inject_event made)
{
	made.id = 1;
	made.offset_ms = -1;
	made.teams = made.teams != NULL ? made.teams : "";
	made.team = made.team != NULL ? made.team : "";
	made.text = made.text != NULL ? made.text : "";
	made.reason = "";
	return emit(rig, (struct event){.kind = kind, .actor = actor, .u.inject = &made});
}

static struct inject_item rubric[] = {{"a", 5, {"i", "the-item"}, {"g", "the-guidance"}}};
static const struct inject_plan planned = {.number = "one",
    .to = "library",
    .channels = INJECT_IN_APP,
    .when = INJECT_MANUAL,
    .after = "",
    .phase = -1,
    .pass = 60,
    .controller = "",
    .evaluator = "",
    .items = rubric,
    .item_count = 1,
    .from = {"f", "the-from"},
    .title = {"t", "the-title"},
    .text = {"x", "the-text"},
    .objective = {"o", "the-objective"},
    .expected = {"e", "the-expected"}};

/* Departments hear of their own alone, judges no names, the public and red teams nothing. */
static void
test_audiences_of_an_inject(void **state)
{
	static const int others[] = {LIVE_PUBLIC, 1, 2}, all_but_staff[] = {LIVE_PUBLIC, 0, 1, 2};
	static const int judges[] = {LIVE_JUDGE};
	static const int32_t marks[] = {4};
	struct rig *rig = *state;
	const struct fake_frame *f;
	struct why why;

	assert_int_equal(
	    drill_account_create(rig->r->drill, "lib", ROLE_BLUE, "library", "boss", &why), ERR_OK);
	turn(rig->r);
	f = inject(rig, EV_INJECT_DRAFTED, "boss", (struct inject_event){.plan = &planned});
	assert_silent(f, all_but_staff, 4);
	assert_told(f, LIVE_JUDGE, "the-title", "library");
	(void)inject(rig, EV_INJECT_APPROVED, "boss", (struct inject_event){.id = 1});
	f = inject(rig, EV_INJECT_DELIVERED, "boss",
	    (struct inject_event){.how = INJECT_MANUAL, .teams = "library"});
	assert_silent(f, others, 3);
	assert_told(f, 0, "the-text", "the-expected");
	assert_told(f, LIVE_JUDGE, "the-title", "library");
	assert_told(f, LIVE_LEADER, "\"teams\":[\"library\"]", NULL);
	f = inject(rig, EV_INJECT_ACKNOWLEDGED, "lib", (struct inject_event){.team = "library"});
	assert_silent(f, others, 3);
	assert_silent(f, judges, 1);
	assert_told(f, 0, "inject.acknowledged", NULL);
	f = inject(rig, EV_INJECT_RESPONDED, "lib",
	    (struct inject_event){
		.team = "library", .answer = 1, .version = 1, .text = "the-answer"});
	assert_silent(f, others, 3);
	assert_told(f, 0, "responded", "the-answer");
	assert_told(f, LIVE_JUDGE, "\"answer\":1", "library");
	assert_told(f, LIVE_DIRECTOR, "library", "the-answer");
	f = inject(rig, EV_INJECT_EVALUATED, "boss",
	    (struct inject_event){.team = "library",
		.answer = 1,
		.of = 1,
		.version = 1,
		.marks = marks,
		.mark_count = 1});
	assert_silent(f, all_but_staff, 4);
	f = inject(rig, EV_INJECT_CLOSED, "boss", (struct inject_event){.id = 1});
	assert_silent(f, others, 3);
	assert_told(f, 0, "\"total\":4", "the-item");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_reports_reach_theirs),
	    TEST(test_audiences_of_an_inject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
