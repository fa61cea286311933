/*
 * lists_tickets: the slowest page of any list of 5,000 open tickets from the real drilld, for each role that reads them, with
 * and without filters, pages of 500; it may take limit_ms. The reference is the median of a bare loop that sends as many bytes
 * as a full page has over loopback in the same run; the ratio is of full pages' median to it. Beside it: the summary, the ledger as CSV, and what registering all
 * of them by one list took.
 */
#include "base/mem.h"
#include "base/time.h"
#include "tests/bench/bare.h"
#include "tests/bench/drilld.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	DEPARTMENTS = 20,
	TICKETS = 5000,
	READERS = 4,
	PAGE = 500,
	PAGE_LIMIT_MS = 50,
	FULL_RUNS = 50
};
enum { ANSWER_MAX_BYTES = 8 * 1024 * 1024, LIST_MAX_BYTES = 2 * 1024 * 1024, EVIDENCE_BYTES = 200 };

static const char *const readers[READERS] = {"director", "judge", "leader", "dep-3"};

struct bench {
	struct drilld d;
	char dir[128];
	char tokens[READERS][64];
	int fd;
	char *answer; /* ANSWER_MAX_BYTES + 1 */
	size_t got;
	double worst_ms, full_ms[FULL_RUNS];
	size_t full_bytes, pages;
};

__attribute__((noreturn)) static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench_tickets: %s: %.400s\n", what, why);
	exit(1);
}

/* ---- the drill ---- */

static FILE *
create(const char *dir, const char *name)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if ((f = fopen(path, "we")) == NULL)
		die(path, strerror(errno));
	return f;
}

static void
make_folder(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (mkdir(path, 0700) != 0)
		die(path, strerror(errno));
}

static void
write_scenario(const char *dir)
{
	FILE *f;

	make_folder(dir, "challenges");
	make_folder(dir, "challenges/bench");
	f = create(dir, "challenges/bench/challenge.yaml");
	fputs("id: bench\ntitle: Bench\ncontract: steps\nport: 9\ntimeout_ms: 1000\nsteps:\n"
	      "  put: [{tcp: {talk: [{send: \"{{flag}}\"}]}}]\n"
	      "  get: [{tcp: {talk: [{expect: \"{{flag}}\"}]}}]\n"
	      "  check: [{tcp: {talk: [{expect: ok}]}}]\n",
	    f);
	fclose(f);
	f = create(dir, "scenario.yaml");
	fputs("drill:\n  id: bench\n  name: Bench\n  duration: 8h\n  tick: 1h\n"
	      "  time_zone: Asia/Shanghai\ndepartments:\n",
	    f);
	for (int i = 0; i < DEPARTMENTS; i++)
		fprintf(f, "  - {id: dep-%d, name: {zh: 部门%d, en: Department %d}}\n", i, i, i);
	fputs("systems:\n  - {id: s, name: S, department: dep-0, challenge: bench, address: "
	      "\"127.66.0.1:9\"}\naccounts:\n",
	    f);
	for (int i = 0; i < READERS; i++)
		fprintf(f,
		    strncmp(readers[i], "dep-", 4) == 0
			? "  - {id: %s, role: blue, department: %s}\n"
			: "  - {id: %s, role: %s}\n",
		    readers[i], readers[i]);
	fclose(f);
}

static void
get_tokens(struct bench *b)
{
	struct buf answer;
	char path[128];

	buf_init(&answer, ANSWER_MAX_BYTES);
	drilld_sign_in(&b->d);
	for (int i = 0; i < READERS; i++) {
		snprintf(path, sizeof path, "/api/v1/accounts/%s/token", readers[i]);
		drilld_post(&b->d, path, "", &answer);
		drilld_member(&answer, "token", b->tokens[i], sizeof b->tokens[i]);
	}
	buf_free(&answer);
}

/* ---- the tickets ---- */

/* Registered by one list, every second one notified. Returns the milliseconds of the list. */
static double
register_all(struct bench *b)
{
	static const char *const severities[] = {"critical", "high", "medium", "low"};
	char evidence[EVIDENCE_BYTES + 1], path[64];
	struct buf list, answer;
	int64_t began;
	double ms;

	memset(evidence, 'e', EVIDENCE_BYTES);
	evidence[EVIDENCE_BYTES] = '\0';
	buf_init(&list, LIST_MAX_BYTES);
	buf_init(&answer, ANSWER_MAX_BYTES);
	buf_puts(&list, "department,asset,title,class,severity,source,evidence\r\n");
	for (int i = 0; i < TICKETS; i++)
		buf_printf(&list,
		    "dep-%d,服务器 %d,登录处 SQL 注入,injection,%s,inspection:%d,%s\r\n",
		    i % DEPARTMENTS, i, severities[i % 4], i % 40 + 1, evidence);
	if (buf_err(&list) != ERR_OK)
		die("list", "too long");
	began = time_mono_ns();
	drilld_post(&b->d, "/api/v1/tickets/import", list.data, &answer);
	ms = (double)(time_mono_ns() - began) / 1e6;
	for (int i = 1; i <= TICKETS; i += 2) {
		snprintf(path, sizeof path, "/api/v1/tickets/%d/notify", i);
		drilld_post(&b->d, path, "", &answer);
	}
	buf_free(&list);
	buf_free(&answer);
	return ms;
}

/* ---- reading ---- */

/* Whether a whole answer is there; anything but success ends it all. */
static bool
is_whole(const struct bench *b, size_t *body_len)
{
	static const char name[] = "Content-Length: ";
	const char *end = memmem(b->answer, b->got, "\r\n\r\n", 4), *at;

	if (end == NULL)
		return false;
	if (strncmp(b->answer, "HTTP/1.1 20", 11) != 0)
		die("an answer", b->answer);
	at = memmem(b->answer, (size_t)(end - b->answer), name, sizeof name - 1);
	if (at == NULL)
		die("an answer without a length", b->answer);
	*body_len = strtoul(at + sizeof name - 1, NULL, 10);
	return b->answer + b->got >= end + 4 + *body_len;
}

