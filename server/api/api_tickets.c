/* Tickets: registered by hand, listed with filters, read one by one, and the letters that go with one. */
#include "api/query.h"
#include "api/routes.h"
#include "api/ticket_filter.h"
#include "api/ticket_request.h"
#include "base/text.h"
#include "core/notice.h"

#include <string.h>

/* ---- lists ---- */

static void
write_page(
    struct request *req, const struct ticket_filter *f, struct query_page page, struct buf *out)
{
	struct ticket_view v = ticket_view_of(req);
	struct json_writer w;

	jw_begin(&w, out);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < v.g->tickets->count && page.limit > 0; i++) {
		const struct ticket *t = &v.g->tickets->items[i];

		if (!ticket_may_see(req, t) || !ticket_passes(f, &v, t))
			continue;
		jw_object(&w);
		write_ticket_line(&w, &v, (int32_t)i + 1);
		jw_object_end(&w);
		page.limit--;
	}
	jw_array_end(&w);
}

/* GET /api/v1/tickets?after=ID&limit=N&state=&department=&severity=&overdue=&source=&supervision= -> 200 [TicketLine] */
static enum err
tickets_get(struct request *req, struct response *out)
{
	struct ticket_filter f;
	struct query_page page;
	enum err e;

	if ((e = ticket_filter_read(req, NULL, &page, &f)) != ERR_OK)
		return e;
	write_page(req, &f, page, &out->body);
	return ERR_OK;
}

const struct route route_tickets_get = {
    .method = "GET",
    .path = "/api/v1/tickets",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = tickets_get,
};

/* GET /api/v1/tickets/{id} -> 200 Ticket */
static enum err
ticket_get(struct request *req, struct response *out)
{
	int32_t id;
	enum err e;

	if ((e = ticket_of(req, &id)) == ERR_OK)
		ticket_answer(req, out, id);
	return e;
}

const struct route route_ticket_get = {
    .method = "GET",
    .path = "/api/v1/tickets/{id}",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = ticket_get,
};

/* ---- registering ---- */

static enum err
read_texts(struct request *req, const struct json_t *body, struct ticket_event *x)
{
	enum err e;

	if ((e = ticket_text(req, body, "title", TICKET_TITLE_MAX_BYTES, &x->title)) != ERR_OK ||
	    (e = ticket_text(req, body, "asset", TICKET_ASSET_MAX_BYTES, &x->asset)) != ERR_OK ||
	    (e = ticket_text(req, body, "evidence", TICKET_TEXT_MAX_BYTES, &x->evidence)) !=
		ERR_OK ||
	    (e = ticket_text(req, body, "requirement", TICKET_TEXT_MAX_BYTES, &x->requirement)) !=
		ERR_OK ||
	    (e = ticket_text(req, body, "in_charge", TICKET_POST_MAX_BYTES, &x->in_charge)) !=
		ERR_OK ||
	    (e = ticket_text(req, body, "run_by", TICKET_POST_MAX_BYTES, &x->run_by)) != ERR_OK)
		return e;
	return ticket_text(req, body, "used_by", TICKET_POST_MAX_BYTES, &x->used_by);
}

static enum err
read_words(struct request *req, const struct json_t *body, struct ticket_event *x)
{
	int weakness = 0, severity = 0;
	enum err e;

	if ((e = ticket_word(req, body, "class", &terms_weaknesses, &weakness)) != ERR_OK ||
	    (e = ticket_word(req, body, "severity", &terms_severities, &severity)) != ERR_OK)
		return e;
	x->weakness = (enum weakness)weakness;
	x->severity = (enum severity)severity;
	return ERR_OK;
}

/* What is not said is as the confirmed result has it: a ticket with one click. */
static void
fill_from_result(struct request *req, struct ticket_event *x)
{
	const struct game *g = api_drill(req->api)->game;
	struct ticket_source source;
	const struct result *r;

	if (source_read(x->source, &source, NULL) != ERR_OK || source.kind != SOURCE_RESULT ||
	    (r = result_find(g, source.number)) == NULL || r->state != RESULT_CONFIRMED)
		return;
	if (x->department[0] == '\0')
		x->department = g->config->teams[r->department].id;
	if (x->system[0] == '\0' && x->asset[0] == '\0') {
		x->system = r->system >= 0 ? g->config->systems[r->system].id : "";
		x->asset = arena_strdup(req->x->arena, r->asset);
	}
	if (x->title[0] == '\0')
		x->title = arena_strdup(req->x->arena, r->weakness);
	if (x->evidence[0] == '\0')
		x->evidence = arena_strndup(req->x->arena, r->evidence,
		    text_cut(r->evidence, strlen(r->evidence), TICKET_TEXT_MAX_BYTES));
}

