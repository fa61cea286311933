/* Answers to injects: departments acknowledge and answer, judges mark by number without a name, comments apart. */
#include "api/inject_read.h"
#include "api/inject_write.h"
#include "api/query.h"
#include "api/routes.h"

#include <string.h>

static enum err
emit(struct request *req, enum event_kind kind, struct inject_event *made)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.inject = made};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

/* ---- a department's hand ---- */

/* The department's own part of what was delivered to it. */
static enum err
find_own(struct request *req, const struct inject **in, const struct inject_part **part)
{
	int32_t id;
	enum err e = request_number(req, "inject", &id);

	if (e != ERR_OK)
		return e;
	*in = inject_find(api_drill(req->api)->game, id);
	if (*in == NULL || !inject_reached(*in, req->team))
		return why_set(&req->why, ERR_NOT_FOUND, "no inject %d", id);
	*part = inject_part(*in, req->team);
	return ERR_OK;
}

static struct inject_event
of_part(const struct request *req, const struct inject *in, const struct inject_part *p)
{
	const struct game *g = api_drill(req->api)->game;

	return (struct inject_event){.id = in->id,
	    .team = g->config->teams[p->team].id,
	    .answer = p->answer != 0 ? p->answer : (int32_t)g->injects->answer_count + 1,
	    .teams = "",
	    .text = "",
	    .reason = ""};
}

static void
write_own(struct response *out, const struct request *req, const struct inject *in)
{
	struct json_writer w;

	response_object(out, &w);
	inject_write_own(&w, api_drill(req->api)->game, in, inject_part(in, req->team), true,
	    api_drill(req->api)->offset_minutes);
	jw_object_end(&w);
}

/* POST /api/v1/injects/{id}/acknowledgement -> 200 Inject */
static enum err
inject_acknowledgement_post(struct request *req, struct response *out)
{
	const struct inject_part *p;
	const struct inject *in;
	struct inject_event made;
	enum err e = find_own(req, &in, &p);

	if (e != ERR_OK)
		return e;
	made = of_part(req, in, p);
	if ((e = emit(req, EV_INJECT_ACKNOWLEDGED, &made)) == ERR_OK)
		write_own(out, req, in);
	return e;
}

const struct route route_inject_acknowledgement_post = {
    .method = "POST",
    .path = "/api/v1/injects/{id}/acknowledgement",
    .roles = ROLE_BLUE,
    .run = inject_acknowledgement_post,
};

/* "version" of the body, or the next one. */
static enum err
read_version(
    struct request *req, const struct json_t *body, const char *key, size_t next, int32_t *out)
{
	int64_t v = (int64_t)next;
	enum err e = jr_get(body, key) == NULL
			 ? ERR_OK
			 : jr_want_int(body, key, 1, INJECT_VERSIONS_MAX, &v, &req->why);

	*out = (int32_t)v;
	return e;
}

