/* Emergency plans in the fold: versions, a plan at work, what actions and hands tick off, late and missing steps, every refusal. */
#include "report_rig.h"

#include "core/plan.h"

/* In the canonical form: keys sorted, both languages. */
#define STEP(id_, phase_, minutes_, action_)                                                       \
	"{\"actions\":[" action_ "],\"id\":\"" id_ "\",\"phase\":\"" phase_                        \
	"\",\"text\":{\"en\":\"x\",\"zh\":\"x\"},\"who\":\"duty\",\"within_minutes\":" minutes_    \
	"}"
#define PLAN(threat_)                                                                              \
	"{\"classes\":[],\"id\":\"" threat_                                                        \
	"\",\"name\":{\"en\":\"n\",\"zh\":\"n\"},\"steps\":[" STEP(                                \
	    "isolate", "containment", "1", "\"isolate\",\"block\"") "," STEP("restore",            \
	    "recovery", "10", "\"restore\"") "," STEP("review", "follow_up", "100",                \
	    "") "],\"summary\":{\"en\":\"s\",\"zh\":\"s\"}}"
#define STEPS "isolate,restore,review"
#define MINUTE 60000

static struct plan_event plan_events[16];
static size_t plan_at;

static struct plan_event *
plan_new(const char *threat)
{
	struct plan_event *p = &plan_events[plan_at++ % 16];

	*p = (struct plan_event){.report = 1,
	    .team = "library",
	    .threat = threat,
	    .steps = "",
	    .step = "",
	    .text = "",
	    .who = "",
	    .reason = ""};
	return p;
}

static struct event
plan_event(enum event_kind kind, const struct plan_event *p)
{
	return (struct event){.kind = kind, .actor = "library-blue", .u.plan = p};
}

static struct event
adopted(int32_t version)
{
	struct plan_event *p = plan_new("ransomware");

	p->version = version;
	p->steps = STEPS;
	p->text = PLAN("ransomware");
	return plan_event(EV_PLAN_ADOPTED, p);
}

static struct event
withdrawn(int32_t version)
{
	struct plan_event *p = plan_new("ransomware");

	p->version = version;
	return plan_event(EV_PLAN_WITHDRAWN, p);
}

static struct event
activated(int32_t report, int32_t version)
{
	struct plan_event *p = plan_new("ransomware");

	p->report = report;
	p->version = version;
	p->steps = version == 0 ? STEPS : "";
	p->text = version == 0 ? PLAN("ransomware") : "";
	return plan_event(EV_PLAN_ACTIVATED, p);
}

static struct event
ticked(const char *step, int64_t done_ms)
{
	struct plan_event *p = plan_new("ransomware");

	p->step = step;
	p->done_ms = done_ms;
	p->who = "Li Si";
	return plan_event(EV_PLAN_STEP_TICKED, p);
}

static struct event
skipped(const char *step)
{
	struct plan_event *p = plan_new("ransomware");

	p->step = step;
	p->reason = "none was lost";
	return plan_event(EV_PLAN_STEP_SKIPPED, p);
}

static struct plan_event *
of(struct event ev)
{
	return (struct plan_event *)(uintptr_t)ev.u.plan;
}

static struct plan_look
look(const struct game *g)
{
	struct plan_look out;

	plan_run_look(g, plan_run_find(g, 1, "ransomware"), g->drill_ms, &out);
	return out;
}

/* A drill with the library's draft 1. */
static struct game *
plan_game(void)
{
	struct game *g = report_game();

	core_must(g, drafted(1, STAGE_INITIAL, "{}"));
	return g;
}

