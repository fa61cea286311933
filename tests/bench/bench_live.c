/*
 * live_1000, live_10000: from publishing a delta to its arrival at each of that many WebSocket clients, against a
 * bare libwebsockets broadcast of the same payload to the same client program, by turns in one run.
 *
 * A server is a forked process that publishes PUBLISH_COUNT payloads, one every so often, once all clients are
 * there. This process is all the clients, on epoll. Both share the monotonic clock.
 */
#include "base/mem.h"
#include "base/time.h"
#include "net/http.h"
#include "net/live.h"
#include "net/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_BYTES 300
#define FRAME_BYTES (TEXT_BYTES + 4)
#define PUBLISH_COUNT 12
#define ROUNDS 3
#define HANDSHAKES_AT_ONCE 128
#define GIVE_UP_MS 15000

struct figure {
	const char *name;
	unsigned clients;
	int interval_ms;
};

static const struct figure figures[] = {
    {"live_1000", 1000, 50},
    {"live_10000", 10000, 200},
};

__attribute__((noreturn)) static void
die(const char *what)
{
	fprintf(stderr, "bench_live: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The moment of publishing in front, then what a delta looks like. */
static void
make_text(char text[TEXT_BYTES + 1])
{
	int n =
	    snprintf(text, TEXT_BYTES + 1, "{\"t\":%019lld,\"pad\":\"", (long long)time_mono_ns());

	memset(text + n, 'x', (size_t)(TEXT_BYTES - n));
	memcpy(text + TEXT_BYTES - 2, "\"}", 3);
}

static void
tell_port(int to, int port)
{
	if (write(to, &port, sizeof port) != sizeof port)
		die("pipe");
}

/* ---- our server ---- */

struct ours {
	const struct figure *figure;
	struct loop *loop;
	struct timer *timer;
	struct live_hub *hub;
	uint64_t seq;
	int64_t due_ms;
};

static struct payload *
on_snapshot(void *ctx, int audience, uint64_t *seq)
{
	char text[TEXT_BYTES + 1];

	(void)audience;
	*seq = ((struct ours *)ctx)->seq;
	memset(text, '0', TEXT_BYTES); /* no time in it: it is not measured */
	return payload_new(text, TEXT_BYTES);
}

static enum err
on_live(void *ctx, struct http_exchange *x, struct live_join *join, struct why *why)
{
	(void)ctx;
	(void)x;
	(void)join;
	(void)why;
	return ERR_OK;
}

static enum err
on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	(void)ctx;
	(void)x;
	(void)body_max;
	return ERR_OK;
}

static void
on_exchange(void *ctx, struct http_exchange *x)
{
	(void)ctx;
	(void)x;
}

static void
on_tick(void *ctx)
{
	struct ours *o = ctx;
	struct live_frame f = {0};
	char text[TEXT_BYTES + 1];

	o->due_ms += o->figure->interval_ms;
	timer_at(o->timer, o->due_ms);
	if (live_clients(o->hub) < o->figure->clients || o->seq == PUBLISH_COUNT)
		return;
	make_text(text);
	f.seq = ++o->seq;
	f.public_ = payload_new(text, TEXT_BYTES);
	live_publish(o->hub, &f);
	payload_drop(f.public_);
}

static void
serve_ours(const struct figure *figure, int to)
{
	struct ours o = {.figure = figure};
	struct live_options lo = {.ring_frames = 1024,
	    .ring_bytes = 4 << 20,
	    .clients_max = figure->clients,
	    .snapshot = on_snapshot,
	    .ctx = &o};
	struct http_options ho = {.address = "127.0.0.1",
	    .handler = {.on_head = on_head,
		.on_request = on_exchange,
		.on_gone = on_exchange,
		.on_live = on_live},
	    .connections_max = figure->clients + 16,
	    .idle_seconds = 30};
	struct http_server *s;
	struct why why;

	o.hub = ho.hub = live_new(&lo);
	if (loop_open(&o.loop, &why) != ERR_OK || http_open(o.loop, &ho, &s, &why) != ERR_OK) {
		fprintf(stderr, "bench_live: %s\n", why.text);
		_exit(1);
	}
	o.timer = timer_new(o.loop, on_tick, &o);
	o.due_ms = loop_now_ms(o.loop) + figure->interval_ms;
	timer_at(o.timer, o.due_ms);
	tell_port(to, http_port(s));
	loop_run(o.loop);
}

/* ---- the bare reference ---- */

static struct {
	const struct figure *figure;
	struct lws_context *context;
	const struct lws_protocols *protocol;
	struct lws_vhost *vhost;
	lws_sorted_usec_list_t timer;
	unsigned clients;
	int published;
	unsigned char frame[LWS_PRE + TEXT_BYTES + 1];
} bare;

static int
bare_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		bare.protocol = lws_get_protocol(wsi);
		bare.clients++;
		break;
	case LWS_CALLBACK_CLOSED:
		bare.clients--;
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (lws_write(wsi, bare.frame + LWS_PRE, TEXT_BYTES, LWS_WRITE_TEXT) < TEXT_BYTES)
			return -1;
		break;
	default:
		break;
	}
	return 0;
}

