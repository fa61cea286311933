/* Injects: the list and each one, new plans and changed ones, the direction's hand, the planned against what happened. */
#include "api/inject_read.h"
#include "api/inject_write.h"
#include "api/query.h"
#include "api/routes.h"

#include <string.h>

#define PLAN_ROWS_MAX 5000 /* departments on a page of the plan: more would hold up the loop */

/* ---- reading ---- */

/* Staff sees all; a department what was delivered to it, so that another's is as if it were not there. */
static bool
may_see(const struct request *req, const struct inject *in)
{
	return (req->role & ROLE_STAFF) || inject_reached(in, req->team);
}

static void
write_inject(struct json_writer *w, const struct request *req, const struct inject *in, bool whole)
{
	int offset = api_drill(req->api)->offset_minutes;

	jw_object(w);
	if (req->role & ROLE_STAFF)
		inject_write_staff(w, in, req->role, whole, offset);
	else
		inject_write_own(
		    w, api_drill(req->api)->game, in, inject_part(in, req->team), whole, offset);
	jw_object_end(w);
}

struct filters {
	const char *state, *phase, *common, *controller, *evaluator;
	enum inject_stage stage; /* of state */
	int term;                /* of phase */
};

static enum err
read_filters(struct request *req, struct filters *f, struct query_page *page)
{
	const struct query_filter names[] = {{"state", &f->state}, {"phase", &f->phase},
	    {"common", &f->common}, {"controller", &f->controller}, {"evaluator", &f->evaluator},
	    {NULL, NULL}};
	enum err e = query_read(req, names, page);

	if (e != ERR_OK)
		return e;
	if (f->state != NULL && !inject_stage_parse(f->state, &f->stage))
		return why_set(&req->why, ERR_INVALID, "?state= must be a state such as delivered");
	if (f->phase != NULL && (e = term_want(&terms_phases, f->phase, &f->term, &req->why)))
		return e;
	if (f->common != NULL && strcmp(f->common, "true") != 0 && strcmp(f->common, "false") != 0)
		return why_set(&req->why, ERR_INVALID, "?common= must be true or false");
	return !(req->role & ROLE_STAFF) && (f->phase || f->controller || f->evaluator)
		   ? why_set(&req->why, ERR_INVALID, "?state= and ?common= alone are there for you")
		   : ERR_OK;
}

static bool
is_wanted(const struct request *req, const struct filters *f, const struct inject *in)
{
	const struct inject_plan *p = &in->plan;
	enum inject_stage stage = (req->role & ROLE_STAFF)
				      ? inject_stage(in)
				      : inject_part_stage(in, inject_part(in, req->team));

	return (f->state == NULL || stage == f->stage) &&
	       (f->phase == NULL || p->phase == f->term) &&
	       (f->common == NULL || p->common == (f->common[0] == 't')) &&
	       (f->controller == NULL || strcmp(p->controller, f->controller) == 0) &&
	       (f->evaluator == NULL || strcmp(p->evaluator, f->evaluator) == 0);
}

/* GET /api/v1/injects?after=ID&limit=N&state=... -> 200 [Inject, ...]: those for whoever asks, without long texts */
static enum err
injects_get(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	struct filters f = {.state = NULL};
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = read_filters(req, &f, &page)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < g->injects->count && page.limit > 0; i++) {
		const struct inject *in = g->injects->items[i];

		if (!may_see(req, in) || !is_wanted(req, &f, in))
			continue;
		write_inject(&w, req, in, false);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_injects_get = {
    .method = "GET",
    .path = "/api/v1/injects",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = injects_get,
};

/* ERR_NOT_FOUND alike for what is not there and for what is not for whoever asks. */
static enum err
find(struct request *req, const struct inject **out)
{
	int32_t id;
	enum err e = request_number(req, "inject", &id);

	if (e != ERR_OK)
		return e;
	*out = inject_find(api_drill(req->api)->game, id);
	return *out != NULL && may_see(req, *out)
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "no inject %d", id);
}

