/*
 * A file as the body of an answer: read piece by piece on the pool while the piece before goes out, so that
 * an answer of any size holds two pieces of memory. For http1.c and http2.c. Floor-private; on the loop's
 * thread.
 */
#ifndef DRILLD_NET_FILEBODY_H
#define DRILLD_NET_FILEBODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define FILEBODY_PIECE_BYTES (128 * 1024)

struct filebody;

/*
 * The first bytes of fd, from its start; bytes > 0. fd is the body's from now on. on_ready is called from the
 * loop, never from within these functions, whenever a piece is there after filebody_piece had none, or
 * reading has failed.
 */
struct filebody *filebody_open(
    uv_loop_t *uv, int fd, uint64_t bytes, void (*on_ready)(void *ctx), void *ctx);

/* What is at hand and not used yet; *len 0: nothing just now. Stays where it is until it is used up. */
const char *filebody_piece(const struct filebody *f, size_t *len);
void filebody_used(struct filebody *f, size_t len);

bool filebody_done(const struct filebody *f);   /* all of it has been used */
bool filebody_failed(const struct filebody *f); /* it cannot be read, or is shorter than was said */

/* May be called at any time; on_ready is not called any more. NULL is fine. */
void filebody_close(struct filebody *f);

#endif
