#include "checker/channel.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define READ_BYTES 4096
/*
 * What may wait for a system that does not read: one text of a talk, and the records around it. A peer that
 * makes the TLS layer answer and takes nothing ends here.
 */
#define QUEUE_MAX_BYTES (1024 * 1024)

struct channel {
	const struct exchange *x;
	const struct channel_user *user;
	void *ctx;
	uv_tcp_t tcp;
	uv_connect_t connect;
	struct tls_client *tls;
	unsigned flights; /* writes that libuv holds */
	bool sending;     /* the user waits for `sent` */
	bool closed;
	char in[READ_BYTES];
};

struct flight {
	uv_write_t write;
	struct channel *channel;
	char data[];
};

static void
on_closed(uv_handle_t *h)
{
	struct channel *w = h->data;

	tls_client_free(w->tls);
	free(w);
}

void
channel_close(struct channel *w)
{
	w->closed = true;
	uv_close((uv_handle_t *)&w->tcp, on_closed);
}

static void
fail_errno(struct channel *w, int uv_code)
{
	struct outcome o;

	outcome_from_errno(&o, -uv_code); /* on Unix libuv's codes are negated errnos */
	w->user->failed(w->ctx, &o);
}

static enum err
mumble(struct outcome *o, const char *said)
{
	o->status = ST_MUMBLE;
	return why_set(&o->said, ERR_IO, "%s", said);
}

/* ---- out ---- */

static void
on_written(uv_write_t *req, int status)
{
	struct flight *f = (struct flight *)req;
	struct channel *w = f->channel;

	free(f);
	w->flights--;
	if (w->closed)
		return;
	if (status < 0) {
		fail_errno(w, status);
	} else if (w->sending && w->flights == 0) {
		w->sending = false;
		w->user->sent(w->ctx);
	}
}

static enum err
put_raw(struct channel *w, const void *data, size_t len, struct outcome *o)
{
	uv_stream_t *stream = (uv_stream_t *)&w->tcp;
	struct flight *f;
	uv_buf_t piece;
	int code;

	if (uv_stream_get_write_queue_size(stream) + len > QUEUE_MAX_BYTES)
		return mumble(o, "it does not read what it is sent");
	f = mem_alloc(sizeof *f + len);
	f->channel = w;
	if (len > 0)
		memcpy(f->data, data, len);
	piece = uv_buf_init(f->data, (unsigned)len);
	if ((code = uv_write(&f->write, stream, &piece, 1, on_written)) == 0) {
		w->flights++;
		return ERR_OK;
	}
	free(f);
	outcome_from_errno(o, -code);
	return ERR_IO;
}

/* The records that OpenSSL wants to have sent. */
static enum err
flush(struct channel *w, struct outcome *o)
{
	struct buf records;
	enum err e = ERR_OK;

	buf_init(&records, QUEUE_MAX_BYTES);
	tls_client_drain(w->tls, &records);
	if (records.failed)
		e = mumble(o, "it does not read what it is sent");
	else if (records.len > 0)
		e = put_raw(w, records.data, records.len, o);
	buf_free(&records);
	return e;
}

enum err
channel_send(struct channel *w, const void *data, size_t len, struct outcome *o)
{
	enum err e;

	if (w->tls == NULL || len == 0)
		e = put_raw(w, data, len, o);
	else if (!tls_client_write(w->tls, data, len))
		e = mumble(o, "the TLS connection broke");
	else
		e = flush(w, o);
	w->sending = e == ERR_OK;
	return e;
}

/* ---- in ---- */

/* Hands on what the TLS layer makes of the records it was fed; the user may close at every point. */
static void
hand_on(struct channel *w)
{
	char data[READ_BYTES];
	enum tls_event event = TLS_DATA;
	struct outcome o;
	size_t len;

	while (!w->closed && event != TLS_WAIT) {
		event = tls_client_step(w->tls, data, sizeof data, &len, &o);
		if (flush(w, &o) != ERR_OK)
			event = TLS_FAILED;
		if (event == TLS_READY)
			w->user->opened(w->ctx);
		else if (event == TLS_DATA)
			w->user->received(w->ctx, data, len);
		if (event == TLS_ENDED || event == TLS_FAILED)
			break;
	}
	if (!w->closed && event != TLS_WAIT)
		uv_read_stop((uv_stream_t *)&w->tcp); /* what comes now would only pile up */
	if (!w->closed && event == TLS_ENDED)
		w->user->ended(w->ctx);
	else if (!w->closed && event == TLS_FAILED)
		w->user->failed(w->ctx, &o);
}

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *out)
{
	struct channel *w = h->data;

	(void)suggested;
	*out = uv_buf_init(w->in, sizeof w->in);
}

static void
on_end(struct channel *w)
{
	struct outcome o;

	uv_read_stop((uv_stream_t *)&w->tcp);
	if (w->tls == NULL || tls_client_ready(w->tls)) {
		w->user->ended(w->ctx);
		return;
	}
	(void)mumble(&o, "closed during the TLS handshake");
	w->user->failed(w->ctx, &o);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *data)
{
	struct channel *w = stream->data;

	if (w->closed || n == 0)
		return;
	if (n == UV_EOF) {
		on_end(w);
	} else if (n < 0) {
		fail_errno(w, (int)n);
	} else if (w->tls == NULL) {
		w->user->received(w->ctx, data->base, (size_t)n);
	} else {
		tls_client_feed(w->tls, data->base, (size_t)n);
		hand_on(w);
	}
}

static void
on_connect(uv_connect_t *req, int status)
{
	struct channel *w = req->data;

	if (w->closed)
		return;
	if (status == 0)
		status = uv_read_start((uv_stream_t *)&w->tcp, on_alloc, on_read);
	if (status < 0)
		fail_errno(w, status);
	else
		w->user->opened(w->ctx);
}

/* ---- its life ---- */

enum err
channel_secure(struct channel *w, const struct tls_wishes *wishes, struct outcome *o)
{
	char none[1];
	size_t len;

	w->tls = tls_client_new(wishes, w->x->host);
	if (tls_client_step(w->tls, none, sizeof none, &len, o) == TLS_FAILED)
		return ERR_IO;
	return flush(w, o);
}

enum err
channel_open(const struct exchange *x, const struct channel_user *user, void *ctx,
    struct channel **out, struct outcome *o)
{
	struct channel *w = mem_alloc(sizeof *w);
	struct sockaddr_storage address;
	socklen_t len;
	int code;

	w->x = x;
	w->user = user;
	w->ctx = ctx;
	uv_tcp_init(x->loop, &w->tcp);
	w->tcp.data = w;
	w->connect.data = w;
	code =
	    uv_tcp_connect(&w->connect, &w->tcp, exchange_address(x, &address, &len), on_connect);
	if (code != 0) {
		outcome_from_errno(o, -code);
		channel_close(w);
		return ERR_IO;
	}
	*out = w;
	return ERR_OK;
}
