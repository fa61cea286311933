/* Sessions and the brake on guessing passwords, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "api/session.h"

static struct account anna = {.id = (char *)"anna", .team = -1};
static struct account bert = {.id = (char *)"bert", .team = -1};

static int
setup(void **state)
{
	*state = sessions_new();
	return 0;
}

static int
teardown(void **state)
{
	sessions_free(*state);
	return 0;
}

static struct session *
find(struct sessions *s, const char *token, int64_t now_ms)
{
	return sessions_find(s, token, strlen(token), now_ms);
}

static void
test_found_by_its_token_alone(void **state)
{
	char token[SESSION_TOKEN_BYTES], wrong[SESSION_TOKEN_BYTES];
	struct session *mine = sessions_begin(*state, &anna, 1000, token);

	assert_int_equal(strlen(token), SESSION_TOKEN_BYTES - 1);
	assert_int_equal(strlen(mine->csrf), SESSION_TOKEN_BYTES - 1);
	assert_string_not_equal(mine->csrf, token);
	assert_ptr_equal(find(*state, token, 1000), mine);
	for (size_t i = 0; i < SESSION_TOKEN_BYTES - 1; i++) {
		memcpy(wrong, token, sizeof(wrong));
		wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
		assert_null(find(*state, wrong, 1000));
	}
	assert_null(sessions_find(*state, token, SESSION_TOKEN_BYTES - 2, 1000));
	assert_null(sessions_find(*state, "", 0, 1000));
	sessions_end(*state, mine);
	assert_null(find(*state, token, 1000));
}

static void
test_expires_after_twelve_hours(void **state)
{
	const int64_t life = (int64_t)SESSION_SECONDS * 1000;
	char token[SESSION_TOKEN_BYTES];

	sessions_begin(*state, &anna, 1000, token);
	assert_non_null(find(*state, token, 1000 + life - 1));
	assert_null(find(*state, token, 1000 + life));
	assert_null(find(*state, token, 1000)); /* and is gone for good */
}

/* The ninth session of an account ends its first; other accounts' stay. */
static void
test_bounded_per_account(void **state)
{
	char tokens[SESSIONS_PER_ACCOUNT + 1][SESSION_TOKEN_BYTES], other[SESSION_TOKEN_BYTES];

	sessions_begin(*state, &bert, 0, other);
	for (int i = 0; i <= SESSIONS_PER_ACCOUNT; i++)
		sessions_begin(*state, &anna, i, tokens[i]);
	assert_null(find(*state, tokens[0], 100));
	for (int i = 1; i <= SESSIONS_PER_ACCOUNT; i++)
		assert_non_null(find(*state, tokens[i], 100));
	assert_non_null(find(*state, other, 100));
	sessions_end_account(*state, &anna);
	for (int i = 1; i <= SESSIONS_PER_ACCOUNT; i++)
		assert_null(find(*state, tokens[i], 100));
	assert_non_null(find(*state, other, 100));
}

/* Every session can be found while others come and go: the table's gaps close rightly. */
static void
test_many_come_and_go(void **state)
{
	static struct account accounts[600];
	static char tokens[600][SESSION_TOKEN_BYTES];
	static struct session *sessions[600];

	for (int i = 0; i < 600; i++)
		sessions[i] = sessions_begin(*state, &accounts[i], i, tokens[i]);
	for (int i = 0; i < 600; i += 3)
		sessions_end(*state, sessions[i]);
	for (int i = 0; i < 600; i++)
		assert_int_equal(find(*state, tokens[i], 1000) != NULL, i % 3 != 0);
}

/* ---- the brake ---- */

#define HERE "198.51.100.7"
#define SECOND_MS 1000

static void
fail_times(struct sessions *s, int times, const char *account, const char *peer, int64_t now)
{
	for (int i = 0; i < times; i++)
		login_failed(s, account, peer, now);
}

