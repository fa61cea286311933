/* Tickets in the fold: the whole life, who may do what from which state, and that they come back from their text. */
#include "ticket_rig.h"

/* From the weakness to its end, once round by a retest that failed. */
static void
test_life(void **state)
{
	struct game *g = core_game();
	const struct ticket *t;
	char number[TICKET_NUMBER_BYTES];

	(void)state;
	in_progress(g, 1);
	core_must(g, step(EV_TICKET_FEEDBACK, 1, "library-blue"));
	core_must(g, step(EV_TICKET_RETEST_BEGUN, 1, "judge-1"));
	core_must(g, retested(1, "judge-1", RETEST_UNCLEAR));
	assert_int_equal(state_of(g, 1), TICKET_RETESTING);
	core_must(g, retested(1, "judge-1", RETEST_VULNERABLE));
	assert_int_equal(state_of(g, 1), TICKET_RETEST_FAILED);
	core_must(g, step(EV_TICKET_STARTED, 1, "library-blue"));
	core_must(g, step(EV_TICKET_FEEDBACK, 1, "library-blue"));
	core_must(g, step(EV_TICKET_RETEST_BEGUN, 1, "judge-2"));
	core_must(g, retested(1, "judge-2", RETEST_FIXED));
	t = ticket_find(g, 1);
	assert_int_equal(t->state, TICKET_CLOSED);
	assert_true(t->closed_ms == g->at_ms);
	assert_int_equal(t->step_count, 12);
	assert_string_equal(t->steps[4].by, "library-blue");
	assert_int_equal(t->steps[4].state, TICKET_FEEDBACK_SUBMITTED);
	assert_int_equal(t->fixer_count, 1);
	ticket_number(g, t, number);
	assert_string_equal(number, "library-2027-001");
	core_must(g, dated(EV_TICKET_REOPENED, 1, "chief", "2027-06-25"));
	assert_int_equal(state_of(g, 1), TICKET_REOPENED);
	assert_int_equal(ticket_find(g, 1)->reopened, 1);
	assert_true(ticket_find(g, 1)->closed_ms == 0);
	ticket_number(g, ticket_find(g, 1), number);
	assert_string_equal(number, "library-2027-001");
	game_free(g);
}

static void
test_registering(void **state)
{
	struct game *g = core_game();

	(void)state;
	core_refused(g, registered(2, "library", "", "manual"), ERR_CONFLICT, "next one is 1");
	core_refused(g, registered(1, "nobody", "", "manual"), ERR_NOT_FOUND, "no department");
	core_refused(g, registered(1, "red-1", "", "manual"), ERR_NOT_FOUND, "no department");
	core_refused(g, registered(1, "library", "nothing", "manual"), ERR_NOT_FOUND, "no system");
	core_refused(g, registered(1, "library", "finance-portal", "manual"), ERR_INVALID,
	    "is not of department");
	core_refused(g, registered(1, "library", "", "hearsay"), ERR_INVALID, "test_report");
	core_refused(g, registered(1, "library", "", "result"), ERR_INVALID, "result:12");
	core_refused(g, registered(1, "library", "", "result:0"), ERR_INVALID, "result:12");
	core_refused(g, registered(1, "library", "", "result:1x"), ERR_INVALID, "result:12");
	core_refused(g, registered(1, "library", "", "manual:3"), ERR_INVALID, "no number");
	core_refused(
	    g, registered(1, "library", "", "result:1"), ERR_NOT_FOUND, "no attack result");
	core_refused(
	    g, registered(1, "library", "", "report:1"), ERR_NOT_FOUND, "no incident report");
	core_must(g, registered(1, "library", "library-portal", "inspection:7"));
	assert_int_equal(ticket_find(g, 1)->source.kind, SOURCE_INSPECTION);
	assert_int_equal(ticket_find(g, 1)->source.number, 7);
	core_must(g, registered(2, "finance", "", "self_inspection"));
	game_free(g);
}

/* A ticket comes from an inject that its department has had. */
static void
test_inject_as_source(void **state)
{
	struct game *g = core_game();
	struct inject_part part = {.team = FINANCE, .delivered.at_ms = CORE_START_MS};
	struct inject inject = {.parts = &part, .part_count = 1};
	struct inject *items[] = {&inject};

	(void)state;
	g->injects->items = items;
	g->injects->count = 1;
	core_refused(g, registered(1, "finance", "", "inject:2"), ERR_NOT_FOUND, "no inject 2");
	core_refused(g, registered(1, "library", "", "inject:1"), ERR_INVALID, "not delivered");
	core_must(g, registered(1, "finance", "", "inject:1"));
	g->injects->items = NULL;
	g->injects->count = 0;
	game_free(g);
}

