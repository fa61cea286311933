#include "checker/vars.h"
#include "base/hash.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

void
vars_set(struct vars *v, struct arena *arena, const char *name, const char *value)
{
	struct var *grown;

	for (size_t i = 0; i < v->count; i++) {
		if (strcmp(v->items[i].name, name) == 0) {
			v->items[i].value = value;
			return;
		}
	}
	if (v->count == v->cap) {
		size_t cap = v->cap == 0 ? 16 : v->cap * 2;

		grown = arena_array(arena, cap, sizeof *grown);
		if (v->count > 0)
			memcpy(grown, v->items, v->count * sizeof *grown);
		v->items = grown;
		v->cap = cap;
	}
	v->items[v->count++] = (struct var){name, value};
}

const char *
vars_get(const struct vars *v, const char *name, size_t len)
{
	for (size_t i = 0; i < v->count; i++)
		if (strncmp(v->items[i].name, name, len) == 0 && v->items[i].name[len] == '\0')
			return v->items[i].value;
	return NULL;
}

/* ---- random values ---- */

static const struct {
	const char *name;
	size_t length;
} random_kinds[] = {
    [RANDOM_NAME] = {"name", 0},
    [RANDOM_TEXT] = {"text", 16},
    [RANDOM_HEX] = {"hex", 16},
    [RANDOM_NUMBER] = {"number", 6},
};

bool
random_kind_parse(const char *text, enum random_kind *out)
{
	for (size_t i = 0; i < sizeof random_kinds / sizeof random_kinds[0]; i++) {
		if (strcmp(random_kinds[i].name, text) == 0) {
			*out = (enum random_kind)i;
			return true;
		}
	}
	return false;
}

size_t
random_default_length(enum random_kind kind)
{
	return random_kinds[kind].length;
}

/* A stream of bytes that the seed and the name determine. */
struct stream {
	const char *seed;
	const char *name;
	uint32_t counter;
	uint8_t block[SHA256_BYTES];
	size_t used;
};

static uint8_t
stream_byte(struct stream *s)
{
	char text[RANDOM_LENGTH_MAX];
	int n;

	if (s->used == sizeof s->block) {
		n = snprintf(text, sizeof text, "%s%c%s%c%u", s->seed, 0, s->name, 0, s->counter++);
		sha256(text, (size_t)n, s->block);
		s->used = 0;
	}
	return s->block[s->used++];
}

/* Even over [0, n), n at most 256: bytes past the last whole multiple are drawn again. */
static unsigned
stream_below(struct stream *s, unsigned n)
{
	unsigned limit = 256 / n * n, b;

	do
		b = stream_byte(s);
	while (b >= limit);
	return b % n;
}

static const char *
random_name(struct arena *arena, struct stream *s)
{
	static const char *const family[] = {"li", "wang", "zhang", "liu", "chen", "yang", "zhao",
	    "huang", "zhou", "wu", "xu", "sun", "hu", "zhu", "gao", "lin", "he", "guo", "ma", "luo",
	    "liang", "song", "zheng", "xie", "han", "tang", "feng", "yu", "dong", "xiao", "cheng",
	    "cao"};
	static const char *const given[] = {"wei", "fang", "na", "min", "jing", "qiang", "lei",
	    "jun", "yang", "yong", "yan", "jie", "juan", "tao", "ming", "chao", "xiu", "xia",
	    "ping", "gang", "gui", "ying", "hua", "yu", "ling", "bin", "bo", "hui", "xin", "hong",
	    "jian", "kai"};
	const char *a = family[stream_below(s, 32)], *b = given[stream_below(s, 32)],
		   *c = given[stream_below(s, 32)];
	char text[40];
	unsigned digits = stream_below(s, 100) * 100;

	digits += stream_below(s, 100);
	snprintf(text, sizeof text, "%s%s%s%04u", a, b, c, digits);
	return arena_strdup(arena, text);
}

const char *
random_value(
    struct arena *arena, const char *seed, const char *name, enum random_kind kind, size_t length)
{
	static const char alphabet[] =
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const unsigned sizes[] = {
	    [RANDOM_TEXT] = 62, [RANDOM_HEX] = 16, [RANDOM_NUMBER] = 10};
	struct stream s = {.seed = seed, .name = name, .used = SHA256_BYTES};
	char *out;

	if (kind == RANDOM_NAME)
		return random_name(arena, &s);
	out = arena_alloc(arena, length + 1);
	for (size_t i = 0; i < length; i++)
		out[i] = alphabet[stream_below(&s, sizes[kind])];
	if (kind == RANDOM_NUMBER)
		out[0] = (char)('1' + stream_below(&s, 9));
	return out;
}
