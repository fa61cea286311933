/*
 * The contract of ForcAD (github.com/pomo-mondreganto/ForcAD): `checker check HOST`, `checker put|get HOST ID FLAG
 * VULN`. One check, `puts` puts to places chosen at random, `gets` gets of rounds chosen at random, of each a flag
 * chosen at random. VULN is the slot and 1. Tags say what put prints: see forcad_placed.
 */
#include "checker/contract.h"
#include "checker/external_round.h"
#include "checker/random.h"

#include <stdio.h>
#include <string.h>

#define ID_HEX_DIGITS 40

/* As all that Python's `secrets` is asked for there; only that a re-run draws the same. */
static void
forcad_first_id(const struct job_flag *flag, char out[EXTERNAL_ID_BYTES])
{
	struct arena arena = {0};

	snprintf(out, EXTERNAL_ID_BYTES, "%s",
	    random_value(&arena, flag->seed,
		&(struct random_var){
		    .name = "flag_id", .kind = RANDOM_HEX, .length = ID_HEX_DIGITS}));
	arena_free(&arena);
}

/* An order of n things: order[0] comes first. */
static void
shuffle(
    const struct job *job, struct arena *arena, const char *what, unsigned *order, unsigned count)
{
	char name[32];

	for (unsigned i = 0; i < count; i++)
		order[i] = i;
	for (unsigned i = count; i > 1; i--) {
		unsigned other, swap = order[i - 1];

		snprintf(name, sizeof name, "%s %u", what, i);
		other = external_draw(job, arena, name, i);
		order[i - 1] = order[other];
		order[other] = swap;
	}
}

static void
add(struct external_actions *out, enum external_mode mode, const struct job_flag *flag, bool older)
{
	out->items[out->count++] = (struct external_action){
	    .mode = mode, .flag = flag, .older = older, .vuln = flag != NULL ? flag->slot + 1 : 0};
}

/* The flags of one round as they can be asked for: a run of the list of older ones, or what this round puts. */
struct asked {
	const struct job_flag **flags;
	size_t count;
	bool older;
};

/* The rounds whose flags may be asked for: this one (what it has put), and those of the older flags. */
static size_t
list_rounds(const struct job *job, const struct external_actions *put, struct arena *arena,
    struct asked *out)
{
	size_t rounds = 0;

	out[rounds].flags = arena_array(arena, put->count + 1, sizeof *out->flags);
	for (size_t i = 0; i < put->count; i++)
		if (put->items[i].mode == EXTERNAL_PUT)
			out[rounds].flags[out[rounds].count++] = put->items[i].flag;
	if (out[rounds].count > 0)
		rounds++;
	for (size_t i = 0; i < job->get_count; i++) {
		if (i == 0 || job->get[i].tick != job->get[i - 1].tick)
			out[rounds++] = (struct asked){
			    .flags = arena_array(arena, job->get_count, sizeof *out->flags),
			    .older = true};
		out[rounds - 1].flags[out[rounds - 1].count++] = &job->get[i];
	}
	return rounds;
}

static void
add_gets(const struct job *job, unsigned gets, struct arena *arena, struct external_actions *out)
{
	struct asked *rounds = arena_array(arena, job->get_count + 1, sizeof *rounds);
	unsigned count = (unsigned)list_rounds(job, out, arena, rounds);
	unsigned *order = arena_array(arena, count + 1, sizeof *order);
	char name[32];

	shuffle(job, arena, "round", order, count);
	for (unsigned i = 0; i < count && i < gets; i++) {
		const struct asked *r = &rounds[order[i]];
		unsigned which;

		snprintf(name, sizeof name, "flag %u", i);
		which = external_draw(job, arena, name, (unsigned)r->count);
		add(out, EXTERNAL_GET, r->flags[which], r->older);
	}
}

static void
forcad_list(const struct job *job, const struct external_plan *plan, struct arena *arena,
    struct external_actions *out)
{
	unsigned places = (unsigned)job->put_count, order[JOB_FLAGS_MAX];

	out->count = 0;
	add(out, EXTERNAL_CHECK, NULL, false);
	shuffle(job, arena, "place", order, places);
	for (unsigned i = 0; i < places && i < (unsigned)plan->puts; i++)
		add(out, EXTERNAL_PUT, &job->put[order[i]], false);
	add_gets(job, (unsigned)plan->gets, arena, out);
}

/* default: stdout is the new id; pfr: stderr is, and stdout is for all teams to see; nfr: the id stays. */
static enum err
forcad_placed(const struct external_plan *plan, const struct exec_result *r, struct arena *arena,
    struct external_placed *out, struct why *why)
{
	switch (plan->forcad_tag) {
	case FORCAD_DEFAULT:
		return external_id(r->out, r->out_len, EXTERNAL_TEXT_BYTES, arena, &out->id, why);
	case FORCAD_PFR:
		out->public_id = arena_strndup(arena, r->out, r->out_len);
		return external_id(r->err, r->err_len, EXTERNAL_TEXT_BYTES, arena, &out->id, why);
	case FORCAD_NFR:
		break;
	}
	return ERR_OK;
}

const struct external_contract external_forcad = {
    .modes = {[EXTERNAL_CHECK] = "check", [EXTERNAL_PUT] = "put", [EXTERNAL_GET] = "get"},
    .ok_speaks = true,
    .list = forcad_list,
    .first_id = forcad_first_id,
    .args = external_args,
    .placed = forcad_placed,
};

void
forcad_start(struct host *host, const struct program *program, struct job *job, struct arena *arena)
{
	external_round_start(host, program, job, arena, &external_forcad);
}
