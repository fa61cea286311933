/*
 * Civil dates of the Gregorian calendar as days since 1970-01-01 (int32_t): arithmetic and text, no clock, no zone.
 * For base/time, the working-day calendar and the scenario. Pure, thread safe.
 */
#ifndef DRILLD_BASE_DATE_H
#define DRILLD_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define DATE_BYTES 16
#define DATE_MIN (-719528) /* 0000-01-01 */
#define DATE_MAX 2932896   /* 9999-12-31 */

/* y in 0..9999, m in 1..12, d in 1..date_month_days. */
int32_t date_from_civil(int y, int m, int d);
void date_to_civil(int32_t date, int *y, int *m, int *d);
int date_month_days(int y, int m);

/* 0 is Sunday, 6 Saturday. */
int date_weekday(int32_t date);

/* "2026-10-01", exactly; false for what is no date. */
bool date_parse(const char *text, int32_t *out);
/* A date outside DATE_MIN..DATE_MAX is written as the nearer of the two. */
void date_format(int32_t date, char out[DATE_BYTES]);

/* What clocks offset_minutes east of UTC show at a moment, as if it were UTC; any int64_t is taken. */
int64_t date_local_ms(int64_t wall_ms, int offset_minutes);
/* The date that clocks offset_minutes east of UTC show at a moment, and the moment at which it begins there. */
int32_t date_at(int64_t wall_ms, int offset_minutes);
int64_t date_begins_ms(int32_t date, int offset_minutes);

#endif
