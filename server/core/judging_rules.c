/* What may happen in judging: every rule, with the sentence that names it. */
#include "core/judging_private.h"

#include <string.h>

/* ---- who, and of which report ---- */

static enum err
want_direction(const struct game *g, const struct event *ev, const char *rule, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	return by != NULL && (by->role & (ROLE_DIRECTOR | ROLE_ADMIN))
		   ? ERR_OK
		   : why_set(why, ERR_FORBIDDEN, "%s by the direction", rule);
}

static enum err
want_begun(const struct game *g, struct why *why)
{
	return g->state != DRILL_PLANNED
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "the drill has not begun; there is nothing to judge before its start");
}

static enum err
want_report(const struct game *g, int32_t id, const struct report_chain **out, struct why *why)
{
	enum err e = want_begun(g, why);

	if (e != ERR_OK)
		return e;
	*out = report_find(g, id);
	return *out != NULL && report_is_filed(*out)
		   ? ERR_OK
		   : why_set(why, ERR_NOT_FOUND, "no report %d has been filed", id);
}

static const char *
state_name(const struct report_chain *report)
{
	return term_id(&terms_report_states, (int)report->state);
}

/* The round whose judges are at work, by the report's state; 0: none is. */
static int32_t
round_now(const struct report_chain *report)
{
	if (report->state == REPORT_APPEALED)
		return 2;
	return report->state == REPORT_TRIAGED || report->state == REPORT_UNDER_REVIEW;
}

static enum err
want_round(const struct report_chain *report, int32_t id, int32_t round, struct why *why)
{
	int32_t now = round_now(report);

	if (now == 0)
		return why_set(why, ERR_CONFLICT,
		    report_is_closed(report)
			? "report %d is %s: its judging is over"
			: "report %d is %s: judges work on it while it is under review or appealed",
		    id, state_name(report));
	return round == now ? ERR_OK
			    : why_set(why, ERR_CONFLICT, "round %d, but report %d is in round %d",
				  round, id, now);
}

/* ---- triage ---- */

/* What is accepted takes no more filings, so the final one is waited for as long as it can come. */
static enum err
final_allows(const struct game *g, const struct report_chain *report, const struct judging_event *j,
    struct why *why)
{
	bool awaited = report->stage != STAGE_FINAL && g->state != DRILL_ENDED;

	if (awaited && !j->without_final)
		return why_set(why, ERR_CONFLICT,
		    "the final filing of report %d is not in, and none could follow: wait for it, "
		    "or "
		    "accept it with \"without_final\": true and a \"reason\"",
		    j->id);
	return awaited || !j->without_final
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "\"without_final\": no final filing of report %d is waited for", j->id);
}

static enum err
triaged_allows(const struct game *g, const struct event *ev, struct why *why)
{
	int32_t id = ev->u.judging->id;
	const struct report_chain *report;
	enum err e;

	if ((e = want_direction(g, ev, "reports are accepted for judging", why)) != ERR_OK ||
	    (e = want_report(g, id, &report, why)) != ERR_OK)
		return e;
	if (report->duplicate_of != 0)
		return why_set(why, ERR_CONFLICT,
		    "report %d is a duplicate of report %d, which is judged for both", id,
		    report->duplicate_of);
	if ((e = report_may_become(report, REPORT_TRIAGED, why)) != ERR_OK)
		return e;
	return final_allows(g, report, ev->u.judging, why);
}

/* ---- judges ---- */

/* The lot is drawn again: what it says is what the event must say. */
static enum err
lot_allows(const struct game *g, const struct judging_event *j, struct why *why)
{
	const struct account *judges[2];
	size_t count = judging_draw(g, j->id, judging_wants(g, j->id), judges);
	char text[2 * (ID_MAX_BYTES + 1)] = "";

	for (size_t i = 0; i < count; i++)
		strcat(strcat(text, i > 0 ? "," : ""), judges[i]->id);
	if (count == 0)
		return why_set(why, ERR_CONFLICT,
		    "report %d wants no judges now, or too few are left who are not of its "
		    "department",
		    j->id);
	return strcmp(text, j->judges) == 0
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "the lot for report %d falls on %s", j->id, text);
}

static enum err
drawn_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct judging_event *j = ev->u.judging;
	const struct report_chain *report;
	enum err e;

	if (strcmp(ev->actor, "server") != 0)
		return why_set(why, ERR_FORBIDDEN, "judges are drawn by the server");
	if ((e = want_report(g, j->id, &report, why)) != ERR_OK ||
	    (e = want_round(report, j->id, j->round, why)) != ERR_OK)
		return e;
	return lot_allows(g, j, why);
}

