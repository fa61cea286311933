#include "checker/action.h"
#include "checker/program_read.h"

#include <string.h>

#define STEP_NAME_MAX_BYTES 200

/* ---- what actions share ---- */

bool
reading_has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

enum err
reading_port(struct reading *r, const struct json_t *o, int *out)
{
	int64_t port = 0;
	enum err e;

	if (jr_get(o, "port") != NULL &&
	    (e = jr_want_int(o, "port", 1, 65535, &port, r->why)) != ERR_OK)
		return e;
	*out = (int)port;
	return ERR_OK;
}

/* ---- a step ---- */

static enum err
read_saves(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct json_t *list = jr_get(o, "save");
	enum err e;

	if ((e = reading_pairs(r, o, "save", SAVES_MAX, &out->saves, &out->save_count)) != ERR_OK)
		return e;
	if (out->save_count > 0 && (r->section != SECTION_PUT || r->loops > 0))
		return why_set(r->why, ERR_INVALID, "\"save\" is for steps of put, in no loop");
	for (size_t i = 0; i < out->save_count; i++) {
		const char *name;

		if ((e = reading_name(r, jr_at(jr_at(list, i), 0), "saved value", &name)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
read_action(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct action *action;

	for (size_t i = 0; (action = action_nth(i)) != NULL; i++) {
		if (jr_get(o, action->name) == NULL)
			continue;
		if (out->action != NULL)
			return why_set(r->why, ERR_INVALID,
			    "exactly one action is expected, not both \"%s\" and \"%s\"",
			    out->action->name, action->name);
		out->action = action;
	}
	if (out->action == NULL)
		return why_set(
		    r->why, ERR_INVALID, "exactly one action such as \"http\" is expected");
	return out->action->read(r, jr_get(o, out->action->name), out);
}

/* The keys a step may have, NULL at the end: each action's name among them. */
static const char *const *
step_keys(struct arena *arena)
{
	static const char *const plain[] = {
	    "name", "timeout_ms", "assert", "capture", "save", "fails", "unreachable", "retry"};
	size_t n = sizeof plain / sizeof plain[0], actions = 0;
	const char **keys;

	while (action_nth(actions) != NULL)
		actions++;
	keys = arena_array(arena, n + actions + 1, sizeof *keys);
	memcpy(keys, plain, sizeof plain);
	for (size_t i = 0; i < actions; i++)
		keys[n + i] = action_nth(i)->name;
	return keys;
}

static enum err
read_step_name(struct reading *r, const struct json_t *o, struct step *out)
{
	const char *name;
	enum err e;

	if ((e = jr_want_str(o, "name", STEP_NAME_MAX_BYTES, &name, r->why)) != ERR_OK)
		return e;
	if (reading_has_control(name))
		return why_set(r->why, ERR_INVALID, "a step's name is one line");
	out->name = arena_strdup(&r->program->arena, name);
	return ERR_OK;
}

/* What each of its failures means, and how often it is tried again. */
static enum err
read_failures(struct reading *r, const struct json_t *o, struct step *out)
{
	int64_t retry = 0;
	enum err e;

	out->fails = r->section == SECTION_GET ? ST_CORRUPT : ST_MUMBLE;
	out->unreachable = ST_DOWN;
	if ((e = reading_result(r, o, "fails", &out->fails)) != ERR_OK ||
	    (e = reading_result(r, o, "unreachable", &out->unreachable)) != ERR_OK)
		return e;
	if (jr_get(o, "retry") != NULL &&
	    (e = jr_want_int(o, "retry", 0, RETRY_MAX, &retry, r->why)) != ERR_OK)
		return e;
	out->retry = (int)retry;
	return ERR_OK;
}

enum err
program_read_step(struct reading *r, const struct json_t *o, struct step *out)
{
	enum err e;

	if ((e = jr_only_keys(o, step_keys(&r->program->arena), r->why)) != ERR_OK ||
	    (e = read_step_name(r, o, out)) != ERR_OK || (e = read_failures(r, o, out)) != ERR_OK)
		return e;
	if (jr_get(o, "timeout_ms") != NULL &&
	    (e = jr_want_int(o, "timeout_ms", 1, STEP_TIMEOUT_MAX_MS, &out->timeout_ms, r->why)) !=
		ERR_OK)
		return e;
	if ((e = read_action(r, o, out)) != ERR_OK ||
	    (e = program_read_rules(r, o, out)) != ERR_OK ||
	    (e = program_read_captures(r, o, out)) != ERR_OK)
		return e;
	return read_saves(r, o, out);
}

/* ---- a loop ---- */

enum err
program_read_loop(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"name", "each", "steps", "fails", NULL};
	static const char *const each_keys[] = {"var", "in", "min", "max", NULL};
	const struct json_t *each = jr_get(o, "each");
	struct each *loop = arena_alloc(&r->program->arena, sizeof *loop);
	enum err e;

	if (r->loops == LOOPS_DEEP_MAX)
		return why_set(
		    r->why, ERR_LIMIT, "loops within each other: at most %d", LOOPS_DEEP_MAX);
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = read_step_name(r, o, out)) != ERR_OK || (e = read_failures(r, o, out)) != ERR_OK)
		return e;
	if (!jr_is_object(each))
		return why_set(r->why, ERR_INVALID, "\"each\" is an object of var, in, min, max");
	if ((e = jr_only_keys(each, each_keys, r->why)) != ERR_OK ||
	    (e = reading_name(r, jr_get(each, "var"), "loop's variable", &loop->var)) != ERR_OK ||
	    (e = reading_name(r, jr_get(each, "in"), "list", &loop->in)) != ERR_OK ||
	    (e = jr_want_int(each, "max", 1, LOOP_MAX, &loop->max, r->why)) != ERR_OK ||
	    (e = jr_want_int(each, "min", 0, loop->max, &loop->min, r->why)) != ERR_OK)
		return e;
	out->loop = loop;
	return ERR_OK;
}
