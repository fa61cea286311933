/* The sections truth and rubrics, and a judge's own department: every rule broken once, and what survives the journal. */
#include "cases.h"

#include "core/rubric.h"

#define WITH(section) "accounts:\n", section "accounts:\n"
#define ITEM "  - {id: spot, title: {zh: 发现, en: Spot}, marks: 40, dimension: detection"

static void
mistakes_at_their_places(void **state)
{
	static const struct mistake_case cases[] = {
	    {"empty", WITH("truth: {}\n"), ""},
	    {"all of truth",
		WITH("truth:\n  window: 1h\n  merge: 10m\n  report_steps: [10m, 20m, 30m, 1h]\n"
		     "  recovery_steps: [1h, 2h, 3h, 4h]\n"),
		""},
	    {"no mapping", WITH("truth: 2h\n"), "35:8: expected the pairing of red facts"},
	    {"unknown key", WITH("truth: {windows: 2h}\n"), "35:9: \"windows\" is no key"},
	    {"no window at all", WITH("truth: {window: 0s}\n"), "35:17: window"},
	    {"three steps", WITH("truth: {report_steps: [1m, 2m, 3m]}\n"), "35:23: report_steps"},
	    {"steps fall", WITH("truth: {report_steps: [1m, 3m, 3m, 4m]}\n"),
		"35:32: report_steps: each step is longer"},
	    {"no duration", WITH("truth: {recovery_steps: [1m, soon, 3m, 4m]}\n"), "35:30:"},
	    {"a rubric", WITH("rubrics:\n" ITEM "}\n"), ""},
	    {"with guidance and measure",
		WITH("rubrics:\n" ITEM ", guidance: {zh: 看, en: Look}}\n"
		     "  - {id: t, title: T, marks: 5, dimension: timeliness, measure: recovery}\n"),
		""},
	    {"no items", WITH("rubrics: []\n"), "35:10: rubrics"},
	    {"unknown dimension",
		WITH("rubrics:\n  - {id: a, title: A, marks: 5, dimension: luck}\n"),
		"36:44: there is no dimension \"luck\"; there are: detection"},
	    {"unknown measure", WITH("rubrics:\n" ITEM ", measure: guess}\n"),
		"36:85: there is no measure \"guess\""},
	    {"no marks", WITH("rubrics:\n  - {id: a, title: A, marks: 0, dimension: analysis}\n"),
		"36:30: marks"},
	    {"an id twice", WITH("rubrics:\n" ITEM "}\n" ITEM "}\n"),
		"37:5: rubrics: item \"spot\" comes twice"},
	    {"nothing for judges",
		WITH("rubrics:\n  - {id: a, title: A, marks: 5, dimension: analysis, measure: "
		     "report}\n"),
		"36:5: rubrics: nothing in the rubric is marked by judges"},
	    {"half a guidance", WITH("rubrics:\n" ITEM ", guidance: {en: Look}}\n"),
		"36:86: a guidance has no zh"},
	};

	(void)state;
	run_scenario_cases(cases, COUNT(cases));
}

static void
sections_survive_the_journal(void **state)
{
	char *text = replaced(good_scenario, "accounts:\n",
	    "truth: {window: 1h, report_steps: [1m, 2m, 3m, 4m]}\n"
	    "rubrics:\n" ITEM ", guidance: Look.}\n"
	    "  - {id: time, title: T, marks: 5, dimension: timeliness, measure: report}\n"
	    "accounts:\n");
	struct drill_config back = {.id = NULL};
	struct json_writer w;
	struct scenario s;
	struct json_t *j;
	struct buf said, json;
	struct why why;

	(void)state;
	assert_int_equal(parse_texts(text, strlen(text), good_challenge, &s, &said), ERR_OK);
	s.config.sign_key = "ab";
	buf_init(&json, 1 << 20);
	jw_begin(&w, &json);
	config_encode(&s.config, &w);
	assert_int_equal(jr_parse(json.data, json.len, &j, &why), ERR_OK);
	assert_int_equal(config_decode(j, &back, &why), ERR_OK);
	assert_int_equal(back.truth.window_ms, 3600000);
	assert_int_equal(back.truth.merge_ms, 0); /* by default */
	assert_int_equal(back.truth.report_steps[3], 240000);
	assert_int_equal(rubric_of(&back)->count, 2);
	assert_int_equal(rubric_full(rubric_of(&back)), 45);
	assert_int_equal(rubric_judged(rubric_of(&back)), 40);
	assert_string_equal(rubric_of(&back)->items[0].title.zh, "发现");
	assert_string_equal(rubric_of(&back)->items[0].guidance.en, "Look.");
	assert_int_equal(rubric_of(&back)->items[1].measure, RUBRIC_REPORT);
	jr_free(j);
	config_free(&back);
	scenario_free(&s);
	buf_free(&said);
	buf_free(&json);
	free(text);
}

static void
without_sections(void **state)
{
	struct scenario s;
	struct buf said;

	(void)state;
	assert_int_equal(
	    parse_texts(good_scenario, strlen(good_scenario), good_challenge, &s, &said), ERR_OK);
	assert_null(s.config.rubric);
	assert_true(truth_config_empty(&s.config.truth));
	assert_int_equal(rubric_full(rubric_of(&s.config)), 100);
	assert_int_equal(rubric_judged(rubric_of(&s.config)), 85);
	scenario_free(&s);
	buf_free(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_at_their_places),
	    cmocka_unit_test(sections_survive_the_journal),
	    cmocka_unit_test(without_sections),
	};

	return cmocka_run_group_tests_name("truth and rubrics", tests, NULL, NULL);
}
