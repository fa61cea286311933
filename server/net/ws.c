/*
 * The live socket (RFC 6455) on wslay. wslay reads what clients send, which is control frames and nothing
 * else of use, and writes control frames; the hub's frames are whole already and go to the stream as they
 * are, one at a time, so a client that reads slowly holds one frame and its place in the ring.
 */
#include "base/json.h"
#include "base/mem.h"
#include "net/http_private.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wslay/wslay.h>

#define MESSAGE_MAX_BYTES 4096
#define CONTROL_QUEUE_MAX 16 /* pongs that a client has asked for and does not fetch */
#define GOODBYE_MS 5000
#define CODE_TRY_LATER 1013

struct ws {
	struct live_client client;
	struct conn *conn;
	wslay_event_context_ptr wslay;
	const char *in;
	size_t in_len;
	uint64_t heard_ms; /* when the client last sent anything */
	bool pinged, leaving, shut;
};

/* ---- what the client sends ---- */

static ssize_t
on_recv(wslay_event_context_ptr ctx, uint8_t *to, size_t max, int flags, void *arg)
{
	struct ws *w = arg;
	size_t n = w->in_len < max ? w->in_len : max;

	(void)flags;
	if (n == 0) {
		wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	memcpy(to, w->in, n);
	w->in += n;
	w->in_len -= n;
	return (ssize_t)n;
}

static ssize_t
on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *arg)
{
	struct ws *w = arg;

	(void)flags;
	/* Behind a frame that is on its way they wait in wslay, where they are counted. */
	if (stream_busy(&w->conn->stream)) {
		wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	stream_send(&w->conn->stream, (const char *)data, len, NULL, 0, STREAM_COPY);
	return (ssize_t)len;
}

static void
say_goodbye(struct ws *w, uint16_t code, const char *reason)
{
	if (w->leaving)
		return;
	w->leaving = true;
	live_leave(&w->client);
	w->conn->deadline_ms = conn_now(w->conn) + GOODBYE_MS;
	wslay_event_queue_close(w->wslay, code, (const uint8_t *)reason, strlen(reason));
}

static void
on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
	struct ws *w = arg;

	(void)ctx;
	if (m->opcode == WSLAY_BINARY_FRAME)
		say_goodbye(w, WSLAY_CODE_UNSUPPORTED_DATA, "this socket takes no binary messages");
}

static const struct wslay_event_callbacks callbacks = {
    .recv_callback = on_recv,
    .send_callback = on_send,
    .on_msg_recv_callback = on_message,
};

/* ---- what goes to the client ---- */

/* A partly written control frame would be torn by a frame of the hub's: wslay first, then the ring. */
static void
flush(struct ws *w)
{
	struct stream *s = &w->conn->stream;
	struct payload *p;
	enum live_take take = LIVE_NOTHING;

	while (!stream_busy(s) && !s->failed) {
		if (wslay_event_want_write(w->wslay)) {
			if (wslay_event_send(w->wslay) != 0)
				stream_fail(s);
			continue;
		}
		if (w->client.hub == NULL || (take = live_take(&w->client, &p)) == LIVE_NOTHING)
			break;
		if (take == LIVE_LOST)
			say_goodbye(w, CODE_TRY_LATER, "come back for a snapshot");
		else
			stream_send_payload(s, p);
	}
	if (wslay_event_get_queued_msg_count(w->wslay) > CONTROL_QUEUE_MAX)
		stream_fail(s);
	if (wslay_event_want_write(w->wslay) || wslay_event_want_read(w->wslay) || stream_busy(s))
		return;
	/* Closing with bytes unread would reset the connection before the client has read why. */
	if (wslay_event_get_close_received(w->wslay))
		conn_defer(w->conn);
	else if (!w->shut)
		stream_shutdown(s);
	w->shut = true;
}

static void
on_push(struct live_client *client)
{
	flush((struct ws *)client);
}

/* ---- the connection's callbacks ---- */

static void
ws_data(struct conn *c, const char *data, size_t len)
{
	struct ws *w = c->state;

	w->in = data;
	w->in_len = len;
	w->heard_ms = conn_now(c);
	w->pinged = false;
	if (wslay_event_recv(w->wslay) != 0)
		wslay_event_shutdown_read(
		    w->wslay); /* no frame at all; a close frame without a code is queued */
	w->in = NULL;
	w->in_len = 0;
	/* wslay answers a breach of the protocol with a close frame of its own. */
	if (!w->leaving && !wslay_event_get_read_enabled(w->wslay)) {
		w->leaving = true;
		live_leave(&w->client);
		c->deadline_ms = conn_now(c) + GOODBYE_MS;
	}
	flush(w);
}

static void
ws_end(struct conn *c)
{
	conn_close(c);
}

static void
ws_drained(struct conn *c)
{
	flush(c->state);
}

/* Right after the handshake, or when both close frames have passed. */
static void
ws_settle(struct conn *c)
{
	struct ws *w = c->state;

	if (w->shut)
		conn_close(c);
	else
		flush(w);
}

