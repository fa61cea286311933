/* What each reader is shown of a report: whose, which times, which words, at which moment of its life. */
#include "tests/unit/core/report_rig.h"

#include "api/report_view.h"

static const struct report_reader library = {.role = ROLE_BLUE, .team = LIBRARY},
				  finance = {.role = ROLE_BLUE, .team = FINANCE},
				  red = {.role = ROLE_RED, .team = RED_1},
				  judge = {.role = ROLE_JUDGE, .team = -1},
				  director = {.role = ROLE_DIRECTOR, .team = -1},
				  leader = {.role = ROLE_LEADER, .team = -1},
				  public_ = {.role = ROLE_PUBLIC, .team = -1};

/* The whole report 1 as this reader is shown it; till the next call. */
static const char *
seen_by(const struct game *g, struct report_reader r)
{
	static struct buf out;
	struct json_writer w;

	buf_free(&out);
	buf_init(&out, 1024 * 1024);
	r.g = g;
	jw_begin(&w, &out);
	report_write(&w, &r, 1);
	return out.data;
}

static void
shows(const struct game *g, struct report_reader r, const char *part, bool there)
{
	const char *text = seen_by(g, r);

	if ((strstr(text, part) != NULL) != there)
		fail_msg("%s: %s in %.3000s", part, there ? "is not" : "is", text);
}

static struct game *
game_with_report(void)
{
	static const char text[] =
	    "{\"author\":\"Li "
	    "Wei\",\"actions\":[{\"at\":1813453215000,\"kind\":\"isolate\",\"phase\":"
	    "\"containment\",\"target\":\"the portal\",\"who\":\"Wang "
	    "Wu\"}],\"phone\":\"4711\",\"signer\":\"Zhao\","
	    "\"summary\":\"the-summary\",\"systems\":[\"library-portal\"]}";
	struct game *g = report_game();
	struct report_event *r;
	struct event ev = filed(1, STAGE_INITIAL, &r);

	r->text = text;
	r->systems = "library-portal";
	core_must(g, ev);
	return g;
}

static void
test_whether_there_is_one(void **state)
{
	static const struct {
		const struct report_reader *r;
		bool draft, filed;
	} cases[] = {{&library, true, true}, {&finance, false, false}, {&red, false, false},
	    {&judge, false, true}, {&director, false, true}, {&leader, false, true},
	    {&public_, false, false}};
	struct game *g = report_game();

	(void)state;
	core_must(g, drafted(1, STAGE_INITIAL, "{}"));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(report_shown(cases[i].r, report_find(g, 1)), cases[i].draft);
	core_must(g, filed_at(1, STAGE_INITIAL));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(report_shown(cases[i].r, report_find(g, 1)), cases[i].filed);
	game_free(g);
}

static void
test_names(void **state)
{
	static const char *const names[] = {"Li Wei", "Wang Wu", "4711", "Zhao", "library"};
	struct game *g = game_with_report();

	(void)state;
	core_must(g, commented(1, "library-blue", false));
	core_must(g, returned(1));
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		shows(g, judge, names[i], false);
		shows(g, library, names[i], true);
		shows(g, director, names[i], true);
		shows(g, leader, names[i], true);
	}
	shows(g, judge, "the-summary", true);
	shows(g, judge, "the portal", true);
	shows(g, judge, "\"services\":[\"portal\"]", true);
	shows(g, judge, "\",\"en\":\"Unit ", true);
	shows(g, library, "\"unit\"", false);
	shows(g, library, "\"number\":\"library-2027-001\"", true);
	game_free(g);
}

/* When the attack began, and what judges found, a department learns when all is over. */
static void
test_times(void **state)
{
	static const char attacked[] = "\"attacked\":{\"at\":\"2027-06-20T01:00:12.000+00:00\","
				       "\"source\":\"measured\"}";
	static const char judged[] = "\"detected\":{\"at\":\"2027-06-20T01:00:16.000+00:00\","
				     "\"source\":\"judged\"}";
	static const char claimed[] = "\"detected\":{\"at\":\"2027-06-20T01:00:15.000+00:00\","
				      "\"source\":\"claimed\"}";
	struct game *g = game_with_report();

	(void)state;
	report_set_time(g, 1, REPORT_ATTACKED, CORE_START_MS + 12000, TIME_MEASURED);
	report_set_time(g, 1, REPORT_DETECTED, CORE_START_MS + 16000, TIME_JUDGED);
	report_set_state(g, 1, REPORT_RESCORED, g->at_ms);
	shows(g, library, "attacked", false);
	shows(g, library, claimed, true);
	shows(g, library, "\"reported\":", true);
	shows(g, judge, attacked, true);
	shows(g, director, judged, true);
	report_set_state(g, 1, REPORT_FINAL, g->at_ms);
	shows(g, library, attacked, true);
	shows(g, library, judged, true);
	report_set_state(g, 1, REPORT_ARCHIVED, g->at_ms);
	shows(g, library, attacked, true);
	game_free(g);
}

static void
test_drafts_and_comments(void **state)
{
	struct game *g = game_with_report();
	struct event ev = commented(1, "judge-1", true);

	(void)state;
	((struct report_event *)(uintptr_t)ev.u.report)->text = "the-internal";
	core_must(g, ev);
	ev = commented(1, "judge-1", false);
	((struct report_event *)(uintptr_t)ev.u.report)->text = "the-open";
	core_must(g, ev);
	core_must(g, drafted(1, STAGE_PROGRESS, "{\"effect\":\"the-draft\"}"));
	shows(g, library, "the-draft", true);
	shows(g, judge, "draft", false);
	shows(g, director, "draft", false);
	shows(g, library, "the-internal", false);
	shows(g, library, "the-open", true);
	shows(g, library, "judge-1", false);
	shows(g, judge, "the-internal", true);
	shows(g, leader, "judge-1", true);
	game_free(g);
}

/* Folded from a published bundle there are no words; what there is can be shown. */
static void
test_without_words(void **state)
{
	struct game *g = report_game();
	struct report_event *r;
	struct event ev = filed(1, STAGE_INITIAL, &r);

	(void)state;
	r->text = "";
	core_must(g, ev);
	shows(g, director, "\"document\":{}", true);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whether_there_is_one),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_drafts_and_comments),
	    cmocka_unit_test(test_without_words),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
