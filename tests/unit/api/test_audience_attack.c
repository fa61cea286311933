/* What each audience is told of attack results and of the kill switch: feed and voices over a small real game. */
#include "fake_hub.h"

#include "../../replay/replay.h"

struct rig {
	struct replay *r;
	struct live_hub *hub;
};

static int
setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->hub = calloc(1, sizeof(*rig->hub));
	rig->r = replay_new();
	replay_open(rig->r);
	clock_hand(rig->r, "start");
	feed_attach(rig->r->drill->feed, rig->hub);
	*state = rig;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *rig = *state;

	replay_free(rig->r);
	fake_hub_clear(rig->hub);
	free(rig->hub);
	free(rig);
	return fake_payloads; /* each payload was dropped as often as taken */
}

static void
assert_has(const char *text, const char *part, bool there)
{
	if ((strstr(text, part) != NULL) != there)
		fail_msg("%s: %s in %.2000s", part, there ? "is not" : "is", text);
}

static struct fake_frame *
emit(struct rig *rig, struct event ev)
{
	size_t before = rig->hub->count;
	struct why why;

	if (drill_emit_allowed(rig->r->drill, &ev, &why) != ERR_OK)
		fail_msg("%s", why.text);
	turn(rig->r);
	assert_int_equal(rig->hub->count, before + 1);
	return &rig->hub->frames[before];
}

/* The frame's part for this audience, or NULL. */
static const char *
part_for(const struct fake_frame *f, int audience)
{
	for (size_t i = 0; i < f->part_count; i++)
		if (f->team[i] == audience)
			return f->part[i];
	return NULL;
}

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
	assert_has(part_for(f, red), "\"state\":\"submitted\"", true);
	assert_has(part_for(f, LIVE_JUDGE), "\"state\":\"submitted\"", true);
	assert_has(part_for(f, LIVE_JUDGE), "red-1", false);
	assert_null(part_for(f, 0));
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_results_reach_theirs),
	    TEST(test_kill_reaches_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
