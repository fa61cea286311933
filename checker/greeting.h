/*
 * Greetings: the first exchange of a protocol as a client would begin it, without signing in, and the facts that
 * it tells. A greeting is a pure parser, a file each (greeting_mysql.c, ...): bytes in, facts and bytes to send
 * out, no I/O. greeting_step.c puts it on a connection. The checker's one thread.
 *
 * Facts are lines `key=value`, written by fact_put; docs/challenge.md lists them. What they are made of is hostile.
 */
#ifndef DRILLD_CHECKER_GREETING_H
#define DRILLD_CHECKER_GREETING_H

#include "base/buf.h"
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define GREETING_MAX_BYTES (64 * 1024) /* of what a system may say before its greeting is whole */
#define FACTS_MAX_BYTES (64 * 1024)
#define FACT_MAX_BYTES 4096

enum greeting_next {
	GREETING_MORE,   /* these bytes are not enough */
	GREETING_AGAIN,  /* a stage is over: look at what follows the used bytes */
	GREETING_SECURE, /* the same, and all that follows is under TLS */
	GREETING_DONE,   /* all facts are there */
	GREETING_WRONG   /* this is no such greeting; why says so, for the public */
};

struct greeting {
	int stage;        /* the parser's own; 0 at the start */
	size_t count;     /* the same */
	size_t used;      /* of the bytes at hand: those that need not be seen again */
	const char *user; /* postgresql: who asks */
	const char *database;
	struct buf *send; /* appended: to be sent */
	struct buf *facts;
	struct why why;
};

/* A parser. Called with no bytes when the connection stands, then whenever more have come. */
struct greeting_kind {
	const char *name;
	enum greeting_next (*look)(struct greeting *g, const uint8_t *data, size_t len);
};

extern const struct greeting_kind greeting_mysql, greeting_postgresql, greeting_rdp, greeting_ssh,
    greeting_vnc;

/* By name, or NULL. */
const struct greeting_kind *greeting_find(const char *name);
const struct greeting_kind *greeting_nth(size_t n); /* NULL past the end */

/*
 * Looks until the parser needs more or is through; data are the bytes from *at on, which moves on. Never GREETING_AGAIN.
 */
enum greeting_next greeting_run(
    const struct greeting_kind *kind, struct greeting *g, const struct buf *data, size_t *at);

/* ---- for the parsers ---- */

/* A line; control characters become blanks, what is not UTF-8 question marks, and a long value is cut. */
void fact_put(struct greeting *g, const char *key, const void *value, size_t len);
void fact_puts(struct greeting *g, const char *key, const char *value);
void fact_int(struct greeting *g, const char *key, int64_t value);
/* GREETING_WRONG with the sentence. */
enum greeting_next greeting_wrong(struct greeting *g, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Big-endian (network) and little-endian numbers; the caller has seen that the bytes are there. */
static inline uint32_t
be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t
be32(const uint8_t *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static inline uint32_t
le16(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t
le32(const uint8_t *p)
{
	return le16(p + 2) << 16 | le16(p);
}

#endif
