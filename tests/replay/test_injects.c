/* Injects over a whole drill, on clocks that the test moves: delivery, pauses, downtime, expiry and the end. */
#include "replay.h"

static struct inject_item items[] = {{"a", 10, {"项", "item"}, {"", ""}}};

static struct inject_plan
plan(const char *number, int64_t offset_ms)
{
	return (struct inject_plan){.number = number,
	    .to = "blue",
	    .channels = INJECT_IN_APP,
	    .when = INJECT_AT,
	    .offset_ms = offset_ms,
	    .after = "",
	    .phase = -1,
	    .allowed_ms = 30 * MINUTE,
	    .pass = 60,
	    .controller = "",
	    .evaluator = "",
	    .items = items,
	    .item_count = 1,
	    .from = {"台", "desk"},
	    .title = {"题", "title"},
	    .text = {"文", "text"},
	    .objective = {"", ""},
	    .expected = {"", ""}};
}

/* A drill of eight hours with these injects in its scenario, running. */
static struct replay *
started(struct inject_plan *plans, size_t count)
{
	struct replay *r = replay_new();
	struct why why;

	r->scenario.injects = plans;
	r->scenario.inject_count = count;
	replay_open(r);
	assert_int_equal(
	    drill_account_create(r->drill, "lib", ROLE_BLUE, "library", "boss", &why), ERR_OK);
	clock_hand(r, "start");
	return r;
}

static const struct inject *
inject(const struct replay *r, int32_t id)
{
	return inject_find(r->drill->game, id);
}

static const struct inject_part *
part(const struct replay *r, int32_t id, int team)
{
	return inject_part(inject(r, id), team);
}

static void
assert_stage(const struct replay *r, int32_t id, enum inject_stage stage)
{
	assert_string_equal(
	    inject_stage_name(inject_stage(inject(r, id))), inject_stage_name(stage));
}

static enum err
try_event(struct replay *r, enum event_kind kind, const char *actor, struct inject_event made)
{
	struct event ev = {.kind = kind, .actor = actor, .u.inject = &made};
	struct why why;
	enum err e;

	made.offset_ms = made.offset_ms != 0 ? made.offset_ms : -1;
	made.teams = made.teams != NULL ? made.teams : "";
	made.team = made.team != NULL ? made.team : "";
	made.text = "text";
	made.reason = "reason";
	e = drill_emit_allowed(r->drill, &ev, &why);
	turn(r);
	return e;
}

static void
must(struct replay *r, enum event_kind kind, const char *actor, struct inject_event made)
{
	assert_int_equal(try_event(r, kind, actor, made), ERR_OK);
}

/* A ticket that the clock holds for due and the rules do not: stands for any error of ours. */
static void
spoil_a_ticket(struct replay *r)
{
	struct ticket_event x = ticket_event_of(1);
	struct event ev = {.kind = EV_TICKET_REGISTERED, .actor = "boss", .u.ticket = &x};
	struct why why;

	x.department = "library";
	x.source = "manual";
	x.title = "title";
	x.asset = "asset";
	assert_int_equal(drill_emit_allowed(r->drill, &ev, &why), ERR_OK);
	r->drill->game->tickets->items[0].next_ms = 0;
}

/* How often the log names it. */
static int
count_in(FILE *log, const char *text)
{
	char line[2048];
	int n = 0;

	rewind(log);
	while (fgets(line, sizeof line, log) != NULL)
		n += strstr(line, text) != NULL;
	return n;
}

