/* When an event of an attack result may happen. */
#include "core/game.h"
#include "core/result_private.h"

#include <string.h>

/* ---- what a red team says ---- */

static enum err
kind_allows(const char *id, int32_t count, struct why *why)
{
	const struct result_kind *k = result_kind_find(id);
	bool measured = k != NULL && k->measure != MEASURE_NONE;

	if (k == NULL)
		return why_set(why, ERR_INVALID,
		    "there is no kind of result \"%s\"; see GET /api/v1/results/kinds", id);
	if (!measured && count != 0)
		return why_set(
		    why, ERR_INVALID, "\"%s\" has nothing to count: \"count\" is left out", id);
	if (measured && (count < (k->measure == MEASURE_RECORDS) || count > k->count_max))
		return why_set(why, ERR_INVALID, "\"count\": \"%s\" counts %s, %d to %d of them",
		    id, result_measure_name(k->measure), k->measure == MEASURE_RECORDS,
		    k->count_max);
	return ERR_OK;
}

static enum err
target_allows(const struct game *g, const struct result_content *c, struct why *why)
{
	int team = game_team(g, c->department), system = -1;

	if (team < 0 || g->config->teams[team].kind != TEAM_BLUE)
		return why_set(why, ERR_NOT_FOUND, "there is no department \"%s\"", c->department);
	if (c->system[0] == '\0')
		return ERR_OK;
	if ((system = game_system(g, c->system)) < 0)
		return why_set(why, ERR_NOT_FOUND, "there is no system \"%s\"", c->system);
	if (g->config->systems[system].team != team)
		return why_set(why, ERR_INVALID, "system \"%s\" is not of department \"%s\"",
		    c->system, c->department);
	if (c->asset[0] != '\0')
		return why_set(why, ERR_INVALID,
		    "the target is either a \"system\" or an \"asset\" named in words");
	return ERR_OK;
}

static enum err
time_allows(
    const struct game *g, const struct event *ev, const struct result_content *c, struct why *why)
{
	switch (clocklog_claim(&g->clock, c->attacked_ms, ev->at_ms, ev->drill_ms)) {
	case CLOCK_CLAIM_EARLY:
		return why_set(why, ERR_INVALID, "the attack is dated before the drill's start");
	case CLOCK_CLAIM_LATE:
		return why_set(why, ERR_INVALID, "the attack is dated in the future");
	default:
		return ERR_OK;
	}
}

static enum err
content_allows(
    const struct game *g, const struct event *ev, const struct account *by, struct why *why)
{
	const struct result_content *c = &ev->u.result->content;
	enum err e;

	if (g->results->teams[by->team].bytes + result_content_bytes(c) > RESULT_TEAM_MAX_BYTES)
		return why_set(why, ERR_LIMIT,
		    "the team's attack results have %d MiB of text in all; there is no room for "
		    "this one: a shorter text may fit",
		    RESULT_TEAM_MAX_BYTES / (1024 * 1024));
	if ((e = attachments_allow(
		 g, &c->attachments, by->team, &result_family, ev->u.result->id, why)) != ERR_OK ||
	    (e = target_allows(g, c, why)) != ERR_OK ||
	    (e = time_allows(g, ev, c, why)) != ERR_OK ||
	    (e = kind_allows(c->claimed, c->count, why)) != ERR_OK)
		return e;
	return technique_valid(c->technique)
		   ? ERR_OK
		   : why_set(why, ERR_INVALID,
			 "\"technique\": \"%s\" is no id of MITRE ATT&CK, such as T1190 or "
			 "T1059.001",
			 c->technique);
}

/* The actor is of a red team that may submit now. */
static enum err
red_allows(const struct game *g, const struct event *ev, const struct account **by, struct why *why)
{
	enum err e;

	*by = accounts_find(&g->accounts, ev->actor);
	if (*by == NULL || (*by)->role != ROLE_RED || (*by)->team < 0)
		return why_set(why, ERR_FORBIDDEN, "attack results are submitted by red teams");
	if ((e = kill_refuses(g, why)) != ERR_OK ||
	    (e = engagement_allows(g, ev->actor, why)) != ERR_OK)
		return e;
	return g->state == DRILL_RUNNING || g->state == DRILL_PAUSED
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "the drill is %s: attack results are taken from its start to its end",
			 drill_state_name(g->state));
}

