/*
 * The facts file: what is accepted, in which order it reaches a policy, and how each mistake is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/facts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEAMS "\"teams\":[{\"id\":1},{\"id\":\"b\"},{\"id\":\"red\",\"attacker\":true}]"
#define SERVICES "\"services\":[{\"id\":\"web\"},{\"id\":\"mail\",\"name\":\"Mail\",\"weight\":2}]"
#define FLAG(id, tick) "{\"id\":" id ",\"team\":1,\"service\":\"web\",\"tick\":" tick "}"
#define HEAD "{" TEAMS "," SERVICES ",\"ticks\":5,"

static struct facts *
read_good(const char *text)
{
	struct facts *f;
	struct why why;

	if (facts_read(text, strlen(text), &f, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return f;
}

struct mistake {
	const char *text;
	const char *why;
};

static void
refuse_each(const struct mistake *mistakes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct facts *f;
		struct why why = {0};
		enum err e = facts_read(mistakes[i].text, strlen(mistakes[i].text), &f, &why);

		assert_true(e == ERR_INVALID || e == ERR_LIMIT);
		assert_null(f);
		if (strstr(why.text, mistakes[i].why) != why.text)
			fail_msg("expected \"%s\", got \"%s\"", mistakes[i].why, why.text);
	}
}

/* ---- what is read ---- */

static void
absent_members_have_their_defaults(void **state)
{
	struct facts *f = read_good("{\"teams\":[{\"id\":7}],\"services\":[{\"id\":\"s\"}]}");

	(void)state;
	assert_true(f->setup.teams[0].active);
	assert_false(f->setup.teams[0].nop || f->setup.teams[0].attacker);
	assert_int_equal(f->setup.service_weights[0], 1);
	assert_int_equal(f->ticks, 0);
	assert_int_equal(f->count, 1); /* the close of tick 0 */
	facts_free(f);
	f = read_good("{}");
	assert_int_equal(f->setup.team_count, 0);
	facts_free(f);
}

static void
members_are_taken_over(void **state)
{
	struct facts *f = read_good(
	    "{\"teams\":[{\"id\":-7,\"name\":\"n\",\"nop\":true,\"active\":false},"
	    "{\"id\":\"7\",\"attacker\":true}],"
	    "\"services\":[{\"id\":\"s\",\"name\":\"\",\"weight\":1000000}],\"ticks\":3}");

	(void)state;
	assert_true(f->setup.teams[0].nop);
	assert_false(f->setup.teams[0].active);
	assert_true(f->setup.teams[1].attacker);
	assert_string_equal(f->setup.teams[0].id, "-7");
	assert_true(f->teams[0].number);
	assert_false(f->teams[1].number);
	assert_int_equal(f->setup.service_weights[0], 1000000);
	assert_int_equal(f->ticks, 3);
	assert_int_equal(f->count, 4);
	facts_free(f);
}

static void
without_ticks_the_last_tick_met_counts(void **state)
{
	struct facts *f = read_good("{" TEAMS "," SERVICES ",\"flags\":[" FLAG(
	    "1", "4") "],"
		      "\"captures\":[{\"flag\":1,\"team\":\"b\",\"tick\":6}]}");

	(void)state;
	assert_int_equal(f->ticks, 6);
	assert_int_equal(f->count, 2 + 7);
	facts_free(f);
}

/* ---- the order in which policies see them ---- */

