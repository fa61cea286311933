/* What may happen to reports: who, whose, in which order, with which times. */
#include "base/date.h"
#include "base/mem.h"
#include "core/game_private.h"
#include "core/report_private.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_MS 3600000
#define ZONE_MS (14 * HOUR_MS) /* the widest that clocks are apart from UTC */

/* ---- who ---- */

/* The actor, if it is of one of these roles. */
static enum err
actor_of(const struct game *g, const struct event *ev, unsigned roles, const char *rule,
    const struct account **out, struct why *why)
{
	*out = accounts_find(&g->accounts, ev->actor);
	return *out != NULL && ((*out)->role & roles) ? ERR_OK
						      : why_set(why, ERR_FORBIDDEN, "%s", rule);
}

/* The chain, if it is the actor's department's: others do not know of it. */
static enum err
own_chain(
    const struct game *g, const struct event *ev, const struct report_chain **out, struct why *why)
{
	const struct account *by;
	enum err e =
	    actor_of(g, ev, ROLE_BLUE, "reports are filed by departments' own accounts", &by, why);

	if (e != ERR_OK)
		return e;
	*out = report_find(g, ev->u.report->id);
	return *out != NULL && (*out)->team == by->team
		   ? ERR_OK
		   : why_set(
			 why, ERR_NOT_FOUND, "your department has no report %d", ev->u.report->id);
}

/* A chain that has been filed, for staff of these roles. */
static enum err
filed_chain(const struct game *g, const struct event *ev, unsigned roles, const char *rule,
    const struct report_chain **out, struct why *why)
{
	const struct account *by;
	enum err e = actor_of(g, ev, roles, rule, &by, why);

	if (e != ERR_OK)
		return e;
	*out = report_find(g, ev->u.report->id);
	return *out != NULL && report_is_filed(*out)
		   ? ERR_OK
		   : why_set(why, ERR_NOT_FOUND, "no report %d has been filed", ev->u.report->id);
}

/* ---- when, and which stage ---- */

static enum err
drill_allows(const struct game *g, const struct report_chain *c, struct why *why)
{
	if (g->state == DRILL_PLANNED)
		return why_set(why, ERR_CONFLICT,
		    "the drill has not begun; reports are filed from its start on");
	if (g->state == DRILL_ENDED && (c == NULL || c->state != REPORT_RETURNED))
		return why_set(why, ERR_CONFLICT,
		    "the drill has ended; only a report that was returned can still be completed");
	return ERR_OK;
}

static enum err
stage_of_returned(const struct report_chain *c, enum report_stage stage, struct why *why)
{
	const struct report_version *last = report_last(c);

	return last->stage == stage
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "the %s report was returned: it is completed before another is filed",
			 term_id(&terms_stages, (int)last->stage));
}

static enum err
next_stage(const struct report_chain *c, enum report_stage stage, struct why *why)
{
	bool first = !report_is_filed(c);

	if (first != (stage == STAGE_INITIAL))
		return why_set(why, ERR_CONFLICT,
		    first ? "the first report of an incident is the initial one"
			  : "the initial report has been filed; progress or final may follow");
	if (!first && c->stage == STAGE_FINAL)
		return why_set(why, ERR_CONFLICT,
		    "the final report has been filed; nothing follows it unless it is returned");
	return ERR_OK;
}

/* Whether a report of this stage may be written and filed now. */
static enum err
stage_allows(const struct report_chain *c, enum report_stage stage, struct why *why)
{
	switch (c->state) {
	case REPORT_DRAFT:
	case REPORT_SUBMITTED:
	case REPORT_RESUBMITTED:
		return next_stage(c, stage, why);
	case REPORT_TRIAGED:
	case REPORT_UNDER_REVIEW:
		return why_set(why, ERR_CONFLICT,
		    "the report is %s: judges mark what was filed before; ask the direction to "
		    "return "
		    "it if there is more",
		    term_id(&terms_report_states, (int)c->state));
	case REPORT_RETURNED:
		return stage_of_returned(c, stage, why);
	default:
		return why_set(why, ERR_CONFLICT, "the report is %s: no more can be filed of it",
		    term_id(&terms_report_states, (int)c->state));
	}
}

/* ---- drafts and filings ---- */

