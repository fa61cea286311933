/*
 * Emergency plans over the live line. A department's own plans: it, director and leaders. A plan at work: whoever sees
 * its report, judges without the department, as plan_view.c writes it.
 */
#include "api/plan_view.h"
#include "api/voice.h"

static bool
tell_plan(const struct telling *t, struct json_writer *w, const struct report_reader *r)
{
	const struct plan_event *p = t->ev->u.plan;
	int team = game_team(t->g, p->team);
	const struct plan_own *own = plan_own_find(t->g, team, p->threat);
	struct plan_pick pick = {team, own, p->version, &own->versions[p->version - 1].kept->plan};

	if (!(r->role & (ROLE_DIRECTOR | ROLE_LEADER)) && r->team != team)
		return false;
	plan_write_head(w, r, &pick);
	return true;
}

static bool
tell_run(const struct telling *t, struct json_writer *w, const struct report_reader *r)
{
	const struct plan_event *p = t->ev->u.plan;

	if (!report_shown(r, report_find(t->g, p->report)))
		return false;
	plan_write_run(w, r, plan_run_find(t->g, p->report, p->threat), t->ev->drill_ms);
	return true;
}

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct report_reader r = {
	    t->g, audience_role(t->g, t->audience), audience_team(t->audience), t->offset_minutes};

	if (t->ev->kind == EV_PLAN_ADOPTED || t->ev->kind == EV_PLAN_WITHDRAWN)
		return tell_plan(t, w, &r);
	return tell_run(t, w, &r);
}

const struct voice plan_voice = {
    .first = EV_PLAN_ADOPTED,
    .last = EV_PLAN_STEP_SKIPPED,
    .write = tell,
};
