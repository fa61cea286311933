/* Judging: the lot, marks and their refusals, a third judge, release, appeal, final; and that all of it can be folded again. */
#include "report_rig.h"

#include "core/judging.h"

/*
 * Every event goes to three games alike: as it is, by way of its texts, and by way of its public text alone.
 */
struct trio {
	struct game *g, *again, *published;
};

static int32_t halves[5];

static struct event
judging(enum event_kind kind, const char *actor, struct judging_event j)
{
	static struct judging_event kept[4];
	static size_t at;
	struct judging_event *k = &kept[at++ % 4];

	*k = j;
	k->judges = k->judges != NULL ? k->judges : "";
	k->judge = k->judge != NULL ? k->judge : "";
	k->instead = k->instead != NULL ? k->instead : "";
	k->reason = k->reason != NULL ? k->reason : "because";
	return (struct event){.kind = kind, .actor = actor, .u.judging = k};
}

/* Of the default rubric: detection 25, analysis 15, containment 25, coordination 10, traceback 10. */
static struct event
marked(const char *judge, int32_t id, int32_t round, int32_t version, int detection)
{
	halves[0] = 2 * detection;
	for (int i = 1; i < 5; i++)
		halves[i] = 10;
	return judging(EV_JUDGING_MARKED, judge,
	    (struct judging_event){
		.id = id, .round = round, .version = version, .halves = halves, .count = 5});
}

static struct event
triaged(int32_t id)
{
	return judging(EV_JUDGING_TRIAGED, "chief", (struct judging_event){.id = id});
}

static struct event
moved(enum event_kind kind, int32_t id)
{
	return judging(kind, "chief", (struct judging_event){.id = id});
}

static struct event
named(int32_t id, int32_t round, const char *judge, const char *instead)
{
	return judging(EV_JUDGING_NAMED, "chief",
	    (struct judging_event){.id = id, .round = round, .judge = judge, .instead = instead});
}

/* ---- three games ---- */

static void
apply_text(struct game *g, const struct event *ev, bool with_secret)
{
	struct drill_config config = {0};
	struct event read = *ev;
	struct buf body, secret;

	core_encode(ev, &body, &secret);
	if (event_decode(&read, body.data, body.len, secret.data, with_secret ? secret.len : 0,
		&core_arena, &config, &core_why) != ERR_OK ||
	    game_apply(g, &read, &core_why) != ERR_OK)
		fail_msg("%s: %s", event_kind_name(ev->kind), core_why.text);
	config_free(&config);
	buf_free(&body);
	buf_free(&secret);
}

static void
must(struct trio *t, struct event ev)
{
	ev.seq = t->g->seq + 1;
	ev.at_ms = t->g->at_ms > 0 ? t->g->at_ms + 1000 : CORE_START_MS;
	ev.drill_ms = t->g->drill_ms;
	if (ev.actor == NULL)
		ev.actor = "chief";
	if (game_apply(t->g, &ev, &core_why) != ERR_OK)
		fail_msg("%s: %s", event_kind_name(ev.kind), core_why.text);
	apply_text(t->again, &ev, true);
	apply_text(t->published, &ev, false);
}

static void
later(struct trio *t, int64_t ms)
{
	report_later(t->g, ms);
	report_later(t->again, ms);
	report_later(t->published, ms);
}

static void
account(struct trio *t, const char *id, enum role role, const char *team, const char *department)
{
	must(t, (struct event){.kind = EV_ACCOUNT_CREATED,
		    .u.account = {.account = id,
			.role = role,
			.team = team,
			.department = department,
			.value = ""}});
}

/* Started, with judges "j-0", "j-1", ... of whom the first `own` work for the library. */
static struct trio
begin(int judges, int own)
{
	struct trio t = {game_new(), game_new(), game_new()};
	char id[16];

	must(&t, (struct event){.kind = EV_DRILL_OPENED, .u.opened.config = &core_config});
	account(&t, "library-blue", ROLE_BLUE, "library", NULL);
	account(&t, "finance-blue", ROLE_BLUE, "finance", "");
	account(&t, "red-1-hand", ROLE_RED, "red-1", "");
	account(&t, "chief", ROLE_DIRECTOR, "", "");
	for (int i = 0; i < judges; i++) {
		snprintf(id, sizeof id, "j-%d", i);
		account(&t, id, ROLE_JUDGE, "", i < own ? "library" : "");
	}
	must(&t, (struct event){.kind = EV_DRILL_STARTED});
	later(&t, 20000);
	return t;
}

