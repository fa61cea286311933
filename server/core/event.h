/*
 * One fact of the drill. In memory a typed struct, in the journal a kind and two canonical JSON
 * texts: `body` (what scoring and outsiders need) and `secret` (what they must not see, "" when
 * there is none).
 *
 * Strings point into memory that the maker of the event owns: a request's arena, the configuration,
 * or the decoder's arena. game_apply copies what it keeps.
 */
#ifndef DRILLD_CORE_EVENT_H
#define DRILLD_CORE_EVENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "core/config.h"
#include "core/role.h"
#include "core/status.h"
#include <stddef.h>
#include <stdint.h>

#define EVENT_TIME_MAX_MS INT64_C(253402300799999) /* the year 9999 */
#define EVENT_BODY_MAX_BYTES (8u * 1024 * 1024)    /* drill.opened of the largest drill */
#define MESSAGE_MAX_BYTES 1024                     /* a check's public or private message */
#define REASON_MAX_BYTES 500
#define SAVED_MAX_BYTES 4096 /* what a check may keep per system and tick, as JSON */
#define STATE_MAX_BYTES                                                                            \
	(64 * 1024) /* what checkers may keep per system for the whole drill, as JSON */
#define STATE_KEY_MAX_BYTES 256
/* Ids of systems in the configuration's order, each once, with commas between */
#define SYSTEM_LIST_MAX_BYTES (SYSTEMS_MAX * (ID_MAX_BYTES + 1))

enum event_kind {
	EV_DRILL_OPENED,     /* the configuration; always seq 1, never again             */
	EV_DRILL_STARTED,    /* planned -> running, drill time 0                         */
	EV_DRILL_PAUSED,     /* running -> paused                                        */
	EV_DRILL_RESUMED,    /* paused -> running                                        */
	EV_DRILL_ENDED,      /* running or paused -> ended                               */
	EV_DRILL_STOP_AFTER, /* the drill ends after this tick has closed              */
	EV_TICK_BEGAN,
	EV_TICK_CLOSED,
	EV_CHECK_DONE, /* one system's result in the open tick                     */
	EV_FLAG_CAPTURED,
	EV_CHECKPOINT, /* signed head of the chain and digest of the scores        */
	EV_ACCOUNT_CREATED,
	EV_ACCOUNT_PASSWORD,
	EV_ACCOUNT_TOKEN,
	EV_CHECKS_HELD, /* some systems are not checked until ...                  */
	EV_CHECKS_RELEASED,
	EV_VOID_PROPOSED, /* some checks might not count; nothing changes yet        */
	EV_VOID_ADOPTED,  /* they do not count: the scores are made anew             */
	EV_VOID_DROPPED,  /* they count (again)                                      */
	/* ---- families of records (record.h), each one after the other ---- */
	EV_ANNOUNCEMENT_MADE,
	EV_ANNOUNCEMENT_SEEN,
	EV_ANNOUNCEMENT_WITHDRAWN,
	EV_TICKET_REGISTERED,
	EV_TICKET_NOTIFIED,
	EV_TICKET_ACKNOWLEDGED,
	EV_TICKET_STARTED,
	EV_TICKET_FEEDBACK,
	EV_TICKET_RETEST_BEGUN,
	EV_TICKET_RETESTED,
	EV_TICKET_EXTENSION_ASKED,
	EV_TICKET_EXTENSION_DECIDED,
	EV_TICKET_RISK_ACCEPTED,
	EV_TICKET_RISK_EXPIRED,
	EV_TICKET_DUPLICATE,
	EV_TICKET_FALSE_POSITIVE,
	EV_TICKET_REOPENED,
	EV_TICKET_SUPERVISED,
	EV_REPORT_DRAFTED,   /* a department's draft: a new chain's, or its next report's    */
	EV_REPORT_WITHDRAWN, /* the draft was thrown away                                   */
	EV_REPORT_SUBMITTED, /* filed: initial, progress, final, or one that was returned   */
	EV_REPORT_RETURNED,  /* to be completed                                             */
	EV_REPORT_APPEALED,
	EV_REPORT_COMMENTED,
	EV_REPORT_DUPLICATE, /* marked as one, or not any more                              */
	EV_ATTACHMENT_STORED,
	EV_PLAN_ADOPTED,   /* a department's own version of an emergency plan */
	EV_PLAN_WITHDRAWN, /* the campus's default is in force again */
	EV_PLAN_ACTIVATED, /* by an incident's report chain */
	EV_PLAN_STEP_TICKED,
	EV_PLAN_STEP_SKIPPED,
	EV_POST_CREATED,
	EV_POST_CHANGED,
	EV_POST_HANDED_OVER, /* to its next holder */
	EV_POST_RETIRED,
	EV_ASSET_CREATED,
	EV_ASSET_CHANGED,
	EV_ASSET_VERIFIED, /* its entry was found to be true */
	EV_ASSET_RETIRED,
	EV_ROE_ACCEPTED,     /* a red account takes the rules of engagement upon itself      */
	EV_RESULT_SUBMITTED, /* an attack result                                           */
	EV_RESULT_RESUBMITTED,
	EV_RESULT_TAKEN, /* a judge begins, or takes over, its review                  */
	EV_RESULT_RETURNED,
	EV_RESULT_REJECTED,
	EV_RESULT_CONFIRMED,
	EV_RESULT_VOIDED,   /* with a penalty                                             */
	EV_RESULT_REOPENED, /* it is under review again                                   */
	EV_KILL_SWITCHED,   /* the clock stays stopped, no flag and no result is taken    */
	EV_KILL_UNDONE,
	EV_KILL_HOOK, /* what came of the program that cuts the red network         */
	EV_INJECT_DRAFTED,
	EV_INJECT_APPROVED,
	EV_INJECT_SCHEDULED,
	EV_INJECT_HELD,
	EV_INJECT_SKIPPED,
	EV_INJECT_CANCELLED,
	EV_INJECT_DELIVERED,
	EV_INJECT_ACKNOWLEDGED,
	EV_INJECT_RESPONDED,
	EV_INJECT_EXPIRED,
	EV_INJECT_EVALUATED,
	EV_INJECT_COMMENTED,
	EV_INJECT_CLOSED,
	EV_MAIL_QUEUED,
	EV_MAIL_SENT,
	EV_MAIL_FAILED,
	EV_MAIL_AGAIN,
	EV_TRUTH_PAIRED,    /* by hand: a red fact and the report that tells of it      */
	EV_TRUTH_UNPAIRED,  /* by hand: no report tells of it                           */
	EV_TRUTH_CONCEALED, /* the department knew and did not report, or not any more  */
	EV_JUDGING_TRIAGED, /* a report is accepted for judging                         */
	EV_JUDGING_DRAWN,   /* its judges, by lot                                       */
	EV_JUDGING_NAMED,   /* a judge, by the direction                                */
	EV_JUDGING_MARKED,
	EV_JUDGING_REJECTED,
	EV_JUDGING_RELEASED, /* to the department                                        */
	EV_JUDGING_FINISHED, /* the report is final                                      */
	EV_JUDGING_ARCHIVED,
	EV_COUNT
};

