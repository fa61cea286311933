/*
 * The server: listening, its connections, and the chores that must not happen inside somebody's callback.
 */
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/http_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BACKLOG 4096
#define SWEEP_MS 1000
#define PUSHES_PER_TURN 256 /* so that a broadcast to thousands does not hold up requests */
#define OTHER_FDS 256       /* the journal, the checker, the libraries */
#define PING_SECONDS 30
#define SCRATCH_MAX_BYTES (32 * 1024)

static const double answer_seconds[] = {
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};

/* ---- connections ---- */

uint64_t
conn_now(const struct conn *c)
{
	return uv_now(c->server->uv);
}

void
conn_idle(struct conn *c)
{
	c->deadline_ms = conn_now(c) + (uint64_t)c->server->o.idle_seconds * 1000;
}

static void on_chores(uv_idle_t *idle);

static void
chores_wanted(struct http_server *s)
{
	if (!s->closing)
		uv_idle_start(&s->chores, on_chores);
}

void
conn_defer(struct conn *c)
{
	struct http_server *s = c->server;

	if (c->todo || c->closing)
		return;
	c->todo = true;
	c->todo_next = s->todo;
	s->todo = c;
	chores_wanted(s);
}

void
conn_close(struct conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	if (c->proto != NULL && c->proto->close != NULL)
		c->proto->close(c);
	stream_close(&c->stream);
}

static struct conn *
conn_of(struct stream *s)
{
	return (struct conn *)s;
}

static void
on_secure(struct stream *s, bool http2)
{
	if (http2)
		http2_open(conn_of(s));
	else
		http1_open(conn_of(s));
}

static void
on_data(struct stream *s, const char *data, size_t len)
{
	struct conn *c = conn_of(s);

	if (!c->closing)
		c->proto->on_data(c, data, len);
}

static void
on_end(struct stream *s)
{
	struct conn *c = conn_of(s);

	if (c->proto == NULL)
		conn_close(c);
	else if (!c->closing)
		c->proto->on_end(c);
}

static void
on_drained(struct stream *s)
{
	struct conn *c = conn_of(s);

	if (!c->closing && c->proto != NULL)
		c->proto->on_drained(c);
}

static void
on_failed(struct stream *s)
{
	conn_close(conn_of(s));
}

static void
on_defer(struct stream *s)
{
	conn_defer(conn_of(s));
}

static void server_free_if_empty(struct http_server *s);

static void
todo_remove(struct conn *c)
{
	struct conn **at = &c->server->todo;

	while (*at != c)
		at = &(*at)->todo_next;
	*at = c->todo_next;
}

static void
on_closed(struct stream *stream)
{
	struct conn *c = conn_of(stream);
	struct http_server *s = c->server;

	if (c->todo)
		todo_remove(c);
	if (c->proto != NULL)
		c->proto->free(c);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		s->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	s->conn_count--;
	free(c);
	server_free_if_empty(s);
}

static const struct stream_ops stream_ops = {
    .on_secure = on_secure,
    .on_data = on_data,
    .on_end = on_end,
    .on_drained = on_drained,
    .on_failed = on_failed,
    .on_defer = on_defer,
    .on_closed = on_closed,
};

/* The address without the port; an IPv4 client of an IPv6 socket is an IPv4 client. */
static void
peer_name(struct conn *c)
{
	struct sockaddr_storage ss = {0};
	int len = sizeof ss;
	char name[64] = "";

	if (uv_tcp_getpeername(&c->stream.tcp, (struct sockaddr *)&ss, &len) == 0) {
		if (ss.ss_family == AF_INET6)
			uv_ip6_name((struct sockaddr_in6 *)&ss, name, sizeof name);
		else
			uv_ip4_name((struct sockaddr_in *)&ss, name, sizeof name);
	}
	snprintf(c->peer, sizeof c->peer, "%.45s",
	    strncmp(name, "::ffff:", 7) == 0 && strchr(name, '.') != NULL ? name + 7 : name);
}

