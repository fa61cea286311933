/* The transitions: one function per kind of event. Each checks everything first and then changes. */
#include "base/mem.h"
#include "core/game.h"
#include "core/game_private.h"
#include "core/kept.h"

#include <stdlib.h>
#include <string.h>

void
game_feed(struct game *g, const struct fact *f, uint32_t system)
{
	g->policy->apply(g->policy_state, f);
	factlog_add(&g->facts, f, system);
}

#define refuse(why, ...) why_set(why, ERR_CORRUPT, __VA_ARGS__)

/* ---- drill.opened ---- */

static void
index_teams(struct game *g)
{
	const struct drill_config *c = g->config;
	struct game_private *p = g->private_;

	p->score_teams = mem_array(c->team_count, sizeof *p->score_teams);
	p->home = mem_array(c->team_count, sizeof *p->home);
	for (size_t i = 0; i < c->team_count; i++)
		ids_add(&p->team_ids, c->teams[i].id, (int)i);
	for (size_t i = 0; i < c->team_count; i++) {
		const struct team_config *t = &c->teams[i];

		p->home[i] = t->home != NULL ? ids_find(&p->team_ids, t->home) : -1;
		p->score_teams[i] = (struct score_team){
		    .id = t->id, .nop = t->nop, .active = true, .attacker = t->kind == TEAM_RED};
	}
}

static void
index_systems(struct game *g)
{
	const struct drill_config *c = g->config;
	struct game_private *p = g->private_;

	p->slot_base = mem_array(c->system_count, sizeof *p->slot_base);
	for (size_t i = 0; i < c->system_count; i++) {
		ids_add(&p->system_ids, c->systems[i].id, (int)i);
		p->slot_base[i] = p->slot_count;
		p->slot_count += c->systems[i].slots;
	}
	p->weights = mem_array(c->service_count, sizeof *p->weights);
	p->service_ids = mem_array(c->service_count, sizeof *p->service_ids);
	for (size_t i = 0; i < c->service_count; i++) {
		p->weights[i] = c->services[i].weight;
		p->service_ids[i] = c->services[i].id;
	}
}

static void
make_states(struct game *g)
{
	const struct drill_config *c = g->config;
	struct game_private *p = g->private_;
	size_t saved = c->system_count * (size_t)c->flag_ticks;

	g->systems = mem_array(c->system_count, sizeof *g->systems);
	for (size_t i = 0; i < c->system_count; i++) {
		g->systems[i].tick = -1;
		g->systems[i].message = mem_strdup("");
		g->systems[i].trace = mem_strdup("");
	}
	p->saved = mem_array(saved, sizeof *p->saved);
	for (size_t i = 0; i < saved; i++)
		p->saved[i].tick = -1;
	g->teams = mem_array(c->team_count, sizeof *g->teams);
	g->service_taken = mem_array(c->service_count, sizeof *g->service_taken);
	g->rows = mem_array(c->team_count * c->service_count, sizeof *g->rows);
	g->ranking = mem_array(c->team_count, sizeof *g->ranking);
	captures_open(&p->captures, c->flag_ticks);
	cells_open(&g->cells, c->system_count);
	g->last_tick = c->ticks - 1;
	record_open_all(g);
}

/* A copy of its own, by way of the same text that the journal holds. */
static enum err
copy_config(struct game *g, const struct drill_config *from, struct why *why)
{
	struct drill_config *c = mem_alloc(sizeof *c);
	struct json_writer w;
	struct json_t *j;
	struct buf text;
	enum err e;

	buf_init(&text, EVENT_BODY_MAX_BYTES);
	jw_begin(&w, &text);
	config_encode(from, &w);
	if ((e = buf_err(&text)) == ERR_OK &&
	    (e = jr_parse(text.data, text.len, &j, why)) == ERR_OK) {
		e = config_decode(j, c, why);
		jr_free(j);
	}
	buf_free(&text);
	if (e != ERR_OK) {
		config_free(c);
		free(c);
		return e;
	}
	g->config = c;
	return ERR_OK;
}

static void
forget_config(struct game *g)
{
	struct game_private *p = g->private_;

	ids_free(&p->team_ids);
	ids_free(&p->system_ids);
	free(p->slot_base);
	free(p->home);
	free(p->score_teams);
	free(p->weights);
	free(p->service_ids);
	memset(p, 0, sizeof *p);
	config_free(g->config);
	free(g->config);
	g->config = NULL;
}

