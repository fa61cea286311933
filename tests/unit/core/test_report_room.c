/* What reports may take: sizes, counts, what counts against a department, drafts of a whole drill. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_limits_of_size),
	    cmocka_unit_test(test_what_counts_against_a_department),
	    cmocka_unit_test(test_withdrawn_ones_take_no_place),
	    cmocka_unit_test(test_drafts_of_a_whole_drill),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