static enum err
new_chain_allows(const struct game *g, const struct report_event *r, int team, struct why *why)
{
	if (r->stage != STAGE_INITIAL)
		return why_set(why, ERR_CONFLICT,
		    "the first report of an incident is the initial one, not a %s one",
		    term_id(&terms_stages, (int)r->stage));
	if (g->reports->count >= REPORT_CHAINS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d reports in one drill", REPORT_CHAINS_MAX);
	if (g->reports->teams[team].chains >= REPORT_CHAINS_PER_TEAM_MAX)
		return why_set(why, ERR_LIMIT, "at most %d reports of one department in one drill",
		    REPORT_CHAINS_PER_TEAM_MAX);
	return ERR_OK;
}

/* Whether the department may keep so much more; less: what goes for it. */
static enum err
room_allows(const struct game *g, int team, const char *text, size_t less, struct why *why)
{
	return g->reports->teams[team].bytes - less + strlen(text) <= REPORT_TEAM_MAX_BYTES
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT,
			 "the department's reports, drafts and comments have %d MiB in all; there "
			 "is no room for more, unless a draft is thrown away",
			 REPORT_TEAM_MAX_BYTES / (1024 * 1024));
}

/* A draft or filing; c NULL: of a new chain. What is written takes the place of the draft. */
static enum err
size_allows(const struct game *g, const struct report_event *r, const struct report_chain *c,
    int team, struct why *why)
{
	if (strlen(r->text) > REPORT_TEXT_MAX_BYTES)
		return why_set(
		    why, ERR_LIMIT, "a report has at most %d bytes", REPORT_TEXT_MAX_BYTES);
	return room_allows(g, team, r->text, c != NULL ? report_draft_bytes(c) : 0, why);
}

/* What drafts and filings have in common. *c: NULL for a new chain. */
static enum err
writing_allows(
    const struct game *g, const struct event *ev, const struct report_chain **c, struct why *why)
{
	const struct report_event *r = ev->u.report;
	const struct account *by;
	enum err e =
	    actor_of(g, ev, ROLE_BLUE, "reports are filed by departments' own accounts", &by, why);

	*c = NULL;
	if (e != ERR_OK)
		return e;
	if (game_team(g, r->team) != by->team)
		return why_set(why, ERR_FORBIDDEN, "a report of another department");
	if ((size_t)r->id != g->reports->count + 1 && (e = own_chain(g, ev, c, why)) != ERR_OK)
		return e;
	if ((e = drill_allows(g, *c, why)) != ERR_OK ||
	    (e = size_allows(g, r, *c, by->team, why)) != ERR_OK)
		return e;
	return *c != NULL ? stage_allows(*c, r->stage, why) : new_chain_allows(g, r, by->team, why);
}

static enum err
draft_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_chain *c;
	const struct report_event *r = ev->u.report;
	enum err e = writing_allows(g, ev, &c, why);

	if (e != ERR_OK)
		return e;
	return g->reports->teams[game_team(g, r->team)].drafted + strlen(r->text) +
			   REPORT_DRAFTED_EACH_BYTES <=
		       REPORT_DRAFTED_MAX_BYTES
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT,
			 "the department has saved %d MiB of drafts in this drill, which is all "
			 "that may be; write the report elsewhere and file it at once",
			 REPORT_DRAFTED_MAX_BYTES / (1024 * 1024));
}

static enum err
withdrawn_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_chain *c;
	enum err e = own_chain(g, ev, &c, why);

	if (e != ERR_OK)
		return e;
	if (c->draft.by == NULL)
		return why_set(why, ERR_CONFLICT, "report %d has no draft; what was filed stays",
		    ev->u.report->id);
	return c->state != REPORT_DRAFT ||
		       g->reports->teams[c->team].withdrawn < REPORT_WITHDRAWN_PER_TEAM_MAX
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT,
			 "the department has thrown away %d reports, which is all that may be; "
			 "write the next one over this draft",
			 REPORT_WITHDRAWN_PER_TEAM_MAX);
}

/* ---- what a filing says ---- */

enum err
report_read_systems(
    const struct game *g, const char *text, struct system_list *out, struct why *why)
{
	if (text[0] != '\0')
		return game_read_systems(g, text, out, why);
	if (out != NULL)
		*out = (struct system_list){0};
	return ERR_OK;
}

