/* Flags over our own protocol. */
#include "api/routes.h"

#define FLAGS_PER_REQUEST_MAX 1000

static void
one_flag(struct request *req, const struct json_t *value, struct json_writer *w)
{
	size_t len;
	const char *text = jr_string(value, &len);
	struct submission s;
	enum verdict v;

	v = drill_submit(api_drill(req->api), req->account, text, len, &s);
	jw_object(w);
	jw_key(w, "flag");
	jw_strn(w, text, len);
	jw_kv_str(w, "verdict", verdict_name(v));
	jw_kv_real(w, "points", s.points);
	if (s.out_of_scope)
		jw_kv_str(w, "message", "its system is out of scope: see GET /api/v1/rules");
	jw_object_end(w);
}

/* POST /api/v1/flags  ["FLAG", ...] -> 200 [{"flag","verdict","points"}], after the journal's commit */
static enum err
flags_post(struct request *req, struct response *out)
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

const struct route route_flags_post = {
    .method = "POST",
    .path = "/api/v1/flags",
    .roles = ROLE_RED,
    .unbraked = true,
    .body_max_bytes = 128 * 1024,
    .run = flags_post,
};
