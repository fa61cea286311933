/*
 * Sorted ids.
 */
#include "scenario/names.h"

#include <stdlib.h>
#include <string.h>

void
names_init(struct names *n, const char *what, struct arena *arena, size_t max)
{
	*n = (struct names){.what = what, .list = arena_array(arena, max + 1, sizeof(*n->list))};
}

void
names_add(struct names *n, const struct text *id, size_t index)
{
	if (id->s != NULL)
		n->list[n->count++] = (struct named){id->s, id->at, index};
}

static int
by_id(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (order != 0)
		return order;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	return x->at.column < y->at.column ? -1 : x->at.column > y->at.column;
}

void
names_sort(struct names *n)
{
	qsort(n->list, n->count, sizeof(*n->list), by_id);
}

void
names_seal(struct names *n, struct mistakes *m)
{
	size_t first = 0;

	names_sort(n);
	for (size_t i = 1; i < n->count; i++) {
		if (strcmp(n->list[i].id, n->list[first].id) != 0) {
			first = i;
			continue;
		}
		mistake_add(m, n->list[i].at,
		    "the id \"%s\" is taken: the first %s with it is on line %d; give each its own",
		    n->list[i].id, n->what, n->list[first].at.line);
	}
}

long
names_find(const struct names *n, const char *id)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(n->list[mid].id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == n->count || strcmp(n->list[low].id, id) != 0)
		return -1;
	return (long)n->list[low].index;
}

long
names_resolve(const struct names *n, struct reader *r, const char *key, const struct text *value)
{
	const char **ids;
	size_t count = 0;
	long found;

	if (value->s == NULL)
		return -1;
	if ((found = names_find(n, value->s)) >= 0 || mistakes_full(r->mistakes))
		return found;
	ids = arena_array(r->arena, n->count + 1, sizeof(*ids));
	for (size_t i = 0; i < n->count; i++)
		if (count == 0 || strcmp(ids[count - 1], n->list[i].id) != 0)
			ids[count++] = n->list[i].id;
	mistake_add(r->mistakes, value->at, "%s: there is no %s \"%s\"; %s", key, n->what, value->s,
	    choices(r->mistakes, value->s, ids, count));
	return -1;
}
