/* What the files of plans share: core/plan*.c alone. */
#ifndef DRILLD_CORE_PLAN_PRIVATE_H
#define DRILLD_CORE_PLAN_PRIVATE_H

#include "core/plan.h"

void plan_encode_event(const struct event *ev, struct json_writer *w);
void plan_encode_secret(const struct event *ev, struct json_writer *w);
enum err plan_decode(struct event *ev, const struct record_reader *r) MUST_CHECK;

enum err plan_allows(const struct game *g, const struct event *ev, struct why *why) MUST_CHECK;

/*
 * The plan that an event carries, into the arena: from its text, which must name these steps, or (text "") with the
 * steps' ids alone. ERR_INVALID with why.
 */
enum err plan_of_event(
    const struct plan_event *p, struct arena *arena, struct plan *out, struct why *why) MUST_CHECK;

#endif
