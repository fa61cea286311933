/*
 * What a system's checkers keep for the whole drill: a JSON object of strings, to which each check may add.
 * Part of the fold: pure.
 */
#ifndef DRILLD_CORE_KEPT_H
#define DRILLD_CORE_KEPT_H

#include "base/err.h"

/*
 * Adds the members of more (a JSON object of strings) to *kept (one, or NULL for none), replacing those of the
 * same key. *kept is heap-allocated canonical JSON. ERR_INVALID: more is no such object. ERR_LIMIT: the two
 * together are longer than STATE_MAX_BYTES. *kept has not changed then.
 */
enum err kept_add(char **kept, const char *more) MUST_CHECK;

#endif
