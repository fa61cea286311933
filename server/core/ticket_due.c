/* What time brings about in tickets: supervision rises on the campus calendar, the acceptance of a risk ends. */
#include "base/date.h"
#include "core/game.h"
#include "core/ticket.h"

int32_t
ticket_due_date(const struct game *g, enum severity s, int64_t now_ms, int offset_minutes)
{
	return workdays_due_at(
	    &g->config->calendar, now_ms, offset_minutes, ticket_days(&g->config->tickets, s));
}

int
ticket_overdue(const struct game *g, const struct ticket *t, int64_t now_ms)
{
	int32_t today = date_at(now_ms, t->offset);
	int days;

	if (!ticket_is_on_department(t) || today <= t->due)
		return 0;
	days = workdays_overdue(&g->config->calendar, t->due, today);
	return days > 0 ? days : 1; /* on a free day after it, it is overdue as well */
}

int64_t
ticket_next_ms(const struct game *g, const struct ticket *t)
{
	if (t->state == TICKET_RISK_ACCEPTED)
		return date_begins_ms(t->until + 1, t->offset);
	if (!ticket_is_on_department(t) || t->level >= SUPERVISION_LEVELS - 1)
		return INT64_MAX;
	return date_begins_ms(supervision_date(&g->config->tickets, &g->config->calendar,
				  t->severity, t->due, t->level + 1),
	    t->offset);
}

bool
ticket_due(const struct game *g, const struct record_time *now, struct arena *arena,
    struct event *ev, struct record_time *next)
{
	const struct tickets *all = g->tickets;
	const struct ticket *t;
	struct ticket_event *x;

	if (all->count == 0)
		return false;
	t = &all->items[all->queue[0]];
	if (t->next_ms > now->wall_ms) {
		if (t->next_ms < next->wall_ms)
			next->wall_ms = t->next_ms;
		return false;
	}
	x = arena_alloc(arena, sizeof *x);
	*x = ticket_event_of((int32_t)all->queue[0] + 1);
	x->level = t->level + 1;
	x->offset = t->offset;
	ev->kind = EV_TICKET_SUPERVISED;
	ev->actor = "clock";
	ev->u.ticket = x;
	if (t->state != TICKET_RISK_ACCEPTED)
		return true;
	ev->kind = EV_TICKET_RISK_EXPIRED;
	x->due = ticket_due_date(g, t->severity, now->wall_ms, t->offset);
	return true;
}
