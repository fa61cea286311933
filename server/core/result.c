#include "base/mem.h"
#include "core/game.h"
#include "core/result_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

static const char *const state_names[RESULT_STATE_COUNT] = {
    [RESULT_SUBMITTED] = "submitted",
    [RESULT_RESUBMITTED] = "resubmitted",
    [RESULT_UNDER_REVIEW] = "under_review",
    [RESULT_RETURNED] = "returned",
    [RESULT_REJECTED] = "rejected",
    [RESULT_CONFIRMED] = "confirmed",
    [RESULT_VOID] = "void",
};

static const char *const void_names[RESULT_VOID_COUNT] = {
    [RESULT_VOID_SCOPE] = "out_of_scope",
    [RESULT_VOID_DESTRUCTION] = "destruction",
};

const char *
result_state_name(enum result_state s)
{
	return (unsigned)s < RESULT_STATE_COUNT ? state_names[s] : "?";
}

bool
result_state_parse(const char *name, enum result_state *out)
{
	for (int i = 0; i < RESULT_STATE_COUNT; i++)
		if (strcmp(state_names[i], name) == 0) {
			*out = (enum result_state)i;
			return true;
		}
	return false;
}

const char *
result_void_name(enum result_void c)
{
	return (unsigned)c < RESULT_VOID_COUNT ? void_names[c] : "?";
}

bool
result_void_parse(const char *name, enum result_void *out)
{
	for (int i = 0; i < RESULT_VOID_COUNT; i++)
		if (strcmp(void_names[i], name) == 0) {
			*out = (enum result_void)i;
			return true;
		}
	return false;
}

bool
technique_valid(const char *id)
{
	static const char pattern[] = "T0000.000";
	size_t len = strlen(id);

	if (len != 5 && len != sizeof pattern - 1)
		return false;
	for (size_t i = 0; i < len; i++)
		if (pattern[i] == '0' ? id[i] < '0' || id[i] > '9' : id[i] != pattern[i])
			return false;
	return true;
}

/* ---- flaws ---- */

