#include "core/engagement.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/game.h"

#include <stdlib.h>
#include <string.h>

/* ---- on disk ---- */

static void
encode(const struct event *ev, struct json_writer *w)
{
	jw_kv_str(w, "rules", ev->u.engagement->rules);
}

static enum err
decode(struct event *ev, const struct record_reader *r)
{
	struct engagement_event *a = arena_alloc(r->arena, sizeof *a);

	*a = (struct engagement_event){.rules = ""};
	ev->u.engagement = a;
	return record_text(r, "rules", SHA256_HEX_BYTES - 1, &a->rules);
}

/* ---- what is allowed ---- */

static enum err
allows(const struct game *g, const struct event *ev, struct why *why)
{
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	if (by == NULL || by->role != ROLE_RED)
		return why_set(
		    why, ERR_FORBIDDEN, "the rules of engagement are for accounts of red teams");
	if (g->config->rules == NULL)
		return why_set(
		    why, ERR_CONFLICT, "this drill has no rules of engagement to accept");
	if (strcmp(ev->u.engagement->rules, g->engagement->hash) != 0)
		return why_set(why, ERR_CONFLICT,
		    "these are not the rules of this drill; theirs begin with %.12s",
		    g->engagement->hash);
	return engagement_of(g, ev->actor) == NULL
		   ? ERR_OK
		   : why_set(why, ERR_CONFLICT, "\"%s\" has accepted the rules before", ev->actor);
}

/* ---- what it changes ---- */

static void
apply(struct game *g, const struct event *ev)
{
	struct engagement *all = g->engagement;
	const struct account *by = accounts_find(&g->accounts, ev->actor);

	all->acceptances = mem_grow(all->acceptances, all->count, sizeof *all->acceptances);
	ids_add(&all->by, by->id, (int)all->count);
	all->acceptances[all->count++] = (struct engagement_acceptance){by, ev->at_ms};
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	uint8_t digest[SHA256_BYTES];
	struct json_writer w;
	struct buf text;

	g->engagement = mem_alloc(sizeof *g->engagement);
	if (g->config->rules == NULL)
		return;
	buf_init(&text, EVENT_BODY_MAX_BYTES);
	jw_begin(&w, &text);
	config_encode_rules(g->config, &w);
	sha256(text.data, text.len, digest);
	hex_encode(digest, sizeof digest, g->engagement->hash);
	buf_free(&text);
}

static void
close_all(struct game *g)
{
	ids_free(&g->engagement->by);
	free(g->engagement->acceptances);
	free(g->engagement);
}

const struct record_family engagement_family = {
    .first = EV_ROE_ACCEPTED,
    .last = EV_ROE_ACCEPTED,
    .encode = encode,
    .decode = decode,
    .allows = allows,
    .apply = apply,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct engagement_acceptance *
engagement_of(const struct game *g, const char *account)
{
	int at = ids_find(&g->engagement->by, account);

	return at >= 0 ? &g->engagement->acceptances[at] : NULL;
}

enum err
engagement_allows(const struct game *g, const char *account, struct why *why)
{
	if (g->config->rules == NULL || engagement_of(g, account) != NULL)
		return ERR_OK;
	return why_set(why, ERR_FORBIDDEN,
	    "\"%s\" has not accepted the rules of engagement: read GET /api/v1/rules, then POST "
	    "/api/v1/rules/accept {\"rules\": its \"hash\"}",
	    account);
}

bool
engagement_in_scope(const struct game *g, uint32_t system)
{
	const struct rules_config *r = g->config->rules;

	return r == NULL || r->all || r->in_scope[system];
}
