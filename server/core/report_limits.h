/* How long reports may take, as the scenario says it. Part of the drill's configuration. Pure. */
#ifndef DRILLD_CORE_REPORT_LIMITS_H
#define DRILLD_CORE_REPORT_LIMITS_H

#include "base/err.h"
#include "base/json.h"
#include <stdbool.h>
#include <stdint.h>

/* As many as there are in enum report_stage and enum incident_level. */
#define REPORT_LIMIT_STAGES 3
#define REPORT_LIMIT_LEVELS 4

#define REPORT_LIMIT_MS_MAX ((int64_t)365 * 24 * 3600 * 1000)

/* Drill time by stage and level; 0: by default, which depends on the drill's length. */
struct report_limits {
	int64_t ms[REPORT_LIMIT_STAGES][REPORT_LIMIT_LEVELS];
};

/*
 * Of a drill of this length: those of everyday (initial 30 min at level I and II, 60 at III, 120 at IV; progress 2 h at
 * I and II, else 8 h; final 24 h), shortened as the drill is shorter than a day, to no less than a minute.
 */
int64_t report_limit_default(int stage, int level, int64_t drill_length_ms);

/* In the configuration: {"final":[..],"initial":[i,ii,iii,iv],"progress":[..]}, left out when all are by default. */
bool report_limits_empty(const struct report_limits *l);
void report_limits_encode(const struct report_limits *l, struct json_writer *w);
enum err report_limits_decode(
    const struct json_t *j, struct report_limits *l, struct why *why) MUST_CHECK;

#endif
