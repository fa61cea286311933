#include "api/plan_view.h"
#include "api/write.h"
#include "core/game.h"

#include <string.h>

static void
write_name(struct json_writer *w, const char *key, const struct i18n *name)
{
	jw_key(w, key);
	jw_object(w);
	jw_kv_str(w, "zh", name->zh);
	jw_kv_str(w, "en", name->en);
	jw_object_end(w);
}

/* ---- plans ---- */

static bool
in_force(const struct plan_pick *pick)
{
	return pick->version == plan_in_force(pick->own);
}

void
plan_write_head(struct json_writer *w, const struct report_reader *r, const struct plan_pick *pick)
{
	bool own = pick->version > 0;

	jw_kv_str(w, "threat", pick->plan->id);
	jw_kv_str(w, "department", own ? r->g->config->teams[pick->team].id : NULL);
	jw_kv_int(w, "version", pick->version);
	jw_kv_bool(w, "in_force", in_force(pick));
	write_name(w, "name", &pick->plan->name);
	jw_kv_int(w, "steps", (int64_t)pick->plan->step_count);
	write_time(
	    w, "at", own ? pick->own->versions[pick->version - 1].at_ms : 0, r->offset_minutes);
}

static void
write_history(struct json_writer *w, const struct report_reader *r, const struct plan_own *own)
{
	jw_key(w, "history");
	jw_array(w);
	for (size_t i = 0; own != NULL && i < own->version_count; i++) {
		jw_object(w);
		jw_kv_int(w, "version", (int64_t)i + 1);
		write_time(w, "at", own->versions[i].at_ms, r->offset_minutes);
		jw_kv_str(w, "by", own->versions[i].by);
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
write_withdrawn(struct json_writer *w, const struct report_reader *r, const struct plan_own *own)
{
	jw_key(w, "withdrawn");
	if (own == NULL || own->withdrawn.by == NULL) {
		jw_null(w);
		return;
	}
	jw_object(w);
	write_time(w, "at", own->withdrawn.at_ms, r->offset_minutes);
	jw_kv_str(w, "by", own->withdrawn.by);
	jw_kv_str(w, "reason", own->withdrawn.reason);
	jw_object_end(w);
}

void
plan_write(struct json_writer *w, const struct report_reader *r, const struct plan_pick *pick)
{
	jw_object(w);
	plan_write_head(w, r, pick);
	write_history(w, r, pick->own);
	write_withdrawn(w, r, pick->own);
	jw_key(w, "plan");
	plan_encode(pick->plan, w);
	jw_object_end(w);
}

/* ---- a plan at work ---- */

/* What a department said by hand; accounts and names are not for judges. */
static void
write_note(struct json_writer *w, const struct report_reader *r, const struct plan_note *n)
{
	bool named = r->role != ROLE_JUDGE;

	write_time(w, "noted_at", n->noted_ms, r->offset_minutes);
	jw_kv_str(w, "by", named ? n->by : NULL);
	jw_kv_str(w, "who", named && n->mark == PLAN_TICKED ? n->text : NULL);
	jw_kv_str(w, "reason", n->mark == PLAN_SKIPPED ? n->text : NULL);
}

static void
write_step(struct json_writer *w, const struct report_reader *r, const struct plan_run *run,
    size_t i, const struct plan_step_look *s)
{
	const struct plan_step *step = &run->plan->steps[i];

	jw_object(w);
	jw_kv_str(w, "id", step->id);
	jw_kv_str(w, "phase", term_id(&terms_phases, (int)step->phase));
	jw_kv_str(w, "role", term_id(&terms_plan_roles, (int)step->who));
	jw_kv_int(w, "within_minutes", step->within_minutes);
	write_name(w, "text", &step->text);
	jw_kv_str(w, "state", term_id(&terms_plan_states, (int)s->state));
	jw_kv_int(w, "due_drill_ms", s->due_drill_ms);
	write_time(w, "done_at", s->done_ms, r->offset_minutes);
	jw_kv_int(w, "late_ms", s->late_ms);
	jw_kv_str(w, "ticked_by", s->state != PLAN_DONE ? NULL : s->by_action ? "action" : "hand");
	write_note(w, r, &run->notes[i]);
	jw_object_end(w);
}

static void
write_counts(struct json_writer *w, const struct plan_look *look)
{
	jw_key(w, "counts");
	jw_object(w);
	jw_kv_int(w, "done", (int64_t)look->done);
	jw_kv_int(w, "late", (int64_t)look->late);
	jw_kv_int(w, "missing", (int64_t)look->missing);
	jw_kv_int(w, "skipped", (int64_t)look->skipped);
	jw_kv_int(w, "open", (int64_t)look->open);
	jw_object_end(w);
}

/* A department's own plan may have its name in it: judges read the campus's name of that threat. */
static void
write_run_name(struct json_writer *w, const struct report_reader *r, const struct plan_run *run)
{
	const struct plan *campus = plan_default(run->threat);

	if (r->role != ROLE_JUDGE)
		write_name(w, "name", &run->plan->name);
	else
		write_name(w, "name",
		    campus != NULL ? &campus->name : &(struct i18n){run->threat, run->threat});
}

void
plan_write_run(struct json_writer *w, const struct report_reader *r, const struct plan_run *run,
    int64_t now_drill_ms)
{
	struct plan_look look;

	plan_run_look(r->g, run, now_drill_ms, &look);
	jw_kv_int(w, "report", run->report);
	jw_kv_str(w, "threat", run->threat);
	jw_kv_int(w, "version", run->version);
	write_run_name(w, r, run);
	write_time(w, "activated_at", run->at_ms, r->offset_minutes);
	jw_kv_int(w, "activated_drill_ms", run->drill_ms);
	jw_kv_str(w, "activated_by", r->role != ROLE_JUDGE ? run->by : NULL);
	jw_kv_bool(w, "over", look.over);
	write_counts(w, &look);
	jw_key(w, "steps");
	jw_array(w);
	for (size_t i = 0; i < run->plan->step_count; i++)
		write_step(w, r, run, i, &look.steps[i]);
	jw_array_end(w);
}
