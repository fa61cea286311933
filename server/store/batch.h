/*
 * A batch of encoded events on its way to the disk: filled by the loop thread, then read by the writer
 * thread, never both at once. Two growing buffers and an array of offsets, reused from batch to batch.
 */
#ifndef DRILLD_STORE_BATCH_H
#define DRILLD_STORE_BATCH_H

#include "base/buf.h"
#include "core/event.h"
#include "store/journal.h"
#include <stddef.h>
#include <stdint.h>

#define BATCH_MAX_BYTES (64u * 1024 * 1024) /* what may wait for the writer */

/* Where one event lies in the buffers; the actor, with its NUL, lies right before the body. */
struct record {
	uint64_t seq;
	int64_t at_ms;
	int64_t drill_ms;
	enum event_kind kind;
	size_t actor;
	size_t body;
	size_t body_len;
	size_t secret;
	size_t secret_len;
};

struct batch {
	struct buf text; /* actors and bodies */
	struct buf secrets;
	struct record *records;
	size_t count;
	size_t capacity;
};

void batch_init(struct batch *b);
void batch_free(struct batch *b);

/* Empties it; memory that a large batch took is given back. */
void batch_reset(struct batch *b);

bool batch_has_room(const struct batch *b);
bool batch_crowded(const struct batch *b); /* three quarters full */

size_t batch_bytes(const struct batch *b); /* what it holds in memory */

/* Adds ev as number seq. On an error the batch is as it was: ERR_BUSY full, ERR_LIMIT, ERR_INVALID. */
enum err batch_add(struct batch *b, const struct event *ev, uint64_t seq) MUST_CHECK;

/* Record i as a row, without salt and hash; valid until the next batch_add or batch_reset. */
void batch_row(const struct batch *b, size_t i, struct journal_row *row);

#endif
