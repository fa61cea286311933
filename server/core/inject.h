/*
 * Injects (entries of a master scenario events list): what the direction puts before departments in the course of a
 * drill, by the drill clock, by hand, or after what came of another inject; what each department answers, and what
 * judges mark. The plan comes from the scenario or through the API; all that becomes of it is events.
 *
 * An inject has a stage of its own until it is delivered. From then on each department goes its own way (struct
 * inject_part), and the inject is where the slowest of them is. All times of a plan are drill time: a pause shifts
 * everything, nothing expires in one, and after the drill's end nothing is delivered.
 *
 * Answering: until the time allowed is over a department may replace its answer by a newer version. One that has not
 * answered by then is expired, and may still answer, late, until twice the time allowed (inject_worth says what a late
 * answer is worth). A judge names the version that is marked; a marked answer is replaced no more. Marking again makes
 * a new version with a reason, and both stay.
 */
#ifndef DRILLD_CORE_INJECT_H
#define DRILLD_CORE_INJECT_H

#include "core/addressees.h"
#include "core/attachment.h"
#include "core/decision.h"
#include "core/ids.h"
#include "core/record.h"
#include "core/terms.h"

#define INJECTS_MAX 500
#define INJECT_ITEMS_MAX 20 /* of a rubric */
#define INJECT_MARKS_MAX 1000
#define INJECT_LINE_MAX_BYTES 300 /* title, from; one language */
#define INJECT_TEXT_MAX_BYTES 8000
#define INJECT_NOTE_MAX_BYTES 4000 /* objective, expected action, guidance */
#define INJECT_ANSWER_MAX_BYTES 20000
#define INJECT_TEAM_MAX_BYTES                                                                      \
	(64 * 1024 * 1024) /* of all answers of a department, former versions too */
#define INJECT_COMMENT_MAX_BYTES 4000
#define INJECT_VERSIONS_MAX 30 /* of an answer, of its marks, and so many comments */
#define INJECT_OFFSET_MS_MAX ((int64_t)TICK_MS_MAX * TICKS_MAX)
#define INJECT_PASS_DEFAULT 60

/* When it is delivered. */
enum inject_when {
	INJECT_AT,     /* at an offset on the drill clock */
	INJECT_MANUAL, /* by hand */
	INJECT_AFTER,  /* to each department when this came of another inject with it */
	INJECT_WHENS
};

/* What may come of an inject with a department. */
enum inject_outcome {
	INJECT_SUCCESS, /* marked, with at least `pass` percent of the marks */
	INJECT_FAILURE, /* marked, with less */
	INJECT_EXPIRY,  /* the time allowed went by without an answer */
	INJECT_OUTCOMES
};

enum { INJECT_IN_APP = 1 << 0, INJECT_BY_MAIL = 1 << 1 };

struct inject_item {
	const char *id;
	int32_t marks;        /* at most; >= 1 */
	struct i18n title;    /* secret */
	struct i18n guidance; /* secret, for judges; may be "" */
};

/* Secret: texts. None is NULL; of a published bundle all are "". */
struct inject_plan {
	const char *number; /* an id of its own: "defacement"; never changes */
	const char *to;     /* addressees.h: "blue" or departments' ids */
	bool common; /* one of the campus policy's common incidents: for every department alike */
	unsigned channels; /* INJECT_IN_APP | INJECT_BY_MAIL */
	enum inject_when when;
	int64_t offset_ms; /* INJECT_AT */
	const char *after; /* INJECT_AFTER: the other's number; else "" */
	enum inject_outcome on;
	int phase;                          /* enum pdcerf, -1: none */
	int64_t allowed_ms;                 /* to answer; 0: until the drill ends */
	int32_t pass;                       /* percent of the marks that is a success: 1..100 */
	const char *controller, *evaluator; /* accounts of staff, or "" */
	struct inject_item *items;          /* the rubric; none: it is not marked */
	size_t item_count;
	struct i18n from, title, text;   /* secret: what departments read */
	struct i18n objective, expected; /* secret: for staff alone */
};

/* Members that an event has are named with it; the others are zero, texts "". */
struct inject_event {
	int32_t id;                     /* 1, 2, ... */
	const struct inject_plan *plan; /* drafted */
	int64_t offset_ms;              /* scheduled: instead of the plan's, or -1 */
	enum inject_when how;           /* delivered: what brought it about */
	const char *teams;              /* delivered: departments' ids with commas between */
	const char *team;               /* acknowledged, responded, evaluated, commented */
	int32_t answer;                 /* responded, evaluated, commented: the answer's number */
	int32_t version;                /* responded: of the answer; evaluated: of the marks */
	int32_t of;                     /* evaluated: the version of the answer */
	const int32_t *marks;           /* evaluated: by rubric item */
	size_t mark_count;
	struct attachment_list attachments; /* responded */
	const char *text;                   /* responded, commented: secret */
	const char *reason;                 /* held, skipped, cancelled, evaluated again */
};

/* ---- state ---- */

