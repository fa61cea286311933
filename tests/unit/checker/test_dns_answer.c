/* DNS messages as text: records asked for, by their owner, sorted; and what is no message. */
#include "checker/dns_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One question for a.b and its type; names in records may point to it at 12. */
#define HEAD(rcode, type, count)                                                                   \
	"\x12\x34\x81" rcode "\0\1\0" count "\0\0\0\0\1a\1b\0\0" type "\0\1"
#define OWNER "\xc0\x0c"
#define RECORD(type, len) "\0" type "\0\1\0\0\0\x3c\0" len

static void
reads(const void *message, size_t len, int status, const char *text)
{
	struct buf out;
	struct why why;
	int rcode = -1;

	buf_init(&out, 1024 * 1024);
	buf_puts(&out, "");
	if (dns_answer_text(message, len, &out, &rcode, &why) != ERR_OK)
		fail_msg("%s: expected %s", why.text, text);
	assert_int_equal(rcode, status);
	assert_string_equal(out.data != NULL ? out.data : "", text);
	buf_free(&out);
}

static void
malformed(const void *message, size_t len)
{
	struct buf out;
	struct why why;
	int rcode;

	buf_init(&out, 1024 * 1024);
	assert_int_equal(dns_answer_text(message, len, &out, &rcode, &why), ERR_INVALID);
	assert_string_equal(why.text, "the answer is malformed");
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

#define READS(bytes, status, text) reads(bytes, sizeof(bytes) - 1, status, text)
#define MALFORMED(bytes) malformed(bytes, sizeof(bytes) - 1)

static void
test_records(void **state)
{
	(void)state;
	READS(HEAD("\x80", "\1", "\0"), 0, "");
	READS(HEAD("\x83", "\1", "\0"), 3, "");
	READS(HEAD("\x80", "\1", "\2")
		  OWNER RECORD("\1", "\4") "\xc0\0\2\1" OWNER RECORD("\1", "\4") "\x0a\0\0\1",
	    0, "10.0.0.1\n192.0.2.1\n");
	READS(HEAD("\x80", "\x0f", "\2")
		  OWNER RECORD("\x0f", "\4") "\0\x14" OWNER OWNER RECORD("\x0f", "\3") "\0\0\0",
	    0, "0 .\n20 a.b\n");
	READS(HEAD("\x80", "\x10", "\1") OWNER RECORD("\x10", "\x08") "\3x\ny\3\\z\x7f", 0,
	    "x\\010y\\\\z\\127\n");
	READS(HEAD("\x80", "\x21", "\1") OWNER RECORD("\x21", "\x0a") "\0\1\0\2\1\x85\1"
								      "C\xc0\x0e",
	    0, "1 2 389 c.b\n");
}

/* Of another name, another type or another class: not what was asked for. */
static void
test_owners(void **state)
{
	(void)state;
	READS(HEAD("\x80", "\1", "\1") "\1c\0" RECORD("\1", "\4") "\1\2\3\4", 0, "");
	READS(HEAD("\x80", "\1", "\1") "\1A\1B\0" RECORD("\1", "\4") "\1\2\3\4", 0, "1.2.3.4\n");
	READS(HEAD("\x80", "\1", "\1") OWNER RECORD("\x10", "\2") "\1x", 0, "");
	READS(HEAD("\x80", "\1", "\1") OWNER "\0\1\0\3\0\0\0\x3c\0\4\1\2\3\4", 0, "");
	READS(HEAD("\x80", "\1", "\3") "\1c\0" RECORD("\1", "\4") "\1\2\3\4" OWNER RECORD(
		  "\5", "\3") "\1c\0" OWNER RECORD("\1", "\4") "\5\6\7\x08",
	    0, "1.2.3.4\n");
	READS(HEAD("\x80", "\5", "\1") OWNER RECORD("\5", "\3") "\1c\0", 0, "c\n");
	/* an alias of itself */
	READS(HEAD("\x80", "\1", "\1") OWNER RECORD("\5", "\2") OWNER, 0, "");
}

static void
test_malformed(void **state)
{
	static const char whole[] = HEAD("\x80", "\1", "\1") OWNER RECORD("\1", "\4") "\xc0\0\2\1";

	(void)state;
	for (size_t n = 0; n < sizeof whole - 1; n++)
		malformed(whole, n);
	MALFORMED("\x12\x34\x81\x80\0\0\0\0\0\0\0\0");                     /* no question */
	MALFORMED(HEAD("\x80", "\1", "\1") "\xc0\x15" RECORD("\1", "\0")); /* points to itself */
	MALFORMED(HEAD("\x80", "\1", "\1") "\xc0\xff" RECORD("\1", "\0")); /* past the end */
	MALFORMED(HEAD("\x80", "\1", "\1") OWNER RECORD("\1", "\3") "\1\2\3"); /* an address of 3 */
	MALFORMED(HEAD("\x80", "\x1c", "\1") OWNER RECORD("\x1c", "\4") "\1\2\3\4");
	MALFORMED(
	    HEAD("\x80", "\x10", "\1") OWNER RECORD("\x10", "\2") "\5x"); /* a longer string */
	MALFORMED(HEAD("\x80", "\x10", "\1") OWNER RECORD("\x10", "\0"));
	MALFORMED(HEAD("\x80", "\x0f", "\1") OWNER RECORD("\x0f", "\1") "\1");
	MALFORMED(
	    HEAD("\x80", "\x0f", "\1") OWNER RECORD("\x0f", "\5") "\0\1" OWNER "x"); /* more */
	MALFORMED(HEAD("\x80", "\2", "\1") OWNER RECORD("\2", "\0"));
	MALFORMED(HEAD("\x80", "\6", "\1") OWNER RECORD("\6", "\4") OWNER OWNER);
	MALFORMED(HEAD("\x80", "\x21", "\1") OWNER RECORD("\x21", "\6") "\0\1\0\2\0\3");
}

/* Names of many labels, and records that all point to one: neither much memory nor much time. */
static void
test_hostile(void **state)
{
	enum { LABELS = 250, RECORDS = 4000 };
	static uint8_t message[65535];
	static const char head[] = "\x12\x34\x81\x80\0\1\x0f\xa0\0\0\0\0";
	size_t at = 12;

	(void)state;
	memcpy(message, head, 12);
	for (int i = 0; i < LABELS; i++) {
		message[at] = 63;
		memset(message + at + 1, 'x', 63);
		at += 64;
	}
	memcpy(message + at, "\0\0\1\0\1", 5);
	at += 5;
	for (int i = 0; i < RECORDS && at + 12 < sizeof message; i++, at += 12)
		memcpy(message + at, "\xc0\x0c\0\1\0\1\0\0\0\0\0\0", 12);
	malformed(message, at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_owners),
	    cmocka_unit_test(test_malformed),
	    cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
