#include "core/event.h"
#include "base/flatjson.h"
#include "base/hash.h"
#include "core/record.h"

#include <string.h>

/* ---- encoding: keys in sorted order ---- */

static void
encode_paused(const struct event *ev, struct json_writer *w)
{
	jw_kv_int(w, "down_ms", ev->u.clock.down_ms);
	jw_kv_str(w, "reason", ev->u.clock.reason);
}

static void
encode_reason(const struct event *ev, struct json_writer *w)
{
	jw_kv_str(w, "reason", ev->u.clock.reason);
}

static void
encode_tick(const struct event *ev, struct json_writer *w)
{
	jw_kv_int(w, "tick", ev->u.tick.tick);
}

static void
encode_check(const struct event *ev, struct json_writer *w)
{
	jw_kv_str(w, "message", ev->u.check.message);
	jw_kv_int(w, "ms", ev->u.check.ms);
	jw_kv_str(w, "status", status_name(ev->u.check.status));
	jw_kv_str(w, "system", ev->u.check.system);
	jw_kv_int(w, "tick", ev->u.check.tick);
}

static void
encode_check_secret(const struct event *ev, struct buf *secret)
{
	struct json_writer w;

	if (ev->u.check.trace[0] == '\0' && ev->u.check.saved[0] == '\0' &&
	    ev->u.check.state[0] == '\0')
		return;
	jw_begin(&w, secret);
	jw_object(&w);
	jw_kv_str(&w, "saved", ev->u.check.saved);
	if (ev->u.check.state[0] != '\0')
		jw_kv_str(&w, "state", ev->u.check.state);
	jw_kv_str(&w, "trace", ev->u.check.trace);
	jw_object_end(&w);
}

static void
encode_capture(const struct event *ev, struct json_writer *w)
{
	jw_kv_int(w, "slot", ev->u.capture.slot);
	jw_kv_str(w, "system", ev->u.capture.system);
	jw_kv_str(w, "team", ev->u.capture.team);
	jw_kv_int(w, "tick", ev->u.capture.tick);
}

static void
encode_checkpoint(const struct event *ev, struct json_writer *w)
{
	jw_kv_str(w, "head", ev->u.checkpoint.head);
	jw_kv_str(w, "scores", ev->u.checkpoint.scores);
	jw_kv_str(w, "sig", ev->u.checkpoint.sig);
	jw_kv_int(w, "upto", (int64_t)ev->u.checkpoint.upto);
}

static void
encode_account(const struct event *ev, struct json_writer *w)
{
	jw_kv_str(w, "account", ev->u.account.account);
	if (ev->kind == EV_ACCOUNT_CREATED) {
		if (ev->u.account.department != NULL && ev->u.account.department[0] != '\0')
			jw_kv_str(w, "department", ev->u.account.department);
		jw_kv_str(w, "role", role_name(ev->u.account.role));
		jw_kv_str(w, "team", ev->u.account.team);
	}
}

static void
encode_account_secret(const struct event *ev, struct buf *secret)
{
	struct json_writer w;

	jw_begin(&w, secret);
	jw_object(&w);
	jw_kv_str(&w, "value", ev->u.account.value);
	jw_object_end(&w);
}

static void
encode_hold(const struct event *ev, struct json_writer *w)
{
	bool held = ev->kind == EV_CHECKS_HELD;

	if (held)
		jw_kv_str(w, "challenge", ev->u.hold.challenge);
	jw_kv_int(w, "id", ev->u.hold.id);
	jw_kv_str(w, "reason", ev->u.hold.reason);
	if (held)
		jw_kv_str(w, "systems", ev->u.hold.systems);
}

static void
encode_void(const struct event *ev, struct json_writer *w)
{
	bool proposed = ev->kind == EV_VOID_PROPOSED;

	if (proposed)
		jw_kv_int(w, "from", ev->u.voiding.from);
	jw_kv_int(w, "id", ev->u.voiding.id);
	jw_kv_str(w, "reason", ev->u.voiding.reason);
	if (proposed) {
		jw_kv_str(w, "systems", ev->u.voiding.systems);
		jw_kv_int(w, "to", ev->u.voiding.to);
	}
}

