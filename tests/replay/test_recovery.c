/* What survives the server: the journal on disk, folded anew, is the drill that ran. */
#include "../unit/api/fake_hub.h"
#include "replay.h"

static struct replay *
played(void)
{
	struct replay *r = replay_new();

	replay_open(r);
	clock_hand(r, "start");
	for (int i = 0; i < 10; i++) {
		run_for(r, 20 * SECOND);
		checked(r, 0, i % 3 == 0 ? ST_DOWN : ST_OK);
		checked(r, 1, ST_OK);
		assert_int_equal(submit(r, 0, i), V_OK);
		run_for(r, 40 * SECOND);
	}
	return r;
}

/* Folding the journal from disk gives the drill that wrote it: the same board to the byte, the same digest. */
static void
test_fold_equals_live(void **state)
{
	struct replay *r = played();
	char before[SHA256_HEX_BYTES], after[SHA256_HEX_BYTES];
	char *live, *folded;
	uint64_t seq;

	(void)state;
	clock_hand(r, "pause"); /* so that coming back adds nothing */
	live = board_of(r);
	seq = r->drill->game->seq;
	game_score_digest(r->drill->game, before);
	replay_reopen(r, HOUR);
	folded = board_of(r);
	game_score_digest(r->drill->game, after);
	assert_string_equal(folded, live);
	assert_string_equal(after, before);
	assert_int_equal(r->drill->game->seq, seq);
	assert_string_equal(game_saved(r->drill->game, 0, 9), "{\"user\":\"u1\"}");
	free(live);
	free(folded);
	replay_free(r);
}

/* The server was down for half an hour: drill time stood still, the gap is a pause that says so. */
static void
test_down_is_a_pause(void **state)
{
	struct replay *r = replay_new();
	int64_t drill_ms;

	(void)state;
	replay_open(r);
	clock_hand(r, "start");
	run_for(r, 2 * MINUTE + 15 * SECOND);
	checked(r, 0, ST_OK);
	drill_ms = r->drill->game->drill_ms;
	assert_int_equal(drill_ms, 2 * MINUTE + 15 * SECOND);
	replay_reopen(r, 30 * MINUTE);
	assert_int_equal(r->drill->game->state, DRILL_RUNNING);
	assert_int_equal(r->drill->game->tick, 2);
	assert_true(r->drill->game->tick_open);
	assert_int_equal(r->drill->game->drill_ms, drill_ms);
	assert_int_equal(drill_next_ms(r->drill), r->mono_ms + 45 * SECOND);
	assert_int_equal(submit(r, 0, 0), V_OK);
	run_for(r, 45 * SECOND);
	assert_int_equal(r->drill->game->tick, 3);
	assert_verifies(r, 3);
	replay_free(r);
}

struct found {
	int64_t down_ms;
	int pauses;
};

static enum err
on_row(void *ctx, const struct journal_row *row, struct why *why)
{
	struct found *f = ctx;
	const char *at = strstr(row->body, "\"down_ms\":");

	(void)why;
	if (strcmp(row->kind, "drill.paused") != 0)
		return ERR_OK;
	f->pauses++;
	f->down_ms = strtoll(at + strlen("\"down_ms\":"), NULL, 10);
	return ERR_OK;
}

/* That pause's event holds how long the server was down, for whoever reads the journal later. */
static void
test_down_time_is_on_record(void **state)
{
	struct replay *r = replay_new();
	struct found found = {0};
	struct why why = {""};

	(void)state;
	replay_open(r);
	clock_hand(r, "start");
	replay_reopen(r, 30 * MINUTE);
	assert_int_equal(journal_read(r->drill->journal, 1, 0, on_row, &found, &why), ERR_OK);
	assert_int_equal(found.pauses, 1);
	assert_int_equal(found.down_ms, 30 * MINUTE);
	replay_free(r);
}

/* A drill that was paused or has ended comes back as it was. */
static void
test_paused_and_ended_come_back_so(void **state)
{
	struct replay *r = played();

	(void)state;
	clock_hand(r, "pause");
	replay_reopen(r, HOUR);
	assert_int_equal(r->drill->game->state, DRILL_PAUSED);
	clock_hand(r, "end");
	replay_reopen(r, HOUR);
	assert_int_equal(r->drill->game->state, DRILL_ENDED);
	assert_verifies(r, 11); /* ten ticks; the end, which closed the eleventh */
	replay_free(r);
}

