/* What may happen to an inject: every rule, with the sentence that names it. */
#include "core/inject_private.h"

#include <string.h>

/* ---- who ---- */

static enum err
want_role(const struct game *g, const struct event *ev, unsigned roles, const char *whose,
    struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	if (strcmp(ev->actor, "server") == 0) /* what the scenario says */
		return ERR_OK;
	return by != NULL && (by->role & roles)
		   ? ERR_OK
		   : why_set(why, ERR_FORBIDDEN, "%s does this, not \"%.64s\"", whose, ev->actor);
}

static enum err
want_direction(const struct game *g, const struct event *ev, struct why *why)
{
	return want_role(g, ev, ROLE_DIRECTOR | ROLE_ADMIN, "the direction", why);
}

/* Someone of the department that the event speaks of. */
static enum err
want_own(const struct game *g, const struct event *ev, int team, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	return by != NULL && by->role == ROLE_BLUE && by->team == team
		   ? ERR_OK
		   : why_set(why, ERR_FORBIDDEN, "department \"%.64s\" does this, not \"%.64s\"",
			 ev->u.inject->team, ev->actor);
}

static enum err
want_not_ended(const struct game *g, struct why *why)
{
	return g->state != DRILL_ENDED
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "the drill has ended; its injects are only marked, commented and closed");
}

static enum err
wrong_stage(const struct inject *in, const char *what, const char *from, struct why *why)
{
	return why_set(why, ERR_CONFLICT, "inject %d is %s; %s needs it %s", in->id,
	    inject_stage_name(inject_stage(in)), what, from);
}

/* ---- drafts ---- */

static enum err
drafted_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct inject_event *d = ev->u.inject;
	const struct inject *former = inject_find(g, d->id);
	enum err e;

	if ((e = want_direction(g, ev, why)) != ERR_OK || (e = want_not_ended(g, why)) != ERR_OK)
		return e;
	if (former == NULL && g->injects->count >= INJECTS_MAX)
		return why_set(why, ERR_LIMIT, "at most %d injects in one drill", INJECTS_MAX);
	if (former == NULL && (size_t)d->id != g->injects->count + 1)
		return why_set(why, ERR_CONFLICT, "inject %d, but the next one is %zu", d->id,
		    g->injects->count + 1);
	if (former != NULL && former->stage > INJECT_HELD)
		return wrong_stage(former, "a new plan", "draft, approved, scheduled or held", why);
	return inject_plan_allows(g, d->plan, former != NULL ? d->id : 0, why);
}

/* ---- the direction's hand ---- */

static enum err
scheduled_allows(
    const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	int64_t offset = ev->u.inject->offset_ms;

	if (in->stage != INJECT_APPROVED && in->stage != INJECT_HELD &&
	    !(in->stage == INJECT_SCHEDULED && offset >= 0))
		return wrong_stage(
		    in, "scheduling", "approved or held, or scheduled with another offset", why);
	if (offset >= 0 && in->plan.when != INJECT_AT)
		return why_set(why, ERR_INVALID, "inject %d does not come by the clock", in->id);
	return offset >= (int64_t)g->config->ticks * g->config->tick_ms
		   ? why_set(why, ERR_INVALID, "the offset is not before the drill's end")
		   : ERR_OK;
}

static enum err
reason_allows(const struct event *ev, struct why *why)
{
	return ev->u.inject->reason[0] != '\0' ? ERR_OK
					       : why_set(why, ERR_INVALID, "a reason is wanted");
}

/* Approved, held, skipped, cancelled: from which stages. */
static enum err
moved_allows(const struct inject *in, const struct event *ev, struct why *why)
{
	enum inject_stage s = in->stage;

	switch (ev->kind) {
	case EV_INJECT_APPROVED:
		return s == INJECT_DRAFT ? ERR_OK : wrong_stage(in, "approval", "a draft", why);
	case EV_INJECT_HELD:
		return s != INJECT_APPROVED && s != INJECT_SCHEDULED
			   ? wrong_stage(in, "holding", "approved or scheduled", why)
			   : reason_allows(ev, why);
	case EV_INJECT_SKIPPED:
		return s != INJECT_APPROVED && s != INJECT_SCHEDULED && s != INJECT_HELD
			   ? wrong_stage(in, "skipping", "approved, scheduled or held", why)
			   : reason_allows(ev, why);
	default:
		return s > INJECT_DELIVERED || s == INJECT_SKIPPED
			   ? wrong_stage(in, "cancelling", "open", why)
			   : reason_allows(ev, why);
	}
}

