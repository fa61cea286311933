/*
 * A TCP connection to a system, plain or under TLS, for actions that talk by hand: tcp_step.c and
 * greeting_step.c. It hands on bytes and knows no protocol. The checker's loop thread.
 *
 * A connection belongs to its user until channel_close, which may be called from any of the callbacks and is due after
 * every end, `failed` included. None of the callbacks comes from within a call of the user's, and none after
 * channel_close; the connection frees itself when libuv has let go of it.
 */
#ifndef DRILLD_CHECKER_CHANNEL_H
#define DRILLD_CHECKER_CHANNEL_H

#include "checker/action.h"
#include "checker/tls_client.h"

struct channel;

struct channel_user {
	void (*opened)(void *ctx); /* connected; again when channel_secure's handshake is done */
	void (*sent)(void *ctx);   /* what channel_send was given has gone to the kernel */
	void (*received)(void *ctx, const char *data, size_t len); /* at most 4 KiB at a time */
	void (*ended)(void *ctx);                                  /* the other end sends no more */
	void (*failed)(void *ctx, const struct outcome *o);
};

/* Connects to the exchange's address. ERR_IO: *o says why it could not be tried, and there is no connection. */
enum err channel_open(const struct exchange *x, const struct channel_user *user, void *ctx,
    struct channel **out, struct outcome *o) MUST_CHECK;

/*
 * The bytes are copied. `sent` comes when all that was given has gone, or `failed`. ERR_IO: *o says why not; only
 * channel_close is left then.
 */
enum err channel_send(
    struct channel *w, const void *data, size_t len, struct outcome *o) MUST_CHECK;

/*
 * From now on under TLS: a handshake as a client, then the certificate is held against the wishes. Either
 * `opened` or `failed` comes. wishes outlives the connection. Once, and not while a send is under way. ERR_IO as
 * for channel_send.
 */
enum err channel_secure(
    struct channel *w, const struct tls_wishes *wishes, struct outcome *o) MUST_CHECK;

void channel_close(struct channel *w);

#endif