static void
facts_come_by_tick_flags_checks_captures_close(void **state)
{
	struct facts *f = read_good(
	    HEAD "\"captures\":[{\"flag\":\"y\",\"team\":\"red\",\"tick\":2},"
		 "{\"flag\":\"x\",\"team\":\"b\",\"tick\":1},{\"flag\":\"x\",\"team\":\"red\","
		 "\"tick\":1}],"
		 "\"checks\":[{\"team\":1,\"service\":\"mail\",\"tick\":1,\"status\":\"corrupt\"}],"
		 "\"flags\":[" FLAG("\"y\"", "2") "," FLAG("\"x\"", "1") "]}");
	static const struct fact want[] = {
	    {.kind = FACT_CLOSE, .tick = 0},
	    {.kind = FACT_FLAG, .tick = 1, .flag = 0},
	    {.kind = FACT_CHECK, .tick = 1, .service = 1, .status = ST_CORRUPT},
	    {.kind = FACT_CAPTURE, .tick = 1, .flag = 0, .team = 1},
	    {.kind = FACT_CAPTURE, .tick = 1, .flag = 0, .team = 2},
	    {.kind = FACT_CLOSE, .tick = 1},
	    {.kind = FACT_FLAG, .tick = 2, .flag = 1},
	    {.kind = FACT_CAPTURE, .tick = 2, .flag = 1, .team = 2},
	    {.kind = FACT_CLOSE, .tick = 2},
	    {.kind = FACT_CLOSE, .tick = 3},
	    {.kind = FACT_CLOSE, .tick = 4},
	    {.kind = FACT_CLOSE, .tick = 5},
	};

	(void)state;
	assert_int_equal(f->count, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < f->count; i++) {
		assert_int_equal(f->list[i].kind, want[i].kind);
		assert_int_equal(f->list[i].tick, want[i].tick);
		assert_int_equal(f->list[i].flag, want[i].flag);
		assert_int_equal(f->list[i].team, want[i].team);
		assert_int_equal(f->list[i].service, want[i].service);
		assert_int_equal(f->list[i].status, want[i].status);
	}
	facts_free(f);
}

/* ---- mistakes ---- */

static void
the_shape_must_be_right(void **state)
{
	static const struct mistake mistakes[] = {
	    {"", "empty"},
	    {"{\"teams\":[", "not JSON"},
	    {"[]", "the facts must be one JSON object"},
	    {"{\"team\":[]}", "unknown key \"team\"; known: \"teams\""},
	    {"{\"teams\":[],\"teams\":[]}", "not JSON: duplicate"},
	    {"{\"teams\":{}}", "teams: must be a list"},
	    {"{\"flags\":7}", "flags: must be a list"},
	    {"{\"teams\":[7]}", "teams[0]: must be an object"},
	    {"{\"teams\":[{\"id\":1},{\"id\":2,\"nob\":true}]}", "teams[1]: unknown key \"nob\""},
	    {"{\"ticks\":-1}", "ticks: must be a whole number from 0 to 100000"},
	    {"{\"ticks\":100001}", "ticks: must be"},
	    {"{\"ticks\":1.0}", "ticks: must be"},
	    {"{\"ticks\":null}", "ticks: must be"},
	};

	(void)state;
	refuse_each(mistakes, sizeof(mistakes) / sizeof(mistakes[0]));
}

static void
ids_must_be_there_and_unique(void **state)
{
	static const struct mistake mistakes[] = {
	    {"{\"teams\":[{}]}", "teams[0].id: missing"},
	    {"{\"teams\":[{\"id\":\"\"}]}", "teams[0].id: must be a string of 1 to 200 bytes"},
	    {"{\"teams\":[{\"id\":1.5}]}", "teams[0].id: must be"},
	    {"{\"teams\":[{\"id\":true}]}", "teams[0].id: must be"},
	    {"{\"services\":[{\"id\":[]}]}", "services[0].id: must be"},
	    {"{\"teams\":[{\"id\":3},{\"id\":\"3\"},{\"id\":3}]}",
		"teams[2].id: 3 is the id of teams[0] already"},
	    {"{\"services\":[{\"id\":\"a\"},{\"id\":\"a\"}]}",
		"services[1].id: \"a\" is the id of services[0] already"},
	    {HEAD "\"flags\":[" FLAG("\"f\"", "3") "," FLAG("\"f\"", "1") "]}",
		"flags[1].id: \"f\" is the id of flags[0] already"},
	    {"{\"teams\":[{\"id\":\"\\u001b[2J\"},{\"id\":\"\\u001b[2J\"}]}",
		"teams[1].id: \"\\u001b[2J\" is the id"},
	};
	char text[300];

	(void)state;
	refuse_each(mistakes, sizeof(mistakes) / sizeof(mistakes[0]));
	snprintf(text, sizeof(text), "{\"teams\":[{\"id\":\"%0*d\"}]}", FACTS_ID_MAX_BYTES + 1, 7);
	refuse_each(&(struct mistake){text, "teams[0].id: must be a string of 1 to 200"}, 1);
	snprintf(text, sizeof(text), "{\"teams\":[{\"id\":\"%0*d\"}]}", FACTS_ID_MAX_BYTES, 7);
	facts_free(read_good(text));
}

