/*
 * What a route is made of. A route documents itself: method, path, who may, how large a body, what runs.
 * The table in routes.c lists them all; a test holds it against openapi.json.
 */
#ifndef DRILLD_API_ROUTE_H
#define DRILLD_API_ROUTE_H

#include "api/api.h"
#include "base/json.h"
#include "base/text.h"
#include "core/role.h"
#include "net/http.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUTE_PARAMS_MAX 2
#define RESPONSE_MAX_BYTES (64u * 1024 * 1024)

struct response {
	int status;               /* preset to 200 */
	const char *content_type; /* preset to application/json */
	struct buf body;
	const char *headers[4][2];
	bool sends_file; /* one is looked up, or waits for the journal: api_files counts it */
	bool has_file;   /* request_send_file: file instead of body, with the status of success */
	struct http_file file;
	bool deferred; /* the handler answers later by request_finish: see api_session.c */
};

struct request {
	struct api *api;
	struct http_exchange *x; /* NULL: the client has left while the request was deferred */
	const struct route *route;
	const struct account *account;       /* NULL: nobody signed in */
	struct session *session;             /* NULL: not by cookie */
	enum role role;                      /* ROLE_PUBLIC when nobody signed in */
	int team;                            /* index, or -1 */
	const char *param[ROUTE_PARAMS_MAX]; /* the path's {segments} */
	struct json_t *json;                 /* the body, once parsed */
	struct upload *upload;               /* on its way; NULL: none, or it has ended */
	struct request_file *file; /* api/transfer.h; whole when a route with .upload runs */
	struct why why;            /* a handler that refuses may say why here */
	struct response out;

	/* waiting for the journal */
	uint64_t seq;
	struct request *next;
};

struct route {
	const char *method;
	const char *path;        /* "/api/v1/accounts/{id}/token" */
	unsigned roles;          /* who may: ROLE_* bits */
	bool public_by_scenario; /* ROLE_PUBLIC only where the scenario has public_board */
	bool unbraked;           /* flags: api/write_brake.h does not hold them */
	bool at_once;            /* its answers tell nothing that a commit must come before */
	size_t body_max_bytes;
	/*
	 * The body is a file: see api/transfer.h. Called before a byte of it is taken; a refusal is answered at
	 * once. NULL: an ordinary body.
	 */
	enum err (*upload)(struct request *req);
	enum err (*run)(struct request *req, struct response *out);
	/* How this route's protocol says no; NULL: an RFC 9457 problem document. */
	void (*refuse)(struct request *req, enum err e, struct response *out);
};

extern const struct route *const routes[]; /* NULL at the end */

/* The body as JSON; belongs to the request. ERR_INVALID with why. */
enum err request_json(struct request *req, const struct json_t **out) MUST_CHECK;

/* The same where an object is due; members names them for who sends something else: "\"title\", \"text\"". */
enum err request_object(
    struct request *req, const char *members, const struct json_t **out) MUST_CHECK;

/*
 * The body as a JSON list of at most max strings (flags). All or nothing: a list with anything else in it is
 * refused whole, as is every list while the journal is far behind (ERR_BUSY: none is taken, send it again), and of
 * who has not accepted the rules of engagement (ERR_FORBIDDEN).
 */
enum err request_flags(struct request *req, size_t max, const struct json_t **list) MUST_CHECK;

/*
 * The query as NAME=NUMBER pairs, each from 0 to max: *value of the NULL-terminated names, left alone where it
 * is not given. ERR_INVALID with why for anything else.
 */
enum err request_numbers(
    struct request *req, const char *const *names, int32_t *const *values, int32_t max) MUST_CHECK;

/* The path's first {segment} as a number from 1; ERR_NOT_FOUND: there is no what of that number. */
enum err request_number(struct request *req, const char *what, int32_t *out) MUST_CHECK;

/* A member that may be there, true or false; *out is false where it is not. */
enum err request_bool(
    struct request *req, const struct json_t *o, const char *key, bool *out) MUST_CHECK;

/* text_check (base/text.h), whose refusal names the member. */
enum err request_check_text(
    struct request *req, const char *key, const char *text, enum text_kind kind) MUST_CHECK;

/* The body's "reason": a text that must be there. */
enum err request_reason(
    struct request *req, const struct json_t *body, const char **out) MUST_CHECK;
/* A body that is {"reason"} and nothing else. */
enum err request_reason_alone(struct request *req, const char **out) MUST_CHECK;

/* Runs the route's handler, for what was put off until its file is there. */
void request_run(struct request *req);
/* The same where it must say something: not blanks alone. */
enum err request_reason_said(
    struct request *req, const struct json_t *body, const char **out) MUST_CHECK;

/* Ends a deferred request: e as a handler would have returned it. */
void request_finish(struct request *req, enum err e);

/* Which of the live hub's audiences this one is of. */
int request_audience(const struct request *req);

/* One more header: name is static, value lives as long as the exchange. A second one of a name replaces the first. */
void response_header(struct response *out, const char *name, const char *value);

/* A response that is one JSON object: begin, write members with w, end. */
void response_object(struct response *out, struct json_writer *w);

#endif
