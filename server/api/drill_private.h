/* What drill.c, drill_clock.c and drill_open.c share and nobody else sees. */
#ifndef DRILLD_API_DRILL_PRIVATE_H
#define DRILLD_API_DRILL_PRIVATE_H

#include "api/drill.h"

/* Of an event not yet applied: its system's status so far; whether it is a service's first capture. */
enum status drill_status_before(const struct drill *d, const struct event *ev);
bool drill_is_first(const struct drill *d, const struct event *ev);

/* The public message of a check that was not made for a hold. */
#define DRILL_HELD_TEXT "not checked: the organizers have put checks of this system on hold"

/* From here on drill time runs on from what the fold says. */
void drill_rebase(struct drill *d);

/* Emits what the state allows by construction; a refusal is a programming error, logged and survived. */
bool drill_emit_sure(struct drill *d, struct event *ev);
/* A clock event, and the rebase that goes with it; errors as drill_emit's. */
enum err drill_emit_clock(struct drill *d, enum event_kind kind, const char *reason,
    int64_t down_ms, const char *actor, struct why *why) MUST_CHECK;

/* Signs the last closing, whose hash is known, in a checkpoint event. */
void drill_sign_checkpoint(struct drill *d);

#endif
