/*
 * Walks a journal as a sceptic: chain, signatures, recomputed scores. Used by `drillctl verify`.
 */
#ifndef DRILLD_STORE_VERIFY_H
#define DRILLD_STORE_VERIFY_H

#include "base/err.h"
#include <stdint.h>

struct verify_report {
	uint64_t events;
	uint64_t checkpoints;
	uint64_t
	    last_checkpoint; /* `upto` of the last one: what follows is chained but not signed */
	char head[65];
	uint64_t bad_seq; /* 0 = none */
	char problem[512];
};

/* ERR_OK with bad_seq 0 if all holds; ERR_CORRUPT with the first bad seq; ERR_IO/NOT_FOUND if
 * unreadable. */
enum err verify_dir(const char *dir, struct verify_report *out, struct why *why) MUST_CHECK;

#endif
