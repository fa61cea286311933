/*
 * checks_hostile: what three hostile systems do to a checker: one accepts and never answers, one sends a byte a
 * second, one sends 10 GB. First a checker meets well-behaved systems alone, then one meets as many and the
 * three: the others' results must be the same, and its resident memory (at its peak, and once they are over) may
 * not grow by more than 1 MiB. The value is the peak's growth in KiB, the reference 1 MiB.
 */
#include "base/time.h"
#include "tests/bench/checks_feed.h"
#include "tests/bench/nginx.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSTEMS 400
#define HOSTILE 3
#define TICKS 3
#define ROUND_MS 4000
#define FLOOD_BYTES (10ll * 1000 * 1000 * 1000)
#define LIMIT_KIB 1024
#define DEADLINE_MS 120000

static const char program[] =
    "{\"vars\":[],\"put\":[],\"get\":[],\"check\":[{\"name\":\"page\",\"http\":{\"method\":\"GET\","
    "\"path\":\"/\",\"headers\":[],\"tls\":false,\"follow\":0},\"assert\":[{\"rule\":\"status\","
    "\"value\":[200],\"fails\":\"mumble\"}]}]}";

/* ---- the three ---- */

static void
be_silent(int client)
{
	(void)client; /* left open until the process ends */
}

static void
be_slow(int client)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";

	for (size_t i = 0;; i++) {
		char byte = i < sizeof head - 1 ? head[i] : 'x';

		if (send(client, &byte, 1, MSG_NOSIGNAL) != 1)
			break;
		sleep(1);
	}
	close(client);
}

static void
be_flood(int client)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
	static char block[64 * 1024];

	if (send(client, head, sizeof head - 1, MSG_NOSIGNAL) < 0)
		return;
	for (long long sent = 0; sent < FLOOD_BYTES; sent += sizeof block)
		if (send(client, block, sizeof block, MSG_NOSIGNAL) < 0)
			break;
	close(client);
}

struct talk {
	void (*behave)(int client);
	int client;
};

static void *
on_client(void *arg)
{
	struct talk t = *(struct talk *)arg;

	free(arg);
	t.behave(t.client);
	return NULL;
}

/* A process that treats each client so, in a thread. */
static pid_t
hostile_start(void (*behave)(int client), int *port)
{
	int fd = bench_listen(0, port, 64);
	pid_t pid = fork();

	if (pid < 0)
		bench_die("fork");
	if (pid > 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		struct talk *t = malloc(sizeof *t);
		pthread_t thread;

		poll(&p, 1, -1);
		if (t == NULL)
			bench_die("malloc");
		*t = (struct talk){behave, accept(fd, NULL, NULL)};
		if (t->client < 0 || pthread_create(&thread, NULL, on_client, t) != 0)
			bench_die("accept");
		pthread_detach(thread);
	}
}

/* ---- the measurement ---- */

static long
peak_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		bench_die(path);
	while (kib < 0 && fgets(line, sizeof line, f) != NULL)
		sscanf(line, "VmHWM: %ld", &kib);
	fclose(f);
	return kib;
}

struct outcome {
	long peak_kib;
	long after_kib;
	double slowest_ms; /* median over the ticks of the slowest good round */
	size_t good;
};

struct watch {
	size_t hostile_from;
	int slowest;
	size_t good;
};

static void
on_result(void *ctx, const struct check_result *r)
{
	struct watch *w = ctx;

	if (r->system >= w->hostile_from)
		return;
	w->good += r->status == ST_OK;
	if (r->ms > w->slowest)
		w->slowest = r->ms;
}

static struct outcome
run(const int *ports, size_t hostile_from)
{
	static const char *hosts[SYSTEMS + HOSTILE];
	double slowest[TICKS];
	struct outcome out = {0};
	struct watch w = {.hostile_from = hostile_from};
	struct feed *f;

	for (size_t i = 0; i < SYSTEMS + HOSTILE; i++)
		hosts[i] = "127.0.0.1";
	f = feed_open(&(struct feed_options){.program = program,
	    .count = SYSTEMS + HOSTILE,
	    .hosts = hosts,
	    .ports = ports,
	    .host_count = SYSTEMS + HOSTILE,
	    .in_flight = SYSTEMS + HOSTILE,
	    .timeout_ms = ROUND_MS});
	f->tell = false;
	f->on_result = on_result;
	f->ctx = &w;
	for (int32_t tick = 0; tick < TICKS; tick++) {
		w.slowest = 0;
		feed_tick(f, tick);
		while (f->results < f->count)
			feed_turn(f);
		slowest[tick] = w.slowest;
	}
	out.good = w.good;
	out.peak_kib = peak_kib(f->pid);
	out.after_kib = bench_resident_kib(f->pid);
	out.slowest_ms = bench_median(slowest, TICKS);
	feed_close(f);
	return out;
}

int
main(void)
{
	static void (*const behaviours[HOSTILE])(int) = {be_silent, be_slow, be_flood};
	int ports[SYSTEMS + HOSTILE];
	pid_t hostile[HOSTILE];
	struct outcome alone, among;
	struct nginx nginx;

	bench_set_deadline(DEADLINE_MS);
	nginx_start(&nginx, 1);
	for (size_t i = 0; i < SYSTEMS + HOSTILE; i++)
		ports[i] = nginx.port;
	alone = run(ports, SYSTEMS);
	for (int i = 0; i < HOSTILE; i++) {
		ports[SYSTEMS + i] = 0;
		hostile[i] = hostile_start(behaviours[i], &ports[SYSTEMS + i]);
	}
	among = run(ports, SYSTEMS);
	for (int i = 0; i < HOSTILE; i++) {
		kill(hostile[i], SIGKILL);
		waitpid(hostile[i], NULL, 0);
	}
	nginx_stop(&nginx);
	printf("{\"bench\":\"checks_hostile\",\"value\":%ld,\"unit\":\"KiB\",\"reference\":%d,"
	       "\"ratio\":%.3f,\"after_kib\":%ld,\"others_ok\":%zu,\"others\":%d,"
	       "\"slowest_ms_alone\":%.0f,\"slowest_ms_among\":%.0f}\n",
	    among.peak_kib - alone.peak_kib, LIMIT_KIB,
	    (double)(among.peak_kib - alone.peak_kib) / LIMIT_KIB,
	    among.after_kib - alone.after_kib, among.good, SYSTEMS * TICKS, alone.slowest_ms,
	    among.slowest_ms);
	if (alone.good != SYSTEMS * TICKS || among.good != SYSTEMS * TICKS) {
		fprintf(stderr, "bench_hostile: %zu and %zu of %d rounds of the others were ok\n",
		    alone.good, among.good, SYSTEMS * TICKS);
		return 1;
	}
	return 0;
}