static enum err
apply_opened(struct game *g, const struct event *ev, struct why *why)
{
	struct game_private *p = g->private_;
	const struct policy *policy;
	enum err e;

	if (g->config != NULL)
		return refuse(why, "the drill was opened before");
	if ((policy = policy_find(ev->u.opened.config->policy)) == NULL)
		return refuse(why, "no scoring policy \"%s\"; there are: %s",
		    ev->u.opened.config->policy, policy_names());
	if ((e = copy_config(g, ev->u.opened.config, why)) != ERR_OK)
		return e;
	index_teams(g);
	index_systems(g);
	g->setup = (struct score_setup){
	    .teams = p->score_teams,
	    .team_count = g->config->team_count,
	    .service_weights = p->weights,
	    .service_count = g->config->service_count,
	    .params = g->config->params,
	    .param_count = g->config->param_count,
	};
	if ((e = policy->open(&g->setup, &g->policy_state, why)) != ERR_OK) {
		forget_config(g);
		return e;
	}
	g->policy = policy;
	g->units = units_draw(g->config, ev->at_ms, ev->u.opened.unit_seed);
	make_states(g);
	return ERR_OK;
}

/* ---- the clock ---- */

static void
set_state(struct game *g, enum drill_state state, const char *reason)
{
	struct game_private *p = g->private_;

	char *said = mem_strdup(reason); /* it may be the present one */

	g->state = state;
	free(p->reason);
	p->reason = said;
	g->state_reason = p->reason;
}

void
game_say_why(struct game *g, const char *prefix, const char *reason)
{
	struct game_private *p = g->private_;
	size_t len = strlen(prefix), more = strlen(reason) + 1;

	free(p->reason);
	p->reason = mem_alloc(len + more);
	memcpy(p->reason, prefix, len);
	memcpy(p->reason + len, reason, more);
	g->state_reason = p->reason;
}

static enum err
apply_clock(struct game *g, const struct event *ev, struct why *why)
{
	bool running = g->state == DRILL_RUNNING, paused = g->state == DRILL_PAUSED;
	bool begins = ev->kind == EV_DRILL_STARTED || ev->kind == EV_DRILL_RESUMED;

	if (begins && g->kill->on)
		return refuse(
		    why, "%s cannot follow while the kill switch is on", event_kind_name(ev->kind));
	if (ev->kind == EV_DRILL_STARTED && g->state == DRILL_PLANNED && ev->drill_ms == 0)
		set_state(g, DRILL_RUNNING, "");
	else if (ev->kind == EV_DRILL_PAUSED && running) /* the kill switch has said why */
		set_state(g, DRILL_PAUSED, g->kill->on ? g->state_reason : ev->u.clock.reason);
	else if (ev->kind == EV_DRILL_RESUMED && paused)
		set_state(g, DRILL_RUNNING, "");
	else if (ev->kind == EV_DRILL_ENDED && (running || paused) && !g->tick_open)
		set_state(g, DRILL_ENDED, ev->u.clock.reason);
	else
		return refuse(why, "%s cannot follow while the drill is %s%s",
		    event_kind_name(ev->kind), drill_state_name(g->state),
		    g->tick_open ? " with a tick open" : "");
	clocklog_add(&g->clock, ev->at_ms, ev->drill_ms, g->state == DRILL_RUNNING);
	return ERR_OK;
}

static enum err
apply_stop_after(struct game *g, const struct event *ev, struct why *why)
{
	if (g->state == DRILL_ENDED)
		return refuse(why, "the drill has ended");
	if (ev->u.tick.tick < 0 || ev->u.tick.tick < g->tick || ev->u.tick.tick >= g->config->ticks)
		return refuse(why, "cannot stop after tick %d: now is %d, the last one is %d",
		    ev->u.tick.tick, g->tick, g->config->ticks - 1);
	g->last_tick = ev->u.tick.tick;
	return ERR_OK;
}

/* ---- ticks ---- */

