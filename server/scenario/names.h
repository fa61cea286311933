/*
 * The ids of one namespace with their places: finds doubled ones and resolves references. Filled once,
 * sorted, then only searched. Not thread safe.
 */
#ifndef DRILLD_SCENARIO_NAMES_H
#define DRILLD_SCENARIO_NAMES_H

#include "scenario/fields.h"

struct named {
	const char *id;
	struct place at;
	size_t index; /* the adder's */
};

struct names {
	const char *what; /* "department", for messages */
	struct named *list;
	size_t count;
};

/* Room for max ids. */
void names_init(struct names *n, const char *what, struct arena *arena, size_t max);
/* Leaves out an id that is NULL: its mistake is known. */
void names_add(struct names *n, const struct text *id, size_t index);
/* Sorts them, ready for searching. */
void names_sort(struct names *n);
/* The same, and names each id that is not the first of its kind, with the line of the first. */
void names_seal(struct names *n, struct mistakes *m);

/* The index for the id, or -1; of doubled ids the first. */
long names_find(const struct names *n, const char *id);

/*
 * The index that the reference (the field's value) leads to, or -1: after naming a dangling one together
 * with the ids there are, silently for a value that was not given or is no id at all.
 */
long names_resolve(
    const struct names *n, struct reader *r, const char *key, const struct text *value);

#endif
