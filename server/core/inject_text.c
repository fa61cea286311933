/* Injects as the journal has them: what scoring needs in the body, what people wrote in the secret. Keys are sorted. */
#include "core/inject_private.h"

#include <string.h>

const struct terms terms_inject_whens = {"moment",
    (const struct term[]){[INJECT_AT] = {"offset", {"按时", "at an offset"}},
	[INJECT_MANUAL] = {"manual", {"手动", "by hand"}},
	[INJECT_AFTER] = {"after", {"条件", "on a condition"}}},
    INJECT_WHENS};

const struct terms terms_inject_outcomes = {"outcome",
    (const struct term[]){[INJECT_SUCCESS] = {"success", {"成功", "success"}},
	[INJECT_FAILURE] = {"failure", {"失败", "failure"}},
	[INJECT_EXPIRY] = {"expiry", {"超时", "expiry"}}},
    INJECT_OUTCOMES};

/* ---- writing ---- */

static void
put_items(struct json_writer *w, const struct inject_plan *p, bool secret)
{
	jw_key(w, "items");
	jw_array(w);
	for (size_t i = 0; i < p->item_count; i++) {
		jw_object(w);
		if (secret) {
			i18n_write(w, "guidance", &p->items[i].guidance);
			i18n_write(w, "title", &p->items[i].title);
		} else {
			jw_kv_str(w, "id", p->items[i].id);
			jw_kv_int(w, "marks", p->items[i].marks);
		}
		jw_object_end(w);
	}
	jw_array_end(w);
}

static void
encode_plan(const struct inject_event *ev, struct json_writer *w)
{
	const struct inject_plan *p = ev->plan;

	jw_kv_str(w, "after", p->after);
	jw_kv_int(w, "allowed_ms", p->allowed_ms);
	jw_kv_int(w, "channels", p->channels);
	jw_kv_bool(w, "common", p->common);
	jw_kv_str(w, "controller", p->controller);
	jw_kv_str(w, "evaluator", p->evaluator);
	jw_kv_int(w, "id", ev->id);
	put_items(w, p, false);
	jw_kv_str(w, "number", p->number);
	jw_kv_int(w, "offset_ms", p->offset_ms);
	jw_kv_str(w, "on", term_id(&terms_inject_outcomes, (int)p->on));
	jw_kv_int(w, "pass", p->pass);
	jw_kv_str(w, "phase", p->phase >= 0 ? term_id(&terms_phases, p->phase) : "");
	jw_kv_str(w, "to", p->to);
	jw_kv_str(w, "when", term_id(&terms_inject_whens, (int)p->when));
}

static void
encode_marks(const struct inject_event *ev, struct json_writer *w)
{
	jw_kv_int(w, "answer", ev->answer);
	jw_kv_int(w, "id", ev->id);
	jw_key(w, "marks");
	jw_array(w);
	for (size_t i = 0; i < ev->mark_count; i++)
		jw_int(w, ev->marks[i]);
	jw_array_end(w);
	jw_kv_int(w, "of", ev->of);
	jw_kv_str(w, "reason", ev->reason);
	jw_kv_str(w, "team", ev->team);
	jw_kv_int(w, "version", ev->version);
}

void
inject_encode(const struct event *event, struct json_writer *w)
{
	const struct inject_event *ev = event->u.inject;

	switch (event->kind) {
	case EV_INJECT_DRAFTED:
		encode_plan(ev, w);
		return;
	case EV_INJECT_EVALUATED:
		encode_marks(ev, w);
		return;
	case EV_INJECT_DELIVERED:
		jw_kv_str(w, "by", term_id(&terms_inject_whens, (int)ev->how));
		jw_kv_int(w, "id", ev->id);
		jw_kv_str(w, "teams", ev->teams);
		return;
	case EV_INJECT_RESPONDED:
	case EV_INJECT_COMMENTED:
		jw_kv_int(w, "answer", ev->answer);
		attachments_encode(&ev->attachments, w); /* none but of responded */
		break;
	default:
		break;
	}
	jw_kv_int(w, "id", ev->id);
	if (event->kind == EV_INJECT_SCHEDULED)
		jw_kv_int(w, "offset_ms", ev->offset_ms);
	if (event->kind == EV_INJECT_HELD || event->kind == EV_INJECT_SKIPPED ||
	    event->kind == EV_INJECT_CANCELLED)
		jw_kv_str(w, "reason", ev->reason);
	if (event->kind == EV_INJECT_ACKNOWLEDGED || event->kind == EV_INJECT_RESPONDED ||
	    event->kind == EV_INJECT_COMMENTED)
		jw_kv_str(w, "team", ev->team);
	if (event->kind == EV_INJECT_RESPONDED)
		jw_kv_int(w, "version", ev->version);
}

