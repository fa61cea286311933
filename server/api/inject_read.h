/* A plan of an inject as the direction sends it. On the loop's thread. */
#ifndef DRILLD_API_INJECT_READ_H
#define DRILLD_API_INJECT_READ_H

#include "api/route.h"
#include "core/inject.h"

/*
 * The request's body -> a plan; all that it points to lives as long as the request. ERR_INVALID or ERR_LIMIT with the
 * member that is wrong; whether the plan fits the drill is inject_plan_allows' to say.
 */
enum err inject_read_plan(struct request *req, struct inject_plan *out) MUST_CHECK;

/* A text of the body, 1..max bytes, without control characters but line breaks. */
enum err inject_read_text(struct request *req, const struct json_t *body, const char *key,
    size_t max, const char **out) MUST_CHECK;

#endif
