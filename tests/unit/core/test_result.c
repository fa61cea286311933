/* Attack results in the fold: their life, every refusal, repeats of a flaw, and that they come back from their text. */
#include "core_rig.h"

#include "core/result.h"

static struct rules_config some_scope;
static bool only_library[] = {true, false};

static struct result_content
content(const char *department, const char *system)
{
	return (struct result_content){.department = department,
	    .system = system,
	    .attacked_ms = CORE_START_MS + 1000000,
	    .claimed = "server",
	    .technique = "T1190",
	    .asset = "",
	    .path = "",
	    .evidence = "evidence",
	    .effect = "",
	    .cleanup = "",
	    .weakness = "CVE-2021-44228"};
}

static struct event
event_of(enum event_kind kind, const char *actor, struct result_event r)
{
	static struct result_event kept;

	kept = r;
	if (kept.reason == NULL)
		kept.reason = "";
	return (struct event){.kind = kind, .actor = actor, .u.result = &kept};
}

static struct event
submitted(int32_t id, const char *department, const char *system)
{
	return event_of(EV_RESULT_SUBMITTED, "red-1-hand",
	    (struct result_event){
		.id = id, .team = "red-1", .content = content(department, system)});
}

static struct event
resubmitted(int32_t id, const char *actor)
{
	return event_of(EV_RESULT_RESUBMITTED, actor,
	    (struct result_event){.id = id, .content = content("library", "library-portal")});
}

static struct event
done(enum event_kind kind, const char *actor, int32_t id)
{
	return event_of(kind, actor,
	    (struct result_event){.id = id, .reason = "so", .penalty = RESULT_PENALTY});
}

static struct event
taken(const char *judge, int32_t id, bool over)
{
	return event_of(EV_RESULT_TAKEN, judge, (struct result_event){.id = id, .over = over});
}

static struct event
confirmed(int32_t id, int32_t flaw, int32_t size, int32_t mlps)
{
	return event_of(EV_RESULT_CONFIRMED, "judge-1",
	    (struct result_event){.id = id,
		.ruling = {.kind = "server",
		    .mlps = mlps,
		    .size = size,
		    .quality = 100,
		    .flaw = flaw,
		    .weakness = "cve 2021 44228"}});
}

/* One that runs, half an hour after its start. */
static struct game *
running(void)
{
	struct game *g = core_game();

	core_must(g, (struct event){.kind = EV_DRILL_STARTED});
	g->at_ms = CORE_START_MS + 1800000;
	return g;
}

static void
under_review(struct game *g, int32_t id, const char *department, const char *system)
{
	core_must(g, submitted(id, department, system));
	core_must(g, taken("judge-1", id, false));
}

static void
test_life(void **state)
{
	struct game *g = running();
	const struct result *r;
	int64_t first;

	(void)state;
	core_must(g, submitted(1, "library", "library-portal"));
	r = result_find(g, 1);
	first = r->at_ms;
	assert_int_equal(r->state, RESULT_SUBMITTED);
	assert_int_equal(r->attacked_drill_ms, r->attacked_ms - clocklog_start_ms(&g->clock));
	core_must(g, taken("judge-1", 1, false));
	core_must(g, done(EV_RESULT_RETURNED, "judge-1", 1));
	assert_int_equal(result_find(g, 1)->state, RESULT_RETURNED);
	core_must(g, resubmitted(1, "red-1-hand"));
	r = result_find(g, 1);
	assert_int_equal(r->state, RESULT_RESUBMITTED);
	assert_int_equal(r->version, 2);
	assert_true(r->at_ms == first);
	core_must(g, taken("judge-1", 1, false));
	core_must(g, confirmed(1, 1, 140, 3));
	r = result_find(g, 1);
	assert_int_equal(r->state, RESULT_CONFIRMED);
	assert_int_equal(r->size, 140);
	assert_null(r->reviewer);
	assert_true(result_counted_milli(r) == 140000);
	assert_int_equal(result_next_confirmed(g, LIBRARY, 0, 0), 1);
	assert_int_equal(result_next_confirmed(g, FINANCE, -1, 0), 0);
	assert_int_equal(result_next_confirmed(g, -1, -1, 1), 0);
	core_must(g, done(EV_RESULT_REOPENED, "judge-2", 1));
	assert_int_equal(result_next_confirmed(g, -1, -1, 0), 0);
	assert_string_equal(result_find(g, 1)->reviewer, "judge-2");
	core_must(g, done(EV_RESULT_VOIDED, "judge-2", 1));
	assert_int_equal(result_find(g, 1)->penalty, RESULT_PENALTY);
	assert_int_equal(result_find(g, 1)->step_count, 8);
	game_free(g);
}

