/* The rules of engagement: read by red teams and staff, accepted by each red account before it submits anything. */
#include "api/routes.h"
#include "api/write.h"

#include <string.h>

static enum err
refuse_without(struct request *req)
{
	return api_drill(req->api)->game->config->rules != NULL
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "this drill has no rules of engagement");
}

static void
write_scope(struct json_writer *w, const struct drill_config *c)
{
	jw_key(w, "scope");
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

/* Who has accepted them, for staff. */
static void
write_acceptances(struct json_writer *w, const struct drill *d)
{
	const struct engagement *all = d->game->engagement;

	jw_key(w, "accepted");
	jw_array(w);
	for (size_t i = 0; i < all->count; i++) {
		jw_object(w);
		jw_kv_str(w, "account", all->acceptances[i].by->id);
		write_time(w, "at", all->acceptances[i].at_ms, d->offset_minutes);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_rules(struct json_writer *w, const struct drill *d)
{
	const struct rules_config *r = d->game->config->rules;

	jw_kv_str(w, "version", r->version);
	jw_kv_str(w, "hash", d->game->engagement->hash);
	write_scope(w, d->game->config);
	jw_key(w, "forbidden");
	jw_array(w);
	for (size_t i = 0; i < r->forbidden_count; i++)
		write_both(w, &r->forbidden[i]);
	jw_array_end(w);
	write_i18n(w, "text", &r->text);
}

/* GET /api/v1/rules -> 200 {"version", "hash", "scope", "forbidden", "text", "accepted_at" | "accepted"} */
static enum err
rules_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	const struct engagement_acceptance *mine;
	struct json_writer w;
	enum err e;

	if ((e = refuse_without(req)) != ERR_OK)
		return e;
	response_object(out, &w);
	write_rules(&w, d);
	if (req->role & ROLE_STAFF) {
		write_acceptances(&w, d);
	} else {
		mine = engagement_of(d->game, req->account->id);
		write_time(&w, "accepted_at", mine != NULL ? mine->at_ms : 0, d->offset_minutes);
	}
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_rules_get = {
    .method = "GET",
    .path = "/api/v1/rules",
    .roles = ROLE_RED | ROLE_STAFF,
    .run = rules_get,
};

/* POST /api/v1/rules/accept  {"rules": HASH} -> 204; once more is no mistake */
static enum err
rules_accept_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"rules", NULL};
	struct drill *d = api_drill(req->api);
	struct engagement_event a;
	struct event ev = {.kind = EV_ROE_ACCEPTED, .actor = req->account->id, .u.engagement = &a};
	const struct json_t *body;
	enum err e;

	if ((e = refuse_without(req)) != ERR_OK ||
	    (e = request_object(req, "\"rules\": the \"hash\" of GET /api/v1/rules", &body)) !=
		ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "rules", SHA256_HEX_BYTES - 1, &a.rules, &req->why)) != ERR_OK)
		return e;
	out->status = 204;
	if (engagement_of(d->game, req->account->id) != NULL &&
	    strcmp(a.rules, d->game->engagement->hash) == 0)
		return ERR_OK;
	return drill_emit_allowed(d, &ev, &req->why);
}

const struct route route_rules_accept_post = {
    .method = "POST",
    .path = "/api/v1/rules/accept",
    .roles = ROLE_RED,
    .body_max_bytes = 4096,
    .run = rules_accept_post,
};
