/*
 * truth: how long it takes to pair all reports with all red facts anew and to say what became of each fact, with its
 * times, as the matrix does after any change: 60 departments, 2,000 reports, 1,000 confirmed attack results in eight
 * hours. The reference looks once at every fact and every report of its department and compares two numbers. Medians.
 */
#include "base/time.h"
#include "core/game.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPARTMENTS = 60, REPORTS = 2000, RESULTS = 1000, REPEATS = 21, TICKS = 480 };

#define START_MS INT64_C(1813453200000)
#define LENGTH_MS ((int64_t)TICKS * 60000)

static struct team_config teams[DEPARTMENTS + 1];
static struct system_config systems[DEPARTMENTS];
static struct service_config services[] = {{"portal", {"p", "p"}, 1}};
static char ids[DEPARTMENTS][3][24]; /* team, system, account */

static void
must(struct game *g, struct event ev, int64_t drill_ms)
{
	struct why why;

	ev.seq = g->seq + 1;
	ev.drill_ms = drill_ms > g->drill_ms ? drill_ms : g->drill_ms;
	ev.at_ms = START_MS + ev.drill_ms;
	if (game_apply(g, &ev, &why) != ERR_OK) {
		fprintf(stderr, "bench_truth: %s: %s\n", event_kind_name(ev.kind), why.text);
		exit(1);
	}
}

static void
account(struct game *g, const char *id, enum role role, const char *team)
{
	must(g,
	    (struct event){.kind = EV_ACCOUNT_CREATED,
		.actor = "server",
		.u.account = {.account = id, .role = role, .team = team, .value = ""}},
	    0);
}

static struct game *
open_game(void)
{
	static struct drill_config c = {.id = "d",
	    .name = {"d", "d"},
	    .time_zone = "UTC",
	    .tick_ms = 60000,
	    .ticks = TICKS,
	    .flag_ticks = 3,
	    .flag_prefix = "DRILL",
	    .policy = "faust",
	    .teams = teams,
	    .team_count = DEPARTMENTS + 1,
	    .services = services,
	    .service_count = 1,
	    .systems = systems,
	    .system_count = DEPARTMENTS};
	struct game *g = game_new();

	for (int i = 0; i < DEPARTMENTS; i++) {
		snprintf(ids[i][0], sizeof ids[i][0], "team-%d", i);
		snprintf(ids[i][1], sizeof ids[i][1], "system-%d", i);
		snprintf(ids[i][2], sizeof ids[i][2], "blue-%d", i);
		teams[i] = (struct team_config){.id = ids[i][0], .name = {"t", "t"}};
		systems[i] = (struct system_config){.id = ids[i][1],
		    .name = {"s", "s"},
		    .team = (uint16_t)i,
		    .slots = 1,
		    .weight = 1};
	}
	teams[DEPARTMENTS] =
	    (struct team_config){.id = "red", .name = {"r", "r"}, .kind = TEAM_RED};
	must(g, (struct event){.kind = EV_DRILL_OPENED, .actor = "server", .u.opened.config = &c},
	    0);
	for (int i = 0; i < DEPARTMENTS; i++)
		account(g, ids[i][2], ROLE_BLUE, ids[i][0]);
	account(g, "hand", ROLE_RED, "red");
	account(g, "judge", ROLE_JUDGE, "");
	must(g, (struct event){.kind = EV_DRILL_STARTED, .actor = "server"}, 0);
	return g;
}

