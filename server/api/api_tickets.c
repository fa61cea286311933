/* Tickets: registered by hand, listed with filters, read one by one, and the letters that go with one. */
#include "api/query.h"
#include "api/routes.h"
#include "api/ticket_request.h"
#include "core/notice.h"

#include <string.h>

/* ---- lists ---- */

struct filters {
	const char *state, *department, *severity, *overdue, *source, *supervision;
	unsigned states;                 /* bits; all where it is not given */
	int team, severity_is, level_is; /* -1: not given */
	int overdue_is;
	struct ticket_source source_is;
	bool any_number; /* of the source's kind */
};

static enum err
read_state(struct request *req, struct filters *f)
{
	int state;
	enum err e;

	f->states = ~0u;
	if (f->state == NULL)
		return ERR_OK;
	if (strcmp(f->state, "open") == 0) {
		for (int s = 0; s < TICKET_STATES; s++)
			if (!ticket_is_open(&(struct ticket){.state = (enum ticket_state)s}))
				f->states &= ~(1u << s);
		return ERR_OK;
	}
	if ((e = term_want(&terms_ticket_states, f->state, &state, &req->why)) == ERR_OK)
		f->states = 1u << state;
	return e;
}

static enum err
read_source(struct request *req, struct filters *f)
{
	int kind;

	if (f->source == NULL)
		return ERR_OK;
	f->any_number = term_parse(&terms_ticket_sources, f->source, &kind);
	if (!f->any_number)
		return source_read(f->source, &f->source_is, &req->why);
	f->source_is.kind = (enum source_kind)kind;
	return ERR_OK;
}

static enum err
read_overdue(struct request *req, struct filters *f)
{
	if (f->overdue == NULL)
		return ERR_OK;
	f->overdue_is = strcmp(f->overdue, "true") == 0;
	return f->overdue_is || strcmp(f->overdue, "false") == 0
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "?overdue= must be true or false");
}

static enum err
read_filters(struct request *req, struct filters *f)
{
	const struct game *g = api_drill(req->api)->game;
	enum err e;

	f->team = f->severity_is = f->level_is = f->overdue_is = -1;
	if ((e = read_state(req, f)) != ERR_OK || (e = read_source(req, f)) != ERR_OK ||
	    (e = read_overdue(req, f)) != ERR_OK)
		return e;
	if (f->department != NULL && (f->team = game_team(g, f->department)) < 0)
		return why_set(
		    &req->why, ERR_INVALID, "there is no department \"%.64s\"", f->department);
	if (f->severity != NULL &&
	    (e = term_want(&terms_severities, f->severity, &f->severity_is, &req->why)) != ERR_OK)
		return e;
	return f->supervision == NULL
		   ? ERR_OK
		   : term_want(&terms_supervision, f->supervision, &f->level_is, &req->why);
}

static bool
passes(const struct filters *f, const struct ticket_view *v, const struct ticket *t)
{
	if (!(f->states & (1u << t->state)) || (f->team >= 0 && t->team != f->team) ||
	    (f->severity_is >= 0 && (int)t->severity != f->severity_is) ||
	    (f->level_is >= 0 && t->level != f->level_is))
		return false;
	if (f->source != NULL && (t->source.kind != f->source_is.kind ||
				     (!f->any_number && t->source.number != f->source_is.number)))
		return false;
	return f->overdue_is < 0 || (ticket_overdue(v->g, t, v->now_ms) > 0) == f->overdue_is;
}

static void
write_page(struct request *req, const struct filters *f, struct query_page page, struct buf *out)
{
	struct ticket_view v = ticket_view_of(req);
	struct json_writer w;

	jw_begin(&w, out);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < v.g->tickets->count && page.limit > 0; i++) {
		const struct ticket *t = &v.g->tickets->items[i];

		if (!ticket_may_see(req, t) || !passes(f, &v, t))
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
	struct filters f = {.states = 0};
	const struct query_filter names[] = {{"state", &f.state}, {"department", &f.department},
	    {"severity", &f.severity}, {"overdue", &f.overdue}, {"source", &f.source},
	    {"supervision", &f.supervision}, {NULL, NULL}};
	struct query_page page;
	enum err e;

	if ((e = query_read(req, names, &page)) != ERR_OK || (e = read_filters(req, &f)) != ERR_OK)
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

	if ((e = jr_want_str(body, "title", TICKET_TITLE_MAX_BYTES, &x->title, &req->why)) !=
		ERR_OK ||
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
read_new(struct request *req, const struct json_t *body, struct ticket_event *x)
{
	static const char *const keys[] = {"department", "system", "asset", "title", "class",
	    "severity", "source", "evidence", "requirement", "in_charge", "run_by", "used_by",
	    NULL};
	int weakness = 0, severity = 0;
	enum err e;

	x->source = "manual";
	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "department", ID_MAX_BYTES, &x->department, &req->why)) !=
		ERR_OK ||
	    (e = ticket_text(req, body, "system", ID_MAX_BYTES, &x->system)) != ERR_OK ||
	    (e = ticket_word(req, body, "class", &terms_weaknesses, &weakness)) != ERR_OK ||
	    (e = ticket_word(req, body, "severity", &terms_severities, &severity)) != ERR_OK ||
	    (e = ticket_text(req, body, "source", SOURCE_MAX_BYTES - 1, &x->source)) != ERR_OK ||
	    (e = read_texts(req, body, x)) != ERR_OK)
		return e;
	x->weakness = (enum weakness)weakness;
	x->severity = (enum severity)severity;
	return x->system[0] != '\0' || x->asset[0] != '\0'
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "name the \"system\" that it concerns, or the \"asset\"");
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
	struct query_page page;
	int v = NOTICE_NOTICE;
	enum err e;

	if ((e = query_read(req, names, &page)) != ERR_OK ||
	    (kind != NULL && (e = term_want(&terms_notices, kind, &v, &req->why)) != ERR_OK))
		return e;
	o->kind = (enum notice_kind)v;
	o->zh = lang == NULL || strcmp(lang, "zh") == 0;
	return o->zh || strcmp(lang, "en") == 0
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "?lang= must be zh or en");
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
