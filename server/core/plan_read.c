/*
 * JSON to plans and back.
 */
#include "base/text.h"
#include "core/incident_class.h"
#include "core/plan_data.h"
#include <stdio.h>
#include <string.h>

#define WHERE_BYTES 120

struct plan_reader {
	struct arena *arena;
	struct why *why;
	char where[WHERE_BYTES]; /* "plan \"x\", step \"y\": ", before each sentence */
};

/* Puts the place before the sentence that is there. */
static enum err
at_place(struct plan_reader *r, enum err e)
{
	struct why inner;

	if (e == ERR_OK || r->why == NULL)
		return e;
	inner = *r->why;
	return why_set(r->why, e, "%s%s", r->where, inner.text);
}

static enum err
read_language(struct plan_reader *r, const struct json_t *o, const char *key, const char *language,
    size_t max, const char **out)
{
	const struct json_t *v = jr_get(o, language);
	struct why why;
	const char *s;
	size_t len;
	enum err e;

	if (v == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, language, max, &s, r->why)) != ERR_OK)
		return e;
	(void)jr_string(v, &len);
	if ((e = text_check(s, len, TEXT_LINE, &why)) != ERR_OK)
		return why_set(r->why, e, "\"%s\" in \"%s\" %s", key, language, why.text);
	*out = arena_strdup(r->arena, s);
	return ERR_OK;
}

static enum err
read_text(
    struct plan_reader *r, const struct json_t *o, const char *key, size_t max, struct i18n *out)
{
	static const char *const keys[] = {"zh", "en", NULL};
	const struct json_t *v = jr_get(o, key);
	enum err e;

	*out = (struct i18n){NULL, NULL};
	if (!jr_is_object(v))
		return why_set(
		    r->why, ERR_INVALID, "\"%s\" must be an object with \"zh\" and \"en\"", key);
	if ((e = jr_only_keys(v, keys, r->why)) != ERR_OK ||
	    (e = read_language(r, v, key, "zh", max, &out->zh)) != ERR_OK ||
	    (e = read_language(r, v, key, "en", max, &out->en)) != ERR_OK)
		return e;
	if (out->zh == NULL && out->en == NULL)
		return why_set(r->why, ERR_INVALID,
		    "\"%s\" has neither \"zh\" nor \"en\"; give at least one", key);
	out->zh = out->zh != NULL ? out->zh : out->en;
	out->en = out->en != NULL ? out->en : out->zh;
	return ERR_OK;
}

static enum err
read_id(struct plan_reader *r, const struct json_t *o, const char **out)
{
	const char *id;
	enum err e = jr_want_str(o, "id", ID_MAX_BYTES, &id, r->why);

	if (e != ERR_OK)
		return e;
	if (!id_valid(id))
		return why_set(r->why, ERR_INVALID,
		    "\"id\": \"%s\" is no id; it is small letters, digits and hyphens", id);
	*out = arena_strdup(r->arena, id);
	return ERR_OK;
}

static enum err
read_term(struct plan_reader *r, const struct json_t *o, const char *key, const struct terms *terms,
    int *out)
{
	const char *word;
	enum err e = jr_want_str(o, key, ID_MAX_BYTES, &word, r->why);

	return e != ERR_OK ? e : term_want(terms, word, out, r->why);
}

static enum err
read_actions(struct plan_reader *r, const struct json_t *o, uint32_t *out)
{
	const struct json_t *list = jr_get(o, "actions");

	if (!jr_is_array(list))
		return why_set(
		    r->why, ERR_INVALID, "\"actions\" must be a list of action kinds, or []");
	for (size_t i = 0; i < jr_count(list); i++) {
		const char *word = jr_string(jr_at(list, i), NULL);
		enum err e;
		int act = 0;

		if ((e = term_want(&terms_actions, word != NULL ? word : "", &act, r->why)) !=
		    ERR_OK)
			return e;
		if (*out & 1u << act)
			return why_set(r->why, ERR_INVALID, "\"actions\" has \"%s\" twice", word);
		*out |= 1u << act;
	}
	return ERR_OK;
}

static enum err
read_step(struct plan_reader *r, const struct json_t *j, struct plan_step *out)
{
	static const char *const keys[] = {
	    "id", "phase", "who", "within_minutes", "actions", "text", NULL};
	int phase = 0, who = 0;
	int64_t minutes;
	enum err e;

	if (!jr_is_object(j))
		return why_set(r->why, ERR_INVALID, "a step must be an object");
	if ((e = jr_only_keys(j, keys, r->why)) != ERR_OK ||
	    (e = read_id(r, j, &out->id)) != ERR_OK ||
	    (e = read_term(r, j, "phase", &terms_phases, &phase)) != ERR_OK ||
	    (e = read_term(r, j, "who", &terms_plan_roles, &who)) != ERR_OK ||
	    (e = jr_want_int(j, "within_minutes", 1, PLAN_WITHIN_MAX_MINUTES, &minutes, r->why)) !=
		ERR_OK ||
	    (e = read_actions(r, j, &out->actions)) != ERR_OK ||
	    (e = read_text(r, j, "text", PLAN_TEXT_MAX_BYTES, &out->text)) != ERR_OK)
		return e;
	out->phase = (enum pdcerf)phase;
	out->who = (enum plan_role)who;
	out->within_minutes = (int)minutes;
	return ERR_OK;
}