static enum err
own_systems(const struct game *g, const struct system_list *list, int team, struct why *why)
{
	if (list->count > REPORT_SYSTEMS_MAX)
		return why_set(
		    why, ERR_LIMIT, "a report names at most %d systems", REPORT_SYSTEMS_MAX);
	for (size_t i = 0; i < list->count; i++) {
		const struct system_config *s = &g->config->systems[list->systems[i]];

		if (s->team != team)
			return why_set(
			    why, ERR_INVALID, "system \"%s\" is not your department's", s->id);
	}
	return ERR_OK;
}

static enum err
time_allows(const struct game *g, const struct event *ev, int which, struct why *why)
{
	int64_t ms = ev->u.report->times[which], detected = ev->u.report->times[REPORT_DETECTED];
	const char *name = term_id(&terms_report_times, which);
	enum clock_claim claim = clocklog_claim(&g->clock, ms, ev->at_ms, ev->drill_ms);

	if (ms == 0)
		return ERR_OK;
	if (claim == CLOCK_CLAIM_EARLY)
		return why_set(why, ERR_INVALID,
		    "\"%s\" is before the drill began; an incident of the drill is after its start",
		    name);
	if (claim == CLOCK_CLAIM_LATE)
		return why_set(why, ERR_INVALID,
		    "\"%s\" is in the future by the server's clock; only what has happened is "
		    "reported",
		    name);
	if (ms < detected)
		return why_set(why, ERR_INVALID,
		    "\"%s\" is before \"detected\"; it cannot come before the detection", name);
	return ERR_OK;
}

/* What is contained is eradicated, then recovered; any of them may be left out. */
static enum err
order_allows(const struct report_event *r, struct why *why)
{
	int before = REPORT_CONTAINED;

	for (int i = REPORT_CONTAINED; i <= REPORT_RECOVERED; i++) {
		if (r->times[i] == 0)
			continue;
		if (r->times[i] < r->times[before])
			return why_set(why, ERR_INVALID,
			    "\"%s\" is before \"%s\"; an incident is contained, then eradicated, "
			    "then "
			    "recovered from",
			    term_id(&terms_report_times, i), term_id(&terms_report_times, before));
		before = i;
	}
	return ERR_OK;
}

static enum err
times_allow(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_event *r = ev->u.report;
	enum err e = ERR_OK;

	if (r->times[REPORT_DETECTED] == 0)
		return why_set(why, ERR_INVALID,
		    "\"detected\" is missing; every report says when the incident was detected");
	if (r->stage == STAGE_FINAL && r->times[REPORT_CONTAINED] == 0)
		return why_set(why, ERR_INVALID,
		    "\"contained\" is missing; a final report says when the incident was "
		    "contained");
	for (int i = 0; e == ERR_OK && i < REPORT_TIMES; i++)
		e = time_allows(g, ev, i, why);
	return e != ERR_OK ? e : order_allows(r, why);
}

static int
year_at(int64_t wall_ms)
{
	int y, m, d;

	date_to_civil(date_at(wall_ms, 0), &y, &m, &d);
	return y;
}

static enum err
filing_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_event *r = ev->u.report;
	struct system_list systems;
	enum err e;

	if (incident_class_find(r->class_code) == NULL)
		return why_set(why, ERR_INVALID,
		    "\"class\": there is no \"%s\" in GB/T 20986-2023; a code such as 0107 is "
		    "expected, GET /api/v1/words has them",
		    r->class_code);
	if (r->year < year_at(ev->at_ms - ZONE_MS) || r->year > year_at(ev->at_ms + ZONE_MS))
		return why_set(why, ERR_INVALID, "the year of the number is not the moment's");
	if ((e = times_allow(g, ev, why)) != ERR_OK ||
	    (e = report_read_systems(g, r->systems, &systems, why)) != ERR_OK)
		return e;
	e = own_systems(g, &systems, game_team(g, r->team), why);
	free(systems.systems);
	return e;
}

static enum err
submitted_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_chain *c;
	enum err e;

	if ((e = writing_allows(g, ev, &c, why)) != ERR_OK)
		return e;
	if (c != NULL && c->version_count >= REPORT_VERSIONS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d filings of one incident", REPORT_VERSIONS_MAX);
	if ((e = filing_allows(g, ev, why)) != ERR_OK)
		return e;
	return attachments_allow(g, &ev->u.report->attachments, game_team(g, ev->u.report->team),
	    &report_family, ev->u.report->id, why);
}

