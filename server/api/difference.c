#include "api/difference.h"
#include "base/mem.h"
#include "core/rescore.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct difference {
	struct request *req;
	struct json_writer w;
	struct void_bits *bits;
	struct rescore run;
	struct rank_row *now; /* the ranking as it stands */
	size_t now_count;
	bool undo; /* it is adopted: what was run is the ranking without it */
	uint64_t seq;
	int32_t tick;
	size_t checks; /* results that the void is about */
	enum err failed;
	struct why why;
};

/* One team in both rankings; NULL where it is not listed. */
struct change {
	uint32_t team;
	const struct rank_row *old, *new;
};

/* ---- what is captured on the loop ---- */

static size_t
count_results(const struct game *g, const struct check_void *v)
{
	size_t n = 0;

	for (int32_t t = v->from; t <= v->to; t++)
		for (size_t i = 0; i < v->systems.count; i++)
			n += cells_get(&g->cells, t, v->systems.systems[i]).seq != 0;
	return n;
}

static struct difference *
difference_new(struct request *req, const struct json_writer *w, const struct check_void *v)
{
	const struct game *g = api_drill(req->api)->game;
	struct difference *d = mem_alloc(sizeof *d);

	d->req = req;
	d->w = *w;
	d->undo = v->state == VOID_ADOPTED;
	d->seq = g->seq;
	d->tick = game_closed_tick(g);
	d->checks = count_results(g, v);
	d->bits = game_void_bits(g, d->undo ? NULL : v, d->undo ? v : NULL);
	d->run = (struct rescore){.policy = g->policy,
	    .setup = &g->setup,
	    .facts = factlog_view(&g->facts),
	    .voided = d->bits,
	    .from = d->tick};
	d->now_count = g->rank_count;
	d->now = mem_array(g->rank_count, sizeof *d->now);
	memcpy(d->now, g->ranking, g->rank_count * sizeof *d->now);
	return d;
}

static void
difference_free(struct difference *d)
{
	rescore_free(&d->run);
	void_bits_free(d->bits);
	free(d->now);
	free(d);
}

/* ---- on the pool ---- */

static void
difference_run(void *ctx)
{
	struct difference *d = ctx;

	d->failed = rescore_run(&d->run, &d->why);
}

/* ---- the answer ---- */

static void
write_place(struct json_writer *w, const char *key, const struct rank_row *r)
{
	jw_key(w, key);
	if (r == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_int(w, "rank", r->rank);
	jw_kv_real(w, "attack", r->attack);
	jw_kv_real(w, "defense", r->defense);
	jw_kv_real(w, "sla", r->sla);
	jw_kv_real(w, "total", r->total);
	jw_object_end(w);
}

static double
moved(const struct change *c)
{
	return fabs((c->new != NULL ? c->new->total : 0) - (c->old != NULL ? c->old->total : 0));
}

static uint32_t
place(const struct change *c)
{
	return c->new != NULL ? c->new->rank : UINT32_MAX;
}

/* The biggest movers first, the others by their new rank. */
static int
compare_changes(const void *left, const void *right)
{
	const struct change *a = left, *b = right;
	double by_a = moved(a), by_b = moved(b);

	if (by_a != by_b)
		return by_a > by_b ? -1 : 1;
	if (place(a) != place(b))
		return place(a) < place(b) ? -1 : 1;
	return a->team < b->team ? -1 : a->team > b->team;
}

/* By team first, then only those that are listed, in order. Returns how many. */
static size_t
make_changes(const struct difference *d, size_t teams, struct change *list)
{
	size_t n = 0;

	for (size_t i = 0; i < d->now_count; i++)
		*(d->undo ? &list[d->now[i].team].new : &list[d->now[i].team].old) = &d->now[i];
	for (size_t i = 0; i < d->run.rank_count; i++) {
		const struct rank_row *r = &d->run.ranking[i];

		*(d->undo ? &list[r->team].old : &list[r->team].new) = r;
	}
	for (size_t i = 0; i < teams; i++)
		if (list[i].old != NULL || list[i].new != NULL) {
			list[n] = list[i];
			list[n++].team = (uint32_t)i;
		}
	qsort(list, n, sizeof *list, compare_changes);
	return n;
}

static void
write_difference(struct difference *d)
{
	const struct drill_config *c = api_drill(d->req->api)->game->config;
	struct change *list = mem_array(c->team_count, sizeof *list);
	size_t n = make_changes(d, c->team_count, list);
	struct json_writer *w = &d->w;

	jw_key(w, "difference");
	jw_object(w);
	jw_kv_int(w, "seq", (int64_t)d->seq);
	jw_kv_int(w, "tick", d->tick);
	jw_kv_int(w, "checks", (int64_t)d->checks);
	jw_key(w, "teams");
	jw_array(w);
	for (size_t i = 0; i < n; i++) {
		jw_object(w);
		jw_kv_str(w, "team", c->teams[list[i].team].id);
		write_place(w, "old", list[i].old);
		write_place(w, "new", list[i].new);
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_object_end(w);
	jw_object_end(w);
	free(list);
}

static enum err
difference_result(struct difference *d)
{
	enum err e = d->failed;

	if (e == ERR_OK)
		write_difference(d);
	else
		memcpy(&d->req->why, &d->why, sizeof d->why);
	difference_free(d);
	return e;
}

static void
difference_done(void *ctx)
{
	struct difference *d = ctx;
	struct request *req = d->req;

	request_finish(req, difference_result(d));
}

enum err
difference_answer(
    struct request *req, struct response *out, struct json_writer *w, const struct check_void *v)
{
	struct difference *d = difference_new(req, w, v);

	/* The pool has no room: organizers ask rarely, so it is rather done here than refused. */
	if (loop_work(api_loop(req->api), difference_run, difference_done, d) != ERR_OK) {
		difference_run(d);
		return difference_result(d);
	}
	out->deferred = true;
	return ERR_OK;
}
