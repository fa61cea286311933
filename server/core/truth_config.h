/*
 * Of the drill's configuration: how red facts and reports are paired, and how the server marks times that it measures.
 * Pure.
 */
#ifndef DRILLD_CORE_TRUTH_CONFIG_H
#define DRILLD_CORE_TRUTH_CONFIG_H

#include "base/err.h"
#include "base/json.h"
#include <stdbool.h>
#include <stdint.h>

#define TRUTH_STEPS 4
#define TRUTH_MS_MAX ((int64_t)365 * 24 * 3600 * 1000)

/* Drill time; 0: by default, which depends on the drill's length. */
struct truth_config {
	int64_t window_ms; /* from the attack to the filing that counts for it */
	int64_t merge_ms;  /* captures of a system so near to the first are one fact */
	int64_t report_steps[TRUTH_STEPS]; /* first report, containment: ascending */
	int64_t recovery_steps[TRUTH_STEPS];
};

/* Per cent that is earned within step 0, 1, 2, 3: 100, 75, 50, 25; later 0. */
int truth_step_percent(const int64_t steps[TRUTH_STEPS], int64_t ms);

/*
 * c with every 0 replaced: window and merge 2 h, report 30 min, 2, 12, 72 h, recovery 4, 12, 24, 72 h, shortened as the
 * drill is shorter than a day; step n no shorter than n minutes.
 */
struct truth_config truth_config_filled(const struct truth_config *c, int64_t drill_length_ms);

/* In the configuration, left out when all are by default. */
bool truth_config_empty(const struct truth_config *c);
void truth_config_encode(const struct truth_config *c, struct json_writer *w);
enum err truth_config_decode(
    const struct json_t *j, struct truth_config *c, struct why *why) MUST_CHECK;

#endif
