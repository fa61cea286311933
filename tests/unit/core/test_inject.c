/* Injects in the fold: the way from draft to closed, every refusal, what time brings about, and their texts. */
#include "core_rig.h"

#include "core/inject.h"

#define MINUTE 60000

static struct inject_item items[] = {
    {"spot", 10, {"发现", "spot"}, {"", "g"}}, {"act", 20, {"处置", "act"}, {"", ""}}};

/* One by the clock at minute 10, ten minutes to answer, for both departments. */
static struct inject_plan
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

static struct event
event(enum event_kind kind, const char *actor, struct inject_event e)
{
	made = e;
	made.teams = made.teams != NULL ? made.teams : "";
	made.team = made.team != NULL ? made.team : "";
	made.text = made.text != NULL ? made.text : "";
	made.reason = made.reason != NULL ? made.reason : "";
	return (struct event){.kind = kind, .actor = actor, .u.inject = &made};
}

static struct event
drafted(int32_t id, const struct inject_plan *p)
{
	return event(EV_INJECT_DRAFTED, "chief", (struct inject_event){.id = id, .plan = p});
}

static struct event
move(enum event_kind kind, int32_t id)
{
	return event(
	    kind, "chief", (struct inject_event){.id = id, .offset_ms = -1, .reason = "because"});
}

static struct event
by_hand(int32_t id, const char *teams)
{
	return event(EV_INJECT_DELIVERED, "chief",
	    (struct inject_event){.id = id, .how = INJECT_MANUAL, .teams = teams});
}

static struct event
acknowledged(int32_t id, const char *actor, const char *team)
{
	return event(EV_INJECT_ACKNOWLEDGED, actor, (struct inject_event){.id = id, .team = team});
}

static struct event
responded(int32_t id, const char *actor, const char *team, int32_t answer, int32_t version)
{
	return event(EV_INJECT_RESPONDED, actor,
	    (struct inject_event){
		.id = id, .team = team, .answer = answer, .version = version, .text = "done"});
}

static struct event
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

static struct event
commented(int32_t id, const char *actor, const char *team, int32_t answer)
{
	return event(EV_INJECT_COMMENTED, actor,
	    (struct inject_event){.id = id, .team = team, .answer = answer, .text = "well"});
}

static void
start(struct game *g)
{
	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
}

static void
set_clock(struct game *g, enum event_kind kind)
{
	core_must(g, (struct event){.kind = kind, .u.clock.reason = ""});
}

static void
schedule(struct game *g, int32_t id, const struct inject_plan *p)
{
	core_must(g, drafted(id, p));
	core_must(g, move(EV_INJECT_APPROVED, id));
	core_must(g, move(EV_INJECT_SCHEDULED, id));
}

/* Drill time passes; what is due by then happens. Returns how many events. */
static int
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

static enum inject_stage
part_stage(const struct game *g, int32_t id, int team)
{
	const struct inject *in = inject_find(g, id);

	return inject_part_stage(in, inject_part(in, team));
}

static const struct inject_part *
part(const struct game *g, int32_t id, int team)
{
	return inject_part(inject_find(g, id), team);
}

/* ---- the whole way ---- */

