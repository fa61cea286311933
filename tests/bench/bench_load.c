/*
 * checks_load: a real drilld runs 150 departments x 10 systems against nginx, 20 ticks of 60 s (BENCH_TICK_MS
 * makes them shorter: the same work in less time), each round placing a flag, reading it and the four before it
 * back and looking at the page. The value is the CPU that drilld and its checker take, in percent of one core;
 * the reference is what a bare libcurl-multi loop takes for as many exchanges. lag_ms_max: how late a tick
 * began or closed.
 */
#include "base/json.h"
#include "base/time.h"
#include "tests/bench/checks_feed.h"
#include "tests/bench/curl_bare.h"
#include "tests/bench/drilld.h"
#include "tests/bench/nginx.h"

#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPARTMENTS 150
#define SYSTEMS_EACH 10
#define TICKS 20
#define TICK_MS_DEFAULT 60000
#define FLAG_TICKS 5
#define ADDRESSES 8
#define BARE_CHECKS 20000
#define SPARE_MS 60000

struct bench {
	char dir[64];
	char scenario[128];
	int tick_ms;
	struct nginx nginx;
	struct drilld drilld;
};

/* ---- what is run ---- */

static FILE *
create(const char *path)
{
	FILE *f = fopen(path, "we");

	if (f == NULL)
		bench_die(path);
	return f;
}

static void
write_challenge(const struct bench *b)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/load", b->dir);
	if (mkdir(path, 0755) != 0)
		bench_die(path);
	snprintf(path, sizeof path, "%s/load/challenge.yaml", b->dir);
	f = create(path);
	fputs("id: load\ntitle: load\ncontract: steps\nport: 80\n"
	      "vars: {note: {random: text, length: 24}}\n"
	      "steps:\n"
	      "  put: [{http: {method: PUT, path: '/notes/{{note}}', body: '{{flag}}'}, assert: "
	      "[{status: "
	      "[201, 204]}]}]\n"
	      "  get: [{http: {path: '/notes/{{note}}'}, assert: [{status: 200}, {body_contains: "
	      "'{{flag}}'}]}]\n"
	      "  check: [{http: {path: /}, assert: [{status: 200}, {body_contains: xxx}]}]\n",
	    f);
	fclose(f);
}

static void
write_scenario(struct bench *b)
{
	FILE *f;

	snprintf(b->scenario, sizeof b->scenario, "%s/drill.yaml", b->dir);
	f = create(b->scenario);
	fprintf(f,
	    "drill: {id: load, name: load, duration: %lldms, tick: %dms, flag_ticks: %d}\n"
	    "departments:\n",
	    (long long)b->tick_ms * TICKS, b->tick_ms, FLAG_TICKS);
	for (int d = 0; d < DEPARTMENTS; d++)
		fprintf(f, "  - {id: d%d, name: d%d}\n", d, d);
	fprintf(f, "systems:\n");
	for (int i = 0; i < DEPARTMENTS * SYSTEMS_EACH; i++)
		fprintf(f,
		    "  - {id: s%d, name: s%d, department: d%d, challenge: load, service: v%d, "
		    "address: "
		    "\"127.0.0.%d:%d\"}\n",
		    i, i, i / SYSTEMS_EACH, i % SYSTEMS_EACH, 1 + i % ADDRESSES, b->nginx.port);
	fclose(f);
}

/* ---- CPU ---- */