/* What the fold says of all judging, as text. */
static void
digest(const struct game *g, struct buf *out)
{
	buf_init(out, 1 << 20);
	for (int32_t id = 1; id <= (int32_t)g->reports->count; id++) {
		const struct judging_chain *c = judging_find(g, id);
		int32_t quality;
		bool known = judging_quality(g, id, &quality);

		buf_printf(
		    out, "%d %d %d %d\n", id, (int)report_find(g, id)->state, known, quality);
		for (int n = 0; c != NULL && n < JUDGING_ROUNDS; n++)
			for (size_t i = 0; c->rounds[n] != NULL && i < c->rounds[n]->count; i++)
				buf_printf(out, " %s %zu %d %d\n",
				    c->rounds[n]->sheets[i].judge->id,
				    c->rounds[n]->sheets[i].count, c->rounds[n]->sheets[i].replaced,
				    c->rounds[n]->counts[i]);
	}
}

static void
end(struct trio *t)
{
	struct game *games[] = {t->g, t->again, t->published};
	struct buf text[3];

	for (int i = 0; i < 3; i++)
		digest(games[i], &text[i]);
	assert_string_equal(
	    text[0].data != NULL ? text[0].data : "", text[1].data != NULL ? text[1].data : "");
	assert_string_equal(
	    text[0].data != NULL ? text[0].data : "", text[2].data != NULL ? text[2].data : "");
	for (int i = 0; i < 3; i++) {
		buf_free(&text[i]);
		game_free(games[i]);
	}
}

/* What is due now happens, as the server makes it happen; how often. */
static int
draw(struct trio *t)
{
	struct arena arena = {0};
	int n = 0;

	for (;; n++) {
		struct record_time now = {t->g->drill_ms, t->g->at_ms}, next;
		struct event ev = {.actor = "clock"};

		if (!record_due(t->g, &now, &arena, &ev, &next))
			break;
		must(t, ev);
		arena_reset(&arena);
	}
	arena_free(&arena);
	return n;
}

static enum report_state
state_of(const struct trio *t, int32_t id)
{
	return report_find(t->g, id)->state;
}

static const char *
judge_of(const struct trio *t, int32_t id, int round, size_t i)
{
	return judging_find(t->g, id)->rounds[round - 1]->sheets[i].judge->id;
}

static void
refused(struct trio *t, struct event ev, enum err e, const char *says)
{
	core_refused(t->g, ev, e, says);
}

/* A report of the library under review by two. */
static void
under_review(struct trio *t, int32_t id)
{
	must(t, filed_at(id, STAGE_INITIAL));
	must(t, triaged(id));
	assert_int_equal(draw(t), 1);
	assert_int_equal(state_of(t, id), REPORT_UNDER_REVIEW);
}

/* ---- the lot ---- */

static void
test_draw(void **state)
{
	struct trio t = begin(3, 0);

	(void)state;
	must(&t, filed_at(1, STAGE_INITIAL));
	assert_int_equal(judging_wants(t.g, 1), 0);
	must(&t, triaged(1));
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
	must(&t, triaged(1));
	assert_int_equal(draw(&t), 0);
	assert_int_equal(state_of(&t, 1), REPORT_TRIAGED);
	must(&t, named(1, 1, "j-1", ""));
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
			must(&t, triaged(id));
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
			must(&t, triaged(id));
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
	must(&t, triaged(1));
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
	must(&t, triaged(1));
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
	must(&t, triaged(1));
	assert_int_equal(draw(&t), 0);
	assert_int_equal(state_of(&t, 1), REPORT_UNDER_REVIEW);
	must(&t, marked(judge_of(&t, 1, 1, 1), 1, 1, 1, 20));
	assert_int_equal(state_of(&t, 1), REPORT_UNDER_REVIEW);
	must(&t, marked(one, 1, 1, 2, 22));
	assert_int_equal(state_of(&t, 1), REPORT_SCORED);
	assert_int_equal(judging_find(t.g, 1)->rounds[0]->sheets[0].marks[1].filings, 2);
	end(&t);
}

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
	must(&t, triaged(1));
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

static void
test_text(void **state)
{
	(void)state;
	core_text_is(triaged(1), "{\"id\":1}", "");
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
	    cmocka_unit_test(test_named),
	    cmocka_unit_test(test_story),
	    cmocka_unit_test(test_appeal_with_few_judges),
	    cmocka_unit_test(test_rejected),
	    cmocka_unit_test(test_measured_is_fixed),
	    cmocka_unit_test(test_drift),
	    cmocka_unit_test(test_duplicates_are_not_judged),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests_name("judging", tests, NULL, core_rig_close);
}