static void
test_the_way(void **state)
{
	static const int32_t good[] = {10, 15}, better[] = {10, 20};
	struct game *g = core_game();
	struct inject_plan p = plan("one");
	struct record_time now = {9 * MINUTE, 0}, next;
	struct event ev, again;

	(void)state;
	core_must(g, drafted(1, &p));
	assert_int_equal(inject_stage(inject_find(g, 1)), INJECT_DRAFT);
	core_must(g, move(EV_INJECT_APPROVED, 1));
	core_must(g, move(EV_INJECT_SCHEDULED, 1));
	assert_int_equal(pass_to(g, 0), 0); /* not started */
	start(g);
	assert_false(record_due(g, &now, &core_arena, &ev, &next));
	assert_int_equal(next.drill_ms, 10 * MINUTE);
	assert_int_equal(pass_to(g, 10 * MINUTE), 1);
	assert_int_equal(inject_stage(inject_find(g, 1)), INJECT_DELIVERED);
	assert_true(inject_reached(inject_find(g, 1), FINANCE));
	assert_false(inject_reached(inject_find(g, 1), RED_1));
	core_must(g, acknowledged(1, "library-blue", "library"));
	assert_int_equal(part_stage(g, 1, LIBRARY), INJECT_ACKNOWLEDGED);
	assert_int_equal(inject_stage(inject_find(g, 1)), INJECT_DELIVERED); /* finance has not */
	core_must(g, responded(1, "library-blue", "library", 1, 1));
	core_must(g, responded(1, "library-blue", "library", 1, 2));
	assert_int_equal(part(g, 1, LIBRARY)->answer_count, 2);
	core_must(g, acknowledged(1, "finance-blue", "finance"));
	core_must(g, responded(1, "finance-blue", "finance", 2, 1));
	assert_int_equal(inject_stage(inject_find(g, 1)), INJECT_RESPONDED);
	core_must(g, evaluated(1, "library", 1, 2, 1, good));
	core_must(g, evaluated(1, "finance", 2, 1, 1, good));
	assert_int_equal(inject_stage(inject_find(g, 1)), INJECT_EVALUATED);
	assert_int_equal(part(g, 1, LIBRARY)->marks[0].total, 25);
	again = evaluated(1, "library", 1, 2, 2, better);
	made.reason = "misread";
	core_must(g, again);
	core_must(g, commented(1, "judge-2", "library", 1));
	assert_int_equal(part(g, 1, LIBRARY)->marks_count, 2);
	assert_int_equal(part(g, 1, LIBRARY)->marks[0].total, 25); /* both stay */
	assert_int_equal(part(g, 1, LIBRARY)->marks[1].total, 30);
	core_must(g, move(EV_INJECT_CLOSED, 1));
	assert_int_equal(part_stage(g, 1, LIBRARY), INJECT_CLOSED);
	core_refused(g, acknowledged(1, "library-blue", "library"), ERR_CONFLICT, "closed");
	game_free(g);
}

/* ---- time ---- */

/* A pause shifts all of it; by hand it is delivered whatever the clock says, in a pause as well. */
static void
test_pause_and_hand(void **state)
{
	struct game *g = core_game();
	struct inject_plan one = plan("one"), two = plan("two");

	(void)state;
	schedule(g, 1, &one);
	two.when = INJECT_MANUAL;
	two.offset_ms = 0;
	schedule(g, 2, &two);
	core_refused(g, by_hand(2, "library"), ERR_CONFLICT, "planned; nothing is delivered");
	start(g);
	g->drill_ms = 5 * MINUTE;
	set_clock(g, EV_DRILL_PAUSED);
	assert_int_equal(pass_to(g, 10 * MINUTE), 0);
	core_must(g, by_hand(2, "library,finance"));
	set_clock(g, EV_DRILL_RESUMED);
	assert_int_equal(pass_to(g, 10 * MINUTE), 1);
	assert_int_equal(part_stage(g, 1, LIBRARY), INJECT_DELIVERED);
	set_clock(g, EV_DRILL_PAUSED);
	assert_int_equal(pass_to(g, 30 * MINUTE), 0); /* nothing expires in a pause */
	game_free(g);
}

