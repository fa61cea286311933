#include "api/feed_delta.h"
#include "api/board.h"
#include "api/voice.h"
#include "base/mem.h"

#include <stdlib.h>

/* ---- members ---- */

/* How many systems, and which if it is only one. */
static void
write_touched(struct json_writer *w, const struct game *g, const struct system_list *l)
{
	jw_kv_int(w, "count", (int64_t)l->count);
	if (l->count == 1)
		jw_kv_str(w, "system", g->config->systems[l->systems[0]].id);
}

/* The systems that are held now, or no more. */
static void
write_hold(struct json_writer *w, const struct game *g, const struct event *ev, unsigned parts)
{
	const struct hold *h = &g->holds[ev->u.hold.id - 1];
	bool held = ev->kind == EV_CHECKS_HELD;

	jw_kv_int(w, "id", ev->u.hold.id);
	if (h->challenge[0] != '\0')
		jw_kv_str(w, "challenge", h->challenge);
	write_touched(w, g, &h->systems);
	if (parts & PART_MESSAGE)
		jw_kv_str(w, "reason", ev->u.hold.reason);
	if (!(parts & PART_STATE))
		return;
	jw_key(w, "systems");
	jw_array(w);
	for (size_t i = 0; i < h->systems.count; i++)
		if ((g->systems[h->systems.systems[i]].holds > 0) == held)
			jw_str(w, g->config->systems[h->systems.systems[i]].id);
	jw_array_end(w);
}

static void
write_scores(struct json_writer *w, const struct game *g)
{
	jw_key(w, "ranking");
	board_write_ranking(w, g);
	jw_key(w, "rows");
	board_write_rows(w, g);
}

/* The systems whose result on the board is void now, or no more. */
static void
write_marked(struct json_writer *w, const struct game *g, const struct check_void *v, bool voided)
{
	jw_key(w, "systems");
	jw_array(w);
	for (size_t i = 0; i < v->systems.count; i++) {
		uint32_t s = v->systems.systems[i];
		int32_t tick = g->systems[s].tick;

		if (tick >= v->from && tick <= v->to &&
		    cells_get(&g->cells, tick, s).voided == voided)
			jw_str(w, g->config->systems[s].id);
	}
	jw_array_end(w);
}

static void
write_void(struct json_writer *w, const struct game *g, const struct event *ev, unsigned parts)
{
	const struct check_void *v = &g->voids[ev->u.voiding.id - 1];

	jw_kv_int(w, "id", ev->u.voiding.id);
	jw_kv_int(w, "from", v->from);
	jw_kv_int(w, "to", v->to);
	write_touched(w, g, &v->systems);
	if (parts & PART_MESSAGE)
		jw_kv_str(w, "reason", ev->u.voiding.reason);
	if (!(parts & PART_STATE) || !v->was_adopted)
		return;
	write_marked(w, g, v, ev->kind == EV_VOID_ADOPTED);
	write_scores(w, g);
	jw_key(w, "history");
	board_write_history(w, g);
}

