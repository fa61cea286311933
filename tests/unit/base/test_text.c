/* What a text from outside may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/text.h"

static void
text(const char *s, size_t len, enum text_kind kind, const char *says)
{
	struct why why = {""};
	enum err e = text_check(s, len, kind, &why);

	if ((e == ERR_OK) != (says[0] == '\0') || strstr(why.text, says) == NULL)
		fail_msg("%s: \"%s\", not \"%s\"", s, why.text, says);
}
#define LINE(s, says) text(s, sizeof(s) - 1, TEXT_LINE, says)
#define LINES(s, says) text(s, sizeof(s) - 1, TEXT_LINES, says)

static void
test_texts(void **state)
{
	(void)state;
	LINE("", "");
	LINE("图书馆\t网站 \xf0\x9f\x94\x92", "");
	LINE("a\nb", "has a line break at byte 2; it takes one line");
	LINE("a\r\nb", "has a line break at byte 2");
	LINES("a\r\nb\n", "");
	LINES("a\rb", "has a CR without LF at byte 2");
	LINES("a\r", "has a CR without LF at byte 2");
	LINES("图\x1b[2J", "has the control character U+001B at byte 4");
	LINE("a\0b", "has the control character U+0000 at byte 2");
	LINE("\xff\0b", "is not UTF-8");
	LINE("a\0\xff", "has the control character U+0000 at byte 2");
	LINE("\x7f", "U+007F");
	LINE("\xc2\x80", "U+0080");
	LINE("\xc2\x9f", "U+009F");
	LINE("\xc2\xa0", "");
	LINE("\xe2\x80\xa8", "U+2028");
	LINE("invoice\xe2\x80\xaegpj.exe", "U+202E at byte 8");
	LINE("\xe2\x81\xa6", "U+2066");
	LINE("\xef\xbb\xbf", "U+FEFF");
	LINE("\xd8\x9c", "U+061C");
	LINE("\xef\xbf\xbd", "");
	LINE("\xef\xbf\xbf", "U+FFFF");
	LINE("\xc3", "is not UTF-8");
	LINE("\xed\xa0\x80", "is not UTF-8");
}

static void
tamed(const char *s, size_t len, enum text_kind kind, const char *becomes)
{
	char copy[64];

	memcpy(copy, s, len);
	text_tame(copy, len, kind);
	assert_int_equal(strlen(becomes), len);
	assert_memory_equal(copy, becomes, len);
}
#define TAMED(s, kind, becomes) tamed(s, sizeof(s) - 1, kind, becomes)

/* What was never checked loses what could mislead, keeps its length, and passes then. */
static void
test_taming(void **state)
{
	(void)state;
	TAMED("图\t网\n站 \xf0\x9f\x94\x92", TEXT_LINE, "图 网 站 \xf0\x9f\x94\x92");
	TAMED("a\tb\r\nc\rd\n", TEXT_LINES, "a\tb\r\nc d\n");
	TAMED("\x1b[2J\0x", TEXT_LINES, " [2J x");
	TAMED("a\xe2\x80\xae"
	      "b\xe2\x80\xa8"
	      "c\xc2\x9b",
	    TEXT_LINE, "a   b   c  ");
	TAMED("a\xff\xe5\x9b", TEXT_LINE, "a   ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_taming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
