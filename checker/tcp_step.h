/*
 * TCP steps on libuv: connect, then a talk of sends and expects. One tcp_talk a step; it frees itself when
 * the loop has closed its handle. What the peer sends goes into the answer's body, at most BODY_MAX_BYTES.
 */
#ifndef DRILLD_CHECKER_TCP_STEP_H
#define DRILLD_CHECKER_TCP_STEP_H

#include "checker/action.h"

/* Reads `tcp` of a compiled step into a struct tcp_plan. */
enum err tcp_plan_read(struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;

#endif
