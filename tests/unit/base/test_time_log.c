/* RFC 3339 at its edges, time zones, and log lines that nobody can forge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/log.h"
#include "base/time.h"
#include <fcntl.h>
#include <unistd.h>

static void
test_parse_and_format(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		int offset;
		const char *canonical;
	} cases[] = {
	    {"1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00.000+00:00"},
	    {"2027-06-20T09:00:00.123+08:00", 1813453200123, 480, "2027-06-20T09:00:00.123+08:00"},
	    {"2027-06-20t01:00:00.1239z", 1813453200123, 0, "2027-06-20T01:00:00.123+00:00"},
	    {"1969-12-31T23:59:59.999Z", -1, 0, "1969-12-31T23:59:59.999+00:00"},
	    {"2024-02-29T23:59:59-05:30", 1709270999000, -330, "2024-02-29T23:59:59.000-05:30"},
	    {"2000-02-29T00:00:00Z", 951782400000, 0, "2000-02-29T00:00:00.000+00:00"},
	    {"9999-12-31T23:59:59.999Z", 253402300799999, 0, "9999-12-31T23:59:59.999+00:00"},
	    {"0000-01-01T00:00:00Z", -62167219200000, 0, "0000-01-01T00:00:00.000+00:00"},
	    /* RFC 3339 section 5.8: the same moment */
	    {"1985-04-12T23:20:50.52Z", 482196050520, 0, "1985-04-12T23:20:50.520+00:00"},
	    {"1996-12-19T16:39:57-08:00", 851042397000, -480, "1996-12-19T16:39:57.000-08:00"},
	};
	char text[RFC3339_BYTES];
	int64_t ms;
	int offset;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(rfc3339_parse(cases[i].text, &ms, &offset));
		if (ms != cases[i].ms)
			fail_msg("%s: %lld", cases[i].text, (long long)ms);
		assert_int_equal(offset, cases[i].offset);
		rfc3339_format(ms, offset, text);
		assert_string_equal(text, cases[i].canonical);
	}
	assert_true(rfc3339_parse("1970-01-01T00:00:01Z", &ms, NULL));
}

static void
test_refuses_what_is_no_time(void **state)
{
	static const char *const bad[] = {"", "2027-06-20", "2027-06-20T09:00:00",
	    "2027-06-20T09:00Z", "2027-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
	    "2027-04-31T00:00:00Z", "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z",
	    "2027-01-00T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:60:00Z",
	    "2027-01-01T00:00:60Z", "2027-01-01T00:00:00.Z", "2027-01-01T00:00:00.1234567890Z",
	    "2027-01-01T00:00:00+24:00", "2027-01-01T00:00:00+08", "2027-01-01T00:00:00+0800",
	    "2027-01-01T00:00:00Z ", "+027-01-01T00:00:00Z", " 2027-01-01T00:00:00Z",
	    "2027-1-1T00:00:00Z"};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (rfc3339_parse(bad[i], &ms, NULL))
			fail_msg("\"%s\" was taken", bad[i]);
}

/* Every day of two centuries there and back, leap years and all. */
static void
test_every_day_round_trips(void **state)
{
	(void)state;
	for (int64_t day = -25567; day < 47482; day++) { /* 1900 to 2099 */
		char text[RFC3339_BYTES];
		int64_t back;

		rfc3339_format(day * 86400000 + 1, 480, text);
		assert_true(rfc3339_parse(text, &back, NULL));
		assert_int_equal(back, day * 86400000 + 1);
	}
}

/* Moments that the form cannot say are held at its ends: a text all the same, never a longer one. */
static void
test_far_moments_stay_in_bounds(void **state)
{
	static const int64_t far[] = {INT64_MAX / 2, INT64_MIN / 2, INT64_MAX, INT64_MIN};
	char text[RFC3339_BYTES];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (int offset = -720; offset <= 840; offset += 780) {
			rfc3339_format(far[i], offset, text);
			assert_int_equal(strlen(text), 29);
		}
}

static void
test_zones(void **state)
{
	static const struct {
		const char *zone;
		int64_t ms;
		int offset;
	} cases[] = {{"Asia/Shanghai", 1813453200000, 480}, {"UTC", 0, 0},
	    {"Europe/Berlin", 1813453200000, 120}, {"Europe/Berlin", 1800000000000, 60},
	    {"Asia/Kathmandu", 1813453200000, 345}};
	static const char *const bad[] = {"", "Nowhere/City", "../../etc/passwd", "/etc/localtime",
	    "Asia", "Asia/Shanghai\n", "Asia/Shanghai:x"};
	int offset;

	(void)state;
	setenv("TZ", "America/New_York", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(zone_offset(cases[i].zone, cases[i].ms, &offset));
		assert_int_equal(offset, cases[i].offset);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (zone_offset(bad[i], 0, &offset))
			fail_msg("\"%s\" was taken", bad[i]);
	assert_string_equal(getenv("TZ"), "America/New_York"); /* as it was */
}

/* ---- the log ---- */

static size_t
logged(void (*speak)(void), char *out, size_t max)
{
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	speak();
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	n = read(ends[0], out, max - 1);
	close(ends[0]);
	close(ends[1]);
	close(saved);
	n = n < 0 ? 0 : n;
	out[n] = '\0';
	return (size_t)n;
}

static void
forge(void)
{
	log_warn(
	    "net", "from %s", "x\n2027-01-01T00:00:00.000+00:00 info drill: \x1b[31mended\r\x7f");
}

static void
long_line(void)
{
	char text[5000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_error("net", "%s", text);
}

static void
whisper(void)
{
	log_debug("net", "unheard");
}

static void
test_log_lines_cannot_be_forged(void **state)
{
	char out[8192];
	size_t n = logged(forge, out, sizeof(out));

	(void)state;
	assert_true(n > 0);
	assert_ptr_equal(strchr(out, '\n'), out + n - 1);
	for (size_t i = 0; i + 1 < n; i++)
		assert_true((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
	assert_non_null(strstr(out, " warn net: from x 2027"));
}

static void
test_log_lines_are_bounded(void **state)
{
	char out[8192];
	size_t n = logged(long_line, out, sizeof(out));

	(void)state;
	assert_in_range(n, 2000, 2048);
	assert_ptr_equal(strchr(out, '\n'), out + n - 1);
	assert_int_equal(logged(whisper, out, sizeof(out)), 0);
	log_set_level(LOG_DEBUG);
	assert_true(logged(whisper, out, sizeof(out)) > 0);
	log_set_level(LOG_INFO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse_and_format),
	    cmocka_unit_test(test_refuses_what_is_no_time),
	    cmocka_unit_test(test_every_day_round_trips),
	    cmocka_unit_test(test_far_moments_stay_in_bounds),
	    cmocka_unit_test(test_zones),
	    cmocka_unit_test(test_log_lines_cannot_be_forged),
	    cmocka_unit_test(test_log_lines_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
