#include "core/attachment.h"
#include "base/mem.h"
#include "core/game.h"

#include <stdlib.h>
#include <string.h>

#define MIB (1024 * 1024)
#define SENDERS (ROLE_BLUE | ROLE_RED | ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN)

/* ---- on disk ---- */

static void
encode(const struct event *ev, struct json_writer *w)
{
	const struct attachment_event *a = ev->u.attachment;

	jw_kv_int(w, "bytes", a->bytes);
	jw_kv_int(w, "id", a->id);
	jw_kv_str(w, "media_type", a->type);
	jw_kv_str(w, "sha256", a->hash);
}

static void
encode_secret(const struct event *ev, struct json_writer *w)
{
	jw_kv_str(w, "name", ev->u.attachment->name);
}

static enum err
decode(struct event *ev, const struct record_reader *r)
{
	struct attachment_event *a = arena_alloc(r->arena, sizeof *a);
	enum err e;

	*a = (struct attachment_event){.hash = "", .type = ""};
	ev->u.attachment = a;
	a->name = record_secret(r, "name");
	if ((e = record_int(r, "bytes", 1, ATTACHMENT_MAX_BYTES, &a->bytes)) != ERR_OK ||
	    (e = record_int32(r, "id", 1, ATTACHMENTS_MAX, &a->id)) != ERR_OK ||
	    (e = record_text(r, "media_type", ATTACHMENT_TYPE_MAX_BYTES, &a->type)) != ERR_OK)
		return e;
	return record_text(r, "sha256", SHA256_HEX_BYTES - 1, &a->hash);
}

/* ---- what is allowed ---- */

static struct attachment_use *
use_of(const struct game *g, int team)
{
	return &g->attachments->used[team >= 0 ? (size_t)team : g->config->team_count];
}

enum err
attachment_room(const struct game *g, int team, int64_t bytes, struct why *why)
{
	const struct attachment_use *used = use_of(g, team);
	const char *whose = team >= 0 ? "your team" : "the staff";

	if (g->attachments->count >= ATTACHMENTS_MAX)
		return why_set(
		    why, ERR_LIMIT, "at most %d attachments in one drill", ATTACHMENTS_MAX);
	if (used->count >= ATTACHMENTS_PER_TEAM_MAX)
		return why_set(why, ERR_LIMIT, "%s has stored %d attachments, and more it may not",
		    whose, ATTACHMENTS_PER_TEAM_MAX);
	if (bytes > ATTACHMENT_TEAM_MAX_BYTES - used->bytes)
		return why_set(why, ERR_LIMIT,
		    "%s has stored %lld of %lld MiB; there is no room for %lld bytes more", whose,
		    (long long)(used->bytes / MIB), (long long)(ATTACHMENT_TEAM_MAX_BYTES / MIB),
		    (long long)bytes);
	return ERR_OK;
}

static bool
is_hash(const char *s)
{
	return strlen(s) == SHA256_HEX_BYTES - 1 && strspn(s, "0123456789abcdef") == strlen(s);
}

static enum err
allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);
	const struct attachment_event *a = ev->u.attachment;

	if (by == NULL || !(by->role & SENDERS))
		return why_set(why, ERR_FORBIDDEN,
		    "attachments are stored by departments, red teams, judges and the direction");
	if ((size_t)a->id != g->attachments->count + 1)
		return why_set(why, ERR_CONFLICT, "attachment %d, but the next one is %zu", a->id,
		    g->attachments->count + 1);
	if (!is_hash(a->hash))
		return why_set(why, ERR_INVALID, "\"sha256\" must be 64 lower-case hex digits");
	if (a->bytes < 1 || a->bytes > ATTACHMENT_MAX_BYTES)
		return why_set(
		    why, ERR_INVALID, "an attachment has from 1 to %d bytes", ATTACHMENT_MAX_BYTES);
	if (strlen(a->name) > FILENAME_MAX_BYTES)
		return why_set(
		    why, ERR_INVALID, "a file's name has at most %d bytes", FILENAME_MAX_BYTES);
	return attachment_room(g, by->team, a->bytes, why);
}

/* ---- what it changes ---- */

static void
apply(struct game *g, const struct event *ev)
{
	const struct attachment_event *from = ev->u.attachment;
	struct attachments *all = g->attachments;
	struct attachment_use *used;
	struct attachment *a;

	all->items = mem_grow(all->items, all->count, sizeof *all->items);
	a = &all->items[all->count++];
	*a = (struct attachment){.seq = ev->seq,
	    .at_ms = ev->at_ms,
	    .by = accounts_find(&g->accounts, ev->actor),
	    .bytes = from->bytes,
	    .type = mem_strdup(from->type),
	    .name = mem_strdup(from->name)};
	memcpy(a->hash, from->hash, sizeof a->hash);
	used = use_of(g, a->by->team);
	used->count++;
	used->bytes += a->bytes;
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->attachments = mem_alloc(sizeof *g->attachments);
	g->attachments->used = mem_array(g->config->team_count + 1, sizeof *g->attachments->used);
}