/* What is due and refused keeps nothing else from coming, is told once, and does not keep the loop busy. */
static void
test_refused_is_passed_over(void **state)
{
	struct inject_plan plans[] = {plan("one", 5 * MINUTE), plan("two", 7 * MINUTE)};
	struct replay *r = started(plans, 2);
	FILE *log = tmpfile();
	int was = dup(STDERR_FILENO);

	(void)state;
	assert_non_null(log);
	spoil_a_ticket(r);
	dup2(fileno(log), STDERR_FILENO);
	run_for(r, 10 * MINUTE);
	dup2(was, STDERR_FILENO);
	close(was);
	assert_int_equal(part(r, 1, 0)->delivered.drill_ms, 5 * MINUTE);
	assert_int_equal(part(r, 2, 0)->delivered.drill_ms, 7 * MINUTE);
	assert_int_equal(count_in(log, "ticket.supervised"), 1);
	assert_true(drill_next_ms(r->drill) > r->mono_ms);
	fclose(log);
	replay_free(r);
}

/* Each comes when it is due, to the millisecond, and so do the deadlines: pauses before or between shift them all. */
static void
test_pauses_shift_everything(void **state)
{
	struct inject_plan plans[] = {
	    plan("one", 90 * MINUTE), plan("two", 2 * HOUR), plan("three", 7 * HOUR)};
	struct replay *r = started(plans, 3);

	(void)state;
	run_for(r, 45 * MINUTE);
	clock_hand(r, "pause");
	run_for(r, 20 * HOUR);
	clock_hand(r, "resume");
	run_for(r, 45 * MINUTE - 1);
	assert_stage(r, 1, INJECT_SCHEDULED);
	run_for(r, 1);
	assert_stage(r, 1, INJECT_DELIVERED);
	assert_int_equal(part(r, 1, 0)->delivered.drill_ms, 90 * MINUTE);
	run_for(r, 29 * MINUTE);
	clock_hand(r, "pause");
	run_for(r, 5 * HOUR); /* nothing expires in a pause */
	assert_stage(r, 1, INJECT_DELIVERED);
	clock_hand(r, "resume");
	run_for(r, MINUTE - 1);
	assert_stage(r, 1, INJECT_DELIVERED);
	run_for(r, 1);
	assert_stage(r, 1, INJECT_EXPIRED);
	assert_int_equal(part(r, 1, 0)->expired.drill_ms, 2 * HOUR);
	assert_stage(r, 2, INJECT_DELIVERED);
	run_for(r, 6 * HOUR);
	assert_int_equal(r->drill->game->state, DRILL_ENDED);
	assert_stage(r, 3, INJECT_EXPIRED);
	assert_int_equal(inject(r, 3)->delivered.drill_ms, 7 * HOUR);
	assert_int_equal(part(r, 3, 0)->expired.drill_ms, 7 * HOUR + 30 * MINUTE);
	turn(r);
	assert_verifies(r, r->drill->game->history_count); /* the last closing ended it as well */
	replay_free(r);
}

/* Triggered by hand it comes at once, whatever pauses came before, and its time runs from then on. */
static void
test_trigger_now(void **state)
{
	struct inject_plan plans[] = {plan("one", 6 * HOUR)};
	struct replay *r = started(plans, 1);

	(void)state;
	run_for(r, 10 * MINUTE);
	clock_hand(r, "pause");
	run_for(r, 3 * HOUR);
	must(r, EV_INJECT_DELIVERED, "boss",
	    (struct inject_event){.id = 1, .how = INJECT_MANUAL, .teams = "library,finance"});
	assert_int_equal(part(r, 1, 1)->delivered.drill_ms, 10 * MINUTE);
	run_for(r, 3 * HOUR);
	must(r, EV_INJECT_ACKNOWLEDGED, "lib", (struct inject_event){.id = 1, .team = "library"});
	clock_hand(r, "resume");
	run_for(r, 15 * MINUTE);
	must(r, EV_INJECT_RESPONDED, "lib",
	    (struct inject_event){.id = 1, .team = "library", .answer = 1, .version = 1});
	run_for(r, 15 * MINUTE);
	assert_int_equal(inject_part_stage(inject(r, 1), part(r, 1, 0)), INJECT_RESPONDED);
	assert_int_equal(inject_part_stage(inject(r, 1), part(r, 1, 1)), INJECT_EXPIRED);
	assert_int_equal(inject_worth(inject(r, 1), part(r, 1, 0)), 1000);
	run_for(r, 6 * HOUR); /* it does not come a second time */
	assert_int_equal(part(r, 1, 1)->delivered.drill_ms, 10 * MINUTE);
	replay_free(r);
}

