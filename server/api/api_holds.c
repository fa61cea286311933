/* Holding a checker: its systems are not checked until it is released. */
#include "api/routes.h"
#include "api/selection.h"

static void
write_hold(struct json_writer *w, const struct drill *d, int32_t id)
{
	const struct hold *h = &d->game->holds[id - 1];

	jw_object(w);
	jw_kv_int(w, "id", id);
	jw_kv_str(w, "challenge", h->challenge[0] != '\0' ? h->challenge : NULL);
	jw_key(w, "systems");
	write_system_ids(w, d->game, &h->systems);
	write_decision(w, d, &h->held);
	write_later_decision(w, d, "released", &h->released);
	jw_object_end(w);
}

/* GET /api/v1/checks/holds -> 200 [Hold, ...]: all that were ever made, oldest first */
static enum err
holds_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	struct json_writer w;

	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = 0; i < d->game->hold_count; i++)
		write_hold(&w, d, (int32_t)i + 1);
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_holds_get = {
    .method = "GET",
    .path = "/api/v1/checks/holds",
    .roles = ROLE_STAFF,
    .run = holds_get,
};

/* What is to be held; *challenge is "" for one system. */
static enum err
read_target(struct request *req, const struct json_t *body, const char **challenge,
    struct system_list *systems)
{
	bool by_challenge = jr_get(body, "challenge") != NULL;
	struct selection s;
	const char *id;
	enum err e;

	if (by_challenge == (jr_get(body, "system") != NULL))
		return why_set(&req->why, ERR_INVALID,
		    "name either \"challenge\", whose checker is held, or \"system\"");
	if ((e = jr_want_str(body, by_challenge ? "challenge" : "system", ID_MAX_BYTES, &id,
		 &req->why)) != ERR_OK)
		return e;
	selection_open(&s, req);
	if ((e = selection_add(&s, req, by_challenge ? BY_CHALLENGE : BY_SYSTEM, id)) != ERR_OK)
		return e;
	*systems = selection_list(&s, req);
	*challenge = by_challenge ? id : "";
	return ERR_OK;
}

/* POST /api/v1/checks/holds  {"challenge" | "system", "reason"} -> 201 Hold */
static enum err
holds_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"challenge", "system", "reason", NULL};
	struct drill *d = api_drill(req->api);
	const char *challenge = "", *reason;
	struct system_list systems = {0};
	const struct json_t *body;
	struct json_writer w;
	int32_t id;
	enum err e;

	if ((e = request_json(req, &body)) != ERR_OK)
		return e;
	if (!jr_is_object(body))
		return why_set(&req->why, ERR_INVALID,
		    "{\"challenge\" or \"system\", \"reason\"} is expected");
	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = request_reason(req, body, &reason)) != ERR_OK ||
	    (e = read_target(req, body, &challenge, &systems)) != ERR_OK ||
	    (e = drill_hold(d, challenge, &systems, reason, req->account->id, &id, &req->why)) !=
		ERR_OK)
		return e;
	out->status = 201;
	jw_begin(&w, &out->body);
	write_hold(&w, d, id);
	return ERR_OK;
}

const struct route route_holds_post = {
    .method = "POST",
    .path = "/api/v1/checks/holds",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = holds_post,
};

/* DELETE /api/v1/checks/holds/{id}  {"reason"} -> 204: its systems are checked again from the next tick on */
static enum err
hold_delete(struct request *req, struct response *out)
{
	const char *reason;
	int32_t id;
	enum err e;

	if ((e = request_number(req, "hold", &id)) != ERR_OK ||
	    (e = request_reason_alone(req, &reason)) != ERR_OK ||
	    (e = drill_release(api_drill(req->api), id, reason, req->account->id, &req->why)) !=
		ERR_OK)
		return e;
	out->status = 204;
	return ERR_OK;
}

const struct route route_hold_delete = {
    .method = "DELETE",
    .path = "/api/v1/checks/holds/{id}",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = hold_delete,
};
