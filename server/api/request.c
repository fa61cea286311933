#include "api/route.h"

#include <stdlib.h>
#include <string.h>

enum err
request_json(struct request *r, const struct json_t **out)
{
	enum err e;

	if (r->json == NULL &&
	    (e = jr_parse(r->x->body, r->x->body_len, &r->json, &r->why)) != ERR_OK)
		return e;
	*out = r->json;
	return ERR_OK;
}

enum err
request_object(struct request *r, const char *members, const struct json_t **out)
{
	enum err e = request_json(r, out);

	if (e == ERR_OK && !jr_is_object(*out))
		e = why_set(&r->why, ERR_INVALID, "{%s} is expected", members);
	return e;
}

enum err
request_flags(struct request *r, size_t max, const struct json_t **list)
{
	enum err e;

	if ((e = request_json(r, list)) != ERR_OK)
		return e;
	if (!jr_is_array(*list))
		return why_set(
		    &r->why, ERR_INVALID, "a JSON list of flags is expected: [\"FLAG\", ...]");
	if (jr_count(*list) > max)
		return why_set(&r->why, ERR_LIMIT, "%zu flags; at most %zu in a request",
		    jr_count(*list), max);
	for (size_t i = 0; i < jr_count(*list); i++)
		if (!jr_is_string(jr_at(*list, i)))
			return why_set(&r->why, ERR_INVALID, "element %zu is not a string", i);
	if ((e = engagement_allows(api_drill(r->api)->game, r->account->id, &r->why)) != ERR_OK)
		return e;
	if (journal_crowded(api_drill(r->api)->journal))
		return why_set(
		    &r->why, ERR_BUSY, "too much is waiting for the disk; send the flags again");
	return ERR_OK;
}

/* Digits alone, at most max; -1 otherwise. */
static int32_t
read_number(const char *text, size_t len, int32_t max)
{
	int64_t n = 0;

	if (len == 0 || len > 9)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		n = n * 10 + (text[i] - '0');
	}
	return n <= max ? (int32_t)n : -1;
}

static enum err
read_pair(struct request *r, const char *pair, size_t len, const char *const *names,
    int32_t *const *values, int32_t max)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		size_t name = strlen(names[i]);

		if (len <= name || strncmp(pair, names[i], name) != 0 || pair[name] != '=')
			continue;
		*values[i] = read_number(pair + name + 1, len - name - 1, max);
		return *values[i] >= 0 ? ERR_OK
				       : why_set(&r->why, ERR_INVALID,
					     "?%s= must be a number from 0 to %d", names[i], max);
	}
	return why_set(&r->why, ERR_INVALID, "\"%.*s\" is not a parameter of this path",
	    (int)(len < 40 ? len : 40), pair);
}

enum err
request_numbers(struct request *r, const char *const *names, int32_t *const *values, int32_t max)
{
	const char *at = r->x->query;
	enum err e = ERR_OK;

	while (e == ERR_OK && *at != '\0') {
		size_t len = strcspn(at, "&");

		e = read_pair(r, at, len, names, values, max);
		at += len;
		at += *at == '&';
	}
	return e;
}

enum err
request_number(struct request *r, const char *what, int32_t *out)
{
	*out = read_number(r->param[0], strlen(r->param[0]), INT32_MAX);
	return *out > 0 ? ERR_OK
			: why_set(&r->why, ERR_NOT_FOUND,
			      "no %s \"%.40s\": they are numbered from 1", what, r->param[0]);
}

enum err
request_bool(struct request *r, const struct json_t *o, const char *key, bool *out)
{
	const struct json_t *j = jr_get(o, key);

	*out = jr_boolean(j, false);
	return j == NULL || jr_is_bool(j)
		   ? ERR_OK
		   : why_set(&r->why, ERR_INVALID, "\"%s\" must be true or false", key);
}

enum err
request_check_text(struct request *r, const char *key, const char *text, enum text_kind kind)
{
	struct why why;

	return text_check(text, strlen(text), kind, &why) == ERR_OK
		   ? ERR_OK
		   : why_set(&r->why, ERR_INVALID, "\"%s\" %s", key, why.text);
}

enum err
request_reason(struct request *r, const struct json_t *body, const char **out)
{
	enum err e = jr_want_str(body, "reason", REASON_MAX_BYTES, out, &r->why);

	return e != ERR_OK ? e : request_check_text(r, "reason", *out, TEXT_LINES);
}

enum err
request_reason_said(struct request *r, const struct json_t *body, const char **out)
{
	enum err e = request_reason(r, body, out);

	if (e == ERR_OK && (*out)[strspn(*out, " \t\r\n")] == '\0')
		e = why_set(&r->why, ERR_INVALID, "\"reason\" must say why");
	return e;
}

enum err
request_reason_alone(struct request *r, const char **out)
{
	static const char *const keys[] = {"reason", NULL};
	const struct json_t *body;
	enum err e;

	if ((e = request_object(r, "\"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &r->why)) != ERR_OK)
		return e;
	return request_reason(r, body, out);
}

int
request_audience(const struct request *r)
{
	switch (r->role) {
	case ROLE_BLUE:
	case ROLE_RED:
		return r->team;
	case ROLE_JUDGE:
		return LIVE_JUDGE;
	case ROLE_DIRECTOR:
	case ROLE_ADMIN:
		return LIVE_DIRECTOR;
	case ROLE_LEADER:
		return LIVE_LEADER;
	default:
		return LIVE_PUBLIC;
	}
}

void
response_header(struct response *out, const char *name, const char *value)
{
	const size_t max = sizeof out->headers / sizeof out->headers[0];
	size_t i = 0;

	/* Without gaps: the first place without a name ends the list. */
	while (i < max && out->headers[i][0] != NULL && strcmp(out->headers[i][0], name) != 0)
		i++;
	if (i == max)
		return;
	out->headers[i][0] = name;
	out->headers[i][1] = value;
}

void
response_object(struct response *out, struct json_writer *w)
{
	jw_begin(w, &out->body);
	jw_object(w);
}
