/*
 * Files on their way from a client to DATA/blobs: what has come is checked (base/media.h) and written on the
 * pool while more comes in. An upload holds two buffers of 512 KiB, whatever its size; the client is held back
 * while they are full. At most UPLOADS_MAX at once, UPLOADS_PER_ACCOUNT of an account; two of them use the pool
 * at a time, so that logins and look-ups find room there. On the loop's thread.
 */
#ifndef DRILLD_API_UPLOAD_H
#define DRILLD_API_UPLOAD_H

#include "base/err.h"
#include "net/loop.h"
#include "store/blobs.h"
#include <stddef.h>
#include <stdint.h>

#define UPLOADS_MAX 64
#define UPLOADS_PER_ACCOUNT 4

struct uploads;
struct upload;

/* A file that is durable. */
struct upload_file {
	struct blob blob;
	const char *type; /* media type, static */
};

struct upload_options {
	const void *account; /* whose, for the limit */
	const char *name;    /* as sent; looked at in upload_begin only */
	const char *type;    /* media type as sent, or "" */
	uint64_t max_bytes;
	/* So many bytes have been dealt with: as http_taken. */
	void (*taken)(void *ctx, size_t len);
	/*
	 * The end, once: ERR_OK after upload_end and when the file is durable, or, perhaps earlier, why it is
	 * refused; then nothing of it is left. The upload is gone. Never called from within the functions below.
	 */
	void (*done)(void *ctx, enum err e, const struct upload_file *file, const struct why *why);
	void *ctx;
};

struct uploads *uploads_new(struct loop *l, struct blobs *b);
void uploads_free(struct uploads *u); /* when all have ended; NULL is fine */
unsigned uploads_count(const struct uploads *u);

/* ERR_INVALID: name or type; ERR_BUSY: too many at once, ERR_RATE: of this account. */
enum err upload_begin(struct uploads *u, const struct upload_options *o, struct upload **out,
    struct why *why) MUST_CHECK;
/* The next bytes, copied: at most HTTP_BODY_AHEAD_BYTES that were not told to be taken. */
void upload_add(struct upload *up, const char *data, size_t len);
void upload_end(struct upload *up); /* that was all */
/* The client has left: nothing is kept, done is not called. */
void upload_abort(struct upload *up);

#endif
