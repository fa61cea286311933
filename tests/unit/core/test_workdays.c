/* Working days: weekends, holidays, weekends that are worked; due dates and days overdue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/date.h"
#include "core/workdays.h"

static int32_t
day(const char *text)
{
	int32_t date;

	if (!date_parse(text, &date))
		fail_msg("%s", text);
	return date;
}

/* National Day of 2026 as the State Council might put it: seven days free, two weekend days worked. */
static struct calendar
autumn(void)
{
	static int32_t free_days[7], worked[2];

	for (int i = 0; i < 7; i++)
		free_days[i] = day("2026-10-01") + i;
	worked[0] = day("2026-09-27"); /* a Sunday */
	worked[1] = day("2026-10-10"); /* a Saturday */
	return (struct calendar){.holidays = {free_days, 7}, .working_weekends = {worked, 2}};
}

static void
due(const struct calendar *c, const char *given, int n, const char *expected)
{
	char text[DATE_BYTES];

	date_format(workdays_due(c, day(given), n), text);
	if (strcmp(text, expected) != 0)
		fail_msg("%d after %s: %s, not %s", n, given, text, expected);
}

static void
test_what_is_worked(void **state)
{
	struct calendar plain = {.holidays = {NULL, 0}}, c = autumn();

	(void)state;
	assert_true(workday_is(&plain, day("2026-10-01")));
	assert_false(workday_is(&plain, day("2026-09-27")));
	assert_false(workday_is(&c, day("2026-10-01")));
	assert_false(workday_is(&c, day("2026-10-07")));
	assert_true(workday_is(&c, day("2026-10-08")));
	assert_true(workday_is(&c, day("2026-09-27")));
	assert_false(workday_is(&c, day("2026-09-26")));
	assert_true(workday_is(&c, day("2026-10-10")));
	assert_false(workday_is(&c, day("2026-10-11")));
	assert_int_equal(workday_from(&c, day("2026-10-01")), day("2026-10-08"));
	assert_int_equal(workday_from(&c, day("2026-10-10")), day("2026-10-10"));
}

/* Counting starts the day after, whatever day the notice was given on. */
static void
test_due(void **state)
{
	struct calendar plain = {.holidays = {NULL, 0}}, c = autumn();

	(void)state;
	due(&plain, "2026-06-19", 3, "2026-06-24"); /* a Friday */
	due(&plain, "2026-06-20", 3, "2026-06-24");
	due(&plain, "2026-06-21", 3, "2026-06-24");
	due(&plain, "2026-06-22", 3, "2026-06-25");
	due(&plain, "2026-06-22", 20, "2026-07-20");
	due(&c, "2026-09-25", 1, "2026-09-27"); /* the worked Sunday */
	due(&c, "2026-09-26", 3, "2026-09-29");
	due(&c, "2026-09-30", 1, "2026-10-08"); /* over the holidays */
	due(&c, "2026-09-30", 3, "2026-10-10");
	due(&c, "2026-10-03", 5, "2026-10-13");
	due(&c, "2026-09-30", 0, "2026-10-08");
	due(&c, "2026-09-30", -5, "2026-10-08");
	assert_int_equal(workdays_due(&plain, 0, WORKDAYS_MAX + 7), workdays_due(&plain, 0, 1000));
}

static void
test_overdue(void **state)
{
	struct calendar c = autumn();

	(void)state;
	assert_int_equal(workdays_overdue(&c, day("2026-09-30"), day("2026-09-30")), 0);
	assert_int_equal(workdays_overdue(&c, day("2026-09-30"), day("2026-09-01")), 0);
	assert_int_equal(workdays_overdue(&c, day("2026-09-30"), day("2026-10-07")), 0);
	assert_int_equal(workdays_overdue(&c, day("2026-09-30"), day("2026-10-08")), 1);
	assert_int_equal(workdays_overdue(&c, day("2026-09-30"), day("2026-10-10")), 3);
	assert_int_equal(workdays_overdue(&c, day("2026-09-30"), day("2026-10-11")), 3);
	assert_int_equal(workdays_overdue(&c, day("2026-09-25"), day("2026-09-27")), 1);
}

