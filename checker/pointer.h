/*
 * JSON pointers (RFC 6901) into an answer, and the same with a `*` for "each element of this array". No I/O.
 */
#ifndef DRILLD_CHECKER_POINTER_H
#define DRILLD_CHECKER_POINTER_H

#include "base/json.h"

/* The value, or NULL. */
const struct json_t *pointer_follow(const struct json_t *root, const char *pointer);

/*
 * Visits each value of a list until visit returns false: for "/items" the elements of that array, for "/items/ * /id"
 * (without the blanks) that member of each element that has it. False if there is no such array.
 */
bool pointer_each(const struct json_t *root, const char *pointer,
    bool (*visit)(void *ctx, const struct json_t *value), void *ctx);

#endif
