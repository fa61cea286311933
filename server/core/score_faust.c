/*
 * Scoring of FAUST CTF.
 *
 * Source: fausecteam/ctf-gameserver, src/ctf_gameserver/controller/scoring.py, and the rules its
 * documentation publishes. For each team and service, with k the teams that captured a flag:
 *
 *   attack  = sum over the flags the team captured of 1 + 1/k
 *   defense = - sum over the team's own flags of k^0.75
 *   sla     = (ticks ok + 0.5 x ticks recovering) x sqrt(active teams)
 *
 * NOP teams: their captures are dropped before anything is counted, their flags make no row, but who
 * captured one of those has the points. The square root takes the present number of active teams, for
 * past ticks as well. Rows: every team that owns a flag x every service that has one, NOP teams' flags
 * aside.
 *
 * Deviations from the original:
 *   - a capture by a team without a row, or in a service without one, stops the original with an error;
 *     here it counts in k and earns nothing;
 *   - attackers (red teams that own no systems) are ours: they have rows in every service that has flags,
 *     and are not counted in the square root;
 *   - k^0.75 is sqrt(k) x sqrt(sqrt(k)), because IEEE 754 fixes the bits of a square root but not of pow().
 *
 * The original recomputes everything each tick. Here a tick costs what changed in it. Running sums would
 * drift and depend on the order of the facts, so each cell (team, service) counts its captured and lost
 * flags by k instead, and a cell that changed is summed afresh, in order of k: exact, whatever came first.
 */
#include "base/mem.h"
#include "core/score.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* How many flags were captured by k teams each. */
struct bin {
	uint32_t k;
	uint32_t flags;
};

/* Ascending by k, no empty bins: never longer than the flags in it, however many teams there are. */
struct histogram {
	struct bin *bins;
	uint32_t count;
	uint32_t cap;
};

/* One team's part in one service. */
struct cell {
	struct histogram won;
	struct histogram lost;
	uint32_t ok_ticks;
	uint32_t recovering_ticks;
	bool stale; /* attack and defense are behind the histograms */
	double attack;
	double defense;
};

/* Most flags are never captured, so what a capture needs is kept apart. */
struct issued {
	uint32_t cell; /* owner and service */
	uint32_t loot; /* or NONE */
};

struct loot {
	uint32_t cell;
	uint32_t captors; /* head of a list in the pool, latest first */
	uint32_t k;
	uint32_t settled; /* the k that the histograms know */
};

struct captor {
	uint32_t team;
	uint32_t next;
};

struct faust {
	const struct score_setup *setup;
	struct cell *cells; /* team_count x service_count */
	bool *team_has_flags;
	bool *service_has_flags;
	struct issued *flags;
	size_t flag_count, flag_cap;
	struct loot *loots;
	size_t loot_count, loot_cap;
	struct captor *captors;
	size_t captor_count, captor_cap;
	uint32_t *unsettled; /* loots whose k has moved */
	size_t unsettled_count, unsettled_cap;
};

/* Room for one more item; the arrays at least double, so that n facts cost O(n). */
static void *
grow(void *items, size_t count, size_t *cap, size_t bytes_each)
{
	if (count < *cap)
		return items;
	*cap = *cap == 0 ? 64 : *cap * 2;
	return mem_resize(items, *cap, bytes_each);
}

/* ---- histograms ---- */

