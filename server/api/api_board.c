/* What everybody may see: the board, the state of systems, and whether the server is well. */
#include "api/board.h"
#include "api/route.h"
#include "api/routes.h"

/* GET /api/v1/board -> 200 Board */
static enum err
board_get(struct request *req, struct response *out)
{
	api_board(req->api, request_audience(req), &out->body);
	return ERR_OK;
}

const struct route route_board_get = {
    .method = "GET",
    .path = "/api/v1/board",
    .roles = ROLE_ANY,
    .public_by_scenario = true,
    .run = board_get,
};

/* GET /api/v1/systems -> 200 [System, ...]: a department its own, organizers all, with messages */
static enum err
systems_get(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	int audience = request_audience(req);
	struct json_writer w;

	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = 0; i < g->config->system_count; i++)
		if (live_is_staff(audience) || g->config->systems[i].team == req->team)
			board_write_system(&w, g, i, audience);
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_systems_get = {
    .method = "GET",
    .path = "/api/v1/systems",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = systems_get,
};

/* GET /api/v1/health -> 200 {"status":"ok","seq"} while events can be written, else 503 */
static enum err
health_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	struct json_writer w;

	if (d->has_failed)
		return why_set(&req->why, ERR_CLOSED, "the journal cannot be written");
	response_object(out, &w);
	jw_kv_str(&w, "status", "ok");
	jw_kv_int(&w, "seq", (int64_t)d->game->seq);
	jw_kv_str(&w, "state", drill_state_name(d->game->state));
	jw_kv_int(&w, "tick", d->game->tick);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_health_get = {
    .method = "GET",
    .path = "/api/v1/health",
    .roles = ROLE_ANY,
    .run = health_get,
};