enum inject_stage {
	INJECT_DRAFT,
	INJECT_APPROVED,
	INJECT_SCHEDULED,
	INJECT_HELD,
	INJECT_SKIPPED,
	INJECT_DELIVERED, /* to one department at least; from here on the departments' states count */
	INJECT_ACKNOWLEDGED,
	INJECT_RESPONDED,
	INJECT_EVALUATED,
	INJECT_EXPIRED,
	INJECT_CLOSED,
	INJECT_CANCELLED,
	INJECT_WAITING, /* of a department alone: not delivered to it yet */
	INJECT_STAGES
};

struct inject_moment {
	int64_t at_ms; /* wall time; 0: it has not happened */
	int64_t drill_ms;
};

struct inject_answer {
	struct inject_moment at;
	char *by;   /* account */
	char *text; /* "" in a published bundle */
	struct attachment_list attachments;
};

struct inject_marks {
	struct inject_moment at;
	char *by;       /* account */
	int32_t of;     /* version of the answer, 1.. */
	int32_t *marks; /* by rubric item */
	int32_t total;
	char *reason; /* of a later version; else "" */
};

struct inject_comment {
	struct inject_moment at;
	char *by;
	char *text;
};

/* One department's way through an inject. */
struct inject_part {
	int team;
	struct inject_moment delivered, acknowledged, expired;
	char *acknowledged_by; /* account, or NULL */
	int32_t answer; /* the number by which judges know it, from the first answer on; else 0 */
	struct inject_answer *answers; /* versions, oldest first; the last one counts */
	size_t answer_count;
	struct inject_marks *marks; /* versions, oldest first; the last one counts */
	size_t marks_count;
	struct inject_comment *comments;
	size_t comment_count;
	bool mailed; /* a mail about it was queued */
};

struct inject {
	int32_t id;
	char *number;
	struct arena arena; /* of the plan */
	struct inject_plan plan;
	int32_t full_marks; /* of the rubric */
	enum inject_stage
	    stage; /* up to INJECT_DELIVERED, or EXPIRED (never delivered), CLOSED, CANCELLED */
	int64_t due_ms;  /* INJECT_AT: when on the drill clock, rescheduled or as planned */
	int64_t next_ms; /* drill time of what time brings about next; INT64_MAX: nothing */
	struct inject_moment created, delivered; /* delivered: to the first department */
	struct decision last;                    /* who put it into its stage, why */
	struct inject_part *parts;               /* a department each, by team */
	size_t part_count;
};

/* Where an answer's number leads. */
struct inject_place {
	struct inject *inject;
	struct inject_part *part;
};

struct injects {
	struct inject **items; /* by id - 1 */
	size_t count;
	struct ids numbers;
	struct inject_place *answers; /* by number - 1 */
	size_t answer_count;
	size_t *team_bytes; /* by team: of its answers */
};

extern const struct record_family inject_family;

/* ---- questions ---- */

/* By id, by number: or NULL. */
const struct inject *inject_find(const struct game *g, int32_t id);
const struct inject *inject_named(const struct game *g, const char *number);
/* An answer by its number: false if there is none. */
bool inject_answer_find(const struct game *g, int32_t number, struct inject_place *out);

/* The department's, or NULL: it is not addressed. */
struct inject_part *inject_part(const struct inject *in, int team);
bool inject_reached(const struct inject *in, int team); /* delivered to it, whatever came later */

/* Where it is: INJECT_DELIVERED and on as the slowest department that it reached. */
enum inject_stage inject_stage(const struct inject *in);
enum inject_stage inject_part_stage(const struct inject *in, const struct inject_part *p);
const char *inject_stage_name(enum inject_stage s); /* "draft", ... */
bool inject_stage_parse(const char *name, enum inject_stage *out);

/* How much later than allowed the answer that counts came, drill time; 0: in time. */
int64_t inject_late_ms(const struct inject *in, const struct inject_part *p);
/* What it is worth, in thousandths: 1000 in time, falling evenly to 0 at twice the time allowed. */
int32_t inject_worth(const struct inject *in, const struct inject_part *p);
/* The last moment (drill time) at which it may be answered, late ones included; INT64_MAX: until the drill ends. */
int64_t inject_last_ms(const struct inject *in, const struct inject_part *p);
/* Whether this came of it. */
bool inject_came_to(const struct inject *in, const struct inject_part *p, enum inject_outcome o);

/*
 * The common incidents that a department was given, in the order of their ids: a report's time limits and the judging
 * of it begin with the delivery. At most max into out; returns how many there are. Cancelled ones are none.
 */
struct inject_common {
	const struct inject *inject;
	struct inject_moment delivered;
};
size_t inject_common(const struct game *g, int team, struct inject_common *out, size_t max);

/* For mail.c: a mail about an inject was queued to that team. */
void inject_note_mailed(struct game *g, int32_t id, int team);

/* ---- plans ---- */

extern const struct terms terms_inject_whens, terms_inject_outcomes;

/*
 * Whether a plan fits the drill, as for a new inject (id 0) or instead of a former plan: ERR_INVALID, ERR_LIMIT,
 * ERR_NOT_FOUND or ERR_CONFLICT with the rule that it breaks. Texts are not asked.
 */
enum err inject_plan_allows(
    const struct game *g, const struct inject_plan *plan, int32_t id, struct why *why) MUST_CHECK;

#endif
