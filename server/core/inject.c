/* Injects in the fold: what each event changes, and their life. */
#include "core/inject.h"
#include "base/mem.h"
#include "core/inject_private.h"

#include <stdlib.h>
#include <string.h>

static struct inject_moment
moment(const struct event *ev)
{
	return (struct inject_moment){.at_ms = ev->at_ms, .drill_ms = ev->drill_ms};
}

/* ---- what time brings about next ---- */

static int64_t
next_delivery_ms(const struct game *g, const struct inject *in)
{
	if (in->part_count == 0) /* to "blue", and no department is defended */
		return INT64_MAX;
	if (in->plan.when == INJECT_AT)
		return in->stage == INJECT_SCHEDULED ? in->due_ms : INT64_MAX;
	if (in->plan.when == INJECT_AFTER &&
	    (in->stage == INJECT_SCHEDULED || in->stage == INJECT_DELIVERED))
		for (size_t i = 0; i < in->part_count; i++)
			if (inject_part_ready(g, in, &in->parts[i]))
				return 0;
	return INT64_MAX;
}

static void
refresh(const struct game *g, struct inject *in)
{
	in->next_ms = next_delivery_ms(g, in);
	if (in->stage != INJECT_DELIVERED || in->plan.allowed_ms == 0)
		return;
	for (size_t i = 0; i < in->part_count; i++) {
		const struct inject_part *p = &in->parts[i];
		int64_t over = p->delivered.drill_ms + in->plan.allowed_ms;

		/* Overdue at its own deadline: neither answered nor expired yet. */
		if (over < in->next_ms && inject_part_overdue(in, p, over))
			in->next_ms = over;
	}
}

/* What came of one may be what others wait for. */
static void
refresh_waiting(struct game *g, const struct inject *for_)
{
	for (size_t i = 0; i < g->injects->count; i++) {
		struct inject *in = g->injects->items[i];

		if (in->plan.when == INJECT_AFTER && strcmp(in->plan.after, for_->number) == 0)
			refresh(g, in);
	}
}

/* ---- plans ---- */

static struct i18n
keep_i18n(struct arena *a, const struct i18n *t)
{
	return (struct i18n){arena_strdup(a, t->zh), arena_strdup(a, t->en)};
}

static void
keep_plan(struct inject *in, const struct inject_plan *from)
{
	struct inject_plan *p = &in->plan;
	struct arena *a = &in->arena;

	arena_free(a);
	*p = *from;
	p->number = in->number;
	p->to = arena_strdup(a, from->to);
	p->after = arena_strdup(a, from->after);
	p->controller = arena_strdup(a, from->controller);
	p->evaluator = arena_strdup(a, from->evaluator);
	p->from = keep_i18n(a, &from->from);
	p->title = keep_i18n(a, &from->title);
	p->text = keep_i18n(a, &from->text);
	p->objective = keep_i18n(a, &from->objective);
	p->expected = keep_i18n(a, &from->expected);
	p->items = arena_array(a, from->item_count + 1, sizeof *p->items);
	in->full_marks = 0;
	for (size_t i = 0; i < from->item_count; i++) {
		p->items[i] = (struct inject_item){.id = arena_strdup(a, from->items[i].id),
		    .marks = from->items[i].marks,
		    .title = keep_i18n(a, &from->items[i].title),
		    .guidance = keep_i18n(a, &from->items[i].guidance)};
		in->full_marks += from->items[i].marks;
	}
	in->due_ms = p->offset_ms;
}

/* A part for each department that is addressed and defended. Nothing has been delivered yet. */
static void
make_parts(const struct game *g, struct inject *in)
{
	const struct drill_config *c = g->config;
	struct addressees to;

	free(in->parts);
	in->parts = mem_array(c->team_count + 1, sizeof *in->parts);
	in->part_count = 0;
	if (addressees_read(g, in->plan.to, &to, NULL) != ERR_OK)
		return; /* inject_plan_allows has looked */
	for (size_t i = 0; i < c->team_count; i++)
		if (c->teams[i].kind == TEAM_BLUE && !c->teams[i].nop &&
		    addressees_have(&to, ROLE_BLUE, (int)i))
			in->parts[in->part_count++] = (struct inject_part){.team = (int)i};
	addressees_free(&to);
}