/* Late answers are taken until twice the time allowed, worth less and less; one in time is replaced no more then. */
static void
test_late(void **state)
{
	struct game *g = core_game();
	struct inject_plan p = plan("one");
	const struct inject *in;

	(void)state;
	schedule(g, 1, &p);
	start(g);
	pass_to(g, 10 * MINUTE);
	in = inject_find(g, 1);
	core_must(g, acknowledged(1, "library-blue", "library"));
	core_must(g, acknowledged(1, "finance-blue", "finance"));
	core_must(g, responded(1, "library-blue", "library", 1, 1));
	assert_int_equal(inject_worth(in, part(g, 1, FINANCE)), 0);
	assert_int_equal(pass_to(g, 20 * MINUTE), 1);
	assert_int_equal(part_stage(g, 1, LIBRARY), INJECT_RESPONDED);
	assert_int_equal(part_stage(g, 1, FINANCE), INJECT_EXPIRED);
	g->drill_ms = 25 * MINUTE;
	core_refused(g, responded(1, "library-blue", "library", 1, 2), ERR_CONFLICT,
	    "answer given in time counts");
	core_must(g, responded(1, "finance-blue", "finance", 2, 1));
	assert_int_equal(inject_late_ms(in, part(g, 1, FINANCE)), 5 * MINUTE);
	assert_int_equal(inject_worth(in, part(g, 1, FINANCE)), 500);
	assert_int_equal(inject_worth(in, part(g, 1, LIBRARY)), 1000);
	assert_int_equal(part_stage(g, 1, FINANCE), INJECT_RESPONDED);
	g->drill_ms = 30 * MINUTE;
	core_must(g, responded(1, "finance-blue", "finance", 2, 2));
	assert_int_equal(inject_worth(in, part(g, 1, FINANCE)), 0);
	g->drill_ms++;
	core_refused(g, responded(1, "finance-blue", "finance", 2, 3), ERR_CONFLICT, "twice");
	game_free(g);
}

/* After the end nothing is delivered, what is open is expired, drafts stay drafts, answers can be marked. */
static void
test_end(void **state)
{
	static const int32_t marks[] = {1, 2};
	struct game *g = core_game();
	struct inject_plan one = plan("one"), two = plan("two"), three = plan("three");

	(void)state;
	schedule(g, 1, &one);
	two.offset_ms = 100 * MINUTE;
	schedule(g, 2, &two);
	core_must(g, drafted(3, &three));
	start(g);
	pass_to(g, 10 * MINUTE);
	core_must(g, acknowledged(1, "library-blue", "library"));
	core_must(g, responded(1, "library-blue", "library", 1, 1));
	core_refused(g, event(EV_INJECT_EXPIRED, "clock", (struct inject_event){.id = 1}),
	    ERR_CONFLICT, "nothing of inject 1");
	core_refused(g, event(EV_INJECT_EXPIRED, "chief", (struct inject_event){.id = 1}),
	    ERR_FORBIDDEN, "only the clock");
	set_clock(g, EV_DRILL_ENDED);
	assert_int_equal(pass_to(g, g->drill_ms), 2);
	assert_int_equal(inject_stage(inject_find(g, 2)), INJECT_EXPIRED);
	assert_int_equal(inject_stage(inject_find(g, 3)), INJECT_DRAFT);
	assert_int_equal(part_stage(g, 1, FINANCE), INJECT_EXPIRED);
	core_refused(g, by_hand(2, "library"), ERR_CONFLICT, "ended");
	core_refused(g, move(EV_INJECT_APPROVED, 3), ERR_CONFLICT, "ended");
	core_refused(g, acknowledged(1, "finance-blue", "finance"), ERR_CONFLICT, "ended");
	core_refused(g, move(EV_INJECT_CLOSED, 1), ERR_CONFLICT, "1 departments");
	core_must(g, evaluated(1, "library", 1, 1, 1, marks));
	core_must(g, move(EV_INJECT_CLOSED, 1));
	game_free(g);
}

/* ---- conditions ---- */

