#include "net/mail_message.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/mail_address.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_BYTES 76      /* RFC 2047 section 2, RFC 2045 section 6.8 */
#define WORD_OPEN "=?UTF-8?B?" /* an encoded word, RFC 2047 section 2 */
#define WORD_CLOSE "?="
#define WORD_MAX_BYTES 75
#define HEADER_TEXT_MAX_BYTES 1000
#define BODY_LINE_BYTES 57 /* make 76 of base64 */

/* ---- what may go into a header ---- */

static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static enum err
check_header(const char *what, const char *s, struct why *why)
{
	if (strlen(s) > HEADER_TEXT_MAX_BYTES)
		return why_set(why, ERR_LIMIT, "the mail's %s is longer than %d bytes", what,
		    HEADER_TEXT_MAX_BYTES);
	if (has_control(s) || !utf8_valid(s, strlen(s)))
		return why_set(
		    why, ERR_INVALID, "the mail's %s is not one line of UTF-8 text", what);
	return ERR_OK;
}

static enum err
check_address(const char *what, const char *s, struct why *why)
{
	struct why said;

	if (mail_address_check(s, &said) == ERR_OK)
		return ERR_OK;
	return why_set(why, ERR_INVALID, "the mail's %s %s", what, said.text);
}

/* What we make ourselves: no blank, nothing outside of ASCII, in angle brackets. */
static enum err
check_id(const char *id, struct why *why)
{
	size_t len = strlen(id);

	if (len < 3 || id[0] != '<' || id[len - 1] != '>')
		return why_set(why, ERR_INVALID, "the mail's id is not in angle brackets");
	for (size_t i = 1; i < len - 1; i++)
		if (id[i] <= ' ' || id[i] >= 0x7f || id[i] == '<' || id[i] == '>')
			return why_set(
			    why, ERR_INVALID, "the mail's id has a character that it may not have");
	return ERR_OK;
}

static enum err
check_all(const struct mail_message *m, struct why *why)
{
	enum err e;

	if ((e = check_address("sender", m->from, why)) != ERR_OK ||
	    (e = check_address("address", m->to, why)) != ERR_OK ||
	    (e = check_header("subject", m->subject, why)) != ERR_OK ||
	    (m->from_name != NULL &&
		(e = check_header("sender's name", m->from_name, why)) != ERR_OK) ||
	    (e = check_id(m->id, why)) != ERR_OK)
		return e;
	if (!utf8_valid(m->text, strlen(m->text)))
		return why_set(why, ERR_INVALID, "the mail's text is not UTF-8");
	return ERR_OK;
}

/* ---- headers ---- */

/* Bytes of s, at most max, that end where a character does. */
static size_t
whole_characters(const char *s, size_t max)
{
	size_t n = strlen(s);

	if (n <= max)
		return n;
	for (n = max; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

static void
put_base64(struct buf *out, const char *s, size_t len)
{
	char *room = buf_room(out, 4 * ((len + 2) / 3) + 1);

	if (room != NULL)
		out->len += base64_encode(s, len, room);
}

/* Encoded words with folds between; column is where the line stands. Returns where it stands after. */
static size_t
put_words(struct buf *out, const char *s, size_t column)
{
	const size_t frame = strlen(WORD_OPEN WORD_CLOSE);

	while (*s != '\0') {
		size_t room = LINE_MAX_BYTES - column, before = out->len, n;

		room = room < WORD_MAX_BYTES ? room : WORD_MAX_BYTES;
		n = whole_characters(s, (room - frame) / 4 * 3);
		buf_puts(out, WORD_OPEN);
		put_base64(out, s, n);
		buf_puts(out, WORD_CLOSE);
		column += out->len - before;
		s += n;
		if (*s != '\0') {
			buf_puts(out, "\r\n ");
			column = 1;
		}
	}
	return column;
}

/* It needs no encoding: ASCII that fits the line and does not look encoded. */
static bool
is_plain(const char *s, size_t column, const char *special)
{
	if (strlen(s) > LINE_MAX_BYTES - column || *s == ' ' || strstr(s, "=?") != NULL ||
	    strpbrk(s, special) != NULL)
		return false;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x7f)
			return false;
	return true;
}

static size_t
put_text(struct buf *out, const char *s, size_t column, const char *special)
{
	if (!is_plain(s, column, special))
		return put_words(out, s, column);
	buf_puts(out, s);
	return column + strlen(s);
}

/* RFC 5322 section 3.4: a name of atoms, or encoded, then the address, on a line of its own if need be. */
static void
put_from(struct buf *out, const struct mail_message *m)
{
	size_t column = strlen("From: ");

	buf_puts(out, "From: ");
	if (m->from_name != NULL && m->from_name[0] != '\0') {
		column = put_text(out, m->from_name, column, "()<>[]:;@\\,.\"");
		buf_puts(out, column + strlen(m->from) + 3 > LINE_MAX_BYTES ? "\r\n " : " ");
	}
	buf_printf(out, "<%s>\r\n", m->from);
}

/* RFC 5322 section 3.3. */
static void
put_date(struct buf *out, int64_t ms, int offset_minutes)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t local = (time_t)(ms / 1000 + offset_minutes * 60);
	int away = abs(offset_minutes);
	struct tm t = {.tm_year = 70};

	gmtime_r(&local, &t);
	buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d %c%02d%02d\r\n", days[t.tm_wday],
	    t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec,
	    offset_minutes < 0 ? '-' : '+', away / 60, away % 60);
}

static void
put_headers(struct buf *out, const struct mail_message *m)
{
	put_date(out, m->date_ms, m->offset_minutes);
	put_from(out, m);
	buf_printf(out, "To: <%s>\r\nSubject: ", m->to);
	(void)put_text(out, m->subject, strlen("Subject: "), "");
	/* RFC 3834 section 5: no holiday notice answers it. */
	buf_printf(out,
	    "\r\nMessage-ID: %s\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
	    m->id);
}

/* ---- the body ---- */

/* Text is encoded with CR LF at its lines' ends (RFC 2045 section 6.8). */
static void
put_crlf(struct buf *out, const char *s)
{
	for (const char *at = s; *at != '\0'; at++) {
		if (*at == '\n' && (at == s || at[-1] != '\r'))
			buf_putc(out, '\r');
		buf_putc(out, *at);
	}
}

static void
put_body(struct buf *out, const char *text)
{
	struct buf lines;

	buf_init(&lines, MAIL_MESSAGE_MAX_BYTES);
	put_crlf(&lines, text);
	out->failed = out->failed || lines.failed;
	for (size_t at = 0; at < lines.len && !out->failed; at += BODY_LINE_BYTES) {
		size_t left = lines.len - at;

		put_base64(out, lines.data + at, left < BODY_LINE_BYTES ? left : BODY_LINE_BYTES);
		buf_puts(out, "\r\n");
	}
	buf_free(&lines);
}

enum err
mail_message_write(const struct mail_message *m, struct buf *out, struct why *why)
{
	enum err e = check_all(m, why);

	if (e != ERR_OK)
		return e;
	put_headers(out, m);
	put_body(out, m->text);
	if (out->failed)
		return why_set(why, ERR_LIMIT, "the mail is longer than %zu bytes", out->max_bytes);
	return ERR_OK;
}
