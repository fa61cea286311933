#include "checker/dns_step.h"
#include "base/mem.h"
#include "checker/dns_answer.h"

#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_MAX_BYTES 255
#define DNS_CLASS_IN 1
/*
 * c-ares asks again after 0.5 s, then waits twice as long each time: 63.5 s in all, so that the step's deadline,
 * 60 s at most, comes first.
 */
#define ASK_AGAIN_MS 500
#define TRIES 7
/* c-ares reads until nothing is left; who sends without end must not hold up the other checks. */
#define READS_A_TURN 64

/* ---- the plan ---- */

static enum err
read_server(struct reading *r, const struct json_t *o, struct dns_plan *out)
{
	struct in6_addr any;
	const char *text;
	enum err e;

	if (jr_get(o, "server") == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, "server", INET6_ADDRSTRLEN, &text, r->why)) != ERR_OK)
		return e;
	if (inet_pton(AF_INET, text, &any) != 1 && inet_pton(AF_INET6, text, &any) != 1)
		return why_set(r->why, ERR_INVALID, "\"server\" is an IP address");
	out->server = arena_strdup(&r->program->arena, text);
	return ERR_OK;
}

static enum err
read_plan(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"name", "type", "server", "port", NULL};
	struct dns_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	const char *type;
	enum err e;

	out->plan = plan;
	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"dns\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = reading_template(r, jr_get(o, "name"), "\"name\"", &plan->name)) != ERR_OK ||
	    (e = jr_want_str(o, "type", 8, &type, r->why)) != ERR_OK ||
	    (e = reading_port(r, o, &out->port)) != ERR_OK)
		return e;
	if ((plan->type = dns_type_find(type)) == 0)
		return why_set(r->why, ERR_INVALID,
		    "\"type\" is \"%s\"; " DNS_TYPE_NAMES " is expected", type);
	plan->type_name = arena_strdup(&r->program->arena, type);
	if (out->port == 0)
		out->port = DNS_PORT;
	return read_server(r, o, plan);
}

static void
describe(const struct step *step, struct buf *out)
{
	const struct dns_plan *plan = step->plan;

	buf_printf(out, "%s %.300s", plan->type_name, plan->name.source);
}

/* ---- the query ---- */

struct dns_query {
	struct exchange *x;
	ares_channel channel;
	uv_timer_t timer; /* when c-ares wants to ask again */
	struct dns_socket *sockets;
	unsigned open;  /* handles that libuv holds */
	unsigned reads; /* that c-ares has left in this turn */
	bool answered;  /* outcome is there */
	bool over;      /* nobody waits for it any more */
	struct outcome outcome;
};

/* A socket of c-ares's; it closes the descriptor itself. */
struct dns_socket {
	struct dns_socket *next;
	struct dns_query *query;
	ares_socket_t fd;
	uv_poll_t poll;
};

static void
release(struct dns_query *q)
{
	if (--q->open == 0)
		free(q);
}

static void
on_timer_closed(uv_handle_t *h)
{
	release(h->data);
}

static void
on_socket_closed(uv_handle_t *h)
{
	struct dns_socket *s = h->data;

	release(s->query);
	free(s);
}

/* The channel's own end closes its sockets. Not to be called from within one of its callbacks. */
static void
wind_up(struct dns_query *q)
{
	q->over = true;
	q->x->under_way = NULL;
	ares_destroy(q->channel);
	uv_close((uv_handle_t *)&q->timer, on_timer_closed);
}

static void
dns_cancel(struct exchange *x)
{
	wind_up(x->under_way);
}

/* ---- what c-ares says ---- */

static void
refused(struct outcome *o, int ares_code)
{
	switch (ares_code) {
	case ARES_ECONNREFUSED: /* of every kind of failed socket: c-ares does not tell them apart */
		o->status = ST_DOWN;
		(void)why_set(&o->said, ERR_OK, "connection refused");
		break;
	case ARES_ETIMEOUT:
		o->status = ST_DOWN;
		(void)why_set(&o->said, ERR_OK, "no answer");
		break;
	case ARES_ENOMEM:
		o->status = ST_FAULT;
		(void)why_set(&o->said, ERR_OK, "the checker has no memory left");
		break;
	case ARES_EBADNAME:
	case ARES_ENOTFOUND: /* only of a name under .onion, which c-ares does not ask for (RFC 7686) */
		o->status = ST_FAULT;
		(void)why_set(&o->said, ERR_OK, "the name to ask for is none of DNS");
		break;
	default:
		o->status = ST_MUMBLE;
		(void)why_set(&o->said, ERR_OK, "the answer is malformed");
		break;
	}
}