/* Of the process so far, in ms; its parent in *parent. */
static double
cpu_ms(pid_t pid, pid_t *parent)
{
	unsigned long user = 0, system = 0;
	char path[64], text[1024];
	FILE *f;
	size_t n;
	int up = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0; /* it has ended meanwhile */
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	if (sscanf(strrchr(text, ')') + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		&up, &user, &system) != 3)
		bench_die(path);
	*parent = up;
	return (double)(user + system) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

/* Of drilld, its checker and what the checker has started. */
static double
cpu_of_all(pid_t root)
{
	pid_t known[64] = {root}, parent;
	double sum = cpu_ms(root, &parent);
	size_t count = 1;
	struct dirent *e;

	for (size_t before = 0; before != count;) { /* until no further descendant turns up */
		DIR *d = opendir("/proc");

		before = count;
		while (d != NULL && (e = readdir(d)) != NULL) {
			pid_t pid = atoi(e->d_name);
			double ms = pid > 0 ? cpu_ms(pid, &parent) : 0;
			bool ours = false, seen = false;

			for (size_t i = 0; i < count && pid > 0; i++) {
				ours = ours || known[i] == parent;
				seen = seen || known[i] == pid;
			}
			if (ours && !seen && count < 64) {
				known[count++] = pid;
				sum += ms;
			}
		}
		closedir(d);
	}
	return sum;
}

static double
own_cpu_ms(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e3 +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e3;
}

/* CPU that one exchange costs the bare loop. */
static double
bare_ms_each(const struct bench *b)
{
	double before = own_cpu_ms();

	curl_bare_rate(&(struct bare_options){
	    .port = b->nginx.port, .addresses = ADDRESSES, .in_flight = 50, .checks = BARE_CHECKS});
	return (own_cpu_ms() - before) / BARE_CHECKS;
}

/* ---- what the journal says ---- */

struct seen {
	int64_t lag_ms_max;
	size_t checks, ok, ended;
};

static void
see_event(const struct bench *b, struct seen *s, const struct json_t *event)
{
	const struct json_t *body = jr_get(event, "body");
	const char *kind = jr_string(jr_get(event, "kind"), NULL);
	int64_t tick = jr_integer(jr_get(body, "tick"), 0),
		drill_ms = jr_integer(jr_get(event, "drill_ms"), 0), lag = 0;

	if (strcmp(kind, "tick.began") == 0)
		lag = drill_ms - tick * b->tick_ms;
	else if (strcmp(kind, "tick.closed") == 0)
		lag = drill_ms - (tick + 1) * b->tick_ms;
	if (lag > s->lag_ms_max)
		s->lag_ms_max = lag;
	if (strcmp(kind, "check.done") == 0) {
		s->checks++;
		s->ok += strcmp(jr_string(jr_get(body, "status"), NULL), "ok") == 0;
	}
	s->ended += strcmp(kind, "drill.ended") == 0;
}

static struct seen
read_journal(const struct bench *b)
{
	struct seen s = {0};
	char command[128], *line = NULL;
	size_t size = 0;
	ssize_t n;
	FILE *f;

	snprintf(command, sizeof command, "build/drillctl events %s/data --json", b->dir);
	if ((f = popen(command, "re")) == NULL)
		bench_die(command);
	while ((n = getline(&line, &size, f)) > 0) {
		struct json_t *event;

		if (jr_parse(line, (size_t)n, &event, NULL) != ERR_OK)
			bench_die(line);
		see_event(b, &s, event);
		jr_free(event);
	}
	free(line);
	if (pclose(f) != 0)
		bench_die(command);
	return s;
}

/* ---- the run ---- */

static double
run_drill(struct bench *b)
{
	struct buf out;
	double before;

	buf_init(&out, 65536);
	drilld_start(&b->drilld, b->dir, b->scenario, b->dir);
	drilld_sign_in(&b->drilld);
	before = cpu_of_all(b->drilld.pid);
	drilld_post(&b->drilld, "/api/v1/clock", "{\"action\":\"start\"}", &out);
	buf_free(&out);
	usleep((useconds_t)b->tick_ms * 1000 / 2); /* the wait in halves: useconds_t is 32 bits */
	for (int i = 0; i < 2 * TICKS; i++)
		usleep((useconds_t)b->tick_ms * 1000 / 2);
	before = cpu_of_all(b->drilld.pid) - before;
	drilld_kill(&b->drilld);
	return before;
}

static void
remove_all(const char *dir)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (system(command) != 0)
		bench_die(command);
}

int
main(void)
{
	const char *tick = getenv("BENCH_TICK_MS");
	struct bench b = {.dir = "/tmp/drill-bench-load-XXXXXX",
	    .tick_ms = tick != NULL ? atoi(tick) : TICK_MS_DEFAULT};
	double ms, bare, whole_ms = (double)b.tick_ms * TICKS;
	struct seen s;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	bench_set_deadline((int64_t)whole_ms + SPARE_MS);
	if (mkdtemp(b.dir) == NULL || chmod(b.dir, 0755) != 0)
		bench_die(b.dir);
	nginx_start(&b.nginx, ADDRESSES);
	write_challenge(&b);
	write_scenario(&b);
	ms = run_drill(&b);
	bare = bare_ms_each(&b);
	s = read_journal(&b);
	nginx_stop(&b.nginx);
	remove_all(b.dir);
	/* Each round: put, get, check, and the older flags of the window. */
	bare *= (double)s.checks * 3 + (double)DEPARTMENTS * SYSTEMS_EACH * (4 * TICKS - 10);
	printf("{\"bench\":\"checks_load\",\"value\":%.2f,\"unit\":\"%% of a "
	       "core\",\"reference\":%.2f,"
	       "\"ratio\":%.3f,\"lag_ms_max\":%lld,\"checks\":%zu,\"ok\":%zu,\"tick_ms\":%d,"
	       "\"ticks\":%d}\n",
	    ms * 100 / whole_ms, bare * 100 / whole_ms, ms / bare, (long long)s.lag_ms_max,
	    s.checks, s.ok, b.tick_ms, TICKS);
	if (s.ended != 1 || s.ok != (size_t)DEPARTMENTS * SYSTEMS_EACH * TICKS) {
		fprintf(stderr, "bench_load: %zu of %d rounds were ok\n", s.ok,
		    DEPARTMENTS * SYSTEMS_EACH * TICKS);
		return 1;
	}
	return 0;
}