/* The bin of k, or where it belongs. */
static uint32_t
histogram_find(const struct histogram *h, uint32_t k)
{
	uint32_t low = 0, high = h->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (h->bins[middle].k < k)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
histogram_add(struct histogram *h, uint32_t k)
{
	uint32_t i = histogram_find(h, k);

	if (i < h->count && h->bins[i].k == k) {
		h->bins[i].flags++;
		return;
	}
	if (h->count == h->cap) {
		h->cap = h->cap == 0 ? 4 : h->cap * 2;
		h->bins = mem_resize(h->bins, h->cap, sizeof(*h->bins));
	}
	memmove(&h->bins[i + 1], &h->bins[i], (h->count - i) * sizeof(*h->bins));
	h->bins[i] = (struct bin){.k = k, .flags = 1};
	h->count++;
}

/* One flag of k leaves; it is there. */
static void
histogram_remove(struct histogram *h, uint32_t k)
{
	uint32_t i = histogram_find(h, k);

	assert(i < h->count && h->bins[i].k == k);
	if (--h->bins[i].flags > 0)
		return;
	h->count--;
	memmove(&h->bins[i], &h->bins[i + 1], (h->count - i) * sizeof(*h->bins));
}

/* ---- facts ---- */

static struct cell *
cell_of(struct faust *f, uint32_t team, uint32_t service)
{
	assert(team < f->setup->team_count && service < f->setup->service_count);
	return &f->cells[(size_t)team * f->setup->service_count + service];
}

static void
apply_flag(struct faust *f, const struct fact *fact)
{
	assert(fact->flag == f->flag_count && f->flag_count < NONE);
	f->flags = grow(f->flags, f->flag_count, &f->flag_cap, sizeof(*f->flags));
	f->flags[f->flag_count++] = (struct issued){
	    .cell = (uint32_t)(cell_of(f, fact->team, fact->service) - f->cells), .loot = NONE};
	if (f->setup->teams[fact->team].nop)
		return;
	f->team_has_flags[fact->team] = true;
	f->service_has_flags[fact->service] = true;
}

static struct loot *
loot_of(struct faust *f, uint32_t flag)
{
	struct issued *issued;

	assert(flag < f->flag_count);
	issued = &f->flags[flag];
	if (issued->loot == NONE) {
		f->loots = grow(f->loots, f->loot_count, &f->loot_cap, sizeof(*f->loots));
		f->loots[f->loot_count] = (struct loot){.cell = issued->cell, .captors = NONE};
		issued->loot = (uint32_t)f->loot_count++;
	}
	return &f->loots[issued->loot];
}

static void
apply_capture(struct faust *f, const struct fact *fact)
{
	struct loot *loot;

	assert(fact->team < f->setup->team_count);
	if (f->setup->teams[fact->team].nop)
		return;
	loot = loot_of(f, fact->flag);
	for (uint32_t i = loot->captors; i != NONE; i = f->captors[i].next)
		if (f->captors[i].team == fact->team)
			return;
	if (loot->k == loot->settled) {
		f->unsettled = grow(
		    f->unsettled, f->unsettled_count, &f->unsettled_cap, sizeof(*f->unsettled));
		f->unsettled[f->unsettled_count++] = (uint32_t)(loot - f->loots);
	}
	assert(f->captor_count < NONE);
	f->captors = grow(f->captors, f->captor_count, &f->captor_cap, sizeof(*f->captors));
	f->captors[f->captor_count] = (struct captor){.team = fact->team, .next = loot->captors};
	loot->captors = (uint32_t)f->captor_count++;
	loot->k++;
}

static void
apply_check(struct faust *f, const struct fact *fact)
{
	struct cell *cell = cell_of(f, fact->team, fact->service);

	if (fact->status == ST_OK)
		cell->ok_ticks++;
	else if (fact->status == ST_RECOVERING)
		cell->recovering_ticks++;
}

/* Moves a flag to its new k in the histograms of its owner and of everyone who captured it. */
static void
loot_settle(struct faust *f, struct loot *loot)
{
	uint32_t service = loot->cell % (uint32_t)f->setup->service_count;
	uint32_t newcomers = loot->k - loot->settled;
	struct cell *owner = &f->cells[loot->cell];

	for (uint32_t i = loot->captors; i != NONE; i = f->captors[i].next) {
		struct cell *cell = cell_of(f, f->captors[i].team, service);

		if (newcomers > 0)
			newcomers--; /* the list has them first */
		else
			histogram_remove(&cell->won, loot->settled);
		histogram_add(&cell->won, loot->k);
		cell->stale = true;
	}
	if (loot->settled > 0)
		histogram_remove(&owner->lost, loot->settled);
	histogram_add(&owner->lost, loot->k);
	owner->stale = true;
	loot->settled = loot->k;
}

static void
settle(struct faust *f)
{
	for (size_t i = 0; i < f->unsettled_count; i++)
		loot_settle(f, &f->loots[f->unsettled[i]]);
	f->unsettled_count = 0;
}

static void
faust_apply(void *state, const struct fact *fact)
{
	struct faust *f = state;

	switch (fact->kind) {
	case FACT_FLAG:
		apply_flag(f, fact);
		break;
	case FACT_CAPTURE:
		apply_capture(f, fact);
		break;
	case FACT_CHECK:
		apply_check(f, fact);
		break;
	case FACT_CLOSE:
		settle(f);
		break;
	}
}

/* ---- rows ---- */

static void
cell_refresh(struct cell *cell)
{
	uint64_t captures = 0;
	double shares = 0, losses = 0;

	for (uint32_t i = 0; i < cell->won.count; i++) {
		captures += cell->won.bins[i].flags;
		shares += (double)cell->won.bins[i].flags / cell->won.bins[i].k;
	}
	for (uint32_t i = 0; i < cell->lost.count; i++) {
		double root = sqrt(cell->lost.bins[i].k);

		losses += cell->lost.bins[i].flags * (root * sqrt(root));
	}
	cell->attack = (double)captures + shares;
	cell->defense = 0 - losses; /* not -losses: a team without losses has 0, not -0 */
	cell->stale = false;
}

static double
sla_factor(const struct score_setup *setup)
{
	size_t active = 0;

	for (size_t i = 0; i < setup->team_count; i++)
		if (setup->teams[i].active && !setup->teams[i].nop && !setup->teams[i].attacker)
			active++;
	return sqrt((double)active);
}

static bool
team_has_rows(const struct faust *f, uint32_t team)
{
	const struct score_team *t = &f->setup->teams[team];

	return !t->nop && (t->attacker || f->team_has_flags[team]);
}

static size_t
faust_rows(void *state, struct score_row *out)
{
	struct faust *f = state;
	double factor = sla_factor(f->setup);
	size_t count = 0;

	settle(f); /* the captures of a tick that is still open */
	for (uint32_t team = 0; team < f->setup->team_count; team++) {
		if (!team_has_rows(f, team))
			continue;
		for (uint32_t service = 0; service < f->setup->service_count; service++) {
			struct cell *cell = cell_of(f, team, service);
			struct score_row *row = &out[count];

			if (!f->service_has_flags[service])
				continue;
			if (cell->stale)
				cell_refresh(cell);
			*row = (struct score_row){.team = team, .service = service};
			row->attack = cell->attack;
			row->defense = cell->defense;
			row->sla = (cell->ok_ticks + 0.5 * cell->recovering_ticks) * factor;
			row->total = row->attack + row->defense + row->sla;
			count++;
		}
	}
	return count;
}

/* ---- life ---- */

static enum err
faust_open(const struct score_setup *setup, void **state, struct why *why)
{
	struct faust *f;

	*state = NULL;
	if (setup->param_count > 0)
		return why_set(why, ERR_INVALID,
		    "policy faust takes no parameters, so remove \"%s\"", setup->params[0].key);
	f = mem_alloc(sizeof(*f));
	f->setup = setup;
	f->cells = mem_array(setup->team_count * setup->service_count, sizeof(*f->cells));
	f->team_has_flags = mem_array(setup->team_count, sizeof(*f->team_has_flags));
	f->service_has_flags = mem_array(setup->service_count, sizeof(*f->service_has_flags));
	*state = f;
	return ERR_OK;
}

static double
faust_capture_points(void *state, uint32_t flag)
{
	const struct faust *f = state;
	uint32_t loot = flag < f->flag_count ? f->flags[flag].loot : NONE;

	return loot == NONE ? 0 : 1.0 + 1.0 / f->loots[loot].k;
}

static void
faust_close(void *state)
{
	struct faust *f = state;

	if (f == NULL)
		return;
	for (size_t i = 0; i < f->setup->team_count * f->setup->service_count; i++) {
		free(f->cells[i].won.bins);
		free(f->cells[i].lost.bins);
	}
	free(f->cells);
	free(f->team_has_flags);
	free(f->service_has_flags);
	free(f->flags);
	free(f->loots);
	free(f->captors);
	free(f->unsettled);
	free(f);
}

const struct policy policy_faust = {
    .name = "faust",
    .open = faust_open,
    .apply = faust_apply,
    .rows = faust_rows,
    .capture_points = faust_capture_points,
    .close = faust_close,
};
