/* Events of judging as texts: who, which, how many marks is in the body; reasons are in the secret. */
#include "core/judging_private.h"

/* ---- writing: keys in sorted order ---- */

static void
encode_marks(const struct judging_event *j, struct json_writer *w)
{
	jw_key(w, "halves");
	jw_array(w);
	for (size_t i = 0; i < j->count; i++)
		jw_int(w, j->halves[i]);
	jw_array_end(w);
}

void
judging_encode(const struct event *ev, struct json_writer *w)
{
	const struct judging_event *j = ev->u.judging;

	if (ev->kind == EV_JUDGING_MARKED)
		encode_marks(j, w);
	jw_kv_int(w, "id", j->id);
	if (ev->kind == EV_JUDGING_NAMED) {
		jw_kv_str(w, "instead", j->instead);
		jw_kv_str(w, "judge", j->judge);
	}
	if (ev->kind == EV_JUDGING_DRAWN)
		jw_kv_str(w, "judges", j->judges);
	if (ev->kind >= EV_JUDGING_DRAWN && ev->kind <= EV_JUDGING_MARKED)
		jw_kv_int(w, "round", j->round);
	if (ev->kind == EV_JUDGING_MARKED)
		jw_kv_int(w, "version", j->version);
	if (j->without_final)
		jw_kv_bool(w, "without_final", true);
}

static bool
has_reason(const struct event *ev)
{
	enum event_kind kind = ev->kind;

	if (kind == EV_JUDGING_TRIAGED)
		return ev->u.judging->without_final;
	return kind == EV_JUDGING_NAMED || kind == EV_JUDGING_MARKED || kind == EV_JUDGING_REJECTED;
}

void
judging_encode_secret(const struct event *ev, struct json_writer *w)
{
	if (has_reason(ev))
		jw_kv_str(w, "reason", ev->u.judging->reason);
}

/* ---- reading ---- */

static enum err
read_marks(struct judging_event *j, const struct record_reader *r)
{
	const struct json_t *list = jr_get(r->body, "halves");
	int32_t *halves = arena_array(r->arena, RUBRIC_ITEMS_MAX, sizeof *halves);

	j->count = jr_count(list);
	j->halves = halves;
	if (!jr_is_array(list) || j->count > RUBRIC_ITEMS_MAX)
		return why_set(r->why, ERR_INVALID, "\"halves\" must be a list of at most %d",
		    RUBRIC_ITEMS_MAX);
	for (size_t i = 0; i < j->count; i++) {
		int64_t v = jr_integer(jr_at(list, i), -1);

		if (v < 0 || v > 2 * RUBRIC_MARKS_MAX)
			return why_set(
			    r->why, ERR_INVALID, "\"halves\": element %zu is no mark", i);
		halves[i] = (int32_t)v;
	}
	return record_int32(r, "version", 1, JUDGING_VERSIONS_MAX, &j->version);
}

static enum err
read_named(struct judging_event *j, const struct record_reader *r)
{
	enum err e = record_text(r, "instead", ID_MAX_BYTES, &j->instead);

	return e != ERR_OK ? e : record_text(r, "judge", ID_MAX_BYTES, &j->judge);
}

/* Said only where it is so. */
static enum err
read_triaged(struct judging_event *j, const struct record_reader *r)
{
	return jr_get(r->body, "without_final") == NULL
		   ? ERR_OK
		   : record_bool(r, "without_final", &j->without_final);
}

enum err
judging_decode(struct event *ev, const struct record_reader *r)
{
	struct judging_event *j = arena_alloc(r->arena, sizeof *j);
	bool all = ev->kind == EV_JUDGING_RELEASED;
	enum err e;

	*j = (struct judging_event){
	    .judges = "", .judge = "", .instead = "", .reason = record_secret(r, "reason")};
	ev->u.judging = j;
	if ((e = record_int32(r, "id", all ? 0 : 1, INT32_MAX, &j->id)) != ERR_OK)
		return e;
	if (ev->kind >= EV_JUDGING_DRAWN && ev->kind <= EV_JUDGING_MARKED &&
	    (e = record_int32(r, "round", 1, JUDGING_ROUNDS, &j->round)) != ERR_OK)
		return e;
	if (ev->kind == EV_JUDGING_DRAWN)
		return record_text(r, "judges", 2 * (ID_MAX_BYTES + 1), &j->judges);
	if (ev->kind == EV_JUDGING_NAMED)
		return read_named(j, r);
	if (ev->kind == EV_JUDGING_TRIAGED)
		return read_triaged(j, r);
	return ev->kind == EV_JUDGING_MARKED ? read_marks(j, r) : ERR_OK;
}
