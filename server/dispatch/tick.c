#include "core/event.h"
#include "dispatch/internal.h"

#include <stdio.h>

/* A job that begins late would have less time than others: none begins with less than this of the tick. */
#define TAIL_PERCENT 10
/* The checker's deadline lies this far before the tick's end, so that its own verdict arrives in time. */
#define MARGIN_PERCENT 2
#define MARGIN_MAX_MS 250

#define NOT_CHECKED "not checked: "
#define NOT_KEPT_UP NOT_CHECKED "the checkers could not keep up: "
#define OWN_ROUND "its round of an earlier tick was still running"
#define SILENT "the checker did not answer"

/* ---- its time ---- */

int64_t
tick_left_ms(const struct dispatch *d, int64_t now_ms)
{
	int64_t margin = d->span_ms * MARGIN_PERCENT / 100;

	return d->end_ms - now_ms - (margin < MARGIN_MAX_MS ? margin : MARGIN_MAX_MS);
}

int64_t
tick_last_call_ms(const struct dispatch *d)
{
	return tick_left_ms(d, d->span_ms * TAIL_PERCENT / 100);
}

bool
tick_too_late(const struct dispatch *d, const struct check *c, int64_t now_ms)
{
	int64_t tail = d->span_ms * TAIL_PERCENT / 100, left = tick_left_ms(d, now_ms);
	int64_t wanted = d->o.targets[c->system].timeout_ms;

	return left <= 0 || left < (wanted < tail ? wanted : tail);
}

void
tick_call_last(struct dispatch *d)
{
	d->last_call = true;
	for (size_t i = 0; i < d->job_count; i++)
		if (d->jobs[i].state == CHECK_WAITING)
			d->jobs[i].block = lanes_block(d->lanes, d->jobs[i].system);
}

/* ---- opening ---- */

void
dispatch_open_tick(struct dispatch *d, int32_t tick, int64_t now_ms, int64_t end_ms, uint64_t seed,
    bool (*skip)(void *ctx, uint32_t system), void *skip_ctx)
{
	dispatch_close_tick(d);
	d->tick = tick;
	d->end_ms = end_ms;
	d->span_ms = end_ms > now_ms ? end_ms - now_ms : 0;
	d->last_call = false;
	for (size_t i = 0; i < d->o.target_count; i++)
		if (skip == NULL || !skip(skip_ctx, (uint32_t)i))
			d->jobs[d->job_count++] = (struct check){
			    .system = (uint32_t)i, .first = d->o.targets[i].has_flags};
	d->waiting = (unsigned)d->job_count;
	schedule_spread(d->jobs, d->job_count, now_ms, d->span_ms, seed);
	for (size_t i = 0; i < d->job_count; i++)
		d->job_of[d->jobs[i].system] = (uint32_t)i;
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		d->workers[i].heard = false;
}

/* ---- closing ---- */

static void
say_group(const struct dispatch *d, const struct check *c, char *out, size_t size)
{
	unsigned g = d->o.targets[c->system].group;
	const char *name = d->o.groups[g].name;
	unsigned places = lanes_figures(d->lanes, (int)g).places;

	if (c->block == BLOCK_GROUP)
		snprintf(
		    out, size, NOT_KEPT_UP "at most %u checks of %s run at once", places, name);
	else
		snprintf(out, size,
		    NOT_KEPT_UP "at most %u of the %u checks of %s at once are one department's",
		    lanes_share(d->lanes, g), places, name);
}

