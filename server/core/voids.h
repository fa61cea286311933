/*
 * The organizers' hand on checks, as the fold keeps it: checkers on hold, and checks that are (or were, or
 * might be) void. Part of the game; the transitions are in game_hold.c and game_void.c.
 */
#ifndef DRILLD_CORE_VOIDS_H
#define DRILLD_CORE_VOIDS_H

#include "base/err.h"
#include "core/decision.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOLDS_MAX 10000 /* in one drill, released ones included */
#define VOIDS_MAX 1000  /* likewise, dropped ones included */

/* A set of systems, ascending. */
struct system_list {
	uint16_t *systems;
	size_t count;
};

/* These systems are not checked until it is released. Its id is its place in the list + 1. */
struct hold {
	char *challenge; /* whose checker was held, or "" for one system */
	struct system_list systems;
	struct decision held;
	struct decision released;
};

enum void_state { VOID_PROPOSED, VOID_ADOPTED, VOID_DROPPED };

/* The checks of these systems in ticks from..to. Its id is its place in the list + 1. */
struct check_void {
	enum void_state state;
	bool was_adopted; /* at any time: it has moved scores */
	int32_t from, to;
	struct system_list systems;
	struct decision proposed;
	struct decision decided; /* the last one: adopted or dropped */
};

const char *void_state_name(enum void_state s); /* "proposed", "adopted", "dropped" */

bool system_list_has(const struct system_list *l, uint32_t system);
void hold_free(struct hold *h);
void void_free(struct check_void *v);

/* ---- which checks are void: a bit per tick and system, made for one scoring ---- */

struct void_bits;

struct void_bits *void_bits_new(int32_t ticks, size_t systems);
/* Ticks past the end are left out. */
void void_bits_add(struct void_bits *b, const struct check_void *v);
bool void_bits_has(const struct void_bits *b, int32_t tick, uint32_t system);
void void_bits_free(struct void_bits *b); /* NULL is fine */

#endif
