/* What a step demands of the answer: its rules, as a program holds them. */
#include "base/hash.h"
#include "checker/action.h"
#include "checker/answer.h"
#include "checker/program_read.h"

#include <string.h>

#define ITEM_NAME_MAX_BYTES 512
#define LATENCY_MAX_MS (24 * 60 * 60 * 1000)
#define SIZE_MAX_BYTES (1024 * 1024)

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

/* {"regex"|"json", "min", "max"} */
static enum err
read_count(struct reading *r, const struct json_t *o, struct rule *out)
{
	static const char *const keys[] = {"regex", "json", "min", "max", NULL};
	enum err e;

	if (!jr_is_object(o) || (jr_get(o, "regex") != NULL) == (jr_get(o, "json") != NULL))
		return why_set(
		    r->why, ERR_INVALID, "\"count\" is an object with \"regex\" or \"json\"");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = jr_want_int(o, "min", 0, COUNT_MAX, &out->min, r->why)) != ERR_OK ||
	    (e = jr_want_int(o, "max", out->min, COUNT_MAX, &out->max, r->why)) != ERR_OK)
		return e;
	if (jr_get(o, "regex") != NULL)
		return reading_pattern(r, jr_get(o, "regex"), &out->pattern);
	return reading_pointer(r, jr_get(o, "json"), &out->name);
}

