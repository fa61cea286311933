/* What comes of a round, the quality of a report, and how judges compare. */
#include "core/judging_private.h"

#include <stdlib.h>

/* ---- sheets ---- */

const struct judging_sheet *
judging_sheet(const struct judging_round *r, const struct account *judge)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->sheets[i].judge == judge && !r->sheets[i].replaced)
			return &r->sheets[i];
	return NULL;
}

const struct judging_marks *
judging_current(const struct judging_sheet *s)
{
	return s->in ? &s->marks[s->count - 1] : NULL;
}

size_t
judging_sheets(const struct judging_round *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++)
		count += !r->sheets[i].replaced;
	return count;
}

size_t
judging_in(const struct judging_round *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++)
		count += !r->sheets[i].replaced && r->sheets[i].in;
	return count;
}

/* The places of the sheets that are in, in the order in which they were drawn. */
static size_t
list_in(const struct judging_round *r, size_t out[JUDGING_SHEETS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < r->count; i++)
		if (!r->sheets[i].replaced && r->sheets[i].in)
			out[count++] = i;
	return count;
}

bool
judging_both_in(const struct judging_round *r)
{
	size_t sheets = judging_sheets(r);

	return r->done || (sheets > 0 && judging_in(r) >= (sheets < 2 ? sheets : 2));
}

static int32_t
total(const struct judging_round *r, size_t sheet)
{
	return judging_current(&r->sheets[sheet])->total;
}

static bool
differ_too_much(const struct game *g, int32_t a, int32_t b)
{
	int32_t most = 2 * rubric_judged(rubric_of(g->config));

	return abs(a - b) * 100 > most * JUDGING_SPREAD_PERCENT;
}

bool
judging_torn(const struct game *g, const struct judging_round *r)
{
	size_t in[JUDGING_SHEETS_MAX];

	return !r->done && judging_sheets(r) == 2 && list_in(r, in) == 2 &&
	       differ_too_much(g, total(r, in[0]), total(r, in[1]));
}

/* ---- the result of a round ---- */

static int
by_total(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : (x[1] < y[1] ? -1 : x[1] > y[1]);
}

/* Of three, the two closest; the one in the middle when it is as far from one as from the other. */
static void
choose_of_three(struct judging_round *r, const size_t in[3])
{
	int32_t t[3][2]; /* total, sheet */

	for (int i = 0; i < 3; i++) {
		t[i][0] = total(r, in[i]);
		t[i][1] = (int32_t)in[i];
	}
	qsort(t, 3, sizeof t[0], by_total);
	r->counts[t[1][1]] = true;
	if (t[1][0] - t[0][0] < t[2][0] - t[1][0])
		r->counts[t[0][1]] = true;
	else if (t[1][0] - t[0][0] > t[2][0] - t[1][0])
		r->counts[t[2][1]] = true;
}

static size_t
least_judges(const struct report_chain *report)
{
	return report->state == REPORT_APPEALED ? 1 : 2;
}

void
judging_settle(struct game *g, int32_t id, struct judging_round *r, int64_t at_ms)
{
	const struct report_chain *report = report_find(g, id);
	size_t in[JUDGING_SHEETS_MAX], count = list_in(r, in);

	if (count < least_judges(report) || count < judging_sheets(r) || judging_torn(g, r))
		return;
	if (count >= 3)
		choose_of_three(r, in);
	else
		for (size_t i = 0; i < count; i++)
			r->counts[in[i]] = true;
	r->done = true;
	r->done_ms = at_ms;
	report_set_state(
	    g, id, report->state == REPORT_APPEALED ? REPORT_RESCORED : REPORT_SCORED, at_ms);
}

static int32_t
mean_milli(const struct judging_round *r, size_t item)
{
	int64_t sum = 0, count = 0;

	for (size_t i = 0; i < r->count; i++)
		if (r->counts[i]) {
			sum += judging_current(&r->sheets[i])->halves[item];
			count++;
		}
	return count > 0 ? (int32_t)(sum * 500 / count) : 0;
}

int32_t
judging_item_milli(const struct game *g, int32_t id, int32_t round, size_t item)
{
	const struct judging_chain *c = judging_find(g, id);
	const struct rubric_item *it = &rubric_of(g->config)->items[item];

	if (it->measure == RUBRIC_JUDGED)
		return mean_milli(c->rounds[round - 1], item);
	return c->measured != NULL ? c->measured[item] : truth_marks_milli(g, id, it);
}

int32_t
judging_total_milli(const struct game *g, int32_t id, int32_t round)
{
	int32_t sum = 0;

	for (size_t i = 0; i < rubric_of(g->config)->count; i++)
		sum += judging_item_milli(g, id, round, i);
	return sum;
}

bool
judging_quality(const struct game *g, int32_t id, int32_t *milli)
{
	const struct judging_chain *c = judging_find(g, id);
	int64_t full = rubric_full(rubric_of(g->config));

	*milli = 0;
	for (int32_t n = JUDGING_ROUNDS; c != NULL && n >= 1; n--)
		if (c->rounds[n - 1] != NULL && c->rounds[n - 1]->done) {
			*milli = (int32_t)((int64_t)judging_total_milli(g, id, n) * 100 / full);
			return true;
		}
	return c != NULL && c->rejected.by != NULL;
}

/* ---- how judges compare ---- */

/* Whether marks of this round are waited for. */
static bool
is_open(const struct game *g, int32_t id, int32_t round)
{
	enum report_state state = report_find(g, id)->state;

	return round == 2 ? state == REPORT_APPEALED
			  : state == REPORT_UNDER_REVIEW || state == REPORT_TRIAGED;
}

static void
compare(const struct judging_round *r, bool open, const struct account *judge,
    struct judging_drift *d, int64_t *sum_milli)
{
	const struct judging_sheet *own = judging_sheet(r, judge);
	size_t in[JUDGING_SHEETS_MAX], count = list_in(r, in);
	int64_t others = 0;

	if (own == NULL)
		return;
	d->open += !own->in && open;
	d->marked += own->in;
	if (!r->done || !own->in || count < 2)
		return;
	for (size_t i = 0; i < count; i++)
		others += total(r, in[i]);
	others -= judging_current(own)->total;
	*sum_milli +=
	    (int64_t)judging_current(own)->total * 500 - others * 500 / (int64_t)(count - 1);
	d->count++;
}

struct judging_drift
judging_drift(const struct game *g, const struct account *judge)
{
	struct judging_drift d = {0};
	int64_t sum_milli = 0;

	for (size_t i = 0; i < g->judging->count; i++)
		for (int n = 0; n < JUDGING_ROUNDS; n++)
			if (g->judging->chains[i].rounds[n] != NULL)
				compare(g->judging->chains[i].rounds[n],
				    is_open(g, (int32_t)i + 1, n + 1), judge, &d, &sum_milli);
	d.mean_milli = d.count > 0 ? sum_milli / d.count : 0;
	return d;
}