/* Each department gets it when its own outcome has come. */
static void
test_conditions(void **state)
{
	static const int32_t good[] = {10, 8}, bad[] = {10, 7};
	struct game *g = core_game();
	struct inject_plan one = plan("one"), won = plan("won"), lost = plan("lost"),
			   silent = plan("silent");

	(void)state;
	schedule(g, 1, &one);
	won.when = lost.when = silent.when = INJECT_AFTER;
	won.after = lost.after = silent.after = "one";
	won.offset_ms = lost.offset_ms = silent.offset_ms = 0;
	won.on = INJECT_SUCCESS;
	lost.on = INJECT_FAILURE;
	silent.on = INJECT_EXPIRY;
	schedule(g, 2, &won);
	schedule(g, 3, &lost);
	schedule(g, 4, &silent);
	start(g);
	pass_to(g, 10 * MINUTE);
	core_refused(g,
	    event(EV_INJECT_DELIVERED, "clock",
		(struct inject_event){.id = 2, .how = INJECT_AFTER, .teams = "library"}),
	    ERR_CONFLICT, "waits for");
	core_must(g, acknowledged(1, "library-blue", "library"));
	core_must(g, responded(1, "library-blue", "library", 1, 1));
	core_must(g, evaluated(1, "library", 1, 1, 1, good)); /* 18 of 30 are 60 % */
	assert_int_equal(pass_to(g, 11 * MINUTE), 1);
	assert_int_equal(part_stage(g, 2, LIBRARY), INJECT_DELIVERED);
	assert_int_equal(part_stage(g, 2, FINANCE), INJECT_WAITING);
	assert_int_equal(part(g, 2, LIBRARY)->delivered.drill_ms, 11 * MINUTE);
	assert_int_equal(pass_to(g, 20 * MINUTE), 2); /* finance has expired, and gets the fourth */
	assert_int_equal(part_stage(g, 4, FINANCE), INJECT_DELIVERED);
	assert_int_equal(part_stage(g, 4, LIBRARY), INJECT_WAITING);
	core_must(g, acknowledged(1, "finance-blue", "finance"));
	core_must(g, responded(1, "finance-blue", "finance", 2, 1));
	core_must(g, evaluated(1, "finance", 2, 1, 1, bad));
	assert_int_equal(pass_to(g, 20 * MINUTE + 1), 1);
	assert_int_equal(part_stage(g, 3, FINANCE), INJECT_DELIVERED);
	core_must(g, move(EV_INJECT_CANCELLED, 1));
	assert_int_equal(pass_to(g, 20 * MINUTE + 2), 0);
	game_free(g);
}

/* ---- refusals ---- */

static void
test_plans_refused(void **state)
{
	struct game *g = core_game();
	struct inject_plan p;
	struct inject_item twins[] = {{"a", 1, {"", ""}, {"", ""}}, {"a", 1, {"", ""}, {"", ""}}};

	(void)state;
#define REFUSED(e, says, ...)                                                                      \
	do {                                                                                       \
		p = plan("one");                                                                   \
		__VA_ARGS__;                                                                       \
		core_refused(g, drafted(1, &p), e, says);                                          \
	} while (0)
	REFUSED(ERR_INVALID, "is no id", p.number = "A b");
	REFUSED(ERR_INVALID, "no department", p.to = "red");
	REFUSED(ERR_INVALID, "no department", p.to = "library,red-1");
	REFUSED(ERR_NOT_FOUND, "not a team", p.to = "nobody");
	REFUSED(ERR_INVALID, "alike", p.common = true, p.to = "library");
	REFUSED(ERR_INVALID, "before the drill's end", p.offset_ms = 480 * MINUTE);
	REFUSED(ERR_INVALID, "by the clock", p.when = INJECT_MANUAL);
	REFUSED(ERR_INVALID, "only for them", p.after = "two");
	REFUSED(
	    ERR_NOT_FOUND, "no inject", p.when = INJECT_AFTER, p.offset_ms = 0, p.after = "two");
	REFUSED(ERR_INVALID, "for itself", p.when = INJECT_AFTER, p.offset_ms = 0, p.after = "one");
	REFUSED(ERR_INVALID, "comes twice", p.items = twins);
	REFUSED(ERR_NOT_FOUND, "no account", p.controller = "nobody");
	REFUSED(ERR_NOT_FOUND, "not of the staff", p.evaluator = "library-blue");
	p = plan("one");
	core_refused(g, drafted(2, &p), ERR_CONFLICT, "the next one is 1");
	core_must(g, drafted(1, &p));
	core_refused(g, drafted(2, &p), ERR_CONFLICT, "has the number");
	p = plan("other");
	core_refused(g, drafted(1, &p), ERR_CONFLICT, "keeps its number");
	game_free(g);
}

