/*
 * The live drill: the fold, the journal, the clock and the check jobs wired together. Everything that
 * changes the drill goes through drill_emit, and nothing it tells leaves the server before its event is
 * durable (drill_committed). On the loop's thread; knows no socket and reads no clock: the owner gives both.
 */
#ifndef DRILLD_API_DRILL_H
#define DRILLD_API_DRILL_H

#include "api/drill_stats.h"
#include "core/game.h"
#include "core/record.h"
#include "dispatch/dispatch.h"
#include "scenario/scenario.h"
#include "store/journal.h"
#include "store/keys.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed;

struct drill_options {
	const struct scenario *scenario;
	const char *dir;           /* data directory */
	void (*notify)(void *ctx); /* on the WRITER THREAD: wake the loop, which calls drill_reap */
	int64_t (*wall_ms)(void *ctx); /* Unix milliseconds */
	int64_t (*mono_ms)(void *ctx); /* monotonic milliseconds */
	/* Loop thread, after each commit: everything up to committed is durable. */
	void (*committed)(void *ctx, uint64_t seq);
	/* The journal cannot write any more: stop the server. */
	void (*failed)(void *ctx, const char *why);
	void *ctx;
};

struct drill {
	struct drill_options options;
	struct game *game;
	struct journal *journal;
	struct journal_progress progress;
	struct keys keys;
	struct signer *signer;
	struct flag_codec *codec;
	struct dispatch *dispatch; /* owned by checkers.c; NULL while there is none */
	struct feed *feed;         /* deltas on their way to the live clients */
	int offset_minutes;        /* of the drill's time zone, for timestamps */

	int64_t base_mono_ms; /* drill time = base_drill_ms + (now - base_mono_ms) while running */
	int64_t base_drill_ms;

	uint64_t closing; /* seq of the last closing (event_is_closing) applied */
	char closing_scores[SHA256_HEX_BYTES];
	uint8_t closing_hash[SHA256_BYTES];     /* of that event, once it is durable */
	uint64_t checkpointed;                  /* event signed by the last checkpoint */
	char checkpoint_head[SHA256_HEX_BYTES]; /* its hash, or "" */
	uint64_t told;                          /* committed events that feed and owner know of */
	int64_t jobs_due_ms;                    /* drill time of the next check job, or -1 */
	struct record_time records_due;         /* when time next changes a record */
	/* By family: why what was due of it was refused last, until something of it comes about; "" for nothing. */
	struct why records_refused[RECORD_FAMILIES];
	uint64_t verdicts[V_COUNT]; /* submitted flags since the server's start */
	struct drill_stats stats;
	bool mails_missing; /* some were not queued: the journal had no room */
	bool has_failed;
};

/*
 * Opens the data directory, folds the journal, and brings a drill that was running when the server went
 * down back (pause and resume events). A new directory gets drill.opened and the scenario's accounts.
 * ERR_CONFLICT if the directory belongs to another drill than the scenario's. *fresh: it was new.
 */
enum err drill_open(
    const struct drill_options *o, struct drill **out, bool *fresh, struct why *why) MUST_CHECK;
/* Waits for the journal and frees all. */
void drill_close(struct drill *d);

/* ---- time ---- */
int64_t drill_now_ms(const struct drill *d); /* on the drill clock */
/* When (monotonic ms) drill_turn should be called again at the latest; INT64_MAX = nothing is due. */
int64_t drill_next_ms(const struct drill *d);
/* Does what is due on the clock: start, ticks, end, check jobs. Cheap when nothing is. */
void drill_turn(struct drill *d);
/* End of a turn of the loop: hands the batch to the writer. */
void drill_flush(struct drill *d);
/* After notify: takes in what is durable, tells it on. */
void drill_reap(struct drill *d);
bool drill_durable(const struct drill *d); /* nothing is waiting for the disk */
/* Waits until nothing is: for the rare snapshot that cannot be sent later. */
void drill_settle(struct drill *d);

