/*
 * Files of DATA/blobs that no event names: whose client was told nothing, as the server was killed before the event was
 * on disk. For the start, before anything listens; blocks on the disk.
 */
#ifndef DRILLD_API_SWEEP_H
#define DRILLD_API_SWEEP_H

#include "core/game.h"
#include "store/blobs.h"

/* After folding: removes them, and logs how many. */
enum err sweep_blobs(const struct game *g, struct blobs *b, struct why *why) MUST_CHECK;

#endif
