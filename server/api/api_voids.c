/* Void checks: a judge proposes and sees the difference, a director adopts or drops. */
#include "api/difference.h"
#include "api/routes.h"
#include "api/selection.h"

#include <string.h>

/* Leaves the object open. */
static void
write_void(struct json_writer *w, const struct drill *d, int32_t id)
{
	const struct check_void *v = &d->game->voids[id - 1];

	jw_object(w);
	jw_kv_int(w, "id", id);
	jw_kv_str(w, "state", void_state_name(v->state));
	jw_kv_int(w, "from", v->from);
	jw_kv_int(w, "to", v->to);
	jw_key(w, "systems");
	write_system_ids(w, d->game, &v->systems);
	write_decision(w, d, &v->proposed);
	write_later_decision(w, d, "decided", &v->decided);
}

/* GET /api/v1/checks/voids -> 200 [Void, ...]: all that were ever proposed, oldest first */
static enum err
voids_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	struct json_writer w;

	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = 0; i < d->game->void_count; i++) {
		write_void(&w, d, (int32_t)i + 1);
		jw_object_end(&w);
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_voids_get = {
    .method = "GET",
    .path = "/api/v1/checks/voids",
    .roles = ROLE_STAFF,
    .run = voids_get,
};

/* ---- proposing ---- */

static enum err
read_ticks(struct request *req, const struct json_t *body, int64_t *from, int64_t *to)
{
	static const char *const keys[] = {"from", "to", NULL};
	const struct json_t *ticks = jr_get(body, "ticks");
	enum err e;

	if (!jr_is_object(ticks))
		return why_set(
		    &req->why, ERR_INVALID, "\"ticks\" must be {\"from\": FIRST, \"to\": LAST}");
	if ((e = jr_only_keys(ticks, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_int(ticks, "from", 0, TICKS_MAX, from, &req->why)) != ERR_OK)
		return e;
	return jr_want_int(ticks, "to", 0, TICKS_MAX, to, &req->why);
}

static enum err
read_systems(struct request *req, const struct json_t *body, struct system_list *systems)
{
	struct selection s;
	enum err e;

	selection_open(&s, req);
	if ((e = selection_add_list(&s, req, BY_SYSTEM, body, "systems")) != ERR_OK ||
	    (e = selection_add_list(&s, req, BY_SERVICE, body, "services")) != ERR_OK ||
	    (e = selection_add_list(&s, req, BY_CHALLENGE, body, "challenges")) != ERR_OK)
		return e;
	*systems = selection_list(&s, req);
	return systems->count > 0
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID,
			 "name at least one of \"systems\", \"services\" or \"challenges\"");
}

static enum err
answer_with_difference(struct request *req, struct response *out, int32_t id)
{
	const struct drill *d = api_drill(req->api);
	const struct check_void *v = &d->game->voids[id - 1];
	struct json_writer w;

	jw_begin(&w, &out->body);
	write_void(&w, d, id);
	if (v->state != VOID_DROPPED)
		return difference_answer(req, out, &w, v);
	jw_key(&w, "difference");
	jw_null(&w);
	jw_object_end(&w);
	return ERR_OK;
}

/* POST /api/v1/checks/voids  {"systems"?, "services"?, "challenges"?, "ticks", "reason"} -> 201 Void with difference */
static enum err
voids_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {
	    "systems", "services", "challenges", "ticks", "reason", NULL};
	struct drill *d = api_drill(req->api);
	struct system_list systems = {0};
	const struct json_t *body;
	const char *reason;
	int64_t from = 0, to = 0;
	int32_t id;
	enum err e;

	if ((e = request_json(req, &body)) != ERR_OK)
		return e;
	if (!jr_is_object(body))
		return why_set(&req->why, ERR_INVALID,
		    "{\"systems\", \"services\" or \"challenges\", \"ticks\", \"reason\"} is "
		    "expected");
	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = request_reason(req, body, &reason)) != ERR_OK ||
	    (e = read_ticks(req, body, &from, &to)) != ERR_OK ||
	    (e = read_systems(req, body, &systems)) != ERR_OK ||
	    (e = drill_void_propose(d, &systems, (int32_t)from, (int32_t)to, reason,
		 req->account->id, &id, &req->why)) != ERR_OK)
		return e;
	out->status = 201;
	return answer_with_difference(req, out, id);
}

const struct route route_voids_post = {
    .method = "POST",
    .path = "/api/v1/checks/voids",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 1024 * 1024,
    .run = voids_post,
};

/* ---- one of them ---- */

/* GET /api/v1/checks/voids/{id} -> 200 Void with the difference as of now; null once it is dropped */
static enum err
void_get(struct request *req, struct response *out)
{
	int32_t id;
	enum err e = request_number(req, "void", &id);

	if (e != ERR_OK)
		return e;
	if ((size_t)id > api_drill(req->api)->game->void_count)
		return why_set(&req->why, ERR_NOT_FOUND, "no void %d", id);
	return answer_with_difference(req, out, id);
}

const struct route route_void_get = {
    .method = "GET",
    .path = "/api/v1/checks/voids/{id}",
    .roles = ROLE_STAFF,
    .run = void_get,
};

/* POST /api/v1/checks/voids/{id}  {"action":"adopt"|"drop","reason"} -> 200 Void */
static enum err
void_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"action", "reason", NULL};
	struct drill *d = api_drill(req->api);
	const char *action, *reason;
	const struct json_t *body;
	struct json_writer w;
	int32_t id;
	enum err e;

	if ((e = request_number(req, "void", &id)) != ERR_OK ||
	    (e = request_json(req, &body)) != ERR_OK)
		return e;
	if (!jr_is_object(body))
		return why_set(&req->why, ERR_INVALID, "{\"action\", \"reason\"} is expected");
	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "action", 40, &action, &req->why)) != ERR_OK ||
	    (e = request_reason(req, body, &reason)) != ERR_OK)
		return e;
	if (strcmp(action, "adopt") != 0 && strcmp(action, "drop") != 0)
		return why_set(&req->why, ERR_INVALID,
		    "no action \"%.40s\"; there are adopt and drop", action);
	if ((e = drill_void_decide(d, id, action[0] == 'a', reason, req->account->id, &req->why)) !=
	    ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	write_void(&w, d, id);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_void_post = {
    .method = "POST",
    .path = "/api/v1/checks/voids/{id}",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = void_post,
};
