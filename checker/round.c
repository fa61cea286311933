#include "checker/round.h"
#include "base/mem.h"
#include "checker/http_step.h"
#include "checker/judge.h"
#include "checker/report.h"
#include "checker/walk.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_MS 1000000
#define STEP_TRACE_MAX_BYTES 2048
#define RETRY_PAUSE_MS 100

enum round_event {
	ROUND_BEGIN,
	ROUND_RESOLVED,
	ROUND_EXCHANGED,
	ROUND_TIMEOUT,
	ROUND_AGAIN,
	ROUND_CANCEL
};

struct round {
	struct task task;
	struct host *host;
	const struct program *program;
	struct job *job;
	struct arena arena; /* the job, and what is saved */
	struct report report;

	struct run run;
	size_t run_number;
	struct walk walk;
	const struct step *step; /* the present one */
	int tries_left;          /* after the present one */
	int64_t step_until_ms;   /* of the round: when all its tries must be over */
	struct arena run_arena;  /* the run's variables */
	struct vars vars;
	bool lost; /* an older flag could not be read: why not is in lost_why */
	struct why lost_why;

	uv_timer_t timer; /* the try's deadline, never after the round's; or the pause before one */
	uv_getaddrinfo_t resolve;
	bool resolving;
	int open; /* handles and requests that libuv still holds */
	uint64_t step_ns;
	struct sockaddr_storage address;
	char ip[INET6_ADDRSTRLEN];
	struct http_client http;
	struct exchange exchange; /* the present step's */
	struct answer answer;
	bool over;
};

static void round_step(struct round *r, enum round_event ev, const struct outcome *o);
static void next_run(struct round *r, size_t number);
static void step_over(struct round *r, const struct outcome *given);

/* ---- the end ---- */

static void
release(struct round *r)
{
	if (--r->open > 0)
		return;
	report_free(&r->report);
	answer_free(&r->answer);
	arena_free(&r->run_arena);
	arena_free(&r->arena);
	free(r);
}

static void
on_timer_closed(uv_handle_t *h)
{
	release(h->data);
}

static void
stop_exchange(struct round *r)
{
	if (r->exchange.under_way != NULL)
		r->exchange.step->action->cancel(&r->exchange);
}

/* Gives up all that is under way; libuv's callbacks free the round. */
static void
wind_up(struct round *r)
{
	r->over = true;
	stop_exchange(r);
	http_client_close(&r->http);
	if (r->resolving)
		uv_cancel((uv_req_t *)&r->resolve); /* on_resolved comes in any case */
	uv_close((uv_handle_t *)&r->timer, on_timer_closed);
}

static void
finish(struct round *r, enum status status, const char *message)
{
	wind_up(r);
	report_finish(&r->report, r->host, &r->task, status, message);
}

/* ---- what happened ---- */

static void
trace_exchange(struct round *r, struct buf *out)
{
	const struct step *step = r->step;

	buf_puts(out, ": ");
	if (step->action->describe != NULL) {
		step->action->describe(step, out);
		buf_puts(out, " -> ");
	}
	if (step->action->has_status)
		buf_printf(out, "%d, ", r->answer.status);
	buf_printf(out, "%zu bytes, %lld ms", r->answer.body.len, (long long)r->answer.ms);
}

static void
trace_step(struct round *r, const struct outcome *o, const char *detail)
{
	const struct step *step = r->step;
	struct buf t;

	buf_init(&t, STEP_TRACE_MAX_BYTES);
	buf_puts(&t, section_name(r->run.section));
	if (r->run.flag != NULL)
		buf_printf(&t, "[tick %d slot %d]", r->run.flag->tick, r->run.flag->slot);
	buf_printf(&t, " %s", step->name);
	walk_describe(&r->walk, &t);
	if (step->loop != NULL)
		buf_printf(&t, ": each of %s", step->loop->in);
	else
		trace_exchange(r, &t);
	if (o->status != ST_OK)
		buf_printf(&t, ": %s: %s", status_name(o->status), o->said.text);
	if (detail[0] != '\0')
		buf_printf(&t, " (%s)", detail);
	report_hide_flags(&r->report, t.data);
	report_trace(&r->report, "%s", t.data);
	buf_free(&t);
}

/* The run has failed: in a look for an older flag the round goes on, everywhere else it ends. */
static void
fail(struct round *r, const struct outcome *o)
{
	struct why said;

	(void)why_set(&said, ERR_OK, "%s: %s", r->step->name, o->said.text);
	protocol_make_plain(said.text, strlen(said.text));
	if (!r->run.older) {
		finish(r, o->status, said.text);
		return;
	}
	/* A shortage of ours says nothing about the flag. */
	if (o->status != ST_FAULT && !r->lost) {
		r->lost = true;
		(void)why_set(
		    &r->lost_why, ERR_OK, "flag of tick %d: %s", r->run.flag->tick, said.text);
	}
	next_run(r, r->run_number + 1);
}

