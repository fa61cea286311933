/* The section calendar: ranges, order, and every rule broken once. */
#include "cases.h"

#include "base/date.h"

#define WITH(calendar) "accounts:\n", calendar "accounts:\n"

static void
mistakes_at_their_places(void **state)
{
	static const struct mistake_case cases[] = {
	    {"empty sections", WITH("calendar: {}\n"), ""},
	    {"dates and ranges",
		WITH("calendar:\n  holidays: [2026-10-02..2026-10-08, 2026-10-01]\n"
		     "  working_weekends: ['2026-09-27']\n"),
		""},
	    {"no mapping", WITH("calendar: [2026-10-01]\n"), "35:11: expected the calendar"},
	    {"unknown key", WITH("calendar: {holiday: []}\n"),
		"35:12: \"holiday\" is no key of the calendar; did you mean \"holidays\"?"},
	    {"no list", WITH("calendar: {holidays: 2026-10-01}\n"),
		"35:22: holidays: expected a list (- entries or [ ]), found \"2026-10-01\""},
	    {"no date, each at its place",
		WITH(
		    "calendar: {holidays: [2026-10-1, [], 2026-02-29, 2026-10-01...2026-10-03]}\n"),
		"35:23: holidays: \"2026-10-1\" is no date; write a date such as 2026-10-01 or a "
		"range such as 2026-10-01..2026-10-07\n35:34: holidays: a list is no date\n"
		"35:38: holidays: \"2026-02-29\" is no date\n35:50: holidays: \"2026-10-01..."},
	    {"range backwards", WITH("calendar: {holidays: [2026-10-08..2026-10-01]}\n"),
		"35:23: holidays: \"2026-10-08..2026-10-01\" ends before it begins"},
	    {"range of a year", WITH("calendar: {holidays: [2026-10-01..2027-10-01]}\n"),
		"35:23: holidays: \"2026-10-01..2027-10-01\" is 366 days long; a range has at most "
		"100"},
	    {"range of the longest", WITH("calendar: {holidays: [2026-10-01..2027-01-08]}\n"), ""},
	    {"a day twice",
		WITH("calendar:\n  holidays:\n    - 2026-10-02\n    - 2026-10-01..2026-10-03\n"),
		"38:7: holidays: 2026-10-02 is there twice; the first is on line 37"},
	    {"a weekday is worked anyway", WITH("calendar: {working_weekends: [2026-09-28]}\n"),
		"35:31: working_weekends: 2026-09-28 is a Monday; only Saturdays and Sundays"},
	    {"free and worked",
		WITH("calendar:\n  holidays: [2026-09-25..2026-09-27]\n"
		     "  working_weekends: [2026-09-27]\n"),
		"37:22: working_weekends: 2026-09-27 is a holiday on line 36"},
	    {"too many days",
		WITH("calendar: {holidays: [2026-01-01..2026-04-10, 2027-01-01..2027-"
		     "04-10, 2028-01-01..2028-04-09, 2029-01-01..2029-04-10, "
		     "2030-01-01..2030-04-10, 2031-01-01..2031-04-10, "
		     "2032-01-01..2032-04-09, 2033-01-01..2033-04-10, "
		     "2034-01-01..2034-04-10, 2035-01-01..2035-04-10, 2036-01-01]}\n"),
		"35:263: holidays has more than 1000 days"},
	};

	(void)state;
	run_scenario_cases(cases, COUNT(cases));
}

static void
lists_are_sorted_and_survive_the_journal(void **state)
{
	char *text = replaced(good_scenario, "accounts:\n",
	    "calendar:\n  holidays: [2027-01-01, 2026-10-02..2026-10-08, 2026-10-01]\n"
	    "  working_weekends: [2026-10-10, 2026-09-27]\naccounts:\n");
	struct drill_config back = {.id = NULL};
	struct json_writer w;
	struct scenario s;
	struct json_t *j;
	struct buf said, json;
	struct why why;

	(void)state;
	assert_int_equal(parse_texts(text, strlen(text), good_challenge, &s, &said), ERR_OK);
	assert_int_equal(s.config.calendar.holidays.count, 9);
	assert_int_equal(s.config.calendar.working_weekends.count, 2);
	s.config.sign_key = "ab";
	buf_init(&json, 1 << 20);
	jw_begin(&w, &json);
	config_encode(&s.config, &w);
	assert_int_equal(jr_parse(json.data, json.len, &j, &why), ERR_OK);
	assert_int_equal(config_decode(j, &back, &why), ERR_OK);
	assert_int_equal(back.calendar.holidays.count, 9);
	for (int i = 0; i < 8; i++)
		assert_int_equal(back.calendar.holidays.dates[i], date_from_civil(2026, 10, 1) + i);
	assert_int_equal(back.calendar.holidays.dates[8], date_from_civil(2027, 1, 1));
	assert_int_equal(back.calendar.working_weekends.dates[0], date_from_civil(2026, 9, 27));
	jr_free(j);
	config_free(&back);
	scenario_free(&s);
	buf_free(&said);
	buf_free(&json);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_at_their_places),
	    cmocka_unit_test(lists_are_sorted_and_survive_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
