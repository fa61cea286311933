/* What drill.c and drill_open.c share and nobody else sees. */
#ifndef DRILLD_API_DRILL_PRIVATE_H
#define DRILLD_API_DRILL_PRIVATE_H

#include "api/drill.h"

/* From here on drill time runs on from what the fold says. */
void drill_rebase(struct drill *d);

/* Emits what the state allows by construction; a refusal is a programming error, logged and survived. */
bool drill_emit_sure(struct drill *d, struct event *ev);
/* A clock event, and the rebase that goes with it. */
bool drill_emit_clock(
    struct drill *d, enum event_kind kind, const char *reason, int64_t down_ms, const char *actor);

/* Signs the last closing, whose hash is known, in a checkpoint event. */
void drill_sign_checkpoint(struct drill *d);

#endif
