#include "core/game.h"
#include "base/mem.h"
#include "core/game_private.h"

#include <stdlib.h>
#include <string.h>

struct game *
game_new(void)
{
	struct game *g = mem_alloc(sizeof *g);

	g->private_ = mem_alloc(sizeof *g->private_);
	g->tick = -1;
	g->state_reason = "";
	return g;
}

static void
free_states(struct game *g)
{
	struct game_private *p = g->private_;
	size_t systems = g->config->system_count;

	record_close_all(g);
	clocklog_free(&g->clock);
	free(g->units);
	for (size_t i = 0; i < systems; i++) {
		free(g->systems[i].message);
		free(g->systems[i].trace);
		free(g->systems[i].kept);
	}
	for (size_t i = 0; i < systems * (size_t)g->config->flag_ticks; i++)
		free(p->saved[i].json);
	for (size_t i = 0; i < g->history_count; i++)
		free(g->history[i].totals);
	for (size_t i = 0; i < g->hold_count; i++)
		hold_free(&g->holds[i]);
	for (size_t i = 0; i < g->void_count; i++)
		void_free(&g->voids[i]);
	cells_close(&g->cells);
	factlog_close(&g->facts);
	timeline_close(&g->timeline);
	g->policy->close(g->policy_state);
	captures_close(&p->captures);
	config_free(g->config);
	free(g->config);
}

void
game_free(struct game *g)
{
	struct game_private *p;

	if (g == NULL)
		return;
	p = g->private_;
	if (g->config != NULL)
		free_states(g);
	accounts_free(&g->accounts);
	ids_free(&p->team_ids);
	ids_free(&p->system_ids);
	free(p->slot_base);
	free(p->home);
	free(p->saved);
	free(p->score_teams);
	free(p->weights);
	free(p->service_ids);
	free(p->reason);
	free(p);
	free(g->rows);
	free(g->ranking);
	free(g->systems);
	free(g->teams);
	free(g->history);
	free(g->holds);
	free(g->voids);
	free(g->service_taken);
	free(g);
}

int
game_team(const struct game *g, const char *id)
{
	return ids_find(&g->private_->team_ids, id);
}

int
game_system(const struct game *g, const char *id)
{
	return ids_find(&g->private_->system_ids, id);
}

enum verdict
game_verdict(const struct game *g, uint32_t team, const struct flag *f)
{
	const struct drill_config *c = g->config;
	const struct game_private *p = g->private_;
	uint16_t owner;

	if (g->state != DRILL_RUNNING || g->kill->on || c->teams[team].kind != TEAM_RED)
		return V_ERR;
	if (f->tick < 0 || f->tick > g->tick || f->system >= c->system_count ||
	    f->slot >= c->systems[f->system].slots || !engagement_in_scope(g, f->system))
		return V_INV;
	owner = c->systems[f->system].team;
	if (c->teams[owner].nop)
		return V_INV;
	if (p->home[team] == owner)
		return V_OWN;
	if (g->tick - f->tick >= c->flag_ticks)
		return V_OLD;
	if (captures_has(&p->captures, f->tick, p->slot_base[f->system] + f->slot, team))
		return V_DUP;
	return V_OK;
}

int32_t
game_closed_tick(const struct game *g)
{
	return g->tick_open ? g->tick - 1 : g->tick;
}

const char *
game_saved(const struct game *g, uint32_t system, int32_t tick)
{
	size_t window = (size_t)g->config->flag_ticks;
	const struct saved_state *s;

	if (tick < 0)
		return "";
	s = &g->private_->saved[system * window + (size_t)tick % window];
	return s->tick == tick && s->json != NULL ? s->json : "";
}

const char *
game_kept(const struct game *g, uint32_t system)
{
	return g->systems[system].kept != NULL ? g->systems[system].kept : "";
}

struct due
game_due(const struct game *g)
{
	struct due d = {DUE_NOTHING, g->tick, 0};

	if (g->state != DRILL_RUNNING)
		return d;
	d.drill_ms = (int64_t)(g->tick + 1) * g->config->tick_ms;
	if (g->tick_open) {
		d.kind = DUE_TICK_CLOSE;
	} else if (g->tick >= g->last_tick) {
		d.kind = DUE_END;
	} else {
		d.kind = DUE_TICK_BEGIN;
		d.tick = g->tick + 1;
	}
	return d;
}

const char *
drill_state_name(enum drill_state s)
{
	static const char *const names[] = {"planned", "running", "paused", "ended"};

	return (unsigned)s < sizeof names / sizeof names[0] ? names[s] : "?";
}

uint32_t
game_flag_index(const struct game *g, const struct flag *f)
{
	const struct game_private *p = g->private_;

	return (uint32_t)f->tick * p->slot_count + p->slot_base[f->system] + f->slot;
}

bool
game_first_capture(const struct game *g, uint32_t system)
{
	return !g->service_taken[g->config->systems[system].service];
}

void
game_score_digest(const struct game *g, char out[SHA256_HEX_BYTES])
{
	uint8_t digest[SHA256_BYTES];

	score_digest(&g->setup, g->private_->service_ids, g->rows, g->row_count, digest);
	hex_encode(digest, sizeof digest, out);
}