static void
test_red_refusals(void **state)
{
	struct game *g = core_game();
	struct event ev;

	(void)state;
	core_refused(g, submitted(1, "library", "library-portal"), ERR_CONFLICT, "is planned");
	game_free(g);
	g = running();
	core_refused(g, submitted(2, "library", "library-portal"), ERR_CONFLICT, "next one is 1");
	core_refused(g, submitted(1, "nobody", ""), ERR_NOT_FOUND, "no department");
	core_refused(g, submitted(1, "red-2", ""), ERR_NOT_FOUND, "no department");
	core_refused(g, submitted(1, "library", "nothing"), ERR_NOT_FOUND, "no system");
	core_refused(g, submitted(1, "library", "finance-portal"), ERR_INVALID, "is not of");
#define WITH(member, value, e, says)                                                               \
	do {                                                                                       \
		ev = submitted(1, "library", "library-portal");                                    \
		((struct result_event *)(uintptr_t)ev.u.result)->member = value;                   \
		core_refused(g, ev, e, says);                                                      \
	} while (0)
	WITH(content.asset, "a screen", ERR_INVALID, "either");
	WITH(content.attacked_ms, 1, ERR_INVALID, "before the drill");
	WITH(content.attacked_ms, INT64_MAX, ERR_INVALID, "future");
	WITH(content.claimed, "moon", ERR_INVALID, "no kind of result");
	WITH(content.count, 2, ERR_INVALID, "nothing to count");
	WITH(content.claimed, "personal-data", ERR_INVALID, "counts records");
	WITH(content.technique, "T119", ERR_INVALID, "ATT&CK");
	WITH(team, "red-2", ERR_FORBIDDEN, "not of team");
	ev = submitted(1, "library", "library-portal");
	ev.actor = "library-blue";
	core_refused(g, ev, ERR_FORBIDDEN, "by red teams");
	core_refused(g, resubmitted(1, "red-1-hand"), ERR_NOT_FOUND, "no attack result 1");
	core_must(g, submitted(1, "library", "library-portal"));
	core_refused(g, resubmitted(1, "red-1-hand"), ERR_CONFLICT, "is submitted");
	core_refused(g, resubmitted(1, "red-2-hand"), ERR_NOT_FOUND, "no attack result 1");
	core_must(g, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = ""});
	core_refused(g, submitted(2, "library", "library-portal"), ERR_CONFLICT, "is ended");
	game_free(g);
}

static void
test_judges_refusals(void **state)
{
	static const enum event_kind decisions[] = {
	    EV_RESULT_RETURNED, EV_RESULT_REJECTED, EV_RESULT_VOIDED, EV_RESULT_CONFIRMED};
	struct game *g = running();

	(void)state;
	core_refused(g, taken("judge-1", 1, false), ERR_NOT_FOUND, "no attack result 1");
	core_must(g, submitted(1, "library", "library-portal"));
	core_refused(g, taken("chief", 1, false), ERR_FORBIDDEN, "by judges");
	core_refused(g, taken("judge-1", 1, true), ERR_CONFLICT, "nobody reviews");
	for (size_t i = 0; i < 3; i++)
		core_refused(
		    g, done(decisions[i], "judge-1", 1), ERR_CONFLICT, "must be under review");
	core_must(g, taken("judge-1", 1, false));
	/* two judges at once */
	core_refused(g, taken("judge-2", 1, false), ERR_CONFLICT, "\"judge-1\" reviews");
	core_refused(g, taken("judge-1", 1, true), ERR_CONFLICT, "already");
	for (size_t i = 0; i < 3; i++)
		core_refused(g, done(decisions[i], "judge-2", 1), ERR_CONFLICT, "who decides");
	core_must(g, taken("judge-2", 1, true));
	core_refused(g, confirmed(1, 1, 140, 3), ERR_CONFLICT, "by \"judge-2\"");
	core_must(g, taken("judge-1", 1, true));
	core_refused(g, confirmed(1, 1, 100, 3), ERR_INVALID, "140 by the table");
	core_refused(g, confirmed(1, 1, 100, 2), ERR_INVALID, "MLPS level is 3");
	core_refused(g, confirmed(1, 2, 140, 3), ERR_CONFLICT, "the next one is 1");
	core_must(g, confirmed(1, 1, 140, 3));
	core_refused(g, confirmed(1, 1, 140, 3), ERR_CONFLICT, "is confirmed");
	core_refused(g, taken("judge-1", 1, false), ERR_CONFLICT, "no review now");
	core_refused(g, done(EV_RESULT_REOPENED, "leader", 1), ERR_FORBIDDEN, "by judges");
	under_review(g, 2, "library", "library-portal");
	core_refused(
	    g, done(EV_RESULT_REOPENED, "judge-1", 2), ERR_CONFLICT, "only what is decided");
	core_refused(g, confirmed(2, 2, 140, 3), ERR_CONFLICT, "it is flaw 1");
	under_review(g, 3, "finance", "finance-portal");
	core_refused(g, confirmed(3, 1, 100, 2), ERR_CONFLICT, "another target");
	core_must(g, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = ""});
	core_refused(g, done(EV_RESULT_RETURNED, "judge-1", 3), ERR_CONFLICT, "has ended");
	core_must(g, confirmed(3, 2, 100, 2)); /* marking goes on after the end */
	game_free(g);
}

