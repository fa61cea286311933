/* The brake on guessing passwords: whom it slows down, for how long, and that nobody can wash it off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "api/session.h"

#include <stdio.h>

#define NOW_MS 1000000

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

static void
fail_often(struct sessions *s, const char *account, const char *peer, int times)
{
	for (int i = 0; i < times; i++)
		login_failed(s, account, peer, NOW_MS);
}

static void
test_five_are_free_then_one_waits_ever_longer(void **state)
{
	struct sessions *s = *state;

	fail_often(s, "judge", "10.0.0.1", 4);
	assert_int_equal(login_wait_seconds(s, "judge", "10.0.0.1", NOW_MS), 0);
	fail_often(s, "judge", "10.0.0.1", 1);
	assert_int_equal(login_wait_seconds(s, "judge", "10.0.0.1", NOW_MS), 1);
	assert_int_equal(login_wait_seconds(s, "judge", "10.0.0.2", NOW_MS), 1);
	assert_int_equal(login_wait_seconds(s, "other", "10.0.0.1", NOW_MS), 1);
	assert_int_equal(login_wait_seconds(s, "other", "10.0.0.2", NOW_MS), 0);
	fail_often(s, "judge", "10.0.0.1", 1);
	assert_int_equal(login_wait_seconds(s, "judge", "10.0.0.1", NOW_MS), 2);
	fail_often(s, "judge", "10.0.0.1", 20);
	assert_int_equal(login_wait_seconds(s, "judge", "10.0.0.1", NOW_MS), 60);
	assert_int_equal(login_wait_seconds(s, "judge", "10.0.0.1", NOW_MS + 60000), 0);
}

static void
test_success_ends_the_row(void **state)
{
	struct sessions *s = *state;

	fail_often(s, "judge", "10.0.0.1", 5);
	login_succeeded(s, "judge", "10.0.0.1");
	assert_int_equal(login_wait_seconds(s, "judge", "10.0.0.1", NOW_MS), 0);
}

static void
test_an_ipv6_site_is_one_address(void **state)
{
	struct sessions *s = *state;

	fail_often(s, "judge", "2001:db8:1:2::1", 5);
	assert_int_equal(login_wait_seconds(s, "other", "2001:db8:1:2:3:4:5:6", NOW_MS), 1);
	assert_int_equal(login_wait_seconds(s, "other", "2001:db8:1:3::1", NOW_MS), 0);
}

/* The table is small; whoever tries many names from many addresses must not push a braked one out of it. */
static void
test_many_names_do_not_wash_a_brake_off(void **state)
{
	struct sessions *s = *state;
	char name[32], peer[32];

	fail_often(s, "admin", "10.0.0.1", 6);
	for (int i = 0; i < 50000; i++) {
		snprintf(name, sizeof name, "n%d", i);
		snprintf(peer, sizeof peer, "10.%d.%d.%d", 1 + i / 65536, i / 256 % 256, i % 256);
		(void)login_wait_seconds(s, name, peer, NOW_MS);
		login_failed(s, name, peer, NOW_MS);
	}
	assert_int_equal(login_wait_seconds(s, "admin", "10.9.9.9", NOW_MS), 2);
	assert_int_equal(login_wait_seconds(s, "somebody", "10.0.0.1", NOW_MS), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_five_are_free_then_one_waits_ever_longer, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_success_ends_the_row, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_an_ipv6_site_is_one_address, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_many_names_do_not_wash_a_brake_off, setup, teardown),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
