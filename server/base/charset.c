#include "base/charset.h"

#include "base/json.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>

#define CHUNK_BYTES 4096
/* So many Chinese characters in UTF-8 in a row are no accident: three bytes of GB18030 rarely make even one. */
#define UTF8_PROOF 3
#define BOM "\xef\xbb\xbf"
#define BOM_BYTES 3
#define GB18030_BOM "\x84\x31\x95\x33" /* U+FEFF in it */
#define GB18030_BOM_BYTES 4

static size_t
line_of(const char *text, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/* Characters of three or four bytes in a text that is known to be UTF-8. */
static size_t
long_sequences(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += (unsigned char)text[i] >= 0xe0;
	return n;
}

/* What no table or letter is: UTF-16 by its mark, and NUL bytes, which it would have without one. */
static enum err
refuse_binary(const char *text, size_t len, struct why *why)
{
	const char *nul = memchr(text, '\0', len);

	if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return why_set(
		    why, ERR_INVALID, "this is UTF-16; save the text as UTF-8 or GB18030");
	if (nul != NULL)
		return why_set(why, ERR_INVALID,
		    "byte %zu (line %zu) is NUL; a text in UTF-8 or GB18030 has none",
		    (size_t)(nul - text) + 1, line_of(text, (size_t)(nul - text)));
	return ERR_OK;
}

/* Decodes into out until the end or until something does not decode; *at is how far it came. */
static enum err
decode(iconv_t cd, const char *text, size_t len, struct buf *out, size_t *at)
{
	char *in = (char *)text; /* iconv does not write to it */
	size_t left = len;

	for (;;) {
		char chunk[CHUNK_BYTES], *end = chunk;
		size_t room = sizeof(chunk), r = iconv(cd, &in, &left, &end, &room);
		int error = errno;

		buf_put(out, chunk, (size_t)(end - chunk));
		*at = len - left;
		if (out->failed)
			return ERR_LIMIT;
		if (r != (size_t)-1)
			return ERR_OK;
		if (error != E2BIG)
			return ERR_INVALID;
	}
}

static enum err
from_gb18030(const char *text, size_t len, struct buf *out, struct why *why)
{
	iconv_t cd = iconv_open("UTF-8", "GB18030");
	bool marked = len >= GB18030_BOM_BYTES && memcmp(text, GB18030_BOM, GB18030_BOM_BYTES) == 0;
	size_t skip = marked ? GB18030_BOM_BYTES : 0, at = 0;
	enum err e;

	if (cd == (iconv_t)-1)
		return why_set(why, ERR_UNSUPPORTED,
		    "this machine's C library does not know GB18030; save the text as UTF-8");
	e = decode(cd, text + skip, len - skip, out, &at);
	at += skip;
	iconv_close(cd);
	if (e == ERR_INVALID)
		return why_set(why, e,
		    "byte %zu (line %zu) is neither UTF-8 nor GB18030; save the text as UTF-8",
		    at + 1, line_of(text, at));
	return e;
}

static enum err
convert(const char *text, size_t len, struct buf *out, enum charset *found, struct why *why)
{
	bool marked = len >= BOM_BYTES && memcmp(text, BOM, BOM_BYTES) == 0;
	size_t skip = marked ? BOM_BYTES : 0, good = utf8_prefix(text, len);
	enum err e;

	if ((e = refuse_binary(text, len, why)) != ERR_OK)
		return e;
	if (good == len) {
		*found = CHARSET_UTF8;
		buf_put(out, text + skip, len - skip);
		return buf_err(out);
	}
	if (marked || long_sequences(text, good) >= UTF8_PROOF)
		return why_set(why, ERR_INVALID,
		    "byte %zu (line %zu) breaks the UTF-8 that the text is in", good + 1,
		    line_of(text, good));
	*found = CHARSET_GB18030;
	return from_gb18030(text, len, out, why);
}

enum err
charset_to_utf8(const char *text, size_t len, struct buf *out, enum charset *found, struct why *why)
{
	enum charset which = CHARSET_UTF8;
	bool failed = out->failed;
	size_t before = out->len;
	enum err e;

	buf_put(out, "", 0); /* there is a text even if it is empty */
	e = convert(text, len, out, &which, why);
	if (e == ERR_LIMIT)
		(void)why_set(why, e, "the text has more than %zu bytes in UTF-8", out->max_bytes);
	if (e != ERR_OK && out->data != NULL) {
		out->len = before;
		out->data[before] = '\0';
		out->failed = failed;
	}
	if (found != NULL)
		*found = which;
	return e;
}