/* Also called from within ares_destroy, when nobody is interested any more. */
static void
on_answer(void *arg, int ares_code, int timeouts, unsigned char *message, int len)
{
	struct dns_query *q = arg;
	struct answer *a;

	(void)timeouts;
	if (q->over)
		return;
	a = q->x->answer;
	q->answered = true;
	q->outcome.status = ST_OK;
	if (message == NULL)
		refused(&q->outcome, ares_code);
	else if (dns_answer_text(message, (size_t)len, &a->body, &a->status, &q->outcome.said) !=
		 ERR_OK)
		q->outcome.status = ST_MUMBLE;
}

/* ---- its sockets and its clock on the loop ---- */

static void on_timer(uv_timer_t *timer);

static ares_socket_t
on_open(int family, int type, int protocol, void *arg)
{
	(void)arg;
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int
on_close(ares_socket_t fd, void *arg)
{
	(void)arg;
	return close(fd);
}

static int
on_connect(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len, void *arg)
{
	(void)arg;
	return connect(fd, to, len);
}

static ares_ssize_t
on_receive(ares_socket_t fd, void *to, size_t max, int flags, struct sockaddr *from,
    ares_socklen_t *len, void *arg)
{
	struct dns_query *q = arg;

	if (q->reads == 0) {
		errno = EAGAIN; /* what is left is there at the next turn */
		return -1;
	}
	q->reads--;
	return recvfrom(fd, to, max, flags, from, len);
}

static ares_ssize_t
on_send(ares_socket_t fd, const struct iovec *pieces, int count, void *arg)
{
	struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};

	(void)arg;
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static const struct ares_socket_functions socket_functions = {
    on_open, on_close, on_connect, on_receive, on_send};

/* After every call into the channel: either it is over, or c-ares says when it wants to be called next. */
static void
query_step(struct dns_query *q)
{
	struct exchange *x = q->x;
	struct outcome o;
	struct timeval wait;

	if (q->answered) {
		o = q->outcome;
		wind_up(q);
		x->done(x->ctx, &o);
		return;
	}
	if (ares_timeout(q->channel, NULL, &wait) != NULL)
		uv_timer_start(&q->timer, on_timer,
		    (uint64_t)wait.tv_sec * 1000 + (uint64_t)wait.tv_usec / 1000 + 1, 0);
}

static void
on_timer(uv_timer_t *timer)
{
	struct dns_query *q = timer->data;

	ares_process_fd(q->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	query_step(q);
}

/* An error shows when c-ares reads or writes. */
static void
on_event(uv_poll_t *poll, int status, int events)
{
	struct dns_socket *s = poll->data;
	struct dns_query *q = s->query;
	ares_socket_t fd = s->fd;

	if (status < 0)
		events = UV_READABLE | UV_WRITABLE;
	q->reads = READS_A_TURN;
	ares_process_fd(q->channel, events & UV_READABLE ? fd : ARES_SOCKET_BAD,
	    events & UV_WRITABLE ? fd : ARES_SOCKET_BAD);
	query_step(q);
}

static struct dns_socket *
socket_open(struct dns_query *q, ares_socket_t fd)
{
	struct dns_socket *s = mem_alloc(sizeof *s);

	if (uv_poll_init(q->x->loop, &s->poll, fd) != 0) {
		free(s);
		return NULL; /* its deadline will end the step */
	}
	s->query = q;
	s->fd = fd;
	s->poll.data = s;
	s->next = q->sockets;
	q->sockets = s;
	q->open++;
	return s;
}

static void
socket_close(struct dns_query *q, struct dns_socket *s)
{
	struct dns_socket **at = &q->sockets;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	uv_close((uv_handle_t *)&s->poll, on_socket_closed);
}

/* c-ares wants to know when the socket can be read or written; neither: it is about to close it. */
static void
on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dns_query *q = arg;
	struct dns_socket *s = q->sockets;

	while (s != NULL && s->fd != fd)
		s = s->next;
	if (!readable && !writable) {
		if (s != NULL)
			socket_close(q, s);
		return;
	}
	if (s == NULL && (s = socket_open(q, fd)) == NULL)
		return;
	uv_poll_start(
	    &s->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), on_event);
}

