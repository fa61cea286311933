#include "core/announcement.h"
#include "base/mem.h"
#include "core/game.h"

#include <stdlib.h>
#include <string.h>

/* ---- on disk ---- */

static void
encode(const struct event *ev, struct json_writer *w)
{
	const struct announcement_event *a = ev->u.announcement;

	if (ev->kind == EV_ANNOUNCEMENT_SEEN)
		jw_kv_str(w, "account", a->account);
	jw_kv_int(w, "id", a->id);
	if (ev->kind == EV_ANNOUNCEMENT_WITHDRAWN)
		jw_kv_str(w, "reason", a->reason);
	if (ev->kind != EV_ANNOUNCEMENT_MADE)
		return;
	if (a->mail) /* a journal from before there were mails has none */
		jw_kv_bool(w, "mail", true);
	jw_kv_str(w, "to", a->to);
	jw_kv_int(w, "until", a->until_ms);
	jw_kv_bool(w, "urgent", a->urgent);
}

static void
encode_secret(const struct event *ev, struct json_writer *w)
{
	const struct announcement_event *a = ev->u.announcement;

	if (ev->kind != EV_ANNOUNCEMENT_MADE)
		return;
	jw_kv_str(w, "text", a->text);
	jw_kv_str(w, "title", a->title);
}

static enum err
decode_made(struct announcement_event *a, const struct record_reader *r)
{
	enum err e;

	if ((e = record_text(r, "to", ADDRESSEES_MAX_BYTES, &a->to)) != ERR_OK ||
	    (e = record_int(r, "until", 0, INT64_MAX, &a->until_ms)) != ERR_OK)
		return e;
	a->mail = jr_boolean(jr_get(r->body, "mail"), false);
	a->title = record_secret(r, "title");
	a->text = record_secret(r, "text");
	return record_bool(r, "urgent", &a->urgent);
}

static enum err
decode(struct event *ev, const struct record_reader *r)
{
	struct announcement_event *a = arena_alloc(r->arena, sizeof *a);
	enum err e;

	*a = (struct announcement_event){
	    .to = "", .title = "", .text = "", .account = "", .reason = ""};
	ev->u.announcement = a;
	if ((e = record_int32(r, "id", 1, INT32_MAX, &a->id)) != ERR_OK)
		return e;
	if (ev->kind == EV_ANNOUNCEMENT_SEEN)
		return record_text(r, "account", ID_MAX_BYTES, &a->account);
	if (ev->kind == EV_ANNOUNCEMENT_WITHDRAWN)
		return record_text(r, "reason", REASON_MAX_BYTES, &a->reason);
	return decode_made(a, r);
}

/* ---- what is allowed ---- */

static enum err
made_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct announcement_event *a = ev->u.announcement;

	if (g->announcements->count >= ANNOUNCEMENTS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d announcements in one drill", ANNOUNCEMENTS_MAX);
	if ((size_t)a->id != g->announcements->count + 1)
		return why_set(why, ERR_CONFLICT, "announcement %d, but the next one is %zu", a->id,
		    g->announcements->count + 1);
	if (a->until_ms != 0 && a->until_ms <= ev->at_ms)
		return why_set(
		    why, ERR_INVALID, "it would be in force until a moment that is past");
	return addressees_read(g, a->to, NULL, why);
}

static enum err
seen_allows(
    const struct game *g, const struct announcement *a, const struct event *ev, struct why *why)
{
	const struct announcement_event *seen = ev->u.announcement;
	const struct account *by = accounts_find(&g->accounts, seen->account);

	if (by == NULL)
		return why_set(why, ERR_NOT_FOUND, "no account \"%s\"", seen->account);
	if (!addressees_have(&a->addressees, by->role, by->team))
		return why_set(why, ERR_NOT_FOUND, "there is no announcement %d for you", seen->id);
	if (announcement_seen_by(a, by))
		return why_set(why, ERR_CONFLICT, "\"%s\" has seen announcement %d before",
		    seen->account, seen->id);
	return ERR_OK;
}

static enum err
withdrawn_allows(const struct announcement *a, const struct event *ev, struct why *why)
{
	if (ev->u.announcement->reason[0] == '\0')
		return why_set(why, ERR_INVALID, "a withdrawal wants a reason");
	return a->withdrawn.by == NULL
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "announcement %d was withdrawn before",
			 ev->u.announcement->id);
}

