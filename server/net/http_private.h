/*
 * What the files of the HTTP server share: http.c (listening, connections, sweeping), exchange.c (a request's
 * head), answer.c (headers of an answer, problem documents), http1.c, http2.c and ws.c (one protocol each).
 * Floor-private; all on the loop's thread.
 */
#ifndef DRILLD_NET_HTTP_PRIVATE_H
#define DRILLD_NET_HTTP_PRIVATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "net/filebody.h"
#include "net/http.h"
#include "net/live_private.h"
#include "net/loop_uv.h"
#include "net/stream.h"

#define LIVE_PATH "/api/v1/live"

struct conn;
struct exchange;

struct http_server {
	struct http_options o;
	uv_loop_t *uv;
	uv_tcp_t listener;
	uv_timer_t sweep; /* each second: who has been idle too long */
	uv_idle_t chores; /* runs while something is deferred or the hub has work */
	unsigned handles; /* of the three above, open ones */
	int port;
	struct conn *conns; /* all of them */
	struct conn *todo;  /* those with something deferred */
	unsigned conn_count;
	unsigned files; /* answers that are files, not at their end */
	bool accepting, closing, hub_work;
	struct exchange *spare; /* to save the allocations; singly linked */
	unsigned spare_count;
	struct buf scratch; /* the head of the answer being written */
	char date[32];
	uint64_t date_ms;
	struct http_stats stats;
	struct stream_shared shared;
};

/* What a protocol does with its connection; NULL members are not needed by it. */
struct proto {
	void (*on_data)(struct conn *c, const char *data, size_t len);
	void (*on_end)(struct conn *c);
	void (*on_drained)(struct conn *c);
	void (*on_settle)(struct conn *c); /* the deferred part, from the loop */
	void (*on_sweep)(struct conn *c, uint64_t now_ms);
	void (*answer)(struct conn *c, struct exchange *x, const struct http_answer *a);
	/* So much of a streamed body has been dealt with: let the client go on. */
	void (*on_taken)(struct conn *c, struct exchange *x, size_t len);
	void (*close)(struct conn *c); /* says goodbye as far as the protocol has a word for it */
	void (*free)(struct conn *c);
};

extern const struct proto proto_http1, proto_http2, proto_ws;

struct conn {
	struct stream stream; /* first: a stream is its connection */
	struct http_server *server;
	struct conn *prev, *next, *todo_next;
	bool todo, closing;
	const struct proto *proto;
	void *state; /* the protocol's own */
	uint64_t deadline_ms;
	char peer[46];
};

/* ---- exchange.c ---- */

enum field {
	FIELD_AUTHORIZATION,
	FIELD_COOKIE,
	FIELD_CONTENT_TYPE,
	FIELD_ACCEPT_LANGUAGE,
	FIELD_IF_NONE_MATCH,
	FIELD_CSRF_TOKEN,
	FIELD_TEAM_TOKEN,
	FIELD_ORIGIN,
	FIELD_HOST,
	FIELD_EXPECT,
	FIELD_WS_KEY,
	FIELD_WS_VERSION,
	FIELD_UPGRADE,
	FIELD_TRANSFER_ENCODING,
	FIELD_COUNT,
	FIELD_OTHER = FIELD_COUNT
};

enum exchange_state {
	X_HEAD,  /* its head is coming in */
	X_BODY,  /* taken by the handler, its body is coming in */
	X_ASKED, /* with the handler, who owes an answer */
	X_DONE   /* answered, or the client has gone */
};

