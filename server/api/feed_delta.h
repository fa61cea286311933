/*
 * What is in a delta: which members each kind of event has for which audience, what stays in the board's feed, and
 * whom a hold or a void concerns. What feed.c and feed_delta.c share and nobody else sees.
 */
#ifndef DRILLD_API_FEED_DELTA_H
#define DRILLD_API_FEED_DELTA_H

#include "base/json.h"
#include "core/game.h"

/* What is in it beyond what everybody may know. */
enum part {
	PART_MESSAGE = 1 << 0, /* a check's public message, a decision's reason */
	PART_TRACE = 1 << 1,
	PART_STATE = 1 << 2, /* what a board needs to follow, too long to be kept in the feed */
};

/* The members that this kind of event has, into an open object. first: as feed_event's. */
void delta_write_members(struct json_writer *w, const struct game *g, const struct event *ev,
    bool first, unsigned parts);

/* Whether anybody is told of this kind of event. */
bool delta_published(enum event_kind kind);

/* A proposed void is the organizers' own matter until it is adopted. */
bool delta_is_internal(const struct game *g, const struct event *ev);

/*
 * What stays in the board's feed: captures, changes of status, the clock, the organizers' hand on checks. was: as
 * feed_event's.
 */
bool delta_notable(const struct game *g, const struct event *ev, enum status was);

/* The departments that a hold or a void concerns, ascending, each once; freed by the caller. */
int *delta_owners(const struct game *g, const struct event *ev, size_t *count);

#endif
