/* Assets in the fold: versions, names, posts and systems of their own department, retiring; the table of their fields. */
#include "inventory_rig.h"

#define NAMED(name_) "{\"address\":\"a\",\"name\":\"" name_ "\"}"

static void
test_life(void **state)
{
	struct game *g = core_game();
	const struct asset_entry *a;

	(void)state;
	core_must(g, post_event(EV_POST_CREATED, 1, "Head", ""));
	core_must(g, post_event(EV_POST_CREATED, 2, "Duty", ""));
	core_must(g, asset_event(EV_ASSET_CREATED, 1, 1, NAMED("portal"), 1));
	a = asset_entry_find(g, 1);
	assert_string_equal(a->name, "portal");
	assert_string_equal(a->address, "a");
	assert_int_equal(post_find(g, 1)->assets, 1);
	core_refused(g, post_event(EV_POST_RETIRED, 1, "", ""), ERR_CONFLICT, "1 duties");
	core_refused(
	    g, asset_event(EV_ASSET_CHANGED, 1, 1, NAMED("x"), 0), ERR_CONFLICT, "has version 1");
	core_must(g, asset_event(EV_ASSET_CHANGED, 1, 2, NAMED("www"), 2));
	assert_string_equal(a->name, "www");
	assert_int_equal(post_find(g, 1)->assets, 0);
	core_must(g, post_event(EV_POST_RETIRED, 1, "", ""));
	core_must(g, asset_event(EV_ASSET_VERIFIED, 1, 0, "", 0));
	assert_true(a->verified_ms == g->at_ms);
	core_must(g, asset_event(EV_ASSET_RETIRED, 1, 0, "", 0));
	assert_int_equal(post_find(g, 2)->assets, 0);
	assert_int_equal(asset_by_name(g, LIBRARY, "www"), 0);
	core_refused(g, asset_event(EV_ASSET_VERIFIED, 1, 0, "", 0), ERR_CONFLICT, "is retired");
	game_free(g);
}

static struct asset_facts *
facts(struct event ev)
{
	return (struct asset_facts *)(uintptr_t)&ev.u.asset->facts;
}

static void
test_refusals(void **state)
{
	struct game *g = core_game();
	struct event ev;

	(void)state;
	core_refused(g, asset_event(EV_ASSET_CREATED, 2, 1, "", 0), ERR_CONFLICT, "next one is 1");
	core_refused(g, asset_event(EV_ASSET_CREATED, 1, 2, "", 0), ERR_CONFLICT, "version 1");
	core_refused(g, asset_event(EV_ASSET_CREATED, 1, 1, "", 7), ERR_INVALID, "no post 7");
	core_refused(g, asset_event(EV_ASSET_CREATED, 1, 1, "[", 0), ERR_INVALID, "no JSON");
	core_refused(g, asset_event(EV_ASSET_VERIFIED, 1, 0, "", 0), ERR_NOT_FOUND, "no asset 1");
	core_refused(g, by(asset_event(EV_ASSET_CREATED, 1, 1, "", 0), "red-1-hand"), ERR_FORBIDDEN,
	    "kept by");
	core_refused(g, by(asset_event(EV_ASSET_CREATED, 1, 1, "", 0), "finance-blue"),
	    ERR_NOT_FOUND, "your department");
	ev = asset_event(EV_ASSET_CREATED, 1, 1, "", 0);
	facts(ev)->system = "finance-portal";
	core_refused(g, ev, ERR_INVALID, "no system");
	facts(ev)->system = "library-portal";
	core_must(g, ev);
	core_must(g, asset_event(EV_ASSET_CREATED, 2, 1, NAMED("x"), 0));
	core_refused(
	    g, asset_event(EV_ASSET_CREATED, 3, 1, NAMED("x"), 0), ERR_CONFLICT, "asset 2");
	core_must(g, asset_event(EV_ASSET_CHANGED, 2, 2, NAMED("x"), 0)); /* its own name */
	core_refused(
	    g, asset_event(EV_ASSET_CHANGED, 1, 2, NAMED("x"), 0), ERR_CONFLICT, "asset 2");
	game_free(g);
}

/* Another department's post answers for nothing here. */
static void
test_posts_are_the_departments(void **state)
{
	struct game *g = core_game();
	struct event ev = post_event(EV_POST_CREATED, 1, "Head", "");

	(void)state;
	((struct post_event *)(uintptr_t)ev.u.post)->team = "finance";
	core_must(g, by(ev, "finance-blue"));
	core_refused(g, asset_event(EV_ASSET_CREATED, 1, 1, "", 1), ERR_INVALID, "no post 1");
	game_free(g);
}

static void
test_table(void **state)
{
	(void)state;
	assert_true(document_table_valid(asset_entry_fields));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_posts_are_the_departments),
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
