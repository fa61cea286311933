/*
 * Void checks: proposed, then adopted or dropped, and an adopted one may be dropped again. While a void is adopted
 * its checks count as not checked. Adopting and dropping score the game anew from its facts, so that the state
 * is what it would be had those checks never been.
 */
#include "base/mem.h"
#include "core/game.h"
#include "core/game_private.h"
#include "core/rescore.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is allowed ---- */

static enum err
proposed_allows(const struct game *g, const struct event *ev, struct why *why)
{
	if (ev->u.voiding.reason[0] == '\0')
		return why_set(why, ERR_INVALID, "a void wants a reason");
	if (g->void_count >= VOIDS_MAX)
		return why_set(why, ERR_LIMIT, "at most %d voids in one drill", VOIDS_MAX);
	if ((size_t)ev->u.voiding.id != g->void_count + 1)
		return why_set(why, ERR_CONFLICT, "void %d, but the next one is %zu",
		    ev->u.voiding.id, g->void_count + 1);
	if (ev->u.voiding.from < 0 || ev->u.voiding.from > ev->u.voiding.to)
		return why_set(why, ERR_INVALID,
		    "ticks %d to %d: the first must be 0 or more, and not after the last",
		    ev->u.voiding.from, ev->u.voiding.to);
	if (ev->u.voiding.to > game_closed_tick(g))
		return why_set(why, ERR_CONFLICT,
		    "tick %d has not closed; the last closed one is %d", ev->u.voiding.to,
		    game_closed_tick(g));
	return game_read_systems(g, ev->u.voiding.systems, NULL, why);
}

static enum err
decided_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct check_void *v;

	if (ev->u.voiding.id < 1 || (size_t)ev->u.voiding.id > g->void_count)
		return why_set(why, ERR_NOT_FOUND, "no void %d", ev->u.voiding.id);
	if (ev->u.voiding.reason[0] == '\0')
		return why_set(why, ERR_INVALID, "a decision on a void wants a reason");
	v = &g->voids[ev->u.voiding.id - 1];
	if (v->state == VOID_DROPPED)
		return why_set(why, ERR_CONFLICT,
		    "void %d was dropped; propose it anew to bring it back", ev->u.voiding.id);
	if (v->state == VOID_ADOPTED && ev->kind == EV_VOID_ADOPTED)
		return why_set(
		    why, ERR_CONFLICT, "void %d has been adopted before", ev->u.voiding.id);
	return ERR_OK;
}

enum err
void_allows(const struct game *g, const struct event *ev, struct why *why)
{
	return ev->kind == EV_VOID_PROPOSED ? proposed_allows(g, ev, why)
					    : decided_allows(g, ev, why);
}

/* ---- scoring anew ---- */

struct void_bits *
game_void_bits(const struct game *g, const struct check_void *plus, const struct check_void *minus)
{
	struct void_bits *b = void_bits_new((int32_t)g->cells.count, g->config->system_count);

	for (size_t i = 0; i < g->void_count; i++)
		if (g->voids[i].state == VOID_ADOPTED && &g->voids[i] != minus)
			void_bits_add(b, &g->voids[i]);
	if (plus != NULL)
		void_bits_add(b, plus);
	return b;
}

static void
on_closed(void *ctx, int32_t tick, const struct rescore *r)
{
	game_note_totals(ctx, tick, r->ranking, r->rank_count);
}

/* Nothing has changed if it fails, which only the policy's open could. */
static enum err
rescore(struct game *g, const struct void_bits *bits, int32_t from, struct why *why)
{
	struct rescore r = {.policy = g->policy,
	    .setup = &g->setup,
	    .facts = factlog_view(&g->facts),
	    .voided = bits,
	    .from = from,
	    .closed = on_closed,
	    .ctx = g};
	enum err e = rescore_run(&r, why);

	if (e != ERR_OK)
		return e;
	g->policy->close(g->policy_state);
	g->policy_state = r.state;
	r.state = NULL;
	memcpy(g->rows, r.rows, r.row_count * sizeof *g->rows);
	g->row_count = r.row_count;
	memcpy(g->ranking, r.ranking, r.rank_count * sizeof *g->ranking);
	g->rank_count = r.rank_count;
	rescore_free(&r);
	return ERR_OK;
}

/* ---- marks and uptime ---- */

static void
mark_cell(struct game *g, int32_t tick, uint32_t system, bool voided)
{
	struct cell c = cells_get(&g->cells, tick, system);
	struct system_state *s = &g->systems[system];
	uint32_t by = voided ? UINT32_MAX : 1; /* minus or plus one */

	if (c.voided == voided)
		return;
	cells_set_voided(&g->cells, tick, system, voided);
	if (c.seq == 0)
		return;
	if (c.status == ST_OK)
		s->ok_ticks += by;
	if (c.status != ST_NONE && c.status != ST_FAULT)
		s->checked_ticks += by;
}

static void
mark_cells(struct game *g, const struct check_void *v, const struct void_bits *bits)
{
	for (int32_t t = v->from; t <= v->to; t++)
		for (size_t i = 0; i < v->systems.count; i++) {
			uint32_t system = v->systems.systems[i];

			mark_cell(g, t, system, void_bits_has(bits, t, system));
		}
}

/* ---- transitions ---- */

static void
add_void(struct game *g, const struct event *ev)
{
	struct check_void *v;

	if ((g->void_count & (g->void_count - 1)) == 0)
		g->voids = mem_resize(
		    g->voids, g->void_count > 0 ? g->void_count * 2 : 1, sizeof *g->voids);
	v = &g->voids[g->void_count++];
	*v = (struct check_void){.from = ev->u.voiding.from, .to = ev->u.voiding.to};
	if (game_read_systems(g, ev->u.voiding.systems, &v->systems, NULL) != ERR_OK)
		v->systems = (struct system_list){0}; /* not after void_allows */
	decision_take(&v->proposed, ev->at_ms, ev->actor, ev->u.voiding.reason);
}

static enum err
count_or_not(struct game *g, struct check_void *v, bool adopt, struct why *why)
{
	struct void_bits *bits = game_void_bits(g, adopt ? v : NULL, adopt ? NULL : v);
	enum err e = rescore(g, bits, v->from, why);

	if (e == ERR_OK)
		mark_cells(g, v, bits);
	void_bits_free(bits);
	return e;
}

enum err
void_apply(struct game *g, const struct event *ev, struct why *why)
{
	bool adopt = ev->kind == EV_VOID_ADOPTED;
	struct check_void *v;
	enum err e;

	if (ev->kind == EV_VOID_PROPOSED) {
		add_void(g, ev);
		return ERR_OK;
	}
	v = &g->voids[ev->u.voiding.id - 1];
	if ((adopt || v->state == VOID_ADOPTED) && (e = count_or_not(g, v, adopt, why)) != ERR_OK)
		return e;
	v->state = adopt ? VOID_ADOPTED : VOID_DROPPED;
	v->was_adopted = v->was_adopted || adopt;
	decision_take(&v->decided, ev->at_ms, ev->actor, ev->u.voiding.reason);
	return ERR_OK;
}
