#include "dispatch/dispatch.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/protocol.h"
#include "core/event.h"
#include "dispatch/internal.h"

#include <stdlib.h>
#include <string.h>

/* A job that begins late would have less time than others: none begins with less than this of the tick. */
#define TAIL_PERCENT 10
/* The checker's deadline lies this far before the tick's end, so that its own verdict arrives in time. */
#define MARGIN_PERCENT 2
#define MARGIN_MAX_MS 250

#define SLOT_LATE UINT32_MAX /* the tick of this job is over; its result is dropped */

struct dispatch *
dispatch_new(const struct dispatch_options *o)
{
	struct dispatch *d = mem_alloc(sizeof *d);

	d->o = *o;
	if (d->o.in_flight_max == 0)
		d->o.in_flight_max = 1;
	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		struct worker *w = &d->workers[i];

		w->slots = mem_array(d->o.in_flight_max, sizeof *w->slots);
		w->free_slots = mem_array(d->o.in_flight_max, sizeof *w->free_slots);
	}
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
	free(d->jobs);
	buf_free(&d->line);
	arena_free(&d->arena);
	free(d);
}

/* ---- results ---- */

static void
report(struct dispatch *d, struct check *c, const struct check_result *given)
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

static void
report_plain(struct dispatch *d, struct check *c, enum status status, const char *message)
{
	report(d, c,
	    &(struct check_result){
		.status = status, .message = message, .trace = "", .saved = "", .state = ""});
}

/* ---- workers ---- */

void
dispatch_worker_up(struct dispatch *d, unsigned worker)
{
	struct worker *w = &d->workers[worker];

	w->state = WORKER_STARTING;
	w->heard = false;
	w->busy = 0;
	for (unsigned i = 0; i < d->o.in_flight_max; i++) {
		w->slots[i] = (struct slot){0};
		w->free_slots[i] = i;
	}
}

/* Returns the slot to the worker. */
static void
slot_free(struct worker *w, unsigned slot)
{
	w->slots[slot].id = 0;
	w->free_slots[--w->busy] = slot;
}

