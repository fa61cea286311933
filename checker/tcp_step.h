/*
 * tcp and tls steps: connect, then a talk of sends and expects (talk.h), under TLS from the beginning or from its
 * line `starttls` on. One tcp_talk a step. What the peer sends goes into the answer's body, at most BODY_MAX_BYTES.
 */
#ifndef DRILLD_CHECKER_TCP_STEP_H
#define DRILLD_CHECKER_TCP_STEP_H

#include "checker/action.h"

/* Read `tcp` and `tls` of a compiled step into a struct tcp_plan. */
enum err tcp_plan_read(struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;
enum err tls_plan_read(struct reading *r, const struct json_t *o, struct step *out) MUST_CHECK;

#endif
