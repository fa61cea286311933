/*
 * For the tests of the live board: a hub behind the server of rig.h, whose frames tell who they are for, and a raw
 * WebSocket client that takes them apart.
 */
#ifndef TESTS_UNIT_NET_LIVE_RIG_H
#define TESTS_UNIT_NET_LIVE_RIG_H

#include "rig.h"

#include <stdbool.h>

struct hub {
	struct rig *rig;
	struct live_hub *live;
	uint64_t seq; /* of the newest publication */
	atomic_int snapshots;
};

/* ---- the hub's owner ---- */

static struct payload *
on_snapshot(void *ctx, int audience, uint64_t *seq)
{
	struct hub *h = ctx;
	char text[64];
	int n = snprintf(
	    text, sizeof text, "snapshot %d at %llu", audience, (unsigned long long)h->seq);

	h->snapshots++;
	*seq = h->seq;
	return payload_new(text, (size_t)n);
}

/* ?since=N&as=AUDIENCE */
static enum err
hub_on_live(void *ctx, struct http_exchange *x, struct live_join *join, struct why *why)
{
	const char *p;

	(void)ctx;
	if (strcmp(x->cookie, "bad") == 0)
		return why_set(why, ERR_UNAUTHORIZED, "sign in first");
	if (strcmp(x->authorization, "Bearer red") == 0)
		return why_set(why, ERR_FORBIDDEN, "not for this role");
	if ((p = strstr(x->query, "since=")) != NULL)
		join->since = strtoull(p + 6, NULL, 10);
	if ((p = strstr(x->query, "as=")) != NULL)
		join->audience = atoi(p + 3);
	return ERR_OK;
}

static void
publish(struct hub *h, const char *text, size_t len, bool staff_only)
{
	char more[64];
	int n;
	struct live_part part = {.audience = 7};
	struct live_frame f = {.seq = ++h->seq, .parts = &part, .part_count = 1};

	n = snprintf(more, sizeof more, "staff %llu", (unsigned long long)h->seq);
	f.staff = payload_new(more, (size_t)n);
	n = snprintf(more, sizeof more, "team %llu", (unsigned long long)h->seq);
	part.payload = payload_new(more, (size_t)n);
	if (!staff_only)
		f.public_ = payload_new(text, len);
	live_publish(h->live, &f);
	payload_drop(f.public_);
	payload_drop(f.staff);
	payload_drop(part.payload);
}

static void
job_publish(struct rig *r, void *ctx)
{
	struct hub *h = ctx;
	char text[32];
	int n = snprintf(text, sizeof text, "public %llu", (unsigned long long)h->seq + 1);

	(void)r;
	publish(h, text, (size_t)n, false);
}

static void
job_publish_staff(struct rig *r, void *ctx)
{
	(void)r;
	publish(ctx, NULL, 0, true);
}

static void
job_publish_big(struct rig *r, void *ctx)
{
	publish(ctx, r->big, 300000, false);
}

static void
job_count(struct rig *r, void *ctx)
{
	(void)r;
	*(unsigned *)ctx = live_clients(((struct hub *)r->options.handler.ctx)->live);
}

/* ---- set up ---- */

static enum err
hub_on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	return rig_on_head(((struct hub *)ctx)->rig, x, body_max);
}

static void
hub_on_request(void *ctx, struct http_exchange *x)
{
	rig_on_request(((struct hub *)ctx)->rig, x);
}

static void
hub_on_gone(void *ctx, struct http_exchange *x)
{
	rig_on_gone(((struct hub *)ctx)->rig, x);
}

/* ping_seconds: 0 for none while a test lasts, or a ping would come between the frames that it reads. */
static struct hub *
hub_new(size_t ring_frames, size_t ring_bytes, int ping_seconds)
{
	struct hub *h = mem_alloc(sizeof *h);
	struct live_options o = {.ring_frames = ring_frames,
	    .ring_bytes = ring_bytes,
	    .clients_max = 3,
	    .snapshot = on_snapshot,
	    .ctx = h};

	h->seq = 100;
	h->live = live_new(&o);
	h->rig = rig_new();
	h->rig->options.hub = h->live;
	if (ping_seconds > 0)
		h->rig->options.ping_seconds = ping_seconds;
	h->rig->options.handler = (struct http_handler){.on_head = hub_on_head,
	    .on_request = hub_on_request,
	    .on_gone = hub_on_gone,
	    .on_live = hub_on_live,
	    .ctx = h};
	rig_start(h->rig);
	return h;
}

