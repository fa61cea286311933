#include "api/ticket_view.h"
#include "api/attachment_view.h"
#include "api/write.h"
#include "base/date.h"

#include <string.h>

void
write_date(struct json_writer *w, const char *key, int32_t date)
{
	char text[DATE_BYTES];

	date_format(date, text);
	jw_kv_str(w, key, date != 0 ? text : NULL);
}

/* A text that need not be there. */
static void
write_text(struct json_writer *w, const char *key, const char *text)
{
	jw_kv_str(w, key, text[0] != '\0' ? text : NULL);
}

void
write_ticket_line(struct json_writer *w, const struct ticket_view *v, int32_t id)
{
	const struct ticket *t = ticket_find(v->g, id);
	const struct drill_config *c = v->g->config;
	char number[TICKET_NUMBER_BYTES], source[SOURCE_MAX_BYTES];
	struct ticket_source seen;

	ticket_number(v->g, t, number);
	seen = ticket_source_for(v->g, t, v->judge);
	source_write(&seen, source);
	jw_kv_int(w, "id", id);
	write_text(w, "number", number);
	write_time(w, "at", t->at_ms, v->offset_minutes);
	jw_kv_str(w, "department", c->teams[t->team].id);
	jw_kv_str(w, "system", t->system >= 0 ? c->systems[t->system].id : NULL);
	write_text(w, "asset", t->asset);
	jw_kv_str(w, "title", t->title);
	jw_kv_str(w, "class", term_id(&terms_weaknesses, (int)t->weakness));
	jw_kv_str(w, "severity", term_id(&terms_severities, (int)t->severity));
	jw_kv_str(w, "source", source);
	jw_kv_str(w, "state", term_id(&terms_ticket_states, (int)t->state));
	write_date(w, "due", t->due);
	jw_kv_int(w, "overdue", ticket_overdue(v->g, t, v->now_ms));
	jw_kv_str(w, "supervision", term_id(&terms_supervision, t->level));
	jw_kv_int(w, "extensions", t->extensions);
	jw_kv_int(w, "reopened", t->reopened);
	write_time(w, "closed_at", t->closed_ms, v->offset_minutes);
}

/* What only some steps have. */
static void
write_step_facts(struct json_writer *w, const struct ticket_step *s)
{
	switch (s->kind) {
	case EV_TICKET_RETESTED:
		jw_kv_str(w, "method", term_id(&terms_retest_methods, (int)s->method));
		jw_kv_str(w, "result", term_id(&terms_retest_results, (int)s->result));
		break;
	case EV_TICKET_EXTENSION_DECIDED:
		jw_kv_bool(w, "granted", s->granted);
		break;
	case EV_TICKET_SUPERVISED:
		jw_kv_str(w, "supervision", term_id(&terms_supervision, s->number));
		break;
	case EV_TICKET_DUPLICATE:
		jw_kv_int(w, "of", s->number);
		break;
	default:
		break;
	}
	if (s->date != 0)
		write_date(w, s->kind == EV_TICKET_RISK_ACCEPTED ? "until" : "due", s->date);
}

static void
write_steps(struct json_writer *w, const struct ticket_view *v, const struct ticket *t)
{
	jw_key(w, "steps");
	jw_array(w);
	for (size_t i = 0; i < t->step_count; i++) {
		const struct ticket_step *s = &t->steps[i];

		jw_object(w);
		jw_kv_str(w, "kind", strchr(event_kind_name(s->kind), '.') + 1);
		write_time(w, "at", s->at_ms, v->offset_minutes);
		jw_kv_str(w, "by", s->by);
		jw_kv_str(w, "state", term_id(&terms_ticket_states, (int)s->state));
		if (s->text[0] != '\0')
			jw_kv_str(w, "text", s->text);
		if (s->signer[0] != '\0')
			jw_kv_str(w, "signer", s->signer);
		write_step_facts(w, s);
		if (s->attachments != NULL)
			attachments_write(w, v->g, s->attachments,
			    v->judge ? ROLE_JUDGE : ROLE_DIRECTOR, v->offset_minutes);
		jw_object_end(w);
	}
	jw_array_end(w);
}

void
write_ticket(struct json_writer *w, const struct ticket_view *v, int32_t id)
{
	const struct ticket *t = ticket_find(v->g, id);

	jw_object(w);
	write_ticket_line(w, v, id);
	write_text(w, "evidence", t->evidence);
	write_text(w, "requirement", t->requirement);
	write_text(w, "in_charge", t->in_charge);
	write_text(w, "run_by", t->run_by);
	write_text(w, "used_by", t->used_by);
	write_date(w, "asked_due", t->state == TICKET_EXTENSION_PENDING ? t->asked_due : 0);
	write_date(w, "until", t->state == TICKET_RISK_ACCEPTED ? t->until : 0);
	jw_key(w, "duplicate_of");
	if (t->duplicate_of > 0)
		jw_int(w, t->duplicate_of);
	else
		jw_null(w);
	write_steps(w, v, t);
	jw_object_end(w);
}
