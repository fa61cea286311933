/*
 * Single events by their numbers, read beside the writer: what a page of history shows from long ago. A connection
 * of its own that only reads and never waits for, or holds up, the writer. Opened, used and closed on one
 * thread, which may be any (the pool's).
 */
#ifndef DRILLD_STORE_LOOKUP_H
#define DRILLD_STORE_LOOKUP_H

#include "store/journal.h"

struct lookup;

enum err lookup_open(const char *dir, struct lookup **out, struct why *why) MUST_CHECK;

/* Calls on_row for the event; ERR_NOT_FOUND if it is not on disk; else on_row's own error. */
enum err lookup_event(struct lookup *l, uint64_t seq,
    enum err (*on_row)(void *ctx, const struct journal_row *row, struct why *why), void *ctx,
    struct why *why) MUST_CHECK;

void lookup_close(struct lookup *l); /* NULL is fine */

#endif
