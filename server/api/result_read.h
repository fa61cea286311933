/* What comes in about attack results: bodies of requests into the parts of an event. On the loop's thread. */
#ifndef DRILLD_API_RESULT_READ_H
#define DRILLD_API_RESULT_READ_H

#include "api/route.h"

/* A red team's body. Texts are the request's. ERR_INVALID or ERR_LIMIT with why. */
enum err result_read_content(struct request *req, struct result_content *out) MUST_CHECK;

/*
 * A judge's body for the confirmation of this result; *reason may be "". What the body leaves out is as the red team
 * claims; the size is the table's unless the body gives another one, with a reason.
 */
enum err result_read_ruling(struct request *req, const struct result *r, struct result_ruling *out,
    const char **reason) MUST_CHECK;

#endif
