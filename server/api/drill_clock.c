/*
 * The drill's clock: drill time, what is due on it, and the organizer's hand. Ticks begin and close here.
 */
#include "api/drill.h"
#include "api/drill_mails.h"
#include "api/drill_private.h"
#include "api/feed.h"
#include "base/log.h"

#include <string.h>

/* The wall clock may be set: it is looked at so often before a planned start, and before what is due by it. */
#define WALL_POLL_MS 30000
/* A day's beginning, or a return after many days, may move thousands of tickets on. */
#define RECORDS_PER_TURN 200
/* What is due and was refused is asked again so late, if nothing else wakes the clock. */
#define RETRY_MS 10000

static int64_t
wall_now(const struct drill *d)
{
	return d->options.wall_ms(d->options.ctx);
}

static int64_t
mono_now(const struct drill *d)
{
	return d->options.mono_ms(d->options.ctx);
}

/* ---- time ---- */

int64_t
drill_now_ms(const struct drill *d)
{
	int64_t now;

	if (d->game->state != DRILL_RUNNING)
		return d->game->drill_ms;
	now = d->base_drill_ms + mono_now(d) - d->base_mono_ms;
	return now > d->game->drill_ms ? now : d->game->drill_ms;
}

void
drill_rebase(struct drill *d)
{
	d->base_drill_ms = d->game->drill_ms;
	d->base_mono_ms = mono_now(d);
}

