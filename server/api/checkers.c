#include "api/checkers.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "checker/protocol.h"
#include "core/event.h"
#include "net/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESTART_MIN_MS 100
#define RESTART_MAX_MS 5000
#define HEALTHY_MS 10000 /* who lived so long is restarted at once again */
#define STOP_GRACE_MS 2000
#define QUEUE_MAX_BYTES (16u * 1024 * 1024)

struct worker {
	struct checkers *owner;
	unsigned number;
	struct child *child; /* NULL while it is not running */
	struct timer *restart;
	int64_t started_ms;
	int64_t delay_ms;
};

struct checkers {
	struct checkers_options options;
	struct dispatch *dispatch;
	struct check_target *targets;
	const char **names;
	const char **programs;
	struct worker *workers;
	unsigned running;
	bool stopping;
	char sandbox[MESSAGE_MAX_BYTES + 64]; /* what has been logged of it */
};

/* ---- what the dispatcher asks for ---- */

static size_t
on_flags(void *ctx, uint32_t system, int32_t tick, struct check_flag *out, size_t max)
{
	struct checkers *c = ctx;

	return drill_check_flags(c->options.drill, system, tick, out, max);
}

static const char *
on_state(void *ctx, uint32_t system)
{
	struct checkers *c = ctx;

	return game_kept(c->options.drill->game, system);
}

static enum err
on_send(void *ctx, unsigned worker, const char *line, size_t len)
{
	struct checkers *c = ctx;
	struct child *child = c->workers[worker].child;
	enum err e = child != NULL ? child_send(child, line, len) : ERR_CLOSED;

	/* It does not read what it is sent: end it; its jobs are faults, and another one takes over. */
	if (e != ERR_OK && child != NULL)
		child_stop(child, 0);
	return e;
}

static void
on_result(void *ctx, const struct check_result *r)
{
	struct checkers *c = ctx;

	/* What we cut short ourselves is no result: after the restart it is checked again. */
	if (!c->stopping)
		drill_check_result(c->options.drill, r);
}

/* All checkers of a machine get the same: it is said once, and again when it is another. */
static void
on_ready(void *ctx, unsigned worker, const char *sandbox, const char *note)
{
	struct checkers *c = ctx;
	char text[sizeof c->sandbox];
	bool fine = note[0] == '\0';

	(void)worker;
	snprintf(text, sizeof text, "external programs run in %s%s%s",
	    strcmp(sandbox, "rlimits") == 0 ? "limits alone (rlimits)" : sandbox, fine ? "" : ": ",
	    note);
	if (strcmp(text, c->sandbox) == 0)
		return;
	memcpy(c->sandbox, text, sizeof text);
	log_write(fine ? LOG_INFO : LOG_WARN, "checkers", "%s", text);
}

/* ---- one process ---- */

static void worker_start(struct worker *w);

static void
on_line(void *ctx, const char *line, size_t len)
{
	struct worker *w = ctx;
	struct why why;

	if (dispatch_line(w->owner->dispatch, w->number, line, len, &why) == ERR_OK)
		return;
	log_error("checkers", "checker %u said what it may not: %s; it is restarted", w->number,
	    why.text);
	child_stop(w->child, 0);
}

static void
all_stopped(struct checkers *c)
{
	for (unsigned i = 0; i < c->options.plan.processes; i++) {
		timer_close(c->workers[i].restart);
		c->workers[i].restart = NULL;
	}
	c->options.stopped(c->options.ctx);
}

static void
restart_later(struct worker *w)
{
	timer_at(w->restart, time_mono_ms() + w->delay_ms);
	w->delay_ms = w->delay_ms * 2 < RESTART_MAX_MS ? w->delay_ms * 2 : RESTART_MAX_MS;
}

static void
on_ended(void *ctx, int status)
{
	struct worker *w = ctx;
	struct checkers *c = w->owner;

	w->child = NULL;
	c->running--;
	dispatch_worker_down(c->dispatch, w->number);
	if (c->stopping) {
		if (c->running == 0)
			all_stopped(c);
		return;
	}
	if (time_mono_ms() - w->started_ms > HEALTHY_MS)
		w->delay_ms = RESTART_MIN_MS;
	log_warn("checkers", "checker %u ended with status %d; again in %lld ms", w->number, status,
	    (long long)w->delay_ms);
	restart_later(w);
}

