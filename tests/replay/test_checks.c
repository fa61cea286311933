/* The organizer's hand on checks in a real drill: holds between jobs and ticks, voids between checkpoints. */
#include "../unit/api/fake_hub.h"
#include "replay.h"

/* ---- holds, with a dispatcher that has no checker ---- */

static size_t
no_flags(void *ctx, uint32_t system, int32_t tick, struct check_flag *out, size_t max)
{
	(void)ctx, (void)system, (void)tick, (void)out, (void)max;
	return 0;
}

static enum err
no_worker(void *ctx, unsigned worker, const char *line, size_t len)
{
	(void)ctx, (void)worker, (void)line, (void)len;
	return ERR_CLOSED;
}

static void
on_result(void *ctx, const struct check_result *r)
{
	drill_check_result(((struct replay *)ctx)->drill, r);
}

static struct dispatch *
attach(struct replay *r)
{
	static const struct check_target targets[2] = {
	    {.challenge = "portal", .host = "127.0.0.1", .port = 1, .timeout_ms = 1000},
	    {.challenge = "portal", .host = "127.0.0.1", .port = 2, .timeout_ms = 1000}};
	struct dispatch_options o = {.targets = targets,
	    .target_count = 2,
	    .in_flight_max = 1,
	    .flags = no_flags,
	    .send = no_worker,
	    .result = on_result,
	    .ctx = r};
	struct dispatch *d = dispatch_new(&o);

	drill_attach_dispatch(r->drill, d);
	return d;
}

static void
detach(struct replay *r, struct dispatch *d)
{
	drill_attach_dispatch(r->drill, NULL);
	dispatch_free(d);
}

static int32_t
hold(struct replay *r, uint16_t system)
{
	struct system_list l = {&system, 1};
	struct why why = {""};
	int32_t id;

	if (drill_hold(r->drill, "", &l, "the checker is broken", "boss", &id, &why) != ERR_OK)
		fail_msg("%s", why.text);
	turn(r);
	return id;
}

static void
release(struct replay *r, int32_t id)
{
	struct why why = {""};

	if (drill_release(r->drill, id, "mended", "boss", &why) != ERR_OK)
		fail_msg("%s", why.text);
	turn(r);
}

static void
assert_held_result(const struct replay *r, uint32_t system, int32_t tick)
{
	const struct system_state *s = &r->drill->game->systems[system];

	assert_int_equal(s->tick, tick);
	assert_int_equal(s->status, ST_NONE);
	assert_non_null(
	    strstr(s->message, "the organizers have put checks of this system on hold"));
}

/* A hold takes the waiting job of the open tick back; later ticks make none; released, it is checked again. */
static void
test_hold_and_release(void **state)
{
	struct replay *r = replay_new();
	struct dispatch *d;
	int32_t id;

	(void)state;
	replay_open(r);
	d = attach(r);
	clock_hand(r, "start");
	assert_int_equal(dispatch_waiting(d), 2);
	id = hold(r, 0);
	assert_int_equal(dispatch_waiting(d), 1);
	assert_held_result(r, 0, 0);
	run_for(r, MINUTE); /* tick 1: its only job is the other system's */
	assert_int_equal(dispatch_waiting(d), 1);
	assert_held_result(r, 0, 1);
	release(r, id);
	assert_int_equal(dispatch_waiting(d), 1); /* the tick has its result of it */
	run_for(r, MINUTE);
	assert_int_equal(dispatch_waiting(d), 2);
	run_for(r, MINUTE);
	assert_string_equal(
	    r->drill->game->systems[0].message, "not checked: no checker is running");
	assert_int_equal(r->drill->game->systems[0].checked_ticks, 0);
	detach(r, d);
	replay_free(r);
}

/* A drill that comes back in the middle of a tick makes no job for what is on hold, and no second result. */
static void
test_hold_outlives_the_server(void **state)
{
	struct replay *r = replay_new();
	struct dispatch *d;

	(void)state;
	replay_open(r);
	hold(r, 1); /* before the start: with no tick open there is nothing to take back */
	clock_hand(r, "start");
	assert_int_equal(r->drill->game->systems[1].tick, -1);
	replay_reopen(r, MINUTE);
	d = attach(r);
	assert_int_equal(dispatch_waiting(d), 1);
	assert_held_result(r, 1, 0);
	detach(r, d);
	replay_reopen(r, MINUTE);
	d = attach(r);
	assert_int_equal(dispatch_waiting(d), 1);
	assert_int_equal(r->drill->game->systems[1].holds, 1);
	detach(r, d);
	replay_free(r);
}

/* ---- voids ---- */

static struct replay *
played(int ticks)
{
	struct replay *r = replay_new();

	replay_open(r);
	clock_hand(r, "start");
	for (int i = 0; i < ticks; i++) {
		run_for(r, 20 * SECOND);
		checked(r, 0, i % 3 == 0 ? ST_DOWN : ST_OK);
		checked(r, 1, ST_OK);
		assert_int_equal(submit(r, 0, i), V_OK);
		run_for(r, 40 * SECOND);
	}
	return r;
}

