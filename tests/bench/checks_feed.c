#include "tests/bench/checks_feed.h"
#include "base/mem.h"
#include "base/time.h"
#include "checker/protocol.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUFFER_MAX_BYTES (64 * 1024 * 1024)
#define READ_BYTES (64 * 1024)
#define SPAN_MS (1000 * 1000 * 1000)
#define ALL_DUE_MS (SPAN_MS / 100 * 81) /* all moments of the tick have come */

static int64_t deadline_ms;

void
bench_set_deadline(int64_t ms)
{
	deadline_ms = time_mono_ms() + ms;
}

void
bench_check_deadline(void)
{
	if (time_mono_ms() > deadline_ms) {
		fprintf(stderr, "bench: not finished in time\n");
		exit(1);
	}
}

void
bench_die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

int
bench_listen(int address, int *port, int backlog)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)*port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (unsigned)address)};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, backlog) != 0)
		bench_die("listen");
	getsockname(fd, (struct sockaddr *)&a, &len);
	*port = ntohs(a.sin_port);
	return fd;
}

long
bench_resident_kib(pid_t pid)
{
	char path[64];
	long pages = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	if ((file = fopen(path, "re")) == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		bench_die(path);
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
bench_median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return v[n / 2];
}

/* ---- what the dispatcher asks for ---- */

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
	f->by_status[r->status]++;
	if (f->tell && r->status != ST_OK && r->status != ST_DOWN)
		fprintf(stderr, "bench: %s %s\n", status_name(r->status), r->message);
	if (f->on_result != NULL)
		f->on_result(f->ctx, r);
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

static const char *
no_state(void *ctx, uint32_t system)
{
	(void)ctx;
	(void)system;
	return "";
}

/* ---- the process ---- */

static void
feed_spawn(struct feed *f, unsigned in_flight)
{
	char count[16];
	int pair[2];

	snprintf(count, sizeof count, "%u", in_flight);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 || (f->pid = fork()) < 0)
		bench_die("drill-checker");
	if (f->pid == 0) {
		if (pair[1] == CHECKER_FD)
			fcntl(pair[1], F_SETFD, 0);
		else
			dup2(pair[1], CHECKER_FD);
		execl("build/drill-checker", "drill-checker", "--in-flight", count, (char *)NULL);
		bench_die("build/drill-checker (run from the top folder, after make)");
	}
	close(pair[1]);
	f->fd = pair[0];
	fcntl(f->fd, F_SETFL, O_NONBLOCK);
}

struct feed *
feed_open(const struct feed_options *o)
{
	static const char *const names[] = {"bench"};
	struct feed *f = mem_alloc(sizeof *f);
	struct dispatch_options d = {.target_count = o->count,
	    .program_names = names,
	    .programs = &o->program,
	    .program_count = 1,
	    .in_flight_max = o->in_flight,
	    .tick_ms = 60000,
	    .flags = one_flag,
	    .state = no_state,
	    .send = on_send,
	    .result = on_result,
	    .ctx = f};

	d.targets = f->targets = mem_array(o->count, sizeof *f->targets);
	f->count = o->count;
	f->tell = true;
	for (size_t i = 0; i < o->count; i++)
		f->targets[i] = (struct check_target){.challenge = "bench",
		    .host = o->hosts[i % o->host_count],
		    .port = o->ports[i % o->host_count],
		    .timeout_ms = o->timeout_ms,
		    .team_id = "bench",
		    .team_name = "bench",
		    .team_number = 1};
	buf_init(&f->in, BUFFER_MAX_BYTES);
	buf_init(&f->out, BUFFER_MAX_BYTES);
	feed_spawn(f, o->in_flight);
	f->dispatch = dispatch_new(&d);
	dispatch_worker_up(f->dispatch, 0);
	return f;
}

/* ---- turns ---- */

void
feed_tick(struct feed *f, int32_t tick)
{
	f->results = 0;
	memset(f->by_status, 0, sizeof f->by_status);
	dispatch_open_tick(f->dispatch, tick, 0, SPAN_MS, (uint64_t)tick, NULL, NULL);
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
			fprintf(stderr, "bench: %s\n", why.text);
			exit(1);
		}
		from += len + 1;
	}
	buf_shift(&f->in, from);
}

void
feed_turn(struct feed *f)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	ssize_t n;
	char *room;

	(void)dispatch_step(f->dispatch, ALL_DUE_MS);
	if (f->out.len > 0 && (n = write(f->fd, f->out.data, f->out.len)) > 0)
		buf_shift(&f->out, (size_t)n);
	if (f->out.len > 0)
		p.events |= POLLOUT;
	poll(&p, 1, 1000);
	if ((room = buf_room(&f->in, READ_BYTES)) == NULL)
		bench_die("too much from the checker");
	if ((n = read(f->fd, room, READ_BYTES)) == 0)
		bench_die("the checker ended");
	if (n > 0)
		f->in.len += (size_t)n;
	feed_lines(f);
	bench_check_deadline();
}

double
feed_rate(struct feed *f, int32_t tick)
{
	int64_t start;

	feed_tick(f, tick);
	start = time_mono_ns();
	while (f->results < f->count)
		feed_turn(f);
	start = time_mono_ns() - start;
	if (f->by_status[ST_OK] != f->count) {
		fprintf(stderr, "bench: %zu of %zu rounds were not ok\n",
		    f->count - f->by_status[ST_OK], f->count);
		exit(1);
	}
	return (double)f->count * 1e9 / (double)start;
}

void
feed_close(struct feed *f)
{
	int status;

	shutdown(f->fd, SHUT_WR);
	waitpid(f->pid, &status, 0);
	close(f->fd);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		bench_die("the checker ended badly");
	dispatch_free(f->dispatch);
	buf_free(&f->in);
	buf_free(&f->out);
	free(f->targets);
	free(f);
}
