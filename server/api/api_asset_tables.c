/* Assets as tables: the inventory as CSV or as a workbook, and a list that comes in as CSV. */
#include "api/asset_table.h"
#include "api/inventory_request.h"
#include "api/query.h"
#include "api/routes.h"
#include "api/workbook.h"

#include <string.h>

#define EVENT_BYTES 1024 /* that an event has besides its texts */

/* ---- out ---- */

/* Those in use that whoever asks may see; after ERR_OK the caller answers with the table. */
static enum err
gather(struct request *req, struct table *t)
{
	const struct drill *d = api_drill(req->api);
	const struct assets *all = d->game->assets;
	struct inventory_filter f = {0};
	const char *lang;
	const struct query_filter names[] = {
	    {"lang", &lang}, {"department", &f.department}, {NULL, NULL}};
	bool zh = true;
	enum err e;

	if ((e = query_read(req, names, NULL)) != ERR_OK ||
	    (e = query_lang(req, lang, &zh)) != ERR_OK ||
	    (e = inventory_filter_read(req, &f)) != ERR_OK)
		return e;
	table_open(t, &asset_table, zh, d->offset_minutes, all->count);
	for (size_t i = 0; e == ERR_OK && i < all->count; i++)
		if (all->items[i].retired.by == NULL &&
		    inventory_shown(req->role, req->team, all->items[i].team) &&
		    (f.team < 0 || f.team == all->items[i].team))
			e = asset_table_add(t, d->game, (int32_t)i + 1, &req->why);
	if (e != ERR_OK)
		table_free(t);
	return e;
}

/* GET /api/v1/assets.csv?lang=zh|en&department=ID -> 200 text/csv */
static enum err
assets_csv_get(struct request *req, struct response *out)
{
	struct table t;
	enum err e = gather(req, &t);

	return e != ERR_OK ? e : table_answer_csv(&t, out);
}

const struct route route_assets_csv_get = {
    .method = "GET",
    .path = "/api/v1/assets.csv",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN,
    .run = assets_csv_get,
};

/* GET /api/v1/assets.xlsx?lang=zh|en&department=ID -> 200, a workbook */
static enum err
assets_xlsx_get(struct request *req, struct response *out)
{
	(void)out;
	return workbook_answer(req, gather);
}

const struct route route_assets_xlsx_get = {
    .method = "GET",
    .path = "/api/v1/assets.xlsx",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_LEADER | ROLE_ADMIN,
    .run = assets_xlsx_get,
};

/* ---- in ---- */

static enum err
has_room(struct request *req, const struct asset_list *l)
{
	size_t bytes = 2 * l->bytes + (l->post_count + l->asset_count) * EVENT_BYTES;

	return journal_has_room_for(api_drill(req->api)->journal, bytes)
		   ? ERR_OK
		   : why_set(&req->why, ERR_BUSY, "too much is waiting for the disk; try again");
}

/* All or nothing: each row was checked, the journal has room, and nobody comes between. */
static enum err
create_all(struct request *req, const struct asset_list *l)
{
	struct drill *d = api_drill(req->api);
	struct event ev = {.actor = req->account->id};
	enum err e;

	if ((e = has_room(req, l)) != ERR_OK)
		return e;
	ev.kind = EV_POST_CREATED;
	for (size_t i = 0; e == ERR_OK && i < l->post_count; i++) {
		ev.u.post = &l->posts[i];
		e = drill_emit_allowed(d, &ev, &req->why);
	}
	ev.kind = EV_ASSET_CREATED;
	for (size_t i = 0; e == ERR_OK && i < l->asset_count; i++) {
		ev.u.asset = &l->assets[i];
		e = drill_emit_allowed(d, &ev, &req->why);
	}
	return e;
}

/* POST /api/v1/assets/import?dry_run=1  text/csv -> 200 {"assets", "posts", "dry_run"}; 400 with every mistake */
static enum err
assets_import_post(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	int team = req->role == ROLE_BLUE ? req->team : -1;
	struct asset_list list;
	struct json_writer w;
	bool dry = false;
	enum err e;

	if ((e = table_in_dry_run(req, &dry)) != ERR_OK ||
	    (e = asset_list_read(g, team, req->x->body, req->x->body_len, req->x->arena, &list,
		 &req->why)) != ERR_OK)
		return e;
	if (list.table.mistake_count > 0) {
		table_in_refuse(&list.table, "no asset was taken: the list has mistakes", out);
		return ERR_OK;
	}
	if (!dry && (e = create_all(req, &list)) != ERR_OK)
		return e;
	response_object(out, &w);
	jw_kv_int(&w, "assets", (int64_t)list.asset_count);
	jw_kv_int(&w, "posts", (int64_t)list.post_count);
	jw_kv_bool(&w, "dry_run", dry);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_assets_import_post = {
    .method = "POST",
    .path = "/api/v1/assets/import",
    .roles = ROLE_BLUE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 2 * 1024 * 1024,
    .run = assets_import_post,
};