/* ---- the rest ---- */

static enum err
returned_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_chain *c;
	enum err e = filed_chain(
	    g, ev, ROLE_DIRECTOR | ROLE_ADMIN, "a report is returned by the direction", &c, why);

	return e != ERR_OK ? e : report_may_become(c, REPORT_RETURNED, why);
}

static enum err
appealed_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_chain *c;
	enum err e = own_chain(g, ev, &c, why);

	if (e != ERR_OK)
		return e;
	if (c->appeal.by != NULL)
		return why_set(why, ERR_CONFLICT, "report %d was appealed before; once is all",
		    ev->u.report->id);
	if (judging_releasable(g, ev->u.report->id))
		return why_set(why, ERR_CONFLICT,
		    "the result of report %d has not been released yet; what is appealed is known",
		    ev->u.report->id);
	return report_may_become(c, REPORT_APPEALED, why);
}

static enum err
commented_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);
	const struct report_chain *c;
	enum err e;

	if (by != NULL && by->role == ROLE_BLUE)
		e = own_chain(g, ev, &c, why);
	else
		e = filed_chain(g, ev, ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
		    "comments are made by the department, judges and the direction", &c, why);
	if (e != ERR_OK)
		return e;
	if (by->role == ROLE_BLUE && (ev->u.report->internal || !report_is_filed(c)))
		return why_set(why, ev->u.report->internal ? ERR_FORBIDDEN : ERR_CONFLICT,
		    ev->u.report->internal ? "only staff makes internal comments"
					   : "nothing has been filed that could be commented");
	if (by->role == ROLE_BLUE &&
	    (e = room_allows(g, c->team, ev->u.report->text, 0, why)) != ERR_OK)
		return e;
	return c->comment_count < REPORT_COMMENTS_MAX
		   ? ERR_OK
		   : why_set(
			 why, ERR_LIMIT, "at most %d comments on one report", REPORT_COMMENTS_MAX);
}

static enum err
duplicate_of_allows(
    const struct game *g, const struct report_chain *c, int32_t id, int32_t of, struct why *why)
{
	const struct report_chain *first = report_find(g, of);

	if (first == NULL || !report_is_filed(first))
		return why_set(why, ERR_NOT_FOUND, "no report %d has been filed", of);
	if (of == id || first->team != c->team)
		return why_set(
		    why, ERR_INVALID, "a report duplicates another one of the same department");
	if (first->duplicate_of != 0)
		return why_set(why, ERR_CONFLICT, "report %d is a duplicate itself, of report %d",
		    of, first->duplicate_of);
	return c->duplicate_of == of
		   ? why_set(why, ERR_CONFLICT, "report %d is marked so already", id)
		   : ERR_OK;
}

static enum err
duplicate_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_chain *c;
	int32_t id = ev->u.report->id, of = ev->u.report->of;
	enum err e = filed_chain(
	    g, ev, ROLE_DIRECTOR | ROLE_ADMIN, "a duplicate is marked by the direction", &c, why);

	if (e != ERR_OK)
		return e;
	if (report_is_closed(c))
		return why_set(why, ERR_CONFLICT,
		    "report %d is %s: nothing of it is changed any more", id,
		    term_id(&terms_report_states, (int)c->state));
	if (of != 0)
		return duplicate_of_allows(g, c, id, of, why);
	return c->duplicate_of != 0
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "report %d is not marked as a duplicate", id);
}

enum err
report_allows(const struct game *g, const struct event *ev, struct why *why)
{
	switch (ev->kind) {
	case EV_REPORT_DRAFTED:
		return draft_allows(g, ev, why);
	case EV_REPORT_WITHDRAWN:
		return withdrawn_allows(g, ev, why);
	case EV_REPORT_SUBMITTED:
		return submitted_allows(g, ev, why);
	case EV_REPORT_RETURNED:
		return returned_allows(g, ev, why);
	case EV_REPORT_APPEALED:
		return appealed_allows(g, ev, why);
	case EV_REPORT_COMMENTED:
		return commented_allows(g, ev, why);
	default:
		return duplicate_allows(g, ev, why);
	}
}
