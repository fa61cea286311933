/* The events of attack results as text. */
#include "core/result_private.h"

/* ---- encoding: keys in sorted order ---- */

static void
put_content(const struct result_event *r, bool with_team, struct json_writer *w)
{
	const struct result_content *c = &r->content;

	attachments_encode(&c->attachments, w);
	jw_kv_int(w, "attacked", c->attacked_ms);
	jw_kv_str(w, "claimed", c->claimed);
	jw_kv_bool(w, "cleaned", c->cleaned);
	jw_kv_int(w, "count", c->count);
	jw_kv_str(w, "department", c->department);
	jw_kv_int(w, "id", r->id);
	jw_kv_str(w, "system", c->system);
	if (with_team)
		jw_kv_str(w, "team", r->team);
	jw_kv_str(w, "technique", c->technique);
}

static void
put_ruling(const struct result_event *r, struct json_writer *w)
{
	const struct result_ruling *u = &r->ruling;

	jw_kv_int(w, "count", u->count);
	jw_kv_int(w, "flaw", u->flaw);
	jw_kv_int(w, "id", r->id);
	jw_kv_str(w, "kind", u->kind);
	jw_kv_int(w, "mlps", u->mlps);
	jw_kv_bool(w, "overridden", u->overridden);
	jw_kv_int(w, "quality", u->quality);
	jw_kv_int(w, "size", u->size);
	jw_kv_bool(w, "unlisted", u->unlisted);
}

void
result_encode(const struct event *ev, struct json_writer *w)
{
	const struct result_event *r = ev->u.result;

	switch (ev->kind) {
	case EV_RESULT_SUBMITTED:
	case EV_RESULT_RESUBMITTED:
		put_content(r, ev->kind == EV_RESULT_SUBMITTED, w);
		break;
	case EV_RESULT_CONFIRMED:
		put_ruling(r, w);
		break;
	case EV_RESULT_VOIDED:
		jw_kv_str(w, "cause", result_void_name(r->cause));
		jw_kv_int(w, "id", r->id);
		jw_kv_int(w, "penalty", r->penalty);
		break;
	case EV_RESULT_TAKEN:
		jw_kv_int(w, "id", r->id);
		jw_kv_bool(w, "over", r->over);
		break;
	default:
		jw_kv_int(w, "id", r->id);
		break;
	}
}

void
result_encode_secret(const struct event *ev, struct json_writer *w)
{
	const struct result_event *r = ev->u.result;
	const struct result_content *c = &r->content;

	if (ev->kind == EV_RESULT_SUBMITTED || ev->kind == EV_RESULT_RESUBMITTED) {
		jw_kv_str(w, "asset", c->asset);
		jw_kv_str(w, "cleanup", c->cleanup);
		jw_kv_str(w, "effect", c->effect);
		jw_kv_str(w, "evidence", c->evidence);
		jw_kv_str(w, "path", c->path);
		jw_kv_str(w, "weakness", c->weakness);
		return;
	}
	jw_kv_str(w, "reason", r->reason);
	if (ev->kind == EV_RESULT_CONFIRMED)
		jw_kv_str(w, "weakness", r->ruling.weakness);
}

/* ---- decoding ---- */

static enum err
get_content(struct result_content *c, const struct record_reader *r)
{
	enum err e;

	if ((e = attachments_want(r->body, &c->attachments, r->why)) != ERR_OK ||
	    (e = record_int(r, "attacked", 0, INT64_MAX, &c->attacked_ms)) != ERR_OK ||
	    (e = record_text(r, "claimed", ID_MAX_BYTES, &c->claimed)) != ERR_OK ||
	    (e = record_bool(r, "cleaned", &c->cleaned)) != ERR_OK ||
	    (e = record_int32(r, "count", 0, INT32_MAX, &c->count)) != ERR_OK ||
	    (e = record_text(r, "department", ID_MAX_BYTES, &c->department)) != ERR_OK ||
	    (e = record_text(r, "system", ID_MAX_BYTES, &c->system)) != ERR_OK ||
	    (e = record_text(r, "technique", TECHNIQUE_MAX_BYTES, &c->technique)) != ERR_OK)
		return e;
	c->asset = record_secret(r, "asset");
	c->path = record_secret(r, "path");
	c->evidence = record_secret(r, "evidence");
	c->effect = record_secret(r, "effect");
	c->cleanup = record_secret(r, "cleanup");
	c->weakness = record_secret(r, "weakness");
	return ERR_OK;
}

static enum err
get_ruling(struct result_ruling *u, const struct record_reader *r)
{
	enum err e;

	if ((e = record_int32(r, "count", 0, INT32_MAX, &u->count)) != ERR_OK ||
	    (e = record_int32(r, "flaw", 1, INT32_MAX, &u->flaw)) != ERR_OK ||
	    (e = record_text(r, "kind", ID_MAX_BYTES, &u->kind)) != ERR_OK ||
	    (e = record_int32(r, "mlps", 0, 5, &u->mlps)) != ERR_OK ||
	    (e = record_bool(r, "overridden", &u->overridden)) != ERR_OK ||
	    (e = record_int32(r, "quality", RESULT_QUALITY_MIN, RESULT_QUALITY_MAX, &u->quality)) !=
		ERR_OK ||
	    (e = record_int32(r, "size", 0, INT32_MAX, &u->size)) != ERR_OK ||
	    (e = record_bool(r, "unlisted", &u->unlisted)) != ERR_OK)
		return e;
	u->weakness = record_secret(r, "weakness");
	return ERR_OK;
}

static enum err
get_void(struct result_event *v, const struct record_reader *r)
{
	const char *cause;
	enum err e;

	if ((e = record_text(r, "cause", ID_MAX_BYTES, &cause)) != ERR_OK ||
	    (e = record_int32(r, "penalty", 0, INT32_MAX, &v->penalty)) != ERR_OK)
		return e;
	return result_void_parse(cause, &v->cause)
		   ? ERR_OK
		   : why_set(r->why, ERR_INVALID, "no cause \"%s\"", cause);
}

enum err
result_decode(struct event *ev, const struct record_reader *r)
{
	struct result_event *v = arena_alloc(r->arena, sizeof *v);
	enum err e;

	ev->u.result = v;
	v->team = "";
	v->reason = record_secret(r, "reason");
	if ((e = record_int32(r, "id", 1, INT32_MAX, &v->id)) != ERR_OK)
		return e;
	switch (ev->kind) {
	case EV_RESULT_SUBMITTED:
		if ((e = record_text(r, "team", ID_MAX_BYTES, &v->team)) != ERR_OK)
			return e;
		return get_content(&v->content, r);
	case EV_RESULT_RESUBMITTED:
		return get_content(&v->content, r);
	case EV_RESULT_CONFIRMED:
		return get_ruling(&v->ruling, r);
	case EV_RESULT_VOIDED:
		return get_void(v, r);
	case EV_RESULT_TAKEN:
		return record_bool(r, "over", &v->over);
	default:
		return ERR_OK;
	}
}
