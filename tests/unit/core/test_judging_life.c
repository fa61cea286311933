/* Judging from the result on: judges named, release, appeal, rejection, final; drift; what its events are as texts. */
#include "judging_rig.h"

/* ---- judges named ---- */

static void
test_named(void **state)
{
	struct trio t = begin(4, 1);
	const char *one, *two, *three = NULL;

	(void)state;
	under_review(&t, 1);
	one = judge_of(&t, 1, 1, 0);
	two = judge_of(&t, 1, 1, 1);
	for (int i = 1; i < 4; i++) {
		static const char *const all[] = {"", "j-1", "j-2", "j-3"};

		if (strcmp(all[i], one) != 0 && strcmp(all[i], two) != 0)
			three = all[i];
	}
	refused(&t, named(1, 1, three, ""), ERR_CONFLICT, "name whom the new one replaces");
	refused(&t, named(1, 1, "j-0", one), ERR_FORBIDDEN, "of the department whose report");
	refused(&t, named(1, 1, "chief", one), ERR_NOT_FOUND, "no judge \"chief\"");
	refused(&t, named(1, 1, two, one), ERR_CONFLICT, "has been drawn for report 1 before");
	refused(&t, named(1, 1, three, "j-0"), ERR_NOT_FOUND, "is not at work");
	must(&t, marked(one, 1, 1, 1, 20));
	refused(&t, named(1, 1, three, one), ERR_CONFLICT, "not replaced any more");
	must(&t, named(1, 1, three, two));
	refused(&t, marked(two, 1, 1, 1, 20), ERR_FORBIDDEN, "not drawn");
	assert_int_equal(accounts_find(&t.g->accounts, two)->drawn, 0);
	must(&t, marked(three, 1, 1, 1, 20));
	assert_int_equal(state_of(&t, 1), REPORT_SCORED);
	end(&t);
}

/* However often judges were replaced, there is room for a second one and for a third. */
static void
test_named_and_drawn(void **state)
{
	struct trio t = begin(1, 0);
	char id[16], former[16] = "j-0";
	const char *third;

	(void)state;
	must(&t, filed_at(1, STAGE_INITIAL));
	must(&t, triaged_early(1));
	must(&t, named(1, 1, former, ""));
	for (int i = 1; i < JUDGING_NAMED_MAX; i++) {
		snprintf(id, sizeof id, "k-%d", i);
		account(&t, id, ROLE_JUDGE, "", "");
		must(&t, named(1, 1, id, former));
		snprintf(former, sizeof former, "%s", id);
	}
	account(&t, "last-1", ROLE_JUDGE, "", "");
	account(&t, "last-2", ROLE_JUDGE, "", "");
	refused(&t, named(1, 1, "last-1", former), ERR_LIMIT, "at most 10 judges");
	assert_int_equal(draw(&t), 1);
	must(&t, marked(former, 1, 1, 1, 0));
	must(&t, marked(judge_of(&t, 1, 1, JUDGING_NAMED_MAX), 1, 1, 1, 25));
	assert_int_equal(draw(&t), 1);
	third = judge_of(&t, 1, 1, JUDGING_SHEETS_MAX - 1);
	must(&t, marked(third, 1, 1, 1, 20));
	assert_int_equal(state_of(&t, 1), REPORT_SCORED);
	end(&t);
}

/* ---- release, appeal, final ---- */

static void
two_marks(struct trio *t, int32_t id, int round, int detection)
{
	for (size_t i = 0; i < 2; i++)
		must(t, marked(judge_of(t, id, round, i), id, round, 1, detection));
}

static void
test_story(void **state)
{
	struct trio t = begin(4, 0);
	int32_t quality;

	(void)state;
	under_review(&t, 1);
	refused(&t, moved(EV_JUDGING_RELEASED, 1), ERR_CONFLICT, "no result yet");
	refused(&t, moved(EV_JUDGING_RELEASED, 0), ERR_CONFLICT, "no result that is not released");
	two_marks(&t, 1, 1, 10);
	refused(&t, moved(EV_JUDGING_FINISHED, 1), ERR_CONFLICT, "not released yet");
	refused(&t, appealed(1), ERR_CONFLICT, "has not been released yet");
	must(&t, moved(EV_JUDGING_RELEASED, 0));
	refused(&t, moved(EV_JUDGING_RELEASED, 1), ERR_CONFLICT, "released before");
	must(&t, appealed(1));
	assert_int_equal(draw(&t), 1);
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++)
			assert_string_not_equal(judge_of(&t, 1, 2, i), judge_of(&t, 1, 1, k));
	two_marks(&t, 1, 2, 20);
	assert_int_equal(state_of(&t, 1), REPORT_RESCORED);
	assert_int_equal(judging_item_milli(t.g, 1, 1, 0), 10000); /* both stay */
	assert_int_equal(judging_item_milli(t.g, 1, 2, 0), 20000);
	assert_true(judging_quality(t.g, 1, &quality));
	assert_int_equal(quality, 40000);
	refused(&t, moved(EV_JUDGING_FINISHED, 1), ERR_CONFLICT, "not released yet");
	must(&t, moved(EV_JUDGING_RELEASED, 1));
	must(&t, moved(EV_JUDGING_FINISHED, 1));
	refused(&t, marked(judge_of(&t, 1, 2, 0), 1, 2, 2, 20), ERR_CONFLICT, "judging is over");
	must(&t, moved(EV_JUDGING_ARCHIVED, 1));
	assert_int_equal(state_of(&t, 1), REPORT_ARCHIVED);
	refused(&t, moved(EV_JUDGING_ARCHIVED, 1), ERR_CONFLICT, "cannot become archived");
	end(&t);
}