/* POST /api/v1/injects/{id}/answers  {"text", "attachments"?, "version"?} -> 201 Inject */
static enum err
inject_answers_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"attachments", "text", "version", NULL};
	const struct inject_part *p;
	const struct json_t *body;
	const struct inject *in;
	struct inject_event made;
	enum err e;

	if ((e = find_own(req, &in, &p)) != ERR_OK)
		return e;
	made = of_part(req, in, p);
	if ((e = request_object(req, "\"text\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = inject_read_text(req, body, "text", INJECT_ANSWER_MAX_BYTES, &made.text)) !=
		ERR_OK ||
	    (e = attachments_want(body, &made.attachments, &req->why)) != ERR_OK ||
	    (e = read_version(req, body, "version", p->answer_count + 1, &made.version)) !=
		ERR_OK ||
	    (e = emit(req, EV_INJECT_RESPONDED, &made)) != ERR_OK)
		return e;
	out->status = 201;
	write_own(out, req, in);
	return ERR_OK;
}

const struct route route_inject_answers_post = {
    .method = "POST",
    .path = "/api/v1/injects/{id}/answers",
    .roles = ROLE_BLUE,
    .body_max_bytes = 128 * 1024,
    .run = inject_answers_post,
};

/* ---- reading, by number ---- */

static void
write_answer(
    struct json_writer *w, const struct request *req, const struct inject_place *at, bool whole)
{
	const struct drill *d = api_drill(req->api);

	jw_object(w);
	inject_write_answer(w, d->game, at, req->role, whole, d->offset_minutes);
	jw_object_end(w);
}

struct filters {
	const char *inject, *state, *evaluator;
	enum inject_stage stage;
};

static enum err
read_filters(struct request *req, struct filters *f, struct query_page *page)
{
	const struct query_filter names[] = {{"inject", &f->inject}, {"state", &f->state},
	    {"evaluator", &f->evaluator}, {NULL, NULL}};
	enum err e = query_read(req, names, page);

	if (e == ERR_OK && f->state != NULL && !inject_stage_parse(f->state, &f->stage))
		e = why_set(&req->why, ERR_INVALID, "?state= must be responded, evaluated, ...");
	return e;
}

static bool
is_wanted(const struct filters *f, const struct inject_place *at)
{
	return (f->inject == NULL || strcmp(f->inject, at->inject->number) == 0) &&
	       (f->state == NULL || inject_part_stage(at->inject, at->part) == f->stage) &&
	       (f->evaluator == NULL || strcmp(f->evaluator, at->inject->plan.evaluator) == 0);
}

/* GET /api/v1/inject-answers?after=ID&limit=N&inject=NUMBER&state=...&evaluator=... -> 200 [Answer, ...] */
static enum err
inject_answers_get(struct request *req, struct response *out)
{
	const struct injects *all = api_drill(req->api)->game->injects;
	struct filters f = {.inject = NULL};
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = read_filters(req, &f, &page)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < all->answer_count && page.limit > 0; i++) {
		if (!is_wanted(&f, &all->answers[i]))
			continue;
		write_answer(&w, req, &all->answers[i], false);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_inject_answers_get = {
    .method = "GET",
    .path = "/api/v1/inject-answers",
    .roles = ROLE_STAFF,
    .run = inject_answers_get,
};

static enum err
find_answer(struct request *req, struct inject_place *out)
{
	int32_t number;
	enum err e = request_number(req, "answer", &number);

	if (e == ERR_OK && !inject_answer_find(api_drill(req->api)->game, number, out))
		e = why_set(&req->why, ERR_NOT_FOUND, "no answer %d", number);
	return e;
}

/* GET /api/v1/inject-answers/{id} -> 200 Answer, with every version, its marks and comments */
static enum err
inject_answer_get(struct request *req, struct response *out)
{
	struct inject_place at;
	struct json_writer w;
	enum err e = find_answer(req, &at);

	if (e != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	write_answer(&w, req, &at, true);
	return ERR_OK;
}

const struct route route_inject_answer_get = {
    .method = "GET",
    .path = "/api/v1/inject-answers/{id}",
    .roles = ROLE_STAFF,
    .run = inject_answer_get,
};

/* ---- marks and comments ---- */

/* {"ITEM": MARKS, ...}: each item of the rubric once, and nothing else. */
static enum err
read_marks(struct request *req, const struct json_t *body, const struct inject *in,
    struct inject_event *made)
{
	const struct inject_plan *p = &in->plan;
	const struct json_t *given = jr_get(body, "marks");
	const char **names = arena_array(req->x->arena, p->item_count + 1, sizeof *names);
	int32_t *marks = arena_array(req->x->arena, p->item_count + 1, sizeof *marks);
	enum err e;

	if (!jr_is_object(given))
		return why_set(
		    &req->why, ERR_INVALID, "\"marks\" must be {\"ITEM\": MARKS} by rubric item");
	for (size_t i = 0; i < p->item_count; i++)
		names[i] = p->items[i].id;
	if ((e = jr_only_keys(given, names, &req->why)) != ERR_OK)
		return e;
	for (size_t i = 0; i < p->item_count; i++) {
		int64_t v;

		if ((e = jr_want_int(given, names[i], 0, p->items[i].marks, &v, &req->why)) !=
		    ERR_OK)
			return e;
		marks[i] = (int32_t)v;
	}
	made->marks = marks;
	made->mark_count = p->item_count;
	return ERR_OK;
}

static enum err
read_again(struct request *req, const struct json_t *body, const char **out)
{
	*out = "";
	return jr_get(body, "reason") == NULL ? ERR_OK : request_reason(req, body, out);
}

/* POST /api/v1/inject-answers/{id}/evaluations  {"marks", "of", "version"?, "reason"?} -> 201 Answer */
static enum err
inject_evaluations_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"marks", "of", "reason", "version", NULL};
	const struct json_t *body;
	struct inject_event made;
	struct inject_place at;
	struct json_writer w;
	int64_t of;
	enum err e;

	if ((e = find_answer(req, &at)) != ERR_OK)
		return e;
	made = of_part(req, at.inject, at.part);
	if ((e = request_object(req, "\"marks\", \"of\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_marks(req, body, at.inject, &made)) != ERR_OK ||
	    (e = jr_want_int(body, "of", 1, INJECT_VERSIONS_MAX, &of, &req->why)) != ERR_OK ||
	    (e = read_version(req, body, "version", at.part->marks_count + 1, &made.version)) !=
		ERR_OK ||
	    (e = read_again(req, body, &made.reason)) != ERR_OK)
		return e;
	made.of = (int32_t)of;
	if ((e = emit(req, EV_INJECT_EVALUATED, &made)) != ERR_OK)
		return e;
	drill_turn(api_drill(req->api)); /* others may wait for what came of it */
	out->status = 201;
	jw_begin(&w, &out->body);
	write_answer(&w, req, &at, true);
	return ERR_OK;
}

const struct route route_inject_evaluations_post = {
    .method = "POST",
    .path = "/api/v1/inject-answers/{id}/evaluations",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 16 * 1024,
    .run = inject_evaluations_post,
};

/* POST /api/v1/inject-answers/{id}/comments  {"text"} -> 201 Answer */
static enum err
inject_comments_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"text", NULL};
	const struct json_t *body;
	struct inject_event made;
	struct inject_place at;
	struct json_writer w;
	enum err e;

	if ((e = find_answer(req, &at)) != ERR_OK)
		return e;
	made = of_part(req, at.inject, at.part);
	if ((e = request_object(req, "\"text\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = inject_read_text(req, body, "text", INJECT_COMMENT_MAX_BYTES, &made.text)) !=
		ERR_OK ||
	    (e = emit(req, EV_INJECT_COMMENTED, &made)) != ERR_OK)
		return e;
	out->status = 201;
	jw_begin(&w, &out->body);
	write_answer(&w, req, &at, true);
	return ERR_OK;
}

const struct route route_inject_comments_post = {
    .method = "POST",
    .path = "/api/v1/inject-answers/{id}/comments",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 32 * 1024,
    .run = inject_comments_post,
};
