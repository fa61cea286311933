/*
 * The judging of report chains. The direction accepts a report (triage) when its final filing is in, or says why it does not
 * wait for that; two judges are drawn for it by lot, the least
 * loaded first, none of them of the department; each marks every item of the rubric that judges mark, once, without
 * seeing the other's marks. When both are in and differ by more than SPREAD_PERCENT of what judges can give, a third is
 * drawn, and the two closest count (with both distances equal the one in the middle). The result moves the report on to
 * scored, the direction releases it to the department, which may appeal once: a second round, by other judges where
 * there are. Both rounds stay. Then it is final, and archived.
 *
 * A judge may replace own marks by a new version, with a reason, until the other judge's are in. A report that was
 * returned and filed again is marked anew. Comments are the report's own (report.h) and change no mark. What the server
 * measures (rubric.h) follows from the red log as long as the report is not final, and is fixed then.
 *
 * Marks are counted in halves, results in thousandths of a mark. Pure; readers on the loop's thread.
 */
#ifndef DRILLD_CORE_JUDGING_H
#define DRILLD_CORE_JUDGING_H

#include "core/account.h"
#include "core/decision.h"
#include "core/record.h"
#include "core/rubric.h"

#define JUDGING_ROUNDS 2 /* the first, and the one after an appeal */
#define JUDGING_NAMED_MAX                                                                          \
	10 /* sheets of one round, replaced ones included, up to which judges are named */
#define JUDGING_SHEETS_MAX                                                                         \
	(JUDGING_NAMED_MAX + 2) /* for a second and a third are drawn nevertheless */
#define JUDGING_VERSIONS_MAX 20
#define JUDGING_SPREAD_PERCENT 20

struct judging_event {
	int32_t id;            /* of the report; released: 0 for all that can be */
	int32_t round;         /* drawn, named, marked: 1 or 2 */
	const char *judges;    /* drawn: accounts with commas between */
	const char *judge;     /* named */
	const char *instead;   /* named: of which judge, or "" */
	int32_t version;       /* marked: 1, 2, ... */
	const int32_t *halves; /* marked: of each item that judges mark, in the rubric's order */
	size_t count;
	bool without_final; /* triaged: though its final filing is not in */
	const char *reason; /* secret: triaged without, named, rejected, a later version of marks */
};

/* What a judge gave. */
struct judging_marks {
	int64_t at_ms;
	size_t filings;  /* of the report at that time: what was read */
	int32_t *halves; /* by item of the rubric; measured ones are 0 */
	int32_t total;
	char *reason;
};

/* One judge's part of a round. */
struct judging_sheet {
	const struct account *judge;
	int64_t drawn_ms;
	struct decision named;       /* by the direction; by NULL: drawn by lot */
	bool replaced;               /* by another judge: it does not count */
	bool in;                     /* marked, and not to be marked anew */
	struct judging_marks *marks; /* versions, oldest first; the last one counts */
	size_t count;
};

struct judging_round {
	struct judging_sheet sheets[JUDGING_SHEETS_MAX];
	size_t count;
	bool done;
	bool counts[JUDGING_SHEETS_MAX]; /* done: whose marks make the result */
	int64_t done_ms;
	struct decision released; /* to the department; by NULL: not yet */
	uint64_t released_seq;
};

/* Of one report. */
struct judging_chain {
	struct judging_round *rounds[JUDGING_ROUNDS]; /* NULL: there is none (yet) */
	struct decision triaged, rejected, finished;
	bool without_final; /* triaged so, for the reason that the decision has */
	struct decision rejection_released;
	uint64_t rejection_seq;
	int32_t *measured; /* final: by item, thousandths; else NULL */
	bool waits;        /* in the list of those that judges are to be drawn for */
};

struct judging {
	struct judging_chain *chains; /* by report - 1; shorter than the list of reports */
	size_t count;
	int32_t *waiting; /* reports for which judges are to be drawn, in order */
	size_t waiting_count;
	uint64_t waiting_changed;
	/* Not state: with these nobody could be drawn, so there is no need to look again. */
	uint64_t idle_changed;
	size_t idle_accounts;
};

extern const struct record_family judging_family;

/* After every event that was applied: reports that were returned or appealed change who is to be drawn. */
void judging_note(struct game *g, const struct event *ev);

/* ---- questions ---- */

/* By the report's id, or NULL: it was never triaged. */
const struct judging_chain *judging_find(const struct game *g, int32_t report);
/* The last round, or NULL. *number: 1 or 2, else 0. */
const struct judging_round *judging_last(const struct judging_chain *c, int32_t *number);
/* The judge's sheet that counts in a round, or NULL. */
const struct judging_sheet *judging_sheet(
    const struct judging_round *r, const struct account *judge);
const struct judging_marks *judging_current(const struct judging_sheet *s); /* or NULL */
size_t judging_sheets(const struct judging_round *r); /* that are not replaced */
size_t judging_in(const struct judging_round *r);     /* of these, how many are in */
bool judging_both_in(const struct judging_round *r);  /* the first two, or all of a smaller round */
/* How many judges are to be drawn for a report now. */
int judging_wants(const struct game *g, int32_t report);

/* Whether there is a result of which the department has not been told. */
bool judging_releasable(const struct game *g, int32_t report);

/*
 * Whom the lot falls on for a report, given how many are wanted: accounts in the order of the lot. Fewer than wanted only
 * in the second round; 0 when there are too few. Deterministic: the least loaded, ties by a hash of the drill, the report
 * and the account.
 */
size_t judging_draw(const struct game *g, int32_t report, int wanted, const struct account **out);

/* How many judges could be drawn for a report that was triaged: not of its department, and new to it. */
size_t judging_free(const struct game *g, int32_t report);

/* ---- results ---- */

/* Thousandths of a mark that a done round gives an item: the judges' mean, or what was measured. */
int32_t judging_item_milli(const struct game *g, int32_t report, int32_t round, size_t item);
/* Thousandths of a mark in all. */
int32_t judging_total_milli(const struct game *g, int32_t report, int32_t round);

/*
 * q, the quality of a report: thousandths of a point, 0..100000, of the last round that is done; 0 for a rejected one
 * without. False: it has not been judged yet.
 */
bool judging_quality(const struct game *g, int32_t report, int32_t *milli);

/* A judge against the others: of all done rounds of two judges and more, own total less the mean of the others'. */
struct judging_drift {
	int64_t mean_milli; /* thousandths of a mark, signed */
	int32_t count;      /* rounds */
	int32_t open;       /* sheets that are to be marked */
	int32_t marked;
};
struct judging_drift judging_drift(const struct game *g, const struct account *judge);

#endif
