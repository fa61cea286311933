/* Whether a plan of an inject fits the drill: to whom it is, when it comes, what it waits for, its rubric. */
#include "core/inject_private.h"

#include <stdio.h>
#include <string.h>

static enum err
whom_allows(const struct game *g, const char *word, struct why *why)
{
	int team;

	if (strcmp(word, "blue") == 0)
		return ERR_OK;
	if ((team = game_team(g, word)) < 0 || g->config->teams[team].kind != TEAM_BLUE)
		return why_set(why, ERR_INVALID,
		    "\"%.64s\" is no department; an inject is to \"blue\" or to departments' ids",
		    word);
	return g->config->teams[team].nop
		   ? why_set(why, ERR_INVALID, "department \"%s\" is not defended: nobody answers",
			 word)
		   : ERR_OK;
}

static enum err
to_allows(const struct game *g, const struct inject_plan *p, struct why *why)
{
	char word[ID_MAX_BYTES + 1];
	enum err e = addressees_read(g, p->to, NULL, why);

	for (const char *at = p->to; e == ERR_OK && *at != '\0'; at += *at == ',') {
		size_t len = strcspn(at, ",");

		snprintf(word, sizeof word, "%.*s", (int)len, at);
		e = whom_allows(g, word, why);
		at += len;
	}
	if (e == ERR_OK && p->common && strcmp(p->to, "blue") != 0)
		e = why_set(why, ERR_INVALID,
		    "a common incident is for every department alike: to \"blue\"");
	return e;
}

static enum err
account_allows(const struct game *g, const char *key, const char *id, struct why *why)
{
	const struct account *a = accounts_find(&g->accounts, id);

	if (id[0] == '\0' || (a != NULL && (a->role & ROLE_STAFF)))
		return ERR_OK;
	return why_set(why, ERR_NOT_FOUND,
	    a == NULL ? "%s: there is no account \"%.64s\"" : "%s: \"%.64s\" is not of the staff",
	    key, id);
}

static enum err
items_allow(const struct inject_plan *p, struct why *why)
{
	for (size_t i = 0; i < p->item_count; i++) {
		if (!id_valid(p->items[i].id))
			return why_set(why, ERR_INVALID,
			    "rubric: \"%.64s\" is no id; a-z, 0-9 and - are taken", p->items[i].id);
		for (size_t k = 0; k < i; k++)
			if (strcmp(p->items[i].id, p->items[k].id) == 0)
				return why_set(why, ERR_INVALID, "rubric: item \"%s\" comes twice",
				    p->items[i].id);
	}
	return ERR_OK;
}

/* Whether an outcome of a plan can ever come. */
static enum err
outcome_allows(const struct inject_plan *of, enum inject_outcome on, struct why *why)
{
	if (on == INJECT_EXPIRY && of->allowed_ms == 0)
		return why_set(why, ERR_INVALID,
		    "inject \"%s\" never expires: it has no time allowed", of->number);
	if (on != INJECT_EXPIRY && of->item_count == 0)
		return why_set(why, ERR_INVALID,
		    "inject \"%s\" has neither success nor failure: it has no rubric", of->number);
	return ERR_OK;
}

static enum err
after_allows(const struct game *g, const struct inject_plan *p, struct why *why)
{
	const struct inject *other = inject_named(g, p->after);

	if (p->common)
		return why_set(why, ERR_INVALID,
		    "a common incident is for every department alike: at an offset or by hand");
	if (strcmp(p->after, p->number) == 0)
		return why_set(why, ERR_INVALID, "inject \"%s\" waits for itself", p->number);
	if (other == NULL)
		return why_set(why, ERR_NOT_FOUND, "after: there is no inject \"%.64s\"", p->after);
	/* No chain is longer than there are injects, and those there are have no ring. */
	for (const struct inject *at = other; at != NULL && at->plan.when == INJECT_AFTER;
	     at = inject_named(g, at->plan.after))
		if (strcmp(at->plan.after, p->number) == 0)
			return why_set(why, ERR_INVALID,
			    "injects \"%s\" and \"%s\" would wait for each other", p->number,
			    p->after);
	return outcome_allows(&other->plan, p->on, why);
}

static enum err
when_allows(const struct game *g, const struct inject_plan *p, struct why *why)
{
	if (p->when != INJECT_AT && p->offset_ms != 0)
		return why_set(why, ERR_INVALID, "an offset is for injects that come by the clock");
	if ((p->when == INJECT_AFTER) != (p->after[0] != '\0'))
		return why_set(why, ERR_INVALID,
		    "\"after\" is for injects that wait for another, and only for them");
	if (p->offset_ms >= (int64_t)g->config->ticks * g->config->tick_ms)
		return why_set(why, ERR_INVALID,
		    "the offset is not before the drill's end, %lld s after its start",
		    (long long)((int64_t)g->config->ticks * g->config->tick_ms / 1000));
	return p->when == INJECT_AFTER ? after_allows(g, p, why) : ERR_OK;
}

/* Those that wait for it must still be able to come. */
static enum err
waiting_allow(const struct game *g, const struct inject_plan *p, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < g->injects->count && e == ERR_OK; i++) {
		const struct inject_plan *other = &g->injects->items[i]->plan;

		if (other->when == INJECT_AFTER && strcmp(other->after, p->number) == 0)
			e = outcome_allows(p, other->on, why);
	}
	return e;
}

static enum err
number_allows(const struct game *g, const struct inject_plan *p, int32_t id, struct why *why)
{
	const struct inject *former = inject_find(g, id), *same = inject_named(g, p->number);

	if (!id_valid(p->number))
		return why_set(why, ERR_INVALID,
		    "number: \"%.64s\" is no id; a-z, 0-9 and - are taken", p->number);
	if (former != NULL && strcmp(former->number, p->number) != 0)
		return why_set(
		    why, ERR_CONFLICT, "inject %d keeps its number \"%s\"", id, former->number);
	return former == NULL && same != NULL
		   ? why_set(
			 why, ERR_CONFLICT, "inject %d has the number \"%s\"", same->id, p->number)
		   : ERR_OK;
}

enum err
inject_plan_allows(const struct game *g, const struct inject_plan *p, int32_t id, struct why *why)
{
	enum err e;

	if ((e = number_allows(g, p, id, why)) != ERR_OK || (e = to_allows(g, p, why)) != ERR_OK ||
	    (e = when_allows(g, p, why)) != ERR_OK || (e = items_allow(p, why)) != ERR_OK ||
	    (e = account_allows(g, "controller", p->controller, why)) != ERR_OK ||
	    (e = account_allows(g, "evaluator", p->evaluator, why)) != ERR_OK)
		return e;
	return waiting_allow(g, p, why);
}
