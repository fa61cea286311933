#include "core/truth.h"
#include "base/mem.h"
#include "core/game.h"
#include "core/truth_private.h"

#include <stdlib.h>
#include <string.h>

static const struct term kinds[] = {
    [TRUTH_RESULT] = {"result", {"攻击成果", "Attack result"}},
    [TRUTH_FLAGS] = {"flags", {"夺取旗标", "Captured flags"}},
    [TRUTH_INCIDENT] = {"incident", {"公共事件", "Common incident"}},
};
const struct terms terms_truth_kinds = {"kind of fact", kinds, TRUTH_KINDS};

static const struct term statuses[] = {
    [TRUTH_OPEN] = {"open", {"尚未报告", "Open"}},
    [TRUTH_DETECTED] = {"detected", {"已发现", "Detected"}},
    [TRUTH_LATE] = {"late", {"迟报", "Late"}},
    [TRUTH_MISSED] = {"missed", {"漏报", "Missed"}},
    [TRUTH_CONCEALED] = {"concealed", {"瞒报", "Concealed"}},
};
const struct terms terms_truth_statuses = {"status", statuses, TRUTH_STATUSES};

/* ---- on disk ---- */

static void
encode(const struct event *ev, struct json_writer *w)
{
	const struct truth_event *t = ev->u.truth;

	if (ev->kind == EV_TRUTH_CONCEALED)
		jw_kv_bool(w, "concealed", t->concealed);
	jw_kv_int(w, "fact", t->fact);
	if (ev->kind == EV_TRUTH_PAIRED)
		jw_kv_int(w, "report", t->report);
}

static void
encode_secret(const struct event *ev, struct json_writer *w)
{
	jw_kv_str(w, "reason", ev->u.truth->reason);
}

static enum err
decode(struct event *ev, const struct record_reader *r)
{
	struct truth_event *t = arena_alloc(r->arena, sizeof *t);
	enum err e;

	*t = (struct truth_event){.reason = record_secret(r, "reason")};
	ev->u.truth = t;
	if ((e = record_int32(r, "fact", 1, INT32_MAX, &t->fact)) != ERR_OK)
		return e;
	if (ev->kind == EV_TRUTH_CONCEALED)
		return record_bool(r, "concealed", &t->concealed);
	return ev->kind == EV_TRUTH_PAIRED
		   ? record_int32(r, "report", 1, REPORT_CHAINS_MAX, &t->report)
		   : ERR_OK;
}

/* ---- what is allowed ---- */

/* Judges correct what is not their own department's. */
static enum err
who_allows(
    const struct game *g, const struct event *ev, const struct truth_fact *f, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	if (by == NULL || !(by->role & (ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN)))
		return why_set(
		    why, ERR_FORBIDDEN, "judges and the direction correct what belongs together");
	return f != NULL && by->department == f->team
		   ? why_set(
			 why, ERR_FORBIDDEN, "fact %d is of your own department", ev->u.truth->fact)
		   : ERR_OK;
}

static enum err
report_allows(const struct game *g, const struct truth_fact *f, int32_t report, struct why *why)
{
	const struct report_chain *c = report_find(g, report);

	if (c == NULL || !report_is_filed(c) || c->team != f->team)
		return why_set(why, ERR_NOT_FOUND,
		    "there is no report %d of the department whose fact this is", report);
	return report_is_closed(c) ? why_set(why, ERR_CONFLICT,
					 "report %d is %s: nothing of it is changed any more",
					 report, term_id(&terms_report_states, (int)c->state))
				   : ERR_OK;
}

/* The report that tells of a fact now must not be closed when the fact is taken from it. */
static enum err
former_allows(const struct game *g, int32_t fact, const struct truth_fact *f, struct why *why)
{
	int32_t now = truth_now(g)->report[fact - 1];

	return now != 0 ? report_allows(g, f, now, why) : ERR_OK;
}

static enum err
paired_allows(
    const struct game *g, const struct event *ev, const struct truth_fact *f, struct why *why)
{
	const struct truth_event *t = ev->u.truth;
	enum err e;

	if ((e = report_allows(g, f, t->report, why)) != ERR_OK ||
	    (e = former_allows(g, t->fact, f, why)) != ERR_OK)
		return e;
	return f->by_hand == t->report
		   ? why_set(why, ERR_CONFLICT, "fact %d is paired with report %d by hand already",
			 t->fact, t->report)
		   : ERR_OK;
}