static enum err
apply_tick_began(struct game *g, const struct event *ev, struct why *why)
{
	const struct drill_config *c = g->config;

	if (g->state != DRILL_RUNNING || g->tick_open || ev->u.tick.tick != g->tick + 1 ||
	    ev->u.tick.tick > g->last_tick)
		return refuse(why, "tick %d cannot begin while the drill is %s and tick %d is %s",
		    ev->u.tick.tick, drill_state_name(g->state), g->tick,
		    g->tick_open ? "open" : "closed");
	g->tick = ev->u.tick.tick;
	g->tick_open = true;
	captures_begin_tick(&g->private_->captures, g->tick);
	cells_begin_tick(&g->cells, ev->seq);
	for (uint32_t s = 0; s < c->system_count; s++)
		for (uint32_t slot = 0; slot < c->systems[s].slots; slot++) {
			struct flag flag = {g->tick, (uint16_t)s, (uint8_t)slot};
			struct fact f = {.kind = FACT_FLAG,
			    .tick = g->tick,
			    .team = c->systems[s].team,
			    .service = c->systems[s].service,
			    .flag = game_flag_index(g, &flag)};

			game_feed(g, &f, s);
		}
	return ERR_OK;
}

static void
add_history(struct game *g)
{
	struct tick_history *h;

	g->history = mem_grow(g->history, g->history_count, sizeof *h);
	h = &g->history[g->history_count++];
	h->totals = mem_array(g->config->team_count, sizeof *h->totals);
}

void
game_note_totals(struct game *g, int32_t tick, const struct rank_row *ranking, size_t rank_count)
{
	double *totals;

	if ((size_t)tick == g->history_count)
		add_history(g);
	totals = g->history[tick].totals;
	memset(totals, 0, g->config->team_count * sizeof *totals);
	for (size_t i = 0; i < rank_count; i++)
		totals[ranking[i].team] = ranking[i].total;
}

static enum err
apply_tick_closed(struct game *g, const struct event *ev, struct why *why)
{
	struct fact f = {.kind = FACT_CLOSE, .tick = g->tick};

	if (!g->tick_open || ev->u.tick.tick != g->tick)
		return refuse(why, "tick %d cannot close: tick %d is %s", ev->u.tick.tick, g->tick,
		    g->tick_open ? "open" : "closed");
	game_feed(g, &f, 0);
	g->tick_open = false;
	g->row_count = g->policy->rows(g->policy_state, g->rows);
	g->rank_count = score_ranking(&g->setup, g->rows, g->row_count, g->ranking);
	game_note_totals(g, g->tick, g->ranking, g->rank_count);
	return ERR_OK;
}

/* ---- checks and captures ---- */

static void
replace(char **text, const char *with)
{
	if (strcmp(*text, with) == 0)
		return;
	free(*text);
	*text = mem_strdup(with);
}

static void
keep_saved(struct game *g, uint32_t system, int32_t tick, const char *json)
{
	size_t window = (size_t)g->config->flag_ticks;
	struct saved_state *s = &g->private_->saved[system * window + (size_t)tick % window];

	free(s->json);
	s->json = json[0] != '\0' ? mem_strdup(json) : NULL;
	s->tick = tick;
}

static enum err
apply_check(struct game *g, const struct event *ev, struct why *why)
{
	int at = game_system(g, ev->u.check.system);
	struct system_state *s;
	struct fact f;

	if (at < 0)
		return refuse(why, "no system \"%s\"", ev->u.check.system);
	if (!g->tick_open || ev->u.check.tick != g->tick)
		return refuse(why, "a check of tick %d, but tick %d is %s", ev->u.check.tick,
		    g->tick, g->tick_open ? "open" : "closed");
	s = &g->systems[at];
	if (s->tick == g->tick)
		return refuse(
		    why, "a second result of \"%s\" in tick %d", ev->u.check.system, g->tick);
	f = (struct fact){.kind = FACT_CHECK,
	    .tick = g->tick,
	    .team = g->config->systems[at].team,
	    .service = g->config->systems[at].service,
	    .status = ev->u.check.status};
	game_feed(g, &f, (uint32_t)at);
	cells_put(&g->cells, (uint32_t)at, ev->seq, ev->u.check.status);
	s->status = ev->u.check.status;
	s->tick = g->tick;
	s->ms = ev->u.check.ms;
	s->ok_ticks += s->status == ST_OK;
	s->checked_ticks += s->status != ST_NONE && s->status != ST_FAULT;
	replace(&s->message, ev->u.check.message);
	replace(&s->trace, ev->u.check.trace);
	keep_saved(g, (uint32_t)at, g->tick, ev->u.check.saved);
	/* The dispatcher has held it to its form and size: what does not fit is left out, everywhere alike. */
	if (ev->u.check.state[0] != '\0')
		(void)!kept_add(&s->kept, ev->u.check.state);
	return ERR_OK;
}

