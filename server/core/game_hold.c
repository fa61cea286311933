/* Checkers on hold: their systems are not checked until the organizers release them. */
#include "base/mem.h"
#include "core/game.h"
#include "core/game_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- the list of systems in an event ---- */

/* The index of the id that begins at *text and ends with a comma or the text; moves on past it. */
static int
next_system(const struct game *g, const char **text, char id[ID_MAX_BYTES + 1])
{
	size_t len = strcspn(*text, ",");

	id[0] = '\0';
	if (len <= ID_MAX_BYTES) {
		memcpy(id, *text, len);
		id[len] = '\0';
	}
	*text += len;
	*text += **text == ',' && (*text)[1] != '\0'; /* a comma at the end stays: an empty id */
	return game_system(g, id);
}

enum err
game_read_systems(const struct game *g, const char *text, struct system_list *out, struct why *why)
{
	struct system_list list = {
	    .systems =
		out != NULL ? mem_array(g->config->system_count, sizeof *list.systems) : NULL};
	char id[ID_MAX_BYTES + 1];
	enum err e = ERR_OK;
	int last = -1, at;

	do {
		if ((at = next_system(g, &text, id)) < 0)
			e = why_set(why, ERR_NOT_FOUND, "no system \"%s\"", id);
		else if (at <= last)
			e = why_set(why, ERR_INVALID,
			    "system \"%s\" comes twice, or not in the order of the scenario", id);
		else if (out != NULL)
			list.systems[list.count++] = (uint16_t)at;
		last = at;
	} while (e == ERR_OK && *text != '\0');
	if (e != ERR_OK)
		free(list.systems);
	else if (out != NULL)
		*out = list;
	return e;
}

/* ---- what is allowed ---- */

static bool
same_systems(const struct system_list *a, const struct system_list *b)
{
	return a->count == b->count &&
	       memcmp(a->systems, b->systems, a->count * sizeof *a->systems) == 0;
}

/* The same hold twice would be one that a single release does not end. */
static enum err
refuse_twice(const struct game *g, const struct system_list *list, struct why *why)
{
	for (size_t i = 0; i < g->hold_count; i++)
		if (g->holds[i].released.by == NULL && same_systems(&g->holds[i].systems, list))
			return why_set(why, ERR_CONFLICT,
			    "these checks are on hold already, by hold %zu", i + 1);
	return ERR_OK;
}

static enum err
held_allows(const struct game *g, const struct event *ev, struct why *why)
{
	struct system_list list;
	enum err e;

	if (g->state == DRILL_ENDED)
		return why_set(
		    why, ERR_CONFLICT, "the drill has ended: nothing is checked any more");
	if (ev->u.hold.reason[0] == '\0')
		return why_set(why, ERR_INVALID, "a hold wants a reason");
	if (g->hold_count >= HOLDS_MAX)
		return why_set(why, ERR_LIMIT, "at most %d holds in one drill", HOLDS_MAX);
	if ((size_t)ev->u.hold.id != g->hold_count + 1)
		return why_set(why, ERR_CONFLICT, "hold %d, but the next one is %zu", ev->u.hold.id,
		    g->hold_count + 1);
	if ((e = game_read_systems(g, ev->u.hold.systems, &list, why)) != ERR_OK)
		return e;
	e = refuse_twice(g, &list, why);
	free(list.systems);
	return e;
}

enum err
hold_allows(const struct game *g, const struct event *ev, struct why *why)
{
	if (ev->kind == EV_CHECKS_HELD)
		return held_allows(g, ev, why);
	if (ev->u.hold.id < 1 || (size_t)ev->u.hold.id > g->hold_count)
		return why_set(why, ERR_NOT_FOUND, "no hold %d", ev->u.hold.id);
	if (ev->u.hold.reason[0] == '\0')
		return why_set(why, ERR_INVALID, "a release wants a reason");
	if (g->holds[ev->u.hold.id - 1].released.by != NULL)
		return why_set(why, ERR_CONFLICT, "hold %d was released before", ev->u.hold.id);
	return ERR_OK;
}

/* ---- what it changes ---- */

static void
count_holds(struct game *g, const struct hold *h, int by)
{
	for (size_t i = 0; i < h->systems.count; i++)
		g->systems[h->systems.systems[i]].holds += (uint32_t)by;
}

static void
add_hold(struct game *g, const struct event *ev)
{
	struct hold *h;

	g->holds = mem_grow(g->holds, g->hold_count, sizeof *g->holds);
	h = &g->holds[g->hold_count++];
	*h = (struct hold){.challenge = mem_strdup(ev->u.hold.challenge)};
	if (game_read_systems(g, ev->u.hold.systems, &h->systems, NULL) != ERR_OK)
		h->systems = (struct system_list){0}; /* not after hold_allows */
	decision_take(&h->held, ev->at_ms, ev->actor, ev->u.hold.reason);
	count_holds(g, h, 1);
}

void
hold_apply(struct game *g, const struct event *ev)
{
	struct hold *h;

	if (ev->kind == EV_CHECKS_HELD) {
		add_hold(g, ev);
		return;
	}
	h = &g->holds[ev->u.hold.id - 1];
	decision_take(&h->released, ev->at_ms, ev->actor, ev->u.hold.reason);
	count_holds(g, h, -1);
}
