#include "checker/icmp_step.h"
#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <math.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_BYTES 8 /* type, code, checksum, identifier, sequence number */
#define TOKEN_BYTES 16
#define SIZE_MIN TOKEN_BYTES
#define INTERVAL_MS_MAX 10000
#define NS_PER_MS 1e6

/* ---- the plan ---- */

static enum err
read_number(struct reading *r, const struct json_t *o, const char *key, int64_t min, int64_t max,
    int64_t *out)
{
	return jr_get(o, key) == NULL ? ERR_OK : jr_want_int(o, key, min, max, out, r->why);
}

static enum err
read_plan(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    "count", "interval_ms", "loss_percent", "size", "wait_ms", NULL};
	struct icmp_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	int64_t count = 3, size = 56, loss = 0;
	enum err e;

	out->plan = plan;
	plan->interval_ms = 200;
	plan->wait_ms = 1000;
	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"icmp\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = read_number(r, o, "count", 1, ICMP_COUNT_MAX, &count)) != ERR_OK ||
	    (e = read_number(r, o, "interval_ms", 10, INTERVAL_MS_MAX, &plan->interval_ms)) !=
		ERR_OK ||
	    (e = read_number(r, o, "wait_ms", 10, INTERVAL_MS_MAX, &plan->wait_ms)) != ERR_OK ||
	    (e = read_number(r, o, "size", SIZE_MIN, ICMP_SIZE_MAX, &size)) != ERR_OK ||
	    (e = read_number(r, o, "loss_percent", 0, 99, &loss)) != ERR_OK)
		return e;
	plan->count = (int)count;
	plan->size = (size_t)size;
	plan->loss_percent = (int)loss;
	return ERR_OK;
}

/* ---- the tally ---- */

void
icmp_tally_add(struct icmp_tally *t, double ms)
{
	if (t->received == 0 || ms < t->ms_min)
		t->ms_min = ms;
	if (t->received == 0 || ms > t->ms_max)
		t->ms_max = ms;
	t->ms_sum += ms;
	t->received++;
}

void
icmp_tally_judge(const struct icmp_tally *t, int loss_percent, struct answer *a, struct outcome *o)
{
	int lost = t->sent - t->received;
	double mean = t->received > 0 ? t->ms_sum / t->received : 0;

	*o = (struct outcome){.status = ST_OK};
	buf_printf(&a->body, "sent=%d\nreceived=%d\nlost=%d\nloss_percent=%d\n", t->sent,
	    t->received, lost, lost * 100 / t->sent);
	if (t->received == 0) {
		o->status = ST_DOWN;
		(void)why_set(&o->said, ERR_OK, "no echo came back");
		return;
	}
	buf_printf(
	    &a->body, "ms_min=%.3f\nms_mean=%.3f\nms_max=%.3f\n", t->ms_min, mean, t->ms_max);
	a->ms = (int64_t)fmax(ceil(mean), 1);
	if (lost * 100 <= loss_percent * t->sent)
		return;
	o->status = ST_MUMBLE;
	(void)why_set(&o->said, ERR_OK, "%d of %d echoes were lost, at most %d %% expected", lost,
	    t->sent, loss_percent);
}

/* ---- the exchange ---- */

struct icmp_echo {
	struct exchange *x;
	const struct icmp_plan *plan;
	uv_poll_t poll;
	uv_timer_t timer; /* the next one, or the end of waiting */
	int open;
	int fd;
	bool v6;
	struct icmp_tally tally;
	uint64_t sent_ns[ICMP_COUNT_MAX];
	bool back[ICMP_COUNT_MAX];
	uint8_t token[TOKEN_BYTES]; /* the data's beginning: an echo of ours, not a guess */
	uint8_t packet[HEADER_BYTES + ICMP_SIZE_MAX];
};

static void
on_closed(uv_handle_t *h)
{
	struct icmp_echo *e = h->data;

	if (--e->open > 0)
		return;
	close(e->fd);
	free(e);
}

static void
icmp_cancel(struct exchange *x)
{
	struct icmp_echo *e = x->under_way;

	x->under_way = NULL;
	uv_close((uv_handle_t *)&e->poll, on_closed);
	uv_close((uv_handle_t *)&e->timer, on_closed);
}

static void
finish(struct icmp_echo *e, const struct outcome *o)
{
	struct exchange *x = e->x;

	icmp_cancel(x);
	x->done(x->ctx, o);
}

static void
finish_tally(struct icmp_echo *e)
{
	struct outcome o;

	icmp_tally_judge(&e->tally, e->plan->loss_percent, e->x->answer, &o);
	finish(e, &o);
}

