/*
 * The contract of ctf01d (github.com/sea-kg/ctf01d): `checker HOST put ID FLAG`, `checker HOST check ID FLAG`. Each
 * flag of the tick is put and asked for, then the older ones, the newest first. ID is ten letters and digits.
 */
#include "checker/contract.h"
#include "checker/external_round.h"
#include "checker/vars.h"

#include <stdio.h>

#define ID_CHARACTERS 10

static void
ctf01d_first_id(const struct job_flag *flag, char out[EXTERNAL_ID_BYTES])
{
	struct arena arena = {0};

	snprintf(out, EXTERNAL_ID_BYTES, "%s",
	    random_value(&arena, flag->seed, "flag_id", RANDOM_TEXT, ID_CHARACTERS));
	arena_free(&arena);
}

static void
ctf01d_list(const struct job *job, const struct external_plan *plan, struct arena *arena,
    struct external_actions *out)
{
	(void)plan;
	(void)arena;
	out->count = 0;
	for (size_t i = 0; i < job->put_count; i++)
		out->items[out->count++] =
		    (struct external_action){.mode = EXTERNAL_PUT, .flag = &job->put[i]};
	for (size_t i = 0; i < job->put_count; i++)
		out->items[out->count++] =
		    (struct external_action){.mode = EXTERNAL_GET, .flag = &job->put[i]};
	for (size_t i = 0; i < job->get_count; i++)
		out->items[out->count++] = (struct external_action){
		    .mode = EXTERNAL_GET, .flag = &job->get[i], .older = true};
}

static size_t
ctf01d_args(const struct external_call *call, const char *out[EXTERNAL_ARGS_MAX])
{
	out[0] = call->host;
	out[1] = call->mode;
	out[2] = call->id;
	out[3] = call->flag;
	return 4;
}

const struct external_contract external_ctf01d = {
    .modes = {[EXTERNAL_PUT] = "put", [EXTERNAL_GET] = "check"},
    .list = ctf01d_list,
    .first_id = ctf01d_first_id,
    .args = ctf01d_args,
};

void
ctf01d_start(struct host *host, const struct program *program, struct job *job, struct arena *arena)
{
	external_round_start(host, program, job, arena, &external_ctf01d);
}
