#include "net/stream.h"
#include "base/mem.h"
#include "net/live_private.h"

#include <stdlib.h>
#include <string.h>

/* What the kernel did not take at once. */
struct flight {
	uv_write_t req;
	char *own;               /* freed when it has landed */
	struct payload *payload; /* dropped when it has landed */
};

static struct stream *
stream_of(void *handle)
{
	return ((uv_handle_t *)handle)->data;
}

void
stream_fail(struct stream *s)
{
	if (s->failed)
		return;
	s->failed = true;
	s->shared->ops->on_defer(s);
}

/* ---- reading ---- */

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	struct stream *s = stream_of(h);

	(void)suggested;
	*buf = uv_buf_init(s->shared->read, sizeof s->shared->read);
}

static void
on_read(uv_stream_t *uv, ssize_t n, const uv_buf_t *buf)
{
	struct stream *s = stream_of(uv);

	if (n > 0 && s->tls != NULL) {
		tls_input(s, buf->base, (size_t)n);
	} else if (n > 0) {
		s->shared->ops->on_data(s, buf->base, (size_t)n);
	} else if (n == UV_EOF) {
		s->ended = true;
		s->reading = false;
		s->shared->ops->on_end(s);
	} else if (n < 0) {
		s->failed = true;
		s->shared->ops->on_failed(s);
	}
}

void
stream_read(struct stream *s, bool on)
{
	if (on == s->reading || s->ended || uv_is_closing((uv_handle_t *)&s->tcp))
		return;
	s->reading = on;
	if (!on)
		uv_read_stop((uv_stream_t *)&s->tcp);
	else if (uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read) != 0)
		stream_fail(s);
}

enum err
stream_accept(struct stream *s, uv_stream_t *listener, struct stream_shared *shared)
{
	s->shared = shared;
	if (uv_tcp_init(listener->loop, &s->tcp) != 0)
		abort(); /* cannot fail without a socket to make */
	s->tcp.data = s;
	if (uv_accept(listener, (uv_stream_t *)&s->tcp) != 0)
		return ERR_IO;
	uv_tcp_nodelay(&s->tcp, 1);
	if (shared->tls != NULL)
		tls_open(s);
	stream_read(s, true);
	return s->failed ? ERR_IO : ERR_OK;
}

/* ---- writing ---- */

static void
on_written(uv_write_t *req, int status)
{
	struct flight *f = (struct flight *)req;
	struct stream *s = stream_of(req->handle);

	free(f->own);
	payload_drop(f->payload);
	free(f);
	s->flights--;
	if (status == UV_ECANCELED)
		return;
	if (status < 0) {
		s->failed = true;
		s->shared->ops->on_failed(s);
		return;
	}
	if (s->flights > 0)
		return;
	if (s->tls != NULL && tls_pending(s))
		tls_pump(s);
	if (s->flights == 0 && !s->failed)
		s->shared->ops->on_drained(s);
}

static void
launch(struct stream *s, const uv_buf_t *bufs, unsigned count, char *own, struct payload *payload)
{
	struct flight *f = mem_resize(NULL, 1, sizeof *f);

	f->own = own;
	f->payload = payload;
	if (uv_write(&f->req, (uv_stream_t *)&s->tcp, bufs, count, on_written) != 0) {
		free(own);
		payload_drop(payload);
		free(f);
		stream_fail(s);
		return;
	}
	if (s->flights++ == 0) {
		s->progress_ms = uv_now(s->tcp.loop);
		s->queued_seen = SIZE_MAX;
	}
}

/* Bytes the kernel took at once; none when something is queued already or the stream has failed. */
static size_t
try_write(struct stream *s, const uv_buf_t *bufs, unsigned count)
{
	int n;

	if (s->flights > 0 || s->failed || uv_is_closing((uv_handle_t *)&s->tcp))
		return 0;
	n = uv_try_write((uv_stream_t *)&s->tcp, bufs, count);
	if (n < 0 && n != UV_EAGAIN)
		stream_fail(s);
	return n > 0 ? (size_t)n : 0;
}

static bool
gone(const struct stream *s)
{
	return s->failed || uv_is_closing((const uv_handle_t *)&s->tcp);
}