/* Milliseconds until all of it is there. */
static double
get(struct bench *b, int fd, const char *token, const char *path, size_t *body_len)
{
	char request[512];
	int len = snprintf(request, sizeof request,
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, token);
	int64_t began = time_mono_ns();

	b->got = 0;
	if (send(fd, request, (size_t)len, MSG_NOSIGNAL) != len)
		die("send", strerror(errno));
	do {
		ssize_t n = recv(fd, b->answer + b->got, ANSWER_MAX_BYTES - b->got, 0);

		if (n <= 0)
			die("recv", n == 0 ? "closed" : strerror(errno));
		b->got += (size_t)n;
		b->answer[b->got] = '\0';
	} while (!is_whole(b, body_len));
	return (double)(time_mono_ns() - began) / 1e6;
}

static void
read_list(struct bench *b, const char *token, const char *filter)
{
	char path[256];
	size_t bytes;

	for (int after = 0; after < TICKETS; after += PAGE) {
		double ms;

		snprintf(
		    path, sizeof path, "/api/v1/tickets?after=%d&limit=%d%s", after, PAGE, filter);
		ms = get(b, b->fd, token, path, &bytes);
		b->pages++;
		if (ms > b->worst_ms)
			b->worst_ms = ms;
	}
}

static void
read_all(struct bench *b)
{
	static const char *const filters[] = {"", "&state=open", "&state=notified",
	    "&severity=critical", "&department=dep-3", "&overdue=true", "&overdue=false",
	    "&source=inspection:7", "&supervision=none", "&state=closed"};

	for (int i = 0; i < READERS; i++)
		for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++)
			read_list(b, b->tokens[i], filters[f]);
	for (int i = 0; i < FULL_RUNS; i++)
		b->full_ms[i] = get(
		    b, b->fd, b->tokens[0], "/api/v1/tickets?after=2000&limit=500", &b->full_bytes);
}

/* ---- the reference ---- */

/* Answers each request with that many bytes made beforehand. The child ends with its client. */
static pid_t
serve_bare(size_t bytes, int *client)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	char request[512];
	struct buf out;
	pid_t pid;

	if (bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) != 0)
		die("listen", strerror(errno));
	if ((pid = fork()) != 0) {
		*client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		close(listener);
		if (pid < 0 || connect(*client, (struct sockaddr *)&a, sizeof a) != 0)
			die("connect", strerror(errno));
		return pid;
	}
	fd = accept(listener, NULL, NULL);
	buf_init(&out, ANSWER_MAX_BYTES);
	buf_printf(&out, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", bytes);
	memset(buf_room(&out, bytes), 'x', bytes);
	out.len += bytes;
	while (recv(fd, request, sizeof request, 0) > 0)
		for (size_t sent = 0; sent < out.len;) {
			ssize_t n = send(fd, out.data + sent, out.len - sent, MSG_NOSIGNAL);

			if (n <= 0)
				_exit(1);
			sent += (size_t)n;
		}
	_exit(0);
}

static double
bare_median(struct bench *b)
{
	double ms[FULL_RUNS];
	size_t bytes;
	int fd;
	pid_t pid = serve_bare(b->full_bytes, &fd);

	for (int i = 0; i < FULL_RUNS; i++)
		ms[i] = get(b, fd, "x", "/", &bytes);
	close(fd);
	waitpid(pid, NULL, 0);
	return median(ms, FULL_RUNS);
}

int
main(void)
{
	struct bench *b = mem_alloc(sizeof *b);
	char scenario[256], challenges[256];
	double import_ms, reference, full, summary_ms, csv_ms;
	size_t bytes, csv_bytes;

	scratch_make(b->dir, sizeof b->dir);
	write_scenario(b->dir);
	snprintf(scenario, sizeof scenario, "%s/scenario.yaml", b->dir);
	snprintf(challenges, sizeof challenges, "%s/challenges", b->dir);
	drilld_start(&b->d, b->dir, scenario, challenges);
	get_tokens(b);
	b->answer = mem_alloc(ANSWER_MAX_BYTES + 1);
	import_ms = register_all(b);
	b->fd = drilld_connect(&b->d);
	read_all(b);
	reference = bare_median(b);
	full = median(b->full_ms, FULL_RUNS);
	summary_ms = get(b, b->fd, b->tokens[0], "/api/v1/tickets/summary", &bytes);
	csv_ms = get(b, b->fd, b->tokens[0], "/api/v1/tickets.csv", &csv_bytes);
	printf("{\"bench\":\"lists_tickets\",\"value\":%.2f,\"unit\":\"ms\",\"reference\":%.2f,"
	       "\"ratio\":%.2f,\"limit_ms\":%d,\"tickets\":%d,\"pages\":%zu,\"full_ms\":%.2f,"
	       "\"page_bytes\":%zu,"
	       "\"summary_ms\":%.2f,\"csv_ms\":%.1f,\"csv_bytes\":%zu,\"import_ms\":%.1f,"
	       "\"rss_kib\":%ld}\n",
	    b->worst_ms, reference, full / reference, PAGE_LIMIT_MS, TICKETS, b->pages, full,
	    b->full_bytes, summary_ms, csv_ms, csv_bytes, import_ms, process_rss_kib(b->d.pid));
	drilld_kill(&b->d);
	close(b->fd);
	scratch_remove(b->dir);
	free(b->answer);
	free(b);
	return 0;
}