/* One other judge alone rescores; with none the direction names former ones. */
static void
test_appeal_with_few_judges(void **state)
{
	struct trio three = begin(3, 0), two = begin(2, 0);

	(void)state;
	under_review(&three, 1);
	two_marks(&three, 1, 1, 10);
	must(&three, moved(EV_JUDGING_RELEASED, 1));
	must(&three, appealed(1));
	refused(
	    &three, named(1, 2, judge_of(&three, 1, 1, 0), ""), ERR_CONFLICT, "others are there");
	assert_int_equal(draw(&three), 1);
	assert_int_equal(judging_sheets(judging_find(three.g, 1)->rounds[1]), 1);
	must(&three, marked(judge_of(&three, 1, 2, 0), 1, 2, 1, 20));
	assert_int_equal(state_of(&three, 1), REPORT_RESCORED);
	end(&three);
	under_review(&two, 1);
	two_marks(&two, 1, 1, 10);
	must(&two, moved(EV_JUDGING_RELEASED, 1));
	must(&two, appealed(1));
	assert_int_equal(draw(&two), 0);
	must(&two, named(1, 2, "j-0", ""));
	must(&two, marked("j-0", 1, 2, 1, 20));
	assert_int_equal(state_of(&two, 1), REPORT_RESCORED);
	end(&two);
}

static void
test_rejected(void **state)
{
	struct trio t = begin(4, 0);
	int32_t quality;

	(void)state;
	under_review(&t, 1);
	refused(&t, by(moved(EV_JUDGING_REJECTED, 1), "j-0"), ERR_FORBIDDEN, "by the direction");
	must(&t, moved(EV_JUDGING_REJECTED, 1));
	assert_true(judging_quality(t.g, 1, &quality));
	assert_int_equal(quality, 0);
	must(&t, moved(EV_JUDGING_RELEASED, 1));
	must(&t, appealed(1));
	assert_int_equal(draw(&t), 1);
	two_marks(&t, 1, 2, 20);
	assert_int_equal(state_of(&t, 1), REPORT_RESCORED);
	assert_true(judging_quality(t.g, 1, &quality));
	assert_int_equal(quality, 40000);
	end(&t);
}

/* What was measured is fixed when the report is final; so is when the attack was. */
static void
test_measured_is_fixed(void **state)
{
	struct trio t = begin(2, 0);
	struct report_event *r;
	struct event ev;
	int32_t quality;

	(void)state;
	must(&t, (struct event){.kind = EV_TICK_BEGAN, .actor = "clock", .u.tick.tick = 0});
	must(&t, (struct event){.kind = EV_FLAG_CAPTURED,
		     .actor = "red-1-hand",
		     .u.capture = {"red-1", "library-portal", 0, 0}});
	later(&t, 60000);
	ev = filed(1, STAGE_INITIAL, &r);
	r->systems = "library-portal";
	must(&t, ev);
	must(&t, triaged_early(1));
	draw(&t);
	two_marks(&t, 1, 1, 25);
	assert_true(judging_quality(t.g, 1, &quality));
	assert_int_equal(quality, 60000); /* 25 + 4 x 5, and 15 for time */
	must(&t, moved(EV_JUDGING_RELEASED, 1));
	must(&t, moved(EV_JUDGING_FINISHED, 1));
	assert_int_equal(
	    report_find(t.g, 1)->times[REPORT_ATTACKED].ms, t.g->truths->facts[0].at_ms);
	t.g->truths->facts[0].by_hand = 0; /* as if it were paired otherwise after all */
	truth_free(t.g->truths->now);
	t.g->truths->now = NULL;
	assert_true(judging_quality(t.g, 1, &quality));
	assert_int_equal(quality, 60000);
	end(&t);
}

static void
test_drift(void **state)
{
	struct trio t = begin(2, 0);
	const struct account *a, *b;

	(void)state;
	under_review(&t, 1);
	a = judging_find(t.g, 1)->rounds[0]->sheets[0].judge;
	b = judging_find(t.g, 1)->rounds[0]->sheets[1].judge;
	assert_int_equal(judging_drift(t.g, a).open, 1);
	must(&t, marked(a->id, 1, 1, 1, 20));
	assert_int_equal(judging_drift(t.g, a).open, 0);
	must(&t, marked(b->id, 1, 1, 1, 14));
	under_review(&t, 2);
	must(&t, marked(a->id, 2, 1, 1, 15));
	must(&t, marked(b->id, 2, 1, 1, 13));
	assert_int_equal(judging_drift(t.g, a).mean_milli, 4000);
	assert_int_equal(judging_drift(t.g, b).mean_milli, -4000);
	assert_int_equal(judging_drift(t.g, b).count, 2);
	end(&t);
}

