#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
jw_begin(struct json_writer *w, struct buf *out)
{
	memset(w, 0, sizeof *w);
	w->out = out;
}

/* Before a value or a key: a comma unless it is the first on its level. */
static void
separate(struct json_writer *w)
{
	if (w->comma[w->depth])
		buf_putc(w->out, ',');
	w->comma[w->depth] = true;
}

static void
deeper(struct json_writer *w, char open)
{
	separate(w);
	buf_putc(w->out, open);
	if (w->depth == JSON_DEPTH_MAX)
		abort(); /* a programming error: what we write has a fixed shape */
	w->comma[++w->depth] = false;
}

static void
up(struct json_writer *w, char close)
{
	buf_putc(w->out, close);
	w->depth--;
}

void
jw_object(struct json_writer *w)
{
	deeper(w, '{');
}

void
jw_object_end(struct json_writer *w)
{
	up(w, '}');
}

void
jw_array(struct json_writer *w)
{
	deeper(w, '[');
}

void
jw_array_end(struct json_writer *w)
{
	up(w, ']');
}

/* Length of the UTF-8 sequence at s (1 to 4), or 0 if it is not one. RFC 3629. */
static size_t
sequence_length(const unsigned char *s, size_t len)
{
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len < n)
		return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

size_t
utf8_prefix(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0;

	for (size_t n; i < len; i += n)
		if (p[i] == 0 || (n = sequence_length(p + i, len - i)) == 0)
			break;
	return i;
}

bool
utf8_valid(const char *s, size_t len)
{
	return utf8_prefix(s, len) == len;
}

void
utf8_repair(char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n)
		if (s[i] == '\0' || (n = sequence_length((unsigned char *)s + i, len - i)) == 0) {
			s[i] = '?';
			n = 1;
		}
}

static void
put_escaped(struct buf *out, unsigned char c)
{
	static const char *const shorts[0x20] = {
	    ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t"};

	if (c == '"' || c == '\\') {
		buf_putc(out, '\\');
		buf_putc(out, (char)c);
	} else if (shorts[c] != NULL) {
		buf_puts(out, shorts[c]);
	} else {
		buf_printf(out, "\\u%04x", c);
	}
}

static void
put_string(struct buf *out, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t from = 0, i = 0;

	buf_putc(out, '"');
	while (i < len) {
		size_t n = 1;

		if (p[i] >= 0x20 && p[i] < 0x80 && p[i] != '"' && p[i] != '\\') {
			i++;
			continue;
		}
		if (p[i] >= 0x80 && (n = sequence_length(p + i, len - i)) > 0) {
			i += n;
			continue;
		}
		buf_put(out, s + from, i - from);
		if (p[i] >= 0x80)
			buf_puts(out, "\xef\xbf\xbd");
		else
			put_escaped(out, p[i]);
		from = ++i;
	}
	buf_put(out, s + from, len - from);
	buf_putc(out, '"');
}

void
jw_key(struct json_writer *w, const char *key)
{
	separate(w);
	put_string(w->out, key, strlen(key));
	buf_putc(w->out, ':');
	w->comma[w->depth] = false; /* the value follows without a comma */
}

void
jw_strn(struct json_writer *w, const char *s, size_t len)
{
	separate(w);
	put_string(w->out, s, len);
}

void
jw_str(struct json_writer *w, const char *s)
{
	if (s == NULL)
		jw_null(w);
	else
		jw_strn(w, s, strlen(s));
}

void
jw_int(struct json_writer *w, int64_t v)
{
	separate(w);
	buf_put_int(w->out, v);
}

void
jw_real(struct json_writer *w, double v)
{
	char text[40];

	if (!isfinite(v)) {
		jw_null(w);
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof text, "%.*g", precision, v);
		if (strtod(text, NULL) == v)
			break;
	}
	separate(w);
	buf_puts(w->out, text);
	if (strpbrk(text, ".e") == NULL)
		buf_puts(w->out, ".0");
}

void
jw_bool(struct json_writer *w, bool v)
{
	separate(w);
	buf_puts(w->out, v ? "true" : "false");
}

void
jw_null(struct json_writer *w)
{
	separate(w);
	buf_puts(w->out, "null");
}

void
jw_raw(struct json_writer *w, const char *json, size_t len)
{
	separate(w);
	buf_put(w->out, json, len);
}

void
jw_kv_str(struct json_writer *w, const char *key, const char *s)
{
	jw_key(w, key);
	jw_str(w, s);
}

void
jw_kv_int(struct json_writer *w, const char *key, int64_t v)
{
	jw_key(w, key);
	jw_int(w, v);
}

void
jw_kv_real(struct json_writer *w, const char *key, double v)
{
	jw_key(w, key);
	jw_real(w, v);
}

void
jw_kv_bool(struct json_writer *w, const char *key, bool v)
{
	jw_key(w, key);
	jw_bool(w, v);
}
