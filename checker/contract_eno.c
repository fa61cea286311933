/*
 * The contract of EnoEngine: the checker is an HTTP service that the organizers run. Each round first asks it what
 * variants it has, so that a checker started anew or changed needs nothing of us, then gives it tasks, a few at
 * once (eno_tasks.h). Whatever is wrong with the service is a fault; only a task without an answer in its time is
 * the system's, as in EnoEngine (EnoLauncher.cs: OFFLINE).
 */
#include "base/mem.h"
#include "checker/contract.h"
#include "checker/eno_client.h"
#include "checker/eno_message.h"
#include "checker/external.h"
#include "checker/report.h"
#include "core/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS 1000000
#define TASK_MAX_BYTES (16 * 1024)
#define PUBLIC_MAX_BYTES 1024
#define QUARTERS 4
/* Tasks at once on one system. A Python checker takes a tenth of a second and more for each, and many have dozens. */
#define CALLS_MAX 4
/*
 * enochecker3 takes 2 s off the time it is given, enochecker up to 5: with less than that all systems would fail
 * there. So a task without a time of its own is given 5 s at least, and none begins with less than 3 s left.
 */
#define TASK_LEAST_MS 5000
#define TASK_BEGIN_MS 3000

struct eno_round;

/* A task under way, and room for the next. */
struct eno_call {
	struct eno_round *round;
	struct eno_task *task; /* NULL: the variants are asked for */
	bool busy;
	struct eno_client client;
	uv_timer_t timer;
	struct arena arena; /* the present task's messages */
	uint64_t begun_ns;
};

struct eno_round {
	struct task task;
	struct host *host;
	const struct external_plan *plan;
	struct job *job;
	struct arena arena; /* the job, and what is saved */
	struct report report;

	struct eno_call calls[CALLS_MAX];
	int open; /* timers that libuv still holds */
	struct eno_tasks tasks;
	size_t number; /* of the next one */
	int group;     /* of those under way */
	bool asked;    /* the system: a task was begun */

	enum status status; /* the worst so far */
	char said[MESSAGE_MAX_BYTES + 1];
	const char *public_info[JOB_FLAGS_MAX]; /* attack information, by put */
};

static void next(struct eno_round *r);

/* ---- the end ---- */

static void
on_timer_closed(uv_handle_t *h)
{
	struct eno_round *r = h->data;

	if (--r->open > 0)
		return;
	report_free(&r->report);
	arena_free(&r->arena);
	free(r);
}

static void
wind_up(struct eno_round *r)
{
	for (size_t i = 0; i < CALLS_MAX; i++) {
		struct eno_call *c = &r->calls[i];

		eno_client_close(&c->client);
		arena_free(&c->arena);
		c->timer.data = r;
		uv_close((uv_handle_t *)&c->timer, on_timer_closed);
	}
}

/* After the marks that flags are placed, which must have room. */
static void
save_public(struct eno_round *r)
{
	for (size_t i = 0; i < r->job->put_count; i++)
		if (r->public_info[i] != NULL &&
		    saved_set(&r->report.saved, &r->arena, r->job->put[i].slot, SAVED_PUBLIC,
			r->public_info[i]) != ERR_OK)
			report_trace(&r->report,
			    "the attack information of slot %d is left out: no room for it",
			    r->job->put[i].slot);
}

static void
finish(struct eno_round *r)
{
	if (r->status == ST_NONE) {
		r->status = ST_FAULT;
		snprintf(r->said, sizeof r->said, "the checker has nothing to do");
	}
	wind_up(r);
	save_public(r);
	report_finish(&r->report, r->host, &r->task, r->status, r->said);
}

/* ---- what came of a task ---- */

static void
note(struct eno_round *r, const struct eno_task *t, enum status status, const char *said)
{
	if (!eno_tasks_outranks(status, r->status))
		return;
	r->status = status;
	if (status == ST_RECOVERING)
		snprintf(r->said, sizeof r->said, "flag of tick %d: %s", t->tick, said);
	else
		snprintf(r->said, sizeof r->said, "%s", said);
}

static int64_t
call_ms(const struct eno_call *c)
{
	return (int64_t)((uv_hrtime() - c->begun_ns + NS_PER_MS / 2) / NS_PER_MS);
}

static void
trace_call(struct eno_call *c, const char *result, const char *said)
{
	const struct eno_task *t = c->task;
	char name[80] = "service";

	if (t != NULL && t->flag != NULL)
		snprintf(name, sizeof name, "%s[tick %d slot %d] variant %d",
		    eno_method_name(t->method), t->tick, t->flag->slot, t->variant);
	else if (t != NULL)
		snprintf(
		    name, sizeof name, "%s variant %d", eno_method_name(t->method), t->variant);
	report_trace(&c->round->report, "%s: %s, %lld ms%s%s", name, result, (long long)call_ms(c),
	    said[0] != '\0' ? ": " : "", said);
}