/*
 * A ticket comes from a confirmed result against its department and from its own reports; a judge's refusal is the same
 * for every department, so that it does not tell whose a report is.
 */
static void
test_sources(void **state)
{
	struct game *g = core_game();
	struct result result = {.department = FINANCE, .state = RESULT_UNDER_REVIEW};
	struct report_chain chain = {.team = FINANCE, .serial = 1, .state = REPORT_UNDER_REVIEW};
	struct event ev;

	(void)state;
	g->results->items = &result;
	g->results->count = 1;
	g->reports->chains = &chain;
	g->reports->count = 1;
	core_refused(g, registered(1, "finance", "", "result:1"), ERR_CONFLICT, "confirmed one");
	result.state = RESULT_CONFIRMED;
	core_refused(
	    g, registered(1, "library", "", "result:1"), ERR_INVALID, "against another department");
	core_must(g, registered(1, "finance", "", "result:1"));
	core_refused(
	    g, registered(2, "finance", "", "report:1"), ERR_FORBIDDEN, "once it is final");
	core_refused(
	    g, registered(2, "library", "", "report:1"), ERR_FORBIDDEN, "once it is final");
	ev = registered(2, "library", "", "report:1");
	ev.actor = "chief";
	core_refused(g, ev, ERR_INVALID, "of another department");
	ev = registered(2, "finance", "", "report:1");
	ev.actor = "chief";
	core_must(g, ev);
	assert_int_equal(ticket_source_for(g, ticket_find(g, 2), true).number, 0);
	assert_int_equal(ticket_source_for(g, ticket_find(g, 2), false).number, 1);
	chain.state = REPORT_FINAL;
	assert_int_equal(ticket_source_for(g, ticket_find(g, 2), true).number, 1);
	core_must(g, registered(3, "finance", "", "report:1"));
	g->results->count = g->reports->count = 0;
	g->results->items = NULL;
	g->reports->chains = NULL;
	game_free(g);
}

/* By everybody at every state: only the right one by the right role is taken. */
static void
test_who_and_when(void **state)
{
	struct game *g = core_game();
	static const char *const nobody[] = {"red-1-hand", "leader", "library-blue"};
	struct event ev;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		ev = registered(1, "library", "", "manual");
		ev.actor = nobody[i];
		core_refused(g, ev, ERR_FORBIDDEN, "to register is not for a");
	}
	core_refused(g, step(EV_TICKET_STARTED, 1, "chief"), ERR_NOT_FOUND, "no ticket 1");
	core_must(g, registered(1, "library", "", "manual"));
	core_refused(
	    g, step(EV_TICKET_ACKNOWLEDGED, 1, "library-blue"), ERR_NOT_FOUND, "no ticket 1");
	core_refused(g, step(EV_TICKET_ACKNOWLEDGED, 1, "chief"), ERR_CONFLICT,
	    "is registered; to acknowledge it must be notified or reopened");
	ev = notified(g, 1);
	ev.actor = "judge-1";
	core_refused(g, ev, ERR_FORBIDDEN, "not for a judge");
	core_must(g, notified(g, 1));
	core_refused(g, notified(g, 1), ERR_CONFLICT, "is notified");
	core_refused(
	    g, step(EV_TICKET_ACKNOWLEDGED, 1, "finance-blue"), ERR_NOT_FOUND, "no ticket 1");
	core_refused(g, step(EV_TICKET_STARTED, 1, "library-blue"), ERR_CONFLICT, "acknowledged");
	core_must(g, step(EV_TICKET_ACKNOWLEDGED, 1, "library-blue"));
	core_refused(
	    g, step(EV_TICKET_ACKNOWLEDGED, 1, "library-blue"), ERR_CONFLICT, "is acknowledged");
	core_refused(g, step(EV_TICKET_FEEDBACK, 1, "library-blue"), ERR_CONFLICT, "in_progress");
	core_refused(g, step(EV_TICKET_FEEDBACK, 1, "nobody"), ERR_FORBIDDEN, "no account");
	core_refused(g, step(EV_TICKET_DUPLICATE, 1, "judge-1"), ERR_FORBIDDEN, "judge");
	core_refused(g, step(EV_TICKET_FALSE_POSITIVE, 1, "leader"), ERR_FORBIDDEN, "leader");
	core_refused(g, step(EV_TICKET_SUPERVISED, 1, "chief"), ERR_FORBIDDEN, "time alone");
	core_refused(g, step(EV_TICKET_RISK_EXPIRED, 1, "chief"), ERR_FORBIDDEN, "time alone");
	core_refused(g, dated(EV_TICKET_RISK_ACCEPTED, 1, "chief", "2027-12-31"), ERR_FORBIDDEN,
	    "to accept the risk is not for a director");
	game_free(g);
}

