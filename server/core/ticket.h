/*
 * Rectification tickets: a weakness is registered, its department is notified, puts it right and answers, somebody else
 * retests, and it is closed or goes back. Every step is an event with who, when and why. Supervision rises by itself on
 * the campus calendar (wall time: a ticket lives on when the drill is over).
 *
 * ticket.c keeps them, ticket_event.c writes and reads the events, ticket_allows.c has the rules, ticket_due.c what
 * time brings about.
 */
#ifndef DRILLD_CORE_TICKET_H
#define DRILLD_CORE_TICKET_H

#include "core/account.h"
#include "core/attachment.h"
#include "core/event.h"
#include "core/record.h"
#include "core/ticket_words.h"
#include "core/workdays.h"

#define TICKETS_MAX 20000
#define TICKET_STEPS_MAX 500 /* of one ticket; what the clock brings about beyond them */
#define TICKET_TITLE_MAX_BYTES 300
#define TICKET_ASSET_MAX_BYTES 300
#define TICKET_POST_MAX_BYTES 200
#define TICKET_SIGNER_MAX_BYTES 200
#define TICKET_TEXT_MAX_BYTES 8000 /* evidence, requirement, feedback, reasons, a retest's log */
#define TICKET_NUMBER_BYTES (ID_MAX_BYTES + 24)
#define TICKET_DUE_DAYS_MAX 730 /* from the present due date or today */

/* Which of them an event has: see ticket_event.c. */
struct ticket_event {
	int32_t id; /* 1, 2, ... */

	/* registered; the texts are secret */
	const char *department, *system, *source;
	enum weakness weakness;
	enum severity severity;
	const char *title, *asset, *evidence, *requirement;
	const char *in_charge, *run_by, *used_by; /* the three responsible posts */

	int32_t
	    due; /* notified, reopened, risk_expired, extension_asked, extension_decided: a date */
	int32_t until;             /* risk_accepted: the last day of it */
	int32_t offset;            /* of the drill's zone, minutes east of UTC: where dates begin */
	bool granted;              /* extension_decided */
	int32_t level;             /* supervised */
	int32_t of;                /* duplicate */
	enum retest_method method; /* retested */
	enum retest_result result;
	const char *text;                   /* secret: feedback, reason, a retest's evidence */
	const char *signer;                 /* secret: of the feedback */
	struct attachment_list attachments; /* feedback, retested */
};

/* One with empty texts, to fill in. */
struct ticket_event ticket_event_of(int32_t id);

/* One event of a ticket's past. */
struct ticket_step {
	enum event_kind kind;
	int64_t at_ms;
	enum ticket_state state; /* after it */
	char *by;
	char *text, *signer;
	struct attachment_list *attachments; /* NULL: none */
	int32_t date;                        /* due or until; 0: none */
	int32_t number;                      /* level, or of what it is a duplicate */
	bool granted;
	enum retest_method method;
	enum retest_result result;
};

/* Its id is its place in the list + 1. */
struct ticket {
	int64_t at_ms, closed_ms; /* closed: 0 if it is not */
	uint16_t team;
	int32_t system; /* index, or -1 */
	enum weakness weakness;
	enum severity severity;
	struct ticket_source source;
	char *title, *asset, *evidence, *requirement, *in_charge, *run_by, *used_by;
	enum ticket_state state, before; /* before: the extension was asked for */
	int32_t year, serial; /* of its notice; 0: its department knows nothing of it yet */
	int32_t due, offset;  /* once there is a notice */
	int32_t asked_due;    /* of the last extension asked for */
	int32_t until;        /* of the last risk accepted */
	int32_t duplicate_of;
	int32_t level, extensions, reopened;
	const struct account *retester; /* of the retest that is under way */
	const struct account **fixers;  /* who worked on it, each once */
	size_t fixer_count;
	struct ticket_step *steps; /* oldest first */
	size_t step_count;
	int64_t next_ms; /* when time next changes it; INT64_MAX: never */
	size_t queued;   /* its place in the queue */
};

struct ticket_year {
	int32_t year;
	int32_t *serials; /* the last one, by team */
};

struct tickets {
	struct ticket *items;
	size_t count;
	struct ticket_year *years;
	size_t year_count;
	size_t *queue; /* places by when time changes them, the lowest of equals first: a heap */
};

extern const struct record_family ticket_family;

/* By id, or NULL. */
const struct ticket *ticket_find(const struct game *g, int32_t id);
/* "library-2027-003", or "" while there is no notice. */
void ticket_number(const struct game *g, const struct ticket *t, char out[TICKET_NUMBER_BYTES]);
/* Whether somebody must still do something about it. */
bool ticket_is_open(const struct ticket *t);
/* Whether its department must, and supervision presses it. */
bool ticket_is_on_department(const struct ticket *t);
/* How many working days it is overdue at a moment; 0: it is not. The due date itself is not. */
int ticket_overdue(const struct game *g, const struct ticket *t, int64_t now_ms);
/* Whether a department sees it: it is its own, and it has been notified. */
bool ticket_is_seen_by(const struct ticket *t, int team);
/* When a ticket of this severity is due that is given now. */
int32_t ticket_due_date(const struct game *g, enum severity s, int64_t now_ms, int offset_minutes);

/*
 * Whether a ticket for a department may come from there: a confirmed result against it, a report of its own that has been
 * filed, an inject that was delivered to it. judge: whoever asks may not learn whose a report is.
 */
enum err ticket_source_allows(const struct game *g, const struct ticket_source *s, int team,
    bool judge, struct why *why) MUST_CHECK;
/* The source as somebody sees it: to judges a report has no number before it is final. */
struct ticket_source ticket_source_for(const struct game *g, const struct ticket *t, bool judge);

/* ---- between the files of the family ---- */

void ticket_encode(const struct event *ev, struct json_writer *w);
void ticket_encode_secret(const struct event *ev, struct json_writer *w);
enum err ticket_decode(struct event *ev, const struct record_reader *r) MUST_CHECK;
enum err ticket_allows(const struct game *g, const struct event *ev, struct why *why) MUST_CHECK;
/* The state after an event that is allowed. */
enum ticket_state ticket_state_after(const struct ticket *t, const struct event *ev);
/* INT64_MAX: never. */
int64_t ticket_next_ms(const struct game *g, const struct ticket *t);
bool ticket_due(const struct game *g, const struct record_time *now, struct arena *arena,
    struct event *ev, struct record_time *next);

#endif