static enum err
concealed_allows(
    const struct game *g, const struct event *ev, const struct truth_fact *f, struct why *why)
{
	enum err e = former_allows(g, ev->u.truth->fact, f, why);

	if (e != ERR_OK)
		return e;
	return (f->concealed.by != NULL) == ev->u.truth->concealed
		   ? why_set(why, ERR_CONFLICT, "fact %d is %s already", ev->u.truth->fact,
			 ev->u.truth->concealed ? "concealed" : "not concealed")
		   : ERR_OK;
}

static enum err
allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct truth_event *t = ev->u.truth;
	const struct truth_fact *f = truth_fact(g, t->fact);
	enum err e = who_allows(g, ev, f, why);

	if (e != ERR_OK)
		return e;
	if (f == NULL)
		return why_set(why, ERR_NOT_FOUND, "there is no red fact %d", t->fact);
	if (g->truths->correction_count >= TRUTH_CORRECTIONS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d corrections by hand", TRUTH_CORRECTIONS_MAX);
	if (ev->kind == EV_TRUTH_PAIRED)
		return paired_allows(g, ev, f, why);
	if (ev->kind == EV_TRUTH_CONCEALED)
		return concealed_allows(g, ev, f, why);
	if (f->by_hand == 0)
		return why_set(
		    why, ERR_CONFLICT, "fact %d is paired with no report by hand already", t->fact);
	return former_allows(g, t->fact, f, why);
}

/* ---- what it changes ---- */

static void
apply(struct game *g, const struct event *ev)
{
	const struct truth_event *t = ev->u.truth;
	struct truths *all = g->truths;
	struct truth_fact *f = &all->facts[t->fact - 1];
	struct truth_correction *c;

	all->corrections =
	    mem_grow(all->corrections, all->correction_count, sizeof *all->corrections);
	c = &all->corrections[all->correction_count++];
	*c = (struct truth_correction){
	    .kind = ev->kind, .fact = t->fact, .report = t->report, .concealed = t->concealed};
	decision_take(&c->decision, ev->at_ms, ev->actor, t->reason);
	if (ev->kind != EV_TRUTH_CONCEALED) {
		f->by_hand = t->report; /* 0 when unpaired */
		return;
	}
	decision_free(&f->concealed);
	f->concealed = (struct decision){0};
	if (t->concealed)
		decision_take(&f->concealed, ev->at_ms, ev->actor, t->reason);
}

/* ---- new facts ---- */

static int32_t
add_fact(struct game *g, const struct truth_fact *fact)
{
	struct truths *all = g->truths;

	if (g->config->teams[fact->team].nop)
		return 0;
	all->facts = mem_grow(all->facts, all->count, sizeof *all->facts);
	all->facts[all->count] = *fact;
	all->facts[all->count].by_hand = TRUTH_NOT_BY_HAND;
	return (int32_t)++all->count;
}

static void
note_capture(struct game *g, const struct event *ev)
{
	int32_t system = game_system(g, ev->u.capture.system);
	int32_t *last = &g->truths->of_system[system];
	struct truth_config c =
	    truth_config_filled(&g->config->truth, g->config->tick_ms * g->config->ticks);
	struct truth_fact *f = *last != 0 ? &g->truths->facts[*last - 1] : NULL;

	if (f == NULL || ev->drill_ms - f->drill_ms > c.merge_ms) {
		*last = add_fact(g, &(struct truth_fact){.kind = TRUTH_FLAGS,
					.team = g->config->systems[system].team,
					.system = system,
					.at_ms = ev->at_ms,
					.drill_ms = ev->drill_ms});
		f = *last != 0 ? &g->truths->facts[*last - 1] : NULL;
	}
	if (f == NULL)
		return;
	f->last_drill_ms = ev->drill_ms;
	f->captures++;
}

static void
grow_results(struct truths *all, size_t count)
{
	if (count <= all->result_count)
		return;
	count = count > 2 * all->result_count ? count : 2 * all->result_count;
	all->of_result = mem_resize(all->of_result, count, sizeof *all->of_result);
	memset(all->of_result + all->result_count, 0,
	    (count - all->result_count) * sizeof *all->of_result);
	all->result_count = count;
}

/* It was found to be of another department: what was said of the former one's reports is of the past. */
static void
forget_corrections(struct truth_fact *f)
{
	f->by_hand = TRUTH_NOT_BY_HAND;
	decision_free(&f->concealed);
	f->concealed = (struct decision){0};
}

