/* Attachments in the fold: limits, every refusal, who sees which before and after a record names it, their text. */
#include "report_rig.h"

#define HASH "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define OTHER_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct event
stored(int32_t id, const char *actor)
{
	static struct attachment_event a;

	a = (struct attachment_event){
	    .id = id, .hash = HASH, .bytes = 5, .type = "text/plain", .name = "log.txt"};
	return (struct event){.kind = EV_ATTACHMENT_STORED, .actor = actor, .u.attachment = &a};
}

static struct attachment_event *
of(struct event ev)
{
	return (struct attachment_event *)(uintptr_t)ev.u.attachment;
}

/* A filing that names these, up to a 0. */
static struct event
naming(struct event filed, const int32_t *ids)
{
	struct report_event *r = (struct report_event *)(uintptr_t)filed.u.report;

	for (r->attachments.count = 0; ids[r->attachments.count] != 0; r->attachments.count++)
		r->attachments.ids[r->attachments.count] = ids[r->attachments.count];
	return filed;
}

static void
test_refusals(void **state)
{
	struct game *g = report_game();
	struct event ev;

	(void)state;
	core_refused(g, stored(1, "leader"), ERR_FORBIDDEN, "departments, red teams");
	core_refused(g, stored(1, "nobody"), ERR_FORBIDDEN, "departments, red teams");
	core_refused(g, stored(2, "library-blue"), ERR_CONFLICT, "the next one is 1");
	ev = stored(1, "library-blue");
	of(ev)->hash = "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824";
	core_refused(g, ev, ERR_INVALID, "64 lower-case");
	of(ev)->hash = "../../../../etc/passwd";
	core_refused(g, ev, ERR_INVALID, "64 lower-case");
	of(stored(1, "library-blue"))->bytes = 0;
	core_refused(g, ev, ERR_INVALID, "from 1 to 20971520");
	of(stored(1, "library-blue"))->bytes = ATTACHMENT_MAX_BYTES + 1;
	core_refused(g, ev, ERR_INVALID, "from 1 to 20971520");
	core_must(g, stored(1, "library-blue"));
	core_must(g, stored(2, "judge-1"));
	game_free(g);
}

/* The 2,001st file is refused, and the first byte over 4 GiB; other teams do not notice. */
static void
test_limits(void **state)
{
	struct game *g = report_game();
	struct event ev;
	int32_t id = 1;

	(void)state;
	for (; id <= ATTACHMENTS_PER_TEAM_MAX; id++)
		core_must(g, stored(id, "library-blue"));
	core_refused(g, stored(id, "library-blue"), ERR_LIMIT, "has stored 2000 attachments");
	assert_int_equal(attachment_room(g, LIBRARY, 0, &core_why), ERR_LIMIT);
	for (int64_t left = ATTACHMENT_TEAM_MAX_BYTES; left > 0; left -= of(ev)->bytes, id++) {
		ev = stored(id, "chief");
		of(ev)->bytes = left < ATTACHMENT_MAX_BYTES ? left : ATTACHMENT_MAX_BYTES;
		core_must(g, ev);
	}
	core_refused(g, stored(id, "judge-1"), ERR_LIMIT, "the staff has stored 4096 of 4096 MiB");
	assert_int_equal(attachment_room(g, -1, 1, &core_why), ERR_LIMIT);
	assert_int_equal(attachment_room(g, -1, 0, &core_why), ERR_OK);
	core_must(g, stored(id, "finance-blue"));
	game_free(g);
}

