/*
 * The files that a journal's events name, held against what lies in DATA/blobs: is each there, of the length and the
 * hash that its event says? For `drillctl verify`, after verify_dir, on the thread that calls it; a server may be
 * running meanwhile. Nothing is changed, and a file of any size takes the same memory.
 */
#ifndef DRILLD_STORE_VERIFY_FILES_H
#define DRILLD_STORE_VERIFY_FILES_H

#include "base/err.h"
#include "core/game.h"
#include <stdbool.h>
#include <stdint.h>

struct verify_files {
	bool
	    there; /* DIR has a directory blobs; a published bundle has none, and nothing is looked at */
	uint64_t named;   /* by events; those of the same content are one file */
	uint64_t whole;   /* of these: looked at, and as the event says */
	uint64_t bytes;   /* that were read */
	uint64_t bad_seq; /* of the first event whose file is missing or altered; 0 = none */
	char problem[WHY_MAX];
};

/*
 * g: as verify_dir has left it. ERR_OK with bad_seq 0 if all is well or there is nothing to look at; ERR_CORRUPT with
 * the first bad seq; ERR_IO if a file that is there cannot be read.
 */
enum err verify_files(
    const char *dir, const struct game *g, struct verify_files *out, struct why *why) MUST_CHECK;

#endif
