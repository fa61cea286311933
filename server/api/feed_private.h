/*
 * What feed.c, which makes deltas of events, and feed_frames.c, which sends them on, share and nobody else sees: the
 * deltas that wait for their commit.
 */
#ifndef DRILLD_API_FEED_PRIVATE_H
#define DRILLD_API_FEED_PRIVATE_H

#include "api/feed.h"
#include "base/time.h"

#define PENDING_MAX_BYTES (256u * 1024 * 1024)

/* A span of text in the pending buffer. */
struct span {
	size_t at, len;
};

/* What one audience sees instead of what the public or staff does. */
struct view {
	int audience;
	struct span span; /* len 0: nothing */
};

struct delta {
	uint64_t seq;
	struct span public_;
	struct span staff; /* len 0: as the public one */
	struct span team;  /* len 0: as the public one */
	int team_index;
	/*
	 * A hold, a void or a record: in a frame of its own, for many audiences each may see something else, and the
	 * public or staff nothing (len 0).
	 */
	bool alone;
	struct view *views;
	size_t view_count;
};

struct feed {
	struct live_hub *hub;
	int offset_minutes;
	int64_t at_ms; /* what `at` says */
	char at[RFC3339_BYTES];
	uint64_t durable; /* deltas up to this seq may go out */
	int64_t next_ms;  /* when the next frame may (monotonic) */
	struct buf text;
	struct delta *pending;
	size_t count, capacity;
	char *kept[FEED_KEEP]; /* a ring: kept_next is the oldest */
	size_t kept_next;
};

#endif
