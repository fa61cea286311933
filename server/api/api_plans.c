/* Emergency plans: the campus's defaults and departments' own versions. */
#include "api/plan_view.h"
#include "api/query.h"
#include "api/report_request.h"
#include "api/routes.h"

#include <stdlib.h>
#include <string.h>

#define ROLE_PLAN_ALL (ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN)

/* ---- lists ---- */

static void
write_item(struct json_writer *w, const struct report_reader *r, const struct plan_pick *pick)
{
	jw_object(w);
	plan_write_head(w, r, pick);
	jw_object_end(w);
}

/* For its department "in force" is about itself, for the others about the campus. */
static void
write_defaults(struct json_writer *w, const struct report_reader *r)
{
	size_t count;
	const struct plan *plans = plan_defaults(&count);

	for (size_t i = 0; i < count; i++)
		write_item(w, r,
		    &(struct plan_pick){-1,
			r->role == ROLE_BLUE ? plan_own_find(r->g, r->team, plans[i].id) : NULL, 0,
			&plans[i]});
}

/* The latest version of each, withdrawn or not. */
static void
write_own(struct json_writer *w, const struct report_reader *r, int team)
{
	const struct plan_team *t = &r->g->plans->teams[team];

	for (size_t i = 0; i < t->own_count; i++) {
		const struct plan_own *own = &t->own[i];

		write_item(w, r,
		    &(struct plan_pick){team, own, (int32_t)own->version_count,
			&own->versions[own->version_count - 1].kept->plan});
	}
}

