/*
 * HTTP/1.1 (http-parser), HTTP/2 (nghttp2) and WebSocket (wslay) over TLS (OpenSSL) or plain, on the libuv
 * loop. None of their headers in here. All on the loop's thread.
 *
 * Life of an exchange: the headers arrive -> on_head decides (answer at once, or take a body up to
 * *body_max, whole or streamed) -> the body arrives -> on_request -> the owner answers with http_respond,
 * now or later -> the exchange is gone. If the client leaves first, on_gone tells the owner to forget it; exactly one of
 * http_respond and on_gone ends an exchange. http_respond never calls back into the handler.
 *
 * A client that has sent its request and closed only its own direction still gets its answer.
 */
#ifndef DRILLD_NET_HTTP_H
#define DRILLD_NET_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/metric.h"
#include "net/loop.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct live_hub;
struct live_join;

#define HTTP_PATH_MAX_BYTES 1024
#define HTTP_TARGET_MAX_BYTES 4096 /* path and query as sent; longer: 414 */
#define HTTP_HEADER_MAX_BYTES 4096 /* of all headers of a request; more: 431 */
#define HTTP_HEADER_MAX_COUNT 64   /* more: 431 */
#define HTTP_KINDS_MAX 64
#define HTTP_BODY_AHEAD_BYTES (512 * 1024)

#define HTTP_LENGTH_UNKNOWN UINT64_MAX

struct http_exchange {
	const char *method; /* "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS" */
	const char *path;   /* decoded once, "/" first, no "..", valid UTF-8 */
	const char *query;  /* raw, without '?', or "" */
	const char *peer;   /* address without port, "127.0.0.1" or "2001:db8::1" */
	bool tls;
	/* Request headers, "" when absent. */
	const char *authorization;
	const char *cookie;
	const char *content_type;
	const char *accept_language;
	const char *if_none_match;
	const char *csrf_token; /* X-CSRF-Token */
	const char *team_token; /* X-Team-Token */
	const char *origin;
	const char *host;
	const char
	    *body; /* whole, in on_request; NUL-terminated for convenience; "" if it was streamed */
	size_t body_len;
	uint64_t
	    announced; /* the body's length as its client says, HTTP_LENGTH_UNKNOWN if it does not */
	bool
	    streamed; /* set in on_head: the body goes to on_body as it comes in, and is not kept */
	struct arena *arena; /* the request's memory; gone with the exchange */
	void *owner;         /* the handler's own */
	unsigned kind;       /* the handler's, below HTTP_KINDS_MAX: what it is counted as */
};

/* The first bytes of an open file, from its start; bytes may be 0. The server reads it off the loop and closes it. */
struct http_file {
	int fd;
	uint64_t bytes;
};

struct http_answer {
	int status;
	const char *content_type; /* NULL = none */
	const void *body;         /* copied unless body_static */
	size_t body_len;
	bool body_static; /* outlives the server (embedded files) */
	/* Instead of body; NULL = none. The fd is the server's from http_respond on, whatever comes of it. */
	const struct http_file *file;
	const char *headers[8][2]; /* name, value; NULL name ends. Security headers are added by the
				      server */
	bool html;                 /* add the page's Content-Security-Policy */
	bool sandbox; /* what somebody has uploaded: a policy that lets it do nothing */
	bool close;   /* close the connection afterwards */
};

struct http_handler {
	/* ERR_OK: take a body of at most *body_max (preset to 0). Else the exchange has been
	 * answered. */
	enum err (*on_head)(void *ctx, struct http_exchange *x, size_t *body_max);
	/*
	 * A piece of a streamed body; data is valid during the call. At most HTTP_BODY_AHEAD_BYTES are handed
	 * over that http_taken has not been told of: until it is, the client is held back, and that time does
	 * not count against it. May answer, which ends it: the rest is not wanted then. on_request follows the
	 * last piece. May be NULL if on_head never sets streamed.
	 */
	void (*on_body)(void *ctx, struct http_exchange *x, const char *data, size_t len);
	void (*on_request)(void *ctx, struct http_exchange *x);
	void (*on_gone)(void *ctx, struct http_exchange *x);
	/*
	 * A WebSocket handshake on /api/v1/live: ERR_OK with *join filled in, or a refusal, which the server
	 * answers before the upgrade with why->text as the detail: ERR_UNAUTHORIZED 401, ERR_FORBIDDEN 403,
	 * ERR_NOT_FOUND 404, ERR_CONFLICT 409, ERR_RATE 429, ERR_BUSY and ERR_CLOSED 503, ERR_INVALID and
	 * the input's other errors 400. Its exchange is over when it returns.
	 */
	enum err (*on_live)(
	    void *ctx, struct http_exchange *x, struct live_join *join, struct why *why);
	void *ctx;
};

struct http_options {
	const char *address;  /* to listen on, e.g. "127.0.0.1"; IPv6 as "::1" */
	int port;             /* 0 = any free one: see http_port */
	const char *tls_cert; /* PEM files; NULL = plain HTTP */
	const char *tls_key;
	struct http_handler handler;
	unsigned connections_max; /* at most this many at once; further ones are closed */
	int idle_seconds;         /* keep-alive and slow-request limit */
	int ping_seconds; /* live clients are pinged so often, dropped if silent as long again; 0 = 30 */
	struct live_hub *hub; /* who joins by on_live; may be NULL */
};

enum err http_open(struct loop *l, const struct http_options *o, struct http_server **out,
    struct why *why) MUST_CHECK;
int http_port(const struct http_server *s);

/* So much more of a streamed body has been dealt with. Not once its exchange is over, or from within on_head. */
void http_taken(struct http_server *s, struct http_exchange *x, size_t len);

/* Answers and ends the exchange. Copies what it needs before it returns. Never fails: a client that
 * has gone is simply gone. */
void http_respond(struct http_server *s, struct http_exchange *x, const struct http_answer *a);

/* Stops accepting; open exchanges may finish until http_close. */
void http_stop_accepting(struct http_server *s);
/* Closes every connection (live clients with code 1001) and the context; ends when loop_run drains.
 */
void http_close(struct http_server *s);

unsigned http_connections(const struct http_server *s);
unsigned http_files(const struct http_server *s); /* on their way out; each holds up to 256 KiB */

/* Since it was opened. Kind 0 is what was answered before a handler could tell what it is. */
struct http_stats {
	uint64_t connections; /* accepted, those that were over the limit among them */
	uint64_t over_limit;  /* closed at once: connections_max */
	uint64_t stuck; /* closed: did not fetch what was sent, or never finished its handshake */
	uint64_t answers[HTTP_KINDS_MAX][6]; /* by the status' first digit */
	/* From the end of a request, or of its head where that was answered at once, to its answer. Without
	 * those that could not be read and the live socket's handshakes. */
	struct histogram seconds[HTTP_KINDS_MAX];
};
const struct http_stats *http_stats(const struct http_server *s);

#endif
