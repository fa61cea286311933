/*
 * HTTP/1.1 and 1.0 (RFC 9112): one exchange at a time; what a client sends ahead waits until the answer has
 * gone out. Parsing is in http1_parse.c.
 */
#include "net/http1.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AHEAD_MAX_BYTES (256 * 1024) /* one read past the pause, with room to spare */
#define AHEAD_PAUSE_BYTES (16 * 1024)
/* As nginx does: so long after the last byte, and so long at most. */
#define LINGER_MS 2000
#define LINGER_MAX_MS 30000

/* ---- answering ---- */

static void
emit(void *ctx, const char *name, const char *value)
{
	struct buf *out = ctx;

	buf_puts(out, name);
	buf_put(out, ": ", 2);
	buf_puts(out, value);
	buf_put(out, "\r\n", 2);
}

static void
put_head(struct conn *c, struct exchange *x, const struct http_answer *a)
{
	struct http1 *h = c->state;
	struct buf *out = &c->server->scratch;

	buf_reset(out);
	buf_puts(out, "HTTP/1.1 ");
	buf_put_int(out, a->status);
	buf_putc(out, ' ');
	buf_puts(out, http_status_str((enum http_status)a->status));
	buf_puts(out, "\r\n");
	answer_headers(c->server, a, emit, out);
	if (answer_length(a) >= 0) {
		buf_puts(out, "Content-Length: ");
		buf_put_int(out, answer_length(a));
		buf_puts(out, "\r\n");
	}
	if (!h->keep)
		buf_puts(out, "Connection: close\r\n");
	else if (h->parser.http_minor == 0)
		buf_puts(out, "Connection: keep-alive\r\n");
	buf_puts(out, "\r\n");
	if (buf_err(out) != ERR_OK) { /* a handler's headers past all measure */
		h->keep = false;
		buf_reset(out);
		buf_puts(out, "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n");
		x->head_only = true;
	}
}

/* Ends what is to be sent; reads on for a moment, so that a reset does not overtake the last answer. */
static void
linger(struct conn *c)
{
	struct http1 *h = c->state;

	h->phase = P_LINGER;
	buf_free(&h->ahead);
	if (stream_busy(&c->stream))
		return;
	if (c->stream.ended) {
		conn_defer(c); /* nothing more can come: on_settle closes */
		return;
	}
	if (!h->linger_sent) {
		h->linger_sent = true;
		h->linger_ms = conn_now(c);
		c->deadline_ms = conn_now(c) + LINGER_MS;
		stream_shutdown(&c->stream);
		stream_read(&c->stream, true);
	}
}

/* The answer is out (or as much as the kernel takes now): what is next? Nothing here calls the handler. */
static void
advance(struct conn *c)
{
	struct http1 *h = c->state;

	if (h->x != NULL && !h->feeding) {
		exchange_free(h->x);
		h->x = NULL;
	}
	if (!h->keep || c->server->closing) {
		linger(c);
		return;
	}
	if (stream_busy(&c->stream)) {
		h->phase = P_WRITING;
		return;
	}
	h->phase = P_READING;
	conn_idle(c);
	if (!h->feeding && (h->ahead.len > 0 || c->stream.ended))
		conn_defer(c);
	else if (!h->feeding)
		stream_read(&c->stream, true);
}

/* Sends what has been read of the file while the socket keeps up. */
static void
push_file(struct conn *c)
{
	struct http1 *h = c->state;
	struct exchange *x = h->x;
	const char *piece;

	while (!stream_busy(&c->stream) && !c->stream.failed) {
		if (x->file_piece > 0)
			filebody_used(x->file, x->file_piece);
		if (filebody_done(x->file)) {
			advance(c);
			return;
		}
		piece = filebody_piece(x->file, &x->file_piece);
		if (filebody_failed(x->file))
			stream_fail(
			    &c->stream); /* the length was promised: only the end can tell */
		if (piece == NULL)
			return;
		x->out_sent += x->file_piece;
		stream_send(&c->stream, NULL, 0, piece, x->file_piece, STREAM_STATIC);
	}
}

static void
on_file_ready(void *ctx)
{
	struct exchange *x = ctx;

	if (!x->conn->closing)
		push_file(x->conn);
}

