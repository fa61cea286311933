#include "base/text.h"

#include "base/json.h"
#include <stdint.h>
#include <string.h>

static const struct {
	uint32_t first, last;
} refused[] = {
    {0x01, 0x08},
    {0x0b, 0x0c},
    {0x0e, 0x1f},
    {0x7f, 0x9f},
    {0x061c, 0x061c},
    {0x200e, 0x200f},
    {0x2028, 0x202e},
    {0x2066, 0x2069},
    {0xfeff, 0xfeff},
    {0xfffe, 0xffff},
};

/* The character at s of a text that is known to be UTF-8; *bytes says how long it is. */
static uint32_t
character(const unsigned char *s, size_t *bytes)
{
	uint32_t c;

	*bytes = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (*bytes == 1)
		return s[0];
	c = s[0] & (0xffu >> (*bytes + 1));
	for (size_t i = 1; i < *bytes; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

static bool
listed(uint32_t c)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (c >= refused[i].first && c <= refused[i].last)
			return true;
	return false;
}

/* A CR may only end a line together with its LF. */
static bool
line_break_allowed(const char *s, size_t len, size_t i, enum text_kind kind)
{
	if (kind == TEXT_LINE)
		return false;
	return s[i] == '\n' || (i + 1 < len && s[i + 1] == '\n');
}

enum err
text_check(const char *s, size_t len, enum text_kind kind, struct why *why)
{
	const char *nul = memchr(s, '\0', len);
	size_t bytes, end = nul != NULL ? (size_t)(nul - s) : len;

	if (!utf8_valid(s, end))
		return why_set(why, ERR_INVALID, "is not UTF-8");
	for (size_t i = 0; i < end; i += bytes) {
		uint32_t c = character((const unsigned char *)s + i, &bytes);

		if ((c == '\n' || c == '\r') && !line_break_allowed(s, len, i, kind))
			return why_set(why, ERR_INVALID,
			    kind == TEXT_LINE ? "has a line break at byte %zu; it takes one line"
					      : "has a CR without LF at byte %zu",
			    i + 1);
		if (listed(c))
			return why_set(why, ERR_INVALID,
			    "has the control character U+%04X at byte %zu; leave it out",
			    (unsigned)c, i + 1);
	}
	if (nul != NULL)
		return why_set(why, ERR_INVALID,
		    "has the control character U+0000 at byte %zu; leave it out", end + 1);
	return ERR_OK;
}

static size_t
announced_bytes(unsigned char first)
{
	return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t
text_character(const char *s, size_t len, bool *harmless)
{
	size_t bytes = announced_bytes((unsigned char)*s);

	*harmless = false;
	if (bytes > len || !utf8_valid(s, bytes))
		return 1;
	*harmless = !listed(character((const unsigned char *)s, &bytes));
	return bytes;
}

void
text_tame(char *s, size_t len, enum text_kind kind)
{
	size_t bytes;
	bool harmless;

	for (size_t i = 0; i < len; i += bytes) {
		bytes = text_character(s + i, len - i, &harmless);
		if (s[i] == '\n' || s[i] == '\r')
			harmless = line_break_allowed(s, len, i, kind);
		if (!harmless || (s[i] == '\t' && kind == TEXT_LINE))
			memset(s + i, ' ', bytes);
	}
}

size_t
text_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}