void
stream_raw(struct stream *s, const char *data, size_t len, char *own)
{
	uv_buf_t buf = uv_buf_init((char *)data, (unsigned)len);
	size_t n = try_write(s, &buf, 1);

	if (n == len || gone(s)) {
		free(own);
		return;
	}
	buf = uv_buf_init((char *)data + n, (unsigned)(len - n));
	launch(s, &buf, 1, own, NULL);
}

/* The kernel took n bytes of head and body: queue the rest, copying what the caller takes back. */
static void
queue_rest(struct stream *s, uv_buf_t *bufs, size_t n, enum stream_keep keep)
{
	size_t head = n < bufs[0].len ? bufs[0].len - n : 0;
	size_t skip = n > bufs[0].len ? n - bufs[0].len : 0;
	size_t body = bufs[1].len - skip;
	size_t copied = head + (keep == STREAM_COPY ? body : 0);
	char *own = copied > 0 ? mem_resize(NULL, copied, 1) : NULL;
	const char *from = bufs[1].base + skip;

	if (head > 0)
		memcpy(own, bufs[0].base + n, head);
	if (keep == STREAM_COPY && body > 0)
		memcpy(own + head, from, body);
	bufs[0] = uv_buf_init(own, (unsigned)copied);
	bufs[1] = uv_buf_init((char *)from, (unsigned)body);
	if (copied == 0)
		launch(s, bufs + 1, 1, NULL, NULL);
	else
		launch(s, bufs, keep == STREAM_COPY || body == 0 ? 1 : 2, own, NULL);
}

void
stream_send(struct stream *s, const char *head, size_t head_len, const char *body, size_t body_len,
    enum stream_keep keep)
{
	uv_buf_t bufs[2];
	size_t n;

	if (gone(s))
		return;
	if (s->tls != NULL) {
		tls_send(s, head, head_len, body, body_len, keep);
		return;
	}
	bufs[0] = uv_buf_init((char *)head, (unsigned)head_len);
	bufs[1] = uv_buf_init((char *)body, (unsigned)body_len);
	n = try_write(s, bufs, body_len > 0 ? 2 : 1);
	if (n < head_len + body_len && !s->failed)
		queue_rest(s, bufs, n, keep);
}

void
stream_send_payload(struct stream *s, struct payload *p)
{
	size_t len, n;
	const char *frame = payload_frame(p, &len);
	uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)len);

	if (s->tls != NULL && !gone(s))
		tls_send(s, frame, len, NULL, 0, STREAM_COPY);
	n = s->tls != NULL ? len : try_write(s, &buf, 1);
	if (n == len || gone(s)) {
		payload_drop(p);
		return;
	}
	buf = uv_buf_init((char *)frame + n, (unsigned)(len - n));
	launch(s, &buf, 1, NULL, p);
}

bool
stream_busy(const struct stream *s)
{
	return s->flights > 0 || (s->tls != NULL && tls_pending(s));
}

bool
stream_stuck(struct stream *s, uint64_t limit_ms)
{
	size_t queued = uv_stream_get_write_queue_size((uv_stream_t *)&s->tcp);

	if (s->flights == 0)
		return false;
	if (queued != s->queued_seen) {
		s->queued_seen = queued;
		s->progress_ms = uv_now(s->tcp.loop);
	}
	return uv_now(s->tcp.loop) - s->progress_ms > limit_ms;
}

/* ---- ending ---- */

static void
on_shutdown(uv_shutdown_t *req, int status)
{
	(void)status; /* a peer that has gone is noticed by the read */
	free(req);
}

void
stream_shutdown(struct stream *s)
{
	uv_shutdown_t *req;

	if (gone(s))
		return;
	if (s->tls != NULL)
		tls_shutdown(s);
	req = mem_alloc(sizeof *req);
	if (uv_shutdown(req, (uv_stream_t *)&s->tcp, on_shutdown) != 0)
		free(req);
}

static void
on_close(uv_handle_t *h)
{
	struct stream *s = h->data;

	tls_free(s);
	s->shared->ops->on_closed(s);
}

void
stream_close(struct stream *s)
{
	if (!uv_is_closing((uv_handle_t *)&s->tcp))
		uv_close((uv_handle_t *)&s->tcp, on_close);
}
