/*
 * HTTP/2 (RFC 9113) on nghttp2, for TLS connections that chose it by ALPN. A stream is an exchange.
 *
 * Answers may be given from anywhere, so they are only submitted there; frames are produced when the loop
 * comes round (on_settle), and no more of them than the socket takes.
 */
#include "base/mem.h"
#include "net/http_private.h"

#include <ctype.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAMS_MAX 64
#define WINDOW_BYTES HTTP_BODY_AHEAD_BYTES
#define CONN_WINDOW_BYTES (1024 * 1024)
#define OUT_MAX_BYTES (64 * 1024) /* gathered before it goes to the socket */
#define HEADERS_MAX 32
#define LINGER_MS 1000

struct http2 {
	nghttp2_session *session;
	struct exchange *streams; /* open ones */
	bool receiving, leaving;
};

static struct exchange *
stream_exchange(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

static void
stream_remove(struct http2 *h, struct exchange *x)
{
	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		h->streams = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	exchange_free(x);
}

/* ---- a request comes in ---- */

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct conn *c = arg;
	struct http2 *h = c->state;
	struct exchange *x;

	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	x = exchange_new(c);
	x->stream_id = frame->hd.stream_id;
	x->pub.announced = HTTP_LENGTH_UNKNOWN;
	x->next = h->streams;
	if (x->next != NULL)
		x->next->prev = x;
	h->streams = x;
	nghttp2_session_set_stream_user_data(session, x->stream_id, x);
	return 0;
}

/* Pseudo-headers; nghttp2 has seen to it that each comes once and before the others. */
static void
pseudo(struct exchange *x, const char *name, const char *value, size_t len)
{
	if (strcmp(name, ":method") == 0) {
		x->method = arena_strndup(&x->arena, value, len);
	} else if (strcmp(name, ":path") == 0) {
		if (len > HTTP_TARGET_MAX_BYTES)
			exchange_fault(x, 414, "the request's target is longer than 4096 bytes");
		else
			x->pub.path = arena_strndup(&x->arena, value, len);
		x->target_len = len;
	} else if (strcmp(name, ":authority") == 0) {
		exchange_header(x, "host", 4);
		exchange_value(x, value, len);
		exchange_value_end(x);
	}
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct exchange *x = stream_exchange(session, frame->hd.stream_id);

	(void)flags;
	(void)arg;
	if (x == NULL || x->state != X_HEAD)
		return 0;
	if (name[0] == ':') {
		pseudo(x, (const char *)name, (const char *)value, value_len);
		return 0;
	}
	/* It repeats :authority (RFC 9113 section 8.3.1). */
	if (x->at[FIELD_HOST] != 0 && strcmp((const char *)name, "host") == 0)
		return 0;
	/* nghttp2 has seen to it that it is a number, and holds the body to it. */
	if (strcmp((const char *)name, "content-length") == 0)
		x->pub.announced = strtoull((const char *)value, NULL, 10);
	exchange_header(x, (const char *)name, name_len);
	exchange_value(x, (const char *)value, value_len);
	exchange_value_end(x);
	return 0;
}

static void
head_complete(struct exchange *x, bool ends)
{
	const char *path = x->pub.path;

	if (x->method == NULL || (path == NULL && x->fault == 0)) {
		exchange_fault(x, 400, "the request has no method or no path");
		x->method = "";
	}
	if (x->fault == 0)
		exchange_ready(x, path, x->target_len);
	if (x->fault != 0) {
		x->state = X_ASKED;
		answer_error(x, x->fault, x->fault_detail);
		return;
	}
	if (ws_wanted(x)) {
		x->state = X_ASKED;
		answer_error(x, 426, "this address speaks WebSocket over HTTP/1.1 (RFC 6455)");
		return;
	}
	exchange_begin(x, ends ? 0 : x->pub.announced);
}

static int
on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct exchange *x;
	bool ends = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	(void)arg;
	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	if ((x = stream_exchange(session, frame->hd.stream_id)) == NULL)
		return 0;
	if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		head_complete(x, ends);
	if (ends)
		exchange_ask(x);
	return 0;
}

static int
on_data_chunk(
    nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *arg)
{
	struct exchange *x = stream_exchange(session, id);

	(void)flags;
	(void)arg;
	if (x != NULL)
		exchange_body(x, (const char *)data, len);
	/* The connection's window is for all; a stream's own opens as its body is dealt with. */
	if (x != NULL && (exchange_streamed(x) || x->state == X_DONE))
		nghttp2_session_consume_connection(session, len);
	else
		nghttp2_session_consume(session, id, len);
	return 0;
}

static void
http2_taken(struct conn *c, struct exchange *x, size_t len)
{
	struct http2 *h = c->state;

	nghttp2_session_consume_stream(h->session, x->stream_id, len);
	conn_defer(c);
}

