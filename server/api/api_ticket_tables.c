/* Tickets as tables: the ledger as CSV or as a workbook, and a list of weaknesses that comes in as CSV. */
#include "api/query.h"
#include "api/routes.h"
#include "api/ticket_filter.h"
#include "api/ticket_request.h"
#include "api/ticket_table.h"
#include "api/workbook.h"

/* ---- out ---- */

/* Those that pass the query's filters and whoever asks may see; after ERR_OK the caller answers with the table. */
static enum err
gather(struct request *req, struct table *l)
{
	struct ticket_view v = ticket_view_of(req);
	const struct tickets *all = v.g->tickets;
	struct ticket_filter f;
	const char *lang;
	bool zh = true;
	enum err e;

	if ((e = ticket_filter_read(req, &lang, NULL, &f)) != ERR_OK ||
	    (e = query_lang(req, lang, &zh)) != ERR_OK)
		return e;
	table_open(l, &ticket_ledger, zh, v.offset_minutes, all->count);
	for (size_t i = 0; e == ERR_OK && i < all->count; i++)
		if (ticket_may_see(req, &all->items[i]) && ticket_passes(&f, &v, &all->items[i]))
			e = ledger_add(l, &v, (int32_t)i + 1, &req->why);
	if (e != ERR_OK)
		table_free(l);
	return e;
}

/* GET /api/v1/tickets.csv?lang=zh|en and the filters of the list -> 200 text/csv */
static enum err
tickets_csv_get(struct request *req, struct response *out)
{
	struct table l;
	enum err e = gather(req, &l);

	return e != ERR_OK ? e : table_answer_csv(&l, out);
}

const struct route route_tickets_csv_get = {
    .method = "GET",
    .path = "/api/v1/tickets.csv",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = tickets_csv_get,
};

/* GET /api/v1/tickets.xlsx?lang=zh|en and the filters of the list -> 200, a workbook */
static enum err
tickets_xlsx_get(struct request *req, struct response *out)
{
	(void)out;
	return workbook_answer(req, gather);
}

const struct route route_tickets_xlsx_get = {
    .method = "GET",
    .path = "/api/v1/tickets.xlsx",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = tickets_xlsx_get,
};

/* ---- in ---- */

static enum err
has_room(struct request *req, const struct ticket_list *l)
{
	const struct drill *d = api_drill(req->api);

	if (d->game->tickets->count + l->count > TICKETS_MAX)
		return why_set(&req->why, ERR_LIMIT,
		    "%zu tickets more would be too many: at most %d in one drill", l->count,
		    TICKETS_MAX);
	return journal_crowded(d->journal)
		   ? why_set(&req->why, ERR_BUSY, "too much is waiting for the disk; try again")
		   : ERR_OK;
}

/* All or nothing: each row was checked, the journal has room for a body of this route's size, and nobody comes between. */
static enum err
register_all(struct request *req, const struct ticket_list *l)
{
	struct drill *d = api_drill(req->api);
	enum err e;

	if ((e = has_room(req, l)) != ERR_OK)
		return e;
	for (size_t i = 0; e == ERR_OK && i < l->count; i++) {
		struct event ev = {.kind = EV_TICKET_REGISTERED,
		    .actor = req->account->id,
		    .u.ticket = &l->events[i]};

		e = drill_emit_allowed(d, &ev, &req->why);
	}
	return e;
}

/* POST /api/v1/tickets/import?dry_run=1  text/csv -> 200 {"tickets", "first"}; 400 with every mistake */
static enum err
tickets_import_post(struct request *req, struct response *out)
{
	struct drill *d = api_drill(req->api);
	struct ticket_list list;
	struct json_writer w;
	bool dry = false;
	enum err e;

	if ((e = table_in_dry_run(req, &dry)) != ERR_OK ||
	    (e = ticket_list_read(d->game, req->role == ROLE_JUDGE, req->x->body, req->x->body_len,
		 req->x->arena, &list, &req->why)) != ERR_OK)
		return e;
	if (list.table.mistake_count > 0) {
		table_in_refuse(
		    &list.table, "no ticket was registered: the list has mistakes", out);
		return ERR_OK;
	}
	if (!dry && (e = register_all(req, &list)) != ERR_OK)
		return e;
	response_object(out, &w);
	jw_kv_int(&w, "tickets", (int64_t)list.count);
	jw_kv_bool(&w, "dry_run", dry);
	jw_key(&w, "first");
	if (!dry && list.count > 0)
		jw_int(&w, list.events[0].id);
	else
		jw_null(&w);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_tickets_import_post = {
    .method = "POST",
    .path = "/api/v1/tickets/import",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 2 * 1024 * 1024,
    .run = tickets_import_post,
};
