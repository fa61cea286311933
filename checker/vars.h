/*
 * The variables of one run of a section: flag, tick, host, port, the random ones, saved and captured.
 * A later value of a name replaces the earlier one. Names and values live in the caller's arena.
 * Used by round.c and whatever renders templates, on the checker's one thread.
 */
#ifndef DRILLD_CHECKER_VARS_H
#define DRILLD_CHECKER_VARS_H

#include "base/arena.h"
#include "base/err.h"
#include <stddef.h>

/* What a capture of all matches took: steps go over it, templates do not see it. */
struct values {
	const char *const *items;
	size_t count;
};

struct var {
	const char *name;
	const char *value;         /* NULL: it is a list */
	const struct values *list; /* or NULL */
};

/* Zero-initialised is empty. */
struct vars {
	struct var *items;
	size_t count;
	size_t cap;
};

/* name, value and list are borrowed; the table itself grows in the arena. */
void vars_set(struct vars *v, struct arena *arena, const char *name, const char *value);
void vars_set_list(
    struct vars *v, struct arena *arena, const char *name, const struct values *list);

/* The value, or NULL. name need not end with a NUL. */
const char *vars_get(const struct vars *v, const char *name, size_t len);
/* The list, or NULL. */
const struct values *vars_list(const struct vars *v, const char *name);

#endif
