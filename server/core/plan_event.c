/* Plans' events on disk, and the plan that one carries. */
#include "core/plan_private.h"

#include <string.h>

static bool
carries_plan(const struct event *ev)
{
	return ev->kind == EV_PLAN_ADOPTED || ev->kind == EV_PLAN_ACTIVATED;
}

static bool
is_of_report(const struct event *ev)
{
	return ev->kind != EV_PLAN_ADOPTED && ev->kind != EV_PLAN_WITHDRAWN;
}

static bool
is_of_step(const struct event *ev)
{
	return ev->kind == EV_PLAN_STEP_TICKED || ev->kind == EV_PLAN_STEP_SKIPPED;
}

void
plan_encode_event(const struct event *ev, struct json_writer *w)
{
	const struct plan_event *p = ev->u.plan;

	if (ev->kind == EV_PLAN_STEP_TICKED)
		jw_kv_int(w, "done", p->done_ms);
	if (is_of_report(ev))
		jw_kv_int(w, "report", p->report);
	if (is_of_step(ev))
		jw_kv_str(w, "step", p->step);
	if (carries_plan(ev))
		jw_kv_str(w, "steps", p->steps);
	if (!is_of_report(ev))
		jw_kv_str(w, "team", p->team);
	jw_kv_str(w, "threat", p->threat);
	if (!is_of_step(ev))
		jw_kv_int(w, "version", p->version);
}

void
plan_encode_secret(const struct event *ev, struct json_writer *w)
{
	const struct plan_event *p = ev->u.plan;

	if (carries_plan(ev))
		jw_kv_str(w, "text", p->text);
	else if (ev->kind == EV_PLAN_STEP_TICKED)
		jw_kv_str(w, "who", p->who);
	else
		jw_kv_str(w, "reason", p->reason);
}

static enum err
decode_step(const struct event *ev, struct plan_event *p, const struct record_reader *r)
{
	enum err e = record_text(r, "step", ID_MAX_BYTES, &p->step);

	if (e == ERR_OK && ev->kind == EV_PLAN_STEP_TICKED)
		e = record_int(r, "done", 1, INT64_MAX, &p->done_ms);
	return e;
}

static enum err
decode_whole(const struct event *ev, struct plan_event *p, const struct record_reader *r)
{
	enum err e = record_int32(r, "version", 0, PLAN_VERSIONS_MAX, &p->version);

	if (e == ERR_OK && carries_plan(ev))
		e = record_text(r, "steps", PLAN_STEP_LIST_MAX_BYTES, &p->steps);
	return e;
}

enum err
plan_decode(struct event *ev, const struct record_reader *r)
{
	struct plan_event *p = arena_alloc(r->arena, sizeof *p);
	enum err e;

	*p = (struct plan_event){.team = "", .steps = "", .step = ""};
	ev->u.plan = p;
	p->text = record_secret(r, "text");
	p->who = record_secret(r, "who");
	p->reason = record_secret(r, "reason");
	if ((e = record_text(r, "threat", ID_MAX_BYTES, &p->threat)) != ERR_OK)
		return e;
	if (is_of_report(ev))
		e = record_int32(r, "report", 1, REPORT_CHAINS_MAX, &p->report);
	else
		e = record_text(r, "team", ID_MAX_BYTES, &p->team);
	if (e != ERR_OK)
		return e;
	return is_of_step(ev) ? decode_step(ev, p, r) : decode_whole(ev, p, r);
}

/* ---- the plan inside ---- */

/* Of a published bundle: the ids and nothing else. */
static enum err
bare_plan(const struct plan_event *p, struct arena *arena, struct plan *out, struct why *why)
{
	struct plan_step *steps = arena_array(arena, PLAN_STEPS_MAX, sizeof *steps);

	*out = (struct plan){.id = arena_strdup(arena, p->threat),
	    .name = {"", ""},
	    .summary = {"", ""},
	    .steps = steps};
	for (const char *at = p->steps; *at != '\0';) {
		size_t len = strcspn(at, ",");
		const char *id = arena_strndup(arena, at, len);

		if (out->step_count == PLAN_STEPS_MAX || !id_valid(id) ||
		    plan_step_find(out, id) >= 0)
			return why_set(why, ERR_INVALID,
			    "\"steps\" are 1 to %d ids of steps, each once, with commas between",
			    PLAN_STEPS_MAX);
		steps[out->step_count++] = (struct plan_step){.id = id, .text = {"", ""}};
		at += len + (at[len] == ',');
	}
	return out->step_count > 0
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "\"steps\": a plan has at least one step");
}

static void
step_list(const struct plan *p, struct buf *out)
{
	buf_init(out, PLAN_STEP_LIST_MAX_BYTES);
	for (size_t i = 0; i < p->step_count; i++) {
		buf_puts(out, i > 0 ? "," : "");
		buf_puts(out, p->steps[i].id);
	}
}

static enum err
same_steps(const struct plan_event *p, const struct plan *plan, struct why *why)
{
	struct buf list;
	bool same;

	step_list(plan, &list);
	same = strcmp(list.data, p->steps) == 0;
	buf_free(&list);
	return same ? ERR_OK
		    : why_set(why, ERR_INVALID, "\"steps\" are not the steps of the plan's text");
}

enum err
plan_of_event(const struct plan_event *p, struct arena *arena, struct plan *out, struct why *why)
{
	struct json_t *j;
	enum err e;

	if (p->text[0] == '\0')
		return bare_plan(p, arena, out, why);
	if (strlen(p->text) > PLAN_DOCUMENT_MAX_BYTES)
		return why_set(
		    why, ERR_LIMIT, "a plan has at most %u bytes", PLAN_DOCUMENT_MAX_BYTES);
	if ((e = jr_parse(p->text, strlen(p->text), &j, why)) != ERR_OK)
		return e;
	e = plan_parse(j, arena, out, why);
	jr_free(j);
	if (e != ERR_OK)
		return e;
	if (strcmp(out->id, p->threat) != 0)
		return why_set(why, ERR_INVALID,
		    "the plan's \"id\" is \"%s\", but it is for \"%s\"", out->id, p->threat);
	return same_steps(p, out, why);
}

enum err
plan_carry(const struct plan *plan, struct arena *arena, struct plan_event *out, struct why *why)
{
	struct buf text, steps;
	struct json_writer w;
	enum err e;

	step_list(plan, &steps);
	buf_init(&text, PLAN_DOCUMENT_MAX_BYTES);
	jw_begin(&w, &text);
	plan_encode(plan, &w);
	if ((e = buf_err(&text)) == ERR_OK && (e = buf_err(&steps)) == ERR_OK) {
		out->text = arena_strdup(arena, text.data);
		out->steps = arena_strdup(arena, steps.data);
	} else {
		e = why_set(why, e, "a plan has at most %u bytes", PLAN_DOCUMENT_MAX_BYTES);
	}
	buf_free(&text);
	buf_free(&steps);
	return e;
}