static bool
took_part(const struct judging_round *r, const struct account *a)
{
	for (size_t i = 0; r != NULL && i < r->count; i++)
		if (r->sheets[i].judge == a)
			return true;
	return false;
}

static enum err
judge_allows(const struct game *g, const struct report_chain *report, const struct judging_event *j,
    struct why *why)
{
	const struct account *a = accounts_find(&g->accounts, j->judge), *other;
	const struct judging_chain *c = judging_find(g, j->id);

	if (a == NULL || a->role != ROLE_JUDGE)
		return why_set(why, ERR_NOT_FOUND, "there is no judge \"%.64s\"", j->judge);
	if (a->department == report->team)
		return why_set(why, ERR_FORBIDDEN,
		    "judge \"%s\" is of the department whose report this is", a->id);
	if (took_part(c->rounds[j->round - 1], a))
		return why_set(why, ERR_CONFLICT,
		    "judge \"%s\" has been drawn for report %d before", a->id, j->id);
	return j->round == 2 && took_part(c->rounds[0], a) && judging_draw(g, j->id, 1, &other) > 0
		   ? why_set(why, ERR_CONFLICT,
			 "judge \"%s\" marked report %d before the appeal; others are there who "
			 "did not",
			 a->id, j->id)
		   : ERR_OK;
}

/* A free place, or that of a judge who has not marked. */
static enum err
place_allows(const struct game *g, const struct judging_event *j, struct why *why)
{
	const struct judging_round *r = judging_find(g, j->id)->rounds[j->round - 1];
	const struct judging_sheet *s;

	if (r != NULL && r->count >= JUDGING_NAMED_MAX)
		return why_set(why, ERR_LIMIT, "at most %d judges in one round", JUDGING_NAMED_MAX);
	if (j->instead[0] == '\0')
		return r == NULL || (!r->done && (judging_sheets(r) < 2 || judging_torn(g, r)))
			   ? ERR_OK
			   : why_set(why, ERR_CONFLICT,
				 "report %d has its judges; name whom the new one replaces", j->id);
	s = r != NULL ? judging_sheet(r, accounts_find(&g->accounts, j->instead)) : NULL;
	if (s == NULL)
		return why_set(why, ERR_NOT_FOUND, "judge \"%.64s\" is not at work on report %d",
		    j->instead, j->id);
	return s->in ? why_set(why, ERR_CONFLICT,
			   "judge \"%s\" has marked report %d and is not replaced any more",
			   j->instead, j->id)
		     : ERR_OK;
}

static enum err
named_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct judging_event *j = ev->u.judging;
	const struct report_chain *report;
	enum err e;

	if ((e = want_direction(g, ev, "judges are named", why)) != ERR_OK ||
	    (e = want_report(g, j->id, &report, why)) != ERR_OK ||
	    (e = want_round(report, j->id, j->round, why)) != ERR_OK ||
	    (e = judge_allows(g, report, j, why)) != ERR_OK)
		return e;
	return place_allows(g, j, why);
}

/* ---- marks ---- */

static enum err
halves_allow(const struct game *g, const struct judging_event *j, struct why *why)
{
	const struct rubric *rubric = rubric_of(g->config);
	size_t n = 0;

	for (size_t i = 0; i < rubric->count; i++) {
		const struct rubric_item *item = &rubric->items[i];

		if (item->measure != RUBRIC_JUDGED)
			continue;
		if (n < j->count && (j->halves[n] < 0 || j->halves[n] > 2 * item->marks))
			return why_set(why, ERR_INVALID,
			    "\"%s\" has 0 to %d marks, in steps of 0.5", item->id, item->marks);
		n++;
	}
	return n == j->count
		   ? ERR_OK
		   : why_set(why, ERR_INVALID,
			 "%zu marks, but judges mark %zu items of the rubric, all at once",
			 j->count, n);
}

static enum err
version_allows(const struct judging_round *r, const struct judging_sheet *s,
    const struct judging_event *j, struct why *why)
{
	if (s->in && judging_both_in(r))
		return why_set(why, ERR_CONFLICT,
		    "both judges' marks of report %d are in: none is revised any more", j->id);
	if (s->count >= JUDGING_VERSIONS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d versions of marks", JUDGING_VERSIONS_MAX);
	if (s->in && j->version <= (int32_t)s->count)
		return why_set(why, ERR_CONFLICT,
		    "you have marked report %d before; a revision is version %zu, with a reason",
		    j->id, s->count + 1);
	return j->version == (int32_t)s->count + 1
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "version %d of your marks, but the next is %zu",
			 j->version, s->count + 1);
}

