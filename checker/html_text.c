/* Character references (WHATWG HTML, section 13.2.5.72 and on). */
#include "checker/html.h"
#include "checker/html_chars.h"

#include <stdint.h>
#include <string.h>

/* The first four are known without a semicolon, too. */
static const struct {
	const char *name;
	const char *text;
} references[] = {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"},
    {"colon", ":"}, {"sol", "/"}, {"bsol", "\\"}, {"period", "."}, {"commat", "@"}, {"num", "#"},
    {"quest", "?"}, {"excl", "!"}, {"percnt", "%"}, {"equals", "="}, {"plus", "+"}, {"comma", ","},
    {"semi", ";"}, {"lpar", "("}, {"rpar", ")"}, {"lowbar", "_"}, {"hyphen", "\xe2\x80\x90"},
    {"dash", "\xe2\x80\x90"}, {"ast", "*"}, {"dollar", "$"}, {"lsqb", "["}, {"rsqb", "]"},
    {"lcub", "{"}, {"rcub", "}"}, {"verbar", "|"}, {"Hat", "^"}, {"grave", "`"}, {"Tab", "\t"},
    {"NewLine", "\n"}, {"nbsp", "\xc2\xa0"}};
#define BARE_COUNT 4

static void
put_utf8(struct buf *out, uint32_t c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		buf_putc(out, (char)c);
	} else if (c < 0x800) {
		buf_put(out, (char[]){(char)(0xc0 | c >> 6), (char)(0x80 | (c & 63))}, 2);
	} else if (c < 0x10000) {
		buf_put(out,
		    (char[]){(char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 63)),
			(char)(0x80 | (c & 63))},
		    3);
	} else {
		buf_put(out,
		    (char[]){(char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 63)),
			(char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63))},
		    4);
	}
}

/* The value of a digit in this base, or -1. */
static int
digit_of(char c, int base)
{
	int v = html_digit(c) ? c - '0' : -1;

	if (base == 16 && html_lower(c) >= 'a' && html_lower(c) <= 'f')
		v = html_lower(c) - 'a' + 10;
	return v;
}

/* &#58; &#x3a; and without the semicolon. Bytes taken, or 0. */
static size_t
numeric(struct html_span from, struct buf *out)
{
	int base = from.len > 2 && html_lower(from.s[2]) == 'x' ? 16 : 10, v;
	size_t at = base == 16 ? 3 : 2, first = at;
	uint32_t c = 0;

	for (; at < from.len && (v = digit_of(from.s[at], base)) >= 0; at++)
		c = c > 0x10ffff ? c : c * (uint32_t)base + (uint32_t)v;
	if (at == first)
		return 0;
	put_utf8(out, c);
	return at < from.len && from.s[at] == ';' ? at + 1 : at;
}

static size_t
named(struct html_span from, struct buf *out)
{
	for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
		size_t n, past;
		bool ends;

		if (from.len < 2 || references[i].name[0] != from.s[1])
			continue;
		n = strlen(references[i].name);
		past = n + 1;
		if (past > from.len || memcmp(from.s + 1, references[i].name, n) != 0)
			continue;
		ends = past < from.len && from.s[past] == ';';
		/* "&lt=" and "&ltx" in an attribute stand for themselves. */
		if (!ends &&
		    (i >= BARE_COUNT ||
			(past < from.len && (from.s[past] == '=' || html_letter(from.s[past]) ||
						html_digit(from.s[past])))))
			continue;
		buf_puts(out, references[i].text);
		return ends ? past + 1 : past;
	}
	return 0;
}

void
html_decode(struct html_span from, struct buf *out)
{
	while (from.len > 0 && !out->failed) {
		const char *amp = memchr(from.s, '&', from.len);
		size_t plain = amp != NULL ? (size_t)(amp - from.s) : from.len, taken;

		buf_put(out, from.s, plain);
		from = (struct html_span){from.s + plain, from.len - plain};
		if (from.len == 0)
			break;
		taken = from.len > 1 && from.s[1] == '#' ? numeric(from, out) : named(from, out);
		if (taken == 0) {
			buf_putc(out, '&');
			taken = 1;
		}
		from = (struct html_span){from.s + taken, from.len - taken};
	}
}
