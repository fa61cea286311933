/*
 * The steps of a ticket's life, a route each: POST /api/v1/tickets/{id}/STEP {...} -> 200 Ticket. Whether a step may be
 * taken now is the fold's rule (core/ticket_allows.c); here is what each of them says.
 */
#include "api/routes.h"
#include "api/ticket_request.h"

enum says {
	SAYS_TEXT = 1 << 0,   /* "text" must be there; else it may */
	SAYS_SIGNER = 1 << 1, /* "signer" must be there */
	SAYS_DUE = 1 << 2,    /* "due" must be there */
	SAYS_GIVES = 1 << 3,  /* "due" may be there; else the calendar says */
	SAYS_UNTIL = 1 << 4,  /* "until" must be there */
	SAYS_RESULT = 1 << 5, /* "method" and "result" must be there */
	SAYS_DECIDES =
	    1 << 6,          /* "granted" must be there, "due" may; else it is what was asked for */
	SAYS_OF = 1 << 7,    /* "of" must be there */
	SAYS_FILES = 1 << 8, /* "attachments" may be there */
};

static enum err
only_its_keys(struct request *req, const struct json_t *body, unsigned says)
{
	const char *keys[8] = {"text"};
	size_t n = 1;

	if (says & SAYS_SIGNER)
		keys[n++] = "signer";
	if (says & (SAYS_DUE | SAYS_GIVES | SAYS_DECIDES))
		keys[n++] = "due";
	if (says & SAYS_UNTIL)
		keys[n++] = "until";
	if (says & SAYS_RESULT) {
		keys[n++] = "method";
		keys[n++] = "result";
	}
	if (says & SAYS_DECIDES)
		keys[n++] = "granted";
	if (says & SAYS_OF)
		keys[n++] = "of";
	if (says & SAYS_FILES)
		keys[n++] = "attachments";
	return jr_only_keys(body, keys, &req->why);
}

static enum err
read_result(struct request *req, const struct json_t *body, struct ticket_event *x)
{
	int method = 0, result = 0;
	enum err e;

	if ((e = ticket_word(req, body, "method", &terms_retest_methods, &method)) != ERR_OK ||
	    (e = ticket_word(req, body, "result", &terms_retest_results, &result)) != ERR_OK)
		return e;
	x->method = (enum retest_method)method;
	x->result = (enum retest_result)result;
	return ERR_OK;
}

static enum err
read_decision(
    struct request *req, const struct json_t *body, const struct ticket *t, struct ticket_event *x)
{
	const struct json_t *j = jr_get(body, "granted");

	x->granted = jr_boolean(j, false);
	if (!jr_is_bool(j))
		return why_set(&req->why, ERR_INVALID, "\"granted\" must be true or false");
	if (!x->granted && x->due != 0)
		return why_set(
		    &req->why, ERR_INVALID, "an extension that is refused has no \"due\"");
	if (x->granted && x->due == 0)
		x->due = t->asked_due;
	return ERR_OK;
}

static enum err
read_of(struct request *req, const struct json_t *body, struct ticket_event *x)
{
	int64_t of = 0;
	enum err e = jr_want_int(body, "of", 1, INT32_MAX, &of, &req->why);

	x->of = (int32_t)of;
	return e;
}

static enum err
read_dates(struct request *req, const struct json_t *body, unsigned says, const struct ticket *t,
    struct ticket_event *x)
{
	struct ticket_view v = ticket_view_of(req);
	enum err e;

	x->offset = v.offset_minutes;
	if ((e = ticket_date(req, body, "due", (says & SAYS_DUE) != 0, &x->due)) != ERR_OK ||
	    (e = ticket_date(req, body, "until", (says & SAYS_UNTIL) != 0, &x->until)) != ERR_OK)
		return e;
	if ((says & SAYS_GIVES) && x->due == 0)
		x->due = ticket_due_date(v.g, t->severity, v.now_ms, v.offset_minutes);
	return ERR_OK;
}

/* t: what the ticket is now. */
static enum err
read_step(struct request *req, const struct json_t *body, unsigned says, const struct ticket *t,
    struct ticket_event *x)
{
	enum err e;

	if ((e = only_its_keys(req, body, says)) != ERR_OK)
		return e;
	e = says & SAYS_TEXT
		? ticket_text_wanted(req, body, "text", TICKET_TEXT_MAX_BYTES, &x->text)
		: ticket_text(req, body, "text", TICKET_TEXT_MAX_BYTES, &x->text);
	if (e == ERR_OK && (says & SAYS_SIGNER))
		e = ticket_text_wanted(req, body, "signer", TICKET_SIGNER_MAX_BYTES, &x->signer);
	if (e == ERR_OK)
		e = read_dates(req, body, says, t, x);
	if (e == ERR_OK && (says & SAYS_RESULT))
		e = read_result(req, body, x);
	if (e == ERR_OK && (says & SAYS_FILES))
		e = attachments_want(body, &x->attachments, &req->why);
	if (e == ERR_OK && (says & SAYS_OF))
		e = read_of(req, body, x);
	if (e == ERR_OK && (says & SAYS_DECIDES))
		e = read_decision(req, body, t, x);
	return e;
}

