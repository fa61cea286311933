/*
 * The walker: mapping by mapping, key by key, never stopping at a mistake.
 */
#include "scenario/fields.h"

#include "scenario/values.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64 /* of one table */
#define INT_DIGITS_MAX 15

static struct place *
value_place(const struct field *f, void *record)
{
	return (struct place *)((char *)record + f->offset);
}

/* ---- texts ---- */

static bool
blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == '\0';
}

static bool
one_line(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static bool
text_limits(struct reader *r, yaml_node_t *node, const struct field *f)
{
	struct place at = node_place(node);
	const char *s = node_scalar(node);
	size_t len = node->data.scalar.length;

	if (f->kind != KIND_RAW && blank(s))
		mistake_add(
		    r->mistakes, at, "%s is empty; give a text or leave the key out", f->key);
	else if (f->kind != KIND_RAW && !one_line(s))
		mistake_add(r->mistakes, at,
		    "%s: %s has a line break or control character; keep it on "
		    "one line",
		    f->key, quoted(r->mistakes, s));
	else if (len < (size_t)f->min)
		mistake_add(r->mistakes, at, "%s is empty; give a text", f->key);
	else if (len > (size_t)f->max)
		mistake_add(
		    r->mistakes, at, "%s is %zu bytes long; at most %" PRId64, f->key, len, f->max);
	else
		return true;
	return false;
}

static void
text_read(struct reader *r, yaml_node_t *node, const struct field *f, struct text *out)
{
	if (node_scalar(node) == NULL || (f->kind != KIND_RAW && node_empty(node)))
		mistake_add(r->mistakes, out->at, "%s: expected a text, found %s", f->key,
		    node_found(r->mistakes, node));
	else if (text_limits(r, node, f))
		out->s = arena_strdup(r->arena, node_scalar(node));
}

static void
id_read(struct reader *r, yaml_node_t *node, const struct field *f, struct text *out)
{
	const char *s = node_scalar(node);

	if (s == NULL || node_empty(node))
		mistake_add(r->mistakes, out->at, "%s: expected an id such as it-center, found %s",
		    f->key, node_found(r->mistakes, node));
	else if (!id_valid(s))
		mistake_add(r->mistakes, out->at,
		    "%s: %s is no id; ids are 1 to %d small letters a-z, digits and hyphens, and "
		    "do not "
		    "begin with a hyphen",
		    f->key, quoted(r->mistakes, s), ID_MAX_BYTES);
	else
		out->s = arena_strdup(r->arena, s);
}

struct name_parts {
	struct place at;
	struct text zh, en;
};

static const struct field name_fields[] = {
    {"zh", KIND_TEXT, OPTIONAL, offsetof(struct name_parts, zh), 1, NAME_MAX_BYTES, NULL},
    {"en", KIND_TEXT, OPTIONAL, offsetof(struct name_parts, en), 1, NAME_MAX_BYTES, NULL},
};
static const struct record name_record = RECORD(struct name_parts, "a name", name_fields);

static void
name_read(struct reader *r, yaml_node_t *node, const struct field *f, struct name *out)
{
	struct field plain = {.key = f->key, .kind = KIND_TEXT, .min = 1, .max = NAME_MAX_BYTES};
	struct name_parts parts = {.at = out->at};

	if (node->type == YAML_MAPPING_NODE) {
		record_read(r, node, &name_record, &parts);
		if (parts.zh.at.line == 0 && parts.en.at.line == 0)
			mistake_add(r->mistakes, out->at,
			    "%s has neither zh nor en; give at least one", f->key);
	} else if (node_scalar(node) != NULL && !node_empty(node)) {
		parts.zh.at = out->at;
		text_read(r, node, &plain, &parts.zh);
	} else {
		mistake_add(r->mistakes, out->at,
		    "%s: expected a text or {zh: ..., en: ...}, found %s", f->key,
		    node_found(r->mistakes, node));
	}
	out->v.zh = parts.zh.s != NULL ? parts.zh.s : parts.en.s;
	out->v.en = parts.en.s != NULL ? parts.en.s : parts.zh.s;
	if (out->v.zh == NULL)
		out->v = (struct i18n){"", ""};
}

/* ---- numbers and what is written like one ---- */

static bool
int_parse(const char *s, int64_t *v)
{
	const char *digits = *s == '-' ? s + 1 : s;
	size_t n = strspn(digits, "0123456789");

	if (n == 0 || n > INT_DIGITS_MAX || digits[n] != '\0' || (digits[0] == '0' && n > 1))
		return false;
	*v = strtoll(s, NULL, 10);
	return true;
}

static void
int_read(struct reader *r, yaml_node_t *node, const struct field *f, struct number *out)
{
	if (!node_plain(node) || !int_parse(node_scalar(node), &out->v))
		mistake_add(r->mistakes, out->at,
		    "%s: expected a whole number from %" PRId64 " to %" PRId64 "%s, found %s",
		    f->key, f->min, f->max,
		    node_scalar(node) != NULL && !node_plain(node) ? " without quotes" : "",
		    node_found(r->mistakes, node));
	else if (out->v < f->min || out->v > f->max)
		mistake_add(r->mistakes, out->at,
		    "%s is %" PRId64 "; it is %" PRId64 " to %" PRId64, f->key, out->v, f->min,
		    f->max);
	else
		out->good = true;
}

static void
bool_read(struct reader *r, yaml_node_t *node, const struct field *f, struct number *out)
{
	const char *s = node_plain(node) ? node_scalar(node) : "";

	out->v = strcmp(s, "true") == 0;
	out->good = out->v || strcmp(s, "false") == 0;
	if (!out->good)
		mistake_add(r->mistakes, out->at, "%s: expected true or false, found %s", f->key,
		    node_found(r->mistakes, node));
}

static void
duration_read(struct reader *r, yaml_node_t *node, const struct field *f, struct number *out)
{
	char min[DURATION_BYTES], max[DURATION_BYTES];
	const char *s = node_scalar(node);
	struct why why;

	if (s == NULL || node_empty(node)) {
		mistake_add(r->mistakes, out->at, "%s: expected a duration such as 8h, found %s",
		    f->key, node_found(r->mistakes, node));
		return;
	}
	if (duration_parse(s, &out->v, &why) != ERR_OK) {
		mistake_add(
		    r->mistakes, out->at, "%s: %s %s", f->key, quoted(r->mistakes, s), why.text);
		return;
	}
	if (out->v < f->min || out->v > f->max) {
		duration_format(f->min, min);
		duration_format(f->max, max);
		mistake_add(r->mistakes, out->at, "%s: %s is out of range; it is %s to %s", f->key,
		    quoted(r->mistakes, s), min, max);
		return;
	}
	out->good = true;
}

static void
moment_read(struct reader *r, yaml_node_t *node, const struct field *f, struct number *out)
{
	const char *s = node_scalar(node);
	struct why why;

	if (s == NULL || node_empty(node))
		mistake_add(r->mistakes, out->at,
		    "%s: expected a moment such as 2027-06-20T09:00:00+08:00, found %s", f->key,
		    node_found(r->mistakes, node));
	else if (moment_parse(s, &out->v, &why) != ERR_OK)
		mistake_add(
		    r->mistakes, out->at, "%s: %s %s", f->key, quoted(r->mistakes, s), why.text);
	else
		out->good = true;
}

/* ---- lists ---- */

bool
entries_read(struct reader *r, yaml_node_t *node, const char *what, size_t min, size_t max,
    yaml_node_t ***out, size_t *count)
{
	struct place at = node_place(node);
	const yaml_node_item_t *first;
	size_t n;

	if (node->type != YAML_SEQUENCE_NODE) {
		mistake_add(r->mistakes, at, "%s: expected a list (- entries or [ ]), found %s",
		    what, node_found(r->mistakes, node));
		return false;
	}
	first = node->data.sequence.items.start;
	n = (size_t)(node->data.sequence.items.top - first);
	if (n < min || n > max) {
		mistake_add(r->mistakes, at, "%s has %zu entr%s; it takes %s %zu", what, n,
		    n == 1 ? "y" : "ies",
		    min == max ? "exactly"
		    : n < min  ? "at least"
			       : "at most",
		    n < min ? min : max);
		return false;
	}
	*count = n;
	*out = arena_array(r->arena, n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++)
		(*out)[i] = tree_node(r->tree, first[i]);
	return true;
}

static void
list_read(struct reader *r, yaml_node_t *node, const struct field *f, struct list *out)
{
	yaml_node_t **entry;
	size_t count;

	if (!entries_read(r, node, f->key, (size_t)f->min, (size_t)f->max, &entry, &count))
		return;
	out->items = arena_array(r->arena, count + 1, f->record->bytes);
	for (size_t i = 0; i < count; i++)
		if (record_read(
			r, entry[i], f->record, (char *)out->items + out->count * f->record->bytes))
			out->count++;
}

/* ---- mappings ---- */

/* The key of a free mapping, unless it is one of the count before. */
static bool
pair_key(struct reader *r, yaml_node_t *node, const char *what, const struct pair *before,
    size_t count, struct text *out)
{
	struct field f = {.key = "a key", .kind = KIND_TEXT, .min = 1, .max = NAME_MAX_BYTES};

	*out = (struct text){.at = node_place(node)};
	text_read(r, node, &f, out);
	for (size_t i = 0; out->s != NULL && i < count; i++)
		if (strcmp(before[i].key.s, out->s) == 0) {
			mistake_add(r->mistakes, out->at,
			    "%s: %s is there twice; the first is on line %d", what,
			    quoted(r->mistakes, out->s), before[i].key.at.line);
			return false;
		}
	return out->s != NULL;
}

bool
pairs_read(struct reader *r, yaml_node_t *node, const char *what, size_t max, struct pair **out,
    size_t *count)
{
	const yaml_node_pair_t *p;
	size_t n;

	*count = 0;
	if (node->type != YAML_MAPPING_NODE) {
		mistake_add(r->mistakes, node_place(node),
		    "%s: expected a mapping (KEY: VALUE), found %s", what,
		    node_found(r->mistakes, node));
		return false;
	}
	p = node->data.mapping.pairs.start;
	n = (size_t)(node->data.mapping.pairs.top - p);
	if (n > max) {
		mistake_add(r->mistakes, node_place(node),
		    "%s has %zu entries; it takes at most %zu", what, n, max);
		return false;
	}
	*out = arena_array(r->arena, n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++) {
		struct pair *to = &(*out)[*count];

		to->value = tree_node(r->tree, p[i].value);
		if (pair_key(r, tree_node(r->tree, p[i].key), what, *out, *count, &to->key))
			(*count)++;
	}
	return true;
}

void
field_read(struct reader *r, yaml_node_t *node, const struct field *f, void *out)
{
	*(struct place *)out = node_place(node);
	switch (f->kind) {
	case KIND_TEXT:
	case KIND_RAW:
		text_read(r, node, f, out);
		break;
	case KIND_ID:
		id_read(r, node, f, out);
		break;
	case KIND_NAME:
		name_read(r, node, f, out);
		break;
	case KIND_INT:
		int_read(r, node, f, out);
		break;
	case KIND_BOOL:
		bool_read(r, node, f, out);
		break;
	case KIND_DURATION:
		duration_read(r, node, f, out);
		break;
	case KIND_MOMENT:
		moment_read(r, node, f, out);
		break;
	case KIND_RECORD:
		record_read(r, node, f->record, out);
		break;
	case KIND_LIST:
		list_read(r, node, f, out);
		break;
	case KIND_NODE:
		((struct node *)out)->node = node;
		break;
	}
}

static const struct field *
field_find(const struct record *record, const char *key)
{
	for (size_t i = 0; i < record->field_count; i++)
		if (strcmp(record->fields[i].key, key) == 0)
			return &record->fields[i];
	return NULL;
}

static size_t
field_keys(const struct record *record, const char **keys)
{
	for (size_t i = 0; i < record->field_count && i < KEYS_MAX; i++)
		keys[i] = record->fields[i].key;
	return record->field_count;
}

/* Returns the key that was probably meant, so that it is not reported missing as well; or NULL. */
static const char *
unknown_key(struct reader *r, struct place at, const struct record *record, const char *key)
{
	const char *keys[KEYS_MAX];
	size_t count = field_keys(record, keys);

	mistake_add(r->mistakes, at, "%s is no key of %s; %s", quoted(r->mistakes, key),
	    record->what, choices(r->mistakes, key, keys, count));
	return nearest(key, keys, count);
}

/* The keys of one presence as "a, b or c". */
static const char *
presence_keys(struct reader *r, const struct record *record, enum presence presence)
{
	struct buf b;
	char *text;

	buf_init(&b, 1024);
	for (size_t i = 0; i < record->field_count; i++)
		if (record->fields[i].presence == presence)
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", record->fields[i].key);
	text = arena_strndup(r->arena, b.data, b.len);
	buf_free(&b);
	return text;
}

static size_t
presence_count(const struct record *record, enum presence presence, void *out, bool given)
{
	size_t n = 0;

	for (size_t i = 0; i < record->field_count; i++)
		if (record->fields[i].presence == presence)
			n += !given || value_place(&record->fields[i], out)->line != 0;
	return n;
}

/* What must be there and is not. meant[] are keys that an unknown one probably stands for. */
static void
presence_check(struct reader *r, struct place at, const struct record *record, void *out,
    const char *const *meant, size_t meant_count)
{
	size_t one_of = presence_count(record, ONE_OF, out, true);

	for (size_t i = 0; i < record->field_count; i++) {
		const struct field *f = &record->fields[i];
		bool excused = false;

		for (size_t j = 0; j < meant_count; j++)
			excused = excused || strcmp(meant[j], f->key) == 0;
		if (f->presence == REQUIRED && !excused && value_place(f, out)->line == 0)
			mistake_add(r->mistakes, at, "%s has no %s; add `%s: ...`", record->what,
			    f->key, f->key);
	}
	if (presence_count(record, ONE_OF, out, false) > 0 && one_of != 1 &&
	    (one_of > 1 || meant_count == 0))
		mistake_add(r->mistakes, at, "%s has %s of %s; it takes exactly one", record->what,
		    one_of == 0 ? "none" : "several", presence_keys(r, record, ONE_OF));
	if (presence_count(record, AT_MOST_ONE, out, true) > 1)
		mistake_add(r->mistakes, at, "%s has several of %s; it takes at most one",
		    record->what, presence_keys(r, record, AT_MOST_ONE));
}

bool
record_read(struct reader *r, yaml_node_t *node, const struct record *record, void *out)
{
	const char *meant[KEYS_MAX];
	size_t meant_count = 0;
	struct place at = node_place(node);

	*(struct place *)out = at;
	if (node->type != YAML_MAPPING_NODE) {
		mistake_add(r->mistakes, at, "expected %s (KEY: VALUE), found %s", record->what,
		    node_found(r->mistakes, node));
		return false;
	}
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start;
	     p < node->data.mapping.pairs.top && !mistakes_full(r->mistakes); p++) {
		yaml_node_t *key = tree_node(r->tree, p->key);
		const char *s = node_scalar(key);
		const struct field *f = s != NULL ? field_find(record, s) : NULL;

		if (s == NULL)
			mistake_add(r->mistakes, node_place(key), "a key must be a text, found %s",
			    node_found(r->mistakes, key));
		else if (f == NULL) {
			const char *m = unknown_key(r, node_place(key), record, s);

			if (m != NULL && meant_count < KEYS_MAX)
				meant[meant_count++] = m;
		} else if (value_place(f, out)->line != 0)
			mistake_add(r->mistakes, node_place(key),
			    "%s is there twice; the first is on line %d", s,
			    value_place(f, out)->line);
		else
			field_read(r, tree_node(r->tree, p->value), f, value_place(f, out));
	}
	presence_check(r, at, record, out, meant, meant_count);
	return true;
}