static void
test_versions(void **state)
{
	struct game *g = plan_game();
	const struct plan_own *own;
	struct event ev;

	(void)state;
	assert_int_equal(plan_in_force(plan_own_find(g, LIBRARY, "ransomware")), 0);
	core_refused(g, adopted(2), ERR_CONFLICT, "next version is 1");
	core_refused(g, withdrawn(1), ERR_NOT_FOUND, "no plan of its own");
	core_must(g, adopted(1));
	core_refused(g, adopted(1), ERR_CONFLICT, "changed meanwhile");
	core_must(g, adopted(2));
	own = plan_own_find(g, LIBRARY, "ransomware");
	assert_int_equal(plan_in_force(own), 2);
	assert_int_equal(own->versions[0].kept->plan.step_count, 3);
	assert_int_equal(plan_in_force(plan_own_find(g, FINANCE, "ransomware")), 0);
	core_refused(g, withdrawn(1), ERR_CONFLICT, "version 2 is in force");
	core_must(g, withdrawn(2));
	assert_int_equal(plan_in_force(plan_own_find(g, LIBRARY, "ransomware")), 0);
	core_must(g, adopted(3));
	assert_int_equal(plan_in_force(plan_own_find(g, LIBRARY, "ransomware")), 3);
	core_refused(g, by(adopted(1), "finance-blue"), ERR_FORBIDDEN, "its own accounts");
	core_refused(g, by(adopted(1), "chief"), ERR_FORBIDDEN, "its own accounts");
	ev = adopted(4);
	of(ev)->steps = "isolate,restore";
	core_refused(g, ev, ERR_INVALID, "not the steps");
	ev = adopted(4);
	of(ev)->text = PLAN("data-leak");
	core_refused(g, ev, ERR_INVALID, "but it is for \"ransomware\"");
	ev = adopted(4);
	of(ev)->text = "{\"id\":\"ransomware\"}";
	core_refused(g, ev, ERR_INVALID, "name");
	game_free(g);
}

/* Without its texts, as in a published bundle, a plan has its steps' ids, and the rules hold all the same. */
static void
test_without_secrets(void **state)
{
	struct game *g = plan_game();
	struct event ev = adopted(1);

	(void)state;
	of(ev)->text = "";
	of(ev)->steps = "a,,b";
	core_refused(g, ev, ERR_INVALID, "ids of steps");
	of(ev)->steps = "a,a";
	core_refused(g, ev, ERR_INVALID, "each once");
	of(ev)->steps = STEPS;
	core_must(g, ev);
	core_must(g, activated(1, 1));
	core_refused(g, ticked("dance", g->at_ms), ERR_NOT_FOUND, "no step");
	core_must(g, ticked("restore", g->at_ms));
	assert_int_equal(look(g).steps[1].state, PLAN_DONE);
	game_free(g);
}

static void
test_activation(void **state)
{
	struct game *g = core_game();

	(void)state;
	core_refused(g, activated(1, 0), ERR_NOT_FOUND, "no report 1");
	game_free(g);
	g = plan_game();
	core_refused(g, activated(1, 1), ERR_CONFLICT, "no version 1 in force");
	core_refused(g, by(activated(1, 0), "finance-blue"), ERR_NOT_FOUND, "no report 1");
	core_refused(g, by(activated(1, 0), "judge-1"), ERR_FORBIDDEN, "own accounts");
	core_must(g, adopted(1));
	core_refused(g, activated(1, 0), ERR_CONFLICT, "own version 1 is in force");
	core_must(g, activated(1, 1));
	core_refused(g, activated(1, 1), ERR_CONFLICT, "before");
	core_must(g, adopted(2));
	assert_int_equal(plan_run_find(g, 1, "ransomware")->version, 1);
	core_must(g, withdrawn_draft(1));
	core_refused(g, ticked("restore", g->at_ms), ERR_CONFLICT, "incident is over");
	game_free(g);
}

