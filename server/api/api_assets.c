/* Assets: what a department has, how it is protected, which posts answer for it. */
#include "api/inventory_request.h"
#include "api/routes.h"

#include <stdlib.h>
#include <string.h>

static void
answer(struct request *req, struct response *out, int32_t id)
{
	const struct drill *d = api_drill(req->api);
	struct json_writer w;

	jw_begin(&w, &out->body);
	asset_write(&w, d->game, id, d->offset_minutes);
}

static enum err
emit(struct request *req, enum event_kind kind, struct asset_event *a)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.asset = a};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

static struct asset_event
blank(void)
{
	return (struct asset_event){.team = "", .facts = {.system = ""}, .text = "", .reason = ""};
}

/* The path's asset, if whoever asks may see it; otherwise there is none. */
static enum err
asset_of(struct request *req, struct asset_event *a)
{
	const struct asset_entry *found;
	enum err e;

	*a = blank();
	if ((e = request_number(req, "asset", &a->id)) != ERR_OK)
		return e;
	found = asset_entry_find(api_drill(req->api)->game, a->id);
	return found != NULL && inventory_shown(req->role, req->team, found->team)
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "there is no asset %d for you", a->id);
}

/* ---- lists ---- */

struct asset_filter {
	struct inventory_filter common;
	const char *kind, *level, *exposure, *system, *post, *name; /* as given; NULL: not */
	int kind_is, exposure_is, level_is, post_is;                /* -1: not given */
};

static enum err
read_number(struct request *req, const char *name, const char *text, int max, int *out)
{
	*out = -1;
	if (text == NULL)
		return ERR_OK;
	if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 6 ||
	    atoi(text) > max)
		return why_set(
		    &req->why, ERR_INVALID, "?%s= must be a number from 0 to %d", name, max);
	*out = atoi(text);
	return ERR_OK;
}

static enum err
read_filter(struct request *req, struct query_page *page, struct asset_filter *f)
{
	const struct query_filter all[] = {{"department", &f->common.department},
	    {"retired", &f->common.retired}, {"kind", &f->kind}, {"level", &f->level},
	    {"exposure", &f->exposure}, {"system", &f->system}, {"post", &f->post},
	    {"name", &f->name}, {NULL, NULL}};
	enum err e;

	if ((e = query_read(req, all, page)) != ERR_OK ||
	    (e = inventory_filter_read(req, &f->common)) != ERR_OK ||
	    (e = read_number(req, "level", f->level, 5, &f->level_is)) != ERR_OK ||
	    (e = read_number(req, "post", f->post, POSTS_MAX, &f->post_is)) != ERR_OK)
		return e;
	f->kind_is = f->exposure_is = -1;
	if (f->kind != NULL &&
	    (e = term_want(&terms_asset_kinds, f->kind, &f->kind_is, &req->why)) != ERR_OK)
		return e;
	return f->exposure == NULL
		   ? ERR_OK
		   : term_want(&terms_exposures, f->exposure, &f->exposure_is, &req->why);
}

static bool
has_post(const struct asset_facts *f, int32_t post)
{
	for (int i = 0; i < DUTIES; i++)
		if (f->posts[i] == post)
			return true;
	return false;
}

static bool
passes(const struct asset_filter *f, const struct asset_entry *a)
{
	const struct asset_facts *x = &a->facts;

	return (a->retired.by != NULL) == f->common.retired_is &&
	       (f->common.team < 0 || a->team == f->common.team) &&
	       (f->kind_is < 0 || (int)x->kind == f->kind_is) &&
	       (f->exposure_is < 0 || (int)x->exposure == f->exposure_is) &&
	       (f->level_is < 0 || x->level == f->level_is) &&
	       (f->post_is < 0 || has_post(x, f->post_is)) &&
	       (f->system == NULL || strcmp(x->system, f->system) == 0) &&
	       (f->name == NULL || strstr(a->name, f->name) != NULL);
}

/*
 * GET /api/v1/assets?after=ID&limit=N&department=&kind=&level=&exposure=&system=&post=&name=&retired= -> 200 [AssetItem],
 * by id; name: a part of it
 */
