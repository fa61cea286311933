/* The variables of a program: random ones, and those made of others. */
#include "checker/program_read.h"

#include <string.h>

static enum err
read_range(struct reading *r, const struct json_t *o, struct random_var *out)
{
	bool min = jr_get(o, "min") != NULL, max = jr_get(o, "max") != NULL;
	enum err e;

	if (!min && !max)
		return ERR_OK;
	if (out->kind != RANDOM_NUMBER || jr_get(o, "length") != NULL)
		return why_set(
		    r->why, ERR_INVALID, "\"min\" and \"max\" are for a number without \"length\"");
	if ((e = jr_want_int(o, "min", -RANDOM_NUMBER_MAX, RANDOM_NUMBER_MAX, &out->min, r->why)) !=
		ERR_OK ||
	    (e = jr_want_int(o, "max", out->min, RANDOM_NUMBER_MAX, &out->max, r->why)) != ERR_OK)
		return e;
	out->range = true;
	return ERR_OK;
}

static enum err
read_choices(struct reading *r, const struct json_t *o, struct random_var *out)
{
	const struct json_t *list;
	const char **of;
	enum err e;

	if ((e = reading_list(r, o, "of", RANDOM_CHOICES_MAX, &list, &out->of_count)) != ERR_OK)
		return e;
	if ((out->kind == RANDOM_CHOICE) != (out->of_count > 0))
		return why_set(
		    r->why, ERR_INVALID, "\"of\" is the list that a choice, and only that, has");
	of = arena_array(&r->program->arena, out->of_count, sizeof *of);
	for (size_t i = 0; i < out->of_count; i++) {
		const char *text = jr_string(jr_at(list, i), NULL);

		if (text == NULL)
			return why_set(r->why, ERR_INVALID, "an entry of \"of\" is a text");
		of[i] = arena_strdup(&r->program->arena, text);
	}
	out->of = of;
	return ERR_OK;
}

static enum err
read_language(struct reading *r, const struct json_t *o, struct random_var *out)
{
	const char *text;
	enum err e;

	if (jr_get(o, "lang") == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, "lang", 8, &text, r->why)) != ERR_OK)
		return e;
	out->lang = strcmp(text, "en") == 0 ? RANDOM_EN : RANDOM_ZH;
	if (out->kind != RANDOM_PHRASE || (out->lang == RANDOM_ZH && strcmp(text, "zh") != 0))
		return why_set(r->why, ERR_INVALID, "\"lang\" of a phrase is zh or en");
	return ERR_OK;
}

static enum err
read_random(struct reading *r, const struct json_t *o, struct random_var *out)
{
	const char *kind;
	int64_t length = 0;
	enum err e;

	if ((e = jr_want_str(o, "random", 16, &kind, r->why)) != ERR_OK)
		return e;
	if (!random_kind_parse(kind, &out->kind))
		return why_set(r->why, ERR_INVALID,
		    "\"random\" is \"%s\"; name, text, hex, number, choice, uuid, phrase, email or "
		    "phone is expected",
		    kind);
	if (jr_get(o, "length") != NULL &&
	    (e = jr_want_int(o, "length", 0, RANDOM_LENGTH_MAX, &length, r->why)) != ERR_OK)
		return e;
	out->length = length > 0 ? (size_t)length : random_default_length(out->kind);
	if ((e = read_range(r, o, out)) != ERR_OK || (e = read_choices(r, o, out)) != ERR_OK)
		return e;
	return read_language(r, o, out);
}

enum err
program_read_var(struct reading *r, const struct json_t *o, struct variable *out)
{
	static const char *const keys[] = {
	    "name", "random", "length", "min", "max", "of", "lang", "value", NULL};
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "an entry of \"vars\" is an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = reading_name(r, jr_get(o, "name"), "variable", &out->name)) != ERR_OK)
		return e;
	out->random.name = out->name;
	out->derived = jr_get(o, "value") != NULL;
	if (out->derived)
		return reading_template(r, jr_get(o, "value"), "\"value\"", &out->value);
	return read_random(r, o, &out->random);
}
