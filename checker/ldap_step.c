/* The action ldap: bind and search. The answer is what libcurl makes of the entries, which looks like LDIF. */
#include "checker/curl_step.h"

#include <string.h>

struct ldap_plan {
	struct curl_plan curl;
	struct template base, filter;
	const char *scope;
	const char **attributes;
	size_t attribute_count;
};

/* ---- reading ---- */

static enum err
read_scope(struct reading *r, const struct json_t *o, struct ldap_plan *out)
{
	static const char *const scopes[] = {"base", "one", "sub"};
	const char *text = "base";
	enum err e;

	if (jr_get(o, "scope") != NULL && (e = jr_want_str(o, "scope", 8, &text, r->why)) != ERR_OK)
		return e;
	for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
		if (strcmp(scopes[i], text) == 0) {
			out->scope = scopes[i];
			return ERR_OK;
		}
	}
	return why_set(
	    r->why, ERR_INVALID, "\"scope\" is \"%s\"; base, one or sub is expected", text);
}

static enum err
read_attributes(struct reading *r, const struct json_t *o, struct ldap_plan *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "attributes", STEP_ITEMS_MAX, &list, &out->attribute_count)) !=
	    ERR_OK)
		return e;
	out->attributes =
	    arena_array(&r->program->arena, out->attribute_count, sizeof *out->attributes);
	for (size_t i = 0; i < out->attribute_count; i++) {
		const char *name = jr_string(jr_at(list, i), NULL);

		if (name == NULL || name[0] == '\0' || strlen(name) > 200)
			return why_set(r->why, ERR_INVALID,
			    "an entry of \"attributes\" is an attribute's name");
		out->attributes[i] = arena_strdup(&r->program->arena, name);
	}
	return ERR_OK;
}

static enum err
ldap_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    CURL_PLAN_KEYS, "base", "scope", "filter", "attributes", NULL};
	struct ldap_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);

	if (e != ERR_OK || (e = curl_plan_text(r, o, "base", true, &plan->base)) != ERR_OK ||
	    (e = curl_plan_text(r, o, "filter", false, &plan->filter)) != ERR_OK ||
	    (e = read_scope(r, o, plan)) != ERR_OK)
		return e;
	return read_attributes(r, o, plan);
}

/* ---- the search ---- */

/* Its values escaped for where they stand, then the whole for the URL (RFC 4516). */
static enum err
put_text(struct curl_talk *t, const struct template *text, enum escape escape, struct buf *url,
    struct why *why)
{
	struct buf line;
	enum err e;

	if (text->source == NULL)
		return ERR_OK;
	buf_init(&line, ARGUMENT_MAX_BYTES);
	if ((e = template_render(text, t->x->vars, escape, &line, why)) == ERR_OK)
		curl_client_escape(url, line.data, line.len, "");
	buf_free(&line);
	return e;
}

static enum err
ldap_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	const struct ldap_plan *plan = (const struct ldap_plan *)t->plan;
	enum err e;

	buf_putc(url, '/');
	if ((e = put_text(t, &plan->base, ESCAPE_LDAP_DN, url, why)) != ERR_OK)
		return e;
	buf_putc(url, '?');
	for (size_t i = 0; i < plan->attribute_count; i++) {
		if (i > 0)
			buf_putc(url, ',');
		curl_client_escape(url, plan->attributes[i], strlen(plan->attributes[i]), "");
	}
	buf_printf(url, "?%s?", plan->scope);
	return put_text(t, &plan->filter, ESCAPE_LDAP_FILTER, url, why);
}

static void
ldap_describe(const struct step *step, struct buf *out)
{
	const struct ldap_plan *plan = step->plan;

	buf_printf(out, "%.200s %s", plan->base.source, plan->scope);
}

static const struct curl_kind ldap = {
    .protocol = "LDAP", .scheme = "ldap", .scheme_tls = "ldaps", .prepare = ldap_prepare};

static enum err
ldap_start(struct exchange *x, struct outcome *o)
{
	return curl_talk_start(x, &ldap, o);
}

const struct action action_ldap = {.name = "ldap",
    .read = ldap_read,
    .start = ldap_start,
    .cancel = curl_talk_cancel,
    .describe = ldap_describe};
