#include "ctl/trial.h"
#include "api/checker_plan.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/time.h"
#include "checker/protocol.h"
#include "core/kept.h"
#include "dispatch/dispatch.h"
#include "net/child.h"
#include "net/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUEUE_MAX_BYTES (64u * 1024 * 1024)
#define READY_MS 15000
#define SPARE_MS 5000 /* beyond a round's own time, for the checker to say so */
#define STOP_GRACE_MS 2000
#define PATH_BYTES 4096

/* One system over the trial's ticks. */
struct subject {
	struct trial_result result;
	char *message, *trace;
	char **saved; /* by tick: what its round kept, or NULL */
	char *kept;   /* for the whole trial, or NULL */
};

struct trial {
	struct trial_options o;
	struct loop *loop;
	struct timer *timer;
	struct child *child; /* NULL once it has ended */
	struct dispatch *dispatch;
	struct checker_plan plan; /* the drill's limits: what is too much at once would look down */
	char sandbox[32], note[512]; /* as the checker said; see trial_sandbox */
	struct check_target *targets;
	const char **names, **programs;
	struct flag_codec *codec;
	struct subject *subjects;
	struct trial_result *results;
	const bool *wanted;
	size_t left;
	int64_t longest_ms; /* what a round may take at most */
	int64_t
	    virtual_ms; /* the dispatcher's clock: it stands at the moment when all jobs are due */
	bool heard;     /* the checker has said that it is ready */
	bool late;      /* the timer has run out */
};

/* ---- what the dispatcher asks for ---- */

static bool
was_placed(const struct subject *s, int32_t tick, int slot)
{
	char key[32];

	snprintf(key, sizeof key, "\"s%d." SAVED_PLACED "\":", slot);
	return s->saved[tick] != NULL && strstr(s->saved[tick], key) != NULL;
}

static size_t
on_flags(void *ctx, uint32_t system, int32_t tick, struct check_flag *out, size_t max)
{
	struct trial *t = ctx;
	const struct scenario *sc = t->o.scenario;
	struct subject *s = &t->subjects[system];
	bool all =
	    scenario_challenge(sc, sc->systems[system].challenge)->contract == CONTRACT_FAUST;
	int32_t oldest = tick - (all ? FAUST_TICKS : sc->config.flag_ticks - 1);
	size_t n = 0;

	for (int32_t at = tick; at >= 0 && at >= oldest; at--) {
		for (int slot = 0; slot < sc->config.systems[system].slots && n < max; slot++) {
			struct flag f = {at, (uint16_t)system, (uint8_t)slot};

			if (at != tick && !all && !was_placed(s, at, slot))
				continue;
			out[n] = (struct check_flag){.tick = at, .slot = slot};
			out[n].saved = s->saved[at] != NULL ? s->saved[at] : "";
			flag_write(t->codec, &f, out[n].text);
			flag_seed(t->codec, &f, out[n++].seed);
		}
	}
	return n;
}

static const char *
on_state(void *ctx, uint32_t system)
{
	const struct trial *t = ctx;

	return t->subjects[system].kept != NULL ? t->subjects[system].kept : "";
}

static enum err
on_send(void *ctx, unsigned worker, const char *line, size_t len)
{
	struct trial *t = ctx;

	(void)worker;
	return t->child != NULL ? child_send(t->child, line, len) : ERR_CLOSED;
}

static void
replace(char **text, const char *with)
{
	free(*text);
	*text = mem_strdup(with);
}

static void
on_result(void *ctx, const struct check_result *r)
{
	struct trial *t = ctx;
	struct subject *s = &t->subjects[r->system];

	replace(&s->message, r->message);
	replace(&s->trace, r->trace);
	if (r->saved[0] != '\0')
		replace(&s->saved[r->tick], r->saved);
	if (r->state[0] != '\0')
		(void)!kept_add(&s->kept, r->state);
	t->results[r->system] = (struct trial_result){.done = true,
	    .status = r->status,
	    .ms = r->ms,
	    .message = s->message,
	    .trace = s->trace};
	timer_at(t->timer, time_mono_ms() + t->longest_ms + SPARE_MS);
	if (--t->left == 0)
		loop_stop(t->loop);
}

