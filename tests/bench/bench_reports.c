/*
 * reports_submit: incident reports a second that the real drilld takes from 60 departments filing at once, each over a
 * connection of its own, each durable before its answer: as fast as it goes, and 500 a second with the slowest 1 % of
 * their answers, from the moment when each was due; against a bare SQLite loop that
 * inserts rows with such texts, 60 a transaction, by turns in one run. At the end the killed server's journal is counted:
 * what was acknowledged is there.
 *
 * lists_reports: the slowest page of any list of 2,000 reports, for each role that reads them, with and without filters;
 * against the 50 ms that it may take.
 */
#include "base/mem.h"
#include "base/time.h"
#include "store/journal.h"
#include "tests/bench/bare.h"
#include "tests/bench/drilld.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPARTMENTS = 60, READERS = 3, ROUNDS = 5, ROUND = 2400, LISTED = 2000, PAGE_LIMIT_MS = 50 };
enum { PACED = 2500, PACE_NS = 2000000 }; /* 500 a second */
enum { BARE_ROWS = 12000, REQUEST_MAX_BYTES = 8192, ANSWER_MAX_BYTES = 1024 * 1024 };
enum { COURSE_BYTES = 1500 };

static const char *const readers[READERS] = {"director", "judge", "leader"};

struct connection {
	int fd, department;
	int64_t sent_ns;
	bool busy; /* an answer is due */
	size_t got;
	char *answer; /* ANSWER_MAX_BYTES + 1 */
};

struct load {
	struct drilld d;
	char dir[128];
	char tokens[DEPARTMENTS + READERS][64];
	char document[4096];
	struct connection connections[DEPARTMENTS];
	int epoll;
	size_t sent, last, answered; /* where this round ends */
	double *ms;                  /* of each answer */
};

__attribute__((noreturn)) static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench_reports: %s: %.400s\n", what, why);
	exit(1);
}

/* ---- the drill ---- */

static const char challenge[] =
    "id: bench\ntitle: {zh: 基准, en: Bench}\ncontract: steps\nport: 9\n"
    "timeout_ms: 1000\nflags: 1\nsteps:\n"
    "  put: [{tcp: {talk: [{send: \"{{flag}}\"}]}}]\n"
    "  get: [{tcp: {talk: [{expect: \"{{flag}}\"}]}}]\n"
    "  check: [{tcp: {talk: [{expect: \"ok\"}]}}]\n";

static const char drill[] =
    "drill:\n  id: bench\n  name: {zh: 基准, en: Bench}\n  duration: 8h\n  tick: 1h\n"
    "  time_zone: Asia/Shanghai\n  public_board: true\n";

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
make_directory(const char *dir, const char *name)
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

	make_directory(dir, "challenges");
	make_directory(dir, "challenges/bench");
	f = create(dir, "challenges/bench/challenge.yaml");
	fputs(challenge, f);
	fclose(f);
	f = create(dir, "scenario.yaml");
	fprintf(f, "%sdepartments:\n", drill);
	for (int i = 0; i < DEPARTMENTS; i++)
		fprintf(f, "  - {id: dep-%d, name: {zh: 部门%d, en: Department %d}}\n", i, i, i);
	fprintf(f, "systems:\n");
	for (int i = 0; i < DEPARTMENTS; i++)
		fprintf(f,
		    "  - {id: system-%d, name: System %d, department: dep-%d, challenge: bench, "
		    "address: \"127.66.0.%d:9\"}\n",
		    i, i, i, i + 1);
	fprintf(f, "accounts:\n");
	for (int i = 0; i < DEPARTMENTS; i++)
		fprintf(f, "  - {id: dep-%d, role: blue, department: dep-%d}\n", i, i);
	for (int i = 0; i < READERS; i++)
		fprintf(f, "  - {id: %s, role: %s}\n", readers[i], readers[i]);
	fclose(f);
}

