#include "api/checker_plan.h"
#include "base/log.h"

#include <sys/resource.h>

#define IN_FLIGHT_MIN 100 /* of a process, where nobody says */
#define PROCESSES_PER_CORE 8
#define PROCESSES_MIN 16
#define ENO_MAX 200 /* one checker service has to answer them all */
/* What drill-checker asks for: two a check, and some for itself. */
#define DESCRIPTORS_EACH 2
#define DESCRIPTORS_SPARE 64

_Static_assert(CHECKER_PROCESSES_MAX == WORKERS_MAX, "a scenario may ask for as many as there are");

/* How many checks a process may have in flight of those wanted. Raises the hard limit if it may. */
static unsigned
descriptors_allow(unsigned wanted)
{
	rlim_t need = DESCRIPTORS_EACH * (rlim_t)wanted + DESCRIPTORS_SPARE;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_max >= need)
		return wanted;
	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){r.rlim_cur, need}) == 0)
		return wanted;
	if (r.rlim_max < DESCRIPTORS_EACH + DESCRIPTORS_SPARE)
		return 1;
	return (unsigned)((r.rlim_max - DESCRIPTORS_SPARE) / DESCRIPTORS_EACH);
}

/* Every system may hang at once and delays nobody. */
static unsigned
fitting_in_flight(size_t systems, unsigned processes)
{
	unsigned wanted = (unsigned)((systems + processes - 1) / processes), allowed;

	if (wanted < IN_FLIGHT_MIN)
		wanted = IN_FLIGHT_MIN;
	if (wanted > CHECKER_IN_FLIGHT_MAX)
		wanted = CHECKER_IN_FLIGHT_MAX;
	allowed = descriptors_allow(wanted);
	if (allowed < wanted)
		log_warn("checkers",
		    "descriptors for %u checks at once per checker, %u would be one per system; "
		    "raise the limit (ulimit -n) or take more checkers",
		    allowed, wanted);
	return allowed;
}

/* 0: none but the places there are. */
static unsigned
fitting_limit(enum contract contract, unsigned cores)
{
	unsigned processes = cores * PROCESSES_PER_CORE;

	switch (contract) {
	case CONTRACT_STEPS:
		return 0;
	case CONTRACT_ENO:
		return ENO_MAX;
	default:
		return processes > PROCESSES_MIN ? processes : PROCESSES_MIN;
	}
}

struct checker_plan
checker_plan(const struct scenario *s, unsigned processes, unsigned in_flight, unsigned cores)
{
	const struct scenario_checkers *c = &s->checkers;
	struct checker_plan p;

	p.processes = processes > 0 ? processes : c->processes > 0 ? c->processes : 1;
	p.in_flight = in_flight > 0 ? in_flight : c->in_flight;
	if (p.in_flight == 0)
		p.in_flight = fitting_in_flight(s->config.system_count, p.processes);
	for (unsigned i = 0; i < CONTRACT_COUNT; i++)
		p.groups[i] = (struct check_group){.name = contract_name((enum contract)i),
		    .max =
			c->limits[i] > 0 ? c->limits[i] : fitting_limit((enum contract)i, cores)};
	return p;
}
