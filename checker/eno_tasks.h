/*
 * What a round of the contract eno asks its checker to do, in which order, and what the results mean. Pure.
 * Source: EnoEngine (github.com/enowars/EnoEngine), EnoDatabase/EnoDb.cs, EnoLauncher/EnoLauncher.cs,
 * EnoCore.Models/Database/CheckerTask.cs. Used by contract_eno.c and eno_message.c.
 */
#ifndef DRILLD_CHECKER_ENO_TASKS_H
#define DRILLD_CHECKER_ENO_TASKS_H

#include "base/arena.h"
#include "checker/protocol.h"

#define ENO_VARIANTS_MAX 64
#define ENO_CHAIN_BYTES 96 /* of a chain's id, with its NUL */

enum eno_method { ENO_PUTFLAG, ENO_GETFLAG, ENO_PUTNOISE, ENO_GETNOISE, ENO_HAVOC, ENO_METHODS };

enum eno_result { ENO_OK, ENO_MUMBLE, ENO_OFFLINE, ENO_INTERNAL_ERROR, ENO_RESULTS };

/* What GET /service says: how many variants of each there are, numbered from 0. */
struct eno_variants {
	int flag, noise, havoc; /* 0 to ENO_VARIANTS_MAX */
};

struct eno_task {
	enum eno_method method;
	const struct job_flag *flag; /* putflag, getflag */
	int32_t tick;                /* which its chain began in */
	int index; /* the chain's number in that tick: the flag's slot, or the variant */
	int variant;
	bool older; /* a flag of an earlier tick */
	int group;  /* tasks of one may run at once, a later one's after an earlier one's */
	struct eno_task *needs; /* only if that went well */
	bool ok;
};

struct eno_tasks {
	struct eno_task *items; /* in the arena */
	size_t count;
};

const char *eno_method_name(enum eno_method m); /* "putflag" */
const char *eno_result_name(enum eno_result r); /* "OK" */

/*
 * All of a round in three groups: flags, noise put and havoc; then what was put is asked for; then the older flags,
 * the newest tick first. The first two are in an order drawn from the job's seeds, so that a system cannot tell what
 * comes next. Without flag variants no flag is put or asked for.
 */
void eno_tasks_list(const struct job *job, const struct eno_variants *variants, struct arena *arena,
    struct eno_tasks *out);

/*
 * "flag_s{service}_r{round}_t{team}_i{index}": by this id checkers keep what belongs together. The same for put and
 * get of a flag, in later ticks and after a restart. The service's number is made of the challenge and the system's
 * address, because a department may have two systems of one challenge.
 */
void eno_tasks_chain(const struct job *job, const struct eno_task *t, char out[ENO_CHAIN_BYTES]);

/* A number for the task: checkers draw from it, so a repeated round gives the same, and nobody outside knows it. */
int64_t eno_tasks_id(const struct job *job, const struct eno_task *t, struct arena *arena);

/* What a task's result says about the system. */
enum status eno_tasks_status(const struct eno_task *t, enum eno_result result);

/* The worse of two statuses wins; fault yields to all others (core/status.h). */
bool eno_tasks_outranks(enum status now, enum status before);

/* A task that cannot change a round's status any more, nor what later rounds find. */
bool eno_tasks_idle(const struct eno_task *t, enum status so_far);

#endif