/* Whoever worked on it never says that it is fixed, and two who retest do not end each other's. */
static void
test_another_retests(void **state)
{
	struct game *g = core_game();

	(void)state;
	in_progress(g, 1);
	core_must(g, step(EV_TICKET_FEEDBACK, 1, "chief"));
	core_refused(
	    g, step(EV_TICKET_RETEST_BEGUN, 1, "chief"), ERR_FORBIDDEN, "another person retests");
	core_refused(g, step(EV_TICKET_RETEST_BEGUN, 1, "library-blue"), ERR_FORBIDDEN, "blue");
	core_must(g, step(EV_TICKET_RETEST_BEGUN, 1, "judge-1"));
	core_refused(g, step(EV_TICKET_RETEST_BEGUN, 1, "judge-2"), ERR_CONFLICT, "is retesting");
	core_refused(
	    g, retested(1, "judge-2", RETEST_FIXED), ERR_CONFLICT, "\"judge-1\" is retesting it");
	core_refused(g, retested(1, "chief", RETEST_FIXED), ERR_FORBIDDEN, "another person");
	core_must(g, retested(1, "judge-1", RETEST_FIXED));
	core_refused(g, retested(1, "judge-1", RETEST_FIXED), ERR_CONFLICT, "is closed");
	game_free(g);
}

static void
test_extension(void **state)
{
	struct game *g = core_game(); /* 2027-06-20 is a Sunday; due on the 23rd */

	(void)state;
	in_progress(g, 1);
	core_refused(g, dated(EV_TICKET_EXTENSION_ASKED, 1, "judge-1", "2027-06-30"), ERR_FORBIDDEN,
	    "judge");
	core_refused(g, dated(EV_TICKET_EXTENSION_ASKED, 1, "library-blue", "2027-06-23"),
	    ERR_INVALID, "after 2027-06-23");
	core_refused(g, dated(EV_TICKET_EXTENSION_ASKED, 1, "library-blue", "2027-06-26"),
	    ERR_INVALID, "the next one is 2027-06-28");
	core_refused(g, dated(EV_TICKET_EXTENSION_ASKED, 1, "library-blue", "2030-06-26"),
	    ERR_INVALID, "at most 730 days");
	core_must(g, dated(EV_TICKET_EXTENSION_ASKED, 1, "library-blue", "2027-06-30"));
	assert_int_equal(state_of(g, 1), TICKET_EXTENSION_PENDING);
	core_refused(g, dated(EV_TICKET_EXTENSION_ASKED, 1, "library-blue", "2027-06-30"),
	    ERR_CONFLICT, "extension_pending");
	core_refused(g, step(EV_TICKET_FEEDBACK, 1, "library-blue"), ERR_CONFLICT, "in_progress");
	core_must(g, step(EV_TICKET_EXTENSION_DECIDED, 1, "chief")); /* refused */
	assert_int_equal(state_of(g, 1), TICKET_IN_PROGRESS);
	assert_int_equal(ticket_find(g, 1)->extensions, 0);
	core_must(g, dated(EV_TICKET_EXTENSION_ASKED, 1, "library-blue", "2027-06-30"));
	core_must(g, dated(EV_TICKET_EXTENSION_DECIDED, 1, "chief", "2027-06-29"));
	assert_int_equal(ticket_find(g, 1)->extensions, 1);
	assert_int_equal(ticket_find(g, 1)->due, date_from_civil(2027, 6, 29));
	core_refused(g, step(EV_TICKET_EXTENSION_DECIDED, 1, "chief"), ERR_CONFLICT, "in_progress");
	game_free(g);
}

