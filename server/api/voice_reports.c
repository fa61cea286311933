/*
 * Incident reports over the live line: its department, and staff once something was filed; judges without the
 * department's name, as report_view.c writes it. Drafts are told to their department alone, internal comments to staff.
 */
#include "api/report_view.h"
#include "api/voice.h"

static bool
told(const struct telling *t, const struct report_reader *r, const struct report_chain *c)
{
	bool staff = r->role & ROLE_STAFF;

	if (!report_shown(r, c))
		return false;
	if (t->ev->kind == EV_REPORT_DRAFTED || t->ev->kind == EV_REPORT_WITHDRAWN)
		return !staff;
	return staff || !t->ev->u.report->internal;
}

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct report_reader r = {
	    t->g, audience_role(t->g, t->audience), audience_team(t->audience), t->offset_minutes};
	const struct report_chain *c = report_find(t->g, t->ev->u.report->id);

	if (!told(t, &r, c))
		return false;
	report_write_head(w, &r, t->ev->u.report->id);
	if (t->ev->kind == EV_REPORT_COMMENTED) {
		jw_key(w, "comment");
		report_write_comment(w, &r, &c->comments[c->comment_count - 1]);
	}
	return true;
}

const struct voice report_voice = {
    .first = EV_REPORT_DRAFTED,
    .last = EV_REPORT_DUPLICATE,
    .write = tell,
};
