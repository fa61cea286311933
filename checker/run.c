#include "checker/run.h"
#include "base/hash.h"
#include "base/json.h"
#include "core/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
run_nth(const struct job *job, size_t n, struct run *out)
{
	size_t puts = job->put_count;

	*out = (struct run){.section = SECTION_CHECK};
	if (n < puts) {
		*out = (struct run){SECTION_PUT, &job->put[n], false};
	} else if (n < 2 * puts) {
		*out = (struct run){SECTION_GET, &job->put[n - puts], false};
	} else if (n > 2 * puts) {
		n -= 2 * puts + 1;
		if (n >= job->get_count)
			return false;
		*out = (struct run){SECTION_GET, &job->get[n], true};
	}
	return true;
}

/* ---- saved values ---- */

static int
by_slot_and_name(const void *x, const void *y)
{
	const struct saved_value *a = x, *b = y;

	return a->slot != b->slot ? a->slot - b->slot : strcmp(a->name, b->name);
}

/* A copy with the value added or replaced. */
static struct saved
saved_with(const struct saved *s, struct arena *arena, struct saved_value v)
{
	struct saved out = {arena_array(arena, s->count + 1, sizeof *out.items), s->count};

	if (s->count > 0)
		memcpy(out.items, s->items, s->count * sizeof *out.items);
	for (size_t i = 0; i < out.count; i++) {
		if (by_slot_and_name(&out.items[i], &v) == 0) {
			out.items[i].value = v.value;
			return out;
		}
	}
	out.items[out.count++] = v;
	qsort(out.items, out.count, sizeof *out.items, by_slot_and_name);
	return out;
}

enum err
saved_set(struct saved *s, struct arena *arena, int slot, const char *name, const char *value)
{
	struct saved grown = saved_with(s, arena,
	    (struct saved_value){slot, arena_strdup(arena, name), arena_strdup(arena, value)});
	struct buf text;
	enum err e;

	buf_init(&text, SAVED_MAX_BYTES);
	saved_write(&grown, &text);
	if ((e = buf_err(&text)) == ERR_OK)
		*s = grown;
	buf_free(&text);
	return e;
}

void
saved_write(const struct saved *s, struct buf *out)
{
	struct json_writer w;
	char key[VARIABLE_NAME_MAX_BYTES + 8];

	if (s->count == 0)
		return;
	jw_begin(&w, out);
	jw_object(&w);
	for (size_t i = 0; i < s->count; i++) {
		snprintf(key, sizeof key, "s%d.%s", s->items[i].slot, s->items[i].name);
		jw_kv_str(&w, key, s->items[i].value);
	}
	jw_object_end(&w);
}

/* ---- variables ---- */

struct into_vars {
	struct arena *arena;
	struct vars *vars;
};

static enum err
set_saved(void *ctx, const char *key, const struct json_t *value)
{
	struct into_vars *into = ctx;

	vars_set(into->vars, into->arena, arena_strdup(into->arena, key),
	    arena_strdup(into->arena, jr_string(value, NULL)));
	return ERR_OK;
}

/* What the round of that tick kept; protocol.c has seen that it is an object of strings. */
static void
load_older(const struct job_flag *flag, struct arena *arena, struct vars *out)
{
	struct into_vars into = {arena, out};
	struct json_t *o;

	if (flag->saved[0] == '\0' ||
	    jr_parse(flag->saved, strlen(flag->saved), &o, NULL) != ERR_OK)
		return;
	(void)!jr_each(o, set_saved, &into);
	jr_free(o);
}

static void
load_present(
    const struct job_flag *flag, const struct saved *saved, struct arena *arena, struct vars *out)
{
	for (size_t i = 0; i < saved->count; i++)
		if (saved->items[i].slot == flag->slot)
			vars_set(out, arena, saved->items[i].name, saved->items[i].value);
}

static const char *
decimal(struct arena *arena, int v)
{
	char text[16];

	snprintf(text, sizeof text, "%d", v);
	return arena_strdup(arena, text);
}

/* check has no flag: its seed comes from the round's first one, without repeating that one's values. */
static const char *
check_seed(const struct job *job, struct arena *arena)
{
	uint8_t digest[SHA256_BYTES];
	char text[512], *seed = arena_alloc(arena, 17);
	int n = snprintf(text, sizeof text, "check %s %s %s %d %d",
	    job->put_count > 0 ? job->put[0].seed : "", job->challenge, job->host, job->port,
	    job->tick);

	sha256(text, (size_t)n, digest);
	hex_encode(digest, 8, seed);
	return seed;
}

/* Made of what is known already. NULL, so that the step that uses it says so, if it would be too long. */
static const char *
derived_value(struct arena *arena, const struct template *t, const struct vars *known)
{
	const char *value = NULL;
	struct why why;
	struct buf text;

	buf_init(&text, DERIVED_MAX_BYTES);
	if (template_render(t, known, ESCAPE_NONE, &text, &why) == ERR_OK)
		value = arena_strndup(arena, text.len > 0 ? text.data : "", text.len);
	buf_free(&text);
	return value;
}

void
run_vars(const struct run *run, const struct job *job, const struct program *program,
    const struct saved *saved, struct arena *arena, struct vars *out)
{
	const char *seed = run->flag != NULL ? run->flag->seed : check_seed(job, arena);

	*out = (struct vars){0};
	vars_set(out, arena, "host", job->host);
	vars_set(out, arena, "port", decimal(arena, job->port));
	vars_set(
	    out, arena, "tick", decimal(arena, run->flag != NULL ? run->flag->tick : job->tick));
	if (run->flag != NULL)
		vars_set(out, arena, "flag", run->flag->flag);
	for (size_t i = 0; i < program->var_count; i++) {
		const struct variable *v = &program->vars[i];

		const char *value = v->derived ? derived_value(arena, &v->value, out)
					       : random_value(arena, seed, &v->random);

		if (value != NULL)
			vars_set(out, arena, v->name, value);
	}
	if (run->section != SECTION_GET)
		return;
	if (run->older)
		load_older(run->flag, arena, out);
	else
		load_present(run->flag, saved, arena, out);
}
