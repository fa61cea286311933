/*
 * Random variables: values that a flag's seed and a name determine, so that a round that is repeated writes and finds the
 * same. What a kind draws for a seed is part of the contract and never changes: flags of a running drill would be lost.
 * No state; any thread.
 */
#ifndef DRILLD_CHECKER_RANDOM_H
#define DRILLD_CHECKER_RANDOM_H

#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANDOM_LENGTH_MAX 256
#define RANDOM_CHOICES_MAX 64
#define RANDOM_NUMBER_MAX INT64_C(1000000000000000) /* and its negative: of a range */

enum random_kind {
	RANDOM_NAME,
	RANDOM_TEXT,
	RANDOM_HEX,
	RANDOM_NUMBER,
	RANDOM_CHOICE,
	RANDOM_UUID,
	RANDOM_PHRASE,
	RANDOM_EMAIL,
	RANDOM_PHONE,
	RANDOM_COUNT
};

enum random_language { RANDOM_ZH, RANDOM_EN };

struct random_var {
	const char *name;
	enum random_kind kind;
	size_t length;             /* of text, hex, number */
	bool range;                /* a number from min to max instead of one of length digits */
	int64_t min, max;          /* at most RANDOM_NUMBER_MAX from 0 */
	const char *const *of;     /* choice */
	size_t of_count;           /* 1 to RANDOM_CHOICES_MAX */
	enum random_language lang; /* phrase */
};

bool random_kind_parse(const char *text, enum random_kind *out);
/* Of text, hex and number; 0 for the other kinds. */
size_t random_default_length(enum random_kind kind);

/*
 * The value for this seed: SHA-256(seed, 0, name, 0, counter) read as a stream of bytes, so it depends on nothing but
 * the seed and what v says.
 * name: a user name such as "lixiaochen4821"; text: letters and digits; hex: lower-case digits; number: decimal
 * digits, the first not 0, or a number of the range; choice: one of `of`; uuid: version 4 (RFC 9562); phrase: a
 * sentence people might write; email: a name at an address reserved for examples (RFC 2606); phone: 11 digits of a
 * mobile number as in China.
 */
const char *random_value(struct arena *arena, const char *seed, const struct random_var *v);

#endif
