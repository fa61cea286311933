/* Tickets and time, on a virtual clock: supervision over weeks with holidays, restarts after days, expiring risks. */
#include "ticket_rig.h"

#include <time.h>

#define DAY_MS INT64_C(86400000)
#define EAST_8 480 /* minutes */

/* National Day 2027 with its working Sundays: a fixed example, not the official list. */
static int32_t holidays[7], working[2];

static int32_t
day(const char *text)
{
	int32_t date;

	assert_true(date_parse(text, &date));
	return date;
}

static void
set_calendar(void)
{
	for (int i = 0; i < 7; i++)
		holidays[i] = day("2027-10-01") + i;
	working[0] = day("2027-09-26");
	working[1] = day("2027-10-09");
	core_config.calendar = (struct calendar){{holidays, 7}, {working, 2}};
}

static void
clear_calendar(void)
{
	core_config.calendar = (struct calendar){{NULL, 0}, {NULL, 0}};
	core_config.tickets = (struct ticket_rules){.remind = 0};
}

/* Everything that is due up to the moment, as the server does; how many events. */
static int
turn(struct game *g, int64_t now_ms, int64_t *next_ms)
{
	struct arena arena = {0};
	int count = 0;

	for (;; count++) {
		struct record_time now = {g->drill_ms, now_ms}, next;
		struct event ev = {.actor = "clock"};

		if (!record_due(g, &now, &arena, &ev, &next)) {
			if (next_ms != NULL)
				*next_ms = next.wall_ms;
			break;
		}
		ev.seq = g->seq + 1;
		ev.at_ms = now_ms;
		ev.drill_ms = g->drill_ms;
		if (game_apply(g, &ev, &core_why) != ERR_OK)
			fail_msg("%s: %s", event_kind_name(ev.kind), core_why.text);
	}
	arena_free(&arena);
	return count;
}

static int64_t
at(const char *date, int hour)
{
	return date_begins_ms(day(date), EAST_8) + hour * INT64_C(3600000);
}

/* A ticket that is notified at a moment; times are in UTC+8. */
static void
notify_at(struct game *g, int32_t id, enum severity severity, int64_t now_ms)
{
	struct event ev;

	core_must(g, registered(id, "library", "", "manual"));
	g->tickets->items[id - 1].severity = severity;
	g->at_ms = now_ms - 1000;
	ev = notified(g, id);
	ticket_buffer.offset = EAST_8;
	ticket_buffer.due = ticket_due_date(g, severity, now_ms, EAST_8);
	core_must(g, ev);
}

static int
level(const struct game *g, int32_t id)
{
	return ticket_find(g, id)->level;
}

/* Five working days from a Monday before the holidays; each level at the first moment of its day, not earlier. */
static void
test_levels_on_the_calendar(void **state)
{
	struct game *g;
	int64_t next;

	(void)state;
	set_calendar();
	g = core_game();
	notify_at(g, 1, SEVERITY_HIGH, at("2027-09-27", 10));
	/* 28, 29, 30 September, then 8 October and Saturday the 9th, which is worked */
	assert_int_equal(ticket_find(g, 1)->due, day("2027-10-09"));
	assert_int_equal(turn(g, at("2027-10-08", 0) - 1, &next), 0);
	assert_true(next == at("2027-10-08", 0));
	assert_int_equal(turn(g, next, &next), 1);
	assert_int_equal(level(g, 1), 1);
	assert_int_equal(turn(g, at("2027-10-10", 0) - 1, &next), 0);
	assert_true(next == at("2027-10-10", 0));
	assert_int_equal(ticket_overdue(g, ticket_find(g, 1), at("2027-10-09", 23)), 0);
	assert_int_equal(turn(g, next, &next), 1);
	assert_int_equal(level(g, 1), 2);
	assert_int_equal(ticket_overdue(g, ticket_find(g, 1), at("2027-10-10", 9)), 1);
	/* as many working days again: 11, 12, 13, 14, 15 October */
	assert_true(next == at("2027-10-15", 0));
	assert_int_equal(turn(g, next - 1, NULL), 0);
	assert_int_equal(turn(g, next, &next), 1);
	assert_int_equal(level(g, 1), 3);
	assert_true(next == at("2027-10-22", 0));
	assert_int_equal(turn(g, next, &next), 1);
	assert_int_equal(level(g, 1), 4);
	assert_true(next == INT64_MAX);
	assert_int_equal(turn(g, next - 1, NULL), 0);
	game_free(g);
	clear_calendar();
}

