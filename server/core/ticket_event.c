/* Tickets on disk: what each kind of event has, and its texts. */
#include "base/date.h"
#include "core/ticket.h"

#include <string.h>

enum member {
	M_DUE = 1 << 0,
	M_GRANTED = 1 << 1,
	M_LEVEL = 1 << 2,
	M_OF = 1 << 3,
	M_OFFSET = 1 << 4,
	M_RESULT = 1 << 5, /* and the method */
	M_UNTIL = 1 << 6,
	M_ATTACHMENTS = 1 << 7,
};

/* Beside the id. */
static unsigned
members_of(enum event_kind kind)
{
	switch (kind) {
	case EV_TICKET_NOTIFIED:
	case EV_TICKET_REOPENED:
	case EV_TICKET_RISK_EXPIRED:
		return M_DUE | M_OFFSET;
	case EV_TICKET_EXTENSION_ASKED:
		return M_DUE;
	case EV_TICKET_EXTENSION_DECIDED:
		return M_DUE | M_GRANTED;
	case EV_TICKET_FEEDBACK:
		return M_ATTACHMENTS;
	case EV_TICKET_RETESTED:
		return M_ATTACHMENTS | M_RESULT;
	case EV_TICKET_RISK_ACCEPTED:
		return M_OFFSET | M_UNTIL;
	case EV_TICKET_DUPLICATE:
		return M_OF;
	case EV_TICKET_SUPERVISED:
		return M_LEVEL;
	default:
		return 0;
	}
}

struct ticket_event
ticket_event_of(int32_t id)
{
	return (struct ticket_event){.id = id,
	    .department = "",
	    .system = "",
	    .source = "",
	    .title = "",
	    .asset = "",
	    .evidence = "",
	    .requirement = "",
	    .in_charge = "",
	    .run_by = "",
	    .used_by = "",
	    .text = "",
	    .signer = ""};
}

/* ---- writing: keys in sorted order ---- */

static void
put_date(struct json_writer *w, const char *key, int32_t date)
{
	char text[DATE_BYTES] = "";

	if (date != 0)
		date_format(date, text);
	jw_kv_str(w, key, text);
}

static void
encode_registered(const struct ticket_event *t, struct json_writer *w)
{
	jw_kv_str(w, "class", term_id(&terms_weaknesses, (int)t->weakness));
	jw_kv_str(w, "department", t->department);
	jw_kv_int(w, "id", t->id);
	jw_kv_str(w, "severity", term_id(&terms_severities, (int)t->severity));
	jw_kv_str(w, "source", t->source);
	jw_kv_str(w, "system", t->system);
}

void
ticket_encode(const struct event *ev, struct json_writer *w)
{
	const struct ticket_event *t = ev->u.ticket;
	unsigned has = members_of(ev->kind);

	if (ev->kind == EV_TICKET_REGISTERED) {
		encode_registered(t, w);
		return;
	}
	if (has & M_ATTACHMENTS)
		attachments_encode(&t->attachments, w);
	if (has & M_DUE)
		put_date(w, "due", t->due);
	if (has & M_GRANTED)
		jw_kv_bool(w, "granted", t->granted);
	jw_kv_int(w, "id", t->id);
	if (has & M_LEVEL)
		jw_kv_int(w, "level", t->level);
	if (has & M_RESULT)
		jw_kv_str(w, "method", term_id(&terms_retest_methods, (int)t->method));
	if (has & M_OF)
		jw_kv_int(w, "of", t->of);
	if (has & M_OFFSET)
		jw_kv_int(w, "offset", t->offset);
	if (has & M_RESULT)
		jw_kv_str(w, "result", term_id(&terms_retest_results, (int)t->result));
	if (has & M_UNTIL)
		put_date(w, "until", t->until);
}

static void
put_text(struct json_writer *w, const char *key, const char *text)
{
	if (text[0] != '\0')
		jw_kv_str(w, key, text);
}

