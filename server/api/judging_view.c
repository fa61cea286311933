#include "api/judging_view.h"
#include "api/truth_view.h"
#include "api/write.h"
#include "core/game.h"

#include <stdio.h>

static bool
staff(const struct judging_reader *r)
{
	return (r->r.role & ROLE_STAFF) != 0;
}

static bool
judge(const struct judging_reader *r)
{
	return r->r.role == ROLE_JUDGE;
}

static void
write_moment(struct json_writer *w, const struct judging_reader *r, const char *key, int64_t ms)
{
	write_time(w, key, ms, r->r.offset_minutes);
}

static bool
has_sheet(const struct judging_reader *r, const struct judging_chain *c)
{
	for (int n = 0; n < JUDGING_ROUNDS; n++)
		if (c->rounds[n] != NULL && judging_sheet(c->rounds[n], r->account) != NULL)
			return true;
	return false;
}

static bool
released(const struct judging_chain *c, int32_t round)
{
	return c->rounds[round - 1] != NULL && c->rounds[round - 1]->released.by != NULL;
}

bool
judging_shown(const struct judging_reader *r, int32_t id)
{
	const struct judging_chain *c = judging_find(r->r.g, id);

	if (c == NULL)
		return false;
	if (judge(r))
		return r->account != NULL && has_sheet(r, c);
	if (staff(r))
		return true;
	return r->r.role == ROLE_BLUE && report_find(r->r.g, id)->team == r->r.team &&
	       (released(c, 1) || released(c, 2) || c->rejection_released.by != NULL);
}

/* ---- heads ---- */

static void
write_milli(struct json_writer *w, const char *key, int64_t milli)
{
	jw_kv_real(w, key, (double)milli / 1000.0);
}

/* What a department may know of it: the last round that was released. */
static bool
quality_of(const struct judging_reader *r, int32_t id, int32_t *milli)
{
	const struct judging_chain *c = judging_find(r->r.g, id);
	int64_t full = rubric_full(rubric_of(r->r.g->config));

	if (staff(r))
		return judging_quality(r->r.g, id, milli);
	for (int32_t n = JUDGING_ROUNDS; n >= 1; n--)
		if (released(c, n)) {
			*milli =
			    (int32_t)((int64_t)judging_total_milli(r->r.g, id, n) * 100 / full);
			return true;
		}
	*milli = 0;
	return c->rejection_released.by != NULL;
}

/* A judge who is at work on a report is not told what the others' marks came to. */
static bool
may_know_result(const struct judging_reader *r, const struct judging_chain *c)
{
	for (int n = 0; judge(r) && n < JUDGING_ROUNDS; n++) {
		const struct judging_sheet *s =
		    c->rounds[n] != NULL ? judging_sheet(c->rounds[n], r->account) : NULL;

		if (s != NULL && !c->rounds[n]->done)
			return false;
	}
	return true;
}

/* Why nobody is drawn for it though judges are wanted, as a sentence; null: none are, or they are drawn in a moment. */
static void
write_waits_for(struct json_writer *w, const struct game *g, int32_t id)
{
	const struct account *judges[2];
	int wanted = judging_wants(g, id);
	char text[200];

	if (wanted == 0 || judging_draw(g, id, wanted, judges) > 0) {
		jw_kv_str(w, "waits_for", NULL);
		return;
	}
	snprintf(text, sizeof text,
	    "%d judge%s not of its department and new to it; free: %zu. Create judges' accounts, "
	    "or name "
	    "one by POST /api/v1/judging/%d/judges",
	    wanted, wanted == 1 ? "" : "s", judging_free(g, id), id);
	jw_kv_str(w, "waits_for", text);
}

void
judging_write_head(struct json_writer *w, const struct judging_reader *r, int32_t id)
{
	const struct judging_chain *c = judging_find(r->r.g, id);
	const struct report_chain *report = report_find(r->r.g, id);
	int32_t number, quality;
	const struct judging_round *last = judging_last(c, &number);

	jw_kv_int(w, "report", id);
	truth_write_whose(w, &r->r, report->team);
	jw_kv_str(w, "state", term_id(&terms_report_states, (int)report->state));
	if (staff(r)) {
		jw_kv_int(w, "round", number);
		jw_kv_int(w, "judges", last != NULL ? (int64_t)judging_sheets(last) : 0);
		jw_kv_int(w, "in", last != NULL ? (int64_t)judging_in(last) : 0);
		jw_kv_int(w, "wanted", judging_wants(r->r.g, id));
		write_waits_for(w, r->r.g, id);
	}
	jw_key(w, "quality");
	if (may_know_result(r, c) && quality_of(r, id, &quality))
		jw_real(w, quality / 1000.0);
	else
		jw_null(w);
}

/* ---- sheets ---- */

static void
write_halves(struct json_writer *w, const struct rubric *rubric, const int32_t *halves)
{
	jw_key(w, "marks");
	jw_object(w);
	for (size_t i = 0; i < rubric->count; i++)
		if (rubric->items[i].measure == RUBRIC_JUDGED)
			jw_kv_real(w, rubric->items[i].id, halves[i] / 2.0);
	jw_object_end(w);
}