static const char *
text_of(struct eno_round *r, struct arena *arena, const char *text)
{
	return external_text(arena, r->job, text, strlen(text), EXTERNAL_TEXT_BYTES, false);
}

/* The service itself has failed; the reason may quote its answer. */
static void
call_failed(struct eno_call *c, const char *reason)
{
	const char *text = text_of(c->round, &c->arena, reason);
	struct why said;

	(void)why_set(&said, ERR_OK, "%s: the checker's service has failed: %s",
	    c->task != NULL ? eno_method_name(c->task->method) : "service", text);
	trace_call(c, "fault", text);
	note(c->round, c->task, ST_FAULT, said.text);
}

/* Attack information is for programs to read: a part of it would mislead them. */
static void
keep_public(struct eno_round *r, const struct job_flag *flag, const char *info)
{
	if (info[0] == '\0')
		return;
	if (strlen(info) <= PUBLIC_MAX_BYTES)
		r->public_info[flag - r->job->put] = text_of(r, &r->arena, info);
	else
		report_trace(&r->report,
		    "the attack information of slot %d is left out: longer than %d bytes",
		    flag->slot, PUBLIC_MAX_BYTES);
}

static void
task_good(struct eno_round *r, struct eno_task *t, const struct eno_answer *a)
{
	t->ok = true;
	if (t->method != ENO_PUTFLAG)
		return;
	if (saved_set(&r->report.saved, &r->arena, t->flag->slot, SAVED_PLACED, "1") != ERR_OK)
		report_trace(&r->report, "no room to note that the flag was placed");
	keep_public(r, t->flag, a->attack_info);
}

static void
task_answered(struct eno_call *c, const struct eno_answer *a)
{
	enum status status = eno_tasks_status(c->task, a->result);
	const char *text = text_of(c->round, &c->arena, a->message);

	trace_call(c, eno_result_name(a->result), text);
	if (status == ST_OK) {
		task_good(c->round, c->task, a);
		text = "";
	} else if (text[0] == '\0') {
		text = external_words(status);
	}
	note(c->round, c->task, status, text);
}

static void
list_tasks(struct eno_call *c, const struct eno_info *info)
{
	struct eno_round *r = c->round;
	const struct eno_variants *v = &info->variants;

	report_trace(&r->report, "service: %s, variants: flag %d, noise %d, havoc %d, %lld ms",
	    info->name, v->flag, v->noise, v->havoc, (long long)call_ms(c));
	if (v->flag == 0 && r->job->put_count > 0) {
		report_trace(&r->report, "the checker has no place for flags");
		note(r, NULL, ST_FAULT, "the checker has no place for flags (flagVariants is 0)");
	}
	eno_tasks_list(r->job, v, &r->arena, &r->tasks);
}

static void
on_done(void *ctx, enum err e, const struct why *why)
{
	struct eno_call *c = ctx;
	struct buf *body = &c->client.answer.body;
	struct eno_answer answer;
	struct eno_info info;
	struct why wrong = *why;

	uv_timer_stop(&c->timer);
	c->busy = false;
	if (e == ERR_OK && c->task != NULL)
		e = eno_message_answer(body->data, body->len, &c->arena, &answer, &wrong);
	else if (e == ERR_OK)
		e = eno_message_info(body->data, body->len, &c->arena, &info, &wrong);
	if (e != ERR_OK)
		call_failed(c, wrong.text);
	else if (c->task != NULL)
		task_answered(c, &answer);
	else
		list_tasks(c, &info);
	next(c->round);
}

static void
on_deadline(uv_timer_t *timer)
{
	struct eno_call *c = timer->data;
	struct why said;

	eno_client_cancel(&c->client);
	c->busy = false;
	(void)why_set(&said, ERR_OK, "timed out after %lld ms", (long long)call_ms(c));
	if (c->task != NULL) {
		trace_call(c, "no answer", said.text);
		note(c->round, c->task, eno_tasks_status(c->task, ENO_OFFLINE), said.text);
	} else {
		call_failed(c, said.text);
	}
	next(c->round);
}

/* ---- the next task ---- */

static int64_t
time_wanted(const struct eno_round *r)
{
	int64_t quarter = r->job->timeout_ms / QUARTERS;

	if (r->plan->action_timeout_ms > 0)
		return r->plan->action_timeout_ms;
	return quarter > TASK_LEAST_MS ? quarter : TASK_LEAST_MS;
}