/* Every tick ends with a signed checkpoint, and a sceptic who walks the chain finds all of them right. */
static void
test_checkpoints_verify(void **state)
{
	struct replay *r = played();

	(void)state;
	assert_int_equal(r->drill->checkpointed, r->drill->closing);
	assert_verifies(r, 10);
	replay_free(r);
}

/* Down between a tick's close and its checkpoint: the checkpoint is signed on coming back, not forgotten. */
static void
test_missing_checkpoint_is_made_up(void **state)
{
	struct replay *r = replay_new();
	struct found found = {0};
	struct why why = {""};

	(void)state;
	replay_open(r);
	clock_hand(r, "start");
	r->mono_ms += MINUTE;
	r->wall_ms += MINUTE;
	drill_turn(r->drill); /* tick 0 closes; its commit is never reaped */
	assert_int_equal(r->drill->checkpointed, 0);
	replay_reopen(r, 10 * MINUTE);
	assert_int_equal(r->drill->checkpointed, r->drill->closing);
	assert_true(r->drill->checkpointed > 0);
	assert_verifies(r, 1);
	assert_int_equal(journal_read(r->drill->journal, 1, 0, on_row, &found, &why), ERR_OK);
	assert_int_equal(found.down_ms, 10 * MINUTE);
	replay_free(r);
}

/* Another scenario than the journal's is refused with what to do, and nothing is written. */
static void
test_other_scenario_is_refused(void **state)
{
	struct replay *r = played();
	struct drill_options o = r->drill->options;
	struct drill *d = NULL;
	struct why why = {""};
	uint64_t seq = r->drill->game->seq;
	bool fresh;

	(void)state;
	drill_close(r->drill);
	r->scenario.config.flag_ticks = 6;
	assert_int_equal(drill_open(&o, &d, &fresh, &why), ERR_CONFLICT);
	assert_non_null(strstr(why.text, "same scenario"));
	r->scenario.config.flag_ticks = 5;
	clock_hand((replay_open(r), r), "pause");
	assert_int_equal(r->drill->game->seq, seq + 3); /* down, back, and the pause */
	replay_free(r);
}

/* Nobody sees a fact that is not on disk: deltas wait in the feed until their commit has been taken in. */
static void
test_deltas_wait_for_the_commit(void **state)
{
	struct live_hub *hub = calloc(1, sizeof(*hub));
	struct replay *r = replay_new();
	struct why why;

	(void)state;
	replay_open(r);
	feed_attach(r->drill->feed, hub);
	assert_int_equal(drill_clock(r->drill, "start", -1, "", "boss", &why), ERR_OK);
	assert_int_equal(r->drill->game->state, DRILL_RUNNING);
	assert_int_equal(hub->count, 0);
	drill_flush(r->drill);
	drill_settle(r->drill); /* durable, but the loop has not taken it in */
	feed_step(r->drill->feed, r->mono_ms);
	assert_int_equal(hub->count, 0);
	drill_reap(r->drill);
	feed_step(r->drill->feed, r->mono_ms);
	assert_int_equal(hub->count, 1);
	assert_int_equal(hub->frames[0].seq, r->drill->game->seq);
	assert_int_equal(r->committed, r->drill->game->seq);
	assert_non_null(strstr(hub->frames[0].public_, "\"kind\":\"drill.started\""));
	assert_non_null(strstr(hub->frames[0].public_, "\"kind\":\"tick.began\""));
	replay_free(r);
	fake_hub_clear(hub);
	free(hub);
	assert_int_equal(fake_payloads, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fold_equals_live),
	    cmocka_unit_test(test_down_is_a_pause),
	    cmocka_unit_test(test_down_time_is_on_record),
	    cmocka_unit_test(test_paused_and_ended_come_back_so),
	    cmocka_unit_test(test_checkpoints_verify),
	    cmocka_unit_test(test_missing_checkpoint_is_made_up),
	    cmocka_unit_test(test_other_scenario_is_refused),
	    cmocka_unit_test(test_deltas_wait_for_the_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
