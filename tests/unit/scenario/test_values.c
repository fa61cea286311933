/* Durations, moments, addresses, regular expressions: what each grammar takes and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario/values.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
durations_are_whole_numbers_with_units(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* 0: refused */
	} cases[] = {{"8h", 28800000}, {"60s", 60000}, {"500ms", 500}, {"1d", 86400000},
	    {"2m", 120000}, {"1h30m", 5400000}, {"1m500ms", 60500}, {"", 0}, {"60", 0}, {"0s", 0},
	    {"-1s", 0}, {"1.5h", 0}, {"8 h", 0}, {"8H", 0}, {"30m1h", 0}, {"1h1h", 0}, {"s", 0},
	    {"1x", 0}, {"9999999999999s", 0}, {"99999999d", 0}};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct why why;
		int64_t ms;
		enum err e = duration_parse(cases[i].text, &ms, &why);

		assert_int_equal(e, cases[i].ms > 0 ? ERR_OK : ERR_INVALID);
		if (e == ERR_OK)
			assert_int_equal(ms, cases[i].ms);
	}
}

static void
durations_are_written_as_they_are_read(void **state)
{
	static const char *const texts[] = {"8h", "1h30m", "1m", "59s", "1s500ms", "7ms", "3650d"};
	(void)state;

	for (size_t i = 0; i < COUNT(texts); i++) {
		char out[DURATION_BYTES];
		struct why why;
		int64_t ms;

		assert_int_equal(duration_parse(texts[i], &ms, &why), ERR_OK);
		duration_format(ms, out);
		assert_string_equal(out, texts[i]);
	}
}

static void
moments_need_an_offset(void **state)
{
	struct why why;
	int64_t ms;
	(void)state;

	assert_int_equal(moment_parse("2027-06-20T09:00:00+08:00", &ms, &why), ERR_OK);
	assert_int_equal(ms, INT64_C(1813453200000));
	assert_int_equal(moment_parse("2027-06-20T09:00:00", &ms, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "has no offset"));
	assert_int_equal(moment_parse("20 June 2027", &ms, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "is no moment"));
	assert_int_equal(moment_parse("2027-02-30T09:00:00Z", &ms, &why), ERR_INVALID);
	assert_int_equal(moment_parse("1969-12-31T23:00:00Z", &ms, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "before 1970"));
}

#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
addresses_by_form(void **state)
{
	static const struct {
		const char *text;
		const char *host; /* NULL: refused, and the message has: */
		const char *said;
		int port;
	} cases[] = {
	    {"10.1.2.3:8080", "10.1.2.3", "", 8080},
	    {"10.1.2.3", "10.1.2.3", "", 0},
	    {"portal.example.edu.cn:1", "portal.example.edu.cn", "", 1},
	    {"localhost:65535", "localhost", "", 65535},
	    {"3com", "3com", "", 0},
	    {LABEL63 ".a", LABEL63 ".a", "", 0},
	    {"[2001:db8::1]:8080", "2001:db8::1", "", 8080},
	    {"[::1]", "::1", "", 0},
	    {"", NULL, "has no host", 0},
	    {":80", NULL, "has no host", 0},
	    {"10.1.2.256:80", NULL, "no IPv4 address", 0},
	    {"10.1.2", NULL, "no IPv4 address", 0},
	    {"10.01.2.3", NULL, "no IPv4 address", 0},
	    {"a.b.7", NULL, "no IPv4 address", 0},
	    {"10.1.2.3:0", NULL, "ports are 1 to 65535", 0},
	    {"10.1.2.3:65536", NULL, "ports are 1 to 65535", 0},
	    {"10.1.2.3:080", NULL, "ports are 1 to 65535", 0},
	    {"10.1.2.3:http", NULL, "ports are 1 to 65535", 0},
	    {"10.1.2.3:", NULL, "ports are 1 to 65535", 0},
	    {"a..b", NULL, "no host name", 0},
	    {"-a.b", NULL, "no host name", 0},
	    {"a-.b", NULL, "no host name", 0},
	    {"a b", NULL, "no host name", 0},
	    {"a.", NULL, "no host name", 0},
	    {"图书馆.cn", NULL, "no host name", 0},
	    {LABEL63 "a.b", NULL, "no host name", 0},
	    {LABEL63 "." LABEL63 "." LABEL63 "." LABEL63 ".a", NULL, "longer than the 253", 0},
	    {"library_portal:80", NULL, "underscore", 0},
	    {"2001:db8::1", NULL, "in brackets", 0},
	    {"[2001:db8::1", NULL, "has no ]", 0},
	    {"[2001:db8::1]8080", NULL, "goes on after ]", 0},
	    {"[2001:db8::1]:0", NULL, "ports are 1 to 65535", 0},
	    {"[10.1.2.3]:80", NULL, "no IPv6 address", 0},
	    {"[fe80::1%eth0]", NULL, "network interface", 0},
	    {"http://10.1.2.3:80", NULL, "is a URL", 0},
	    {"10.1.2.3/24", NULL, "is a URL", 0},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct why why = {.text = ""};
		struct address a;
		enum err e = address_parse(cases[i].text, &a, &why);

		if ((e == ERR_OK) != (cases[i].host != NULL) ||
		    strstr(why.text, cases[i].said) == NULL)
			fail_msg("%s: %s", cases[i].text, why.text);
		if (e != ERR_OK)
			continue;
		assert_string_equal(a.host, cases[i].host);
		assert_int_equal(a.port, cases[i].port);
	}
}

static void
regular_expressions_compile_cheaply(void **state)
{
	static const struct {
		const char *text;
		size_t groups;
		const char *said; /* "": accepted */
	} cases[] = {
	    {"^220 ", 0, ""},
	    {"id=([0-9]+)", 1, ""},
	    {"(a{60}){60}", 0, ""},
	    {"\\{9999\\}", 0, ""},
	    {"", 0, "empty"},
	    {"abc", 1, "no group"},
	    {"(", 0, "no POSIX extended regular expression"},
	    {"(a)\\1", 0, "back-reference"},
	    {"a\nb", 0, "line break"},
	    {"((a{255}){255}){255}", 0, "repeats more than"},
	    {"a{1,9999}", 0, "repeats more than"},
	};
	char long_text[REGEX_MAX_BYTES + 2];
	struct why why;
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		enum err e = regex_check(cases[i].text, cases[i].groups, &why);

		if ((e == ERR_OK) != (*cases[i].said == '\0') ||
		    (e != ERR_OK && strstr(why.text, cases[i].said) == NULL))
			fail_msg("%s: %d %s", cases[i].text, e, why.text);
	}
	memset(long_text, 'a', sizeof(long_text));
	long_text[REGEX_MAX_BYTES + 1] = '\0';
	assert_int_equal(regex_check(long_text, 0, &why), ERR_INVALID);
	long_text[REGEX_MAX_BYTES] = '\0';
	assert_int_equal(regex_check(long_text, 0, &why), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations_are_whole_numbers_with_units),
	    cmocka_unit_test(durations_are_written_as_they_are_read),
	    cmocka_unit_test(moments_need_an_offset),
	    cmocka_unit_test(addresses_by_form),
	    cmocka_unit_test(regular_expressions_compile_cheaply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