static void
test_steps_by_hand(void **state)
{
	struct game *g = plan_game();

	(void)state;
	core_refused(g, ticked("restore", 1), ERR_NOT_FOUND, "not activated");
	core_must(g, activated(1, 0));
	core_refused(g, ticked("restore", g->at_ms + MINUTE), ERR_INVALID, "future");
	core_refused(g, ticked("restore", CORE_START_MS - 1), ERR_INVALID, "before the drill");
	core_must(g, skipped("restore"));
	core_refused(g, skipped("restore"), ERR_CONFLICT, "skipped before");
	assert_int_equal(look(g).steps[1].state, PLAN_LEFT_OUT);
	core_must(g, ticked("restore", g->at_ms)); /* it was done after all */
	core_refused(g, ticked("restore", g->at_ms), ERR_CONFLICT, "ticked off before");
	core_refused(g, skipped("restore"), ERR_CONFLICT, "ticked off before");
	assert_string_equal(plan_run_find(g, 1, "ransomware")->notes[1].text, "Li Si");
	core_must(g, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = ""});
	core_refused(g, skipped("review"), ERR_CONFLICT, "drill has ended");
	game_free(g);
}

/* Due times are drill time from activation: on time, late, and missing from the minute after. */
static void
test_late_and_missing(void **state)
{
	struct game *g = plan_game();
	struct plan_look at;

	(void)state;
	core_must(g, activated(1, 0));
	at = look(g);
	assert_int_equal(at.open, 3);
	assert_true(at.steps[0].due_drill_ms == 20000 + MINUTE);
	report_later(g, MINUTE);
	assert_int_equal(look(g).missing, 0);
	report_later(g, 1);
	at = look(g);
	assert_int_equal(at.missing, 1);
	assert_true(at.steps[0].late_ms == 1);
	report_later(g, MINUTE);
	core_must(g, ticked("isolate", g->at_ms));
	at = look(g);
	assert_int_equal(at.done, 1);
	assert_int_equal(at.late, 1);
	assert_int_equal(at.missing, 0);
	assert_true(at.steps[0].late_ms == at.steps[0].done_drill_ms - at.steps[0].due_drill_ms);
	assert_true(at.steps[0].late_ms > 0);
	game_free(g);
}

/* The earliest action of the step's phase and kinds counts; of a report that was returned, its later version's. */
static void
test_actions_tick_off(void **state)
{
	struct game *g = plan_game();
	struct report_event *r;
	struct plan_look at;
	struct event ev;
	char text[400];

	(void)state;
	core_must(g, activated(1, 0));
	snprintf(text, sizeof text,
	    "{\"actions\":[{\"at\":%lld,\"kind\":\"block\",\"phase\":\"containment\"},"
	    "{\"at\":%lld,\"kind\":\"isolate\",\"phase\":\"containment\"},"
	    "{\"at\":%lld,\"kind\":\"restore\",\"phase\":\"containment\"}]}",
	    CORE_START_MS + 25000LL, CORE_START_MS + 24000LL, CORE_START_MS + 25000LL);
	ev = filed(1, STAGE_INITIAL, &r);
	r->text = text;
	core_must(g, ev);
	at = look(g);
	assert_int_equal(at.done, 1);
	assert_true(at.steps[0].by_action);
	assert_true(at.steps[0].done_ms == CORE_START_MS + 24000);
	assert_int_equal(at.steps[1].state, PLAN_OPEN); /* another phase */
	core_must(g, ticked("isolate", CORE_START_MS + 26000));
	at = look(g);
	assert_false(at.steps[0].by_action);
	assert_true(at.steps[0].done_ms == CORE_START_MS + 26000);
	core_must(g, skipped("restore"));
	core_must(g, returned(1));
	ev = filed(1, STAGE_INITIAL, &r);
	r->text = "{\"actions\":[]}";
	core_must(g, ev);
	assert_int_equal(look(g).done, 1); /* by hand */
	game_free(g);
}

static void
test_returned_actions_do_not_count(void **state)
{
	struct game *g = plan_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	core_must(g, activated(1, 0));
	ev = filed(1, STAGE_INITIAL, &r);
	r->text =
	    "{\"actions\":[{\"at\":1813453224000,\"kind\":\"isolate\",\"phase\":\"containment\"}]}";
	core_must(g, ev);
	assert_int_equal(look(g).done, 1);
	core_must(g, returned(1));
	ev = filed(1, STAGE_INITIAL, &r);
	core_must(g, ev);
	assert_int_equal(look(g).done, 0);
	game_free(g);
}