/* Of a record from its first filing on, whichever of its versions names it; of that one alone. */
static void
test_naming(void **state)
{
	static const int32_t one[] = {1, 0}, two[] = {2, 1, 0}, foreign[] = {3, 0},
			     absent[] = {9, 0}, twice[] = {1, 2, 1, 0}, none[] = {0};
	static int32_t many[21];
	struct game *g = report_game();

	(void)state;
	core_must(g, stored(1, "library-blue"));
	core_must(g, stored(2, "library-blue"));
	core_must(g, stored(3, "finance-blue"));
	core_must(g, stored(4, "chief"));
	core_refused(g, naming(filed_at(1, STAGE_INITIAL), foreign), ERR_INVALID,
	    "\"attachments[0]\": your team has stored no attachment 3");
	core_refused(g, naming(filed_at(1, STAGE_INITIAL), absent), ERR_INVALID,
	    "your team has stored no attachment 9");
	core_refused(g, naming(filed_at(1, STAGE_INITIAL), twice), ERR_INVALID,
	    "\"attachments[2]\": attachment 1 comes twice");
	assert_null(attachment_find(g, 1)->family);
	for (int32_t i = 0; i < ATTACHMENTS_PER_RECORD_MAX; i++)
		core_must(g, stored(many[i] = 5 + i, "library-blue"));
	core_must(g, naming(filed_at(1, STAGE_INITIAL), one));
	assert_ptr_equal(attachment_find(g, 1)->family, &report_family);
	core_must(g, naming(filed_at(1, STAGE_PROGRESS), two));
	core_must(g, naming(filed_at(1, STAGE_PROGRESS), none));
	core_refused(g, naming(filed_at(2, STAGE_INITIAL), two), ERR_CONFLICT,
	    "\"attachments[0]\": attachment 2 belongs to another record");
	core_must(g, naming(filed_at(1, STAGE_FINAL), one));
	core_must(g, naming(filed_at(2, STAGE_INITIAL), many));
	core_refused(
	    g, naming(filed_at(1, STAGE_PROGRESS), one), ERR_CONFLICT, "nothing follows it");
	game_free(g);
}

static const char *const everyone[] = {"library-blue", "library-blue-2", "finance-blue",
    "red-1-hand", "red-2-hand", "chief", "judge-1", "judge-2", "leader", "root"};

/* seen_by: as everyone, 'x' for each who sees it. */
static void
visible_to(const struct game *g, int32_t id, const char *seen_by)
{
	for (size_t i = 0; i < sizeof everyone / sizeof everyone[0]; i++) {
		const struct account *a = accounts_find(&g->accounts, everyone[i]);

		if (attachment_visible(g, a, id) != (seen_by[i] == 'x'))
			fail_msg("attachment %d, %s", id, everyone[i]);
	}
	assert_false(attachment_visible(g, NULL, id));
}

/* Its sender's alone; with a filed report its department's and the staff's; a draft changes nothing. */
static void
test_who_sees_it(void **state)
{
	static const int32_t one[] = {1, 0};
	struct game *g = report_game();

	(void)state;
	core_account(g, "library-blue-2", ROLE_BLUE, "library");
	core_account(g, "root", ROLE_ADMIN, "");
	visible_to(g, 1, "..........");
	core_must(g, stored(1, "library-blue"));
	core_must(g, stored(2, "red-1-hand"));
	core_must(g, stored(3, "judge-1"));
	core_must(g, drafted(1, STAGE_INITIAL, "{\"attachments\":[1]}"));
	visible_to(g, 1, "x.........");
	visible_to(g, 2, "...x......");
	visible_to(g, 3, "......x...");
	core_must(g, naming(filed_at(1, STAGE_INITIAL), one));
	visible_to(g, 1, "xx...xxxxx");
	visible_to(g, 0, "..........");
	visible_to(g, 4, "..........");
	game_free(g);
}

