/* Announcements over the live line: those whom they are for, and staff; who has seen them is for staff. */
#include "api/voice.h"
#include "api/write.h"

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct announcement_event *ev = t->ev->u.announcement;
	const struct announcement *a = announcement_find(t->g, ev->id);
	enum role role = audience_role(t->g, t->audience);

	if (t->ev->kind == EV_ANNOUNCEMENT_SEEN && !(role & ROLE_STAFF))
		return false;
	if (!(role & ROLE_STAFF) &&
	    !addressees_have(&a->addressees, role, audience_team(t->audience)))
		return false;
	jw_kv_int(w, "id", ev->id);
	if (t->ev->kind == EV_ANNOUNCEMENT_SEEN) {
		jw_kv_str(w, "account", ev->account);
		return true;
	}
	jw_kv_str(w, "title", a->title);
	if (t->ev->kind == EV_ANNOUNCEMENT_WITHDRAWN) {
		jw_kv_str(w, "reason", ev->reason);
		return true;
	}
	jw_kv_str(w, "text", a->text);
	jw_kv_bool(w, "urgent", a->urgent);
	write_time(w, "until", a->until_ms, t->offset_minutes);
	return true;
}

const struct voice announcement_voice = {
    .first = EV_ANNOUNCEMENT_MADE,
    .last = EV_ANNOUNCEMENT_WITHDRAWN,
    .write = tell,
};
