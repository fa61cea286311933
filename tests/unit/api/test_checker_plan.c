/* How many checkers, how much at once: the command line over the scenario over what is fitting. */
#include "api/checker_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

static struct scenario
scenario_of(size_t systems)
{
	return (struct scenario){.config.system_count = systems};
}

/* Nobody says anything: all systems at once, over all processes, a hundred at least. */
static void
test_fitting(void **state)
{
	struct scenario s = scenario_of(1500);
	struct checker_plan p = checker_plan(&s, 0, 0, 2);

	(void)state;
	assert_int_equal(p.processes, 1);
	assert_int_equal(p.in_flight, 1500);
	s.checkers.processes = 4;
	assert_int_equal(checker_plan(&s, 0, 0, 2).in_flight, 375);
	s.config.system_count = 1501;
	assert_int_equal(checker_plan(&s, 0, 0, 2).in_flight, 376);
	s.config.system_count = 12;
	assert_int_equal(checker_plan(&s, 0, 0, 2).in_flight, 100);
	assert_int_equal(p.groups[CONTRACT_STEPS].max, 0);
	assert_int_equal(p.groups[CONTRACT_FORCAD].max, 16);
	assert_int_equal(p.groups[CONTRACT_FAUST].max, 16);
	assert_int_equal(p.groups[CONTRACT_ENO].max, 200);
	assert_int_equal(checker_plan(&s, 0, 0, 8).groups[CONTRACT_HACKERDOM].max, 64);
	assert_string_equal(p.groups[CONTRACT_CTF01D].name, "ctf01d");
}

/* The scenario over what is fitting, the command line over the scenario. */
static void
test_said(void **state)
{
	struct scenario s = scenario_of(1500);
	struct checker_plan p;

	(void)state;
	s.checkers = (struct scenario_checkers){.processes = 3, .in_flight = 50};
	s.checkers.limits[CONTRACT_STEPS] = 40;
	s.checkers.limits[CONTRACT_FORCAD] = 5;
	p = checker_plan(&s, 0, 0, 2);
	assert_int_equal(p.processes, 3);
	assert_int_equal(p.in_flight, 50);
	assert_int_equal(p.groups[CONTRACT_STEPS].max, 40);
	assert_int_equal(p.groups[CONTRACT_FORCAD].max, 5);
	p = checker_plan(&s, 2, 7, 2);
	assert_int_equal(p.processes, 2);
	assert_int_equal(p.in_flight, 7);
}

/* No more than descriptors allow, where nobody says; what is said stays, and the checker tells. */
static void
test_descriptors(void **state)
{
	struct scenario s = scenario_of(3000000);
	struct rlimit before, low = {.rlim_cur = 256, .rlim_max = 264};
	struct checker_plan p;

	(void)state;
	assert_int_equal(checker_plan(&s, 16, 9, 2).in_flight, 9);
	s.config.system_count = 10000;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	p = checker_plan(&s, 0, 0, 2);
	/* Who may raise the limit gets it raised. */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(p.in_flight, low.rlim_max == 264 ? 100 : 10000);
	assert_true(low.rlim_max >= 2 * (rlim_t)p.in_flight + 64);
	assert_int_equal(low.rlim_cur, 256);
	(void)setrlimit(RLIMIT_NOFILE, &before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fitting),
	    cmocka_unit_test(test_said),
	    cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
