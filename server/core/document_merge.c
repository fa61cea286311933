/* Merge patches (RFC 7396), written as canonical text at once: what was read is never changed. */
#include "base/mem.h"
#include "core/document_private.h"

#include <stdlib.h>
#include <string.h>

struct keys {
	const char **items;
	size_t count;
};

static enum err
add_key(void *ctx, const char *key, const struct json_t *value)
{
	struct keys *keys = ctx;

	(void)value;
	keys->items = mem_grow(keys->items, keys->count, sizeof *keys->items);
	keys->items[keys->count++] = key;
	return ERR_OK;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The members of both, sorted; a key that both have comes twice. */
static struct keys
keys_of(const struct json_t *target, const struct json_t *patch)
{
	struct keys keys = {NULL, 0};

	(void)!jr_each(target, add_key, &keys);
	(void)!jr_each(patch, add_key, &keys);
	if (keys.count > 0)
		qsort(keys.items, keys.count, sizeof *keys.items, by_text);
	return keys;
}

static enum err
copy(const struct json_t *j, struct json_writer *w)
{
	struct buf text;
	enum err e;

	buf_init(&text, w->out->max_bytes);
	if ((e = jr_canonical(j, &text)) == ERR_OK)
		jw_raw(w, text.data, text.len);
	buf_free(&text);
	return e;
}

static enum err
merge(const struct json_t *target, const struct json_t *patch, struct json_writer *w)
{
	struct keys keys;
	enum err e = ERR_OK;

	if (!jr_is_object(patch))
		return copy(patch, w);
	if (!jr_is_object(target))
		target = NULL; /* RFC 7396: what is no object counts as an empty one */
	keys = keys_of(target, patch);
	jw_object(w);
	for (size_t i = 0; e == ERR_OK && i < keys.count; i++) {
		const char *key = keys.items[i];
		const struct json_t *change = jr_get(patch, key);

		if ((i > 0 && strcmp(keys.items[i - 1], key) == 0) || jr_is_null(change))
			continue;
		jw_key(w, key);
		e = change != NULL ? merge(jr_get(target, key), change, w)
				   : copy(jr_get(target, key), w);
	}
	jw_object_end(w);
	free(keys.items);
	return e;
}

enum err
document_merge(const struct json_t *target, const struct json_t *patch, struct buf *out)
{
	struct json_writer w;
	enum err e;

	jw_begin(&w, out);
	e = merge(target, patch, &w);
	return e == ERR_OK ? buf_err(out) : e;
}

static enum err
merge_texts(const char *draft, const struct buf *change, struct buf *out, struct why *why)
{
	struct json_t *target, *patch = NULL;
	enum err e = jr_parse(draft, strlen(draft), &target, why);

	if (e == ERR_OK)
		e = jr_parse(change->data, change->len, &patch, why);
	if (e == ERR_OK && (e = document_merge(target, patch, out)) == ERR_LIMIT)
		why_set(why, ERR_LIMIT, "it would be too long; at most %zu bytes in all are taken",
		    out->max_bytes);
	jr_free(target);
	jr_free(patch);
	return e;
}

enum err
document_patch(const struct document_field *fields, const char *draft, const struct json_t *patch,
    struct buf *out, struct why *why)
{
	struct buf change;
	enum err e;

	if (draft[0] == '\0') /* onto nothing: a null is a member left out */
		return document_check(fields, patch, DOCUMENT_DRAFT, out, why);
	buf_init(&change, out->max_bytes);
	if ((e = document_check(fields, patch, DOCUMENT_PATCH, &change, why)) == ERR_OK)
		e = merge_texts(draft, &change, out, why);
	buf_free(&change);
	return e;
}
