/* The kill switch: what it does to the drill, in one batch of the journal or not at all. */
#include "api/drill.h"
#include "api/drill_private.h"
#include "base/log.h"

#include <stdio.h>

/* What its events need at most: far above their texts' limits, far below what may wait for the disk. */
#define KILL_ROOM_BYTES (256 * 1024)

static enum err
want_room(struct drill *d, struct why *why)
{
	if (d->has_failed)
		return why_set(
		    why, ERR_CLOSED, "the journal cannot be written; the server is stopping");
	return journal_has_room_for(d->journal, KILL_ROOM_BYTES)
		   ? ERR_OK
		   : why_set(why, ERR_BUSY, "too much is waiting for the disk; try again");
}

static int32_t
next_announcement(const struct drill *d)
{
	size_t count = d->game->announcements->count;

	return count < ANNOUNCEMENTS_MAX ? (int32_t)count + 1 : 0;
}

static void
announce(struct drill *d, int32_t id, const char *reason, const char *actor)
{
	char text[ANNOUNCEMENT_TEXT_MAX_BYTES];
	struct announcement_event a = {.id = id,
	    .to = "all",
	    .urgent = true,
	    .title = "演练紧急停止 / Emergency stop",
	    .text = text,
	    .account = "",
	    .reason = ""};
	struct event ev = {.kind = EV_ANNOUNCEMENT_MADE, .actor = actor, .u.announcement = &a};

	snprintf(text, sizeof text,
	    "演练已紧急停止：%s\n请立即停止一切攻击操作。导演解除之前，不受理旗和攻击成果。\n\n"
	    "The drill has been stopped: %s\nStop every attack at once. No flag and no attack "
	    "result is taken until the director lifts the stop.",
	    reason, reason);
	if (id > 0)
		drill_emit_sure(d, &ev);
	else
		log_error(
		    "kill", "no more announcements fit: this one goes out as kill.switched alone");
}

/*
 * The switch first: what follows it is refused by nothing. All of it is in the batch that this turn of the loop hands to
 * the disk, so that after a crash there is all of it or nothing.
 */
enum err
drill_kill(struct drill *d, const char *reason, const char *actor, struct why *why)
{
	struct kill_event k = {.reason = reason,
	    .hook = d->options.scenario->kill.argv != NULL,
	    .announcement = next_announcement(d),
	    .tail = ""};
	struct event ev = {.kind = EV_KILL_SWITCHED, .actor = actor, .u.kill = &k};
	bool running = d->game->state == DRILL_RUNNING;
	enum err e;

	if ((e = want_room(d, why)) != ERR_OK || (e = drill_emit_allowed(d, &ev, why)) != ERR_OK)
		return e;
	log_warn("kill", "\"%s\" has switched the kill switch: %s", actor, reason);
	if (running && (e = drill_emit_clock(d, EV_DRILL_PAUSED, reason, 0, actor, why)) != ERR_OK)
		return e;
	announce(d, k.announcement, reason, actor);
	return ERR_OK;
}

static void
withdraw(struct drill *d, int32_t id, const char *reason, const char *actor)
{
	const struct announcement *made = announcement_find(d->game, id);
	struct announcement_event a = {
	    .id = id, .to = "", .title = "", .text = "", .account = "", .reason = reason};
	struct event ev = {.kind = EV_ANNOUNCEMENT_WITHDRAWN, .actor = actor, .u.announcement = &a};

	if (made != NULL && made->withdrawn.by == NULL)
		drill_emit_sure(d, &ev);
}

enum err
drill_kill_undo(struct drill *d, const char *reason, const char *actor, struct why *why)
{
	struct kill_event k = {.reason = reason, .tail = ""};
	struct event ev = {.kind = EV_KILL_UNDONE, .actor = actor, .u.kill = &k};
	enum err e;

	if ((e = want_room(d, why)) != ERR_OK || (e = drill_emit_allowed(d, &ev, why)) != ERR_OK)
		return e;
	log_warn("kill", "\"%s\" has undone the kill switch: %s", actor, reason);
	withdraw(d, kill_last(d->game)->announcement, reason, actor);
	return ERR_OK;
}

enum err
drill_kill_hook(struct drill *d, enum kill_outcome outcome, int32_t status, int64_t ms,
    const char *tail, struct why *why)
{
	struct kill_event k = {
	    .reason = "", .outcome = outcome, .status = status, .ms = ms, .tail = tail};
	struct event ev = {.kind = EV_KILL_HOOK, .actor = "server", .u.kill = &k};

	return drill_emit_allowed(d, &ev, why);
}
