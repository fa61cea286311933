/*
 * Wall time (Unix milliseconds), monotonic time, and RFC 3339 text. Reading the clocks happens here
 * only; the core takes time as an argument. Thread safe but for zone_offset.
 */
#ifndef DRILLD_BASE_TIME_H
#define DRILLD_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RFC3339_BYTES 48

int64_t time_wall_ms(void);
int64_t time_mono_ms(void);
int64_t time_mono_ns(void);

/* "2027-06-20T09:00:00.123+08:00" in the offset given (minutes east of UTC). */
void rfc3339_format(int64_t wall_ms, int offset_minutes, char out[RFC3339_BYTES]);

/* Accepts `YYYY-MM-DDTHH:MM:SS[.fff](Z|+HH:MM|-HH:MM)`; offset_minutes may be NULL. */
bool rfc3339_parse(const char *text, int64_t *wall_ms, int *offset_minutes);

/*
 * The offset (minutes) of an IANA zone such as "Asia/Shanghai" at a moment; false if the zone is
 * not known on this machine. Sets TZ for a moment: start-up and one thread only.
 */
bool zone_offset(const char *zone, int64_t wall_ms, int *offset_minutes);

#endif