static void
close_all(struct game *g)
{
	for (size_t i = 0; i < g->attachments->count; i++) {
		free(g->attachments->items[i].type);
		free(g->attachments->items[i].name);
	}
	free(g->attachments->items);
	free(g->attachments->used);
	free(g->attachments);
}

const struct record_family attachment_family = {
    .first = EV_ATTACHMENT_STORED,
    .last = EV_ATTACHMENT_STORED,
    .encode = encode,
    .encode_secret = encode_secret,
    .decode = decode,
    .allows = allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct attachment *
attachment_find(const struct game *g, int32_t id)
{
	return id >= 1 && (size_t)id <= g->attachments->count ? &g->attachments->items[id - 1]
							      : NULL;
}

bool
attachment_visible(const struct game *g, const struct account *a, int32_t id)
{
	const struct attachment *at = attachment_find(g, id);

	if (at == NULL || a == NULL)
		return false;
	return at->family != NULL ? at->family->shows(g, at->record, a) : at->by == a;
}

/* Of one array: what lies before has the lower id. */
static int
compare_hash(const void *x, const void *y)
{
	const struct attachment *a = *(const struct attachment *const *)x;
	const struct attachment *b = *(const struct attachment *const *)y;
	int order = strcmp(a->hash, b->hash);

	return order != 0 ? order : (a > b) - (a < b);
}

const struct attachment **
attachments_by_hash(const struct game *g)
{
	const struct attachments *all = g->attachments;
	const struct attachment **sorted;

	if (all == NULL || all->count == 0)
		return NULL;
	sorted = mem_array(all->count, sizeof *sorted);
	for (size_t i = 0; i < all->count; i++)
		sorted[i] = &all->items[i];
	qsort(sorted, all->count, sizeof *sorted, compare_hash);
	return sorted;
}

/* ---- for families whose records name attachments ---- */

void
attachments_encode(const struct attachment_list *list, struct json_writer *w)
{
	if (list->count == 0)
		return;
	jw_key(w, "attachments");
	jw_array(w);
	for (size_t i = 0; i < list->count; i++)
		jw_int(w, list->ids[i]);
	jw_array_end(w);
}

enum err
attachments_want(const struct json_t *object, struct attachment_list *out, struct why *why)
{
	const struct json_t *list = jr_get(object, "attachments");

	out->count = 0;
	if (list == NULL)
		return ERR_OK;
	if (!jr_is_array(list))
		return why_set(why, ERR_INVALID, "\"attachments\" must be a list of ids");
	if (jr_count(list) > ATTACHMENTS_PER_RECORD_MAX)
		return why_set(why, ERR_LIMIT, "\"attachments\": %zu of them; at most %d are taken",
		    jr_count(list), ATTACHMENTS_PER_RECORD_MAX);
	for (; out->count < jr_count(list); out->count++) {
		int64_t id = jr_integer(jr_at(list, out->count), 0);

		if (id < 1 || id > ATTACHMENTS_MAX)
			return why_set(why, ERR_INVALID,
			    "\"attachments[%zu]\" is no attachment's id", out->count);
		out->ids[out->count] = (int32_t)id;
	}
	return ERR_OK;
}

static bool
comes_before(const struct attachment_list *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list->ids[i] == list->ids[n])
			return true;
	return false;
}

enum err
attachments_allow(const struct game *g, const struct attachment_list *list, int team,
    const struct record_family *family, int32_t record, struct why *why)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct attachment *a = attachment_find(g, list->ids[i]);

		if (a == NULL || a->by->team != team)
			return why_set(why, ERR_INVALID,
			    "\"attachments[%zu]\": %s has stored no attachment %d", i,
			    team >= 0 ? "your team" : "the staff", list->ids[i]);
		if (comes_before(list, i))
			return why_set(why, ERR_INVALID,
			    "\"attachments[%zu]\": attachment %d comes twice", i, list->ids[i]);
		if (a->family != NULL && (a->family != family || a->record != record))
			return why_set(why, ERR_CONFLICT,
			    "\"attachments[%zu]\": attachment %d belongs to another record; send "
			    "the "
			    "file once more for this one",
			    i, list->ids[i]);
	}
	return ERR_OK;
}

void
attachments_attach(struct game *g, const struct attachment_list *list,
    const struct record_family *family, int32_t record)
{
	for (size_t i = 0; i < list->count; i++) {
		struct attachment *a = &g->attachments->items[list->ids[i] - 1];

		a->family = family;
		a->record = record;
	}
}
