/* What the files of injects in the fold share. Private to inject*.c. */
#ifndef DRILLD_CORE_INJECT_PRIVATE_H
#define DRILLD_CORE_INJECT_PRIVATE_H

#include "core/game.h"
#include "core/inject.h"

/* inject_text.c: record_family's functions */
void inject_encode(const struct event *ev, struct json_writer *w);
void inject_encode_secret(const struct event *ev, struct json_writer *w);
enum err inject_decode(struct event *ev, const struct record_reader *r);

/* inject_rules.c */
enum err inject_allows(const struct game *g, const struct event *ev, struct why *why);
/* The next team of the text, advanced past it, or -1 at its end or with why for one that is none. */
int inject_next_team(const struct game *g, const char **text, struct why *why);

/* inject_state.c */
/* A part whose time is over by then without an answer. */
bool inject_part_overdue(const struct inject *in, const struct inject_part *p, int64_t drill_ms);
/* An undelivered part whose condition holds. */
bool inject_part_ready(const struct game *g, const struct inject *in, const struct inject_part *p);
/* Stages from which time or the director may bring it about. */
bool inject_may_deliver(const struct inject *in);
/* After the end of the drill: whether it is still open. */
bool inject_left_open(const struct inject *in);

/* inject_due.c: record_family's */
bool inject_due(const struct game *g, const struct record_time *now, struct arena *arena,
    struct event *ev, struct record_time *next);

#endif
