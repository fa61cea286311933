/*
 * One request: what came in, checked and bounded, and the ways to answer it.
 * Made by server.c, handed to the pages, on the server's one thread.
 */
#ifndef PORTAL_REQUEST_H
#define PORTAL_REQUEST_H

#include "search.h"
#include "site.h"
#include "store.h"
#include "text.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#define FORM_MAX_BYTES (64 * 1024)
#define FORM_FIELDS_MAX 8
#define PAGE_MAX_BYTES (1024 * 1024)

struct portal {
	struct store *store;
	struct search *search;
	struct site *site;
	const char *department;
	const char *department_en;
};

struct form_field {
	const char *name;
	const char *value; /* UTF-8, no NUL */
};

struct request {
	struct portal *portal;
	struct MHD_Connection *connection;
	const char *method;
	const char *path;
	struct text body;
	size_t body_seen; /* bytes, those that were refused too */
	struct form_field fields[FORM_FIELDS_MAX];
	size_t field_count;
	enum lang lang;
	bool lang_chosen; /* by ?lang=: remembered in a cookie */
	bool signed_in;
	struct account me;
	int64_t id; /* the number in the path, if the route has one */
};

/* Language and account from the query and the cookies. */
void request_identify(struct request *r);
/* Reads r->body in place as application/x-www-form-urlencoded. False: malformed, too many fields,
 * not UTF-8. */
bool request_parse_form(struct request *r);
/* The field's value, "" when it is absent. */
const char *request_field(const struct request *r, const char *name);
/* The query's value: "" when absent, NULL when it is over max_bytes, holds NUL or is not UTF-8. */
const char *request_query(const struct request *r, const char *name, size_t max_bytes);
/* The session's token from the cookie, or NULL. */
const char *request_token(const struct request *r);
/* False for a form that another site's page has sent. */
bool request_same_origin(const struct request *r);

/* The page inside the layout. */
enum MHD_Result reply_page(
    struct request *r, unsigned status, const char *page, const struct slot *slots);
/* 303 with a body that links there. cookie: a whole Set-Cookie value, or NULL. */
enum MHD_Result reply_redirect(struct request *r, const char *location, const char *cookie);
enum MHD_Result reply_text(struct request *r, unsigned status, const char *type, const char *body);

/* A page with one sentence, in the visitor's language. */
enum message {
	MSG_BAD_REQUEST,
	MSG_BAD_METHOD,
	MSG_NOT_FOUND,
	MSG_FORBIDDEN,
	MSG_TOO_LARGE,
	MSG_FORM_ONLY,
	MSG_BAD_SEARCH,
	MSG_BAD_LOGIN,
	MSG_BAD_USER,
	MSG_BAD_NAME,
	MSG_BAD_PASSWORD,
	MSG_BAD_DRAFT,
	MSG_USER_TAKEN,
	MSG_FULL,
	MSG_FAILED,
	MSG_COUNT
};
enum MHD_Result reply_message(struct request *r, enum message m);
/* The message of a failed result; RES_NONE is MSG_NOT_FOUND. */
enum MHD_Result reply_result(struct request *r, enum result res);

#endif