/* What a task that begins now may take; 0 if too little of the round's time is left for one. */
static int64_t
time_given(const struct eno_round *r)
{
	int64_t wanted = time_wanted(r), least = r->job->timeout_ms / QUARTERS, left;

	uv_update_time(r->host->loop); /* or the deadline would count from the turn's beginning */
	left = r->job->timeout_ms - report_elapsed_ms(&r->report);
	if (least > TASK_BEGIN_MS)
		least = TASK_BEGIN_MS;
	if (left <= 0 || left < (wanted < least ? wanted : least))
		return 0;
	return wanted < left ? wanted : left;
}

/* Leaves out the tasks from this one on; those under way go on. */
static void
out_of_time(struct eno_round *r, const struct eno_task *t)
{
	struct why said;

	report_trace(&r->report, "too little of the round's time is left for %zu tasks",
	    r->tasks.count - r->number);
	r->number = r->tasks.count;
	(void)why_set(
	    &said, ERR_OK, "timed out after %lld ms", (long long)report_elapsed_ms(&r->report));
	/* Before the system was asked anything, the time went by here. */
	if (r->asked)
		note(r, t, eno_tasks_status(t, ENO_OFFLINE), said.text);
	else
		note(r, t, ST_FAULT, "no time was left for the check");
}

/* task NULL: asks for the variants. */
static void
start(struct eno_call *c, struct eno_task *task, int64_t limit_ms)
{
	struct eno_round *r = c->round;
	struct buf body;
	struct why why;
	enum err e;

	arena_reset(&c->arena);
	c->task = task;
	c->begun_ns = uv_hrtime();
	buf_init(&body, TASK_MAX_BYTES);
	if (task != NULL)
		eno_message_write(
		    &body, r->job, task, eno_tasks_id(r->job, task, &c->arena), limit_ms);
	e = eno_client_call(&c->client, body.data, &why);
	buf_free(&body);
	c->busy = e == ERR_OK;
	if (c->busy)
		uv_timer_start(&c->timer, on_deadline, (uint64_t)limit_ms, 0);
	else
		call_failed(c, why.text);
}

static struct eno_call *
find_call(struct eno_round *r, bool busy)
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		if (r->calls[i].busy == busy)
			return &r->calls[i];
	return NULL;
}

/* The next task that may begin now, or NULL. A group begins when the one before is over. */
static struct eno_task *
next_task(struct eno_round *r)
{
	bool busy = find_call(r, true) != NULL;

	for (; r->number < r->tasks.count; r->number++) {
		struct eno_task *t = &r->tasks.items[r->number];

		if (t->group != r->group && busy)
			return NULL;
		r->group = t->group;
		if (!eno_tasks_idle(t, r->status))
			return t;
	}
	return NULL;
}

/* Starts what may begin now; ends the round when nothing is left. */
static void
next(struct eno_round *r)
{
	struct eno_call *free_call;
	struct eno_task *t;

	while ((free_call = find_call(r, false)) != NULL && (t = next_task(r)) != NULL) {
		int64_t limit_ms = time_given(r);

		if (limit_ms == 0) {
			out_of_time(r, t);
			break;
		}
		r->number++;
		r->asked = true;
		start(free_call, t, limit_ms);
	}
	if (r->number == r->tasks.count && find_call(r, true) == NULL)
		finish(r);
}

/* ---- life ---- */

static enum err
open_calls(struct eno_round *r, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < CALLS_MAX; i++) {
		struct eno_call *c = &r->calls[i];

		c->round = r;
		c->client.done = on_done;
		c->client.ctx = c;
		uv_timer_init(r->host->loop, &c->timer);
		c->timer.data = c;
		r->open++;
		if (e == ERR_OK)
			e = eno_client_open(&c->client, r->host, r->plan->url, why);
	}
	return e;
}

static void
begin(struct eno_round *r)
{
	struct eno_call *c = &r->calls[0];
	struct why why;
	int64_t limit_ms;

	c->begun_ns = uv_hrtime();
	if (open_calls(r, &why) != ERR_OK)
		call_failed(c, why.text);
	else if ((limit_ms = time_given(r)) == 0)
		note(r, NULL, ST_FAULT, "no time was left for the check");
	else
		start(c, NULL, limit_ms);
	next(r);
}

static void
on_cancel(struct task *task)
{
	struct eno_round *r = (struct eno_round *)task; /* the task is its first member */

	wind_up(r);
	host_leave(r->host, &r->task);
}

void
eno_start(struct host *host, const struct program *program, struct job *job, struct arena *arena)
{
	struct eno_round *r = mem_alloc(sizeof *r);

	r->host = host;
	r->plan = program->external;
	r->job = job;
	r->arena = *arena;
	*arena = (struct arena){0};
	r->status = ST_NONE;
	r->task.cancel = on_cancel;
	uv_update_time(host->loop);
	report_init(&r->report, job, &r->arena, host->loop);
	host_enter(host, &r->task);
	begin(r);
}
