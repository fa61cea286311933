/*
 * A fast, strict reader for small flat JSON objects (RFC 8259): members that are strings or integers, as the
 * journal's events have. Folding a journal reads millions of them, and building a tree for each costs more
 * than everything else together. Refuses what json.h refuses (text that is not UTF-8, NUL in strings,
 * duplicate keys, anything after the object), and besides nested values, reals, true, false and null.
 * Not thread safe per object.
 */
#ifndef DRILLD_BASE_FLATJSON_H
#define DRILLD_BASE_FLATJSON_H

#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLAT_MEMBERS_MAX 16

struct flat_member {
	const char *key;
	const char *text; /* NULL: the value is the number */
	size_t len;       /* of text */
	int64_t number;
};

struct flat {
	struct flat_member members[FLAT_MEMBERS_MAX];
	size_t count;
};

/* Keys and texts land in the arena, NUL-terminated. ERR_INVALID with why, and then *out is empty. */
enum err flat_parse(const char *json, size_t len, struct arena *arena, struct flat *out,
    struct why *why) MUST_CHECK;

/* The text of a member, or NULL if there is no such member or it is a number. */
const char *flat_text(const struct flat *f, const char *key);

/*
 * Members that must be there and of the kind, as jr_want_text and jr_want_int: a string of at most
 * max_bytes, an integer in [min, max].
 */
enum err flat_want_text(const struct flat *f, const char *key, size_t max_bytes, const char **out,
    struct why *why) MUST_CHECK;
enum err flat_want_int(const struct flat *f, const char *key, int64_t min, int64_t max,
    int64_t *out, struct why *why) MUST_CHECK;

#endif
