#include "checker/external_round.h"
#include "base/json.h"
#include "base/mem.h"
#include "checker/random.h"
#include "checker/report.h"
#include "core/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct external_round {
	struct task task;
	struct external_round *next_waiting;
	struct host *host;
	const struct program *program;
	const struct external_contract *contract;
	struct job *job;
	struct arena arena; /* the job, and what is saved */
	struct report report;

	struct external_actions actions;
	size_t number; /* the present action */
	struct external_action present;
	int64_t limit_ms;
	struct exec *exec; /* under way; NULL between two */
	bool tried;        /* an action other than info was started */
	bool lost;         /* an older flag is gone: why is in lost_why */
	struct why lost_why;
	const char *good; /* what check printed */
};

static void next(struct external_round *x);

/* ---- choices, ids, saved values ---- */

static const char *
round_seed(const struct job *job)
{
	if (job->put_count > 0)
		return job->put[0].seed;
	return job->get_count > 0 ? job->get[0].seed : "";
}

unsigned
external_draw(const struct job *job, struct arena *arena, const char *what, unsigned n)
{
	const char *hex;
	char name[VARIABLE_NAME_MAX_BYTES];

	snprintf(name, sizeof name, "%s %d", what, job->tick);
	hex = random_value(arena, round_seed(job),
	    &(struct random_var){.name = name, .kind = RANDOM_HEX, .length = 12});
	return (unsigned)(strtoull(hex, NULL, 16) % n);
}

const char *
external_saved(const struct job_flag *flag, const char *name, struct arena *arena)
{
	struct json_t *o;
	const char *value;

	if (flag->saved[0] == '\0' ||
	    jr_parse(flag->saved, strlen(flag->saved), &o, NULL) != ERR_OK)
		return NULL;
	if ((value = jr_string(jr_get(o, name), NULL)) != NULL)
		value = arena_strdup(arena, value);
	jr_free(o);
	return value;
}

size_t
external_args(const struct external_call *call, const char *out[EXTERNAL_ARGS_MAX])
{
	out[0] = call->mode;
	out[1] = call->host;
	if (!call->has_flag)
		return 2;
	out[2] = call->id;
	out[3] = call->flag;
	out[4] = call->vuln;
	return 5;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

enum err
external_id(const char *text, size_t len, size_t max, struct arena *arena, const char **out,
    struct why *why)
{
	if (len > max)
		len = max;
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	while (len > 0 && is_blank(*text)) {
		text++;
		len--;
	}
	if (!utf8_valid(text, len))
		return why_set(
		    why, ERR_INVALID, "put printed an id that is no text (UTF-8 without NUL)");
	*out = arena_strndup(arena, text, len);
	return ERR_OK;
}

static const char *
kept_now(const struct external_round *x, int slot, const char *name)
{
	const struct saved *s = &x->report.saved;

	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].slot == slot && strcmp(s->items[i].name, name) == 0)
			return s->items[i].value;
	return NULL;
}

static const char *
id_of(struct external_round *x, const struct external_action *a)
{
	char first[EXTERNAL_ID_BYTES];
	const char *id = a->older ? external_saved(a->flag, SAVED_ID, &x->arena)
				  : kept_now(x, a->flag->slot, SAVED_ID);

	if (id != NULL)
		return id;
	x->contract->first_id(a->flag, first);
	return arena_strdup(&x->arena, first);
}

/* ---- the end ---- */

static void
release(struct external_round *x)
{
	report_free(&x->report);
	arena_free(&x->arena);
	free(x);
}

static void
finish(struct external_round *x, enum status status, const char *message)
{
	report_finish(&x->report, x->host, &x->task, status, message);
	release(x);
}

static void
finish_good(struct external_round *x)
{
	if (x->lost)
		finish(x, ST_RECOVERING, x->lost_why.text);
	else
		finish(x, ST_OK, x->contract->ok_speaks && x->good != NULL ? x->good : "");
}

/* ---- what an action said ---- */

static void
name_action(const struct external_action *a, const char *mode, char *out, size_t size)
{
	if (a->flag != NULL)
		snprintf(out, size, "%s[tick %d slot %d]", mode, a->flag->tick, a->flag->slot);
	else
		snprintf(out, size, "%s", mode);
}

static void
trace_action(struct external_round *x, const struct exec_result *r,
    const struct external_verdict *v, const char *out)
{
	const char *said = v->spoken ? out : v->said.text;
	const char *err =
	    external_text(&x->arena, x->job, r->err, r->err_len, EXTERNAL_TEXT_BYTES, true);
	char name[64];

	name_action(&x->present, x->contract->modes[x->present.mode], name, sizeof name);
	if (err[0] != '\0')
		report_trace(&x->report, "%s stderr: %s", name, err);
	if (said != out && out[0] != '\0')
		report_trace(&x->report, "%s stdout: %s", name, out);
	if (r->started && r->signal == 0 && !r->timed_out)
		report_trace(&x->report, "%s: exit %d, %lld ms, %s: %s", name, r->exit_code,
		    (long long)r->ms, status_name(v->status), said);
	else
		report_trace(&x->report, "%s: %lld ms, %s: %s", name, (long long)r->ms,
		    status_name(v->status), said);
}

