/*
 * The contract of FAUST CTF's ctf-gameserver: `checkerscript HOST TEAM_NET_NO TICK`, one process for the whole
 * round, which asks on descriptor 4 and is answered on descriptor 3 (faust_message.h). Its exit code means nothing;
 * the first RESULT decides. What it STOREs is kept for the system whatever comes of the check.
 */
#include "base/json.h"
#include "base/mem.h"
#include "checker/contract.h"
#include "checker/external.h"
#include "checker/faust_message.h"
#include "checker/report.h"
#include "checker/state.h"
#include "core/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES (128 * 1024)       /* of a message: a whole state as base64 and its frame */
#define INPUT_BYTES (4 * 1024 * 1024) /* of all messages of a check */
#define MESSAGES_MAX 10000
#define LOG_TEXT_BYTES 1000
#define PATH_SHOWN_BYTES 100
#define ANSWER_BYTES (3 * STATE_MAX_BYTES) /* a kept value with its escapes */

struct faust {
	struct task task;
	struct host *host;
	struct job *job;
	struct arena arena; /* the job, what is kept */
	struct arena line_arena;
	struct report report;
	struct exec *exec;
	struct state state;
	struct buf input; /* of a message whose end has not come */
	size_t taken;     /* bytes of input so far */
	size_t messages;
	bool has_result;
	enum status result;
};

/* ---- the end ---- */

static void
release(struct faust *f)
{
	buf_free(&f->input);
	state_free(&f->state);
	report_free(&f->report);
	arena_free(&f->line_arena);
	arena_free(&f->arena);
	free(f);
}

static void
finish(struct faust *f, enum status status, const char *message)
{
	report_finish(&f->report, f->host, &f->task, status, message);
	release(f);
}

/* The program cannot be told that it has gone wrong; it is ended, as the original does. */
static void
give_up(struct faust *f, const char *message)
{
	report_trace(&f->report, "%s", message);
	exec_cancel(f->exec);
	finish(f, ST_FAULT, message);
}

/* ---- answers ---- */

static void
answer(struct faust *f, const char *value, struct why *broken)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, ANSWER_BYTES);
	jw_begin(&w, &out);
	jw_object(&w);
	jw_kv_str(&w, "response", value);
	jw_object_end(&w);
	buf_putc(&out, '\n');
	if (out.failed || exec_send(f->exec, out.data, out.len) == ERR_BUSY)
		(void)why_set(broken, ERR_BUSY, "the checkerscript does not read its answers");
	buf_free(&out);
}

/* NULL outside of the ticks that a checkerscript may ask for. */
static const char *
flag_of_tick(const struct faust *f, int64_t tick)
{
	if (tick == f->job->tick)
		return f->job->put_count > 0 ? f->job->put[0].flag : NULL;
	for (size_t i = 0; i < f->job->get_count; i++)
		if (f->job->get[i].tick == tick && f->job->get[i].slot == 0)
			return f->job->get[i].flag;
	return NULL;
}

static void
on_flag(struct faust *f, const struct faust_message *m, struct why *broken)
{
	const char *flag = m->has_number ? flag_of_tick(f, m->number) : NULL;

	if (flag == NULL)
		report_trace(&f->report,
		    "FLAG: no flag of tick %lld; those of this tick and the last %d are there",
		    m->has_number ? (long long)m->number : -1, FAUST_TICKS);
	answer(f, flag, broken);
}

static void
keep(struct faust *f, const char *name, const char *value, struct why *broken)
{
	if (saved_set(&f->report.saved, &f->arena, 0, name, value) != ERR_OK)
		(void)why_set(broken, ERR_LIMIT, "the flag id is too long to keep");
}

static void
on_flagid(struct faust *f, const struct faust_message *m, struct why *broken)
{
	keep(f, SAVED_PUBLIC,
	    external_text(&f->arena, f->job, m->text, strlen(m->text), EXTERNAL_TEXT_BYTES, false),
	    broken);
	answer(f, NULL, broken);
}

