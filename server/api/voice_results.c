/*
 * Attack results over the live line: the red team is told of its own, staff of all (judges without the team), a department
 * that one concerns it, when the scenario lets it know. The texts are read with GET.
 */
#include "api/result_view.h"
#include "api/voice.h"

/* A confirmation that the department was told of does not hold any more. */
static bool
is_taken_back(const struct telling *t, const struct result *r)
{
	const struct drill_config *c = t->g->config;
	bool told = c->show_blue == SHOW_AFTER_CONFIRMATION ||
		    (c->show_blue == SHOW_AFTER_END && t->g->state == DRILL_ENDED);

	return told && t->ev->kind == EV_RESULT_REOPENED && r->department == t->audience &&
	       r->steps[r->step_count - 2].kind == EV_RESULT_CONFIRMED;
}

static bool
is_told(const struct telling *t, const struct result *r, const struct result_viewer *v)
{
	if (v->role == ROLE_BLUE)
		return (t->ev->kind == EV_RESULT_CONFIRMED && result_visible(t->g, r, v)) ||
		       is_taken_back(t, r);
	return result_visible(t->g, r, v);
}

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct result_event *ev = t->ev->u.result;
	const struct result *r = result_find(t->g, ev->id);
	struct result_viewer v = {audience_role(t->g, t->audience), audience_team(t->audience)};

	if (!is_told(t, r, &v))
		return false;
	jw_kv_int(w, "id", ev->id);
	jw_kv_str(w, "state", result_state_name(r->state));
	write_result_target(w, t->g, r);
	if (v.role == ROLE_BLUE)
		return true;
	if (v.role != ROLE_JUDGE)
		jw_kv_str(w, "team", t->g->config->teams[r->team].id);
	if (v.role & ROLE_STAFF)
		jw_kv_str(w, "reviewer", r->reviewer);
	jw_kv_int(w, "version", r->version);
	jw_kv_bool(w, "out_of_scope", r->out_of_scope);
	jw_kv_str(w, "reason", ev->reason);
	write_result_ruling(w, r);
	if (t->ev->kind == EV_RESULT_VOIDED)
		jw_kv_int(w, "penalty", r->penalty);
	return true;
}

const struct voice result_voice = {
    .first = EV_RESULT_SUBMITTED,
    .last = EV_RESULT_REOPENED,
    .write = tell,
};
