/* UTF-8 and GB18030 told apart, and what is neither named at its byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/charset.h"
#include "base/json.h"
#include "base/mem.h"

static void
reads(const char *bytes, size_t len, enum charset want, const char *expected)
{
	enum charset found = CHARSET_COUNT;
	struct why why = {""};
	struct buf out;

	buf_init(&out, 1 << 20);
	if (charset_to_utf8(bytes, len, &out, &found, &why) != ERR_OK)
		fail_msg("%s: %s", expected, why.text);
	assert_string_equal(out.data, expected);
	assert_int_equal(found, want);
	buf_free(&out);
}
#define READS(bytes, want, expected) reads(bytes, sizeof(bytes) - 1, want, expected)

static void
test_utf8(void **state)
{
	(void)state;
	READS("", CHARSET_UTF8, "");
	READS("\xef\xbb\xbf", CHARSET_UTF8, "");
	READS("plain,text\r\n", CHARSET_UTF8, "plain,text\r\n");
	READS("图书馆 🔒", CHARSET_UTF8, "图书馆 🔒");
	READS("\xef\xbb\xbf图书馆", CHARSET_UTF8, "图书馆");
	READS("a\xef\xbb\xbf", CHARSET_UTF8, "a\xef\xbb\xbf"); /* a mark stands at the beginning */
}

/* The bytes as Windows, WPS and iconv write them: two bytes of GBK, four of GB18030, the notorious 联通. */
static void
test_gb18030(void **state)
{
	(void)state;
	READS("\xb2\xbf\xc3\xc5,\xc1\xaa\xcf\xb5\xb5\xe7\xbb\xb0\r\n"
	      "\xcd\xbc\xca\xe9\xb9\xdd,010-62780000\r\n",
	    CHARSET_GB18030, "部门,联系电话\r\n图书馆,010-62780000\r\n");
	READS("\xc1\xaa\xcd\xa8", CHARSET_GB18030, "联通");
	READS("\x81\x39\xee\x39\x95\x32\x82\x36\xa2\xe3", CHARSET_GB18030, "㐀𠀀€");
	READS("abc\xd6\xd0", CHARSET_GB18030, "abc中");
	READS("\x84\x31\x95\x33\xd6\xd0", CHARSET_GB18030, "中"); /* its own mark */
}

static void
refuses(const char *bytes, size_t len, const char *says)
{
	struct why why = {""};
	struct buf out;

	buf_init(&out, 1 << 20);
	buf_puts(&out, "before");
	if (charset_to_utf8(bytes, len, &out, NULL, &why) != ERR_INVALID ||
	    strstr(why.text, says) == NULL)
		fail_msg("\"%s\", not \"%s\"", why.text, says);
	assert_string_equal(out.data, "before");
	assert_false(out.failed);
	buf_free(&out);
}
#define REFUSES(bytes, says) refuses(bytes, sizeof(bytes) - 1, says)

static void
test_neither(void **state)
{
	(void)state;
	REFUSES("ab\n\xff", "byte 4 (line 2) is neither UTF-8 nor GB18030");
	REFUSES("\xd6\xd0\n\n\xd6", "byte 5 (line 3) is neither"); /* cut in the middle */
	REFUSES("\xd6\xd0\x81\x30\x81", "byte 3 (line 1) is neither");
	REFUSES("\xd6\x20", "byte 1 (line 1) is neither");
	REFUSES("\x80", "byte 1 (line 1) is neither");
	REFUSES("\xef\xbb\xbf\xd6\xd0", "byte 4 (line 1) breaks the UTF-8");
	REFUSES("图书馆\n\xff", "byte 11 (line 2) breaks the UTF-8");
	REFUSES("图书馆系统\xe5\x9b", "byte 16 (line 1) breaks the UTF-8"); /* cut */
	REFUSES("a\n\0b", "byte 3 (line 2) is NUL");
	REFUSES("\xff\xfe\x61\x00", "this is UTF-16");
	REFUSES("\xfe\xff\x00\x61", "this is UTF-16");
}

/* Longer than one chunk of the conversion, with characters across its borders; just at the limit and over it. */
static void
test_long_and_limit(void **state)
{
	size_t count = 50000;
	char *text = mem_alloc(2 * count + 2);
	struct why why;
	struct buf out;

	(void)state;
	text[0] = 'x';
	for (size_t i = 0; i < count; i++)
		memcpy(text + 1 + 2 * i, "\xd6\xd0", 2);
	buf_init(&out, 3 * count + 1);
	assert_int_equal(charset_to_utf8(text, 2 * count + 1, &out, NULL, &why), ERR_OK);
	assert_int_equal(out.len, 3 * count + 1);
	for (size_t i = 0; i < count; i++)
		assert_memory_equal(out.data + 1 + 3 * i, "中", 3);
	buf_free(&out);
	buf_init(&out, 3 * count);
	assert_int_equal(charset_to_utf8(text, 2 * count + 1, &out, NULL, &why), ERR_LIMIT);
	assert_string_equal(why.text, "the text has more than 150000 bytes in UTF-8");
	assert_int_equal(out.len, 0);
	assert_int_equal(charset_to_utf8("short", 5, &out, NULL, &why), ERR_OK);
	assert_string_equal(out.data, "short");
	buf_free(&out);
	free(text);
}

/* Whole rows of Chinese in either form come back the same, whichever characters they are made of. */
static void
test_rows_of_chinese(void **state)
{
	static const char *const rows[] = {"宣传部,张三,校园网站", "后勤处,李四,一卡通系统",
	    "图书馆,王五,座位预约", "教务处,赵六,选课系统", "信息中心,钱七,统一认证"};
	static const char *const gb[] = {
	    "\xd0\xfb\xb4\xab\xb2\xbf,\xd5\xc5\xc8\xfd,\xd0\xa3\xd4\xb0\xcd\xf8\xd5\xbe",
	    "\xba\xf3\xc7\xda\xb4\xa6,\xc0\xee\xcb\xc4,\xd2\xbb\xbf\xa8\xcd\xa8\xcf\xb5\xcd\xb3",
	    "\xcd\xbc\xca\xe9\xb9\xdd,\xcd\xf5\xce\xe5,\xd7\xf9\xce\xbb\xd4\xa4\xd4\xbc",
	    "\xbd\xcc\xce\xf1\xb4\xa6,\xd5\xd4\xc1\xf9,\xd1\xa1\xbf\xce\xcf\xb5\xcd\xb3",
	    "\xd0\xc5\xcf\xa2\xd6\xd0\xd0\xc4,\xc7\xae\xc6\xdf,\xcd\xb3\xd2\xbb\xc8\xcf\xd6\xa4"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reads(rows[i], strlen(rows[i]), CHARSET_UTF8, rows[i]);
		reads(gb[i], strlen(gb[i]), CHARSET_GB18030, rows[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_gb18030),
	    cmocka_unit_test(test_neither),
	    cmocka_unit_test(test_long_and_limit),
	    cmocka_unit_test(test_rows_of_chinese),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
