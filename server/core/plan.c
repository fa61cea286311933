#include "core/plan.h"
#include "base/mem.h"
#include "core/game.h"
#include "core/plan_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- what events change ---- */

static struct plan_kept *
keep(const struct plan_event *p)
{
	struct plan_kept *k = mem_alloc(sizeof *k);

	(void)!plan_of_event(p, &k->arena, &k->plan, NULL); /* plan_allows has looked */
	k->bytes = strlen(p->text);
	return k;
}

static void
forget(struct plan_kept *k)
{
	if (k == NULL)
		return;
	arena_free(&k->arena);
	free(k);
}

static struct plan_own *
own_of(struct game *g, int team, const char *threat)
{
	struct plan_team *t = &g->plans->teams[team];
	struct plan_own *own = (struct plan_own *)plan_own_find(g, team, threat);

	if (own != NULL)
		return own;
	t->own = mem_grow(t->own, t->own_count, sizeof *t->own);
	own = &t->own[t->own_count++];
	*own = (struct plan_own){.threat = mem_strdup(threat)};
	return own;
}

static void
adopt(struct game *g, const struct event *ev)
{
	int team = game_team(g, ev->u.plan->team);
	struct plan_own *own = own_of(g, team, ev->u.plan->threat);

	own->versions = mem_grow(own->versions, own->version_count, sizeof *own->versions);
	own->versions[own->version_count++] =
	    (struct plan_version){ev->at_ms, mem_strdup(ev->actor), keep(ev->u.plan)};
	g->plans->teams[team].bytes += strlen(ev->u.plan->text);
	decision_free(&own->withdrawn);
	own->withdrawn = (struct decision){0};
}

static void
activate(struct game *g, const struct event *ev)
{
	const struct plan_event *p = ev->u.plan;
	struct plans *all = g->plans;
	struct plan_run *r;

	all->runs = mem_grow(all->runs, all->run_count, sizeof *all->runs);
	r = &all->runs[all->run_count++];
	*r = (struct plan_run){.report = p->report,
	    .threat = mem_strdup(p->threat),
	    .version = p->version,
	    .at_ms = ev->at_ms,
	    .drill_ms = ev->drill_ms,
	    .by = mem_strdup(ev->actor)};
	if (p->version == 0) {
		r->kept = keep(p);
		r->plan = &r->kept->plan;
	} else {
		r->plan = &plan_own_find(g, report_find(g, p->report)->team, p->threat)
			       ->versions[p->version - 1]
			       .kept->plan;
	}
	r->notes = mem_array(r->plan->step_count, sizeof *r->notes);
	r->seen = mem_alloc(sizeof *r->seen);
}

static void
note(struct game *g, const struct event *ev)
{
	const struct plan_event *p = ev->u.plan;
	const struct plan_run *r = plan_run_find(g, p->report, p->threat);
	struct plan_note *n = &r->notes[plan_step_find(r->plan, p->step)];
	bool ticked = ev->kind == EV_PLAN_STEP_TICKED;

	free(n->by);
	free(n->text);
	*n = (struct plan_note){.mark = ticked ? PLAN_TICKED : PLAN_SKIPPED,
	    .done_ms = p->done_ms,
	    .noted_ms = ev->at_ms,
	    .by = mem_strdup(ev->actor),
	    .text = mem_strdup(ticked ? p->who : p->reason)};
}

static void
apply(struct game *g, const struct event *ev)
{
	const struct plan_event *p = ev->u.plan;

	switch (ev->kind) {
	case EV_PLAN_ADOPTED:
		adopt(g, ev);
		break;
	case EV_PLAN_WITHDRAWN:
		decision_take(&own_of(g, game_team(g, p->team), p->threat)->withdrawn, ev->at_ms,
		    ev->actor, p->reason);
		break;
	case EV_PLAN_ACTIVATED:
		activate(g, ev);
		break;
	default:
		note(g, ev);
	}
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->plans = mem_alloc(sizeof *g->plans);
	g->plans->team_count = g->config->team_count;
	g->plans->teams = mem_array(g->plans->team_count, sizeof *g->plans->teams);
}

static void
close_own(struct plan_own *own)
{
	for (size_t i = 0; i < own->version_count; i++) {
		free(own->versions[i].by);
		forget(own->versions[i].kept);
	}
	free(own->versions);
	free(own->threat);
	decision_free(&own->withdrawn);
}

static void
close_run(struct plan_run *r)
{
	for (size_t i = 0; i < r->plan->step_count; i++) {
		free(r->notes[i].by);
		free(r->notes[i].text);
	}
	free(r->notes);
	free(r->seen);
	free(r->threat);
	free(r->by);
	forget(r->kept);
}

static void
close_all(struct game *g)
{
	struct plans *all = g->plans;

	for (size_t i = 0; i < all->run_count; i++) /* before the versions, which some point into */
		close_run(&all->runs[i]);
	for (size_t i = 0; i < all->team_count; i++) {
		for (size_t k = 0; k < all->teams[i].own_count; k++)
			close_own(&all->teams[i].own[k]);
		free(all->teams[i].own);
	}
	free(all->runs);
	free(all->teams);
	free(all);
}

const struct record_family plan_family = {
    .first = EV_PLAN_ADOPTED,
    .last = EV_PLAN_STEP_SKIPPED,
    .encode = plan_encode_event,
    .encode_secret = plan_encode_secret,
    .decode = plan_decode,
    .allows = plan_allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct plan_own *
plan_own_find(const struct game *g, int team, const char *threat)
{
	const struct plan_team *t = &g->plans->teams[team];

	for (size_t i = 0; i < t->own_count; i++)
		if (strcmp(t->own[i].threat, threat) == 0)
			return &t->own[i];
	return NULL;
}

int32_t
plan_in_force(const struct plan_own *own)
{
	return own != NULL && own->withdrawn.by == NULL ? (int32_t)own->version_count : 0;
}

const struct plan_run *
plan_run_find(const struct game *g, int32_t report, const char *threat)
{
	for (size_t i = 0; i < g->plans->run_count; i++)
		if (g->plans->runs[i].report == report &&
		    strcmp(g->plans->runs[i].threat, threat) == 0)
			return &g->plans->runs[i];
	return NULL;
}
