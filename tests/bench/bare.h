/*
 * The raw limit that the journal and the flags are held against: a bare SQLite loop on one thread that inserts
 * rows as the journal writes them, encoded beforehand, with the journal's own settings (WAL,
 * synchronous=FULL). Also what benchmarks share: a scratch directory on a disk, medians.
 */
#ifndef DRILLD_BENCH_BARE_H
#define DRILLD_BENCH_BARE_H

#include "core/event.h"

#include <stdbool.h>
#include <stddef.h>

struct bare_run {
	size_t batch; /* rows of a transaction */
	size_t rows;
	bool hashed;        /* with the journal's hash chain, else a hash that never changes */
	bool captures;      /* captures only, as flags leave them; else of every sort */
	const char *secret; /* what every row has as its secret, as reports have; NULL: its own */
};

/* Event i of every sort: captures (even i) and checks in turn, every fourth with a secret. */
void bare_event(size_t i, struct event *ev);

/* Rows a second, in a database of its own in dir, which is removed again. */
double bare_insert(const char *dir, const struct bare_run *run);

/* On a disk (BENCH_DIR, else /var/tmp): a sync into memory costs nothing and would flatter everyone. */
void scratch_make(char *dir, size_t size);
/* With all that is in it. */
void scratch_remove(const char *dir);

/* Sorts v. */
double median(double *v, size_t count);

#endif