static enum err
allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct announcement *a;

	if (ev->kind == EV_ANNOUNCEMENT_MADE)
		return made_allows(g, ev, why);
	if ((a = announcement_find(g, ev->u.announcement->id)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "no announcement %d", ev->u.announcement->id);
	return ev->kind == EV_ANNOUNCEMENT_SEEN ? seen_allows(g, a, ev, why)
						: withdrawn_allows(a, ev, why);
}

/* ---- what it changes ---- */

static void
add(struct game *g, const struct event *ev)
{
	const struct announcement_event *from = ev->u.announcement;
	struct announcements *all = g->announcements;
	struct announcement *a;

	all->items = mem_grow(all->items, all->count, sizeof *all->items);
	a = &all->items[all->count++];
	*a = (struct announcement){.at_ms = ev->at_ms,
	    .drill_ms = ev->drill_ms,
	    .by = mem_strdup(ev->actor),
	    .to = mem_strdup(from->to),
	    .urgent = from->urgent,
	    .mail = from->mail,
	    .until_ms = from->until_ms,
	    .title = mem_strdup(from->title),
	    .text = mem_strdup(from->text)};
	(void)!addressees_read(g, from->to, &a->addressees, NULL); /* made_allows has looked */
}

static void
note_seen(struct game *g, struct announcement *a, const struct event *ev)
{
	a->seen = mem_grow(a->seen, a->seen_count, sizeof *a->seen);
	a->seen[a->seen_count++] = (struct announcement_seen){
	    accounts_find(&g->accounts, ev->u.announcement->account), ev->at_ms};
}

static void
apply(struct game *g, const struct event *ev)
{
	struct announcement *a;

	if (ev->kind == EV_ANNOUNCEMENT_MADE) {
		add(g, ev);
		return;
	}
	a = &g->announcements->items[ev->u.announcement->id - 1];
	if (ev->kind == EV_ANNOUNCEMENT_SEEN)
		note_seen(g, a, ev);
	else
		decision_take(&a->withdrawn, ev->at_ms, ev->actor, ev->u.announcement->reason);
}

void
announcement_note_mailed(struct game *g, int32_t id, int team)
{
	struct announcement *a;

	if (announcement_find(g, id) == NULL || team < 0)
		return;
	a = &g->announcements->items[id - 1];
	if (announcement_mailed(a, team))
		return;
	a->mailed = mem_grow(a->mailed, a->mailed_count, sizeof *a->mailed);
	a->mailed[a->mailed_count++] = team;
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->announcements = mem_alloc(sizeof *g->announcements);
}

static void
close_all(struct game *g)
{
	struct announcements *all = g->announcements;

	for (size_t i = 0; i < all->count; i++) {
		struct announcement *a = &all->items[i];

		free(a->by);
		free(a->to);
		addressees_free(&a->addressees);
		free(a->title);
		free(a->text);
		free(a->seen);
		free(a->mailed);
		decision_free(&a->withdrawn);
	}
	free(all->items);
	free(all);
}

const struct record_family announcement_family = {
    .first = EV_ANNOUNCEMENT_MADE,
    .last = EV_ANNOUNCEMENT_WITHDRAWN,
    .encode = encode,
    .encode_secret = encode_secret,
    .decode = decode,
    .allows = allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct announcement *
announcement_find(const struct game *g, int32_t id)
{
	return id >= 1 && (size_t)id <= g->announcements->count ? &g->announcements->items[id - 1]
								: NULL;
}

bool
announcement_in_force(const struct announcement *a, int64_t now_ms)
{
	return a->withdrawn.by == NULL && (a->until_ms == 0 || now_ms < a->until_ms);
}

bool
announcement_mailed(const struct announcement *a, int team)
{
	for (size_t i = 0; i < a->mailed_count; i++)
		if (a->mailed[i] == team)
			return true;
	return false;
}

bool
announcement_seen_by(const struct announcement *a, const struct account *by)
{
	for (size_t i = 0; i < a->seen_count; i++)
		if (a->seen[i].by == by)
			return true;
	return false;
}