/* ---- the action ---- */

/* All that c-ares would otherwise look up in the machine's configuration is given. */
static bool
channel_open(struct dns_query *q, const char *server, int port)
{
	struct ares_options options = {
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP,
	    .timeout = ASK_AGAIN_MS,
	    .tries = TRIES,
	    .ndots = 1,
	    .lookups = (char *)"b",
	    .sock_state_cb = on_socket,
	    .sock_state_cb_data = q};
	struct ares_addr_port_node node = {.udp_port = port, .tcp_port = port};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
		   ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_SERVERS | ARES_OPT_DOMAINS |
		   ARES_OPT_SORTLIST;

	node.family = strchr(server, ':') != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(node.family, server, &node.addr) != 1 ||
	    ares_init_options(&q->channel, &options, mask) != ARES_SUCCESS)
		return false;
	ares_set_socket_functions(q->channel, &socket_functions, q);
	if (ares_set_servers_ports(q->channel, &node) == ARES_SUCCESS)
		return true;
	ares_destroy(q->channel);
	return false;
}

/* An address stands for its name in in-addr.arpa or ip6.arpa, where PTR records are. */
static void
put_reverse(const char *text, struct buf *out)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t a[16];

	if (inet_pton(AF_INET, text, a) == 1) {
		buf_reset(out);
		buf_printf(out, "%d.%d.%d.%d.in-addr.arpa", a[3], a[2], a[1], a[0]);
	} else if (inet_pton(AF_INET6, text, a) == 1) {
		buf_reset(out);
		for (int i = 15; i >= 0; i--)
			buf_printf(out, "%c.%c.", hex[a[i] & 0xf], hex[a[i] >> 4]);
		buf_puts(out, "ip6.arpa");
	}
}

static enum err
render_name(const struct exchange *x, struct buf *out, struct why *why)
{
	const struct dns_plan *plan = x->step->plan;
	char text[NAME_MAX_BYTES + 1];
	enum err e = template_render(&plan->name, x->vars, ESCAPE_NONE, out, why);

	if (e != ERR_OK)
		return e;
	buf_puts(out, "");
	snprintf(text, sizeof text, "%s", out->data);
	if (plan->type == dns_type_find("PTR"))
		put_reverse(text, out);
	return ERR_OK;
}

static enum err
ask(struct dns_query *q, const char *name, struct outcome *o)
{
	const struct dns_plan *plan = q->x->step->plan;

	ares_query(q->channel, name, DNS_CLASS_IN, plan->type, on_answer, q);
	if (!q->answered) {
		query_step(q);
		return ERR_OK;
	}
	*o = q->outcome;
	wind_up(q);
	return ERR_IO;
}

static enum err
dns_start(struct exchange *x, struct outcome *o)
{
	const struct dns_plan *plan = x->step->plan;
	struct dns_query *q;
	struct buf name;
	enum err e;

	buf_init(&name, NAME_MAX_BYTES);
	if ((e = render_name(x, &name, &o->said)) != ERR_OK) {
		buf_free(&name);
		return e;
	}
	q = mem_alloc(sizeof *q);
	q->x = x;
	if (channel_open(q, plan->server != NULL ? plan->server : x->ip, x->port)) {
		uv_timer_init(x->loop, &q->timer);
		q->timer.data = q;
		q->open = 1;
		x->under_way = q;
		e = ask(q, name.data, o);
	} else {
		free(q);
		o->status = ST_FAULT;
		e = why_set(&o->said, ERR_IO, "the checker cannot ask DNS questions");
	}
	buf_free(&name);
	return e;
}

const struct action action_dns = {
    .name = "dns",
    .has_status = true,
    .status_min = 0,
    .status_max = 15,
    .read = read_plan,
    .start = dns_start,
    .cancel = dns_cancel,
    .describe = describe,
};
