#include "core/judging.h"
#include "base/mem.h"
#include "core/judging_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- who waits for judges ---- */

static void
stop_waiting(struct judging *all, int32_t id)
{
	size_t at = 0;

	while (all->waiting[at] != id)
		at++;
	all->waiting_count--;
	memmove(&all->waiting[at], &all->waiting[at + 1],
	    (all->waiting_count - at) * sizeof *all->waiting);
}

static void
look_whether_it_waits(struct game *g, int32_t id)
{
	struct judging *all = g->judging;
	struct judging_chain *c = &all->chains[id - 1];
	bool waits = judging_wants(g, id) > 0;

	all->waiting_changed++; /* the draw may end otherwise now, even for the same list */
	if (waits == c->waits)
		return;
	c->waits = waits;
	if (!waits) {
		stop_waiting(all, id);
		return;
	}
	all->waiting = mem_grow(all->waiting, all->waiting_count, sizeof *all->waiting);
	all->waiting[all->waiting_count++] = id;
}

void
judging_note(struct game *g, const struct event *ev)
{
	bool of_report = ev->kind >= EV_REPORT_DRAFTED && ev->kind <= EV_REPORT_DUPLICATE;

	if (of_report && judging_find(g, ev->u.report->id) != NULL)
		look_whether_it_waits(g, ev->u.report->id);
}

/* ---- triage ---- */

static struct judging_chain *
make_chain(struct game *g, int32_t id)
{
	struct judging *all = g->judging;

	if ((size_t)id > all->count) {
		all->chains = mem_resize(all->chains, g->reports->count, sizeof *all->chains);
		memset(all->chains + all->count, 0,
		    (g->reports->count - all->count) * sizeof *all->chains);
		all->count = g->reports->count;
	}
	return &all->chains[id - 1];
}

static void
begin_review(struct game *g, int32_t id, int64_t at_ms)
{
	const struct judging_round *r = g->judging->chains[id - 1].rounds[0];

	if (report_find(g, id)->state == REPORT_TRIAGED && r != NULL && judging_sheets(r) >= 2)
		report_set_state(g, id, REPORT_UNDER_REVIEW, at_ms);
}

/* What was filed again is marked anew; judges stay. */
static void
triage(struct game *g, const struct event *ev)
{
	int32_t id = ev->u.judging->id;
	struct judging_chain *c = make_chain(g, id);

	decision_take(&c->triaged, ev->at_ms, ev->actor, ev->u.judging->reason);
	c->without_final = ev->u.judging->without_final;
	for (size_t i = 0; c->rounds[0] != NULL && i < c->rounds[0]->count; i++)
		c->rounds[0]->sheets[i].in = false;
	report_set_state(g, id, REPORT_TRIAGED, ev->at_ms);
	begin_review(g, id, ev->at_ms);
}

/* ---- judges ---- */

static struct judging_round *
round_of(struct game *g, const struct judging_event *j)
{
	struct judging_round **r = &g->judging->chains[j->id - 1].rounds[j->round - 1];

	if (*r == NULL)
		*r = mem_alloc(sizeof **r);
	return *r;
}

static struct judging_sheet *
add_sheet(struct game *g, struct judging_round *r, const char *judge, size_t len, int64_t at_ms)
{
	char *id = mem_strndup(judge, len);
	struct account *a = accounts_find(&g->accounts, id);
	struct judging_sheet *s = &r->sheets[r->count++];

	free(id);
	a->drawn++;
	*s = (struct judging_sheet){.judge = a, .drawn_ms = at_ms};
	return s;
}

static void
draw(struct game *g, const struct event *ev)
{
	const struct judging_event *j = ev->u.judging;
	struct judging_round *r = round_of(g, j);

	for (const char *at = j->judges; *at != '\0'; at += *at == ',') {
		size_t len = strcspn(at, ",");

		add_sheet(g, r, at, len, ev->at_ms);
		at += len;
	}
	begin_review(g, j->id, ev->at_ms);
}

static void
name_judge(struct game *g, const struct event *ev)
{
	const struct judging_event *j = ev->u.judging;
	struct judging_round *r = round_of(g, j);
	struct account *former = accounts_find(&g->accounts, j->instead);
	struct judging_sheet *s;

	for (size_t i = 0; former != NULL && i < r->count; i++)
		if (r->sheets[i].judge == former && !r->sheets[i].replaced) {
			r->sheets[i].replaced = true;
			former->drawn--;
		}
	s = add_sheet(g, r, j->judge, strlen(j->judge), ev->at_ms);
	decision_take(&s->named, ev->at_ms, ev->actor, j->reason);
	begin_review(g, j->id, ev->at_ms);
}

/* ---- marks ---- */

static struct judging_marks
marks_of(const struct game *g, const struct event *ev)
{
	const struct rubric *rubric = rubric_of(g->config);
	const struct judging_event *j = ev->u.judging;
	struct judging_marks m = {.at_ms = ev->at_ms,
	    .filings = report_find(g, j->id)->version_count,
	    .halves = mem_array(rubric->count, sizeof *m.halves),
	    .reason = mem_strdup(j->reason)};

	for (size_t i = 0, n = 0; i < rubric->count; i++)
		if (rubric->items[i].measure == RUBRIC_JUDGED) {
			m.halves[i] = j->halves[n++];
			m.total += m.halves[i];
		}
	return m;
}

