/* Announcements: made by the direction, read by whom they are for, who then say that they have seen them. */
#include "api/query.h"
#include "api/routes.h"
#include "api/selection.h"
#include "api/write.h"
#include "base/time.h"

#include <string.h>

/* ---- what is shown ---- */

static void
write_seen(struct json_writer *w, const struct drill *d, const struct announcement *a)
{
	jw_key(w, "seen");
	jw_array(w);
	for (size_t i = 0; i < a->seen_count; i++) {
		jw_object(w);
		jw_kv_str(w, "account", a->seen[i].by->id);
		write_time(w, "at", a->seen[i].at_ms, d->offset_minutes);
		jw_object_end(w);
	}
	jw_array_end(w);
}

/* By whom is for staff, as over the live line. */
static void
write_withdrawn(struct json_writer *w, const struct request *req, const struct decision *by)
{
	const struct drill *d = api_drill(req->api);

	if (by->by == NULL || (req->role & ROLE_STAFF)) {
		write_later_decision(w, d, "withdrawn", by);
		return;
	}
	jw_key(w, "withdrawn");
	jw_object(w);
	jw_kv_str(w, "reason", by->reason);
	write_time(w, "at", by->at_ms, d->offset_minutes);
	jw_object_end(w);
}

/* Staff sees whom it is for and who has seen it, the others whether they have. */
static void
write_announcement(struct json_writer *w, const struct request *req, int32_t id)
{
	const struct drill *d = api_drill(req->api);
	const struct announcement *a = announcement_find(d->game, id);

	jw_object(w);
	jw_kv_int(w, "id", id);
	write_time(w, "at", a->at_ms, d->offset_minutes);
	jw_kv_int(w, "drill_ms", a->drill_ms);
	jw_kv_str(w, "title", a->title);
	jw_kv_str(w, "text", a->text);
	jw_kv_bool(w, "urgent", a->urgent);
	jw_kv_bool(w, "in_force", announcement_in_force(a, d->options.wall_ms(d->options.ctx)));
	write_time(w, "until", a->until_ms, d->offset_minutes);
	write_withdrawn(w, req, &a->withdrawn);
	if (req->role & ROLE_STAFF) {
		jw_kv_str(w, "by", a->by);
		jw_kv_bool(w, "mail", a->mail);
		write_words(w, "to", a->to);
		write_seen(w, d, a);
	} else if (req->account != NULL) {
		jw_kv_bool(w, "seen", announcement_seen_by(a, req->account));
	}
	jw_object_end(w);
}

/* ---- reading ---- */

static bool
may_see(const struct request *req, const struct announcement *a)
{
	return (req->role & ROLE_STAFF) || addressees_have(&a->addressees, req->role, req->team);
}

/* GET /api/v1/announcements?after=ID&limit=N -> 200 [Announcement, ...]: those for whoever asks, oldest first */
static enum err
announcements_get(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	struct query_page page;
	struct json_writer w;
	enum err e;

	if ((e = query_read(req, NULL, &page)) != ERR_OK)
		return e;
	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = (size_t)page.after; i < g->announcements->count && page.limit > 0; i++) {
		if (!may_see(req, &g->announcements->items[i]))
			continue;
		write_announcement(&w, req, (int32_t)i + 1);
		page.limit--;
	}
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_announcements_get = {
    .method = "GET",
    .path = "/api/v1/announcements",
    .roles = ROLE_ANY,
    .public_by_scenario = true,
    .run = announcements_get,
};

/* ---- making ---- */

/* The list of addressees as the event has it; "all" when there is none. */
static enum err
read_to(struct request *req, const struct json_t *body, struct buf *out)
{
	const struct json_t *list = jr_get(body, "to");

	if (list == NULL) {
		buf_puts(out, "all");
		return ERR_OK;
	}
	if (!jr_is_array(list) || jr_count(list) == 0)
		return why_set(&req->why, ERR_INVALID,
		    "\"to\" must be a list of \"all\", \"blue\", \"red\", \"staff\" or teams' ids");
	for (size_t i = 0; i < jr_count(list); i++) {
		const char *word = jr_string(jr_at(list, i), NULL);

		if (word == NULL || strchr(word, ',') != NULL)
			return why_set(
			    &req->why, ERR_INVALID, "\"to\": element %zu is not a team's id", i);
		buf_puts(out, i > 0 ? "," : "");
		buf_puts(out, word);
	}
	return buf_err(out) == ERR_OK
		   ? ERR_OK
		   : why_set(&req->why, ERR_LIMIT, "\"to\" has more names than there are teams");
}

