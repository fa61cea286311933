/*
 * The two clocks side by side: when the drill's clock began to run and to stand still, so that a moment of wall time
 * that somebody claims becomes a moment of drill time. Part of the fold. Pure.
 */
#ifndef DRILLD_CORE_CLOCKLOG_H
#define DRILLD_CORE_CLOCKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock_mark {
	int64_t wall_ms, drill_ms;
	bool runs; /* from here on */
};

/* Zero-initialised: the drill has not begun. */
struct clocklog {
	struct clock_mark *marks; /* in order; the first is the start */
	size_t count;
};

void clocklog_add(struct clocklog *log, int64_t wall_ms, int64_t drill_ms, bool runs);
void clocklog_free(struct clocklog *log);

/* When the drill began (wall time); 0: not yet. */
int64_t clocklog_start_ms(const struct clocklog *log);

/* The drill time at a moment of wall time; 0 before the start. In a pause it is the pause's. */
int64_t clocklog_drill_ms(const struct clocklog *log, int64_t wall_ms);

#endif
