#include "api/truth_view.h"
#include "api/write.h"
#include "core/game.h"

static void
write_moment(struct json_writer *w, const struct report_reader *r, const char *key, int64_t ms)
{
	write_time(w, key, ms, r->offset_minutes);
}

static bool
named(const struct report_reader *r)
{
	return r->role != ROLE_JUDGE;
}

static bool
staff(const struct report_reader *r)
{
	return (r->role & ROLE_STAFF) != 0;
}

void
truth_write_whose(struct json_writer *w, const struct report_reader *r, int team)
{
	char zh[UNIT_NAME_BYTES], en[UNIT_NAME_BYTES];

	if (staff(r)) {
		unit_name(r->g->units[team], zh, en);
		jw_key(w, "unit");
		jw_object(w);
		jw_kv_str(w, "en", en);
		jw_kv_str(w, "zh", zh);
		jw_object_end(w);
	}
	if (named(r))
		jw_kv_str(w, "department", r->g->config->teams[team].id);
}

/* 0 stands for none. */
static void
write_number(struct json_writer *w, const char *key, int64_t n, bool there)
{
	jw_key(w, key);
	if (there)
		jw_int(w, n);
	else
		jw_null(w);
}

static void
write_what(struct json_writer *w, const struct report_reader *r, const struct truth_fact *f)
{
	const struct drill_config *c = r->g->config;
	const struct system_config *s = f->system >= 0 ? &c->systems[f->system] : NULL;

	jw_kv_str(w, "kind", term_id(&terms_truth_kinds, (int)f->kind));
	if (named(r)) {
		write_number(w, "of", f->of, f->of != 0);
		jw_kv_str(w, "system", s != NULL ? s->id : NULL);
	} else {
		jw_kv_str(w, "service", s != NULL ? c->services[s->service].id : NULL);
	}
	write_moment(w, r, "at", f->at_ms);
	jw_kv_int(w, "drill_ms", f->drill_ms);
	if (f->kind == TRUTH_FLAGS) {
		jw_kv_int(w, "captures", f->captures);
		jw_kv_int(w, "last_drill_ms", f->last_drill_ms);
	}
}

static void
write_span(struct json_writer *w, const char *key, int64_t measured_ms, int64_t claimed_ms)
{
	jw_key(w, key);
	jw_object(w);
	write_number(w, "claimed_ms", claimed_ms, claimed_ms >= 0);
	write_number(w, "measured_ms", measured_ms, measured_ms >= 0);
	jw_object_end(w);
}

static void
write_times(struct json_writer *w, const struct report_reader *r, int32_t fact)
{
	struct truth_times t = truth_times(r->g, fact);

	jw_key(w, "times");
	jw_object(w);
	write_span(w, "contained", t.contained_measured, t.contained_claimed);
	write_span(w, "detected", t.detected_measured, t.detected_claimed);
	write_span(w, "recovered", t.recovered_measured, t.recovered_claimed);
	jw_kv_bool(w, "never_failed", t.never_failed);
	jw_object_end(w);
}

static const char *
correction_name(enum event_kind kind)
{
	if (kind == EV_TRUTH_CONCEALED)
		return "concealed";
	return kind == EV_TRUTH_PAIRED ? "paired" : "unpaired";
}

static void
write_corrections(struct json_writer *w, const struct report_reader *r, int32_t fact)
{
	const struct truths *all = r->g->truths;

	jw_key(w, "corrections");
	jw_array(w);
	for (size_t i = 0; i < all->correction_count; i++) {
		const struct truth_correction *c = &all->corrections[i];

		if (c->fact != fact)
			continue;
		jw_object(w);
		jw_kv_str(w, "what", correction_name(c->kind));
		if (c->kind == EV_TRUTH_CONCEALED)
			jw_kv_bool(w, "concealed", c->concealed);
		else
			write_number(w, "report", c->report, c->report != 0);
		jw_kv_str(w, "by", c->decision.by);
		write_moment(w, r, "at", c->decision.at_ms);
		jw_kv_str(w, "reason", c->decision.reason);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_pair(struct json_writer *w, const struct report_reader *r, int32_t fact)
{
	const struct truth *t = truth_now(r->g);
	int32_t report = t->report[fact - 1], by_clock = t->by_clock[fact - 1];

	write_number(w, "report", report, report != 0);
	if (!staff(r))
		return;
	write_number(w, "report_by_clock", by_clock, by_clock != 0);
	jw_kv_bool(w, "by_hand", r->g->truths->facts[fact - 1].by_hand != TRUTH_NOT_BY_HAND);
	jw_kv_bool(w, "concealment_proposed",
	    t->named[fact - 1] && truth_status(r->g, fact) == TRUTH_MISSED);
	write_corrections(w, r, fact);
}

void
truth_write_fact(struct json_writer *w, const struct report_reader *r, int32_t fact)
{
	const struct truth_fact *f = &r->g->truths->facts[fact - 1];

	jw_object(w);
	jw_kv_int(w, "fact", fact);
	truth_write_whose(w, r, f->team);
	write_what(w, r, f);
	jw_kv_str(w, "status", term_id(&terms_truth_statuses, (int)truth_status(r->g, fact)));
	write_pair(w, r, fact);
	write_times(w, r, fact);
	jw_object_end(w);
}

/* Some attack results are never told to departments: the scenario's results.show_blue. */
static bool
fact_shown(const struct report_reader *r, int32_t fact)
{
	const struct truth_fact *f = &r->g->truths->facts[fact - 1];

	return staff(r) || f->kind != TRUTH_RESULT ||
	       result_shown_to_blue(r->g, result_find(r->g, f->of), r->team);
}

void
truth_write_facts_of(struct json_writer *w, const struct report_reader *r, int32_t report)
{
	const struct truth *t = truth_now(r->g);

	jw_array(w);
	for (int32_t f = truth_of_report(r->g, report); f != 0; f = t->next_fact[f - 1])
		if (fact_shown(r, f))
			truth_write_fact(w, r, f);
	jw_array_end(w);
}