/* ---- facts ---- */
/*
 * Stamps, applies and journals ev (kind, actor and u are the caller's). The state must allow it: check
 * first. ERR_BUSY while too much waits for the disk, ERR_CLOSED after a failure: nothing happened then.
 */
enum err drill_emit(struct drill *d, struct event *ev, struct why *why) MUST_CHECK;

/* As drill_emit, but what the state does not allow (game_allows) is refused by its own rule before anything happens. */
enum err drill_emit_allowed(struct drill *d, struct event *ev, struct why *why) MUST_CHECK;

struct submission {
	double points;     /* V_OK: its worth now */
	bool out_of_scope; /* V_INV: a flag of a system that the rules of engagement leave out */
};

/*
 * One flag of a red team: verdict, and the capture's event if it is V_OK. V_ERR for an account that has not accepted
 * the rules of engagement; whoever asks says how before (engagement_allows).
 */
enum verdict drill_submit(struct drill *d, const struct account *by, const char *text, size_t len,
    struct submission *out);

/* The organizer's hand: "start", "pause", "resume", "end", "stop_after" (tick). ERR_CONFLICT with why. */
enum err drill_clock(struct drill *d, const char *action, int32_t tick, const char *reason,
    const char *actor, struct why *why) MUST_CHECK;

/*
 * The organizer's hand on checks (drill_checks.c): ERR_INVALID, ERR_NOT_FOUND, ERR_CONFLICT or ERR_LIMIT with the rule
 * that it breaks. systems: indices, ascending, each once. *id: of the new hold or void.
 */
enum err drill_hold(struct drill *d, const char *challenge, const struct system_list *systems,
    const char *reason, const char *actor, int32_t *id, struct why *why) MUST_CHECK;
enum err drill_release(
    struct drill *d, int32_t id, const char *reason, const char *actor, struct why *why) MUST_CHECK;
enum err drill_void_propose(struct drill *d, const struct system_list *systems, int32_t from,
    int32_t to, const char *reason, const char *actor, int32_t *id, struct why *why) MUST_CHECK;
/* Adopts it, or drops it (an adopted one as well). */
enum err drill_void_decide(struct drill *d, int32_t id, bool adopt, const char *reason,
    const char *actor, struct why *why) MUST_CHECK;

/*
 * The kill switch (drill_kill.c): switched, it stops the clock, lets nothing be submitted and tells everybody; undone, the
 * drill stays paused. ERR_INVALID, ERR_FORBIDDEN, ERR_CONFLICT or ERR_LIMIT with the rule that it breaks, ERR_BUSY.
 */
enum err drill_kill(
    struct drill *d, const char *reason, const char *actor, struct why *why) MUST_CHECK;
enum err drill_kill_undo(
    struct drill *d, const char *reason, const char *actor, struct why *why) MUST_CHECK;
/* What came of its program. */
enum err drill_kill_hook(struct drill *d, enum kill_outcome outcome, int32_t status, int64_t ms,
    const char *tail, struct why *why) MUST_CHECK;

/* The dispatcher is there: jobs of an open tick (after a restart) are made. NULL before it goes. */
void drill_attach_dispatch(struct drill *d, struct dispatch *dispatch);
/* A check's result from the dispatcher. */
void drill_check_result(struct drill *d, const struct check_result *r);
/* The flags a check of this system in this tick needs: dispatch_options.flags. */
size_t drill_check_flags(
    struct drill *d, uint32_t system, int32_t tick, struct check_flag *out, size_t max);

/* team: whose account it is; a judge's is the department that the judge works for, if any; else "" */
enum err drill_account_create(struct drill *d, const char *id, enum role role, const char *team,
    const char *actor, struct why *why) MUST_CHECK;
enum err drill_account_secret(struct drill *d, enum event_kind kind, const char *id,
    const char *value, const char *actor, struct why *why) MUST_CHECK;

#endif
