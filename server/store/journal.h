/*
 * The journal: an append-only, hash-chained log of events on disk, with group commit.
 *
 * The loop thread appends to the open batch (journal_append), hands it over once per turn
 * (journal_flush) and learns from journal_reap what has become durable. A writer thread owns the
 * storage. A batch is one transaction, synced before it counts. Nothing in here says SQLite: the
 * same interface can stand on a replicated stream.
 *
 * Chain: hash(n) = SHA-256(hash(n-1) || SHA-256(header and body) || SHA-256(salt || secret)),
 * hash(0) = 32 zero bytes; header and body = canonical JSON
 * {"actor","at_ms","body","drill_ms","kind","seq"} with body as the object itself. docs/journal.md
 * has the format for whoever writes another verifier.
 */
#ifndef DRILLD_STORE_JOURNAL_H
#define DRILLD_STORE_JOURNAL_H

#include "base/err.h"
#include "base/hash.h"
#include "base/metric.h"
#include "core/event.h"
#include <stdbool.h>
#include <stdint.h>

struct journal;

/* One stored event, borrowed until the callback returns. */
struct journal_row {
	uint64_t seq;
	int64_t at_ms;
	int64_t drill_ms;
	const char *kind;
	const char *actor;
	const char *body;
	size_t body_len;
	const char *secret;
	size_t secret_len;
	const uint8_t *salt; /* 16 bytes, or NULL with an empty secret */
	const uint8_t *hash; /* 32 bytes */
};

struct journal_options {
	const char *dir; /* data directory; created with mode 0700 if missing */
	bool read_only;  /* only journal_read and journal_close: no lock, no writer */
	void (*notify)(
	    void *ctx); /* called on the WRITER THREAD after each batch; may only wake the loop */
	void *ctx;
};

/*
 * Opens or creates DIR/journal.db and takes an exclusive lock on DIR/lock (ERR_BUSY with the
 * holder's pid if another server runs there). ERR_CORRUPT if the file is not a journal.
 */
enum err journal_open(
    const struct journal_options *o, struct journal **out, struct why *why) MUST_CHECK;

/*
 * Calls on_row for events from..to (to = 0: to the end) in order; stops at its first error and
 * returns it. Reads through a connection of its own: may be called before appending starts, or on a
 * read-only journal at any time. Does not check hashes.
 */
enum err journal_read(struct journal *j, uint64_t from, uint64_t to,
    enum err (*on_row)(void *ctx, const struct journal_row *row, struct why *why), void *ctx,
    struct why *why) MUST_CHECK;

/*
 * Adds ev to the open batch and sets ev->seq. Encodes at once, so ev's strings need not outlive the
 * call. ERR_LIMIT if the event is too large; nothing is added then.
 */
enum err journal_append(struct journal *j, struct event *ev) MUST_CHECK;

/* False while so much waits for the writer that journal_append would say ERR_BUSY. */
bool journal_has_room(const struct journal *j);
/* False where not even so many bytes more would fit, with what the events need besides their texts. */
bool journal_has_room_for(const struct journal *j, size_t bytes);
/* True from three quarters of that on: what can come again should, so that the clock and the checks go on. */
bool journal_crowded(const struct journal *j);

/* How many bytes events have come to since opening, as they are kept in memory until they are durable. */
uint64_t journal_appended_bytes(const struct journal *j);

/* Hands the open batch to the writer if it is free; else it keeps growing until the next reap. */
void journal_flush(struct journal *j);

struct journal_progress {
	uint64_t appended;          /* last sequence number given out */
	uint64_t committed;         /* last one known durable on the loop's side */
	uint8_t head[SHA256_BYTES]; /* hash of `committed` */
	bool failed; /* a commit failed: nothing more will be accepted; text says why */
	char failure[WHY_MAX];
	int64_t commit_ns; /* duration of the last commit */
	/* The last durable closing (event_is_closing) since opening: what a checkpoint signs. */
	uint64_t closing; /* 0 = none yet */
	uint8_t closing_hash[SHA256_BYTES];
};

/* Loop thread: takes in what the writer finished since the last call and hands over the next batch.
 */
void journal_reap(struct journal *j, struct journal_progress *out);

/*
 * Waits until everything appended is durable (or has failed) and takes it in, as journal_reap does.
 * notify is over then and comes no more until something is appended.
 */
void journal_drain(struct journal *j, struct journal_progress *out);

/* Loop thread; since opening. */
struct journal_stats {
	struct histogram commit_seconds;
	struct histogram batch_events; /* how many each commit held */
	uint64_t waiting_bytes; /* appended and not known durable, as they are kept in memory */
};
void journal_stats(struct journal *j, struct journal_stats *out);

/* Drains, stops the writer, closes. NULL is fine. */
void journal_close(struct journal *j);

/* Recomputes one row's hash from the previous one. */
void journal_hash(struct hasher *h, const uint8_t previous[SHA256_BYTES],
    const struct journal_row *row, uint8_t out[SHA256_BYTES]);

#endif
