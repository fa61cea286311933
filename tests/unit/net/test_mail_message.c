/* A mail as text: the headers of RFC 5322 and RFC 2047, a body in base64, and no way to forge either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/mail_message.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static struct why why;

static struct mail_message
plain(void)
{
	return (struct mail_message){.from = "drill@example.edu",
	    .to = "office@lib.example.edu",
	    .subject = "Notice",
	    .text = "hello\n",
	    .id = "<1@example.edu>",
	    .date_ms = 1813453200000,
	    .offset_minutes = 480};
}

static struct buf
written(const struct mail_message *m)
{
	struct buf out;

	buf_init(&out, MAIL_MESSAGE_MAX_BYTES);
	if (mail_message_write(m, &out, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return out;
}

/* Every line ends with CR LF, none is longer than 76 bytes, nothing but ASCII is in it. */
static void
check_lines(const struct buf *b)
{
	const char *line = b->data, *end;

	assert_int_equal(strlen(b->data), b->len);
	for (; *line != '\0'; line = end + 2) {
		end = strstr(line, "\r\n");
		assert_non_null(end);
		if (end - line > 76)
			fail_msg(
			    "a line of %d bytes: %.*s", (int)(end - line), (int)(end - line), line);
		for (const char *s = line; s < end; s++)
			if (*s < ' ' || *s > '~')
				fail_msg(
				    "a byte that may not be there: %.*s", (int)(end - line), line);
	}
}