static enum err
assets_get(struct request *req, struct response *out)
{
	const struct drill *d = api_drill(req->api);
	struct asset_filter f;
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = read_filter(req, &page, &f)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < d->game->assets->count && page.limit > 0; i++) {
		const struct asset_entry *a = &d->game->assets->items[i];

		if (!inventory_shown(req->role, req->team, a->team) || !passes(&f, a))
			continue;
		asset_write_item(&w, d->game, (int32_t)i + 1, d->offset_minutes);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_assets_get = {
    .method = "GET",
    .path = "/api/v1/assets",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN,
    .run = assets_get,
};

/* GET /api/v1/assets/{id} -> 200 Asset */
static enum err
asset_get(struct request *req, struct response *out)
{
	struct asset_event a;
	enum err e = asset_of(req, &a);

	if (e == ERR_OK)
		answer(req, out, a.id);
	return e;
}

const struct route route_asset_get = {
    .method = "GET",
    .path = "/api/v1/assets/{id}",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN,
    .run = asset_get,
};

/* ---- writing ---- */

/* The body's document, checked by its table: canonical text and facts, in the request's arena. */
static enum err
read_document(struct request *req, const struct json_t *body, struct asset_event *a)
{
	const struct json_t *document = jr_get(body, "document");
	struct json_t *stored = NULL;
	struct buf text;
	enum err e;

	if (!jr_is_object(document))
		return why_set(&req->why, ERR_INVALID, "\"document\" must be an object");
	buf_init(&text, ASSET_TEXT_MAX_BYTES);
	e = document_check(asset_entry_fields, document, DOCUMENT_WHOLE, &text, &req->why);
	if (e == ERR_OK)
		e = jr_parse(text.data, text.len, &stored, &req->why);
	if (e == ERR_OK) {
		a->text = arena_strndup(req->x->arena, text.data, text.len);
		asset_read_facts(stored, req->x->arena, &a->facts);
	}
	jr_free(stored);
	buf_free(&text);
	return e;
}

/* POST /api/v1/assets  {"department"?, "document"} -> 201 Asset */
static enum err
assets_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"department", "document", NULL};
	struct asset_event a = blank();
	const struct json_t *body;
	int team;
	enum err e;

	if ((e = request_object(req, "\"document\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = inventory_department_of(req, body, &team, &a.team)) != ERR_OK ||
	    (e = read_document(req, body, &a)) != ERR_OK)
		return e;
	a.id = (int32_t)api_drill(req->api)->game->assets->count + 1;
	a.version = 1;
	if ((e = emit(req, EV_ASSET_CREATED, &a)) != ERR_OK)
		return e;
	out->status = 201;
	answer(req, out, a.id);
	return ERR_OK;
}

const struct route route_assets_post = {
    .method = "POST",
    .path = "/api/v1/assets",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = assets_post,
};

/* PUT /api/v1/assets/{id}  {"version", "document"} -> 200 Asset; version: the one that its writer has read */
static enum err
asset_put(struct request *req, struct response *out)
{
	static const char *const keys[] = {"document", "version", NULL};
	const struct json_t *body;
	struct asset_event a;
	int64_t version;
	enum err e;

	if ((e = asset_of(req, &a)) != ERR_OK ||
	    (e = request_object(req, "\"version\", \"document\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_int(body, "version", 1, ASSET_VERSIONS_MAX, &version, &req->why)) !=
		ERR_OK ||
	    (e = read_document(req, body, &a)) != ERR_OK)
		return e;
	a.version = (int32_t)version + 1;
	if ((e = emit(req, EV_ASSET_CHANGED, &a)) != ERR_OK)
		return e;
	answer(req, out, a.id);
	return ERR_OK;
}

const struct route route_asset_put = {
    .method = "PUT",
    .path = "/api/v1/assets/{id}",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 64 * 1024,
    .run = asset_put,
};

/* POST /api/v1/assets/{id}/verify -> 200 Asset: its entry was looked at and is true */
static enum err
asset_verify_post(struct request *req, struct response *out)
{
	struct asset_event a;
	enum err e;

	if ((e = asset_of(req, &a)) != ERR_OK || (e = emit(req, EV_ASSET_VERIFIED, &a)) != ERR_OK)
		return e;
	answer(req, out, a.id);
	return ERR_OK;
}

const struct route route_asset_verify_post = {
    .method = "POST",
    .path = "/api/v1/assets/{id}/verify",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 1024,
    .run = asset_verify_post,
};

/* POST /api/v1/assets/{id}/retire  {"reason"} -> 200 Asset: it is in use no more; its entry stays */
static enum err
asset_retire_post(struct request *req, struct response *out)
{
	static const char *const keys[] = {"reason", NULL};
	const struct json_t *body;
	struct asset_event a;
	enum err e;

	if ((e = asset_of(req, &a)) != ERR_OK ||
	    (e = request_object(req, "\"reason\"", &body)) != ERR_OK ||
	    (e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = request_reason(req, body, &a.reason)) != ERR_OK ||
	    (e = emit(req, EV_ASSET_RETIRED, &a)) != ERR_OK)
		return e;
	answer(req, out, a.id);
	return ERR_OK;
}

const struct route route_asset_retire_post = {
    .method = "POST",
    .path = "/api/v1/assets/{id}/retire",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = asset_retire_post,
};
