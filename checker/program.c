#include "checker/program.h"
#include "base/mem.h"
#include "checker/program_read.h"
#include "checker/protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const section_names[SECTION_COUNT] = {
    [SECTION_PUT] = "put", [SECTION_GET] = "get", [SECTION_CHECK] = "check"};

const char *
section_name(enum section_kind s)
{
	return section_names[s];
}

/* ---- what the step readers share ---- */

enum err
reading_list(struct reading *r, const struct json_t *o, const char *key, size_t max,
    const struct json_t **out, size_t *count)
{
	const struct json_t *list = jr_get(o, key);

	*out = list;
	*count = 0;
	if (list == NULL)
		return ERR_OK;
	if (!jr_is_array(list))
		return why_set(r->why, ERR_INVALID, "\"%s\" must be a list", key);
	if (jr_count(list) > max)
		return why_set(r->why, ERR_LIMIT, "\"%s\" has %zu entries; at most %zu are taken",
		    key, jr_count(list), max);
	*count = jr_count(list);
	return ERR_OK;
}

enum err
reading_name(struct reading *r, const struct json_t *j, const char *what, const char **out)
{
	size_t len;
	const char *name = jr_string(j, &len);

	if (name == NULL || !protocol_name_valid(name, len))
		return why_set(r->why, ERR_INVALID,
		    "the name of a %s is a letter, then at most %d letters, digits and _", what,
		    VARIABLE_NAME_MAX_BYTES - 1);
	*out = arena_strdup(&r->program->arena, name);
	return ERR_OK;
}

enum err
reading_template(struct reading *r, const struct json_t *j, const char *what, struct template *out)
{
	const char *text = jr_string(j, NULL);

	if (text == NULL)
		return why_set(r->why, ERR_INVALID, "%s must be a string", what);
	template_parse(out, &r->program->arena, text);
	return ERR_OK;
}

enum err
reading_pattern(struct reading *r, const struct json_t *j, struct pattern **out)
{
	struct program *p = r->program;
	const char *text = jr_string(j, NULL);
	enum err e;

	if (text == NULL)
		return why_set(r->why, ERR_INVALID, "a regular expression is a string");
	*out = arena_alloc(&p->arena, sizeof **out);
	if ((e = pattern_compile(*out, arena_strdup(&p->arena, text), r->why)) != ERR_OK)
		return e;
	if (p->pattern_count == p->pattern_cap) {
		p->pattern_cap = p->pattern_cap == 0 ? 16 : p->pattern_cap * 2;
		p->patterns = mem_resize(p->patterns, p->pattern_cap, sizeof(struct pattern *));
	}
	p->patterns[p->pattern_count++] = *out;
	return ERR_OK;
}

void
reading_dispose(struct reading *r, void (*run)(void *arg), void *arg)
{
	struct disposal *d = arena_alloc(&r->program->arena, sizeof *d);

	d->run = run;
	d->arg = arg;
	d->next = r->program->disposals;
	r->program->disposals = d;
}

enum err
reading_pointer(struct reading *r, const struct json_t *j, const char **out)
{
	size_t len = 0;
	const char *text = jr_string(j, &len);

	if (text == NULL || len > PATTERN_TEXT_MAX_BYTES || (text[0] != '\0' && text[0] != '/'))
		return why_set(r->why, ERR_INVALID, "a JSON pointer begins with /");
	*out = arena_strdup(&r->program->arena, text);
	return ERR_OK;
}

/* A pair of strings, both templates: ["NAME", "VALUE"]. */
enum err
reading_pair(struct reading *r, const struct json_t *pair, const char *what, struct named *out)
{
	enum err e;

	if (!jr_is_array(pair) || jr_count(pair) != 2)
		return why_set(
		    r->why, ERR_INVALID, "an entry of \"%s\" is a pair [NAME, VALUE]", what);
	if ((e = reading_template(r, jr_at(pair, 0), "a name", &out->name)) != ERR_OK)
		return e;
	return reading_template(r, jr_at(pair, 1), "a value", &out->value);
}

enum err
reading_pairs(struct reading *r, const struct json_t *o, const char *key, size_t max,
    struct named **out, size_t *count)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, key, max, &list, count)) != ERR_OK)
		return e;
	*out = arena_array(&r->program->arena, *count, sizeof **out);
	for (size_t i = 0; i < *count; i++)
		if ((e = reading_pair(r, jr_at(list, i), key, &(*out)[i])) != ERR_OK)
			return e;
	return ERR_OK;
}

/* ---- a program ---- */

