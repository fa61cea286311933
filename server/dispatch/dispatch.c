#include "dispatch/dispatch.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/protocol.h"
#include "core/event.h"
#include "dispatch/internal.h"

#include <stdlib.h>
#include <string.h>

struct dispatch *
dispatch_new(const struct dispatch_options *o)
{
	struct dispatch *d = mem_alloc(sizeof *d);

	d->o = *o;
	if (d->o.in_flight_max == 0)
		d->o.in_flight_max = 1;
	d->lanes = lanes_new(o->targets, o->target_count, o->groups, o->group_count);
	d->jobs = mem_array(o->target_count + 1, sizeof *d->jobs);
	d->job_of = mem_array(o->target_count + 1, sizeof *d->job_of);
	for (size_t i = 0; i < o->target_count; i++)
		d->job_of[i] = NO_JOB;
	buf_init(&d->line, PROGRAM_LINE_MAX_BYTES);
	d->tick = -1;
	return d;
}

void
dispatch_free(struct dispatch *d)
{
	if (d == NULL)
		return;
	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		free(d->workers[i].slots);
		free(d->workers[i].free_slots);
	}
	lanes_free(d->lanes);
	free(d->jobs);
	free(d->job_of);
	buf_free(&d->line);
	arena_free(&d->arena);
	free(d);
}

/* ---- results ---- */

void
dispatch_report(struct dispatch *d, struct check *c, const struct check_result *given)
{
	struct check_result r = *given;

	if (c->state == CHECK_RUNNING)
		d->running--;
	else
		d->waiting--;
	c->state = CHECK_DONE;
	r.system = c->system;
	r.tick = d->tick;
	d->o.result(d->o.ctx, &r);
}

void
dispatch_report_plain(struct dispatch *d, struct check *c, enum status status, const char *message)
{
	dispatch_report(d, c,
	    &(struct check_result){
		.status = status, .message = message, .trace = "", .saved = "", .state = ""});
}

/* ---- workers ---- */

void
dispatch_worker_up(struct dispatch *d, unsigned worker)
{
	struct worker *w = &d->workers[worker];

	if (w->slots == NULL) {
		w->slots = mem_array(d->o.in_flight_max, sizeof *w->slots);
		w->free_slots = mem_array(d->o.in_flight_max, sizeof *w->free_slots);
	}
	w->state = WORKER_STARTING;
	w->heard = false;
	w->busy = 0;
	for (unsigned i = 0; i < d->o.in_flight_max; i++) {
		w->slots[i] = (struct slot){0};
		w->free_slots[i] = i;
	}
}

/* To be called after every change of a worker's state. */
static void
count_places(struct dispatch *d)
{
	unsigned ready = 0;

	for (unsigned i = 0; i < WORKERS_MAX; i++)
		ready += d->workers[i].state == WORKER_READY;
	lanes_set_places(d->lanes, ready * d->o.in_flight_max);
}

/* Returns the slot to the worker and what its system held. */
static void
slot_free(struct dispatch *d, struct worker *w, unsigned slot)
{
	w->slots[slot].id = 0;
	w->free_slots[--w->busy] = slot;
	lanes_release(d->lanes, w->slots[slot].system);
}

/* The job of this tick that a round of an earlier one kept from beginning: that one's end was not its own. */
static void
excuse(struct dispatch *d, uint32_t system)
{
	uint32_t job = d->job_of[system];

	if (job != NO_JOB && d->jobs[job].block == BLOCK_OWN_ROUND)
		d->jobs[job].block = BLOCK_NONE;
}

void
dispatch_worker_down(struct dispatch *d, unsigned worker)
{
	struct worker *w = &d->workers[worker];

	for (unsigned i = 0; i < d->o.in_flight_max && w->busy > 0; i++) {
		uint32_t job = w->slots[i].job;

		if (w->slots[i].id == 0)
			continue;
		slot_free(d, w, i);
		if (job == SLOT_LATE)
			excuse(d, w->slots[i].system);
		else
			dispatch_report_plain(d, &d->jobs[job], ST_FAULT, "checker died");
	}
	w->state = WORKER_DOWN;
	count_places(d);
}

/* An error is the worker's end: nothing more is given to it, and its owner calls dispatch_worker_down. */
static bool
send_line(struct dispatch *d, unsigned worker)
{
	if (buf_err(&d->line) != ERR_OK) {
		log_error(
		    "dispatch", "a line for a checker is longer than %zu bytes", d->line.max_bytes);
		return false;
	}
	if (d->o.send(d->o.ctx, worker, d->line.data, d->line.len) == ERR_OK)
		return true;
	d->workers[worker].state = WORKER_FAILED;
	count_places(d);
	return false;
}

static void
send_programs(struct dispatch *d, unsigned worker)
{
	for (size_t i = 0; i < d->o.program_count; i++) {
		buf_reset(&d->line);
		protocol_write_program(&d->line, d->o.program_names[i], d->o.programs[i]);
		if (!send_line(d, worker))
			return;
	}
}

static enum err
on_ready(struct dispatch *d, unsigned worker, const struct line *line, struct why *why)
{
	struct worker *w = &d->workers[worker];

	if (w->state != WORKER_STARTING)
		return why_set(why, ERR_INVALID, "\"ready\" comes once, at the start");
	w->state = WORKER_READY;
	count_places(d);
	if (d->o.ready != NULL)
		d->o.ready(d->o.ctx, worker, line->sandbox, line->note);
	send_programs(d, worker);
	return ERR_OK;
}

/* Slow: more than half of the time that its challenge gives it, or all that the tick left it. */
static bool
was_slow(const struct dispatch *d, const struct slot *s, int64_t ms)
{
	return 2 * ms > d->o.targets[s->system].timeout_ms || ms >= s->timeout_ms;
}