static bool
part_is_done(const struct game *g, const struct inject *in, const struct inject_part *p)
{
	if (p->delivered.at_ms == 0 || p->marks_count > 0 || in->plan.item_count == 0)
		return true;
	return p->answer_count == 0 && p->expired.at_ms != 0 &&
	       (g->state == DRILL_ENDED || g->drill_ms > inject_last_ms(in, p));
}

static enum err
closed_allows(const struct game *g, const struct inject *in, struct why *why)
{
	size_t open = 0;

	if (in->stage != INJECT_DELIVERED)
		return wrong_stage(in, "closing", "delivered", why);
	for (size_t i = 0; i < in->part_count; i++)
		open += !part_is_done(g, in, &in->parts[i]);
	return open == 0 ? ERR_OK
			 : why_set(why, ERR_CONFLICT,
			       "%zu departments are not marked yet, or may still answer", open);
}

/* ---- delivery and expiry ---- */

int
inject_next_team(const struct game *g, const char **text, struct why *why)
{
	char word[ID_MAX_BYTES + 1];
	size_t len = strcspn(*text, ",");
	int team;

	if (len == 0 || len > ID_MAX_BYTES) {
		(void)!why_set(why, ERR_INVALID, "departments' ids are expected");
		return -1;
	}
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += len + ((*text)[len] == ',');
	if ((team = game_team(g, word)) < 0)
		(void)!why_set(why, ERR_NOT_FOUND, "\"%s\" is not a department", word);
	return team;
}

/* What the clock brings about must be due; a person may deliver at any time. */
static enum err
part_delivery_allows(const struct game *g, const struct inject *in, const struct inject_part *p,
    const struct event *ev, struct why *why)
{
	const char *team = g->config->teams[p->team].id;

	if (p->delivered.at_ms != 0)
		return why_set(
		    why, ERR_CONFLICT, "inject %d was delivered to \"%s\" before", in->id, team);
	if (ev->u.inject->how == INJECT_AT && ev->drill_ms < in->due_ms)
		return why_set(why, ERR_CONFLICT, "inject %d is not due yet", in->id);
	if (ev->u.inject->how == INJECT_AFTER && !inject_part_ready(g, in, p))
		return why_set(why, ERR_CONFLICT,
		    "inject %d waits for what comes of \"%s\" with "
		    "\"%s\"",
		    in->id, in->plan.after, team);
	return ERR_OK;
}

static enum err
teams_allow(const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	const char *at = ev->u.inject->teams;
	int last = -1;
	enum err e = ERR_OK;

	do {
		const struct inject_part *p;
		int team = inject_next_team(g, &at, why);

		if (team < 0)
			return ERR_INVALID;
		if (team <= last)
			return why_set(why, ERR_INVALID, "departments out of order");
		last = team;
		if ((p = inject_part(in, team)) == NULL)
			return why_set(why, ERR_INVALID, "inject %d is not for \"%s\"", in->id,
			    g->config->teams[team].id);
		e = part_delivery_allows(g, in, p, ev, why);
	} while (e == ERR_OK && *at != '\0');
	return e;
}

static enum err
delivered_allows(
    const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	bool by_clock = strcmp(ev->actor, "clock") == 0;
	enum inject_when how = ev->u.inject->how;
	enum err e;

	if (!by_clock && (e = want_direction(g, ev, why)) != ERR_OK)
		return e;
	if (by_clock ? how == INJECT_MANUAL || how != in->plan.when : how != INJECT_MANUAL)
		return why_set(why, ERR_INVALID, "inject %d does not come this way", in->id);
	if (g->state != DRILL_RUNNING && (by_clock || g->state != DRILL_PAUSED))
		return why_set(why, ERR_CONFLICT, "the drill is %s; nothing is delivered",
		    drill_state_name(g->state));
	if (by_clock ? in->stage != INJECT_SCHEDULED && in->stage != INJECT_DELIVERED
		     : !inject_may_deliver(in))
		return wrong_stage(in, "delivery", "approved, scheduled or held", why);
	return teams_allow(g, in, ev, why);
}

