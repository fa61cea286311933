/*
 * The live hub: frames that were encoded once, in a bounded ring, sent to every client that may see
 * them.
 *
 * A frame belongs to one commit batch and carries the last journal seq in it. For each batch the
 * publisher gives a public and a staff payload, and where an audience (a team, a role of the staff) sees more or
 * less, one for it. A client names the seq it has; the hub sends everything newer from the ring, or,
 * where the ring no longer reaches back, the fresh snapshot that the snapshot callback makes. A
 * client more than the ring behind is closed (code 1013) and comes back for a snapshot. All on the
 * loop's thread.
 */
#ifndef DRILLD_NET_LIVE_H
#define DRILLD_NET_LIVE_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_hub;

/* Audiences: a team's index, or one of these. */
#define LIVE_PUBLIC (-1)
#define LIVE_JUDGE (-2)
#define LIVE_DIRECTOR (-3) /* and admin */
#define LIVE_LEADER (-4)

static inline bool
live_is_staff(int audience)
{
	return audience < LIVE_PUBLIC;
}

/* Who a client is to the hub. */
struct live_join {
	int audience;
	const void *owner; /* whom live_cut knows it by, e.g. the account; NULL = nobody's */
	uint64_t since;    /* last seq the client has; UINT64_MAX = none: begin with a snapshot */
};

/* A counted, immutable payload with room for the transport's headroom in front. */
struct payload;
struct payload *payload_new(const char *text, size_t len); /* count 1, text copied */
void payload_drop(struct payload *p);                      /* NULL is fine */

struct live_part {
	int audience;
	struct payload *payload; /* NULL: nothing for them in this batch */
};

struct live_frame {
	uint64_t seq;            /* last one inside */
	struct payload *public_; /* NULL: nothing for the public in this batch */
	struct payload *staff;   /* NULL likewise */
	/* Takes the place of public_ or staff for these audiences; may share a payload with them or one another. */
	const struct live_part *parts;
	size_t part_count;
};

struct live_options {
	size_t ring_frames; /* at most this many frames are kept ... */
	size_t ring_bytes;  /* ... and at most this many payload bytes */
	unsigned clients_max;
	/* A whole snapshot for this audience as one frame (durable state only), count 1 for the
	 * hub; sets *seq. */
	struct payload *(*snapshot)(void *ctx, int audience, uint64_t *seq);
	void *ctx;
};

struct live_hub *live_new(const struct live_options *o);
void live_free(struct live_hub *h); /* after http_close has drained */

/* Takes its own counts of the payloads; wakes the clients. seq must rise. */
void live_publish(struct live_hub *h, const struct live_frame *f);

/* Closes this owner's clients (code 1013): they come back as whoever they are by then. */
void live_cut(struct live_hub *h, const void *owner);

/* Frames were left out: everybody is closed (1013) and comes back for a snapshot. */
void live_resync(struct live_hub *h);

unsigned live_clients(const struct live_hub *h);

/* Since the hub was made. */
struct live_stats {
	uint64_t published; /* frames for the ring */
	uint64_t sent;      /* frames and snapshots, once for each client */
	uint64_t behind;    /* clients dropped: the ring has overtaken them */
	uint64_t cut;       /* ... by live_cut or live_resync */
	uint64_t silent;    /* ... that answered no ping */
};
const struct live_stats *live_stats(const struct live_hub *h);

#endif
