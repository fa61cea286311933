/* Incident reports in the fold: how much a department may file, levels, what is late. */
#include "report_rig.h"

static void
test_limits_of_size(void **state)
{
	struct game *g = report_game();
	char *text = malloc(REPORT_TEXT_MAX_BYTES + 2);

	(void)state;
	memset(text, 'x', REPORT_TEXT_MAX_BYTES + 1);
	text[REPORT_TEXT_MAX_BYTES + 1] = '\0';
	core_refused(g, drafted(1, STAGE_INITIAL, text), ERR_LIMIT, "at most 65536 bytes");
	free(text);
	core_must(g, filed_at(1, STAGE_INITIAL));
	for (int i = 1; i < REPORT_VERSIONS_MAX; i++)
		core_must(g, filed_at(1, STAGE_PROGRESS));
	core_refused(g, filed_at(1, STAGE_PROGRESS), ERR_LIMIT, "at most 50 filings");
	for (int i = 1; i < REPORT_CHAINS_PER_TEAM_MAX; i++)
		core_must(g, drafted(i + 1, STAGE_INITIAL, "{}"));
	core_refused(g, drafted(REPORT_CHAINS_PER_TEAM_MAX + 1, STAGE_INITIAL, "{}"), ERR_LIMIT,
	    "at most 300 reports of one department");
	g->reports->teams[LIBRARY].bytes = REPORT_TEAM_MAX_BYTES;
	core_refused(g, drafted(2, STAGE_INITIAL, "{123}"), ERR_LIMIT, "no room for more");
	core_refused(g, filed_at(1, STAGE_PROGRESS), ERR_LIMIT, "no room for more");
	for (int i = 0; i < REPORT_COMMENTS_MAX; i++)
		core_must(g, commented(1, "judge-1", false));
	core_refused(g, commented(1, "judge-1", false), ERR_LIMIT, "at most 500 comments");
	game_free(g);
}

static struct event
comment_of(int32_t id, const char *actor, const char *text)
{
	struct event ev = commented(id, actor, false);

	((struct report_event *)(uintptr_t)ev.u.report)->text = text;
	return ev;
}

/* What a department keeps: filings, the present drafts in place of the former ones, its own comments and nobody else's. */
static void
test_what_counts_against_a_department(void **state)
{
	struct game *g = report_game();
	const size_t *bytes = &g->reports->teams[LIBRARY].bytes;

	(void)state;
	core_must(g, drafted(1, STAGE_INITIAL, "12345"));
	assert_int_equal(*bytes, 5);
	core_must(g, drafted(1, STAGE_INITIAL, "123"));
	assert_int_equal(*bytes, 3);
	core_must(g, filed_at(1, STAGE_INITIAL)); /* {} */
	assert_int_equal(*bytes, 2);
	core_must(g, drafted(1, STAGE_PROGRESS, "1234"));
	core_must(g, drafted(2, STAGE_INITIAL, "1234"));
	assert_int_equal(*bytes, 10);
	core_must(g, withdrawn_draft(1));
	core_must(g, withdrawn_draft(2));
	assert_int_equal(*bytes, 2);
	core_must(g, comment_of(1, "library-blue", "why?"));
	assert_int_equal(*bytes, 6);
	core_must(g, comment_of(1, "judge-1", "because"));
	assert_int_equal(*bytes, 6);
	g->reports->teams[LIBRARY].bytes = REPORT_TEAM_MAX_BYTES;
	core_refused(g, comment_of(1, "library-blue", "x"), ERR_LIMIT, "no room for more");
	core_must(g, comment_of(1, "judge-1", "x"));
	game_free(g);
}

/* What is thrown away gives its place back, as often as it may be; a draft of something filed is none of these. */
static void
test_withdrawn_ones_take_no_place(void **state)
{
	struct game *g = report_game();
	const struct report_team *t = &g->reports->teams[LIBRARY];
	int32_t id = 1;

	(void)state;
	for (; id <= REPORT_WITHDRAWN_PER_TEAM_MAX; id++) {
		core_must(g, drafted(id, STAGE_INITIAL, "{}"));
		core_must(g, withdrawn_draft(id));
	}
	assert_int_equal(t->chains, 0);
	core_must(g, drafted(id, STAGE_INITIAL, "{}"));
	core_refused(g, withdrawn_draft(id), ERR_LIMIT, "write the next one over this draft");
	core_must(g, filed_at(id, STAGE_INITIAL));
	core_must(g, drafted(id, STAGE_PROGRESS, "{}"));
	core_must(g, withdrawn_draft(id));
	assert_int_equal(t->withdrawn, REPORT_WITHDRAWN_PER_TEAM_MAX);
	for (int i = 1; i < REPORT_CHAINS_PER_TEAM_MAX; i++)
		core_must(g, drafted(++id, STAGE_INITIAL, "{}"));
	core_refused(g, drafted(id + 1, STAGE_INITIAL, "{}"), ERR_LIMIT, "at most 300 reports");
	game_free(g);
}

/* Drafts stay in the journal for good, so all of a department's count together; filing is free of that. */
static void
test_drafts_of_a_whole_drill(void **state)
{
	struct game *g = report_game();
	const struct report_team *t = &g->reports->teams[LIBRARY];

	(void)state;
	core_must(g, drafted(1, STAGE_INITIAL, "12345"));
	core_must(g, drafted(1, STAGE_INITIAL, "123"));
	assert_int_equal(t->drafted, 8 + 2 * REPORT_DRAFTED_EACH_BYTES);
	g->reports->teams[LIBRARY].drafted =
	    REPORT_DRAFTED_MAX_BYTES - REPORT_DRAFTED_EACH_BYTES - 2;
	core_refused(g, drafted(1, STAGE_INITIAL, "123"), ERR_LIMIT, "256 MiB of drafts");
	core_must(g, drafted(1, STAGE_INITIAL, "12"));
	core_refused(g, drafted(1, STAGE_INITIAL, ""), ERR_LIMIT, "file it at once");
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_must(g, of_finance(drafted(2, STAGE_INITIAL, "{}")));
	game_free(g);
}

