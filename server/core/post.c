#include "core/post.h"
#include "base/mem.h"
#include "core/game.h"
#include "core/inventory.h"

#include <stdlib.h>
#include <string.h>

/* ---- on disk ---- */

static void
encode(const struct event *ev, struct json_writer *w)
{
	jw_kv_int(w, "id", ev->u.post->id);
	if (ev->kind == EV_POST_CREATED)
		jw_kv_str(w, "team", ev->u.post->team);
}

static void
encode_secret(const struct event *ev, struct json_writer *w)
{
	const struct post_event *p = ev->u.post;

	if (ev->kind == EV_POST_RETIRED) {
		jw_kv_str(w, "reason", p->reason);
		return;
	}
	if (ev->kind != EV_POST_CHANGED)
		jw_kv_str(w, "holder", p->holder);
	jw_kv_str(w, "phone", p->phone);
	if (ev->kind != EV_POST_HANDED_OVER)
		jw_kv_str(w, "title", p->title);
}

static enum err
decode(struct event *ev, const struct record_reader *r)
{
	struct post_event *p = arena_alloc(r->arena, sizeof *p);
	enum err e;

	*p = (struct post_event){.team = "",
	    .title = record_secret(r, "title"),
	    .holder = record_secret(r, "holder"),
	    .phone = record_secret(r, "phone"),
	    .reason = record_secret(r, "reason")};
	ev->u.post = p;
	if ((e = record_int32(r, "id", 1, POSTS_MAX, &p->id)) != ERR_OK)
		return e;
	return ev->kind == EV_POST_CREATED ? record_text(r, "team", ID_MAX_BYTES, &p->team)
					   : ERR_OK;
}

/* ---- what is allowed ---- */

static enum err
title_is_free(const struct game *g, int team, int32_t but, const char *title, struct why *why)
{
	int32_t other = title[0] != '\0' ? post_by_title(g, team, title) : 0;

	return other == 0 || other == but
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "the department has a post \"%.100s\": post %d",
			 title, other);
}

static enum err
created_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct post_event *p = ev->u.post;
	int team;
	enum err e;

	if ((e = inventory_department(g, p->team, &team, why)) != ERR_OK ||
	    (e = inventory_may_change(g, ev->actor, team, why)) != ERR_OK)
		return e;
	if (g->posts->count >= POSTS_MAX || g->posts->of_team[team] >= POSTS_PER_TEAM_MAX)
		return why_set(why, ERR_LIMIT, "at most %d posts, %d of one department", POSTS_MAX,
		    POSTS_PER_TEAM_MAX);
	if ((size_t)p->id != g->posts->count + 1)
		return why_set(why, ERR_CONFLICT, "post %d, but the next one is %zu", p->id,
		    g->posts->count + 1);
	return title_is_free(g, team, 0, p->title, why);
}

static enum err
retired_allows(const struct post_entry *p, int32_t id, struct why *why)
{
	return p->assets == 0
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT,
			 "post %d has %zu duties for assets; give them to another post first", id,
			 p->assets);
}

static enum err
allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct post_event *x = ev->u.post;
	const struct post_entry *p;
	enum err e;

	if (ev->kind == EV_POST_CREATED)
		return created_allows(g, ev, why);
	if ((p = post_find(g, x->id)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "no post %d", x->id);
	if ((e = inventory_may_change(g, ev->actor, p->team, why)) != ERR_OK)
		return e;
	if (p->retired.by != NULL)
		return why_set(why, ERR_CONFLICT, "post %d is retired", x->id);
	if (ev->kind == EV_POST_RETIRED)
		return retired_allows(p, x->id, why);
	if (ev->kind == EV_POST_CHANGED)
		return title_is_free(g, p->team, x->id, x->title, why);
	return p->former_count < POST_HANDOVERS_MAX
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT, "a post changes hands at most %d times",
			 POST_HANDOVERS_MAX);
}

/* ---- what it changes ---- */

static void
replace(char **text, const char *by)
{
	free(*text);
	*text = mem_strdup(by);
}

static void
create(struct game *g, const struct event *ev)
{
	const struct post_event *x = ev->u.post;
	struct posts *all = g->posts;
	int team = game_team(g, x->team);

	all->items = mem_grow(all->items, all->count, sizeof *all->items);
	all->items[all->count++] = (struct post_entry){.team = team,
	    .title = mem_strdup(x->title),
	    .holder = mem_strdup(x->holder),
	    .phone = mem_strdup(x->phone),
	    .since_ms = ev->at_ms};
	all->of_team[team]++;
}

static void
hand_over(struct post_entry *p, const struct event *ev)
{
	p->former = mem_grow(p->former, p->former_count, sizeof *p->former);
	p->former[p->former_count++] = (struct post_holder){p->since_ms, ev->at_ms, p->holder};
	p->holder = mem_strdup(ev->u.post->holder);
	p->since_ms = ev->at_ms;
	replace(&p->phone, ev->u.post->phone);
}

static void
apply(struct game *g, const struct event *ev)
{
	struct post_entry *p;

	if (ev->kind == EV_POST_CREATED) {
		create(g, ev);
		return;
	}
	p = &g->posts->items[ev->u.post->id - 1];
	if (ev->kind == EV_POST_HANDED_OVER) {
		hand_over(p, ev);
	} else if (ev->kind == EV_POST_RETIRED) {
		decision_take(&p->retired, ev->at_ms, ev->actor, ev->u.post->reason);
	} else {
		replace(&p->title, ev->u.post->title);
		replace(&p->phone, ev->u.post->phone);
	}
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->posts = mem_alloc(sizeof *g->posts);
	g->posts->of_team = mem_array(g->config->team_count, sizeof *g->posts->of_team);
}

static void
close_post(struct post_entry *p)
{
	for (size_t i = 0; i < p->former_count; i++)
		free(p->former[i].holder);
	free(p->former);
	free(p->title);
	free(p->holder);
	free(p->phone);
	decision_free(&p->retired);
}

static void
close_all(struct game *g)
{
	for (size_t i = 0; i < g->posts->count; i++)
		close_post(&g->posts->items[i]);
	free(g->posts->items);
	free(g->posts->of_team);
	free(g->posts);
}

const struct record_family post_family = {
    .first = EV_POST_CREATED,
    .last = EV_POST_RETIRED,
    .encode = encode,
    .encode_secret = encode_secret,
    .decode = decode,
    .allows = allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct post_entry *
post_find(const struct game *g, int32_t id)
{
	return id >= 1 && (size_t)id <= g->posts->count ? &g->posts->items[id - 1] : NULL;
}

int32_t
post_by_title(const struct game *g, int team, const char *title)
{
	for (size_t i = 0; i < g->posts->count; i++) {
		const struct post_entry *p = &g->posts->items[i];

		if (p->team == team && p->retired.by == NULL && strcmp(p->title, title) == 0)
			return (int32_t)i + 1;
	}
	return 0;
}

void
post_count_asset(struct game *g, int32_t id, int delta)
{
	if (id > 0)
		g->posts->items[id - 1].assets += (size_t)delta;
}

bool
phone_valid(const char *text)
{
	size_t digits = 0;

	for (const char *p = text; *p != '\0'; p++)
		digits += *p >= '0' && *p <= '9';
	return digits >= 3 && strspn(text, "0123456789+-() .#*ext/") == strlen(text);
}