static void
references_must_lead_somewhere(void **state)
{
	static const struct mistake mistakes[] = {
	    {HEAD "\"flags\":[{\"id\":1,\"team\":\"1\",\"service\":\"web\",\"tick\":1}]}",
		"flags[0].team: no team \"1\""},
	    {HEAD "\"flags\":[{\"id\":1,\"team\":1,\"service\":\"Web\",\"tick\":1}]}",
		"flags[0].service: no service \"Web\""},
	    {HEAD "\"flags\":[" FLAG(
		 "1", "1") "],\"captures\":[{\"flag\":1,\"team\":\"b\",\"tick\":1},"
			   "{\"flag\":\"x\",\"team\":\"b\",\"tick\":1}]}",
		"captures[1].flag: no flag \"x\""},
	    {HEAD
		"\"flags\":[" FLAG("1", "1") "],\"captures\":[{\"flag\":1,\"team\":9,\"tick\":1}]}",
		"captures[0].team: no team 9"},
	    {HEAD "\"captures\":[{\"team\":1,\"tick\":1}]}", "captures[0].flag: missing"},
	    {"{\"captures\":[{\"flag\":1,\"team\":1,\"tick\":1}]}", "captures[0].flag: no flag 1"},
	    {HEAD "\"checks\":[{\"team\":2,\"service\":\"web\",\"tick\":1,\"status\":\"ok\"}]}",
		"checks[0].team: no team 2"},
	};

	(void)state;
	refuse_each(mistakes, sizeof(mistakes) / sizeof(mistakes[0]));
}

static void
ticks_must_be_of_the_game(void **state)
{
	static const struct mistake mistakes[] = {
	    {HEAD "\"flags\":[" FLAG("1", "6") "]}",
		"flags[0].tick: must be a whole number from 0 to 5"},
	    {HEAD "\"flags\":[" FLAG("1", "-1") "]}", "flags[0].tick: must be"},
	    {HEAD "\"flags\":[" FLAG("1", "\"1\"") "]}", "flags[0].tick: must be"},
	    {"{" TEAMS "," SERVICES ",\"flags\":[" FLAG("1", "100001") "]}",
		"flags[0].tick: must be a whole number from 0 to 100000"},
	    {HEAD "\"flags\":[" FLAG(
		 "1", "3") "],\"captures\":[{\"flag\":1,\"team\":\"b\",\"tick\":2}]}",
		"captures[0].tick: 2 is before the flag was issued, in tick 3"},
	    {HEAD "\"flags\":[" FLAG("1", "3") "],\"captures\":[{\"flag\":1,\"team\":\"b\"}]}",
		"captures[0].tick: missing"},
	};

	(void)state;
	refuse_each(mistakes, sizeof(mistakes) / sizeof(mistakes[0]));
	facts_free(read_good(HEAD "\"flags\":[" FLAG("1", "0") "," FLAG("2", "5") "]}"));
}

