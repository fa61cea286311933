/*
 * The campus calendar of working days: weekends are free but for the working weekends (调休), holidays are free.
 * Due dates of tickets and how long overdue they are come from here.
 *
 * For the fold, the routes and the scenario. Pure, no clock: dates are days since 1970-01-01 (base/date.h), the
 * offset of the drill's zone is an argument. Thread safe.
 */
#ifndef DRILLD_CORE_WORKDAYS_H
#define DRILLD_CORE_WORKDAYS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_DATES_MAX 1000 /* of each list */
#define WORKDAYS_MAX 1000       /* of one time allowed */

struct date_list {
	int32_t *dates; /* rising, none twice */
	size_t count;
};

/* Zeroed: Mondays to Fridays are worked, the rest is free. */
struct calendar {
	struct date_list holidays;         /* any day of the week */
	struct date_list working_weekends; /* Saturdays and Sundays, none of them a holiday */
};

bool workday_is(const struct calendar *c, int32_t date);

/* The first working day on or after the date. */
int32_t workday_from(const struct calendar *c, int32_t date);

/*
 * When something is due that n working days were given for on a date: counting starts the day after it, so
 * 3 of them from a Friday are the next Wednesday. A working day always; n below 1 counts as 1, above
 * WORKDAYS_MAX as that.
 */
int32_t workdays_due(const struct calendar *c, int32_t given_on, int n);

/* How many working days have begun after the due date, up to today; 0 on the due date and before. */
int workdays_overdue(const struct calendar *c, int32_t due, int32_t today);

/* workdays_due from a moment: given_ms's date where the clocks are offset_minutes east of UTC. */
int32_t workdays_due_at(const struct calendar *c, int64_t given_ms, int offset_minutes, int n);

/*
 * In the drill's configuration: {"holidays":["2026-10-01",...],"working_weekends":[...]}. Decoding holds the
 * rules above; the dates live in the arena.
 */
bool calendar_empty(const struct calendar *c);
void calendar_encode(const struct calendar *c, struct json_writer *w);
enum err calendar_decode(
    const struct json_t *j, struct calendar *c, struct arena *arena, struct why *why) MUST_CHECK;

#endif
