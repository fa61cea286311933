#include "core/captures.h"
#include "base/mem.h"

#include <stdlib.h>

void
captures_open(struct captures *c, int32_t window_ticks)
{
	c->window = window_ticks;
	c->ring = mem_array((size_t)window_ticks, sizeof *c->ring);
	for (int32_t i = 0; i < window_ticks; i++)
		c->ring[i].tick = -1;
}

void
captures_close(struct captures *c)
{
	for (int32_t i = 0; i < c->window; i++)
		free(c->ring[i].keys);
	free(c->ring);
	*c = (struct captures){0};
}

void
captures_begin_tick(struct captures *c, int32_t tick)
{
	struct capture_set *s = &c->ring[tick % c->window];

	free(s->keys);
	*s = (struct capture_set){.tick = tick};
}

static uint64_t
key_of(uint32_t place, uint32_t team)
{
	return ((uint64_t)place << 32 | team) + 1;
}

/* The key's place in the set, or the free one where it would go. */
static uint64_t *
find(const struct capture_set *s, uint64_t key)
{
	size_t mask = s->capacity - 1;
	size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & mask;

	while (s->keys[i] != 0 && s->keys[i] != key)
		i = (i + 1) & mask;
	return &s->keys[i];
}

bool
captures_has(const struct captures *c, int32_t tick, uint32_t place, uint32_t team)
{
	const struct capture_set *s = &c->ring[tick % c->window];

	return s->tick == tick && s->capacity > 0 && *find(s, key_of(place, team)) != 0;
}

static void
grow(struct capture_set *s)
{
	struct capture_set bigger = {
	    .tick = s->tick, .count = s->count, .capacity = s->capacity > 0 ? s->capacity * 2 : 64};

	bigger.keys = mem_array(bigger.capacity, sizeof *bigger.keys);
	for (size_t i = 0; i < s->capacity; i++)
		if (s->keys[i] != 0)
			*find(&bigger, s->keys[i]) = s->keys[i];
	free(s->keys);
	*s = bigger;
}

void
captures_add(struct captures *c, int32_t tick, uint32_t place, uint32_t team)
{
	struct capture_set *s = &c->ring[tick % c->window];
	uint64_t *at;

	if ((s->count + 1) * 2 > s->capacity)
		grow(s);
	at = find(s, key_of(place, team));
	if (*at == 0) {
		*at = key_of(place, team);
		s->count++;
	}
}