/* 100, 70, 40, 0 per cent by the order of submission, in whatever order they are confirmed. */
static void
test_repeats(void **state)
{
	static const int64_t milli[] = {140000, 98000, 56000, 0};
	static const int32_t order[] = {3, 1, 4, 2};
	struct game *g = running();

	(void)state;
	for (int32_t id = 1; id <= 4; id++)
		under_review(g, id, "library", "library-portal");
	for (int i = 0; i < 4; i++)
		core_must(g, confirmed(order[i], 1, 140, 3));
	for (int32_t id = 1; id <= 4; id++)
		assert_true(result_counted_milli(result_find(g, id)) == milli[id - 1]);
	core_must(g, done(EV_RESULT_REOPENED, "judge-1", 1));
	for (int32_t id = 2; id <= 4; id++)
		assert_true(result_counted_milli(result_find(g, id)) == milli[id - 2]);
	core_must(g, confirmed(1, 1, 140, 3));
	assert_true(result_counted_milli(result_find(g, 2)) == milli[1]);
	assert_int_equal(result_flaw(g, result_find(g, 1), "CVE_2021-44228"), 1);
	assert_int_equal(result_flaw(g, result_find(g, 1), "weak password"), 2);
	game_free(g);
}

static void
test_size_by_hand(void **state)
{
	struct game *g = running();
	struct event ev;

	(void)state;
	under_review(g, 1, "library", "library-portal");
	ev = confirmed(1, 1, 20, 3);
	((struct result_event *)(uintptr_t)ev.u.result)->ruling.overridden = true;
	core_must(g, ev);
	assert_int_equal(result_find(g, 1)->size, 20);
	under_review(g, 2, "library", "");
	ev = confirmed(2, 2, RESULT_SIZE_MAX + 1, 0);
	((struct result_event *)(uintptr_t)ev.u.result)->ruling.overridden = true;
	core_refused(g, ev, ERR_INVALID, "from 0 to 2000");
	ev = confirmed(2, 2, 140, 0);
	((struct result_event *)(uintptr_t)ev.u.result)->ruling.unlisted = true;
	core_must(g, ev);
	game_free(g);
}

/* Outside the scope nothing is confirmed; its penalty is recorded. */
static void
test_out_of_scope(void **state)
{
	struct game *g;

	(void)state;
	some_scope =
	    (struct rules_config){.version = "1", .text = {"t", "t"}, .in_scope = only_library};
	core_config.rules = &some_scope;
	g = running();
	core_config.rules = NULL;
	core_refused(
	    g, submitted(1, "library", "library-portal"), ERR_FORBIDDEN, "/api/v1/rules/accept");
	core_must(g, (struct event){.kind = EV_ROE_ACCEPTED,
			 .actor = "red-1-hand",
			 .u.engagement = &(struct engagement_event){g->engagement->hash}});
	under_review(g, 1, "finance", "finance-portal");
	assert_true(result_find(g, 1)->out_of_scope);
	core_refused(g, confirmed(1, 1, 100, 2), ERR_CONFLICT, "out of scope");
	core_must(g, done(EV_RESULT_VOIDED, "judge-1", 1));
	assert_int_equal(result_find(g, 1)->penalty, 200);
	under_review(g, 2, "library", "library-portal");
	assert_false(result_find(g, 2)->out_of_scope);
	game_free(g);
}

static void
test_shown_to_blue(void **state)
{
	struct game *g = running();

	(void)state;
	under_review(g, 1, "library", "library-portal");
	assert_false(result_shown_to_blue(g, result_find(g, 1), LIBRARY));
	core_must(g, confirmed(1, 1, 140, 3));
	assert_false(result_shown_to_blue(g, result_find(g, 1), LIBRARY));
	g->config->show_blue = SHOW_AFTER_CONFIRMATION;
	assert_true(result_shown_to_blue(g, result_find(g, 1), LIBRARY));
	assert_false(result_shown_to_blue(g, result_find(g, 1), FINANCE));
	g->config->show_blue = SHOW_AFTER_END;
	core_must(g, (struct event){.kind = EV_DRILL_ENDED, .u.clock.reason = ""});
	assert_true(result_shown_to_blue(g, result_find(g, 1), LIBRARY));
	g->config->show_blue = SHOW_NEVER;
	assert_false(result_shown_to_blue(g, result_find(g, 1), LIBRARY));
	game_free(g);
}