/* Rings and outcomes that can never come. */
static void
test_chains_refused(void **state)
{
	struct game *g = core_game();
	struct inject_plan one = plan("one"), two = plan("two"), three = plan("three");

	(void)state;
	one.allowed_ms = 0;
	core_must(g, drafted(1, &one));
	two.when = INJECT_AFTER;
	two.offset_ms = 0;
	two.after = "one";
	two.on = INJECT_EXPIRY;
	core_refused(g, drafted(2, &two), ERR_INVALID, "never expires");
	two.on = INJECT_SUCCESS;
	core_must(g, drafted(2, &two));
	three = two;
	three.number = "three";
	three.after = "two";
	core_must(g, drafted(3, &three));
	one.when = INJECT_AFTER;
	one.offset_ms = 0;
	one.after = "three";
	core_refused(g, drafted(1, &one), ERR_INVALID, "wait for each other");
	one = plan("one");
	one.item_count = 0;
	core_refused(g, drafted(1, &one), ERR_INVALID, "no rubric");
	one.item_count = 2;
	core_must(g, drafted(1, &one));
	game_free(g);
}

static void
test_moves_refused(void **state)
{
	struct game *g = core_game();
	struct inject_plan p = plan("one");
	struct event ev;

	(void)state;
	core_refused(g, move(EV_INJECT_APPROVED, 1), ERR_NOT_FOUND, "no inject 1");
	ev = drafted(1, &p);
	ev.actor = "judge-1";
	core_refused(g, ev, ERR_FORBIDDEN, "the direction does this");
	ev.actor = "nobody";
	core_refused(g, ev, ERR_FORBIDDEN, "the direction does this");
	core_must(g, drafted(1, &p));
	core_refused(g, move(EV_INJECT_SCHEDULED, 1), ERR_CONFLICT, "is draft");
	core_refused(g, move(EV_INJECT_HELD, 1), ERR_CONFLICT, "is draft");
	core_refused(g, move(EV_INJECT_SKIPPED, 1), ERR_CONFLICT, "is draft");
	core_refused(g, move(EV_INJECT_CLOSED, 1), ERR_CONFLICT, "is draft");
	start(g);
	core_refused(g, by_hand(1, "library"), ERR_CONFLICT, "is draft");
	core_must(g, move(EV_INJECT_APPROVED, 1));
	core_refused(g, move(EV_INJECT_APPROVED, 1), ERR_CONFLICT, "is approved");
	core_must(g, move(EV_INJECT_SCHEDULED, 1));
	core_refused(g, move(EV_INJECT_SCHEDULED, 1), ERR_CONFLICT, "another offset");
	ev = move(EV_INJECT_HELD, 1);
	made.reason = "";
	core_refused(g, ev, ERR_INVALID, "reason");
	core_must(g, move(EV_INJECT_HELD, 1));
	assert_int_equal(pass_to(g, 20 * MINUTE), 0);
	ev = move(EV_INJECT_SCHEDULED, 1);
	made.offset_ms = 480 * MINUTE;
	core_refused(g, ev, ERR_INVALID, "drill's end");
	core_refused(g, by_hand(1, ""), ERR_INVALID, "ids are expected");
	core_refused(g, by_hand(1, "finance,library"), ERR_INVALID, "out of order");
	core_refused(g, by_hand(1, "red-1"), ERR_INVALID, "is not for");
	ev = by_hand(1, "library");
	ev.actor = "judge-1";
	core_refused(g, ev, ERR_FORBIDDEN, "the direction");
	core_must(g, by_hand(1, "library,finance"));
	core_refused(g, by_hand(1, "library"), ERR_CONFLICT, "is delivered");
	core_refused(g, drafted(1, &p), ERR_CONFLICT, "is delivered");
	core_must(g, move(EV_INJECT_CANCELLED, 1));
	core_refused(g, move(EV_INJECT_CANCELLED, 1), ERR_CONFLICT, "is cancelled");
	game_free(g);
}