/* While the server is down drill time stands still: what was due then is due after it, and nothing is late for it. */
static void
test_downtime_is_a_pause(void **state)
{
	struct inject_plan plans[] = {plan("one", 10 * MINUTE), plan("two", 30 * MINUTE)};
	struct replay *r = started(plans, 2);
	int64_t stood;

	(void)state;
	run_for(r, 20 * MINUTE);
	assert_stage(r, 1, INJECT_DELIVERED);
	stood = drill_now_ms(r->drill);
	replay_reopen(r, 4 * HOUR);
	assert_int_equal(r->drill->game->injects->count, 2); /* the scenario's are not made twice */
	assert_stage(r, 1, INJECT_DELIVERED);
	assert_stage(r, 2, INJECT_SCHEDULED);
	assert_int_equal(part(r, 1, 0)->delivered.drill_ms, 10 * MINUTE);
	run_for(r, 30 * MINUTE - stood - 1);
	assert_stage(r, 2, INJECT_SCHEDULED);
	run_for(r, 1);
	assert_stage(r, 2, INJECT_DELIVERED);
	run_for(r, 10 * MINUTE);
	assert_stage(r, 1, INJECT_EXPIRED);
	replay_free(r);
}

/* The end: nothing is delivered any more, what is open is expired, once. */
static void
test_end(void **state)
{
	struct inject_plan plans[] = {plan("one", 10 * MINUTE), plan("two", 5 * HOUR)};
	struct replay *r = started(plans, 2);
	uint64_t seq;

	(void)state;
	run_for(r, 11 * MINUTE);
	clock_hand(r, "end");
	assert_stage(r, 1, INJECT_EXPIRED);
	assert_stage(r, 2, INJECT_EXPIRED);
	assert_int_equal(inject(r, 2)->delivered.at_ms, 0);
	seq = r->drill->game->seq;
	run_for(r, 10 * HOUR);
	assert_int_equal(r->drill->game->seq, seq);
	assert_int_equal(drill_next_ms(r->drill), INT64_MAX);
	assert_int_equal(
	    try_event(r, EV_INJECT_DELIVERED, "boss",
		(struct inject_event){.id = 2, .how = INJECT_MANUAL, .teams = "library,finance"}),
	    ERR_CONFLICT);
	replay_free(r);
}

/* Held over its time it comes when it is scheduled again; with a new offset at that. */
static void
test_held_and_rescheduled(void **state)
{
	struct inject_plan plans[] = {plan("one", 10 * MINUTE), plan("two", 10 * MINUTE)};
	struct replay *r = started(plans, 2);

	(void)state;
	must(r, EV_INJECT_HELD, "boss", (struct inject_event){.id = 1});
	must(r, EV_INJECT_SCHEDULED, "boss",
	    (struct inject_event){.id = 2, .offset_ms = 25 * MINUTE});
	run_for(r, 20 * MINUTE);
	assert_stage(r, 1, INJECT_HELD);
	assert_stage(r, 2, INJECT_SCHEDULED);
	must(r, EV_INJECT_SCHEDULED, "boss", (struct inject_event){.id = 1});
	assert_int_equal(part(r, 1, 0)->delivered.drill_ms, 20 * MINUTE);
	run_for(r, 5 * MINUTE);
	assert_int_equal(part(r, 2, 0)->delivered.drill_ms, 25 * MINUTE);
	replay_free(r);
}

/*
 * A mail that a crash kept from being queued is queued by the next start, once, and only while nobody has noticed the
 * inject. The first start here has no relay, which leaves the same behind.
 */