static void
apply_drafted(struct game *g, const struct event *ev)
{
	const struct inject_event *d = ev->u.inject;
	struct injects *all = g->injects;
	struct inject *in;

	if ((size_t)d->id == all->count + 1) {
		in = mem_alloc(sizeof *in);
		in->id = d->id;
		in->number = mem_strdup(d->plan->number);
		in->created = moment(ev);
		all->items = mem_grow(all->items, all->count, sizeof *all->items);
		all->items[all->count] = in;
		ids_add(&all->numbers, in->number, (int)all->count++);
	}
	in = all->items[d->id - 1];
	keep_plan(in, d->plan);
	make_parts(g, in);
	in->stage = INJECT_DRAFT;
}

/* ---- delivery and expiry ---- */

static void
apply_delivered(struct game *g, struct inject *in, const struct event *ev)
{
	const char *at = ev->u.inject->teams;

	while (*at != '\0')
		inject_part(in, inject_next_team(g, &at, NULL))->delivered = moment(ev);
	if (in->stage != INJECT_DELIVERED)
		in->delivered = moment(ev);
	in->stage = INJECT_DELIVERED;
}

static void
apply_expired(struct game *g, struct inject *in, const struct event *ev)
{
	bool ended = g->state == DRILL_ENDED;

	if (in->stage != INJECT_DELIVERED) {
		in->stage = INJECT_EXPIRED;
		return;
	}
	for (size_t i = 0; i < in->part_count; i++) {
		struct inject_part *p = &in->parts[i];

		if (inject_part_overdue(in, p, ev->drill_ms) ||
		    (ended && p->delivered.at_ms != 0 && p->answer_count == 0 &&
			p->expired.at_ms == 0))
			p->expired = moment(ev);
	}
}

/* ---- answers and marks ---- */

static void
apply_responded(struct game *g, struct inject *in, struct inject_part *p, const struct event *ev)
{
	struct injects *all = g->injects;

	/* Late, and the clock's own event has not come yet: it has expired all the same. The last moment is in time. */
	if (inject_part_overdue(in, p, ev->drill_ms - 1))
		p->expired = moment(ev);
	if (p->answer == 0) {
		all->answers = mem_grow(all->answers, all->answer_count, sizeof *all->answers);
		all->answers[all->answer_count++] = (struct inject_place){in, p};
		p->answer = (int32_t)all->answer_count;
	}
	p->answers = mem_grow(p->answers, p->answer_count, sizeof *p->answers);
	p->answers[p->answer_count++] = (struct inject_answer){.at = moment(ev),
	    .by = mem_strdup(ev->actor),
	    .text = mem_strdup(ev->u.inject->text),
	    .attachments = ev->u.inject->attachments};
	all->team_bytes[p->team] += strlen(ev->u.inject->text);
	attachments_attach(g, &ev->u.inject->attachments, &inject_family, p->answer);
}

static void
apply_evaluated(struct inject_part *p, const struct event *ev)
{
	const struct inject_event *from = ev->u.inject;
	struct inject_marks *m;

	p->marks = mem_grow(p->marks, p->marks_count, sizeof *p->marks);
	m = &p->marks[p->marks_count++];
	*m = (struct inject_marks){.at = moment(ev),
	    .by = mem_strdup(ev->actor),
	    .of = from->of,
	    .marks = mem_array(from->mark_count, sizeof *m->marks),
	    .reason = mem_strdup(from->reason)};
	for (size_t i = 0; i < from->mark_count; i++) {
		m->marks[i] = from->marks[i];
		m->total += from->marks[i];
	}
}

static void
apply_commented(struct inject_part *p, const struct event *ev)
{
	p->comments = mem_grow(p->comments, p->comment_count, sizeof *p->comments);
	p->comments[p->comment_count++] = (struct inject_comment){
	    .at = moment(ev), .by = mem_strdup(ev->actor), .text = mem_strdup(ev->u.inject->text)};
}

static void
apply_to_part(struct game *g, struct inject *in, const struct event *ev)
{
	struct inject_part *p = inject_part(in, game_team(g, ev->u.inject->team));

	switch (ev->kind) {
	case EV_INJECT_ACKNOWLEDGED:
		p->acknowledged = moment(ev);
		p->acknowledged_by = mem_strdup(ev->actor);
		break;
	case EV_INJECT_RESPONDED:
		apply_responded(g, in, p, ev);
		break;
	case EV_INJECT_EVALUATED:
		apply_evaluated(p, ev);
		break;
	default:
		apply_commented(p, ev);
		break;
	}
}