static void
finish_errno(struct icmp_echo *e, int code)
{
	struct outcome o;

	outcome_from_errno(&o, code);
	finish(e, &o);
}

/* ---- out ---- */

/* The kernel fills in identifier and checksum. 0, or an errno. */
static int
send_echo(struct icmp_echo *e)
{
	int n = e->tally.sent;

	memset(e->packet, 0, sizeof e->packet);
	e->packet[0] = e->v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	e->packet[7] = (uint8_t)n;
	memcpy(e->packet + HEADER_BYTES, e->token, TOKEN_BYTES);
	e->sent_ns[n] = uv_hrtime();
	e->tally.sent++;
	if (send(e->fd, e->packet, HEADER_BYTES + e->plan->size, MSG_NOSIGNAL) < 0 &&
	    errno != EAGAIN)
		return errno;
	return 0;
}

static void
on_timer(uv_timer_t *timer)
{
	struct icmp_echo *e = timer->data;
	int code;

	if (e->tally.sent == e->plan->count) {
		finish_tally(e);
		return;
	}
	if ((code = send_echo(e)) != 0) {
		finish_errno(e, code);
		return;
	}
	uv_timer_start(timer, on_timer,
	    (uint64_t)(e->tally.sent < e->plan->count ? e->plan->interval_ms : e->plan->wait_ms),
	    0);
}

/* ---- in ---- */

/* An echo that came back whole, for the first time. */
static void
take_echo(struct icmp_echo *e, size_t len)
{
	const uint8_t *p = e->packet;
	int n = p[7];

	if (len != HEADER_BYTES + e->plan->size ||
	    p[0] != (e->v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) || p[6] != 0 ||
	    n >= e->tally.sent || e->back[n] ||
	    memcmp(p + HEADER_BYTES, e->token, TOKEN_BYTES) != 0)
		return;
	e->back[n] = true;
	icmp_tally_add(&e->tally, (double)(uv_hrtime() - e->sent_ns[n]) / NS_PER_MS);
}

/* At most a full round of them before the loop goes on: a flood must not hold up the others. */
static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct icmp_echo *e = poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < ICMP_COUNT_MAX; i++) {
		ssize_t len = recv(e->fd, e->packet, sizeof e->packet, MSG_TRUNC);

		if (len < 0 && errno != EAGAIN && errno != EINTR) {
			finish_errno(
			    e, errno); /* a router or the system says that it is not there */
			return;
		}
		if (len < 0)
			break;
		take_echo(e, (size_t)len);
	}
	if (e->tally.received == e->plan->count)
		finish_tally(e);
}

/* ---- the action ---- */

/* A socket that is told of unreachable hosts, too; or -1 with *o. */
static int
open_socket(const struct exchange *x, bool v6, struct outcome *o)
{
	struct sockaddr_storage room;
	socklen_t len;
	const struct sockaddr *address = exchange_address(x, &room, &len);
	int on = 1, fd;

	fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	if (fd < 0 && (errno == EACCES || errno == EPERM)) {
		o->status = ST_FAULT;
		(void)why_set(&o->said, ERR_OK,
		    "the checker may not send echoes: net.ipv4.ping_group_range of its machine "
		    "must include its group, such as \"0 2147483647\"");
		return -1;
	}
	if (fd >= 0) {
		(void)setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR,
		    &on, sizeof on);
		if (connect(fd, address, len) == 0)
			return fd;
	}
	outcome_from_errno(o, errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

static enum err
icmp_start(struct exchange *x, struct outcome *o)
{
	bool v6 = x->address->ss_family == AF_INET6;
	int fd = open_socket(x, v6, o);
	struct icmp_echo *e;
	int code;

	if (fd < 0)
		return ERR_IO;
	e = mem_alloc(sizeof *e);
	if ((code = uv_poll_init(x->loop, &e->poll, fd)) != 0) {
		outcome_from_errno(o, -code);
		close(fd);
		free(e);
		return ERR_IO;
	}
	e->x = x;
	e->plan = x->step->plan;
	e->fd = fd;
	e->v6 = v6;
	e->open = 2;
	random_bytes(e->token, sizeof e->token);
	uv_timer_init(x->loop, &e->timer);
	e->timer.data = e;
	e->poll.data = e;
	x->under_way = e;
	uv_poll_start(&e->poll, UV_READABLE, on_readable);
	uv_timer_start(&e->timer, on_timer, 0, 0);
	return ERR_OK;
}

const struct action action_icmp = {
    .name = "icmp",
    .read = read_plan,
    .start = icmp_start,
    .cancel = icmp_cancel,
};
