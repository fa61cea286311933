/* The kill switch in the fold: what it forbids, every refusal, its program's end, and that it comes back from its text. */
#include "core_rig.h"

#include "core/kill.h"

static struct event
event_of(enum event_kind kind, const char *actor, struct kill_event k)
{
	static struct kill_event kept;

	kept = k;
	if (kept.tail == NULL)
		kept.tail = "";
	if (kept.reason == NULL)
		kept.reason = "";
	return (struct event){.kind = kind, .actor = actor, .u.kill = &kept};
}

static struct event
switched(const char *actor, bool hook)
{
	return event_of(EV_KILL_SWITCHED, actor,
	    (struct kill_event){.reason = "fire", .hook = hook, .announcement = 1});
}

static struct event
undone(const char *actor)
{
	return event_of(EV_KILL_UNDONE, actor, (struct kill_event){.reason = "out"});
}

static struct event
ended(enum kill_outcome outcome)
{
	return event_of(EV_KILL_HOOK, "server",
	    (struct kill_event){.outcome = outcome, .status = 3, .ms = 12, .tail = "tail"});
}

static struct event
clock_event(enum event_kind kind)
{
	return (struct event){.kind = kind, .u.clock.reason = "lunch"};
}

static struct game *
with_admin(void)
{
	struct game *g = core_game();

	core_account(g, "admin", ROLE_ADMIN, "");
	return g;
}

static void
test_stops(void **state)
{
	struct flag flag = {0, 0, 0};
	struct game *g = with_admin();

	(void)state;
	core_must(g, clock_event(EV_DRILL_STARTED));
	core_must(g, (struct event){.kind = EV_TICK_BEGAN, .u.tick.tick = 0});
	assert_int_equal(game_verdict(g, RED_1, &flag), V_OK);
	core_must(g, switched("admin", false));
	assert_true(g->kill->on);
	assert_int_equal(kill_refuses(g, &core_why), ERR_CONFLICT);
	/* by the switch itself, even before the pause that follows it */
	assert_int_equal(game_verdict(g, RED_1, &flag), V_ERR);
	assert_string_equal(g->state_reason, "紧急停止 / kill switch: fire");
	core_must(g, clock_event(EV_DRILL_PAUSED));
	assert_string_equal(g->state_reason, "紧急停止 / kill switch: fire");
	assert_int_equal(core_apply(g, clock_event(EV_DRILL_RESUMED)), ERR_CORRUPT);
	assert_non_null(strstr(core_why.text, "kill switch"));
	core_must(g, undone("chief"));
	assert_int_equal(kill_refuses(g, &core_why), ERR_OK);
	core_must(g, clock_event(EV_DRILL_RESUMED));
	assert_string_equal(g->state_reason, "");
	assert_int_equal(game_verdict(g, RED_1, &flag), V_OK);
	game_free(g);
}

static void
test_before_the_start(void **state)
{
	struct game *g = with_admin();

	(void)state;
	core_must(g, switched("chief", false));
	assert_int_equal(core_apply(g, clock_event(EV_DRILL_STARTED)), ERR_CORRUPT);
	core_must(g, undone("chief"));
	core_must(g, clock_event(EV_DRILL_STARTED));
	game_free(g);
}

static void
test_refusals(void **state)
{
	static const char *const others[] = {
	    "judge-1", "leader", "red-1-hand", "library-blue", "nobody", "server"};
	struct game *g = with_admin();

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		core_refused(g, switched(others[i], false), ERR_FORBIDDEN, "director's");
		core_refused(g, undone(others[i]), ERR_FORBIDDEN, "only the director");
	}
	core_refused(g, undone("chief"), ERR_CONFLICT, "not on");
	core_refused(g, ended(KILL_HOOK_DONE), ERR_CONFLICT, "no program");
	core_refused(g, event_of(EV_KILL_SWITCHED, "chief", (struct kill_event){.reason = ""}),
	    ERR_INVALID, "reason");
	core_must(g, switched("chief", false));
	core_refused(g, switched("admin", false), ERR_CONFLICT, "\"chief\" switched it");
	core_refused(g, undone("admin"), ERR_FORBIDDEN, "only the director");
	core_refused(g, event_of(EV_KILL_UNDONE, "chief", (struct kill_event){.reason = ""}),
	    ERR_INVALID, "reason");
	core_must(g, undone("chief"));
	core_refused(g, undone("chief"), ERR_CONFLICT, "not on");
	core_must(g, clock_event(EV_DRILL_STARTED));
	core_must(g, clock_event(EV_DRILL_ENDED));
	core_refused(g, switched("chief", false), ERR_CONFLICT, "has ended");
	game_free(g);
}

/* While its program runs the switch stays; its end comes once. */
static void
test_program(void **state)
{
	struct game *g = with_admin();

	(void)state;
	core_must(g, switched("chief", true));
	assert_int_equal(kill_last(g)->outcome, KILL_HOOK_PENDING);
	assert_int_equal(kill_last(g)->seq, g->seq);
	core_refused(g, undone("chief"), ERR_CONFLICT, "running yet");
	core_must(g, ended(KILL_HOOK_FAILED));
	core_refused(g, ended(KILL_HOOK_DONE), ERR_CONFLICT, "no program");
	assert_int_equal(kill_last(g)->outcome, KILL_HOOK_FAILED);
	assert_string_equal(kill_last(g)->tail, "tail");
	assert_true(g->kill->on);
	core_must(g, undone("chief"));
	core_must(g, switched("chief", false));
	assert_int_equal(g->kill->count, 2);
	assert_int_equal(kill_last(g)->outcome, KILL_HOOK_NONE);
	game_free(g);
}

static void
test_text(void **state)
{
	(void)state;
	core_text_is(
	    switched("chief", true), "{\"announcement\":1,\"hook\":true,\"reason\":\"fire\"}", "");
	core_text_is(undone("chief"), "{\"reason\":\"out\"}", "");
	core_text_is(ended(KILL_HOOK_TIMED_OUT),
	    "{\"ms\":12,\"outcome\":\"timed_out\",\"status\":3}", "{\"tail\":\"tail\"}");
	core_cannot_decode(
	    EV_KILL_HOOK, "{\"ms\":12,\"outcome\":\"pending\",\"status\":3}", "no outcome");
	core_cannot_decode(EV_KILL_SWITCHED, "{\"announcement\":-1,\"hook\":true,\"reason\":\"r\"}",
	    "announcement");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stops),
	    cmocka_unit_test(test_before_the_start),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_program),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
