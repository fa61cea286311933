/*
 * The section `checkers`: how many processes, checks at once and limits by contract. A short form says the
 * processes alone.
 */
#include "scenario/parse.h"

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

static void
unknown_contract(struct reader *r, const struct text *name)
{
	const char *names[CONTRACT_COUNT];

	for (int i = 0; i < CONTRACT_EXPLOIT; i++)
		names[i] = contract_name((enum contract)i);
	mistake_add(r->mistakes, name->at, "limits: there is no contract %s; %s",
	    quoted(r->mistakes, name->s), choices(r->mistakes, name->s, names, CONTRACT_EXPLOIT));
}

static void
read_limit(struct reader *r, const struct pair *p, struct scenario_checkers *out)
{
	struct field f = {
	    .key = p->key.s, .kind = KIND_INT, .min = 1, .max = CHECKER_IN_FLIGHT_MAX};
	struct number n = {.good = false};
	enum contract contract;

	if (!contract_parse(p->key.s, &contract) || contract == CONTRACT_EXPLOIT) {
		unknown_contract(r, &p->key);
		return;
	}
	field_read(r, p->value, &f, &n);
	out->limits[contract] = n.good ? (unsigned)n.v : 0;
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
