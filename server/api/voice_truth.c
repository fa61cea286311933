/* Corrections of ground truth over the live line: direction and leaders; judges learn that a report's facts changed. */
#include "api/truth_view.h"
#include "api/voice.h"
#include "core/game.h"

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct report_reader r = {
	    t->g, audience_role(t->g, t->audience), audience_team(t->audience), t->offset_minutes};
	const struct truth_event *ev = t->ev->u.truth;
	int32_t report = truth_now(t->g)->report[ev->fact - 1];

	if (!(r.role & ROLE_STAFF))
		return false;
	jw_kv_int(w, "fact", ev->fact);
	truth_write_whose(w, &r, t->g->truths->facts[ev->fact - 1].team);
	jw_kv_str(w, "status", term_id(&terms_truth_statuses, (int)truth_status(t->g, ev->fact)));
	jw_key(w, "report");
	if (report != 0)
		jw_int(w, report);
	else
		jw_null(w);
	return true;
}

const struct voice truth_voice = {
    .first = EV_TRUTH_PAIRED,
    .last = EV_TRUTH_CONCEALED,
    .write = tell,
};