static enum err
on_result(struct dispatch *d, unsigned worker, const struct job_result *r, struct why *why)
{
	struct worker *w = &d->workers[worker];
	unsigned slot = (unsigned)(r->id % d->o.in_flight_max);
	uint32_t job = w->slots[slot].job;

	if (r->id == 0 || w->slots[slot].id != r->id)
		return why_set(why, ERR_INVALID,
		    "a result for job %llu, which this checker does not have",
		    (unsigned long long)r->id);
	if (!d->o.verbose && strlen(r->trace) > MESSAGE_MAX_BYTES)
		return why_set(why, ERR_LIMIT, "a trace of %zu bytes; at most %d are taken",
		    strlen(r->trace), MESSAGE_MAX_BYTES);
	if (job != SLOT_LATE) /* a late one is a suspect already */
		lanes_judge(d->lanes, w->slots[slot].system, was_slow(d, &w->slots[slot], r->ms));
	slot_free(d, w, slot);
	if (job == SLOT_LATE)
		return ERR_OK;
	dispatch_report(d, &d->jobs[job],
	    &(struct check_result){.status = r->status,
		.ms = (int32_t)r->ms,
		.message = r->message,
		.trace = r->trace,
		.saved = r->saved,
		.state = r->state});
	return ERR_OK;
}

enum err
dispatch_line(struct dispatch *d, unsigned worker, const char *line, size_t len, struct why *why)
{
	struct worker *w = &d->workers[worker];
	struct line in;
	enum err e;

	if (w->state == WORKER_DOWN)
		return why_set(why, ERR_CLOSED, "this checker has ended");
	e = protocol_read(FROM_CHECKER, line, len, &d->arena, &in, why);
	w->heard = true;
	if (e == ERR_OK && in.type == LINE_READY)
		e = on_ready(d, worker, &in, why);
	else if (e == ERR_OK)
		e = on_result(d, worker, &in.result, why);
	arena_reset(&d->arena);
	return e;
}

/* ---- sending ---- */

/* The ready worker with the fewest jobs that has room, or WORKERS_MAX. */
static unsigned
pick_worker(const struct dispatch *d)
{
	unsigned best = WORKERS_MAX;

	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		const struct worker *w = &d->workers[i];

		if (w->state == WORKER_READY && w->busy < d->o.in_flight_max &&
		    (best == WORKERS_MAX || w->busy < d->workers[best].busy))
			best = i;
	}
	return best;
}

static int64_t
job_timeout(const struct dispatch *d, const struct check_target *target, int64_t now_ms)
{
	int64_t left = tick_left_ms(d, now_ms);

	return target->timeout_ms < left ? target->timeout_ms : left;
}

/* False: the worker is at its end, and the job has not begun. */
static bool
send_job(struct dispatch *d, uint32_t index, unsigned worker, int64_t now_ms)
{
	struct check *c = &d->jobs[index];
	const struct check_target *target = &d->o.targets[c->system];
	struct worker *w = &d->workers[worker];
	unsigned slot = w->free_slots[w->busy];
	uint64_t id = ++d->sent * d->o.in_flight_max + slot;
	int64_t timeout_ms = job_timeout(d, target, now_ms);

	buf_reset(&d->line);
	job_write(d, c->system, id, timeout_ms, &d->line);
	arena_reset(&d->arena);
	if (d->line.len > JOB_LINE_MAX_BYTES)
		d->line.failed = true;
	if (buf_err(&d->line) != ERR_OK) {
		dispatch_report_plain(d, c, ST_FAULT, "the job is too long for a checker");
		lanes_release(d->lanes, c->system);
		return true;
	}
	if (!send_line(d, worker))
		return false;
	w->busy++;
	w->slots[slot] =
	    (struct slot){.id = id, .job = index, .system = c->system, .timeout_ms = timeout_ms};
	c->state = CHECK_RUNNING;
	d->waiting--;
	d->running++;
	if (d->o.began != NULL)
		d->o.began(d->o.ctx, c->system, now_ms - c->at_ms);
	return true;
}

static void
begin(struct dispatch *d, uint32_t job, unsigned worker, int64_t now_ms)
{
	uint32_t system = d->jobs[job].system;

	if (tick_too_late(d, &d->jobs[job], now_ms)) {
		lanes_release(d->lanes, system);
	} else if (!send_job(d, job, worker, now_ms)) {
		lanes_release(d->lanes, system);
		lanes_wait(d->lanes, system, job);
	}
}

int64_t
dispatch_step(struct dispatch *d, int64_t now_ms)
{
	uint32_t job;
	unsigned worker;

	for (; d->next < d->job_count && d->jobs[d->next].at_ms <= now_ms; d->next++)
		lanes_wait(d->lanes, d->jobs[d->next].system, (uint32_t)d->next);
	while ((worker = pick_worker(d)) != WORKERS_MAX && lanes_take(d->lanes, &job))
		begin(d, job, worker, now_ms);
	if (d->next < d->job_count)
		return d->jobs[d->next].at_ms;
	if (d->last_call || d->waiting == 0)
		return -1;
	if (now_ms < tick_last_call_ms(d))
		return tick_last_call_ms(d);
	tick_call_last(d);
	return -1;
}

unsigned
dispatch_waiting(const struct dispatch *d)
{
	return d->waiting;
}

unsigned
dispatch_running(const struct dispatch *d)
{
	return d->running;
}

struct dispatch_figures
dispatch_figures(const struct dispatch *d, int group)
{
	return lanes_figures(d->lanes, group);
}
