/* The section reports: limits by stage and level, a duration for all, and every rule broken once. */
#include "cases.h"

#include "core/incident_level.h"

#define WITH(reports) "accounts:\n", reports "accounts:\n"

static void
mistakes_at_their_places(void **state)
{
	static const struct mistake_case cases[] = {
	    {"empty", WITH("reports: {}\n"), ""},
	    {"one for all levels, and by level",
		WITH("reports:\n  initial: {I: 10m, II: 10m, IV: 1h}\n  final: 2h\n"), ""},
	    {"no mapping", WITH("reports: 30m\n"), "35:10: expected the limits of reports"},
	    {"unknown stage", WITH("reports: {first: 30m}\n"),
		"35:11: \"first\" is no key of the limits of reports"},
	    {"unknown level", WITH("reports: {initial: {V: 30m}}\n"),
		"35:21: \"V\" is no key of the limits of a stage"},
	    {"no duration", WITH("reports: {final: soon}\n"), "35:18: final"},
	    {"no time at all", WITH("reports: {progress: {I: 0s}}\n"), "35:25: I"},
	    {"more than a year", WITH("reports: {final: 400d}\n"), "35:18: final"},
	    {"a list", WITH("reports: {final: [1h]}\n"), "35:18: expected the limits of a stage"},
	};

	(void)state;
	run_scenario_cases(cases, COUNT(cases));
}

static void
limits_survive_the_journal(void **state)
{
	char *text = replaced(good_scenario, "accounts:\n",
	    "reports:\n  initial: {I: 10m, IV: 1h}\n  final: 2h\naccounts:\n");
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
	assert_int_equal(back.report_limits.ms[STAGE_INITIAL][LEVEL_I], 600000);
	assert_int_equal(back.report_limits.ms[STAGE_INITIAL][LEVEL_II], 0); /* by default */
	assert_int_equal(back.report_limits.ms[STAGE_INITIAL][LEVEL_IV], 3600000);
	assert_int_equal(back.report_limits.ms[STAGE_PROGRESS][LEVEL_I], 0);
	for (int i = 0; i < LEVEL_COUNT; i++)
		assert_int_equal(back.report_limits.ms[STAGE_FINAL][i], 7200000);
	jr_free(j);
	config_free(&back);
	scenario_free(&s);
	buf_free(&said);
	buf_free(&json);
	free(text);
}

/* Everyday's limits shrink with the drill, never below a minute, and do not grow with it. */
static void
limits_by_default(void **state)
{
	const int64_t day = 24 * 3600000;

	(void)state;
	assert_int_equal(report_limit_default(STAGE_INITIAL, LEVEL_II, day), 1800000);
	assert_int_equal(report_limit_default(STAGE_INITIAL, LEVEL_III, 30 * day), 3600000);
	assert_int_equal(report_limit_default(STAGE_PROGRESS, LEVEL_IV, day / 3), 8 * 3600000 / 3);
	assert_int_equal(report_limit_default(STAGE_FINAL, LEVEL_I, day / 2), day / 2);
	assert_int_equal(report_limit_default(STAGE_INITIAL, LEVEL_I, 60000), 60000);
}

static void
damaged_limits(void **state)
{
	static const char *const texts[] = {"{}",
	    "{\"final\":[1,2,3],\"initial\":[1,2,3,4],\"progress\":[1,2,3,4]}",
	    "{\"final\":[1,2,3,-1],\"initial\":[1,2,3,4],\"progress\":[1,2,3,4]}",
	    "{\"final\":[1,2,3,\"x\"],\"initial\":[1,2,3,4],\"progress\":[1,2,3,4]}"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct report_limits limits;
		struct json_t *j;
		struct why why;

		assert_int_equal(jr_parse(texts[i], strlen(texts[i]), &j, &why), ERR_OK);
		assert_int_equal(report_limits_decode(j, &limits, &why), ERR_INVALID);
		jr_free(j);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_at_their_places),
	    cmocka_unit_test(limits_survive_the_journal),
	    cmocka_unit_test(limits_by_default),
	    cmocka_unit_test(damaged_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
