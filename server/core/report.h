/*
 * Incident reports: one incident of one department is one chain of reports: an initial one, any number of progress
 * reports, a final one. Each filing is kept as a version; a report that was returned is filed again as a later version of
 * the same report. A chain has one life (enum report_state) and one number, department-year-serial.
 *
 * The fold keeps here what lists, pairing and judging ask for; the texts are documents (report_document.h), kept as they
 * were filed. Judging (marks, scores, rescoring, pairing with the red log) has events of its own and moves a chain on by
 * report_may_become and report_set_state, and gives times their judged or measured value by report_set_time.
 *
 * Pure, as all of the fold; readers on the loop's thread. Source: DOMAIN section 3, as in docs/incidents.md.
 */
#ifndef DRILLD_CORE_REPORT_H
#define DRILLD_CORE_REPORT_H

#include "core/attachment.h"
#include "core/decision.h"
#include "core/incident_class.h"
#include "core/incident_level.h"
#include "core/record.h"
#include "core/terms.h"
#include "core/voids.h"

#define REPORT_CHAINS_MAX 30000        /* withdrawn ones among them */
#define REPORT_CHAINS_PER_TEAM_MAX 300 /* withdrawn ones aside */
#define REPORT_WITHDRAWN_PER_TEAM_MAX 200
#define REPORT_VERSIONS_MAX 50 /* of one chain */
#define REPORT_TEXT_MAX_BYTES (64 * 1024)
#define REPORT_TEAM_MAX_BYTES                                                                      \
	(64 * 1024 * 1024) /* of a department's texts that are kept: filed, drafts, comments */
#define REPORT_DRAFTED_MAX_BYTES                                                                   \
	(256 * 1024 * 1024)           /* of all drafts that a department has ever saved */
#define REPORT_DRAFTED_EACH_BYTES 512 /* and so much a draft for its event */
#define REPORT_SYSTEMS_MAX 20         /* that one report names */
#define REPORT_COMMENTS_MAX 500       /* of one chain */
#define REPORT_COMMENT_MAX_BYTES 4000
#define REPORT_APPEAL_MAX_BYTES 4000
#define REPORT_NUMBER_BYTES (ID_MAX_BYTES + 24)

enum report_state {
	REPORT_DRAFT,        /* nothing has been filed yet */
	REPORT_SUBMITTED,    /* the initial report has been */
	REPORT_TRIAGED,      /* accepted for judging */
	REPORT_UNDER_REVIEW, /* judges have it */
	REPORT_RETURNED,     /* its last report is to be completed */
	REPORT_RESUBMITTED,  /* and was */
	REPORT_REJECTED,
	REPORT_SCORED,
	REPORT_APPEALED,
	REPORT_RESCORED,
	REPORT_FINAL,
	REPORT_ARCHIVED,
	REPORT_WITHDRAWN, /* a draft that was thrown away */
	REPORT_STATES
};

/* "draft", "submitted", ... with their names in both languages. */
extern const struct terms terms_report_states;

/* The times of an incident. */
enum report_time {
	REPORT_ATTACKED, /* from the red log: departments are not told before the chain is final */
	REPORT_DETECTED,
	REPORT_REPORTED, /* when the initial report was first filed, by the server's clock */
	REPORT_CONTAINED,
	REPORT_ERADICATED,
	REPORT_RECOVERED,
	REPORT_TIMES
};

/* "attacked", "detected", ... */
extern const struct terms terms_report_times;

/* Wall time, 0 = not known; and whence it is known. */
struct report_moment {
	int64_t ms;
	enum time_source source;
};

/* ---- events ---- */

struct report_event {
	int32_t id;              /* of the chain: 1, 2, ...; the next one for a new chain */
	const char *team;        /* drafted, submitted: whose */
	enum report_stage stage; /* drafted, submitted */
	const char
	    *text; /* drafted, submitted, secret: the document; commented, appealed: the words */

	/* submitted */
	int32_t year; /* of the moment, in the drill's zone: for the number */
	const char *class_code;
	enum incident_level level;
	enum incident_loss loss;
	enum importance
	    importance;      /* of the object, as claimed; its systems' levels may raise it */
	const char *systems; /* ids, in the configuration's order, with commas between; may be "" */
	int64_t times[REPORT_TIMES]; /* claimed: 0 for none; attacked and reported are always 0 */

	struct attachment_list attachments;

	const char *reason; /* returned, duplicate */
	int32_t of;         /* duplicate: of which chain; 0: of none, after all */
	bool internal;      /* commented: for staff alone */
};

/* ---- state ---- */

