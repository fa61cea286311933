#include "core/ticket.h"
#include "base/date.h"
#include "base/mem.h"
#include "core/game.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- when time changes one next ---- */

static bool
sooner(const struct tickets *all, size_t a, size_t b)
{
	int64_t x = all->items[a].next_ms, y = all->items[b].next_ms;

	return x < y || (x == y && a < b);
}

static void
queue_put(struct tickets *all, size_t at, size_t place)
{
	all->queue[at] = place;
	all->items[place].queued = at;
}

static void
queue_rise(struct tickets *all, size_t at)
{
	size_t place = all->queue[at];

	for (; at > 0 && sooner(all, place, all->queue[(at - 1) / 2]); at = (at - 1) / 2)
		queue_put(all, at, all->queue[(at - 1) / 2]);
	queue_put(all, at, place);
}

static void
queue_sink(struct tickets *all, size_t at)
{
	size_t place = all->queue[at], below;

	while ((below = 2 * at + 1) < all->count) {
		if (below + 1 < all->count && sooner(all, all->queue[below + 1], all->queue[below]))
			below++;
		if (!sooner(all, all->queue[below], place))
			break;
		queue_put(all, at, all->queue[below]);
		at = below;
	}
	queue_put(all, at, place);
}

/* The ticket at this place has changed: it moves to where it now belongs. */
static void
reckon_next(struct game *g, size_t place)
{
	struct tickets *all = g->tickets;

	all->items[place].next_ms = ticket_next_ms(g, &all->items[place]);
	queue_rise(all, all->items[place].queued);
	queue_sink(all, all->items[place].queued);
}

/* ---- notices ---- */

static int32_t
next_serial(struct game *g, int32_t year, uint16_t team)
{
	struct tickets *all = g->tickets;
	size_t i = 0;

	while (i < all->year_count && all->years[i].year != year)
		i++;
	if (i == all->year_count) {
		all->years = mem_grow(all->years, all->year_count, sizeof *all->years);
		all->years[all->year_count++] =
		    (struct ticket_year){year, mem_array(g->config->team_count, sizeof(int32_t))};
	}
	return ++all->years[i].serials[team];
}

/* From now on the department has so long; what pressed it is forgotten. The first time it gets a notice. */
static void
give_time(struct game *g, struct ticket *t, const struct event *ev)
{
	const struct ticket_event *x = ev->u.ticket;
	int month, day;

	t->due = x->due;
	t->offset = x->offset;
	t->level = 0;
	if (t->serial > 0)
		return;
	date_to_civil(date_at(ev->at_ms, x->offset), &t->year, &month, &day);
	t->serial = next_serial(g, t->year, t->team);
}

void
ticket_number(const struct game *g, const struct ticket *t, char out[TICKET_NUMBER_BYTES])
{
	out[0] = '\0';
	if (t->serial > 0)
		snprintf(out, TICKET_NUMBER_BYTES, "%s-%04d-%03d", g->config->teams[t->team].id,
		    t->year, t->serial);
}

/* ---- what an event changes ---- */

static struct ticket *
add(struct game *g, const struct event *ev)
{
	const struct ticket_event *x = ev->u.ticket;
	struct tickets *all = g->tickets;
	struct ticket *t;

	all->items = mem_grow(all->items, all->count, sizeof *all->items);
	all->queue = mem_grow(all->queue, all->count, sizeof *all->queue);
	all->queue[all->count] = all->count;
	t = &all->items[all->count++];
	*t = (struct ticket){.at_ms = ev->at_ms,
	    .team = (uint16_t)game_team(g, x->department),
	    .system = x->system[0] != '\0' ? game_system(g, x->system) : -1,
	    .weakness = x->weakness,
	    .severity = x->severity,
	    .title = mem_strdup(x->title),
	    .asset = mem_strdup(x->asset),
	    .evidence = mem_strdup(x->evidence),
	    .requirement = mem_strdup(x->requirement),
	    .in_charge = mem_strdup(x->in_charge),
	    .run_by = mem_strdup(x->run_by),
	    .used_by = mem_strdup(x->used_by),
	    .queued = all->count - 1,
	    .next_ms = INT64_MAX};
	(void)!source_read(x->source, &t->source, NULL); /* ticket_allows has looked */
	return t;
}

static void
add_fixer(const struct game *g, struct ticket *t, const char *actor)
{
	const struct account *by = accounts_find(&g->accounts, actor);

	for (size_t i = 0; i < t->fixer_count; i++)
		if (t->fixers[i] == by)
			return;
	t->fixers = mem_grow(t->fixers, t->fixer_count, sizeof *t->fixers);
	t->fixers[t->fixer_count++] = by;
}

static void
decide_extension(struct ticket *t, const struct ticket_event *x)
{
	if (!x->granted)
		return;
	t->due = x->due;
	t->level = 0;
	t->extensions++;
}

static void
reopen(struct game *g, struct ticket *t, const struct event *ev)
{
	give_time(g, t, ev);
	t->reopened++;
	t->closed_ms = 0;
	t->duplicate_of = 0;
}

