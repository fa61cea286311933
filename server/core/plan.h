/*
 * Emergency plans in use: a department's own versions, and a plan at work for an incident. A plan is activated for a
 * report chain; from then on each of its steps is due within its minutes of drill time. The actions that the chain's
 * reports tell tick steps off (derived whenever somebody asks, stored nowhere); a department ticks others off by hand or
 * says why it left them out. What counts as done, late and missing is in plan_look.c.
 *
 * Pure, as all of the fold; readers on the loop's thread. Source: DOMAIN section 7, as in docs/incidents.md.
 */
#ifndef DRILLD_CORE_PLAN_H
#define DRILLD_CORE_PLAN_H

#include "core/decision.h"
#include "core/plan_data.h"
#include "core/record.h"
#include "core/report.h"

#define PLAN_VERSIONS_MAX 100                  /* of one department's plan for one threat */
#define PLAN_DOCUMENT_MAX_BYTES (128u * 1024)  /* canonical text of one plan */
#define PLAN_TEAM_MAX_BYTES (4u * 1024 * 1024) /* of all versions of a department */
#define PLANS_PER_REPORT_MAX 3                 /* an incident may be of more than one kind */
#define PLAN_STEP_LIST_MAX_BYTES (PLAN_STEPS_MAX * (ID_MAX_BYTES + 1))
#define PLAN_WHO_MAX_BYTES 120

struct plan_event {
	int32_t report;     /* activated, ticked, skipped: the chain's id */
	const char *team;   /* adopted, withdrawn: whose */
	const char *threat; /* the plan's id */
	int32_t
	    version; /* adopted, withdrawn, activated: 1, 2, ...; activated: 0 for the campus's default */
	const char
	    *steps; /* adopted, and activated with version 0: the steps' ids with commas between */
	const char *step; /* ticked, skipped */
	int64_t done_ms;  /* ticked: when it was done, wall time, as the department says */

	/* secret */
	const char *text;   /* where steps are: the plan as plan_encode writes it */
	const char *who;    /* ticked: who did it; may be "" */
	const char *reason; /* withdrawn, skipped */
};

/* A plan that is kept. Of a published bundle it has its steps' ids and nothing else. */
struct plan_kept {
	struct arena arena;
	struct plan plan;
	size_t bytes; /* of its text */
};

struct plan_version {
	int64_t at_ms;
	char *by;
	struct plan_kept *kept;
};

/* A department's plan for one threat. Version n is versions[n - 1]; the last one is in force unless withdrawn. */
struct plan_own {
	char *threat;
	struct plan_version *versions;
	size_t version_count;
	struct decision withdrawn; /* by NULL: not */
};

struct plan_team {
	struct plan_own *own;
	size_t own_count;
	size_t bytes;
};

enum plan_mark { PLAN_UNMARKED, PLAN_TICKED, PLAN_SKIPPED };

/* What a department said of one step by hand; it goes before what its reports' actions tell. */
struct plan_note {
	enum plan_mark mark;
	int64_t done_ms; /* ticked */
	int64_t noted_ms;
	char *by;   /* account */
	char *text; /* who did it, or why it was left out; "" of a published bundle */
};

/* What the chain's settled reports told, so that each is read once: it follows from them and is no state of its own. */
struct plan_seen {
	size_t versions;                  /* of the chain's, from the first on */
	int64_t acted_ms[PLAN_STEPS_MAX]; /* by step; 0: no action ticks it off */
};

/* A plan at work for an incident. */
struct plan_run {
	int32_t report;
	char *threat;
	int32_t version;         /* 0: the campus's default */
	const struct plan *plan; /* as it was at the activation */
	struct plan_kept *kept;  /* version 0: its own copy, whatever the program ships later */
	int64_t at_ms, drill_ms;
	char *by;
	struct plan_note *notes; /* by step */
	struct plan_seen *seen;  /* plan_look.c's */
};

struct plans {
	struct plan_team *teams; /* by team */
	size_t team_count;
	struct plan_run *runs; /* in order of activation */
	size_t run_count;
};

extern const struct record_family plan_family;

/* ---- questions ---- */

/* A department's own, or NULL; and the version in force: 0 if it has none, so that the campus's default is. */
const struct plan_own *plan_own_find(const struct game *g, int team, const char *threat);
int32_t plan_in_force(const struct plan_own *own);

/* A plan at work, or NULL. */
const struct plan_run *plan_run_find(const struct game *g, int32_t report, const char *threat);

/*
 * Puts the plan into the event, text and list of steps, both in the arena: an own version, or the campus's default as it is
 * now, whatever a later program ships. ERR_LIMIT with why.
 */
enum err plan_carry(const struct plan *plan, struct arena *arena, struct plan_event *out,
    struct why *why) MUST_CHECK;

/* ---- how far a plan has come ---- */

enum plan_state {
	PLAN_OPEN, /* not done, and not due yet */
	PLAN_DONE,
	PLAN_LEFT_OUT, /* skipped, with a reason */
	PLAN_MISSING,  /* not done: past its due time, or left open when the incident was over */
	PLAN_STATES
};

/* "open", "done", "skipped", "missing" */
extern const struct terms terms_plan_states;

struct plan_step_look {
	enum plan_state state;
	bool by_action; /* done: an action of a report ticked it off */
	int64_t due_drill_ms;
	int64_t done_ms, done_drill_ms; /* done */
	int64_t late_ms; /* drill time past its due time: of one done, or missing so far */
};

struct plan_look {
	bool over; /* the incident is: nothing can be ticked off any more */
	size_t done, late, missing, skipped, open; /* steps; late ones are among the done */
	struct plan_step_look steps[PLAN_STEPS_MAX];
};

/* As of a moment of drill time. Reads the documents of the chain's reports, so on one thread. */
void plan_run_look(
    const struct game *g, const struct plan_run *r, int64_t now_drill_ms, struct plan_look *out);

/* Whether an incident is over for its plans: its final report is filed, or no more reports can be. */
bool plan_chain_over(const struct report_chain *c);

#endif