static void
mark(struct game *g, const struct event *ev)
{
	const struct judging_event *j = ev->u.judging;
	struct judging_round *r = round_of(g, j);
	struct judging_sheet *s = (struct judging_sheet *)(uintptr_t)judging_sheet(
	    r, accounts_find(&g->accounts, ev->actor));

	s->marks = mem_grow(s->marks, s->count, sizeof *s->marks);
	s->marks[s->count++] = marks_of(g, ev);
	s->in = true;
	judging_settle(g, j->id, r, ev->at_ms);
}

/* ---- what the direction does with a result ---- */

static void
reject(struct game *g, const struct event *ev)
{
	struct judging_chain *c = &g->judging->chains[ev->u.judging->id - 1];

	decision_take(&c->rejected, ev->at_ms, ev->actor, ev->u.judging->reason);
	report_set_state(g, ev->u.judging->id, REPORT_REJECTED, ev->at_ms);
}

static void
release_one(struct judging_chain *c, const struct event *ev)
{
	for (int n = 0; n < JUDGING_ROUNDS; n++) {
		struct judging_round *r = c->rounds[n];

		if (r == NULL || !r->done || r->released.by != NULL)
			continue;
		decision_take(&r->released, ev->at_ms, ev->actor, "");
		r->released_seq = ev->seq;
	}
	if (c->rejected.by == NULL || c->rejection_released.by != NULL)
		return;
	decision_take(&c->rejection_released, ev->at_ms, ev->actor, "");
	c->rejection_seq = ev->seq;
}

static void
release(struct game *g, const struct event *ev)
{
	int32_t id = ev->u.judging->id;

	if (id != 0)
		release_one(&g->judging->chains[id - 1], ev);
	for (size_t i = 0; id == 0 && i < g->judging->count; i++)
		release_one(&g->judging->chains[i], ev);
}

/* From here on a department is told when it was attacked; what was measured stays, whatever is paired later. */
static void
fix_measured(struct game *g, int32_t id)
{
	const struct rubric *rubric = rubric_of(g->config);
	struct judging_chain *c = &g->judging->chains[id - 1];
	int32_t fact = truth_of_report(g, id);

	c->measured = mem_array(rubric->count, sizeof *c->measured);
	for (size_t i = 0; i < rubric->count; i++)
		c->measured[i] = truth_marks_milli(g, id, &rubric->items[i]);
	if (fact != 0)
		report_set_time(
		    g, id, REPORT_ATTACKED, g->truths->facts[fact - 1].at_ms, TIME_MEASURED);
}

static void
finish(struct game *g, const struct event *ev)
{
	int32_t id = ev->u.judging->id;

	fix_measured(g, id);
	decision_take(&g->judging->chains[id - 1].finished, ev->at_ms, ev->actor, "");
	report_set_state(g, id, REPORT_FINAL, ev->at_ms);
}

static void
apply(struct game *g, const struct event *ev)
{
	switch (ev->kind) {
	case EV_JUDGING_TRIAGED:
		triage(g, ev);
		break;
	case EV_JUDGING_DRAWN:
		draw(g, ev);
		break;
	case EV_JUDGING_NAMED:
		name_judge(g, ev);
		break;
	case EV_JUDGING_MARKED:
		mark(g, ev);
		break;
	case EV_JUDGING_REJECTED:
		reject(g, ev);
		break;
	case EV_JUDGING_RELEASED:
		release(g, ev);
		return;
	case EV_JUDGING_FINISHED:
		finish(g, ev);
		break;
	default:
		report_set_state(g, ev->u.judging->id, REPORT_ARCHIVED, ev->at_ms);
		break;
	}
	look_whether_it_waits(g, ev->u.judging->id);
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->judging = mem_alloc(sizeof *g->judging);
}

static void
free_sheet(struct judging_sheet *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->marks[i].halves);
		free(s->marks[i].reason);
	}
	free(s->marks);
	decision_free(&s->named);
}

static void
free_round(struct judging_round *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		free_sheet(&r->sheets[i]);
	decision_free(&r->released);
	free(r);
}

static void
close_all(struct game *g)
{
	struct judging *all = g->judging;

	for (size_t i = 0; i < all->count; i++) {
		struct judging_chain *c = &all->chains[i];

		for (int n = 0; n < JUDGING_ROUNDS; n++)
			free_round(c->rounds[n]);
		decision_free(&c->triaged);
		decision_free(&c->rejected);
		decision_free(&c->finished);
		decision_free(&c->rejection_released);
		free(c->measured);
	}
	free(all->chains);
	free(all->waiting);
	free(all);
}

const struct record_family judging_family = {
    .first = EV_JUDGING_TRIAGED,
    .last = EV_JUDGING_ARCHIVED,
    .encode = judging_encode,
    .encode_secret = judging_encode_secret,
    .decode = judging_decode,
    .allows = judging_allows,
    .apply = apply,
    .due = judging_due,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct judging_chain *
judging_find(const struct game *g, int32_t id)
{
	const struct judging *all = g->judging;

	return id >= 1 && (size_t)id <= all->count && all->chains[id - 1].triaged.by != NULL
		   ? &all->chains[id - 1]
		   : NULL;
}

const struct judging_round *
judging_last(const struct judging_chain *c, int32_t *number)
{
	*number = c->rounds[1] != NULL ? 2 : c->rounds[0] != NULL;
	return *number > 0 ? c->rounds[*number - 1] : NULL;
}
