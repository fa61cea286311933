#include "core/ids.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a: short ids, and whoever writes the scenario has no interest in collisions. */
static size_t
hash_of(const char *id)
{
	uint64_t h = 1469598103934665603u;

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static struct id_entry *
entry_of(const struct ids *t, const char *id)
{
	size_t mask = t->capacity - 1;
	size_t i = hash_of(id) & mask;

	while (t->entries[i].id != NULL && strcmp(t->entries[i].id, id) != 0)
		i = (i + 1) & mask;
	return &t->entries[i];
}

static void
grow(struct ids *t)
{
	struct ids bigger = {.capacity = t->capacity > 0 ? t->capacity * 2 : 16};

	bigger.entries = mem_array(bigger.capacity, sizeof *bigger.entries);
	for (size_t i = 0; i < t->capacity; i++)
		if (t->entries[i].id != NULL)
			*entry_of(&bigger, t->entries[i].id) = t->entries[i];
	bigger.count = t->count;
	free(t->entries);
	*t = bigger;
}

bool
ids_add(struct ids *t, const char *id, int index)
{
	struct id_entry *e;

	if ((t->count + 1) * 2 > t->capacity)
		grow(t);
	e = entry_of(t, id);
	if (e->id != NULL)
		return false;
	*e = (struct id_entry){id, index};
	t->count++;
	return true;
}

int
ids_find(const struct ids *t, const char *id)
{
	struct id_entry *e;

	if (t->capacity == 0)
		return -1;
	e = entry_of(t, id);
	return e->id != NULL ? e->index : -1;
}

void
ids_free(struct ids *t)
{
	free(t->entries);
	*t = (struct ids){0};
}