static void
bare_tick(lws_sorted_usec_list_t *timer)
{
	lws_sul_schedule(bare.context, 0, timer, bare_tick,
	    (lws_usec_t)bare.figure->interval_ms * LWS_US_PER_MS);
	if (bare.clients < bare.figure->clients || bare.published == PUBLISH_COUNT)
		return;
	bare.published++;
	make_text((char *)bare.frame + LWS_PRE);
	lws_callback_on_writable_all_protocol(bare.context, bare.protocol);
}

static void
serve_bare(const struct figure *figure, int to)
{
	static const struct lws_protocols protocols[] = {
	    {"bare", bare_callback, 0, 512, 0, NULL, 0}, {NULL, NULL, 0, 0, 0, NULL, 0}};
	struct lws_context_creation_info info = {.port = 0,
	    .iface = "127.0.0.1",
	    .protocols = protocols,
	    .gid = (gid_t)-1,
	    .uid = (uid_t)-1,
	    .max_http_header_pool = HANDSHAKES_AT_ONCE,
	    .fd_limit_per_thread = figure->clients + 64,
	    .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS};

	lws_set_log_level(LLL_ERR, NULL);
	bare.figure = figure;
	if ((bare.context = lws_create_context(&info)) == NULL ||
	    (bare.vhost = lws_create_vhost(bare.context, &info)) == NULL)
		_exit(1);
	lws_sul_schedule(bare.context, 0, &bare.timer, bare_tick,
	    (lws_usec_t)figure->interval_ms * LWS_US_PER_MS);
	tell_port(to, lws_get_vhost_listen_port(bare.vhost));
	while (lws_service(bare.context, 0) >= 0)
		;
}

/* ---- the clients ---- */

struct client {
	int fd;
	unsigned char shaken; /* bytes of the blank line that ends the handshake's answer */
	unsigned got;         /* of the frame that is coming in */
	char frame[FRAME_BYTES];
};

struct crowd {
	struct client *clients;
	unsigned count, started, joined;
	int epoll, port;
	int64_t *sample_ns;
	size_t samples, wanted;
};