static void
http1_answer(struct conn *c, struct exchange *x, const struct http_answer *a)
{
	struct http1 *h = c->state;
	size_t body_len;

	if (a->close || h->body_left || !c->server->accepting)
		h->keep = false;
	put_head(c, x, a);
	body_len = x->head_only || a->file != NULL || answer_length(a) < 0 ? 0 : a->body_len;
	stream_send(&c->stream, c->server->scratch.data, c->server->scratch.len, a->body, body_len,
	    a->body_static ? STREAM_STATIC : STREAM_COPY);
	if (a->file != NULL)
		exchange_file(x, a, on_file_ready);
	if (x->file == NULL) {
		advance(c);
		return;
	}
	x->answered_ms = conn_now(c);
	h->phase = P_FILE;
}

/* ---- one request ---- */

/* Refuses what cannot be read; the connection ends with it. */
static void
refuse(struct conn *c)
{
	struct http1 *h = c->state;
	struct exchange *x = h->x;

	if (x == NULL)
		x = h->x = exchange_new(c);
	if (x->state == X_DONE) {
		h->keep = false;
		return;
	}
	exchange_gone(x);
	x->close = true;
	h->body_left = true;
	x->state = X_ASKED;
	answer_error(x, x->fault, x->fault_detail);
}

static void
head_complete(struct conn *c)
{
	struct http1 *h = c->state;
	struct exchange *x = h->x;
	http_parser *p = &h->parser;
	bool websocket =
	    p->upgrade && strcasecmp(exchange_field(x, FIELD_UPGRADE), "websocket") == 0;
	uint64_t length = p->flags & F_CHUNKED         ? HTTP_LENGTH_UNKNOWN
			  : p->flags & F_CONTENTLENGTH ? p->content_length
						       : 0;

	p->upgrade =
	    0; /* any other upgrade is declined by answering in HTTP/1.1 (RFC 9110 section 7.8) */
	x->method = http_method_str((enum http_method)p->method);
	http1_check_head(h);
	exchange_ready(x, x->text.data != NULL ? x->text.data : "", x->target_len);
	if (x->fault != 0) {
		refuse(c);
		return;
	}
	h->body_left = length > 0;
	if (ws_wanted(x)) {
		x->state = X_ASKED;
		x->close = true;
		if (!websocket)
			answer_error(x, 426, "this address speaks WebSocket (RFC 6455)");
		else
			ws_upgrade(x);
		return;
	}
	exchange_begin(x, length);
	if (x->state == X_BODY && length > 0 && p->http_minor == 1 &&
	    strcasecmp(exchange_field(x, FIELD_EXPECT), "100-continue") == 0)
		stream_send(&c->stream, "HTTP/1.1 100 Continue\r\n\r\n", 25, NULL, 0, STREAM_COPY);
}

static void
body_complete(struct conn *c)
{
	struct http1 *h = c->state;

	if (h->x == NULL || h->x->state != X_BODY)
		return; /* answered when its head had come */
	h->phase = P_WAITING;
	exchange_ask(h->x);
}

/* ---- bytes in ---- */

/* Runs the parser over data until something has to happen first; returns what it used up. */
static size_t
feed_some(struct conn *c, const char *data, size_t len)
{
	struct http1 *h = c->state;
	const char *fault;
	enum pause pause;
	size_t n;

	h->pause = PAUSE_NONE;
	h->feed_start = data;
	h->feed_end = data + len;
	n = http_parser_execute(&h->parser, &http1_settings, data, len);
	pause = h->pause;
	if (HTTP_PARSER_ERRNO(&h->parser) == HPE_PAUSED) {
		http_parser_pause(&h->parser, 0);
	} else if (HTTP_PARSER_ERRNO(&h->parser) != HPE_OK) {
		if (h->x == NULL)
			h->x = exchange_new(c);
		http1_parse_fault(h);
		refuse(c);
		return len;
	}
	if ((fault = http1_line_fault(h, data, n, pause)) != NULL) {
		exchange_fault(h->x, 400, fault);
		refuse(c);
		return len;
	}
	if (n > 0)
		h->last = data[n - 1];
	if (pause == PAUSE_HEAD)
		head_complete(c);
	else if (pause == PAUSE_BODY)
		body_complete(c);
	return n;
}

static void
keep_ahead(struct conn *c, const char *data, size_t len)
{
	struct http1 *h = c->state;

	h->ahead.max_bytes = AHEAD_MAX_BYTES;
	buf_put(&h->ahead, data, len);
	if (h->ahead.failed)
		stream_fail(&c->stream);
	else if (h->ahead.len > AHEAD_PAUSE_BYTES)
		stream_read(&c->stream, false);
}

