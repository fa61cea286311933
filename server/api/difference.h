/*
 * What a void does to the scores: the ranking without it against the ranking with it. Scoring the drill anew takes a
 * while, so it is done on the pool, from the facts as they are when it is asked for; what happens meanwhile
 * is not in it.
 */
#ifndef DRILLD_API_DIFFERENCE_H
#define DRILLD_API_DIFFERENCE_H

#include "api/route.h"

/*
 * out's body is a JSON object that w has begun: adds "difference" as its last member, ends it and answers; until then the request
 * is deferred. v: proposed or adopted.
 */
enum err difference_answer(struct request *req, struct response *out, struct json_writer *w,
    const struct check_void *v) MUST_CHECK;

#endif
