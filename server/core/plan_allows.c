/* What may happen to plans: who, whose, in which order. */
#include "base/buf.h"
#include "core/game.h"
#include "core/plan_private.h"

#include <string.h>

/* ---- a department's own plans ---- */

static enum err
own_department(const struct game *g, const struct event *ev, int *team, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	*team = game_team(g, ev->u.plan->team);
	return by != NULL && by->role == ROLE_BLUE && by->team == *team
		   ? ERR_OK
		   : why_set(why, ERR_FORBIDDEN,
			 "a department's plans are written by its own accounts");
}

/* Parsing shows what is wrong with it. */
static enum err
plan_holds(const struct plan_event *p, struct why *why)
{
	struct arena arena = {0};
	struct plan plan;
	enum err e = plan_of_event(p, &arena, &plan, why);

	arena_free(&arena);
	return e;
}

static enum err
adopted_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct plan_event *p = ev->u.plan;
	const struct plan_own *own;
	int32_t last;
	int team;
	enum err e = own_department(g, ev, &team, why);

	if (e != ERR_OK)
		return e;
	own = plan_own_find(g, team, p->threat);
	last = own != NULL ? (int32_t)own->version_count : 0;
	if (p->version != last + 1)
		return why_set(why, ERR_CONFLICT,
		    "the plan's next version is %d, not %d: it was changed meanwhile", last + 1,
		    p->version);
	if (last >= PLAN_VERSIONS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d versions of one plan", PLAN_VERSIONS_MAX);
	if (own == NULL && g->plans->teams[team].own_count >= PLANS_MAX)
		return why_set(why, ERR_LIMIT, "at most %d plans of one department", PLANS_MAX);
	if (g->plans->teams[team].bytes + strlen(p->text) > PLAN_TEAM_MAX_BYTES)
		return why_set(why, ERR_LIMIT, "at most %u bytes of plans of one department",
		    PLAN_TEAM_MAX_BYTES);
	return plan_holds(p, why);
}

static enum err
withdrawn_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct plan_event *p = ev->u.plan;
	int32_t version;
	int team;
	enum err e = own_department(g, ev, &team, why);

	if (e != ERR_OK)
		return e;
	if ((version = plan_in_force(plan_own_find(g, team, p->threat))) == 0)
		return why_set(why, ERR_NOT_FOUND,
		    "the department has no plan of its own for \"%.64s\" in force", p->threat);
	return p->version == version ? ERR_OK
				     : why_set(why, ERR_CONFLICT, "version %d is in force, not %d",
					   version, p->version);
}

/* ---- a plan at work ---- */

/* The chain, if it is the actor's department's and its incident is not over. */
static enum err
own_chain(
    const struct game *g, const struct event *ev, const struct report_chain **out, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);
	const struct report_chain *c = report_find(g, ev->u.plan->report);

	if (by == NULL || by->role != ROLE_BLUE)
		return why_set(why, ERR_FORBIDDEN,
		    "a plan is worked through by the department's own accounts");
	if (c == NULL || c->team != by->team)
		return why_set(
		    why, ERR_NOT_FOUND, "your department has no report %d", ev->u.plan->report);
	if (plan_chain_over(c))
		return why_set(why, ERR_CONFLICT,
		    "the incident is over: its final report is filed, or no more can be filed of "
		    "it");
	if (g->state == DRILL_PLANNED || (g->state == DRILL_ENDED && c->state != REPORT_RETURNED))
		return why_set(why, ERR_CONFLICT,
		    g->state == DRILL_PLANNED ? "the drill has not begun" : "the drill has ended");
	*out = c;
	return ERR_OK;
}

static enum err
version_allows(const struct game *g, const struct plan_event *p, int team, struct why *why)
{
	int32_t version = plan_in_force(plan_own_find(g, team, p->threat));

	if (p->version != version && version > 0)
		return why_set(why, ERR_CONFLICT,
		    "the department's own version %d is in force, not %d", version, p->version);
	if (p->version != version)
		return why_set(why, ERR_CONFLICT,
		    "the department has no version %d in force: the campus's default (0) is",
		    p->version);
	if (version == 0)
		return plan_holds(p, why);
	return p->steps[0] == '\0' && p->text[0] == '\0'
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "only a campus's default brings its steps with it");
}

static enum err
activated_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct plan_event *p = ev->u.plan;
	const struct report_chain *c;
	size_t count = 0;
	enum err e = own_chain(g, ev, &c, why);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < g->plans->run_count; i++)
		count += g->plans->runs[i].report == p->report;
	if (plan_run_find(g, p->report, p->threat) != NULL)
		return why_set(why, ERR_CONFLICT, "report %d has activated the plan \"%s\" before",
		    p->report, p->threat);
	if (count >= PLANS_PER_REPORT_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d plans for one incident", PLANS_PER_REPORT_MAX);
	return version_allows(g, p, c->team, why);
}

static enum err
done_allows(const struct game *g, const struct event *ev, struct why *why)
{
	switch (clocklog_claim(&g->clock, ev->u.plan->done_ms, ev->at_ms, ev->drill_ms)) {
	case CLOCK_CLAIM_EARLY:
		return why_set(why, ERR_INVALID, "\"at\" is before the drill began");
	case CLOCK_CLAIM_LATE:
		return why_set(why, ERR_INVALID, "\"at\" is in the future");
	default:
		return ERR_OK;
	}
}

static enum err
no_step(const struct plan *plan, const struct plan_event *p, struct why *why)
{
	struct buf steps;
	enum err e;

	buf_init(&steps, WHY_MAX);
	for (size_t i = 0; i < plan->step_count; i++)
		buf_printf(&steps, "%s%s", i > 0 ? ", " : "", plan->steps[i].id);
	e = why_set(why, ERR_NOT_FOUND, "plan \"%s\" has no step \"%.64s\"; there are: %s",
	    p->threat, p->step, steps.data);
	buf_free(&steps);
	return e;
}

static enum err
step_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct plan_event *p = ev->u.plan;
	const struct report_chain *c;
	const struct plan_run *run;
	enum plan_mark mark;
	int step;
	enum err e = own_chain(g, ev, &c, why);

	if (e != ERR_OK)
		return e;
	if ((run = plan_run_find(g, p->report, p->threat)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "report %d has not activated a plan \"%.64s\"",
		    p->report, p->threat);
	if ((step = plan_step_find(run->plan, p->step)) < 0)
		return no_step(run->plan, p, why);
	mark = run->notes[step].mark;
	if (mark == PLAN_TICKED || (mark == PLAN_SKIPPED && ev->kind == EV_PLAN_STEP_SKIPPED))
		return why_set(why, ERR_CONFLICT, "step \"%s\" was %s before", p->step,
		    mark == PLAN_TICKED ? "ticked off" : "skipped");
	return ev->kind == EV_PLAN_STEP_TICKED ? done_allows(g, ev, why) : ERR_OK;
}

enum err
plan_allows(const struct game *g, const struct event *ev, struct why *why)
{
	switch (ev->kind) {
	case EV_PLAN_ADOPTED:
		return adopted_allows(g, ev, why);
	case EV_PLAN_WITHDRAWN:
		return withdrawn_allows(g, ev, why);
	case EV_PLAN_ACTIVATED:
		return activated_allows(g, ev, why);
	default:
		return step_allows(g, ev, why);
	}
}
