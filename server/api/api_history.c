/* What the checks of a system said, tick by tick: status from the fold, the words from the journal. */
#include "api/routes.h"
#include "base/mem.h"
#include "store/lookup.h"

#include <stdlib.h>

#define PAGE_MAX_TICKS 100
#define PAGE_DEFAULT_TICKS 20

/* One tick of the page. */
struct entry {
	int32_t tick;
	struct cell cell;
	bool known; /* message, trace and ms are filled in */
	int32_t ms;
	const char *message, *trace;
	int32_t void_id; /* the adopted void that covers it, or 0 */
	const char *void_reason;
};

struct history {
	struct request *req;
	const char *dir; /* the drill's */
	const char *system;
	bool staff;
	int32_t from, to;
	struct entry entries[PAGE_MAX_TICKS];
	size_t count;
	struct arena arena; /* what entries point to */
	enum err failed;
	struct why why;
};

static void
history_free(struct history *h)
{
	arena_free(&h->arena);
	free(h);
}

/* ---- which ticks ---- */

static enum err
read_range(struct request *req, int32_t newest, int32_t *from, int32_t *to)
{
	static const char *const names[] = {"from", "to", NULL};
	enum err e;

	*from = *to = -1;
	if ((e = request_numbers(req, names, (int32_t *const[]){from, to}, TICKS_MAX)) != ERR_OK)
		return e;
	if (*from >= 0 && *to >= 0 && *from > *to)
		return why_set(&req->why, ERR_INVALID,
		    "ticks %d to %d: the first is after the last", *from, *to);
	if (*from >= 0 && *to - *from >= PAGE_MAX_TICKS)
		return why_set(&req->why, ERR_INVALID, "ticks %d to %d: at most %d at once", *from,
		    *to, PAGE_MAX_TICKS);
	if (*to < 0)
		*to = *from >= 0 ? *from + PAGE_MAX_TICKS - 1 : newest;
	if (*from < 0)
		*from = *to >= PAGE_DEFAULT_TICKS ? *to - PAGE_DEFAULT_TICKS + 1 : 0;
	if (*to > newest)
		*to = newest > *from ? newest : *from;
	return ERR_OK;
}

/* ---- what the fold knows ---- */

static void
name_void(struct history *h, const struct game *g, uint32_t system, struct entry *e)
{
	for (size_t i = 0; i < g->void_count; i++) {
		const struct check_void *v = &g->voids[i];

		if (v->state != VOID_ADOPTED || e->tick < v->from || e->tick > v->to ||
		    !system_list_has(&v->systems, system))
			continue;
		e->void_id = (int32_t)i + 1;
		e->void_reason = arena_strdup(&h->arena, v->proposed.reason);
		return;
	}
}

static void
fill_entry(struct history *h, const struct game *g, uint32_t system, int32_t tick)
{
	const struct system_state *s = &g->systems[system];
	struct cell c = cells_get(&g->cells, tick, system);
	struct entry *e;

	if (c.seq == 0 && tick > game_closed_tick(g))
		return; /* it may come yet */
	e = &h->entries[h->count++];
	*e = (struct entry){.tick = tick, .cell = c, .message = "", .trace = ""};
	if (c.seq == 0) {
		e->known = true;
		e->message = "not checked: there is no result of this tick";
	} else if (s->tick == tick) { /* so new that it need not be on disk */
		e->known = true;
		e->ms = s->ms;
		e->message = arena_strdup(&h->arena, s->message);
		e->trace = arena_strdup(&h->arena, s->trace);
	}
	if (c.voided)
		name_void(h, g, system, e);
}

/* What the lookup is to find must be on disk: all but the newest result, unless the disk is far behind. */
static void
settle(struct drill *d, const struct history *h)
{
	for (size_t i = 0; i < h->count; i++)
		if (!h->entries[i].known && h->entries[i].cell.seq > d->progress.committed) {
			drill_settle(d);
			return;
		}
}

/* ---- on the pool: what only the journal knows ---- */

struct lookup_into {
	struct history *h;
	struct entry *entry;
};

static enum err
on_row(void *ctx, const struct journal_row *row, struct why *why)
{
	struct lookup_into *in = ctx;
	struct event ev = {.kind = EV_CHECK_DONE};
	enum err e = event_decode(
	    &ev, row->body, row->body_len, row->secret, row->secret_len, &in->h->arena, NULL, why);

	if (e != ERR_OK)
		return e;
	in->entry->ms = ev.u.check.ms;
	in->entry->message = ev.u.check.message;
	in->entry->trace = ev.u.check.trace;
	in->entry->known = true;
	return ERR_OK;
}