/* No body is an empty object; what must be there is then missing by its name. */
static enum err
body_of(struct request *req, const struct json_t **body)
{
	*body = NULL;
	return req->x->body_len == 0 ? ERR_OK : request_object(req, "see the route's schema", body);
}

static enum err
take_step(struct request *req, struct response *out, enum event_kind kind, unsigned says)
{
	struct drill *d = api_drill(req->api);
	struct ticket_event x = ticket_event_of(0);
	struct event ev = {.kind = kind, .actor = req->account->id, .u.ticket = &x};
	const struct json_t *body;
	enum err e;

	if ((e = ticket_of(req, &x.id)) != ERR_OK || (e = body_of(req, &body)) != ERR_OK ||
	    (e = read_step(req, body, says, ticket_find(d->game, x.id), &x)) != ERR_OK ||
	    (e = drill_emit_allowed(d, &ev, &req->why)) != ERR_OK)
		return e;
	ticket_answer(req, out, x.id);
	return ERR_OK;
}

/* POST /api/v1/tickets/{id}/notify  {"due"?, "text"?} -> 200 Ticket: its department gets the notice; due by the campus calendar unless a day is named */
static enum err
ticket_notify_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_NOTIFIED, SAYS_GIVES);
}

const struct route route_ticket_notify_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/notify",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_notify_post,
};

/* POST /api/v1/tickets/{id}/acknowledge  {"text"?} -> 200 Ticket */
static enum err
ticket_acknowledge_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_ACKNOWLEDGED, 0);
}

const struct route route_ticket_acknowledge_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/acknowledge",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_acknowledge_post,
};

/* POST /api/v1/tickets/{id}/start  {"text"?} -> 200 Ticket */
static enum err
ticket_start_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_STARTED, 0);
}

const struct route route_ticket_start_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/start",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_start_post,
};

/* POST /api/v1/tickets/{id}/feedback  {"text", "signer", "attachments"?} -> 200 Ticket: what was done, signed by whoever is responsible */
static enum err
ticket_feedback_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_FEEDBACK, SAYS_TEXT | SAYS_SIGNER | SAYS_FILES);
}

const struct route route_ticket_feedback_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/feedback",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_feedback_post,
};

/* POST /api/v1/tickets/{id}/retest  {"text"?} -> 200 Ticket: whoever takes it on is the one to give its result */
static enum err
ticket_retest_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_RETEST_BEGUN, 0);
}

const struct route route_ticket_retest_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/retest",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_retest_post,
};

/* POST /api/v1/tickets/{id}/result  {"method", "result", "text", "attachments"?} -> 200 Ticket: the text is the evidence */
static enum err
ticket_result_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_RETESTED, SAYS_RESULT | SAYS_TEXT | SAYS_FILES);
}

const struct route route_ticket_result_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/result",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_result_post,
};

/* POST /api/v1/tickets/{id}/extension  {"due", "text"} -> 200 Ticket: until when, and why */
static enum err
ticket_extension_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_EXTENSION_ASKED, SAYS_DUE | SAYS_TEXT);
}

const struct route route_ticket_extension_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/extension",
    .roles = ROLE_BLUE | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_extension_post,
};

/* POST /api/v1/tickets/{id}/extension_decision  {"granted", "due"?, "text"} -> 200 Ticket */
static enum err
ticket_extension_decision_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_EXTENSION_DECIDED, SAYS_DECIDES | SAYS_TEXT);
}

const struct route route_ticket_extension_decision_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/extension_decision",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_extension_decision_post,
};

/* POST /api/v1/tickets/{id}/accept_risk  {"until", "text"} -> 200 Ticket: on the day after it is open again */
static enum err
ticket_accept_risk_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_RISK_ACCEPTED, SAYS_UNTIL | SAYS_TEXT);
}

const struct route route_ticket_accept_risk_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/accept_risk",
    .roles = ROLE_LEADER,
    .body_max_bytes = 64 * 1024,
    .run = ticket_accept_risk_post,
};

/* POST /api/v1/tickets/{id}/duplicate  {"of", "text"?} -> 200 Ticket */
static enum err
ticket_duplicate_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_DUPLICATE, SAYS_OF);
}

const struct route route_ticket_duplicate_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/duplicate",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_duplicate_post,
};

/* POST /api/v1/tickets/{id}/false_positive  {"text"} -> 200 Ticket */
static enum err
ticket_false_positive_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_FALSE_POSITIVE, SAYS_TEXT);
}

const struct route route_ticket_false_positive_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/false_positive",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_false_positive_post,
};

/* POST /api/v1/tickets/{id}/reopen  {"text", "due"?} -> 200 Ticket */
static enum err
ticket_reopen_post(struct request *req, struct response *out)
{
	return take_step(req, out, EV_TICKET_REOPENED, SAYS_TEXT | SAYS_GIVES);
}

const struct route route_ticket_reopen_post = {
    .method = "POST",
    .path = "/api/v1/tickets/{id}/reopen",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = ticket_reopen_post,
};
