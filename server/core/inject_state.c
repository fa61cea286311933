/* Questions about injects: where one is, what came of it, what a late answer is worth. */
#include "core/inject_private.h"

#include <string.h>

static const char *const stage_names[INJECT_STAGES] = {
    [INJECT_DRAFT] = "draft",
    [INJECT_APPROVED] = "approved",
    [INJECT_SCHEDULED] = "scheduled",
    [INJECT_HELD] = "held",
    [INJECT_SKIPPED] = "skipped",
    [INJECT_DELIVERED] = "delivered",
    [INJECT_ACKNOWLEDGED] = "acknowledged",
    [INJECT_RESPONDED] = "responded",
    [INJECT_EVALUATED] = "evaluated",
    [INJECT_EXPIRED] = "expired",
    [INJECT_CLOSED] = "closed",
    [INJECT_CANCELLED] = "cancelled",
    [INJECT_WAITING] = "waiting",
};

const char *
inject_stage_name(enum inject_stage s)
{
	return (unsigned)s < INJECT_STAGES ? stage_names[s] : "?";
}

bool
inject_stage_parse(const char *name, enum inject_stage *out)
{
	for (int i = 0; i < INJECT_STAGES; i++)
		if (strcmp(name, stage_names[i]) == 0) {
			*out = (enum inject_stage)i;
			return true;
		}
	return false;
}

/* ---- finding ---- */

const struct inject *
inject_find(const struct game *g, int32_t id)
{
	return id >= 1 && (size_t)id <= g->injects->count ? g->injects->items[id - 1] : NULL;
}

const struct inject *
inject_named(const struct game *g, const char *number)
{
	int at = ids_find(&g->injects->numbers, number);

	return at >= 0 ? g->injects->items[at] : NULL;
}

bool
inject_answer_find(const struct game *g, int32_t number, struct inject_place *out)
{
	if (number < 1 || (size_t)number > g->injects->answer_count)
		return false;
	*out = g->injects->answers[number - 1];
	return true;
}

struct inject_part *
inject_part(const struct inject *in, int team)
{
	size_t low = 0, high = in->part_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (in->parts[mid].team == team)
			return &in->parts[mid];
		if (in->parts[mid].team < team)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool
inject_reached(const struct inject *in, int team)
{
	const struct inject_part *p = team >= 0 ? inject_part(in, team) : NULL;

	return p != NULL && p->delivered.at_ms != 0;
}

/* ---- where it is ---- */

enum inject_stage
inject_part_stage(const struct inject *in, const struct inject_part *p)
{
	if (p->delivered.at_ms == 0)
		return INJECT_WAITING;
	if (in->stage == INJECT_CLOSED || in->stage == INJECT_CANCELLED)
		return in->stage;
	if (p->marks_count > 0)
		return INJECT_EVALUATED;
	if (p->answer_count > 0)
		return INJECT_RESPONDED;
	if (p->expired.at_ms != 0)
		return INJECT_EXPIRED;
	return p->acknowledged.at_ms != 0 ? INJECT_ACKNOWLEDGED : INJECT_DELIVERED;
}

/* The stages of departments are in the order of the way; expired ones are done, so they count last. */
enum inject_stage
inject_stage(const struct inject *in)
{
	enum inject_stage slowest = INJECT_EXPIRED;

	if (in->stage != INJECT_DELIVERED)
		return in->stage;
	for (size_t i = 0; i < in->part_count; i++) {
		enum inject_stage s = inject_part_stage(in, &in->parts[i]);

		if (s < slowest)
			slowest = s;
	}
	return slowest;
}

bool
inject_may_deliver(const struct inject *in)
{
	if (in->stage == INJECT_DELIVERED)
		for (size_t i = 0; i < in->part_count; i++)
			if (in->parts[i].delivered.at_ms == 0)
				return true;
	return in->stage == INJECT_APPROVED || in->stage == INJECT_SCHEDULED ||
	       in->stage == INJECT_HELD;
}

static bool
part_unanswered(const struct inject_part *p)
{
	return p->delivered.at_ms != 0 && p->answer_count == 0 && p->expired.at_ms == 0;
}

bool
inject_left_open(const struct inject *in)
{
	if (in->stage == INJECT_DELIVERED)
		for (size_t i = 0; i < in->part_count; i++)
			if (part_unanswered(&in->parts[i]))
				return true;
	return in->stage == INJECT_APPROVED || in->stage == INJECT_SCHEDULED ||
	       in->stage == INJECT_HELD;
}

bool
inject_part_overdue(const struct inject *in, const struct inject_part *p, int64_t drill_ms)
{
	return in->plan.allowed_ms > 0 && part_unanswered(p) &&
	       drill_ms >= p->delivered.drill_ms + in->plan.allowed_ms;
}

bool
inject_part_ready(const struct game *g, const struct inject *in, const struct inject_part *p)
{
	const struct inject *other = inject_named(g, in->plan.after);
	const struct inject_part *theirs;

	if (p->delivered.at_ms != 0 || other == NULL)
		return false;
	theirs = inject_part(other, p->team);
	return theirs != NULL && inject_came_to(other, theirs, in->plan.on);
}

/* ---- what came of it ---- */

int64_t
inject_last_ms(const struct inject *in, const struct inject_part *p)
{
	bool in_time = p->answer_count > 0 && p->expired.at_ms == 0;

	if (in->plan.allowed_ms == 0)
		return INT64_MAX;
	return p->delivered.drill_ms + in->plan.allowed_ms * (in_time ? 1 : 2);
}

int64_t
inject_late_ms(const struct inject *in, const struct inject_part *p)
{
	int64_t late;

	if (p->answer_count == 0 || in->plan.allowed_ms == 0)
		return 0;
	late = p->answers[p->answer_count - 1].at.drill_ms - p->delivered.drill_ms -
	       in->plan.allowed_ms;
	return late > 0 ? late : 0;
}

int32_t
inject_worth(const struct inject *in, const struct inject_part *p)
{
	int64_t late = inject_late_ms(in, p);

	if (p->answer_count == 0 || late >= in->plan.allowed_ms)
		return p->answer_count > 0 && late == 0 ? 1000 : 0;
	return (int32_t)(1000 - 1000 * late / in->plan.allowed_ms);
}

bool
inject_came_to(const struct inject *in, const struct inject_part *p, enum inject_outcome o)
{
	const struct inject_marks *m = p->marks_count > 0 ? &p->marks[p->marks_count - 1] : NULL;
	bool success;

	if (in->stage == INJECT_CANCELLED)
		return false;
	if (o == INJECT_EXPIRY)
		return p->expired.at_ms != 0;
	if (m == NULL)
		return false;
	success = (int64_t)m->total * 100 >= (int64_t)in->full_marks * in->plan.pass;
	return success == (o == INJECT_SUCCESS);
}

size_t
inject_common(const struct game *g, int team, struct inject_common *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < g->injects->count; i++) {
		const struct inject *in = g->injects->items[i];

		if (!in->plan.common || in->stage == INJECT_CANCELLED || !inject_reached(in, team))
			continue;
		if (n < max)
			out[n] = (struct inject_common){in, inject_part(in, team)->delivered};
		n++;
	}
	return n;
}
