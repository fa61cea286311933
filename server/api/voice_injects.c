/*
 * Injects over the live line. A department hears of what was delivered to it and of its own steps, never of a plan, of
 * marks before the inject is closed, or of another department; judges hear of answers by number, without a name; the
 * direction and leaders hear all. The public and red teams hear nothing.
 */
#include "api/inject_write.h"
#include "api/voice.h"
#include "api/write.h"

/* The department of an event that is one department's. */
static int
team_of(const struct telling *t)
{
	const char *team = t->ev->u.inject->team;

	return team[0] != '\0' ? game_team(t->g, team) : -1;
}

static bool
is_one_departments(enum event_kind kind)
{
	return kind == EV_INJECT_ACKNOWLEDGED || kind == EV_INJECT_RESPONDED ||
	       kind == EV_INJECT_EVALUATED || kind == EV_INJECT_COMMENTED;
}

static void
write_head(struct json_writer *w, const struct inject *in)
{
	jw_kv_int(w, "id", in->id);
	jw_kv_str(w, "state", inject_stage_name(inject_stage(in)));
}

/* ---- a department ---- */

/* Whether this event is news for the department, which it has reached. */
static bool
concerns(const struct telling *t, const struct inject *in, const struct inject_part *p)
{
	const struct event *ev = t->ev;

	switch (ev->kind) {
	case EV_INJECT_DELIVERED: /* by mail alone: the mail tells */
		return p->delivered.at_ms == ev->at_ms && p->delivered.drill_ms == ev->drill_ms &&
		       (in->plan.channels & INJECT_IN_APP);
	case EV_INJECT_EXPIRED:
		return p->expired.at_ms == ev->at_ms && p->expired.drill_ms == ev->drill_ms;
	case EV_INJECT_ACKNOWLEDGED:
	case EV_INJECT_RESPONDED:
		return team_of(t) == p->team;
	case EV_INJECT_CANCELLED:
	case EV_INJECT_CLOSED:
		return true;
	default:
		return false;
	}
}

static bool
tell_department(const struct telling *t, struct json_writer *w, const struct inject *in)
{
	int team = audience_team(t->audience);

	if (!inject_reached(in, team) || !concerns(t, in, inject_part(in, team)))
		return false;
	inject_write_own(w, t->g, in, inject_part(in, team), t->ev->kind == EV_INJECT_DELIVERED,
	    t->offset_minutes);
	return true;
}

/* ---- staff ---- */

static bool
tell_of_part(
    const struct telling *t, struct json_writer *w, const struct inject *in, enum role role)
{
	const struct inject_event *ev = t->ev->u.inject;

	if (role == ROLE_JUDGE && t->ev->kind == EV_INJECT_ACKNOWLEDGED)
		return false;
	write_head(w, in);
	if (t->ev->kind != EV_INJECT_ACKNOWLEDGED)
		jw_kv_int(w, "answer", ev->answer);
	if (t->ev->kind == EV_INJECT_RESPONDED || t->ev->kind == EV_INJECT_EVALUATED)
		jw_kv_int(w, "version", ev->version);
	if (role & ROLE_NAMES)
		jw_kv_str(w, "team", ev->team);
	return true;
}

static bool
tell_staff(const struct telling *t, struct json_writer *w, const struct inject *in, enum role role)
{
	const struct inject_event *ev = t->ev->u.inject;

	if (is_one_departments(t->ev->kind))
		return tell_of_part(t, w, in, role);
	write_head(w, in);
	write_i18n(w, "title", &in->plan.title);
	if (t->ev->kind == EV_INJECT_DELIVERED && (role & ROLE_NAMES))
		write_words(w, "teams", ev->teams);
	if (ev->reason[0] != '\0')
		jw_kv_str(w, "reason", ev->reason);
	return true;
}

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct inject *in = inject_find(t->g, t->ev->u.inject->id);
	enum role role = audience_role(t->g, t->audience);

	if (role & ROLE_STAFF)
		return tell_staff(t, w, in, role);
	return role == ROLE_BLUE && tell_department(t, w, in);
}

const struct voice inject_voice = {
    .first = EV_INJECT_DRAFTED,
    .last = EV_INJECT_CLOSED,
    .write = tell,
};
