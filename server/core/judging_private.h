/* What the files of judging.h share. */
#ifndef DRILLD_CORE_JUDGING_PRIVATE_H
#define DRILLD_CORE_JUDGING_PRIVATE_H

#include "core/game.h"
#include "core/judging.h"

/* judging_text.c: record_family's functions */
void judging_encode(const struct event *ev, struct json_writer *w);
void judging_encode_secret(const struct event *ev, struct json_writer *w);
enum err judging_decode(struct event *ev, const struct record_reader *r) MUST_CHECK;

/* judging_rules.c */
enum err judging_allows(const struct game *g, const struct event *ev, struct why *why) MUST_CHECK;

/* judging_draw.c */
bool judging_due(const struct game *g, const struct record_time *now, struct arena *arena,
    struct event *ev, struct record_time *next);

/* judging_result.c: the round has its result, if it can have one now. */
void judging_settle(struct game *g, int32_t report, struct judging_round *r, int64_t at_ms);
/* The first two that count differ too much, and there is no third. */
bool judging_torn(const struct game *g, const struct judging_round *r);

#endif
