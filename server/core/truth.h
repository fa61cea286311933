/*
 * Ground truth: what the red side really did to each department, held against what the department reported.
 *
 * A red fact is a confirmed attack result, captures of a system's flags, or a common incident that was delivered to the
 * department. Facts have numbers in the order in which the drill learned of them; these, and what people corrected by
 * hand, are state (struct truths). Which report tells of which fact, what became of each fact, and the measured times
 * follow from the game: truth_now works them out when somebody asks and something that matters has changed.
 *
 * Pairing: a report chain tells of a fact of one of its systems when one of its filings came within the window after the
 * attack; of several chains the one whose filing came soonest, then the one with the lower number. It may tell of several
 * facts of its systems. A fact without a system of the drill (an incident, an asset that is named in text) takes what is
 * left: pairs of such a fact and a chain that tells of nothing yet, soonest first, then by fact, then by chain. Chains
 * that are marked as duplicates tell of nothing. What was corrected by hand comes first, and stays.
 *
 * Pure; readers on the loop's thread.
 */
#ifndef DRILLD_CORE_TRUTH_H
#define DRILLD_CORE_TRUTH_H

#include "core/decision.h"
#include "core/record.h"
#include "core/report.h"
#include "core/rubric.h"
#include "core/terms.h"

#define TRUTH_CORRECTIONS_MAX 20000

enum truth_kind { TRUTH_RESULT, TRUTH_FLAGS, TRUTH_INCIDENT, TRUTH_KINDS };

/* What became of a fact. */
enum truth_status {
	TRUTH_OPEN,     /* not reported yet; the window is open */
	TRUTH_DETECTED, /* reported within the limit of an initial report */
	TRUTH_LATE,
	TRUTH_MISSED,
	TRUTH_CONCEALED, /* a judge or the direction says: it was known and not reported */
	TRUTH_STATUSES
};

extern const struct terms terms_truth_kinds, terms_truth_statuses;

struct truth_event {
	int32_t fact;
	int32_t report;     /* paired */
	bool concealed;     /* concealed: false takes it back */
	const char *reason; /* secret */
};

#define TRUTH_NOT_BY_HAND (-1)

/* Its number is its place in the list + 1. */
struct truth_fact {
	enum truth_kind kind;
	int32_t of; /* the result's or inject's id; flags: 0 */
	int team;
	int32_t system;          /* or -1 */
	int64_t at_ms, drill_ms; /* of the attack, on both clocks */
	int64_t last_drill_ms;   /* flags: of the last capture */
	uint32_t captures;       /* flags: how many */
	int32_t by_hand; /* report that it was paired with; 0: with none; TRUTH_NOT_BY_HAND */
	struct decision concealed; /* by NULL: it is not */
};

/* What was corrected by hand, in order; all of it stays visible. */
struct truth_correction {
	enum event_kind kind;
	int32_t fact, report;
	bool concealed;
	struct decision decision;
};

struct truth; /* what truth_now works out */

struct truths {
	struct truth_fact *facts;
	size_t count;
	int32_t *of_result; /* by the result's id - 1: its fact, or 0 */
	size_t result_count;
	int32_t *of_system; /* by system: its latest fact of flags, or 0 */
	struct truth_correction *corrections;
	size_t correction_count;
	/* Not state: the last answer of truth_now, NULL when something has changed since. */
	struct truth *now;
};

/* Which report tells of which fact, for the game as it is. */
struct truth {
	size_t fact_count, chain_count; /* of that moment */
	int32_t *report;                /* by fact - 1: the report that tells of it, or 0 */
	int32_t *by_clock;              /* the same, as it would be without corrections */
	int64_t *known_ms; /* by fact - 1: drill time of the filing that counts, or -1 */
	bool *named; /* by fact - 1: missed, and the department itself names the system later */
	int32_t
	    *first_fact; /* by report - 1: the first fact that it tells of, or 0: a false alarm */
	int32_t *next_fact; /* by fact - 1: the next one of the same report, or 0 */
};

extern const struct record_family truth_family;

/* After every event that was applied: new facts, and whether truth_now must look again. */
void truth_note(struct game *g, const struct event *ev);

/* Valid until the next event is applied. */
const struct truth *truth_now(const struct game *g);
void truth_free(struct truth *t);

/* By number, or NULL: there is none, or it is void (a result that is confirmed no more, a cancelled incident). */
const struct truth_fact *truth_fact(const struct game *g, int32_t number);

int64_t truth_window_ms(const struct game *g);
enum truth_status truth_status(const struct game *g, int32_t fact);

/* The first fact that a report tells of; 0: none. */
int32_t truth_of_report(const struct game *g, int32_t report);

/* Times since the attack, drill time, never negative; -1: not known. */
struct truth_times {
	int64_t detected_measured; /* the filing that counts, by the server's clock */
	int64_t detected_claimed;
	int64_t contained_measured; /* the filing that first reported it */
	int64_t contained_claimed;
	int64_t
	    recovered_measured; /* the first good check after those that failed within the window */
	int64_t recovered_claimed;
	bool
	    never_failed; /* its checks never failed within the window: there was nothing to recover */
};
struct truth_times truth_times(const struct game *g, int32_t fact);

/* What a measured item of the rubric earns for a report: thousandths of a mark. 0 for a false alarm. */
int32_t truth_marks_milli(const struct game *g, int32_t report, const struct rubric_item *item);

#endif