static void
test_mails_come_back(void **state)
{
	static const char *address[] = {"office@example.edu"};
	struct scenario_contacts contacts[3] = {{address, 1}, {address, 1}, {NULL, 0}};
	struct inject_plan plans[] = {plan("one", 10 * MINUTE), plan("two", 20 * MINUTE)};
	struct replay *r;

	(void)state;
	plans[0].channels = plans[1].channels = INJECT_BY_MAIL;
	r = started(plans, 2);
	run_for(r, 11 * MINUTE);
	must(r, EV_INJECT_ACKNOWLEDGED, "lib", (struct inject_event){.id = 1, .team = "library"});
	assert_int_equal(r->drill->game->mails->count, 0);
	r->scenario.contacts = contacts;
	r->scenario.mail.host = "mail.example.edu";
	replay_reopen(r, MINUTE);
	assert_int_equal(r->drill->game->mails->count, 1);
	assert_int_equal(r->drill->game->mails->notes[0].team, 1);
	replay_reopen(r, MINUTE);
	assert_int_equal(r->drill->game->mails->count, 1);
	run_for(r, 10 * MINUTE); /* the second one goes to both at once */
	assert_int_equal(r->drill->game->mails->count, 3);
	assert_int_equal(r->drill->game->mails->notes[2].ref, 2);
	replay_free(r);
}

static enum err
announce(struct replay *r, const char *text, int64_t until_ms)
{
	struct announcement_event a = {.id = (int32_t)r->drill->game->announcements->count + 1,
	    .to = "blue",
	    .mail = true,
	    .until_ms = until_ms,
	    .title = "title",
	    .text = text,
	    .account = "",
	    .reason = ""};
	struct event ev = {.kind = EV_ANNOUNCEMENT_MADE, .actor = "boss", .u.announcement = &a};
	struct why why;

	return drill_emit_allowed(r->drill, &ev, &why);
}

static size_t
mails(const struct replay *r)
{
	return r->drill->game->mails->count;
}

/*
 * Mails of an announcement for which the journal has no room are queued when it has some again, and those that were
 * never queued by the next start: to each address once, as long as it is in force.
 */
static void
test_mails_of_announcements_come_back(void **state)
{
	static const char *address[] = {"office@example.edu", "head@example.edu"};
	static char text[ANNOUNCEMENT_TEXT_MAX_BYTES + 1];
	struct scenario_contacts contacts[3] = {{address, 2}, {address, 1}, {NULL, 0}};
	struct replay *r = started(NULL, 0);
	size_t made;

	(void)state;
	memset(text, 'a', sizeof text - 1);
	assert_int_equal(announce(r, text, 0), ERR_OK);
	assert_int_equal(announce(r, text, r->wall_ms + MINUTE / 2), ERR_OK);
	assert_int_equal(mails(r), 0);
	r->scenario.contacts = contacts;
	r->scenario.mail.host = "mail.example.edu";
	replay_reopen(r, MINUTE);
	assert_int_equal(mails(r), 3);
	replay_reopen(r, MINUTE);
	assert_int_equal(mails(r), 3);

	for (made = 1; !r->drill->mails_missing; made++)
		assert_int_equal(announce(r, text, 0), ERR_OK);
	assert_true(mails(r) < 3 * made);
	for (int i = 0; i < 100 && r->drill->mails_missing; i++)
		turn(r);
	assert_false(r->drill->mails_missing);
	assert_int_equal(mails(r), 3 * made);
	for (size_t i = 0; i < mails(r); i++) {
		const struct mail_note *n = &r->drill->game->mails->notes[i];

		assert_int_equal(n->ref, i < 3 ? 1 : (int32_t)(i / 3) + 2);
	}
	replay_reopen(r, MINUTE);
	assert_int_equal(mails(r), 3 * made);
	replay_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused_is_passed_over),
	    cmocka_unit_test(test_pauses_shift_everything),
	    cmocka_unit_test(test_trigger_now),
	    cmocka_unit_test(test_downtime_is_a_pause),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_held_and_rescheduled),
	    cmocka_unit_test(test_mails_come_back),
	    cmocka_unit_test(test_mails_of_announcements_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
