#include "api/kill_hook.h"
#include "api/hook.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

struct kill_hook {
	struct loop *loop;
	struct drill *drill;
	struct hook *running;
	size_t round; /* the last one whose program was started, from 1 */
	bool untold;  /* result is not in the journal yet */
	struct hook_result result;
	bool stopping;
	void (*stopped)(void *ctx);
	void *stopped_ctx;
};

struct kill_hook *
kill_hook_new(struct loop *l, struct drill *d)
{
	struct kill_hook *k = mem_alloc(sizeof *k);

	k->loop = l;
	k->drill = d;
	return k;
}

void
kill_hook_free(struct kill_hook *k)
{
	free(k);
}

static enum kill_outcome
outcome_of(const struct kill_hook *k)
{
	if (k->result.ok)
		return KILL_HOOK_DONE;
	if (k->stopping && k->result.timed_out)
		return KILL_HOOK_INTERRUPTED;
	return k->result.timed_out ? KILL_HOOK_TIMED_OUT : KILL_HOOK_FAILED;
}

/* While too much waits for the disk it stays untold; the commit that makes room comes back here. */
static void
tell(struct kill_hook *k)
{
	struct why why;
	enum err e = drill_kill_hook(
	    k->drill, outcome_of(k), k->result.status, k->result.ms, k->result.tail, &why);

	k->untold = e == ERR_BUSY;
	if (e != ERR_OK)
		log_error("kill", "what came of the program is not in the journal%s: %s",
		    k->untold ? " yet" : "", why.text);
}

static void
on_done(void *ctx, const struct hook_result *r)
{
	struct kill_hook *k = ctx;

	k->running = NULL;
	k->result = *r;
	tell(k);
	if (k->stopped != NULL)
		k->stopped(k->stopped_ctx);
}

static void
start(struct kill_hook *k, const struct kill_round *round)
{
	const struct scenario_hook *program = &k->drill->options.scenario->kill;
	struct hook_facts facts = {.event = "kill",
	    .drill_id = k->drill->game->config->id,
	    .actor = round->switched.by,
	    .reason = round->switched.reason,
	    .at_ms = round->switched.at_ms};

	k->round = k->drill->game->kill->count;
	k->running = hook_run(k->loop, program, &facts, on_done, k);
}

void
kill_hook_committed(struct kill_hook *k, uint64_t seq)
{
	const struct kill_round *round = kill_last(k->drill->game);

	if (k->untold)
		tell(k);
	if (round == NULL || round->outcome != KILL_HOOK_PENDING || round->seq > seq ||
	    k->round == k->drill->game->kill->count || k->stopping)
		return;
	start(k, round);
}

void
kill_hook_stop(struct kill_hook *k, void (*stopped)(void *ctx), void *ctx)
{
	k->stopping = true;
	if (k->running == NULL) {
		stopped(ctx);
		return;
	}
	k->stopped = stopped;
	k->stopped_ctx = ctx;
	hook_stop(k->running);
}