static void
ws_sweep(struct conn *c, uint64_t now_ms)
{
	static const struct wslay_event_msg ping = {.opcode = WSLAY_PING};
	struct ws *w = c->state;
	uint64_t limit_ms = (uint64_t)c->server->o.ping_seconds * 1000;
	uint64_t quiet_ms = now_ms - w->heard_ms;

	if (w->leaving ? now_ms > c->deadline_ms : quiet_ms >= 2 * limit_ms) {
		live_silent(&w->client); /* in no hub any more if it has only not said goodbye */
		conn_close(c);
	} else if (!w->leaving && !w->pinged && quiet_ms >= limit_ms) {
		w->pinged = true;
		wslay_event_queue_msg(w->wslay, &ping);
		flush(w);
	}
}

static void
ws_close(struct conn *c)
{
	struct ws *w = c->state;

	live_leave(&w->client);
	if (c->server->closing && !c->stream.failed) {
		say_goodbye(w, WSLAY_CODE_GOING_AWAY, "the server is going down");
		flush(w);
	}
}

static void
ws_free(struct conn *c)
{
	struct ws *w = c->state;

	wslay_event_context_free(w->wslay);
	free(w);
}

const struct proto proto_ws = {
    .on_data = ws_data,
    .on_end = ws_end,
    .on_drained = ws_drained,
    .on_settle = ws_settle,
    .on_sweep = ws_sweep,
    .close = ws_close,
    .free = ws_free,
};

/* ---- the handshake ---- */

bool
ws_wanted(const struct exchange *x)
{
	return x->conn->server->o.hub != NULL && strcmp(x->pub.path, LIVE_PATH) == 0 &&
	       strcmp(x->pub.method, "GET") == 0;
}

/* A page of another site may open sockets to us with our cookies: its Origin gives it away. */
static bool
is_own_origin(const struct exchange *x)
{
	const char *origin = x->pub.origin, *host;

	if (origin[0] == '\0')
		return true;
	host = strstr(origin, "://");
	return host != NULL && strcasecmp(host + 3, x->pub.host) == 0;
}

static bool
is_key(const char *key)
{
	uint8_t raw[18 + 1];

	return strlen(key) == 24 && EVP_DecodeBlock(raw, (const uint8_t *)key, 24) == 18 &&
	       strcmp(key + 22, "==") == 0;
}

static void
accept_key(const char *key, char out[32])
{
	char text[64];
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned len;
	int n = snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);

	if (EVP_Digest(text, (size_t)n, hash, &len, EVP_sha1(), NULL) != 1)
		abort();
	EVP_EncodeBlock((uint8_t *)out, hash, (int)len);
}

static bool
allowed(struct exchange *x, struct live_join *join)
{
	struct http_server *s = x->conn->server;
	struct why why = {""};
	enum err e;

	if (strcmp(exchange_field(x, FIELD_WS_VERSION), "13") != 0) {
		answer_error(x, 426, "the WebSocket version is 13");
	} else if (!is_key(exchange_field(x, FIELD_WS_KEY))) {
		answer_error(x, 400, "Sec-WebSocket-Key must be 16 bytes in base64");
	} else if (!is_own_origin(x)) {
		answer_error(x, 403, "the Origin is not this host");
	} else if (live_full(s->o.hub)) {
		answer_error(
		    x, 503, "as many live clients as can be served are connected: try again later");
	} else if ((e = s->o.handler.on_live(s->o.handler.ctx, &x->pub, join, &why)) != ERR_OK) {
		answer_problem(x, answer_status(e), err_name(e), why.text);
	} else {
		return true;
	}
	return false;
}

static void
switch_protocols(struct conn *c, const char *key)
{
	char accept[32], head[160];
	int n;

	accept_key(key, accept);
	n = snprintf(head, sizeof head,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
	    accept);
	stream_send(&c->stream, head, (size_t)n, NULL, 0, STREAM_COPY);
}

bool
ws_upgrade(struct exchange *x)
{
	struct conn *c = x->conn;
	struct live_join join = {.audience = LIVE_PUBLIC, .since = UINT64_MAX};
	struct ws *w;

	if (!allowed(x, &join))
		return false;
	switch_protocols(c, exchange_field(x, FIELD_WS_KEY));
	http_count(x, 101);
	x->state = X_DONE;
	c->proto->free(c);
	w = mem_alloc(sizeof *w);
	if (wslay_event_context_server_init(&w->wslay, &callbacks, w) != 0)
		abort(); /* out of memory */
	wslay_event_config_set_max_recv_msg_length(w->wslay, MESSAGE_MAX_BYTES);
	w->conn = c;
	w->heard_ms = conn_now(c);
	c->proto = &proto_ws;
	c->state = w;
	live_enter(c->server->o.hub, &w->client, &join, on_push);
	conn_defer(c);
	return true;
}