/* Of the future, or before the drill: no action of this drill. */
static void
test_actions_of_another_time(void **state)
{
	static const char *const times[] = {
	    "1813453199999", "1913453224000", "0", "\"noon\"", "null"};
	struct game *g = plan_game();
	struct report_event *r;
	struct event ev;
	char text[200];

	(void)state;
	core_must(g, activated(1, 0));
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		ev = filed(1, i == 0 ? STAGE_INITIAL : STAGE_PROGRESS, &r);
		snprintf(text, sizeof text,
		    "{\"actions\":[{\"at\":%s,\"kind\":\"isolate\",\"phase\":\"containment\"}]}",
		    times[i]);
		r->text = text;
		core_must(g, ev);
		assert_int_equal(look(g).done, 0);
	}
	game_free(g);
}

/* Of several reports each counts, looked at in between or not; the earliest action is the step's. */
static void
test_reports_add_up(void **state)
{
	struct game *g = plan_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	core_must(g, activated(1, 0));
	ev = filed(1, STAGE_INITIAL, &r);
	r->text =
	    "{\"actions\":[{\"at\":1813453224000,\"kind\":\"isolate\",\"phase\":\"containment\"}]}";
	core_must(g, ev);
	assert_int_equal(look(g).done, 1);
	ev = filed(1, STAGE_PROGRESS, &r);
	r->text =
	    "{\"actions\":[{\"at\":1813453225000,\"kind\":\"block\",\"phase\":\"containment\"},"
	    "{\"at\":1813453226000,\"kind\":\"restore\",\"phase\":\"recovery\"}]}";
	core_must(g, ev);
	assert_int_equal(look(g).done, 2);
	core_must(g, returned(1));
	core_must(g, filed_at(1, STAGE_PROGRESS));
	assert_int_equal(look(g).done, 1);
	core_must(g, filed_at(1, STAGE_PROGRESS));
	assert_int_equal(look(g).done, 1);
	assert_true(look(g).steps[0].done_ms == CORE_START_MS + 24000);
	game_free(g);
}

/* When the final report is filed, what was left open is missing, but for what follows an incident. */
static void
test_the_end(void **state)
{
	struct game *g = plan_game();
	struct plan_look at;

	(void)state;
	core_must(g, activated(1, 0));
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_must(g, filed_at(1, STAGE_FINAL));
	at = look(g);
	assert_true(at.over);
	assert_int_equal(at.missing, 2);
	assert_int_equal(at.open, 1);
	core_refused(g, ticked("review", g->at_ms), ERR_CONFLICT, "incident is over");
	core_must(g, returned(1));
	assert_false(look(g).over);
	core_must(g, ticked("review", g->at_ms));
	game_free(g);
}

static void
test_limits(void **state)
{
	static const char *const threats[] = {"defacement", "planted-malware", "data-leak"};
	struct game *g = plan_game();
	struct event ev;

	(void)state;
	core_must(g, activated(1, 0));
	for (int i = 0; i < 3; i++) {
		ev = activated(1, 0);
		of(ev)->threat = threats[i];
		of(ev)->text = "";
		if (i < PLANS_PER_REPORT_MAX - 1)
			core_must(g, ev);
		else
			core_refused(g, ev, ERR_LIMIT, "at most 3 plans");
	}
	for (int32_t v = 1; v <= PLAN_VERSIONS_MAX; v++)
		core_must(g, adopted(v));
	core_refused(g, adopted(PLAN_VERSIONS_MAX + 1), ERR_LIMIT, "at most 100 versions");
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_versions),
	    cmocka_unit_test(test_without_secrets),
	    cmocka_unit_test(test_activation),
	    cmocka_unit_test(test_steps_by_hand),
	    cmocka_unit_test(test_late_and_missing),
	    cmocka_unit_test(test_actions_tick_off),
	    cmocka_unit_test(test_returned_actions_do_not_count),
	    cmocka_unit_test(test_actions_of_another_time),
	    cmocka_unit_test(test_reports_add_up),
	    cmocka_unit_test(test_the_end),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
