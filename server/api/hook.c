#include "api/hook.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/child.h"
#include "scenario/executable.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRACE_MS 2000
#define VARIABLES 5
#define VARIABLE_MAX_BYTES 2048
#define LOGGED_LINES_MAX 100
#define LINE_MAX_BYTES 500

struct hook {
	struct loop *loop;
	void (*done)(void *ctx, const struct hook_result *r);
	void *ctx;
	char *name; /* the program, for the log */
	struct child *child;
	struct timer *deadline; /* also what calls done when there is no child */
	int64_t started_ms;
	bool over; /* the deadline has come, or it was stopped */
	struct hook_result result;
	size_t tail_len;
	char line[LINE_MAX_BYTES + 1]; /* of its output, that is coming in */
	size_t line_len;
	int lines;
};

/* ---- its output ---- */

static void
log_line(struct hook *h)
{
	h->line[h->line_len] = '\0';
	utf8_repair(h->line, h->line_len);
	if (h->lines < LOGGED_LINES_MAX)
		log_info("hook", "%s: %s", h->name, h->line);
	else if (h->lines == LOGGED_LINES_MAX)
		log_info("hook", "%s says more than %d lines; no more of them here", h->name,
		    LOGGED_LINES_MAX);
	h->lines++;
	h->line_len = 0;
}

static void
keep_tail(struct hook *h, const char *data, size_t len)
{
	size_t over;

	if (len > HOOK_TAIL_MAX_BYTES) {
		data += len - HOOK_TAIL_MAX_BYTES;
		len = HOOK_TAIL_MAX_BYTES;
	}
	if (h->tail_len + len > HOOK_TAIL_MAX_BYTES) {
		over = h->tail_len + len - HOOK_TAIL_MAX_BYTES;
		memmove(h->result.tail, h->result.tail + over, h->tail_len - over);
		h->tail_len -= over;
	}
	memcpy(h->result.tail + h->tail_len, data, len);
	h->tail_len += len;
}

static void
on_output(void *ctx, const char *data, size_t len)
{
	struct hook *h = ctx;

	keep_tail(h, data, len);
	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n')
			h->line[h->line_len++] = data[i];
		if (data[i] == '\n' || h->line_len == LINE_MAX_BYTES)
			log_line(h);
	}
}

/* ---- its end ---- */

static void
finish(struct hook *h)
{
	h->result.tail[h->tail_len] = '\0';
	utf8_repair(h->result.tail, h->tail_len);
	text_tame(h->result.tail, strlen(h->result.tail), TEXT_LINES);
	timer_close(h->deadline);
	h->done(h->ctx, &h->result);
	free(h->name);
	free(h);
}

static void
on_exit_(void *ctx, int status)
{
	struct hook *h = ctx;

	if (h->line_len > 0)
		log_line(h);
	h->result.status = status;
	h->result.ms = loop_now_ms(h->loop) - h->started_ms;
	h->result.timed_out = h->over;
	h->result.ok = status == 0 && !h->over;
	log_write(h->result.ok ? LOG_INFO : LOG_ERROR, "hook",
	    "%s ended with status %d after %" PRId64 " ms%s", h->name, status, h->result.ms,
	    h->over ? "; it was stopped" : "");
	finish(h);
}

static void
on_deadline(void *ctx)
{
	struct hook *h = ctx;

	if (h->child == NULL) {
		finish(h);
		return;
	}
	log_error("hook", "%s has not ended in its time; it is stopped", h->name);
	hook_stop(h);
}

void
hook_stop(struct hook *h)
{
	if (h->child == NULL || h->over)
		return;
	h->over = true;
	timer_stop(h->deadline);
	child_stop(h->child, GRACE_MS);
}

/* ---- its beginning ---- */

static void
set_variable(char out[VARIABLE_MAX_BYTES], const char *name, const char *value)
{
	snprintf(out, VARIABLE_MAX_BYTES, "%s=%s", name, value);
	utf8_repair(out, strlen(out)); /* it may have been cut */
	text_tame(out, strlen(out), TEXT_LINE);
}

static enum err
spawn(struct hook *h, const struct scenario_hook *program, const struct hook_facts *facts,
    struct why *why)
{
	char variables[VARIABLES][VARIABLE_MAX_BYTES], at[32];
	const char *env[VARIABLES + 1] = {NULL};
	struct child_options o = {.argv = program->argv,
	    .env = env,
	    .on_output = on_output,
	    .on_exit = on_exit_,
	    .ctx = h};
	enum err e;

	snprintf(at, sizeof at, "%" PRId64, facts->at_ms);
	set_variable(variables[0], "DRILL_EVENT", facts->event);
	set_variable(variables[1], "DRILL_ID", facts->drill_id);
	set_variable(variables[2], "DRILL_ACTOR", facts->actor);
	set_variable(variables[3], "DRILL_REASON", facts->reason);
	set_variable(variables[4], "DRILL_AT_MS", at);
	for (int i = 0; i < VARIABLES; i++)
		env[i] = variables[i];
	if ((e = executable_check(program->argv[0], why)) != ERR_OK)
		return e;
	return child_spawn(h->loop, &o, &h->child, why);
}

struct hook *
hook_run(struct loop *l, const struct scenario_hook *program, const struct hook_facts *facts,
    void (*done)(void *ctx, const struct hook_result *r), void *ctx)
{
	struct hook *h = mem_alloc(sizeof *h);
	struct why why;

	h->loop = l;
	h->done = done;
	h->ctx = ctx;
	h->name = mem_strdup(program->argv[0]);
	h->started_ms = loop_now_ms(l);
	h->deadline = timer_new(l, on_deadline, h);
	if (spawn(h, program, facts, &why) == ERR_OK) {
		log_info("hook", "%s is started: %s", h->name, facts->event);
		timer_at(h->deadline, h->started_ms + program->timeout_ms);
		return h;
	}
	h->child = NULL;
	log_error("hook", "%s could not be started: %s", h->name, why.text);
	h->result.status = -1;
	keep_tail(h, why.text, strlen(why.text));
	timer_at(h->deadline, 0);
	return h;
}