static int32_t
propose(struct replay *r, uint16_t system, int32_t from, int32_t to)
{
	struct system_list l = {&system, 1};
	struct why why = {""};
	int32_t id;

	if (drill_void_propose(
		r->drill, &l, from, to, "the network was down", "judge", &id, &why) != ERR_OK)
		fail_msg("%s", why.text);
	turn(r);
	return id;
}

static void
decide(struct replay *r, int32_t id, bool adopt)
{
	struct why why = {""};

	if (drill_void_decide(r->drill, id, adopt, "so decided", "boss", &why) != ERR_OK)
		fail_msg("%s", why.text);
	turn(r);
}

static double
total(const struct replay *r, uint32_t team)
{
	for (size_t i = 0; i < r->drill->game->rank_count; i++)
		if (r->drill->game->ranking[i].team == team)
			return r->drill->game->ranking[i].total;
	fail_msg("team %u is not ranked", team);
	return 0;
}

/* The journal folds to the drill that wrote it, board and all, with holds and voids of every state in it. */
static void
test_fold_equals_live(void **state)
{
	struct replay *r = played(6);
	char *live, *folded;

	(void)state;
	release(r, hold(r, 0));
	hold(r, 1);
	decide(r, propose(r, 1, 0, 3), true);
	decide(r, propose(r, 0, 2, 4), false);
	propose(r, 0, 1, 1);
	decide(r, propose(r, 1, 2, 5), true); /* with tick 6 open */
	decide(r, 1, false);
	clock_hand(r, "pause");
	live = board_of(r);
	replay_reopen(r, HOUR);
	folded = board_of(r);
	assert_string_equal(folded, live);
	assert_non_null(strstr(live, "\"kind\":\"void.adopted\""));
	assert_null(strstr(live, "\"kind\":\"void.proposed\""));
	assert_null(strstr(live, "so decided"));
	free(live);
	free(folded);
	replay_free(r);
}

/* Scores that change between ticks are signed as those of a tick are: at once, paused, and after the end. */
static void
test_a_void_is_a_closing(void **state)
{
	struct replay *r = played(4);
	double before = total(r, 1);
	int32_t id;

	(void)state;
	assert_verifies(r, 4);
	id = propose(r, 1, 0, 1);
	assert_verifies(r, 4); /* a proposal changes no score, so nothing is signed */
	decide(r, id, true);
	assert_true(total(r, 1) < before);
	assert_int_equal(r->drill->checkpointed, r->drill->closing);
	assert_verifies(r, 5);
	clock_hand(r, "pause");
	decide(r, id, false);
	assert_true(total(r, 1) == before);
	assert_verifies(r, 6);
	clock_hand(r, "end"); /* tick 4 and the drill close together */
	assert_verifies(r, 7);
	decide(r, propose(r, 1, 2, 3), true);
	assert_verifies(r, 8);
	assert_true(total(r, 1) < before);
	replay_free(r);
}

/* Down right after an adoption: its checkpoint is signed on coming back, with the scores that it made. */
static void
test_missing_checkpoint_is_made_up(void **state)
{
	struct replay *r = played(3);
	struct why why = {""};
	int32_t id = propose(r, 1, 0, 2);
	uint64_t signed_before = r->drill->checkpointed;

	(void)state;
	assert_int_equal(drill_void_decide(r->drill, id, true, "so", "boss", &why), ERR_OK);
	assert_int_equal(r->drill->checkpointed, signed_before);
	replay_reopen(r, MINUTE);
	assert_true(r->drill->checkpointed > signed_before);
	assert_int_equal(r->drill->checkpointed, r->drill->closing);
	assert_int_equal(r->drill->game->voids[0].state, VOID_ADOPTED);
	assert_verifies(r, 4);
	replay_free(r);
}

/* What the state does not allow is told by its rule, and leaves no event. */
static void
test_refusals_leave_no_event(void **state)
{
	struct replay *r = played(2);
	uint16_t system = 0;
	struct system_list l = {&system, 1};
	uint64_t seq = r->drill->game->seq;
	struct why why;
	int32_t id;

	(void)state;
	assert_int_equal(
	    drill_void_propose(r->drill, &l, 0, 2, "r", "judge", &id, &why), ERR_CONFLICT);
	assert_non_null(strstr(why.text, "tick 2 has not closed"));
	assert_int_equal(drill_void_decide(r->drill, 1, true, "r", "boss", &why), ERR_NOT_FOUND);
	assert_int_equal(drill_release(r->drill, 7, "r", "boss", &why), ERR_NOT_FOUND);
	assert_int_equal(r->drill->game->seq, seq);
	replay_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hold_and_release),
	    cmocka_unit_test(test_hold_outlives_the_server),
	    cmocka_unit_test(test_fold_equals_live),
	    cmocka_unit_test(test_a_void_is_a_closing),
	    cmocka_unit_test(test_missing_checkpoint_is_made_up),
	    cmocka_unit_test(test_refusals_leave_no_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
