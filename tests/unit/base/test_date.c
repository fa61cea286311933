/* Civil dates against the C library's own calendar, as text, and at moments in zones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/date.h"

/* Every day from 1600 to 2500, there and back, as timegm and gmtime have it. */
static void
test_against_the_c_library(void **state)
{
	(void)state;
	for (int32_t date = -135140; date <= 193800; date++) {
		time_t t = (time_t)date * 86400;
		struct tm tm;
		int y, m, d;

		gmtime_r(&t, &tm);
		date_to_civil(date, &y, &m, &d);
		if (y != tm.tm_year + 1900 || m != tm.tm_mon + 1 || d != tm.tm_mday ||
		    date_weekday(date) != tm.tm_wday || date_from_civil(y, m, d) != date)
			fail_msg("day %d is %04d-%02d-%02d", (int)date, y, m, d);
	}
}

static void
test_text(void **state)
{
	static const char *const bad[] = {"", "2026-10-1", "2026-13-01", "2026-00-10", "2026-02-29",
	    "2100-02-29", "2026-04-31", "2026-01-00", "2026/10/01", "2026-10-011", " 2026-10-01",
	    "20261001", "+026-10-01", "2026-1a-01"};
	char text[DATE_BYTES];
	int32_t date;

	(void)state;
	assert_true(date_parse("1970-01-01", &date));
	assert_int_equal(date, 0);
	assert_true(date_parse("2000-02-29", &date));
	date_format(date, text);
	assert_string_equal(text, "2000-02-29");
	assert_true(date_parse("0000-01-01", &date));
	assert_int_equal(date, DATE_MIN);
	assert_true(date_parse("9999-12-31", &date));
	assert_int_equal(date, DATE_MAX);
	date_format(INT32_MAX, text);
	assert_string_equal(text, "9999-12-31");
	date_format(INT32_MIN, text);
	assert_string_equal(text, "0000-01-01");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (date_parse(bad[i], &date))
			fail_msg("\"%s\" is taken for a date", bad[i]);
}

/* 2026-10-01T00:30 in Shanghai is still September in Greenwich; before 1970 days are counted down. */
static void
test_moments(void **state)
{
	char text[DATE_BYTES];

	(void)state;
	date_format(date_at(INT64_C(1790785800000), 480), text);
	assert_string_equal(text, "2026-10-01");
	date_format(date_at(INT64_C(1790785800000), 0), text);
	assert_string_equal(text, "2026-09-30");
	assert_int_equal(date_at(-1, 0), -1);
	assert_int_equal(date_at(0, -1), -1);
	assert_int_equal(date_at(0, 0), 0);
	assert_int_equal(date_at(86399999, 0), 0);
	assert_int_equal(date_at(INT64_MAX / 2, 0), DATE_MAX);
	assert_int_equal(date_begins_ms(date_from_civil(2026, 10, 1), 480), INT64_C(1790784000000));
	assert_int_equal(date_at(date_begins_ms(100, -720), -720), 100);
	assert_int_equal(date_at(date_begins_ms(100, -720) - 1, -720), 99);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_the_c_library),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
