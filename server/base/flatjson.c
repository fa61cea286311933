#include "base/flatjson.h"
#include "base/json.h"

#include <string.h>

struct reader {
	const char *at;
	const char *end;
	char *to; /* where the next string goes: no text is longer than what it is read from */
	const char *problem;
};

static bool
fail(struct reader *r, const char *problem)
{
	r->problem = problem;
	return false;
}

static void
skip_space(struct reader *r)
{
	while (
	    r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

static bool
expect(struct reader *r, char c, const char *problem)
{
	skip_space(r);
	if (r->at == r->end || *r->at != c)
		return fail(r, problem);
	r->at++;
	return true;
}

/* ---- strings ---- */

static bool
read_hex4(struct reader *r, uint32_t *out)
{
	uint32_t v = 0;

	if (r->end - r->at < 4)
		return fail(r, "an escape is cut short");
	for (int i = 0; i < 4; i++) {
		char c = r->at[i], lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			v = v * 16 + (uint32_t)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			v = v * 16 + (uint32_t)(lower - 'a' + 10);
		else
			return fail(r, "\\u must be followed by four hex digits");
	}
	r->at += 4;
	*out = v;
	return true;
}

/* What follows "\u": one code unit, or two that are a surrogate pair. */
static bool
read_code_point(struct reader *r, uint32_t *out)
{
	uint32_t low;

	if (!read_hex4(r, out))
		return false;
	if (*out == 0)
		return fail(r, "NUL in a string");
	if (*out < 0xd800 || *out > 0xdfff)
		return true;
	if (*out > 0xdbff || r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
		return fail(r, "half a surrogate pair");
	r->at += 2;
	if (!read_hex4(r, &low))
		return false;
	if (low < 0xdc00 || low > 0xdfff)
		return fail(r, "half a surrogate pair");
	*out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

static void
put_utf8(struct reader *r, uint32_t c)
{
	if (c < 0x80) {
		*r->to++ = (char)c;
		return;
	}
	if (c < 0x800) {
		*r->to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*r->to++ = (char)(0xe0 | c >> 12);
		} else {
			*r->to++ = (char)(0xf0 | c >> 18);
			*r->to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*r->to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*r->to++ = (char)(0x80 | (c & 0x3f));
}

/* What follows a backslash. */
static bool
read_escape(struct reader *r)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name;
	uint32_t c;

	if (r->at == r->end)
		return fail(r, "a string does not end");
	if (*r->at == 'u') {
		r->at++;
		if (!read_code_point(r, &c))
			return false;
		put_utf8(r, c);
		return true;
	}
	if (*r->at == '\0' || (name = strchr(names, *r->at)) == NULL)
		return fail(r, "an unknown escape");
	*r->to++ = values[name - names];
	r->at++;
	return true;
}

/* Copies the bytes that stand for themselves; true if one of them is not ASCII. */
static bool
copy_plain(struct reader *r)
{
	const char *from = r->at;
	unsigned char seen = 0;

	while (r->at < r->end && *r->at != '"' && *r->at != '\\' && (unsigned char)*r->at >= 0x20)
		seen |= (unsigned char)*r->at++;
	memcpy(r->to, from, (size_t)(r->at - from));
	r->to += r->at - from;
	return (seen & 0x80) != 0;
}

static bool
read_string(struct reader *r, const char **out, size_t *len)
{
	bool wide = false;

	if (!expect(r, '"', "a string is expected"))
		return false;
	*out = r->to;
	for (;;) {
		wide = copy_plain(r) || wide;
		if (r->at == r->end)
			return fail(r, "a string does not end");
		if (*r->at == '"')
			break;
		if (*r->at != '\\')
			return fail(r, "a control character in a string");
		r->at++;
		if (!read_escape(r))
			return false;
	}
	r->at++;
	*len = (size_t)(r->to - *out);
	*r->to++ = '\0';
	return !wide || utf8_valid(*out, *len) || fail(r, "a string is not UTF-8");
}

/* ---- integers ---- */

static bool
read_integer(struct reader *r, int64_t *out)
{
	bool negative = *r->at == '-';
	const char *digits;
	int64_t v = 0;

	r->at += negative;
	digits = r->at;
	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
		int digit = *r->at - '0';

		/* counted downwards: the smallest integer has no positive twin */
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, digit, &v))
			return fail(r, "an integer is too large");
	}
	if (r->at == digits)
		return fail(r, "a value must be a string or an integer");
	if (*digits == '0' && r->at - digits > 1)
		return fail(r, "an integer begins with a zero");
	if (r->at < r->end && (*r->at == '.' || (*r->at | 0x20) == 'e'))
		return fail(r, "a value must be a string or an integer");
	if (!negative && v == INT64_MIN)
		return fail(r, "an integer is too large");
	*out = negative ? v : -v;
	return true;
}

/* ---- the object ---- */

static const struct flat_member *
find(const struct flat *f, const char *key)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->members[i].key, key) == 0)
			return &f->members[i];
	return NULL;
}

