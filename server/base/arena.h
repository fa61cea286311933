/*
 * Memory with one life: a request's, a configuration's, a decoded event's. Allocate many, free
 * once. Not thread safe: an arena belongs to one thread at a time.
 */
#ifndef DRILLD_BASE_ARENA_H
#define DRILLD_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero-initialised is a valid empty arena. */
struct arena {
	struct arena_block *head;
	size_t used_bytes; /* given out since the start or the last reset */
};

/* Cleared memory aligned for any type; lives until arena_free or arena_reset. */
void *arena_alloc(struct arena *a, size_t bytes) __attribute__((returns_nonnull));
void *arena_array(struct arena *a, size_t count, size_t bytes_each)
    __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *a, const char *s, size_t len) __attribute__((returns_nonnull));

/* Forgets everything but keeps one block for the next round. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
