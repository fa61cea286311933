/* Flags over our own protocol. */
#include "api/routes.h"

#define FLAGS_PER_REQUEST_MAX 1000

static void
one_flag(struct request *req, const struct json_t *value, struct json_writer *w)
{
	size_t len;
	const char *text = jr_string(value, &len);
	double points;
	enum verdict v;

	v = drill_submit(api_drill(req->api), req->account, text, len, &points);
	jw_object(w);
	jw_key(w, "flag");
	jw_strn(w, text, len);
	jw_kv_str(w, "verdict", verdict_name(v));
	jw_kv_real(w, "points", points);
	jw_object_end(w);
}

/* All or nothing: a list with a stranger in it takes no flag at all. */
static enum err
check_list(struct request *req, const struct json_t *list)
{
	if (!jr_is_array(list))
		return why_set(
		    &req->why, ERR_INVALID, "a JSON list of flags is expected: [\"FLAG\", ...]");
	if (jr_count(list) > FLAGS_PER_REQUEST_MAX)
		return why_set(&req->why, ERR_LIMIT, "%zu flags; at most %d in a request",
		    jr_count(list), FLAGS_PER_REQUEST_MAX);
	for (size_t i = 0; i < jr_count(list); i++)
		if (!jr_is_string(jr_at(list, i)))
			return why_set(&req->why, ERR_INVALID, "element %zu is not a string", i);
	return ERR_OK;
}

/* POST /api/v1/flags  ["FLAG", ...] -> 200 [{"flag","verdict","points"}], after the journal's commit */
static enum err
flags_post(struct request *req, struct response *out)
{
	const struct json_t *list;
	struct json_writer w;
	enum err e;

	if ((e = request_json(req, &list)) != ERR_OK || (e = check_list(req, list)) != ERR_OK)
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
    .body_max_bytes = 128 * 1024,
    .run = flags_post,
};
