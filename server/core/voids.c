#include "core/voids.h"
#include "base/mem.h"

#include <stdlib.h>

const char *
void_state_name(enum void_state s)
{
	static const char *const names[] = {"proposed", "adopted", "dropped"};

	return (unsigned)s < sizeof names / sizeof names[0] ? names[s] : "?";
}

bool
system_list_has(const struct system_list *l, uint32_t system)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->systems[middle] < system)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->count && l->systems[low] == system;
}

void
hold_free(struct hold *h)
{
	free(h->challenge);
	free(h->systems.systems);
	decision_free(&h->held);
	decision_free(&h->released);
}

void
void_free(struct check_void *v)
{
	free(v->systems.systems);
	decision_free(&v->proposed);
	decision_free(&v->decided);
}

/* ---- bits ---- */

struct void_bits {
	size_t ticks, systems;
	uint64_t words[];
};

#define WORD_BITS 64

struct void_bits *
void_bits_new(int32_t ticks, size_t systems)
{
	size_t bits = (size_t)ticks * systems;
	struct void_bits *b =
	    mem_alloc(sizeof *b + (bits + WORD_BITS - 1) / WORD_BITS * sizeof b->words[0]);

	b->ticks = (size_t)ticks;
	b->systems = systems;
	return b;
}

void
void_bits_add(struct void_bits *b, const struct check_void *v)
{
	for (int32_t t = v->from; t <= v->to && (size_t)t < b->ticks; t++)
		for (size_t i = 0; i < v->systems.count; i++) {
			size_t bit = (size_t)t * b->systems + v->systems.systems[i];

			b->words[bit / WORD_BITS] |= (uint64_t)1 << bit % WORD_BITS;
		}
}

bool
void_bits_has(const struct void_bits *b, int32_t tick, uint32_t system)
{
	size_t bit = (size_t)tick * b->systems + system;

	return tick >= 0 && (size_t)tick < b->ticks && system < b->systems &&
	       (b->words[bit / WORD_BITS] >> bit % WORD_BITS & 1) != 0;
}

void
void_bits_free(struct void_bits *b)
{
	free(b);
}