static void
encode_members(const struct event *ev, struct json_writer *w)
{
	switch (ev->kind) {
	case EV_DRILL_PAUSED:
		encode_paused(ev, w);
		break;
	case EV_DRILL_ENDED:
	case EV_DRILL_RESUMED:
		encode_reason(ev, w);
		break;
	case EV_DRILL_STOP_AFTER:
	case EV_TICK_BEGAN:
	case EV_TICK_CLOSED:
		encode_tick(ev, w);
		break;
	case EV_CHECK_DONE:
		encode_check(ev, w);
		break;
	case EV_FLAG_CAPTURED:
		encode_capture(ev, w);
		break;
	case EV_CHECKPOINT:
		encode_checkpoint(ev, w);
		break;
	case EV_ACCOUNT_CREATED:
	case EV_ACCOUNT_PASSWORD:
	case EV_ACCOUNT_TOKEN:
		encode_account(ev, w);
		break;
	case EV_CHECKS_HELD:
	case EV_CHECKS_RELEASED:
		encode_hold(ev, w);
		break;
	case EV_VOID_PROPOSED:
	case EV_VOID_ADOPTED:
	case EV_VOID_DROPPED:
		encode_void(ev, w);
		break;
	default:
		break; /* drill.opened and drill.started have none, records their own */
	}
}

static void
encode_opened_secret(const struct event *ev, struct buf *secret)
{
	const char *seed = ev->u.opened.unit_seed;
	struct json_writer w;

	if (seed == NULL || seed[0] == '\0')
		return;
	jw_begin(&w, secret);
	jw_object(&w);
	jw_kv_str(&w, "unit_seed", seed);
	jw_object_end(&w);
}

static void
encode_record(
    const struct record_family *f, const struct event *ev, struct buf *body, struct buf *secret)
{
	struct json_writer w;
	size_t before = secret->len; /* others' secrets may be in front */

	jw_begin(&w, body);
	jw_object(&w);
	f->encode(ev, &w);
	jw_object_end(&w);
	if (f->encode_secret == NULL)
		return;
	jw_begin(&w, secret);
	jw_object(&w);
	f->encode_secret(ev, &w);
	jw_object_end(&w);
	if (!secret->failed && secret->len == before + 2) { /* of this kind nothing is secret */
		secret->len = before;
		secret->data[before] = '\0';
	}
}

enum err
event_encode(const struct event *ev, struct buf *body, struct buf *secret)
{
	const struct record_family *family = record_family_of(ev->kind);
	struct json_writer w;

	if (family != NULL) {
		encode_record(family, ev, body, secret);
		return buf_err(body) != ERR_OK ? ERR_LIMIT : buf_err(secret);
	}
	jw_begin(&w, body);
	if (ev->kind == EV_DRILL_OPENED) {
		config_encode(ev->u.opened.config, &w);
	} else {
		jw_object(&w);
		encode_members(ev, &w);
		jw_object_end(&w);
	}
	if (ev->kind == EV_DRILL_OPENED)
		encode_opened_secret(ev, secret);
	else if (ev->kind == EV_CHECK_DONE)
		encode_check_secret(ev, secret);
	else if (ev->kind == EV_ACCOUNT_PASSWORD || ev->kind == EV_ACCOUNT_TOKEN)
		encode_account_secret(ev, secret);
	return buf_err(body) != ERR_OK ? ERR_LIMIT : buf_err(secret);
}

/* ---- decoding ---- */

struct decoder {
	struct flat body;
	struct flat secret;
	struct why *why;
};

static enum err
take(struct decoder *d, const char *key, size_t max, const char **out)
{
	return flat_want_text(&d->body, key, max, out, d->why);
}

static enum err
take_int(struct decoder *d, const char *key, int64_t min, int64_t max, int32_t *out)
{
	int64_t v = 0;
	enum err e = flat_want_int(&d->body, key, min, max, &v, d->why);

	*out = (int32_t)v;
	return e;
}

static const char *
take_secret(struct decoder *d, const char *key)
{
	const char *s = flat_text(&d->secret, key);

	return s != NULL ? s : "";
}

static enum err
decode_paused(struct event *ev, struct decoder *d)
{
	enum err e = flat_want_int(&d->body, "down_ms", 0, INT64_MAX, &ev->u.clock.down_ms, d->why);

	return e != ERR_OK ? e : take(d, "reason", REASON_MAX_BYTES, &ev->u.clock.reason);
}

static enum err
decode_check(struct event *ev, struct decoder *d)
{
	const char *status;
	enum err e;

	if ((e = take(d, "message", MESSAGE_MAX_BYTES, &ev->u.check.message)) != ERR_OK ||
	    (e = take_int(d, "ms", 0, INT32_MAX, &ev->u.check.ms)) != ERR_OK ||
	    (e = take(d, "status", 16, &status)) != ERR_OK ||
	    (e = take(d, "system", ID_MAX_BYTES, &ev->u.check.system)) != ERR_OK ||
	    (e = take_int(d, "tick", 0, TICKS_MAX, &ev->u.check.tick)) != ERR_OK)
		return e;
	if (!status_parse(status, &ev->u.check.status))
		return why_set(d->why, ERR_INVALID, "no status \"%s\"", status);
	ev->u.check.saved = take_secret(d, "saved");
	ev->u.check.state = take_secret(d, "state");
	ev->u.check.trace = take_secret(d, "trace");
	return ERR_OK;
}

