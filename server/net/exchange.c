/*
 * A request's head and body, whichever protocol they come in by: collecting headers, decoding the path,
 * asking the handler. Every limit that a client may break is checked here.
 */
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/http_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define SPARE_MAX 256
#define BODY_RESERVE_BYTES (64 * 1024)
#define BODY_BYTES_PER_MS 4    /* a body slower than this, in or out, is not waited for */
#define STREAM_BYTES_PER_MS 16 /* one that is streamed, for it holds more */
/* One read may bring as much again as it takes off the socket, and a record that was not whole before it. */
#define CHOKE_BYTES (HTTP_BODY_AHEAD_BYTES - STREAM_READ_BYTES - 32 * 1024)

static const char *const field_names[FIELD_COUNT] = {
    [FIELD_AUTHORIZATION] = "authorization",
    [FIELD_COOKIE] = "cookie",
    [FIELD_CONTENT_TYPE] = "content-type",
    [FIELD_ACCEPT_LANGUAGE] = "accept-language",
    [FIELD_IF_NONE_MATCH] = "if-none-match",
    [FIELD_CSRF_TOKEN] = "x-csrf-token",
    [FIELD_TEAM_TOKEN] = "x-team-token",
    [FIELD_ORIGIN] = "origin",
    [FIELD_HOST] = "host",
    [FIELD_EXPECT] = "expect",
    [FIELD_WS_KEY] = "sec-websocket-key",
    [FIELD_WS_VERSION] = "sec-websocket-version",
    [FIELD_UPGRADE] = "upgrade",
    [FIELD_TRANSFER_ENCODING] = "transfer-encoding",
};

/* ---- its life ---- */

struct exchange *
exchange_new(struct conn *c)
{
	struct http_server *s = c->server;
	struct exchange *x = s->spare;

	if (x != NULL) {
		s->spare = x->next;
		s->spare_count--;
		x->next = NULL;
	} else {
		x = mem_alloc(sizeof *x);
		buf_init(&x->text, HTTP_TARGET_MAX_BYTES + 2 * HTTP_HEADER_MAX_BYTES);
	}
	x->conn = c;
	x->started_ms = conn_now(c);
	x->pub.arena = &x->arena;
	x->pub.peer = c->peer;
	x->pub.tls = c->stream.tls != NULL;
	x->field = FIELD_OTHER;
	return x;
}

void
exchange_free(struct exchange *x)
{
	struct http_server *s = x->conn->server;
	struct arena arena;
	struct buf text;

	buf_free(&x->body);
	free(x->out_own);
	exchange_file_end(x);
	if (s->spare_count >= SPARE_MAX) {
		arena_free(&x->arena);
		buf_free(&x->text);
		free(x);
		return;
	}
	arena_reset(&x->arena);
	buf_reset(&x->text);
	arena = x->arena;
	text = x->text;
	*x = (struct exchange){.arena = arena, .text = text, .next = s->spare};
	s->spare = x;
	s->spare_count++;
}

void
exchange_fault(struct exchange *x, int status, const char *detail)
{
	if (x->fault != 0)
		return;
	x->fault = status;
	x->fault_detail = detail;
}

/* ---- headers ---- */

static enum field
field_of(const char *name, size_t len)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		if (strncasecmp(field_names[f], name, len) == 0 && field_names[f][len] == '\0')
			return f;
	return FIELD_OTHER;
}

static void
count_header_bytes(struct exchange *x, size_t len)
{
	x->header_bytes += len;
	if (x->header_bytes > HTTP_HEADER_MAX_BYTES)
		exchange_fault(x, 431, "the request's headers are longer than 4096 bytes together");
}