static int
on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
	struct conn *c = arg;
	struct http2 *h = c->state;
	struct exchange *x = stream_exchange(session, id);

	(void)code;
	if (x == NULL)
		return 0;
	exchange_gone(x);
	stream_remove(h, x);
	if (h->streams == NULL)
		conn_idle(c);
	return 0;
}

/*
 * The answer is out, and the rest of a body is not wanted (RFC 9113 section 8.1). The sweep says so, a moment
 * later: there are clients (curl 7.88) that forget an answer if the reset comes along with it. Until then the
 * window holds them back.
 */
static int
on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct exchange *x;

	if ((frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) ||
	    !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	if (nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0 &&
	    (x = stream_exchange(session, frame->hd.stream_id)) != NULL)
		x->unwanted_ms = conn_now(arg);
	return 0;
}

/* ---- an answer goes out ---- */

struct fields {
	struct arena *arena;
	nghttp2_nv nv[HEADERS_MAX];
	size_t count;
};

static void
emit(void *ctx, const char *name, const char *value)
{
	struct fields *f = ctx;
	nghttp2_nv *nv;
	char *lower;

	if (f->count == HEADERS_MAX)
		return;
	nv = &f->nv[f->count++];
	lower = arena_strdup(f->arena, name);
	for (char *p = lower; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	nv->name = (uint8_t *)lower;
	nv->namelen = strlen(lower);
	nv->value = (uint8_t *)value;
	nv->valuelen = strlen(value);
	nv->flags = NGHTTP2_NV_FLAG_NONE; /* nghttp2 copies both */
}

static ssize_t
read_file(struct exchange *x, uint8_t *to, size_t max, uint32_t *flags)
{
	size_t n;
	const char *piece = filebody_piece(x->file, &n);

	if (filebody_failed(x->file))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* resets the stream */
	if (piece == NULL)
		return NGHTTP2_ERR_DEFERRED;
	n = n < max ? n : max;
	memcpy(to, piece, n);
	filebody_used(x->file, n);
	x->out_sent += n;
	if (filebody_done(x->file))
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static void
on_file_ready(void *ctx)
{
	struct exchange *x = ctx;
	struct http2 *h = x->conn->state;

	if (x->conn->closing)
		return;
	nghttp2_session_resume_data(h->session, x->stream_id);
	conn_defer(x->conn);
}

static ssize_t
on_read_body(nghttp2_session *session, int32_t id, uint8_t *to, size_t max, uint32_t *flags,
    nghttp2_data_source *source, void *arg)
{
	struct exchange *x = source->ptr;
	size_t n = x->out_len < max ? x->out_len : max;

	(void)session;
	(void)id;
	(void)arg;
	if (x->file != NULL)
		return read_file(x, to, max, flags);
	memcpy(to, x->out, n);
	x->out += n;
	x->out_len -= n;
	x->out_sent += n;
	if (x->out_len == 0)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static void
keep_body(struct exchange *x, const struct http_answer *a)
{
	if (a->file != NULL) {
		exchange_file(x, a, on_file_ready);
		return;
	}
	if (x->head_only || answer_length(a) < 0)
		return;
	x->out = a->body;
	x->out_len = a->body_len;
	if (a->body_static || a->body_len == 0)
		return;
	x->out_own = mem_resize(NULL, a->body_len, 1);
	memcpy(x->out_own, a->body, a->body_len);
	x->out = x->out_own;
}

static void
http2_answer(struct conn *c, struct exchange *x, const struct http_answer *a)
{
	struct http2 *h = c->state;
	struct fields f = {.arena = &x->arena};
	nghttp2_data_provider body = {.source.ptr = x, .read_callback = on_read_body};
	char status[16], length[24];

	snprintf(status, sizeof status, "%d", a->status);
	snprintf(length, sizeof length, "%lld", (long long)answer_length(a));
	keep_body(x, a);
	x->answered_ms = conn_now(c);
	emit(&f, ":status", status);
	answer_headers(c->server, a, emit, &f);
	if (answer_length(a) >= 0)
		emit(&f, "Content-Length", length);
	nghttp2_submit_response(h->session, x->stream_id, f.nv, f.count,
	    x->out_len > 0 || x->file != NULL ? &body : NULL);
	if (!c->server->accepting && !h->leaving) {
		h->leaving = true;
		nghttp2_submit_goaway(h->session, NGHTTP2_FLAG_NONE,
		    nghttp2_session_get_last_proc_stream_id(h->session), NGHTTP2_NO_ERROR, NULL, 0);
	}
	conn_defer(c);
}

/* ---- frames ---- */

/* Gathers frames and sends them while the socket keeps up. */
static void
produce(struct conn *c)
{
	struct http2 *h = c->state;
	struct buf *out = &c->server->scratch;
	const uint8_t *data;
	ssize_t n = 1;

	while (n > 0 && !stream_busy(&c->stream) && !c->stream.failed) {
		buf_reset(out);
		out->max_bytes = OUT_MAX_BYTES + WINDOW_BYTES;
		while (out->len < OUT_MAX_BYTES &&
		       (n = nghttp2_session_mem_send(h->session, &data)) > 0)
			buf_put(out, data, (size_t)n);
		if (n < 0)
			stream_fail(&c->stream);
		else if (out->len > 0)
			stream_send(&c->stream, out->data, out->len, NULL, 0, STREAM_COPY);
	}
	if (!nghttp2_session_want_read(h->session) && !nghttp2_session_want_write(h->session) &&
	    !stream_busy(&c->stream))
		stream_fail(&c->stream); /* it is over: closed from the loop */
}

static void
http2_data(struct conn *c, const char *data, size_t len)
{
	struct http2 *h = c->state;

	h->receiving = true;
	if (nghttp2_session_mem_recv(h->session, (const uint8_t *)data, len) < 0)
		stream_fail(&c->stream);
	h->receiving = false;
	if (!c->closing)
		produce(c);
}

static void
http2_settle(struct conn *c)
{
	produce(c);
}

static void
http2_end(struct conn *c)
{
	conn_close(c);
}

static void
http2_sweep(struct conn *c, uint64_t now_ms)
{
	struct http2 *h = c->state;
	struct exchange *next;
	bool cut = false;

	if (h->streams == NULL && now_ms > c->deadline_ms) {
		nghttp2_session_terminate_session(h->session, NGHTTP2_NO_ERROR);
		produce(c);
		conn_close(c);
		return;
	}
	for (struct exchange *x = h->streams; x != NULL; x = next) {
		next = x->next;
		if (x->unwanted_ms != 0 && now_ms - x->unwanted_ms > LINGER_MS) {
			nghttp2_submit_rst_stream(
			    h->session, NGHTTP2_FLAG_NONE, x->stream_id, NGHTTP2_NO_ERROR);
			cut = true;
			continue;
		}
		if (!exchange_overdue(x, now_ms))
			continue;
		exchange_gone(x);
		x->state = X_DONE;
		x->answered_ms = 0;
		cut = true;
		nghttp2_submit_rst_stream(
		    h->session, NGHTTP2_FLAG_NONE, x->stream_id, NGHTTP2_CANCEL);
	}
	if (cut)
		produce(c);
}

static void
http2_close(struct conn *c)
{
	struct http2 *h = c->state;

	for (struct exchange *x = h->streams; x != NULL; x = x->next)
		exchange_gone(x);
	if (c->stream.failed || h->receiving)
		return;
	nghttp2_session_terminate_session(h->session, NGHTTP2_NO_ERROR);
	produce(c);
}

static void
http2_free(struct conn *c)
{
	struct http2 *h = c->state;

	nghttp2_session_del(h->session);
	while (h->streams != NULL)
		stream_remove(h, h->streams);
	free(h);
}

const struct proto proto_http2 = {
    .on_data = http2_data,
    .on_end = http2_end,
    .on_drained = http2_settle,
    .on_settle = http2_settle,
    .on_sweep = http2_sweep,
    .answer = http2_answer,
    .on_taken = http2_taken,
    .close = http2_close,
    .free = http2_free,
};

static void
session_new(struct conn *c, struct http2 *h)
{
	nghttp2_session_callbacks *cb;
	nghttp2_option *opt;

	if (nghttp2_session_callbacks_new(&cb) != 0 || nghttp2_option_new(&opt) != 0)
		abort(); /* out of memory */
	nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame_recv);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data_chunk);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_stream_close);
	nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_frame_send);
	nghttp2_option_set_no_closed_streams(opt, 1);
	nghttp2_option_set_no_auto_window_update(opt, 1);
	nghttp2_option_set_max_settings(opt, 16);
	if (nghttp2_session_server_new2(&h->session, cb, c, opt) != 0)
		abort();
	nghttp2_option_del(opt);
	nghttp2_session_callbacks_del(cb);
}

void
http2_open(struct conn *c)
{
	static const nghttp2_settings_entry settings[] = {
	    {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
	    {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_BYTES},
	    {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP_TARGET_MAX_BYTES + HTTP_HEADER_MAX_BYTES},
	};
	struct http2 *h = mem_alloc(sizeof *h);

	session_new(c, h);
	c->proto = &proto_http2;
	c->state = h;
	nghttp2_submit_settings(
	    h->session, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof settings[0]);
	nghttp2_session_set_local_window_size(h->session, NGHTTP2_FLAG_NONE, 0, CONN_WINDOW_BYTES);
	conn_defer(c);
}
