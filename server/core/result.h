/*
 * Attack results: what a red team says that it has done to a system, with evidence; a judge reviews it and confirms it with
 * its size L, returns it for completion, rejects it, or voids it with a penalty. Part of the fold.
 *
 * Who wants the facts of a drill (pairing, scores) walks them with result_next_confirmed. Flags that were captured are in
 * the game itself.
 */
#ifndef DRILLD_CORE_RESULT_H
#define DRILLD_CORE_RESULT_H

#include "core/attachment.h"
#include "core/decision.h"
#include "core/record.h"
#include "core/result_kind.h"

#define RESULTS_MAX 10000
#define RESULTS_PER_TEAM_MAX 2000
#define RESULT_TEAM_MAX_BYTES                                                                      \
	(64 * 1024 * 1024) /* of all texts that a team has submitted, former versions too */
#define RESULT_VERSIONS_MAX 20
#define RESULT_STEPS_MAX 200
#define RESULT_SIZE_MAX RESULT_DEPARTMENT_CAP
#define RESULT_QUALITY_MIN 50 /* per cent */
#define RESULT_QUALITY_MAX 100

#define RESULT_ASSET_MAX_BYTES 300
#define RESULT_WEAKNESS_MAX_BYTES 200
#define RESULT_TEXT_MAX_BYTES 20000  /* evidence */
#define RESULT_SHORT_MAX_BYTES 4000  /* effect, clean-up */
#define RESULT_PATH_MAX_BYTES 100000 /* canonical JSON */
#define RESULT_PATH_STEPS_MAX 50
#define TECHNIQUE_MAX_BYTES 9 /* T1234.001 */

enum result_state {
	RESULT_SUBMITTED,
	RESULT_RESUBMITTED, /* after it was returned */
	RESULT_UNDER_REVIEW,
	RESULT_RETURNED, /* to be completed */
	RESULT_REJECTED,
	RESULT_CONFIRMED,
	RESULT_VOID, /* with a penalty */
	RESULT_STATE_COUNT
};

enum result_void { RESULT_VOID_SCOPE, RESULT_VOID_DESTRUCTION, RESULT_VOID_COUNT };

/* What the red team says. */
struct result_content {
	const char *department; /* whose target it is */
	const char *system;     /* or "": an asset that is named in text */
	int64_t attacked_ms;    /* wall time of the attack */
	const char *claimed;    /* kind of result */
	int32_t count;          /* what the kind measures */
	const char *technique;  /* MITRE ATT&CK */
	bool cleaned;           /* the team has removed what it left behind */
	/* secret */
	const char *asset; /* with system "" */
	const char *path;  /* canonical JSON: [{"technique"?, "text"}, ...], or "" */
	const char *evidence;
	const char *effect;
	const char *cleanup;
	const char *weakness; /* CVE id or words */
	struct attachment_list attachments;
};

/* What a judge says who confirms. */
struct result_ruling {
	const char *kind;
	int32_t count;
	int32_t mlps;         /* level of the target; the system's own where it is one */
	bool unlisted;        /* the target is missing from the inventory */
	int32_t size;         /* L */
	bool overridden;      /* size is not the table's; the reason says why */
	int32_t quality;      /* of what the team has written, per cent */
	int32_t flaw;         /* whose repeat it is: result_flaw */
	const char *weakness; /* secret: what a new flaw is known by */
};

struct result_event {
	int32_t id;                    /* 1, 2, ... */
	const char *team;              /* submitted */
	struct result_content content; /* submitted, resubmitted */
	struct result_ruling ruling;   /* confirmed */
	bool over;                     /* taken: from another judge */
	enum result_void cause;        /* voided */
	int32_t penalty;               /* voided */
	const char *reason;            /* secret: of all a judge does */
};

/* What happened to it, in order. */
struct result_step {
	enum event_kind kind;
	struct decision decision;
};

/* One weakness of one target; its results share 100, 70, 40, 0 per cent. Its number is its place in the list + 1. */
struct result_flaw {
	uint16_t department;
	int32_t system; /* or -1 */
	char *asset;    /* "" with a system, or in a published bundle */
	char *weakness;
	int32_t *results; /* that were ever confirmed with it, by id */
	size_t count;
};

/* Its id is its place in the list + 1. */
struct result {
	int64_t at_ms, drill_ms; /* first submission; a return does not change it */
	uint16_t team;
	uint16_t department;
	int32_t system; /* or -1 */
	bool out_of_scope;
	int64_t attacked_ms, attacked_drill_ms; /* of the attack, on both clocks */
	const struct result_kind *claimed;
	int32_t claimed_count;
	char technique[TECHNIQUE_MAX_BYTES + 1];
	bool cleaned;
	char *asset, *path, *evidence, *effect, *cleanup, *weakness;
	struct attachment_list attachments; /* of the last version */
	int32_t version;                    /* 1, 2, ... */

	enum result_state state;
	const char *reviewer; /* the judge's account, or NULL */
	struct result_step *steps;
	size_t step_count;

	/* confirmed; else kind is NULL */
	const struct result_kind *kind;
	int32_t count, mlps, size, quality;
	bool unlisted, overridden;
	int32_t flaw;
	int32_t position; /* among the confirmed results of its flaw, by id, from 1 */
	/* void */
	enum result_void cause;
	int32_t penalty;
};

struct result_team {
	uint32_t count;
	size_t bytes; /* of the texts, every version's */
};

struct results {
	struct result *items;
	size_t count;
	struct result_flaw *flaws;
	size_t flaw_count;
	struct result_team *teams; /* by team */
};

extern const struct record_family result_family;

const char *result_state_name(enum result_state s); /* "submitted", ... */
bool result_state_parse(const char *name, enum result_state *out);
const char *result_void_name(enum result_void c); /* "out_of_scope", "destruction" */
bool result_void_parse(const char *name, enum result_void *out);

/* T1234 or T1234.001 */
bool technique_valid(const char *id);

/* By id, or NULL. */
const struct result *result_find(const struct game *g, int32_t id);

/*
 * The first confirmed result after the one of this id against a department (index; -1: any) and a system (-1: any), or 0.
 */
int32_t result_next_confirmed(const struct game *g, int department, int system, int32_t after);

/* What of a confirmed result's L counts for its position among the repeats, in thousandths of a point. */
int64_t result_counted_milli(const struct result *r);

/* L by the table, for a ruling. */
int32_t result_ruling_size(const struct result_ruling *ruling, const struct result_kind *k);

/* The number of this weakness of this result's target: a known flaw's, or the next one. */
int32_t result_flaw(const struct game *g, const struct result *r, const char *weakness);

/* Whether this role and team (or -1) may read all of it, evidence and files: its team, and staff. */
bool result_readable(const struct result *r, enum role role, int team);

/* Whether a blue team (index) is told that this result concerns it. */
bool result_shown_to_blue(const struct game *g, const struct result *r, int team);

#endif