static enum err
read_vars(struct reading *r, const struct json_t *o)
{
	struct program *p = r->program;
	const struct json_t *list;
	size_t count;
	enum err e;

	if ((e = reading_list(r, o, "vars", VARS_MAX, &list, &count)) != ERR_OK)
		return e;
	p->vars = arena_array(&p->arena, count, sizeof *p->vars);
	p->var_count = count;
	for (size_t i = 0; i < count; i++)
		if ((e = program_read_var(r, jr_at(list, i), &p->vars[i])) != ERR_OK)
			return e;
	return ERR_OK;
}

/* The step reader's sentence with the place before it. */
static enum err
step_error(struct reading *r, size_t index, enum err e)
{
	struct why inner;

	if (r->why == NULL)
		return e;
	inner = *r->why;
	return why_set(r->why, e, "step %zu: %.400s", index + 1, inner.text);
}

static enum err read_steps(
    struct reading *r, const struct json_t *list, struct section *s, int64_t *weight);

/* One entry of a list of steps: *weight grows by the exchanges that it may come to in a run. */
static enum err
read_entry(struct reading *r, const struct json_t *o, struct section *s, int64_t *weight)
{
	struct step *step = &s->steps[s->count];
	int64_t inner = 0;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "a step is an object");
	if (s->count++ == STEPS_MAX)
		return why_set(
		    r->why, ERR_LIMIT, "more than %d steps, those of groups among them", STEPS_MAX);
	if (jr_get(o, "steps") == NULL) {
		if ((e = program_read_step(r, o, step)) == ERR_OK)
			*weight += 1 + step->retry;
		return e;
	}
	if ((e = program_read_loop(r, o, step)) != ERR_OK)
		return e;
	r->loops++;
	e = read_steps(r, jr_get(o, "steps"), s, &inner);
	r->loops--;
	((struct each *)step->loop)->body = (size_t)(&s->steps[s->count] - step) - 1;
	*weight += step->loop->max * inner;
	return e;
}

static enum err
read_steps(struct reading *r, const struct json_t *list, struct section *s, int64_t *weight)
{
	enum err e;

	if (!jr_is_array(list))
		return why_set(r->why, ERR_INVALID, "\"steps\" must be a list");
	for (size_t i = 0; i < jr_count(list); i++)
		if ((e = read_entry(r, jr_at(list, i), s, weight)) != ERR_OK)
			return step_error(r, i, e);
	if (*weight > STEPS_RUN_MAX)
		return why_set(r->why, ERR_LIMIT,
		    "more than %d steps with every loop at its largest and every try",
		    STEPS_RUN_MAX);
	return ERR_OK;
}

static enum err
read_section(struct reading *r, const struct json_t *o, enum section_kind kind)
{
	struct section *s = &r->program->sections[kind];
	const struct json_t *list;
	struct why inner;
	int64_t weight = 0;
	size_t count;
	enum err e;

	r->section = kind;
	if ((e = reading_list(r, o, section_names[kind], STEPS_MAX, &list, &count)) != ERR_OK ||
	    count == 0)
		return e;
	s->steps = arena_array(&r->program->arena, STEPS_MAX + 1, sizeof *s->steps);
	if ((e = read_steps(r, list, s, &weight)) == ERR_OK || r->why == NULL)
		return e;
	inner = *r->why;
	return why_set(r->why, e, "%s, %.450s", section_names[kind], inner.text);
}

static enum err
read_program(struct reading *r, const struct json_t *o)
{
	static const char *const keys[] = {"vars", "put", "get", "check", NULL};
	enum err e;

	if (!jr_is_object(o))
		return why_set(
		    r->why, ERR_INVALID, "a program is an object of vars, put, get and check");
	if (jr_get(o, "contract") != NULL)
		return program_read_external(r, o);
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK || (e = read_vars(r, o)) != ERR_OK)
		return e;
	for (int kind = 0; kind < SECTION_COUNT; kind++)
		if ((e = read_section(r, o, (enum section_kind)kind)) != ERR_OK)
			return e;
	return ERR_OK;
}

enum err
program_read(const char *text, size_t len, struct program **out, struct why *why)
{
	struct reading r = {.why = why};
	struct json_t *o;
	enum err e;

	*out = NULL;
	if ((e = jr_parse(text, len, &o, why)) != ERR_OK)
		return e;
	r.program = mem_alloc(sizeof *r.program);
	e = read_program(&r, o);
	jr_free(o);
	if (e == ERR_OK)
		*out = r.program;
	else
		program_free(r.program);
	return e;
}

void
program_free(struct program *p)
{
	if (p == NULL)
		return;
	for (struct disposal *d = p->disposals; d != NULL; d = d->next)
		d->run(d->arg);
	for (size_t i = 0; i < p->pattern_count; i++)
		pattern_free(p->patterns[i]);
	free(p->patterns);
	arena_free(&p->arena);
	free(p);
}