/* Of what is due on a Monday the reminder comes on Friday, when there is still somebody to read it. */
static void
test_reminder_on_a_working_day(void **state)
{
	struct game *g = core_game();
	int64_t next;

	(void)state;
	notify_at(g, 1, SEVERITY_HIGH, at("2027-06-21", 10));
	assert_int_equal(ticket_find(g, 1)->due, day("2027-06-28"));
	assert_int_equal(turn(g, at("2027-06-25", 0) - 1, &next), 0);
	assert_true(next == at("2027-06-25", 0));
	assert_int_equal(turn(g, next, NULL), 1);
	game_free(g);
}

/* A server that was down for weeks catches up: each level an event of its own, in the order of their days. */
static void
test_catching_up(void **state)
{
	struct game *g = core_game();
	const struct ticket *t;

	(void)state;
	notify_at(g, 1, SEVERITY_HIGH, at("2027-06-21", 10));     /* due Monday the 28th */
	notify_at(g, 2, SEVERITY_CRITICAL, at("2027-06-21", 11)); /* due Thursday the 24th */
	assert_int_equal(turn(g, at("2027-07-01", 9), NULL), 5);
	assert_int_equal(level(g, 2), 3);
	assert_int_equal(level(g, 1), 2);
	t = ticket_find(g, 2);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(t->steps[2 + i].kind, EV_TICKET_SUPERVISED);
		assert_int_equal(t->steps[2 + i].number, i + 1);
		assert_string_equal(t->steps[2 + i].by, "clock");
	}
	assert_int_equal(turn(g, at("2027-07-01", 9), NULL), 0); /* once each */
	game_free(g);
}

/* What was answered is not pressed; what failed its retest is again; an extension and a reopening begin anew. */
static void
test_what_stops_it(void **state)
{
	struct game *g = core_game();
	int64_t next;

	(void)state;
	notify_at(g, 1, SEVERITY_CRITICAL, at("2027-06-21", 10));
	core_must(g, step(EV_TICKET_ACKNOWLEDGED, 1, "library-blue"));
	core_must(g, step(EV_TICKET_STARTED, 1, "library-blue"));
	core_must(g, step(EV_TICKET_FEEDBACK, 1, "library-blue"));
	assert_int_equal(turn(g, at("2027-08-01", 0), &next), 0);
	assert_true(next == INT64_MAX);
	core_must(g, step(EV_TICKET_RETEST_BEGUN, 1, "judge-1"));
	core_must(g, retested(1, "judge-1", RETEST_VULNERABLE));
	assert_int_equal(turn(g, at("2027-06-25", 0), NULL), 2);
	core_must(g, dated(EV_TICKET_EXTENSION_ASKED, 1, "library-blue", "2027-06-30"));
	assert_int_equal(turn(g, at("2027-06-29", 0), NULL), 1); /* asking does not stop it */
	core_must(g, dated(EV_TICKET_EXTENSION_DECIDED, 1, "chief", "2027-07-15"));
	assert_int_equal(level(g, 1), 0);
	assert_int_equal(turn(g, at("2027-07-14", 0) - 1, NULL), 0);
	assert_int_equal(turn(g, at("2027-07-14", 0), NULL), 1);
	game_free(g);
}

/* The last day of an accepted risk is over: it is open again, with a new due date, and counted. */
static void
test_risk_expires(void **state)
{
	struct game *g = core_game();
	struct event ev;
	int64_t next;

	(void)state;
	notify_at(g, 1, SEVERITY_CRITICAL, at("2027-06-21", 10));
	ev = dated(EV_TICKET_RISK_ACCEPTED, 1, "leader", "2027-09-30");
	ticket_buffer.offset = EAST_8;
	core_must(g, ev);
	assert_int_equal(turn(g, at("2027-10-01", 0) - 1, &next), 0);
	assert_true(next == at("2027-10-01", 0));
	assert_int_equal(turn(g, next, NULL), 1);
	assert_int_equal(state_of(g, 1), TICKET_REOPENED);
	assert_int_equal(ticket_find(g, 1)->reopened, 1);
	assert_int_equal(ticket_find(g, 1)->due, day("2027-10-06"));
	assert_int_equal(turn(g, at("2027-10-05", 0), NULL), 1);
	game_free(g);
}

