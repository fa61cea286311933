/* Events of incident reports for tests of the fold: a document's members with defaults that are allowed. */
#ifndef TESTS_CORE_REPORT_RIG_H
#define TESTS_CORE_REPORT_RIG_H

#include "core_rig.h"

#include "core/report.h"

static struct report_event report_events[16];
static size_t report_at;

static inline struct report_event *
report_new(int32_t id)
{
	struct report_event *r = &report_events[report_at++ % 16];

	*r = (struct report_event){.id = id,
	    .team = "library",
	    .text = "{}",
	    .reason = "",
	    .class_code = "0107",
	    .level = LEVEL_IV,
	    .systems = ""};
	return r;
}

static inline struct event
report_event(enum event_kind kind, const struct report_event *r, const char *actor)
{
	return (struct event){.kind = kind, .actor = actor, .u.report = r};
}

static inline struct event
drafted(int32_t id, enum report_stage stage, const char *text)
{
	struct report_event *r = report_new(id);

	r->stage = stage;
	r->text = text;
	return report_event(EV_REPORT_DRAFTED, r, "library-blue");
}

/* Filed by the library; change what *r says before it is used. */
static inline struct event
filed(int32_t id, enum report_stage stage, struct report_event **out)
{
	struct report_event *r = report_new(id);

	r->stage = stage;
	r->year = 2027;
	r->times[REPORT_DETECTED] = CORE_START_MS + 15000;
	if (stage == STAGE_FINAL)
		r->times[REPORT_CONTAINED] = CORE_START_MS + 15500;
	if (out != NULL)
		*out = r;
	return report_event(EV_REPORT_SUBMITTED, r, "library-blue");
}

static inline struct event
filed_at(int32_t id, enum report_stage stage)
{
	return filed(id, stage, NULL);
}

static inline struct event
withdrawn_draft(int32_t id)
{
	return report_event(EV_REPORT_WITHDRAWN, report_new(id), "library-blue");
}

static inline struct event
returned(int32_t id)
{
	struct report_event *r = report_new(id);

	r->reason = "more";
	return report_event(EV_REPORT_RETURNED, r, "chief");
}

static inline struct event
appealed(int32_t id)
{
	return report_event(EV_REPORT_APPEALED, report_new(id), "library-blue");
}

static inline struct event
commented(int32_t id, const char *actor, bool internal)
{
	struct report_event *r = report_new(id);

	r->internal = internal;
	return report_event(EV_REPORT_COMMENTED, r, actor);
}

static inline struct event
duplicate(int32_t id, int32_t of)
{
	struct report_event *r = report_new(id);

	r->of = of;
	return report_event(EV_REPORT_DUPLICATE, r, "chief");
}

static inline struct event
by(struct event ev, const char *actor)
{
	ev.actor = actor;
	return ev;
}

/* Of finance, by finance. */
static inline struct event
of_finance(struct event ev)
{
	((struct report_event *)(uintptr_t)ev.u.report)->team = "finance";
	ev.actor = "finance-blue";
	return ev;
}

/* A drill that runs, twenty seconds old on both clocks. */
static inline struct game *
report_game(void)
{
	struct game *g = core_game();

	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
	g->at_ms = CORE_START_MS + 30000;
	g->drill_ms = 20000;
	return g;
}

/* As the server's clocks go on. */
static inline void
report_later(struct game *g, int64_t ms)
{
	g->at_ms += ms;
	g->drill_ms += ms;
}

static inline const struct report_chain *
chain(const struct game *g, int32_t id)
{
	const struct report_chain *c = report_find(g, id);

	assert_non_null(c);
	return c;
}

static inline void
number_is(const struct game *g, int32_t id, const char *number)
{
	char text[REPORT_NUMBER_BYTES];

	report_number(g, chain(g, id), text);
	assert_string_equal(text, number);
}

#endif
