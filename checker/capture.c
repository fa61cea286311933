#include "base/json.h"
#include "checker/answer.h"

#include <stdlib.h>
#include <string.h>

/* One reference token of a JSON pointer (RFC 6901): ~1 is a slash, ~0 a tilde. */
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

static const struct json_t *
pointer_follow(const struct json_t *j, const char *pointer)
{
	struct buf token;

	buf_init(&token, PATTERN_TEXT_MAX_BYTES);
	while (j != NULL && *pointer == '/') {
		size_t len = strcspn(++pointer, "/");

		buf_reset(&token);
		unescape_token(pointer, len, &token);
		j = pointer_step(j, token.data != NULL ? token.data : "");
		pointer += len;
	}
	buf_free(&token);
	return j;
}

/* A string as it is, any other value as JSON text. */
static enum err
json_capture(const struct capture *c, struct answer *a, struct buf *out)
{
	struct json_t *root;
	const struct json_t *j;
	const char *text;
	size_t len;
	enum err e;

	if (a->body.len == 0 || jr_parse(a->body.data, a->body.len, &root, NULL) != ERR_OK)
		return ERR_NOT_FOUND;
	if ((j = pointer_follow(root, c->arg)) == NULL) {
		e = ERR_NOT_FOUND;
	} else if ((text = jr_string(j, &len)) != NULL) {
		buf_put(out, text, len);
		e = buf_err(out);
	} else {
		e = jr_canonical(j, out);
	}
	jr_free(root);
	return e;
}

static enum err
regex_capture(const struct capture *c, struct answer *a, struct buf *out)
{
	regmatch_t match[2];

	if (a->body.len == 0 ||
	    pattern_find(c->pattern, a->body.data, a->body.len, &a->regex_ms, match) !=
		PATTERN_FOUND ||
	    match[1].rm_so < 0)
		return ERR_NOT_FOUND;
	buf_put(out, a->body.data + match[1].rm_so, (size_t)(match[1].rm_eo - match[1].rm_so));
	return buf_err(out);
}

static enum err
header_capture(const struct capture *c, struct answer *a, struct buf *out)
{
	const char *value;
	size_t from = 0, len;

	if (!header_next(&a->headers, c->arg, &from, &value, &len))
		return ERR_NOT_FOUND;
	buf_put(out, value, len);
	return buf_err(out);
}

/* The last Set-Cookie of that name, as a browser would keep it (RFC 6265 section 5.3). */
static enum err
cookie_capture(const struct capture *c, struct answer *a, struct buf *out)
{
	size_t from = 0, len, name_len = strlen(c->arg);
	const char *value, *end;
	bool found = false;

	while (header_next(&a->headers, "Set-Cookie", &from, &value, &len)) {
		if (len <= name_len || strncmp(value, c->arg, name_len) != 0 ||
		    value[name_len] != '=')
			continue;
		end = memchr(value, ';', len);
		buf_reset(out);
		buf_put(out, value + name_len + 1,
		    (end != NULL ? (size_t)(end - value) : len) - name_len - 1);
		found = true;
	}
	return found ? buf_err(out) : ERR_NOT_FOUND;
}

enum err
capture_value(const struct capture *c, struct answer *a, struct arena *arena, const char **out,
    struct why *why)
{
	static enum err (*const take[])(const struct capture *, struct answer *, struct buf *) = {
	    [CAPTURE_JSON] = json_capture,
	    [CAPTURE_REGEX] = regex_capture,
	    [CAPTURE_HEADER] = header_capture,
	    [CAPTURE_COOKIE] = cookie_capture};
	struct buf text;
	enum err e;

	buf_init(&text, CAPTURE_MAX_BYTES);
	e = take[c->from](c, a, &text);
	if (e == ERR_OK && text.len > 0 && !utf8_valid(text.data, text.len))
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		*out = arena_strndup(arena, text.len > 0 ? text.data : "", text.len);
	buf_free(&text);
	if (e == ERR_LIMIT)
		return why_set(why, e, "a value in the answer is longer than expected");
	return e == ERR_OK ? ERR_OK : why_set(why, e, "the answer lacks an expected value");
}