/* The clock's own events are held to the rule as well. */
static void
test_never_early(void **state)
{
	struct game *g = core_game();
	struct event ev;

	(void)state;
	notify_at(g, 1, SEVERITY_CRITICAL, at("2027-06-21", 10));
	ev = step(EV_TICKET_SUPERVISED, 1, "clock");
	ticket_buffer.level = 1;
	core_refused(g, ev, ERR_CONFLICT, "not due yet");
	ticket_buffer.level = 2;
	core_refused(g, ev, ERR_CONFLICT, "is at level 0");
	ev = dated(EV_TICKET_RISK_ACCEPTED, 1, "leader", "2027-09-30");
	core_must(g, ev);
	core_refused(g, dated(EV_TICKET_RISK_EXPIRED, 1, "clock", "2027-06-30"), ERR_CONFLICT,
	    "still accepted");
	game_free(g);
}

/* The scenario's own days. */
static void
test_own_rules(void **state)
{
	struct game *g;
	int64_t next;

	(void)state;
	core_config.tickets = (struct ticket_rules){
	    .days = {[SEVERITY_CRITICAL] = 1}, .remind = 2, .talk = 1, .criticism = 3};
	g = core_game();
	notify_at(g, 1, SEVERITY_CRITICAL, at("2027-06-21", 10)); /* due on Tuesday the 22nd */
	assert_int_equal(ticket_find(g, 1)->due, day("2027-06-22"));
	assert_int_equal(turn(g, at("2027-06-21", 11), &next), 1); /* its day is past */
	assert_true(next == at("2027-06-23", 0));
	assert_int_equal(turn(g, next, &next), 2); /* overdue, and one day of it */
	assert_true(next == at("2027-06-25", 0));
	assert_int_equal(turn(g, next, &next), 1);
	assert_int_equal(level(g, 1), 4);
	game_free(g);
	clear_calendar();
}

/* Many of all severities, some of which were answered: at each event the soonest of all is what comes. */
static void
test_soonest_first(void **state)
{
	struct game *g = core_game();
	const struct tickets *all = g->tickets;
	struct record_time now = {0, at("2028-06-21", 10)}, next;
	struct arena arena = {0};
	int count = 0;

	(void)state;
	for (int32_t id = 1; id <= 300; id++) {
		notify_at(g, id, (enum severity)(id * 7 % 4), at("2027-06-21", 10) + id);
		if (id % 3 == 0) {
			core_must(g, step(EV_TICKET_ACKNOWLEDGED, id - 1, "library-blue"));
			core_must(g, step(EV_TICKET_STARTED, id - 1, "library-blue"));
			core_must(g, step(EV_TICKET_FEEDBACK, id - 1, "library-blue"));
		}
	}
	for (struct event ev = {0}; record_due(g, &now, &arena, &ev, &next); count++) {
		const struct ticket *due = ticket_find(g, ev.u.ticket->id);

		for (size_t i = 0; i < all->count; i++)
			assert_true(
			    all->items[i].next_ms > due->next_ms ||
			    (all->items[i].next_ms == due->next_ms && &all->items[i] >= due));
		g->at_ms = now.wall_ms - 1000;
		core_must(g, ev);
		ev = (struct event){0};
	}
	assert_int_equal(count, 200 * (SUPERVISION_LEVELS - 1));
	arena_free(&arena);
	game_free(g);
}

/* Processor time until so many tickets are all at the top. */
static double
seconds_for(int32_t tickets)
{
	struct game *g = core_game();
	clock_t began;
	double took;

	for (int32_t id = 1; id <= tickets; id++)
		notify_at(g, id, SEVERITY_HIGH, at("2027-06-21", 10));
	began = clock();
	assert_int_equal(turn(g, at("2028-06-21", 10), NULL), tickets * (SUPERVISION_LEVELS - 1));
	took = (double)(clock() - began) / CLOCKS_PER_SEC;
	game_free(g);
	return took;
}

/* Eight times as many take about eight times as long: with a look at all of them for each, 64 times. */
static void
test_many_take_no_square(void **state)
{
	(void)state;
	assert_true(seconds_for(16000) < 28 * seconds_for(2000) + 0.1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_levels_on_the_calendar),
	    cmocka_unit_test(test_reminder_on_a_working_day),
	    cmocka_unit_test(test_catching_up),
	    cmocka_unit_test(test_what_stops_it),
	    cmocka_unit_test(test_risk_expires),
	    cmocka_unit_test(test_never_early),
	    cmocka_unit_test(test_own_rules),
	    cmocka_unit_test(test_soonest_first),
	    cmocka_unit_test(test_many_take_no_square),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
