/* Plans, events and clocks for tests of injects in the fold. */
#ifndef TESTS_INJECT_RIG_H
#define TESTS_INJECT_RIG_H

#include "core_rig.h"

#include "core/inject.h"

#define MINUTE 60000

static struct inject_item items[] = {
    {"spot", 10, {"发现", "spot"}, {"", "g"}}, {"act", 20, {"处置", "act"}, {"", ""}}};

/* One by the clock at minute 10, ten minutes to answer, for both departments. */
static inline struct inject_plan
plan(const char *number)
{
	return (struct inject_plan){.number = number,
	    .to = "blue",
	    .channels = INJECT_IN_APP,
	    .when = INJECT_AT,
	    .offset_ms = 10 * MINUTE,
	    .after = "",
	    .phase = PDCERF_DETECTION,
	    .allowed_ms = 10 * MINUTE,
	    .pass = 60,
	    .controller = "chief",
	    .evaluator = "judge-1",
	    .items = items,
	    .item_count = 2,
	    .from = {"寄", "from"},
	    .title = {"题", "title"},
	    .text = {"文", "text"},
	    .objective = {"的", "objective"},
	    .expected = {"望", "expected"}};
}

static struct inject_event made;

static inline struct event
event(enum event_kind kind, const char *actor, struct inject_event e)
{
	made = e;
	made.teams = made.teams != NULL ? made.teams : "";
	made.team = made.team != NULL ? made.team : "";
	made.text = made.text != NULL ? made.text : "";
	made.reason = made.reason != NULL ? made.reason : "";
	return (struct event){.kind = kind, .actor = actor, .u.inject = &made};
}

static inline struct event
drafted(int32_t id, const struct inject_plan *p)
{
	return event(EV_INJECT_DRAFTED, "chief", (struct inject_event){.id = id, .plan = p});
}

static inline struct event
move(enum event_kind kind, int32_t id)
{
	return event(
	    kind, "chief", (struct inject_event){.id = id, .offset_ms = -1, .reason = "because"});
}

static inline struct event
by_hand(int32_t id, const char *teams)
{
	return event(EV_INJECT_DELIVERED, "chief",
	    (struct inject_event){.id = id, .how = INJECT_MANUAL, .teams = teams});
}

static inline struct event
acknowledged(int32_t id, const char *actor, const char *team)
{
	return event(EV_INJECT_ACKNOWLEDGED, actor, (struct inject_event){.id = id, .team = team});
}

static inline struct event
responded(int32_t id, const char *actor, const char *team, int32_t answer, int32_t version)
{
	return event(EV_INJECT_RESPONDED, actor,
	    (struct inject_event){
		.id = id, .team = team, .answer = answer, .version = version, .text = "done"});
}

static inline struct event
evaluated(
    int32_t id, const char *team, int32_t answer, int32_t of, int32_t version, const int32_t *marks)
{
	return event(EV_INJECT_EVALUATED, "judge-1",
	    (struct inject_event){.id = id,
		.team = team,
		.answer = answer,
		.of = of,
		.version = version,
		.marks = marks,
		.mark_count = 2});
}

static inline struct event
commented(int32_t id, const char *actor, const char *team, int32_t answer)
{
	return event(EV_INJECT_COMMENTED, actor,
	    (struct inject_event){.id = id, .team = team, .answer = answer, .text = "well"});
}

static inline void
start(struct game *g)
{
	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
}

static inline void
set_clock(struct game *g, enum event_kind kind)
{
	core_must(g, (struct event){.kind = kind, .u.clock.reason = ""});
}

static inline void
schedule(struct game *g, int32_t id, const struct inject_plan *p)
{
	core_must(g, drafted(id, p));
	core_must(g, move(EV_INJECT_APPROVED, id));
	core_must(g, move(EV_INJECT_SCHEDULED, id));
}

/* Drill time passes; what is due by then happens. Returns how many events. */
static inline int
pass_to(struct game *g, int64_t drill_ms)
{
	struct record_time now = {drill_ms, 0}, next;
	struct event ev = {.actor = "clock"};
	int n = 0;

	g->drill_ms = drill_ms;
	while (record_due(g, &now, &core_arena, &ev, &next)) {
		core_must(g, ev);
		n++;
	}
	return n;
}

static inline enum inject_stage
part_stage(const struct game *g, int32_t id, int team)
{
	const struct inject *in = inject_find(g, id);

	return inject_part_stage(in, inject_part(in, team));
}

static inline const struct inject_part *
part(const struct game *g, int32_t id, int team)
{
	return inject_part(inject_find(g, id), team);
}

/* ---- the whole way ---- */

#endif