static enum err
apply_capture(struct game *g, const struct event *ev, struct why *why)
{
	int team = game_team(g, ev->u.capture.team), system = game_system(g, ev->u.capture.system);
	struct flag flag = {ev->u.capture.tick, (uint16_t)system, (uint8_t)ev->u.capture.slot};
	struct game_private *p = g->private_;
	enum verdict v;
	struct fact f;

	if (team < 0 || system < 0)
		return refuse(why, "no team \"%s\" or no system \"%s\"", ev->u.capture.team,
		    ev->u.capture.system);
	if ((v = game_verdict(g, (uint32_t)team, &flag)) != V_OK)
		return refuse(why, "a capture that must be refused: %s", verdict_name(v));
	if (engagement_allows(g, ev->actor, why) != ERR_OK)
		return ERR_CORRUPT;
	captures_add(&p->captures, flag.tick, p->slot_base[system] + flag.slot, (uint32_t)team);
	f = (struct fact){.kind = FACT_CAPTURE,
	    .tick = g->tick,
	    .team = (uint32_t)team,
	    .service = g->config->systems[system].service,
	    .flag = game_flag_index(g, &flag)};
	game_feed(g, &f, 0);
	g->teams[team].captures++;
	g->teams[g->config->systems[system].team].flags_lost++;
	g->systems[system].flags_lost++;
	g->service_taken[g->config->systems[system].service] = true;
	g->captures++;
	return ERR_OK;
}

/* ---- accounts ---- */

/* The department that a judge works for; -1: none. */
static enum err
judges_department(const struct game *g, const struct event *ev, int *out, struct why *why)
{
	const char *id = ev->u.account.department;

	*out = -1;
	if (id == NULL || id[0] == '\0')
		return ERR_OK;
	*out = game_team(g, id);
	if (ev->u.account.role != ROLE_JUDGE || *out < 0 ||
	    g->config->teams[*out].kind != TEAM_BLUE)
		return refuse(why, "account \"%s\": role %s of department \"%s\"",
		    ev->u.account.account, role_name(ev->u.account.role), id);
	return ERR_OK;
}

static enum err
apply_account_created(struct game *g, const struct event *ev, struct why *why)
{
	int team = ev->u.account.team[0] != '\0' ? game_team(g, ev->u.account.team) : -1;
	bool of_team = ev->u.account.role == ROLE_BLUE || ev->u.account.role == ROLE_RED;
	int department;
	enum err e;

	if (!id_valid(ev->u.account.account))
		return refuse(why, "\"%s\" is not an account's id", ev->u.account.account);
	if (of_team != (team >= 0) || (team < 0 && ev->u.account.team[0] != '\0'))
		return refuse(why, "account \"%s\": role %s with team \"%s\"",
		    ev->u.account.account, role_name(ev->u.account.role), ev->u.account.team);
	if (of_team &&
	    (ev->u.account.role == ROLE_RED) != (g->config->teams[team].kind == TEAM_RED))
		return refuse(why, "account \"%s\": team \"%s\" is of the other side",
		    ev->u.account.account, ev->u.account.team);
	if ((e = judges_department(g, ev, &department, why)) != ERR_OK)
		return e;
	e = accounts_add(&g->accounts, ev->u.account.account, ev->u.account.role, team);
	if (e != ERR_OK)
		return refuse(why, "account \"%s\": %s", ev->u.account.account,
		    e == ERR_CONFLICT ? "it exists" : "too many accounts");
	accounts_find(&g->accounts, ev->u.account.account)->department = department;
	return ERR_OK;
}

static enum err
apply_account_secret(struct game *g, const struct event *ev, struct why *why)
{
	struct account *a = accounts_find(&g->accounts, ev->u.account.account);
	uint8_t hash[SHA256_BYTES];

	if (a == NULL)
		return refuse(why, "no account \"%s\"", ev->u.account.account);
	if (ev->u.account.value[0] == '\0')
		return ERR_OK; /* a published journal has no secrets */
	if (ev->kind == EV_ACCOUNT_PASSWORD) {
		accounts_set_password(a, ev->u.account.value);
		return ERR_OK;
	}
	if (strlen(ev->u.account.value) != 2 * SHA256_BYTES ||
	    !hex_decode(ev->u.account.value, 2 * SHA256_BYTES, hash))
		return refuse(
		    why, "account \"%s\": a token's hash is 64 hex digits", ev->u.account.account);
	accounts_set_token(&g->accounts, a, hash);
	return ERR_OK;
}

