/*
 * The section `tickets`: working days allowed by severity, and when supervision rises. What is left out is as usual
 * (core/ticket_rules.h).
 */
#include "core/ticket_words.h"
#include "scenario/parse.h"

#include <inttypes.h>

#define DAYS(severity, name)                                                                       \
	{                                                                                          \
		name, KIND_INT, OPTIONAL, offsetof(struct in_ticket_days, of[severity]), 1,        \
		    TICKET_DAYS_MAX, NULL                                                          \
	}

struct in_ticket_days {
	struct place at;
	struct number of[SEVERITY_COUNT];
};

static const struct field days_fields[] = {
    DAYS(SEVERITY_CRITICAL, "critical"),
    DAYS(SEVERITY_HIGH, "high"),
    DAYS(SEVERITY_MEDIUM, "medium"),
    DAYS(SEVERITY_LOW, "low"),
};
static const struct record days_record =
    RECORD(struct in_ticket_days, "the days of tickets", days_fields);

struct in_supervision {
	struct place at;
	struct number remind, talk, criticism;
};

static const struct field supervision_fields[] = {
    {"remind", KIND_INT, OPTIONAL, offsetof(struct in_supervision, remind), 1, TICKET_DAYS_MAX,
	NULL},
    {"talk", KIND_INT, OPTIONAL, offsetof(struct in_supervision, talk), 1, TICKET_DAYS_MAX, NULL},
    {"criticism", KIND_INT, OPTIONAL, offsetof(struct in_supervision, criticism), 1,
	TICKET_DAYS_MAX, NULL},
};
static const struct record supervision_record =
    RECORD(struct in_supervision, "the supervision of tickets", supervision_fields);

struct in_tickets {
	struct place at;
	struct in_ticket_days days;
	struct in_supervision supervision;
};

static const struct field tickets_fields[] = {
    {"days", KIND_RECORD, OPTIONAL, offsetof(struct in_tickets, days), 0, 0, &days_record},
    {"supervision", KIND_RECORD, OPTIONAL, offsetof(struct in_tickets, supervision), 0, 0,
	&supervision_record},
};
static const struct record tickets_record =
    RECORD(struct in_tickets, "the tickets", tickets_fields);

static int32_t
given(const struct number *n)
{
	return n->good ? (int32_t)n->v : 0;
}

void
tickets_build(struct reader *r, const struct node *node, struct ticket_rules *out)
{
	struct in_tickets in = {.at = {0, 0}};
	const struct in_supervision *s = &in.supervision;

	*out = (struct ticket_rules){.remind = 0};
	if (node->node == NULL || !record_read(r, node->node, &tickets_record, &in))
		return;
	for (int i = 0; i < SEVERITY_COUNT; i++)
		out->days[i] = given(&in.days.of[i]);
	out->remind = given(&s->remind);
	out->talk = given(&s->talk);
	out->criticism = given(&s->criticism);
	if (s->criticism.good && !s->talk.good)
		mistake_add(r->mistakes, s->criticism.at,
		    "criticism: say with talk how many working days before it the talk is");
	else if (s->criticism.good && out->criticism <= out->talk)
		mistake_add(r->mistakes, s->criticism.at,
		    "criticism is %" PRId32 ", talk is %" PRId32
		    "; the notice of criticism comes after the talk",
		    out->criticism, out->talk);
}
