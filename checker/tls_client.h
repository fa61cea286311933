/*
 * The client's side of TLS without a socket: what a step expects of the system's certificate (tls_wishes, read
 * once with its program, tls_plan.h), and one connection's state (tls_client), which takes records in and gives records out
 * through memory. channel.c puts it on a connection. The checker's loop thread.
 */
#ifndef DRILLD_CHECKER_TLS_CLIENT_H
#define DRILLD_CHECKER_TLS_CLIENT_H

#include "base/buf.h"
#include "checker/outcome.h"
#include "checker/program_read.h"

struct tls_wishes;
struct tls_client;

/*
 * TLS_PLAN_KEYS of o, which may be NULL. verify asks for no name, the first of names is the one that is asked for
 * (SNI). The wishes live and die with the program.
 */
enum err tls_wishes_read(
    struct reading *r, const struct json_t *o, const struct tls_wishes **out) MUST_CHECK;

/* host: the system's name or address as in the job, for SNI where the wishes name none. */
struct tls_client *tls_client_new(const struct tls_wishes *wishes, const char *host);
void tls_client_free(struct tls_client *c); /* NULL is fine */

enum tls_event {
	TLS_WAIT,   /* nothing to be had until more records come */
	TLS_READY,  /* the handshake is done and the certificate as wished: comes once */
	TLS_DATA,   /* *len bytes are in data */
	TLS_ENDED,  /* the other end has said that it sends no more */
	TLS_FAILED, /* *o says how */
};

/* Records that came from the system; tls_client_step takes them to pieces. */
void tls_client_feed(struct tls_client *c, const char *data, size_t len);
/* The next thing that follows from what was fed; to be called until TLS_WAIT or an end. */
enum tls_event tls_client_step(
    struct tls_client *c, char *data, size_t max, size_t *len, struct outcome *o);
/* Makes records of it. False if OpenSSL could not. */
bool tls_client_write(struct tls_client *c, const void *data, size_t len);
/* Appends the records that have to go out. */
void tls_client_drain(struct tls_client *c, struct buf *out);
bool tls_client_ready(const struct tls_client *c);

#endif
