/*
 * The live hub: frames that were encoded once, in a bounded ring, sent to every client that may see
 * them.
 *
 * A frame belongs to one commit batch and carries the last journal seq in it. For each batch the
 * publisher gives a public and a staff payload, and where a department sees more of its own, one
 * for that team. A client names the seq it has; the hub sends everything newer from the ring, or,
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

#define LIVE_PUBLIC (-1)
#define LIVE_STAFF (-2)

/* Who a client is to the hub. */
struct live_join {
	int audience;      /* LIVE_PUBLIC, LIVE_STAFF, or a team's index: public plus its own */
	const void *owner; /* whom live_cut knows it by, e.g. the account; NULL = nobody's */
	uint64_t since;    /* last seq the client has; UINT64_MAX = none: begin with a snapshot */
};

/* A counted, immutable payload with room for the transport's headroom in front. */
struct payload;
struct payload *payload_new(const char *text, size_t len); /* count 1, text copied */
void payload_drop(struct payload *p);

struct live_part {
	int team;
	struct payload *payload;
};

struct live_frame {
	uint64_t seq;            /* last one inside */
	struct payload *public_; /* NULL: nothing for the public in this batch */
	struct payload *staff;
	const struct live_part *parts; /* replaces public_ for these teams; may share staff's */
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