static enum err
decode_capture(struct event *ev, struct decoder *d)
{
	enum err e;

	if ((e = take_int(d, "slot", 0, SLOTS_MAX - 1, &ev->u.capture.slot)) != ERR_OK ||
	    (e = take(d, "system", ID_MAX_BYTES, &ev->u.capture.system)) != ERR_OK ||
	    (e = take(d, "team", ID_MAX_BYTES, &ev->u.capture.team)) != ERR_OK)
		return e;
	return take_int(d, "tick", 0, TICKS_MAX, &ev->u.capture.tick);
}

static enum err
decode_checkpoint(struct event *ev, struct decoder *d)
{
	int64_t upto = 0;
	enum err e;

	if ((e = take(d, "head", 64, &ev->u.checkpoint.head)) != ERR_OK ||
	    (e = take(d, "scores", 64, &ev->u.checkpoint.scores)) != ERR_OK ||
	    (e = take(d, "sig", 128, &ev->u.checkpoint.sig)) != ERR_OK)
		return e;
	e = flat_want_int(&d->body, "upto", 1, INT64_MAX, &upto, d->why);
	ev->u.checkpoint.upto = (uint64_t)upto;
	return e;
}

static enum err
decode_account(struct event *ev, struct decoder *d)
{
	const char *role;
	enum err e;

	if ((e = take(d, "account", ID_MAX_BYTES, &ev->u.account.account)) != ERR_OK)
		return e;
	ev->u.account.team = ev->u.account.department = "";
	ev->u.account.value = take_secret(d, "value");
	if (ev->kind != EV_ACCOUNT_CREATED)
		return ERR_OK;
	if ((e = take(d, "role", 16, &role)) != ERR_OK)
		return e;
	if (!role_parse(role, &ev->u.account.role))
		return why_set(d->why, ERR_INVALID, "no role \"%s\"", role);
	if (flat_text(&d->body, "department") != NULL &&
	    (e = take(d, "department", ID_MAX_BYTES, &ev->u.account.department)) != ERR_OK)
		return e;
	return take(d, "team", ID_MAX_BYTES, &ev->u.account.team);
}

static enum err
decode_hold(struct event *ev, struct decoder *d)
{
	enum err e;

	ev->u.hold.challenge = ev->u.hold.systems = "";
	if ((e = take_int(d, "id", 1, INT32_MAX, &ev->u.hold.id)) != ERR_OK ||
	    (e = take(d, "reason", REASON_MAX_BYTES, &ev->u.hold.reason)) != ERR_OK ||
	    ev->kind != EV_CHECKS_HELD)
		return e;
	if ((e = take(d, "challenge", ID_MAX_BYTES, &ev->u.hold.challenge)) != ERR_OK)
		return e;
	return take(d, "systems", SYSTEM_LIST_MAX_BYTES, &ev->u.hold.systems);
}

static enum err
decode_void(struct event *ev, struct decoder *d)
{
	enum err e;

	ev->u.voiding.systems = "";
	if ((e = take_int(d, "id", 1, INT32_MAX, &ev->u.voiding.id)) != ERR_OK ||
	    (e = take(d, "reason", REASON_MAX_BYTES, &ev->u.voiding.reason)) != ERR_OK ||
	    ev->kind != EV_VOID_PROPOSED)
		return e;
	if ((e = take(d, "systems", SYSTEM_LIST_MAX_BYTES, &ev->u.voiding.systems)) != ERR_OK ||
	    (e = take_int(d, "from", 0, TICKS_MAX, &ev->u.voiding.from)) != ERR_OK)
		return e;
	return take_int(d, "to", 0, TICKS_MAX, &ev->u.voiding.to);
}

