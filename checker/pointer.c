#include "checker/pointer.h"
#include "checker/pattern.h"

#include <stdlib.h>
#include <string.h>

/* One reference token of a JSON pointer: ~1 is a slash, ~0 a tilde. */
static void
unescape_token(const char *from, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (from[i] == '~' && i + 1 < len && (from[i + 1] == '0' || from[i + 1] == '1'))
			buf_putc(out, from[++i] == '0' ? '~' : '/');
		else
			buf_putc(out, from[i]);
	}
}

static const struct json_t *
pointer_step(const struct json_t *j, const char *token)
{
	char *end;
	unsigned long index;

	if (jr_is_object(j))
		return jr_get(j, token);
	if (!jr_is_array(j) || token[0] < '0' || token[0] > '9')
		return NULL;
	index = strtoul(token, &end, 10);
	return *end == '\0' ? jr_at(j, index) : NULL;
}

/* The pointer's next token is `*`, and it stands before an array. */
static bool
at_each(const struct json_t *j, const char *pointer)
{
	return jr_is_array(j) && strncmp(pointer, "/*", 2) == 0 &&
	       (pointer[2] == '/' || pointer[2] == '\0');
}

/* As far as the pointer leads, or with each to the first array that a `*` stands for; *rest is what is left of it. */
static const struct json_t *
follow(const struct json_t *j, const char *pointer, bool each, const char **rest)
{
	struct buf token;

	buf_init(&token, PATTERN_TEXT_MAX_BYTES);
	while (j != NULL && *pointer == '/' && !(each && at_each(j, pointer))) {
		size_t len = strcspn(++pointer, "/");

		buf_reset(&token);
		unescape_token(pointer, len, &token);
		j = pointer_step(j, token.data != NULL ? token.data : "");
		pointer += len;
	}
	buf_free(&token);
	*rest = pointer;
	return j;
}

const struct json_t *
pointer_follow(const struct json_t *root, const char *pointer)
{
	const char *rest;

	return follow(root, pointer, false, &rest);
}

/* What the rest of a pointer leads to from here; its depth is that of the JSON, JSON_DEPTH_MAX. */
static bool
visit_from(const struct json_t *j, const char *pointer,
    bool (*visit)(void *ctx, const struct json_t *value), void *ctx)
{
	const char *rest;
	bool more = true;

	if ((j = follow(j, pointer, true, &rest)) == NULL)
		return true;
	if (*rest == '\0')
		return visit(ctx, j);
	for (size_t i = 0; i < jr_count(j) && more; i++)
		more = visit_from(jr_at(j, i), rest + 2, visit, ctx);
	return more;
}

bool
pointer_each(const struct json_t *root, const char *pointer,
    bool (*visit)(void *ctx, const struct json_t *value), void *ctx)
{
	const char *rest;
	const struct json_t *j = follow(root, pointer, true, &rest);

	if (j == NULL || !jr_is_array(j))
		return false;
	(void)visit_from(j, *rest == '\0' ? "/*" : rest, visit, ctx);
	return true;
}
