#include "api/inject_write.h"
#include "api/attachment_view.h"
#include "api/write.h"

void
write_moment(
    struct json_writer *w, const char *key, const struct inject_moment *m, int offset_minutes)
{
	jw_key(w, key);
	if (m->at_ms == 0) {
		jw_null(w);
		return;
	}
	jw_object(w);
	write_time(w, "at", m->at_ms, offset_minutes);
	jw_kv_int(w, "drill_ms", m->drill_ms);
	jw_object_end(w);
}

/* null where there is none. */
static void
write_ms(struct json_writer *w, const char *key, int64_t ms, bool there)
{
	jw_key(w, key);
	if (there)
		jw_int(w, ms);
	else
		jw_null(w);
}

static void
write_text_or_null(struct json_writer *w, const char *key, const char *text)
{
	jw_kv_str(w, key, text[0] != '\0' ? text : NULL);
}

/* ---- a department's own ---- */

static void
write_versions(struct json_writer *w, const struct game *g, const struct inject_part *p,
    enum role role, int offset_minutes)
{
	jw_key(w, "versions");
	jw_array(w);
	for (size_t i = 0; i < p->answer_count; i++) {
		jw_object(w);
		jw_kv_int(w, "version", (int64_t)i + 1);
		write_time(w, "at", p->answers[i].at.at_ms, offset_minutes);
		jw_kv_int(w, "drill_ms", p->answers[i].at.drill_ms);
		if (role & (ROLE_NAMES | ROLE_BLUE))
			jw_kv_str(w, "by", p->answers[i].by);
		jw_kv_str(w, "text", p->answers[i].text);
		attachments_write(w, g, &p->answers[i].attachments, role, offset_minutes);
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* How the answer that counts stands; released: marks, too. */
static void
write_standing(
    struct json_writer *w, const struct inject *in, const struct inject_part *p, bool released)
{
	const struct inject_marks *m = p->marks_count > 0 ? &p->marks[p->marks_count - 1] : NULL;

	write_ms(w, "late_ms", inject_late_ms(in, p), p->answer_count > 0);
	write_ms(w, "worth", inject_worth(in, p), p->answer_count > 0);
	write_ms(w, "total", m != NULL ? m->total : 0, m != NULL && released);
	jw_kv_int(w, "full_marks", in->full_marks);
}

static void
write_limits(struct json_writer *w, const struct inject *in, const struct inject_part *p)
{
	int64_t allowed = in->plan.allowed_ms;

	write_ms(w, "allowed_ms", allowed, allowed > 0);
	write_ms(w, "due_drill_ms", p->delivered.drill_ms + allowed, allowed > 0);
	write_ms(w, "last_drill_ms", inject_last_ms(in, p), allowed > 0);
}

void
inject_write_own(struct json_writer *w, const struct game *g, const struct inject *in,
    const struct inject_part *p, bool whole, int offset_minutes)
{
	const struct inject_plan *plan = &in->plan;

	jw_kv_int(w, "id", in->id);
	jw_kv_str(w, "state", inject_stage_name(inject_part_stage(in, p)));
	jw_kv_bool(w, "common", plan->common);
	write_i18n(w, "title", &plan->title);
	write_i18n(w, "from", &plan->from);
	if (whole)
		write_i18n(w, "text", &plan->text);
	write_moment(w, "delivered", &p->delivered, offset_minutes);
	write_moment(w, "acknowledged", &p->acknowledged, offset_minutes);
	write_moment(w, "expired", &p->expired, offset_minutes);
	write_limits(w, in, p);
	write_standing(w, in, p, in->stage == INJECT_CLOSED);
	if (whole)
		write_versions(w, g, p, ROLE_BLUE, offset_minutes);
}

/* ---- for staff ---- */

static void
write_channels(struct json_writer *w, unsigned channels)
{
	jw_key(w, "channels");
	jw_array(w);
	if (channels & INJECT_IN_APP)
		jw_str(w, "app");
	if (channels & INJECT_BY_MAIL)
		jw_str(w, "mail");
	jw_array_end(w);
}

static void
write_when(struct json_writer *w, const struct inject *in)
{
	const struct inject_plan *p = &in->plan;

	jw_kv_str(w, "when", term_id(&terms_inject_whens, (int)p->when));
	write_ms(w, "offset_ms", p->offset_ms, p->when == INJECT_AT);
	write_ms(w, "due_ms", in->due_ms, p->when == INJECT_AT);
	jw_key(w, "after");
	if (p->when != INJECT_AFTER) {
		jw_null(w);
		return;
	}
	jw_object(w);
	jw_kv_str(w, "inject", p->after);
	jw_kv_str(w, "on", term_id(&terms_inject_outcomes, (int)p->on));
	jw_object_end(w);
}

static void
write_rubric(struct json_writer *w, const struct inject_plan *p)
{
	jw_key(w, "rubric");
	jw_array(w);
	for (size_t i = 0; i < p->item_count; i++) {
		jw_object(w);
		jw_kv_str(w, "id", p->items[i].id);
		jw_kv_int(w, "marks", p->items[i].marks);
		write_i18n(w, "title", &p->items[i].title);
		write_i18n(w, "guidance", &p->items[i].guidance);
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* How many departments are in each state: all that a judge is told of them. */
static void
write_counts(struct json_writer *w, const struct inject *in)
{
	int64_t counts[INJECT_STAGES] = {0};

	for (size_t i = 0; i < in->part_count; i++)
		counts[inject_part_stage(in, &in->parts[i])]++;
	jw_key(w, "counts");
	jw_object(w);
	for (int s = 0; s < INJECT_STAGES; s++)
		if (counts[s] > 0)
			jw_kv_int(w, inject_stage_name((enum inject_stage)s), counts[s]);
	jw_object_end(w);
}

/* Who put it where it is: account, when, why. */
static void
write_last(struct json_writer *w, const struct inject *in, int offset_minutes)
{
	jw_key(w, "last");
	jw_object(w);
	jw_kv_str(w, "by", in->last.by);
	write_time(w, "at", in->last.at_ms, offset_minutes);
	write_text_or_null(w, "reason", in->last.reason);
	jw_object_end(w);
}

void
inject_write_staff(
    struct json_writer *w, const struct inject *in, enum role role, bool whole, int offset_minutes)
{
	const struct inject_plan *p = &in->plan;

	jw_kv_int(w, "id", in->id);
	jw_kv_str(w, "number", in->number);
	jw_kv_str(w, "state", inject_stage_name(inject_stage(in)));
	jw_kv_bool(w, "common", p->common);
	write_i18n(w, "title", &p->title);
	jw_kv_str(w, "phase", p->phase >= 0 ? term_id(&terms_phases, p->phase) : NULL);
	write_when(w, in);
	write_channels(w, p->channels);
	write_ms(w, "allowed_ms", p->allowed_ms, p->allowed_ms > 0);
	jw_kv_int(w, "pass", p->pass);
	jw_kv_int(w, "full_marks", in->full_marks);
	write_text_or_null(w, "controller", p->controller);
	write_text_or_null(w, "evaluator", p->evaluator);
	if (role & ROLE_NAMES)
		write_words(w, "to", p->to);
	write_moment(w, "created", &in->created, offset_minutes);
	write_moment(w, "delivered", &in->delivered, offset_minutes);
	write_last(w, in, offset_minutes);
	write_counts(w, in);
	if (!whole)
		return;
	write_i18n(w, "from", &p->from);
	write_i18n(w, "text", &p->text);
	write_i18n(w, "objective", &p->objective);
	write_i18n(w, "expected", &p->expected);
	write_rubric(w, p);
}

/* ---- planned against what happened ---- */

static void
write_department(struct json_writer *w, const struct game *g, const struct inject *in,
    const struct inject_part *p, int offset_minutes)
{
	const struct inject_moment none = {0, 0};
	const struct inject_answer *a =
	    p->answer_count > 0 ? &p->answers[p->answer_count - 1] : NULL;
	const struct inject_marks *m = p->marks_count > 0 ? &p->marks[p->marks_count - 1] : NULL;

	jw_object(w);
	jw_kv_str(w, "team", g->config->teams[p->team].id);
	jw_kv_str(w, "state", inject_stage_name(inject_part_stage(in, p)));
	write_ms(w, "answer", p->answer, p->answer != 0);
	write_moment(w, "delivered", &p->delivered, offset_minutes);
	write_moment(w, "acknowledged", &p->acknowledged, offset_minutes);
	write_moment(w, "responded", a != NULL ? &a->at : &none, offset_minutes);
	write_moment(w, "expired", &p->expired, offset_minutes);
	write_moment(w, "evaluated", m != NULL ? &m->at : &none, offset_minutes);
	write_standing(w, in, p, true);
	jw_object_end(w);
}

void
inject_write_course(struct json_writer *w, const struct game *g, const struct inject *in,
    enum role role, int offset_minutes)
{
	bool by_clock = in->plan.when == INJECT_AT;

	jw_kv_int(w, "id", in->id);
	jw_kv_str(w, "number", in->number);
	jw_kv_str(w, "state", inject_stage_name(inject_stage(in)));
	jw_kv_bool(w, "common", in->plan.common);
	write_i18n(w, "title", &in->plan.title);
	write_when(w, in);
	write_moment(w, "delivered", &in->delivered, offset_minutes);
	write_ms(w, "shift_ms", in->delivered.drill_ms - in->plan.offset_ms,
	    by_clock && in->delivered.at_ms != 0);
	write_last(w, in, offset_minutes);
	write_counts(w, in);
	if (!(role & ROLE_NAMES))
		return;
	jw_key(w, "departments");
	jw_array(w);
	for (size_t i = 0; i < in->part_count; i++)
		write_department(w, g, in, &in->parts[i], offset_minutes);
	jw_array_end(w);
}

/* ---- answers ---- */

static void
write_marks(
    struct json_writer *w, const struct inject *in, const struct inject_part *p, int offset_minutes)
{
	jw_key(w, "evaluations");
	jw_array(w);
	for (size_t i = 0; i < p->marks_count; i++) {
		const struct inject_marks *m = &p->marks[i];

		jw_object(w);
		jw_kv_int(w, "version", (int64_t)i + 1);
		jw_kv_int(w, "of", m->of);
		write_time(w, "at", m->at.at_ms, offset_minutes);
		jw_kv_str(w, "by", m->by);
		jw_key(w, "marks");
		jw_object(w);
		for (size_t k = 0; k < in->plan.item_count; k++)
			jw_kv_int(w, in->plan.items[k].id, m->marks[k]);
		jw_object_end(w);
		jw_kv_int(w, "total", m->total);
		write_text_or_null(w, "reason", m->reason);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_comments(struct json_writer *w, const struct inject_part *p, int offset_minutes)
{
	jw_key(w, "comments");
	jw_array(w);
	for (size_t i = 0; i < p->comment_count; i++) {
		jw_object(w);
		write_time(w, "at", p->comments[i].at.at_ms, offset_minutes);
		jw_kv_str(w, "by", p->comments[i].by);
		jw_kv_str(w, "text", p->comments[i].text);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
inject_write_answer(struct json_writer *w, const struct game *g, const struct inject_place *place,
    enum role role, bool whole, int offset_minutes)
{
	const struct inject *in = place->inject;
	const struct inject_part *p = place->part;

	jw_kv_int(w, "id", p->answer);
	jw_kv_int(w, "inject", in->id);
	jw_kv_str(w, "number", in->number);
	write_i18n(w, "title", &in->plan.title);
	jw_kv_str(w, "state", inject_stage_name(inject_part_stage(in, p)));
	if (role & ROLE_NAMES)
		jw_kv_str(w, "team", g->config->teams[p->team].id);
	jw_kv_int(w, "version", (int64_t)p->answer_count);
	write_moment(w, "delivered", &p->delivered, offset_minutes);
	write_moment(w, "answered", &p->answers[p->answer_count - 1].at, offset_minutes);
	write_standing(w, in, p, true);
	if (!whole)
		return;
	write_versions(w, g, p, role, offset_minutes);
	write_marks(w, in, p, offset_minutes);
	write_comments(w, p, offset_minutes);
}