/* Against the steps before it: its id is new, its phase not an earlier one. */
static enum err
check_step(struct plan_reader *r, const struct plan_step *steps, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(steps[k].id, steps[i].id) == 0)
			return why_set(r->why, ERR_INVALID, "its id is there twice");
	if (i > 0 && steps[i].phase < steps[i - 1].phase)
		return why_set(r->why, ERR_INVALID,
		    "%s comes before %s, the phase of the step before it",
		    term_id(&terms_phases, steps[i].phase),
		    term_id(&terms_phases, steps[i - 1].phase));
	return ERR_OK;
}

static enum err
read_steps(struct plan_reader *r, const struct json_t *j, struct plan *out)
{
	const struct json_t *list = jr_get(j, "steps");
	size_t count = jr_count(list), at = strlen(r->where);
	struct plan_step *steps;
	enum err e;

	if (!jr_is_array(list) || count < 1 || count > PLAN_STEPS_MAX)
		return why_set(
		    r->why, ERR_INVALID, "\"steps\" must be a list of 1 to %d", PLAN_STEPS_MAX);
	steps = arena_array(r->arena, count, sizeof(*steps));
	out->steps = steps;
	for (size_t i = 0; i < count; i++) {
		snprintf(r->where + at, sizeof(r->where) - at, "step %zu: ", i + 1);
		if ((e = read_step(r, jr_at(list, i), &steps[i])) != ERR_OK ||
		    (e = check_step(r, steps, i)) != ERR_OK)
			return e;
	}
	r->where[at] = '\0';
	out->step_count = count;
	return ERR_OK;
}

static enum err
read_classes(struct plan_reader *r, const struct json_t *j, struct plan *out)
{
	const struct json_t *list = jr_get(j, "classes");
	size_t count = jr_count(list);
	const char **codes;

	if (!jr_is_array(list) || count > PLAN_CLASSES_MAX)
		return why_set(r->why, ERR_INVALID,
		    "\"classes\" must be a list of at most %d codes", PLAN_CLASSES_MAX);
	codes = arena_array(r->arena, count, sizeof(*codes));
	for (size_t i = 0; i < count; i++) {
		const char *code = jr_string(jr_at(list, i), NULL);
		const struct incident_class *c = code != NULL ? incident_class_find(code) : NULL;

		if (c == NULL)
			return why_set(r->why, ERR_INVALID,
			    "\"classes\": \"%.20s\" is no code of GB/T 20986-2023, such as 0107",
			    code != NULL ? code : "another kind");
		for (size_t k = 0; k < i; k++)
			if (strcmp(codes[k], code) == 0)
				return why_set(
				    r->why, ERR_INVALID, "\"classes\" has %s twice", code);
		codes[i] = c->code;
	}
	out->classes = codes;
	out->class_count = count;
	return ERR_OK;
}

static enum err
read_plan(struct plan_reader *r, const struct json_t *j, struct plan *out)
{
	static const char *const keys[] = {"id", "name", "summary", "classes", "steps", NULL};
	enum err e;

	if (!jr_is_object(j))
		return why_set(r->why, ERR_INVALID, "a plan must be an object");
	if ((e = jr_only_keys(j, keys, r->why)) != ERR_OK ||
	    (e = read_id(r, j, &out->id)) != ERR_OK)
		return e;
	snprintf(r->where, sizeof(r->where), "plan \"%s\": ", out->id);
	if ((e = read_text(r, j, "name", NAME_MAX_BYTES, &out->name)) != ERR_OK ||
	    (e = read_text(r, j, "summary", PLAN_TEXT_MAX_BYTES, &out->summary)) != ERR_OK ||
	    (e = read_classes(r, j, out)) != ERR_OK)
		return e;
	return read_steps(r, j, out);
}

enum err
plan_parse(const struct json_t *j, struct arena *arena, struct plan *out, struct why *why)
{
	struct plan_reader r = {.arena = arena, .why = why, .where = ""};

	*out = (struct plan){.id = NULL};
	return at_place(&r, read_plan(&r, j, out));
}

/* ---- writing ---- */

static void
put_step(struct json_writer *w, const struct plan_step *s)
{
	jw_object(w);
	jw_key(w, "actions");
	jw_array(w);
	for (int act = 0; act < ACT_COUNT; act++)
		if (s->actions & 1u << act)
			jw_str(w, term_id(&terms_actions, act));
	jw_array_end(w);
	jw_kv_str(w, "id", s->id);
	jw_kv_str(w, "phase", term_id(&terms_phases, s->phase));
	i18n_write(w, "text", &s->text);
	jw_kv_str(w, "who", term_id(&terms_plan_roles, s->who));
	jw_kv_int(w, "within_minutes", s->within_minutes);
	jw_object_end(w);
}

void
plan_encode(const struct plan *p, struct json_writer *w)
{
	jw_object(w);
	jw_key(w, "classes");
	jw_array(w);
	for (size_t i = 0; i < p->class_count; i++)
		jw_str(w, p->classes[i]);
	jw_array_end(w);
	jw_kv_str(w, "id", p->id);
	i18n_write(w, "name", &p->name);
	jw_key(w, "steps");
	jw_array(w);
	for (size_t i = 0; i < p->step_count; i++)
		put_step(w, &p->steps[i]);
	jw_array_end(w);
	i18n_write(w, "summary", &p->summary);
	jw_object_end(w);
}