static void
get_tokens(struct load *l)
{
	struct buf answer;
	char path[128], id[32];

	buf_init(&answer, ANSWER_MAX_BYTES);
	drilld_sign_in(&l->d);
	for (int i = 0; i < DEPARTMENTS + READERS; i++) {
		if (i < DEPARTMENTS)
			snprintf(id, sizeof id, "dep-%d", i);
		else
			snprintf(id, sizeof id, "%s", readers[i - DEPARTMENTS]);
		snprintf(path, sizeof path, "/api/v1/accounts/%s/token", id);
		drilld_post(&l->d, path, "", &answer);
		drilld_member(&answer, "token", l->tokens[i], sizeof l->tokens[i]);
	}
	drilld_post(&l->d, "/api/v1/clock", "{\"action\":\"start\"}", &answer);
	buf_free(&answer);
}

/* A report of usual length, without its systems: some 2 KB of text. */
static void
make_document(struct load *l)
{
	char detected[RFC3339_BYTES], course[COURSE_BYTES + 1];

	memset(course, 'x', COURSE_BYTES);
	course[COURSE_BYTES] = '\0';
	rfc3339_format(time_wall_ms(), 480, detected);
	snprintf(l->document, sizeof l->document,
	    "\"author\":\"Li Wei\",\"phone\":\"+86 10-62551234\",\"class\":\"0107\",\"detected\":"
	    "\"%s\",\"detection\":\"edr\",\"loss\":\"serious\",\"summary\":\"Files are "
	    "encrypted.\","
	    "\"course\":\"%s\",\"assets\":[{\"asset\":\"portal\",\"state\":\"compromised\"}],"
	    "\"indicators\":[{\"kind\":\"ip\",\"value\":\"10.1.2.3\",\"action\":\"blocked\"}],"
	    "\"actions\":[{\"at\":\"%s\",\"phase\":\"containment\",\"kind\":\"isolate\","
	    "\"target\":\"portal\",\"who\":\"Li Wei\"}]",
	    detected, course, detected);
}

static void
open_drill(struct load *l)
{
	char scenario[256], challenges[256];

	scratch_make(l->dir, sizeof l->dir);
	write_scenario(l->dir);
	snprintf(scenario, sizeof scenario, "%s/scenario.yaml", l->dir);
	snprintf(challenges, sizeof challenges, "%s/challenges", l->dir);
	drilld_start(&l->d, l->dir, scenario, challenges);
	get_tokens(l);
	make_document(l);
}

static void
connect_all(struct load *l)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < DEPARTMENTS; i++) {
		struct connection *c = &l->connections[i];
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

		*c = (struct connection){.fd = drilld_connect(&l->d),
		    .department = i,
		    .answer = mem_alloc(ANSWER_MAX_BYTES + 1)};
		epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &e);
	}
}

/* ---- filing ---- */

static void
send_report(struct load *l, struct connection *c)
{
	char body[REQUEST_MAX_BYTES], request[2 * REQUEST_MAX_BYTES];
	int body_len = snprintf(body, sizeof body,
	    "{\"submit\":true,\"document\":{%s,\"systems\":[\"system-%d\"]}}", l->document,
	    c->department);
	int len = snprintf(request, sizeof request,
	    "POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    l->tokens[c->department], body_len, body);

	l->sent++;
	c->got = 0;
	c->busy = true;
	c->sent_ns = time_mono_ns();
	if (send(c->fd, request, (size_t)len, MSG_NOSIGNAL) != len)
		die("send", strerror(errno));
}

/* Whether a whole answer is there; anything but success ends it all. */
static bool
is_whole(const struct connection *c, size_t *body_len)
{
	static const char name[] = "Content-Length: ";
	const char *end = memmem(c->answer, c->got, "\r\n\r\n", 4), *at;

	if (end == NULL)
		return false;
	if (strncmp(c->answer, "HTTP/1.1 20", 11) != 0)
		die("an answer", c->answer);
	at = memmem(c->answer, (size_t)(end - c->answer), name, sizeof name - 1);
	if (at == NULL)
		die("an answer without a length", c->answer);
	*body_len = strtoul(at + sizeof name - 1, NULL, 10);
	return c->answer + c->got >= end + 4 + *body_len;
}

static bool
receive(struct connection *c, size_t *body_len)
{
	ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX_BYTES - c->got, 0);

	if (n <= 0)
		die("recv", n == 0 ? "the server has closed" : strerror(errno));
	c->got += (size_t)n;
	c->answer[c->got] = '\0';
	return is_whole(c, body_len);
}

