/*
 * What a drill counts for those who watch the server (metrics.c tells it): checks by contract, and how late
 * ticks are. Since the server's start, not since the drill's. Part of struct drill, on the loop's thread.
 */
#ifndef DRILLD_API_DRILL_STATS_H
#define DRILLD_API_DRILL_STATS_H

#include "base/metric.h"
#include "core/status.h"
#include "dispatch/dispatch.h"
#include "scenario/scenario.h"
#include <stddef.h>
#include <stdint.h>

enum tick_edge { TICK_EDGE_BEGIN, TICK_EDGE_CLOSE, TICK_EDGE_COUNT };

struct contract_stats {
	const char *name;
	uint64_t results[ST_COUNT];
	struct histogram seconds; /* of checks that a checker has answered */
};

struct drill_stats {
	struct contract_stats *contracts; /* those that the scenario uses */
	size_t contract_count;
	size_t *contract_of; /* by system */
	struct histogram tick_lag[TICK_EDGE_COUNT];
	int64_t last_lag_ms[TICK_EDGE_COUNT];
};

/* scenario outlives it. */
void drill_stats_open(struct drill_stats *s, const struct scenario *scenario);
void drill_stats_close(struct drill_stats *s);

void drill_stats_check(struct drill_stats *s, const struct check_result *r);
/* A tick has begun or closed, lag_ms of drill time after it was due. */
void drill_stats_tick(struct drill_stats *s, enum tick_edge edge, int64_t lag_ms);

#endif
