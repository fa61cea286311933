/*
 * The drill as a fold of its journal: game_apply is the only thing that changes a game, and it is
 * pure: no clock, no I/O, no randomness. Time is in the event. The same events give the same state,
 * everywhere.
 *
 * Readers (the board, the routes, the scheduler) look at the struct; nobody but game_apply.c
 * writes to it.
 */
#ifndef DRILLD_CORE_GAME_H
#define DRILLD_CORE_GAME_H

#include "core/account.h"
#include "core/announcement.h"
#include "core/asset.h"
#include "core/attachment.h"
#include "core/cells.h"
#include "core/clocklog.h"
#include "core/engagement.h"
#include "core/event.h"
#include "core/factlog.h"
#include "core/flag.h"
#include "core/inject.h"
#include "core/judging.h"
#include "core/kill.h"
#include "core/mail.h"
#include "core/plan.h"
#include "core/post.h"
#include "core/report.h"
#include "core/result.h"
#include "core/score.h"
#include "core/ticket.h"
#include "core/truth.h"
#include "core/unit.h"
#include "core/voids.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drill_state { DRILL_PLANNED, DRILL_RUNNING, DRILL_PAUSED, DRILL_ENDED };

/* One system's present. */
struct system_state {
	enum status status;     /* of the last tick it was checked in            */
	int32_t tick;           /* that tick, or -1                              */
	int32_t ms;             /* duration of that check                        */
	char *message;          /* public message of that check, or ""           */
	char *trace;            /* private                                       */
	char *kept;             /* JSON object: what checkers keep for the whole drill, or NULL */
	uint32_t ok_ticks;      /* how often, for the uptime figure              */
	uint32_t checked_ticks; /* without fault, none and what is voided        */
	uint32_t flags_lost;    /* distinct captures of its flags                */
	uint32_t holds;         /* that are on its checks now: 0 = it is checked */
};

struct team_state {
	uint32_t captures;
	uint32_t flags_lost;
};

/* What a check wanted to keep for later: a JSON object; the last flag_ticks ticks are held. */
struct saved_state {
	int32_t tick; /* or -1 */
	char *json;
};

struct tick_history {
	double *totals; /* one per team, in the configuration's order */
};

struct game {
	struct drill_config *config; /* NULL before drill.opened */
	const struct policy *policy;
	void *policy_state;
	struct score_setup setup;
	struct score_row *rows; /* as of the last tick.closed */
	size_t row_count;
	struct rank_row *ranking; /* as of the last tick.closed */
	size_t rank_count;

	uint64_t seq; /* last applied */
	int64_t at_ms;
	int64_t drill_ms;
	enum drill_state state;
	const char *state_reason; /* why paused or ended, or "" */
	struct clocklog clock;    /* when it ran                         */
	int *units;               /* by team: unit.h; 0 for red teams    */
	int32_t tick;             /* the open one, or the last closed one, or -1 */
	bool tick_open;
	int32_t last_tick; /* after this one the drill ends */

	struct system_state *systems;
	struct team_state *teams;
	struct account_table accounts;
	struct tick_history *history; /* history_count closed ticks */
	size_t history_count;
	uint64_t captures;
	bool *service_taken; /* a first flag of the service was captured */
	struct cells cells;  /* what came of every check */
	struct hold *holds;
	size_t hold_count;
	struct check_void *voids;
	size_t void_count;
	struct factlog facts; /* all that the policy was fed */
	struct announcements *announcements;
	struct tickets *tickets;
	struct reports *reports;
	struct attachments *attachments;
	struct plans *plans;
	struct posts *posts;
	struct assets *assets;
	struct engagement *engagement;
	struct results *results;
	struct kill_switch *kill;
	struct injects *injects;
	struct mails *mails;
	struct truths *truths;
	struct judging *judging;

	struct game_private *private_;
};

struct game *game_new(void);
void game_free(struct game *g);

/*
 * Applies the next event (ev->seq must be g->seq + 1). An event that cannot follow the present
 * state (a capture of an expired flag, a tick out of order, an unknown id) changes nothing and
 * returns ERR_CORRUPT with why: in a journal that means damage, from the server a programming
 * error.
 */
enum err game_apply(struct game *g, const struct event *ev, struct why *why) MUST_CHECK;

/*
 * Whether an event of the organizers' hand on checks (checks.*, void.*) or of a record may follow now, for who would emit
 * it: ERR_INVALID, ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_CONFLICT or ERR_LIMIT with the rule that it breaks.
 */
enum err game_allows(const struct game *g, const struct event *ev, struct why *why) MUST_CHECK;

/*
 * The checks that are void now, for a rescoring; with one more, and without one of them, unless NULL. The
 * caller's: void_bits_free.
 */
struct void_bits *game_void_bits(
    const struct game *g, const struct check_void *plus, const struct check_void *minus);

/* The last closed tick, or -1. */
int32_t game_closed_tick(const struct game *g);

/* Index by id, or -1. Hash tables. */
int game_team(const struct game *g, const char *id);
int game_system(const struct game *g, const char *id);

/* What submitting this (well-formed, genuine) flag for this team would be: V_OK changes nothing
 * yet. */
enum verdict game_verdict(const struct game *g, uint32_t team, const struct flag *f);

/* The last check's saved object of a system for a tick within the window, or "". */
const char *game_saved(const struct game *g, uint32_t system, int32_t tick);

/* What checkers keep of a system for the whole drill: a JSON object of strings, or "". */
const char *game_kept(const struct game *g, uint32_t system);

/* ---- the clock's next step, for whoever drives it (the server's timer, a replay's loop) ---- */
enum due_kind { DUE_NOTHING, DUE_TICK_BEGIN, DUE_TICK_CLOSE, DUE_END };
struct due {
	enum due_kind kind;
	int32_t tick;
	int64_t drill_ms; /* when, on the drill clock: tick n begins at n * tick_ms and closes at
			     (n+1) * tick_ms */
};
/* DUE_NOTHING unless running. Pure. */
struct due game_due(const struct game *g);

const char *drill_state_name(enum drill_state s); /* "planned", ... */

/* The policy's dense number of a flag whose fields are within range. */
uint32_t game_flag_index(const struct game *g, const struct flag *f);

/* True if now is a capture of this service's first flag (before it is applied). */
bool game_first_capture(const struct game *g, uint32_t system);

/* The digest of the rows of the last closed tick, hex. */
void game_score_digest(const struct game *g, char out[SHA256_HEX_BYTES]);

#endif
