/* Events of tickets for tests on core_rig.h, and a clock that the tests of supervision turn. */
#ifndef TESTS_TICKET_RIG_H
#define TESTS_TICKET_RIG_H

#include "core_rig.h"

#include "base/date.h"
#include "core/ticket.h"

static struct ticket_event ticket_buffer;

/* The event is what the buffer holds when it is used. */
static inline struct event
ticket_ev(enum event_kind kind, const char *actor, int32_t id)
{
	ticket_buffer = ticket_event_of(id);
	return (struct event){.kind = kind, .actor = actor, .u.ticket = &ticket_buffer};
}

static inline struct event
registered(int32_t id, const char *department, const char *system, const char *source)
{
	struct event ev = ticket_ev(EV_TICKET_REGISTERED, "judge-1", id);

	ticket_buffer.department = department;
	ticket_buffer.system = system;
	ticket_buffer.source = source;
	ticket_buffer.weakness = WEAK_INJECTION;
	ticket_buffer.severity = SEVERITY_CRITICAL;
	ticket_buffer.title = "title";
	return ev;
}

/* With the due date of the calendar. */
static inline struct event
notified(const struct game *g, int32_t id)
{
	struct event ev = ticket_ev(EV_TICKET_NOTIFIED, "chief", id);

	ticket_buffer.due = ticket_due_date(g, SEVERITY_CRITICAL, g->at_ms, 0);
	return ev;
}

/* A step that has nothing but its ticket. */
static inline struct event
step(enum event_kind kind, int32_t id, const char *actor)
{
	struct event ev = ticket_ev(kind, actor, id);

	ticket_buffer.text = "t";
	return ev;
}

static inline struct event
retested(int32_t id, const char *actor, enum retest_result result)
{
	struct event ev = ticket_ev(EV_TICKET_RETESTED, actor, id);

	ticket_buffer.method = RETEST_SCAN;
	ticket_buffer.result = result;
	return ev;
}

static inline struct event
dated(enum event_kind kind, int32_t id, const char *actor, const char *date)
{
	struct event ev = ticket_ev(kind, actor, id);

	assert_true(date_parse(date, &ticket_buffer.due));
	ticket_buffer.until = ticket_buffer.due;
	ticket_buffer.granted = true;
	return ev;
}

static inline enum ticket_state
state_of(const struct game *g, int32_t id)
{
	return ticket_find(g, id)->state;
}

/* Registered, notified, acknowledged and worked on. */
static inline void
in_progress(struct game *g, int32_t id)
{
	core_must(g, registered(id, "library", "library-portal", "manual"));
	core_must(g, notified(g, id));
	core_must(g, step(EV_TICKET_ACKNOWLEDGED, id, "library-blue"));
	core_must(g, step(EV_TICKET_STARTED, id, "library-blue"));
}

#endif