static void
attack(struct game *g, int32_t id, int64_t drill_ms)
{
	int d = id * 7 % DEPARTMENTS;
	struct result_event r = {.id = id,
	    .team = "red",
	    .reason = "",
	    .content = {.department = ids[d][0],
		.system = ids[d][1],
		.attacked_ms = START_MS + drill_ms,
		.claimed = "server",
		.technique = "T1190",
		.asset = "",
		.path = "",
		.evidence = "e",
		.effect = "",
		.cleanup = "",
		.weakness = "w"}};

	must(g, (struct event){.kind = EV_RESULT_SUBMITTED, .actor = "hand", .u.result = &r},
	    drill_ms);
	must(g, (struct event){.kind = EV_RESULT_TAKEN, .actor = "judge", .u.result = &r}, 0);
	r.ruling = (struct result_ruling){.kind = "server",
	    .size = 100,
	    .quality = 100,
	    .flaw = result_flaw(g, result_find(g, id), "w"),
	    .weakness = "w"};
	must(g, (struct event){.kind = EV_RESULT_CONFIRMED, .actor = "judge", .u.result = &r}, 0);
}

/* Every third report names no system. */
static void
file_report(struct game *g, int32_t id, int64_t drill_ms)
{
	int d = id * 11 % DEPARTMENTS;
	struct report_event r = {.id = id,
	    .team = ids[d][0],
	    .text = "{}",
	    .reason = "",
	    .year = 2027,
	    .class_code = "0107",
	    .level = (enum incident_level)(id % 4),
	    .systems = id % 3 == 0 ? "" : ids[d][1],
	    .times = {[REPORT_DETECTED] = START_MS + drill_ms}};

	must(g, (struct event){.kind = EV_REPORT_SUBMITTED, .actor = ids[d][2], .u.report = &r},
	    drill_ms);
}

/* A third of all filings between two attacks, so that both are spread over the whole length. */
static struct game *
make_game(void)
{
	struct game *g = open_game();
	int32_t reports = 0;

	for (int32_t i = 0; i < RESULTS; i++) {
		int64_t at = LENGTH_MS * (i + 1) / (RESULTS + 2);

		attack(g, i + 1, at);
		while (reports < (int32_t)((int64_t)REPORTS * (i + 1) / RESULTS))
			file_report(g, ++reports, at + 1000);
	}
	return g;
}

/* ---- what is measured ---- */

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int64_t sink;

static double
look_once(struct game *g)
{
	int64_t began = time_mono_ns();

	truth_free(g->truths->now);
	g->truths->now = NULL;
	for (int32_t f = 1; f <= (int32_t)g->truths->count; f++)
		sink += (int64_t)truth_status(g, f) + truth_times(g, f).detected_measured;
	return (double)(time_mono_ns() - began) / 1e6;
}

static double
compare_once(const struct game *g)
{
	int64_t began = time_mono_ns();

	for (size_t i = 0; i < g->truths->count; i++)
		for (size_t k = 0; k < g->reports->count; k++)
			if (g->reports->chains[k].team == g->truths->facts[i].team)
				sink += g->reports->chains[k].first_drill_ms >
					g->truths->facts[i].drill_ms;
	return (double)(time_mono_ns() - began) / 1e6;
}

int
main(void)
{
	struct game *g = make_game();
	double ours[REPEATS], bare[REPEATS];
	size_t paired = 0;

	for (int i = 0; i < REPEATS; i++) {
		ours[i] = look_once(g);
		bare[i] = compare_once(g);
	}
	for (size_t i = 0; i < g->truths->count; i++)
		paired += truth_now(g)->report[i] != 0;
	qsort(ours, REPEATS, sizeof ours[0], by_value);
	qsort(bare, REPEATS, sizeof bare[0], by_value);
	printf("{\"bench\":\"truth\",\"value\":%.3f,\"unit\":\"ms\",\"facts\":%zu,\"reports\":%zu,"
	       "\"paired\":%zu,\"worst\":%.3f,\"reference\":%.3f,\"ratio\":%.2f}\n",
	    ours[REPEATS / 2], g->truths->count, g->reports->count, paired, ours[REPEATS - 1],
	    bare[REPEATS / 2], ours[REPEATS / 2] / bare[REPEATS / 2]);
	game_free(g);
	return sink == 42; /* it is looked at, so nothing is left out */
}
