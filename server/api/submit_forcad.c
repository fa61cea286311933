/*
 * Flags as ForcAD and HackerDom take them: PUT /flags/ with X-Team-Token and a JSON list of at most 100
 * flags. Source: docs/api.md; known clients look for the words in `msg`, so they stand here exactly.
 */
#include "api/routes.h"

#define FLAGS_PER_REQUEST_MAX 100

static const char *const words[V_COUNT] = {
    [V_OK] = "Accepted",
    [V_DUP] = "Denied: flag already submitted",
    [V_OWN] = "Denied: flag is your own",
    [V_OLD] = "Denied: flag is too old",
    [V_INV] = "Denied: invalid flag, no such flag",
    [V_ERR] = "Denied: the drill is not running",
};

static void
one_flag(struct request *req, const struct json_t *value, struct json_writer *w)
{
	size_t len;
	const char *text = jr_string(value, &len);
	struct submission s;
	enum verdict v = drill_submit(api_drill(req->api), req->account, text, len, &s);
	struct buf msg;

	buf_init(&msg, 4 * 1024);
	buf_putc(&msg, '[');
	buf_put(&msg, text, len < 100 ? len : 100);
	buf_printf(&msg, "] %s", s.out_of_scope ? "Denied: invalid flag, out of scope" : words[v]);
	if (v == V_OK)
		buf_printf(&msg, ", worth %.2f points", s.points);
	jw_object(w);
	jw_key(w, "msg");
	jw_strn(w, msg.data, msg.len);
	jw_key(w, "flag");
	jw_strn(w, text, len);
	jw_kv_str(w, "status", v == V_OK ? "ACCEPTED" : "REJECTED");
	jw_object_end(w);
	buf_free(&msg);
}

/* PUT /flags/  ["FLAG", ...] -> 200 [{"msg":"[FLAG] ...","flag","status"}] */
static enum err
forcad_flags(struct request *req, struct response *out)
{
	const struct json_t *list;
	struct json_writer w;
	enum err e;

	if ((e = request_flags(req, FLAGS_PER_REQUEST_MAX, &list)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = 0; i < jr_count(list); i++)
		one_flag(req, jr_at(list, i), &w);
	jw_array_end(&w);
	return ERR_OK;
}

/* 400 or 403 {"error": "..."}: what its clients know. */
static void
forcad_refuse(struct request *req, enum err e, struct response *out)
{
	/* A red team may be forbidden, too: until it has accepted the rules of engagement. */
	bool who = e == ERR_UNAUTHORIZED || (e == ERR_FORBIDDEN && req->role != ROLE_RED);
	struct json_writer w;

	out->status = who || e == ERR_FORBIDDEN          ? 403
		      : e == ERR_BUSY || e == ERR_CLOSED ? 503
							 : 400;
	out->content_type = "application/json";
	response_object(out, &w);
	jw_kv_str(&w, "error", who ? "Invalid team token" : req->why.text);
	jw_object_end(&w);
}

const struct route route_forcad_flags = {
    .method = "PUT",
    .path = "/flags",
    .roles = ROLE_RED,
    .unbraked = true,
    .body_max_bytes = 32 * 1024,
    .run = forcad_flags,
    .refuse = forcad_refuse,
};

const struct route route_forcad_flags_slash = {
    .method = "PUT",
    .path = "/flags/",
    .roles = ROLE_RED,
    .unbraked = true,
    .body_max_bytes = 32 * 1024,
    .run = forcad_flags,
    .refuse = forcad_refuse,
};
