/*
 * tick_close: what closing a tick costs late in a drill against early in it. 150 departments with 10 systems
 * each, so 1,500 flags and checks a tick, and 40 red teams that take about 1,000 flags a tick. Closing is what
 * the live drill does: game_apply of tick.closed (policy, rows, ranking, history) and the digest for the
 * checkpoint. value and reference are medians over the ticks around 480 and 48.
 *
 * rescore: what adopting a void of the first tick costs at the end of that drill, the dearest there is: every fact
 * again, and rows and ranking of every tick. This is how long the loop stands still; a preview costs about the
 * reference, on the pool. The reference is the bare policy fed with the same facts from the log.
 */
#include "base/mem.h"
#include "base/time.h"
#include "core/game.h"
#include "core/rescore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLUE = 150, RED = 40, SERVICES = 10, SYSTEMS = BLUE * SERVICES, CAPTURES = 1000 };
enum { TICK_MS = 60000, WINDOW = 5, AROUND = 15, EARLY = 48, LATE = 480, REPEATS = 5 };
enum { LAST = LATE + AROUND / 2 };

struct drill {
	struct drill_config config;
	struct game *game;
	struct team_config teams[BLUE + RED];
	struct service_config services[SERVICES];
	struct system_config systems[SYSTEMS];
	char team_ids[BLUE + RED][16];
	char service_ids[SERVICES][16];
	char system_ids[SYSTEMS][16];
	uint32_t seed;
};

static uint32_t
draw(struct drill *d, uint32_t below)
{
	d->seed = d->seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)d->seed * below) >> 32);
}

/* The smaller of two draws: strong teams take more, and weak ones lose more. */
static uint32_t
draw_low(struct drill *d, uint32_t below)
{
	uint32_t a = draw(d, below), b = draw(d, below);

	return a < b ? a : b;
}

static void
apply(struct drill *d, struct event ev)
{
	struct why why;

	ev.seq = d->game->seq + 1;
	ev.actor = "bench";
	if (game_apply(d->game, &ev, &why) == ERR_OK)
		return;
	fprintf(stderr, "bench_tick_close: %s: %s\n", event_kind_name(ev.kind), why.text);
	exit(1);
}

static void
tick_checks(struct drill *d, int32_t tick, int64_t drill_ms)
{
	for (uint32_t i = 0; i < SYSTEMS; i++) {
		struct event ev = {.kind = EV_CHECK_DONE, .drill_ms = drill_ms};

		ev.u.check.system = d->system_ids[i];
		ev.u.check.tick = tick;
		ev.u.check.status = draw(d, 10) > 0 ? ST_OK : (enum status)draw(d, ST_COUNT);
		ev.u.check.message = ev.u.check.trace = ev.u.check.saved = ev.u.check.state = "";
		apply(d, ev);
	}
}

static void
tick_captures(struct drill *d, int32_t tick, int64_t drill_ms)
{
	for (uint32_t i = 0; i < CAPTURES; i++) {
		uint32_t red = BLUE + draw_low(d, RED), system = draw_low(d, SYSTEMS);
		struct flag flag = {.system = (uint16_t)system,
		    .tick = tick - (int32_t)draw(d, tick < WINDOW ? (uint32_t)tick + 1 : WINDOW)};
		struct event ev = {.kind = EV_FLAG_CAPTURED, .drill_ms = drill_ms};

		if (game_verdict(d->game, red, &flag) != V_OK)
			continue; /* has it already */
		ev.u.capture.team = d->team_ids[red];
		ev.u.capture.system = d->system_ids[system];
		ev.u.capture.tick = flag.tick;
		apply(d, ev);
	}
}

/* A whole tick; returns what closing it took. */
static int64_t
tick_run(struct drill *d, int32_t tick)
{
	struct event ev = {.kind = EV_TICK_BEGAN, .drill_ms = (int64_t)tick * TICK_MS};
	char digest[SHA256_HEX_BYTES];
	int64_t from;

	ev.u.tick.tick = tick;
	apply(d, ev);
	tick_checks(d, tick, ev.drill_ms);
	tick_captures(d, tick, ev.drill_ms);
	ev.kind = EV_TICK_CLOSED;
	ev.drill_ms += TICK_MS;
	from = time_mono_ns();
	apply(d, ev);
	game_score_digest(d->game, digest);
	return time_mono_ns() - from;
}

