/*
 * From events to what people see: each applied event becomes a delta (JSON, one encoding per audience),
 * waits for its commit, and then goes out in a frame; the last notable ones stay for the board. On the
 * loop's thread.
 */
#ifndef DRILLD_API_FEED_H
#define DRILLD_API_FEED_H

#include "base/json.h"
#include "core/game.h"
#include "net/live.h"
#include <stdint.h>

#define FEED_KEEP 60 /* notable deltas on the board */

struct feed;

struct feed *feed_new(int offset_minutes);
void feed_free(struct feed *f);
void feed_attach(struct feed *f, struct live_hub *hub); /* NULL: deltas are made but go nowhere */

/*
 * Makes the delta of ev, which has just been applied to g. was: the system's status before (check.done).
 * first: the capture was the service's first.
 */
void feed_event(
    struct feed *f, const struct game *g, const struct event *ev, enum status was, bool first);

/* An event from before the server's start: kept for the board if it is notable, published never. */
void feed_remember(
    struct feed *f, const struct game *g, const struct event *ev, enum status was, bool first);

/* Deltas up to seq may go out. */
void feed_committed(struct feed *f, uint64_t seq);

/*
 * Publishes what may go out, unless the last frame was only just now: the first after a silence goes at once,
 * under load there are at most 20 a second, fewer with thousands of clients. A frame may begin at or before the
 * seq of a snapshot that a client has had: each delta carries its own.
 */
void feed_step(struct feed *f, int64_t now_ms);
/* When (monotonic ms) feed_step has something to publish; INT64_MAX = nothing waits. */
int64_t feed_due_ms(const struct feed *f);

/* The kept notable deltas as JSON values into an open array. */
void feed_write_kept(const struct feed *f, struct json_writer *w);

#endif
