/* Judging, done: accepted, marked, judges named, rejected, released, made final, archived. */
#include "api/judging_request.h"
#include "api/routes.h"

#include <math.h>
#include <string.h>

static struct judging_event
blank(void)
{
	return (struct judging_event){.judges = "", .judge = "", .instead = "", .reason = ""};
}

static enum err
emit(struct request *req, enum event_kind kind, struct judging_event *j)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.judging = j};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

/* Actions of the direction that say nothing but which report. */
static enum err
move(struct request *req, struct response *out, enum event_kind kind)
{
	struct judging_event j = blank();
	enum err e;

	if ((e = request_number(req, "report", &j.id)) != ERR_OK ||
	    (e = emit(req, kind, &j)) != ERR_OK)
		return e;
	judging_answer(req, out, j.id);
	return ERR_OK;
}

static enum err
read_without_final(struct request *req, struct judging_event *j)
{
	static const char *const keys[] = {"reason", "without_final", NULL};
	const struct json_t *body;
	enum err e;

	if ((e = request_object(req, "\"without_final\", \"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = request_bool(req, body, "without_final", &j->without_final)) != ERR_OK)
		return e;
	if (j->without_final)
		return request_reason_said(req, body, &j->reason);
	return jr_get(body, "reason") == NULL
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "\"reason\" says why it is accepted with \"without_final\": true");
}

/* POST /api/v1/judging/{id}/triage  nothing, or {"without_final", "reason"} -> 200 Judging: its judges are drawn at once */
static enum err
judging_triage_post(struct request *req, struct response *out)
{
	struct judging_event j = blank();
	enum err e;

	if ((e = request_number(req, "report", &j.id)) != ERR_OK ||
	    (req->x->body_len > 0 && (e = read_without_final(req, &j)) != ERR_OK) ||
	    (e = emit(req, EV_JUDGING_TRIAGED, &j)) != ERR_OK)
		return e;
	judging_answer(req, out, j.id);
	return ERR_OK;
}

const struct route route_judging_triage_post = {
    .method = "POST",
    .path = "/api/v1/judging/{id}/triage",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = judging_triage_post,
};

/* POST /api/v1/judging/{id}/final -> 200 Judging */
static enum err
judging_final_post(struct request *req, struct response *out)
{
	return move(req, out, EV_JUDGING_FINISHED);
}

const struct route route_judging_final_post = {
    .method = "POST",
    .path = "/api/v1/judging/{id}/final",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 1024,
    .run = judging_final_post,
};

/* POST /api/v1/judging/{id}/archive -> 200 Judging */
static enum err
judging_archive_post(struct request *req, struct response *out)
{
	return move(req, out, EV_JUDGING_ARCHIVED);
}

const struct route route_judging_archive_post = {
    .method = "POST",
    .path = "/api/v1/judging/{id}/archive",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 1024,
    .run = judging_archive_post,
};

/* POST /api/v1/judging/{id}/reject  {"reason"} -> 200 Judging: it is no report of an incident */
static enum err
judging_reject_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"reason", NULL};
	struct judging_event j = blank();
	const struct json_t *body;
	enum err e;

	if ((e = request_number(req, "report", &j.id)) != ERR_OK ||
	    (e = request_object(req, "\"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = request_reason_said(req, body, &j.reason)) != ERR_OK ||
	    (e = emit(req, EV_JUDGING_REJECTED, &j)) != ERR_OK)
		return e;
	judging_answer(req, out, j.id);
	return ERR_OK;
}

const struct route route_judging_reject_post = {
    .method = "POST",
    .path = "/api/v1/judging/{id}/reject",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = judging_reject_post,
};

/* ---- judges ---- */

static int32_t
round_of(const struct game *g, int32_t id)
{
	const struct report_chain *report = report_find(g, id);

	return report != NULL && report->state == REPORT_APPEALED ? 2 : 1;
}

/* POST /api/v1/judging/{id}/judges  {"judge", "instead"?, "reason"} -> 200 Judging */
static enum err
judging_judges_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"instead", "judge", "reason", NULL};
	struct judging_event j = blank();
	const struct json_t *body;
	enum err e;

	if ((e = request_number(req, "report", &j.id)) != ERR_OK ||
	    (e = request_object(req, "\"judge\", \"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "judge", ID_MAX_BYTES, &j.judge, &req->why)) != ERR_OK ||
	    (e = request_reason_said(req, body, &j.reason)) != ERR_OK)
		return e;
	if (jr_get(body, "instead") != NULL &&
	    (e = jr_want_str(body, "instead", ID_MAX_BYTES, &j.instead, &req->why)) != ERR_OK)
		return e;
	j.round = round_of(api_drill(req->api)->game, j.id);
	if ((e = emit(req, EV_JUDGING_NAMED, &j)) != ERR_OK)
		return e;
	judging_answer(req, out, j.id);
	return ERR_OK;
}

const struct route route_judging_judges_post = {
    .method = "POST",
    .path = "/api/v1/judging/{id}/judges",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = judging_judges_post,
};

/* ---- marks ---- */

static enum err
wrong_item(struct request *req, const struct rubric *rubric, const char *key)
{
	for (size_t i = 0; i < rubric->count; i++)
		if (strcmp(rubric->items[i].id, key) == 0)
			return why_set(&req->why, ERR_INVALID,
			    "\"marks\": \"%s\" is measured; the server marks it", key);
	return why_set(&req->why, ERR_INVALID,
	    "\"marks\": there is no \"%.64s\" in the rubric (GET /api/v1/rubric)", key);
}

struct marking {
	struct request *req;
	const struct rubric *rubric;
};

static enum err
check_key(void *ctx, const char *key, const struct json_t *value)
{
	const struct marking *m = ctx;

	(void)value;
	for (size_t i = 0; i < m->rubric->count; i++)
		if (strcmp(m->rubric->items[i].id, key) == 0 &&
		    m->rubric->items[i].measure == RUBRIC_JUDGED)
			return ERR_OK;
	return wrong_item(m->req, m->rubric, key);
}

static enum err
read_mark(struct request *req, const struct json_t *marks, const struct rubric_item *item,
    int32_t *halves)
{
	const struct json_t *j = jr_get(marks, item->id);
	double v = jr_number(j, -1);

	if (j == NULL)
		return why_set(&req->why, ERR_INVALID,
		    "\"marks\": \"%s\" is missing; every item is marked, at once", item->id);
	if (!(v >= 0 && v <= item->marks) || v * 2 != floor(v * 2))
		return why_set(&req->why, ERR_INVALID,
		    "\"marks\": \"%s\" has 0 to %d marks, in steps of 0.5", item->id, item->marks);
	*halves = (int32_t)(v * 2);
	return ERR_OK;
}

static enum err
read_marks(struct request *req, const struct json_t *body, int32_t *halves, size_t *count)
{
	const struct rubric *rubric = rubric_of(api_drill(req->api)->game->config);
	struct marking m = {req, rubric};
	const struct json_t *marks = jr_get(body, "marks");
	enum err e;

	if (!jr_is_object(marks))
		return why_set(&req->why, ERR_INVALID,
		    "\"marks\" must be an object: a number for each item that judges mark");
	if ((e = jr_each(marks, check_key, &m)) != ERR_OK)
		return e;
	for (size_t i = 0; i < rubric->count; i++)
		if (rubric->items[i].measure == RUBRIC_JUDGED &&
		    (e = read_mark(req, marks, &rubric->items[i], &halves[(*count)++])) != ERR_OK)
			return e;
	return ERR_OK;
}

/* A first version needs neither version nor reason, later ones both. */
static enum err
read_version(struct request *req, const struct json_t *body, struct judging_event *j)
{
	int64_t version = 1;
	enum err e;

	if (jr_get(body, "version") != NULL &&
	    (e = jr_want_int(body, "version", 1, JUDGING_VERSIONS_MAX, &version, &req->why)) !=
		ERR_OK)
		return e;
	j->version = (int32_t)version;
	if (version > 1)
		return request_reason_said(req, body, &j->reason);
	return jr_get(body, "reason") == NULL
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "\"reason\" is for a revision; say which \"version\" it is");
}

/* POST /api/v1/judging/{id}/marks  {"marks": {ITEM: N, ...}, "version"?, "reason"?} -> 200 Judging */
static enum err
judging_marks_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"marks", "reason", "version", NULL};
	int32_t halves[RUBRIC_ITEMS_MAX];
	struct judging_event j = blank();
	const struct json_t *body;
	enum err e;

	j.halves = halves;
	if ((e = request_number(req, "report", &j.id)) != ERR_OK ||
	    (e = request_object(req, "\"marks\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_marks(req, body, halves, &j.count)) != ERR_OK ||
	    (e = read_version(req, body, &j)) != ERR_OK)
		return e;
	j.round = round_of(api_drill(req->api)->game, j.id);
	if ((e = emit(req, EV_JUDGING_MARKED, &j)) != ERR_OK)
		return e;
	judging_answer(req, out, j.id);
	return ERR_OK;
}

const struct route route_judging_marks_post = {
    .method = "POST",
    .path = "/api/v1/judging/{id}/marks",
    .roles = ROLE_JUDGE,
    .body_max_bytes = 16 * 1024,
    .run = judging_marks_post,
};

/* ---- releasing ---- */

static enum err
read_which(struct request *req, const struct json_t *body, int32_t *out)
{
	const char *word = jr_string(jr_get(body, "report"), NULL);
	int64_t id = 0;
	enum err e = ERR_OK;

	if (word == NULL || strcmp(word, "all") != 0)
		e = jr_want_int(body, "report", 1, REPORT_CHAINS_MAX, &id, &req->why);
	*out = (int32_t)id;
	return e == ERR_OK ? ERR_OK
			   : why_set(&req->why, ERR_INVALID,
				 "\"report\" must be a report's number, or \"all\"");
}

/* POST /api/v1/judging/release  {"report": ID or "all"} -> 204 */
static enum err
judging_release_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"report", NULL};
	struct judging_event j = blank();
	const struct json_t *body;
	enum err e;

	if ((e = request_object(req, "\"report\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_which(req, body, &j.id)) != ERR_OK)
		return e;
	out->status = 204;
	return emit(req, EV_JUDGING_RELEASED, &j);
}

const struct route route_judging_release_post = {
    .method = "POST",
    .path = "/api/v1/judging/release",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 1024,
    .run = judging_release_post,
};
