/*
 * flags_http_100, flags_http_1: flags a second that the real drilld accepts over HTTP, durable, in requests of
 * 100 over a few connections or one by one over 64; against a bare SQLite loop that inserts such rows in
 * transactions of 100, by turns in one run.
 *
 * A drill of 100 departments with 1,000 systems of 8 flag places each; 50 red teams, each of which may take
 * every flag once. The tick lasts an hour, so none passes. The flags are made here with the drill's own key.
 * Every answer is checked, and at the end the killed server's journal is counted: what was acknowledged is
 * there.
 */
#include "base/mem.h"
#include "base/time.h"
#include "core/flag.h"
#include "store/journal.h"
#include "store/keys.h"
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

enum { DEPARTMENTS = 100, SYSTEMS = 1000, SLOTS = 8, RED = 50, FLAGS = SYSTEMS * SLOTS };
enum { ROUNDS = 5, BARE_ROWS = 30000, BARE_BATCH = 100 };
/* "DRILL{24 characters}" with quotes and a comma: all flags are of one length. */
enum { FLAG_BYTES = 31, ELEMENT_BYTES = FLAG_BYTES + 3 };
enum { BATCH_MAX = 100, CONNECTIONS_MAX = 64, HEAD_MAX_BYTES = 512 };
enum { REQUEST_MAX_BYTES = HEAD_MAX_BYTES + BATCH_MAX * ELEMENT_BYTES, ANSWER_MAX_BYTES = 16384 };

#define PREFIX "DRILL"
#define OK_MEMBER "\"verdict\":\"ok\""

struct figure {
	const char *name;
	int batch, connections;
	int teams; /* of a round: each hands in all flags */
};

static const struct figure figures[] = {
    {"flags_http_1", 1, 64, 2},
    {"flags_http_100", 100, 4, 5},
};

struct connection {
	int fd;
	size_t got;
	char answer[ANSWER_MAX_BYTES + 1];
};

struct load {
	const struct figure *figure;
	char tokens[RED][64];
	char *elements; /* FLAGS of ELEMENT_BYTES: "FLAG", */
	struct connection connections[CONNECTIONS_MAX];
	int epoll;
	size_t next, last; /* requests that were sent; where this round ends */
	size_t answered, accepted;
};

__attribute__((noreturn)) static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench_flags: %s: %s\n", what, why);
	exit(1);
}

/* ---- the drill ---- */

static const char challenge[] = "id: bench\n"
				"title: {zh: 基准, en: Bench}\n"
				"contract: steps\n"
				"port: 9\n"
				"timeout_ms: 1000\n"
				"flags: 8\n"
				"steps:\n"
				"  put: [{tcp: {talk: [{send: \"{{flag}}\"}]}}]\n"
				"  get: [{tcp: {talk: [{expect: \"{{flag}}\"}]}}]\n"
				"  check: [{tcp: {talk: [{expect: \"ok\"}]}}]\n";

static const char drill[] = "drill:\n"
			    "  id: bench\n"
			    "  name: {zh: 基准, en: Bench}\n"
			    "  duration: 8h\n"
			    "  tick: 1h\n"
			    "  time_zone: Asia/Shanghai\n"
			    "  flag_ticks: 5\n"
			    "  flag_prefix: " PREFIX "\n"
			    "  public_board: true\n"
			    "  scoring: {policy: faust}\n";