static void
test_aside(void **state)
{
	struct game *g = core_game();
	struct event ev;

	(void)state;
	for (int32_t id = 1; id <= 3; id++)
		core_must(g, registered(id, "library", "", "manual"));
	core_must(g, registered(4, "finance", "", "manual"));
	ev = step(EV_TICKET_DUPLICATE, 1, "chief");
	ticket_buffer.of = 1;
	core_refused(g, ev, ERR_INVALID, "itself");
	ticket_buffer.of = 4;
	core_refused(g, ev, ERR_INVALID, "of another department");
	ticket_buffer.of = 9;
	core_refused(g, ev, ERR_NOT_FOUND, "no ticket 9");
	ticket_buffer.of = 2;
	core_must(g, ev);
	assert_int_equal(ticket_find(g, 1)->duplicate_of, 2);
	assert_false(ticket_is_open(ticket_find(g, 1)));
	ev = step(EV_TICKET_DUPLICATE, 2, "chief");
	ticket_buffer.of = 1;
	core_refused(g, ev, ERR_CONFLICT, "itself a duplicate, of ticket 2");
	core_must(g, step(EV_TICKET_FALSE_POSITIVE, 3, "chief"));
	core_refused(g, step(EV_TICKET_FALSE_POSITIVE, 3, "chief"), ERR_CONFLICT, "is false");
	core_refused(g, dated(EV_TICKET_RISK_ACCEPTED, 3, "leader", "2027-12-31"), ERR_CONFLICT,
	    "is false_positive");
	core_refused(g, dated(EV_TICKET_RISK_ACCEPTED, 2, "leader", "2027-06-20"), ERR_INVALID,
	    "a date after today");
	core_must(g, dated(EV_TICKET_RISK_ACCEPTED, 2, "leader", "2027-12-31"));
	assert_false(ticket_is_seen_by(ticket_find(g, 2), LIBRARY)); /* it was never told */
	core_refused(g, dated(EV_TICKET_REOPENED, 2, "chief", "2027-06-20"), ERR_INVALID, "after");
	core_must(g, dated(EV_TICKET_REOPENED, 2, "chief", "2027-06-25"));
	assert_true(ticket_is_seen_by(ticket_find(g, 2), LIBRARY));
	core_refused(
	    g, dated(EV_TICKET_REOPENED, 2, "chief", "2027-06-25"), ERR_CONFLICT, "is reopened");
	game_free(g);
}

/* Notices count by department and year. */
static void
test_numbers(void **state)
{
	static const char *const expected[] = {
	    "library-2027-001", "finance-2027-001", "library-2027-002", "library-2028-001"};
	struct game *g = core_game();
	char number[TICKET_NUMBER_BYTES];

	(void)state;
	for (int32_t id = 1; id <= 4; id++) {
		core_must(g, registered(id, id == 2 ? "finance" : "library", "", "manual"));
		if (id == 4)
			g->at_ms += INT64_C(250) * 86400000;
		core_must(g, notified(g, id));
		ticket_number(g, ticket_find(g, id), number);
		assert_string_equal(number, expected[id - 1]);
	}
	game_free(g);
}

static void
test_text(void **state)
{
	struct event ev;

	(void)state;
	ev = registered(1, "library", "library-portal", "result:12");
	ticket_buffer.evidence = "e";
	ticket_buffer.in_charge = "p";
	core_text_is(ev,
	    "{\"class\":\"injection\",\"department\":\"library\",\"id\":1,\"severity\":"
	    "\"critical\","
	    "\"source\":\"result:12\",\"system\":\"library-portal\"}",
	    "{\"evidence\":\"e\",\"in_charge\":\"p\",\"title\":\"title\"}");
	core_text_is(dated(EV_TICKET_NOTIFIED, 1, "chief", "2027-06-23"),
	    "{\"due\":\"2027-06-23\",\"id\":1,\"offset\":0}", "");
	core_text_is(step(EV_TICKET_FEEDBACK, 1, "library-blue"), "{\"id\":1}", "{\"text\":\"t\"}");
	core_text_is(retested(1, "judge-1", RETEST_VULNERABLE),
	    "{\"id\":1,\"method\":\"scan\",\"result\":\"vulnerable\"}", "");
	core_text_is(step(EV_TICKET_EXTENSION_DECIDED, 1, "chief"),
	    "{\"due\":\"\",\"granted\":false,\"id\":1}", "{\"text\":\"t\"}");
	core_cannot_decode(EV_TICKET_NOTIFIED, "{\"due\":\"soon\",\"id\":1,\"offset\":0}", "date");
	core_cannot_decode(EV_TICKET_SUPERVISED, "{\"id\":1,\"level\":5}", "from 1 to 4");
	core_cannot_decode(
	    EV_TICKET_RETESTED, "{\"id\":1,\"method\":\"luck\",\"result\":\"fixed\"}", "manual");
	core_cannot_decode(EV_TICKET_REGISTERED, "{\"id\":1}", "class");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_registering),
	    cmocka_unit_test(test_sources),
	    cmocka_unit_test(test_inject_as_source),
	    cmocka_unit_test(test_who_and_when),
	    cmocka_unit_test(test_another_retests),
	    cmocka_unit_test(test_extension),
	    cmocka_unit_test(test_aside),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