static int
set_up(void **state)
{
	*state = hub_new(4, 1024 * 1024, 0);
	return 0;
}

static int
set_up_pinging(void **state)
{
	*state = hub_new(4, 1024 * 1024, 2);
	return 0;
}

static int
tear_down(void **state)
{
	struct hub *h = *state;

	rig_stop(h->rig);
	assert_int_equal(live_clients(h->live), 0);
	live_free(h->live);
	free(h);
	return 0;
}

/* ---- a WebSocket client ---- */

#define HANDSHAKE                                                                                  \
	"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"   \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static char *
shake(int fd, const char *query, const char *headers)
{
	char text[1024];

	snprintf(text, sizeof text, "GET /api/v1/live%s HTTP/1.1\r\nHost: board:8443\r\n%s\r\n",
	    query, headers);
	put(fd, text);
	return read_answer(fd);
}

static int
join(struct hub *h, const char *query)
{
	int fd = dial(h->rig->port);
	char *a = shake(fd, query, HANDSHAKE);

	assert_status(a, 101);
	/* The example of RFC 6455 section 1.3 */
	assert_has(a, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
	free(a);
	return fd;
}

static void
get(int fd, void *to, size_t len)
{
	char *p = to;
	ssize_t n;

	while (len > 0) {
		n = recv(fd, p, len, 0);
		if (n <= 0)
			fail_msg("the socket ended: %s", n == 0 ? "closed" : strerror(errno));
		p += n;
		len -= (size_t)n;
	}
}

/* The opcode; the text, ended by a NUL, is the caller's. */
static int
get_frame(int fd, char **text, size_t *len)
{
	uint8_t head[2], ext[8];
	uint64_t n;

	get(fd, head, 2);
	assert_true(head[0] & 0x80);
	assert_false(head[1] & 0x80); /* a server does not mask */
	n = head[1];
	if (n >= 126) {
		size_t bytes = n == 126 ? 2 : 8;

		get(fd, ext, bytes);
		n = 0;
		for (size_t i = 0; i < bytes; i++)
			n = n << 8 | ext[i];
	}
	*text = mem_alloc(n + 1);
	get(fd, *text, n);
	if (len != NULL)
		*len = n;
	return head[0] & 15;
}

static void
assert_text(int fd, const char *want)
{
	char *text;

	assert_int_equal(get_frame(fd, &text, NULL), 1);
	assert_string_equal(text, want);
	free(text);
}

static void
put_frame(int fd, int first, const void *data, size_t len)
{
	uint8_t head[8] = {(uint8_t)first};
	size_t n = 2;

	head[1] = 0x80 | (len < 126 ? (uint8_t)len : 126);
	if (len >= 126) {
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)len;
		n = 4;
	}
	/* a mask of zeros leaves the data as it is */
	put_bytes(fd, (char *)head, n);
	put_bytes(fd, "\0\0\0\0", 4);
	put_bytes(fd, data, len);
}

static void
assert_closed(int fd, int code)
{
	char *text;
	size_t len;

	assert_int_equal(get_frame(fd, &text, &len), 8);
	assert_int_equal(len >= 2 ? (uint8_t)text[0] << 8 | (uint8_t)text[1] : 0, code);
	put_frame(fd, 0x88, text, len < 2 ? 0 : 2);
	assert_ended(fd);
	free(text);
	close(fd);
}

static void
await_clients(struct hub *h, unsigned want)
{
	unsigned n = 0;

	for (int i = 0; i < PATIENCE_S * 1000; i++) {
		rig_run(h->rig, job_count, &n);
		if (n == want)
			return;
		poll(NULL, 0, 1);
	}
	fail_msg("%u live clients, not %u", n, want);
}

static void
leave(int fd)
{
	put_frame(fd, 0x88, "\x03\xe8", 2);
	assert_closed(fd, 1000);
}

#endif
