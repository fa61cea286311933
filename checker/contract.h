/*
 * How a job of each contract is run: one record a contract, one file each. The checker's loop thread.
 */
#ifndef DRILLD_CHECKER_CONTRACT_H
#define DRILLD_CHECKER_CONTRACT_H

#include "checker/host.h"

/*
 * Runs one job and reports its result to the host. job lives in *arena, which it takes over (the caller's is
 * empty afterwards). program outlives it.
 */
typedef void contract_start(
    struct host *host, const struct program *program, struct job *job, struct arena *arena);

contract_start forcad_start, hackerdom_start, ctf01d_start, faust_start, eno_start, exploit_start;

/* NULL for a contract that this checker does not run. */
contract_start *contract_starter(enum contract contract);

#endif