/* The public text has what it is, the name is secret; a filing's ids are left out when there are none. */
static void
test_text(void **state)
{
	static const int32_t two[] = {2, 1, 0};
	const struct report_event *r;

	(void)state;
	core_text_is(stored(1, "library-blue"),
	    "{\"bytes\":5,\"id\":1,\"media_type\":\"text/plain\",\"sha256\":\"" HASH "\"}",
	    "{\"name\":\"log.txt\"}");
	assert_string_equal(
	    core_decode(EV_ATTACHMENT_STORED,
		"{\"bytes\":5,\"id\":1,\"media_type\":\"t\",\"sha256\":\"" HASH "\"}", "")
		->u.attachment->name,
	    "");
	core_cannot_decode(EV_ATTACHMENT_STORED,
	    "{\"bytes\":20971521,\"id\":1,\"media_type\":\"t\",\"sha256\":\"" HASH "\"}", "bytes");
	core_cannot_decode(EV_ATTACHMENT_STORED,
	    "{\"bytes\":5,\"id\":0,\"media_type\":\"t\",\"sha256\":\"" HASH "\"}", "id");
	core_cannot_decode(
	    EV_ATTACHMENT_STORED, "{\"bytes\":5,\"id\":1,\"media_type\":\"t\"}", "sha256");
	core_text_is(naming(filed_at(1, STAGE_INITIAL), two),
	    "{\"attachments\":[2,1],\"class\":\"0107\",\"contained\":0,\"detected\":1813453215000"
	    ",\"eradicated\":0,\"id\":1,\"importance\":\"ordinary\",\"level\":\"IV\",\"loss\":"
	    "\"minor\","
	    "\"recovered\":0,\"stage\":\"initial\",\"systems\":\"\",\"team\":\"library\",\"year\":"
	    "2027}",
	    "{\"text\":\"{}\"}");
#define REST                                                                                       \
	",\"class\":\"0107\",\"contained\":0,\"detected\":5,\"eradicated\":0,\"id\":1,"            \
	"\"importance\":"                                                                          \
	"\"ordinary\",\"level\":\"IV\",\"loss\":\"minor\",\"recovered\":0,\"stage\":\"initial\","  \
	"\"systems\":\"\",\"team\":\"library\",\"year\":2027}"
	r = core_decode(EV_REPORT_SUBMITTED, "{\"attachments\":[7]" REST, "")->u.report;
	assert_int_equal(r->attachments.count, 1);
	assert_int_equal(r->attachments.ids[0], 7);
	core_cannot_decode(EV_REPORT_SUBMITTED, "{\"attachments\":7" REST, "a list of ids");
	core_cannot_decode(EV_REPORT_SUBMITTED, "{\"attachments\":[0]" REST, "attachments[0]");
	core_cannot_decode(
	    EV_REPORT_SUBMITTED, "{\"attachments\":[1,\"x\"]" REST, "attachments[1]");
}

static struct json_t *
parse(const char *text)
{
	struct json_t *j;

	assert_int_equal(jr_parse(text, strlen(text), &j, &core_why), ERR_OK);
	return j;
}

/* A client's list: twenty are taken, one more is too many. */
static void
test_want(void **state)
{
	struct json_t *none = parse("{}"), *empty = parse("{\"attachments\":[]}");
	struct json_t *twenty =
	    parse("{\"attachments\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}");
	struct json_t *more =
	    parse("{\"attachments\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]}");
	struct attachment_list list = {.count = 7};

	(void)state;
	assert_int_equal(attachments_want(none, &list, &core_why), ERR_OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(attachments_want(empty, &list, &core_why), ERR_OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(attachments_want(twenty, &list, &core_why), ERR_OK);
	assert_int_equal(list.count, 20);
	assert_int_equal(list.ids[19], 20);
	assert_int_equal(attachments_want(more, &list, &core_why), ERR_LIMIT);
	assert_non_null(strstr(core_why.text, "21 of them; at most 20"));
	jr_free(none);
	jr_free(empty);
	jr_free(twenty);
	jr_free(more);
}

/* By hash, and of one hash the first event first. */
static void
test_by_hash(void **state)
{
	struct game *g = report_game();
	const struct attachment **sorted;
	struct event ev;

	(void)state;
	assert_null(attachments_by_hash(g));
	ev = stored(1, "library-blue");
	of(ev)->hash = OTHER_HASH;
	core_must(g, ev);
	core_must(g, stored(2, "finance-blue"));
	core_must(g, stored(3, "library-blue"));
	sorted = attachments_by_hash(g);
	assert_ptr_equal(sorted[0], attachment_find(g, 2));
	assert_ptr_equal(sorted[1], attachment_find(g, 3));
	assert_ptr_equal(sorted[2], attachment_find(g, 1));
	assert_true(sorted[0]->seq < sorted[1]->seq);
	free(sorted);
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_naming),
	    cmocka_unit_test(test_who_sees_it),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_want),
	    cmocka_unit_test(test_by_hash),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
