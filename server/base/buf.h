/*
 * A growing byte buffer that must be given a maximum. Writing past the maximum sets `failed`, drops
 * the write and all later ones; the caller checks once at the end with buf_err. Not thread safe.
 */
#ifndef DRILLD_BASE_BUF_H
#define DRILLD_BASE_BUF_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data; /* NUL-terminated whenever not NULL; the NUL is not counted in len */
	size_t len;
	size_t cap;
	size_t max_bytes;
	bool failed;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_free(struct buf *b);
void buf_reset(struct buf *b); /* empties it, keeps the memory, clears `failed` */

void buf_put(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_put_int(struct buf *b, int64_t v); /* decimal, faster than printf */

/* Removes the first len bytes (a line that has been dealt with). */
void buf_shift(struct buf *b, size_t len);

/* Room for len more bytes at data + len, or NULL (and failed) past the maximum. Add to len what was
 * used. */
char *buf_room(struct buf *b, size_t len);

/* ERR_LIMIT if anything did not fit. */
enum err buf_err(const struct buf *b) MUST_CHECK;

/* Hands the bytes to the caller, who frees them with free(); the buffer is empty afterwards. Never
 * NULL. */
char *buf_take(struct buf *b, size_t *len);

#endif
