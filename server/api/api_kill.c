/* The kill switch: switched by the director or an administrator, undone by the director alone. */
#include "api/routes.h"
#include "api/selection.h"
#include "api/write.h"

static void
write_hook(struct json_writer *w, const struct drill *d, const struct kill_round *r)
{
	jw_key(w, "hook");
	jw_object(w);
	jw_kv_str(w, "outcome", kill_outcome_name(r->outcome));
	jw_kv_int(w, "status", r->status);
	jw_kv_int(w, "ms", r->ms);
	write_time(w, "at", r->hook_at_ms, d->offset_minutes);
	jw_kv_str(w, "tail", r->tail);
	jw_object_end(w);
}

static void
write_round(struct json_writer *w, const struct drill *d, const struct kill_round *r)
{
	jw_object(w);
	write_decision(w, d, &r->switched);
	jw_kv_int(w, "announcement", r->announcement);
	write_hook(w, d, r);
	write_later_decision(w, d, "undone", &r->undone);
	jw_object_end(w);
}

static void
write_switch(struct response *out, const struct drill *d)
{
	const struct kill_switch *k = d->game->kill;
	struct json_writer w;

	response_object(out, &w);
	jw_kv_bool(&w, "killed", k->on);
	jw_kv_str(&w, "state", drill_state_name(d->game->state));
	jw_key(&w, "rounds");
	jw_array(&w);
	for (size_t i = k->count; i > 0; i--)
		write_round(&w, d, &k->rounds[i - 1]);
	jw_array_end(&w);
	jw_object_end(&w);
}

/* GET /api/v1/kill -> 200 {"killed", "state", "rounds"}: every time that it was switched, the last one first */
static enum err
kill_get(struct request *req, struct response *out)
{
	write_switch(out, api_drill(req->api));
	return ERR_OK;
}

const struct route route_kill_get = {
    .method = "GET",
    .path = "/api/v1/kill",
    .roles = ROLE_STAFF,
    .run = kill_get,
};

static enum err
move(struct request *req, struct response *out,
    enum err (*by)(struct drill *d, const char *reason, const char *actor, struct why *why))
{
	struct drill *d = api_drill(req->api);
	const char *reason;
	enum err e;

	if ((e = request_reason_alone(req, &reason)) != ERR_OK ||
	    (e = by(d, reason, req->account->id, &req->why)) != ERR_OK)
		return e;
	write_switch(out, d);
	return ERR_OK;
}

/* POST /api/v1/kill  {"reason"} -> 200 as GET: the clock stands, no attack counts, everybody is told, the program runs */
static enum err
kill_post(struct request *req, struct response *out)
{
	return move(req, out, drill_kill);
}

const struct route route_kill_post = {
    .method = "POST",
    .path = "/api/v1/kill",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = kill_post,
};

/* DELETE /api/v1/kill  {"reason"} -> 200 as GET: submissions are taken again once the clock is resumed */
static enum err
kill_delete(struct request *req, struct response *out)
{
	return move(req, out, drill_kill_undo);
}

const struct route route_kill_delete = {
    .method = "DELETE",
    .path = "/api/v1/kill",
    .roles = ROLE_DIRECTOR,
    .body_max_bytes = 4096,
    .run = kill_delete,
};
