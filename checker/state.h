/*
 * What is kept for a system as long as the drill lasts, as one check sees it: what earlier checks have kept and
 * what this one adds. No I/O. The checker's loop thread.
 */
#ifndef DRILLD_CHECKER_STATE_H
#define DRILLD_CHECKER_STATE_H

#include "base/arena.h"
#include "base/err.h"
#include <stddef.h>

struct state_entry {
	const char *key;
	const char *value;
	size_t json_bytes; /* its share of the whole as JSON */
};

/* Zero-initialised is empty. */
struct state {
	struct state_entry *entries; /* heap */
	size_t count, cap;
	size_t json_bytes;
};

/* json: a job's "state", which protocol.c has read. */
void state_open(struct state *s, const char *json, struct arena *arena);
void state_free(struct state *s);

/* The value, or NULL. */
const char *state_get(const struct state *s, const char *key);

/*
 * Adds or replaces; both are copied to the arena. ERR_LIMIT with why, and nothing changed, if the key is not of 1
 * to STATE_KEY_MAX_BYTES bytes or all together would be longer than STATE_MAX_BYTES as JSON.
 */
enum err state_set(struct state *s, const char *key, const char *value, struct arena *arena,
    struct why *why) MUST_CHECK;

#endif