static enum err
keep(struct external_round *x, const char *name, const char *value)
{
	if (value == NULL)
		return ERR_OK;
	return saved_set(&x->report.saved, &x->arena, x->present.flag->slot, name, value);
}

/* The flag is in the system: keeps what later rounds need to find it, the mark that it is there last. */
static enum err
keep_placed(struct external_round *x, const struct exec_result *r, struct why *why)
{
	struct external_placed p = {NULL, NULL};
	const char *vuln = NULL;
	char text[16];
	enum err e;

	if (x->contract->placed != NULL &&
	    (e = x->contract->placed(x->program->external, r, &x->arena, &p, why)) != ERR_OK)
		return e;
	if (x->present.vuln > 0 && x->present.vuln != x->present.flag->slot + 1) {
		snprintf(text, sizeof text, "%d", x->present.vuln);
		vuln = text;
	}
	if (p.public_id != NULL)
		p.public_id = external_text(&x->arena, x->job, p.public_id, strlen(p.public_id),
		    EXTERNAL_TEXT_BYTES, false);
	if ((e = keep(x, SAVED_ID, p.id)) != ERR_OK ||
	    (e = keep(x, SAVED_PUBLIC, p.public_id)) != ERR_OK ||
	    (e = keep(x, SAVED_VULN, vuln)) != ERR_OK || (e = keep(x, SAVED_PLACED, "1")) != ERR_OK)
		return why_set(why, e,
		    "put printed an id too long to keep: all that is kept of a round has room in "
		    "%d bytes",
		    SAVED_MAX_BYTES);
	return ERR_OK;
}

static void
lose_older(struct external_round *x, const char *said)
{
	x->lost = true;
	(void)why_set(&x->lost_why, ERR_OK, "flag of tick %d: %s", x->present.flag->tick, said);
}

static void
failed(struct external_round *x, const struct external_verdict *v, const char *said)
{
	/* The rest may still work, or be worse: that decides. */
	if (x->present.older && v->status == ST_CORRUPT) {
		lose_older(x, said);
		next(x);
	} else {
		finish(x, v->status, said);
	}
}

static void
on_done(void *ctx, const struct exec_result *r)
{
	struct external_round *x = ctx;
	struct external_verdict v;
	struct why why;
	const char *out, *said;

	x->exec = NULL;
	external_judge(r, x->limit_ms, &v);
	out = external_text(&x->arena, x->job, r->out, r->out_len, EXTERNAL_TEXT_BYTES, false);
	trace_action(x, r, &v, out);
	if (v.status == ST_OK && x->present.mode == EXTERNAL_PUT &&
	    keep_placed(x, r, &why) != ERR_OK) {
		finish(x, ST_FAULT, why.text);
		return;
	}
	if (v.status == ST_OK && x->present.mode == EXTERNAL_CHECK && x->good == NULL)
		x->good = out;
	said = v.spoken && out[0] != '\0' ? out : v.said.text;
	if (v.status == ST_OK)
		next(x);
	else
		failed(x, &v, said);
}

/* ---- starting ---- */

static int64_t
time_left_ms(const struct external_round *x)
{
	int64_t left = x->job->timeout_ms - report_elapsed_ms(&x->report);
	int64_t limit = x->program->external->action_timeout_ms;

	return limit > 0 && limit < left ? limit : left;
}

static struct exec *
start(
    struct external_round *x, void (*done)(void *ctx, const struct exec_result *r), struct why *why)
{
	const struct external_action *a = &x->present;
	const char *args[EXTERNAL_ARGS_MAX];
	struct external_call call = {.mode = x->contract->modes[a->mode],
	    .host = x->job->host,
	    .id = a->flag != NULL ? id_of(x, a) : "",
	    .flag = a->flag != NULL ? a->flag->flag : "",
	    .has_flag = a->flag != NULL};
	struct exec_options o;
	char vuln[16], port[16];
	size_t count = 1;

	snprintf(vuln, sizeof vuln, "%d", a->vuln);
	snprintf(port, sizeof port, "%d", x->job->port);
	call.vuln = vuln;
	call.port = port;
	if (a->mode == EXTERNAL_INFO)
		args[0] = call.mode;
	else
		count = x->contract->args(&call, args);
	external_options(x->program->external, &x->arena, args, count, &o);
	o.timeout_ms = x->limit_ms;
	o.done = done;
	o.ctx = x;
	if (x->host->exec == NULL) {
		(void)why_set(why, ERR_UNSUPPORTED, "no programs can be started here");
		return NULL;
	}
	return exec_start(x->host->exec, &o, why);
}

