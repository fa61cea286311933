/* Of the configuration: the rules of engagement, and who is told of attack results. */
#include "core/config_private.h"

#include <string.h>

static const char *const show_names[SHOW_COUNT] = {
    [SHOW_AFTER_END] = "after_end",
    [SHOW_AFTER_CONFIRMATION] = "after_confirmation",
    [SHOW_NEVER] = "never",
};

const char *
show_blue_name(enum show_blue s)
{
	return (unsigned)s < SHOW_COUNT ? show_names[s] : "?";
}

bool
show_blue_parse(const char *name, enum show_blue *out)
{
	for (int i = 0; i < SHOW_COUNT; i++)
		if (strcmp(show_names[i], name) == 0) {
			*out = (enum show_blue)i;
			return true;
		}
	return false;
}

/* ---- encoding: keys in sorted order ---- */

static void
put_scope(const struct drill_config *c, struct json_writer *w)
{
	if (c->rules->all) {
		jw_str(w, "all");
		return;
	}
	jw_array(w);
	for (size_t i = 0; i < c->system_count; i++)
		if (c->rules->in_scope[i])
			jw_str(w, c->systems[i].id);
	jw_array_end(w);
}

void
config_encode_rules(const struct drill_config *c, struct json_writer *w)
{
	const struct rules_config *r = c->rules;

	jw_object(w);
	jw_key(w, "forbidden");
	jw_array(w);
	for (size_t i = 0; i < r->forbidden_count; i++)
		i18n_write(w, NULL, &r->forbidden[i]);
	jw_array_end(w);
	jw_key(w, "scope");
	put_scope(c, w);
	i18n_write(w, "text", &r->text);
	jw_kv_str(w, "version", r->version);
	jw_object_end(w);
}

void
config_encode_results(const struct drill_config *c, struct json_writer *w)
{
	if (c->show_blue == SHOW_AFTER_END)
		return;
	jw_key(w, "results");
	jw_object(w);
	jw_kv_str(w, "show_blue", show_blue_name(c->show_blue));
	jw_object_end(w);
}

/* ---- decoding ---- */

static enum err
get_i18n(
    struct drill_config *c, const struct json_t *o, size_t max, struct i18n *out, struct why *why)
{
	const char *en, *zh;
	enum err e;

	if ((e = jr_want_text(o, "en", max, &en, why)) != ERR_OK ||
	    (e = jr_want_text(o, "zh", max, &zh, why)) != ERR_OK)
		return e;
	*out = (struct i18n){arena_strdup(&c->arena, zh), arena_strdup(&c->arena, en)};
	return ERR_OK;
}

static enum err
get_scope(
    struct drill_config *c, const struct json_t *list, const struct ids *systems, struct why *why)
{
	struct rules_config *r = c->rules;
	const char *word = jr_string(list, NULL);

	r->all = word != NULL && strcmp(word, "all") == 0;
	if (r->all)
		return ERR_OK;
	if (!jr_is_array(list))
		return why_set(why, ERR_INVALID, "\"scope\" must be \"all\" or a list of systems");
	r->in_scope = arena_array(&c->arena, c->system_count + 1, sizeof *r->in_scope);
	for (size_t i = 0; i < jr_count(list); i++) {
		const char *id = jr_string(jr_at(list, i), NULL);
		int at = id != NULL ? ids_find(systems, id) : -1;

		if (at < 0)
			return why_set(why, ERR_INVALID, "\"scope\": no system \"%.64s\"",
			    id != NULL ? id : "");
		r->in_scope[at] = true;
	}
	return ERR_OK;
}

static enum err
get_forbidden(struct drill_config *c, const struct json_t *list, struct why *why)
{
	struct rules_config *r = c->rules;
	enum err e;

	if (!jr_is_array(list) || jr_count(list) > RULES_FORBIDDEN_MAX)
		return why_set(why, ERR_INVALID, "\"forbidden\" must be a list of at most %d",
		    RULES_FORBIDDEN_MAX);
	r->forbidden_count = jr_count(list);
	r->forbidden = arena_array(&c->arena, r->forbidden_count + 1, sizeof *r->forbidden);
	for (size_t i = 0; i < r->forbidden_count; i++)
		if ((e = get_i18n(c, jr_at(list, i), RULES_FORBIDDEN_MAX_BYTES, &r->forbidden[i],
			 why)) != ERR_OK)
			return e;
	return ERR_OK;
}

static enum err
get_rules(
    struct drill_config *c, const struct json_t *o, const struct ids *systems, struct why *why)
{
	struct rules_config *r = arena_alloc(&c->arena, sizeof *r);
	const char *version;
	enum err e;

	c->rules = r;
	if ((e = get_forbidden(c, jr_get(o, "forbidden"), why)) != ERR_OK ||
	    (e = get_scope(c, jr_get(o, "scope"), systems, why)) != ERR_OK ||
	    (e = get_i18n(c, jr_get(o, "text"), RULES_TEXT_MAX_BYTES, &r->text, why)) != ERR_OK ||
	    (e = jr_want_str(o, "version", RULES_VERSION_MAX_BYTES, &version, why)) != ERR_OK)
		return e;
	r->version = arena_strdup(&c->arena, version);
	return ERR_OK;
}

enum err
config_decode_rules(
    const struct json_t *j, struct drill_config *c, const struct ids *systems, struct why *why)
{
	const struct json_t *rules = jr_get(j, "rules"), *results = jr_get(j, "results");
	const char *show;
	enum err e;

	if (results != NULL) {
		if ((e = jr_want_str(results, "show_blue", 32, &show, why)) != ERR_OK)
			return e;
		if (!show_blue_parse(show, &c->show_blue))
			return why_set(why, ERR_INVALID, "no show_blue \"%s\"", show);
	}
	return rules != NULL ? get_rules(c, rules, systems, why) : ERR_OK;
}
