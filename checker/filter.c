#include "checker/filter.h"
#include "base/hash.h"
#include "checker/html_chars.h"

#include <stdint.h>
#include <string.h>

static const char *const names[FILTER_COUNT] = {[FILTER_BASE64] = "base64",
    [FILTER_HEX] = "hex",
    [FILTER_MD5] = "md5",
    [FILTER_SHA256] = "sha256",
    [FILTER_UPPER] = "upper",
    [FILTER_LOWER] = "lower",
    [FILTER_URL] = "url",
    [FILTER_RAW] = "raw"};

bool
filter_parse(const char *name, size_t len, enum filter *out)
{
	for (size_t i = 0; i < FILTER_COUNT; i++) {
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
			*out = (enum filter)i;
			return true;
		}
	}
	return false;
}

/* RFC 3986 section 2.3 and, for reserved ones, 2.2; a % begins a character that is encoded already. */
static bool
stays(char c, bool keep_reserved)
{
	if (html_letter(c) || html_digit(c) || (c != '\0' && strchr("-._~", c) != NULL))
		return true;
	return keep_reserved && c != '\0' && strchr("%:/?#[]@!$&'()*+,;=", c) != NULL;
}

void
put_url(struct buf *out, const char *s, size_t len, bool keep_reserved)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (stays(s[i], keep_reserved))
			buf_putc(out, s[i]);
		else
			buf_put(out, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
	}
}

static void
put_hex(struct buf *out, const void *data, size_t len)
{
	char *room = buf_room(out, 2 * len + 1);

	if (room == NULL)
		return;
	hex_encode(data, len, room);
	out->len += 2 * len;
}

static void
put_base64(struct buf *out, const char *s, size_t len)
{
	char *room = buf_room(out, 4 * ((len + 2) / 3) + 1);

	if (room != NULL)
		out->len += base64_encode(s, len, room);
}

static void
put_case(struct buf *out, const char *s, size_t len, bool upper)
{
	for (size_t i = 0; i < len; i++) {
		char c = html_lower(s[i]);

		buf_putc(out, upper && html_letter(c) ? (char)(c - 32) : c);
	}
}

void
filter_apply(enum filter f, const char *s, size_t len, struct buf *out)
{
	uint8_t digest[SHA256_BYTES];

	switch (f) {
	case FILTER_BASE64:
		put_base64(out, s, len);
		break;
	case FILTER_HEX:
		put_hex(out, s, len);
		break;
	case FILTER_MD5:
		md5(s, len, digest);
		put_hex(out, digest, MD5_BYTES);
		break;
	case FILTER_SHA256:
		sha256(s, len, digest);
		put_hex(out, digest, SHA256_BYTES);
		break;
	case FILTER_UPPER:
	case FILTER_LOWER:
		put_case(out, s, len, f == FILTER_UPPER);
		break;
	case FILTER_URL:
		put_url(out, s, len, false);
		break;
	case FILTER_RAW:
	case FILTER_COUNT:
		buf_put(out, s, len);
		break;
	}
}
