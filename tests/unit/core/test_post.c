/* Posts in the fold: titles, handovers, retiring, whose they are. */
#include "inventory_rig.h"

static void
test_handover(void **state)
{
	struct game *g = core_game();
	const struct post_entry *p;

	(void)state;
	core_must(g, post_event(EV_POST_CREATED, 1, "Head", "Wang Wu"));
	core_must(g, post_event(EV_POST_HANDED_OVER, 1, "", "Zhao Liu"));
	p = post_find(g, 1);
	assert_string_equal(p->title, "Head");
	assert_string_equal(p->holder, "Zhao Liu");
	assert_int_equal(p->former_count, 1);
	assert_string_equal(p->former[0].holder, "Wang Wu");
	assert_true(p->former[0].until_ms == p->since_ms && p->former[0].from_ms < p->since_ms);
	core_must(g, post_event(EV_POST_CHANGED, 1, "Chief", ""));
	assert_string_equal(p->title, "Chief");
	assert_string_equal(p->holder, "Zhao Liu");
	assert_int_equal(post_by_title(g, LIBRARY, "Chief"), 1);
	assert_int_equal(post_by_title(g, FINANCE, "Chief"), 0);
	for (int i = 1; i < POST_HANDOVERS_MAX; i++)
		core_must(g, post_event(EV_POST_HANDED_OVER, 1, "", "Zhao Liu"));
	core_refused(g, post_event(EV_POST_HANDED_OVER, 1, "", "x"), ERR_LIMIT, "at most 200");
	game_free(g);
}

static void
test_refusals(void **state)
{
	struct game *g = core_game();

	(void)state;
	core_refused(g, post_event(EV_POST_CREATED, 2, "Head", ""), ERR_CONFLICT, "next one is 1");
	core_refused(g, by(post_event(EV_POST_CREATED, 1, "Head", ""), "finance-blue"),
	    ERR_NOT_FOUND, "your department");
	core_refused(g, by(post_event(EV_POST_CREATED, 1, "Head", ""), "judge-1"), ERR_FORBIDDEN,
	    "kept by their department");
	core_must(g, by(post_event(EV_POST_CREATED, 1, "Head", ""), "chief"));
	core_refused(g, post_event(EV_POST_CREATED, 2, "Head", ""), ERR_CONFLICT, "post 1");
	core_must(g, post_event(EV_POST_CREATED, 2, "", "")); /* of a published bundle */
	core_must(g, post_event(EV_POST_CREATED, 3, "", ""));
	core_refused(g, post_event(EV_POST_CHANGED, 2, "Head", ""), ERR_CONFLICT, "post 1");
	core_refused(g, post_event(EV_POST_CHANGED, 9, "x", ""), ERR_NOT_FOUND, "no post 9");
	core_refused(
	    g, by(post_event(EV_POST_HANDED_OVER, 1, "", "x"), "leader"), ERR_FORBIDDEN, "kept by");
	core_must(g, post_event(EV_POST_RETIRED, 1, "", ""));
	core_refused(g, post_event(EV_POST_RETIRED, 1, "", ""), ERR_CONFLICT, "is retired");
	core_must(g, post_event(EV_POST_CHANGED, 2, "Head", "")); /* the title is free again */
	game_free(g);
}

static void
test_phone(void **state)
{
	(void)state;
	assert_true(phone_valid("+86 10-62551234 ext. 8"));
	assert_false(phone_valid("12"));
	assert_false(phone_valid("call 110"));
	assert_false(phone_valid(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_handover),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_phone),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