static void
out_of_time(struct external_round *x)
{
	struct why said;

	/* Before the system was asked anything, the time went by here. */
	if (!x->tried) {
		finish(x, ST_FAULT, "no time was left for the check");
		return;
	}
	(void)why_set(&said, ERR_OK, "timed out after %lld ms", (long long)x->job->timeout_ms);
	report_trace(&x->report, "%s", said.text);
	finish(x, ST_DOWN, said.text);
}

static void
start_present(struct external_round *x)
{
	struct why why;

	uv_update_time(x->host->loop); /* or the deadline would count from the turn's beginning */
	x->limit_ms = time_left_ms(x);
	if (x->limit_ms <= 0) {
		out_of_time(x);
		return;
	}
	x->tried = true;
	if ((x->exec = start(x, on_done, &why)) == NULL)
		finish(x, ST_FAULT, why.text);
}

/* Starts the next action, or ends the round after the last. One older flag lost decides: no other is asked for. */
static void
next(struct external_round *x)
{
	while (x->number < x->actions.count && x->lost && x->actions.items[x->number].older)
		x->number++;
	if (x->number == x->actions.count) {
		finish_good(x);
		return;
	}
	x->present = x->actions.items[x->number++];
	start_present(x);
}

static void
begin(struct external_round *x)
{
	x->contract->list(x->job, x->program->external, &x->arena, &x->actions);
	next(x);
}

/* ---- what the program says of itself ---- */

static void
wait_for_info(struct external_round *x)
{
	struct external_round **end = &x->program->external->memo->waiting;

	while (*end != NULL)
		end = &(*end)->next_waiting;
	*end = x;
}

static void
stop_waiting(struct external_round *x)
{
	struct external_round **at = &x->program->external->memo->waiting;

	while (*at != NULL && *at != x)
		at = &(*at)->next_waiting;
	if (*at == x)
		*at = x->next_waiting;
}

/* Those who waited go on, or share the fault. Whoever comes meanwhile waits for another answer. */
static void
wake_waiting(struct external_memo *memo, const char *fault)
{
	size_t count = 0;

	for (struct external_round *w = memo->waiting; w != NULL; w = w->next_waiting)
		count++;
	while (count-- > 0 && memo->waiting != NULL) {
		struct external_round *w = memo->waiting;

		memo->waiting = w->next_waiting;
		if (fault != NULL)
			finish(w, ST_FAULT, fault);
		else
			begin(w);
	}
}

static void
on_info(void *ctx, const struct exec_result *r)
{
	struct external_round *x = ctx;
	struct external_memo *memo = x->program->external->memo;
	struct external_verdict v;
	struct why fault;
	bool ended = r->started && !r->timed_out && r->signal == 0;

	x->exec = NULL;
	memo->asking = NULL;
	external_judge(r, x->limit_ms, &v);
	trace_action(x, r, &v,
	    external_text(&x->arena, x->job, r->out, r->out_len, EXTERNAL_TEXT_BYTES, false));
	if (!ended) {
		(void)why_set(&fault, ERR_OK, "info: %s", v.said.text);
		finish(x, ST_FAULT, fault.text);
		wake_waiting(memo, fault.text);
		return;
	}
	memo->known = true;
	x->contract->informed(memo, r->exit_code == EXIT_UP ? r->out : NULL,
	    r->exit_code == EXIT_UP ? r->out_len : 0);
	begin(x);
	wake_waiting(memo, NULL);
}

static void
ask_info(struct external_round *x)
{
	struct external_memo *memo = x->program->external->memo;
	struct why why;

	if (memo->asking != NULL) {
		wait_for_info(x);
		return;
	}
	x->present = (struct external_action){.mode = EXTERNAL_INFO};
	x->limit_ms = time_left_ms(x);
	if ((x->exec = start(x, on_info, &why)) != NULL)
		memo->asking = x;
	else
		finish(x, ST_FAULT, why.text);
}

/* ---- life ---- */

static void
on_cancel(struct task *task)
{
	struct external_round *x = (struct external_round *)task; /* the task is its first member */

	if (x->exec != NULL)
		exec_cancel(x->exec);
	if (x->program->external->memo->asking == x)
		x->program->external->memo->asking = NULL;
	stop_waiting(x);
	host_leave(x->host, &x->task);
	release(x);
}

void
external_round_start(struct host *host, const struct program *program, struct job *job,
    struct arena *arena, const struct external_contract *contract)
{
	struct external_round *x = mem_alloc(sizeof *x);

	x->host = host;
	x->program = program;
	x->contract = contract;
	x->job = job;
	x->arena = *arena;
	*arena = (struct arena){0};
	x->task.cancel = on_cancel;
	uv_update_time(host->loop);
	report_init(&x->report, job, &x->arena, host->loop);
	host_enter(host, &x->task);
	if (contract->informed != NULL && !program->external->memo->known)
		ask_info(x);
	else
		begin(x);
}