/* GET /api/v1/plans -> 200 [PlanHead, ...]: the campus's, and one's own; direction and leaders: all; judges: the campus's */
static enum err
plans_get(struct request *req, struct response *out)
{
	const struct report_reader r = report_reader_of(req);
	struct json_writer w;

	jw_begin(&w, &out->body);
	jw_array(&w);
	write_defaults(&w, &r);
	for (int team = 0; team < (int)r.g->plans->team_count; team++)
		if ((r.role & ROLE_PLAN_ALL) || (r.role == ROLE_BLUE && r.team == team))
			write_own(&w, &r, team);
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_plans_get = {
    .method = "GET",
    .path = "/api/v1/plans",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = plans_get,
};

/* ---- one ---- */

/* The path's threat, for which the campus has a plan. */
static enum err
threat_of(struct request *req, const struct plan **campus)
{
	*campus = plan_default(req->param[0]);
	return *campus != NULL ? ERR_OK : plan_no_default(req->param[0], &req->why);
}

/* Whose plan is asked for: -1 the campus's. */
static enum err
read_department(struct request *req, const char *id, int *team)
{
	const struct game *g = api_drill(req->api)->game;

	*team = req->role == ROLE_BLUE ? req->team : -1;
	if (id == NULL)
		return ERR_OK;
	*team = game_team(g, id);
	return *team >= 0 && g->config->teams[*team].kind == TEAM_BLUE
		   ? ERR_OK
		   : why_set(
			 &req->why, ERR_INVALID, "?department=: there is no department \"%s\"", id);
}

/* ?version=N of it, 0 the campus's; without it the one in force. */
static enum err
read_version(struct request *req, const char *text, struct plan_pick *pick)
{
	size_t last = pick->own != NULL ? pick->own->version_count : 0;
	size_t version = (size_t)plan_in_force(pick->own);

	if (text != NULL) {
		if (strspn(text, "0123456789") != strlen(text) || strlen(text) - 1 > 5)
			return why_set(&req->why, ERR_INVALID, "?version= must be a number");
		version = (size_t)atoi(text);
	}
	if (version > last)
		return why_set(
		    &req->why, ERR_NOT_FOUND, "no version %zu: the last one is %zu", version, last);
	pick->version = (int32_t)version;
	if (version > 0)
		pick->plan = &pick->own->versions[version - 1].kept->plan;
	return ERR_OK;
}

/* Judges, who would learn which unit has which plan, read the campus's alone. */
static enum err
pick_plan(struct request *req, struct plan_pick *pick)
{
	const struct game *g = api_drill(req->api)->game;
	const char *department = NULL, *version = NULL;
	const struct query_filter all[] = {
	    {"version", &version},
	    {req->role & ROLE_PLAN_ALL ? "department" : NULL, &department},
	    {NULL, NULL},
	};
	struct query_page page;
	enum err e;

	*pick = (struct plan_pick){.team = -1};
	if ((e = threat_of(req, &pick->plan)) != ERR_OK ||
	    (e = query_read(req, all, &page)) != ERR_OK ||
	    (e = read_department(req, department, &pick->team)) != ERR_OK)
		return e;
	if (pick->team >= 0)
		pick->own = plan_own_find(g, pick->team, pick->plan->id);
	return read_version(req, version, pick);
}

/* GET /api/v1/plans/{threat}?version=N&department=ID -> 200 Plan: the one in force unless a version is named */
static enum err
plan_get(struct request *req, struct response *out)
{
	const struct report_reader r = report_reader_of(req);
	struct plan_pick pick;
	struct json_writer w;
	enum err e;

	if ((e = pick_plan(req, &pick)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	plan_write(&w, &r, &pick);
	return ERR_OK;
}

const struct route route_plan_get = {
    .method = "GET",
    .path = "/api/v1/plans/{threat}",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = plan_get,
};

/* ---- a department's own ---- */

static enum err
emit(struct request *req, enum event_kind kind, struct plan_event *p)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.plan = p};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

static enum err
read_plan(struct request *req, const struct json_t *body, struct plan_event *p)
{
	struct plan plan;
	enum err e = plan_parse(body, req->x->arena, &plan, &req->why);

	return e != ERR_OK ? e : plan_carry(&plan, req->x->arena, p, &req->why);
}

/* PUT /api/v1/plans/{threat}?version=N  Plan -> 200 Plan: the next version; N: the last one that its writer has read */
static enum err
plan_put(struct request *req, struct response *out)
{
	static const char *const names[] = {"version", NULL};
	const struct report_reader r = report_reader_of(req);
	struct plan_event p = {.step = "", .who = "", .reason = ""};
	const struct plan_own *own;
	const struct json_t *body;
	const struct plan *campus;
	struct json_writer w;
	int32_t last;
	enum err e;

	if ((e = threat_of(req, &campus)) != ERR_OK)
		return e;
	own = plan_own_find(r.g, r.team, campus->id);
	last = own != NULL ? (int32_t)own->version_count : 0;
	if ((e = request_numbers(req, names, (int32_t *const[]){&last}, PLAN_VERSIONS_MAX)) !=
		ERR_OK ||
	    (e = request_object(
		 req, "\"id\", \"name\", \"summary\", \"classes\", \"steps\"", &body)) != ERR_OK ||
	    (e = read_plan(req, body, &p)) != ERR_OK)
		return e;
	p.team = r.g->config->teams[r.team].id;
	p.threat = campus->id;
	p.version = last + 1;
	if ((e = emit(req, EV_PLAN_ADOPTED, &p)) != ERR_OK)
		return e;
	own = plan_own_find(r.g, r.team, campus->id);
	jw_begin(&w, &out->body);
	plan_write(&w, &r,
	    &(struct plan_pick){r.team, own, p.version, &own->versions[p.version - 1].kept->plan});
	return ERR_OK;
}

const struct route route_plan_put = {
    .method = "PUT",
    .path = "/api/v1/plans/{threat}",
    .roles = ROLE_BLUE,
    .body_max_bytes = 256 * 1024,
    .run = plan_put,
};

/* DELETE /api/v1/plans/{threat}  {"reason"} -> 204: the campus's default is in force again */
static enum err
plan_delete(struct request *req, struct response *out)
{
	static const char *const keys[] = {"reason", NULL};
	const struct report_reader r = report_reader_of(req);
	struct plan_event p = {.steps = "", .step = "", .text = "", .who = ""};
	const struct json_t *body;
	const struct plan *campus;
	enum err e;

	if ((e = threat_of(req, &campus)) != ERR_OK ||
	    (e = request_object(req, "\"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = request_reason(req, body, &p.reason)) != ERR_OK)
		return e;
	p.team = r.g->config->teams[r.team].id;
	p.threat = campus->id;
	p.version = plan_in_force(plan_own_find(r.g, r.team, campus->id));
	out->status = 204;
	return emit(req, EV_PLAN_WITHDRAWN, &p);
}

const struct route route_plan_delete = {
    .method = "DELETE",
    .path = "/api/v1/plans/{threat}",
    .roles = ROLE_BLUE,
    .body_max_bytes = 4096,
    .run = plan_delete,
};