void
delta_write_members(
    struct json_writer *w, const struct game *g, const struct event *ev, bool first, unsigned parts)
{
	switch (ev->kind) {
	case EV_DRILL_STARTED:
	case EV_DRILL_PAUSED:
	case EV_DRILL_RESUMED:
	case EV_DRILL_ENDED:
		jw_kv_str(w, "state", drill_state_name(g->state));
		jw_kv_str(w, "reason", g->state_reason);
		break;
	case EV_DRILL_STOP_AFTER:
		jw_kv_int(w, "last_tick", g->last_tick);
		break;
	case EV_TICK_CLOSED:
		write_scores(w, g);
		/* fall through */
	case EV_TICK_BEGAN:
		jw_kv_int(w, "tick", ev->u.tick.tick);
		break;
	case EV_CHECK_DONE:
		jw_kv_str(w, "system", ev->u.check.system);
		jw_kv_int(w, "tick", ev->u.check.tick);
		jw_kv_str(w, "status", status_name(ev->u.check.status));
		if (parts & PART_MESSAGE)
			jw_kv_str(w, "message", ev->u.check.message);
		if (parts & PART_TRACE)
			jw_kv_str(w, "trace", ev->u.check.trace);
		break;
	case EV_FLAG_CAPTURED:
		jw_kv_str(w, "team", ev->u.capture.team);
		jw_kv_str(w, "system", ev->u.capture.system);
		jw_kv_int(w, "tick", ev->u.capture.tick);
		jw_kv_bool(w, "first", first);
		break;
	case EV_CHECKPOINT:
		jw_kv_int(w, "upto", (int64_t)ev->u.checkpoint.upto);
		jw_kv_str(w, "head", ev->u.checkpoint.head);
		break;
	case EV_CHECKS_HELD:
	case EV_CHECKS_RELEASED:
		write_hold(w, g, ev, parts);
		break;
	case EV_VOID_PROPOSED:
	case EV_VOID_ADOPTED:
	case EV_VOID_DROPPED:
		write_void(w, g, ev, parts);
		break;
	default:
		break;
	}
}

/* ---- audience ---- */

bool
delta_published(enum event_kind kind)
{
	switch (kind) {
	case EV_DRILL_OPENED:
	case EV_ACCOUNT_CREATED:
	case EV_ACCOUNT_PASSWORD:
	case EV_ACCOUNT_TOKEN:
		return false;
	default:
		return record_family_of(kind) == NULL || voice_of(kind) != NULL;
	}
}

bool
delta_is_internal(const struct game *g, const struct event *ev)
{
	return ev->kind == EV_VOID_PROPOSED ||
	       (ev->kind == EV_VOID_DROPPED && !g->voids[ev->u.voiding.id - 1].was_adopted);
}

static bool
notable_check(const struct game *g, const struct event *ev, enum status was)
{
	enum status is = ev->u.check.status;
	int at = game_system(g, ev->u.check.system);

	if (is == ST_NONE && at >= 0 && g->systems[at].holds > 0)
		return false; /* the hold itself is told */
	return is != was && !(was == ST_NONE && is == ST_OK);
}

bool
delta_notable(const struct game *g, const struct event *ev, enum status was)
{
	switch (ev->kind) {
	case EV_CHECK_DONE:
		return notable_check(g, ev, was);
	case EV_VOID_PROPOSED:
	case EV_VOID_ADOPTED:
	case EV_VOID_DROPPED:
		return !delta_is_internal(g, ev);
	case EV_CHECKS_HELD:
	case EV_CHECKS_RELEASED:
	case EV_FLAG_CAPTURED:
	case EV_DRILL_STARTED:
	case EV_DRILL_PAUSED:
	case EV_DRILL_RESUMED:
	case EV_DRILL_ENDED:
	case EV_DRILL_STOP_AFTER:
		return true;
	default:
		return voice_of(ev->kind) != NULL; /* if the public is told of it */
	}
}

/* The departments whose systems these are, ascending, each once. */
static int *
owners_of(const struct game *g, const struct system_list *l, size_t *count)
{
	bool *owns = mem_array(g->config->team_count, sizeof *owns);
	int *teams = mem_array(g->config->team_count, sizeof *teams);

	*count = 0;
	for (size_t i = 0; i < l->count; i++)
		owns[g->config->systems[l->systems[i]].team] = true;
	for (size_t i = 0; i < g->config->team_count; i++)
		if (owns[i])
			teams[(*count)++] = (int)i;
	free(owns);
	return teams;
}

int *
delta_owners(const struct game *g, const struct event *ev, size_t *count)
{
	bool hold = ev->kind == EV_CHECKS_HELD || ev->kind == EV_CHECKS_RELEASED;

	return owners_of(g,
	    hold ? &g->holds[ev->u.hold.id - 1].systems : &g->voids[ev->u.voiding.id - 1].systems,
	    count);
}
