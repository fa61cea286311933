/*
 * One TCP connection, plain or TLS, as a stream of plain bytes: what http1.c, http2.c and ws.c stand on.
 *
 * stream_send never calls back: it writes what the kernel takes and queues the rest, and an error only
 * marks the stream failed and asks for stream_ops.on_defer. So whoever answers a request is never
 * re-entered from below. The other callbacks come from the loop. Floor-private; all on the loop's thread.
 */
#ifndef DRILLD_NET_STREAM_H
#define DRILLD_NET_STREAM_H

#include "base/buf.h"
#include "net/live.h"

#include <openssl/ssl.h>
#include <uv.h>

#define STREAM_READ_BYTES (64 * 1024)

struct stream;

struct stream_ops {
	void (*on_secure)(struct stream *s, bool http2); /* TLS is up and ALPN has chosen */
	void (*on_data)(struct stream *s, const char *data, size_t len);
	void (*on_end)(struct stream *s); /* the peer will send no more */
	void (*on_drained)(struct stream *s);
	void (*on_failed)(struct stream *s); /* reset, TLS error: close it */
	void (*on_defer)(struct stream *s);  /* call stream_settle soon, from the loop */
	void (*on_closed)(struct stream *s); /* last: the memory may go */
};

/* Shared by every stream of a server: bytes are used up before the next read. */
struct stream_shared {
	const struct stream_ops *ops;
	SSL_CTX *tls; /* NULL: plain */
	char read[STREAM_READ_BYTES];
	char plain[16 * 1024];
};

struct stream {
	uv_tcp_t tcp;
	struct stream_shared *shared;
	struct tls *tls;      /* NULL: plain */
	uint64_t progress_ms; /* when the kernel last took some of what is queued */
	size_t queued_seen;
	unsigned flights; /* writes that libuv holds */
	bool failed, ended, reading, secure;
};

/* Where the bytes live after stream_send has returned. */
enum stream_keep { STREAM_COPY, STREAM_STATIC };

/* Takes a connection from the listener and starts reading. ERR_IO: nothing to close but stream_close. */
enum err stream_accept(struct stream *s, uv_stream_t *listener, struct stream_shared *shared);

/* Sends head (copied if it must wait), then body. */
void stream_send(struct stream *s, const char *head, size_t head_len, const char *body,
    size_t body_len, enum stream_keep keep);
void stream_send_payload(struct stream *s, struct payload *p); /* takes the caller's count */

bool stream_busy(const struct stream *s);
void stream_read(struct stream *s, bool on);
void stream_shutdown(struct stream *s); /* says that no more will come; not while busy */
void stream_close(struct stream *s);    /* on_closed follows */

/* True if nothing has moved for limit_ms though something is queued. */
bool stream_stuck(struct stream *s, uint64_t limit_ms);

/* ---- tls.c ---- */

enum err tls_context(const char *cert, const char *key, SSL_CTX **out, struct why *why) MUST_CHECK;
void tls_open(struct stream *s);
void tls_free(struct stream *s);
void tls_input(struct stream *s, const char *data, size_t len);
void tls_send(struct stream *s, const char *head, size_t head_len, const char *body,
    size_t body_len, enum stream_keep keep);
bool tls_pending(const struct stream *s); /* some of the body is not encrypted yet */
void tls_pump(struct stream *s);
void tls_shutdown(struct stream *s);

/* For tls.c: writes bytes to the socket; own (may be NULL) is freed after it. */
void stream_raw(struct stream *s, const char *data, size_t len, char *own);
void stream_fail(struct stream *s);

#endif
