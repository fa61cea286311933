/*
 * Walks a journal as a sceptic: chain, signatures, recomputed scores. Used by `drillctl verify`, on the
 * thread that calls it; a server may have the journal open meanwhile.
 */
#ifndef DRILLD_STORE_VERIFY_H
#define DRILLD_STORE_VERIFY_H

#include "base/err.h"
#include "core/game.h"
#include <stdint.h>

struct verify_report {
	uint64_t events; /* that hold: all, or those before bad_seq */
	uint64_t checkpoints;
	uint64_t
	    last_checkpoint; /* `upto` of the last one: what follows is chained but not signed */
	char head[SHA256_HEX_BYTES]; /* hash of the last one that holds */
	uint64_t bad_seq;            /* 0 = none */
	char problem[WHY_MAX];
};

/*
 * ERR_OK with bad_seq 0 if all holds; ERR_CORRUPT with the first bad seq (1 if nothing of the file can be
 * read as a journal); any other error if it cannot be read at all. game: fresh from game_new, the
 * caller's; afterwards the drill as the last event that holds left it.
 */
enum err verify_dir(
    const char *dir, struct game *game, struct verify_report *out, struct why *why) MUST_CHECK;

#endif