static void
on_ready(void *ctx, unsigned worker, const char *sandbox, const char *note)
{
	struct trial *t = ctx;

	(void)worker;
	snprintf(t->sandbox, sizeof t->sandbox, "%s", sandbox);
	snprintf(t->note, sizeof t->note, "%s", note);
}

/* ---- the checker ---- */

static void
on_line(void *ctx, const char *line, size_t len)
{
	struct trial *t = ctx;
	struct why why;

	if (dispatch_line(t->dispatch, 0, line, len, &why) != ERR_OK) {
		log_error("checker", "it said what it may not: %s", why.text);
		child_stop(t->child, 0);
		return;
	}
	if (!t->heard)
		loop_stop(t->loop);
	t->heard = true;
	if (t->left > 0)
		(void)dispatch_step(t->dispatch, t->virtual_ms);
}

static void
on_ended(void *ctx, int status)
{
	struct trial *t = ctx;

	(void)status;
	t->child = NULL;
	dispatch_worker_down(t->dispatch, 0);
	loop_stop(t->loop);
}

static void
on_timer(void *ctx)
{
	struct trial *t = ctx;

	t->late = true;
	loop_stop(t->loop);
}

static bool
beside_us(const char *name, char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size - strlen(name) - 1);
	char *slash;

	if (n <= 0)
		return false;
	out[n] = '\0';
	slash = strrchr(out, '/');
	strcpy(slash + 1, name);
	return true;
}

static enum err
start_checker(struct trial *t, struct why *why)
{
	char beside[PATH_BYTES], in_flight[16];
	const char *argv[] = {t->o.program, "--user", t->o.user, "--exec-user", t->o.exec_user,
	    "--sandbox", t->o.sandbox, "--in-flight", in_flight, NULL};
	struct child_options o = {.argv = argv,
	    .line_max_bytes = RESULT_LINE_MAX_BYTES,
	    .queue_max_bytes = QUEUE_MAX_BYTES,
	    .on_line = on_line,
	    .on_exit = on_ended,
	    .ctx = t};
	enum err e;

	snprintf(in_flight, sizeof in_flight, "%u", t->o.in_flight);
	if (argv[0] == NULL) {
		if (!beside_us("drill-checker", beside, sizeof beside))
			return why_set(why, ERR_IO, "give --checker FILE");
		argv[0] = beside;
	}
	if (access(argv[0], X_OK) != 0)
		return why_set(
		    why, ERR_IO, "%s: %s; give --checker FILE", argv[0], strerror(errno));
	if ((e = child_spawn(t->loop, &o, &t->child, why)) != ERR_OK)
		return e;
	dispatch_worker_up(t->dispatch, 0);
	timer_at(t->timer, time_mono_ms() + READY_MS);
	while (!t->heard && !t->late && t->child != NULL)
		loop_run(t->loop);
	return t->heard ? ERR_OK : why_set(why, ERR_IO, "%s did not get ready", argv[0]);
}

/* ---- life ---- */

static void
make_targets(struct trial *t)
{
	const struct scenario *s = t->o.scenario;
	size_t systems = s->config.system_count;

	t->targets = mem_array(systems, sizeof *t->targets);
	t->subjects = mem_array(systems, sizeof *t->subjects);
	t->results = mem_array(systems, sizeof *t->results);
	for (size_t i = 0; i < systems; i++) {
		uint16_t team = s->config.systems[i].team;
		const struct challenge *c = scenario_challenge(s, s->systems[i].challenge);

		t->targets[i] = (struct check_target){.challenge = s->systems[i].challenge,
		    .host = s->systems[i].host,
		    .port = s->systems[i].port,
		    .timeout_ms = c->timeout_ms,
		    .team_id = s->config.teams[team].id,
		    .team_name = s->config.teams[team].name.zh,
		    .team_number = team + 1,
		    .group = c->contract};
		t->subjects[i].saved = mem_array((size_t)t->o.ticks_max, sizeof(char *));
		if (c->timeout_ms > t->longest_ms)
			t->longest_ms = c->timeout_ms;
	}
}