static void
finish_good(struct round *r)
{
	if (r->lost)
		finish(r, ST_RECOVERING, r->lost_why.text);
	else
		finish(r, ST_OK, "");
}

/* ---- steps and runs ---- */

static void
on_deadline(uv_timer_t *timer)
{
	round_step(timer->data, ROUND_TIMEOUT, NULL);
}

static void
on_exchanged(void *ctx, const struct outcome *o)
{
	round_step(ctx, ROUND_EXCHANGED, o);
}

/*
 * A step that cannot be sent. A value too long or (in get) missing is what the system answered or lost
 * earlier; anything else is ours.
 */
static enum status
unsent(const struct round *r, enum err e)
{
	bool theirs = e == ERR_LIMIT || (e == ERR_NOT_FOUND && r->run.section == SECTION_GET);

	return theirs ? r->step->fails : ST_FAULT;
}

/* ERR_OK: under way; otherwise the step is over and o says how. */
static enum err
start_exchange(struct round *r, struct outcome *o)
{
	const struct step *step = r->step;
	enum err e;

	r->exchange = (struct exchange){.loop = r->host->loop,
	    .step = step,
	    .host = r->job->host,
	    .ip = r->ip,
	    .address = &r->address,
	    .port = step->port > 0 ? step->port : r->job->port,
	    .vars = &r->vars,
	    .answer = &r->answer,
	    .http = &r->http,
	    .threads = r->host->threads,
	    .cookies = r->program->sections[r->run.section].count > 1,
	    .done = on_exchanged,
	    .ctx = r};
	e = step->action->start(&r->exchange, o);
	if (e == ERR_NOT_FOUND || e == ERR_LIMIT)
		o->status = unsent(r, e);
	return e;
}

static void
timed_out(struct round *r)
{
	struct outcome o = {.status = ST_DOWN};

	stop_exchange(r);
	(void)why_set(&o.said, ERR_OK, "timed out after %lld ms",
	    (long long)((uv_hrtime() - r->step_ns + NS_PER_MS / 2) / NS_PER_MS));
	step_over(r, &o);
}

/* What is left of the step's time is shared out evenly among the tries that are left. */
static void
start_try(struct round *r)
{
	int64_t left_ms;
	struct outcome o;

	answer_begin(&r->answer);
	uv_update_time(r->host->loop); /* or the deadline would count from the turn's beginning */
	r->step_ns = uv_hrtime();
	left_ms = r->step_until_ms - report_elapsed_ms(&r->report);
	if (left_ms <= 0) {
		timed_out(r);
		return;
	}
	uv_timer_start(
	    &r->timer, on_deadline, (uint64_t)((left_ms + r->tries_left) / (r->tries_left + 1)), 0);
	if (start_exchange(r, &o) != ERR_OK)
		step_over(r, &o);
}

static void
start_step(struct round *r)
{
	int64_t now_ms;

	uv_update_time(r->host->loop);
	now_ms = report_elapsed_ms(&r->report);
	r->tries_left = r->step->retry;
	r->step_until_ms = r->job->timeout_ms;
	if (r->step->timeout_ms > 0 && r->step->timeout_ms < r->step_until_ms - now_ms)
		r->step_until_ms = now_ms + r->step->timeout_ms;
	start_try(r);
}

static void
on_again(uv_timer_t *timer)
{
	round_step(timer->data, ROUND_AGAIN, NULL);
}

/* A system that could not be reached may be tried again, while there is time. */
static bool
try_again(struct round *r, const struct outcome *o)
{
	int64_t left_ms = r->step_until_ms - report_elapsed_ms(&r->report);

	if (o->status != ST_DOWN || r->tries_left == 0 || left_ms <= RETRY_PAUSE_MS)
		return false;
	r->tries_left--;
	trace_step(r, o, "once more");
	uv_timer_start(&r->timer, on_again, RETRY_PAUSE_MS, 0);
	return true;
}

/*
 * The flag is in the system: later rounds look for it. If a full set of saved values leaves no room for
 * the mark they do not, which is on the system's side.
 */
static void
note_placed(struct round *r)
{
	if (r->run.section == SECTION_PUT &&
	    saved_set(&r->report.saved, &r->arena, r->run.flag->slot, SAVED_PLACED, "1") != ERR_OK)
		report_trace(&r->report, "no room to note that the flag was placed");
}

static void
run_over(struct round *r)
{
	note_placed(r);
	next_run(r, r->run_number + 1);
}

/* To the run's next step, or its end. */
static void
advance(struct round *r)
{
	struct outcome o = {.status = ST_OK};

	if (walk_next(&r->walk, &r->vars, &r->run_arena, &r->step, &o.said) != ERR_OK) {
		o.status = r->step->fails;
		trace_step(r, &o, "");
		fail(r, &o);
	} else if (r->step == NULL) {
		run_over(r);
	} else {
		start_step(r);
	}
}

