/*
 * The members of one item of a facts file: ids and references, flags, ticks, statuses.
 */
#include "core/facts_item.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX 1000000

enum err
item_refuse(const struct facts_reader *r, const char *key, const char *fmt, ...)
{
	char what[WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return why_set(r->why, ERR_INVALID, "%s[%zu]%s%s: %s", r->list, r->at,
	    key == NULL ? "" : ".", key == NULL ? "" : key, what);
}

/* ---- ids ---- */

const char *
id_show(const struct id *id, struct id_text *out)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, sizeof(out->json) - 1);
	jw_begin(&w, &text);
	if (id->text == NULL)
		jw_int(&w, id->number);
	else
		jw_str(&w, id->text);
	memcpy(out->json, text.data, text.len + 1);
	buf_free(&text);
	return out->json;
}

static int
id_compare(const void *left, const void *right)
{
	const struct id *a = left, *b = right;

	if ((a->text == NULL) != (b->text == NULL))
		return a->text == NULL ? -1 : 1;
	if (a->text != NULL)
		return strcmp(a->text, b->text);
	return a->number < b->number ? -1 : a->number > b->number;
}

/* Equal ids stay in the order of the file, so that the later one is the one refused. */
static int
id_compare_places(const void *left, const void *right)
{
	const struct id *a = left, *b = right;
	int c = id_compare(a, b);

	return c != 0 ? c : a->index < b->index ? -1 : a->index > b->index;
}

enum err
item_want_id(
    const struct facts_reader *r, const struct json_t *item, const char *key, struct id *out)
{
	const struct json_t *j = jr_get(item, key);
	size_t len;

	if (j == NULL)
		return item_refuse(r, key, "missing; a string or a whole number is expected");
	*out = (struct id){.text = jr_string(j, &len), .number = jr_integer(j, 0)};
	if (jr_is_int(j))
		return ERR_OK;
	if (!jr_is_string(j) || len == 0 || len > FACTS_ID_MAX_BYTES)
		return item_refuse(r, key, "must be a string of 1 to %d bytes or a whole number",
		    FACTS_ID_MAX_BYTES);
	return ERR_OK;
}

/* Sorts the ids that were read and refuses the second of two that are the same. */
enum err
id_index_sort(struct facts_reader *r, const char *list, struct id_index *in)
{
	struct id_text shown;

	qsort(in->ids, in->count, sizeof(*in->ids), id_compare_places);
	r->list = list;
	for (size_t i = 1; i < in->count; i++) {
		if (id_compare(&in->ids[i - 1], &in->ids[i]) != 0)
			continue;
		r->at = in->ids[i].index;
		return item_refuse(r, "id", "%s is the id of %s[%u] already",
		    id_show(&in->ids[i], &shown), list, in->ids[i - 1].index);
	}
	return ERR_OK;
}

/* The index of the team, service or flag that item's member names. */
enum err
item_want_ref(const struct facts_reader *r, const struct json_t *item, const char *key,
    const struct id_index *in, uint32_t *out)
{
	struct id_text shown;
	const struct id *found;
	struct id wanted;
	enum err e;

	if ((e = item_want_id(r, item, key, &wanted)) != ERR_OK)
		return e;
	found = in->count == 0 ? NULL
			       : bsearch(&wanted, in->ids, in->count, sizeof(*in->ids), id_compare);
	if (found == NULL)
		return item_refuse(r, key, "no %s %s", in->noun, id_show(&wanted, &shown));
	*out = found->index;
	return ERR_OK;
}

struct facts_id
id_keep(struct arena *a, const struct id *id)
{
	char digits[24];

	if (id->text != NULL)
		return (struct facts_id){.text = arena_strdup(a, id->text)};
	snprintf(digits, sizeof(digits), "%lld", (long long)id->number);
	return (struct facts_id){.text = arena_strdup(a, digits), .number = true};
}

/* ---- other members ---- */

enum err
item_bool(const struct facts_reader *r, const struct json_t *item, const char *key, bool *out)
{
	const struct json_t *j = jr_get(item, key);

	if (j == NULL)
		return ERR_OK;
	if (jr_boolean(j, true) != jr_boolean(j, false))
		return item_refuse(r, key, "must be true or false");
	*out = jr_boolean(j, false);
	return ERR_OK;
}

enum err
item_name(const struct facts_reader *r, const struct json_t *item)
{
	const struct json_t *j = jr_get(item, "name");

	if (j != NULL && !jr_is_string(j))
		return item_refuse(r, "name", "must be a string");
	return ERR_OK;
}

enum err
item_want_tick(struct facts_reader *r, const struct json_t *item, int32_t *out)
{
	const struct json_t *j = jr_get(item, "tick");
	int64_t tick = jr_integer(j, -1);

	if (j == NULL)
		return item_refuse(r, "tick", "missing; a tick number is expected");
	if (!jr_is_int(j) || tick < 0 || tick > r->tick_max)
		return item_refuse(
		    r, "tick", "must be a whole number from 0 to %d", (int)r->tick_max);
	*out = (int32_t)tick;
	if (*out > r->tick_last)
		r->tick_last = *out;
	return ERR_OK;
}

enum err
item_weight(const struct facts_reader *r, const struct json_t *item, int *out)
{
	const struct json_t *j = jr_get(item, "weight");
	int64_t weight = j == NULL ? 1 : jr_integer(j, 0);

	if (weight < 1 || weight > WEIGHT_MAX)
		return item_refuse(r, "weight", "must be a whole number from 1 to %d", WEIGHT_MAX);
	*out = (int)weight;
	return ERR_OK;
}

enum err
item_want_status(const struct facts_reader *r, const struct json_t *item, enum status *out)
{
	const char *name = jr_string(jr_get(item, "status"), NULL);

	if (name == NULL || !status_parse(name, out))
		return item_refuse(r, "status",
		    "must be one of none, ok, recovering, corrupt, mumble, down, fault");
	return ERR_OK;
}

/* Flags and checks belong to systems, and attackers have none. */
enum err
item_want_owner(const struct facts_reader *r, const struct json_t *item, uint32_t *out)
{
	struct id_text shown;
	struct id id;
	enum err e;

	if ((e = item_want_ref(r, item, "team", &r->teams, out)) != ERR_OK)
		return e;
	if (!r->score_teams[*out].attacker)
		return ERR_OK;
	if ((e = item_want_id(r, item, "team", &id)) != ERR_OK)
		return e;
	return item_refuse(
	    r, "team", "%s is an attacker and owns no services", id_show(&id, &shown));
}