static void
feed(struct conn *c, const char *data, size_t len)
{
	struct http1 *h = c->state;
	size_t n;

	h->feeding = true;
	while (len > 0 && !c->closing && h->phase == P_READING) {
		n = feed_some(c, data, len);
		data += n;
		len -= n;
		if (c->proto != &proto_http1) { /* the last byte of its head is still there */
			if (len > 1)
				c->proto->on_data(c, data + 1, len - 1);
			return;
		}
		if (!c->closing && h->x != NULL && h->x->state == X_DONE && h->phase != P_WAITING &&
		    h->phase != P_FILE) {
			exchange_free(h->x);
			h->x = NULL;
		}
	}
	h->feeding = false;
	if (c->closing || h->phase == P_LINGER)
		return;
	if (len > 0)
		keep_ahead(c, data, len);
	else if (h->phase == P_READING && !c->stream.ended)
		stream_read(&c->stream, h->x == NULL || !h->x->choked);
}

static void
http1_data(struct conn *c, const char *data, size_t len)
{
	struct http1 *h = c->state;

	if (h->phase == P_LINGER) {
		if (h->linger_sent)
			c->deadline_ms = conn_now(c) + LINGER_MS;
		return;
	}
	if (h->phase != P_READING || h->ahead.len > 0)
		keep_ahead(c, data, len);
	else
		feed(c, data, len);
}

static void
http1_settle(struct conn *c)
{
	struct http1 *h = c->state;
	struct buf ahead = h->ahead;

	if (h->phase == P_LINGER && c->stream.ended && !stream_busy(&c->stream)) {
		conn_close(c);
		return;
	}
	if (h->phase != P_READING)
		return;
	if (ahead.len > 0) {
		h->ahead = (struct buf){0};
		feed(c, ahead.data, ahead.len);
	}
	buf_free(&ahead);
	/* The state may be a WebSocket's by now. */
	if (c->proto == &proto_http1 && c->stream.ended && h->phase == P_READING && !c->closing)
		conn_close(c);
}

static void
http1_end(struct conn *c)
{
	struct http1 *h = c->state;

	if (h->phase == P_READING || (h->phase == P_LINGER && !stream_busy(&c->stream)))
		conn_close(c);
}

static void
http1_drained(struct conn *c)
{
	struct http1 *h = c->state;

	if (h->phase == P_LINGER)
		linger(c);
	else if (h->phase == P_WRITING)
		advance(c);
	else if (h->phase == P_FILE)
		push_file(c);
}

static void
http1_taken(struct conn *c, struct exchange *x, size_t len)
{
	struct http1 *h = c->state;

	(void)len;
	if (!x->choked && !h->feeding && h->phase == P_READING)
		stream_read(&c->stream, true);
}

static void
http1_sweep(struct conn *c, uint64_t now_ms)
{
	struct http1 *h = c->state;

	if (h->phase == P_LINGER && h->linger_sent &&
	    (now_ms > c->deadline_ms || now_ms - h->linger_ms > LINGER_MAX_MS)) {
		conn_close(c);
	} else if (h->phase == P_FILE && exchange_overdue(h->x, now_ms)) {
		c->server->stats.stuck++;
		conn_close(c);
	} else if (h->phase == P_READING && h->x != NULL && exchange_overdue(h->x, now_ms)) {
		exchange_fault(h->x, 408, "the request took too long to arrive");
		refuse(c);
	} else if (h->phase == P_READING && h->x == NULL && now_ms > c->deadline_ms) {
		conn_close(c);
	}
}

static void
http1_close(struct conn *c)
{
	struct http1 *h = c->state;

	if (h->x != NULL)
		exchange_gone(h->x);
}

static void
http1_free(struct conn *c)
{
	struct http1 *h = c->state;

	if (h->x != NULL)
		exchange_free(h->x);
	buf_free(&h->ahead);
	free(h);
	c->state = NULL;
}

const struct proto proto_http1 = {
    .on_data = http1_data,
    .on_end = http1_end,
    .on_drained = http1_drained,
    .on_settle = http1_settle,
    .on_sweep = http1_sweep,
    .answer = http1_answer,
    .on_taken = http1_taken,
    .close = http1_close,
    .free = http1_free,
};

void
http1_open(struct conn *c)
{
	struct http1 *h = mem_alloc(sizeof *h);

	http_parser_init(&h->parser, HTTP_REQUEST);
	h->parser.data = h;
	h->conn = c;
	h->phase = P_READING;
	c->proto = &proto_http1;
	c->state = h;
}