static enum err
marked_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);
	const struct judging_event *j = ev->u.judging;
	const struct report_chain *report;
	const struct judging_round *r;
	const struct judging_sheet *s;
	enum err e;

	if (by == NULL || by->role != ROLE_JUDGE)
		return why_set(why, ERR_FORBIDDEN, "reports are marked by judges");
	if ((e = want_report(g, j->id, &report, why)) != ERR_OK)
		return e;
	if (by->department == report->team)
		return why_set(why, ERR_FORBIDDEN,
		    "report %d is of your own department, which you do not judge", j->id);
	if ((e = want_round(report, j->id, j->round, why)) != ERR_OK)
		return e;
	r = judging_find(g, j->id) != NULL ? judging_find(g, j->id)->rounds[j->round - 1] : NULL;
	if (r == NULL || (s = judging_sheet(r, by)) == NULL)
		return why_set(why, ERR_FORBIDDEN, "you were not drawn for report %d", j->id);
	if (report->state == REPORT_TRIAGED)
		return why_set(why, ERR_CONFLICT, "report %d waits for its second judge", j->id);
	e = version_allows(r, s, j, why);
	return e != ERR_OK ? e : halves_allow(g, j, why);
}

/* ---- what the direction does with a result ---- */

static enum err
rejected_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct report_chain *report;
	enum err e;

	if ((e = want_direction(g, ev, "reports are rejected", why)) != ERR_OK ||
	    (e = want_report(g, ev->u.judging->id, &report, why)) != ERR_OK)
		return e;
	return report_may_become(report, REPORT_REJECTED, why);
}

static bool
has_result(const struct judging_chain *c)
{
	return c->rejected.by != NULL || (c->rounds[0] != NULL && c->rounds[0]->done) ||
	       (c->rounds[1] != NULL && c->rounds[1]->done);
}

bool
judging_releasable(const struct game *g, int32_t id)
{
	const struct judging_chain *c = judging_find(g, id);

	if (c == NULL)
		return false;
	for (int n = 0; n < JUDGING_ROUNDS; n++)
		if (c->rounds[n] != NULL && c->rounds[n]->done && c->rounds[n]->released.by == NULL)
			return true;
	return c->rejected.by != NULL && c->rejection_released.by == NULL;
}

static enum err
released_allows(const struct game *g, const struct event *ev, struct why *why)
{
	int32_t id = ev->u.judging->id;
	const struct report_chain *report;
	enum err e = want_direction(g, ev, "results are released", why);

	if (e != ERR_OK)
		return e;
	if (id == 0) {
		for (size_t i = 0; i < g->judging->count; i++)
			if (judging_releasable(g, (int32_t)i + 1))
				return ERR_OK;
		return why_set(why, ERR_CONFLICT, "there is no result that is not released yet");
	}
	if ((e = want_report(g, id, &report, why)) != ERR_OK)
		return e;
	if (judging_find(g, id) == NULL || !has_result(judging_find(g, id)))
		return why_set(why, ERR_CONFLICT, "report %d is %s: it has no result yet", id,
		    state_name(report));
	return judging_releasable(g, id)
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "the result of report %d was released before", id);
}

static enum err
finished_allows(const struct game *g, const struct event *ev, struct why *why)
{
	int32_t id = ev->u.judging->id;
	bool archived = ev->kind == EV_JUDGING_ARCHIVED;
	const struct report_chain *report;
	enum err e;

	if ((e = want_direction(g, ev, archived ? "reports are archived" : "reports are made final",
		 why)) != ERR_OK ||
	    (e = want_report(g, id, &report, why)) != ERR_OK ||
	    (e = report_may_become(report, archived ? REPORT_ARCHIVED : REPORT_FINAL, why)) !=
		ERR_OK)
		return e;
	return !archived && judging_releasable(g, id)
		   ? why_set(why, ERR_CONFLICT,
			 "the result of report %d is not released yet: its department must have "
			 "seen it, and could appeal",
			 id)
		   : ERR_OK;
}

enum err
judging_allows(const struct game *g, const struct event *ev, struct why *why)
{
	switch (ev->kind) {
	case EV_JUDGING_TRIAGED:
		return triaged_allows(g, ev, why);
	case EV_JUDGING_DRAWN:
		return drawn_allows(g, ev, why);
	case EV_JUDGING_NAMED:
		return named_allows(g, ev, why);
	case EV_JUDGING_MARKED:
		return marked_allows(g, ev, why);
	case EV_JUDGING_REJECTED:
		return rejected_allows(g, ev, why);
	case EV_JUDGING_RELEASED:
		return released_allows(g, ev, why);
	default:
		return finished_allows(g, ev, why);
	}
}