static enum err
submitted_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct result_event *r = ev->u.result;
	const struct account *by;
	enum err e;

	if ((e = red_allows(g, ev, &by, why)) != ERR_OK)
		return e;
	if (game_team(g, r->team) != by->team)
		return why_set(why, ERR_FORBIDDEN, "\"%s\" is not of team \"%s\"", by->id, r->team);
	if (g->results->count >= RESULTS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d attack results in one drill", RESULTS_MAX);
	if (g->results->teams[by->team].count >= RESULTS_PER_TEAM_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d attack results of one team", RESULTS_PER_TEAM_MAX);
	if ((size_t)r->id != g->results->count + 1)
		return why_set(why, ERR_CONFLICT, "attack result %d, but the next one is %zu",
		    r->id, g->results->count + 1);
	return content_allows(g, ev, by, why);
}

static enum err
resubmitted_allows(
    const struct game *g, const struct event *ev, const struct result *r, struct why *why)
{
	const struct account *by;
	enum err e;

	if ((e = red_allows(g, ev, &by, why)) != ERR_OK)
		return e;
	if (by->team != r->team)
		return why_set(why, ERR_NOT_FOUND, "no attack result %d", ev->u.result->id);
	if (r->state != RESULT_RETURNED)
		return why_set(why, ERR_CONFLICT,
		    "attack result %d is %s; only a returned one is submitted again",
		    ev->u.result->id, result_state_name(r->state));
	if (r->version >= RESULT_VERSIONS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d versions of an attack result", RESULT_VERSIONS_MAX);
	return content_allows(g, ev, by, why);
}

/* ---- what a judge does ---- */

static enum err
taken_allows(const struct event *ev, const struct result *r, struct why *why)
{
	const struct result_event *t = ev->u.result;

	if (r->state != RESULT_SUBMITTED && r->state != RESULT_RESUBMITTED &&
	    r->state != RESULT_UNDER_REVIEW)
		return why_set(why, ERR_CONFLICT, "attack result %d is %s: there is no review now",
		    t->id, result_state_name(r->state));
	if (r->state != RESULT_UNDER_REVIEW)
		return !t->over ? ERR_OK
				: why_set(why, ERR_CONFLICT, "nobody reviews attack result %d yet",
				      t->id);
	if (strcmp(r->reviewer, ev->actor) == 0)
		return why_set(
		    why, ERR_CONFLICT, "\"%s\" reviews attack result %d already", ev->actor, t->id);
	return t->over ? ERR_OK
		       : why_set(why, ERR_CONFLICT,
			     "\"%s\" reviews attack result %d; whoever takes it over says why: "
			     "{\"reason\"}",
			     r->reviewer, t->id);
}

static enum err
flaw_allows(
    const struct game *g, const struct result *r, const struct result_ruling *u, struct why *why)
{
	const struct result_flaw *f;
	int32_t known;

	if ((size_t)u->flaw > g->results->flaw_count + 1)
		return why_set(why, ERR_CONFLICT, "flaw %d, but the next one is %zu", u->flaw,
		    g->results->flaw_count + 1);
	if ((size_t)u->flaw == g->results->flaw_count + 1) {
		known = u->weakness[0] != '\0'
			    ? result_flaw_find(g, r->department, r->system, r->asset, u->weakness)
			    : 0;
		return known == 0
			   ? ERR_OK
			   : why_set(why, ERR_CONFLICT,
				 "this weakness of the target is known: it is flaw %d", known);
	}
	f = &g->results->flaws[u->flaw - 1];
	return f->department == r->department && f->system == r->system
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "flaw %d is one of another target", u->flaw);
}

static enum err
size_allows(const struct result_ruling *u, const struct result_kind *k, struct why *why)
{
	int32_t size = result_ruling_size(u, k);

	if (u->size < 0 || (u->overridden && u->size > RESULT_SIZE_MAX))
		return why_set(why, ERR_INVALID, "\"size\" is from 0 to %d", RESULT_SIZE_MAX);
	return u->overridden || u->size == size
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "L is %d by the table, not %d", size, u->size);
}

