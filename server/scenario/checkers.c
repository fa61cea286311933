/*
 * The section `checkers`: how many processes, checks at once and limits by contract. A short form says the
 * processes alone.
 */
#include "scenario/parse.h"
#include <string.h>

/* In the order of enum checker_contract. */
static const char *const contracts[CHECKER_CONTRACTS] = {
    "steps", "forcad", "hackerdom", "ctf01d", "faust", "eno"};

#define LIMITS_MAX 32 /* entries looked at: each that is wrong is named */

/* `checkers: N` */
static const struct field short_form = {
    .key = "checkers", .kind = KIND_INT, .min = 1, .max = CHECKER_PROCESSES_MAX};

static const struct field checkers_fields[] = {
    {"processes", KIND_INT, OPTIONAL, offsetof(struct in_checkers, processes), 1,
	CHECKER_PROCESSES_MAX, NULL},
    {"in_flight", KIND_INT, OPTIONAL, offsetof(struct in_checkers, in_flight), 1,
	CHECKER_IN_FLIGHT_MAX, NULL},
    {"limits", KIND_NODE, OPTIONAL, offsetof(struct in_checkers, limits), 0, 0, NULL},
};
static const struct record checkers_record =
    RECORD(struct in_checkers, "the checkers", checkers_fields);

const char *
checker_contract_name(enum checker_contract contract)
{
	return contracts[contract];
}

static void
read_limit(struct reader *r, const struct pair *p, struct scenario_checkers *out)
{
	struct field f = {.kind = KIND_INT, .min = 1, .max = CHECKER_IN_FLIGHT_MAX};
	struct number n = {.good = false};

	for (size_t i = 0; i < CHECKER_CONTRACTS; i++) {
		if (strcmp(contracts[i], p->key.s) != 0)
			continue;
		f.key = contracts[i];
		field_read(r, p->value, &f, &n);
		out->limits[i] = n.good ? (unsigned)n.v : 0;
		return;
	}
	mistake_add(r->mistakes, p->key.at, "limits: there is no contract %s; %s",
	    quoted(r->mistakes, p->key.s),
	    choices(r->mistakes, p->key.s, contracts, CHECKER_CONTRACTS));
}

static void
read_limits(struct reader *r, yaml_node_t *node, struct scenario_checkers *out)
{
	struct pair *pairs;
	size_t count;

	if (!pairs_read(r, node, "limits", LIMITS_MAX, &pairs, &count))
		return;
	for (size_t i = 0; i < count; i++)
		read_limit(r, &pairs[i], out);
}

void
checkers_build(struct reader *r, const struct node *given, struct scenario_checkers *out)
{
	struct in_checkers in = {.at = {0, 0}};

	*out = (struct scenario_checkers){.processes = 0};
	if (given->node == NULL)
		return;
	if (node_scalar(given->node) != NULL && !node_empty(given->node))
		field_read(r, given->node, &short_form, &in.processes);
	else if (!record_read(r, given->node, &checkers_record, &in))
		return;
	if (in.limits.node != NULL)
		read_limits(r, in.limits.node, out);
	out->processes = in.processes.good ? (unsigned)in.processes.v : 0;
	out->in_flight = in.in_flight.good ? (unsigned)in.in_flight.v : 0;
}
