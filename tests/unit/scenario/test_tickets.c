/* The section tickets: what may be left out, and every rule broken once. */
#include "cases.h"

#include "core/ticket_words.h"

#define WITH(tickets) "accounts:\n", tickets "accounts:\n"

static void
mistakes_at_their_places(void **state)
{
	static const struct mistake_case cases[] = {
	    {"empty", WITH("tickets: {}\n"), ""},
	    {"some days", WITH("tickets: {days: {critical: 1, low: 30}}\n"), ""},
	    {"no mapping", WITH("tickets: 3\n"), "35:10: expected the tickets"},
	    {"unknown severity", WITH("tickets: {days: {urgent: 1}}\n"),
		"35:18: \"urgent\" is no key of the days of tickets"},
	    {"no days", WITH("tickets: {days: {high: 0}}\n"), "35:24: high"},
	    {"more than a year", WITH("tickets: {days: {high: 251}}\n"), "35:24: high"},
	    {"supervision", WITH("tickets: {supervision: {remind: 2, talk: 1, criticism: 3}}\n"),
		""},
	    {"criticism before the talk", WITH("tickets: {supervision: {talk: 5, criticism: 5}}\n"),
		"35:45: criticism is 5, talk is 5; the notice of criticism comes after the talk"},
	    {"criticism without the talk", WITH("tickets: {supervision: {criticism: 5}}\n"),
		"35:36: criticism: say with talk"},
	};

	(void)state;
	run_scenario_cases(cases, COUNT(cases));
}

/* What was read is in the drill's configuration, and comes back from the journal. */
static void
they_survive_the_journal(void **state)
{
	static const char text[] = "{\"criticism\":9,\"days\":{\"critical\":2,\"low\":30},"
				   "\"remind\":2,\"talk\":4}";
	struct ticket_rules r = {.days = {2, 0, 0, 30}, .remind = 2, .talk = 4, .criticism = 9};
	struct ticket_rules back;
	struct json_writer w;
	struct json_t *j;
	struct buf out;
	struct why why;

	(void)state;
	buf_init(&out, 4096);
	jw_begin(&w, &out);
	ticket_rules_encode(&r, &w);
	assert_string_equal(out.data, text);
	assert_int_equal(jr_parse(out.data, out.len, &j, &why), ERR_OK);
	assert_int_equal(ticket_rules_decode(j, &back, &why), ERR_OK);
	assert_memory_equal(&r, &back, sizeof r);
	jr_free(j);
	buf_free(&out);
	assert_int_equal(ticket_days(&r, SEVERITY_CRITICAL), 2);
	assert_int_equal(ticket_days(&r, SEVERITY_HIGH), 5);
}

static void
damaged_ones_are_refused(void **state)
{
	static const char *const bad[] = {"[]", "{\"days\":{\"low\":0}}", "{\"talk\":\"x\"}",
	    "{\"criticism\":3,\"days\":{},\"talk\":3}"};
	struct ticket_rules r;
	struct json_t *j;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(jr_parse(bad[i], strlen(bad[i]), &j, &why), ERR_OK);
		assert_int_equal(ticket_rules_decode(j, &r, &why), ERR_INVALID);
		jr_free(j);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_at_their_places),
	    cmocka_unit_test(they_survive_the_journal),
	    cmocka_unit_test(damaged_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