static void
on_readable(struct load *l, struct connection *c)
{
	size_t body_len;

	if (!receive(c, &body_len))
		return;
	l->ms[l->answered++] = (double)(time_mono_ns() - c->sent_ns) / 1e6;
	c->busy = false;
	if (l->sent < l->last)
		send_report(l, c);
}

static void
take_answers(struct load *l, int wait_ms)
{
	struct epoll_event events[DEPARTMENTS];
	int n = epoll_wait(l->epoll, events, DEPARTMENTS, wait_ms);

	if (n < 0)
		die("epoll_wait", strerror(errno));
	for (int i = 0; i < n; i++)
		on_readable(l, events[i].data.ptr);
	if (n == 0 && wait_ms > 1000)
		die("epoll_wait", "no answer for 5 s");
}

/* Reports a second, of count more. */
static double
file_reports(struct load *l, size_t count)
{
	int64_t began = time_mono_ns();

	l->last = l->sent + count;
	for (int i = 0; i < DEPARTMENTS; i++)
		send_report(l, &l->connections[i]);
	while (l->answered < l->last)
		take_answers(l, 5000);
	return (double)count / ((double)(time_mono_ns() - began) / 1e9);
}

/* PACED more at their pace, department by department; a late one is measured from when it was due. */
static void
file_paced(struct load *l)
{
	int64_t began = time_mono_ns();

	l->last = l->sent; /* an answer brings no next one */
	for (int i = 0; i < PACED; i++) {
		struct connection *c = &l->connections[i % DEPARTMENTS];
		int64_t due = began + (int64_t)i * PACE_NS;

		while (c->busy || time_mono_ns() < due)
			take_answers(l, 1);
		send_report(l, c);
		c->sent_ns = due;
	}
	while (l->answered < l->sent)
		take_answers(l, 5000);
}

/* ---- what is durable ---- */

static enum err
count_report(void *ctx, const struct journal_row *row, struct why *why)
{
	(void)why;
	*(size_t *)ctx += strcmp(row->kind, "report.submitted") == 0;
	return ERR_OK;
}

static void
check_journal(const struct load *l)
{
	char data[256], text[96];
	struct journal_options o = {.dir = data, .read_only = true};
	struct journal *j;
	struct why why;
	size_t count = 0;

	snprintf(data, sizeof data, "%s/data", l->dir);
	if (journal_open(&o, &j, &why) != ERR_OK ||
	    journal_read(j, 1, 0, count_report, &count, &why) != ERR_OK)
		die("journal", why.text);
	journal_close(j);
	snprintf(text, sizeof text, "%zu reports in it, %zu acknowledged", count, l->answered);
	if (count != l->answered)
		die("journal", text);
}

/* ---- figures ---- */

static struct load *
load_new(void)
{
	struct load *l = mem_alloc(sizeof *l);

	l->ms = mem_array(ROUNDS * ROUND + PACED + LISTED, sizeof *l->ms);
	open_drill(l);
	connect_all(l);
	return l;
}

