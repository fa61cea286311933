/*
 * When the drill ran: its starts, pauses and ends on both clocks, so that a moment that somebody names on the wall clock
 * (an attack, a detection) has its moment on the drill's. Part of the fold; pure.
 */
#ifndef DRILLD_CORE_TIMELINE_H
#define DRILLD_CORE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timeline_point {
	int64_t wall_ms, drill_ms;
	bool running; /* from here on */
};

struct timeline {
	struct timeline_point *points; /* ascending */
	size_t count;
};

void timeline_note(struct timeline *t, int64_t wall_ms, int64_t drill_ms, bool running);
void timeline_close(struct timeline *t);

/* Wall time of the start, or 0 before it. */
int64_t timeline_start_ms(const struct timeline *t);
/* Drill time of a moment on the wall clock: within a pause, the pause's; before the start, 0. */
int64_t timeline_drill_ms(const struct timeline *t, int64_t wall_ms);

#endif
