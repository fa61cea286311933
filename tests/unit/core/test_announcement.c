/* Announcements in the fold: whom they reach, every refusal, and that they come back from their text as they were. */
#include "core_rig.h"

#include "core/announcement.h"

static struct event
made(int32_t id, const char *to)
{
	static struct announcement_event a;

	a = (struct announcement_event){.id = id,
	    .to = to,
	    .urgent = true,
	    .title = "title",
	    .text = "text",
	    .account = "",
	    .reason = ""};
	return (struct event){.kind = EV_ANNOUNCEMENT_MADE, .u.announcement = &a};
}

static struct event
by_mail(void)
{
	struct event ev = made(1, "all");

	((struct announcement_event *)(uintptr_t)ev.u.announcement)->mail = true;
	return ev;
}

static struct event
seen(int32_t id, const char *account)
{
	static struct announcement_event a;

	a = (struct announcement_event){
	    .id = id, .to = "", .title = "", .text = "", .account = account, .reason = ""};
	return (struct event){.kind = EV_ANNOUNCEMENT_SEEN, .u.announcement = &a};
}

static struct event
withdrawn(int32_t id, const char *reason)
{
	static struct announcement_event a;

	a = (struct announcement_event){
	    .id = id, .to = "", .title = "", .text = "", .account = "", .reason = reason};
	return (struct event){.kind = EV_ANNOUNCEMENT_WITHDRAWN, .u.announcement = &a};
}

static void
test_whom_it_reaches(void **state)
{
	static const struct {
		const char *to;
		bool public_, library, finance, red, judge;
	} cases[] = {{"all", true, true, true, true, true},
	    {"blue", false, true, true, false, false}, {"red", false, false, false, true, false},
	    {"staff", false, false, false, false, true},
	    {"library", false, true, false, false, false},
	    {"finance,red-1", false, false, true, true, false},
	    {"staff,library", false, true, false, false, true}};
	struct game *g = core_game();

	(void)state;
	for (int32_t i = 0; i < (int32_t)(sizeof cases / sizeof cases[0]); i++) {
		const struct addressees *a;

		core_must(g, made(i + 1, cases[i].to));
		a = &announcement_find(g, i + 1)->addressees;
		assert_int_equal(addressees_have(a, ROLE_PUBLIC, -1), cases[i].public_);
		assert_int_equal(addressees_have(a, ROLE_BLUE, LIBRARY), cases[i].library);
		assert_int_equal(addressees_have(a, ROLE_BLUE, FINANCE), cases[i].finance);
		assert_int_equal(addressees_have(a, ROLE_RED, RED_1), cases[i].red);
		assert_int_equal(addressees_have(a, ROLE_JUDGE, -1), cases[i].judge);
	}
	game_free(g);
}

static void
test_refusals(void **state)
{
	struct game *g = core_game();
	struct event late;

	(void)state;
	core_refused(g, made(2, "all"), ERR_CONFLICT, "the next one is 1");
	core_refused(g, made(1, ""), ERR_INVALID, "addressees are");
	core_refused(g, made(1, "all,"), ERR_INVALID, "addressees are");
	core_refused(g, made(1, "all,blue"), ERR_INVALID, "stands alone");
	core_refused(g, made(1, "blue,blue"), ERR_INVALID, "comes twice");
	core_refused(g, made(1, "nobody"), ERR_NOT_FOUND, "is not a team");
	core_refused(g, withdrawn(1, "so"), ERR_NOT_FOUND, "no announcement 1");
	late = made(1, "all");
	((struct announcement_event *)(uintptr_t)late.u.announcement)->until_ms = 1;
	core_refused(g, late, ERR_INVALID, "past");
	core_must(g, made(1, "library"));
	core_refused(g, seen(1, "nobody"), ERR_NOT_FOUND, "no account");
	core_refused(g, seen(1, "finance-blue"), ERR_NOT_FOUND, "for you");
	core_must(g, seen(1, "library-blue"));
	core_refused(g, seen(1, "library-blue"), ERR_CONFLICT, "has seen");
	core_refused(g, withdrawn(1, ""), ERR_INVALID, "reason");
	core_must(g, withdrawn(1, "over"));
	core_refused(g, withdrawn(1, "over"), ERR_CONFLICT, "withdrawn before");
	game_free(g);
}

static void
test_in_force(void **state)
{
	struct announcement a = {.until_ms = 100};

	(void)state;
	assert_true(announcement_in_force(&a, 99));
	assert_false(announcement_in_force(&a, 100));
	a.until_ms = 0;
	assert_true(announcement_in_force(&a, INT64_MAX));
	decision_take(&a.withdrawn, 1, "chief", "over");
	assert_false(announcement_in_force(&a, 1));
	decision_free(&a.withdrawn);
}

/* The public text has who and when, the words are secret; without the secret it can still be folded. */
static void
test_text(void **state)
{
	const struct announcement_event *a;

	(void)state;
	core_text_is(made(1, "blue"), "{\"id\":1,\"to\":\"blue\",\"until\":0,\"urgent\":true}",
	    "{\"text\":\"text\",\"title\":\"title\"}");
	core_text_is(by_mail(),
	    "{\"id\":1,\"mail\":true,\"to\":\"all\",\"until\":0,\"urgent\":true}",
	    "{\"text\":\"text\",\"title\":\"title\"}");
	core_text_is(seen(1, "library-blue"), "{\"account\":\"library-blue\",\"id\":1}", "");
	core_text_is(withdrawn(1, "over"), "{\"id\":1,\"reason\":\"over\"}", "");
	a = core_decode(
	    EV_ANNOUNCEMENT_MADE, "{\"id\":1,\"to\":\"blue\",\"until\":0,\"urgent\":true}", "")
		->u.announcement;
	assert_string_equal(a->title, "");
	assert_true(a->urgent);
	core_cannot_decode(
	    EV_ANNOUNCEMENT_MADE, "{\"id\":1,\"to\":\"blue\",\"until\":0}", "urgent");
	core_cannot_decode(EV_ANNOUNCEMENT_SEEN, "{\"id\":0,\"account\":\"a\"}", "id");
	core_cannot_decode(EV_ANNOUNCEMENT_SEEN, "[]", "objects");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whom_it_reaches),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_in_force),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
