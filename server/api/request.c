#include "api/route.h"

enum err
request_json(struct request *r, const struct json_t **out)
{
	enum err e;

	if (r->json == NULL &&
	    (e = jr_parse(r->x->body, r->x->body_len, &r->json, &r->why)) != ERR_OK)
		return e;
	*out = r->json;
	return ERR_OK;
}

void
response_object(struct response *out, struct json_writer *w)
{
	jw_begin(w, &out->body);
	jw_object(w);
}
