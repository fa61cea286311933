#include "checker/eno_tasks.h"
#include "base/hash.h"
#include "checker/external_round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASK_ID_DIGITS 12 /* hexadecimal: below 2^53, so that every JSON reader takes it */

enum { GROUP_PUT, GROUP_GET, GROUP_OLDER };

static const struct {
	const char *name;
	const char *chain;
} methods[ENO_METHODS] = {
    [ENO_PUTFLAG] = {"putflag", "flag"},
    [ENO_GETFLAG] = {"getflag", "flag"},
    [ENO_PUTNOISE] = {"putnoise", "noise"},
    [ENO_GETNOISE] = {"getnoise", "noise"},
    [ENO_HAVOC] = {"havoc", "havoc"},
};

const char *
eno_method_name(enum eno_method m)
{
	return methods[m].name;
}

const char *
eno_result_name(enum eno_result r)
{
	static const char *const names[ENO_RESULTS] = {[ENO_OK] = "OK",
	    [ENO_MUMBLE] = "MUMBLE",
	    [ENO_OFFLINE] = "OFFLINE",
	    [ENO_INTERNAL_ERROR] = "INTERNAL_ERROR"};

	return names[r];
}

/* ---- what is done ---- */

static struct eno_task *
add(struct eno_tasks *out, enum eno_method method, int32_t tick, int index, int variant)
{
	struct eno_task *t = &out->items[out->count++];

	*t = (struct eno_task){.method = method, .tick = tick, .index = index, .variant = variant};
	return t;
}

static void
add_flag(struct eno_tasks *out, enum eno_method method, const struct job_flag *flag, int variants)
{
	add(out, method, flag->tick, flag->slot, flag->slot % variants)->flag = flag;
}

/* Fisher and Yates. */
static void
shuffle(const struct job *job, struct arena *arena, struct eno_task *items, size_t count,
    const char *group)
{
	char what[32];

	for (size_t i = count; i > 1; i--) {
		struct eno_task *last = &items[i - 1], *other, kept = *last;

		snprintf(what, sizeof what, "eno %s %zu", group, i);
		other = &items[external_draw(job, arena, what, (unsigned)i)];
		*last = *other;
		*other = kept;
	}
}

static void
add_puts(const struct job *job, const struct eno_variants *v, struct eno_tasks *out)
{
	for (size_t i = 0; i < job->put_count && v->flag > 0; i++)
		add_flag(out, ENO_PUTFLAG, &job->put[i], v->flag);
	for (int i = 0; i < v->noise; i++)
		add(out, ENO_PUTNOISE, job->tick, i, i);
	for (int i = 0; i < v->havoc; i++)
		add(out, ENO_HAVOC, job->tick, i, i);
}

static void
add_gets(struct eno_tasks *out)
{
	size_t puts = out->count;

	for (size_t i = 0; i < puts; i++) {
		struct eno_task *put = &out->items[i], *get;

		if (put->method == ENO_HAVOC)
			continue;
		get = &out->items[out->count++];
		*get = *put;
		get->method = put->method == ENO_PUTFLAG ? ENO_GETFLAG : ENO_GETNOISE;
		get->group = GROUP_GET;
		get->needs = put;
	}
}

void
eno_tasks_list(
    const struct job *job, const struct eno_variants *v, struct arena *arena, struct eno_tasks *out)
{
	size_t puts;

	*out = (struct eno_tasks){
	    .items = arena_array(arena,
		2 * job->put_count + job->get_count + 2 * (size_t)v->noise + (size_t)v->havoc + 1,
		sizeof *out->items)};
	add_puts(job, v, out);
	puts = out->count;
	shuffle(job, arena, out->items, puts, "put");
	add_gets(out);
	shuffle(job, arena, out->items + puts, out->count - puts, "get");
	for (size_t i = 0; i < job->get_count && v->flag > 0; i++) {
		add_flag(out, ENO_GETFLAG, &job->get[i], v->flag);
		out->items[out->count - 1].older = true;
		out->items[out->count - 1].group = GROUP_OLDER;
	}
}

/* ---- how it is named ---- */

static uint32_t
service_number(const struct job *job)
{
	uint8_t digest[SHA256_BYTES];
	char text[512];
	int n = snprintf(text, sizeof text, "%s %s %d", job->challenge, job->host, job->port);

	sha256(text, (size_t)n, digest);
	/* Within a signed 32-bit integer, as a database's key would be. */
	return (uint32_t)(digest[0] & 0x7f) << 24 | (uint32_t)digest[1] << 16 |
	       (uint32_t)digest[2] << 8 | digest[3];
}

void
eno_tasks_chain(const struct job *job, const struct eno_task *t, char out[ENO_CHAIN_BYTES])
{
	snprintf(out, ENO_CHAIN_BYTES, "%s_s%u_r%d_t%d_i%d", methods[t->method].chain,
	    (unsigned)service_number(job), t->tick + 1, job->team_number, t->index);
}

int64_t
eno_tasks_id(const struct job *job, const struct eno_task *t, struct arena *arena)
{
	const char *seed = "", *hex;
	char chain[ENO_CHAIN_BYTES], name[ENO_CHAIN_BYTES + 64];

	if (job->put_count > 0)
		seed = job->put[0].seed;
	else if (job->get_count > 0)
		seed = job->get[0].seed;
	eno_tasks_chain(job, t, chain);
	snprintf(name, sizeof name, "eno task %s %s %d", methods[t->method].name, chain, job->tick);
	hex = random_value(arena, seed,
	    &(struct random_var){.name = name, .kind = RANDOM_HEX, .length = TASK_ID_DIGITS});
	return (int64_t)strtoll(hex, NULL, 16);
}

/* ---- what its result means ---- */

enum status
eno_tasks_status(const struct eno_task *t, enum eno_result result)
{
	switch (result) {
	case ENO_OK:
		return ST_OK;
	case ENO_INTERNAL_ERROR:
	case ENO_RESULTS:
		return ST_FAULT;
	case ENO_MUMBLE:
	case ENO_OFFLINE:
		break;
	}
	/* Whether the system works is for the round's other tasks to say. */
	if (t->older)
		return ST_RECOVERING;
	if (result == ENO_OFFLINE)
		return ST_DOWN;
	return t->method == ENO_GETFLAG ? ST_CORRUPT : ST_MUMBLE;
}

bool
eno_tasks_outranks(enum status now, enum status before)
{
	if (before == ST_FAULT)
		return now != ST_NONE && now != ST_FAULT;
	if (now == ST_FAULT)
		return before == ST_NONE;
	return now > before;
}

bool
eno_tasks_idle(const struct eno_task *t, enum status so_far)
{
	if (t->needs != NULL && !t->needs->ok)
		return true;
	/* One older flag lost decides; looking for more would only cost time. */
	if (t->older)
		return so_far != ST_OK && so_far != ST_FAULT && so_far != ST_NONE;
	return so_far == ST_DOWN && t->method != ENO_PUTFLAG;
}