static void
worker_start(struct worker *w)
{
	struct checkers *c = w->owner;
	char in_flight[16];
	const char *argv[] = {c->options.program, "--user", c->options.user, "--exec-user",
	    c->options.exec_user, "--sandbox", c->options.sandbox, "--in-flight", in_flight, NULL};
	struct child_options o = {.argv = argv,
	    .line_max_bytes = RESULT_LINE_MAX_BYTES,
	    .queue_max_bytes = QUEUE_MAX_BYTES,
	    .on_line = on_line,
	    .on_exit = on_ended,
	    .ctx = w};
	struct why why;

	snprintf(in_flight, sizeof in_flight, "%u", c->options.plan.in_flight);
	w->started_ms = time_mono_ms();
	if (child_spawn(c->options.loop, &o, &w->child, &why) != ERR_OK) {
		log_error("checkers", "checker %u cannot be started: %s", w->number, why.text);
		w->child = NULL;
		restart_later(w);
		return;
	}
	c->running++;
	dispatch_worker_up(c->dispatch, w->number);
}

static void
on_restart_due(void *ctx)
{
	struct worker *w = ctx;

	if (!w->owner->stopping && w->child == NULL)
		worker_start(w);
}

/* ---- all of them ---- */

static struct check_target
check_target_make(const struct scenario *s, size_t system)
{
	const struct scenario_system *at = &s->systems[system];
	const struct challenge *challenge = scenario_challenge(s, at->challenge);
	const struct system_config *config = &s->config.systems[system];

	return (struct check_target){.challenge = at->challenge,
	    .host = at->host,
	    .port = at->port,
	    .timeout_ms = challenge->timeout_ms,
	    .team_id = s->config.teams[config->team].id,
	    .team_name = s->config.teams[config->team].name.zh,
	    .team_number = config->team + 1,
	    .has_flags = config->slots > 0,
	    .group = challenge->contract,
	    .owner = config->team};
}

static void
make_dispatch(struct checkers *c)
{
	const struct scenario *s = c->options.drill->options.scenario;
	size_t systems = s->config.system_count;

	c->targets = mem_array(systems, sizeof *c->targets);
	for (size_t i = 0; i < systems; i++)
		c->targets[i] = check_target_make(s, i);
	c->names = mem_array(s->challenge_count, sizeof *c->names);
	c->programs = mem_array(s->challenge_count, sizeof *c->programs);
	for (size_t i = 0; i < s->challenge_count; i++) {
		c->names[i] = s->challenges[i].id;
		c->programs[i] = s->challenges[i].program;
	}
	c->dispatch = dispatch_new(&(struct dispatch_options){.targets = c->targets,
	    .target_count = systems,
	    .program_names = c->names,
	    .programs = c->programs,
	    .program_count = s->challenge_count,
	    .groups = c->options.plan.groups,
	    .group_count = CONTRACT_COUNT,
	    .in_flight_max = c->options.plan.in_flight,
	    .tick_ms = s->config.tick_ms,
	    .flags = on_flags,
	    .state = on_state,
	    .send = on_send,
	    .result = on_result,
	    .ready = on_ready,
	    .ctx = c});
}

struct checkers *
checkers_start(const struct checkers_options *o)
{
	struct checkers *c = mem_alloc(sizeof *c);

	c->options = *o;
	make_dispatch(c);
	log_info(
	    "checkers", "%u of them, %u checks at once each", o->plan.processes, o->plan.in_flight);
	c->workers = mem_array(o->plan.processes, sizeof *c->workers);
	for (unsigned i = 0; i < o->plan.processes; i++) {
		struct worker *w = &c->workers[i];

		w->owner = c;
		w->number = i;
		w->delay_ms = RESTART_MIN_MS;
		w->restart = timer_new(o->loop, on_restart_due, w);
		worker_start(w);
	}
	drill_attach_dispatch(o->drill, c->dispatch);
	return c;
}

void
checkers_stop(struct checkers *c)
{
	if (c->stopping)
		return;
	c->stopping = true;
	drill_attach_dispatch(c->options.drill, NULL);
	for (unsigned i = 0; i < c->options.plan.processes; i++) {
		timer_stop(c->workers[i].restart);
		if (c->workers[i].child != NULL)
			child_stop(c->workers[i].child, STOP_GRACE_MS);
	}
	if (c->running == 0)
		all_stopped(c);
}

void
checkers_free(struct checkers *c)
{
	if (c == NULL)
		return;
	dispatch_free(c->dispatch);
	free(c->targets);
	free(c->names);
	free(c->programs);
	free(c->workers);
	free(c);
}
