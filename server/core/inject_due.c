/* What time alone brings about in injects: delivery by the clock or on a condition, expiry, and the end of the drill. */
#include "core/inject_private.h"

static void
put_event(struct event *ev, enum event_kind kind, struct inject_event *made)
{
	ev->kind = kind;
	ev->actor = "clock";
	ev->u.inject = made;
}

static struct inject_event *
new_event(struct arena *arena, const struct inject *in)
{
	struct inject_event *made = arena_alloc(arena, sizeof *made);

	*made =
	    (struct inject_event){.id = in->id, .teams = "", .team = "", .text = "", .reason = ""};
	return made;
}

static bool
any_overdue(const struct inject *in, int64_t drill_ms)
{
	for (size_t i = 0; i < in->part_count; i++)
		if (inject_part_overdue(in, &in->parts[i], drill_ms))
			return true;
	return false;
}

/* The departments that it goes to now, as the event has them; "" for none. */
static const char *
teams_text(const struct game *g, const struct inject *in, struct arena *arena)
{
	struct buf text;
	const char *out;

	buf_init(&text, ADDRESSEES_MAX_BYTES);
	for (size_t i = 0; i < in->part_count; i++) {
		const struct inject_part *p = &in->parts[i];

		if (in->plan.when == INJECT_AFTER ? !inject_part_ready(g, in, p)
						  : p->delivered.at_ms != 0)
			continue;
		buf_puts(&text, text.len > 0 ? "," : "");
		buf_puts(&text, g->config->teams[p->team].id);
	}
	out = arena_strndup(arena, text.len > 0 ? text.data : "", text.len);
	buf_free(&text);
	return out;
}

/* Its next_ms has come: delivery or expiry. */
static void
do_inject(const struct game *g, const struct inject *in, int64_t drill_ms, struct arena *arena,
    struct event *ev)
{
	struct inject_event *made = new_event(arena, in);

	if (any_overdue(in, drill_ms)) {
		put_event(ev, EV_INJECT_EXPIRED, made);
		return;
	}
	made->how = in->plan.when;
	made->teams = teams_text(g, in, arena);
	put_event(ev, EV_INJECT_DELIVERED, made);
}

static bool
due_at_end(const struct game *g, struct arena *arena, struct event *ev)
{
	for (size_t i = 0; i < g->injects->count; i++) {
		const struct inject *in = g->injects->items[i];

		if (inject_left_open(in)) {
			put_event(ev, EV_INJECT_EXPIRED, new_event(arena, in));
			return true;
		}
	}
	return false;
}

bool
inject_due(const struct game *g, const struct record_time *now, struct arena *arena,
    struct event *ev, struct record_time *next)
{
	if (g->state == DRILL_ENDED)
		return due_at_end(g, arena, ev);
	if (g->state != DRILL_RUNNING)
		return false;
	for (size_t i = 0; i < g->injects->count; i++) {
		const struct inject *in = g->injects->items[i];

		if (in->next_ms <= now->drill_ms) {
			do_inject(g, in, now->drill_ms, arena, ev);
			return true;
		}
		if (in->next_ms < next->drill_ms)
			next->drill_ms = in->next_ms;
	}
	return false;
}
