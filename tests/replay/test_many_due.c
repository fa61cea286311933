/* Much that is due at once does not hold up the loop: a part of it each turn, the next turn at once, all of it in the end. */
#include "replay.h"

#define TICKETS 300
#define DAYS 60

static void
step(struct replay *r, enum event_kind kind, int32_t id)
{
	const struct game *g = r->drill->game;
	struct ticket_event x = ticket_event_of(id);
	struct event ev = {.kind = kind, .actor = "boss", .u.ticket = &x};
	struct why why;

	x.department = "library";
	x.source = "manual";
	x.title = "title";
	x.asset = "asset";
	x.due = ticket_due_date(g, SEVERITY_CRITICAL, r->wall_ms, 0);
	if (drill_emit_allowed(r->drill, &ev, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static size_t
at_the_top(const struct replay *r)
{
	size_t n = 0;

	for (size_t i = 0; i < TICKETS; i++)
		n += r->drill->game->tickets->items[i].level == SUPERVISION_LEVELS - 1;
	return n;
}

static void
test_supervision_of_many(void **state)
{
	struct replay *r = replay_new();
	uint64_t before;
	int turns;

	(void)state;
	replay_open(r);
	for (int32_t id = 1; id <= TICKETS; id++) {
		step(r, EV_TICKET_REGISTERED, id);
		step(r, EV_TICKET_NOTIFIED, id);
	}
	turn(r);
	r->wall_ms += DAYS * 24ll * HOUR;
	for (turns = 0; at_the_top(r) < TICKETS; turns++) {
		assert_true(turns < 50);
		before = r->drill->game->seq;
		turn(r);
		assert_true(r->drill->game->seq > before);
		assert_true(r->drill->game->seq - before <= 200);
		if (at_the_top(r) < TICKETS) /* it does not wait for anything */
			assert_true(drill_next_ms(r->drill) <= r->mono_ms);
	}
	assert_true(turns > 1);
	turn(r);
	assert_true(drill_next_ms(r->drill) > r->mono_ms);
	replay_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_supervision_of_many)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
