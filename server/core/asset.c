#include "core/asset.h"
#include "base/mem.h"
#include "core/game.h"
#include "core/inventory.h"

#include <stdlib.h>
#include <string.h>

/* ---- on disk ---- */

static bool
is_whole(const struct event *ev)
{
	return ev->kind == EV_ASSET_CREATED || ev->kind == EV_ASSET_CHANGED;
}

static void
encode(const struct event *ev, struct json_writer *w)
{
	const struct asset_event *a = ev->u.asset;
	const struct asset_facts *f = &a->facts;

	if (!is_whole(ev)) {
		jw_kv_int(w, "id", a->id);
		return;
	}
	jw_kv_str(w, "data_class", term_id(&terms_data_classes, (int)f->data_class));
	jw_kv_str(w, "exposure", term_id(&terms_exposures, (int)f->exposure));
	jw_kv_int(w, "id", a->id);
	jw_kv_int(w, "in_charge", f->posts[DUTY_IN_CHARGE]);
	jw_kv_str(w, "kind", term_id(&terms_asset_kinds, (int)f->kind));
	jw_kv_int(w, "level", f->level);
	jw_kv_int(w, "run_by", f->posts[DUTY_RUN_BY]);
	jw_kv_str(w, "system", f->system);
	if (ev->kind == EV_ASSET_CREATED)
		jw_kv_str(w, "team", a->team);
	jw_kv_int(w, "used_by", f->posts[DUTY_USED_BY]);
	jw_kv_int(w, "version", a->version);
}

static void
encode_secret(const struct event *ev, struct json_writer *w)
{
	if (is_whole(ev))
		jw_kv_str(w, "text", ev->u.asset->text);
	else if (ev->kind == EV_ASSET_RETIRED)
		jw_kv_str(w, "reason", ev->u.asset->reason);
}

static enum err
decode_word(const struct record_reader *r, const char *key, const struct terms *terms, int *out)
{
	const char *text;
	enum err e = record_text(r, key, ID_MAX_BYTES, &text);

	return e != ERR_OK ? e : term_want(terms, text, out, r->why);
}

static enum err
decode_facts(const struct record_reader *r, struct asset_facts *f)
{
	int kind, exposure, data_class;
	enum err e;

	if ((e = decode_word(r, "kind", &terms_asset_kinds, &kind)) != ERR_OK ||
	    (e = decode_word(r, "exposure", &terms_exposures, &exposure)) != ERR_OK ||
	    (e = decode_word(r, "data_class", &terms_data_classes, &data_class)) != ERR_OK ||
	    (e = record_int32(r, "level", 0, 5, &f->level)) != ERR_OK)
		return e;
	f->kind = (enum asset_kind)kind;
	f->exposure = (enum asset_exposure)exposure;
	f->data_class = (enum data_class)data_class;
	for (int i = 0; i < DUTIES; i++)
		if ((e = record_int32(r, term_id(&terms_duties, i), 0, POSTS_MAX, &f->posts[i])) !=
		    ERR_OK)
			return e;
	return record_text(r, "system", ID_MAX_BYTES, &f->system);
}

static enum err
decode(struct event *ev, const struct record_reader *r)
{
	struct asset_event *a = arena_alloc(r->arena, sizeof *a);
	enum err e;

	*a = (struct asset_event){.team = "",
	    .facts = {.system = ""},
	    .text = record_secret(r, "text"),
	    .reason = record_secret(r, "reason")};
	ev->u.asset = a;
	if ((e = record_int32(r, "id", 1, ASSET_ENTRIES_MAX, &a->id)) != ERR_OK || !is_whole(ev))
		return e;
	if ((e = record_int32(r, "version", 1, ASSET_VERSIONS_MAX, &a->version)) != ERR_OK ||
	    (e = decode_facts(r, &a->facts)) != ERR_OK)
		return e;
	return ev->kind == EV_ASSET_CREATED ? record_text(r, "team", ID_MAX_BYTES, &a->team)
					    : ERR_OK;
}

/* ---- what is allowed ---- */

