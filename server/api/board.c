#include "api/board.h"
#include "api/feed.h"
#include "api/voice.h"
#include "api/write.h"
#include "base/time.h"

#include <string.h>

#define HISTORY_MAX 500 /* points per line; a longer drill is thinned evenly */

static void
write_points(struct json_writer *w, double attack, double defense, double sla, double total)
{
	jw_kv_real(w, "attack", attack);
	jw_kv_real(w, "defense", defense);
	jw_kv_real(w, "sla", sla);
	jw_kv_real(w, "total", total);
}

void
board_write_ranking(struct json_writer *w, const struct game *g)
{
	jw_array(w);
	for (size_t i = 0; i < g->rank_count; i++) {
		const struct rank_row *r = &g->ranking[i];

		jw_object(w);
		jw_kv_str(w, "team", g->config->teams[r->team].id);
		jw_kv_int(w, "rank", r->rank);
		write_points(w, r->attack, r->defense, r->sla, r->total);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
board_write_rows(struct json_writer *w, const struct game *g)
{
	jw_array(w);
	for (size_t i = 0; i < g->row_count; i++) {
		const struct score_row *r = &g->rows[i];

		jw_object(w);
		jw_kv_str(w, "team", g->config->teams[r->team].id);
		jw_kv_str(w, "service", g->config->services[r->service].id);
		write_points(w, r->attack, r->defense, r->sla, r->total);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
board_write_system(struct json_writer *w, const struct game *g, size_t system, int audience)
{
	const struct system_config *c = &g->config->systems[system];
	const struct system_state *s = &g->systems[system];
	bool own = live_is_staff(audience) || audience == c->team;

	jw_object(w);
	jw_kv_str(w, "id", c->id);
	write_i18n(w, "name", &c->name);
	jw_kv_str(w, "team", g->config->teams[c->team].id);
	jw_kv_str(w, "service", g->config->services[c->service].id);
	jw_kv_int(w, "mlps", c->mlps);
	jw_kv_str(w, "status", status_name(s->status));
	jw_kv_int(w, "tick", s->tick);
	jw_kv_int(w, "ok_ticks", s->ok_ticks);
	jw_kv_int(w, "checked_ticks", s->checked_ticks);
	jw_kv_int(w, "flags_lost", s->flags_lost);
	jw_kv_bool(w, "held", s->holds > 0);
	jw_kv_bool(w, "voided", cells_get(&g->cells, s->tick, (uint32_t)system).voided);
	if (own)
		jw_kv_str(w, "message", s->message);
	if (live_is_staff(audience))
		jw_kv_str(w, "trace", s->trace);
	jw_object_end(w);
}

static void
write_drill(struct json_writer *w, const struct drill *d)
{
	const struct game *g = d->game;
	const struct drill_config *c = g->config;
	char regex[64], text[RFC3339_BYTES];

	jw_key(w, "drill");
	jw_object(w);
	jw_kv_str(w, "id", c->id);
	write_i18n(w, "name", &c->name);
	jw_kv_str(w, "state", drill_state_name(g->state));
	jw_kv_str(w, "reason", g->state_reason);
	jw_kv_bool(w, "killed", g->kill->on);
	jw_kv_str(w, "policy", c->policy);
	jw_kv_int(w, "tick", g->tick);
	jw_kv_int(w, "ticks", c->ticks);
	jw_kv_int(w, "last_tick", g->last_tick);
	jw_kv_int(w, "tick_ms", c->tick_ms);
	jw_kv_bool(w, "tick_open", g->tick_open);
	jw_kv_int(w, "flag_ticks", c->flag_ticks);
	flag_regex(c->flag_prefix, regex);
	jw_kv_str(w, "flag_regex", regex);
	jw_kv_int(w, "drill_ms", drill_now_ms(d));
	rfc3339_format(d->options.wall_ms(d->options.ctx), d->offset_minutes, text);
	jw_kv_str(w, "now", text);
	rfc3339_format(c->start_ms, d->offset_minutes, text);
	jw_kv_str(w, "start", c->start_ms > 0 ? text : NULL);
	jw_kv_str(w, "time_zone", c->time_zone);
	jw_object_end(w);
}

static void
write_teams(struct json_writer *w, const struct drill_config *c)
{
	jw_key(w, "teams");
	jw_array(w);
	for (size_t i = 0; i < c->team_count; i++) {
		const struct team_config *t = &c->teams[i];

		jw_object(w);
		jw_kv_str(w, "id", t->id);
		write_i18n(w, "name", &t->name);
		jw_kv_str(w, "kind", t->kind == TEAM_RED ? "red" : "blue");
		jw_kv_bool(w, "nop", t->nop);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_services(struct json_writer *w, const struct drill_config *c)
{
	jw_key(w, "services");
	jw_array(w);
	for (size_t i = 0; i < c->service_count; i++) {
		jw_object(w);
		jw_kv_str(w, "id", c->services[i].id);
		write_i18n(w, "name", &c->services[i].name);
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* The k-th tick of the thinned history: evenly spread, always with the first and the last. */
static size_t
thinned(size_t k, size_t points, size_t count)
{
	return points < 2 ? count - 1 : k * (count - 1) / (points - 1);
}

void
board_write_history(struct json_writer *w, const struct game *g)
{
	size_t points = g->history_count < HISTORY_MAX ? g->history_count : HISTORY_MAX;

	jw_object(w);
	jw_kv_int(w, "first_tick", 0);
	jw_key(w, "ticks");
	jw_array(w);
	for (size_t k = 0; k < points; k++)
		jw_int(w, (int64_t)thinned(k, points, g->history_count));
	jw_array_end(w);
	jw_key(w, "totals");
	jw_object(w);
	for (size_t r = 0; r < g->rank_count; r++) {
		uint32_t team = g->ranking[r].team;

		jw_key(w, g->config->teams[team].id);
		jw_array(w);
		for (size_t k = 0; k < points; k++)
			jw_real(w, g->history[thinned(k, points, g->history_count)].totals[team]);
		jw_array_end(w);
	}
	jw_object_end(w);
	jw_object_end(w);
}

/* What must not scroll out of sight. */
static void
write_urgent(struct json_writer *w, const struct drill *d, int audience)
{
	const struct announcements *all = d->game->announcements;
	enum role role = audience_role(d->game, audience);
	int64_t now = d->options.wall_ms(d->options.ctx);

	jw_key(w, "urgent");
	jw_array(w);
	for (size_t i = 0; i < all->count; i++) {
		const struct announcement *a = &all->items[i];

		if (!a->urgent || !announcement_in_force(a, now) ||
		    !(live_is_staff(audience) ||
			addressees_have(&a->addressees, role, audience_team(audience))))
			continue;
		jw_object(w);
		jw_kv_int(w, "id", (int64_t)i + 1);
		write_time(w, "at", a->at_ms, d->offset_minutes);
		jw_kv_str(w, "title", a->title);
		jw_kv_str(w, "text", a->text);
		write_time(w, "until", a->until_ms, d->offset_minutes);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
board_write(const struct drill *d, int audience, struct buf *out)
{
	const struct game *g = d->game;
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	jw_kv_int(&w, "seq", (int64_t)g->seq);
	jw_kv_str(&w, "head", d->checkpoint_head);
	jw_kv_int(&w, "head_seq", (int64_t)d->checkpointed);
	write_drill(&w, d);
	write_teams(&w, g->config);
	write_services(&w, g->config);
	jw_key(&w, "systems");
	jw_array(&w);
	for (size_t i = 0; i < g->config->system_count; i++)
		board_write_system(&w, g, i, audience);
	jw_array_end(&w);
	jw_key(&w, "ranking");
	board_write_ranking(&w, g);
	jw_key(&w, "rows");
	board_write_rows(&w, g);
	jw_key(&w, "history");
	board_write_history(&w, g);
	jw_key(&w, "feed");
	jw_array(&w);
	feed_write_kept(d->feed, &w);
	jw_array_end(&w);
	write_urgent(&w, d, audience);
	jw_object_end(&w);
}
