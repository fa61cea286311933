/*
 * Incident reports, written by departments: drafts that are saved as one types, and filings. A body's "document" is a merge
 * patch (RFC 7396) of the draft; where there is none, of what was filed last, so that a later report begins from the
 * one before it.
 */
#include "api/report_request.h"
#include "api/routes.h"
#include "base/date.h"
#include "core/report_document.h"

#include <string.h>

/* ---- what is to be written ---- */

/* One request that writes. */
struct writing {
	const struct report_chain *chain; /* NULL: a new one */
	const struct json_t *document;    /* NULL: none was sent */
	struct report_event event;
	struct buf text; /* the stored document */
};

static const char *const writing_keys[] = {"document", "stage", NULL};
static const char *const new_keys[] = {"document", "submit", NULL};

static void
writing_begin(struct writing *w, struct request *req, const struct report_chain *c, int32_t id)
{
	const struct game *g = api_drill(req->api)->game;

	*w = (struct writing){.chain = c,
	    .event = {.id = id,
		.team = g->config->teams[req->team].id,
		.text = "",
		.reason = "",
		.class_code = "",
		.systems = ""}};
	buf_init(&w->text, REPORT_TEXT_MAX_BYTES);
}

/* The stage that the body names, or the only one that there can be. */
static enum err
choose_stage(struct writing *w, struct request *req, const struct json_t *body)
{
	const struct report_chain *c = w->chain;
	const struct json_t *j = jr_get(body, "stage");
	const char *word = jr_string(j, NULL);
	int stage = STAGE_INITIAL;

	if (j != NULL && (word == NULL || !term_parse(&terms_stages, word, &stage)))
		return why_set(
		    &req->why, ERR_INVALID, "\"stage\" must be initial, progress or final");
	if (j == NULL && c != NULL && c->draft.by != NULL)
		stage = (int)c->draft.stage;
	else if (j == NULL && c != NULL && c->state == REPORT_RETURNED)
		stage = (int)report_last(c)->stage;
	else if (j == NULL && c != NULL && report_is_filed(c))
		return why_set(
		    &req->why, ERR_INVALID, "\"stage\" is missing: a progress or a final report?");
	w->event.stage = (enum report_stage)stage;
	return ERR_OK;
}

static const char *
text_so_far(const struct report_chain *c)
{
	if (c == NULL)
		return "";
	if (c->draft.by != NULL)
		return c->draft.text;
	return report_is_filed(c) ? report_last(c)->text : "";
}

/* The document as it is with what was sent. */
static enum err
patch(struct writing *w, struct request *req)
{
	const char *so_far = text_so_far(w->chain);
	enum err e = ERR_OK;

	if (w->document != NULL)
		e = document_patch(report_fields, so_far, w->document, &w->text, &req->why);
	else
		buf_puts(&w->text, so_far[0] != '\0' ? so_far : "{}");
	w->event.text = w->text.data != NULL ? w->text.data : "";
	return e;
}

/* ---- drafts ---- */

/* Pages save as one types, and again when one leaves: what changes nothing is no event. */
static bool
is_saved(const struct writing *w)
{
	const struct report_chain *c = w->chain;

	return c != NULL && c->draft.by != NULL && c->draft.stage == w->event.stage &&
	       strcmp(c->draft.text, w->event.text) == 0;
}

static enum err
save_draft(struct writing *w, struct request *req)
{
	const struct event ev = {
	    .kind = EV_REPORT_DRAFTED, .actor = req->account->id, .u.report = &w->event};
	enum err e = patch(w, req);

	if (e == ERR_OK && is_saved(w))
		return game_allows(api_drill(req->api)->game, &ev, &req->why);
	return e == ERR_OK ? report_emit(req, EV_REPORT_DRAFTED, &w->event) : e;
}

/* ---- filings ---- */

static int32_t
year_now(const struct drill *d)
{
	int y, m, day;

	date_to_civil(date_at(d->options.wall_ms(d->options.ctx), d->offset_minutes), &y, &m, &day);
	return y;
}

/* The whole document is held to its table, and what the fold wants is taken out of it. */
static enum err
check_whole(struct writing *w, struct request *req, struct arena *arena)
{
	struct json_t *stored = NULL;
	struct buf again;
	enum err e = jr_parse(w->text.data, w->text.len, &stored, &req->why);

	buf_init(&again, REPORT_TEXT_MAX_BYTES);
	if (e == ERR_OK)
		e = document_check(report_fields, stored, DOCUMENT_STORED, &again, &req->why);
	if (e == ERR_OK)
		e = report_document_read(
		    api_drill(req->api)->game, stored, arena, &w->event, &req->why);
	jr_free(stored);
	buf_free(&again);
	return e;
}

