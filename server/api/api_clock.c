/* The director's hand on the clock. */
#include "api/routes.h"

#include <string.h>

/*
 * POST /api/v1/clock  {"action":"start"|"pause"|"resume"|"end"|"stop_after","reason"?,"tick"?}
 * -> 200 {"state","tick","last_tick"}
 */
static enum err
clock_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"action", "reason", "tick", NULL};
	struct drill *d = api_drill(req->api);
	const char *action, *reason = "";
	const struct json_t *body;
	struct json_writer w;
	int64_t tick = -1;
	enum err e;

	if ((e = request_json(req, &body)) != ERR_OK)
		return e;
	if (!jr_is_object(body))
		return why_set(&req->why, ERR_INVALID, "{\"action\": \"start\"} is expected");
	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "action", 40, &action, &req->why)) != ERR_OK)
		return e;
	if (jr_get(body, "reason") != NULL &&
	    ((e = jr_want_text(body, "reason", REASON_MAX_BYTES, &reason, &req->why)) != ERR_OK ||
		(e = request_check_text(req, "reason", reason, TEXT_LINES)) != ERR_OK))
		return e;
	if (jr_get(body, "tick") != NULL &&
	    (e = jr_want_int(body, "tick", 0, TICKS_MAX, &tick, &req->why)) != ERR_OK)
		return e;
	if (tick < 0 && strcmp(action, "stop_after") == 0)
		return why_set(&req->why, ERR_INVALID,
		    "\"tick\" is missing: stop_after needs the last tick to play");
	e = drill_clock(d, action, (int32_t)tick, reason, req->account->id, &req->why);
	if (e != ERR_OK)
		return e;
	response_object(out, &w);
	jw_kv_str(&w, "state", drill_state_name(d->game->state));
	jw_kv_int(&w, "tick", d->game->tick);
	jw_kv_int(&w, "last_tick", d->game->last_tick);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_clock_post = {
    .method = "POST",
    .path = "/api/v1/clock",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = clock_post,
};