/* The step's exchange is over, or did not come about. */
static void
step_over(struct round *r, const struct outcome *given)
{
	struct why detail = {{0}};
	struct outcome o = *given;

	uv_timer_stop(&r->timer);
	if (r->answer.ms == 0)
		r->answer.ms = (int64_t)((uv_hrtime() - r->step_ns + NS_PER_MS / 2) / NS_PER_MS);
	if (try_again(r, &o))
		return;
	if (o.status == ST_DOWN)
		o.status = r->step->unreachable;
	if (o.status == ST_OK)
		judge_step(&(struct judgement){.run = &r->run,
			       .step = r->step,
			       .answer = &r->answer,
			       .vars = &r->vars,
			       .run_arena = &r->run_arena,
			       .saved = &r->report.saved,
			       .arena = &r->arena},
		    &o, &detail);
	trace_step(r, &o, detail.text);
	if (o.status != ST_OK)
		fail(r, &o);
	else
		advance(r);
}

/* Begins the first run from this number on whose section has steps. */
static void
next_run(struct round *r, size_t number)
{
	http_client_close(&r->http);
	for (;; number++) {
		if (!run_nth(r->job, number, &r->run)) {
			finish_good(r);
			return;
		}
		/* One older flag lost decides; looking for more would only cost time. */
		if (r->program->sections[r->run.section].count > 0 && !(r->lost && r->run.older))
			break;
	}
	r->run_number = number;
	walk_begin(&r->walk, &r->program->sections[r->run.section]);
	arena_reset(&r->run_arena);
	run_vars(&r->run, r->job, r->program, &r->report.saved, &r->run_arena, &r->vars);
	advance(r);
}

/* ---- the system's address ---- */

static void
set_address(struct round *r, const struct sockaddr *a)
{
	bool v6 = a->sa_family == AF_INET6;

	memcpy(&r->address, a, v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
	uv_ip_name(a, r->ip, sizeof r->ip);
}

static bool
parse_address(struct round *r)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (uv_ip4_addr(r->job->host, 0, &v4) == 0)
		set_address(r, (const struct sockaddr *)&v4);
	else if (uv_ip6_addr(r->job->host, 0, &v6) == 0)
		set_address(r, (const struct sockaddr *)&v6);
	else
		return false;
	return true;
}

static void
on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
	struct round *r = req->data;
	struct outcome o = {.status = ST_OK};

	r->resolving = false;
	if (status == UV_EAI_NONAME || status == UV_EAI_NODATA || status == UV_EAI_FAIL)
		o.status = ST_DOWN;
	else if (status != 0)
		o.status = ST_FAULT;
	if (o.status != ST_OK)
		(void)why_set(
		    &o.said, ERR_OK, "its name cannot be resolved: %s", uv_strerror(status));
	else
		set_address(r, found->ai_addr);
	uv_freeaddrinfo(found);
	if (!r->over)
		round_step(r, ROUND_RESOLVED, &o);
	release(r);
}

static void
resolve(struct round *r)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};

	r->resolve.data = r;
	if (uv_getaddrinfo(r->host->loop, &r->resolve, on_resolved, r->job->host, NULL, &hints) !=
	    0) {
		finish(r, ST_FAULT, "the checker cannot resolve names");
		return;
	}
	r->resolving = true;
	r->open++;
	uv_timer_start(&r->timer, on_deadline, (uint64_t)r->job->timeout_ms, 0);
}

/* ---- the machine ---- */

static void
round_step(struct round *r, enum round_event ev, const struct outcome *o)
{
	switch (ev) {
	case ROUND_BEGIN:
		if (parse_address(r))
			next_run(r, 0);
		else
			resolve(r);
		break;
	case ROUND_RESOLVED:
		uv_timer_stop(&r->timer);
		if (o->status == ST_OK)
			next_run(r, 0);
		else
			finish(r, o->status, o->said.text);
		break;
	case ROUND_EXCHANGED:
		step_over(r, o);
		break;
	case ROUND_TIMEOUT:
		if (r->resolving)
			finish(r, ST_FAULT, "its name could not be resolved in time");
		else
			timed_out(r);
		break;
	case ROUND_AGAIN:
		start_try(r);
		break;
	case ROUND_CANCEL:
		wind_up(r);
		host_leave(r->host, &r->task);
		break;
	}
}

static void
on_cancel(struct task *task)
{
	round_step((struct round *)task, ROUND_CANCEL, NULL); /* task is a round's first member */
}

void
round_start(struct host *host, const struct program *program, struct job *job, struct arena *arena)
{
	struct round *r = mem_alloc(sizeof *r);

	r->host = host;
	r->program = program;
	r->job = job;
	r->arena = *arena;
	*arena = (struct arena){0};
	answer_init(&r->answer);
	report_init(&r->report, job, &r->arena, host->loop);
	r->http.engine = host->curl;
	r->task.cancel = on_cancel;
	uv_timer_init(host->loop, &r->timer);
	r->timer.data = r;
	r->open = 1;
	host_enter(host, &r->task);
	round_step(r, ROUND_BEGIN, NULL);
}