void
exchange_header(struct exchange *x, const char *name, size_t len)
{
	count_header_bytes(x, len);
	if (++x->header_count > HTTP_HEADER_MAX_COUNT)
		exchange_fault(x, 431, "the request has more than 64 headers");
	/* A trailer is counted only: it has no say (RFC 9110 section 6.5.1), and text must stay where it is. */
	x->field = x->fault == 0 && x->state == X_HEAD ? field_of(name, len) : FIELD_OTHER;
	if (x->field == FIELD_OTHER)
		return;
	if (x->at[x->field] == 0) {
		x->at[x->field] = x->text.len + 1;
	} else if (x->field == FIELD_COOKIE) {
		/* HTTP/2 may split it (RFC 9113 section 8.2.3); joined it starts anew at the end. */
		const char *old = x->text.data + x->at[FIELD_COOKIE] - 1;
		char *joined = arena_strdup(&x->arena, old);

		x->at[FIELD_COOKIE] = x->text.len + 1;
		buf_puts(&x->text, joined);
		buf_puts(&x->text, "; ");
	} else {
		exchange_fault(x, 400, "a header that may be given only once is given twice");
		x->field = FIELD_OTHER;
	}
}

void
exchange_value(struct exchange *x, const char *value, size_t len)
{
	count_header_bytes(x, len);
	if (x->field != FIELD_OTHER && x->fault == 0)
		buf_put(&x->text, value, len);
}

void
exchange_value_end(struct exchange *x)
{
	const char *value;

	if (x->field == FIELD_OTHER)
		return;
	buf_putc(&x->text, '\0');
	if (x->text.failed) {
		exchange_fault(x, 431, "the request's headers are longer than 4096 bytes together");
	} else {
		value = x->text.data + x->at[x->field] - 1;
		if (!utf8_valid(value, strlen(value)))
			exchange_fault(x, 400, "a header's value is not UTF-8");
	}
	x->field = FIELD_OTHER;
}

const char *
exchange_field(const struct exchange *x, enum field f)
{
	return x->at[f] == 0 || x->text.failed ? "" : x->text.data + x->at[f] - 1;
}

/* ---- the target ---- */

/* Decodes once; returns the length, or -1 for a bad escape or a control character. */
static long
percent_decode(const char *from, size_t len, char *to)
{
	size_t n = 0;
	uint8_t byte;
	char c;

	for (size_t i = 0; i < len; i++) {
		c = from[i];
		if (c == '%') {
			if (len - i < 3 || !hex_decode(from + i + 1, 2, &byte))
				return -1;
			c = (char)byte;
			i += 2;
		}
		if ((unsigned char)c < 0x20 || c == 0x7f)
			return -1;
		to[n++] = c;
	}
	to[n] = '\0';
	return (long)n;
}

static bool
has_dot_segment(const char *path)
{
	for (const char *p = path; (p = strchr(p, '/')) != NULL;) {
		size_t n = strcspn(++p, "/");

		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return true;
	}
	return false;
}

static void
set_path(struct exchange *x, const char *raw, size_t len)
{
	char *path;
	long n;

	if (len > HTTP_PATH_MAX_BYTES) {
		exchange_fault(x, 414, "the path is longer than 1024 bytes");
		return;
	}
	path = arena_alloc(&x->arena, len + 1);
	n = percent_decode(raw, len, path);
	if (n < 0)
		exchange_fault(x, 400,
		    "the path has a % that two hexadecimal digits do not follow, or a control "
		    "character");
	else if (!utf8_valid(path, (size_t)n))
		exchange_fault(x, 400, "the path is not UTF-8");
	else if (path[0] != '/')
		exchange_fault(x, 400, "the path does not begin with /");
	else if (has_dot_segment(path))
		exchange_fault(x, 400, "the path has a segment \".\" or \"..\"");
	x->pub.path = path;
}

/* Where the path begins: after the authority of an absolute URI (RFC 9112 section 3.2.2), else at once. */
static const char *
skip_authority(const char *target, const char *end)
{
	const char *p = NULL;

	if (end - target > 7 && strncasecmp(target, "http://", 7) == 0)
		p = target + 7;
	else if (end - target > 8 && strncasecmp(target, "https://", 8) == 0)
		p = target + 8;
	if (p == NULL)
		return target;
	while (p < end && *p != '/' && *p != '?')
		p++;
	return p;
}