/* A result that is confirmed again keeps its number; its time and target may have been corrected. */
static void
note_result(struct game *g, int32_t id)
{
	const struct result *r = result_find(g, id);
	struct truth_fact fact = {.kind = TRUTH_RESULT,
	    .of = id,
	    .team = r->department,
	    .system = r->system,
	    .at_ms = r->attacked_ms,
	    .drill_ms = r->attacked_drill_ms};
	struct truth_fact *known;

	grow_results(g->truths, (size_t)id);
	if (g->truths->of_result[id - 1] == 0) {
		g->truths->of_result[id - 1] = add_fact(g, &fact);
		return;
	}
	known = &g->truths->facts[g->truths->of_result[id - 1] - 1];
	if (known->team != fact.team)
		forget_corrections(known);
	known->team = fact.team;
	known->system = fact.system;
	known->at_ms = fact.at_ms;
	known->drill_ms = fact.drill_ms;
}

static void
note_delivery(struct game *g, const struct event *ev)
{
	const struct inject *in = inject_find(g, ev->u.inject->id);

	for (size_t i = 0; in->plan.common && i < in->part_count; i++)
		if (in->parts[i].delivered.at_ms == ev->at_ms &&
		    in->parts[i].delivered.drill_ms == ev->drill_ms)
			(void)!add_fact(g, &(struct truth_fact){.kind = TRUTH_INCIDENT,
					       .of = in->id,
					       .team = in->parts[i].team,
					       .system = -1,
					       .at_ms = ev->at_ms,
					       .drill_ms = ev->drill_ms});
}

/* Of what the answer of truth_now is made. */
static bool
matters(enum event_kind kind)
{
	return kind == EV_FLAG_CAPTURED ||
	       (kind >= EV_REPORT_SUBMITTED && kind <= EV_REPORT_DUPLICATE) ||
	       (kind >= EV_RESULT_SUBMITTED && kind <= EV_RESULT_REOPENED) ||
	       (kind >= EV_INJECT_DRAFTED && kind <= EV_INJECT_CLOSED) ||
	       (kind >= EV_TRUTH_PAIRED && kind <= EV_TRUTH_CONCEALED);
}

void
truth_note(struct game *g, const struct event *ev)
{
	if (ev->kind == EV_FLAG_CAPTURED)
		note_capture(g, ev);
	else if (ev->kind == EV_RESULT_CONFIRMED)
		note_result(g, ev->u.result->id);
	else if (ev->kind == EV_INJECT_DELIVERED)
		note_delivery(g, ev);
	if (!matters(ev->kind))
		return;
	truth_free(g->truths->now);
	g->truths->now = NULL;
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->truths = mem_alloc(sizeof *g->truths);
	g->truths->of_system = mem_array(g->config->system_count, sizeof *g->truths->of_system);
}

static void
close_all(struct game *g)
{
	struct truths *all = g->truths;

	for (size_t i = 0; i < all->count; i++)
		decision_free(&all->facts[i].concealed);
	for (size_t i = 0; i < all->correction_count; i++)
		decision_free(&all->corrections[i].decision);
	free(all->facts);
	free(all->of_result);
	free(all->of_system);
	free(all->corrections);
	truth_free(all->now);
	free(all);
}

const struct record_family truth_family = {
    .first = EV_TRUTH_PAIRED,
    .last = EV_TRUTH_CONCEALED,
    .encode = encode,
    .encode_secret = encode_secret,
    .decode = decode,
    .allows = allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

bool
truth_alive(const struct game *g, const struct truth_fact *f)
{
	if (f->kind == TRUTH_RESULT)
		return result_find(g, f->of)->state == RESULT_CONFIRMED;
	return f->kind == TRUTH_FLAGS || inject_find(g, f->of)->stage != INJECT_CANCELLED;
}

const struct truth_fact *
truth_fact(const struct game *g, int32_t number)
{
	const struct truths *all = g->truths;

	return number >= 1 && (size_t)number <= all->count &&
		       truth_alive(g, &all->facts[number - 1])
		   ? &all->facts[number - 1]
		   : NULL;
}

const struct truth *
truth_now(const struct game *g)
{
	if (g->truths->now == NULL)
		g->truths->now = truth_build(g);
	return g->truths->now;
}
