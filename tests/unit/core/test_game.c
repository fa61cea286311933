/* The fold: what each event may follow, and that a refused one changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "core/game.h"

static struct team_config teams[] = {
    {.id = "library", .name = {"l", "l"}},
    {.id = "finance", .name = {"f", "f"}},
    {.id = "nop", .name = {"n", "n"}, .nop = true},
    {.id = "red-1", .name = {"r", "r"}, .kind = TEAM_RED, .home = "finance"},
    {.id = "red-2", .name = {"r", "r"}, .kind = TEAM_RED},
};
static struct service_config services[] = {{"portal", {"p", "p"}, 1}};
static struct system_config systems[] = {
    {.id = "library-portal", .name = {"p", "p"}, .team = 0, .slots = 2, .weight = 1},
    {.id = "finance-portal", .name = {"p", "p"}, .team = 1, .slots = 1, .weight = 1},
    {.id = "nop-portal", .name = {"p", "p"}, .team = 2, .slots = 1, .weight = 1},
};
static struct drill_config config = {.id = "d",
    .name = {"d", "d"},
    .time_zone = "UTC",
    .tick_ms = 60000,
    .ticks = 10,
    .flag_ticks = 3,
    .flag_prefix = "DRILL",
    .policy = "faust",
    .teams = teams,
    .team_count = 5,
    .services = services,
    .service_count = 1,
    .systems = systems,
    .system_count = 3};

static struct why why;

static enum err
apply(struct game *g, struct event ev)
{
	ev.seq = g->seq + 1;
	ev.at_ms = 1813453200000 + (int64_t)ev.seq;
	if (ev.drill_ms == 0)
		ev.drill_ms = g->drill_ms;
	if (ev.actor == NULL)
		ev.actor = "clock";
	why.text[0] = '\0';
	return game_apply(g, &ev, &why);
}

static void
must(struct game *g, struct event ev)
{
	if (apply(g, ev) != ERR_OK)
		fail_msg("%s: %s", event_kind_name(ev.kind), why.text);
}

/* Refused with this reason, and the fold stands where it stood. */
static void
refused(struct game *g, struct event ev, const char *says)
{
	uint64_t seq = g->seq;
	enum drill_state drill_state = g->state;
	int32_t tick = g->tick;
	bool open = g->tick_open;
	size_t accounts = g->accounts.count;
	uint64_t captures = g->captures;

	assert_int_equal(apply(g, ev), ERR_CORRUPT);
	if (strstr(why.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, says);
	assert_true(g->seq == seq && g->state == drill_state && g->tick == tick &&
		    g->tick_open == open && g->accounts.count == accounts &&
		    g->captures == captures);
}

static struct event
opened(void)
{
	return (struct event){.kind = EV_DRILL_OPENED, .u.opened.config = &config};
}

static struct event
clock_event(enum event_kind kind)
{
	return (struct event){.kind = kind, .u.clock.reason = "why"};
}

static struct event
tick(enum event_kind kind, int32_t n)
{
	return (struct event){.kind = kind, .u.tick.tick = n};
}

static struct event
check(const char *system, int32_t n, enum status status)
{
	return (struct event){.kind = EV_CHECK_DONE,
	    .u.check = {system, n, status, 5, "message", "trace", "{\"n\":1}", ""}};
}

static struct event
capture(const char *team, const char *system, int32_t n, int32_t slot)
{
	return (struct event){.kind = EV_FLAG_CAPTURED, .u.capture = {team, system, n, slot}};
}

static struct event
account(const char *id, enum role role, const char *team)
{
	return (struct event){.kind = EV_ACCOUNT_CREATED, .u.account = {id, role, team, ""}};
}

static struct event
secret(enum event_kind kind, const char *id, const char *value)
{
	return (struct event){
	    .kind = kind, .u.account = {.account = id, .team = "", .value = value}};
}

static int
setup(void **state)
{
	struct game *g = game_new();

	must(g, opened());
	must(g, clock_event(EV_DRILL_STARTED));
	*state = g;
	return 0;
}

static int
teardown(void **state)
{
	game_free(*state);
	return 0;
}

static void
test_a_journal_begins_with_its_configuration(void **state)
{
	struct game *g = game_new();
	struct drill_config other = config;
	struct event ev = opened();

	(void)state;
	refused(g, clock_event(EV_DRILL_STARTED), "begins with drill.opened, not drill.started");
	other.policy = "dice";
	ev.u.opened.config = &other;
	refused(g, ev, "no scoring policy \"dice\"; there are: faust");
	must(g, opened());
	refused(g, opened(), "opened before");
	assert_int_equal(g->last_tick, 9);
	game_free(g);
}

static void
test_sequence_and_time(void **state)
{
	struct game *g = *state;
	struct event ev = tick(EV_TICK_BEGAN, 0);

	ev.seq = g->seq + 2;
	assert_int_equal(game_apply(g, &ev, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "event 4 after event 2"));
	ev.drill_ms = 10;
	must(g, ev);
	ev = tick(EV_TICK_CLOSED, 0);
	ev.seq = g->seq + 1;
	ev.drill_ms = 9;
	assert_int_equal(game_apply(g, &ev, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "drill time falls from 10 to 9"));
	ev.drill_ms = INT64_MAX;
	assert_int_equal(game_apply(g, &ev, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "after the year 9999"));
	ev.drill_ms = 10;
	ev.at_ms = -1;
	assert_int_equal(game_apply(g, &ev, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "before 1970"));
}

static void
test_clock_states(void **state)
{
	struct game *g = *state;

	refused(g, clock_event(EV_DRILL_STARTED),
	    "drill.started cannot follow while the drill is running");
	refused(g, clock_event(EV_DRILL_RESUMED), "is running");
	must(g, clock_event(EV_DRILL_PAUSED));
	assert_string_equal(g->state_reason, "why");
	refused(g, clock_event(EV_DRILL_PAUSED), "is paused");
	refused(g, tick(EV_TICK_BEGAN, 0), "while the drill is paused");
	must(g, clock_event(EV_DRILL_RESUMED));
	assert_string_equal(g->state_reason, "");
	must(g, tick(EV_TICK_BEGAN, 0));
	refused(g, clock_event(EV_DRILL_ENDED), "with a tick open");
	must(g, tick(EV_TICK_CLOSED, 0));
	must(g, clock_event(EV_DRILL_ENDED));
	refused(g, clock_event(EV_DRILL_RESUMED), "is ended");
	refused(g, tick(EV_TICK_BEGAN, 1), "is ended");
	refused(g, tick(EV_DRILL_STOP_AFTER, 5), "has ended");
}

static void
test_ticks_in_order(void **state)
{
	struct game *g = *state;

	refused(g, tick(EV_TICK_BEGAN, 1), "tick 1 cannot begin");
	refused(g, tick(EV_TICK_CLOSED, 0), "cannot close");
	must(g, tick(EV_TICK_BEGAN, 0));
	refused(g, tick(EV_TICK_BEGAN, 1), "tick 0 is open");
	refused(g, tick(EV_TICK_CLOSED, 1), "tick 1 cannot close: tick 0 is open");
	must(g, tick(EV_TICK_CLOSED, 0));
	refused(g, tick(EV_TICK_CLOSED, 0), "tick 0 is closed");
	refused(g, tick(EV_DRILL_STOP_AFTER, -1), "now is 0, the last one is 9");
	refused(g, tick(EV_DRILL_STOP_AFTER, 10), "the last one is 9");
	must(g, tick(EV_DRILL_STOP_AFTER, 0));
	refused(g, tick(EV_TICK_BEGAN, 1), "cannot begin");
	assert_int_equal(game_due(g).kind, DUE_END);
}

static void
test_checks(void **state)
{
	struct game *g = *state;

	refused(g, check("library-portal", 0, ST_OK), "tick -1 is closed");
	must(g, tick(EV_TICK_BEGAN, 0));
	refused(g, check("nobody", 0, ST_OK), "no system \"nobody\"");
	refused(g, check("library-portal", 1, ST_OK), "a check of tick 1, but tick 0 is open");
	must(g, check("library-portal", 0, ST_OK));
	refused(g, check("library-portal", 0, ST_DOWN), "a second result of \"library-portal\"");
	assert_int_equal(g->systems[0].status, ST_OK);
	assert_string_equal(g->systems[0].message, "message");
	assert_string_equal(game_saved(g, 0, 0), "{\"n\":1}");
	assert_string_equal(game_saved(g, 1, 0), "");
	assert_string_equal(game_saved(g, 0, -1), "");
	must(g, check("finance-portal", 0, ST_FAULT)); /* counts in no uptime */
	assert_int_equal(g->systems[1].checked_ticks, 0);
	assert_int_equal(g->systems[0].checked_ticks, 1);
	must(g, tick(EV_TICK_CLOSED, 0));
	refused(g, check("nop-portal", 0, ST_OK), "tick 0 is closed");
}

/* What was saved is held for the flags' life and then forgotten. */
static void
test_saved_lives_as_long_as_flags(void **state)
{
	struct game *g = *state;

	for (int32_t n = 0; n < 4; n++) {
		must(g, tick(EV_TICK_BEGAN, n));
		must(g, check("library-portal", n, ST_OK));
		must(g, tick(EV_TICK_CLOSED, n));
	}
	assert_string_equal(game_saved(g, 0, 0), "");
	for (int32_t n = 1; n < 4; n++)
		assert_string_equal(game_saved(g, 0, n), "{\"n\":1}");
}

static void
test_verdict_table(void **state)
{
	static const struct {
		int team; /* index into teams */
		struct flag flag;
		enum verdict verdict;
	} cases[] = {
	    {3, {3, 0, 0}, V_OK}, {3, {3, 0, 1}, V_OK}, {3, {2, 0, 1}, V_DUP},
	    {4, {2, 0, 1}, V_OK},                          /* taken by the other team only */
	    {3, {1, 0, 0}, V_OK},                          /* the last tick that is still good */
	    {3, {0, 0, 0}, V_OLD}, {3, {4, 0, 0}, V_INV},  /* not issued yet */
	    {3, {-1, 0, 0}, V_INV}, {3, {3, 0, 2}, V_INV}, /* no such slot */
	    {3, {3, 9, 0}, V_INV},                         /* no such system */
	    {3, {3, 2, 0}, V_INV},                         /* of the undefended one */
	    {3, {3, 1, 0}, V_OWN},                         /* of its own department */
	    {4, {3, 1, 0}, V_OK}, {3, {0, 1, 0}, V_OWN},   /* own before old */
	    {0, {3, 1, 0}, V_ERR},                         /* a department takes no flags */
	};
	struct game *g = *state;

	for (int32_t n = 0; n <= 3; n++) {
		must(g, tick(EV_TICK_BEGAN, n));
		if (n == 2)
			must(g, capture("red-1", "library-portal", 2, 1));
		if (n < 3)
			must(g, tick(EV_TICK_CLOSED, n));
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (game_verdict(g, (uint32_t)cases[i].team, &cases[i].flag) != cases[i].verdict)
			fail_msg("case %zu: %s", i,
			    verdict_name(game_verdict(g, (uint32_t)cases[i].team, &cases[i].flag)));
	must(g, clock_event(EV_DRILL_PAUSED));
	assert_int_equal(game_verdict(g, 3, &cases[0].flag), V_ERR);
}

static void
test_captures(void **state)
{
	struct game *g = *state;

	must(g, tick(EV_TICK_BEGAN, 0));
	refused(g, capture("nobody", "library-portal", 0, 0), "no team \"nobody\"");
	refused(g, capture("red-1", "nothing", 0, 0), "no system \"nothing\"");
	refused(g, capture("red-1", "finance-portal", 0, 0), "must be refused: own");
	refused(g, capture("red-1", "library-portal", 1, 0), "must be refused: inv");
	assert_true(game_first_capture(g, 0));
	must(g, capture("red-1", "library-portal", 0, 0));
	assert_false(game_first_capture(g, 1)); /* the service's first, whoever's system */
	refused(g, capture("red-1", "library-portal", 0, 0), "must be refused: dup");
	must(g, capture("red-2", "library-portal", 0, 0));
	assert_int_equal(g->captures, 2);
	assert_int_equal(g->teams[3].captures, 1);
	assert_int_equal(g->teams[0].flags_lost, 2);
	assert_int_equal(g->systems[0].flags_lost, 2);
}

static void
test_accounts(void **state)
{
	static const char hash_a[] =
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	static const char hash_b[] =
	    "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	struct game *g = *state;
	uint8_t a[SHA256_BYTES], b[SHA256_BYTES];
	struct account *boss;

	assert_true(hex_decode(hash_a, 64, a) && hex_decode(hash_b, 64, b));
	refused(g, account("Boss", ROLE_ADMIN, ""), "\"Boss\" is not an account's id");
	refused(g, account("x", ROLE_RED, ""), "role red with team \"\"");
	refused(g, account("x", ROLE_ADMIN, "library"), "role admin with team \"library\"");
	refused(g, account("x", ROLE_RED, "nobody"), "with team \"nobody\"");
	refused(g, account("x", ROLE_RED, "library"), "is of the other side");
	refused(g, account("x", ROLE_BLUE, "red-1"), "is of the other side");
	must(g, account("boss", ROLE_ADMIN, ""));
	must(g, account("red", ROLE_RED, "red-1"));
	refused(g, account("boss", ROLE_JUDGE, ""), "it exists");
	refused(g, secret(EV_ACCOUNT_TOKEN, "nobody", hash_a), "no account \"nobody\"");
	refused(g, secret(EV_ACCOUNT_TOKEN, "boss", "00"), "64 hex digits");
	boss = accounts_find(&g->accounts, "boss");
	assert_int_equal(accounts_find(&g->accounts, "red")->team, 3);
	must(g, secret(EV_ACCOUNT_TOKEN, "boss", hash_a));
	assert_ptr_equal(accounts_find_token(&g->accounts, a), boss);
	must(g, secret(EV_ACCOUNT_TOKEN, "boss", hash_b)); /* the old one is void */
	assert_null(accounts_find_token(&g->accounts, a));
	assert_ptr_equal(accounts_find_token(&g->accounts, b), boss);
	must(g, secret(EV_ACCOUNT_TOKEN, "boss", "")); /* erased: nothing changes */
	assert_ptr_equal(accounts_find_token(&g->accounts, b), boss);
	must(g, secret(EV_ACCOUNT_PASSWORD, "boss", "scrypt$x"));
	assert_string_equal(boss->password, "scrypt$x");
}

/* Many accounts whose tokens are replaced again and again: each is found by its last one alone. */
static void
test_tokens_replaced_often(void **state)
{
	struct account_table t = {0};
	uint8_t hash[SHA256_BYTES];
	char id[32];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "a%d", i);
		assert_int_equal(accounts_add(&t, id, ROLE_JUDGE, -1), ERR_OK);
	}
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < 300; i++) {
			snprintf(id, sizeof(id), "%d/%d", i, round);
			sha256(id, strlen(id), hash);
			accounts_set_token(&t, t.items[i], hash);
		}
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "%d/19", i);
		sha256(id, strlen(id), hash);
		assert_ptr_equal(accounts_find_token(&t, hash), t.items[i]);
		snprintf(id, sizeof(id), "%d/18", i);
		sha256(id, strlen(id), hash);
		assert_null(accounts_find_token(&t, hash));
	}
	accounts_free(&t);
}

