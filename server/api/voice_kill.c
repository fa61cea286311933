/* The kill switch over the live line: everybody learns of it at once; what its program did is for staff. */
#include "api/voice.h"

static void
tell_hook(const struct kill_event *k, struct json_writer *w)
{
	jw_kv_str(w, "outcome", kill_outcome_name(k->outcome));
	jw_kv_int(w, "status", k->status);
	jw_kv_int(w, "ms", k->ms);
	jw_kv_str(w, "tail", k->tail);
}

static bool
tell(const struct telling *t, struct json_writer *w)
{
	bool staff = audience_role(t->g, t->audience) & ROLE_STAFF;

	if (t->ev->kind == EV_KILL_HOOK) {
		if (staff)
			tell_hook(t->ev->u.kill, w);
		return staff;
	}
	jw_kv_bool(w, "killed", t->g->kill->on);
	jw_kv_str(w, "reason", t->g->state_reason); /* as the board has it now */
	if (staff)
		jw_kv_str(w, "by", t->ev->actor);
	return true;
}

const struct voice kill_voice = {
    .first = EV_KILL_SWITCHED,
    .last = EV_KILL_HOOK,
    .write = tell,
};
