/*
 * Flags: PREFIX{24 characters of base64url}, 18 bytes: tick (3, big endian), system (2), slot (1)
 * and the first 12 bytes of HMAC-SHA256(key, prefix '{' tick system slot). Nothing is stored: a
 * flag proves itself, so a wrong one costs no look-up. Whoever lacks the key guesses a tag with
 * probability 2^-96.
 */
#ifndef DRILLD_CORE_FLAG_H
#define DRILLD_CORE_FLAG_H

#include "base/hash.h"
#include "core/config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLAG_KEY_BYTES 32
#define FLAG_TEXT_BYTES (FLAG_PREFIX_MAX_BYTES + 24 + 3) /* with braces and NUL */

struct flag {
	int32_t tick;
	uint16_t system; /* index into the configuration's systems */
	uint8_t slot;
};

/* Makes and reads the flags of one drill. Not thread safe. */
struct flag_codec;

/* prefix is copied; key: FLAG_KEY_BYTES. */
struct flag_codec *flag_codec_new(const char *prefix, const uint8_t *key);
void flag_codec_free(struct flag_codec *c);

void flag_write(struct flag_codec *c, const struct flag *f, char out[FLAG_TEXT_BYTES]);

/* False unless the text is exactly one flag of this drill with a right tag (compared in constant
 * time). */
bool flag_read(struct flag_codec *c, const char *text, size_t len, struct flag *out);

/* 16 hex digits drawn from the flag, the seed of the check's random values; tells nothing of the
 * flag. */
void flag_seed(struct flag_codec *c, const struct flag *f, char out[17]);

/* The regular expression a team's tools may look for, e.g. `DRILL\{[A-Za-z0-9_-]{24}\}`. */
void flag_regex(const char *prefix, char out[64]);

#endif
