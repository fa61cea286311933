#include "base/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/*
 * jansson's own depth limit is 2048; ours is lower and must hold before jansson recurses, so
 * brackets outside strings are counted in a first pass over the text.
 */
static bool
depth_within(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > JSON_DEPTH_MAX)
				return false;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return true;
}

/* jansson quotes the text near the mistake byte by byte: what it has cut apart goes. */
static const char *
whole_sequences(char *text)
{
	size_t len = strlen(text);

	while (!utf8_valid(text, len))
		text[--len] = '\0';
	return text;
}

enum err
jr_parse(const char *text, size_t len, struct json_t **out, struct why *why)
{
	json_error_t error;

	*out = NULL;
	if (len > JSON_TEXT_MAX_BYTES)
		return why_set(why, ERR_LIMIT, "JSON of %zu bytes; at most %u are taken", len,
		    JSON_TEXT_MAX_BYTES);
	if (len == 0)
		return why_set(why, ERR_INVALID, "empty; a JSON value is expected");
	if (!depth_within(text, len))
		return why_set(
		    why, ERR_INVALID, "JSON nested deeper than %d levels", JSON_DEPTH_MAX);
	*out = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (*out == NULL)
		return why_set(why, ERR_INVALID, "not JSON: %s at line %d, column %d",
		    whole_sequences(error.text), error.line, error.column);
	return ERR_OK;
}

void
jr_free(struct json_t *j)
{
	json_decref(j);
}

bool
jr_is_object(const struct json_t *j)
{
	return json_is_object(j);
}

bool
jr_is_array(const struct json_t *j)
{
	return json_is_array(j);
}

bool
jr_is_string(const struct json_t *j)
{
	return json_is_string(j);
}

bool
jr_is_int(const struct json_t *j)
{
	return json_is_integer(j);
}

bool
jr_is_bool(const struct json_t *j)
{
	return json_is_boolean(j);
}

bool
jr_is_null(const struct json_t *j)
{
	return json_is_null(j);
}

bool
jr_equal(const struct json_t *a, const struct json_t *b)
{
	return a == b || json_equal(a, b) != 0;
}

const struct json_t *
jr_get(const struct json_t *object, const char *key)
{
	return json_object_get(object, key);
}

size_t
jr_count(const struct json_t *j)
{
	return json_is_array(j) ? json_array_size(j) : json_object_size(j);
}

const struct json_t *
jr_at(const struct json_t *array, size_t i)
{
	return json_array_get(array, i);
}

enum err
jr_each(const struct json_t *object,
    enum err (*visit)(void *ctx, const char *key, const struct json_t *value), void *ctx)
{
	json_t *o = (json_t *)object; /* jansson's iterators are not const; nothing is changed */
	enum err e;

	for (void *it = json_object_iter(o); it != NULL; it = json_object_iter_next(o, it))
		if ((e = visit(ctx, json_object_iter_key(it), json_object_iter_value(it))) !=
		    ERR_OK)
			return e;
	return ERR_OK;
}

const char *
jr_string(const struct json_t *j, size_t *len)
{
	if (len != NULL)
		*len = json_string_length(j);
	return json_string_value(j);
}

int64_t
jr_integer(const struct json_t *j, int64_t otherwise)
{
	return json_is_integer(j) ? json_integer_value(j) : otherwise;
}

double
jr_number(const struct json_t *j, double otherwise)
{
	return json_is_number(j) ? json_number_value(j) : otherwise;
}

bool
jr_boolean(const struct json_t *j, bool otherwise)
{
	return json_is_boolean(j) ? json_boolean_value(j) : otherwise;
}

static enum err
want_string(const struct json_t *o, const char *key, size_t min_bytes, size_t max_bytes,
    const char **out, struct why *why)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL)
		return why_set(why, ERR_INVALID, "\"%s\" is missing; a string is expected", key);
	if (!json_is_string(v))
		return why_set(why, ERR_INVALID, "\"%s\" must be a string", key);
	if (json_string_length(v) < min_bytes)
		return why_set(why, ERR_INVALID, "\"%s\" must not be empty", key);
	if (json_string_length(v) > max_bytes)
		return why_set(why, ERR_LIMIT, "\"%s\" has %zu bytes; at most %zu are taken", key,
		    json_string_length(v), max_bytes);
	*out = json_string_value(v);
	return ERR_OK;
}

enum err
jr_want_str(
    const struct json_t *o, const char *key, size_t max_bytes, const char **out, struct why *why)
{
	return want_string(o, key, 1, max_bytes, out, why);
}

enum err
jr_want_text(
    const struct json_t *o, const char *key, size_t max_bytes, const char **out, struct why *why)
{
	return want_string(o, key, 0, max_bytes, out, why);
}

enum err
jr_want_int(const struct json_t *o, const char *key, int64_t min, int64_t max, int64_t *out,
    struct why *why)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL)
		return why_set(why, ERR_INVALID, "\"%s\" is missing; an integer is expected", key);
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max)
		return why_set(why, ERR_INVALID, "\"%s\" must be an integer from %lld to %lld", key,
		    (long long)min, (long long)max);
	*out = json_integer_value(v);
	return ERR_OK;
}

struct key_list {
	const char *const *names;
	struct why *why;
};

static enum err
refuse_stranger(void *ctx, const char *key, const struct json_t *value)
{
	const struct key_list *list = ctx;
	struct buf known;
	enum err e;

	(void)value;
	for (size_t i = 0; list->names[i] != NULL; i++)
		if (strcmp(list->names[i], key) == 0)
			return ERR_OK;
	buf_init(&known, 400);
	for (size_t i = 0; list->names[i] != NULL; i++)
		buf_printf(&known, "%s\"%s\"", i > 0 ? ", " : "", list->names[i]);
	e = why_set(list->why, ERR_INVALID, "unknown key \"%.64s\"; known: %s", key,
	    known.data != NULL ? known.data : "none");
	buf_free(&known);
	return e;
}

enum err
jr_only_keys(const struct json_t *o, const char *const *names, struct why *why)
{
	struct key_list list = {names, why};

	return jr_each(o, refuse_stranger, &list);
}

static int
into_buf(const char *text, size_t len, void *ctx)
{
	struct buf *out = ctx;

	buf_put(out, text, len);
	return out->failed ? -1 : 0;
}

enum err
jr_canonical(const struct json_t *j, struct buf *out)
{
	if (json_dump_callback(j, into_buf, out,
		JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)) != 0)
		return ERR_LIMIT;
	return buf_err(out);
}
