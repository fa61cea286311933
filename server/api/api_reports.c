/* Incident reports, read: lists with filters, one with all of it, one filing, what differs between two. */
#include "api/query.h"
#include "api/report_request.h"
#include "api/routes.h"
#include "core/report_document.h"

#include <stdlib.h>
#include <string.h>

/* ---- lists ---- */

/* What a list is narrowed to; -1 or NULL: not. */
struct selection_of_reports {
	int state, stage, level, team;
	const struct incident_class *incident_class;
};

static enum err
read_word(struct request *req, const char *text, const struct terms *terms, int *out)
{
	*out = -1;
	return text == NULL ? ERR_OK : term_want(terms, text, out, &req->why);
}

static enum err
read_class(struct request *req, const char *code, struct selection_of_reports *s)
{
	s->incident_class = code != NULL ? incident_class_find(code) : NULL;
	return code == NULL || s->incident_class != NULL
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "?class= must be a code of GB/T 20986-2023 such as 0107");
}

static enum err
read_department(struct request *req, const char *id, struct selection_of_reports *s)
{
	const struct game *g = api_drill(req->api)->game;

	s->team = id != NULL ? game_team(g, id) : -1;
	return id == NULL || (s->team >= 0 && g->config->teams[s->team].kind == TEAM_BLUE)
		   ? ERR_OK
		   : why_set(
			 &req->why, ERR_INVALID, "?department=: there is no department \"%s\"", id);
}

/* Departments are no filter for judges, who would learn which unit is which. */
static enum err
read_selection(struct request *req, struct query_page *page, struct selection_of_reports *s)
{
	const char *state, *stage, *level, *class_, *department = NULL;
	const struct query_filter all[] = {{"state", &state}, {"stage", &stage}, {"level", &level},
	    {"class", &class_}, {req->role == ROLE_JUDGE ? NULL : "department", &department},
	    {NULL, NULL}};
	enum err e;

	if ((e = query_read(req, all, page)) != ERR_OK ||
	    (e = read_word(req, state, &terms_report_states, &s->state)) != ERR_OK ||
	    (e = read_word(req, stage, &terms_stages, &s->stage)) != ERR_OK ||
	    (e = read_word(req, level, &terms_levels, &s->level)) != ERR_OK ||
	    (e = read_class(req, class_, s)) != ERR_OK)
		return e;
	return read_department(req, department, s);
}

static bool
selected(const struct report_reader *r, const struct selection_of_reports *s, int32_t id)
{
	const struct report_chain *c = report_find(r->g, id);

	if ((s->state >= 0 && (int)report_state_shown(r, id) != s->state) ||
	    (s->team >= 0 && c->team != s->team))
		return false;
	if (s->stage >= 0 && (!report_is_filed(c) || (int)c->stage != s->stage))
		return false;
	if (s->level >= 0 && (!report_is_filed(c) || (int)c->level != s->level))
		return false;
	return s->incident_class == NULL || c->incident_class == s->incident_class;
}

/* GET /api/v1/reports?after=ID&limit=N&state=&stage=&level=&class=&department= -> 200 [ReportHead, ...], by id */
static enum err
reports_get(struct request *req, struct response *out)
{
	const struct report_reader r = report_reader_of(req);
	struct selection_of_reports s;
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = read_selection(req, &page, &s)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < r.g->reports->count && page.limit > 0; i++) {
		const struct report_chain *c = &r.g->reports->chains[i];

		if (!report_shown(&r, c) || !selected(&r, &s, (int32_t)i + 1))
			continue;
		jw_object(&w);
		report_write_head(&w, &r, (int32_t)i + 1);
		jw_object_end(&w);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_reports_get = {
    .method = "GET",
    .path = "/api/v1/reports",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = reports_get,
};

/* ---- one ---- */

/* GET /api/v1/reports/{id} -> 200 Report */
static enum err
report_get(struct request *req, struct response *out)
{
	const struct report_reader r = report_reader_of(req);
	const struct report_chain *c;
	struct json_writer w;
	int32_t id;
	enum err e;

	if ((e = report_of_request(req, &id, &c)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	report_write(&w, &r, id);
	return ERR_OK;
}

const struct route route_report_get = {
    .method = "GET",
    .path = "/api/v1/reports/{id}",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = report_get,
};

static enum err
want_filing(struct request *req, const struct report_chain *c, int64_t n, const char *what)
{
	return n >= 1 && (size_t)n <= c->version_count
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "no filing %s: the report has %zu", what,
			 c->version_count);
}

/* GET /api/v1/reports/{id}/filings/{n} -> 200 Filing with its document */
static enum err
report_filing_get(struct request *req, struct response *out)
{
	const struct report_reader r = report_reader_of(req);
	const char *text = req->param[1];
	const struct report_chain *c;
	struct json_writer w;
	int32_t id;
	int64_t n;
	enum err e;

	if ((e = report_of_request(req, &id, &c)) != ERR_OK)
		return e;
	n = strspn(text, "0123456789") == strlen(text) && strlen(text) < 6 ? atoi(text) : 0;
	if ((e = want_filing(req, c, n, text)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	report_write_version(&w, &r, c, (size_t)n);
	return ERR_OK;
}

const struct route route_report_filing_get = {
    .method = "GET",
    .path = "/api/v1/reports/{id}/filings/{n}",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = report_filing_get,
};

/* ---- what differs ---- */

static void
write_difference(struct json_writer *w, const struct report_reader *r,
    const struct report_version *from, const struct report_version *to)
{
	struct document_view view = {r->role != ROLE_JUDGE, r->offset_minutes};
	struct json_t *before = report_document(from->text), *after = report_document(to->text);

	document_diff(report_fields, before, after, &view, w);
	jr_free(before);
	jr_free(after);
}

/* GET /api/v1/reports/{id}/difference?from=N&to=M -> 200 {"from", "to", "changes": [{"path","before","after"}]} */
static enum err
report_difference_get(struct request *req, struct response *out)
{
	static const char *const names[] = {"from", "to", NULL};
	const struct report_reader r = report_reader_of(req);
	const struct report_chain *c;
	struct json_writer w;
	int32_t id, from, to;
	enum err e;

	if ((e = report_of_request(req, &id, &c)) != ERR_OK)
		return e;
	to = (int32_t)c->version_count;
	from = to > 1 ? to - 1 : 1;
	if ((e = request_numbers(
		 req, names, (int32_t *const[]){&from, &to}, REPORT_VERSIONS_MAX)) != ERR_OK ||
	    (e = want_filing(req, c, from, "?from=")) != ERR_OK ||
	    (e = want_filing(req, c, to, "?to=")) != ERR_OK)
		return e;
	response_object(out, &w);
	jw_kv_int(&w, "from", from);
	jw_kv_int(&w, "to", to);
	jw_key(&w, "changes");
	write_difference(&w, &r, &c->versions[from - 1], &c->versions[to - 1]);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_report_difference_get = {
    .method = "GET",
    .path = "/api/v1/reports/{id}/difference",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = report_difference_get,
};
