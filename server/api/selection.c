#include "api/selection.h"
#include "base/time.h"

#include <string.h>

void
selection_open(struct selection *s, struct request *req)
{
	s->system_count = api_drill(req->api)->game->config->system_count;
	s->chosen = arena_array(req->x->arena, s->system_count, sizeof *s->chosen);
}

static const char *
id_by(const struct drill *d, size_t system, enum selection_by by)
{
	const struct drill_config *c = d->game->config;

	switch (by) {
	case BY_SYSTEM:
		return c->systems[system].id;
	case BY_SERVICE:
		return c->services[c->systems[system].service].id;
	case BY_CHALLENGE:
		break;
	}
	return d->options.scenario->systems[system].challenge;
}

enum err
selection_add(struct selection *s, struct request *req, enum selection_by by, const char *id)
{
	static const char *const names[] = {"system", "service", "challenge"};
	const struct drill *d = api_drill(req->api);
	bool any = false;

	for (size_t i = 0; i < s->system_count; i++)
		if (strcmp(id_by(d, i, by), id) == 0)
			any = s->chosen[i] = true;
	return any ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "there is no %s \"%.64s\" in this drill",
			 names[by], id);
}

enum err
selection_add_list(struct selection *s, struct request *req, enum selection_by by,
    const struct json_t *body, const char *key)
{
	const struct json_t *list = jr_get(body, key);
	enum err e = ERR_OK;

	if (list == NULL)
		return ERR_OK;
	if (!jr_is_array(list))
		return why_set(&req->why, ERR_INVALID, "\"%s\" must be a list of ids", key);
	/* Each is searched for: as many as there are systems, and no more work than that squared. */
	if (jr_count(list) > s->system_count)
		return why_set(&req->why, ERR_INVALID, "\"%s\" has %zu ids; there are %zu systems",
		    key, jr_count(list), s->system_count);
	for (size_t i = 0; e == ERR_OK && i < jr_count(list); i++) {
		const char *id = jr_string(jr_at(list, i), NULL);

		e = id != NULL ? selection_add(s, req, by, id)
			       : why_set(&req->why, ERR_INVALID,
				     "\"%s\": element %zu is not a string", key, i);
	}
	return e;
}

struct system_list
selection_list(const struct selection *s, struct request *req)
{
	struct system_list l = {
	    .systems = arena_array(req->x->arena, s->system_count, sizeof *l.systems)};

	for (size_t i = 0; i < s->system_count; i++)
		if (s->chosen[i])
			l.systems[l.count++] = (uint16_t)i;
	return l;
}

void
write_system_ids(struct json_writer *w, const struct game *g, const struct system_list *l)
{
	jw_array(w);
	for (size_t i = 0; i < l->count; i++)
		jw_str(w, g->config->systems[l->systems[i]].id);
	jw_array_end(w);
}

void
write_decision(struct json_writer *w, const struct drill *d, const struct decision *by)
{
	char at[RFC3339_BYTES];

	rfc3339_format(by->at_ms, d->offset_minutes, at);
	jw_kv_str(w, "reason", by->reason);
	jw_kv_str(w, "by", by->by);
	jw_kv_str(w, "at", at);
}

void
write_later_decision(
    struct json_writer *w, const struct drill *d, const char *key, const struct decision *by)
{
	jw_key(w, key);
	if (by->by == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	write_decision(w, d, by);
	jw_object_end(w);
}
