/* Ground truth: what the red side did held against what departments reported, and the corrections made by hand. */
#include "api/query.h"
#include "api/report_request.h"
#include "api/routes.h"
#include "api/truth_view.h"
#include "base/mem.h"

#include <stdlib.h>

/* ---- the matrix ---- */

/* Of one department. */
struct row {
	uint32_t facts[TRUTH_STATUSES];
	uint32_t false_alarms;
};

static struct row *
count_rows(const struct game *g)
{
	struct row *rows = mem_array(g->config->team_count, sizeof *rows);
	const struct truth *t = truth_now(g);

	for (size_t i = 0; i < g->truths->count; i++)
		if (truth_fact(g, (int32_t)i + 1) != NULL)
			rows[g->truths->facts[i].team].facts[truth_status(g, (int32_t)i + 1)]++;
	for (size_t i = 0; i < g->reports->count; i++) {
		const struct report_chain *c = &g->reports->chains[i];

		if (report_is_filed(c) && c->duplicate_of == 0 && t->first_fact[i] == 0)
			rows[c->team].false_alarms++;
	}
	return rows;
}

/* Departments in the configuration's order, which everybody knows: for judges in the units' order instead. */
static int
nth_team(const struct report_reader *r, size_t n)
{
	int team = 0;

	if (r->role != ROLE_JUDGE)
		return (int)n;
	while ((size_t)team < r->g->config->team_count && r->g->units[team] != (int)n + 1)
		team++;
	return (size_t)team < r->g->config->team_count ? team : -1;
}

static void
write_rows(struct json_writer *w, const struct report_reader *r)
{
	struct row *rows = count_rows(r->g);

	jw_key(w, "departments");
	jw_array(w);
	for (size_t i = 0; i < r->g->config->team_count; i++) {
		int team = nth_team(r, i);
		const struct team_config *t = team >= 0 ? &r->g->config->teams[team] : NULL;

		if (t == NULL || t->kind != TEAM_BLUE || t->nop)
			continue;
		jw_object(w);
		truth_write_whose(w, r, team);
		for (int s = 0; s < TRUTH_STATUSES; s++)
			jw_kv_int(w, term_id(&terms_truth_statuses, s), rows[team].facts[s]);
		jw_kv_int(w, "false_alarms", rows[team].false_alarms);
		jw_object_end(w);
	}
	jw_array_end(w);
	free(rows);
}

struct truth_selection {
	int status, team;
};

static enum err
read_department(struct request *req, const char *id, int *out)
{
	const struct game *g = api_drill(req->api)->game;

	*out = id != NULL ? game_team(g, id) : -1;
	return id == NULL || (*out >= 0 && g->config->teams[*out].kind == TEAM_BLUE)
		   ? ERR_OK
		   : why_set(
			 &req->why, ERR_INVALID, "?department=: there is no department \"%s\"", id);
}

/* Departments are no filter for judges, who would learn which unit is which. */
static enum err
read_selection(struct request *req, struct query_page *page, struct truth_selection *s)
{
	const char *status, *department = NULL;
	const struct query_filter all[] = {{"status", &status},
	    {req->role == ROLE_JUDGE ? NULL : "department", &department}, {NULL, NULL}};
	enum err e;

	*s = (struct truth_selection){-1, -1};
	if ((e = query_read(req, all, page)) != ERR_OK)
		return e;
	if (status != NULL &&
	    (e = term_want(&terms_truth_statuses, status, &s->status, &req->why)) != ERR_OK)
		return e;
	return read_department(req, department, &s->team);
}

static bool
selected(const struct game *g, const struct truth_selection *s, int32_t fact)
{
	const struct truth_fact *f = truth_fact(g, fact);

	return f != NULL && (s->team < 0 || f->team == s->team) &&
	       (s->status < 0 || (int)truth_status(g, fact) == s->status);
}

static void
write_facts(struct json_writer *w, const struct report_reader *r, const struct truth_selection *s,
    struct query_page page)
{
	jw_key(w, "facts");
	jw_array(w);
	for (size_t i = (size_t)page.after; i < r->g->truths->count && page.limit > 0; i++)
		if (selected(r->g, s, (int32_t)i + 1)) {
			truth_write_fact(w, r, (int32_t)i + 1);
			page.limit--;
		}
	jw_array_end(w);
}

/* GET /api/v1/truth?after=FACT&limit=N&status=&department= -> 200 {"window_ms", "departments", "facts"} */
static enum err
truth_get(struct request *req, struct response *out)
{
	const struct report_reader r = report_reader_of(req);
	struct truth_selection s;
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = read_selection(req, &page, &s)) != ERR_OK)
		return e;
	response_object(out, &w);
	jw_kv_int(&w, "window_ms", truth_window_ms(r.g));
	write_rows(&w, &r);
	write_facts(&w, &r, &s, page);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_truth_get = {
    .method = "GET",
    .path = "/api/v1/truth",
    .roles = ROLE_STAFF,
    .run = truth_get,
};

/* ---- of one report ---- */

#define CANDIDATES_MAX 50