/* [[POINTER, JSON TEXT], ...] */
static enum err
read_members(struct reading *r, const struct json_t *list, struct rule *out)
{
	enum err e;

	out->member_count = jr_is_array(list) ? jr_count(list) : 0;
	if (out->member_count == 0 || out->member_count > STEP_ITEMS_MAX)
		return why_set(
		    r->why, ERR_INVALID, "\"json\" is a list of 1 to %d pairs", STEP_ITEMS_MAX);
	out->members = arena_array(&r->program->arena, out->member_count, sizeof *out->members);
	for (size_t i = 0; i < out->member_count; i++) {
		const struct json_t *pair = jr_at(list, i);
		struct json_member *m = &out->members[i];

		if (!jr_is_array(pair) || jr_count(pair) != 2)
			return why_set(
			    r->why, ERR_INVALID, "an entry of \"json\" is a pair [POINTER, TEXT]");
		if ((e = reading_pointer(r, jr_at(pair, 0), &m->pointer)) != ERR_OK ||
		    (e = reading_template(r, jr_at(pair, 1), "\"json\"", &m->value)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* Names of parts as bits, of those that this rule knows. */
static enum err
read_parts(struct reading *r, const struct json_t *list, unsigned known, unsigned *out)
{
	if (!jr_is_array(list) || jr_count(list) == 0)
		return why_set(r->why, ERR_INVALID, "\"value\" is a list of kinds of content");
	for (size_t i = 0; i < jr_count(list); i++) {
		const char *name = jr_string(jr_at(list, i), NULL);
		unsigned part = name != NULL ? page_part(name) & known : 0;

		if (part == 0)
			return why_set(r->why, ERR_INVALID, "\"%.40s\" is no kind of content here",
			    name != NULL ? name : "");
		*out |= part;
	}
	return ERR_OK;
}

static enum err
read_allow(struct reading *r, const struct json_t *o, struct rule *out)
{
	const struct json_t *list;
	const char **hosts;
	size_t count;
	enum err e;

	if ((e = reading_list(r, o, "allow", STEP_ITEMS_MAX, &list, &count)) != ERR_OK)
		return e;
	hosts = arena_array(&r->program->arena, count + 1, sizeof *hosts);
	for (size_t i = 0; i < count; i++) {
		const char *host = jr_string(jr_at(list, i), NULL);

		if (host == NULL || strlen(host) >= SITE_HOST_MAX_BYTES)
			return why_set(r->why, ERR_INVALID, "an entry of \"allow\" is a host");
		hosts[i] = arena_strdup(&r->program->arena, host);
	}
	out->page.allow = hosts;
	return ERR_OK;
}

static enum err
read_page(struct reading *r, const struct json_t *o, struct rule *out)
{
	const struct json_t *list = jr_get(o, "value");
	enum err e;

	if (out->kind == RULE_NO_CODE)
		return read_parts(
		    r, list, PAGE_SCRIPTS | PAGE_HANDLERS | PAGE_URLS, &out->page.code);
	if (out->kind == RULE_NO_HIDDEN)
		return read_parts(r, list, PAGE_LINKS | PAGE_FRAMES, &out->page.hidden);
	e = read_parts(r, list, ~(unsigned)(PAGE_HANDLERS | PAGE_URLS), &out->page.foreign);
	return e == ERR_OK ? read_allow(r, o, out) : e;
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
	case RULE_BODY_REGEX_LACKS:
		return reading_pattern(r, value, &out->pattern);
	case RULE_HEADER:
		if ((e = jr_want_str(o, "name", ITEM_NAME_MAX_BYTES, &out->name, r->why)) != ERR_OK)
			return e;
		out->name = arena_strdup(&r->program->arena, out->name);
		return reading_pattern(r, value, &out->pattern);
	case RULE_LATENCY_MS_MAX:
		return jr_want_int(o, "value", 1, LATENCY_MAX_MS, &out->number, r->why);
	case RULE_SIZE_MIN:
	case RULE_SIZE_MAX:
		return jr_want_int(o, "value", 0, SIZE_MAX_BYTES, &out->number, r->why);
	case RULE_SHA256:
		return read_digest(r, value, out);
	case RULE_EQUALS:
		return read_equals(r, value, out);
	case RULE_COUNT:
		return read_count(r, value, out);
	case RULE_JSON:
		return read_members(r, value, out);
	case RULE_NO_FOREIGN:
	case RULE_NO_CODE:
	case RULE_NO_HIDDEN:
		return read_page(r, o, out);
	case RULE_KINDS:
		break;
	}
	return ERR_INVALID;
}

enum err
reading_result(struct reading *r, const struct json_t *o, const char *key, enum status *out)
{
	const char *text;
	enum err e;

	if (jr_get(o, key) == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, key, 16, &text, r->why)) != ERR_OK)
		return e;
	if (!status_parse(text, out) ||
	    (*out != ST_DOWN && *out != ST_MUMBLE && *out != ST_CORRUPT))
		return why_set(r->why, ERR_INVALID,
		    "\"%s\" is \"%s\"; down, mumble or corrupt is expected", key, text);
	return ERR_OK;
}

static enum err
read_rule(struct reading *r, const struct json_t *o, const struct step *step, struct rule *out)
{
	static const char *const keys[] = {"rule", "value", "name", "allow", "fails", NULL};
	static const char *const kinds[RULE_KINDS] = {[RULE_STATUS] = "status",
	    [RULE_BODY_CONTAINS] = "body_contains",
	    [RULE_BODY_LACKS] = "body_lacks",
	    [RULE_BODY_REGEX] = "body_regex",
	    [RULE_BODY_REGEX_LACKS] = "body_regex_lacks",
	    [RULE_HEADER] = "header",
	    [RULE_LATENCY_MS_MAX] = "latency_ms_max",
	    [RULE_SIZE_MIN] = "size_min",
	    [RULE_SIZE_MAX] = "size_max",
	    [RULE_SHA256] = "sha256",
	    [RULE_EQUALS] = "equals",
	    [RULE_COUNT] = "count",
	    [RULE_JSON] = "json",
	    [RULE_NO_FOREIGN] = "no_foreign",
	    [RULE_NO_CODE] = "no_code",
	    [RULE_NO_HIDDEN] = "no_hidden"};
	const struct action *action = step->action;
	const char *kind;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "an entry of \"assert\" is an object");
	out->fails = step->fails;
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = jr_want_str(o, "rule", 32, &kind, r->why)) != ERR_OK ||
	    (e = reading_result(r, o, "fails", &out->fails)) != ERR_OK)
		return e;
	for (size_t i = 0; i < RULE_KINDS; i++) {
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

enum err
program_read_rules(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "assert", STEP_ITEMS_MAX, &list, &out->rule_count)) != ERR_OK)
		return e;
	out->rules = arena_array(&r->program->arena, out->rule_count, sizeof *out->rules);
	for (size_t i = 0; i < out->rule_count; i++)
		if ((e = read_rule(r, jr_at(list, i), out, &out->rules[i])) != ERR_OK)
			return e;
	return ERR_OK;
}