static void
test_due_clock(void **state)
{
	struct game *g = *state;
	struct due due = game_due(g);

	assert_true(due.kind == DUE_TICK_BEGIN && due.tick == 0 && due.drill_ms == 0);
	must(g, tick(EV_TICK_BEGAN, 0));
	due = game_due(g);
	assert_true(due.kind == DUE_TICK_CLOSE && due.tick == 0 && due.drill_ms == 60000);
	must(g, tick(EV_TICK_CLOSED, 0));
	due = game_due(g);
	assert_true(due.kind == DUE_TICK_BEGIN && due.tick == 1 && due.drill_ms == 60000);
	must(g, clock_event(EV_DRILL_PAUSED));
	assert_int_equal(game_due(g).kind, DUE_NOTHING);
	must(g, clock_event(EV_DRILL_RESUMED));
	for (int32_t n = 1; n < 10; n++) {
		must(g, tick(EV_TICK_BEGAN, n));
		must(g, tick(EV_TICK_CLOSED, n));
	}
	assert_int_equal(game_due(g).kind, DUE_END);
	must(g, clock_event(EV_DRILL_ENDED));
	assert_int_equal(game_due(g).kind, DUE_NOTHING);
}

static void
play(struct game *g, bool with_capture)
{
	for (int32_t n = 0; n < 5; n++) {
		must(g, tick(EV_TICK_BEGAN, n));
		must(g, check("library-portal", n, n % 2 == 0 ? ST_OK : ST_DOWN));
		must(g, check("finance-portal", n, ST_OK));
		if (with_capture)
			must(g, capture("red-2", "finance-portal", n, 0));
		must(g, tick(EV_TICK_CLOSED, n));
	}
}

/* The same events give the same digest in another process's memory; a capture more gives another. */
static void
test_digest_is_stable(void **state)
{
	char one[SHA256_HEX_BYTES], two[SHA256_HEX_BYTES], other[SHA256_HEX_BYTES];
	void *again, *different;

	play(*state, true);
	game_score_digest(*state, one);
	setup(&again);
	play(again, true);
	game_score_digest(again, two);
	setup(&different);
	play(different, false);
	game_score_digest(different, other);
	assert_string_equal(one, two);
	assert_string_not_equal(one, other);
	teardown(&again);
	teardown(&different);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_journal_begins_with_its_configuration),
	    TEST(test_sequence_and_time),
	    TEST(test_clock_states),
	    TEST(test_ticks_in_order),
	    TEST(test_checks),
	    TEST(test_saved_lives_as_long_as_flags),
	    TEST(test_verdict_table),
	    TEST(test_captures),
	    TEST(test_accounts),
	    cmocka_unit_test(test_tokens_replaced_often),
	    TEST(test_due_clock),
	    TEST(test_digest_is_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