static void
on_connection(uv_stream_t *listener, int status)
{
	struct http_server *s = listener->data;
	struct conn *c;

	if (status < 0) {
		log_warn("http", "cannot accept a connection: %s", uv_strerror(status));
		return;
	}
	c = mem_alloc(sizeof *c);
	c->server = s;
	c->next = s->conns;
	if (c->next != NULL)
		c->next->prev = c;
	s->conns = c;
	s->conn_count++;
	s->stats.connections++;
	if (s->conn_count > s->o.connections_max)
		s->stats.over_limit++;
	if (stream_accept(&c->stream, listener, &s->shared) != ERR_OK ||
	    s->conn_count > s->o.connections_max) {
		conn_close(c);
		return;
	}
	peer_name(c);
	conn_idle(c);
	if (s->shared.tls == NULL)
		http1_open(c);
}

/* ---- chores ---- */

static void
settle(struct conn *c)
{
	if (c->closing)
		return;
	if (c->stream.failed)
		conn_close(c);
	else if (c->proto != NULL)
		c->proto->on_settle(c);
}

static void
on_chores(uv_idle_t *idle)
{
	struct http_server *s = idle->data;
	struct conn *c;
	unsigned count = s->conn_count;

	/* What they defer anew is for the next turn. */
	while ((c = s->todo) != NULL && count-- > 0) {
		s->todo = c->todo_next;
		c->todo = false;
		settle(c);
	}
	if (s->hub_work)
		s->hub_work = live_pump(s->o.hub, PUSHES_PER_TURN);
	if (s->todo == NULL && !s->hub_work)
		uv_idle_stop(&s->chores);
}

static void
on_hub_work(void *ctx)
{
	struct http_server *s = ctx;

	s->hub_work = true;
	chores_wanted(s);
}

static void
on_sweep(uv_timer_t *timer)
{
	struct http_server *s = timer->data;
	uint64_t now = uv_now(s->uv), limit_ms = (uint64_t)s->o.idle_seconds * 1000;
	struct conn *next;

	for (struct conn *c = s->conns; c != NULL; c = next) {
		next = c->next;
		if (c->closing)
			continue;
		if (stream_stuck(&c->stream, limit_ms) ||
		    (c->proto == NULL && now > c->deadline_ms)) {
			s->stats.stuck++;
			conn_close(c);
		} else if (c->proto != NULL) {
			c->proto->on_sweep(c, now);
		}
	}
}

/* ---- answering ---- */

void
http_count(struct exchange *x, int status)
{
	struct http_stats *stats = &x->conn->server->stats;
	unsigned kind = x->pub.kind < HTTP_KINDS_MAX ? x->pub.kind : 0;

	stats->answers[kind][status >= 100 && status < 600 ? status / 100 : 0]++;
	if (x->asked_ns != 0)
		histogram_add(&stats->seconds[kind], (double)(time_mono_ns() - x->asked_ns) / 1e9);
}

const struct http_stats *
http_stats(const struct http_server *s)
{
	return &s->stats;
}

void
http_respond(struct http_server *s, struct http_exchange *pub, const struct http_answer *a)
{
	struct exchange *x = (struct exchange *)pub;

	(void)s;
	if (x->state == X_DONE) {
		log_error("http", "an exchange was answered twice");
		if (a->file != NULL)
			close(a->file->fd);
		return;
	}
	x->state = X_DONE;
	http_count(x, a->status);
	x->conn->proto->answer(x->conn, x, a);
}

/* ---- opening ---- */

/* Clients beyond the soft limit of descriptors are served up to the hard one. */
static void
raise_fd_limit(unsigned connections_max)
{
	struct rlimit lim;
	rlim_t want = (rlim_t)connections_max + OTHER_FDS;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0 || lim.rlim_cur >= want)
		return;
	lim.rlim_cur = lim.rlim_max < want ? lim.rlim_max : want;
	if (setrlimit(RLIMIT_NOFILE, &lim) != 0 || lim.rlim_cur < want)
		log_warn("http", "the limit of open files (%llu) is too low for %u connections",
		    (unsigned long long)lim.rlim_cur, connections_max);
}

static enum err
address_of(const struct http_options *o, struct sockaddr_storage *out, struct why *why)
{
	if (o->port < 0 || o->port > 65535)
		return why_set(why, ERR_INVALID, "port %d is not in 0 to 65535", o->port);
	if (uv_ip4_addr(o->address, o->port, (struct sockaddr_in *)out) != 0 &&
	    uv_ip6_addr(o->address, o->port, (struct sockaddr_in6 *)out) != 0)
		return why_set(
		    why, ERR_INVALID, "\"%s\" is not an IPv4 or IPv6 address", o->address);
	return ERR_OK;
}

