/*
 * checks_http: rounds of one GET each through a real drill-checker, fed by dispatch over its socketpair,
 * against a bare libcurl-multi loop that fetches the same page of the same server with the same number in
 * flight, each on a fresh connection. Medians of alternating repetitions. A second checker is then filled
 * with rounds that get no answer, to see what one in flight keeps resident.
 */
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "checker/protocol.h"
#include "dispatch/dispatch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
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

#define IN_FLIGHT 200
#define CHECKS 3000 /* a repetition */
#define REPETITIONS 7
#define HANGING 1000
#define ADDRESSES 8 /* 127.0.0.1 and on: a tuple in TIME_WAIT is not needed again too soon */
#define DEADLINE_MS 20000
#define SPAN_MS (1000 * 1000 * 1000)

static int64_t deadline_ms;

static void
die(const char *what)
{
	fprintf(stderr, "bench_checks: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
check_deadline(void)
{
	if (time_mono_ms() > deadline_ms) {
		fprintf(stderr, "bench_checks: not finished within %d ms\n", DEADLINE_MS);
		exit(1);
	}
}

/* ---- the server: one process, one epoll, a page of 1 KiB ---- */

static int
listen_on(int address, int *port, int backlog)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)*port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (unsigned)address)};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, backlog) != 0)
		die("listen");
	getsockname(fd, (struct sockaddr *)&a, &len);
	*port = ntohs(a.sin_port);
	return fd;
}

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
		listeners[i] = listen_on(i, port, 4096);
	if ((pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(listeners);
	}
	for (int i = 0; i < ADDRESSES; i++)
		close(listeners[i]);
	return pid;
}

/* ---- the bare loop: curl's socket interface on epoll, handles used again ---- */

struct bare {
	CURLM *multi;
	int ep;
	long timeout_ms;
	int started;
	int done;
};

static size_t
on_data(char *data, size_t one, size_t len, void *ctx)
{
	(void)data;
	(void)one;
	(void)ctx;
	return len;
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
	struct bare *b = ctx;
	struct epoll_event ev = {.data.fd = fd};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(b->ep, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		ev.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		ev.events |= EPOLLOUT;
	epoll_ctl(b->ep, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev);
	curl_multi_assign(b->multi, fd, b);
	return 0;
}

static int
on_timer(CURLM *multi, long ms, void *ctx)
{
	(void)multi;
	((struct bare *)ctx)->timeout_ms = ms;
	return 0;
}

static CURL *
bare_handle(int number, int port)
{
	CURL *h = curl_easy_init();
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.%d:%d/", 1 + number % ADDRESSES, port);
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_data);
	return h;
}

static void
bare_collect(struct bare *b)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(b->multi, &left)) != NULL) {
		CURL *h = m->easy_handle;

		if (m->data.result != CURLE_OK) {
			fprintf(stderr, "bench_checks: bare loop: %s\n",
			    curl_easy_strerror(m->data.result));
			exit(1);
		}
		b->done++;
		curl_multi_remove_handle(b->multi, h);
		if (b->started < CHECKS) {
			b->started++;
			curl_multi_add_handle(b->multi, h);
		}
	}
}

