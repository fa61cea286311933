/* Judging, read: the rubric, what is being judged, one report's judging, and how judges compare. */
#include "api/judging_request.h"
#include "api/query.h"
#include "api/routes.h"

#include <string.h>

/* GET /api/v1/rubric -> 200 Rubric */
static enum err
rubric_get(struct request *req, struct response *out)
{
	struct json_writer w;

	jw_begin(&w, &out->body);
	judging_write_rubric(&w, api_drill(req->api)->game);
	return ERR_OK;
}

const struct route route_rubric_get = {
    .method = "GET",
    .path = "/api/v1/rubric",
    .roles = ROLE_STAFF,
    .run = rubric_get,
};

/* ---- lists ---- */

/* Whether this reader has marks to give. */
static bool
is_open(const struct judging_reader *r, int32_t id)
{
	const struct judging_chain *c = judging_find(r->r.g, id);
	enum report_state state = report_find(r->r.g, id)->state;
	int32_t number;
	const struct judging_round *last = judging_last(c, &number);
	const struct judging_sheet *s;

	if (last == NULL || last->done)
		return false;
	if (state != REPORT_UNDER_REVIEW && state != REPORT_APPEALED)
		return false;
	if (r->r.role != ROLE_JUDGE)
		return true;
	s = judging_sheet(last, r->account);
	return s != NULL && !s->in;
}

static enum err
read_open(struct request *req, const char *text, bool *out)
{
	*out = text != NULL && strcmp(text, "true") == 0;
	return text == NULL || *out || strcmp(text, "false") == 0
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "?open= must be true or false");
}

/* GET /api/v1/judging?after=ID&limit=N&state=&open=true -> 200 [JudgingHead, ...], by report */
static enum err
judgings_get(struct request *req, struct response *out)
{
	const struct judging_reader r = judging_reader_of(req);
	const char *state_text, *open_text;
	const struct query_filter filters[] = {
	    {"state", &state_text}, {"open", &open_text}, {NULL, NULL}};
	struct query_page page;
	struct json_writer w;
	int state = -1;
	bool open;
	enum err e;

	if ((e = query_read(req, filters, &page)) != ERR_OK ||
	    (e = read_open(req, open_text, &open)) != ERR_OK)
		return e;
	if (state_text != NULL &&
	    (e = term_want(&terms_report_states, state_text, &state, &req->why)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < r.r.g->judging->count && page.limit > 0; i++) {
		int32_t id = (int32_t)i + 1;

		if (!judging_shown(&r, id) || (open && !is_open(&r, id)) ||
		    (state >= 0 && (int)report_find(r.r.g, id)->state != state))
			continue;
		jw_object(&w);
		judging_write_head(&w, &r, id);
		jw_object_end(&w);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_judgings_get = {
    .method = "GET",
    .path = "/api/v1/judging",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = judgings_get,
};

/* GET /api/v1/judging/{id} -> 200 Judging */
static enum err
judging_get(struct request *req, struct response *out)
{
	int32_t id;
	enum err e = judging_of_request(req, &id);

	if (e != ERR_OK)
		return e;
	judging_answer(req, out, id);
	return ERR_OK;
}

const struct route route_judging_get = {
    .method = "GET",
    .path = "/api/v1/judging/{id}",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = judging_get,
};

/* ---- judges ---- */

static void
write_judge(struct json_writer *w, const struct game *g, const struct account *a)
{
	struct judging_drift d = judging_drift(g, a);

	jw_object(w);
	jw_kv_str(w, "judge", a->id);
	jw_kv_str(w, "department", a->department >= 0 ? g->config->teams[a->department].id : NULL);
	jw_kv_int(w, "drawn", a->drawn);
	jw_kv_int(w, "marked", d.marked);
	jw_kv_int(w, "open", d.open);
	jw_kv_int(w, "compared", d.count);
	jw_key(w, "drift");
	if (d.count > 0)
		jw_real(w, (double)d.mean_milli / 1000.0);
	else
		jw_null(w);
	jw_object_end(w);
}

/* GET /api/v1/judging/drift -> 200 [{"judge", "drawn", "marked", "open", "compared", "drift"}] */
static enum err
judging_drift_get(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	struct json_writer w;

	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = 0; i < g->accounts.count; i++)
		if (g->accounts.items[i]->role == ROLE_JUDGE)
			write_judge(&w, g, g->accounts.items[i]);
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_judging_drift_get = {
    .method = "GET",
    .path = "/api/v1/judging/drift",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .run = judging_drift_get,
};
