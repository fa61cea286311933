/* verify over a journal with voids: what adopting and dropping did to the scores is recomputed, and signed. */
#include "scratch.h"

#include "store/verify.h"
#include "tests/sample_drill.h"

static struct sample sample;

static struct journal *
open_journal(const char *dir)
{
	struct journal_options o = {.dir = dir};
	struct journal *j = NULL;
	struct why why = {""};

	if (journal_open(&o, &j, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return j;
}

static void
emit_void(enum event_kind kind, int32_t id, const char *systems, int32_t from, int32_t to)
{
	struct event ev = {
	    .kind = kind, .actor = "chief", .u.voiding = {id, systems, from, to, "r"}};

	sample_emit(&sample, &ev);
}

/* Three ticks, an adopted void with a checkpoint of its own, a tick, and its dropping signed with the next one. */
static int
setup(void **state)
{
	static char dir[SCRATCH_BYTES];
	struct journal *j;

	scratch_make(dir);
	j = open_journal(dir);
	sample_open(&sample, j, 5, 3, 6);
	for (int32_t t = 0; t < 3; t++)
		sample_tick(&sample, t);
	emit_void(EV_VOID_PROPOSED, 1, "system-2,system-3", 0, 1);
	emit_void(EV_VOID_ADOPTED, 1, "", 0, 0);
	sample_checkpoint(&sample);
	sample_tick(&sample, 3);
	emit_void(EV_VOID_DROPPED, 1, "", 0, 0);
	sample_tick(&sample, 4);
	sample_drain(&sample);
	journal_close(j);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	sample_free(&sample);
	scratch_remove(*state);
	return 0;
}

static enum err
verify(const char *dir, struct verify_report *r)
{
	struct game *g = game_new();
	struct why why = {""};
	enum err e = verify_dir(dir, g, r, &why);

	game_free(g);
	return e;
}

static void
test_holds(void **state)
{
	struct verify_report r;

	if (verify(*state, &r) != ERR_OK)
		fail_msg("seq %llu: %s", (unsigned long long)r.bad_seq, r.problem);
	assert_int_equal(r.events, sample.seq);
	assert_int_equal(r.checkpoints, 6);
}

/* Cuts the journal off after the last event of this kind, whose seq it returns; sample.game is as of then. */
static uint64_t
cut_after(const char *dir, const char *kind)
{
	char sql[256];
	struct verify_report r;
	struct why why;

	snprintf(sql, sizeof(sql),
	    "DELETE FROM events WHERE seq > (SELECT max(seq) FROM events WHERE kind = '%s')", kind);
	scratch_sql(dir, sql);
	game_free(sample.game);
	sample.game = game_new();
	assert_int_equal(verify_dir(dir, sample.game, &r, &why), ERR_OK);
	sample.seq = r.events;
	return r.events;
}

/* A server that adopts a void but signs the scores from before it: those of a drill where it was dropped. */
static void
test_old_scores_after_an_adoption(void **state)
{
	uint64_t at = cut_after(*state, "void.adopted");
	struct game *g = sample.game;
	struct event undo = {.kind = EV_VOID_DROPPED,
	    .actor = "chief",
	    .seq = at + 1,
	    .at_ms = g->at_ms,
	    .drill_ms = g->drill_ms,
	    .u.voiding = {.id = 1, .systems = "", .reason = "r"}};
	struct verify_report r;
	struct why why;

	sample.journal = open_journal(*state);
	assert_int_equal(game_apply(g, &undo, &why), ERR_OK);
	g->seq = at; /* in memory alone: the file has not got it */
	sample_checkpoint(&sample);
	sample_drain(&sample);
	journal_close(sample.journal);
	assert_int_equal(verify(*state, &r), ERR_CORRUPT);
	assert_int_equal(r.bad_seq, at + 1);
	assert_non_null(strstr(r.problem, "signs other scores"));
}

/* Another system in the void, behind the journal's back: the hash of that very event does not hold. */
static void
test_changed_void(void **state)
{
	struct verify_report r;

	scratch_sql(*state, "UPDATE events SET body = replace(body, 'system-3', 'system-4') WHERE "
			    "kind = 'void.proposed'");
	assert_int_equal(verify(*state, &r), ERR_CORRUPT);
	assert_non_null(strstr(r.problem, "hash does not match"));
	assert_int_equal(r.bad_seq, r.events + 1);
}

/* An adoption cannot be taken out: the chain shows the gap. */
static void
test_missing_adoption(void **state)
{
	struct verify_report r;

	scratch_sql(*state, "DELETE FROM events WHERE kind = 'void.adopted'");
	assert_int_equal(verify(*state, &r), ERR_CORRUPT);
	assert_non_null(strstr(r.problem, "missing"));
}

/* What cannot follow: adopted twice, in the file of a server that let it happen. */
static void
test_adopted_twice(void **state)
{
	struct event ev = {.kind = EV_VOID_ADOPTED,
	    .actor = "chief",
	    .u.voiding = {.id = 1, .systems = "", .reason = "r"}};
	struct verify_report r;
	uint64_t at = cut_after(*state, "void.adopted");
	struct journal *j = open_journal(*state);

	ev.drill_ms = sample.game->drill_ms;
	assert_int_equal(journal_append(j, &ev), ERR_OK);
	journal_close(j);
	assert_int_equal(verify(*state, &r), ERR_CORRUPT);
	assert_int_equal(r.bad_seq, at + 1);
	assert_non_null(strstr(r.problem, "void.adopted cannot follow"));
	assert_non_null(strstr(r.problem, "adopted before"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_holds),
	    TEST(test_old_scores_after_an_adoption),
	    TEST(test_changed_void),
	    TEST(test_missing_adoption),
	    TEST(test_adopted_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