static void
test_duplicates_are_not_judged(void **state)
{
	struct trio t = begin(2, 0);

	(void)state;
	must(&t, filed_at(1, STAGE_INITIAL));
	must(&t, filed_at(2, STAGE_INITIAL));
	must(&t, duplicate(2, 1));
	refused(&t, triaged(2), ERR_CONFLICT, "is a duplicate of report 1");
	end(&t);
}

/* A report is accepted when its final filing is in; without it by a word of the direction, or when none can come. */
static void
test_final_first(void **state)
{
	struct trio t = begin(2, 0);

	(void)state;
	for (int32_t id = 1; id <= 3; id++)
		must(&t, filed_at(id, STAGE_INITIAL));
	refused(&t, triaged(1), ERR_CONFLICT, "the final filing of report 1 is not in");
	must(&t, filed_at(1, STAGE_FINAL));
	refused(&t, triaged_early(1), ERR_CONFLICT, "no final filing of report 1 is waited for");
	must(&t, triaged(1));
	must(&t, triaged_early(2));
	assert_true(judging_find(t.g, 2)->without_final);
	assert_string_equal(judging_find(t.g, 2)->triaged.reason, "it is enough");
	must(&t, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = "over"});
	must(&t, triaged(3));
	assert_false(judging_find(t.g, 3)->without_final);
	end(&t);
}

/* Nothing is filed beside the judges; what they gave back is completed and followed. */
static void
test_no_filing_beside_judges(void **state)
{
	struct trio t = begin(2, 0);

	(void)state;
	must(&t, filed_at(1, STAGE_INITIAL));
	must(&t, triaged_early(1));
	refused(&t, filed_at(1, STAGE_FINAL), ERR_CONFLICT, "the report is triaged: judges mark");
	draw(&t);
	refused(&t, filed_at(1, STAGE_PROGRESS), ERR_CONFLICT, "is under_review: judges mark");
	must(&t, returned(1));
	must(&t, filed_at(1, STAGE_INITIAL));
	must(&t, filed_at(1, STAGE_FINAL));
	must(&t, triaged(1));
	end(&t);
}

static void
test_text(void **state)
{
	(void)state;
	core_text_is(triaged(1), "{\"id\":1}", "");
	core_text_is(
	    triaged_early(1), "{\"id\":1,\"without_final\":true}", "{\"reason\":\"it is enough\"}");
	core_text_is(judging(EV_JUDGING_DRAWN, "server",
			 (struct judging_event){.id = 1, .round = 1, .judges = "a,b"}),
	    "{\"id\":1,\"judges\":\"a,b\",\"round\":1}", "");
	core_text_is(named(1, 2, "a", "b"),
	    "{\"id\":1,\"instead\":\"b\",\"judge\":\"a\",\"round\":2}", "{\"reason\":\"because\"}");
	core_text_is(marked("a", 1, 1, 2, 20),
	    "{\"halves\":[40,10,10,10,10],\"id\":1,\"round\":1,\"version\":2}",
	    "{\"reason\":\"because\"}");
	core_text_is(moved(EV_JUDGING_REJECTED, 1), "{\"id\":1}", "{\"reason\":\"because\"}");
	core_text_is(moved(EV_JUDGING_RELEASED, 0), "{\"id\":0}", "");
	core_text_is(moved(EV_JUDGING_FINISHED, 1), "{\"id\":1}", "");
	core_text_is(moved(EV_JUDGING_ARCHIVED, 1), "{\"id\":1}", "");
	core_cannot_decode(
	    EV_JUDGING_MARKED, "{\"halves\":[-1],\"id\":1,\"round\":1,\"version\":1}", "element 0");
	core_cannot_decode(
	    EV_JUDGING_MARKED, "{\"halves\":7,\"id\":1,\"round\":1,\"version\":1}", "list");
	core_cannot_decode(EV_JUDGING_DRAWN, "{\"id\":1,\"judges\":\"a\",\"round\":3}", "round");
	core_cannot_decode(EV_JUDGING_TRIAGED, "{\"id\":0}", "id");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_named),
	    cmocka_unit_test(test_named_and_drawn),
	    cmocka_unit_test(test_story),
	    cmocka_unit_test(test_appeal_with_few_judges),
	    cmocka_unit_test(test_rejected),
	    cmocka_unit_test(test_measured_is_fixed),
	    cmocka_unit_test(test_drift),
	    cmocka_unit_test(test_duplicates_are_not_judged),
	    cmocka_unit_test(test_final_first),
	    cmocka_unit_test(test_no_filing_beside_judges),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests_name("life of judging", tests, NULL, core_rig_close);
}
