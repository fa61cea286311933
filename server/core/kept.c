#include "core/kept.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/event.h"

#include <stdlib.h>
#include <string.h>

/* Both together, plus quotes and escapes: the canonical text is what is held to the limit. */
#define MERGED_MAX_BYTES (2 * STATE_MAX_BYTES + 64)

struct merge {
	const struct json_t
	    *more; /* members that replace; NULL while they themselves are written */
	struct json_writer w;
};

static enum err
put_member(void *ctx, const char *key, const struct json_t *value)
{
	struct merge *m = ctx;

	if (!jr_is_string(value))
		return ERR_INVALID;
	if (m->more == NULL || jr_get(m->more, key) == NULL)
		jw_kv_str(&m->w, key, jr_string(value, NULL));
	return ERR_OK;
}

static enum err
write_merged(const struct json_t *kept, const struct json_t *more, struct buf *out)
{
	struct merge m = {.more = more};
	enum err e = ERR_OK;

	jw_begin(&m.w, out);
	jw_object(&m.w);
	if (kept != NULL)
		e = jr_each(kept, put_member, &m);
	m.more = NULL;
	if (e == ERR_OK)
		e = jr_each(more, put_member, &m);
	jw_object_end(&m.w);
	return e != ERR_OK ? e : buf_err(out);
}

/* Sorted keys whatever the order of adding: the same state has the same text. */
static enum err
canonical(const struct buf *merged, char **kept)
{
	struct json_t *j;
	struct buf text;
	enum err e = jr_parse(merged->data, merged->len, &j, NULL);

	if (e != ERR_OK)
		return e;
	buf_init(&text, STATE_MAX_BYTES);
	if ((e = jr_canonical(j, &text)) == ERR_OK) {
		free(*kept);
		*kept = mem_strndup(text.data, text.len);
	}
	buf_free(&text);
	jr_free(j);
	return e;
}

enum err
kept_add(char **kept, const char *more)
{
	struct json_t *old = NULL, *new;
	struct buf merged;
	enum err e = jr_parse(more, strlen(more), &new, NULL);

	if (e != ERR_OK)
		return ERR_INVALID;
	if (!jr_is_object(new) ||
	    (*kept != NULL && jr_parse(*kept, strlen(*kept), &old, NULL) != ERR_OK)) {
		jr_free(new);
		return ERR_INVALID;
	}
	buf_init(&merged, MERGED_MAX_BYTES);
	if ((e = write_merged(old, new, &merged)) == ERR_OK)
		e = canonical(&merged, kept);
	buf_free(&merged);
	jr_free(old);
	jr_free(new);
	return e;
}
