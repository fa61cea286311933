/* What each audience is told of attack results and of the kill switch: feed and voices over a small real game. */
#include "audience_rig.h"

/* A result is told to its team and to staff; to judges without the team; its texts to nobody this way. */
static void
test_results_reach_theirs(void **state)
{
	struct rig *rig = *state;
	struct drill *d = rig->r->drill;
	int red = game_team(d->game, "red-1");
	struct result_event r = {.id = 1,
	    .team = "red-1",
	    .reason = "",
	    .content = {.department = d->game->config->teams[0].id,
		.system = "",
		.attacked_ms = d->game->at_ms,
		.claimed = "server",
		.technique = "T1190",
		.asset = "the-asset",
		.path = "",
		.evidence = "the-evidence",
		.effect = "",
		.cleanup = "",
		.weakness = ""}};
	const struct fake_frame *f = emit(
	    rig, (struct event){.kind = EV_RESULT_SUBMITTED, .actor = "red-1", .u.result = &r});

	assert_null(f->public_);
	assert_has(f->staff, "\"team\":\"red-1\"", true);
	assert_has(f->staff, "the-evidence", false);
	assert_has(told(f, red), "\"state\":\"submitted\"", true);
	assert_has(told(f, LIVE_JUDGE), "\"state\":\"submitted\"", true);
	assert_has(told(f, LIVE_JUDGE), "red-1", false);
	assert_string_equal(told(f, 0), "");
}

/* The kill switch is told to everybody, by whom to staff; what its program did to staff alone. */
static void
test_kill_reaches_all(void **state)
{
	struct rig *rig = *state;
	struct kill_event k = {
	    .reason = "fire", .hook = true, .announcement = 1, .tail = "the-tail"};
	const struct fake_frame *f =
	    emit(rig, (struct event){.kind = EV_KILL_SWITCHED, .actor = "boss", .u.kill = &k});

	assert_has(f->public_, "\"killed\":true", true);
	assert_has(f->public_, "boss", false);
	assert_has(f->staff, "\"by\":\"boss\"", true);
	assert_int_equal(f->part_count, 0);
	k.outcome = KILL_HOOK_DONE;
	f = emit(rig, (struct event){.kind = EV_KILL_HOOK, .actor = "server", .u.kill = &k});
	assert_null(f->public_);
	assert_has(f->staff, "the-tail", true);
	assert_int_equal(f->part_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_results_reach_theirs),
	    TEST(test_kill_reaches_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