static enum err
listen_on(struct http_server *s, const struct sockaddr_storage *ss, struct why *why)
{
	struct sockaddr_storage bound;
	int len = sizeof bound;
	int status = uv_tcp_bind(&s->listener, (const struct sockaddr *)ss, 0);

	if (status == 0)
		status = uv_listen((uv_stream_t *)&s->listener, BACKLOG, on_connection);
	if (status == 0)
		status = uv_tcp_getsockname(&s->listener, (struct sockaddr *)&bound, &len);
	if (status < 0)
		return why_set(why, ERR_IO, "cannot listen on %s port %d: %s", s->o.address,
		    s->o.port, uv_strerror(status));
	s->port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
						    : ((struct sockaddr_in *)&bound)->sin_port);
	return ERR_OK;
}

static void
open_handles(struct http_server *s)
{
	if (uv_tcp_init(s->uv, &s->listener) != 0 || uv_timer_init(s->uv, &s->sweep) != 0 ||
	    uv_idle_init(s->uv, &s->chores) != 0)
		abort(); /* none of them asks the system for anything yet */
	s->listener.data = s->sweep.data = s->chores.data = s;
	s->handles = 3;
}

enum err
http_open(struct loop *l, const struct http_options *o, struct http_server **out, struct why *why)
{
	struct sockaddr_storage ss = {0};
	struct http_server *s;
	SSL_CTX *tls = NULL;
	enum err e;

	if ((e = address_of(o, &ss, why)) != ERR_OK)
		return e;
	if (o->tls_cert != NULL && (e = tls_context(o->tls_cert, o->tls_key, &tls, why)) != ERR_OK)
		return e;
	s = mem_alloc(sizeof *s);
	s->o = *o;
	if (s->o.ping_seconds == 0)
		s->o.ping_seconds = PING_SECONDS;
	s->uv = loop_uv(l);
	s->shared.ops = &stream_ops;
	s->shared.tls = tls;
	buf_init(&s->scratch, SCRATCH_MAX_BYTES);
	for (int i = 0; i < HTTP_KINDS_MAX; i++)
		HISTOGRAM_INIT(&s->stats.seconds[i], answer_seconds);
	raise_fd_limit(o->connections_max);
	open_handles(s);
	if ((e = listen_on(s, &ss, why)) != ERR_OK) {
		http_close(s);
		return e;
	}
	s->accepting = true;
	uv_timer_start(&s->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	if (o->hub != NULL)
		live_on_work(o->hub, on_hub_work, s);
	*out = s;
	return ERR_OK;
}

int
http_port(const struct http_server *s)
{
	return s->port;
}

unsigned
http_connections(const struct http_server *s)
{
	return s->conn_count;
}

unsigned
http_files(const struct http_server *s)
{
	return s->files;
}

/* ---- closing ---- */

static void
server_free_if_empty(struct http_server *s)
{
	struct exchange *x;

	if (s->handles > 0 || s->conn_count > 0)
		return;
	while ((x = s->spare) != NULL) {
		s->spare = x->next;
		arena_free(&x->arena);
		buf_free(&x->text);
		free(x);
	}
	SSL_CTX_free(s->shared.tls);
	buf_free(&s->scratch);
	free(s);
}

static void
on_handle_closed(uv_handle_t *h)
{
	struct http_server *s = h->data;

	s->handles--;
	server_free_if_empty(s);
}

void
http_stop_accepting(struct http_server *s)
{
	if (!uv_is_closing((uv_handle_t *)&s->listener))
		uv_close((uv_handle_t *)&s->listener, on_handle_closed);
	s->accepting = false;
}

void
http_close(struct http_server *s)
{
	s->closing = true;
	if (s->o.hub != NULL)
		live_on_work(s->o.hub, NULL, NULL);
	http_stop_accepting(s);
	for (struct conn *c = s->conns; c != NULL; c = c->next)
		conn_close(c);
	uv_close((uv_handle_t *)&s->sweep, on_handle_closed);
	uv_close((uv_handle_t *)&s->chores, on_handle_closed);
}
