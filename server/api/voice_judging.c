/*
 * Judging over the live line. Direction and leaders hear all but marks of which the other judge's are not in; judges hear
 * which report moved, without department, names and marks; a department hears what was released to it, and that its
 * report is final.
 */
#include "api/truth_view.h"
#include "api/voice.h"
#include "core/game.h"

static bool
released_now(const struct game *g, size_t i, uint64_t seq)
{
	const struct judging_chain *c = &g->judging->chains[i];

	for (int n = 0; n < JUDGING_ROUNDS; n++)
		if (c->rounds[n] != NULL && c->rounds[n]->released_seq == seq)
			return true;
	return c->rejection_seq == seq;
}

/* Those of this release that the audience may know of; false: there is none. */
static bool
tell_release(const struct telling *t, const struct report_reader *r, struct json_writer *w)
{
	bool staff = r->role & ROLE_STAFF, any = false;

	jw_key(w, "reports");
	jw_array(w);
	for (size_t i = 0; i < t->g->judging->count; i++) {
		if (!released_now(t->g, i, t->ev->seq) ||
		    (!staff && t->g->reports->chains[i].team != r->team))
			continue;
		jw_int(w, (int64_t)i + 1);
		any = true;
	}
	jw_array_end(w);
	return any;
}

static void
tell_direction(const struct telling *t, struct json_writer *w)
{
	const struct judging_event *ev = t->ev->u.judging;

	if (t->ev->kind == EV_JUDGING_MARKED)
		jw_kv_str(w, "judge", t->ev->actor);
	if (t->ev->kind == EV_JUDGING_NAMED)
		jw_kv_str(w, "judge", ev->judge);
}

static bool
tell_report(const struct telling *t, const struct report_reader *r, struct json_writer *w)
{
	int32_t id = t->ev->u.judging->id, number;
	const struct report_chain *report = report_find(t->g, id);
	const struct judging_chain *c = judging_find(t->g, id);
	const struct judging_round *last = judging_last(c, &number);
	bool final = t->ev->kind == EV_JUDGING_FINISHED || t->ev->kind == EV_JUDGING_ARCHIVED;

	if (!(r->role & ROLE_STAFF) && !(final && report->team == r->team))
		return false;
	jw_kv_int(w, "report", id);
	truth_write_whose(w, r, report->team);
	jw_kv_str(w, "state", term_id(&terms_report_states, (int)report->state));
	if (!(r->role & ROLE_STAFF))
		return true;
	jw_kv_int(w, "round", number);
	jw_kv_int(w, "judges", last != NULL ? (int64_t)judging_sheets(last) : 0);
	jw_kv_int(w, "in", last != NULL ? (int64_t)judging_in(last) : 0);
	if (r->role != ROLE_JUDGE)
		tell_direction(t, w);
	return true;
}

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct report_reader r = {
	    t->g, audience_role(t->g, t->audience), audience_team(t->audience), t->offset_minutes};

	if (!(r.role & (ROLE_STAFF | ROLE_BLUE)))
		return false;
	return t->ev->kind == EV_JUDGING_RELEASED ? tell_release(t, &r, w) : tell_report(t, &r, w);
}

const struct voice judging_voice = {
    .first = EV_JUDGING_TRIAGED,
    .last = EV_JUDGING_ARCHIVED,
    .write = tell,
};
