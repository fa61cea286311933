/*
 * tick_close: what closing a tick costs late in a drill against early in it. 150 teams with 10 systems each,
 * so 1,500 flags and checks a tick, and 1,000 captures. Closing is what the live drill does: the policy's
 * close, rows, ranking and digest. value and reference are medians over the ticks around 480 and 48.
 */
#include "base/mem.h"
#include "base/time.h"
#include "core/score.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEAMS = 150, SERVICES = 10, CAPTURES = 1000, WINDOW = 5, AROUND = 15 };
enum { EARLY = 48, LATE = 480, LAST = LATE + AROUND / 2 };

struct drill {
	struct score_team teams[TEAMS];
	char ids[TEAMS][8];
	const char *services[SERVICES];
	struct score_setup setup;
	void *policy;
	struct score_row rows[TEAMS * SERVICES];
	struct rank_row ranking[TEAMS];
	uint32_t flags;
	uint32_t seed;
};

static uint32_t
draw(struct drill *d, uint32_t below)
{
	d->seed = d->seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)d->seed * below) >> 32);
}

static void
apply(struct drill *d, struct fact fact)
{
	policy_faust.apply(d->policy, &fact);
}

/* Strong teams capture more, and weak ones lose more: the smaller of two draws. */
static uint32_t
draw_team(struct drill *d)
{
	uint32_t a = draw(d, TEAMS), b = draw(d, TEAMS);

	return a < b ? a : b;
}

static void
tick_facts(struct drill *d, int32_t tick)
{
	for (uint32_t team = 0; team < TEAMS; team++)
		for (uint32_t service = 0; service < SERVICES; service++)
			apply(d, (struct fact){.kind = FACT_FLAG,
				     .tick = tick,
				     .team = team,
				     .service = service,
				     .flag = d->flags++});
	for (uint32_t i = 0; i < TEAMS * SERVICES; i++)
		apply(d, (struct fact){.kind = FACT_CHECK,
			     .tick = tick,
			     .team = i / SERVICES,
			     .service = i % SERVICES,
			     .status = draw(d, 10) > 0 ? ST_OK : (enum status)draw(d, ST_COUNT)});
	for (uint32_t i = 0; i < CAPTURES; i++) {
		uint32_t age = draw(d, tick < WINDOW ? (uint32_t)tick + 1 : WINDOW);
		uint32_t victim = TEAMS - 1 - draw_team(d);

		apply(d, (struct fact){.kind = FACT_CAPTURE,
			     .tick = tick,
			     .team = draw_team(d),
			     .flag = ((uint32_t)tick - age) * TEAMS * SERVICES + victim * SERVICES +
				     draw(d, SERVICES)});
	}
}

static int64_t
tick_close(struct drill *d, int32_t tick)
{
	int64_t from = time_mono_ns();
	uint8_t digest[32];
	size_t count;

	apply(d, (struct fact){.kind = FACT_CLOSE, .tick = tick});
	count = policy_faust.rows(d->policy, d->rows);
	score_ranking(&d->setup, d->rows, count, d->ranking);
	score_digest(&d->setup, d->services, d->rows, count, digest);
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
drill_setup(struct drill *d)
{
	static const char *const services[SERVICES] = {
	    "web", "mail", "sso", "vpn", "wiki", "files", "print", "dns", "library", "cards"};

	for (int i = 0; i < TEAMS; i++) {
		snprintf(d->ids[i], sizeof(d->ids[i]), "%d", i + 1);
		d->teams[i] = (struct score_team){.id = d->ids[i], .active = true};
	}
	for (int i = 0; i < SERVICES; i++)
		d->services[i] = services[i];
	d->setup =
	    (struct score_setup){.teams = d->teams, .team_count = TEAMS, .service_count = SERVICES};
	d->seed = 1;
}

int
main(void)
{
	struct drill *d = mem_alloc(sizeof(*d));
	int64_t ns[LAST + 1];
	double early, late;

	drill_setup(d);
	if (policy_faust.open(&d->setup, &d->policy, NULL) != ERR_OK)
		return 1;
	for (int32_t tick = 0; tick <= LAST; tick++) {
		tick_facts(d, tick);
		ns[tick] = tick_close(d, tick);
	}
	early = median_around(ns, EARLY);
	late = median_around(ns, LATE);
	printf("{\"bench\":\"tick_close\",\"value\":%.1f,\"unit\":\"us\",\"reference\":%.1f,"
	       "\"ratio\":%.3f,\"teams\":%d,\"systems\":%d,\"captures_per_tick\":%d}\n",
	    late, early, late / early, TEAMS, TEAMS * SERVICES, CAPTURES);
	policy_faust.close(d->policy);
	free(d);
	return 0;
}