static void
test_answers_refused(void **state)
{
	static const int32_t marks[] = {10, 20}, much[] = {10, 21};
	struct game *g = core_game();
	struct inject_plan p = plan("one");
	struct event ev;

	(void)state;
	schedule(g, 1, &p);
	core_refused(
	    g, acknowledged(1, "library-blue", "library"), ERR_NOT_FOUND, "no inject 1 for you");
	start(g);
	core_refused(g,
	    event(EV_INJECT_DELIVERED, "clock",
		(struct inject_event){.id = 1, .how = INJECT_AT, .teams = "library"}),
	    ERR_CONFLICT, "not due yet");
	pass_to(g, 10 * MINUTE);
	core_refused(g, acknowledged(1, "finance-blue", "library"), ERR_FORBIDDEN, "does this");
	core_refused(g, acknowledged(1, "chief", "library"), ERR_FORBIDDEN, "does this");
	core_refused(g, acknowledged(1, "red-1-hand", "red-1"), ERR_NOT_FOUND, "for you");
	core_refused(
	    g, responded(1, "library-blue", "library", 1, 1), ERR_CONFLICT, "acknowledge inject");
	core_must(g, acknowledged(1, "library-blue", "library"));
	core_refused(g, acknowledged(1, "library-blue", "library"), ERR_CONFLICT, "before");
	core_refused(g, responded(1, "library-blue", "library", 2, 1), ERR_CONFLICT, "next one");
	core_refused(g, evaluated(1, "library", 1, 1, 1, marks), ERR_NOT_FOUND, "no answer 1");
	core_must(g, responded(1, "library-blue", "library", 1, 1));
	core_refused(g, responded(1, "library-blue", "library", 1, 1), ERR_CONFLICT, "next one");
	core_must(g, responded(1, "library-blue", "library", 1, 2));
	assert_int_equal(g->injects->team_bytes[LIBRARY], 2 * strlen("done"));
	g->injects->team_bytes[LIBRARY] = INJECT_TEAM_MAX_BYTES - strlen("done") + 1;
	core_refused(g, responded(1, "library-blue", "library", 1, 3), ERR_LIMIT, "a shorter text");
	core_refused(g, evaluated(1, "library", 1, 1, 1, marks), ERR_CONFLICT, "read it again");
	core_refused(g, evaluated(1, "library", 1, 2, 1, much), ERR_INVALID, "from 0 to 20");
	core_refused(g, evaluated(1, "finance", 1, 2, 1, marks), ERR_NOT_FOUND, "no answer");
	ev = evaluated(1, "library", 1, 2, 1, marks);
	ev.actor = "leader";
	core_refused(g, ev, ERR_FORBIDDEN, "a judge or the direction");
	ev = evaluated(1, "library", 1, 2, 1, marks);
	made.mark_count = 1;
	core_refused(g, ev, ERR_INVALID, "1 marks for a rubric of 2");
	core_must(g, evaluated(1, "library", 1, 2, 1, marks));
	core_refused(g, evaluated(1, "library", 1, 2, 1, marks), ERR_CONFLICT, "has marked it");
	core_refused(g, evaluated(1, "library", 1, 2, 2, marks), ERR_INVALID, "a reason");
	core_refused(g, responded(1, "library-blue", "library", 1, 3), ERR_CONFLICT, "been marked");
	core_refused(g, commented(1, "leader", "library", 1), ERR_FORBIDDEN, "a judge");
	core_refused(g, move(EV_INJECT_CLOSED, 1), ERR_CONFLICT, "1 departments");
	game_free(g);
}

/* ---- common incidents ---- */