static void
set_target(struct exchange *x, const char *target, size_t len)
{
	const char *end = target + len, *path, *query;

	for (const char *p = target; p < end; p++) {
		if (*p <= ' ' || *p > '~') {
			exchange_fault(
			    x, 400, "the target has a character that must be percent-encoded");
			return;
		}
	}
	path = skip_authority(target, end);
	query = memchr(path, '?', (size_t)(end - path));
	if (memchr(path, '#', (size_t)(end - path)) != NULL)
		exchange_fault(x, 400, "the request's target has a fragment (#)");
	if (query == NULL) {
		set_path(x, path, (size_t)(end - path));
		return;
	}
	set_path(x, path, (size_t)(query - path));
	x->pub.query = arena_strndup(&x->arena, query + 1, (size_t)(end - query - 1));
}

static void
set_method(struct exchange *x)
{
	static const char *const methods[] = {
	    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", NULL};

	for (int i = 0; methods[i] != NULL; i++) {
		if (strcmp(x->method, methods[i]) == 0) {
			x->pub.method = methods[i];
			x->head_only = i == 1;
			return;
		}
	}
	exchange_fault(x, 501, "methods are GET, HEAD, POST, PUT, DELETE, PATCH and OPTIONS");
}

void
exchange_ready(struct exchange *x, const char *target, size_t len)
{
	struct http_exchange *p = &x->pub;

	p->query = p->path = p->body = "";
	p->authorization = exchange_field(x, FIELD_AUTHORIZATION);
	p->cookie = exchange_field(x, FIELD_COOKIE);
	p->content_type = exchange_field(x, FIELD_CONTENT_TYPE);
	p->accept_language = exchange_field(x, FIELD_ACCEPT_LANGUAGE);
	p->if_none_match = exchange_field(x, FIELD_IF_NONE_MATCH);
	p->csrf_token = exchange_field(x, FIELD_CSRF_TOKEN);
	p->team_token = exchange_field(x, FIELD_TEAM_TOKEN);
	p->origin = exchange_field(x, FIELD_ORIGIN);
	p->host = exchange_field(x, FIELD_HOST);
	set_method(x);
	set_target(x, target, len);
}

/* ---- asking the handler ---- */

static void
too_large(struct exchange *x)
{
	char *detail = arena_alloc(&x->arena, 160);

	snprintf(detail, 160, "the body of this %s may have at most %zu bytes", x->pub.method,
	    x->body_max);
	x->close = true;
	exchange_gone(x);
	x->state = X_ASKED; /* with us: the answer is ours to give */
	answer_problem(x, 413, err_name(ERR_LIMIT), detail);
}

void
exchange_begin(struct exchange *x, uint64_t length)
{
	struct http_handler *h = &x->conn->server->o.handler;
	enum err e;

	x->state = X_ASKED;
	x->asked_ns = time_mono_ns();
	x->moved_ms = conn_now(x->conn);
	x->pub.announced = length;
	if ((e = h->on_head(h->ctx, &x->pub, &x->body_max)) != ERR_OK) {
		if (x->state != X_DONE)
			answer_error(x, answer_status(e), "the request was refused");
		return;
	}
	if (x->state == X_DONE)
		return;
	x->state = X_BODY;
	if (length != HTTP_LENGTH_UNKNOWN && length > x->body_max) {
		too_large(x);
		return;
	}
	if (x->pub.streamed)
		return;
	buf_init(&x->body, x->body_max);
	if (length > 0 && length <= BODY_RESERVE_BYTES &&
	    buf_room(&x->body, (size_t)length) == NULL)
		abort(); /* length was held against the maximum above */
}

bool
exchange_streamed(const struct exchange *x)
{
	return x->state == X_BODY && x->pub.streamed;
}

/* Hands it on; the client is held back while too much of it has not been dealt with. */
static void
stream_piece(struct exchange *x, const char *data, size_t len)
{
	struct http_handler *h = &x->conn->server->o.handler;

	x->untaken += len;
	if (!x->choked && x->untaken > CHOKE_BYTES) {
		x->choked = true;
		x->choked_ms = conn_now(x->conn);
	}
	h->on_body(h->ctx, &x->pub, data, len);
}

void
exchange_body(struct exchange *x, const char *data, size_t len)
{
	if (x->state != X_BODY || len == 0)
		return;
	x->received += len;
	x->moved_ms = conn_now(x->conn);
	if (x->received > x->body_max)
		too_large(x);
	else if (x->pub.streamed)
		stream_piece(x, data, len);
	else
		buf_put(&x->body, data, len);
}

void
http_taken(struct http_server *s, struct http_exchange *pub, size_t len)
{
	struct exchange *x = (struct exchange *)pub;
	struct conn *c = x->conn;
	uint64_t now = conn_now(c);

	(void)s;
	x->untaken -= len;
	if (x->choked && x->untaken <= CHOKE_BYTES / 2) {
		x->choked = false;
		x->started_ms += now - x->choked_ms; /* we were the slow ones */
		x->moved_ms = now;
	}
	if (!c->closing)
		c->proto->on_taken(c, x, len);
}

void
exchange_ask(struct exchange *x)
{
	struct http_handler *h = &x->conn->server->o.handler;

	if (x->state != X_BODY)
		return;
	x->state = X_ASKED;
	x->asked_ns = time_mono_ns();
	x->pub.body = x->body.data != NULL ? x->body.data : "";
	x->pub.body_len = x->body.len;
	h->on_request(h->ctx, &x->pub);
}

void
exchange_gone(struct exchange *x)
{
	struct http_handler *h = &x->conn->server->o.handler;

	if (x->state != X_BODY && x->state != X_ASKED)
		return;
	x->state = X_DONE;
	h->on_gone(h->ctx, &x->pub);
}

/* A streamed body holds a place while it lasts: it must keep moving, and be quick on the whole. */
static bool
stream_overdue(const struct exchange *x, uint64_t now_ms, uint64_t idle_ms)
{
	return !x->choked &&
	       (now_ms - x->moved_ms > idle_ms ||
		   now_ms - x->started_ms > idle_ms + x->received / STREAM_BYTES_PER_MS);
}

bool
exchange_overdue(const struct exchange *x, uint64_t now_ms)
{
	uint64_t idle_ms = (uint64_t)x->conn->server->o.idle_seconds * 1000;
	unsigned rate = x->file != NULL ? STREAM_BYTES_PER_MS : BODY_BYTES_PER_MS;

	if (x->answered_ms != 0)
		return now_ms - x->answered_ms > idle_ms + x->out_sent / rate;
	if (x->state != X_HEAD && x->state != X_BODY)
		return false;
	if (exchange_streamed(x))
		return stream_overdue(x, now_ms, idle_ms);
	return now_ms - x->started_ms > idle_ms + x->received / BODY_BYTES_PER_MS;
}

/* ---- an answer that is a file ---- */

void
exchange_file(struct exchange *x, const struct http_answer *a, void (*on_ready)(void *ctx))
{
	const struct http_file *f = a->file;

	if (x->head_only || answer_length(a) <= 0) {
		close(f->fd);
		return;
	}
	x->file = filebody_open(x->conn->server->uv, f->fd, f->bytes, on_ready, x);
	x->conn->server->files++;
}

void
exchange_file_end(struct exchange *x)
{
	if (x->file == NULL)
		return;
	filebody_close(x->file);
	x->file = NULL;
	x->conn->server->files--;
}