static FILE *
create(const char *dir, const char *name, char *path, size_t size)
{
	FILE *f;

	snprintf(path, size, "%s/%s", dir, name);
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

/* Addresses on loopback where nobody listens: a check in the meantime costs next to nothing. */
static void
write_scenario(const char *dir, char *path, size_t size)
{
	FILE *f;

	make_directory(dir, "challenges");
	make_directory(dir, "challenges/bench");
	f = create(dir, "challenges/bench/challenge.yaml", path, size);
	fputs(challenge, f);
	fclose(f);
	f = create(dir, "scenario.yaml", path, size);
	fprintf(f, "%sdepartments:\n", drill);
	for (int i = 0; i < DEPARTMENTS; i++)
		fprintf(f, "  - {id: dep-%d, name: {zh: 部门%d, en: Department %d}}\n", i, i, i);
	fprintf(f, "red_teams:\n");
	for (int i = 0; i < RED; i++)
		fprintf(f, "  - {id: red-%d, name: {zh: 红队%d, en: Red team %d}}\n", i, i, i);
	fprintf(f, "systems:\n");
	for (int i = 0; i < SYSTEMS; i++)
		fprintf(f,
		    "  - {id: system-%d, name: System %d, department: dep-%d, challenge: bench, "
		    "service: s-%d, address: \"127.66.%d.%d:9\"}\n",
		    i, i, i % DEPARTMENTS, i / DEPARTMENTS, i / 250, i % 250 + 1);
	fprintf(f, "accounts:\n");
	for (int i = 0; i < RED; i++)
		fprintf(f, "  - {id: red-%d, role: red, red_team: red-%d}\n", i, i);
	fclose(f);
}

/* The first tick's flags, as a list's elements. */
static void
make_flags(struct load *l, const char *dir)
{
	char data[256], text[FLAG_TEXT_BYTES];
	struct flag_codec *codec;
	struct keys keys;
	struct why why;

	snprintf(data, sizeof data, "%s/data", dir);
	if (keys_load(data, false, &keys, &why) != ERR_OK)
		die("keys", why.text);
	codec = flag_codec_new(PREFIX, keys.flag);
	for (int i = 0; i < FLAGS; i++) {
		struct flag f = {
		    .tick = 0, .system = (uint16_t)(i / SLOTS), .slot = (uint8_t)(i % SLOTS)};
		char *to = l->elements + (size_t)i * ELEMENT_BYTES;

		flag_write(codec, &f, text);
		to[0] = '"';
		memcpy(to + 1, text, FLAG_BYTES);
		memcpy(to + 1 + FLAG_BYTES, "\",", 2);
	}
	flag_codec_free(codec);
	keys_wipe(&keys);
}

static void
get_tokens(struct load *l, struct drilld *d)
{
	struct buf answer;
	char path[128];

	buf_init(&answer, ANSWER_MAX_BYTES);
	drilld_sign_in(d);
	for (int i = 0; i < RED; i++) {
		snprintf(path, sizeof path, "/api/v1/accounts/red-%d/token", i);
		drilld_post(d, path, "", &answer);
		drilld_member(&answer, "token", l->tokens[i], sizeof l->tokens[i]);
	}
	drilld_post(d, "/api/v1/clock", "{\"action\":\"start\"}", &answer);
	buf_free(&answer);
}

/* ---- the load ---- */

/* The next request: a team hands in all flags, then the next team does. */
static void
send_next(struct load *l, struct connection *c)
{
	size_t per_team = (size_t)(FLAGS / l->figure->batch), n = l->next++;
	const char *token = l->tokens[n / per_team];
	size_t body = (size_t)l->figure->batch * ELEMENT_BYTES + 1;
	char request[REQUEST_MAX_BYTES];
	int head = snprintf(request, HEAD_MAX_BYTES,
	    "POST /api/v1/flags HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n[",
	    token, body);
	size_t len = (size_t)head - 1 + body;

	memcpy(request + head,
	    l->elements + n % per_team * (size_t)l->figure->batch * ELEMENT_BYTES, body - 1);
	request[len - 1] = ']'; /* instead of the last comma */
	if (send(c->fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("send", strerror(errno));
}

/* Whether a whole answer is there; *body is where its body begins. */
static bool
is_whole(const struct connection *c, const char **body)
{
	static const char name[] = "Content-Length: ";
	const char *end = memmem(c->answer, c->got, "\r\n\r\n", 4), *at;

	if (end == NULL)
		return false;
	if (strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0)
		die("an answer", c->answer);
	at = memmem(c->answer, (size_t)(end - c->answer), name, sizeof name - 1);
	if (at == NULL)
		die("an answer without a length", c->answer);
	*body = end + 4;
	return c->answer + c->got >= *body + strtoul(at + sizeof name - 1, NULL, 10);
}

static size_t
count_ok(const char *body)
{
	size_t n = 0;

	for (const char *p = body; (p = strstr(p, OK_MEMBER)) != NULL; p += sizeof OK_MEMBER - 1)
		n++;
	return n;
}

static void
on_readable(struct load *l, struct connection *c)
{
	ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX_BYTES - c->got, 0);
	const char *body;

	if (n <= 0)
		die("recv", n == 0 ? "the server has closed" : strerror(errno));
	c->got += (size_t)n;
	c->answer[c->got] = '\0';
	if (!is_whole(c, &body))
		return;
	if (count_ok(body) != (size_t)l->figure->batch)
		die("a flag was refused", body);
	c->got = 0;
	l->answered++;
	l->accepted += (size_t)l->figure->batch;
	if (l->next < l->last)
		send_next(l, c);
}

static void
connect_all(struct load *l, const struct drilld *d)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < l->figure->connections; i++) {
		struct connection *c = &l->connections[i];
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

		c->fd = drilld_connect(d);
		epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &e);
	}
}