/* What the encoded words of a header make, folds taken out. */
static char *
header(const struct buf *b, const char *name)
{
	char *out = mem_alloc(b->len + 1), *to = out;
	const char *s = strstr(b->data, name);

	assert_non_null(s);
	for (s += strlen(name); strncmp(s, "\r\n", 2) != 0 || s[2] == ' ';) {
		if (strncmp(s, "=?UTF-8?B?", 10) == 0) {
			size_t n = strcspn(s + 10, "?");
			int got = EVP_DecodeBlock(
			    (unsigned char *)to, (const unsigned char *)s + 10, (int)n);

			assert_true(n <= 63 && got >= 0);
			got -= (s[9 + n] == '=') + (s[8 + n] == '=');
			assert_true(utf8_valid(to, (size_t)got)); /* no character is cut in two */
			to += got;
			s += 12 + n;
			if (strncmp(s, "\r\n =?", 5) == 0)
				s += 3;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
	return out;
}

static char *
body(const struct buf *b)
{
	const char *s = strstr(b->data, "\r\n\r\n") + 4;
	char *packed = mem_alloc(b->len + 1), *out = mem_alloc(b->len + 1);
	size_t n = 0, pad = 0;

	for (; *s != '\0'; s++)
		if (*s != '\r' && *s != '\n')
			packed[n++] = *s;
	while (n > pad && packed[n - 1 - pad] == '=')
		pad++;
	n = (size_t)EVP_DecodeBlock((unsigned char *)out, (unsigned char *)packed, (int)n);
	out[n - pad] = '\0';
	free(packed);
	return out;
}

static void
a_plain_mail_to_the_byte(void **state)
{
	struct mail_message m = plain();
	struct buf b = written(&m);

	(void)state;
	assert_string_equal(b.data, "Date: Sun, 20 Jun 2027 09:00:00 +0800\r\n"
				    "From: <drill@example.edu>\r\n"
				    "To: <office@lib.example.edu>\r\n"
				    "Subject: Notice\r\n"
				    "Message-ID: <1@example.edu>\r\n"
				    "Auto-Submitted: auto-generated\r\n"
				    "MIME-Version: 1.0\r\n"
				    "Content-Type: text/plain; charset=utf-8\r\n"
				    "Content-Transfer-Encoding: base64\r\n\r\n"
				    "aGVsbG8NCg==\r\n");
	buf_free(&b);
}

static void
any_subject_and_name_comes_back(void **state)
{
	static const char *const texts[] = {"通知：图书馆主页被篡改", "a", "", " a",
	    "=?UTF-8?B?YQ==?=",
	    "Notice of 20 June: the library's page, \"defaced\" (again); see <this> @ \\ . ,",
	    "0123456789012345678901234567890123456789012345678901234567890123456789",
	    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
	    "x一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct mail_message m = plain();
		struct buf b;
		char *got;

		m.subject = m.from_name = texts[i];
		b = written(&m);
		check_lines(&b);
		got = header(&b, "\r\nSubject: ");
		assert_string_equal(got, texts[i]);
		free(got);
		got = header(&b, "\r\nFrom: ");
		assert_memory_equal(got, texts[i], strlen(texts[i]));
		assert_non_null(strstr(got, "<drill@example.edu>"));
		free(got);
		buf_free(&b);
	}
}

/* A name with a character that means something in an address is never written as it is. */
static void
names_do_not_speak_as_addresses(void **state)
{
	struct mail_message m = plain();
	struct buf b;

	(void)state;
	m.from_name = "boss@example.edu, x";
	b = written(&m);
	assert_null(strstr(b.data, "boss"));
	buf_free(&b);
	m.from_name = "Drill Office";
	b = written(&m);
	assert_non_null(strstr(b.data, "\r\nFrom: Drill Office <drill@example.edu>\r\n"));
	buf_free(&b);
}

static void
no_header_can_be_forged(void **state)
{
	static const char *const forged[] = {"a\r\nBcc: x@y", "a\nBcc: x@y", "a\rBcc: x@y", "a\tb",
	    "\x01", "a\x7f", "\xff", "a\xe4\xb9", "\xc0\x8a"};
	struct buf b;

	(void)state;
	buf_init(&b, MAIL_MESSAGE_MAX_BYTES);
	for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
		struct mail_message m = plain();
		const char **places[] = {&m.subject, &m.from_name, &m.from, &m.to, &m.id};

		for (size_t j = 0; j < sizeof places / sizeof places[0]; j++) {
			m = plain();
			*places[j] = forged[i];
			assert_int_equal(mail_message_write(&m, &b, &why), ERR_INVALID);
			assert_int_equal(b.len, 0);
		}
	}
	for (int i = 0; i < 3; i++) {
		struct mail_message m = plain();

		m.id = ((const char *[]){"1@x", "<a>b>", "<a b>"})[i];
		assert_int_equal(mail_message_write(&m, &b, &why), ERR_INVALID);
	}
	buf_free(&b);
}

/* Lines of one dot, of other ends, without an end, very long ones: the text comes back with CR LF. */
static void
any_text_comes_back(void **state)
{
	static const char *const texts[][2] = {{".\n.\n", ".\r\n.\r\n"}, {"a\r\nb", "a\r\nb"},
	    {"", ""}, {"\n\n", "\r\n\r\n"}, {"From here\n书", "From here\r\n书"}, {"a\rb", "a\rb"}};
	struct mail_message m = plain();
	char *longest = mem_alloc(64 * 1024 + 1), *got;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		m.text = texts[i][0];
		b = written(&m);
		check_lines(&b);
		got = body(&b);
		assert_string_equal(got, texts[i][1]);
		free(got);
		buf_free(&b);
	}
	memset(longest, '\n', 64 * 1024);
	m.text = longest;
	b = written(&m);
	check_lines(&b);
	buf_free(&b);
	buf_init(&b, 1000);
	assert_int_equal(mail_message_write(&m, &b, &why), ERR_LIMIT);
	buf_free(&b);
	free(longest);
}

static void
dates(void **state)
{
	struct mail_message m = plain();
	struct buf b;

	(void)state;
	m.date_ms = 951782399999; /* 28 February of a leap year, by UTC */
	m.offset_minutes = -210;
	b = written(&m);
	assert_memory_equal(b.data, "Date: Mon, 28 Feb 2000 20:29:59 -0330\r\n", 39);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plain_mail_to_the_byte),
	    cmocka_unit_test(any_subject_and_name_comes_back),
	    cmocka_unit_test(names_do_not_speak_as_addresses),
	    cmocka_unit_test(no_header_can_be_forged),
	    cmocka_unit_test(any_text_comes_back),
	    cmocka_unit_test(dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
