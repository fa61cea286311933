/* Tickets as tables: the ledger as CSV or as a workbook, and a list of weaknesses that comes in as CSV. */
#include "api/routes.h"
#include "api/ticket_filter.h"
#include "api/ticket_request.h"
#include "api/ticket_table.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- out ---- */

/* Those that pass the query's filters and whoever asks may see; after ERR_OK the caller ends with ledger_free. */
static enum err
gather(struct request *req, struct ledger *l)
{
	struct ticket_view v = ticket_view_of(req);
	const struct tickets *all = v.g->tickets;
	struct query_page page;
	struct ticket_filter f;
	const char *lang;
	bool zh = true;
	enum err e;

	if ((e = ticket_filter_read(req, &lang, &page, &f)) != ERR_OK ||
	    (e = ticket_lang(req, lang, &zh)) != ERR_OK)
		return e;
	ledger_open(l, &v, zh, all->count);
	for (size_t i = (size_t)page.after; e == ERR_OK && i < all->count; i++)
		if (ticket_may_see(req, &all->items[i]) && ticket_passes(&f, &v, &all->items[i]))
			e = ledger_add(l, &v, (int32_t)i + 1, &req->why);
	if (e != ERR_OK)
		ledger_free(l);
	return e;
}

static void
as_file(struct response *out, const char *type, const char *disposition)
{
	out->content_type = type;
	response_header(out, "Content-Disposition", disposition);
}

/* GET /api/v1/tickets.csv?lang=zh|en and the filters of the list -> 200 text/csv */
static enum err
tickets_csv_get(struct request *req, struct response *out)
{
	struct ledger l;
	enum err e;

	if ((e = gather(req, &l)) != ERR_OK)
		return e;
	as_file(out, "text/csv; charset=utf-8", "attachment; filename=\"tickets.csv\"");
	ledger_csv(&l, &out->body);
	ledger_free(&l);
	return buf_err(&out->body);
}

const struct route route_tickets_csv_get = {
    .method = "GET",
    .path = "/api/v1/tickets.csv",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = tickets_csv_get,
};

/* A workbook under way: compressing takes its time, so it is made on the pool. */
struct workbook {
	struct request *req;
	const char *dir; /* the drill's */
	struct ledger ledger;
	struct buf bytes;
	enum err failed;
	struct why why;
};

static void
workbook_run(void *ctx)
{
	struct workbook *b = ctx;

	b->failed = ledger_xlsx(&b->ledger, b->dir, &b->bytes, &b->why);
}

static enum err
workbook_end(struct workbook *b)
{
	struct response *out = &b->req->out;
	enum err e = b->failed;

	if (e == ERR_OK) {
		as_file(out, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		    "attachment; filename=\"tickets.xlsx\"");
		buf_put(&out->body, b->bytes.data, b->bytes.len);
		e = buf_err(&out->body);
	} else {
		b->req->why = b->why;
	}
	ledger_free(&b->ledger);
	buf_free(&b->bytes);
	free(b);
	return e;
}

static void
workbook_done(void *ctx)
{
	struct request *req = ((struct workbook *)ctx)->req;

	request_finish(req, workbook_end(ctx));
}

/* GET /api/v1/tickets.xlsx?lang=zh|en and the filters of the list -> 200, a workbook */
static enum err
tickets_xlsx_get(struct request *req, struct response *out)
{
	struct workbook *b = mem_alloc(sizeof *b);
	enum err e;

	b->req = req;
	b->dir = api_drill(req->api)->options.dir;
	buf_init(&b->bytes, RESPONSE_MAX_BYTES);
	if ((e = gather(req, &b->ledger)) != ERR_OK) {
		free(b);
		return e;
	}
	if (loop_work(api_loop(req->api), workbook_run, workbook_done, b) != ERR_OK) {
		ledger_free(&b->ledger);
		free(b);
		return why_set(&req->why, ERR_BUSY, "too much is being made; try again");
	}
	out->deferred = true;
	return ERR_OK;
}

const struct route route_tickets_xlsx_get = {
    .method = "GET",
    .path = "/api/v1/tickets.xlsx",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = tickets_xlsx_get,
};

/* ---- in ---- */

/* A problem document (RFC 9457) with one more member: each mistake with its place. */
static void
write_mistakes(const struct ticket_list *l, struct response *out)
{
	struct json_writer w;

	out->status = 400;
	out->content_type = "application/problem+json";
	response_object(out, &w);
	jw_kv_str(&w, "type", "about:blank");
	jw_kv_str(&w, "title", "invalid");
	jw_kv_int(&w, "status", 400);
	jw_kv_str(&w, "detail", "no ticket was registered: the list has mistakes");
	jw_key(&w, "mistakes");
	jw_array(&w);
	for (size_t i = 0; i < l->mistake_count; i++) {
		jw_object(&w);
		jw_kv_int(&w, "line", l->mistakes[i].line);
		jw_kv_int(&w, "column", l->mistakes[i].column);
		jw_kv_str(&w, "text", l->mistakes[i].why.text);
		jw_object_end(&w);
	}
	jw_array_end(&w);
	jw_object_end(&w);
}

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

static enum err
read_dry_run(struct request *req, bool *dry)
{
	const char *value;
	const struct query_filter names[] = {{"dry_run", &value}, {NULL, NULL}};
	struct query_page page;
	enum err e;

	if ((e = query_read(req, names, &page)) != ERR_OK)
		return e;
	*dry = value != NULL && strcmp(value, "1") == 0;
	return value == NULL || *dry
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "?dry_run= must be 1, or not be there");
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

	if ((e = read_dry_run(req, &dry)) != ERR_OK ||
	    (e = ticket_list_read(d->game, req->role == ROLE_JUDGE, req->x->body, req->x->body_len,
		 req->x->arena, &list, &req->why)) != ERR_OK)
		return e;
	if (list.mistake_count > 0) {
		write_mistakes(&list, out);
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
