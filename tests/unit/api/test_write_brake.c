/* The brake on what departments and red teams write, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "api/write_brake.h"

static struct account anna = {.id = (char *)"anna", .place = 3};
static struct account bert = {.id = (char *)"bert", .place = 5000};

static int
setup(void **state)
{
	*state = write_brake_new();
	return 0;
}

static int
teardown(void **state)
{
	write_brake_free(*state);
	return 0;
}

/* How many of so many bytes are taken at a moment, up to max. */
static int
taken(struct write_brake *b, const struct account *a, uint64_t bytes, int64_t now_ms, int max)
{
	int n = 0;

	while (n < max && write_brake_begin(b, a, bytes, now_ms) == 0)
		n++;
	return n;
}

static void
test_counts_writes(void **state)
{
	assert_int_equal(taken(*state, &anna, 0, 1000, 1000), WRITE_BRAKE_BURST);
	assert_int_equal(write_brake_begin(*state, &anna, 0, 1000), 1);
	assert_int_equal(write_brake_refused(*state), 2);
	assert_int_equal(taken(*state, &anna, 0, 1100, 1000), WRITE_BRAKE_PER_SECOND / 10);
	assert_int_equal(taken(*state, &anna, 0, 3600000, 1000), WRITE_BRAKE_BURST);
}

static void
test_counts_bytes(void **state)
{
	const int burst = WRITE_BRAKE_BYTES_BURST / 65536;

	assert_int_equal(taken(*state, &anna, 65536, 1000, 1000), burst);
	assert_int_equal(taken(*state, &anna, 0, 1000, 1), 0);
	assert_int_equal(
	    taken(*state, &anna, 65536, 2000, 1000), WRITE_BRAKE_BYTES_PER_SECOND / 65536);
	assert_int_equal(taken(*state, &anna, 65536, 3600000, 1000), burst);
}

/* A body is never too large by itself, and the seconds told are those that it takes to pay for it. */
static void
test_what_came_of_it_is_paid_for(void **state)
{
	int wait;

	assert_int_equal(write_brake_begin(*state, &anna, 0, 1000), 0);
	write_brake_add(*state, &anna, WRITE_BRAKE_BYTES_BURST + 10 * WRITE_BRAKE_BYTES_PER_SECOND);
	wait = write_brake_begin(*state, &anna, 0, 1000);
	assert_int_equal(wait, 11);
	assert_int_equal(taken(*state, &anna, 0, 1000 + (wait - 1) * 1000, 1), 0);
	assert_int_equal(taken(*state, &anna, 0, 1000 + wait * 1000, 1), 1);
}

static void
test_each_account_by_itself(void **state)
{
	assert_int_equal(taken(*state, &anna, 0, 1000, 1000), WRITE_BRAKE_BURST);
	assert_int_equal(taken(*state, &bert, 0, 1000, 1000), WRITE_BRAKE_BURST);
	assert_int_equal(taken(*state, &anna, 0, 1000, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_counts_writes, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_counts_bytes, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_came_of_it_is_paid_for, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_each_account_by_itself, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
