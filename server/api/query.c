#include "api/query.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

/* In place, "+" for a space as forms send it; false: "%" without two hex digits. */
static bool
percent_decode(char *s, size_t *len)
{
	size_t n = 0;

	for (size_t i = 0; i < *len; i++) {
		uint8_t byte;

		if (s[i] != '%') {
			s[n++] = s[i] == '+' ? ' ' : s[i];
			continue;
		}
		if (i + 2 >= *len || !hex_decode(s + i + 1, 2, &byte))
			return false;
		s[n++] = (char)byte;
		i += 2;
	}
	s[ *len = n] = '\0';
	return true;
}

/* *out is -1 until it is given. */
static enum err
read_number(
    struct request *req, const char *name, const char *text, int32_t min, int32_t max, int32_t *out)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*out >= 0)
		return why_set(&req->why, ERR_INVALID, "?%s= comes twice", name);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || strlen(text) > 10 || n < min ||
	    n > max)
		return why_set(
		    &req->why, ERR_INVALID, "?%s= must be a number from %d to %d", name, min, max);
	*out = (int32_t)n;
	return ERR_OK;
}

static enum err
read_value(struct request *req, const char *name, const char *value,
    const struct query_filter *filters, struct query_page *page)
{
	if (page != NULL && strcmp(name, "after") == 0)
		return read_number(req, name, value, 0, INT32_MAX, &page->after);
	if (page != NULL && strcmp(name, "limit") == 0)
		return read_number(req, name, value, 1, QUERY_PAGE_MAX, &page->limit);
	for (; filters != NULL && filters->name != NULL; filters++) {
		if (strcmp(name, filters->name) != 0)
			continue;
		if (*filters->value != NULL)
			return why_set(&req->why, ERR_INVALID, "?%s= comes twice", name);
		*filters->value = value;
		return ERR_OK;
	}
	return why_set(&req->why, ERR_INVALID, "\"%.40s\" is not a parameter of this path", name);
}

/* NAME=VALUE, of len bytes. */
static enum err
read_pair(struct request *req, const char *pair, size_t len, const struct query_filter *filters,
    struct query_page *page)
{
	const char *equals = memchr(pair, '=', len);
	char *name, *value;
	size_t n;

	if (equals == NULL)
		return why_set(&req->why, ERR_INVALID, "?%.*s: NAME=VALUE is expected",
		    (int)(len < 40 ? len : 40), pair);
	name = arena_strndup(req->x->arena, pair, (size_t)(equals - pair));
	n = len - (size_t)(equals + 1 - pair);
	value = arena_strndup(req->x->arena, equals + 1, n);
	if (!percent_decode(value, &n) || n > QUERY_TEXT_MAX_BYTES || !utf8_valid(value, n))
		return why_set(&req->why, ERR_INVALID,
		    "?%.40s= must be at most %d bytes of UTF-8, percent-encoded", name,
		    QUERY_TEXT_MAX_BYTES);
	return read_value(req, name, value, filters, page);
}

enum err
query_read(struct request *req, const struct query_filter *filters, struct query_page *page)
{
	const char *at = req->x->query;
	enum err e = ERR_OK;

	if (page != NULL)
		*page = (struct query_page){.after = -1, .limit = -1};
	for (const struct query_filter *f = filters; f != NULL && f->name != NULL; f++)
		*f->value = NULL;
	while (e == ERR_OK && *at != '\0') {
		size_t len = strcspn(at, "&");

		e = read_pair(req, at, len, filters, page);
		at += len;
		at += *at == '&';
	}
	if (page != NULL && page->after < 0)
		page->after = 0;
	if (page != NULL && page->limit < 0)
		page->limit = QUERY_PAGE_DEFAULT;
	return e;
}

enum err
query_lang(struct request *req, const char *lang, bool *zh)
{
	*zh = lang == NULL || strcmp(lang, "zh") == 0;
	return *zh || strcmp(lang, "en") == 0
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "?lang= must be zh or en");
}