/* What beside the state changes. */
static void
change(struct game *g, struct ticket *t, const struct event *ev)
{
	const struct ticket_event *x = ev->u.ticket;

	switch (ev->kind) {
	case EV_TICKET_NOTIFIED:
		give_time(g, t, ev);
		break;
	case EV_TICKET_STARTED:
	case EV_TICKET_FEEDBACK:
		add_fixer(g, t, ev->actor);
		break;
	case EV_TICKET_RETEST_BEGUN:
		t->retester = accounts_find(&g->accounts, ev->actor);
		break;
	case EV_TICKET_RETESTED:
		t->closed_ms = x->result == RETEST_FIXED ? ev->at_ms : 0;
		break;
	case EV_TICKET_EXTENSION_ASKED:
		t->before = t->state;
		t->asked_due = x->due;
		break;
	case EV_TICKET_EXTENSION_DECIDED:
		decide_extension(t, x);
		break;
	case EV_TICKET_RISK_ACCEPTED:
		t->until = x->until;
		t->offset = x->offset;
		break;
	case EV_TICKET_DUPLICATE:
		t->duplicate_of = x->of;
		break;
	case EV_TICKET_RISK_EXPIRED:
	case EV_TICKET_REOPENED:
		reopen(g, t, ev);
		break;
	case EV_TICKET_SUPERVISED:
		t->level = x->level;
		break;
	default:
		break;
	}
}

static void
keep_attachments(struct game *g, struct ticket *t, const struct ticket_event *x)
{
	struct ticket_step *s = &t->steps[t->step_count - 1];

	if (x->attachments.count == 0)
		return;
	s->attachments = mem_alloc(sizeof *s->attachments);
	*s->attachments = x->attachments;
	attachments_attach(g, s->attachments, &ticket_family, x->id);
}

static void
note_step(struct game *g, struct ticket *t, const struct event *ev)
{
	const struct ticket_event *x = ev->u.ticket;

	t->steps = mem_grow(t->steps, t->step_count, sizeof *t->steps);
	t->steps[t->step_count++] = (struct ticket_step){.kind = ev->kind,
	    .at_ms = ev->at_ms,
	    .state = t->state,
	    .by = mem_strdup(ev->actor),
	    .text = mem_strdup(x->text),
	    .signer = mem_strdup(x->signer),
	    .date = ev->kind == EV_TICKET_RISK_ACCEPTED ? x->until : x->due,
	    .number = ev->kind == EV_TICKET_SUPERVISED ? x->level : x->of,
	    .granted = x->granted,
	    .method = x->method,
	    .result = x->result};
	keep_attachments(g, t, x);
}

static void
apply(struct game *g, const struct event *ev)
{
	struct ticket *t;

	if (ev->kind == EV_TICKET_REGISTERED) {
		t = add(g, ev);
	} else {
		enum ticket_state after;

		t = &g->tickets->items[ev->u.ticket->id - 1];
		after = ticket_state_after(t, ev);
		change(g, t, ev);
		t->state = after;
	}
	note_step(g, t, ev);
	reckon_next(g, (size_t)ev->u.ticket->id - 1);
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->tickets = mem_alloc(sizeof *g->tickets);
}

static void
ticket_free(struct ticket *t)
{
	for (size_t i = 0; i < t->step_count; i++) {
		free(t->steps[i].by);
		free(t->steps[i].text);
		free(t->steps[i].signer);
		free(t->steps[i].attachments);
	}
	free(t->steps);
	free(t->fixers);
	free(t->title);
	free(t->asset);
	free(t->evidence);
	free(t->requirement);
	free(t->in_charge);
	free(t->run_by);
	free(t->used_by);
}

static void
close_all(struct game *g)
{
	struct tickets *all = g->tickets;

	for (size_t i = 0; i < all->count; i++)
		ticket_free(&all->items[i]);
	for (size_t i = 0; i < all->year_count; i++)
		free(all->years[i].serials);
	free(all->years);
	free(all->items);
	free(all->queue);
	free(all);
}

static bool
shows(const struct game *g, int32_t id, const struct account *a)
{
	return (a->role & ROLE_STAFF) || ticket_is_seen_by(ticket_find(g, id), a->team);
}

const struct record_family ticket_family = {
    .first = EV_TICKET_REGISTERED,
    .last = EV_TICKET_SUPERVISED,
    .encode = ticket_encode,
    .encode_secret = ticket_encode_secret,
    .decode = ticket_decode,
    .allows = ticket_allows,
    .apply = apply,
    .due = ticket_due,
    .noun = "ticket",
    .shows = shows,
    .open = open_all,
    .close = close_all,
};

/* ---- questions ---- */

const struct ticket *
ticket_find(const struct game *g, int32_t id)
{
	return id >= 1 && (size_t)id <= g->tickets->count ? &g->tickets->items[id - 1] : NULL;
}

bool
ticket_is_seen_by(const struct ticket *t, int team)
{
	return t->team == team && t->serial > 0;
}
