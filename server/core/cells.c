#include "core/cells.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

#define MARK_VOIDED 0x80

struct cell_tick {
	uint64_t seq;      /* of its tick.began */
	uint32_t *offsets; /* by system: the result's seq after that; 0 = none */
	uint8_t *marks;    /* by system: the status, and MARK_VOIDED; lies behind the offsets */
};

void
cells_open(struct cells *c, size_t systems)
{
	*c = (struct cells){.systems = systems};
}

void
cells_close(struct cells *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->ticks[i].offsets);
	free(c->ticks);
	*c = (struct cells){0};
}

void
cells_begin_tick(struct cells *c, uint64_t seq)
{
	struct cell_tick *t;

	if (c->count == c->capacity) {
		c->capacity = c->capacity > 0 ? c->capacity * 2 : 64;
		c->ticks = mem_resize(c->ticks, c->capacity, sizeof *c->ticks);
	}
	t = &c->ticks[c->count++];
	t->seq = seq;
	t->offsets = mem_array(c->systems, sizeof *t->offsets + sizeof *t->marks);
	t->marks = (uint8_t *)(t->offsets + c->systems);
}

void
cells_put(struct cells *c, uint32_t system, uint64_t seq, enum status status)
{
	struct cell_tick *t = &c->ticks[c->count - 1];

	assert(c->count > 0 && system < c->systems && seq > t->seq);
	/* No tick has so many events: the journal takes 300,000 a second, a tick lasts an hour at most. */
	assert(seq - t->seq <= UINT32_MAX);
	t->offsets[system] = (uint32_t)(seq - t->seq);
	t->marks[system] = (uint8_t)status;
}

void
cells_set_voided(struct cells *c, int32_t tick, uint32_t system, bool voided)
{
	struct cell_tick *t = &c->ticks[tick];

	assert(tick >= 0 && (size_t)tick < c->count && system < c->systems);
	t->marks[system] =
	    (uint8_t)((t->marks[system] & ~MARK_VOIDED) | (voided ? MARK_VOIDED : 0));
}

struct cell
cells_get(const struct cells *c, int32_t tick, uint32_t system)
{
	const struct cell_tick *t;

	if (tick < 0 || (size_t)tick >= c->count || system >= c->systems)
		return (struct cell){0};
	t = &c->ticks[tick];
	return (struct cell){
	    .seq = t->offsets[system] != 0 ? t->seq + t->offsets[system] : 0,
	    .status = (enum status)(t->marks[system] & ~MARK_VOIDED),
	    .voided = (t->marks[system] & MARK_VOIDED) != 0,
	};
}
