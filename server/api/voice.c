#include "api/voice.h"

static const struct voice *const voices[] = {
    &announcement_voice,
    &ticket_voice,
    &report_voice,
    &plan_voice,
    &post_voice,
    &asset_voice,
    &engagement_voice,
    &result_voice,
    &kill_voice,
    &inject_voice,
    &mail_voice,
    &truth_voice,
    &judging_voice,
};

const struct voice *
voice_of(enum event_kind kind)
{
	for (size_t i = 0; i < sizeof voices / sizeof voices[0]; i++)
		if (kind >= voices[i]->first && kind <= voices[i]->last)
			return voices[i];
	return NULL;
}

enum role
audience_role(const struct game *g, int audience)
{
	switch (audience) {
	case LIVE_PUBLIC:
		return ROLE_PUBLIC;
	case LIVE_JUDGE:
		return ROLE_JUDGE;
	case LIVE_DIRECTOR:
		return ROLE_DIRECTOR;
	case LIVE_LEADER:
		return ROLE_LEADER;
	default:
		return g->config->teams[audience].kind == TEAM_RED ? ROLE_RED : ROLE_BLUE;
	}
}

int
audience_team(int audience)
{
	return audience >= 0 ? audience : -1;
}
