/*
 * Files that belong to the drill (attachments), each under the name of its content: DATA/blobs/ab/abcd... by
 * its SHA-256 in lower-case hex. What is there is whole and durable: a file is written as a draft beside them
 * and gets its name only when its bytes are on disk; drafts that a crash has left are removed at the start.
 *
 * All of it blocks on the disk: call it on the pool. A struct blobs may be used by many threads at once, a
 * writer by one at a time.
 */
#ifndef DRILLD_STORE_BLOBS_H
#define DRILLD_STORE_BLOBS_H

#include "base/err.h"
#include "base/hash.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blobs;
struct blob_writer;

struct blob {
	char hash[SHA256_HEX_BYTES];
	uint64_t bytes;
};

/*
 * Opens DIR/blobs, makes it and what of its 256 shelves is missing (DIR is there), removes drafts. reserve_bytes stay free on the
 * disk for the journal: nothing is begun that could take them.
 */
enum err blobs_open(
    const char *dir, uint64_t reserve_bytes, struct blobs **out, struct why *why) MUST_CHECK;
/* The same for reading alone, beside a server or on a copy: nothing is made or removed. ERR_NOT_FOUND: DIR has no blobs. */
enum err blobs_open_to_read(const char *dir, struct blobs **out, struct why *why) MUST_CHECK;
void blobs_close(struct blobs *b); /* no writer is left; NULL is fine */

/* ---- writing ---- */

/* A new file of at most max_bytes. ERR_BUSY: the disk has no room for it. */
enum err blob_begin(
    struct blobs *b, uint64_t max_bytes, struct blob_writer **out, struct why *why) MUST_CHECK;

/*
 * Appends. ERR_LIMIT past the maximum; ERR_BUSY: the disk is full; ERR_IO. After an error the file cannot be
 * kept any more: blob_abort.
 */
enum err blob_write(
    struct blob_writer *w, const void *data, size_t len, struct why *why) MUST_CHECK;

/* Durable under its name when it returns ERR_OK; one that is there already is the same. Ends the writer in any case. */
enum err blob_commit(struct blob_writer *w, struct blob *out, struct why *why) MUST_CHECK;

/* Leaves nothing. NULL is fine. */
void blob_abort(struct blob_writer *w);

/* ---- reading ---- */

/* For reading; the caller closes *fd. ERR_NOT_FOUND: none of that name, or it is no such name. */
enum err blob_open(
    struct blobs *b, const char *hash, int *fd, uint64_t *bytes, struct why *why) MUST_CHECK;
bool blob_exists(struct blobs *b, const char *hash);

/*
 * Removes every file that is_wanted says no to; *removed: how many. For the start, before any writer: a file
 * whose event never came is nobody's.
 */
enum err blobs_sweep(struct blobs *b, bool (*is_wanted)(void *ctx, const char *hash), void *ctx,
    size_t *removed, struct why *why) MUST_CHECK;

#endif