/* A published bundle has no secrets: it folds all the same, repeats and all. */
static void
test_without_secrets(void **state)
{
	struct game *g = running();
	struct buf body, secret;

	(void)state;
	for (int32_t id = 1; id <= 2; id++) {
		struct event made[] = {submitted(id, "library", "library-portal"), {0}, {0}};

		for (int i = 0; i < 3; i++) {
			struct event ev = i == 0   ? made[0]
					  : i == 1 ? taken("judge-1", id, false)
						   : confirmed(id, 1, 140, 3);
			const char *actor = ev.actor;

			core_encode(&ev, &body, &secret);
			ev = *core_decode(ev.kind, body.data, "");
			ev.actor = actor;
			core_must(g, ev);
			buf_free(&body);
			buf_free(&secret);
		}
	}
	assert_string_equal(result_find(g, 2)->evidence, "");
	assert_true(result_counted_milli(result_find(g, 2)) == 98000);
	game_free(g);
}

static void
test_text(void **state)
{
	(void)state;
	core_cannot_decode(EV_RESULT_TAKEN, "{\"id\":1}", "over");
	core_cannot_decode(
	    EV_RESULT_VOIDED, "{\"cause\":\"x\",\"id\":1,\"penalty\":200}", "no cause");
	core_cannot_decode(EV_RESULT_REJECTED, "{\"id\":0}", "id");
	core_cannot_decode(EV_RESULT_CONFIRMED,
	    "{\"count\":0,\"flaw\":1,\"id\":1,\"kind\":\"server\",\"mlps\":6}", "mlps");
}

static void
test_table(void **state)
{
	static const struct {
		const char *kind;
		int32_t count;
		bool raised;
		int32_t size;
	} cases[] = {{"account", 0, false, 30}, {"account", 0, true, 42}, {"sso", 4, false, 500},
	    {"sso", 4, true, 700}, {"control", 7, false, 270}, {"personal-data", 999, false, 100},
	    {"personal-data", 1000, false, 300}, {"personal-data", 10000, true, 840},
	    {"target", 0, false, 500}, {"terminal", 0, true, 14}};
	static const char *const bad[] = {"", "T1", "t1190", "T1190.", "T1190.1", "T1190.0011",
	    "T119O", "T1190 ", " T1190", "T1190,001"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(result_kind_size(result_kind_find(cases[i].kind), cases[i].count,
				     cases[i].raised),
		    cases[i].size);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(technique_valid(bad[i]));
	assert_true(technique_valid("T1190") && technique_valid("T1059.001"));
	assert_int_equal(result_repeat_percent(0), 0);
	assert_int_equal(result_repeat_percent(4), 0);
}

/* All texts that a team has ever submitted count, each version's; another team's do not. */
static void
test_room_of_a_team(void **state)
{
	struct game *g = running();
	struct result_team *t = &g->results->teams[game_team(g, "red-1")];
	size_t each;

	(void)state;
	under_review(g, 1, "library", "library-portal");
	each = t->bytes;
	assert_int_equal(each, strlen("evidence") + strlen("CVE-2021-44228"));
	core_must(g, done(EV_RESULT_RETURNED, "judge-1", 1));
	core_must(g, resubmitted(1, "red-1-hand"));
	assert_int_equal(t->bytes, 2 * each);
	t->bytes = RESULT_TEAM_MAX_BYTES - each + 1;
	core_refused(g, submitted(2, "library", "library-portal"), ERR_LIMIT, "have 64 MiB");
	t->bytes--;
	core_must(g, submitted(2, "library", "library-portal"));
	core_must(g, taken("judge-1", 2, false));
	core_must(g, done(EV_RESULT_RETURNED, "judge-1", 2));
	core_refused(g, resubmitted(2, "red-1-hand"), ERR_LIMIT, "a shorter text may fit");
	game_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_red_refusals),
	    cmocka_unit_test(test_judges_refusals),
	    cmocka_unit_test(test_repeats),
	    cmocka_unit_test(test_size_by_hand),
	    cmocka_unit_test(test_out_of_scope),
	    cmocka_unit_test(test_shown_to_blue),
	    cmocka_unit_test(test_without_secrets),
	    cmocka_unit_test(test_room_of_a_team),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