static void
test_common(void **state)
{
	struct inject_common found[4];
	struct game *g = core_game();
	struct inject_plan one = plan("one"), two = plan("two");

	(void)state;
	one.common = true;
	schedule(g, 1, &one);
	schedule(g, 2, &two);
	start(g);
	assert_int_equal(inject_common(g, LIBRARY, found, 4), 0);
	pass_to(g, 10 * MINUTE);
	assert_int_equal(inject_common(g, LIBRARY, found, 4), 1);
	assert_int_equal(found[0].inject->id, 1);
	assert_int_equal(found[0].delivered.drill_ms, 10 * MINUTE);
	assert_int_equal(inject_common(g, RED_1, found, 4), 0);
	core_must(g, move(EV_INJECT_CANCELLED, 1));
	assert_int_equal(inject_common(g, LIBRARY, found, 4), 0);
	game_free(g);
}

/* ---- texts ---- */

static const char drafted_body[] =
    "{\"after\":\"\",\"allowed_ms\":600000,\"channels\":1,\"common\":false,\"controller\":"
    "\"chief\","
    "\"evaluator\":\"judge-1\",\"id\":1,\"items\":[{\"id\":\"spot\",\"marks\":10},{\"id\":\"act\","
    "\"marks\":20}],\"number\":\"one\",\"offset_ms\":600000,\"on\":\"success\",\"pass\":60,"
    "\"phase\":\"detection\",\"to\":\"blue\",\"when\":\"offset\"}";

static void
test_text(void **state)
{
	static const int32_t marks[] = {10, 20};
	struct inject_plan p = plan("one");
	struct game *g = core_game();
	const struct inject_event *e;
	struct event bare;

	(void)state;
	core_text_is(drafted(1, &p), drafted_body,
	    "{\"expected\":{\"en\":\"expected\",\"zh\":\"望\"},\"from\":{\"en\":\"from\",\"zh\":"
	    "\"寄\"},\"items\":[{\"guidance\":{\"en\":\"g\",\"zh\":\"\"},\"title\":{\"en\":"
	    "\"spot\","
	    "\"zh\":\"发现\"}},{\"guidance\":{\"en\":\"\",\"zh\":\"\"},\"title\":{\"en\":\"act\","
	    "\"zh\":\"处置\"}}],\"objective\":{\"en\":\"objective\",\"zh\":\"的\"},\"text\":{"
	    "\"en\":"
	    "\"text\",\"zh\":\"文\"},\"title\":{\"en\":\"title\",\"zh\":\"题\"}}");
	core_text_is(move(EV_INJECT_APPROVED, 1), "{\"id\":1}", "");
	core_text_is(move(EV_INJECT_SCHEDULED, 1), "{\"id\":1,\"offset_ms\":-1}", "");
	core_text_is(move(EV_INJECT_HELD, 1), "{\"id\":1,\"reason\":\"because\"}", "");
	core_text_is(move(EV_INJECT_SKIPPED, 1), "{\"id\":1,\"reason\":\"because\"}", "");
	core_text_is(move(EV_INJECT_CANCELLED, 1), "{\"id\":1,\"reason\":\"because\"}", "");
	core_text_is(
	    by_hand(1, "library"), "{\"by\":\"manual\",\"id\":1,\"teams\":\"library\"}", "");
	core_text_is(acknowledged(1, "x", "library"), "{\"id\":1,\"team\":\"library\"}", "");
	core_text_is(responded(1, "x", "library", 3, 2),
	    "{\"answer\":3,\"id\":1,\"team\":\"library\",\"version\":2}", "{\"text\":\"done\"}");
	core_text_is(move(EV_INJECT_EXPIRED, 1), "{\"id\":1}", "");
	core_text_is(evaluated(1, "library", 3, 2, 1, marks),
	    "{\"answer\":3,\"id\":1,\"marks\":[10,20],\"of\":2,\"reason\":\"\",\"team\":"
	    "\"library\","
	    "\"version\":1}",
	    "");
	core_text_is(commented(1, "x", "library", 3),
	    "{\"answer\":3,\"id\":1,\"team\":\"library\"}", "{\"text\":\"well\"}");
	core_text_is(move(EV_INJECT_CLOSED, 1), "{\"id\":1}", "");
	/* A published bundle has no secrets: the plan is whole but for its texts. */
	e = core_decode(EV_INJECT_DRAFTED, drafted_body, "")->u.inject;
	assert_string_equal(e->plan->title.en, "");
	assert_string_equal(e->plan->items[1].title.zh, "");
	assert_int_equal(e->plan->items[1].marks, 20);
	bare = *core_decode(EV_INJECT_DRAFTED, drafted_body, "");
	bare.actor = "server";
	core_must(g, bare);
	game_free(g);
	core_cannot_decode(EV_INJECT_DRAFTED, "{\"id\":1}", "after");
	core_cannot_decode(
	    EV_INJECT_DELIVERED, "{\"id\":1,\"by\":\"magic\",\"teams\":\"\"}", "magic");
	core_cannot_decode(EV_INJECT_EVALUATED,
	    "{\"answer\":3,\"id\":1,\"marks\":[-1],\"of\":2,\"reason\":\"\",\"team\":\"library\","
	    "\"version\":1}",
	    "marks");
	core_cannot_decode(EV_INJECT_APPROVED, "{\"id\":0}", "id");
}