static bool
start_is_planned(const struct drill *d)
{
	return d->game->state == DRILL_PLANNED && d->game->config->start_ms > 0 &&
	       !d->game->kill->on;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Both: the monotonic moment, INT64_MAX for never. */
static int64_t
on_drill_clock(const struct drill *d, int64_t drill_ms)
{
	if (d->game->state != DRILL_RUNNING || drill_ms == INT64_MAX)
		return INT64_MAX;
	return d->base_mono_ms + drill_ms - d->base_drill_ms;
}

static int64_t
on_wall_clock(const struct drill *d, int64_t wall_ms)
{
	int64_t left;

	if (wall_ms == INT64_MAX)
		return INT64_MAX;
	left = wall_ms - wall_now(d);
	return mono_now(d) + (left < 0 ? 0 : earlier(left, WALL_POLL_MS));
}

static int64_t
clock_next_ms(const struct drill *d)
{
	struct due due = game_due(d->game);
	int64_t next;

	if (!journal_has_room(d->journal))
		return INT64_MAX; /* the commit that makes room wakes the loop */
	next = earlier(
	    on_drill_clock(d, d->records_due.drill_ms), on_wall_clock(d, d->records_due.wall_ms));
	if (start_is_planned(d))
		next = earlier(next, on_wall_clock(d, d->game->config->start_ms));
	if (due.kind != DUE_NOTHING)
		next = earlier(next, on_drill_clock(d, due.drill_ms));
	if (d->jobs_due_ms >= 0)
		next = earlier(next, on_drill_clock(d, d->jobs_due_ms));
	return next;
}

int64_t
drill_next_ms(const struct drill *d)
{
	return earlier(clock_next_ms(d), feed_due_ms(d->feed));
}

/* ---- events ---- */

static bool
emit_tick(struct drill *d, enum event_kind kind, int32_t tick, const char *actor)
{
	struct event ev = {.kind = kind, .actor = actor, .u.tick.tick = tick};

	log_debug("clock", "%s %d", event_kind_name(kind), tick);
	return drill_emit_sure(d, &ev);
}

enum err
drill_emit_clock(struct drill *d, enum event_kind kind, const char *reason, int64_t down_ms,
    const char *actor, struct why *why)
{
	struct event ev = {.kind = kind, .actor = actor};
	enum err e;

	ev.u.clock.reason = reason;
	ev.u.clock.down_ms = down_ms;
	if ((e = drill_emit(d, &ev, why)) == ERR_OK)
		drill_rebase(d);
	return e;
}

/* What the clock does by itself: there is nobody to tell of a refusal but the log. */
static bool
emit_by_clock(struct drill *d, enum event_kind kind)
{
	struct why why;
	enum err e = drill_emit_clock(d, kind, "", 0, "clock", &why);

	if (e != ERR_OK)
		log_error("clock", "%s: %s (%s)", event_kind_name(kind), why.text, err_name(e));
	return e == ERR_OK;
}

/* ---- the clock's work ---- */

static bool
has_result(void *ctx, uint32_t system)
{
	const struct drill *d = ctx;

	return d->game->systems[system].tick == d->game->tick;
}

/* No job is made for what is on hold; its department sees why, instead of the last tick's result. */
static void
report_held(struct drill *d)
{
	for (uint32_t i = 0; i < d->game->config->system_count; i++)
		if (d->game->systems[i].holds > 0 && !has_result(d, i))
			drill_check_result(d, &(struct check_result){.system = i,
						  .tick = d->game->tick,
						  .status = ST_NONE,
						  .message = DRILL_HELD_TEXT,
						  .trace = "",
						  .saved = "",
						  .state = ""});
}

static void
open_jobs(struct drill *d)
{
	const struct game *g = d->game;
	uint64_t seed;

	if (d->dispatch == NULL || !g->tick_open)
		return;
	report_held(d);
	random_bytes(&seed, sizeof seed);
	dispatch_open_tick(d->dispatch, g->tick, drill_now_ms(d),
	    (int64_t)(g->tick + 1) * g->config->tick_ms, seed, has_result, d);
}

void
drill_attach_dispatch(struct drill *d, struct dispatch *dispatch)
{
	d->dispatch = dispatch;
	open_jobs(d);
}

static bool
close_tick(struct drill *d, const char *actor)
{
	if (d->dispatch != NULL)
		dispatch_close_tick(d->dispatch);
	return emit_tick(d, EV_TICK_CLOSED, d->game->tick, actor);
}

/* The event just applied is a tick's: how much later than it was due. */
static void
note_lag(struct drill *d, enum tick_edge edge, const struct due *due)
{
	drill_stats_tick(&d->stats, edge, d->game->drill_ms - due->drill_ms);
}

static bool
do_due(struct drill *d, const struct due *due)
{
	switch (due->kind) {
	case DUE_TICK_BEGIN:
		if (!emit_tick(d, EV_TICK_BEGAN, due->tick, "clock"))
			return false;
		note_lag(d, TICK_EDGE_BEGIN, due);
		open_jobs(d);
		return true;
	case DUE_TICK_CLOSE:
		if (!close_tick(d, "clock"))
			return false;
		note_lag(d, TICK_EDGE_CLOSE, due);
		return true;
	case DUE_END:
		log_info("clock", "the drill ends after tick %d", d->game->tick);
		return emit_by_clock(d, EV_DRILL_ENDED);
	case DUE_NOTHING:
		break;
	}
	return false;
}

/* Told once, not at each turn, until it is another refusal. */
static void
note_refusal(struct why *last, const struct event *ev, const struct why *why)
{
	if (strcmp(last->text, why->text) != 0)
		log_error(
		    "clock", "%s is due and refused: %s", event_kind_name(ev->kind), why->text);
	*last = *why;
}

/*
 * One of them; false: nothing more in this turn. A family whose event is refused is not asked again in it, lest it keep
 * the others from coming; that is a programming error, survived.
 */
static bool
do_record(struct drill *d, const struct record_time *now, struct arena *arena, unsigned *refused)
{
	struct event ev = {.actor = "clock"};
	struct why why = {""};
	enum err e;
	int family;

	arena_reset(arena);
	if (!record_due_beside(d->game, now, *refused, arena, &ev, &d->records_due))
		return false;
	family = record_family_at(ev.kind);
	e = drill_emit(d, &ev, &why);
	if (e == ERR_BUSY || e == ERR_CLOSED) {
		d->records_due = *now; /* when there is room, or never */
		return false;
	}
	if (e != ERR_OK) {
		note_refusal(&d->records_refused[family], &ev, &why);
		*refused |= 1u << family;
		return true;
	}
	d->records_refused[family].text[0] = '\0';
	return true;
}

/* What time brings about in records. Each event moves it on; who waits for answers comes in between. */
static void
do_records(struct drill *d)
{
	struct record_time now = {drill_now_ms(d), wall_now(d)};
	struct arena arena = {0};
	unsigned refused = 0;
	int left = RECORDS_PER_TURN;

	while (left > 0 && do_record(d, &now, &arena, &refused))
		left--;
	if (left == 0)
		d->records_due = now; /* the rest in the next turn, at once */
	else if (refused != 0)
		d->records_due.wall_ms = earlier(d->records_due.wall_ms, now.wall_ms + RETRY_MS);
	arena_free(&arena);
}

/* A wrong year in the scenario starts a drill before anybody has a password: say so. */
static void
log_start(int64_t late_ms)
{
	if (late_ms < 60000)
		log_info("clock", "the drill starts as planned");
	else
		log_warn("clock", "the planned start was %lld s ago; the drill starts now",
		    (long long)late_ms / 1000);
}

void
drill_turn(struct drill *d)
{
	struct due due;

	if (d->has_failed)
		return;
	feed_step(d->feed, mono_now(d));
	if (!journal_has_room(d->journal))
		return;
	drill_mails_turn(d);
	if (start_is_planned(d) && wall_now(d) >= d->game->config->start_ms) {
		log_start(wall_now(d) - d->game->config->start_ms);
		emit_by_clock(d, EV_DRILL_STARTED);
	}
	for (due = game_due(d->game); due.kind != DUE_NOTHING && due.drill_ms <= drill_now_ms(d);
	     due = game_due(d->game))
		if (!do_due(d, &due))
			break;
	do_records(d);
	d->jobs_due_ms = -1;
	if (d->dispatch != NULL && d->game->state == DRILL_RUNNING)
		d->jobs_due_ms = dispatch_step(d->dispatch, drill_now_ms(d));
}

/* ---- by hand ---- */

static enum err
end_by_hand(struct drill *d, const char *reason, const char *actor, struct why *why)
{
	enum drill_state s = d->game->state;

	if (s != DRILL_RUNNING && s != DRILL_PAUSED)
		return why_set(why, ERR_CONFLICT,
		    "the drill is %s; only a running or paused one can end", drill_state_name(s));
	if (!journal_has_room(d->journal))
		return why_set(why, ERR_BUSY, "too much is waiting for the disk; try again");
	if (d->dispatch != NULL)
		dispatch_cut_tick(d->dispatch);
	if (d->game->tick_open && !close_tick(d, actor))
		return why_set(why, ERR_BUSY, "the open tick could not be closed; try again");
	return drill_emit_clock(d, EV_DRILL_ENDED, reason, 0, actor, why);
}

static enum err
stop_after(struct drill *d, int32_t tick, const char *actor, struct why *why)
{
	struct event ev = {.kind = EV_DRILL_STOP_AFTER, .actor = actor, .u.tick.tick = tick};
	enum err e = drill_emit(d, &ev, why);

	return e == ERR_CORRUPT ? ERR_CONFLICT : e;
}

enum err
drill_clock(struct drill *d, const char *action, int32_t tick, const char *reason,
    const char *actor, struct why *why)
{
	static const struct {
		const char *action;
		enum event_kind kind;
		enum drill_state from;
	} moves[] = {
	    {"start", EV_DRILL_STARTED, DRILL_PLANNED},
	    {"pause", EV_DRILL_PAUSED, DRILL_RUNNING},
	    {"resume", EV_DRILL_RESUMED, DRILL_PAUSED},
	};
	enum err e;

	if (strcmp(action, "end") == 0)
		return end_by_hand(d, reason, actor, why);
	if (strcmp(action, "stop_after") == 0)
		return stop_after(d, tick, actor, why);
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		if (strcmp(moves[i].action, action) != 0)
			continue;
		if (d->game->state != moves[i].from)
			return why_set(why, ERR_CONFLICT, "the drill is %s; %s needs it %s",
			    drill_state_name(d->game->state), action,
			    drill_state_name(moves[i].from));
		if (moves[i].kind != EV_DRILL_PAUSED && (e = kill_refuses(d->game, why)) != ERR_OK)
			return e;
		if ((e = drill_emit_clock(d, moves[i].kind, reason, 0, actor, why)) != ERR_OK)
			return e;
		drill_turn(d);
		return ERR_OK;
	}
	return why_set(why, ERR_INVALID,
	    "no action \"%.40s\"; there are start, pause, resume, end, stop_after", action);
}