static enum err
file(struct writing *w, struct request *req)
{
	struct arena *arena = req->x->arena;
	enum err e = patch(w, req);

	if (e != ERR_OK || (e = check_whole(w, req, arena)) != ERR_OK)
		return e;
	w->event.year = year_now(api_drill(req->api));
	return report_emit(req, EV_REPORT_SUBMITTED, &w->event);
}

/* ---- routes ---- */

static enum err
read_document(struct writing *w, struct request *req, const struct json_t *body)
{
	w->document = jr_get(body, "document");
	return w->document == NULL || jr_is_object(w->document)
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "\"document\" must be an object");
}

/* POST /api/v1/reports  {"document", "submit"?} -> 201 Report: a draft, or the initial report filed at once */
static enum err
reports_post(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	const struct json_t *body;
	struct writing w;
	bool submit;
	enum err e;

	if ((e = request_object(req, "\"document\", \"submit\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, new_keys, &req->why)) != ERR_OK ||
	    (e = request_bool(req, body, "submit", &submit)) != ERR_OK)
		return e;
	writing_begin(&w, req, NULL, (int32_t)g->reports->count + 1);
	if ((e = read_document(&w, req, body)) == ERR_OK)
		e = submit ? file(&w, req) : save_draft(&w, req);
	buf_free(&w.text);
	if (e != ERR_OK)
		return e;
	out->status = 201;
	report_answer(req, out, w.event.id);
	return ERR_OK;
}

const struct route route_reports_post = {
    .method = "POST",
    .path = "/api/v1/reports",
    .roles = ROLE_BLUE,
    .body_max_bytes = 256 * 1024,
    .run = reports_post,
};

/* A draft saved or a report filed, of a chain that there is. */
static enum err
write_more(struct request *req, struct response *out,
    enum err (*write)(struct writing *w, struct request *req))
{
	const struct report_chain *c;
	const struct json_t *body;
	struct writing w;
	int32_t id;
	enum err e;

	if ((e = report_of_request(req, &id, &c)) != ERR_OK ||
	    (e = request_object(req, "\"document\", \"stage\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, writing_keys, &req->why)) != ERR_OK)
		return e;
	writing_begin(&w, req, c, id);
	if ((e = read_document(&w, req, body)) == ERR_OK &&
	    (e = choose_stage(&w, req, body)) == ERR_OK)
		e = write(&w, req);
	buf_free(&w.text);
	if (e == ERR_OK)
		report_answer(req, out, id);
	return e;
}

/* PATCH /api/v1/reports/{id}/draft  {"document", "stage"?} -> 200 Report: the draft with these changes */
static enum err
report_draft_patch(struct request *req, struct response *out)
{
	return write_more(req, out, save_draft);
}

const struct route route_report_draft_patch = {
    .method = "PATCH",
    .path = "/api/v1/reports/{id}/draft",
    .roles = ROLE_BLUE,
    .body_max_bytes = 256 * 1024,
    .run = report_draft_patch,
};

/* POST /api/v1/reports/{id}/submit  {"document"?, "stage"?} -> 200 Report: the draft with these changes is filed */
static enum err
report_submit_post(struct request *req, struct response *out)
{
	return write_more(req, out, file);
}

const struct route route_report_submit_post = {
    .method = "POST",
    .path = "/api/v1/reports/{id}/submit",
    .roles = ROLE_BLUE,
    .body_max_bytes = 256 * 1024,
    .run = report_submit_post,
};

/* DELETE /api/v1/reports/{id}/draft -> 204: the draft is gone, and with it a chain of which nothing was filed */
static enum err
report_draft_delete(struct request *req, struct response *out)
{
	struct report_event r = {
	    .team = "", .text = "", .reason = "", .class_code = "", .systems = ""};
	const struct report_chain *c;
	enum err e = report_of_request(req, &r.id, &c);

	out->status = 204;
	return e == ERR_OK ? report_emit(req, EV_REPORT_WITHDRAWN, &r) : e;
}

const struct route route_report_draft_delete = {
    .method = "DELETE",
    .path = "/api/v1/reports/{id}/draft",
    .roles = ROLE_BLUE,
    .run = report_draft_delete,
};
