#include "core/config_private.h"
#include "core/ids.h"
#include "core/rubric.h"

#include <string.h>

/* ---- rules ---- */

bool
id_valid(const char *id)
{
	size_t len = strlen(id);

	if (len == 0 || len > ID_MAX_BYTES || id[0] == '-')
		return false;
	return strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool
flag_prefix_valid(const char *prefix)
{
	size_t len = strlen(prefix);

	if (len == 0 || len > FLAG_PREFIX_MAX_BYTES)
		return false;
	return strspn(prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
	       len;
}

int
config_system(const struct drill_config *c, const char *id)
{
	for (size_t i = 0; i < c->system_count; i++)
		if (strcmp(c->systems[i].id, id) == 0)
			return (int)i;
	return -1;
}

void
config_free(struct drill_config *c)
{
	arena_free(&c->arena);
	memset(c, 0, sizeof *c);
}

/* ---- encoding: keys in sorted order ---- */

void
i18n_encode(const struct i18n *t, struct json_writer *w)
{
	jw_object(w);
	jw_kv_str(w, "en", t->en);
	jw_kv_str(w, "zh", t->zh);
	jw_object_end(w);
}

static void
put_name(struct json_writer *w, const struct i18n *n)
{
	jw_key(w, "name");
	i18n_encode(n, w);
}

static void
put_team(struct json_writer *w, const struct team_config *t)
{
	jw_object(w);
	jw_kv_str(w, "home", t->home != NULL ? t->home : "");
	jw_kv_str(w, "id", t->id);
	jw_kv_str(w, "kind", t->kind == TEAM_RED ? "red" : "blue");
	put_name(w, &t->name);
	jw_kv_bool(w, "nop", t->nop);
	jw_object_end(w);
}

static void
put_system(struct json_writer *w, const struct drill_config *c, const struct system_config *s)
{
	jw_object(w);
	jw_kv_str(w, "id", s->id);
	jw_kv_int(w, "mlps", s->mlps);
	put_name(w, &s->name);
	jw_kv_str(w, "service", c->services[s->service].id);
	jw_kv_int(w, "slots", s->slots);
	jw_kv_str(w, "team", c->teams[s->team].id);
	jw_kv_int(w, "weight", s->weight);
	jw_object_end(w);
}

static void
put_params(struct json_writer *w, const struct drill_config *c)
{
	jw_key(w, "params");
	jw_array(w);
	for (size_t i = 0; i < c->param_count; i++) {
		jw_array(w);
		jw_str(w, c->params[i].key);
		jw_str(w, c->params[i].value);
		jw_array_end(w);
	}
	jw_array_end(w);
}

static void
put_services(struct json_writer *w, const struct drill_config *c)
{
	jw_key(w, "services");
	jw_array(w);
	for (size_t i = 0; i < c->service_count; i++) {
		jw_object(w);
		jw_kv_str(w, "id", c->services[i].id);
		put_name(w, &c->services[i].name);
		jw_kv_int(w, "weight", c->services[i].weight);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
config_encode(const struct drill_config *c, struct json_writer *w)
{
	jw_object(w);
	if (!calendar_empty(&c->calendar)) {
		jw_key(w, "calendar");
		calendar_encode(&c->calendar, w);
	}
	jw_kv_str(w, "flag_prefix", c->flag_prefix);
	jw_kv_int(w, "flag_ticks", c->flag_ticks);
	jw_kv_str(w, "id", c->id);
	put_name(w, &c->name);
	put_params(w, c);
	jw_kv_str(w, "policy", c->policy);
	jw_kv_bool(w, "public_board", c->public_board);
	if (!report_limits_empty(&c->report_limits)) {
		jw_key(w, "report_limits");
		report_limits_encode(&c->report_limits, w);
	}
	config_encode_results(c, w);
	if (c->rubric != NULL) {
		jw_key(w, "rubrics");
		rubric_encode(c->rubric, w);
	}
	if (c->rules != NULL) {
		jw_key(w, "rules");
		config_encode_rules(c, w);
	}
	put_services(w, c);
	jw_kv_str(w, "sign_key", c->sign_key != NULL ? c->sign_key : "");
	jw_kv_int(w, "start_ms", c->start_ms);
	jw_key(w, "systems");
	jw_array(w);
	for (size_t i = 0; i < c->system_count; i++)
		put_system(w, c, &c->systems[i]);
	jw_array_end(w);
	jw_key(w, "teams");
	jw_array(w);
	for (size_t i = 0; i < c->team_count; i++)
		put_team(w, &c->teams[i]);
	jw_array_end(w);
	jw_kv_int(w, "tick_ms", c->tick_ms);
	if (!ticket_rules_empty(&c->tickets)) {
		jw_key(w, "tickets");
		ticket_rules_encode(&c->tickets, w);
	}
	jw_kv_int(w, "ticks", c->ticks);
	jw_kv_str(w, "time_zone", c->time_zone);
	if (!truth_config_empty(&c->truth)) {
		jw_key(w, "truth");
		truth_config_encode(&c->truth, w);
	}
	jw_object_end(w);
}

/* ---- decoding ---- */

struct decoder {
	struct drill_config *c;
	struct ids teams, services, systems;
	struct why *why;
};

static enum err
get_text(struct decoder *d, const struct json_t *o, const char *key, size_t max, const char **out)
{
	const char *s;
	enum err e = jr_want_text(o, key, max, &s, d->why);

	if (e == ERR_OK)
		*out = arena_strdup(&d->c->arena, s);
	return e;
}

static enum err
get_id(struct decoder *d, const struct json_t *o, const char *key, const char **out)
{
	enum err e = get_text(d, o, key, ID_MAX_BYTES, out);

	if (e == ERR_OK && !id_valid(*out))
		return why_set(d->why, ERR_INVALID, "\"%s\": \"%s\" is not an id", key, *out);
	return e;
}

static enum err
get_name(struct decoder *d, const struct json_t *o, struct i18n *out)
{
	const struct json_t *n = jr_get(o, "name");
	enum err e;

	if ((e = get_text(d, n, "en", NAME_MAX_BYTES, &out->en)) != ERR_OK)
		return e;
	return get_text(d, n, "zh", NAME_MAX_BYTES, &out->zh);
}

static enum err
get_int(
    struct decoder *d, const struct json_t *o, const char *key, int64_t min, int64_t max, int *out)
{
	int64_t v = 0;
	enum err e = jr_want_int(o, key, min, max, &v, d->why);

	*out = (int)v;
	return e;
}

static enum err
get_team(struct decoder *d, const struct json_t *o, size_t i)
{
	struct team_config *t = &d->c->teams[i];
	const char *kind, *home;
	enum err e;

	if ((e = get_id(d, o, "id", &t->id)) != ERR_OK ||
	    (e = get_name(d, o, &t->name)) != ERR_OK ||
	    (e = jr_want_str(o, "kind", 8, &kind, d->why)) != ERR_OK ||
	    (e = get_text(d, o, "home", ID_MAX_BYTES, &home)) != ERR_OK)
		return e;
	if (strcmp(kind, "red") != 0 && strcmp(kind, "blue") != 0)
		return why_set(d->why, ERR_INVALID, "team kind \"%s\"; red or blue", kind);
	t->kind = kind[0] == 'r' ? TEAM_RED : TEAM_BLUE;
	t->home = home[0] != '\0' ? home : NULL;
	t->nop = jr_boolean(jr_get(o, "nop"), false);
	if (!ids_add(&d->teams, t->id, (int)i))
		return why_set(d->why, ERR_INVALID, "team \"%s\" twice", t->id);
	return ERR_OK;
}

static enum err
get_service(struct decoder *d, const struct json_t *o, size_t i)
{
	struct service_config *s = &d->c->services[i];
	enum err e;

	if ((e = get_id(d, o, "id", &s->id)) != ERR_OK ||
	    (e = get_name(d, o, &s->name)) != ERR_OK ||
	    (e = get_int(d, o, "weight", 1, 1000000, &s->weight)) != ERR_OK)
		return e;
	if (!ids_add(&d->services, s->id, (int)i))
		return why_set(d->why, ERR_INVALID, "service \"%s\" twice", s->id);
	return ERR_OK;
}

static enum err
get_system(struct decoder *d, const struct json_t *o, size_t i)
{
	struct system_config *s = &d->c->systems[i];
	const char *team, *service;
	int mlps, slots, at;
	enum err e;

	if ((e = get_id(d, o, "id", &s->id)) != ERR_OK ||
	    (e = get_name(d, o, &s->name)) != ERR_OK ||
	    (e = get_id(d, o, "team", &team)) != ERR_OK ||
	    (e = get_id(d, o, "service", &service)) != ERR_OK ||
	    (e = get_int(d, o, "mlps", 0, 5, &mlps)) != ERR_OK ||
	    (e = get_int(d, o, "slots", 1, SLOTS_MAX, &slots)) != ERR_OK ||
	    (e = get_int(d, o, "weight", 1, 1000000, &s->weight)) != ERR_OK)
		return e;
	s->mlps = (uint8_t)mlps;
	s->slots = (uint8_t)slots;
	if ((at = ids_find(&d->teams, team)) < 0 || d->c->teams[at].kind != TEAM_BLUE)
		return why_set(
		    d->why, ERR_INVALID, "system \"%s\": no department \"%s\"", s->id, team);
	s->team = (uint16_t)at;
	if ((at = ids_find(&d->services, service)) < 0)
		return why_set(
		    d->why, ERR_INVALID, "system \"%s\": no service \"%s\"", s->id, service);
	s->service = (uint16_t)at;
	if (!ids_add(&d->systems, s->id, (int)i))
		return why_set(d->why, ERR_INVALID, "system \"%s\" twice", s->id);
	return ERR_OK;
}

/* An array member of o whose elements are read by one of the functions above. */
static enum err
get_list(struct decoder *d, const struct json_t *o, const char *key, size_t max, size_t bytes_each,
    void *list_out, size_t *count, enum err (*get)(struct decoder *, const struct json_t *, size_t))
{
	const struct json_t *list = jr_get(o, key);
	enum err e;

	if (!jr_is_array(list))
		return why_set(d->why, ERR_INVALID, "\"%s\" must be a list", key);
	*count = jr_count(list);
	if (*count > max)
		return why_set(
		    d->why, ERR_LIMIT, "%zu %s; at most %zu are taken", *count, key, max);
	*(void **)list_out = arena_array(&d->c->arena, *count, bytes_each);
	for (size_t i = 0; i < *count; i++)
		if ((e = get(d, jr_at(list, i), i)) != ERR_OK)
			return e;
	return ERR_OK;
}

static enum err
get_param(struct decoder *d, const struct json_t *pair, size_t i)
{
	const char *key = jr_string(jr_at(pair, 0), NULL), *value = jr_string(jr_at(pair, 1), NULL);

	if (key == NULL || value == NULL)
		return why_set(d->why, ERR_INVALID, "\"params\" must be a list of [key, value]");
	d->c->params[i].key = arena_strdup(&d->c->arena, key);
	d->c->params[i].value = arena_strdup(&d->c->arena, value);
	return ERR_OK;
}

static enum err
get_lists(struct decoder *d, const struct json_t *j)
{
	struct drill_config *c = d->c;
	enum err e;

	if ((e = get_list(d, j, "params", PARAMS_MAX, sizeof *c->params, &c->params,
		 &c->param_count, get_param)) != ERR_OK ||
	    (e = get_list(d, j, "teams", TEAMS_MAX, sizeof *c->teams, &c->teams, &c->team_count,
		 get_team)) != ERR_OK ||
	    (e = get_list(d, j, "services", SERVICES_MAX, sizeof *c->services, &c->services,
		 &c->service_count, get_service)) != ERR_OK)
		return e;
	return get_list(d, j, "systems", SYSTEMS_MAX, sizeof *c->systems, &c->systems,
	    &c->system_count, get_system);
}

static enum err
get_scalars(struct decoder *d, const struct json_t *j)
{
	struct drill_config *c = d->c;
	enum err e;

	if ((e = get_id(d, j, "id", &c->id)) != ERR_OK ||
	    (e = get_name(d, j, &c->name)) != ERR_OK ||
	    (e = get_text(d, j, "time_zone", 60, &c->time_zone)) != ERR_OK ||
	    (e = get_text(d, j, "policy", ID_MAX_BYTES, &c->policy)) != ERR_OK ||
	    (e = get_text(d, j, "sign_key", 64, &c->sign_key)) != ERR_OK ||
	    (e = get_text(d, j, "flag_prefix", FLAG_PREFIX_MAX_BYTES, &c->flag_prefix)) != ERR_OK ||
	    (e = jr_want_int(j, "start_ms", 0, INT64_MAX / 2, &c->start_ms, d->why)) != ERR_OK ||
	    (e = jr_want_int(j, "tick_ms", TICK_MS_MIN, TICK_MS_MAX, &c->tick_ms, d->why)) !=
		ERR_OK ||
	    (e = get_int(d, j, "ticks", 1, TICKS_MAX, &c->ticks)) != ERR_OK ||
	    (e = get_int(d, j, "flag_ticks", 1, FLAG_TICKS_MAX, &c->flag_ticks)) != ERR_OK)
		return e;
	c->public_board = jr_boolean(jr_get(j, "public_board"), false);
	if (!flag_prefix_valid(c->flag_prefix))
		return why_set(d->why, ERR_INVALID, "flag prefix \"%s\"", c->flag_prefix);
	return ERR_OK;
}

static enum err
get_calendar(struct decoder *d, const struct json_t *j)
{
	const struct json_t *calendar = jr_get(j, "calendar");

	if (calendar == NULL)
		return ERR_OK;
	return calendar_decode(calendar, &d->c->calendar, &d->c->arena, d->why);
}

static enum err
get_tickets(struct decoder *d, const struct json_t *j)
{
	const struct json_t *tickets = jr_get(j, "tickets");

	return tickets == NULL ? ERR_OK : ticket_rules_decode(tickets, &d->c->tickets, d->why);
}

static enum err
get_report_limits(struct decoder *d, const struct json_t *j)
{
	const struct json_t *limits = jr_get(j, "report_limits");

	return limits == NULL ? ERR_OK : report_limits_decode(limits, &d->c->report_limits, d->why);
}

static enum err
get_judging(struct decoder *d, const struct json_t *j)
{
	const struct json_t *truth = jr_get(j, "truth"), *rubric = jr_get(j, "rubrics");
	enum err e = ERR_OK;

	if (truth != NULL)
		e = truth_config_decode(truth, &d->c->truth, d->why);
	if (e == ERR_OK && rubric != NULL)
		e = rubric_decode(rubric, d->c, d->why);
	return e;
}

/* What spans several members: each team at most one system of a service, homes that exist, room for flags. */
static enum err
check_whole(struct decoder *d)
{
	const struct drill_config *c = d->c;
	uint64_t slots = 0;
	bool *taken =
	    arena_array(&d->c->arena, c->team_count * (c->service_count + 1), sizeof(bool));

	for (size_t i = 0; i < c->team_count; i++)
		if (c->teams[i].home != NULL && ids_find(&d->teams, c->teams[i].home) < 0)
			return why_set(d->why, ERR_INVALID, "team \"%s\": no department \"%s\"",
			    c->teams[i].id, c->teams[i].home);
	for (size_t i = 0; i < c->system_count; i++) {
		const struct system_config *s = &c->systems[i];
		bool *t = &taken[s->team * c->service_count + s->service];

		if (*t)
			return why_set(d->why, ERR_INVALID,
			    "system \"%s\": its department has another of service \"%s\"", s->id,
			    c->services[s->service].id);
		*t = true;
		slots += s->slots;
	}
	if (slots * (uint64_t)c->ticks > FLAGS_MAX)
		return why_set(d->why, ERR_LIMIT, "%llu flags in all; at most %u",
		    (unsigned long long)(slots * (uint64_t)c->ticks), FLAGS_MAX);
	return ERR_OK;
}

enum err
config_decode(const struct json_t *j, struct drill_config *c, struct why *why)
{
	struct decoder d = {.c = c, .why = why};
	enum err e;

	if ((e = get_scalars(&d, j)) == ERR_OK && (e = get_lists(&d, j)) == ERR_OK &&
	    (e = get_calendar(&d, j)) == ERR_OK && (e = get_tickets(&d, j)) == ERR_OK &&
	    (e = get_report_limits(&d, j)) == ERR_OK && (e = get_judging(&d, j)) == ERR_OK &&
	    (e = config_decode_rules(j, c, &d.systems, why)) == ERR_OK)
		e = check_whole(&d);
	ids_free(&d.teams);
	ids_free(&d.services);
	ids_free(&d.systems);
	return e;
}
