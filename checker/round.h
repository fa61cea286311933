/*
 * One round of the contract steps: all steps of one system in one tick, in the order of docs/challenge.md. A
 * state machine that starts one exchange at a time and is stepped by its end, its deadline or the end of the
 * process. The checker's loop thread.
 */
#ifndef DRILLD_CHECKER_ROUND_H
#define DRILLD_CHECKER_ROUND_H

#include "checker/host.h"

/* A contract_start (contract.h). */
void round_start(
    struct host *host, const struct program *program, struct job *job, struct arena *arena);

#endif