/* A result that could not say it: because it is not there, or not confirmed. */
static enum err
no_department(struct request *req, const struct ticket_event *x)
{
	const struct game *g = api_drill(req->api)->game;
	struct ticket_source source;

	if (source_read(x->source, &source, NULL) == ERR_OK && source.kind == SOURCE_RESULT)
		return ticket_source_allows(g, &source, -1, true, &req->why);
	return why_set(&req->why, ERR_INVALID,
	    "\"department\" is missing; a department's id is expected (a confirmed attack "
	    "result as \"source\" says it by itself)");
}

static enum err
is_complete(struct request *req, const struct ticket_event *x)
{
	if (x->department[0] == '\0')
		return no_department(req, x);
	if (x->title[0] == '\0')
		return why_set(&req->why, ERR_INVALID, "\"title\" is missing");
	return x->system[0] != '\0' || x->asset[0] != '\0'
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "name the \"system\" that it concerns, or the \"asset\"");
}

static enum err
read_new(struct request *req, const struct json_t *body, struct ticket_event *x)
{
	static const char *const keys[] = {"department", "system", "asset", "title", "class",
	    "severity", "source", "evidence", "requirement", "in_charge", "run_by", "used_by",
	    NULL};
	enum err e;

	x->source = "manual";
	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = ticket_text(req, body, "department", ID_MAX_BYTES, &x->department)) != ERR_OK ||
	    (e = ticket_text(req, body, "system", ID_MAX_BYTES, &x->system)) != ERR_OK ||
	    (e = ticket_text(req, body, "source", SOURCE_MAX_BYTES - 1, &x->source)) != ERR_OK ||
	    (e = read_words(req, body, x)) != ERR_OK || (e = read_texts(req, body, x)) != ERR_OK)
		return e;
	fill_from_result(req, x);
	return is_complete(req, x);
}

/* POST /api/v1/tickets  NewTicket -> 201 Ticket */
static enum err
tickets_post(struct request *req, struct response *out)
{
	struct drill *d = api_drill(req->api);
	struct ticket_event x = ticket_event_of((int32_t)d->game->tickets->count + 1);
	struct event ev = {.kind = EV_TICKET_REGISTERED, .actor = req->account->id, .u.ticket = &x};
	const struct json_t *body;
	enum err e;

	if ((e = request_object(
		 req, "\"department\", \"title\", \"class\", \"severity\"", &body)) != ERR_OK ||
	    (e = read_new(req, body, &x)) != ERR_OK ||
	    (e = drill_emit_allowed(d, &ev, &req->why)) != ERR_OK)
		return e;
	out->status = 201;
	ticket_answer(req, out, x.id);
	return ERR_OK;
}

const struct route route_tickets_post = {
    .method = "POST",
    .path = "/api/v1/tickets",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = tickets_post,
};

/* ---- letters ---- */

static enum err
read_letter(struct request *req, struct notice_options *o)
{
	const char *kind, *lang;
	const struct query_filter names[] = {{"kind", &kind}, {"lang", &lang}, {NULL, NULL}};
	int v = NOTICE_NOTICE;
	enum err e;

	if ((e = query_read(req, names, NULL)) != ERR_OK ||
	    (kind != NULL && (e = term_want(&terms_notices, kind, &v, &req->why)) != ERR_OK))
		return e;
	o->kind = (enum notice_kind)v;
	return query_lang(req, lang, &o->zh);
}

/* GET /api/v1/tickets/{id}/notice?kind=notice|reminder|talk|criticism&lang=zh|en -> 200 text/plain */
static enum err
ticket_notice_get(struct request *req, struct response *out)
{
	struct ticket_view v = ticket_view_of(req);
	struct notice_options o = {.now_ms = v.now_ms, .offset_minutes = v.offset_minutes};
	int32_t id;
	enum err e;

	if ((e = ticket_of(req, &id)) != ERR_OK || (e = read_letter(req, &o)) != ERR_OK)
		return e;
	out->content_type = "text/plain; charset=utf-8";
	return notice_write(v.g, ticket_find(v.g, id), &o, &out->body, &req->why);
}

const struct route route_ticket_notice_get = {
    .method = "GET",
    .path = "/api/v1/tickets/{id}/notice",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = ticket_notice_get,
};
