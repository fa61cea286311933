/* Who is told what of tickets: staff from the beginning, the department from its notice on, judges no report's number. */
#include "audience_rig.h"

static struct fake_frame *
ticket_step(struct rig *rig, enum event_kind kind, const char *source)
{
	struct ticket_event x = ticket_event_of(1);
	const struct game *g = rig->r->drill->game;

	x.department = "library";
	x.source = source;
	x.title = "the-title";
	x.evidence = "the-evidence";
	x.due = ticket_due_date(g, SEVERITY_CRITICAL, g->at_ms, 0);
	return emit(rig, (struct event){.kind = kind, .actor = "boss", .u.ticket = &x});
}

static void
test_tickets_reach_their_department(void **state)
{
	static const int others[] = {LIVE_PUBLIC, 0, 1};
	static const int strangers[] = {LIVE_PUBLIC, 1};
	struct rig *rig = *state;
	const struct fake_frame *f = ticket_step(rig, EV_TICKET_REGISTERED, "manual");

	assert_silent(f, others, 3);
	assert_told(f, LIVE_DIRECTOR, "the-title", "the-evidence"); /* a line, as of a list */
	assert_told(f, LIVE_JUDGE, "\"source\":\"manual\"", NULL);
	assert_told(f, LIVE_LEADER, "\"state\":\"registered\"", NULL);
	f = ticket_step(rig, EV_TICKET_NOTIFIED, "");
	assert_silent(f, strangers, 2);
	assert_told(f, LIVE_DIRECTOR, "\"state\":\"notified\"", NULL);
	assert_told(f, 0, "the-title", "the-evidence");
}

/* Whose a report is judges do not learn from a ticket either. */
static void
test_judges_hear_no_report_number(void **state)
{
	struct rig *rig = *state;
	struct game *g = rig->r->drill->game;
	struct report_chain chain = {.team = 0, .serial = 1, .state = REPORT_UNDER_REVIEW};
	struct reports kept = *g->reports;
	const struct fake_frame *f;

	g->reports->chains = &chain;
	g->reports->count = 1;
	f = ticket_step(rig, EV_TICKET_REGISTERED, "report:1");
	assert_told(f, LIVE_DIRECTOR, "\"source\":\"report:1\"", NULL);
	assert_told(f, LIVE_JUDGE, "\"source\":\"report\"", "report:1");
	*g->reports = kept;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_tickets_reach_their_department),
	    TEST(test_judges_hear_no_report_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