static void
make_dispatch(struct trial *t)
{
	const struct scenario *s = t->o.scenario;

	t->names = mem_array(s->challenge_count, sizeof *t->names);
	t->programs = mem_array(s->challenge_count, sizeof *t->programs);
	for (size_t i = 0; i < s->challenge_count; i++) {
		t->names[i] = s->challenges[i].id;
		t->programs[i] = s->challenges[i].program;
	}
	t->plan = checker_plan(s, 1, t->o.in_flight, process_cores());
	t->dispatch = dispatch_new(&(struct dispatch_options){.targets = t->targets,
	    .target_count = s->config.system_count,
	    .program_names = t->names,
	    .programs = t->programs,
	    .program_count = s->challenge_count,
	    .groups = t->plan.groups,
	    .group_count = CONTRACT_COUNT,
	    .ready = on_ready,
	    .in_flight_max = t->o.in_flight,
	    .tick_ms = s->config.tick_ms,
	    .verbose = true,
	    .flags = on_flags,
	    .state = on_state,
	    .send = on_send,
	    .result = on_result,
	    .ctx = t});
}

enum err
trial_open(const struct trial_options *o, struct trial **out, struct why *why)
{
	struct trial *t = mem_alloc(sizeof *t);
	uint8_t key[FLAG_KEY_BYTES];
	enum err e;

	t->o = *o;
	random_bytes(key, sizeof key);
	t->codec = flag_codec_new(o->scenario->config.flag_prefix, key);
	mem_wipe(key, sizeof key);
	make_targets(t);
	make_dispatch(t);
	if ((e = loop_open(&t->loop, why)) == ERR_OK) {
		t->timer = timer_new(t->loop, on_timer, t);
		e = start_checker(t, why);
	}
	if (e != ERR_OK) {
		trial_close(t);
		return e;
	}
	*out = t;
	return ERR_OK;
}

static bool
not_wanted(void *ctx, uint32_t system)
{
	const struct trial *t = ctx;

	return t->wanted != NULL && !t->wanted[system];
}

/*
 * The dispatcher spreads a tick's jobs over the first 80 % of it: its clock is set to that moment, and the tick
 * made so long that what is left of it is enough for the longest round.
 */
const struct trial_result *
trial_round(struct trial *t, int32_t tick, const bool *wanted)
{
	size_t systems = t->o.scenario->config.system_count;
	int64_t span_ms = 10 * (t->longest_ms + SPARE_MS), begins_ms = t->virtual_ms + span_ms;
	uint64_t seed;

	t->wanted = wanted;
	memset(t->results, 0, systems * sizeof *t->results);
	t->left = 0;
	t->late = false;
	for (size_t i = 0; i < systems; i++)
		t->left += wanted == NULL || wanted[i];
	random_bytes(&seed, sizeof seed);
	dispatch_open_tick(t->dispatch, tick, begins_ms, begins_ms + span_ms, seed, not_wanted, t);
	t->virtual_ms = begins_ms + span_ms * 8 / 10;
	timer_at(t->timer, time_mono_ms() + t->longest_ms + SPARE_MS);
	(void)dispatch_step(t->dispatch, t->virtual_ms);
	while (t->left > 0 && !t->late && t->child != NULL)
		loop_run(t->loop);
	dispatch_close_tick(t->dispatch);
	timer_stop(t->timer);
	return t->results;
}

const struct checker_plan *
trial_plan(const struct trial *t)
{
	return &t->plan;
}

const char *
trial_sandbox(const struct trial *t, const char **note)
{
	*note = t->note;
	return t->sandbox;
}

static void
free_subjects(struct trial *t)
{
	for (size_t i = 0; i < t->o.scenario->config.system_count; i++) {
		struct subject *s = &t->subjects[i];

		for (int32_t tick = 0; tick < t->o.ticks_max; tick++)
			free(s->saved[tick]);
		free(s->saved);
		free(s->kept);
		free(s->message);
		free(s->trace);
	}
	free(t->subjects);
}

void
trial_close(struct trial *t)
{
	if (t->child != NULL) {
		t->left = 0;
		child_stop(t->child, STOP_GRACE_MS);
		while (t->child != NULL)
			loop_run(t->loop);
	}
	if (t->timer != NULL)
		timer_close(t->timer);
	if (t->loop != NULL && loop_close(t->loop) != ERR_OK)
		log_error("loop", "something was left open");
	dispatch_free(t->dispatch);
	flag_codec_free(t->codec);
	free_subjects(t);
	free(t->targets);
	free(t->results);
	free(t->names);
	free(t->programs);
	free(t);
}