static void
bare_loop(struct bare *b)
{
	struct epoll_event events[256];
	int running;

	while (b->done < CHECKS) {
		int n =
		    epoll_wait(b->ep, events, 256, b->timeout_ms < 0 ? 1000 : (int)b->timeout_ms);

		if (n == 0)
			curl_multi_socket_action(b->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		for (int i = 0; i < n; i++)
			curl_multi_socket_action(b->multi, events[i].data.fd,
			    (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
				(events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
				(events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0),
			    &running);
		bare_collect(b);
		check_deadline();
	}
}

static double
bare_rate(int port)
{
	struct bare b = {
	    .multi = curl_multi_init(), .ep = epoll_create1(EPOLL_CLOEXEC), .timeout_ms = 0};
	CURL *handles[IN_FLIGHT];
	int64_t start;

	curl_multi_setopt(b.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(b.multi, CURLMOPT_SOCKETDATA, &b);
	curl_multi_setopt(b.multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(b.multi, CURLMOPT_TIMERDATA, &b);
	for (int i = 0; i < IN_FLIGHT; i++)
		handles[i] = bare_handle(i, port);
	start = time_mono_ns();
	for (b.started = 0; b.started < IN_FLIGHT; b.started++)
		curl_multi_add_handle(b.multi, handles[b.started]);
	bare_loop(&b);
	start = time_mono_ns() - start;
	for (int i = 0; i < IN_FLIGHT; i++)
		curl_easy_cleanup(handles[i]);
	curl_multi_cleanup(b.multi);
	close(b.ep);
	return CHECKS * 1e9 / (double)start;
}

/* ---- the checker, fed as drilld feeds it ---- */

static const char program[] =
    "{\"vars\":[],\"put\":[],\"get\":[],\"check\":[{\"name\":\"page\",\"http\":{\"method\":\"GET\","
    "\"path\":\"/\",\"headers\":[],\"tls\":false,\"follow\":0},\"assert\":[{\"rule\":\"status\","
    "\"value\":[200],\"fails\":\"mumble\"}]}]}";

struct feed {
	int fd;
	pid_t pid;
	struct buf in;
	struct buf out;
	struct dispatch *dispatch;
	struct check_target targets[CHECKS];
	int results;
	int ok;
};

static enum err
on_send(void *ctx, unsigned worker, const char *line, size_t len)
{
	struct feed *f = ctx;

	(void)worker;
	buf_put(&f->out, line, len);
	buf_putc(&f->out, '\n');
	return buf_err(&f->out);
}

static void
on_result(void *ctx, const struct check_result *r)
{
	struct feed *f = ctx;

	f->results++;
	f->ok += r->status == ST_OK;
	if (r->status != ST_OK && r->status != ST_DOWN)
		fprintf(stderr, "bench_checks: %s %s\n", status_name(r->status), r->message);
}

static size_t
one_flag(void *ctx, uint32_t system, int32_t tick, struct check_flag *out, size_t max)
{
	(void)ctx;
	(void)max;
	*out = (struct check_flag){.tick = tick, .saved = ""};
	snprintf(out->text, sizeof out->text, "DRILL{%024u}", system);
	snprintf(out->seed, sizeof out->seed, "%016x", system);
	return 1;
}

static void
feed_spawn(struct feed *f, unsigned in_flight)
{
	char count[16];
	int pair[2];

	snprintf(count, sizeof count, "%u", in_flight);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 || (f->pid = fork()) < 0)
		die("drill-checker");
	if (f->pid == 0) {
		if (pair[1] == CHECKER_FD)
			fcntl(pair[1], F_SETFD, 0);
		else
			dup2(pair[1], CHECKER_FD);
		execl("build/drill-checker", "drill-checker", "--in-flight", count, (char *)NULL);
		die("build/drill-checker (run from the top folder, after make)");
	}
	close(pair[1]);
	f->fd = pair[0];
	fcntl(f->fd, F_SETFL, O_NONBLOCK);
}

static struct feed *
feed_open(unsigned in_flight, int port, int addresses, int64_t timeout_ms)
{
	static const char *const names[] = {"bench"}, *const programs[] = {program};
	static char hosts[ADDRESSES][16];
	struct feed *f = mem_alloc(sizeof *f);
	struct dispatch_options o = {.targets = f->targets,
	    .target_count = CHECKS,
	    .program_names = names,
	    .programs = programs,
	    .program_count = 1,
	    .in_flight_max = in_flight,
	    .flags = one_flag,
	    .send = on_send,
	    .result = on_result,
	    .ctx = f};

	for (int i = 0; i < CHECKS; i++) {
		char *host = hosts[i % addresses];

		snprintf(host, sizeof hosts[0], "127.0.0.%d", 1 + i % addresses);
		f->targets[i] = (struct check_target){
		    .challenge = "bench", .host = host, .port = port, .timeout_ms = timeout_ms};
	}
	buf_init(&f->in, 64 * 1024 * 1024);
	buf_init(&f->out, 64 * 1024 * 1024);
	feed_spawn(f, in_flight);
	f->dispatch = dispatch_new(&o);
	dispatch_worker_up(f->dispatch, 0);
	return f;
}

static void
feed_lines(struct feed *f)
{
	size_t from = 0;
	struct why why;
	char *newline;

	while (f->in.len > from && (newline = memchr(f->in.data + from, '\n', f->in.len - from))) {
		size_t len = (size_t)(newline - f->in.data) - from;

		if (dispatch_line(f->dispatch, 0, f->in.data + from, len, &why) != ERR_OK) {
			fprintf(stderr, "bench_checks: %s\n", why.text);
			exit(1);
		}
		from += len + 1;
	}
	buf_shift(&f->in, from);
}

/* One turn: lines out, lines in, what they bring. */
static void
feed_turn(struct feed *f, int64_t now_ms)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	ssize_t n;
	char *room;

	(void)dispatch_step(f->dispatch, now_ms);
	if (f->out.len > 0 && (n = write(f->fd, f->out.data, f->out.len)) > 0)
		buf_shift(&f->out, (size_t)n);
	if (f->out.len > 0)
		p.events |= POLLOUT;
	poll(&p, 1, 1000);
	if ((room = buf_room(&f->in, 64 * 1024)) == NULL)
		die("too much from the checker");
	if ((n = read(f->fd, room, 64 * 1024)) == 0)
		die("the checker ended");
	if (n > 0)
		f->in.len += (size_t)n;
	feed_lines(f);
	check_deadline();
}

static double
feed_rate(struct feed *f, int32_t tick)
{
	int64_t start;

	f->results = f->ok = 0;
	dispatch_open_tick(f->dispatch, tick, 0, SPAN_MS, (uint64_t)tick, NULL, NULL);
	start = time_mono_ns();
	while (f->results < CHECKS)
		feed_turn(f, SPAN_MS / 100 * 81); /* all moments of the tick have come */
	start = time_mono_ns() - start;
	if (f->ok != CHECKS) {
		fprintf(
		    stderr, "bench_checks: %d of %d rounds were not ok\n", CHECKS - f->ok, CHECKS);
		exit(1);
	}
	return CHECKS * 1e9 / (double)start;
}

static void
feed_close(struct feed *f)
{
	int status;

	shutdown(f->fd, SHUT_WR);
	waitpid(f->pid, &status, 0);
	close(f->fd);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die("the checker ended badly");
	dispatch_free(f->dispatch);
	buf_free(&f->in);
	buf_free(&f->out);
	free(f);
}

static long
resident_kib(pid_t pid)
{
	char path[64];
	long pages = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	if ((file = fopen(path, "re")) == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		die(path);
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Rounds whose system accepts a connection and never answers. */
static double
resident_per_check(void)
{
	int port = 0, silent = listen_on(0, &port, 4096);
	struct feed *f = feed_open(HANGING, port, 1, 60000);
	long empty;
	double each;

	feed_turn(f, 0); /* its "ready" */
	empty = resident_kib(f->pid);
	dispatch_open_tick(f->dispatch, 0, 0, SPAN_MS, 1, NULL, NULL);
	while (dispatch_running(f->dispatch) < HANGING || f->out.len > 0)
		feed_turn(f, SPAN_MS / 100 * 81);
	for (int quiet = 0; quiet < 5; quiet++) {
		long before = resident_kib(f->pid);

		poll(NULL, 0, 100);
		if (resident_kib(f->pid) != before)
			quiet = 0;
	}
	each = (double)(resident_kib(f->pid) - empty) / HANGING;
	feed_close(f);
	close(silent);
	return each;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return v[n / 2];
}

static void
checks_http(void)
{
	double bare[REPETITIONS], ours[REPETITIONS], value, reference;
	int port;
	pid_t server = server_start(&port);
	struct feed *f = feed_open(IN_FLIGHT, port, ADDRESSES, 10000);

	bare_rate(port); /* warm, both */
	feed_rate(f, 0);
	for (int i = 0; i < REPETITIONS; i++) {
		bare[i] = bare_rate(port);
		ours[i] = feed_rate(f, i + 1);
	}
	feed_close(f);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	value = median(ours, REPETITIONS);
	reference = median(bare, REPETITIONS);
	printf("{\"bench\":\"checks_http\",\"value\":%.0f,\"unit\":\"checks/s\",\"reference\":%.0f,"
	       "\"ratio\":%.3f,\"in_flight\":%d,\"checks\":%d,\"repetitions\":%d,"
	       "\"resident_kib_per_check\":%.1f}\n",
	    value, reference, value / reference, IN_FLIGHT, CHECKS, REPETITIONS,
	    resident_per_check());
}

int
main(int argc, char **argv)
{
	struct rlimit r;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "checks_http") != 0) {
			fprintf(
			    stderr, "bench_checks: no figure %s; there is checks_http\n", argv[i]);
			return 2;
		}
	}
	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	deadline_ms = time_mono_ms() + DEADLINE_MS;
	checks_http();
	return 0;
}