static void
on_store(struct faust *f, const struct faust_message *m, struct why *broken)
{
	if (state_set(&f->state, m->text, m->data, &f->arena, broken) != ERR_OK)
		return;
	report_store(&f->report, m->text, m->data);
	answer(f, NULL, broken);
}

static void
on_log(struct faust *f, const struct faust_message *m)
{
	const char *text =
	    external_text(&f->line_arena, f->job, m->text, strlen(m->text), LOG_TEXT_BYTES, false);
	size_t len = strlen(m->data);
	const char *path = m->data + (len > PATH_SHOWN_BYTES ? len - PATH_SHOWN_BYTES : 0);

	if (path[0] != '\0')
		report_trace(
		    &f->report, "%s %s (%s:%lld)", m->level, text, path, (long long)m->number);
	else
		report_trace(&f->report, "%s %s", m->level, text);
}

static void
on_result(struct faust *f, const struct faust_message *m, struct why *broken)
{
	enum status status;

	if (!m->has_number || !faust_status(m->number, &status)) {
		report_trace(&f->report, "RESULT that means nothing; 0 to 4 do");
	} else if (f->has_result) {
		report_trace(&f->report, "a second RESULT: the first counts");
	} else {
		f->has_result = true;
		f->result = status;
		report_trace(
		    &f->report, "RESULT %lld: %s", (long long)m->number, status_name(status));
	}
	answer(f, NULL, broken);
}

/* broken says why the check cannot go on. */
static void
on_message(struct faust *f, const struct faust_message *m, struct why *broken)
{
	switch (m->action) {
	case FAUST_FLAG:
		on_flag(f, m, broken);
		break;
	case FAUST_FLAGID:
		on_flagid(f, m, broken);
		break;
	case FAUST_LOAD:
		answer(f, state_get(&f->state, m->text), broken);
		break;
	case FAUST_STORE:
		on_store(f, m, broken);
		break;
	case FAUST_LOG:
		on_log(f, m);
		break;
	case FAUST_RESULT:
	case FAUST_ACTIONS:
		on_result(f, m, broken);
		break;
	}
}

/* ---- lines ---- */

static void
on_line(struct faust *f, const char *line, size_t len, struct why *broken)
{
	struct faust_message m;
	struct why why;
	enum err e;

	if (++f->messages > MESSAGES_MAX) {
		(void)why_set(broken, ERR_LIMIT, "the checkerscript sent more than %d messages",
		    MESSAGES_MAX);
		return;
	}
	e = faust_read(line, len, &f->line_arena, &m, &why);
	if (e == ERR_OK)
		on_message(f, &m, broken);
	else if (e == ERR_LIMIT)
		*broken = why;
	else
		report_trace(&f->report, "a line that is no message: %s: %s", why.text,
		    external_text(&f->line_arena, f->job, line, len, LOG_TEXT_BYTES / 10, false));
	arena_reset(&f->line_arena);
}

/* Handles all whole lines; what is left of the input waits for its end. */
static void
take_lines(struct faust *f, struct why *broken)
{
	size_t from = 0;

	while (broken->text[0] == '\0' && from < f->input.len) {
		const char *line = f->input.data + from;
		const char *end = memchr(line, '\n', f->input.len - from);

		if (end == NULL)
			break;
		on_line(f, line, (size_t)(end - line), broken);
		from = (size_t)(end - f->input.data) + 1;
	}
	buf_shift(&f->input, from);
	if (broken->text[0] == '\0' && f->input.len > LINE_BYTES)
		(void)why_set(broken, ERR_LIMIT,
		    "the checkerscript sent a line longer than %d bytes", LINE_BYTES);
}

static void
on_data(void *ctx, const char *data, size_t len)
{
	struct faust *f = ctx;
	struct why broken = {{0}};

	f->taken += len;
	buf_put(&f->input, data, len);
	if (f->taken > INPUT_BYTES || f->input.failed)
		(void)why_set(
		    &broken, ERR_LIMIT, "the checkerscript sent more than %d bytes", INPUT_BYTES);
	else
		take_lines(f, &broken);
	if (broken.text[0] != '\0')
		give_up(f, broken.text);
}

/* ---- the program's end ---- */

