#include "checker/state.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/event.h"

#include <stdlib.h>
#include <string.h>

#define BRACES_BYTES 2
#define ENTRY_MAX_BYTES (2 * STATE_MAX_BYTES) /* what is longer breaks the limit in any case */

static struct state_entry *
find(const struct state *s, const char *key)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->entries[i].key, key) == 0)
			return &s->entries[i];
	return NULL;
}

/* "key":"value", */
static size_t
entry_bytes(const char *key, const char *value)
{
	struct json_writer w;
	struct buf text;
	size_t n;

	buf_init(&text, ENTRY_MAX_BYTES);
	jw_begin(&w, &text);
	jw_str(&w, key);
	w.comma[0] = false;
	jw_str(&w, value);
	n = text.failed ? ENTRY_MAX_BYTES : text.len + 2;
	buf_free(&text);
	return n;
}

static void
put(struct state *s, struct state_entry e)
{
	struct state_entry *old = find(s, e.key);

	s->json_bytes += e.json_bytes - (old != NULL ? old->json_bytes : 0);
	if (old != NULL) {
		old->value = e.value;
		old->json_bytes = e.json_bytes;
		return;
	}
	if (s->count == s->cap) {
		s->cap = s->cap > 0 ? 2 * s->cap : 16;
		s->entries = mem_resize(s->entries, s->cap, sizeof *s->entries);
	}
	s->entries[s->count++] = e;
}

struct opening {
	struct state *state;
	struct arena *arena;
};

static enum err
open_member(void *ctx, const char *key, const struct json_t *value)
{
	struct opening *o = ctx;
	const char *text = jr_string(value, NULL);

	if (text != NULL)
		put(o->state, (struct state_entry){arena_strdup(o->arena, key),
				  arena_strdup(o->arena, text), entry_bytes(key, text)});
	return ERR_OK;
}

void
state_open(struct state *s, const char *json, struct arena *arena)
{
	struct opening o = {s, arena};
	struct json_t *j;

	*s = (struct state){0};
	if (json[0] == '\0' || jr_parse(json, strlen(json), &j, NULL) != ERR_OK)
		return;
	(void)!jr_each(j, open_member, &o);
	jr_free(j);
}

void
state_free(struct state *s)
{
	free(s->entries);
	*s = (struct state){0};
}

const char *
state_get(const struct state *s, const char *key)
{
	const struct state_entry *e = find(s, key);

	return e != NULL ? e->value : NULL;
}

enum err
state_set(struct state *s, const char *key, const char *value, struct arena *arena, struct why *why)
{
	const struct state_entry *old = find(s, key);
	size_t bytes = entry_bytes(key, value);
	/* The last entry has no comma. */
	size_t all = BRACES_BYTES - 1 + s->json_bytes + bytes - (old != NULL ? old->json_bytes : 0);

	if (key[0] == '\0' || strlen(key) > STATE_KEY_MAX_BYTES)
		return why_set(why, ERR_LIMIT,
		    "a key of what is kept has 1 to %d bytes, this one has %zu",
		    STATE_KEY_MAX_BYTES, strlen(key));
	if (all > STATE_MAX_BYTES)
		return why_set(why, ERR_LIMIT,
		    "what is kept for the system would be %zu bytes long, at most %d are kept", all,
		    STATE_MAX_BYTES);
	put(s, (struct state_entry){arena_strdup(arena, key), arena_strdup(arena, value), bytes});
	return ERR_OK;
}