void
inject_encode_secret(const struct event *event, struct json_writer *w)
{
	const struct inject_event *ev = event->u.inject;

	if (event->kind == EV_INJECT_RESPONDED || event->kind == EV_INJECT_COMMENTED)
		jw_kv_str(w, "text", ev->text);
	if (event->kind != EV_INJECT_DRAFTED)
		return;
	i18n_write(w, "expected", &ev->plan->expected);
	i18n_write(w, "from", &ev->plan->from);
	put_items(w, ev->plan, true);
	i18n_write(w, "objective", &ev->plan->objective);
	i18n_write(w, "text", &ev->plan->text);
	i18n_write(w, "title", &ev->plan->title);
}

/* ---- reading ---- */

/* The secret's pair of texts, "" both where there is none. */
static struct i18n
get_i18n(const struct record_reader *r, const struct json_t *o, const char *key)
{
	const struct json_t *t = o != NULL ? jr_get(o, key) : NULL;
	const char *zh = t != NULL ? jr_string(jr_get(t, "zh"), NULL) : NULL;
	const char *en = t != NULL ? jr_string(jr_get(t, "en"), NULL) : NULL;

	return (struct i18n){zh != NULL ? arena_strdup(r->arena, zh) : "",
	    en != NULL ? arena_strdup(r->arena, en) : ""};
}

static enum err
get_word(const struct record_reader *r, const char *key, const struct terms *terms, int *out)
{
	const char *word;
	enum err e = jr_want_text(r->body, key, ID_MAX_BYTES, &word, r->why);

	return e != ERR_OK ? e : term_want(terms, word, out, r->why);
}

static enum err
get_item(const struct record_reader *r, const struct json_t *o, size_t i, struct inject_item *out)
{
	const struct json_t *secret =
	    r->secret != NULL ? jr_at(jr_get(r->secret, "items"), i) : NULL;
	const char *id;
	int64_t marks;
	enum err e;

	if ((e = jr_want_str(o, "id", ID_MAX_BYTES, &id, r->why)) != ERR_OK ||
	    (e = jr_want_int(o, "marks", 1, INJECT_MARKS_MAX, &marks, r->why)) != ERR_OK)
		return e;
	*out = (struct inject_item){.id = arena_strdup(r->arena, id),
	    .marks = (int32_t)marks,
	    .title = get_i18n(r, secret, "title"),
	    .guidance = get_i18n(r, secret, "guidance")};
	return ERR_OK;
}

static enum err
get_items(const struct record_reader *r, struct inject_plan *p)
{
	const struct json_t *list = jr_get(r->body, "items");
	enum err e = ERR_OK;

	if (!jr_is_array(list) || jr_count(list) > INJECT_ITEMS_MAX)
		return why_set(r->why, ERR_INVALID, "\"items\" must be a list of at most %d",
		    INJECT_ITEMS_MAX);
	p->item_count = jr_count(list);
	p->items = arena_array(r->arena, p->item_count + 1, sizeof *p->items);
	for (size_t i = 0; i < p->item_count && e == ERR_OK; i++)
		e = get_item(r, jr_at(list, i), i, &p->items[i]);
	return e;
}

static enum err
get_words(const struct record_reader *r, struct inject_plan *p)
{
	const char *phase;
	int when, on;
	enum err e;

	if ((e = get_word(r, "when", &terms_inject_whens, &when)) != ERR_OK ||
	    (e = get_word(r, "on", &terms_inject_outcomes, &on)) != ERR_OK ||
	    (e = jr_want_text(r->body, "phase", ID_MAX_BYTES, &phase, r->why)) != ERR_OK)
		return e;
	p->when = (enum inject_when)when;
	p->on = (enum inject_outcome)on;
	p->phase = -1;
	return phase[0] == '\0' ? ERR_OK : term_want(&terms_phases, phase, &p->phase, r->why);
}

static enum err
get_plan(const struct record_reader *r, struct inject_plan *p)
{
	int32_t channels;
	enum err e;

	if ((e = record_text(r, "after", ID_MAX_BYTES, &p->after)) != ERR_OK ||
	    (e = record_int(r, "allowed_ms", 0, INJECT_OFFSET_MS_MAX, &p->allowed_ms)) != ERR_OK ||
	    (e = record_int32(r, "channels", 1, INJECT_IN_APP | INJECT_BY_MAIL, &channels)) !=
		ERR_OK ||
	    (e = record_bool(r, "common", &p->common)) != ERR_OK ||
	    (e = record_text(r, "controller", ID_MAX_BYTES, &p->controller)) != ERR_OK ||
	    (e = record_text(r, "evaluator", ID_MAX_BYTES, &p->evaluator)) != ERR_OK ||
	    (e = record_text(r, "number", ID_MAX_BYTES, &p->number)) != ERR_OK ||
	    (e = record_int(r, "offset_ms", 0, INJECT_OFFSET_MS_MAX, &p->offset_ms)) != ERR_OK ||
	    (e = record_int32(r, "pass", 1, 100, &p->pass)) != ERR_OK ||
	    (e = record_text(r, "to", ADDRESSEES_MAX_BYTES, &p->to)) != ERR_OK ||
	    (e = get_words(r, p)) != ERR_OK)
		return e;
	p->channels = (unsigned)channels;
	p->from = get_i18n(r, r->secret, "from");
	p->title = get_i18n(r, r->secret, "title");
	p->text = get_i18n(r, r->secret, "text");
	p->objective = get_i18n(r, r->secret, "objective");
	p->expected = get_i18n(r, r->secret, "expected");
	return get_items(r, p);
}