static enum err
expired_allows(
    const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	if (strcmp(ev->actor, "clock") != 0)
		return why_set(why, ERR_FORBIDDEN, "only the clock lets an inject expire");
	if (g->state == DRILL_ENDED && inject_left_open(in))
		return ERR_OK;
	if (g->state == DRILL_RUNNING && in->stage == INJECT_DELIVERED)
		for (size_t i = 0; i < in->part_count; i++)
			if (inject_part_overdue(in, &in->parts[i], ev->drill_ms))
				return ERR_OK;
	return why_set(why, ERR_CONFLICT, "nothing of inject %d has expired", in->id);
}

/* ---- answers ---- */

/* The department's part of a delivered inject, which to others is not there. */
static enum err
find_part(const struct game *g, const struct inject *in, const struct event *ev,
    struct inject_part **out, struct why *why)
{
	int team = game_team(g, ev->u.inject->team);

	*out = team >= 0 ? inject_part(in, team) : NULL;
	return *out != NULL && (*out)->delivered.at_ms != 0
		   ? ERR_OK
		   : why_set(why, ERR_NOT_FOUND, "no inject %d for you", in->id);
}

/* Whether a department may still act on it. */
static enum err
open_to_department(const struct game *g, const struct inject *in, const struct event *ev,
    struct inject_part **part, struct why *why)
{
	enum err e;

	if ((e = find_part(g, in, ev, part, why)) != ERR_OK ||
	    (e = want_own(g, ev, (*part)->team, why)) != ERR_OK)
		return e;
	if (g->state == DRILL_ENDED)
		return why_set(why, ERR_CONFLICT, "the drill has ended");
	return in->stage == INJECT_DELIVERED ? ERR_OK
					     : why_set(why, ERR_CONFLICT, "inject %d is %s", in->id,
						   inject_stage_name(in->stage));
}

static enum err
acknowledged_allows(
    const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	struct inject_part *p;
	enum err e = open_to_department(g, in, ev, &p, why);

	if (e == ERR_OK && p->acknowledged.at_ms != 0)
		e = why_set(why, ERR_CONFLICT, "inject %d was acknowledged by \"%s\" before",
		    in->id, p->acknowledged_by);
	return e;
}