struct event {
	uint64_t seq;     /* 1, 2, 3, ... without gaps; set by the journal                       */
	int64_t at_ms;    /* wall time, Unix milliseconds                                        */
	int64_t drill_ms; /* drill time; never falls                                             */
	enum event_kind kind;
	const char *actor; /* account id, "clock", "checker" or "server"                        */
	union {
		struct {
			const struct drill_config *config;
			const char
			    *unit_seed; /* secret, hex; NULL or "": of an old journal or a bundle */
		} opened;
		struct {
			const char *reason; /* paused, resumed, ended: may be "" */
			int64_t
			    down_ms; /* paused: the server's downtime that it stands for, else 0 */
		} clock;
		struct {
			int32_t tick;
		} tick; /* began, closed, stop_after */
		struct {
			const char *system;
			int32_t tick;
			enum status status;
			int32_t ms;          /* the check's duration */
			const char *message; /* public: for the system's department */
			const char *trace;   /* secret: for organizers */
			const char
			    *saved; /* secret: JSON object the checker wants back later, or "" */
			const char
			    *state; /* secret: JSON object added to the system's state, or "" */
		} check;
		struct {
			const char *team; /* who took it */
			const char *system;
			int32_t tick; /* of the flag */
			int32_t slot;
		} capture;
		struct {
			uint64_t
			    upto; /* the event whose hash is signed: a closing (event_is_closing) */
			const char *head;   /* its hash, hex */
			const char *scores; /* SHA-256 of the scores after it, hex (score_digest) */
			const char *sig;    /* Ed25519 over checkpoint_message, hex */
		} checkpoint;
		struct {
			const char *account;
			enum role role;    /* created */
			const char *team;  /* created: blue and red only, else "" */
			const char *value; /* secret: scrypt text, or SHA-256 of the token in hex */
			const char *
			    department; /* created: of a judge who works for one; NULL or "" for none */
		} account;
		struct {
			int32_t id;            /* 1, 2, ... */
			const char *challenge; /* held: whose checker, or "" for one system */
			const char *systems;   /* held: which */
			const char *reason;
		} hold;
		struct {
			int32_t id;          /* 1, 2, ... */
			const char *systems; /* proposed: which, in ticks from..to */
			int32_t from, to;
			const char *reason;
		} voiding;
		/* Of records: each family's own struct, in its header. */
		const struct announcement_event *announcement;
		const struct ticket_event *ticket;
		const struct report_event *report;
		const struct attachment_event *attachment;
		const struct plan_event *plan;
		const struct post_event *post;
		const struct asset_event *asset;
		const struct engagement_event *engagement;
		const struct result_event *result;
		const struct kill_event *kill;
		const struct inject_event *inject;
		const struct mail_event *mail;
		const struct truth_event *truth;
		const struct judging_event *judging;
	} u;
};

/* "drill.opened", ...; event_kind_parse accepts the same. */
const char *event_kind_name(enum event_kind kind);
bool event_kind_parse(const char *name, enum event_kind *out);

/* What a checkpoint comes to sign: the scores have changed, or will no more. */
bool event_is_closing(enum event_kind kind);

/* Appends canonical JSON to body and secret (left alone when the kind has no secret part). */
enum err event_encode(const struct event *ev, struct buf *body, struct buf *secret) MUST_CHECK;

/*
 * Fills ev->u and keeps kind as given; header fields are the caller's. Strings land in the arena.
 * For drill.opened the configuration is decoded into *config (the caller's, config_free) and u
 * points to it. secret may be "" for every kind (a published bundle has none): secret members then
 * read as "".
 */
enum err event_decode(struct event *ev, const char *body, size_t body_len, const char *secret,
    size_t secret_len, struct arena *arena, struct drill_config *config,
    struct why *why) MUST_CHECK;

/* What a checkpoint signs: "drilld checkpoint v1\n" drill id "\n" upto "\n" head "\n" scores "\n"
 */
void checkpoint_message(
    const char *drill_id, uint64_t upto, const char *head, const char *scores, struct buf *out);

#endif
