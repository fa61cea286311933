/* How far a plan at work has come: what is done, by whom it is known, what is late, what is missing. */
#include "core/game.h"
#include "core/plan.h"

#include <string.h>

static const struct term states[] = {
    [PLAN_OPEN] = {"open", {"待完成", "Open"}},
    [PLAN_DONE] = {"done", {"已完成", "Done"}},
    [PLAN_LEFT_OUT] = {"skipped", {"已跳过", "Skipped"}},
    [PLAN_MISSING] = {"missing", {"缺失", "Missing"}},
};
const struct terms terms_plan_states = {"state of a plan's step", states, PLAN_STATES};

bool
plan_chain_over(const struct report_chain *c)
{
	switch (c->state) {
	case REPORT_DRAFT:
	case REPORT_RETURNED:
		return false;
	case REPORT_SUBMITTED:
	case REPORT_TRIAGED:
	case REPORT_UNDER_REVIEW:
	case REPORT_RESUBMITTED:
		return c->stage == STAGE_FINAL;
	default:
		return true;
	}
}

/* ---- what the reports' actions tell ---- */

/* Of each report the last version counts: a returned one was put right. */
static bool
counts(const struct report_chain *c, size_t i)
{
	return i + 1 == c->version_count || c->versions[i + 1].report != c->versions[i].report;
}

/* An action ticks off every step of its phase that names its kind; of several the earliest. */
static void
take_action(const struct plan *p, const struct json_t *action, int64_t *acted_ms)
{
	int64_t at = jr_integer(jr_get(action, "at"), 0);
	const char *kind_word = jr_string(jr_get(action, "kind"), NULL);
	const char *phase_word = jr_string(jr_get(action, "phase"), NULL);
	int kind, phase;

	if (kind_word == NULL || phase_word == NULL ||
	    !term_parse(&terms_actions, kind_word, &kind) ||
	    !term_parse(&terms_phases, phase_word, &phase))
		return;
	for (size_t i = 0; i < p->step_count; i++)
		if ((int)p->steps[i].phase == phase && (p->steps[i].actions & 1u << kind) &&
		    (acted_ms[i] == 0 || at < acted_ms[i]))
			acted_ms[i] = at;
}

/* An action of the drill, done when its report was filed: others tick off nothing. */
static bool
is_of_drill(const struct game *g, const struct report_version *v, const struct json_t *action)
{
	int64_t at = jr_integer(jr_get(action, "at"), 0);

	return clocklog_claim(&g->clock, at, v->at_ms, v->drill_ms) == CLOCK_CLAIM_FITS;
}

static void
take_report(
    const struct game *g, const struct plan *p, const struct report_version *v, int64_t *acted_ms)
{
	const struct json_t *actions;
	struct json_t *j;

	if (v->text[0] == '\0' || jr_parse(v->text, strlen(v->text), &j, NULL) != ERR_OK)
		return; /* of a published bundle, which has no texts */
	actions = jr_get(j, "actions");
	for (size_t i = 0; i < jr_count(actions); i++)
		if (is_of_drill(g, v, jr_at(actions, i)))
			take_action(p, jr_at(actions, i), acted_ms);
	jr_free(j);
}

/*
 * Only the last report can be returned and filed again: what was filed before it is read once. Each look reads the last
 * version of the last report.
 */
static void
take_reports(
    const struct game *g, const struct plan_run *r, const struct report_chain *c, int64_t *acted_ms)
{
	struct plan_seen *seen = r->seen;

	for (; seen->versions < c->version_count &&
	       c->versions[seen->versions].report < c->report_count;
	     seen->versions++)
		if (counts(c, seen->versions))
			take_report(g, r->plan, &c->versions[seen->versions], seen->acted_ms);
	memcpy(acted_ms, seen->acted_ms, sizeof seen->acted_ms);
	if (c->version_count > 0)
		take_report(g, r->plan, report_last(c), acted_ms);
}

/* ---- the verdict on each step ---- */

/* What follows the incident may be done when its final report is filed; all else is left out if it is not done by then. */
static bool
is_missing(bool over, const struct plan_step *step, const struct plan_step_look *s, int64_t now)
{
	return now > s->due_drill_ms || (over && step->phase != PDCERF_FOLLOW_UP);
}

static void
judge_step(const struct game *g, const struct plan_run *r, size_t i, int64_t now, bool over,
    struct plan_step_look *s)
{
	const struct plan_note *note = &r->notes[i];
	int64_t until = now;

	s->due_drill_ms = r->drill_ms + (int64_t)r->plan->steps[i].within_minutes * 60000;
	s->by_action = note->mark != PLAN_TICKED && s->done_ms != 0;
	if (note->mark == PLAN_TICKED)
		s->done_ms = note->done_ms;
	if (note->mark == PLAN_SKIPPED)
		*s = (struct plan_step_look){
		    .state = PLAN_LEFT_OUT, .due_drill_ms = s->due_drill_ms};
	else if (s->done_ms != 0)
		s->state = PLAN_DONE;
	else if (is_missing(over, &r->plan->steps[i], s, now))
		s->state = PLAN_MISSING;
	if (s->state == PLAN_DONE)
		until = s->done_drill_ms = clocklog_drill_ms(&g->clock, s->done_ms);
	if ((s->state == PLAN_DONE || s->state == PLAN_MISSING) && until > s->due_drill_ms)
		s->late_ms = until - s->due_drill_ms;
}

static void
count_step(struct plan_look *out, const struct plan_step_look *s)
{
	out->open += s->state == PLAN_OPEN;
	out->done += s->state == PLAN_DONE;
	out->late += s->state == PLAN_DONE && s->late_ms > 0;
	out->skipped += s->state == PLAN_LEFT_OUT;
	out->missing += s->state == PLAN_MISSING;
}

void
plan_run_look(
    const struct game *g, const struct plan_run *r, int64_t now_drill_ms, struct plan_look *out)
{
	const struct report_chain *c = report_find(g, r->report);
	int64_t acted_ms[PLAN_STEPS_MAX];

	memset(out, 0, sizeof *out);
	out->over = plan_chain_over(c);
	take_reports(g, r, c, acted_ms);
	for (size_t i = 0; i < r->plan->step_count; i++) {
		out->steps[i].done_ms = acted_ms[i];
		judge_step(g, r, i, now_drill_ms, out->over, &out->steps[i]);
		count_step(out, &out->steps[i]);
	}
}
