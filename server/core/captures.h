/*
 * Which teams have taken which of the flags that are still valid: one hash set per tick of the window, so
 * that memory follows the captures and a tick is forgotten at once. Part of the fold; not thread safe.
 */
#ifndef DRILLD_CORE_CAPTURES_H
#define DRILLD_CORE_CAPTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_set {
	int32_t tick;   /* or -1 */
	uint64_t *keys; /* 0 = free */
	size_t capacity;
	size_t count;
};

struct captures {
	struct capture_set *ring; /* by tick modulo window */
	int32_t window;
};

void captures_open(struct captures *c, int32_t window_ticks);
void captures_close(struct captures *c);

/* Forgets the tick that leaves the window when this one begins. */
void captures_begin_tick(struct captures *c, int32_t tick);

/* place: the flag's dense number within its tick. tick must be within the window. */
bool captures_has(const struct captures *c, int32_t tick, uint32_t place, uint32_t team);
void captures_add(struct captures *c, int32_t tick, uint32_t place, uint32_t team);

#endif