/* Five tries are free; then 1, 2, 4, 8, 16, 32 s, and a minute for each further one. */
static void
test_brake_doubles_up_to_a_minute(void **state)
{
	static const int waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	int64_t now = 5000;

	fail_times(*state, 4, "anna", HERE, now);
	assert_int_equal(login_wait_seconds(*state, "anna", HERE, now), 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		login_failed(*state, "anna", HERE, now);
		assert_int_equal(login_wait_seconds(*state, "anna", HERE, now), waits[i]);
		assert_int_equal(
		    login_wait_seconds(*state, "anna", HERE, now + waits[i] * SECOND_MS - 1), 1);
		now += waits[i] * SECOND_MS;
		assert_int_equal(login_wait_seconds(*state, "anna", HERE, now), 0);
	}
}

static void
test_brake_holds_account_and_address_apart(void **state)
{
	fail_times(*state, 6, "anna", HERE, 0);
	assert_int_equal(login_wait_seconds(*state, "anna", "203.0.113.9", 0), 2);
	assert_int_equal(login_wait_seconds(*state, "bert", HERE, 0), 2);
	assert_int_equal(login_wait_seconds(*state, "bert", "203.0.113.9", 0), 0);
}

static void
test_success_and_time_release_it(void **state)
{
	fail_times(*state, 8, "anna", HERE, 0);
	login_succeeded(*state, "anna", HERE);
	assert_int_equal(login_wait_seconds(*state, "anna", HERE, 0), 0);
	fail_times(*state, 20, "anna", HERE, 0);
	/* forgotten after a quarter of an hour: the next wrong one is the first */
	fail_times(*state, 4, "anna", HERE, 15 * 60 * 1000 + 1);
	assert_int_equal(login_wait_seconds(*state, "anna", HERE, 15 * 60 * 1000 + 1), 0);
}

/* However its text is written, a /64 is one address; the next /64 is another; IPv4 stays IPv4. */
static void
test_ipv6_counts_by_its_64(void **state)
{
	static const struct {
		const char *guessed_from, *then_from;
		bool same;
	} cases[] = {
	    {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
	    {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
	    {"2001:db8::5", "2001:db8:0:0:5::", true}, /* zeros left out at another place */
	    {"2001:db8:5::1", "2001:db8:6::1", false},
	    {"2001::1:2:3:4:5", "2001:0:0:1:9::", true},
	    {"::1", "::2", true},
	    {"::1", "::ffff:192.0.2.1", false},
	    {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
	    {"::ffff:192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sessions *s = sessions_new();

		fail_times(s, 5, "anna", cases[i].guessed_from, 0);
		if ((login_wait_seconds(s, "bert", cases[i].then_from, 0) > 0) != cases[i].same)
			fail_msg("%s and %s", cases[i].guessed_from, cases[i].then_from);
		sessions_free(s);
	}
}

/* Each attempt is counted by what came of it; sessions by how many there are. */
static void
test_attempts_are_counted(void **state)
{
	const uint64_t *logins = sessions_logins(*state);
	char token[SESSION_TOKEN_BYTES];
	struct session *one = sessions_begin(*state, &anna, 0, token);

	sessions_begin(*state, &bert, 0, token);
	assert_int_equal(sessions_count(*state), 2);
	sessions_end(*state, one);
	assert_int_equal(sessions_count(*state), 1);
	fail_times(*state, 3, "anna", HERE, 0);
	login_succeeded(*state, "anna", HERE);
	login_refused(*state, LOGIN_BRAKED);
	login_refused(*state, LOGIN_BRAKED);
	login_refused(*state, LOGIN_BUSY);
	assert_int_equal(logins[LOGIN_OK], 1);
	assert_int_equal(logins[LOGIN_WRONG], 3);
	assert_int_equal(logins[LOGIN_BRAKED], 2);
	assert_int_equal(logins[LOGIN_BUSY], 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_found_by_its_token_alone),
	    TEST(test_expires_after_twelve_hours),
	    TEST(test_bounded_per_account),
	    TEST(test_many_come_and_go),
	    TEST(test_brake_doubles_up_to_a_minute),
	    TEST(test_brake_holds_account_and_address_apart),
	    TEST(test_success_and_time_release_it),
	    TEST(test_ipv6_counts_by_its_64),
	    TEST(test_attempts_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