/* Where no department is defended, an inject reaches nobody: it is never due, and does not keep others from coming. */
static void
test_nobody_to_reach(void **state)
{
	struct record_time next;
	struct inject_plan p = plan("nobody");
	struct event ev = {.actor = "clock"};
	struct game *g;

	(void)state;
	core_teams[LIBRARY].nop = core_teams[FINANCE].nop = true;
	g = core_game();
	core_must(g, drafted(1, &p));
	core_must(g, move(EV_INJECT_APPROVED, 1));
	core_must(g, move(EV_INJECT_SCHEDULED, 1));
	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
	assert_false(
	    record_due(g, &(struct record_time){20 * MINUTE, g->at_ms}, &core_arena, &ev, &next));
	assert_true(next.drill_ms == INT64_MAX);
	game_free(g);
	core_teams[LIBRARY].nop = core_teams[FINANCE].nop = false;
}

/* A late answer that comes before the clock's event is late as any other: it may be completed, and it has expired. */
static void
test_late_before_the_clock(void **state)
{
	struct inject_plan p = plan("one");
	struct inject_event answer = {.id = 1, .team = "library", .answer = 1, .version = 1};
	const struct inject_part *part;
	struct game *g = core_game();

	(void)state;
	core_must(g, drafted(1, &p));
	core_must(g, move(EV_INJECT_APPROVED, 1));
	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
	core_must(g,
	    event(EV_INJECT_DELIVERED, "chief",
		(struct inject_event){.id = 1, .how = INJECT_MANUAL, .teams = "library,finance"}));
	core_must(g, event(EV_INJECT_ACKNOWLEDGED, "library-blue", answer));
	core_must(g, event(EV_INJECT_ACKNOWLEDGED, "finance-blue",
			 (struct inject_event){.id = 1, .team = "finance"}));
	g->drill_ms += p.allowed_ms;
	core_must(
	    g, event(EV_INJECT_RESPONDED, "finance-blue",
		   (struct inject_event){.id = 1, .team = "finance", .answer = 1, .version = 1}));
	assert_int_equal(inject_part(inject_find(g, 1), FINANCE)->expired.at_ms, 0);
	g->drill_ms += 5;
	answer.answer = 2;
	core_must(g, event(EV_INJECT_RESPONDED, "library-blue", answer));
	part = inject_part(inject_find(g, 1), LIBRARY);
	assert_true(inject_came_to(inject_find(g, 1), part, INJECT_EXPIRY));
	answer.version = 2;
	g->drill_ms += 1000;
	core_must(g, event(EV_INJECT_RESPONDED, "library-blue", answer));
	assert_int_equal(inject_late_ms(inject_find(g, 1), part), 1005);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_way),
	    cmocka_unit_test(test_pause_and_hand),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_plans_refused),
	    cmocka_unit_test(test_chains_refused),
	    cmocka_unit_test(test_moves_refused),
	    cmocka_unit_test(test_answers_refused),
	    cmocka_unit_test(test_common),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_nobody_to_reach),
	    cmocka_unit_test(test_late_before_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