struct exchange {
	struct http_exchange pub; /* first: the handler's view */
	struct conn *conn;
	struct exchange *prev, *next; /* the streams of an HTTP/2 connection */
	enum exchange_state state;
	struct arena arena;
	struct buf text; /* target and header values while the head comes in */
	size_t target_len;
	size_t at[FIELD_COUNT]; /* where in text a value begins, plus one; 0 = absent */
	enum field field;       /* whose value is being appended */
	size_t header_bytes;
	unsigned header_count;
	const char *method;
	int fault; /* the status to refuse it with, once its head is whole; 0 = none */
	const char *fault_detail;
	bool head_only;  /* HEAD: an answer without its body */
	bool close;      /* nothing more can be read after it */
	struct buf body; /* unless it is streamed */
	size_t body_max, received;
	size_t untaken; /* of a streamed body: with the handler, and not dealt with */
	bool choked;    /* so much of it that the client is held back */
	uint64_t started_ms, moved_ms, choked_ms;
	int64_t asked_ns; /* since when the handler could answer; 0 = not yet */
	/* HTTP/2: its stream, and the answer's body until that is sent. */
	int32_t stream_id;
	const char *out;
	size_t out_len;
	char *out_own;
	struct filebody *file; /* the body instead, with either protocol */
	size_t file_piece;     /* HTTP/1: how much of it the socket has now */
	uint64_t out_sent;
	uint64_t answered_ms; /* 0: not yet, or given up */
	uint64_t
	    unwanted_ms; /* HTTP/2: since when its answer is out though its body is not in; 0 = it is not so */
};

struct exchange *exchange_new(struct conn *c);
void exchange_free(struct exchange *x);

/* A header: name in any case, then its value in one or more parts, then its end. */
void exchange_header(struct exchange *x, const char *name, size_t len);
void exchange_value(struct exchange *x, const char *value, size_t len);
void exchange_value_end(struct exchange *x);
const char *exchange_field(const struct exchange *x, enum field f);      /* "" when absent */
void exchange_fault(struct exchange *x, int status, const char *detail); /* the first one stays */

/* The head is whole: fills in x->pub, or sets x->fault. target: path and query, or an absolute URI. */
void exchange_ready(struct exchange *x, const char *target, size_t len);

/* Asks the handler; then x is X_BODY or X_DONE. length: of the body, HTTP_LENGTH_UNKNOWN when not known yet. */
void exchange_begin(struct exchange *x, uint64_t length);
void exchange_body(struct exchange *x, const char *data, size_t len);
bool exchange_streamed(
    const struct exchange *x);          /* its pieces are dealt with one by one: http_taken */
void exchange_ask(struct exchange *x);  /* the body is whole */
void exchange_gone(struct exchange *x); /* the client has left: tells the handler if it must know */
/* True if its bytes come in, or (HTTP/2, and a file's) its answer's are fetched, too slowly. */
bool exchange_overdue(const struct exchange *x, uint64_t now_ms);

/*
 * An answer that is a file: takes its descriptor, and gives x->file if there is anything to send. on_ready as
 * filebody_open has it.
 */
void exchange_file(struct exchange *x, const struct http_answer *a, void (*on_ready)(void *ctx));
void exchange_file_end(struct exchange *x); /* it has gone out, or never will */
/* What Content-Length says; -1: nothing, for the status has no body. */
int64_t answer_length(const struct http_answer *a);

/* ---- answer.c ---- */

/* Calls emit for every header of the answer but the lengths and the connection's. */
void answer_headers(struct http_server *s, const struct http_answer *a,
    void (*emit)(void *ctx, const char *name, const char *value), void *ctx);

/* Refuses: ends the exchange with a problem document of ours. */
void answer_problem(struct exchange *x, int status, const char *title, const char *detail);
void answer_error(struct exchange *x, int status, const char *detail); /* title by the status */
int answer_status(enum err e);

/* ---- http.c ---- */

void conn_defer(struct conn *c); /* on_settle from the loop, or closing if the stream has failed */
void conn_close(struct conn *c); /* at once; only from the loop's callbacks */
uint64_t conn_now(const struct conn *c);
void http_count(struct exchange *x, int status); /* x gets, or has got, its answer */
void conn_idle(struct conn *c);                  /* it has the idle time from now on */

/* ---- http1.c, http2.c, ws.c ---- */

void http1_open(struct conn *c);
void http2_open(struct conn *c);

/* Whether x asks for the live socket; if so it has been answered or upgraded, and x is done. */
bool ws_wanted(const struct exchange *x);
bool ws_upgrade(struct exchange *x); /* true: the connection is a WebSocket now */

#endif
