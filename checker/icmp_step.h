/*
 * icmp steps: echoes by an unprivileged ICMP socket (icmp(7): ping_group_range), IPv4 and IPv6. The answer's body is
 * what came of them, a line `key=value` each; its latency is their mean. One icmp_echo a step.
 */
#ifndef DRILLD_CHECKER_ICMP_STEP_H
#define DRILLD_CHECKER_ICMP_STEP_H

#include "checker/action.h"

#define ICMP_COUNT_MAX 32
#define ICMP_SIZE_MAX 8192

struct icmp_plan {
	int count;
	int64_t interval_ms;
	int64_t wait_ms; /* for the last one */
	size_t size;     /* of the data behind the header */
	int loss_percent;
};

/* What became of the echoes of one step. */
struct icmp_tally {
	int sent;
	int received;
	double ms_min, ms_max, ms_sum;
};

void icmp_tally_add(struct icmp_tally *t, double ms);
/* Fills the answer's body and latency; *o: all is well, too many were lost, or none came back. */
void icmp_tally_judge(
    const struct icmp_tally *t, int loss_percent, struct answer *a, struct outcome *o);

#endif
