/* Events of reports as texts: what scoring and statistics ask for is in the body, words and names in the secret. */
#include "core/event.h"
#include "core/report_private.h"

#include <string.h>

/* ---- writing: keys in sorted order ---- */

static void
encode_submitted(const struct report_event *r, struct json_writer *w)
{
	attachments_encode(&r->attachments, w);
	jw_kv_str(w, "class", r->class_code);
	jw_kv_int(w, "contained", r->times[REPORT_CONTAINED]);
	jw_kv_int(w, "detected", r->times[REPORT_DETECTED]);
	jw_kv_int(w, "eradicated", r->times[REPORT_ERADICATED]);
	jw_kv_int(w, "id", r->id);
	jw_kv_str(w, "importance", term_id(&terms_importance, (int)r->importance));
	jw_kv_str(w, "level", term_id(&terms_levels, (int)r->level));
	jw_kv_str(w, "loss", term_id(&terms_losses, (int)r->loss));
	jw_kv_int(w, "recovered", r->times[REPORT_RECOVERED]);
	jw_kv_str(w, "stage", term_id(&terms_stages, (int)r->stage));
	jw_kv_str(w, "systems", r->systems);
	jw_kv_str(w, "team", r->team);
	jw_kv_int(w, "year", r->year);
}

void
report_encode(const struct event *ev, struct json_writer *w)
{
	const struct report_event *r = ev->u.report;

	if (ev->kind == EV_REPORT_SUBMITTED) {
		encode_submitted(r, w);
		return;
	}
	jw_kv_int(w, "id", r->id);
	if (ev->kind == EV_REPORT_COMMENTED)
		jw_kv_bool(w, "internal", r->internal);
	if (ev->kind == EV_REPORT_DUPLICATE)
		jw_kv_int(w, "of", r->of);
	if (ev->kind != EV_REPORT_DRAFTED)
		return;
	jw_kv_str(w, "stage", term_id(&terms_stages, (int)r->stage));
	jw_kv_str(w, "team", r->team);
}

void
report_encode_secret(const struct event *ev, struct json_writer *w)
{
	const struct report_event *r = ev->u.report;

	if (ev->kind == EV_REPORT_RETURNED || ev->kind == EV_REPORT_DUPLICATE)
		jw_kv_str(w, "reason", r->reason);
	else if (ev->kind != EV_REPORT_WITHDRAWN)
		jw_kv_str(w, "text", r->text);
}

/* ---- reading ---- */

static enum err
read_times(struct report_event *ev, const struct record_reader *r)
{
	enum err e = ERR_OK;

	for (int i = 0; e == ERR_OK && i < REPORT_TIMES; i++)
		if (i != REPORT_ATTACKED && i != REPORT_REPORTED)
			e = record_int(
			    r, term_id(&terms_report_times, i), 0, INT64_MAX / 2, &ev->times[i]);
	return e;
}

static enum err
read_stage(struct report_event *ev, const struct record_reader *r)
{
	int stage = 0;
	enum err e = record_term(r, "stage", &terms_stages, &stage);

	ev->stage = (enum report_stage)stage;
	return e != ERR_OK ? e : record_text(r, "team", ID_MAX_BYTES, &ev->team);
}

static enum err
read_submitted(struct report_event *ev, const struct record_reader *r)
{
	int level = 0, loss = 0, importance = 0;
	enum err e;

	if ((e = read_stage(ev, r)) != ERR_OK || (e = read_times(ev, r)) != ERR_OK ||
	    (e = attachments_want(r->body, &ev->attachments, r->why)) != ERR_OK ||
	    (e = record_text(r, "class", INCIDENT_CODE_BYTES, &ev->class_code)) != ERR_OK ||
	    (e = record_term(r, "importance", &terms_importance, &importance)) != ERR_OK ||
	    (e = record_term(r, "level", &terms_levels, &level)) != ERR_OK ||
	    (e = record_term(r, "loss", &terms_losses, &loss)) != ERR_OK ||
	    (e = record_text(r, "systems", SYSTEM_LIST_MAX_BYTES, &ev->systems)) != ERR_OK)
		return e;
	ev->importance = (enum importance)importance;
	ev->level = (enum incident_level)level;
	ev->loss = (enum incident_loss)loss;
	return record_int32(r, "year", 1970, 9999, &ev->year);
}

enum err
report_decode(struct event *ev, const struct record_reader *r)
{
	struct report_event *report = arena_alloc(r->arena, sizeof *report);
	enum err e;

	*report = (struct report_event){.team = "", .class_code = "", .systems = ""};
	ev->u.report = report;
	report->text = record_secret(r, "text");
	report->reason = record_secret(r, "reason");
	if ((e = record_int32(r, "id", 1, REPORT_CHAINS_MAX, &report->id)) != ERR_OK)
		return e;
	switch (ev->kind) {
	case EV_REPORT_DRAFTED:
		return read_stage(report, r);
	case EV_REPORT_SUBMITTED:
		return read_submitted(report, r);
	case EV_REPORT_COMMENTED:
		return record_bool(r, "internal", &report->internal);
	case EV_REPORT_DUPLICATE:
		return record_int32(r, "of", 0, REPORT_CHAINS_MAX, &report->of);
	default:
		return ERR_OK;
	}
}