/* What is said of a job that did not begin, by what kept it. */
static void
say_block(const struct dispatch *d, const struct check *c, char *out, size_t size)
{
	static const char *const texts[BLOCK_COUNT] = {
	    [BLOCK_NONE] = NOT_KEPT_UP "too little of the tick was left",
	    [BLOCK_OWN_ROUND] = OWN_ROUND,
	    [BLOCK_NO_WORKER] = NOT_CHECKED "no checker is running",
	    [BLOCK_PLACES] = NOT_KEPT_UP "all places were taken",
	    [BLOCK_SHARE] = NOT_KEPT_UP "its department's share of the places was taken",
	    [BLOCK_SUSPECTS] =
		NOT_KEPT_UP "it was slow the last time, and the places for slow systems were taken",
	};

	if (c->block == BLOCK_GROUP || c->block == BLOCK_GROUP_SHARE)
		say_group(d, c, out, size);
	else
		snprintf(out, size, "%s", texts[c->block]);
}

/*
 * The job of a system whose round of an earlier tick still holds this slot: that the system let its checker
 * hang is its own doing, unless the checker itself says nothing to anybody.
 */
static void
close_kept_by(struct dispatch *d, const struct worker *w, const struct slot *s)
{
	uint32_t job = d->job_of[s->system];

	if (job == NO_JOB || d->jobs[job].state != CHECK_WAITING)
		return;
	if (w->heard)
		dispatch_report_plain(d, &d->jobs[job], ST_DOWN, OWN_ROUND);
	else
		dispatch_report_plain(d, &d->jobs[job], ST_FAULT, SILENT);
}

static void
close_running(struct dispatch *d, struct worker *w, struct slot *s)
{
	/* A checker that was given jobs and said nothing all tick long hangs: no system's fault. */
	if (w->heard)
		dispatch_report_plain(
		    d, &d->jobs[s->job], ST_DOWN, "still running at the end of the tick");
	else
		dispatch_report_plain(d, &d->jobs[s->job], ST_FAULT, SILENT);
}

/* Reports what a worker still has, with cut as the text of what was ended early. */
static void
close_worker(struct dispatch *d, struct worker *w, const char *cut)
{
	for (unsigned i = 0; i < d->o.in_flight_max && w->busy > 0; i++) {
		struct slot *s = &w->slots[i];

		if (s->id == 0)
			continue;
		if (s->job == SLOT_LATE && cut == NULL) {
			close_kept_by(d, w, s);
		} else if (s->job != SLOT_LATE) {
			if (cut != NULL)
				dispatch_report_plain(d, &d->jobs[s->job], ST_NONE, cut);
			else
				close_running(d, w, s);
			s->job = SLOT_LATE;
			lanes_overdue(d->lanes, s->system);
		}
	}
}

static void
close_waiting(struct dispatch *d, struct check *c, const char *cut)
{
	char text[MESSAGE_MAX_BYTES + 1];

	if (cut != NULL) {
		dispatch_report_plain(d, c, ST_NONE, cut);
		return;
	}
	say_block(d, c, text, sizeof text);
	dispatch_report_plain(d, c, c->block == BLOCK_OWN_ROUND ? ST_DOWN : ST_NONE, text);
}

static void
close_jobs(struct dispatch *d, const char *cut)
{
	if (!d->last_call)
		tick_call_last(d);
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		close_worker(d, &d->workers[i], cut);
	for (size_t i = 0; i < d->job_count; i++) {
		if (d->jobs[i].state == CHECK_WAITING)
			close_waiting(d, &d->jobs[i], cut);
		d->job_of[d->jobs[i].system] = NO_JOB;
	}
	lanes_clear(d->lanes);
	d->job_count = d->next = 0;
}

void
dispatch_close_tick(struct dispatch *d)
{
	close_jobs(d, NULL);
}

void
dispatch_cut_tick(struct dispatch *d)
{
	close_jobs(d, "not checked: the drill was ended within this tick");
}

void
dispatch_withdraw(
    struct dispatch *d, bool (*which)(void *ctx, uint32_t system), void *ctx, const char *message)
{
	for (size_t i = 0; i < d->job_count; i++)
		if (d->jobs[i].state == CHECK_WAITING && which(ctx, d->jobs[i].system))
			dispatch_report_plain(d, &d->jobs[i], ST_NONE, message);
}
