/*
 * The line to drilld on descriptor 3: lines in, lines out, on the loop. Lines wait while the owner has no
 * room for them, and reading stops when too much waits. Lines out are gathered and written once a turn of
 * the loop.
 */
#ifndef DRILLD_CHECKER_LINK_H
#define DRILLD_CHECKER_LINK_H

#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct link;

struct link_options {
	uv_loop_t *loop;
	int fd;
	/* False: no more lines until link_resume. */
	bool (*room)(void *ctx);
	void (*line)(void *ctx, const char *text, size_t len);
	/* Once: the other end has closed, or why is what went wrong (then NULL-terminated text, not ""). */
	void (*end)(void *ctx, const char *why);
	void *ctx;
};

enum err link_open(const struct link_options *o, struct link **out, struct why *why) MUST_CHECK;

/* Where to append a line; link_put_done adds the newline and sees to its writing. */
struct buf *link_put(struct link *l);
void link_put_done(struct link *l);

/* There may be room again: lines that wait are handed over. */
void link_resume(struct link *l);

/* Writes nothing more; frees itself when the loop has closed its handles. */
void link_close(struct link *l);

#endif