static enum err
read_until(struct request *req, const struct json_t *body, int64_t *out)
{
	const struct json_t *j = jr_get(body, "until");
	const char *text = jr_string(j, NULL);

	if (j == NULL)
		return ERR_OK;
	if (text == NULL || !rfc3339_parse(text, out, NULL) || *out <= 0)
		return why_set(&req->why, ERR_INVALID,
		    "\"until\" must be a time such as 2027-06-20T17:30:00+08:00");
	return ERR_OK;
}

static enum err
check_texts(struct request *req, const struct announcement_event *a)
{
	enum err e = request_check_text(req, "title", a->title, TEXT_LINE);

	return e != ERR_OK ? e : request_check_text(req, "text", a->text, TEXT_LINES);
}

static enum err
read_new(
    struct request *req, const struct json_t *body, struct announcement_event *a, struct buf *to)
{
	static const char *const keys[] = {"to", "title", "text", "urgent", "until", "mail", NULL};
	enum err e;

	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "title", ANNOUNCEMENT_TITLE_MAX_BYTES, &a->title, &req->why)) !=
		ERR_OK ||
	    (e = jr_want_text(body, "text", ANNOUNCEMENT_TEXT_MAX_BYTES, &a->text, &req->why)) !=
		ERR_OK ||
	    (e = request_bool(req, body, "urgent", &a->urgent)) != ERR_OK ||
	    (e = request_bool(req, body, "mail", &a->mail)) != ERR_OK ||
	    (e = check_texts(req, a)) != ERR_OK ||
	    (e = read_until(req, body, &a->until_ms)) != ERR_OK)
		return e;
	return read_to(req, body, to);
}

static enum err
emit_new(struct request *req, struct announcement_event *a)
{
	struct drill *d = api_drill(req->api);
	struct event ev = {
	    .kind = EV_ANNOUNCEMENT_MADE, .actor = req->account->id, .u.announcement = a};

	a->id = (int32_t)d->game->announcements->count + 1;
	return drill_emit_allowed(d, &ev, &req->why);
}

/* POST /api/v1/announcements  {"title", "text", "to"?, "urgent"?, "until"?, "mail"?} -> 201 Announcement */
static enum err
announcements_post(struct request *req, struct response *out)
{
	struct announcement_event a = {.account = "", .reason = ""};
	const struct json_t *body;
	struct json_writer w;
	struct buf to;
	enum err e;

	if ((e = request_object(req, "\"title\", \"text\"", &body)) != ERR_OK)
		return e;
	buf_init(&to, ADDRESSEES_MAX_BYTES);
	if ((e = read_new(req, body, &a, &to)) == ERR_OK) {
		a.to = to.data;
		e = emit_new(req, &a);
	}
	buf_free(&to);
	if (e != ERR_OK)
		return e;
	out->status = 201;
	jw_begin(&w, &out->body);
	write_announcement(&w, req, a.id);
	return ERR_OK;
}

const struct route route_announcements_post = {
    .method = "POST",
    .path = "/api/v1/announcements",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 128 * 1024,
    .run = announcements_post,
};

/* ---- having seen, withdrawing ---- */

static enum err
emit_later(struct request *req, enum event_kind kind, struct announcement_event *a)
{
	struct event ev = {.kind = kind, .actor = req->account->id, .u.announcement = a};

	return drill_emit_allowed(api_drill(req->api), &ev, &req->why);
}

/* POST /api/v1/announcements/{id}/seen -> 204; once more is no mistake */
static enum err
announcement_seen_post(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	struct announcement_event a = {.to = "", .title = "", .text = "", .reason = ""};
	const struct announcement *found;
	enum err e;

	if ((e = request_number(req, "announcement", &a.id)) != ERR_OK)
		return e;
	a.account = req->account->id;
	found = announcement_find(g, a.id);
	out->status = 204;
	if (found != NULL && announcement_seen_by(found, req->account))
		return ERR_OK;
	return emit_later(req, EV_ANNOUNCEMENT_SEEN, &a);
}

const struct route route_announcement_seen_post = {
    .method = "POST",
    .path = "/api/v1/announcements/{id}/seen",
    .roles = ROLE_SIGNED_IN,
    .run = announcement_seen_post,
};

/* DELETE /api/v1/announcements/{id}  {"reason"} -> 204: it is in force no more; it stays in the list */
static enum err
announcement_delete(struct request *req, struct response *out)
{
	struct announcement_event a = {.to = "", .title = "", .text = "", .account = ""};
	enum err e;

	if ((e = request_number(req, "announcement", &a.id)) != ERR_OK ||
	    (e = request_reason_alone(req, &a.reason)) != ERR_OK)
		return e;
	out->status = 204;
	return emit_later(req, EV_ANNOUNCEMENT_WITHDRAWN, &a);
}

const struct route route_announcement_delete = {
    .method = "DELETE",
    .path = "/api/v1/announcements/{id}",
    .roles = ROLE_DIRECTOR | ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = announcement_delete,
};
