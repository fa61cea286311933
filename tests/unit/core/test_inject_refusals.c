/* Injects in the fold: every refusal. */
#include "inject_rig.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plans_refused),
	    cmocka_unit_test(test_chains_refused),
	    cmocka_unit_test(test_moves_refused),
	    cmocka_unit_test(test_answers_refused),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