static void
history_run(void *ctx)
{
	struct history *h = ctx;
	struct lookup *l;

	if ((h->failed = lookup_open(h->dir, &l, &h->why)) != ERR_OK)
		return;
	for (size_t i = 0; h->failed == ERR_OK && i < h->count; i++) {
		struct lookup_into in = {.h = h, .entry = &h->entries[i]};

		if (!in.entry->known)
			h->failed = lookup_event(l, in.entry->cell.seq, on_row, &in, &h->why);
	}
	lookup_close(l);
}

/* ---- the answer ---- */

/* Whether it is in the uptime figure: what is the organizers' matter is not. */
static bool
counts(const struct cell *c)
{
	return !c->voided && c->seq != 0 && c->status != ST_NONE && c->status != ST_FAULT;
}

static void
write_entry(struct json_writer *w, const struct entry *e, bool staff)
{
	jw_object(w);
	jw_kv_int(w, "tick", e->tick);
	jw_kv_str(w, "status", status_name(e->cell.status));
	jw_kv_int(w, "ms", e->ms);
	jw_kv_str(w, "message", e->message);
	jw_kv_bool(w, "counts", counts(&e->cell));
	jw_kv_bool(w, "voided", e->cell.voided);
	if (e->void_id > 0) {
		jw_kv_int(w, "void", e->void_id);
		jw_kv_str(w, "void_reason", e->void_reason);
	}
	if (staff)
		jw_kv_str(w, "trace", e->trace);
	jw_object_end(w);
}

static void
write_history(const struct history *h, struct response *out)
{
	struct json_writer w;

	response_object(out, &w);
	jw_kv_str(&w, "system", h->system);
	jw_kv_int(&w, "from", h->from);
	jw_kv_int(&w, "to", h->to);
	jw_key(&w, "checks");
	jw_array(&w);
	for (size_t i = 0; i < h->count; i++)
		write_entry(&w, &h->entries[i], h->staff);
	jw_array_end(&w);
	jw_object_end(&w);
}

static enum err
history_result(struct history *h)
{
	struct request *req = h->req;
	enum err e = h->failed;

	/* Whatever it is called down there: the fold says that it was written, so it is our failure. */
	if (e == ERR_NOT_FOUND)
		e = ERR_CORRUPT;
	if (e == ERR_OK)
		write_history(h, &req->out);
	else
		req->why = h->why;
	history_free(h);
	return e;
}

static void
history_done(void *ctx)
{
	struct request *req = ((struct history *)ctx)->req;

	request_finish(req, history_result(ctx));
}

/* A department learns nothing of others' systems, not even that there are any. */
static enum err
find_system(struct request *req, uint32_t *out)
{
	const struct game *g = api_drill(req->api)->game;
	int at = game_system(g, req->param[0]);

	if (at < 0 || (!(req->role & ROLE_STAFF) && g->config->systems[at].team != req->team))
		return why_set(&req->why, ERR_NOT_FOUND, "no system \"%.64s\"", req->param[0]);
	*out = (uint32_t)at;
	return ERR_OK;
}

/* GET /api/v1/systems/{id}/checks?from=T&to=T -> 200 CheckHistory: the last 20 ticks, or up to 100 of them */
static enum err
checks_get(struct request *req, struct response *out)
{
	struct drill *d = api_drill(req->api);
	struct history *h;
	int32_t from, to;
	uint32_t system = 0;
	enum err e;

	if ((e = find_system(req, &system)) != ERR_OK ||
	    (e = read_range(req, d->game->tick, &from, &to)) != ERR_OK)
		return e;
	h = mem_alloc(sizeof *h);
	h->req = req;
	h->dir = d->options.dir;
	h->system = d->game->config->systems[system].id;
	h->staff = (req->role & ROLE_STAFF) != 0;
	h->from = from;
	h->to = to;
	for (int32_t t = from; t <= to && t <= d->game->tick; t++)
		fill_entry(h, d->game, system, t);
	settle(d, h);
	if (loop_work(api_loop(req->api), history_run, history_done, h) != ERR_OK) {
		history_free(h);
		return why_set(&req->why, ERR_BUSY, "too much is being looked up; try again");
	}
	out->deferred = true;
	return ERR_OK;
}

const struct route route_system_checks_get = {
    .method = "GET",
    .path = "/api/v1/systems/{id}/checks",
    .roles = ROLE_BLUE | ROLE_STAFF,
    .run = checks_get,
};
