#include "api/drill_stats.h"
#include "base/mem.h"
#include "checker/protocol.h"

#include <stdlib.h>
#include <string.h>

static const double check_seconds[] = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60};
static const double lag_seconds[] = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

/* The one place that knows by which contract a system is checked. */
static const char *
contract_label(const struct scenario *scenario, size_t system)
{
	return contract_name(
	    scenario_challenge(scenario, scenario->systems[system].challenge)->contract);
}

/* The place of a contract, made if it is new. */
static size_t
contract_at(struct drill_stats *s, const char *name)
{
	struct contract_stats *c;

	for (size_t i = 0; i < s->contract_count; i++)
		if (strcmp(s->contracts[i].name, name) == 0)
			return i;
	s->contracts = mem_resize(s->contracts, s->contract_count + 1, sizeof *s->contracts);
	c = &s->contracts[s->contract_count];
	*c = (struct contract_stats){.name = name};
	HISTOGRAM_INIT(&c->seconds, check_seconds);
	return s->contract_count++;
}

void
drill_stats_open(struct drill_stats *s, const struct scenario *scenario)
{
	*s = (struct drill_stats){0};
	s->contract_of = mem_array(scenario->config.system_count, sizeof *s->contract_of);
	for (size_t i = 0; i < scenario->config.system_count; i++)
		s->contract_of[i] = contract_at(s, contract_label(scenario, i));
	for (int i = 0; i < TICK_EDGE_COUNT; i++)
		HISTOGRAM_INIT(&s->tick_lag[i], lag_seconds);
}

void
drill_stats_close(struct drill_stats *s)
{
	free(s->contracts);
	free(s->contract_of);
	*s = (struct drill_stats){0};
}

void
drill_stats_check(struct drill_stats *s, const struct check_result *r)
{
	struct contract_stats *c = &s->contracts[s->contract_of[r->system]];

	c->results[r->status]++;
	if (r->answered)
		histogram_add(&c->seconds, r->ms / 1e3);
}

void
drill_stats_tick(struct drill_stats *s, enum tick_edge edge, int64_t lag_ms)
{
	s->last_lag_ms[edge] = lag_ms;
	histogram_add(&s->tick_lag[edge], (double)lag_ms / 1e3);
}
