#include "api/inventory_request.h"
#include "base/text.h"
#include "core/inventory.h"

#include <string.h>

enum err
inventory_filter_read(struct request *req, struct inventory_filter *f)
{
	const struct game *g = api_drill(req->api)->game;

	f->team = -1;
	f->retired_is = f->retired != NULL && strcmp(f->retired, "true") == 0;
	if (f->retired != NULL && !f->retired_is && strcmp(f->retired, "false") != 0)
		return why_set(&req->why, ERR_INVALID, "?retired= must be true or false");
	return f->department == NULL ? ERR_OK
				     : inventory_department(g, f->department, &f->team, &req->why);
}

enum err
inventory_department_of(struct request *req, const struct json_t *body, int *team, const char **id)
{
	const struct game *g = api_drill(req->api)->game;
	const char *given;
	enum err e;

	*team = req->team;
	if (req->role != ROLE_BLUE || jr_get(body, "department") != NULL) {
		if ((e = jr_want_str(body, "department", ID_MAX_BYTES, &given, &req->why)) !=
			ERR_OK ||
		    (e = inventory_department(g, given, team, &req->why)) != ERR_OK)
			return e;
	}
	*id = g->config->teams[*team].id;
	return ERR_OK;
}

enum err
inventory_line(struct request *req, const struct json_t *body, const char *key, size_t max_bytes,
    const char **out)
{
	struct why why;
	enum err e;

	*out = "";
	if (jr_get(body, key) == NULL)
		return ERR_OK;
	if ((e = jr_want_text(body, key, max_bytes, out, &req->why)) != ERR_OK)
		return e;
	return (e = text_check(*out, strlen(*out), TEXT_LINE, &why)) == ERR_OK
		   ? ERR_OK
		   : why_set(&req->why, e, "\"%s\" %s", key, why.text);
}