/* Facts of the same department that this report does not tell of, latest first: what a pairing by hand may choose. */
static void
write_candidates(struct json_writer *w, const struct report_reader *r, int32_t report)
{
	const struct truth *t = truth_now(r->g);
	int team = report_find(r->g, report)->team, left = CANDIDATES_MAX;

	jw_key(w, "candidates");
	jw_array(w);
	for (size_t i = r->g->truths->count; i-- > 0 && left > 0;) {
		const struct truth_fact *f = truth_fact(r->g, (int32_t)i + 1);

		if (f == NULL || f->team != team || t->report[i] == report)
			continue;
		truth_write_fact(w, r, (int32_t)i + 1);
		left--;
	}
	jw_array_end(w);
}

static void
write_measured(struct json_writer *w, const struct report_reader *r, int32_t report)
{
	const struct rubric *rubric = rubric_of(r->g->config);
	const struct judging_chain *c = judging_find(r->g, report);
	const int32_t *fixed = c != NULL ? c->measured : NULL; /* of a final report */

	jw_key(w, "measured");
	jw_array(w);
	for (size_t i = 0; i < rubric->count; i++) {
		const struct rubric_item *item = &rubric->items[i];

		if (item->measure == RUBRIC_JUDGED)
			continue;
		jw_object(w);
		jw_kv_str(w, "item", item->id);
		jw_kv_real(w, "marks",
		    (fixed != NULL ? fixed[i] : truth_marks_milli(r->g, report, item)) / 1000.0);
		jw_kv_int(w, "of", item->marks);
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* A department is told when nothing is left to gain by it. */
static enum err
may_know(struct request *req, const struct report_chain *c)
{
	const struct game *g = api_drill(req->api)->game;

	if (req->role != ROLE_BLUE || (g->state == DRILL_ENDED && report_is_closed(c)))
		return ERR_OK;
	return why_set(&req->why, ERR_CONFLICT,
	    "what really happened is told after the drill's end, when the report is final");
}

/* GET /api/v1/reports/{id}/truth -> 200 {"report", "false_alarm", "facts", "measured", "candidates"?} */
static enum err
report_truth_get(struct request *req, struct response *out)
{
	const struct report_reader r = report_reader_of(req);
	const struct report_chain *c;
	struct json_writer w;
	int32_t id;
	enum err e;

	if ((e = report_of_request(req, &id, &c)) != ERR_OK || (e = may_know(req, c)) != ERR_OK)
		return e;
	response_object(out, &w);
	jw_kv_int(&w, "report", id);
	jw_kv_bool(&w, "false_alarm", truth_of_report(r.g, id) == 0);
	jw_key(&w, "facts");
	truth_write_facts_of(&w, &r, id);
	write_measured(&w, &r, id);
	if (req->role & ROLE_STAFF)
		write_candidates(&w, &r, id);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_report_truth_get = {
    .method = "GET",
    .path = "/api/v1/reports/{id}/truth",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = report_truth_get,
};

/* ---- corrections by hand ---- */

static enum err
read_fact(struct request *req, const struct json_t *body, struct truth_event *t)
{
	int64_t fact = 0;
	enum err e;

	if ((e = jr_want_int(body, "fact", 1, INT32_MAX, &fact, &req->why)) != ERR_OK)
		return e;
	t->fact = (int32_t)fact;
	return request_reason_said(req, body, &t->reason);
}

static enum err
emit(struct request *req, struct response *out, enum event_kind kind, struct truth_event *t)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.truth = t};
	const struct report_reader r = report_reader_of(req);
	struct json_writer w;
	enum err e = drill_emit_allowed(api_drill(req->api), &ev, &req->why);

	if (e != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	truth_write_fact(&w, &r, t->fact);
	return ERR_OK;
}

/* POST /api/v1/truth/pairs  {"fact", "report": ID or null, "reason"} -> 200 Fact */
static enum err
truth_pairs_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"fact", "reason", "report", NULL};
	struct truth_event t = {0};
	const struct json_t *body;
	int64_t report = 0;
	enum err e;

	if ((e = request_object(req, "\"fact\", \"report\", \"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_fact(req, body, &t)) != ERR_OK)
		return e;
	if (jr_is_null(jr_get(body, "report")))
		return emit(req, out, EV_TRUTH_UNPAIRED, &t);
	if ((e = jr_want_int(body, "report", 1, REPORT_CHAINS_MAX, &report, &req->why)) != ERR_OK)
		return e;
	t.report = (int32_t)report;
	return emit(req, out, EV_TRUTH_PAIRED, &t);
}

const struct route route_truth_pairs_post = {
    .method = "POST",
    .path = "/api/v1/truth/pairs",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = truth_pairs_post,
};

/* POST /api/v1/truth/concealed  {"fact", "concealed": true or false, "reason"} -> 200 Fact */
static enum err
truth_concealed_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"concealed", "fact", "reason", NULL};
	struct truth_event t = {0};
	const struct json_t *body;
	enum err e;

	if ((e = request_object(req, "\"fact\", \"concealed\", \"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_fact(req, body, &t)) != ERR_OK)
		return e;
	if (!jr_is_bool(jr_get(body, "concealed")))
		return why_set(&req->why, ERR_INVALID, "\"concealed\" must be true or false");
	t.concealed = jr_boolean(jr_get(body, "concealed"), false);
	return emit(req, out, EV_TRUTH_CONCEALED, &t);
}

const struct route route_truth_concealed_post = {
    .method = "POST",
    .path = "/api/v1/truth/concealed",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = truth_concealed_post,
};
