/* Attachments: files that are sent first, and then named by what one files. */
#include "api/attachment_view.h"
#include "api/routes.h"
#include "api/transfer.h"

#include <string.h>

static void
answer(struct request *req, struct response *out, int32_t id)
{
	const struct drill *d = api_drill(req->api);
	struct json_writer w;

	jw_begin(&w, &out->body);
	attachment_write(&w, d->game, id, req->role, d->offset_minutes);
}

/* ---- storing ---- */

/* Before a byte is taken: what could not be kept is not stored, and nothing of it is left behind. */
static enum err
may_store(struct request *req)
{
	uint64_t bytes = req->x->announced;

	if (bytes > ATTACHMENT_MAX_BYTES) /* or it is not known */
		bytes = ATTACHMENT_MAX_BYTES;
	return attachment_room(api_drill(req->api)->game, req->team, (int64_t)bytes, &req->why);
}

/* POST /api/v1/attachments?name=NAME  the file's bytes -> 201 Attachment */
static enum err
attachments_post(struct request *req, struct response *out)
{
	struct drill *d = api_drill(req->api);
	struct attachment_event a = {.id = (int32_t)d->game->attachments->count + 1,
	    .hash = req->file->hash,
	    .bytes = (int64_t)req->file->bytes,
	    .type = req->file->type,
	    .name = req->file->name};
	struct event ev = {
	    .kind = EV_ATTACHMENT_STORED, .actor = req->account->id, .u.attachment = &a};
	enum err e;

	if ((e = drill_emit_allowed(d, &ev, &req->why)) != ERR_OK)
		return e;
	out->status = 201;
	answer(req, out, a.id);
	return ERR_OK;
}

const struct route route_attachments_post = {
    .method = "POST",
    .path = "/api/v1/attachments",
    .roles = ROLE_BLUE | ROLE_RED | ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 20 * 1024 * 1024,
    .upload = may_store,
    .run = attachments_post,
};

_Static_assert(ATTACHMENT_MAX_BYTES == 20 * 1024 * 1024, "the route's body_max_bytes");

/* ---- reading ---- */

static enum err
attachment_of_request(struct request *req, int32_t *id)
{
	enum err e = request_number(req, "attachment", id);

	if (e != ERR_OK)
		return e;
	return attachment_visible(api_drill(req->api)->game, req->account, *id)
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "there is no attachment %d for you", *id);
}

/* GET /api/v1/attachments/{id} -> 200 the file, to be saved and never shown in the page */
static enum err
attachment_get(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	const struct attachment *a;
	char *name, *type;
	int32_t id;
	enum err e = attachment_of_request(req, &id);

	(void)out;
	if (e != ERR_OK)
		return e;
	a = attachment_find(g, id);
	name = arena_alloc(req->x->arena, ATTACHMENT_NAME_BYTES);
	attachment_name(g, id, req->role, name);
	type = arena_strdup(req->x->arena, a->type);
	return request_send_file(req, a->hash, name, type);
}

const struct route route_attachment_get = {
    .method = "GET",
    .path = "/api/v1/attachments/{id}",
    .roles = ROLE_SIGNED_IN,
    .run = attachment_get,
};

/* GET /api/v1/attachments/{id}/meta -> 200 Attachment */
static enum err
attachment_meta_get(struct request *req, struct response *out)
{
	int32_t id;
	enum err e = attachment_of_request(req, &id);

	if (e == ERR_OK)
		answer(req, out, id);
	return e;
}

const struct route route_attachment_meta_get = {
    .method = "GET",
    .path = "/api/v1/attachments/{id}/meta",
    .roles = ROLE_SIGNED_IN,
    .run = attachment_meta_get,
};
