#include "base/json.h"
#include "checker/answer.h"
#include "checker/page.h"
#include "checker/pointer.h"

#include <string.h>

/* What one capture gathers from an answer. */
struct taking {
	const struct capture *capture;
	struct answer *answer;
	struct arena *arena;
	const char *items[CAPTURE_LIST_MAX];
	size_t count;
	size_t bytes;
	enum err e; /* why it is over before its end */
};

/* One value. False if no more are wanted: the first is enough, the list is full, or this one is no good. */
static bool
take(struct taking *t, const char *s, size_t len)
{
	if (len > CAPTURE_MAX_BYTES) {
		t->e = ERR_LIMIT;
		return false;
	}
	if (len > 0 && !utf8_valid(s, len)) {
		t->e = ERR_NOT_FOUND;
		return false;
	}
	if (t->bytes + len > LIST_MAX_BYTES)
		return false;
	t->bytes += len;
	t->items[t->count++] = arena_strndup(t->arena, s, len);
	return t->capture->all && t->count < CAPTURE_LIST_MAX;
}

/* ---- json ---- */

/* A string as it is, any other value as JSON text. */
static bool
take_json(void *ctx, const struct json_t *value)
{
	struct taking *t = ctx;
	const char *text;
	struct buf out;
	size_t len;
	bool more;

	if ((text = jr_string(value, &len)) != NULL)
		return take(t, text, len);
	buf_init(&out, CAPTURE_MAX_BYTES);
	if (jr_canonical(value, &out) != ERR_OK) {
		t->e = ERR_LIMIT;
		more = false;
	} else {
		more = take(t, out.data, out.len);
	}
	buf_free(&out);
	return more;
}

static void
from_json(struct taking *t)
{
	const struct json_t *root = answer_json(t->answer), *j;

	t->e = ERR_NOT_FOUND;
	if (root == NULL)
		return;
	if (t->capture->all) {
		t->e = ERR_OK;
		if (!pointer_each(root, t->capture->arg, take_json, t))
			t->e = ERR_NOT_FOUND;
	} else if ((j = pointer_follow(root, t->capture->arg)) != NULL) {
		t->e = ERR_OK;
		(void)take_json(t, j);
	}
}

/* ---- regex ---- */

static void
from_regex(struct taking *t)
{
	const struct buf *body = &t->answer->body;
	enum pattern_result r;
	regmatch_t match[2];
	size_t from = 0;

	if (body->len == 0)
		return;
	while ((r = pattern_next(t->capture->pattern, body->data, body->len, &from,
		    &t->answer->regex_ms, match)) == PATTERN_FOUND)
		if (match[1].rm_so < 0
			? !t->capture->all /* a match in which the group took no part */
			: !take(t, body->data + match[1].rm_so,
			      (size_t)(match[1].rm_eo - match[1].rm_so)))
			break;
	if (r == PATTERN_TOO_COSTLY)
		t->e = ERR_NOT_FOUND;
}

/* ---- headers ---- */

static void
from_header(struct taking *t)
{
	const char *value;
	size_t from = 0, len;

	while (header_next(&t->answer->headers, t->capture->arg, &from, &value, &len))
		if (!take(t, value, len))
			break;
}

/* The last Set-Cookie of that name, as a browser would keep it (RFC 6265 section 5.3), or all of them. */
static void
from_cookie(struct taking *t)
{
	size_t from = 0, len, name_len = strlen(t->capture->arg), last_len = 0;
	const char *value, *end, *last = NULL;

	while (header_next(&t->answer->headers, "Set-Cookie", &from, &value, &len)) {
		if (len <= name_len || strncmp(value, t->capture->arg, name_len) != 0 ||
		    value[name_len] != '=')
			continue;
		end = memchr(value, ';', len);
		last = value + name_len + 1;
		last_len = (end != NULL ? (size_t)(end - value) : len) - name_len - 1;
		if (t->capture->all && !take(t, last, last_len))
			return;
	}
	if (last != NULL && !t->capture->all)
		(void)take(t, last, last_len);
}

/* ---- pages ---- */

static bool
take_field(void *ctx, const char *value, size_t len)
{
	return take(ctx, value, len);
}

static void
from_form(struct taking *t)
{
	const struct buf *body = &t->answer->body;
	double start_ms = cpu_now_ms();

	if (body->len > 0 && t->answer->regex_ms > 0)
		page_fields(
		    body->data, body->len, t->capture->arg, CAPTURE_MAX_BYTES, take_field, t);
	t->answer->regex_ms -= cpu_now_ms() - start_ms;
}

/* ---- the variable ---- */

static void
set_list(struct taking *t, struct vars *vars)
{
	struct values *list = arena_alloc(t->arena, sizeof *list);
	const char **items = arena_array(t->arena, t->count, sizeof *items);

	if (t->count > 0)
		memcpy(items, t->items, t->count * sizeof *items);
	*list = (struct values){items, t->count};
	vars_set_list(vars, t->arena, t->capture->var, list);
}

enum err
capture_take(const struct capture *c, struct answer *a, struct arena *arena, struct vars *vars,
    struct why *why)
{
	static void (*const from[])(struct taking *) = {[CAPTURE_JSON] = from_json,
	    [CAPTURE_REGEX] = from_regex,
	    [CAPTURE_HEADER] = from_header,
	    [CAPTURE_COOKIE] = from_cookie,
	    [CAPTURE_FORM] = from_form};
	struct taking t = {.capture = c, .answer = a, .arena = arena};

	from[c->from](&t);
	if (t.e == ERR_LIMIT)
		return why_set(why, t.e, "a value in the answer is longer than expected");
	if (arena->used_bytes > RUN_MAX_BYTES)
		return why_set(why, ERR_LIMIT, "the values in the answers are more than expected");
	if (t.e == ERR_OK && c->all)
		set_list(&t, vars);
	else if (t.e == ERR_OK && t.count > 0)
		vars_set(vars, arena, c->var, t.items[0]);
	else if (c->otherwise != NULL)
		vars_set(vars, arena, c->var, c->otherwise);
	else
		return why_set(why, ERR_NOT_FOUND, "the answer lacks an expected value");
	return ERR_OK;
}