static enum err
confirmed_allows(
    const struct game *g, const struct event *ev, const struct result *r, struct why *why)
{
	const struct result_ruling *u = &ev->u.result->ruling;
	enum err e;

	if (r->out_of_scope)
		return why_set(why, ERR_CONFLICT,
		    "the target of attack result %d is out of scope: it cannot be confirmed, only "
		    "voided or rejected",
		    ev->u.result->id);
	if ((e = kind_allows(u->kind, u->count, why)) != ERR_OK ||
	    (e = size_allows(u, result_kind_find(u->kind), why)) != ERR_OK)
		return e;
	if (r->system >= 0 && u->mlps != g->config->systems[r->system].mlps)
		return why_set(why, ERR_INVALID, "the system's MLPS level is %d",
		    g->config->systems[r->system].mlps);
	if (u->quality < RESULT_QUALITY_MIN || u->quality > RESULT_QUALITY_MAX)
		return why_set(why, ERR_INVALID, "\"quality\" is from %d to %d per cent",
		    RESULT_QUALITY_MIN, RESULT_QUALITY_MAX);
	return flaw_allows(g, r, u, why);
}

/* Returned, rejected, confirmed or voided: by who reviews it. */
static enum err
decided_allows(
    const struct game *g, const struct event *ev, const struct result *r, struct why *why)
{
	const struct result_event *d = ev->u.result;

	if (r->state != RESULT_UNDER_REVIEW)
		return why_set(why, ERR_CONFLICT,
		    "attack result %d is %s; it must be under review: POST "
		    "/api/v1/results/%d/review takes it",
		    d->id, result_state_name(r->state), d->id);
	if (strcmp(r->reviewer, ev->actor) != 0)
		return why_set(why, ERR_CONFLICT,
		    "attack result %d is under review by \"%s\", who decides", d->id, r->reviewer);
	if (ev->kind == EV_RESULT_RETURNED && g->state == DRILL_ENDED)
		return why_set(why, ERR_CONFLICT,
		    "the drill has ended: nobody could complete it; confirm, reject or void it");
	if (ev->kind == EV_RESULT_VOIDED && d->penalty != RESULT_PENALTY)
		return why_set(why, ERR_INVALID, "the penalty is %d", RESULT_PENALTY);
	return ev->kind == EV_RESULT_CONFIRMED ? confirmed_allows(g, ev, r, why) : ERR_OK;
}

static enum err
reopened_allows(const struct event *ev, const struct result *r, struct why *why)
{
	return r->state == RESULT_CONFIRMED || r->state == RESULT_REJECTED ||
		       r->state == RESULT_VOID
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "attack result %d is %s; only what is decided is reopened",
			 ev->u.result->id, result_state_name(r->state));
}

static enum err
judge_allows(const struct game *g, const struct event *ev, const struct result *r, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	if (by == NULL || by->role != ROLE_JUDGE)
		return why_set(why, ERR_FORBIDDEN, "attack results are reviewed by judges");
	if (r->step_count >= RESULT_STEPS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d steps with one attack result", RESULT_STEPS_MAX);
	if (ev->kind == EV_RESULT_TAKEN)
		return taken_allows(ev, r, why);
	if (ev->kind == EV_RESULT_REOPENED)
		return reopened_allows(ev, r, why);
	return decided_allows(g, ev, r, why);
}

enum err
result_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct result *r;

	if (ev->kind == EV_RESULT_SUBMITTED)
		return submitted_allows(g, ev, why);
	if ((r = result_find(g, ev->u.result->id)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "no attack result %d", ev->u.result->id);
	return ev->kind == EV_RESULT_RESUBMITTED ? resubmitted_allows(g, ev, r, why)
						 : judge_allows(g, ev, r, why);
}
