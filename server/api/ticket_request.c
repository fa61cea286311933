#include "api/ticket_request.h"
#include "base/date.h"

#include <string.h>

struct ticket_view
ticket_view_of(const struct request *req)
{
	const struct drill *d = api_drill(req->api);

	return (struct ticket_view){d->game, d->options.wall_ms(d->options.ctx), d->offset_minutes,
	    req->role == ROLE_JUDGE};
}

bool
ticket_may_see(const struct request *req, const struct ticket *t)
{
	return (req->role & ROLE_STAFF) || ticket_is_seen_by(t, req->team);
}

enum err
ticket_of(struct request *req, int32_t *id)
{
	const struct ticket *t;
	enum err e;

	if ((e = request_number(req, "ticket", id)) != ERR_OK)
		return e;
	t = ticket_find(api_drill(req->api)->game, *id);
	return t != NULL && ticket_may_see(req, t)
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "no ticket %d", *id);
}

enum err
ticket_date(
    struct request *req, const struct json_t *body, const char *key, bool wanted, int32_t *out)
{
	const struct json_t *j = jr_get(body, key);
	const char *text = jr_string(j, NULL);

	*out = 0;
	if (j == NULL && !wanted)
		return ERR_OK;
	return text != NULL && date_parse(text, out) && *out > 0
		   ? ERR_OK
		   : why_set(
			 &req->why, ERR_INVALID, "\"%s\" must be a date such as 2027-06-20", key);
}

enum err
ticket_word(struct request *req, const struct json_t *body, const char *key,
    const struct terms *terms, int *out)
{
	const char *text;
	enum err e = jr_want_str(body, key, ID_MAX_BYTES, &text, &req->why);

	return e != ERR_OK ? e : term_want(terms, text, out, &req->why);
}

static enum err
check_text(struct request *req, const char *key, const char *text, size_t max_bytes)
{
	return request_check_text(
	    req, key, text, max_bytes < TICKET_TEXT_MAX_BYTES ? TEXT_LINE : TEXT_LINES);
}

enum err
ticket_text(struct request *req, const struct json_t *body, const char *key, size_t max_bytes,
    const char **out)
{
	enum err e;

	if (jr_get(body, key) == NULL)
		return ERR_OK;
	e = jr_want_text(body, key, max_bytes, out, &req->why);
	return e != ERR_OK ? e : check_text(req, key, *out, max_bytes);
}

enum err
ticket_text_wanted(struct request *req, const struct json_t *body, const char *key,
    size_t max_bytes, const char **out)
{
	enum err e = jr_want_str(body, key, max_bytes, out, &req->why);

	return e != ERR_OK ? e : check_text(req, key, *out, max_bytes);
}

void
ticket_answer(struct request *req, struct response *out, int32_t id)
{
	struct ticket_view v = ticket_view_of(req);
	struct json_writer w;

	jw_begin(&w, &out->body);
	write_ticket(&w, &v, id);
}