/* Accepted flags a second, of a round. */
static double
run_round(struct load *l)
{
	size_t requests = (size_t)l->figure->teams * (size_t)(FLAGS / l->figure->batch);
	struct epoll_event events[CONNECTIONS_MAX];
	int64_t began = time_mono_ns();
	int n;

	l->last = l->next + requests;
	for (int i = 0; i < l->figure->connections; i++)
		send_next(l, &l->connections[i]);
	while (l->answered < l->last) {
		if ((n = epoll_wait(l->epoll, events, CONNECTIONS_MAX, 5000)) <= 0)
			die("epoll_wait", n == 0 ? "no answer for 5 s" : strerror(errno));
		for (int i = 0; i < n; i++)
			on_readable(l, events[i].data.ptr);
	}
	return (double)requests * l->figure->batch / ((double)(time_mono_ns() - began) / 1e9);
}

/* ---- what is durable ---- */

static enum err
count_capture(void *ctx, const struct journal_row *row, struct why *why)
{
	(void)why;
	*(size_t *)ctx += strcmp(row->kind, "flag.captured") == 0;
	return ERR_OK;
}

/* The killed server's journal has every flag that was acknowledged. */
static void
check_journal(const struct load *l, const char *dir)
{
	char data[256], text[96];
	struct journal_options o = {.dir = data, .read_only = true};
	struct journal *j;
	struct why why;
	size_t count = 0;

	snprintf(data, sizeof data, "%s/data", dir);
	if (journal_open(&o, &j, &why) != ERR_OK ||
	    journal_read(j, 1, 0, count_capture, &count, &why) != ERR_OK)
		die("journal", why.text);
	journal_close(j);
	snprintf(text, sizeof text, "%zu flags in it, %zu acknowledged", count, l->accepted);
	if (count != l->accepted)
		die("journal", text);
}

/* ---- figures ---- */

static void
run_rounds(struct load *l, const char *dir, double *ours, double *bare)
{
	struct bare_run run = {.batch = BARE_BATCH, .rows = BARE_ROWS, .captures = true};

	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = run_round(l);
		bare[i] = bare_insert(dir, &run);
	}
}

static void
run_figure(const struct figure *f)
{
	struct load *l = mem_alloc(sizeof *l);
	double ours[ROUNDS], bare[ROUNDS], value, reference;
	char dir[128], scenario[256], challenges[256];
	struct drilld d;
	long rss_kib;

	l->figure = f;
	l->elements = mem_array(FLAGS, ELEMENT_BYTES);
	scratch_make(dir, sizeof dir);
	write_scenario(dir, scenario, sizeof scenario);
	snprintf(challenges, sizeof challenges, "%s/challenges", dir);
	drilld_start(&d, dir, scenario, challenges);
	make_flags(l, dir);
	get_tokens(l, &d);
	connect_all(l, &d);
	run_rounds(l, dir, ours, bare);
	rss_kib = process_rss_kib(d.pid);
	drilld_kill(&d);
	check_journal(l, dir);
	scratch_remove(dir);
	value = median(ours, ROUNDS);
	reference = median(bare, ROUNDS);
	printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"flags/s\",\"reference\":%.0f,"
	       "\"ratio\":%.3f,\"batch\":%d,\"connections\":%d,\"accepted\":%zu,\"rss_kib\":%ld}\n",
	    f->name, value, reference, value / reference, f->batch, f->connections, l->accepted,
	    rss_kib);
	fflush(stdout);
	for (int i = 0; i < f->connections; i++)
		close(l->connections[i].fd);
	close(l->epoll);
	free(l->elements);
	free(l);
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
		bool wanted = argc < 2;

		for (int a = 1; a < argc; a++)
			wanted = wanted || strcmp(argv[a], figures[i].name) == 0;
		if (wanted)
			run_figure(&figures[i]);
	}
	return 0;
}
