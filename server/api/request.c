#include "api/route.h"

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
	if (journal_crowded(api_drill(r->api)->journal))
		return why_set(
		    &r->why, ERR_BUSY, "too much is waiting for the disk; send the flags again");
	return ERR_OK;
}

int
request_audience(const struct request *r)
{
	if (r->role & ROLE_STAFF)
		return LIVE_STAFF;
	return r->role == ROLE_BLUE ? r->team : LIVE_PUBLIC;
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