static enum inject_stage
stage_after(enum event_kind kind)
{
	return kind == EV_INJECT_APPROVED    ? INJECT_APPROVED
	       : kind == EV_INJECT_SCHEDULED ? INJECT_SCHEDULED
	       : kind == EV_INJECT_HELD      ? INJECT_HELD
	       : kind == EV_INJECT_SKIPPED   ? INJECT_SKIPPED
	       : kind == EV_INJECT_CLOSED    ? INJECT_CLOSED
					     : INJECT_CANCELLED;
}

/* What befalls the inject itself; its stage is of this event's making. */
static void
apply_to_whole(struct game *g, struct inject *in, const struct event *ev)
{
	if (ev->kind == EV_INJECT_DELIVERED)
		apply_delivered(g, in, ev);
	else if (ev->kind == EV_INJECT_EXPIRED)
		apply_expired(g, in, ev);
	else if (ev->kind != EV_INJECT_DRAFTED)
		in->stage = stage_after(ev->kind);
	if (ev->kind == EV_INJECT_SCHEDULED && ev->u.inject->offset_ms >= 0)
		in->due_ms = ev->u.inject->offset_ms;
	decision_take(&in->last, ev->at_ms, ev->actor, ev->u.inject->reason);
}

static void
apply(struct game *g, const struct event *ev)
{
	struct inject *in;

	if (ev->kind == EV_INJECT_DRAFTED)
		apply_drafted(g, ev);
	in = g->injects->items[ev->u.inject->id - 1];
	if (ev->kind == EV_INJECT_ACKNOWLEDGED || ev->kind == EV_INJECT_RESPONDED ||
	    ev->kind == EV_INJECT_EVALUATED || ev->kind == EV_INJECT_COMMENTED)
		apply_to_part(g, in, ev);
	else
		apply_to_whole(g, in, ev);
	refresh(g, in);
	refresh_waiting(g, in);
}

void
inject_note_mailed(struct game *g, int32_t id, int team)
{
	const struct inject *in = inject_find(g, id);
	struct inject_part *p = in != NULL && team >= 0 ? inject_part(in, team) : NULL;

	if (p != NULL)
		p->mailed = true;
}

/* ---- life ---- */

static void
open_all(struct game *g)
{
	g->injects = mem_alloc(sizeof *g->injects);
	g->injects->team_bytes = mem_array(g->config->team_count, sizeof *g->injects->team_bytes);
}

static void
free_part(struct inject_part *p)
{
	for (size_t i = 0; i < p->answer_count; i++) {
		free(p->answers[i].by);
		free(p->answers[i].text);
	}
	for (size_t i = 0; i < p->marks_count; i++) {
		free(p->marks[i].by);
		free(p->marks[i].marks);
		free(p->marks[i].reason);
	}
	for (size_t i = 0; i < p->comment_count; i++) {
		free(p->comments[i].by);
		free(p->comments[i].text);
	}
	free(p->acknowledged_by);
	free(p->answers);
	free(p->marks);
	free(p->comments);
}

static void
free_inject(struct inject *in)
{
	for (size_t i = 0; i < in->part_count; i++)
		free_part(&in->parts[i]);
	free(in->parts);
	free(in->number);
	decision_free(&in->last);
	arena_free(&in->arena);
	free(in);
}

static void
close_all(struct game *g)
{
	struct injects *all = g->injects;

	for (size_t i = 0; i < all->count; i++)
		free_inject(all->items[i]);
	ids_free(&all->numbers);
	free(all->items);
	free(all->answers);
	free(all->team_bytes);
	free(all);
}

/* An answer, by its number: files are named by answers. */
static bool
shows(const struct game *g, int32_t number, const struct account *a)
{
	struct inject_place at;

	if (!inject_answer_find(g, number, &at))
		return false;
	return (a->role & ROLE_STAFF) || (a->role == ROLE_BLUE && at.part->team == a->team);
}

const struct record_family inject_family = {
    .first = EV_INJECT_DRAFTED,
    .last = EV_INJECT_CLOSED,
    .encode = inject_encode,
    .encode_secret = inject_encode_secret,
    .decode = inject_decode,
    .allows = inject_allows,
    .apply = apply,
    .due = inject_due,
    .noun = "inject_answer",
    .shows = shows,
    .open = open_all,
    .close = close_all,
};
