/* Tickets over the live line: staff, and the department that it concerns from its notice on. */
#include "api/ticket_view.h"
#include "api/voice.h"

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct ticket *ticket = ticket_find(t->g, t->ev->u.ticket->id);
	enum role role = audience_role(t->g, t->audience);
	struct ticket_view v = {t->g, t->ev->at_ms, t->offset_minutes, role == ROLE_JUDGE};

	if (!(role & ROLE_STAFF) && !ticket_is_seen_by(ticket, audience_team(t->audience)))
		return false;
	write_ticket_line(w, &v, t->ev->u.ticket->id);
	return true;
}

const struct voice ticket_voice = {
    .first = EV_TICKET_REGISTERED,
    .last = EV_TICKET_SUPERVISED,
    .write = tell,
};