void
dispatch_worker_down(struct dispatch *d, unsigned worker)
{
	struct worker *w = &d->workers[worker];

	for (unsigned i = 0; i < d->o.in_flight_max && w->busy > 0; i++) {
		uint32_t job = w->slots[i].job;

		if (w->slots[i].id == 0)
			continue;
		slot_free(w, i);
		if (job != SLOT_LATE)
			report_plain(d, &d->jobs[job], ST_FAULT, "checker died");
	}
	w->state = WORKER_DOWN;
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
	if (d->o.ready != NULL)
		d->o.ready(d->o.ctx, worker, line->sandbox, line->note);
	send_programs(d, worker);
	return ERR_OK;
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
	slot_free(w, slot);
	if (job == SLOT_LATE)
		return ERR_OK;
	report(d, &d->jobs[job],
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

/* ---- a tick ---- */

void
dispatch_open_tick(struct dispatch *d, int32_t tick, int64_t now_ms, int64_t end_ms, uint64_t seed,
    bool (*skip)(void *ctx, uint32_t system), void *skip_ctx)
{
	dispatch_close_tick(d);
	d->tick = tick;
	d->end_ms = end_ms;
	d->span_ms = end_ms > now_ms ? end_ms - now_ms : 0;
	d->job_count = d->next = 0;
	d->jobs = mem_resize(d->jobs, d->o.target_count + 1, sizeof *d->jobs);
	for (size_t i = 0; i < d->o.target_count; i++)
		if (skip == NULL || !skip(skip_ctx, (uint32_t)i))
			d->jobs[d->job_count++] = (struct check){.system = (uint32_t)i};
	d->waiting = (unsigned)d->job_count;
	schedule_spread(d->jobs, d->job_count, now_ms, d->span_ms, seed);
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		d->workers[i].heard = false;
}

/* What is said of checks that have no result when the tick is over. */
struct leftover {
	enum status running;
	const char *running_text;
	const char *waiting_text;
};

static void
close_running(struct dispatch *d, struct worker *w, const struct leftover *l)
{
	for (unsigned i = 0; i < d->o.in_flight_max; i++) {
		struct slot *s = &w->slots[i];

		if (s->id == 0 || s->job == SLOT_LATE)
			continue;
		/* A checker that was given jobs and said nothing all tick long hangs: no system's fault. */
		if (l->running == ST_DOWN && !w->heard)
			report_plain(d, &d->jobs[s->job], ST_FAULT, "the checker did not answer");
		else
			report_plain(d, &d->jobs[s->job], l->running, l->running_text);
		s->job = SLOT_LATE;
	}
}

static void
close_jobs(struct dispatch *d, const struct leftover *l)
{
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		close_running(d, &d->workers[i], l);
	for (size_t i = d->next; i < d->job_count; i++)
		if (d->jobs[i].state == CHECK_WAITING)
			report_plain(d, &d->jobs[i], ST_NONE, l->waiting_text);
	d->job_count = d->next = 0;
}

static bool
any_ready(const struct dispatch *d)
{
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		if (d->workers[i].state == WORKER_READY)
			return true;
	return false;
}

void
dispatch_close_tick(struct dispatch *d)
{
	const struct leftover l = {.running = ST_DOWN,
	    .running_text = "still running at the end of the tick",
	    .waiting_text = any_ready(d) ? "not checked: the checkers could not keep up"
					 : "not checked: no checker is running"};

	close_jobs(d, &l);
}

void
dispatch_cut_tick(struct dispatch *d)
{
	static const char text[] = "not checked: the drill was ended within this tick";
	const struct leftover l = {.running = ST_NONE, .running_text = text, .waiting_text = text};

	close_jobs(d, &l);
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

/* What is left of the tick for a job that begins now. */
static int64_t
time_left(const struct dispatch *d, int64_t now_ms)
{
	int64_t margin = d->span_ms * MARGIN_PERCENT / 100;

	return d->end_ms - now_ms - (margin < MARGIN_MAX_MS ? margin : MARGIN_MAX_MS);
}

static int64_t
job_timeout(const struct dispatch *d, const struct check_target *target, int64_t now_ms)
{
	int64_t left = time_left(d, now_ms);

	return target->timeout_ms < left ? target->timeout_ms : left;
}

static void
send_job(struct dispatch *d, uint32_t index, unsigned worker, int64_t now_ms)
{
	struct check *c = &d->jobs[index];
	const struct check_target *target = &d->o.targets[c->system];
	struct worker *w = &d->workers[worker];
	unsigned slot = w->free_slots[w->busy];
	uint64_t id = ++d->sent * d->o.in_flight_max + slot;

	buf_reset(&d->line);
	job_write(d, c->system, id, job_timeout(d, target, now_ms), &d->line);
	arena_reset(&d->arena);
	if (d->line.len > JOB_LINE_MAX_BYTES)
		d->line.failed = true;
	if (buf_err(&d->line) != ERR_OK) {
		report_plain(d, c, ST_FAULT, "the job is too long for a checker");
		return;
	}
	if (!send_line(d, worker))
		return;
	w->busy++;
	w->slots[slot] = (struct slot){.id = id, .job = index};
	c->state = CHECK_RUNNING;
	d->waiting--;
	d->running++;
}

/* Whether a job that begins now still has a fair share of the tick. */
static bool
too_late(const struct dispatch *d, const struct check *c, int64_t now_ms)
{
	int64_t tail = d->span_ms * TAIL_PERCENT / 100, left = time_left(d, now_ms);
	int64_t wanted = d->o.targets[c->system].timeout_ms;

	return left <= 0 || left < (wanted < tail ? wanted : tail);
}

int64_t
dispatch_step(struct dispatch *d, int64_t now_ms)
{
	while (d->next < d->job_count) {
		struct check *c = &d->jobs[d->next];
		unsigned worker;

		if (c->state != CHECK_WAITING) {
			d->next++;
			continue;
		}
		if (c->at_ms > now_ms)
			return c->at_ms;
		if (too_late(d, c, now_ms) || (worker = pick_worker(d)) == WORKERS_MAX)
			return -1;
		send_job(d, (uint32_t)d->next, worker, now_ms);
	}
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
