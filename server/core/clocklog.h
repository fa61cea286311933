/*
 * The two clocks side by side: when the drill's clock began to run and to stand still, so that a moment of wall time
 * that somebody claims becomes a moment of drill time. Part of the fold. Pure.
 *
 * The wall clock may be set back while the drill runs. All that is known of the past is told by the clock as it goes
 * since then: the marks are moved, so that they stay in order and what is claimed from now on falls where it belongs.
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
	struct clock_mark *marks; /* ascending on both clocks; the first is the start */
	size_t count;
};

void clocklog_add(struct clocklog *log, int64_t wall_ms, int64_t drill_ms, bool runs);
void clocklog_free(struct clocklog *log);

/*
 * How far the wall clock was set back between two events, the former's moment first; 0: it was not, or the drill has not
 * begun. clocklog_move then takes it from all marks; a negative one gives it back.
 */
int64_t clocklog_set_back_ms(
    const struct clocklog *log, const struct clock_mark *before, const struct clock_mark *now);
void clocklog_move(struct clocklog *log, int64_t back_ms);

/* When the drill began (wall time, by the clock as it goes now); 0: not yet. */
int64_t clocklog_start_ms(const struct clocklog *log);

enum clock_claim {
	CLOCK_CLAIM_FITS,
	CLOCK_CLAIM_EARLY, /* before the drill began */
	CLOCK_CLAIM_LATE,  /* in the future */
};

/*
 * Whether something can have happened in the drill at a moment of wall time that is claimed at the moment now. If the
 * clock was just set back behind the start, the drill began as long ago as it has lasted.
 */
enum clock_claim clocklog_claim(
    const struct clocklog *log, int64_t claimed_ms, int64_t now_ms, int64_t now_drill_ms);

/* The drill time at a moment of wall time; 0 before the start. In a pause it is the pause's. */
int64_t clocklog_drill_ms(const struct clocklog *log, int64_t wall_ms);

#endif