static void
client_start(struct crowd *c)
{
	static const char request[] =
	    "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)c->port)};
	struct client *k = &c->clients[c->started++];
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = k};

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((k->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		die("socket");
	if (connect(k->fd, (struct sockaddr *)&to, sizeof to) != 0)
		die("connect");
	if (send(k->fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
		die("send");
	if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, k->fd, &e) != 0)
		die("epoll_ctl");
}

static void
frame_arrived(struct crowd *c, const struct client *k, int64_t now_ns)
{
	long long t = 0;

	if (sscanf(k->frame + 4, "{\"t\":%lld", &t) == 1 && c->samples < c->wanted)
		c->sample_ns[c->samples++] = now_ns - t;
}

static void
client_bytes(struct crowd *c, struct client *k, const char *p, size_t n)
{
	int64_t now_ns = time_mono_ns();
	size_t take;

	while (n > 0 && k->shaken < 4) {
		k->shaken = *p == "\r\n\r\n"[k->shaken] ? k->shaken + 1 : *p == '\r';
		c->joined += k->shaken == 4;
		p++;
		n--;
	}
	while (n > 0) {
		take = FRAME_BYTES - k->got < n ? FRAME_BYTES - k->got : n;
		memcpy(k->frame + k->got, p, take);
		k->got += (unsigned)take;
		p += take;
		n -= take;
		if (k->got < FRAME_BYTES)
			return;
		k->got = 0;
		frame_arrived(c, k, now_ns);
	}
}

static void
crowd_turn(struct crowd *c)
{
	struct epoll_event events[256];
	char bytes[4096];
	int n = epoll_wait(c->epoll, events, 256, 100);

	for (int i = 0; i < n; i++) {
		struct client *k = events[i].data.ptr;
		ssize_t got = recv(k->fd, bytes, sizeof bytes, MSG_DONTWAIT);

		if (got == 0 || (got < 0 && errno != EAGAIN))
			die("a client lost its connection");
		if (got > 0)
			client_bytes(c, k, bytes, (size_t)got);
	}
}

/* With a reset, so that thousands of closed connections do not wait around. */
static void
crowd_leave(struct crowd *c)
{
	struct linger now = {.l_onoff = 1};

	for (unsigned i = 0; i < c->started; i++) {
		setsockopt(c->clients[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		close(c->clients[i].fd);
	}
	close(c->epoll);
	free(c->clients);
}

/* ---- a round ---- */

struct result {
	double p50_ms, p99_ms, rss_kib;
};

static double
rss_kib(pid_t pid)
{
	char path[64];
	long total, resident;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	if ((f = fopen(path, "re")) == NULL || fscanf(f, "%ld %ld", &total, &resident) != 2)
		die(path);
	fclose(f);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static struct result
run_round(const struct figure *figure, void (*serve)(const struct figure *, int))
{
	struct crowd c = {
	    .count = figure->clients, .wanted = (size_t)figure->clients * PUBLISH_COUNT};
	int64_t deadline_ms;
	struct result r;
	int ends[2];
	pid_t pid;

	if (pipe(ends) != 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		close(ends[0]);
		serve(figure, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &c.port, sizeof c.port) != sizeof c.port)
		die("the server did not start");
	c.clients = mem_array(c.count, sizeof *c.clients);
	c.sample_ns = mem_array(c.wanted, sizeof *c.sample_ns);
	c.epoll = epoll_create1(EPOLL_CLOEXEC);
	deadline_ms = time_mono_ms() + GIVE_UP_MS;
	while (c.samples < c.wanted && time_mono_ms() < deadline_ms) {
		while (c.started < c.count && c.started - c.joined < HANDSHAKES_AT_ONCE)
			client_start(&c);
		crowd_turn(&c);
	}
	if (c.samples < c.wanted)
		fprintf(stderr, "bench_live: %s: %zu of %zu deltas arrived\n", figure->name,
		    c.samples, c.wanted);
	r.rss_kib = rss_kib(pid);
	crowd_leave(&c);
	kill(pid, SIGKILL); /* libwebsockets catches the gentler ones */
	waitpid(pid, NULL, 0);
	close(ends[0]);
	qsort(c.sample_ns, c.samples, sizeof *c.sample_ns, by_value);
	r.p50_ms = c.samples > 0 ? (double)c.sample_ns[c.samples / 2] / 1e6 : -1;
	r.p99_ms = c.samples == c.wanted ? (double)c.sample_ns[c.samples * 99 / 100] / 1e6 : -1;
	free(c.sample_ns);
	return r;
}

/* ---- a figure ---- */

static int
by_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double v[ROUNDS])
{
	qsort(v, ROUNDS, sizeof *v, by_double);
	return v[ROUNDS / 2];
}

static void
measure(const struct figure *f)
{
	double ours[3][ROUNDS], theirs[3][ROUNDS], value, reference;

	for (int i = 0; i < ROUNDS; i++) {
		struct result a = run_round(f, serve_ours), b = run_round(f, serve_bare);

		ours[0][i] = a.p99_ms;
		ours[1][i] = a.p50_ms;
		ours[2][i] = a.rss_kib / f->clients;
		theirs[0][i] = b.p99_ms;
		theirs[1][i] = b.p50_ms;
		theirs[2][i] = b.rss_kib / f->clients;
	}
	for (int i = 0; i < ROUNDS; i++) {
		if (ours[0][i] < 0 || theirs[0][i] < 0) {
			fprintf(stderr,
			    "bench_live: %s: no figure: a round was not complete in %d s\n",
			    f->name, GIVE_UP_MS / 1000);
			exit(1);
		}
	}
	value = median(ours[0]);
	reference = median(theirs[0]);
	printf("{\"bench\":\"%s\",\"value\":%.3f,\"unit\":\"ms\",\"reference\":%.3f,\"ratio\":%.3f,"
	       "\"p50_ms\":%.3f,\"reference_p50_ms\":%.3f,\"rss_kib_per_client\":%.2f,"
	       "\"reference_rss_kib_per_client\":%.2f}\n",
	    f->name, value, reference, value / reference, median(ours[1]), median(theirs[1]),
	    median(ours[2]), median(theirs[2]));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0)
		die("getrlimit");
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
		bool chosen = argc == 1;

		for (int k = 1; k < argc; k++)
			chosen |= strcmp(argv[k], figures[i].name) == 0;
		if (chosen && lim.rlim_cur < figures[i].clients + 64) {
			fprintf(stderr, "bench_live: %s needs %u open files, the limit is %llu\n",
			    figures[i].name, figures[i].clients + 64,
			    (unsigned long long)lim.rlim_cur);
			return 1;
		}
		if (chosen)
			measure(&figures[i]);
	}
	return 0;
}
