#include "ctl/printable.h"
#include "base/text.h"

#include <stdint.h>

void
printable_put(struct buf *out, const char *s, size_t len)
{
	size_t bytes;
	bool harmless;

	for (size_t i = 0; i < len; i += bytes) {
		bytes = text_character(s + i, len - i, &harmless);
		if (harmless && (unsigned char)s[i] >= 0x20)
			buf_put(out, s + i, bytes);
		else
			buf_putc(out, '?');
	}
}

/* One character; *s moves past it. What is no UTF-8 counts as one. */
static uint32_t
next_character(const unsigned char **s)
{
	const unsigned char *p = *s;
	uint32_t c = p[0];
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	if (more > 0)
		c &= 0x3fu >> more;
	for (int i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*s = p + 1;
			return '?';
		}
		c = c << 6 | (p[i] & 0x3fu);
	}
	*s = p + more + 1;
	return c;
}

/* The blocks of UAX 11's wide characters that texts here hold: CJK, Hangul, full-width forms. */
static int
is_wide(uint32_t c)
{
	return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
	       (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	       (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x20000 && c <= 0x3fffd);
}

size_t
printable_width(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t width = 0;

	while (*p != '\0')
		width += is_wide(next_character(&p)) ? 2 : 1;
	return width;
}
