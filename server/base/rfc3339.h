/* Moments as text (RFC 3339). Pure: no clock is read. Thread safe. */
#ifndef DRILLD_BASE_RFC3339_H
#define DRILLD_BASE_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

#define RFC3339_BYTES 48

/* "2027-06-20T09:00:00.123+08:00" in the offset given (minutes east of UTC). */
void rfc3339_format(int64_t wall_ms, int offset_minutes, char out[RFC3339_BYTES]);

/* Accepts `YYYY-MM-DDTHH:MM:SS[.fff](Z|+HH:MM|-HH:MM)`; offset_minutes may be NULL. */
bool rfc3339_parse(const char *text, int64_t *wall_ms, int *offset_minutes);

#endif