/* The level is proposed from the systems' importance and the loss; the report's own is kept beside it. */
static void
test_level(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev = filed(1, STAGE_INITIAL, &r);

	(void)state;
	r->systems = "library-portal"; /* MLPS 3 */
	r->loss = LOSS_SERIOUS;
	r->level = LEVEL_I;
	core_must(g, ev);
	assert_int_equal(chain(g, 1)->level, LEVEL_I);
	assert_int_equal(chain(g, 1)->proposed, LEVEL_III);
	assert_int_equal(chain(g, 1)->systems.count, 1);
	ev = filed(1, STAGE_PROGRESS, &r);
	r->importance = IMPORTANCE_ESPECIAL;
	r->loss = LOSS_SERIOUS;
	core_must(g, ev);
	assert_int_equal(chain(g, 1)->proposed, LEVEL_II);
	assert_int_equal(chain(g, 1)->systems.count, 0);
	game_free(g);
}

/*
 * The core's drill has 8 h: a third of everyday's limits. At level IV 40 min for the initial report, 2 h 40 min between
 * progress reports, 8 h from containment to the final one.
 */
static void
test_late(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	assert_true(report_limit_ms(g, STAGE_INITIAL, LEVEL_I) == 10 * 60000);
	assert_true(report_limit_ms(g, STAGE_INITIAL, LEVEL_IV) == 40 * 60000);
	assert_true(report_limit_ms(g, STAGE_PROGRESS, LEVEL_III) == 160 * 60000);
	assert_true(report_limit_ms(g, STAGE_FINAL, LEVEL_II) == 480 * 60000);
	g->config->report_limits.ms[STAGE_INITIAL][LEVEL_IV] = 15000;
	core_must(g, filed_at(1, STAGE_INITIAL));
	assert_false(report_last(chain(g, 1))->late);
	report_later(g, 5000);
	core_must(g, filed_at(2, STAGE_INITIAL));
	assert_true(report_last(chain(g, 2))->late);
	/* A return does not excuse what was late, nor make late what was not. */
	core_must(g, returned(2));
	core_must(g, returned(1));
	report_later(g, 100000);
	core_must(g, filed_at(2, STAGE_INITIAL));
	core_must(g, filed_at(1, STAGE_INITIAL));
	assert_true(report_last(chain(g, 2))->late);
	assert_false(report_last(chain(g, 1))->late);
	ev = filed(1, STAGE_PROGRESS, &r);
	r->times[REPORT_CONTAINED] = g->at_ms;
	core_must(g, ev);
	assert_false(report_last(chain(g, 1))->late);
	report_later(g, 161 * 60000);
	core_must(g, filed_at(1, STAGE_PROGRESS));
	assert_true(report_last(chain(g, 1))->late);
	report_later(g, 318 * 60000);
	core_must(g, filed_at(1, STAGE_FINAL));
	assert_false(report_last(chain(g, 1))->late);
	core_must(
	    g, filed_at(2, STAGE_FINAL)); /* the first that tells of a containment, long ago */
	assert_true(report_last(chain(g, 2))->late);
	game_free(g);
}

/* A final report's limit runs from the containment as it was first claimed: a later claim moves nothing. */
static void
test_late_since_containment(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;
	int64_t now;

	(void)state;
	g->config->report_limits.ms[STAGE_FINAL][LEVEL_IV] = 60000;
	core_must(g, filed_at(1, STAGE_INITIAL));
	core_must(g, filed_at(2, STAGE_INITIAL));
	ev = filed(1, STAGE_PROGRESS, &r);
	r->times[REPORT_CONTAINED] = now = g->at_ms;
	core_must(g, ev);
	report_later(g, 70000);
	ev = filed(1, STAGE_FINAL, &r);
	r->times[REPORT_CONTAINED] = g->at_ms;
	core_must(g, ev);
	assert_true(report_last(chain(g, 1))->late);
	ev = filed(2, STAGE_FINAL, &r);
	r->times[REPORT_CONTAINED] = now + 11000;
	core_must(g, ev);
	assert_false(report_last(chain(g, 2))->late);
	game_free(g);
}

/* A pause is no time: the same report is in time when the clock stood still since its detection. */
static void
test_pause_makes_nothing_late(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev;

	(void)state;
	g->config->report_limits.ms[STAGE_INITIAL][LEVEL_IV] = 2000;
	ev = filed(1, STAGE_INITIAL, &r);
	r->times[REPORT_DETECTED] = g->at_ms;
	g->drill_ms = clocklog_drill_ms(&g->clock, g->at_ms);
	core_must(g, (struct event){.kind = EV_DRILL_PAUSED, .u.clock.reason = ""});
	g->at_ms += 3600000;
	core_must(g, ev);
	assert_false(report_last(chain(g, 1))->late);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_limits_of_size),
	    cmocka_unit_test(test_what_counts_against_a_department),
	    cmocka_unit_test(test_withdrawn_ones_take_no_place),
	    cmocka_unit_test(test_drafts_of_a_whole_drill),
	    cmocka_unit_test(test_level),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_late_since_containment),
	    cmocka_unit_test(test_pause_makes_nothing_late),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