static enum err
get_delivered(const struct record_reader *r, struct inject_event *ev)
{
	int how;
	enum err e = get_word(r, "by", &terms_inject_whens, &how);

	if (e != ERR_OK)
		return e;
	ev->how = (enum inject_when)how;
	return record_text(r, "teams", ADDRESSEES_MAX_BYTES, &ev->teams);
}

static enum err
get_marks(const struct record_reader *r, struct inject_event *ev)
{
	const struct json_t *list = jr_get(r->body, "marks");
	int32_t *marks = arena_array(r->arena, INJECT_ITEMS_MAX, sizeof *marks);

	if (!jr_is_array(list) || jr_count(list) > INJECT_ITEMS_MAX)
		return why_set(r->why, ERR_INVALID, "\"marks\" must be a list of at most %d",
		    INJECT_ITEMS_MAX);
	ev->mark_count = jr_count(list);
	ev->marks = marks;
	for (size_t i = 0; i < ev->mark_count; i++) {
		int64_t v = jr_integer(jr_at(list, i), -1);

		if (v < 0 || v > INJECT_MARKS_MAX)
			return why_set(r->why, ERR_INVALID,
			    "\"marks\": element %zu is no number from 0 to %d", i,
			    INJECT_MARKS_MAX);
		marks[i] = (int32_t)v;
	}
	return ERR_OK;
}

/* Members of what one department's answer is about. */
static enum err
get_answer(const struct event *event, const struct record_reader *r, struct inject_event *ev)
{
	enum err e;

	if ((e = record_text(r, "team", ID_MAX_BYTES, &ev->team)) != ERR_OK ||
	    event->kind == EV_INJECT_ACKNOWLEDGED)
		return e;
	if ((e = record_int32(r, "answer", 1, INT32_MAX, &ev->answer)) != ERR_OK)
		return e;
	if (event->kind != EV_INJECT_EVALUATED)
		ev->text = record_secret(r, "text");
	if (event->kind == EV_INJECT_COMMENTED)
		return ERR_OK;
	if (event->kind == EV_INJECT_RESPONDED &&
	    (e = attachments_want(r->body, &ev->attachments, r->why)) != ERR_OK)
		return e;
	if ((e = record_int32(r, "version", 1, INJECT_VERSIONS_MAX, &ev->version)) != ERR_OK ||
	    event->kind == EV_INJECT_RESPONDED)
		return e;
	if ((e = record_int32(r, "of", 1, INJECT_VERSIONS_MAX, &ev->of)) != ERR_OK ||
	    (e = record_text(r, "reason", REASON_MAX_BYTES, &ev->reason)) != ERR_OK)
		return e;
	return get_marks(r, ev);
}

enum err
inject_decode(struct event *event, const struct record_reader *r)
{
	struct inject_event *ev = arena_alloc(r->arena, sizeof *ev);
	struct inject_plan *plan;
	enum err e;

	*ev = (struct inject_event){.teams = "", .team = "", .text = "", .reason = ""};
	event->u.inject = ev;
	if ((e = record_int32(r, "id", 1, INT32_MAX, &ev->id)) != ERR_OK)
		return e;
	switch (event->kind) {
	case EV_INJECT_DRAFTED:
		ev->plan = plan = arena_alloc(r->arena, sizeof *plan);
		return get_plan(r, plan);
	case EV_INJECT_SCHEDULED:
		return record_int(r, "offset_ms", -1, INJECT_OFFSET_MS_MAX, &ev->offset_ms);
	case EV_INJECT_HELD:
	case EV_INJECT_SKIPPED:
	case EV_INJECT_CANCELLED:
		return record_text(r, "reason", REASON_MAX_BYTES, &ev->reason);
	case EV_INJECT_DELIVERED:
		return get_delivered(r, ev);
	case EV_INJECT_ACKNOWLEDGED:
	case EV_INJECT_RESPONDED:
	case EV_INJECT_EVALUATED:
	case EV_INJECT_COMMENTED:
		return get_answer(event, r, ev);
	default:
		return ERR_OK; /* approved, expired, closed */
	}
}
