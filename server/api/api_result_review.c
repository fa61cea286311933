/* What judges do with attack results: take, return, reject, confirm, void, reopen. */
#include "api/result_read.h"
#include "api/result_view.h"
#include "api/routes.h"

#include <string.h>

static enum err
emit_review(struct request *req, enum event_kind kind, struct result_event *r, struct response *out)
{
	struct drill *d = api_drill(req->api);
	struct event ev = {.kind = kind, .actor = req->account->id, .u.result = r};
	struct result_viewer v = {req->role, req->team};
	struct json_writer w;
	enum err e;

	r->team = "";
	if ((e = drill_emit_allowed(d, &ev, &req->why)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	write_result(&w, d, r->id, &v, true);
	return ERR_OK;
}

static enum err
decide(struct request *req, enum event_kind kind, struct response *out)
{
	struct result_event r = {.id = 0};
	enum err e;

	if ((e = request_number(req, "attack result", &r.id)) != ERR_OK ||
	    (e = request_reason_alone(req, &r.reason)) != ERR_OK)
		return e;
	return emit_review(req, kind, &r, out);
}

/* ---- taking ---- */

/*
 * POST /api/v1/results/{id}/review  {"reason"?} -> 200 Result: under review by whoever asks; from another judge only
 * with a reason
 */
static enum err
result_review_post(struct request *req, struct response *out)
{
	struct result_event r = {.reason = ""};
	const struct result *result;
	enum err e;

	if ((e = request_number(req, "attack result", &r.id)) != ERR_OK ||
	    (req->x->body_len > 0 && (e = request_reason_alone(req, &r.reason)) != ERR_OK))
		return e;
	result = result_find(api_drill(req->api)->game, r.id);
	r.over = result != NULL && result->state == RESULT_UNDER_REVIEW && r.reason[0] != '\0';
	return emit_review(req, EV_RESULT_TAKEN, &r, out);
}

const struct route route_result_review_post = {
    .method = "POST",
    .path = "/api/v1/results/{id}/review",
    .roles = ROLE_JUDGE,
    .body_max_bytes = 4096,
    .run = result_review_post,
};

/* ---- deciding ---- */

/* POST /api/v1/results/{id}/return  {"reason"} -> 200 Result: the team completes it */
static enum err
result_return_post(struct request *req, struct response *out)
{
	return decide(req, EV_RESULT_RETURNED, out);
}

const struct route route_result_return_post = {
    .method = "POST",
    .path = "/api/v1/results/{id}/return",
    .roles = ROLE_JUDGE,
    .body_max_bytes = 4096,
    .run = result_return_post,
};

/* POST /api/v1/results/{id}/reject  {"reason"} -> 200 Result */
static enum err
result_reject_post(struct request *req, struct response *out)
{
	return decide(req, EV_RESULT_REJECTED, out);
}

const struct route route_result_reject_post = {
    .method = "POST",
    .path = "/api/v1/results/{id}/reject",
    .roles = ROLE_JUDGE,
    .body_max_bytes = 4096,
    .run = result_reject_post,
};

/* POST /api/v1/results/{id}/reopen  {"reason"} -> 200 Result: under review again, by whoever asks */
static enum err
result_reopen_post(struct request *req, struct response *out)
{
	return decide(req, EV_RESULT_REOPENED, out);
}

const struct route route_result_reopen_post = {
    .method = "POST",
    .path = "/api/v1/results/{id}/reopen",
    .roles = ROLE_JUDGE,
    .body_max_bytes = 4096,
    .run = result_reopen_post,
};

/*
 * POST /api/v1/results/{id}/confirm  {"kind"?, "count"?, "mlps"?, "unlisted"?, "size"?, "quality"?, "weakness"?,
 * "same_as"?, "reason"?} -> 200 Result
 */
static enum err
result_confirm_post(struct request *req, struct response *out)
{
	struct result_event r = {.id = 0};
	const struct result *result;
	enum err e;

	if ((e = request_number(req, "attack result", &r.id)) != ERR_OK)
		return e;
	if ((result = result_find(api_drill(req->api)->game, r.id)) == NULL)
		return why_set(&req->why, ERR_NOT_FOUND, "no attack result %d", r.id);
	if ((e = result_read_ruling(req, result, &r.ruling, &r.reason)) != ERR_OK)
		return e;
	return emit_review(req, EV_RESULT_CONFIRMED, &r, out);
}

const struct route route_result_confirm_post = {
    .method = "POST",
    .path = "/api/v1/results/{id}/confirm",
    .roles = ROLE_JUDGE,
    .body_max_bytes = 8192,
    .run = result_confirm_post,
};

static enum err
read_void(struct request *req, struct result_event *r)
{
	static const char *const keys[] = {"cause", "reason", NULL};
	const struct json_t *body;
	const char *cause;
	enum err e;

	if ((e = request_object(req, "\"cause\", \"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "cause", 40, &cause, &req->why)) != ERR_OK ||
	    (e = request_reason(req, body, &r->reason)) != ERR_OK)
		return e;
	r->penalty = RESULT_PENALTY;
	return result_void_parse(cause, &r->cause)
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "\"cause\" must be \"out_of_scope\" or \"destruction\"");
}

/* POST /api/v1/results/{id}/void  {"cause": "out_of_scope" | "destruction", "reason"} -> 200 Result: with a penalty */
static enum err
result_void_post(struct request *req, struct response *out)
{
	struct result_event r = {.id = 0};
	enum err e;

	if ((e = request_number(req, "attack result", &r.id)) != ERR_OK ||
	    (e = read_void(req, &r)) != ERR_OK)
		return e;
	return emit_review(req, EV_RESULT_VOIDED, &r, out);
}

const struct route route_result_void_post = {
    .method = "POST",
    .path = "/api/v1/results/{id}/void",
    .roles = ROLE_JUDGE,
    .body_max_bytes = 4096,
    .run = result_void_post,
};