static void
other_members_must_be_of_their_kind(void **state)
{
	static const struct mistake mistakes[] = {
	    {"{\"teams\":[{\"id\":1,\"nop\":1}]}", "teams[0].nop: must be true or false"},
	    {"{\"teams\":[{\"id\":1,\"active\":null}]}", "teams[0].active: must be true or false"},
	    {"{\"teams\":[{\"id\":1,\"attacker\":\"yes\"}]}", "teams[0].attacker: must be true"},
	    {"{\"teams\":[{\"id\":1,\"name\":7}]}", "teams[0].name: must be a string"},
	    {"{\"teams\":[{\"id\":1,\"nop\":true,\"attacker\":true}]}",
		"teams[0].attacker: a NOP team cannot be an attacker"},
	    {"{\"services\":[{\"id\":1,\"weight\":0}]}",
		"services[0].weight: must be a whole number from 1 to 1000000"},
	    {"{\"services\":[{\"id\":1,\"weight\":1.5}]}", "services[0].weight: must be"},
	    {HEAD "\"checks\":[{\"team\":1,\"service\":\"web\",\"tick\":1,\"status\":\"up\"}]}",
		"checks[0].status: must be one of none, ok, recovering, corrupt, mumble, down, "
		"fault"},
	    {HEAD "\"checks\":[{\"team\":1,\"service\":\"web\",\"tick\":1}]}",
		"checks[0].status: must be"},
	    {HEAD "\"flags\":[{\"id\":1,\"team\":\"red\",\"service\":\"web\",\"tick\":1}]}",
		"flags[0].team: \"red\" is an attacker and owns no services"},
	    {HEAD
		"\"checks\":[{\"team\":\"red\",\"service\":\"web\",\"tick\":1,\"status\":\"ok\"}]}",
		"checks[0].team: \"red\" is an attacker"},
	};

	(void)state;
	refuse_each(mistakes, sizeof(mistakes) / sizeof(mistakes[0]));
}

static void
a_system_is_checked_once_a_tick(void **state)
{
#define CHECK(team, service, tick)                                                                 \
	"{\"team\":" team ",\"service\":\"" service "\",\"tick\":" tick ",\"status\":\"ok\"}"
	static const struct mistake twice = {HEAD
	    "\"flags\":[" FLAG("1", "1") "],\"checks\":[" CHECK("1", "web", "2") "," CHECK(
		"1", "web", "3") "," CHECK("1", "web", "2") "]}",
	    "checks[2]: this team's service has a status for tick 2 already"};

	(void)state;
	refuse_each(&twice, 1);
	facts_free(read_good(HEAD "\"checks\":[" CHECK("1", "web", "0") "," CHECK(
	    "1", "mail", "0") "," CHECK("\"b\"", "web", "0") "," CHECK("1", "web", "1") "]}"));
}

static void
more_teams_than_a_drill_takes_are_refused(void **state)
{
	char *text = malloc(32 * (TEAMS_MAX + 2));
	size_t len = (size_t)sprintf(text, "{\"teams\":[{\"id\":0}");

	(void)state;
	for (int i = 1; i <= TEAMS_MAX; i++)
		len += (size_t)sprintf(text + len, ",{\"id\":%d}", i);
	strcpy(text + len, "]}");
	refuse_each(&(struct mistake){text, "teams: 1001 of them; at most 1000 are taken"}, 1);
	free(text);
}

/* ---- the result ---- */

static void
a_result_that_does_not_fit_is_an_error(void **state)
{
	struct facts *f = read_good(HEAD "\"flags\":[" FLAG("1", "0") "]}");
	struct why why;
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	assert_int_equal(facts_score(f, &policy_faust, NULL, 0, &out, &why), ERR_LIMIT);
	assert_non_null(strstr(why.text, "64 bytes"));
	buf_free(&out);
	facts_free(f);
}

static void
a_parameter_the_policy_does_not_take_is_refused(void **state)
{
	struct facts *f = read_good("{}");
	struct param param = {.key = "hardness", .value = "10"};
	struct why why;
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	assert_int_equal(facts_score(f, &policy_faust, &param, 1, &out, &why), ERR_INVALID);
	assert_int_equal(out.len, 0);
	buf_free(&out);
	facts_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(absent_members_have_their_defaults),
	    cmocka_unit_test(members_are_taken_over),
	    cmocka_unit_test(without_ticks_the_last_tick_met_counts),
	    cmocka_unit_test(facts_come_by_tick_flags_checks_captures_close),
	    cmocka_unit_test(the_shape_must_be_right),
	    cmocka_unit_test(ids_must_be_there_and_unique),
	    cmocka_unit_test(references_must_lead_somewhere),
	    cmocka_unit_test(ticks_must_be_of_the_game),
	    cmocka_unit_test(other_members_must_be_of_their_kind),
	    cmocka_unit_test(a_system_is_checked_once_a_tick),
	    cmocka_unit_test(more_teams_than_a_drill_takes_are_refused),
	    cmocka_unit_test(a_result_that_does_not_fit_is_an_error),
	    cmocka_unit_test(a_parameter_the_policy_does_not_take_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
