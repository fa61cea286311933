/*
 * checks_http: rounds of one GET each through a real drill-checker, fed by dispatch over its socketpair,
 * against a bare libcurl-multi loop that fetches the same page of the same server with the same number in
 * flight, each on a fresh connection. Medians of alternating repetitions. checks_steps: the same against
 * nginx with 1,000 in flight. A second checker is then filled with rounds that get no answer, to see what one
 * in flight keeps resident.
 */
#include "base/time.h"
#include "tests/bench/checks_feed.h"
#include "tests/bench/curl_bare.h"
#include "tests/bench/nginx.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPETITIONS 7
#define HANGING 1000
#define ADDRESSES 8 /* 127.0.0.1 and on: a tuple in TIME_WAIT is not needed again too soon */
#define DEADLINE_MS 60000

static const char program[] =
    "{\"vars\":[],\"put\":[],\"get\":[],\"check\":[{\"name\":\"page\",\"http\":{\"method\":\"GET\","
    "\"path\":\"/\",\"headers\":[],\"tls\":false,\"follow\":0},\"assert\":[{\"rule\":\"status\","
    "\"value\":[200],\"fails\":\"mumble\"}]}]}";

/* ---- the server: one process, one epoll, a page of 1 KiB ---- */

static void
serve_connection(int fd, const char *page, size_t len)
{
	char in[2048];
	ssize_t n = read(fd, in, sizeof in);

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			close(fd);
		return;
	}
	/* A request of the two clients fits one segment. */
	if (n >= 4 && memcmp(in + n - 4, "\r\n\r\n", 4) == 0 && write(fd, page, len) < 0)
		close(fd);
}

static void
serve(const int *listeners)
{
	char page[1400], body[1025];
	struct epoll_event events[256];
	int ep = epoll_create1(EPOLL_CLOEXEC), len;

	memset(body, 'x', 1024);
	body[1024] = '\0';
	len = snprintf(page, sizeof page,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n%s", body);
	for (int i = 0; i < ADDRESSES; i++)
		epoll_ctl(ep, EPOLL_CTL_ADD, listeners[i],
		    &(struct epoll_event){.events = EPOLLIN, .data.fd = listeners[i]});
	for (;;) {
		int n = epoll_wait(ep, events, 256, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd, client;

			if (fd > listeners[ADDRESSES - 1]) {
				serve_connection(fd, page, (size_t)len);
				continue;
			}
			while (
			    (client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
				epoll_ctl(ep, EPOLL_CTL_ADD, client,
				    &(struct epoll_event){.events = EPOLLIN, .data.fd = client});
		}
	}
}

static pid_t
server_start(int *port)
{
	int listeners[ADDRESSES];
	pid_t pid;

	*port = 0;
	for (int i = 0; i < ADDRESSES; i++)
		listeners[i] = bench_listen(i, port, 4096);
	if ((pid = fork()) < 0)
		bench_die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(listeners);
	}
	for (int i = 0; i < ADDRESSES; i++)
		close(listeners[i]);
	return pid;
}

/* ---- rates ---- */

struct figure {
	const char *name;
	int in_flight;
	int checks; /* a repetition */
};

static struct feed *
open_feed(unsigned in_flight, size_t count, int port, int64_t timeout_ms)
{
	static const char *const hosts[ADDRESSES] = {"127.0.0.1", "127.0.0.2", "127.0.0.3",
	    "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8"};
	int ports[ADDRESSES];

	for (int i = 0; i < ADDRESSES; i++)
		ports[i] = port;
	return feed_open(&(struct feed_options){.program = program,
	    .count = count,
	    .hosts = hosts,
	    .ports = ports,
	    .host_count = ADDRESSES,
	    .in_flight = in_flight,
	    .timeout_ms = timeout_ms});
}

/* Rounds whose system accepts a connection and never answers: KiB that each keeps resident. */
static double
resident_per_check(void)
{
	int port = 0, silent[ADDRESSES];
	struct feed *f;
	long empty;
	double each;

	for (int i = 0; i < ADDRESSES; i++)
		silent[i] = bench_listen(i, &port, 4096);
	f = open_feed(HANGING, HANGING, port, 60000);
	feed_turn(f); /* its "ready" */
	empty = bench_resident_kib(f->pid);
	feed_tick(f, 0);
	while (dispatch_running(f->dispatch) < HANGING || f->out.len > 0)
		feed_turn(f);
	for (int quiet = 0; quiet < 5; quiet++) {
		long before = bench_resident_kib(f->pid);

		poll(NULL, 0, 100);
		if (bench_resident_kib(f->pid) != before)
			quiet = 0;
		bench_check_deadline();
	}
	each = (double)(bench_resident_kib(f->pid) - empty) / HANGING;
	feed_close(f);
	for (int i = 0; i < ADDRESSES; i++)
		close(silent[i]);
	return each;
}

static void
measure(const struct figure *fig, int port)
{
	double bare[REPETITIONS], ours[REPETITIONS], value, reference;
	struct bare_options o = {.port = port,
	    .addresses = ADDRESSES,
	    .in_flight = fig->in_flight,
	    .checks = fig->checks};
	struct feed *f = open_feed((unsigned)fig->in_flight, (size_t)fig->checks, port, 10000);

	curl_bare_rate(&o); /* warm, both */
	feed_rate(f, 0);
	for (int i = 0; i < REPETITIONS; i++) {
		bare[i] = curl_bare_rate(&o);
		ours[i] = feed_rate(f, i + 1);
	}
	feed_close(f);
	value = bench_median(ours, REPETITIONS);
	reference = bench_median(bare, REPETITIONS);
	printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"checks/s\",\"reference\":%.0f,"
	       "\"ratio\":%.3f,\"in_flight\":%d,\"checks\":%d,\"repetitions\":%d,"
	       "\"resident_kib_per_check\":%.1f}\n",
	    fig->name, value, reference, value / reference, fig->in_flight, fig->checks,
	    REPETITIONS, resident_per_check());
}

static void
checks_http(void)
{
	int port;
	pid_t server = server_start(&port);

	measure(&(struct figure){"checks_http", 200, 3000}, port);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

static void
checks_steps(void)
{
	struct nginx nginx;

	nginx_start(&nginx, ADDRESSES);
	measure(&(struct figure){"checks_steps", 1000, 5000}, nginx.port);
	nginx_stop(&nginx);
}

static const struct {
	const char *name;
	void (*run)(void);
} figures[] = {{"checks_http", checks_http}, {"checks_steps", checks_steps}};

#define FIGURE_COUNT (sizeof figures / sizeof figures[0])

static bool
asked_for(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

int
main(int argc, char **argv)
{
	struct rlimit r;

	for (int i = 1; i < argc; i++) {
		bool known = false;

		for (size_t k = 0; k < FIGURE_COUNT; k++)
			known = known || strcmp(argv[i], figures[k].name) == 0;
		if (!known) {
			fprintf(stderr, "bench_checks: no figure %s\n", argv[i]);
			return 2;
		}
	}
	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	for (size_t i = 0; i < FIGURE_COUNT; i++) {
		bench_set_deadline(DEADLINE_MS);
		if (asked_for(figures[i].name, argc, argv))
			figures[i].run();
	}
	return 0;
}