static void
write_versions(struct json_writer *w, const struct judging_reader *r, const struct judging_sheet *s)
{
	jw_key(w, "versions");
	jw_array(w);
	for (size_t i = 0; i < s->count; i++) {
		jw_object(w);
		jw_kv_int(w, "version", (int64_t)i + 1);
		write_moment(w, r, "at", s->marks[i].at_ms);
		jw_kv_int(w, "filings", (int64_t)s->marks[i].filings);
		write_halves(w, rubric_of(r->r.g->config), s->marks[i].halves);
		jw_kv_real(w, "total", s->marks[i].total / 2.0);
		jw_kv_str(w, "reason", s->marks[i].reason[0] != '\0' ? s->marks[i].reason : NULL);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_sheet(struct json_writer *w, const struct judging_reader *r,
    const struct judging_round *round, size_t i)
{
	const struct judging_sheet *s = &round->sheets[i];
	bool own = s->judge == r->account;
	bool open = own || (judge(r) ? round->done : judging_both_in(round));

	jw_object(w);
	if (judge(r))
		jw_kv_bool(w, "own", own);
	else
		jw_kv_str(w, "judge", s->judge->id);
	write_moment(w, r, "drawn", s->drawn_ms);
	jw_kv_bool(w, "named", s->named.by != NULL);
	if (s->named.by != NULL && !judge(r))
		jw_kv_str(w, "named_reason", s->named.reason);
	jw_kv_bool(w, "replaced", s->replaced);
	jw_kv_bool(w, "in", s->in);
	jw_kv_bool(w, "counts", round->counts[i]);
	if (open)
		write_versions(w, r, s);
	jw_object_end(w);
}

/* ---- results ---- */

static void
write_result(struct json_writer *w, const struct judging_reader *r, int32_t id, int32_t round)
{
	const struct game *g = r->r.g;
	const struct rubric *rubric = rubric_of(g->config);

	jw_object(w);
	jw_key(w, "items");
	jw_array(w);
	for (size_t i = 0; i < rubric->count; i++) {
		jw_object(w);
		jw_kv_str(w, "item", rubric->items[i].id);
		write_milli(w, "marks", judging_item_milli(g, id, round, i));
		jw_kv_int(w, "of", rubric->items[i].marks);
		jw_kv_bool(w, "measured", rubric->items[i].measure != RUBRIC_JUDGED);
		jw_object_end(w);
	}
	jw_array_end(w);
	write_milli(w, "total", judging_total_milli(g, id, round));
	jw_kv_int(w, "of", rubric_full(rubric));
	jw_object_end(w);
}

static void
write_sheets(
    struct json_writer *w, const struct judging_reader *r, const struct judging_round *round)
{
	jw_key(w, "sheets");
	jw_array(w);
	for (size_t i = 0; i < round->count; i++)
		write_sheet(w, r, round, i);
	jw_array_end(w);
}

/* Judges see the rounds in which they mark, and the others when these are done and so are they. */
static bool
round_shown(const struct judging_reader *r, const struct judging_chain *c, int32_t n)
{
	const struct judging_round *round = c->rounds[n - 1];

	if (round == NULL)
		return false;
	if (judge(r))
		return judging_sheet(round, r->account) != NULL ||
		       (round->done && may_know_result(r, c));
	return staff(r) || round->released.by != NULL;
}

static void
write_round(struct json_writer *w, const struct judging_reader *r, int32_t id, int32_t n)
{
	const struct judging_round *round = judging_find(r->r.g, id)->rounds[n - 1];

	jw_object(w);
	jw_kv_int(w, "round", n);
	write_moment(w, r, "done", round->done_ms);
	write_moment(w, r, "released", round->released.at_ms);
	if (staff(r))
		write_sheets(w, r, round);
	jw_key(w, "result");
	if (round->done)
		write_result(w, r, id, n);
	else
		jw_null(w);
	jw_object_end(w);
}

static void
write_rejection(
    struct json_writer *w, const struct judging_reader *r, const struct judging_chain *c)
{
	jw_key(w, "rejected");
	if (c->rejected.by == NULL || (!staff(r) && c->rejection_released.by == NULL)) {
		jw_null(w);
		return;
	}
	jw_object(w);
	write_moment(w, r, "at", c->rejected.at_ms);
	jw_kv_str(w, "reason", c->rejected.reason);
	write_moment(w, r, "released", c->rejection_released.at_ms);
	jw_object_end(w);
}

void
judging_write(struct json_writer *w, const struct judging_reader *r, int32_t id)
{
	const struct judging_chain *c = judging_find(r->r.g, id);

	jw_object(w);
	judging_write_head(w, r, id);
	write_rejection(w, r, c);
	if (staff(r))
		jw_kv_str(w, "without_final", c->without_final ? c->triaged.reason : NULL);
	jw_key(w, "rounds");
	jw_array(w);
	for (int32_t n = 1; n <= JUDGING_ROUNDS; n++)
		if (round_shown(r, c, n))
			write_round(w, r, id, n);
	jw_array_end(w);
	jw_object_end(w);
}

/* ---- the rubric ---- */

static void
write_text(struct json_writer *w, const char *key, struct i18n t)
{
	jw_key(w, key);
	jw_object(w);
	jw_kv_str(w, "en", t.en);
	jw_kv_str(w, "zh", t.zh);
	jw_object_end(w);
}

void
judging_write_rubric(struct json_writer *w, const struct game *g)
{
	const struct rubric *rubric = rubric_of(g->config);

	jw_object(w);
	jw_key(w, "items");
	jw_array(w);
	for (size_t i = 0; i < rubric->count; i++) {
		const struct rubric_item *item = &rubric->items[i];

		jw_object(w);
		jw_kv_str(w, "item", item->id);
		write_text(w, "title", item->title);
		write_text(w, "guidance", item->guidance);
		jw_kv_int(w, "marks", item->marks);
		jw_kv_str(w, "dimension", term_id(&terms_dimensions, (int)item->dimension));
		jw_kv_str(w, "measure", term_id(&terms_measures, (int)item->measure));
		jw_object_end(w);
	}
	jw_array_end(w);
	jw_kv_int(w, "full", rubric_full(rubric));
	jw_kv_int(w, "judged", rubric_judged(rubric));
	jw_kv_int(w, "spread_percent", JUDGING_SPREAD_PERCENT);
	jw_object_end(w);
}
