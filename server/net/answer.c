/*
 * What every answer carries (security headers, a date, no caching unless it says otherwise) and the problem
 * documents (RFC 9457) that the server itself answers with.
 */
#include "base/json.h"
#include "base/log.h"
#include "net/http_private.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#define CSP_PAGE                                                                                   \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "          \
	"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "               \
	"frame-ancestors 'none'"
#define CSP_OTHER "default-src 'none'; frame-ancestors 'none'"
#define CSP_SANDBOX "sandbox; default-src 'none'; frame-ancestors 'none'"

static const char *const security_headers[][2] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
};

/* The date line changes once a second. */
static const char *
date_now(struct http_server *s)
{
	uint64_t now_ms = uv_now(s->uv);
	struct tm tm;
	time_t t;

	if (s->date[0] == '\0' || now_ms - s->date_ms >= 1000) {
		s->date_ms = now_ms;
		t = time(NULL);
		gmtime_r(&t, &tm);
		strftime(s->date, sizeof s->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	}
	return s->date;
}

/* A line break in a value would let it forge headers. */
static bool
is_clean(const char *value)
{
	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

void
answer_headers(struct http_server *s, const struct http_answer *a,
    void (*emit)(void *ctx, const char *name, const char *value), void *ctx)
{
	bool cache_named = false;

	emit(ctx, "Date", date_now(s));
	if (a->content_type != NULL)
		emit(ctx, "Content-Type", a->content_type);
	for (int i = 0; i < 8 && a->headers[i][0] != NULL; i++) {
		if (!is_clean(a->headers[i][1])) {
			log_error("http", "header %s left out: a control character in its value",
			    a->headers[i][0]);
			continue;
		}
		cache_named |= strcasecmp(a->headers[i][0], "Cache-Control") == 0;
		emit(ctx, a->headers[i][0], a->headers[i][1]);
	}
	if (!cache_named)
		emit(ctx, "Cache-Control", "no-store");
	for (size_t i = 0; i < sizeof security_headers / sizeof security_headers[0]; i++)
		emit(ctx, security_headers[i][0], security_headers[i][1]);
	emit(ctx, "Content-Security-Policy",
	    a->sandbox ? CSP_SANDBOX
	    : a->html  ? CSP_PAGE
		       : CSP_OTHER);
	if (s->shared.tls != NULL)
		emit(ctx, "Strict-Transport-Security", "max-age=31536000");
}

int64_t
answer_length(const struct http_answer *a)
{
	if (a->status == 204 || a->status == 304)
		return -1;
	return a->file != NULL ? (int64_t)a->file->bytes : (int64_t)a->body_len;
}

/* ---- problem documents ---- */

void
answer_problem(struct exchange *x, int status, const char *title, const char *detail)
{
	struct json_writer w;
	struct buf body;
	struct http_answer a = {
	    .status = status, .content_type = "application/problem+json", .close = x->close};

	buf_init(&body, 4096);
	jw_begin(&w, &body);
	jw_object(&w);
	jw_kv_str(&w, "detail", detail);
	jw_kv_int(&w, "status", status);
	jw_kv_str(&w, "title", title);
	jw_kv_str(&w, "type", "about:blank");
	jw_object_end(&w);
	a.body = body.data;
	a.body_len = body.len;
	if (status == 426 && x->stream_id == 0) { /* HTTP/2 knows no Upgrade header */
		a.headers[0][0] = "Upgrade";
		a.headers[0][1] = "websocket";
		a.headers[1][0] = "Sec-WebSocket-Version";
		a.headers[1][1] = "13";
	}
	http_respond(x->conn->server, &x->pub, &a);
	buf_free(&body);
}

static const char *
title_of(int status)
{
	switch (status) {
	case 400:
		return err_name(ERR_INVALID);
	case 401:
		return err_name(ERR_UNAUTHORIZED);
	case 403:
		return err_name(ERR_FORBIDDEN);
	case 404:
		return err_name(ERR_NOT_FOUND);
	case 408:
		return "timeout";
	case 409:
		return err_name(ERR_CONFLICT);
	case 413:
	case 414:
	case 431:
		return err_name(ERR_LIMIT);
	case 429:
		return err_name(ERR_RATE);
	case 426:
	case 501:
	case 505:
		return err_name(ERR_UNSUPPORTED);
	case 503:
		return err_name(ERR_BUSY);
	default:
		return err_name(ERR_IO);
	}
}

void
answer_error(struct exchange *x, int status, const char *detail)
{
	answer_problem(x, status, title_of(status), detail);
}

int
answer_status(enum err e)
{
	switch (e) {
	case ERR_UNAUTHORIZED:
		return 401;
	case ERR_FORBIDDEN:
		return 403;
	case ERR_NOT_FOUND:
		return 404;
	case ERR_CONFLICT:
		return 409;
	case ERR_RATE:
		return 429;
	case ERR_BUSY:
	case ERR_CLOSED:
		return 503;
	case ERR_INVALID:
	case ERR_LIMIT:
	case ERR_METHOD:
	case ERR_UNSUPPORTED:
		return 400;
	default:
		return 500;
	}
}