/* One filing. */
struct report_version {
	enum report_stage stage;
	int32_t report;  /* which report of the chain: 1, 2, ... */
	int32_t version; /* of that report: 1, 2, ... */
	int64_t at_ms, drill_ms;
	char *by;
	bool late; /* past its limit, if it is a report's first version: report_limit_ms */
	const struct incident_class *incident_class;
	enum incident_level level, proposed;
	int64_t times[REPORT_TIMES];       /* as claimed */
	int64_t drill_times[REPORT_TIMES]; /* the same on the drill's clock; 0 for none */
	struct attachment_list attachments;
	char *text; /* the document; "" when folded from a published bundle */
	struct decision returned;
};

struct report_comment {
	int64_t at_ms;
	char *by;
	bool internal;
	char *text;
};

/* Its id is its place in the list + 1. */
struct report_chain {
	int team;
	int32_t year, serial; /* of the number; 0 before the initial report */
	enum report_state state;
	int64_t changed_ms; /* when the state last changed */

	/* ---- as of the last filing ---- */
	struct report_version *versions; /* in order of filing */
	size_t version_count;
	int32_t report_count;
	enum report_stage stage;                     /* the furthest */
	const struct incident_class *incident_class; /* NULL before the initial report */
	enum incident_level level, proposed;
	struct system_list systems; /* touched, of the drill's */
	struct report_moment times
	    [REPORT_TIMES]; /* what was judged or measured stays when a department files again */

	int64_t first_ms, first_drill_ms; /* when the initial report was first filed; 0: not yet */
	int64_t contained_drill_ms;       /* when a containment was first reported; -1: not yet */

	/* ---- its department's present draft; text NULL: none ---- */
	struct {
		enum report_stage stage;
		int64_t at_ms;
		char *by;
		char *text;
	} draft;

	struct report_comment *comments;
	size_t comment_count;
	struct decision appeal;
	int32_t duplicate_of; /* id, 0: none */
	struct decision duplicate;
};

struct report_year {
	int32_t year, serial; /* the last one */
};

struct report_team {
	uint32_t chains;           /* that are not withdrawn */
	uint32_t withdrawn;        /* thrown away before anything was filed */
	struct report_year *years; /* that have numbers */
	size_t year_count;
	size_t bytes;   /* of the texts that are kept: filings, present drafts, its own comments */
	size_t drafted; /* of all drafts, those that are gone too: they stay in the journal */
};

struct reports {
	struct report_chain *chains;
	size_t count;
	struct report_team *teams;
	uint64_t states[REPORT_STATES]; /* how many are in each */
};

extern const struct record_family report_family;

/* ---- questions ---- */

/* By id, or NULL. */
const struct report_chain *report_find(const struct game *g, int32_t id);

/* The last filing, or NULL. */
const struct report_version *report_last(const struct report_chain *c);

/* The first version of the chain's report number n, 1.., or NULL. A return never changes it. */
const struct report_version *report_first_version(const struct report_chain *c, int32_t n);

/* "library-2027-003"; "" before the initial report. Tells the department. */
void report_number(
    const struct game *g, const struct report_chain *c, char out[REPORT_NUMBER_BYTES]);

/* Whether judges, director and leader know of it: something has been filed. */
bool report_is_filed(const struct report_chain *c);

/* Whether there is such a report for this role and team (or -1): departments see their own, staff what was filed. */
bool report_visible(const struct report_chain *c, enum role role, int team);

/* True from the state on in which a department learns all times and what was measured: final, archived. */
bool report_is_closed(const struct report_chain *c);

/*
 * How long (drill time) a report of this stage may take at this level: initial from the attack, progress from the report
 * before it, final from the containment as it was first claimed. From the scenario.
 */
int64_t report_limit_ms(const struct game *g, enum report_stage stage, enum incident_level level);

/* What the level would be: the most important of the claim and the systems, and the loss. */
enum incident_level report_propose(const struct game *g, const struct system_list *systems,
    enum importance claimed, enum incident_loss loss);

/* ---- for the families that move a chain on ---- */

/* ERR_CONFLICT with what its state is and which states may follow. Looks only: for allows. */
enum err report_may_become(
    const struct report_chain *c, enum report_state to, struct why *why) MUST_CHECK;

/* For apply, after report_may_become. at_ms: the event's. */
void report_set_state(struct game *g, int32_t id, enum report_state to, int64_t at_ms);

/* For apply: what was measured or judged is kept when the department files again. ms 0 takes it back:
 * what was claimed last is there again, and of "reported" what the server measured. */
void report_set_time(
    struct game *g, int32_t id, enum report_time which, int64_t ms, enum time_source source);

#endif
