/* What is done with a filed report: returned, appealed, commented, marked as a duplicate. */
#include "api/report_request.h"
#include "api/routes.h"
#include "base/text.h"

#include <string.h>

static struct report_event
blank(void)
{
	return (struct report_event){
	    .team = "", .text = "", .reason = "", .class_code = "", .systems = ""};
}

/* The body's text of 1..max bytes that is more than blanks, without control characters. */
static enum err
want_text(
    struct request *req, const struct json_t *body, const char *key, size_t max, const char **out)
{
	enum err e = jr_want_str(body, key, max, out, &req->why);

	if (e == ERR_OK && (*out)[strspn(*out, " \t\r\n")] == '\0')
		e = why_set(&req->why, ERR_INVALID, "\"%s\" must not be empty", key);
	return e != ERR_OK ? e : request_check_text(req, key, *out, TEXT_LINES);
}

/* The event that has one text alone, the body's "reason", and answers with the report. */
static enum err
with_reason(struct request *req, enum event_kind kind, struct report_event *r, size_t max,
    const char **text, struct response *out)
{
	static const char *const keys[] = {"reason", NULL};
	const struct report_chain *c;
	const struct json_t *body;
	enum err e;

	if ((e = report_of_request(req, &r->id, &c)) != ERR_OK ||
	    (e = request_object(req, "\"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = want_text(req, body, "reason", max, text)) != ERR_OK ||
	    (e = report_emit(req, kind, r)) != ERR_OK)
		return e;
	report_answer(req, out, r->id);
	return ERR_OK;
}

/* POST /api/v1/reports/{id}/return  {"reason"} -> 200 Report: its last filing is to be completed */
static enum err
report_return_post(struct request *req, struct response *out)
{
	struct report_event r = blank();

	return with_reason(req, EV_REPORT_RETURNED, &r, REASON_MAX_BYTES, &r.reason, out);
}

const struct route route_report_return_post = {
    .method = "POST",
    .path = "/api/v1/reports/{id}/return",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = report_return_post,
};

/* POST /api/v1/reports/{id}/appeal  {"reason"} -> 200 Report: its department asks for another judgement, once */
static enum err
report_appeal_post(struct request *req, struct response *out)
{
	struct report_event r = blank();

	return with_reason(req, EV_REPORT_APPEALED, &r, REPORT_APPEAL_MAX_BYTES, &r.text, out);
}

const struct route route_report_appeal_post = {
    .method = "POST",
    .path = "/api/v1/reports/{id}/appeal",
    .roles = ROLE_BLUE,
    .body_max_bytes = 16 * 1024,
    .run = report_appeal_post,
};

/* POST /api/v1/reports/{id}/comments  {"text", "internal"?} -> 201 Comment; it changes nothing else */
static enum err
report_comments_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"internal", "text", NULL};
	struct report_event r = blank();
	const struct report_chain *c;
	const struct json_t *body;
	struct report_reader reader;
	struct json_writer w;
	enum err e;

	if ((e = report_of_request(req, &r.id, &c)) != ERR_OK ||
	    (e = request_object(req, "\"text\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = want_text(req, body, "text", REPORT_COMMENT_MAX_BYTES, &r.text)) != ERR_OK ||
	    (e = request_bool(req, body, "internal", &r.internal)) != ERR_OK ||
	    (e = report_emit(req, EV_REPORT_COMMENTED, &r)) != ERR_OK)
		return e;
	out->status = 201;
	reader = report_reader_of(req);
	jw_begin(&w, &out->body);
	report_write_comment(&w, &reader, &c->comments[c->comment_count - 1]);
	return ERR_OK;
}

const struct route route_report_comments_post = {
    .method = "POST",
    .path = "/api/v1/reports/{id}/comments",
    .roles = ROLE_BLUE | ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 16 * 1024,
    .run = report_comments_post,
};

/* The number of the report that is duplicated; null takes the mark away. */
static enum err
read_of(struct request *req, const struct json_t *body, int32_t *out)
{
	const struct json_t *j = jr_get(body, "of");
	int64_t of = 0;
	enum err e = ERR_OK;

	if (!jr_is_null(j))
		e = jr_want_int(body, "of", 1, REPORT_CHAINS_MAX, &of, &req->why);
	*out = (int32_t)of;
	return e;
}

/* POST /api/v1/reports/{id}/duplicate  {"of": ID or null, "reason"} -> 200 Report */
static enum err
report_duplicate_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"of", "reason", NULL};
	struct report_event r = blank();
	const struct report_chain *c;
	const struct json_t *body;
	enum err e;

	if ((e = report_of_request(req, &r.id, &c)) != ERR_OK ||
	    (e = request_object(req, "\"of\", \"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = read_of(req, body, &r.of)) != ERR_OK ||
	    (e = want_text(req, body, "reason", REASON_MAX_BYTES, &r.reason)) != ERR_OK ||
	    (e = report_emit(req, EV_REPORT_DUPLICATE, &r)) != ERR_OK)
		return e;
	report_answer(req, out, r.id);
	return ERR_OK;
}

const struct route route_report_duplicate_post = {
    .method = "POST",
    .path = "/api/v1/reports/{id}/duplicate",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = report_duplicate_post,
};
