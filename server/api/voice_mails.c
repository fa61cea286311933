/* Mails over the live line: to the direction and leaders, that there is one and what came of it; nobody's address. */
#include "api/voice.h"

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct mail_event *ev = t->ev->u.mail;
	const struct mail_note *note = &t->g->mails->notes[ev->number - 1];
	enum role role = audience_role(t->g, t->audience);

	if (!(role & (ROLE_DIRECTOR | ROLE_LEADER)))
		return false;
	jw_kv_int(w, "id", ev->number);
	jw_kv_str(w, "state", mail_state_name(outbox_get(&t->g->mails->outbox, ev->number)->state));
	jw_kv_str(w, "about", note->about);
	jw_kv_int(w, "ref", note->ref);
	jw_kv_str(w, "team", note->team >= 0 ? t->g->config->teams[note->team].id : NULL);
	return true;
}

const struct voice mail_voice = {
    .first = EV_MAIL_QUEUED,
    .last = EV_MAIL_AGAIN,
    .write = tell,
};