static void
trace_output(struct faust *f, const char *name, const char *bytes, size_t len)
{
	const char *text = external_text(&f->arena, f->job, bytes, len, EXTERNAL_TEXT_BYTES, true);

	if (text[0] != '\0')
		report_trace(&f->report, "%s: %s", name, text);
}

static void
finish_with_result(struct faust *f)
{
	/* What the attack information tells of a flag is only worth telling if it is there. */
	if ((f->result == ST_OK || f->result == ST_RECOVERING) &&
	    saved_set(&f->report.saved, &f->arena, 0, SAVED_PLACED, "1") != ERR_OK)
		report_trace(&f->report, "no room to note that the flag was placed");
	finish(f, f->result, external_words(f->result));
}

static void
on_done(void *ctx, const struct exec_result *r)
{
	struct faust *f = ctx;
	struct external_verdict v;

	f->exec = NULL;
	external_judge(r, f->job->timeout_ms, &v);
	trace_output(f, "stdout", r->out, r->out_len);
	trace_output(f, "stderr", r->err, r->err_len);
	if (r->started && r->signal == 0 && !r->timed_out) {
		report_trace(&f->report, "exit %d, %lld ms", r->exit_code, (long long)r->ms);
		v.status = ST_FAULT;
		(void)why_set(&v.said, ERR_OK,
		    "the checkerscript ended without a RESULT (exit code %d): not checked",
		    r->exit_code);
	} else {
		report_trace(&f->report, "%lld ms: %s", (long long)r->ms, v.said.text);
	}
	if (f->has_result)
		finish_with_result(f);
	else
		finish(f, v.status, v.said.text);
}

/* ---- life ---- */

static const char *
decimal(struct arena *arena, int v)
{
	char text[16];

	snprintf(text, sizeof text, "%d", v);
	return arena_strdup(arena, text);
}

/* The plan's variables and the one by which the library knows that it is not started by hand. */
static const char *const *
environment(const struct external_plan *plan, struct arena *arena)
{
	size_t count = 0;
	const char **out;

	while (plan->env[count] != NULL)
		count++;
	out = arena_array(arena, count + 2, sizeof *out);
	memcpy(out, plan->env, count * sizeof *out);
	out[count] = "CTF_CHECKERSCRIPT=1";
	return out;
}

static struct exec *
start(struct faust *f, const struct external_plan *plan, struct why *why)
{
	const char *args[] = {f->job->host, decimal(&f->arena, f->job->team_number),
	    decimal(&f->arena, f->job->tick)};
	struct exec_options o;

	external_options(plan, &f->arena, args, sizeof args / sizeof args[0], &o);
	o.env = environment(plan, &f->arena);
	o.timeout_ms = f->job->timeout_ms;
	if (plan->action_timeout_ms > 0 && plan->action_timeout_ms < o.timeout_ms)
		o.timeout_ms = plan->action_timeout_ms;
	f->job->timeout_ms = o.timeout_ms;
	o.duplex = true;
	o.on_data = on_data;
	o.done = on_done;
	o.ctx = f;
	if (f->host->exec == NULL) {
		(void)why_set(why, ERR_UNSUPPORTED, "no programs can be started here");
		return NULL;
	}
	return exec_start(f->host->exec, &o, why);
}

static void
on_cancel(struct task *task)
{
	struct faust *f = (struct faust *)task; /* the task is its first member */

	exec_cancel(f->exec);
	host_leave(f->host, &f->task);
	release(f);
}

void
faust_start(struct host *host, const struct program *program, struct job *job, struct arena *arena)
{
	struct faust *f = mem_alloc(sizeof *f);
	struct why why;

	f->host = host;
	f->job = job;
	f->arena = *arena;
	*arena = (struct arena){0};
	f->task.cancel = on_cancel;
	uv_update_time(host->loop);
	report_init(&f->report, job, &f->arena, host->loop);
	state_open(&f->state, job->state, &f->arena);
	buf_init(&f->input, INPUT_BYTES + 1);
	host_enter(host, &f->task);
	if ((f->exec = start(f, program->external, &why)) == NULL)
		finish(f, ST_FAULT, why.text);
}
