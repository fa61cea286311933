/* What a step takes from the answer: its captures, as a program holds them. */
#include "checker/action.h"
#include "checker/answer.h"
#include "checker/program_read.h"

#include <string.h>

/* What else belongs to the kind of source. */
static enum err
read_source(struct reading *r, const struct json_t *o, struct capture *out)
{
	const char *text;
	enum err e;

	out->all = jr_boolean(jr_get(o, "all"), false);
	if (jr_get(o, "default") != NULL) {
		if (out->all)
			return why_set(r->why, ERR_INVALID,
			    "\"default\" is for one value, a list without any is empty");
		if ((e = jr_want_text(o, "default", CAPTURE_MAX_BYTES, &text, r->why)) != ERR_OK)
			return e;
		out->otherwise = arena_strdup(&r->program->arena, text);
	}
	if (out->from == CAPTURE_JSON)
		return reading_pointer(r, jr_get(o, "arg"), &out->arg);
	if (out->from != CAPTURE_REGEX)
		return ERR_OK;
	if ((e = reading_pattern(r, jr_get(o, "arg"), &out->pattern)) != ERR_OK)
		return e;
	if (out->pattern->regex.re_nsub == 0)
		return why_set(r->why, ERR_INVALID,
		    "the regular expression of a capture has a group (...): what is captured");
	return ERR_OK;
}

static enum err
read_capture(
    struct reading *r, const struct json_t *o, const struct action *action, struct capture *out)
{
	static const char *const keys[] = {"var", "from", "arg", "all", "default", NULL};
	static const char *const sources[] = {[CAPTURE_JSON] = "json",
	    [CAPTURE_REGEX] = "regex",
	    [CAPTURE_HEADER] = "header",
	    [CAPTURE_COOKIE] = "cookie",
	    [CAPTURE_FORM] = "form"};
	const char *from, *arg;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "an entry of \"capture\" is an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = reading_name(r, jr_get(o, "var"), "capture", &out->var)) != ERR_OK ||
	    (e = jr_want_str(o, "from", 16, &from, r->why)) != ERR_OK ||
	    (e = jr_want_text(o, "arg", PATTERN_TEXT_MAX_BYTES, &arg, r->why)) != ERR_OK)
		return e;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		if (strcmp(sources[i], from) != 0)
			continue;
		out->from = (enum capture_from)i;
		out->arg = arena_strdup(&r->program->arena, arg);
		if ((i == CAPTURE_HEADER || i == CAPTURE_COOKIE) && !action->has_headers)
			return why_set(
			    r->why, ERR_INVALID, "\"%s\" is not for %s steps", from, action->name);
		return read_source(r, o, out);
	}
	return why_set(r->why, ERR_INVALID,
	    "a capture from \"%s\"; json, regex, header, cookie or form is expected", from);
}

enum err
program_read_captures(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "capture", STEP_ITEMS_MAX, &list, &out->capture_count)) !=
	    ERR_OK)
		return e;
	out->captures = arena_array(&r->program->arena, out->capture_count, sizeof *out->captures);
	for (size_t i = 0; i < out->capture_count; i++)
		if ((e = read_capture(r, jr_at(list, i), out->action, &out->captures[i])) != ERR_OK)
			return e;
	return ERR_OK;
}
