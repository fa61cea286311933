/*
 * Wall time (Unix milliseconds), monotonic time, zones. Reading the clocks happens here only; the core takes time as an
 * argument. RFC 3339 text comes along. Thread safe but for zone_offset.
 */
#ifndef DRILLD_BASE_TIME_H
#define DRILLD_BASE_TIME_H

#include "base/rfc3339.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t time_wall_ms(void);
int64_t time_mono_ms(void);
int64_t time_mono_ns(void);

/*
 * The offset (minutes) of an IANA zone such as "Asia/Shanghai" at a moment; false if the zone is
 * not known on this machine. Sets TZ for a moment: start-up and one thread only.
 */
bool zone_offset(const char *zone, int64_t wall_ms, int *offset_minutes);

#endif