static int
compare_ns(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The median over the ticks around one, in microseconds. */
static double
median_around(const int64_t *ns, int32_t tick)
{
	int64_t some[AROUND];

	for (int i = 0; i < AROUND; i++)
		some[i] = ns[tick - AROUND / 2 + i];
	qsort(some, AROUND, sizeof(*some), compare_ns);
	return (double)some[AROUND / 2] / 1000;
}

static void
config_lists(struct drill *d)
{
	for (int i = 0; i < BLUE + RED; i++) {
		snprintf(d->team_ids[i], sizeof(d->team_ids[i]), "team-%d", i);
		d->teams[i] = (struct team_config){.id = d->team_ids[i],
		    .name = {"t", "t"},
		    .kind = i < BLUE ? TEAM_BLUE : TEAM_RED};
	}
	for (int i = 0; i < SERVICES; i++) {
		snprintf(d->service_ids[i], sizeof(d->service_ids[i]), "service-%d", i);
		d->services[i] = (struct service_config){
		    .id = d->service_ids[i], .name = {"s", "s"}, .weight = 1};
	}
	for (int i = 0; i < SYSTEMS; i++) {
		snprintf(d->system_ids[i], sizeof(d->system_ids[i]), "system-%d", i);
		d->systems[i] = (struct system_config){.id = d->system_ids[i],
		    .name = {"s", "s"},
		    .team = (uint16_t)(i / SERVICES),
		    .service = (uint16_t)(i % SERVICES),
		    .slots = 1,
		    .weight = 1};
	}
}

static void
drill_start(struct drill *d)
{
	struct event ev = {.kind = EV_DRILL_OPENED};

	config_lists(d);
	d->config = (struct drill_config){.id = "bench",
	    .name = {"b", "b"},
	    .time_zone = "Asia/Shanghai",
	    .tick_ms = TICK_MS,
	    .ticks = LAST + 1,
	    .flag_ticks = WINDOW,
	    .flag_prefix = "DRILL",
	    .policy = "faust",
	    .teams = d->teams,
	    .team_count = BLUE + RED,
	    .services = d->services,
	    .service_count = SERVICES,
	    .systems = d->systems,
	    .system_count = SYSTEMS,
	    .sign_key = "0000000000000000000000000000000000000000000000000000000000000000"};
	d->seed = 1;
	d->game = game_new();
	ev.u.opened.config = &d->config;
	apply(d, ev);
	ev = (struct event){.kind = EV_DRILL_STARTED};
	ev.u.clock.reason = "";
	apply(d, ev);
}

/* ---- rescore ---- */

/* In milliseconds. */
static double
decide(struct drill *d, enum event_kind kind, int32_t id)
{
	struct event ev = {.kind = kind, .drill_ms = d->game->drill_ms};
	int64_t from = time_mono_ns();

	ev.u.voiding.id = id;
	ev.u.voiding.systems = "system-7,system-8";
	ev.u.voiding.reason = "bench";
	apply(d, ev);
	return (double)(time_mono_ns() - from) / 1e6;
}

static double
feed_bare(const struct game *g)
{
	struct factlog_view v = factlog_view(&g->facts);
	int64_t from = time_mono_ns();
	uint32_t system;
	struct fact f;
	struct why why;
	void *state;

	if (g->policy->open(&g->setup, &state, &why) != ERR_OK)
		exit(1);
	while (factlog_next(&v, &f, &system))
		g->policy->apply(state, &f);
	g->policy->rows(state, g->rows);
	g->policy->close(state);
	return (double)(time_mono_ns() - from) / 1e6;
}

static int
compare_ms(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
rescore(struct drill *d)
{
	double adopt[REPEATS], bare[REPEATS];

	for (int32_t i = 0; i < REPEATS; i++) {
		decide(d, EV_VOID_PROPOSED, i + 1);
		bare[i] = feed_bare(d->game);
		adopt[i] = decide(d, EV_VOID_ADOPTED, i + 1);
	}
	qsort(adopt, REPEATS, sizeof(*adopt), compare_ms);
	qsort(bare, REPEATS, sizeof(*bare), compare_ms);
	printf("{\"bench\":\"rescore\",\"value\":%.1f,\"unit\":\"ms\",\"reference\":%.1f,"
	       "\"ratio\":%.3f,\"facts\":%zu,\"ticks\":%d,\"log_mib\":%.1f}\n",
	    adopt[REPEATS / 2], bare[REPEATS / 2], adopt[REPEATS / 2] / bare[REPEATS / 2],
	    d->game->facts.count, LAST + 1, (double)d->game->facts.count * 16 / (1 << 20));
}

static bool
wanted(int argc, char **argv, const char *name)
{
	bool is = argc < 2;

	for (int i = 1; i < argc; i++)
		is = is || strcmp(argv[i], name) == 0;
	return is;
}

int
main(int argc, char **argv)
{
	struct drill *d = mem_alloc(sizeof(*d));
	int64_t ns[LAST + 1];
	double early, late;

	drill_start(d);
	for (int32_t tick = 0; tick <= LAST; tick++)
		ns[tick] = tick_run(d, tick);
	early = median_around(ns, EARLY);
	late = median_around(ns, LATE);
	if (wanted(argc, argv, "tick_close"))
		printf(
		    "{\"bench\":\"tick_close\",\"value\":%.1f,\"unit\":\"us\",\"reference\":%.1f,"
		    "\"ratio\":%.3f,\"systems\":%d,\"captures_per_tick\":%.0f}\n",
		    late, early, late / early, SYSTEMS, (double)d->game->captures / (LAST + 1));
	if (wanted(argc, argv, "rescore"))
		rescore(d);
	game_free(d->game);
	free(d);
	return 0;
}