static enum err
version_allows(const struct game *g, const struct inject *in, const struct inject_part *p,
    const struct event *ev, struct why *why)
{
	const struct inject_event *r = ev->u.inject;
	int32_t number = p->answer != 0 ? p->answer : (int32_t)g->injects->answer_count + 1;

	if (ev->drill_ms > inject_last_ms(in, p))
		return why_set(why, ERR_CONFLICT,
		    p->answer_count > 0 && p->expired.at_ms == 0
			? "the time allowed is over; the answer given in time counts"
			: "twice the time allowed is over; a late answer is taken no more");
	if (p->answer_count >= INJECT_VERSIONS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d versions of an answer", INJECT_VERSIONS_MAX);
	if (g->injects->team_bytes[p->team] + strlen(r->text) > INJECT_TEAM_MAX_BYTES)
		return why_set(why, ERR_LIMIT,
		    "the department's answers have %d MiB in all; there is no room for this one: a "
		    "shorter text may fit",
		    INJECT_TEAM_MAX_BYTES / (1024 * 1024));
	if (r->answer != number || (size_t)r->version != p->answer_count + 1)
		return why_set(why, ERR_CONFLICT,
		    "version %d of answer %d, but the next one is version %zu of answer %d",
		    r->version, r->answer, p->answer_count + 1, number);
	return ERR_OK;
}

static enum err
responded_allows(
    const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	struct inject_part *p;
	enum err e = open_to_department(g, in, ev, &p, why);

	if (e != ERR_OK)
		return e;
	if (p->acknowledged.at_ms == 0)
		return why_set(
		    why, ERR_CONFLICT, "acknowledge inject %d before you answer it", in->id);
	if (p->marks_count > 0)
		return why_set(why, ERR_CONFLICT, "the answer has been marked");
	if ((e = version_allows(g, in, p, ev, why)) != ERR_OK)
		return e;
	return attachments_allow(
	    g, &ev->u.inject->attachments, p->team, &inject_family, ev->u.inject->answer, why);
}

/* ---- marks and comments ---- */

static enum err
find_answer(const struct game *g, const struct inject *in, const struct event *ev,
    struct inject_part **out, struct why *why)
{
	enum err e = find_part(g, in, ev, out, why);

	if (e == ERR_OK && ((*out)->answer == 0 || (*out)->answer != ev->u.inject->answer))
		e = why_set(why, ERR_NOT_FOUND, "no answer %d", ev->u.inject->answer);
	if (e == ERR_OK && in->stage == INJECT_CANCELLED)
		e = why_set(why, ERR_CONFLICT, "inject %d is cancelled", in->id);
	return e;
}

static enum err
marks_allow(const struct inject *in, const struct inject_event *m, struct why *why)
{
	if (in->plan.item_count == 0)
		return why_set(why, ERR_CONFLICT, "inject %d has no rubric", in->id);
	if (m->mark_count != in->plan.item_count)
		return why_set(why, ERR_INVALID, "%zu marks for a rubric of %zu items",
		    m->mark_count, in->plan.item_count);
	for (size_t i = 0; i < m->mark_count; i++)
		if (m->marks[i] < 0 || m->marks[i] > in->plan.items[i].marks)
			return why_set(why, ERR_INVALID, "\"%s\": %d marks, from 0 to %d are there",
			    in->plan.items[i].id, m->marks[i], in->plan.items[i].marks);
	return ERR_OK;
}

static enum err
evaluated_allows(
    const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	const struct inject_event *m = ev->u.inject;
	struct inject_part *p;
	enum err e;

	if ((e = want_role(g, ev, ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
		 "a judge or the direction", why)) != ERR_OK ||
	    (e = find_answer(g, in, ev, &p, why)) != ERR_OK ||
	    (e = marks_allow(in, m, why)) != ERR_OK)
		return e;
	if ((size_t)m->of != p->answer_count)
		return why_set(why, ERR_CONFLICT,
		    "version %d is marked, but the answer's last one is %zu; read it again", m->of,
		    p->answer_count);
	if (p->marks_count >= INJECT_VERSIONS_MAX)
		return why_set(
		    why, ERR_LIMIT, "an answer is marked at most %d times", INJECT_VERSIONS_MAX);
	if ((size_t)m->version != p->marks_count + 1)
		return why_set(why, ERR_CONFLICT,
		    "version %d of the marks, but the next one is %zu; somebody has marked it",
		    m->version, p->marks_count + 1);
	return p->marks_count > 0 && m->reason[0] == '\0'
		   ? why_set(why, ERR_INVALID, "marking an answer again wants a reason")
		   : ERR_OK;
}

static enum err
commented_allows(
    const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	struct inject_part *p;
	enum err e = want_role(
	    g, ev, ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN, "a judge or the direction", why);

	if (e == ERR_OK)
		e = find_answer(g, in, ev, &p, why);
	if (e == ERR_OK && p->comment_count >= INJECT_VERSIONS_MAX)
		e = why_set(
		    why, ERR_LIMIT, "at most %d comments on an answer", INJECT_VERSIONS_MAX);
	return e;
}

static enum err
by_direction_allows(
    const struct game *g, const struct inject *in, const struct event *ev, struct why *why)
{
	enum err e = want_direction(g, ev, why);

	if (e == ERR_OK && ev->kind != EV_INJECT_CLOSED)
		e = want_not_ended(g, why);
	if (e != ERR_OK)
		return e;
	if (ev->kind == EV_INJECT_CLOSED)
		return closed_allows(g, in, why);
	return ev->kind == EV_INJECT_SCHEDULED ? scheduled_allows(g, in, ev, why)
					       : moved_allows(in, ev, why);
}

enum err
inject_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct inject *in;

	if (ev->kind == EV_INJECT_DRAFTED)
		return drafted_allows(g, ev, why);
	if ((in = inject_find(g, ev->u.inject->id)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "no inject %d", ev->u.inject->id);
	switch (ev->kind) {
	case EV_INJECT_DELIVERED:
		return delivered_allows(g, in, ev, why);
	case EV_INJECT_EXPIRED:
		return expired_allows(g, in, ev, why);
	case EV_INJECT_ACKNOWLEDGED:
		return acknowledged_allows(g, in, ev, why);
	case EV_INJECT_RESPONDED:
		return responded_allows(g, in, ev, why);
	case EV_INJECT_EVALUATED:
		return evaluated_allows(g, in, ev, why);
	case EV_INJECT_COMMENTED:
		return commented_allows(g, in, ev, why);
	default:
		return by_direction_allows(g, in, ev, why);
	}
}
