/* Judging: the lot, marks and their refusals, revisions, a third judge. */
#include "judging_rig.h"

/* ---- the lot ---- */

static void
test_draw(void **state)
{
	struct trio t = begin(3, 0);

	(void)state;
	must(&t, filed_at(1, STAGE_INITIAL));
	assert_int_equal(judging_wants(t.g, 1), 0);
	must(&t, triaged_early(1));
	assert_int_equal(state_of(&t, 1), REPORT_TRIAGED);
	assert_int_equal(judging_wants(t.g, 1), 2);
	assert_int_equal(draw(&t), 1);
	assert_int_equal(judging_sheets(judging_find(t.g, 1)->rounds[0]), 2);
	assert_string_not_equal(judge_of(&t, 1, 1, 0), judge_of(&t, 1, 1, 1));
	assert_int_equal(draw(&t), 0);
	refused(&t, triaged(1), ERR_CONFLICT, "cannot become triaged");
	end(&t);
}

/* Too few judges: the report waits until there is another, or the direction names one. */
static void
test_too_few(void **state)
{
	struct trio t = begin(2, 1);

	(void)state;
	must(&t, filed_at(1, STAGE_INITIAL));
	must(&t, triaged_early(1));
	assert_int_equal(draw(&t), 0);
	assert_int_equal(judging_free(t.g, 1), 1);
	assert_int_equal(state_of(&t, 1), REPORT_TRIAGED);
	must(&t, named(1, 1, "j-1", ""));
	assert_int_equal(judging_free(t.g, 1), 0);
	assert_int_equal(draw(&t), 0);
	refused(&t, marked("j-1", 1, 1, 1, 20), ERR_CONFLICT, "waits for its second judge");
	account(&t, "j-9", ROLE_JUDGE, "", "finance");
	assert_int_equal(draw(&t), 1);
	assert_string_equal(judge_of(&t, 1, 1, 1), "j-9");
	assert_int_equal(state_of(&t, 1), REPORT_UNDER_REVIEW);
	end(&t);
}

/* Nobody judges their own department, whatever the numbers; the load is even within one. */
static void
test_lot_properties(void **state)
{
	(void)state;
	for (int judges = 2; judges <= 9; judges++) {
		struct trio t = begin(judges, 0);

		for (int32_t id = 1; id <= 40; id++) {
			uint32_t least = UINT32_MAX, most = 0;

			must(&t, filed_at(id, STAGE_INITIAL));
			must(&t, triaged_early(id));
			assert_int_equal(draw(&t), 1);
			for (size_t i = 0; i < t.g->accounts.count; i++) {
				const struct account *a = t.g->accounts.items[i];

				if (a->role != ROLE_JUDGE)
					continue;
				least = a->drawn < least ? a->drawn : least;
				most = a->drawn > most ? a->drawn : most;
			}
			assert_true(most - least <= 1);
		}
		end(&t);
	}
}

static void
test_own_department_never(void **state)
{
	(void)state;
	for (int own = 1; own <= 4; own++) {
		struct trio t = begin(own + 2, own);

		for (int32_t id = 1; id <= 20; id++) {
			bool library = id % 2 == 1;

			must(&t, library ? filed_at(id, STAGE_INITIAL)
					 : of_finance(filed_at(id, STAGE_INITIAL)));
			must(&t, triaged_early(id));
			assert_int_equal(draw(&t), 1);
			for (size_t i = 0; i < 2; i++)
				assert_true(!library || atoi(judge_of(&t, id, 1, i) + 2) >= own);
		}
		end(&t);
	}
}

/* The lot depends on who is asked and which drill, not on the order in which accounts are kept. */
static void
test_lot_is_the_servers(void **state)
{
	struct trio t = begin(3, 0);
	const struct account *two[2];
	char text[40];

	(void)state;
	must(&t, filed_at(1, STAGE_INITIAL));
	must(&t, triaged_early(1));
	assert_int_equal(judging_draw(t.g, 1, 2, two), 2);
	snprintf(text, sizeof text, "%s,%s", two[1]->id, two[0]->id);
	refused(&t,
	    judging(EV_JUDGING_DRAWN, "server",
		(struct judging_event){.id = 1, .round = 1, .judges = text}),
	    ERR_CONFLICT, "the lot for report 1 falls on");
	refused(&t,
	    judging(EV_JUDGING_DRAWN, "chief",
		(struct judging_event){.id = 1, .round = 1, .judges = text}),
	    ERR_FORBIDDEN, "drawn by the server");
	end(&t);
}