enum err
asset_facts_hold(const struct game *g, int team, const struct asset_facts *f, struct why *why)
{
	int system = f->system[0] != '\0' ? game_system(g, f->system) : -1;

	if (f->system[0] != '\0' && (system < 0 || g->config->systems[system].team != team))
		return why_set(why, ERR_INVALID,
		    "\"system\": the department has no system \"%.64s\"", f->system);
	for (int i = 0; i < DUTIES; i++) {
		const struct post_entry *p = post_find(g, f->posts[i]);

		if (f->posts[i] != 0 && (p == NULL || p->team != team || p->retired.by != NULL))
			return why_set(why, ERR_INVALID, "\"%s\": the department has no post %d",
			    term_id(&terms_duties, i), f->posts[i]);
	}
	return ERR_OK;
}

/* The document's name and address: "" where there is none. */
static char *
line_of(const struct json_t *document, const char *key)
{
	const char *text = jr_string(jr_get(document, key), NULL);

	return mem_strdup(text != NULL ? text : "");
}

static struct json_t *
document_of(const char *text)
{
	struct json_t *j = NULL;

	(void)!jr_parse(text, text != NULL ? strlen(text) : 0, &j, NULL);
	return j;
}

static enum err
text_allows(
    const struct game *g, int team, const struct asset_event *a, int32_t but, struct why *why)
{
	struct json_t *j;
	char *name;
	int32_t other;

	if (a->text[0] == '\0')
		return ERR_OK;
	if (strlen(a->text) > ASSET_TEXT_MAX_BYTES)
		return why_set(
		    why, ERR_LIMIT, "an asset has at most %u bytes", ASSET_TEXT_MAX_BYTES);
	if ((j = document_of(a->text)) == NULL)
		return why_set(why, ERR_INVALID, "the asset's document is no JSON");
	name = line_of(j, "name");
	jr_free(j);
	other = asset_by_name(g, team, name);
	if (other != 0 && other != but)
		(void)!why_set(why, ERR_CONFLICT,
		    "the department has an asset \"%.100s\": asset %d", name, other);
	free(name);
	return other == 0 || other == but ? ERR_OK : ERR_CONFLICT;
}

static enum err
created_allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct asset_event *a = ev->u.asset;
	int team;
	enum err e;

	if ((e = inventory_department(g, a->team, &team, why)) != ERR_OK ||
	    (e = inventory_may_change(g, ev->actor, team, why)) != ERR_OK)
		return e;
	if (g->assets->count >= ASSET_ENTRIES_MAX ||
	    g->assets->of_team[team] >= ASSET_ENTRIES_PER_TEAM_MAX)
		return why_set(why, ERR_LIMIT, "at most %d assets, %d of one department",
		    ASSET_ENTRIES_MAX, ASSET_ENTRIES_PER_TEAM_MAX);
	if ((size_t)a->id != g->assets->count + 1)
		return why_set(why, ERR_CONFLICT, "asset %d, but the next one is %zu", a->id,
		    g->assets->count + 1);
	if (a->version != 1)
		return why_set(why, ERR_CONFLICT, "a new asset has version 1");
	return (e = asset_facts_hold(g, team, &a->facts, why)) != ERR_OK
		   ? e
		   : text_allows(g, team, a, 0, why);
}

static enum err
changed_allows(const struct game *g, const struct asset_entry *old, const struct asset_event *a,
    struct why *why)
{
	enum err e;

	if (a->version != old->version + 1)
		return why_set(why, ERR_CONFLICT,
		    "asset %d has version %d: it was changed meanwhile", a->id, old->version);
	if (a->version > ASSET_VERSIONS_MAX)
		return why_set(
		    why, ERR_LIMIT, "an asset is changed at most %d times", ASSET_VERSIONS_MAX);
	return (e = asset_facts_hold(g, old->team, &a->facts, why)) != ERR_OK
		   ? e
		   : text_allows(g, old->team, a, a->id, why);
}