static bool
read_member(struct reader *r, struct flat *f)
{
	struct flat_member *m = &f->members[f->count];
	size_t key_len;

	if (f->count == FLAT_MEMBERS_MAX)
		return fail(r, "too many members");
	m->text = NULL;
	m->len = 0;
	m->number = 0;
	if (!read_string(r, &m->key, &key_len) || !expect(r, ':', "a colon is expected"))
		return false;
	if (find(f, m->key) != NULL)
		return fail(r, "a key is there twice");
	skip_space(r);
	if (r->at == r->end)
		return fail(r, "the object does not end");
	if (*r->at == '"' ? !read_string(r, &m->text, &m->len) : !read_integer(r, &m->number))
		return false;
	f->count++;
	return true;
}

static bool
read_object(struct reader *r, struct flat *f)
{
	if (!expect(r, '{', "an object is expected"))
		return false;
	skip_space(r);
	if (r->at < r->end && *r->at == '}') {
		r->at++;
	} else {
		do {
			if (!read_member(r, f))
				return false;
			skip_space(r);
		} while (r->at < r->end && *r->at == ',' && r->at++ != NULL);
		if (!expect(r, '}', "a comma or the end of the object is expected"))
			return false;
	}
	skip_space(r);
	return r->at == r->end || fail(r, "something follows the object");
}

enum err
flat_parse(const char *json, size_t len, struct arena *arena, struct flat *out, struct why *why)
{
	struct reader r = {.at = json, .end = json + len, .to = arena_alloc(arena, len + 1)};

	out->count = 0;
	if (read_object(&r, out))
		return ERR_OK;
	out->count = 0;
	return why_set(
	    why, ERR_INVALID, "not a flat JSON object: %s at byte %td", r.problem, r.at - json);
}

const char *
flat_text(const struct flat *f, const char *key)
{
	const struct flat_member *m = find(f, key);

	return m != NULL ? m->text : NULL;
}

enum err
flat_want_text(
    const struct flat *f, const char *key, size_t max_bytes, const char **out, struct why *why)
{
	const struct flat_member *m = find(f, key);

	if (m == NULL)
		return why_set(why, ERR_INVALID, "\"%s\" is missing; a string is expected", key);
	if (m->text == NULL)
		return why_set(why, ERR_INVALID, "\"%s\" must be a string", key);
	if (m->len > max_bytes)
		return why_set(why, ERR_LIMIT, "\"%s\" has %zu bytes; at most %zu are taken", key,
		    m->len, max_bytes);
	*out = m->text;
	return ERR_OK;
}

enum err
flat_want_int(
    const struct flat *f, const char *key, int64_t min, int64_t max, int64_t *out, struct why *why)
{
	const struct flat_member *m = find(f, key);

	if (m == NULL)
		return why_set(why, ERR_INVALID, "\"%s\" is missing; an integer is expected", key);
	if (m->text != NULL || m->number < min || m->number > max)
		return why_set(why, ERR_INVALID, "\"%s\" must be an integer from %lld to %lld", key,
		    (long long)min, (long long)max);
	*out = m->number;
	return ERR_OK;
}