void
ticket_encode_secret(const struct event *ev, struct json_writer *w)
{
	const struct ticket_event *t = ev->u.ticket;

	put_text(w, "asset", t->asset);
	put_text(w, "evidence", t->evidence);
	put_text(w, "in_charge", t->in_charge);
	put_text(w, "requirement", t->requirement);
	put_text(w, "run_by", t->run_by);
	put_text(w, "signer", t->signer);
	put_text(w, "text", t->text);
	put_text(w, "title", t->title);
	put_text(w, "used_by", t->used_by);
}

/* ---- reading ---- */

static enum err
take_date(const struct record_reader *r, const char *key, int32_t *out)
{
	const char *text;
	enum err e = record_text(r, key, DATE_BYTES, &text);

	*out = 0;
	if (e != ERR_OK || text[0] == '\0')
		return e;
	return date_parse(text, out) && *out > 0
		   ? ERR_OK
		   : why_set(r->why, ERR_INVALID, "\"%s\": \"%s\" is no date such as 2027-06-20",
			 key, text);
}

static enum err
decode_registered(struct ticket_event *t, const struct record_reader *r)
{
	int weakness = 0, severity = 0;
	enum err e;

	if ((e = record_term(r, "class", &terms_weaknesses, &weakness)) != ERR_OK ||
	    (e = record_text(r, "department", ID_MAX_BYTES, &t->department)) != ERR_OK ||
	    (e = record_term(r, "severity", &terms_severities, &severity)) != ERR_OK ||
	    (e = record_text(r, "source", SOURCE_MAX_BYTES, &t->source)) != ERR_OK)
		return e;
	t->weakness = (enum weakness)weakness;
	t->severity = (enum severity)severity;
	return record_text(r, "system", ID_MAX_BYTES, &t->system);
}

static enum err
decode_result(struct ticket_event *t, const struct record_reader *r)
{
	int method = 0, result = 0;
	enum err e;

	if ((e = record_term(r, "method", &terms_retest_methods, &method)) != ERR_OK ||
	    (e = record_term(r, "result", &terms_retest_results, &result)) != ERR_OK)
		return e;
	t->method = (enum retest_method)method;
	t->result = (enum retest_result)result;
	return ERR_OK;
}

static enum err
decode_members(struct ticket_event *t, unsigned has, const struct record_reader *r)
{
	enum err e = ERR_OK;

	if (has & M_ATTACHMENTS)
		e = attachments_want(r->body, &t->attachments, r->why);
	if (e == ERR_OK && (has & M_DUE))
		e = take_date(r, "due", &t->due);
	if (e == ERR_OK && (has & M_GRANTED))
		e = record_bool(r, "granted", &t->granted);
	if (e == ERR_OK && (has & M_LEVEL))
		e = record_int32(r, "level", 1, SUPERVISION_LEVELS - 1, &t->level);
	if (e == ERR_OK && (has & M_OF))
		e = record_int32(r, "of", 1, INT32_MAX, &t->of);
	if (e == ERR_OK && (has & M_OFFSET))
		e = record_int32(r, "offset", -24 * 60, 24 * 60, &t->offset);
	if (e == ERR_OK && (has & M_RESULT))
		e = decode_result(t, r);
	if (e == ERR_OK && (has & M_UNTIL))
		e = take_date(r, "until", &t->until);
	return e;
}

enum err
ticket_decode(struct event *ev, const struct record_reader *r)
{
	struct ticket_event *t = arena_alloc(r->arena, sizeof *t);
	enum err e;

	*t = ticket_event_of(0);
	ev->u.ticket = t;
	t->title = record_secret(r, "title");
	t->asset = record_secret(r, "asset");
	t->evidence = record_secret(r, "evidence");
	t->requirement = record_secret(r, "requirement");
	t->in_charge = record_secret(r, "in_charge");
	t->run_by = record_secret(r, "run_by");
	t->used_by = record_secret(r, "used_by");
	t->text = record_secret(r, "text");
	t->signer = record_secret(r, "signer");
	if ((e = record_int32(r, "id", 1, INT32_MAX, &t->id)) != ERR_OK)
		return e;
	return ev->kind == EV_TICKET_REGISTERED ? decode_registered(t, r)
						: decode_members(t, members_of(ev->kind), r);
}
