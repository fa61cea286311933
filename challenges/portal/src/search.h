/*
 * The search over the published notices, on a connection of its own that can only read.
 * Used by the search page, on the server's one thread.
 */
#ifndef PORTAL_SEARCH_H
#define PORTAL_SEARCH_H

#include "store.h"

#define SEARCH_WORDS_MAX_BYTES 256
#define SEARCH_ROWS_MAX 50

struct search;

/* NULL when DIR/portal.db, which store_open has made, cannot be read; says why on stderr. */
struct search *search_open(const char *dir);
void search_close(struct search *s);

/*
 * Every notice whose title or text contains the words, newest first. RES_NONE when there is none,
 * RES_FAILED when the database refuses (logged).
 */
enum result search_run(
    struct search *s, enum lang lang, const char *words, entry_fn *run, void *arg);

#endif