static void
load_free(struct load *l)
{
	for (int i = 0; i < DEPARTMENTS; i++) {
		close(l->connections[i].fd);
		free(l->connections[i].answer);
	}
	close(l->epoll);
	scratch_remove(l->dir);
	free(l->ms);
	free(l);
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
run_submit(void)
{
	struct load *l = load_new();
	const struct bare_run run = {
	    .batch = DEPARTMENTS, .rows = BARE_ROWS, .hashed = true, .secret = l->document};
	double ours[ROUNDS], bare[ROUNDS], value, reference, full, *paced;
	long rss_kib;

	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = file_reports(l, ROUND);
		bare[i] = bare_insert(l->dir, &run);
	}
	qsort(l->ms, l->answered, sizeof *l->ms, by_size);
	full = l->ms[l->answered * 99 / 100];
	paced = l->ms + l->answered;
	file_paced(l);
	qsort(paced, PACED, sizeof *paced, by_size);
	rss_kib = process_rss_kib(l->d.pid);
	drilld_kill(&l->d);
	check_journal(l);
	value = median(ours, ROUNDS);
	reference = median(bare, ROUNDS);
	printf(
	    "{\"bench\":\"reports_submit\",\"value\":%.0f,\"unit\":\"reports/s\",\"reference\":"
	    "%.0f,\"ratio\":%.3f,\"departments\":%d,\"accepted\":%zu,\"p99_ms\":%.1f,"
	    "\"p50_ms_at_500\":%.1f,\"p99_ms_at_500\":%.1f,\"report_bytes\":%zu,\"rss_kib\":%ld}\n",
	    value, reference, value / reference, DEPARTMENTS, l->answered, full, paced[PACED / 2],
	    paced[PACED * 99 / 100], strlen(l->document), rss_kib);
	fflush(stdout);
	load_free(l);
}

/* ---- lists ---- */

/* Milliseconds until the whole page is there. */
static double
get_page(struct connection *c, const char *token, const char *query)
{
	char request[512];
	int len = snprintf(request, sizeof request,
	    "GET /api/v1/reports?%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
	    "%s\r\n\r\n",
	    query, token);
	int64_t began = time_mono_ns();
	size_t body_len;

	c->got = 0;
	if (send(c->fd, request, (size_t)len, MSG_NOSIGNAL) != len)
		die("send", strerror(errno));
	while (!receive(c, &body_len))
		;
	return (double)(time_mono_ns() - began) / 1e6;
}

/* The slowest of all pages of this list. */
static double
worst_page(struct load *l, const char *token, const char *filter, size_t *pages)
{
	double worst = 0, ms;
	char query[200];

	for (int after = 0; after < LISTED; after += 500) {
		snprintf(query, sizeof query, "after=%d&limit=500%s", after, filter);
		ms = get_page(&l->connections[0], token, query);
		worst = ms > worst ? ms : worst;
		++*pages;
	}
	return worst;
}

static void
run_lists(void)
{
	static const char *const filters[] = {
	    "", "&state=submitted", "&state=final", "&level=IV", "&class=0107", "&stage=initial"};
	struct load *l = load_new();
	double worst = 0, ms;
	size_t pages = 0;

	file_reports(l, LISTED);
	for (int r = 0; r < DEPARTMENTS + READERS; r++) {
		for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
			ms = worst_page(l, l->tokens[r], filters[f], &pages);
			worst = ms > worst ? ms : worst;
		}
	}
	drilld_kill(&l->d);
	printf("{\"bench\":\"lists_reports\",\"value\":%.2f,\"unit\":\"ms\",\"reference\":%d,"
	       "\"ratio\":%.3f,\"reports\":%d,\"pages\":%zu,\"page\":500}\n",
	    worst, PAGE_LIMIT_MS, worst / PAGE_LIMIT_MS, LISTED, pages);
	fflush(stdout);
	load_free(l);
}

static bool
wanted(int argc, char **argv, const char *name)
{
	for (int a = 1; a < argc; a++)
		if (strcmp(argv[a], name) == 0)
			return true;
	return argc < 2;
}

int
main(int argc, char **argv)
{
	if (wanted(argc, argv, "reports_submit"))
		run_submit();
	if (wanted(argc, argv, "lists_reports"))
		run_lists();
	return 0;
}
