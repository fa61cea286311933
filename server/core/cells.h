/*
 * What came of every check: a cell per tick and system with the result, the event that told it, and whether
 * it is voided. Five bytes a cell; messages and traces stay in the journal, which the event's number finds.
 * Part of the fold; not thread safe.
 */
#ifndef DRILLD_CORE_CELLS_H
#define DRILLD_CORE_CELLS_H

#include "core/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cell_tick;

struct cells {
	size_t systems;
	struct cell_tick *ticks;
	size_t count; /* ticks that have begun */
	size_t capacity;
};

struct cell {
	uint64_t seq; /* of the check.done; 0 = there was no result */
	enum status status;
	bool voided;
};

void cells_open(struct cells *c, size_t systems);
void cells_close(struct cells *c);

/* The next tick begins by event seq: later results have larger numbers. */
void cells_begin_tick(struct cells *c, uint64_t seq);
/* A result in the tick that began last. */
void cells_put(struct cells *c, uint32_t system, uint64_t seq, enum status status);
void cells_set_voided(struct cells *c, int32_t tick, uint32_t system, bool voided);

/* An empty cell for a tick that has not begun. */
struct cell cells_get(const struct cells *c, int32_t tick, uint32_t system);

#endif
