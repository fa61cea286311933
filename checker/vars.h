/*
 * The variables of one run of a section: flag, tick, host, port, the random ones, saved and captured.
 * A later value of a name replaces the earlier one. Names and values live in the caller's arena.
 * Used by round.c and whatever renders templates, on the checker's one thread.
 */
#ifndef DRILLD_CHECKER_VARS_H
#define DRILLD_CHECKER_VARS_H

#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

#define RANDOM_LENGTH_MAX 256

struct var {
	const char *name;
	const char *value;
};

/* Zero-initialised is empty. */
struct vars {
	struct var *items;
	size_t count;
	size_t cap;
};

/* name and value are borrowed; the table itself grows in the arena. */
void vars_set(struct vars *v, struct arena *arena, const char *name, const char *value);

/* The value, or NULL. name need not end with a NUL. */
const char *vars_get(const struct vars *v, const char *name, size_t len);

enum random_kind { RANDOM_NAME, RANDOM_TEXT, RANDOM_HEX, RANDOM_NUMBER };

bool random_kind_parse(const char *text, enum random_kind *out);
size_t random_default_length(enum random_kind kind);

/*
 * The value of the variable NAME for this seed: SHA-256(seed, 0, name, 0, counter) read as a stream of
 * bytes, so a value depends on nothing but seed, name, kind and length.
 * name: a user name such as "lixiaochen4821" (length unused); text: letters and digits; hex: lower-case
 * digits; number: decimal digits, the first not 0.
 */
const char *random_value(
    struct arena *arena, const char *seed, const char *name, enum random_kind kind, size_t length);

#endif
