/* Attack results: submitted by red teams, read by whom they concern. What judges do: api_result_review.c. */
#include "api/query.h"
#include "api/result_read.h"
#include "api/result_view.h"
#include "api/routes.h"
#include "api/write.h"

#include <string.h>

/* ---- the table of kinds ---- */

static void
write_kind(struct json_writer *w, const struct result_kind *k)
{
	jw_object(w);
	jw_kv_str(w, "id", k->id);
	write_i18n(w, "name", &k->name);
	jw_kv_int(w, "base", k->base);
	jw_kv_int(w, "each", k->each);
	jw_kv_str(w, "counts", k->measure != MEASURE_NONE ? result_measure_name(k->measure) : NULL);
	jw_key(w, "cap");
	if (k->cap > 0)
		jw_int(w, k->cap);
	else
		jw_null(w);
	jw_object_end(w);
}

static void
write_volumes(struct json_writer *w)
{
	jw_key(w, "volumes");
	jw_array(w);
	for (size_t i = 0; result_volume_at(i) != NULL; i++) {
		jw_object(w);
		jw_kv_int(w, "from", result_volume_at(i)->from);
		jw_kv_int(w, "size", result_volume_at(i)->size);
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* GET /api/v1/results/kinds -> 200 {"kinds": [...], "volumes": [...], "cap", "penalty"} */
static enum err
result_kinds_get(struct request *req, struct response *out)
{
	struct json_writer w;

	(void)req;
	response_object(out, &w);
	jw_key(&w, "kinds");
	jw_array(&w);
	for (size_t i = 0; result_kind_at(i) != NULL; i++)
		write_kind(&w, result_kind_at(i));
	jw_array_end(&w);
	write_volumes(&w);
	jw_kv_int(&w, "cap", RESULT_DEPARTMENT_CAP);
	jw_kv_int(&w, "penalty", RESULT_PENALTY);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_result_kinds_get = {
    .method = "GET",
    .path = "/api/v1/results/kinds",
    .roles = ROLE_RED | ROLE_STAFF,
    .run = result_kinds_get,
};

/* ---- reading ---- */

struct wanted {
	const char *state, *system, *department, *team;
	enum result_state of_state;
	int of_system, of_department, of_team; /* -1: any */
};

static enum err
read_wanted(struct request *req, struct wanted *f, struct query_page *page)
{
	const struct game *g = api_drill(req->api)->game;
	const struct query_filter filters[] = {{"state", &f->state}, {"system", &f->system},
	    {"department", &f->department},
	    {req->role & (ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN) ? "team" : NULL, &f->team},
	    {NULL, NULL}};
	enum err e;

	if ((e = query_read(req, filters, page)) != ERR_OK)
		return e;
	if (f->state != NULL && !result_state_parse(f->state, &f->of_state))
		return why_set(&req->why, ERR_INVALID,
		    "?state=%.40s: there are submitted, resubmitted, under_review, returned, "
		    "rejected, confirmed, void",
		    f->state);
	f->of_system = f->system != NULL ? game_system(g, f->system) : -1;
	f->of_department = f->department != NULL ? game_team(g, f->department) : -1;
	f->of_team = f->team != NULL ? game_team(g, f->team) : -1;
	if ((f->system != NULL && f->of_system < 0) ||
	    (f->department != NULL && f->of_department < 0) || (f->team != NULL && f->of_team < 0))
		return why_set(&req->why, ERR_NOT_FOUND, "there is no such system or team");
	return ERR_OK;
}

static bool
is_wanted(const struct wanted *f, const struct result *r)
{
	return (f->state == NULL || r->state == f->of_state) &&
	       (f->of_system < 0 || r->system == f->of_system) &&
	       (f->of_department < 0 || r->department == f->of_department) &&
	       (f->of_team < 0 || r->team == f->of_team);
}

/*
 * GET /api/v1/results?after=ID&limit=N&state=S&system=ID&department=ID&team=ID -> 200 [Result, ...]: those that
 * whoever asks may see, without their texts, oldest first
 */
static enum err
results_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	const struct results *all = d->game->results;
	struct result_viewer v = {req->role, req->team};
	struct wanted f = {.state = NULL};
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = read_wanted(req, &f, &page)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < all->count && page.limit > 0; i++) {
		if (!is_wanted(&f, &all->items[i]) || !result_visible(d->game, &all->items[i], &v))
			continue;
		write_result(&w, d, (int32_t)i + 1, &v, false);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_results_get = {
    .method = "GET",
    .path = "/api/v1/results",
    .roles = ROLE_SIGNED_IN,
    .run = results_get,
};

/* GET /api/v1/results/{id} -> 200 Result, with its texts and history */
static enum err
result_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	struct result_viewer v = {req->role, req->team};
	const struct result *r;
	struct json_writer w;
	int32_t id;
	enum err e;

	if ((e = request_number(req, "attack result", &id)) != ERR_OK)
		return e;
	if ((r = result_find(d->game, id)) == NULL || !result_visible(d->game, r, &v))
		return why_set(&req->why, ERR_NOT_FOUND, "no attack result %d", id);
	jw_begin(&w, &out->body);
	write_result(&w, d, id, &v, true);
	return ERR_OK;
}

const struct route route_result_get = {
    .method = "GET",
    .path = "/api/v1/results/{id}",
    .roles = ROLE_SIGNED_IN,
    .run = result_get,
};

/* ---- submitting ---- */

static enum err
emit_content(
    struct request *req, enum event_kind kind, struct result_event *r, struct response *out)
{
	struct drill *d = api_drill(req->api);
	struct event ev = {.kind = kind, .actor = req->account->id, .u.result = r};
	struct result_viewer v = {req->role, req->team};
	struct json_writer w;
	enum err e;

	r->reason = "";
	r->team = req->team >= 0 ? d->game->config->teams[req->team].id : "";
	/* First of all what concerns whoever asks, then the body. */
	if ((e = kill_refuses(d->game, &req->why)) != ERR_OK ||
	    (e = engagement_allows(d->game, req->account->id, &req->why)) != ERR_OK ||
	    (e = result_read_content(req, &r->content)) != ERR_OK ||
	    (e = drill_emit_allowed(d, &ev, &req->why)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	write_result(&w, d, r->id, &v, true);
	return ERR_OK;
}

/*
 * POST /api/v1/results  {"system" | "asset", "department", "attacked_at", "kind", "count"?, "technique", "path",
 * "evidence", "effect"?, "cleaned"?, "cleanup"?, "weakness"?, "attachments"?} -> 201 Result
 */
static enum err
results_post(struct request *req, struct response *out)
{
	struct result_event r = {.id = (int32_t)api_drill(req->api)->game->results->count + 1};

	out->status = 201;
	return emit_content(req, EV_RESULT_SUBMITTED, &r, out);
}

const struct route route_results_post = {
    .method = "POST",
    .path = "/api/v1/results",
    .roles = ROLE_RED,
    .body_max_bytes = 256 * 1024,
    .run = results_post,
};

/* PUT /api/v1/results/{id}  as POST -> 200 Result: a returned one is completed; its first submission stays */
static enum err
result_put(struct request *req, struct response *out)
{
	struct result_event r = {.id = 0};
	const struct result *old;
	enum err e;

	if ((e = request_number(req, "attack result", &r.id)) != ERR_OK)
		return e;
	if ((old = result_find(api_drill(req->api)->game, r.id)) == NULL || old->team != req->team)
		return why_set(&req->why, ERR_NOT_FOUND, "no attack result %d", r.id);
	return emit_content(req, EV_RESULT_RESUBMITTED, &r, out);
}

const struct route route_result_put = {
    .method = "PUT",
    .path = "/api/v1/results/{id}",
    .roles = ROLE_RED,
    .body_max_bytes = 256 * 1024,
    .run = result_put,
};
