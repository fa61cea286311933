/* What a step demands of the answer and takes from it: its rules and captures, as a program holds them. */
#include "base/hash.h"
#include "checker/action.h"
#include "checker/program_read.h"

#include <string.h>

#define ITEM_NAME_MAX_BYTES 512
#define LATENCY_MAX_MS (24 * 60 * 60 * 1000)
#define SIZE_MAX_BYTES (1024 * 1024)

/* ---- assert ---- */

static enum err
read_statuses(
    struct reading *r, const struct json_t *list, const struct action *action, struct rule *out)
{
	int min = action->status_max > 0 ? action->status_min : 100;
	int max = action->status_max > 0 ? action->status_max : 999;

	out->status_count = jr_is_array(list) ? jr_count(list) : 0;
	if (out->status_count == 0 || out->status_count > STEP_ITEMS_MAX)
		return why_set(
		    r->why, ERR_INVALID, "\"status\" is a list of 1 to %d numbers", STEP_ITEMS_MAX);
	out->statuses = arena_array(&r->program->arena, out->status_count, sizeof(int));
	for (size_t i = 0; i < out->status_count; i++) {
		int64_t v = jr_integer(jr_at(list, i), -1);

		if (v < min || v > max)
			return why_set(r->why, ERR_INVALID,
			    "a status of \"status\" is a number from %d to %d", min, max);
		out->statuses[i] = (int)v;
	}
	return ERR_OK;
}

static enum err
read_equals(struct reading *r, const struct json_t *list, struct rule *out)
{
	enum err e;

	if (!jr_is_array(list) || jr_count(list) != 2)
		return why_set(r->why, ERR_INVALID, "\"equals\" is a list of two strings");
	if ((e = reading_template(r, jr_at(list, 0), "\"equals\"", &out->text)) != ERR_OK)
		return e;
	return reading_template(r, jr_at(list, 1), "\"equals\"", &out->other);
}

static enum err
read_digest(struct reading *r, const struct json_t *value, struct rule *out)
{
	size_t len = 0;
	const char *hex = jr_string(value, &len);

	if (hex == NULL || len != 2 * sizeof out->sha256 || !hex_decode(hex, len, out->sha256))
		return why_set(r->why, ERR_INVALID, "\"sha256\" is 64 hex digits");
	return ERR_OK;
}

static enum err
read_rule_value(
    struct reading *r, const struct json_t *o, const struct action *action, struct rule *out)
{
	const struct json_t *value = jr_get(o, "value");
	enum err e;

	switch (out->kind) {
	case RULE_STATUS:
		return read_statuses(r, value, action, out);
	case RULE_BODY_CONTAINS:
	case RULE_BODY_LACKS:
		return reading_template(r, value, "\"value\"", &out->text);
	case RULE_BODY_REGEX:
		return reading_pattern(r, value, &out->pattern);
	case RULE_HEADER:
		if ((e = jr_want_str(o, "name", ITEM_NAME_MAX_BYTES, &out->name, r->why)) != ERR_OK)
			return e;
		out->name = arena_strdup(&r->program->arena, out->name);
		return reading_pattern(r, value, &out->pattern);
	case RULE_LATENCY_MS_MAX:
		return jr_want_int(o, "value", 1, LATENCY_MAX_MS, &out->number, r->why);
	case RULE_SIZE_MAX:
		return jr_want_int(o, "value", 0, SIZE_MAX_BYTES, &out->number, r->why);
	case RULE_SHA256:
		return read_digest(r, value, out);
	case RULE_EQUALS:
		return read_equals(r, value, out);
	}
	return ERR_INVALID;
}

static enum err
read_fails(struct reading *r, const struct json_t *o, struct rule *out)
{
	const char *text;
	enum err e;

	out->fails = r->section == SECTION_GET ? ST_CORRUPT : ST_MUMBLE;
	if (jr_get(o, "fails") == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, "fails", 16, &text, r->why)) != ERR_OK)
		return e;
	if (!status_parse(text, &out->fails) ||
	    (out->fails != ST_DOWN && out->fails != ST_MUMBLE && out->fails != ST_CORRUPT))
		return why_set(r->why, ERR_INVALID,
		    "\"fails\" is \"%s\"; down, mumble or corrupt is expected", text);
	return ERR_OK;
}

static enum err
read_rule(struct reading *r, const struct json_t *o, const struct action *action, struct rule *out)
{
	static const char *const keys[] = {"rule", "value", "name", "fails", NULL};
	static const char *const kinds[] = {[RULE_STATUS] = "status",
	    [RULE_BODY_CONTAINS] = "body_contains",
	    [RULE_BODY_LACKS] = "body_lacks",
	    [RULE_BODY_REGEX] = "body_regex",
	    [RULE_HEADER] = "header",
	    [RULE_LATENCY_MS_MAX] = "latency_ms_max",
	    [RULE_SIZE_MAX] = "size_max",
	    [RULE_SHA256] = "sha256",
	    [RULE_EQUALS] = "equals"};
	const char *kind;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "an entry of \"assert\" is an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = jr_want_str(o, "rule", 32, &kind, r->why)) != ERR_OK ||
	    (e = read_fails(r, o, out)) != ERR_OK)
		return e;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i], kind) != 0)
			continue;
		out->kind = (enum rule_kind)i;
		if ((i == RULE_STATUS && !action->has_status) ||
		    (i == RULE_HEADER && !action->has_headers))
			return why_set(
			    r->why, ERR_INVALID, "\"%s\" is not for %s steps", kind, action->name);
		return read_rule_value(r, o, action, out);
	}
	return why_set(r->why, ERR_INVALID, "unknown rule \"%s\"", kind);
}

/* ---- capture ---- */

static enum err
read_capture(
    struct reading *r, const struct json_t *o, const struct action *action, struct capture *out)
{
	static const char *const keys[] = {"var", "from", "arg", NULL};
	static const char *const sources[] = {[CAPTURE_JSON] = "json",
	    [CAPTURE_REGEX] = "regex",
	    [CAPTURE_HEADER] = "header",
	    [CAPTURE_COOKIE] = "cookie"};
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
		if (out->from == CAPTURE_JSON && arg[0] != '\0' && arg[0] != '/')
			return why_set(r->why, ERR_INVALID, "a JSON pointer begins with /");
		if (out->from != CAPTURE_REGEX)
			return ERR_OK;
		if ((e = reading_pattern(r, jr_get(o, "arg"), &out->pattern)) != ERR_OK)
			return e;
		if (out->pattern->regex.re_nsub == 0)
			return why_set(r->why, ERR_INVALID,
			    "the regular expression of a capture has a group (...): what is "
			    "captured");
		return ERR_OK;
	}
	return why_set(r->why, ERR_INVALID,
	    "a capture from \"%s\"; json, regex, header or cookie is expected", from);
}

/* ---- a step's lists ---- */

enum err
program_read_rules(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "assert", STEP_ITEMS_MAX, &list, &out->rule_count)) != ERR_OK)
		return e;
	out->rules = arena_array(&r->program->arena, out->rule_count, sizeof *out->rules);
	for (size_t i = 0; i < out->rule_count; i++)
		if ((e = read_rule(r, jr_at(list, i), out->action, &out->rules[i])) != ERR_OK)
			return e;
	return ERR_OK;
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