/* GET /api/v1/injects/{id} -> 200 Inject, with its texts */
static enum err
inject_get(struct request *req, struct response *out)
{
	const struct inject *in;
	struct json_writer w;
	enum err e = find(req, &in);

	if (e != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	write_inject(&w, req, in, true);
	return ERR_OK;
}

const struct route route_inject_get = {
    .method = "GET",
    .path = "/api/v1/injects/{id}",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = inject_get,
};

/* GET /api/v1/injects/plan?after=ID&limit=N -> 200 [Course, ...]: when each was to come, and what came of it */
static enum err
injects_plan_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	const struct injects *all = d->game->injects;
	struct query_page page;
	struct json_writer w;
	size_t rows = 0;
	enum err e;

	if ((e = query_read(req, NULL, &page)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after;
	     i < all->count && rows < PLAN_ROWS_MAX && page.limit-- > 0; i++) {
		rows += (req->role & ROLE_NAMES) ? all->items[i]->part_count : 0;
		jw_object(&w);
		inject_write_course(&w, d->game, all->items[i], req->role, d->offset_minutes);
		jw_object_end(&w);
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_injects_plan_get = {
    .method = "GET",
    .path = "/api/v1/injects/plan",
    .roles = ROLE_STAFF,
    .run = injects_plan_get,
};

/* ---- planning ---- */

static enum err
emit(struct request *req, enum event_kind kind, struct inject_event *made)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.inject = made};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

/* A new one (id 0), or a new plan for one that has not been delivered: a draft in either case. */
static enum err
draft(struct request *req, struct response *out, int32_t id)
{
	const struct game *g = api_drill(req->api)->game;
	struct inject_event made = {.teams = "", .team = "", .text = "", .reason = ""};
	struct inject_plan plan;
	struct json_writer w;
	enum err e = inject_read_plan(req, &plan);

	if (e != ERR_OK)
		return e;
	made.id = id != 0 ? id : (int32_t)g->injects->count + 1;
	made.plan = &plan;
	if ((e = emit(req, EV_INJECT_DRAFTED, &made)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	write_inject(&w, req, inject_find(g, made.id), true);
	return ERR_OK;
}

/* POST /api/v1/injects  {"number", "title", ...} -> 201 Inject, a draft */
static enum err
injects_post(struct request *req, struct response *out)
{
	out->status = 201;
	return draft(req, out, 0);
}

const struct route route_injects_post = {
    .method = "POST",
    .path = "/api/v1/injects",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 512 * 1024,
    .run = injects_post,
};

/* PUT /api/v1/injects/{id}  {"number", "title", ...} -> 200 Inject, a draft again */
static enum err
inject_put(struct request *req, struct response *out)
{
	const struct inject *in;
	enum err e = find(req, &in);

	return e != ERR_OK ? e : draft(req, out, in->id);
}

const struct route route_inject_put = {
    .method = "PUT",
    .path = "/api/v1/injects/{id}",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 512 * 1024,
    .run = inject_put,
};

/* ---- the direction's hand ---- */

static const struct action {
	const char *name;
	enum event_kind kind;
} actions[] = {
    {"approve", EV_INJECT_APPROVED},
    {"schedule", EV_INJECT_SCHEDULED},
    {"hold", EV_INJECT_HELD},
    {"skip", EV_INJECT_SKIPPED},
    {"cancel", EV_INJECT_CANCELLED},
    {"deliver", EV_INJECT_DELIVERED},
    {"close", EV_INJECT_CLOSED},
};

static enum err
read_action(struct request *req, const struct json_t *body, const struct action **out)
{
	const char *name;
	enum err e = jr_want_str(body, "action", 16, &name, &req->why);

	for (size_t i = 0; e == ERR_OK && i < sizeof actions / sizeof actions[0]; i++)
		if (strcmp(actions[i].name, name) == 0) {
			*out = &actions[i];
			return ERR_OK;
		}
	return e != ERR_OK ? e
			   : why_set(&req->why, ERR_INVALID,
				 "no action \"%s\"; there are approve, schedule, hold, skip, "
				 "cancel, deliver, close",
				 name);
}

/* "reason" and "offset_ms", where the action has them. */
static enum err
read_details(
    struct request *req, const struct json_t *body, enum event_kind kind, struct inject_event *made)
{
	bool reasoned =
	    kind == EV_INJECT_HELD || kind == EV_INJECT_SKIPPED || kind == EV_INJECT_CANCELLED;

	made->offset_ms = -1;
	if (reasoned)
		return request_reason(req, body, &made->reason);
	if (jr_get(body, "reason") != NULL)
		return why_set(&req->why, ERR_INVALID, "\"reason\" is for hold, skip and cancel");
	if (jr_get(body, "offset_ms") == NULL)
		return ERR_OK;
	return kind == EV_INJECT_SCHEDULED
		   ? jr_want_int(
			 body, "offset_ms", 0, INJECT_OFFSET_MS_MAX, &made->offset_ms, &req->why)
		   : why_set(&req->why, ERR_INVALID, "\"offset_ms\" is for schedule");
}

/* The departments that it has not reached yet, as the event has them. */
static const char *
teams_left(struct request *req, const struct inject *in)
{
	const struct drill_config *c = api_drill(req->api)->game->config;
	const char *out;
	struct buf text;

	buf_init(&text, ADDRESSEES_MAX_BYTES);
	for (size_t i = 0; i < in->part_count; i++)
		if (in->parts[i].delivered.at_ms == 0)
			buf_printf(
			    &text, "%s%s", text.len > 0 ? "," : "", c->teams[in->parts[i].team].id);
	out = arena_strndup(req->x->arena, text.len > 0 ? text.data : "", text.len);
	buf_free(&text);
	return out;
}

/* POST /api/v1/injects/{id}/actions  {"action", "reason"?, "offset_ms"?} -> 200 Inject */
static enum err
inject_actions_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"action", "offset_ms", "reason", NULL};
	struct inject_event made = {.team = "", .text = "", .reason = ""};
	const struct action *action = NULL;
	const struct json_t *body;
	const struct inject *in;
	struct json_writer w;
	enum err e;

	if ((e = find(req, &in)) != ERR_OK ||
	    (e = request_object(req, "\"action\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_action(req, body, &action)) != ERR_OK ||
	    (e = read_details(req, body, action->kind, &made)) != ERR_OK)
		return e;
	made.id = in->id;
	made.how = INJECT_MANUAL;
	made.teams = teams_left(req, in);
	if ((e = emit(req, action->kind, &made)) != ERR_OK)
		return e;
	drill_turn(api_drill(req->api)); /* what it brings about at once is done at once */
	jw_begin(&w, &out->body);
	write_inject(&w, req, in, true);
	return ERR_OK;
}

const struct route route_inject_actions_post = {
    .method = "POST",
    .path = "/api/v1/injects/{id}/actions",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = inject_actions_post,
};