static enum err
allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct asset_event *x = ev->u.asset;
	const struct asset_entry *a;
	enum err e;

	if (ev->kind == EV_ASSET_CREATED)
		return created_allows(g, ev, why);
	if ((a = asset_entry_find(g, x->id)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "no asset %d", x->id);
	if ((e = inventory_may_change(g, ev->actor, a->team, why)) != ERR_OK)
		return e;
	if (a->retired.by != NULL)
		return why_set(why, ERR_CONFLICT, "asset %d is retired", x->id);
	return ev->kind == EV_ASSET_CHANGED ? changed_allows(g, a, x, why) : ERR_OK;
}

/* ---- what it changes ---- */

static void
count_posts(struct game *g, const struct asset_entry *a, int delta)
{
	for (int i = 0; i < DUTIES; i++)
		post_count_asset(g, a->facts.posts[i], delta);
}

static void
forget_texts(struct asset_entry *a)
{
	free(a->name);
	free(a->address);
	free(a->text);
	free(a->changed_by);
}

static void
take(struct game *g, struct asset_entry *a, const struct event *ev)
{
	const struct asset_event *x = ev->u.asset;
	struct json_t *document = document_of(x->text);
	int system = game_system(g, x->facts.system);

	a->version = x->version;
	a->facts = x->facts;
	a->facts.system = system >= 0 ? g->config->systems[system].id : "";
	a->name = line_of(document, "name");
	a->address = line_of(document, "address");
	a->text = mem_strdup(x->text);
	a->changed_ms = ev->at_ms;
	a->changed_by = mem_strdup(ev->actor);
	jr_free(document);
	count_posts(g, a, 1);
}

static void
create(struct game *g, const struct event *ev)
{
	struct assets *all = g->assets;
	struct asset_entry *a;

	all->items = mem_grow(all->items, all->count, sizeof *all->items);
	a = &all->items[all->count++];
	*a = (struct asset_entry){.team = game_team(g, ev->u.asset->team), .at_ms = ev->at_ms};
	all->of_team[a->team]++;
	take(g, a, ev);
}

static void
apply(struct game *g, const struct event *ev)
{
	struct asset_entry *a;

	if (ev->kind == EV_ASSET_CREATED) {
		create(g, ev);
		return;
	}
	a = &g->assets->items[ev->u.asset->id - 1];
	if (ev->kind == EV_ASSET_CHANGED) {
		count_posts(g, a, -1);
		forget_texts(a);
		take(g, a, ev);
	} else if (ev->kind == EV_ASSET_VERIFIED) {
		free(a->verified_by);
		a->verified_ms = ev->at_ms;
		a->verified_by = mem_strdup(ev->actor);
	} else {
		count_posts(g, a, -1);
		decision_take(&a->retired, ev->at_ms, ev->actor, ev->u.asset->reason);
	}
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->assets = mem_alloc(sizeof *g->assets);
	g->assets->of_team = mem_array(g->config->team_count, sizeof *g->assets->of_team);
}

static void
close_all(struct game *g)
{
	for (size_t i = 0; i < g->assets->count; i++) {
		forget_texts(&g->assets->items[i]);
		free(g->assets->items[i].verified_by);
		decision_free(&g->assets->items[i].retired);
	}
	free(g->assets->items);
	free(g->assets->of_team);
	free(g->assets);
}

const struct record_family asset_family = {
    .first = EV_ASSET_CREATED,
    .last = EV_ASSET_RETIRED,
    .encode = encode,
    .encode_secret = encode_secret,
    .decode = decode,
    .allows = allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct asset_entry *
asset_entry_find(const struct game *g, int32_t id)
{
	return id >= 1 && (size_t)id <= g->assets->count ? &g->assets->items[id - 1] : NULL;
}

int32_t
asset_by_name(const struct game *g, int team, const char *name)
{
	for (size_t i = 0; i < g->assets->count; i++) {
		const struct asset_entry *a = &g->assets->items[i];

		if (a->team == team && a->retired.by == NULL && strcmp(a->name, name) == 0)
			return (int32_t)i + 1;
	}
	return 0;
}
