/*
 * Departments without their names: judges know a department as "Unit 7" in all that they mark. The numbers are drawn when
 * the drill is opened, from a seed that is secret: the same in every fold of the whole journal, another order than the
 * configuration's, and nobody reckons them from what is public. Journals from before there was a seed, and published
 * bundles, draw from the drill's key and that moment: no score depends on them. Pure.
 */
#ifndef DRILLD_CORE_UNIT_H
#define DRILLD_CORE_UNIT_H

#include "core/config.h"

#define UNIT_NAME_BYTES 32

/* By team, 1..departments in a drawn order, 0 for red teams. The caller's: free. seed: NULL or "" for none. */
int *units_draw(const struct drill_config *c, int64_t opened_ms, const char *seed);

/* "单位 7", "Unit 7" */
void unit_name(int unit, char zh[UNIT_NAME_BYTES], char en[UNIT_NAME_BYTES]);

#endif