static enum err
decode_members(struct event *ev, struct decoder *d)
{
	switch (ev->kind) {
	case EV_DRILL_STARTED:
		return ERR_OK;
	case EV_DRILL_PAUSED:
		return decode_paused(ev, d);
	case EV_DRILL_ENDED:
	case EV_DRILL_RESUMED:
		return take(d, "reason", REASON_MAX_BYTES, &ev->u.clock.reason);
	case EV_DRILL_STOP_AFTER:
	case EV_TICK_BEGAN:
	case EV_TICK_CLOSED:
		return take_int(d, "tick", 0, TICKS_MAX, &ev->u.tick.tick);
	case EV_CHECK_DONE:
		return decode_check(ev, d);
	case EV_FLAG_CAPTURED:
		return decode_capture(ev, d);
	case EV_CHECKPOINT:
		return decode_checkpoint(ev, d);
	case EV_ACCOUNT_CREATED:
	case EV_ACCOUNT_PASSWORD:
	case EV_ACCOUNT_TOKEN:
		return decode_account(ev, d);
	case EV_CHECKS_HELD:
	case EV_CHECKS_RELEASED:
		return decode_hold(ev, d);
	case EV_VOID_PROPOSED:
	case EV_VOID_ADOPTED:
	case EV_VOID_DROPPED:
		return decode_void(ev, d);
	default:
		break;
	}
	return why_set(d->why, ERR_INVALID, "unknown kind of event");
}

static enum err
parse_object(const char *text, size_t len, struct json_t **out, struct why *why)
{
	enum err e = jr_parse(text, len, out, why);

	if (e == ERR_OK && !jr_is_object(*out))
		e = why_set(why, ERR_INVALID, "an event's texts must be JSON objects");
	return e;
}

static enum err
decode_unit_seed(
    struct event *ev, const char *secret, size_t secret_len, struct arena *arena, struct why *why)
{
	const char *seed;
	struct json_t *j;
	enum err e;

	ev->u.opened.unit_seed = "";
	if (secret_len == 0)
		return ERR_OK;
	if ((e = parse_object(secret, secret_len, &j, why)) != ERR_OK) {
		jr_free(j);
		return e;
	}
	if ((e = jr_want_str(j, "unit_seed", SHA256_HEX_BYTES - 1, &seed, why)) == ERR_OK)
		ev->u.opened.unit_seed = arena_strdup(arena, seed);
	jr_free(j);
	return e;
}

/* The one event that is not flat. */
static enum err
decode_opened(struct event *ev, const char *body, size_t body_len, const char *secret,
    size_t secret_len, struct arena *arena, struct drill_config *config, struct why *why)
{
	struct json_t *j;
	enum err e;

	if ((e = decode_unit_seed(ev, secret, secret_len, arena, why)) != ERR_OK ||
	    (e = jr_parse(body, body_len, &j, why)) != ERR_OK)
		return e;
	ev->u.opened.config = config;
	e = jr_is_object(j) ? config_decode(j, config, why)
			    : why_set(why, ERR_INVALID, "an event's body must be a JSON object");
	jr_free(j);
	return e;
}

static enum err
decode_record(const struct record_family *f, struct event *ev, const char *body, size_t body_len,
    const char *secret, size_t secret_len, struct arena *arena, struct why *why)
{
	struct json_t *b = NULL, *s = NULL;
	enum err e = parse_object(body, body_len, &b, why);

	if (e == ERR_OK && secret_len > 0)
		e = parse_object(secret, secret_len, &s, why);
	if (e == ERR_OK)
		e = f->decode(ev, &(struct record_reader){b, s, arena, why});
	jr_free(b);
	jr_free(s);
	return e;
}

enum err
event_decode(struct event *ev, const char *body, size_t body_len, const char *secret,
    size_t secret_len, struct arena *arena, struct drill_config *config, struct why *why)
{
	const struct record_family *family = record_family_of(ev->kind);
	struct decoder d;
	enum err e;

	memset(&ev->u, 0, sizeof ev->u);
	if (ev->kind == EV_DRILL_OPENED)
		return decode_opened(ev, body, body_len, secret, secret_len, arena, config, why);
	if (family != NULL)
		return decode_record(family, ev, body, body_len, secret, secret_len, arena, why);
	d.why = why;
	d.secret.count = 0;
	if ((e = flat_parse(body, body_len, arena, &d.body, why)) != ERR_OK)
		return e;
	if (secret_len > 0 && (e = flat_parse(secret, secret_len, arena, &d.secret, why)) != ERR_OK)
		return e;
	return decode_members(ev, &d);
}

void
checkpoint_message(
    const char *drill_id, uint64_t upto, const char *head, const char *scores, struct buf *out)
{
	buf_puts(out, "drilld checkpoint v1\n");
	buf_puts(out, drill_id);
	buf_putc(out, '\n');
	buf_put_int(out, (int64_t)upto);
	buf_printf(out, "\n%s\n%s\n", head, scores);
}
