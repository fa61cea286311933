/* An incident's emergency plans at work: activated by its report, steps ticked off or left out. */
#include "api/plan_view.h"
#include "api/report_request.h"
#include "api/routes.h"
#include "base/rfc3339.h"
#include "base/time.h"

#include <string.h>

static void
write_run(struct json_writer *w, struct request *req, const struct plan_run *run)
{
	const struct report_reader r = report_reader_of(req);

	jw_object(w);
	plan_write_run(w, &r, run, drill_now_ms(api_drill(req->api)));
	jw_object_end(w);
}

static enum err
emit(struct request *req, enum event_kind kind, struct plan_event *p)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.plan = p};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

static void
answer(struct request *req, struct response *out, const struct plan_event *p)
{
	struct json_writer w;

	jw_begin(&w, &out->body);
	write_run(&w, req, plan_run_find(api_drill(req->api)->game, p->report, p->threat));
}

/* GET /api/v1/reports/{id}/plans -> 200 [PlanAtWork, ...], in order of activation */
static enum err
report_plans_get(struct request *req, struct response *out)
{
	const struct plans *all = api_drill(req->api)->game->plans;
	const struct report_chain *c;
	struct json_writer w;
	int32_t id;
	enum err e;

	if ((e = report_of_request(req, &id, &c)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = 0; i < all->run_count; i++)
		if (all->runs[i].report == id)
			write_run(&w, req, &all->runs[i]);
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_report_plans_get = {
    .method = "GET",
    .path = "/api/v1/reports/{id}/plans",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = report_plans_get,
};

/* ---- activating ---- */

/* The body's threat, or the one whose plan is for the class that the report names. */
static enum err
read_threat(struct request *req, const struct json_t *body, const struct report_chain *c,
    const struct plan **campus)
{
	const char *threat;
	enum err e;

	if (jr_get(body, "threat") != NULL) {
		if ((e = jr_want_str(body, "threat", ID_MAX_BYTES, &threat, &req->why)) != ERR_OK)
			return e;
		*campus = plan_default(threat);
		if (*campus != NULL)
			return ERR_OK;
		(void)!plan_no_default(threat, &req->why);
		return ERR_INVALID;
	}
	*campus = c->incident_class != NULL ? plan_for_class(c->incident_class->code) : NULL;
	return *campus != NULL ? ERR_OK
			       : why_set(&req->why, ERR_INVALID,
				     "no plan is for the report's class; name a \"threat\"");
}

/* POST /api/v1/reports/{id}/plans  {"threat"?} -> 201 PlanAtWork: the department's own version, or the campus's */
static enum err
report_plans_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"threat", NULL};
	const struct game *g = api_drill(req->api)->game;
	struct plan_event p = {
	    .team = "", .steps = "", .step = "", .text = "", .who = "", .reason = ""};
	const struct report_chain *c;
	const struct json_t *body;
	const struct plan *campus;
	enum err e;

	if ((e = report_of_request(req, &p.report, &c)) != ERR_OK ||
	    (e = request_object(req, "\"threat\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_threat(req, body, c, &campus)) != ERR_OK)
		return e;
	p.threat = campus->id;
	p.version = plan_in_force(plan_own_find(g, c->team, campus->id));
	if (p.version == 0 && (e = plan_carry(campus, req->x->arena, &p, &req->why)) != ERR_OK)
		return e;
	if ((e = emit(req, EV_PLAN_ACTIVATED, &p)) != ERR_OK)
		return e;
	out->status = 201;
	answer(req, out, &p);
	return ERR_OK;
}

const struct route route_report_plans_post = {
    .method = "POST",
    .path = "/api/v1/reports/{id}/plans",
    .roles = ROLE_BLUE,
    .body_max_bytes = 4096,
    .run = report_plans_post,
};

/* ---- steps ---- */

static enum err
read_at(struct request *req, const struct json_t *body, int64_t *out)
{
	const struct drill *d = api_drill(req->api);
	const struct json_t *j = jr_get(body, "at");
	const char *text = jr_string(j, NULL);

	if (j == NULL) {
		*out = d->options.wall_ms(d->options.ctx);
		return ERR_OK;
	}
	return text != NULL && rfc3339_parse(text, out, NULL) && *out > 0
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "\"at\" must be a time such as 2027-06-20T17:30:00+08:00");
}

static enum err
read_step(struct request *req, const char *members, const char *const *keys, struct plan_event *p,
    const struct json_t **body)
{
	const struct report_chain *c;
	enum err e;

	*p = (struct plan_event){.team = "", .steps = "", .text = "", .who = "", .reason = ""};
	if ((e = report_of_request(req, &p->report, &c)) != ERR_OK ||
	    (e = request_object(req, members, body)) != ERR_OK ||
	    (e = jr_only_keys(*body, keys, &req->why)) != ERR_OK)
		return e;
	p->threat = req->param[1];
	return jr_want_str(*body, "step", ID_MAX_BYTES, &p->step, &req->why);
}

/* POST /api/v1/reports/{id}/plans/{threat}/tick  {"step", "at"?, "who"?} -> 200 PlanAtWork */
static enum err
plan_tick_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"at", "step", "who", NULL};
	const struct json_t *body;
	struct plan_event p;
	enum err e;

	if ((e = read_step(req, "\"step\", \"at\", \"who\"", keys, &p, &body)) != ERR_OK ||
	    (e = read_at(req, body, &p.done_ms)) != ERR_OK)
		return e;
	if (jr_get(body, "who") != NULL &&
	    ((e = jr_want_text(body, "who", PLAN_WHO_MAX_BYTES, &p.who, &req->why)) != ERR_OK ||
		(e = request_check_text(req, "who", p.who, TEXT_LINE)) != ERR_OK))
		return e;
	if ((e = emit(req, EV_PLAN_STEP_TICKED, &p)) != ERR_OK)
		return e;
	answer(req, out, &p);
	return ERR_OK;
}

const struct route route_plan_tick_post = {
    .method = "POST",
    .path = "/api/v1/reports/{id}/plans/{threat}/tick",
    .roles = ROLE_BLUE,
    .body_max_bytes = 4096,
    .run = plan_tick_post,
};

/* POST /api/v1/reports/{id}/plans/{threat}/skip  {"step", "reason"} -> 200 PlanAtWork */
static enum err
plan_skip_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"reason", "step", NULL};
	const struct json_t *body;
	struct plan_event p;
	enum err e;

	if ((e = read_step(req, "\"step\", \"reason\"", keys, &p, &body)) != ERR_OK ||
	    (e = request_reason(req, body, &p.reason)) != ERR_OK ||
	    (e = emit(req, EV_PLAN_STEP_SKIPPED, &p)) != ERR_OK)
		return e;
	answer(req, out, &p);
	return ERR_OK;
}

const struct route route_plan_skip_post = {
    .method = "POST",
    .path = "/api/v1/reports/{id}/plans/{threat}/skip",
    .roles = ROLE_BLUE,
    .body_max_bytes = 4096,
    .run = plan_skip_post,
};
