/* What the routes of tickets have in common. On the loop's thread. */
#ifndef DRILLD_API_TICKET_REQUEST_H
#define DRILLD_API_TICKET_REQUEST_H

#include "api/route.h"
#include "api/ticket_view.h"

struct ticket_view ticket_view_of(const struct request *req);

/* Staff sees all, a department its own from the notice on. */
bool ticket_may_see(const struct request *req, const struct ticket *t);

/* The path's ticket, if whoever asks may see it; ERR_NOT_FOUND otherwise, whether there is one or not. */
enum err ticket_of(struct request *req, int32_t *id) MUST_CHECK;

/* ?lang=, NULL for none, which is Chinese. */
enum err ticket_lang(struct request *req, const char *lang, bool *zh) MUST_CHECK;

/* A member that is a date; *out 0 where it is not there, which is ERR_INVALID if it is wanted. */
enum err ticket_date(struct request *req, const struct json_t *body, const char *key, bool wanted,
    int32_t *out) MUST_CHECK;

/* A member that is a word of the table. */
enum err ticket_word(struct request *req, const struct json_t *body, const char *key,
    const struct terms *terms, int *out) MUST_CHECK;

/*
 * A text of at most max_bytes without control characters, of one line unless it may be TICKET_TEXT_MAX_BYTES long; *out
 * stays where it is not there.
 */
enum err ticket_text(struct request *req, const struct json_t *body, const char *key,
    size_t max_bytes, const char **out) MUST_CHECK;
/* The same, but it must be there and be no empty one. */
enum err ticket_text_wanted(struct request *req, const struct json_t *body, const char *key,
    size_t max_bytes, const char **out) MUST_CHECK;

/* The whole ticket is the answer. */
void ticket_answer(struct request *req, struct response *out, int32_t id);

#endif