/* ---- marks ---- */

static void
test_two_agree(void **state)
{
	struct trio t = begin(2, 0);
	const struct judging_round *r;
	int32_t quality;

	(void)state;
	under_review(&t, 1);
	r = judging_find(t.g, 1)->rounds[0];
	must(&t, marked(judge_of(&t, 1, 1, 0), 1, 1, 1, 20));
	assert_false(judging_both_in(r));
	assert_false(judging_quality(t.g, 1, &quality));
	must(&t, marked(judge_of(&t, 1, 1, 1), 1, 1, 1, 23));
	assert_true(r->done);
	assert_int_equal(state_of(&t, 1), REPORT_SCORED);
	assert_int_equal(judging_item_milli(t.g, 1, 1, 0), 21500);
	assert_int_equal(
	    judging_total_milli(t.g, 1, 1), 41500); /* a false alarm: nothing for time */
	assert_true(judging_quality(t.g, 1, &quality));
	assert_int_equal(quality, 41500);
	end(&t);
}

static void
test_revision(void **state)
{
	struct trio t = begin(2, 0);
	const char *one, *two;

	(void)state;
	under_review(&t, 1);
	one = judge_of(&t, 1, 1, 0);
	two = judge_of(&t, 1, 1, 1);
	refused(&t, marked(one, 1, 1, 2, 20), ERR_CONFLICT, "the next is 1");
	must(&t, marked(one, 1, 1, 1, 20));
	refused(&t, marked(one, 1, 1, 1, 20), ERR_CONFLICT, "you have marked report 1 before");
	must(&t, marked(one, 1, 1, 2, 22));
	assert_int_equal(judging_find(t.g, 1)->rounds[0]->sheets[0].count, 2);
	must(&t, marked(two, 1, 1, 1, 22));
	refused(&t, marked(one, 1, 1, 3, 20), ERR_CONFLICT, "is scored");
	assert_int_equal(judging_item_milli(t.g, 1, 1, 0), 22000);
	end(&t);
}

/* 17 of 85 is still no more than a fifth; half a mark more is. */
static void
test_third(void **state)
{
	struct trio t = begin(3, 0);
	const char *third;

	(void)state;
	under_review(&t, 1);
	must(&t, marked(judge_of(&t, 1, 1, 0), 1, 1, 1, 0));
	must(&t, marked(judge_of(&t, 1, 1, 1), 1, 1, 1, 17));
	assert_int_equal(state_of(&t, 1), REPORT_SCORED);
	under_review(&t, 2);
	must(&t, marked(judge_of(&t, 2, 1, 0), 2, 1, 1, 0));
	must(&t, marked(judge_of(&t, 2, 1, 1), 2, 1, 1, 25));
	assert_int_equal(state_of(&t, 2), REPORT_UNDER_REVIEW);
	assert_true(judging_both_in(judging_find(t.g, 2)->rounds[0]));
	refused(&t, marked(judge_of(&t, 2, 1, 0), 2, 1, 2, 20), ERR_CONFLICT, "none is revised");
	assert_int_equal(draw(&t), 1);
	third = judge_of(&t, 2, 1, 2);
	must(&t, marked(third, 2, 1, 1, 20));
	assert_int_equal(state_of(&t, 2), REPORT_SCORED);
	assert_int_equal(judging_item_milli(t.g, 2, 1, 0), 22500); /* of 20 and 25 */
	assert_false(judging_find(t.g, 2)->rounds[0]->counts[0]);
	end(&t);
}

/* As far from one as from the other: the one in the middle. */
static void
test_third_in_the_middle(void **state)
{
	struct trio t = begin(3, 0);

	(void)state;
	under_review(&t, 1);
	must(&t, marked(judge_of(&t, 1, 1, 0), 1, 1, 1, 0));
	must(&t, marked(judge_of(&t, 1, 1, 1), 1, 1, 1, 24));
	assert_int_equal(draw(&t), 1);
	must(&t, marked(judge_of(&t, 1, 1, 2), 1, 1, 1, 12));
	assert_int_equal(judging_item_milli(t.g, 1, 1, 0), 12000);
	end(&t);
}