/* ---- the organizers' hand on checks ---- */

enum err
game_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct record_family *family = record_family_of(ev->kind);

	if (family != NULL)
		return family->allows(g, ev, why);
	if (ev->kind == EV_CHECKS_HELD || ev->kind == EV_CHECKS_RELEASED)
		return hold_allows(g, ev, why);
	return void_allows(g, ev, why);
}

static enum err
apply_hand(struct game *g, const struct event *ev, struct why *why)
{
	if (game_allows(g, ev, why) != ERR_OK)
		return ERR_CORRUPT;
	if (ev->kind != EV_CHECKS_HELD && ev->kind != EV_CHECKS_RELEASED)
		return void_apply(g, ev, why);
	hold_apply(g, ev);
	return ERR_OK;
}

static enum err
apply_record(struct game *g, const struct event *ev, struct why *why)
{
	const struct record_family *family = record_family_of(ev->kind);

	if (family == NULL)
		return refuse(why, "unknown kind of event");
	if (family->allows(g, ev, why) != ERR_OK)
		return ERR_CORRUPT;
	family->apply(g, ev);
	return ERR_OK;
}

static enum err
apply_kind(struct game *g, const struct event *ev, struct why *why)
{
	switch (ev->kind) {
	case EV_DRILL_OPENED:
		return apply_opened(g, ev, why);
	case EV_DRILL_STARTED:
	case EV_DRILL_PAUSED:
	case EV_DRILL_RESUMED:
	case EV_DRILL_ENDED:
		return apply_clock(g, ev, why);
	case EV_DRILL_STOP_AFTER:
		return apply_stop_after(g, ev, why);
	case EV_TICK_BEGAN:
		return apply_tick_began(g, ev, why);
	case EV_TICK_CLOSED:
		return apply_tick_closed(g, ev, why);
	case EV_CHECK_DONE:
		return apply_check(g, ev, why);
	case EV_FLAG_CAPTURED:
		return apply_capture(g, ev, why);
	case EV_CHECKPOINT:
		return ev->u.checkpoint.upto < ev->seq
			   ? ERR_OK
			   : refuse(why, "a checkpoint of event %llu, which comes later",
				 (unsigned long long)ev->u.checkpoint.upto);
	case EV_ACCOUNT_CREATED:
		return apply_account_created(g, ev, why);
	case EV_ACCOUNT_PASSWORD:
	case EV_ACCOUNT_TOKEN:
		return apply_account_secret(g, ev, why);
	case EV_CHECKS_HELD:
	case EV_CHECKS_RELEASED:
	case EV_VOID_PROPOSED:
	case EV_VOID_ADOPTED:
	case EV_VOID_DROPPED:
		return apply_hand(g, ev, why);
	default:
		return apply_record(g, ev, why);
	}
}

enum err
game_apply(struct game *g, const struct event *ev, struct why *why)
{
	int64_t back_ms;
	enum err e;

	if (ev->seq != g->seq + 1)
		return refuse(why, "event %llu after event %llu", (unsigned long long)ev->seq,
		    (unsigned long long)g->seq);
	if (g->config == NULL && ev->kind != EV_DRILL_OPENED)
		return refuse(
		    why, "a journal begins with drill.opened, not %s", event_kind_name(ev->kind));
	/* What the server writes is far within; only a forger's times could overflow what is reckoned with them. */
	if (ev->at_ms < 0 || ev->at_ms > EVENT_TIME_MAX_MS || ev->drill_ms > EVENT_TIME_MAX_MS)
		return refuse(why, "a time after the year 9999, or before 1970");
	if (ev->drill_ms < g->drill_ms)
		return refuse(why, "drill time falls from %lld to %lld", (long long)g->drill_ms,
		    (long long)ev->drill_ms);
	back_ms =
	    clocklog_set_back_ms(&g->clock, &(struct clock_mark){g->at_ms, g->drill_ms, false},
		&(struct clock_mark){ev->at_ms, ev->drill_ms, false});
	clocklog_move(&g->clock, back_ms);
	if ((e = apply_kind(g, ev, why)) != ERR_OK) {
		clocklog_move(&g->clock, -back_ms);
		return e;
	}
	g->seq = ev->seq;
	g->at_ms = ev->at_ms;
	g->drill_ms = ev->drill_ms;
	truth_note(g, ev);
	judging_note(g, ev);
	return ERR_OK;
}
