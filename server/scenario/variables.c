/*
 * vars: values drawn from a flag's seed, and texts made of those.
 */
#include "scenario/steps.h"
#include <string.h>

#define RANDOM_LENGTH_MAX 256
#define RANDOM_CHOICES_MAX 64
#define RANDOM_NUMBER_MAX INT64_C(1000000000000000)
#define DERIVED_MAX_BYTES 1024

struct in_var {
	struct place at;
	struct text random, value, lang;
	struct number length, min, max;
	struct node of;
};

static const struct field var_fields[] = {
    {"random", KIND_TEXT, ONE_OF, offsetof(struct in_var, random), 1, 16, NULL},
    {"value", KIND_RAW, ONE_OF, offsetof(struct in_var, value), 0, DERIVED_MAX_BYTES, NULL},
    {"length", KIND_INT, OPTIONAL, offsetof(struct in_var, length), 1, RANDOM_LENGTH_MAX, NULL},
    {"min", KIND_INT, OPTIONAL, offsetof(struct in_var, min), -RANDOM_NUMBER_MAX, RANDOM_NUMBER_MAX,
	NULL},
    {"max", KIND_INT, OPTIONAL, offsetof(struct in_var, max), -RANDOM_NUMBER_MAX, RANDOM_NUMBER_MAX,
	NULL},
    {"of", KIND_NODE, OPTIONAL, offsetof(struct in_var, of), 0, 0, NULL},
    {"lang", KIND_TEXT, OPTIONAL, offsetof(struct in_var, lang), 1, 8, NULL},
};
static const struct record var_record = RECORD(struct in_var, "a variable", var_fields);

/* What else each kind takes; the order is that of messages. */
static const struct random_kind {
	const char *name;
	bool length, range, of, lang;
} kinds[] = {
    {.name = "name"},
    {.name = "text", .length = true},
    {.name = "hex", .length = true},
    {.name = "number", .length = true, .range = true},
    {.name = "choice", .of = true},
    {.name = "uuid"},
    {.name = "phrase", .lang = true},
    {.name = "email"},
    {.name = "phone"},
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static const struct random_kind *
kind_find(struct reader *r, const struct text *random)
{
	const char *names[KIND_COUNT];

	for (size_t i = 0; i < KIND_COUNT; i++) {
		names[i] = kinds[i].name;
		if (strcmp(kinds[i].name, random->s) == 0)
			return &kinds[i];
	}
	mistake_add(r->mistakes, random->at, "random: there is no kind %s; %s",
	    quoted(r->mistakes, random->s), choices(r->mistakes, random->s, names, KIND_COUNT));
	return NULL;
}

/* A key that the kind has no use for. */
static void
misplaced(struct reader *r, struct place at, bool taken, const char *key, const char *kind)
{
	if (at.line != 0 && !taken)
		mistake_add(
		    r->mistakes, at, "%s: a random %s has its own; leave it out", key, kind);
}

static void
range_check(struct reader *r, const struct in_var *in)
{
	const struct number *given = in->min.at.line != 0 ? &in->min : &in->max;

	if (given->at.line == 0)
		return;
	if (in->min.at.line == 0 || in->max.at.line == 0)
		mistake_add(r->mistakes, given->at, "a range has both min and max; add the other");
	else if (in->min.good && in->max.good && in->min.v > in->max.v)
		mistake_add(r->mistakes, in->min.at, "min is more than max");
	if (in->length.at.line != 0)
		mistake_add(r->mistakes, in->length.at,
		    "length: a number from min to max has its own; leave one of them out");
}

static void
choices_write(struct reader *r, struct json_writer *w, yaml_node_t *node)
{
	yaml_node_t **entries = NULL;
	size_t count = 0;

	jw_key(w, "of");
	jw_array(w);
	(void)!entries_read(r, node, "of", 1, RANDOM_CHOICES_MAX, &entries, &count);
	for (size_t i = 0; i < count; i++)
		jw_str(w, step_text(r, entries[i], "of"));
	jw_array_end(w);
}

static void
random_compile(struct reader *r, struct json_writer *w, const struct in_var *in)
{
	const struct random_kind *kind = kind_find(r, &in->random);

	if (kind == NULL)
		return;
	misplaced(r, in->length.at, kind->length, "length", kind->name);
	misplaced(r, in->min.at, kind->range, "min", kind->name);
	misplaced(r, in->max.at, kind->range, "max", kind->name);
	misplaced(r, in->of.at, kind->of, "of", kind->name);
	misplaced(r, in->lang.at, kind->lang, "lang", kind->name);
	range_check(r, in);
	if (kind->of && in->of.node == NULL)
		mistake_add(r->mistakes, in->at, "a random choice has no of; add `of: [A, B]`");
	if (in->lang.s != NULL && strcmp(in->lang.s, "zh") != 0 && strcmp(in->lang.s, "en") != 0)
		mistake_add(r->mistakes, in->lang.at, "lang: %s is neither zh nor en",
		    quoted(r->mistakes, in->lang.s));
	if (in->lang.s != NULL)
		jw_kv_str(w, "lang", in->lang.s);
	if (in->length.good)
		jw_kv_int(w, "length", in->length.v);
	if (in->max.good)
		jw_kv_int(w, "max", in->max.v);
	if (in->min.good)
		jw_kv_int(w, "min", in->min.v);
	if (in->of.node != NULL)
		choices_write(r, w, in->of.node);
	jw_kv_str(w, "random", kind->name);
}

static void
var_compile(struct reader *r, struct json_writer *w, const struct pair *p, struct scope *known)
{
	struct in_var in = {.at = {0, 0}};
	bool good = record_read(r, p->value, &var_record, &in);

	jw_object(w);
	jw_kv_str(w, "name", p->key.s);
	if (good && in.value.s != NULL) {
		misplaced(r, in.length.at, false, "length", "value");
		template_check(r, known, in.value.at, in.value.s);
		jw_kv_str(w, "value", in.value.s);
	} else if (good && in.random.s != NULL) {
		random_compile(r, w, &in);
	}
	jw_object_end(w);
	/* Only now: a value is made of those before it. */
	if (variable_check(r, p->key.at, p->key.s))
		scope_add(known, p->key.s);
}

void
vars_compile(struct reader *r, struct json_writer *w, yaml_node_t *node, struct scope *known)
{
	struct pair *pairs = NULL;
	size_t count = 0;

	jw_key(w, "vars");
	jw_array(w);
	if (node != NULL)
		(void)pairs_read(r, node, "vars", VARS_MAX, &pairs, &count);
	for (size_t i = 0; i < count; i++)
		var_compile(r, w, &pairs[i], known);
	jw_array_end(w);
}
