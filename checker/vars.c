#include "checker/vars.h"

#include <string.h>

static struct var *
find(const struct vars *v, const char *name, size_t len)
{
	for (size_t i = 0; i < v->count; i++)
		if (strncmp(v->items[i].name, name, len) == 0 && v->items[i].name[len] == '\0')
			return &v->items[i];
	return NULL;
}

static void
put(struct vars *v, struct arena *arena, struct var var)
{
	struct var *there = find(v, var.name, strlen(var.name)), *grown;

	if (there != NULL) {
		*there = var;
		return;
	}
	if (v->count == v->cap) {
		size_t cap = v->cap == 0 ? 16 : v->cap * 2;

		grown = arena_array(arena, cap, sizeof *grown);
		if (v->count > 0)
			memcpy(grown, v->items, v->count * sizeof *grown);
		v->items = grown;
		v->cap = cap;
	}
	v->items[v->count++] = var;
}

void
vars_set(struct vars *v, struct arena *arena, const char *name, const char *value)
{
	put(v, arena, (struct var){.name = name, .value = value});
}

void
vars_set_list(struct vars *v, struct arena *arena, const char *name, const struct values *list)
{
	put(v, arena, (struct var){.name = name, .list = list});
}

const char *
vars_get(const struct vars *v, const char *name, size_t len)
{
	const struct var *var = find(v, name, len);

	return var != NULL ? var->value : NULL;
}

const struct values *
vars_list(const struct vars *v, const char *name)
{
	const struct var *var = find(v, name, strlen(name));

	return var != NULL ? var->list : NULL;
}