static bool
is_filler(char c)
{
	return c == ' ' || c == '-' || c == '_';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
same_words(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (is_filler(*a))
			a++;
		while (is_filler(*b))
			b++;
		if (lower(*a) != lower(*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

int32_t
result_flaw_find(const struct game *g, uint16_t department, int32_t system, const char *asset,
    const char *weakness)
{
	for (size_t i = 0; i < g->results->flaw_count; i++) {
		const struct result_flaw *f = &g->results->flaws[i];

		if (f->department == department && f->system == system &&
		    same_words(f->asset, asset) && same_words(f->weakness, weakness))
			return (int32_t)i + 1;
	}
	return 0;
}

int32_t
result_flaw(const struct game *g, const struct result *r, const char *weakness)
{
	int32_t known = result_flaw_find(g, r->department, r->system, r->asset, weakness);

	return known != 0 ? known : (int32_t)g->results->flaw_count + 1;
}

/* Positions go by id, the order of first submission, whatever the order in which judges confirm. */
static void
number_repeats(struct results *all, int32_t flaw)
{
	const struct result_flaw *f = &all->flaws[flaw - 1];
	int32_t position = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct result *r = &all->items[f->results[i] - 1];

		if (r->state == RESULT_CONFIRMED && r->flaw == flaw)
			r->position = ++position;
	}
}

static void
join_flaw(struct result_flaw *f, int32_t id)
{
	size_t at = 0;

	while (at < f->count && f->results[at] < id)
		at++;
	if (at < f->count && f->results[at] == id)
		return;
	f->results = mem_grow(f->results, f->count, sizeof *f->results);
	memmove(&f->results[at + 1], &f->results[at], (f->count - at) * sizeof *f->results);
	f->results[at] = id;
	f->count++;
}

static void
know_flaw(struct results *all, const struct result *r, const struct result_ruling *u)
{
	if ((size_t)u->flaw <= all->flaw_count)
		return;
	all->flaws = mem_grow(all->flaws, all->flaw_count, sizeof *all->flaws);
	all->flaws[all->flaw_count++] = (struct result_flaw){.department = r->department,
	    .system = r->system,
	    .asset = mem_strdup(r->asset),
	    .weakness = mem_strdup(u->weakness)};
}

/* ---- what it changes ---- */

static void
free_content(struct result *r)
{
	free(r->asset);
	free(r->path);
	free(r->evidence);
	free(r->effect);
	free(r->cleanup);
	free(r->weakness);
}

size_t
result_content_bytes(const struct result_content *c)
{
	return strlen(c->asset) + strlen(c->path) + strlen(c->evidence) + strlen(c->effect) +
	       strlen(c->cleanup) + strlen(c->weakness);
}

static void
take_content(struct game *g, struct result *r, const struct result_content *c)
{
	free_content(r);
	r->department = (uint16_t)game_team(g, c->department);
	r->system = c->system[0] != '\0' ? game_system(g, c->system) : -1;
	r->out_of_scope = r->system >= 0 && !engagement_in_scope(g, (uint32_t)r->system);
	r->attacked_ms = c->attacked_ms;
	r->attacked_drill_ms = clocklog_drill_ms(&g->clock, c->attacked_ms);
	r->claimed = result_kind_find(c->claimed);
	r->claimed_count = c->count;
	snprintf(r->technique, sizeof r->technique, "%s", c->technique);
	r->cleaned = c->cleaned;
	r->asset = mem_strdup(c->asset);
	r->path = mem_strdup(c->path);
	r->evidence = mem_strdup(c->evidence);
	r->effect = mem_strdup(c->effect);
	r->cleanup = mem_strdup(c->cleanup);
	r->weakness = mem_strdup(c->weakness);
	r->attachments = c->attachments;
	attachments_attach(
	    g, &c->attachments, &result_family, (int32_t)(r - g->results->items) + 1);
	r->version++;
	g->results->teams[r->team].bytes += result_content_bytes(c);
}

static struct result *
add(struct game *g, const struct event *ev)
{
	struct results *all = g->results;
	struct result *r;

	all->items = mem_grow(all->items, all->count, sizeof *all->items);
	r = &all->items[all->count++];
	*r = (struct result){.at_ms = ev->at_ms,
	    .drill_ms = ev->drill_ms,
	    .team = (uint16_t)game_team(g, ev->u.result->team)};
	all->teams[r->team].count++;
	return r;
}

static void
take_ruling(struct results *all, struct result *r, const struct result_ruling *u)
{
	know_flaw(all, r, u);
	r->kind = result_kind_find(u->kind);
	r->count = u->count;
	r->mlps = u->mlps;
	r->unlisted = u->unlisted;
	r->size = u->size;
	r->overridden = u->overridden;
	r->quality = u->quality;
	r->flaw = u->flaw;
	join_flaw(&all->flaws[u->flaw - 1], (int32_t)(r - all->items) + 1);
	number_repeats(all, u->flaw);
}

static void
forget_ruling(struct results *all, struct result *r)
{
	int32_t flaw = r->flaw;

	r->kind = NULL;
	r->flaw = r->position = 0;
	r->penalty = 0;
	if (flaw != 0)
		number_repeats(all, flaw);
}

static void
note_step(struct result *r, const struct event *ev)
{
	struct result_step *s;

	r->steps = mem_grow(r->steps, r->step_count, sizeof *r->steps);
	s = &r->steps[r->step_count++];
	*s = (struct result_step){.kind = ev->kind};
	decision_take(&s->decision, ev->at_ms, ev->actor, ev->u.result->reason);
}

static enum result_state
state_after(enum event_kind kind)
{
	switch (kind) {
	case EV_RESULT_SUBMITTED:
		return RESULT_SUBMITTED;
	case EV_RESULT_RESUBMITTED:
		return RESULT_RESUBMITTED;
	case EV_RESULT_RETURNED:
		return RESULT_RETURNED;
	case EV_RESULT_REJECTED:
		return RESULT_REJECTED;
	case EV_RESULT_CONFIRMED:
		return RESULT_CONFIRMED;
	case EV_RESULT_VOIDED:
		return RESULT_VOID;
	default: /* taken, reopened */
		return RESULT_UNDER_REVIEW;
	}
}

static void
apply(struct game *g, const struct event *ev)
{
	const struct result_event *from = ev->u.result;
	struct result *r =
	    ev->kind == EV_RESULT_SUBMITTED ? add(g, ev) : &g->results->items[from->id - 1];

	r->state = state_after(ev->kind);
	note_step(r, ev);
	if (ev->kind == EV_RESULT_SUBMITTED || ev->kind == EV_RESULT_RESUBMITTED)
		take_content(g, r, &from->content);
	else if (ev->kind == EV_RESULT_CONFIRMED)
		take_ruling(g->results, r, &from->ruling);
	else if (ev->kind == EV_RESULT_REOPENED)
		forget_ruling(g->results, r);
	if (ev->kind == EV_RESULT_VOIDED) {
		r->cause = from->cause;
		r->penalty = from->penalty;
	}
	r->reviewer =
	    r->state == RESULT_UNDER_REVIEW ? accounts_find(&g->accounts, ev->actor)->id : NULL;
}

/* ---- who sees it ---- */

bool
result_readable(const struct result *r, enum role role, int team)
{
	return (role & ROLE_STAFF) || (role == ROLE_RED && r->team == team);
}

static bool
shows(const struct game *g, int32_t id, const struct account *a)
{
	return result_readable(result_find(g, id), a->role, a->team);
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->results = mem_alloc(sizeof *g->results);
	g->results->teams = mem_array(g->config->team_count, sizeof *g->results->teams);
}

static void
close_all(struct game *g)
{
	struct results *all = g->results;

	for (size_t i = 0; i < all->count; i++) {
		struct result *r = &all->items[i];

		free_content(r);
		for (size_t k = 0; k < r->step_count; k++)
			decision_free(&r->steps[k].decision);
		free(r->steps);
	}
	for (size_t i = 0; i < all->flaw_count; i++) {
		free(all->flaws[i].asset);
		free(all->flaws[i].weakness);
		free(all->flaws[i].results);
	}
	free(all->items);
	free(all->flaws);
	free(all->teams);
	free(all);
}

const struct record_family result_family = {
    .first = EV_RESULT_SUBMITTED,
    .last = EV_RESULT_REOPENED,
    .encode = result_encode,
    .encode_secret = result_encode_secret,
    .decode = result_decode,
    .allows = result_allows,
    .apply = apply,
    .noun = "result",
    .shows = shows,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct result *
result_find(const struct game *g, int32_t id)
{
	return id >= 1 && (size_t)id <= g->results->count ? &g->results->items[id - 1] : NULL;
}

int32_t
result_next_confirmed(const struct game *g, int department, int system, int32_t after)
{
	for (size_t i = (size_t)after; i < g->results->count; i++) {
		const struct result *r = &g->results->items[i];

		if (r->state == RESULT_CONFIRMED &&
		    (department < 0 || r->department == department) &&
		    (system < 0 || r->system == system))
			return (int32_t)i + 1;
	}
	return 0;
}

int64_t
result_counted_milli(const struct result *r)
{
	return (int64_t)r->size * 10 * result_repeat_percent(r->position);
}

int32_t
result_ruling_size(const struct result_ruling *ruling, const struct result_kind *k)
{
	return result_kind_size(k, ruling->count, ruling->mlps >= 3 || ruling->unlisted);
}

bool
result_shown_to_blue(const struct game *g, const struct result *r, int team)
{
	if (r->state != RESULT_CONFIRMED || r->department != team)
		return false;
	return g->config->show_blue == SHOW_AFTER_CONFIRMATION ||
	       (g->config->show_blue == SHOW_AFTER_END && g->state == DRILL_ENDED);
}
