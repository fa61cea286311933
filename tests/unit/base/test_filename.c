/* Names of files that others will save. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/filename.h"

#include <stdio.h>
#include <string.h>

static void
plain_names_are_fine(void **state)
{
	static const char *const names[] = {"report.pdf", "a", "初报 2027-06-20 (终稿).docx",
	    "a.b.c", "x'; DROP.txt", "CONTRACT.pdf", "COM.txt", "com10.txt", "\xf0\x9f\x98\x80.png",
	    "-rf.txt", "~a.txt", "a%2fb.txt"};
	char longest[FILENAME_MAX_BYTES + 1];
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (filename_check(names[i], &why) != ERR_OK)
			fail_msg("%s: %s", names[i], why.text);
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(filename_check(longest, &why), ERR_OK);
}

static void
tricks_are_refused_with_what_would_be_right(void **state)
{
	static const struct {
		const char *name, *what, *right;
	} list[] = {
	    {"", "no name", "report.pdf"},
	    {"../../etc/passwd.txt", "is a path", "\"passwd.txt\" would be right"},
	    {"..\\..\\win.ini.txt", "is a path", "\"win.ini.txt\""},
	    {"/a.txt", "is a path", "\"a.txt\""},
	    {"C:\\a.txt", "has a character", "\"a.txt\""},
	    {"a.txt/", "is a path", "\"a.txt\""},
	    {"a\nb.txt", "not seen", "\"ab.txt\""},
	    {"a\x7f.txt", "not seen", "\"a.txt\""},
	    {"a\xc2\x85.txt", "not seen", "\"a.txt\""},
	    {"a\xe2\x80\xaetxt.exe", "turns the writing round", "\"atxt.exe\""},
	    {"a\xe2\x81\xa6.txt", "turns the writing round", "\"a.txt\""},
	    {"a\xd8\x9c.txt", "turns the writing round", "\"a.txt\""},
	    {"a\xe2\x80\x8b.txt", "not seen", "\"a.txt\""},
	    {"\xef\xbb\xbf"
	     "a.txt",
		"not seen", "\"a.txt\""},
	    {"a.txt:stream", "not every system", "\"a.txtstream\""},
	    {"a\"b.txt", "not every system", "\"ab.txt\""},
	    {".htaccess", "begins or ends", "\"htaccess\""},
	    {"a.txt.", "begins or ends", "\"a.txt\""},
	    {" a.txt ", "begins or ends", "\"a.txt\""},
	    {"..", "begins or ends", "\"report.pdf\" would be one"},
	    {"con.txt", "a device of Windows", "\"report.pdf\" would be one"},
	    {"LPT1", "a device of Windows", "\"report.pdf\""},
	    {"nul .a.txt", "a device of Windows", "\"report.pdf\""},
	    {"a\xff.txt", "not UTF-8", "UTF-8"},
	    {"\xed\xa0\x80.txt", "not UTF-8", "UTF-8"},
	};
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		assert_int_equal(filename_check(list[i].name, &why), ERR_INVALID);
		if (strstr(why.text, list[i].what) == NULL ||
		    strstr(why.text, list[i].right) == NULL)
			fail_msg("%zu: %s", i, why.text);
	}
}

static void
a_name_too_long_keeps_its_end(void **state)
{
	char name[300], *quoted;
	struct why why;

	(void)state;
	for (size_t i = 0; i + 3 < 240; i += 3)
		memcpy(name + i, "报", 3);
	strcpy(name + 237, ".pdf");
	assert_int_equal(filename_check(name, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "longer than 200 bytes"));
	assert_non_null(strstr(why.text, "报.pdf\" would be right"));
	quoted = strchr(why.text, '"') + 1;
	*strchr(quoted, '"') = '\0';
	assert_in_range(strlen(quoted), 190, 200);
	assert_int_equal(filename_check(quoted, &why), ERR_OK);
}

static void
an_extension_is_what_follows_the_last_dot(void **state)
{
	(void)state;
	assert_string_equal(filename_extension("a.tar.gz"), "gz");
	assert_string_equal(filename_extension("a"), "");
	assert_string_equal(filename_extension("a."), "");
}

/* RFC 6266 section 4.1: always as an attachment; RFC 8187 for all but ASCII. */
static void
the_disposition_holds_no_quote_of_the_name(void **state)
{
	char out[FILENAME_DISPOSITION_BYTES], longest[FILENAME_MAX_BYTES + 1];

	(void)state;
	filename_disposition("a b.txt", out);
	assert_string_equal(out, "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt");
	filename_disposition("初报.pdf", out);
	assert_string_equal(
	    out, "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E5%88%9D%E6%8A%A5.pdf");
	filename_disposition("a\"\\\r\n%'.x", out);
	assert_string_equal(
	    out, "attachment; filename=\"a_____'.x\"; filename*=UTF-8''a%22%5C%0D%0A%25%27.x");
	memset(longest, '\'', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	filename_disposition(longest, out);
	assert_true(strlen(out) < sizeof out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_names_are_fine),
	    cmocka_unit_test(tricks_are_refused_with_what_would_be_right),
	    cmocka_unit_test(a_name_too_long_keeps_its_end),
	    cmocka_unit_test(an_extension_is_what_follows_the_last_dot),
	    cmocka_unit_test(the_disposition_holds_no_quote_of_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
