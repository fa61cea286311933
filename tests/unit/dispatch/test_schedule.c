/* The moments of a tick: hard to tell in advance, evenly spread, flags first. */
#include "base/mem.h"
#include "dispatch/internal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SPAN_MS 60000
#define SPREAD_MS (SPAN_MS * 8 / 10)
#define TICKS 4000

/* The moment of system 0 among count in a tick with this seed; the first `flags` systems have flags. */
static int64_t
moment(size_t count, size_t flags, uint64_t seed)
{
	struct check *checks = mem_array(count, sizeof *checks);
	int64_t at = -1;

	for (size_t i = 0; i < count; i++)
		checks[i] = (struct check){.system = (uint32_t)i, .first = i < flags};
	schedule_spread(checks, count, 0, SPAN_MS, seed);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			assert_true(checks[i - 1].at_ms <= checks[i].at_ms);
		if (checks[i].system == 0)
			at = checks[i].at_ms;
	}
	free(checks);
	return at;
}

/*
 * Over many ticks, with seeds as bad as 0, 1, 2: a system's moments are uniform (chi-square, 20 cells: 43.8 is
 * exceeded once in a thousand), and the last tells nothing of the next (correlation of neighbours).
 */
static void
check_random(size_t count, size_t flags, double from_ms, double to_ms)
{
	int cells[20] = {0};
	double sum = 0, squares = 0, products = 0, chi = 0, last = 0, mean, variance;

	for (int t = 0; t < TICKS; t++) {
		double at =
		    ((double)moment(count, flags, (uint64_t)t) - from_ms) / (to_ms - from_ms);

		assert_true(at >= 0 && at <= 1);
		cells[(int)(at * 20) < 20 ? (int)(at * 20) : 19]++;
		sum += at;
		squares += at * at;
		products += t > 0 ? at * last : 0;
		last = at;
	}
	for (int i = 0; i < 20; i++)
		chi += pow(cells[i] - TICKS / 20.0, 2) / (TICKS / 20.0);
	mean = sum / TICKS;
	variance = squares / TICKS - mean * mean;
	assert_true(chi < 43.8);
	assert_true(fabs((products / (TICKS - 1) - mean * mean) / variance) < 3.3 / sqrt(TICKS));
}

static void
test_random(void **state)
{
	(void)state;
	check_random(1, 1, 0, SPREAD_MS);
	check_random(7, 0, 0, SPREAD_MS);
	check_random(100, 100, 0, SPREAD_MS);
	check_random(10, 5, 0, SPREAD_MS / 2.0);
	check_random(
	    10, 1, 0, SPREAD_MS / 3.0); /* the only one with flags is not the first by much */
}

/* Systems with flags before those without, each kind over a third of the spread at least. */
static void
test_flags_first(void **state)
{
	static const size_t flags[] = {1, 10, 50, 90, 99};

	(void)state;
	for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++) {
		struct check checks[100];
		int64_t turn, expected = SPREAD_MS * (int64_t)flags[k] / 100;

		for (uint32_t i = 0; i < 100; i++)
			checks[i] = (struct check){.system = i, .first = (i * 37) % 100 < flags[k]};
		schedule_spread(checks, 100, 1000, SPAN_MS, 5);
		if (expected < SPREAD_MS / 3)
			expected = SPREAD_MS / 3;
		if (expected > SPREAD_MS * 2 / 3)
			expected = SPREAD_MS * 2 / 3;
		turn = 1000 + expected;
		for (uint32_t i = 0; i < 100; i++) {
			assert_int_equal(checks[i].first, i < flags[k]);
			assert_true(
			    checks[i].first ? checks[i].at_ms <= turn : checks[i].at_ms >= turn);
			assert_in_range(checks[i].at_ms, 1000, 1000 + SPREAD_MS);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_flags_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
