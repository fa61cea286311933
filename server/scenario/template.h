/*
 * {{NAME}} and {{NAME|FILTER}} in the texts of a step: which names there are at each point, and which are missing. Also the
 * `json` body, whose strings are templates, as JSON text. Private to this floor; not thread safe.
 */
#ifndef DRILLD_SCENARIO_TEMPLATE_H
#define DRILLD_SCENARIO_TEMPLATE_H

#include "scenario/fields.h"

#define VARIABLE_MAX_BYTES 64
#define SCOPE_MAX 2048 /* names known at one point: built in, vars, saved, captured */
#define JSON_MEMBERS_MAX 256

#define FILTERS_MAX 4 /* of a name at one place */

struct scope {
	const char **names;
	size_t count;
	const struct scope *lists; /* names that stand for a list at this point, or NULL */
};

/* A letter or _, then letters, digits and _. */
bool variable_valid(const char *s, size_t len);

void scope_init(struct scope *s, struct arena *arena);
bool scope_has(const struct scope *s, const char *name, size_t len);
void scope_add(struct scope *s, const char *name);

/* A new name at that place: false after saying that it is no name, or always has its own value. */
bool variable_check(struct reader *r, struct place at, const char *name);

/* Names each {{NAME}} in text that is not in the scope. text may be NULL. */
void template_check(struct reader *r, const struct scope *scope, struct place at, const char *text);

/* The value as JSON text with sorted keys, its strings checked as templates. NULL if it is too long. */
const char *template_json(struct reader *r, const struct scope *scope, yaml_node_t *node);

#endif