static void
test_mark_refusals(void **state)
{
	struct trio t = begin(3, 0);
	struct event ev;
	const char *one, *other = NULL;

	(void)state;
	refused(&t, marked("j-0", 1, 1, 1, 20), ERR_NOT_FOUND, "no report 1");
	must(&t, filed_at(1, STAGE_INITIAL));
	refused(&t, marked("j-0", 1, 1, 1, 20), ERR_CONFLICT, "under review");
	must(&t, triaged_early(1));
	draw(&t);
	one = judge_of(&t, 1, 1, 0);
	for (int i = 0; i < 3; i++) {
		static const char *const all[] = {"j-0", "j-1", "j-2"};

		if (strcmp(all[i], one) != 0 && strcmp(all[i], judge_of(&t, 1, 1, 1)) != 0)
			other = all[i];
	}
	refused(&t, marked(other, 1, 1, 1, 20), ERR_FORBIDDEN, "not drawn for report 1");
	refused(&t, marked("chief", 1, 1, 1, 20), ERR_FORBIDDEN, "marked by judges");
	refused(&t, marked(one, 1, 2, 1, 20), ERR_CONFLICT, "is in round 1");
	ev = marked(one, 1, 1, 1, 20);
	halves[0] = 51;
	refused(&t, ev, ERR_INVALID, "\"detection\" has 0 to 25 marks");
	((struct judging_event *)(uintptr_t)ev.u.judging)->count = 4;
	halves[0] = 50;
	refused(&t, ev, ERR_INVALID, "4 marks, but judges mark 5 items");
	account(&t, "own", ROLE_JUDGE, "", "library");
	refused(&t, marked("own", 1, 1, 1, 20), ERR_FORBIDDEN, "your own department");
	must(&t, marked(one, 1, 1, 1, 20));
	must(&t, returned(1));
	refused(&t, marked(judge_of(&t, 1, 1, 1), 1, 1, 1, 20), ERR_CONFLICT, "is returned");
	end(&t);
}

static void
test_not_begun(void **state)
{
	struct game *g = core_game();

	(void)state;
	core_refused(g, marked("judge-1", 1, 1, 1, 20), ERR_CONFLICT, "has not begun");
	core_refused(g, triaged(1), ERR_CONFLICT, "has not begun");
	game_free(g);
}

/* What was returned and filed again is marked anew by the same two; their former marks stay. */
static void
test_returned(void **state)
{
	struct trio t = begin(3, 0);
	const char *one;

	(void)state;
	under_review(&t, 1);
	one = judge_of(&t, 1, 1, 0);
	must(&t, marked(one, 1, 1, 1, 20));
	must(&t, returned(1));
	must(&t, filed_at(1, STAGE_INITIAL));
	must(&t, triaged_early(1));
	assert_int_equal(draw(&t), 0);
	assert_int_equal(state_of(&t, 1), REPORT_UNDER_REVIEW);
	must(&t, marked(judge_of(&t, 1, 1, 1), 1, 1, 1, 20));
	assert_int_equal(state_of(&t, 1), REPORT_UNDER_REVIEW);
	must(&t, marked(one, 1, 1, 2, 22));
	assert_int_equal(state_of(&t, 1), REPORT_SCORED);
	assert_int_equal(judging_find(t.g, 1)->rounds[0]->sheets[0].marks[1].filings, 2);
	end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_draw),
	    cmocka_unit_test(test_too_few),
	    cmocka_unit_test(test_lot_properties),
	    cmocka_unit_test(test_own_department_never),
	    cmocka_unit_test(test_lot_is_the_servers),
	    cmocka_unit_test(test_two_agree),
	    cmocka_unit_test(test_revision),
	    cmocka_unit_test(test_third),
	    cmocka_unit_test(test_third_in_the_middle),
	    cmocka_unit_test(test_mark_refusals),
	    cmocka_unit_test(test_not_begun),
	    cmocka_unit_test(test_returned),
	};

	return cmocka_run_group_tests_name("judging", tests, NULL, core_rig_close);
}