/* Counted in one step or day by day: the same, from long before 1970 on and with any holidays. */
static void
test_overdue_is_the_days_counted(void **state)
{
	int32_t free_days[60], worked[20];
	struct calendar c = {.holidays = {free_days, 0}, .working_weekends = {worked, 0}};

	(void)state;
	srand(7);
	for (int32_t d = -300; d < 300 && c.holidays.count < 60; d++) {
		int w = date_weekday(d);

		if (rand() % 8 == 0)
			free_days[c.holidays.count++] = d;
		else if ((w == 0 || w == 6) && rand() % 5 == 0 && c.working_weekends.count < 20)
			worked[c.working_weekends.count++] = d;
	}
	for (int32_t from = -320; from < 320; from++)
		for (int32_t to = from, n = 0; to < from + 40; to++) {
			n += to > from && workday_is(&c, to);
			assert_int_equal(workdays_overdue(&c, from, to), n);
			if (n > 0 && workday_is(&c, to))
				assert_int_equal(workdays_due(&c, from, n), to);
		}
}

/* 23:30 UTC on Wednesday is Thursday in Shanghai: a day more. */
static void
test_zone(void **state)
{
	struct calendar plain = {.holidays = {NULL, 0}};
	int64_t ms = date_begins_ms(day("2026-06-25"), 0) - 1800000;

	(void)state;
	assert_int_equal(workdays_due_at(&plain, ms, 0, 1), day("2026-06-25"));
	assert_int_equal(workdays_due_at(&plain, ms, 480, 1), day("2026-06-26"));
}

static void
decoded(const char *text, enum err want, const char *says)
{
	struct calendar c = {.holidays = {NULL, 0}};
	struct arena arena = {NULL, 0};
	struct json_t *j;
	struct json_writer w;
	struct why why = {""};
	struct buf out;

	assert_int_equal(jr_parse(text, strlen(text), &j, &why), ERR_OK);
	if (calendar_decode(j, &c, &arena, &why) != want || strstr(why.text, says) == NULL)
		fail_msg("%s: \"%s\"", text, why.text);
	buf_init(&out, 65536);
	jw_begin(&w, &out);
	calendar_encode(&c, &w);
	if (want == ERR_OK)
		assert_string_equal(out.data, text);
	buf_free(&out);
	jr_free(j);
	arena_free(&arena);
}

static void
test_json(void **state)
{
	struct buf many;

	(void)state;
	decoded(
	    "{\"holidays\":[\"2026-10-01\",\"2026-10-02\"],\"working_weekends\":[\"2026-09-27\"]}",
	    ERR_OK, "");
	decoded("{\"holidays\":[],\"working_weekends\":[]}", ERR_OK, "");
	decoded("{\"holidays\":[]}", ERR_INVALID, "\"working_weekends\" must be a list");
	decoded("{\"holidays\":[\"2026-10-1\"],\"working_weekends\":[]}", ERR_INVALID, "2026-10-1");
	decoded("{\"holidays\":[7],\"working_weekends\":[]}", ERR_INVALID, "another kind");
	decoded("{\"holidays\":[\"2026-10-02\",\"2026-10-02\"],\"working_weekends\":[]}",
	    ERR_INVALID, "2026-10-02 is not after");
	decoded("{\"holidays\":[],\"working_weekends\":[\"2026-09-28\"]}", ERR_INVALID,
	    "2026-09-28 is no Saturday");
	decoded("{\"holidays\":[\"2026-09-27\"],\"working_weekends\":[\"2026-09-27\"]}",
	    ERR_INVALID, "2026-09-27 is a holiday and worked");
	buf_init(&many, 65536);
	buf_puts(&many, "{\"holidays\":[");
	for (int i = 0; i <= CALENDAR_DATES_MAX; i++)
		buf_puts(&many, i > 0 ? ",\"2026-10-02\"" : "\"2026-10-02\"");
	buf_puts(&many, "],\"working_weekends\":[]}");
	decoded(many.data, ERR_LIMIT, "1001 holidays; at most 1000");
	buf_free(&many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_worked),
	    cmocka_unit_test(test_due),
	    cmocka_unit_test(test_overdue),
	    cmocka_unit_test(test_overdue_is_the_days_counted),
	    cmocka_unit_test(test_zone),
	    cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
