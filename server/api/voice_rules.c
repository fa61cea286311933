/* Who has accepted the rules of engagement: told to staff and to the account's own team. */
#include "api/voice.h"

static bool
tell(const struct telling *t, struct json_writer *w)
{
	const struct account *by = accounts_find(&t->g->accounts, t->ev->actor);

	if (!(audience_role(t->g, t->audience) & ROLE_STAFF) &&
	    audience_team(t->audience) != by->team)
		return false;
	jw_kv_str(w, "account", by->id);
	jw_kv_str(w, "team", t->g->config->teams[by->team].id);
	return true;
}

const struct voice engagement_voice = {
    .first = EV_ROE_ACCEPTED,
    .last = EV_ROE_ACCEPTED,
    .write = tell,
};
