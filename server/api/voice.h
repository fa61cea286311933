/*
 * What people are told of records over the live line: for each family of events (core/record.h) one function that says,
 * for one audience, what it is told, if anything. feed.c asks it for every audience; that is the only place where live
 * messages of records are redacted. Pure; on the loop's thread.
 */
#ifndef DRILLD_API_VOICE_H
#define DRILLD_API_VOICE_H

#include "base/json.h"
#include "core/game.h"
#include "net/live.h"

struct telling {
	const struct game *g;
	const struct event *ev; /* which has just been applied to g */
	int audience;           /* live.h */
	int offset_minutes;     /* of the drill's time zone, for timestamps */
};

struct voice {
	enum event_kind first, last; /* as its record_family's */
	/*
	 * The members that this audience is told, into an open object; false: it is told nothing, not even that something
	 * happened.
	 */
	bool (*write)(const struct telling *t, struct json_writer *w);
};

/* NULL: of this kind of event nobody is told anything this way. */
const struct voice *voice_of(enum event_kind kind);

/* Who an audience is: its role (director stands for admin), and its team or -1. */
enum role audience_role(const struct game *g, int audience);
int audience_team(int audience);

extern const struct voice announcement_voice;
extern const struct voice ticket_voice;
extern const struct voice report_voice;
extern const struct voice plan_voice;
extern const struct voice post_voice;
extern const struct voice asset_voice;
extern const struct voice engagement_voice;
extern const struct voice result_voice;
extern const struct voice kill_voice;
extern const struct voice inject_voice;
extern const struct voice mail_voice;
extern const struct voice truth_voice;
extern const struct voice judging_voice;

#endif
