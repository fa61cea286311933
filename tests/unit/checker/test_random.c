/* Random variables: what a seed and a name give is part of the contract, so it stands here in full. */
#include "checker/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char seed[] = "0123456789abcdef";
static struct arena arena;

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
gives(struct random_var v, const char *expected)
{
	v.name = "v";
	assert_string_equal(random_value(&arena, seed, &v), expected);
}

static void
test_vectors(void **state)
{
	static const char *const of[] = {"red", "green", "blue"};
	(void)state;

	gives((struct random_var){.kind = RANDOM_NAME}, "xujunjie4979");
	gives((struct random_var){.kind = RANDOM_TEXT, .length = 16}, "a9fEpTtAVnUvVm7o");
	gives((struct random_var){.kind = RANDOM_HEX, .length = 16}, "a7b25394736f5056");
	gives((struct random_var){.kind = RANDOM_NUMBER, .length = 6}, "119699");
	gives((struct random_var){.kind = RANDOM_NUMBER, .range = true, .min = -1000, .max = 1000},
	    "155");
	gives((struct random_var){.kind = RANDOM_CHOICE, .of = of, .of_count = 3}, "green");
	gives((struct random_var){.kind = RANDOM_UUID}, "0a478be2-95b3-4924-b793-761fb5d04556");
	gives((struct random_var){.kind = RANDOM_PHRASE},
	    "开学前研究生院协助收集设备清单，共150份。");
	gives((struct random_var){.kind = RANDOM_PHRASE, .lang = RANDOM_EN},
	    "By the end of the month the second group will move the exam results, 150 in all.");
	gives((struct random_var){.kind = RANDOM_EMAIL}, "xujunjie4979@example.com");
	gives((struct random_var){.kind = RANDOM_PHONE}, "15919699369");
}

/* A range is taken evenly and to both its ends. */
static void
test_ranges(void **state)
{
	int seen[3] = {0};
	(void)state;

	for (int i = 0; i < 300; i++) {
		char name[16];
		struct random_var v = {
		    .name = name, .kind = RANDOM_NUMBER, .range = true, .min = -1, .max = 1};

		snprintf(name, sizeof name, "n%d", i);
		seen[atoi(random_value(&arena, seed, &v)) + 1]++;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(seen[i], 60, 140);
	gives((struct random_var){.kind = RANDOM_NUMBER, .range = true, .min = 7, .max = 7}, "7");
}

static void
test_widest_range(void **state)
{
	struct random_var v = {.name = "v",
	    .kind = RANDOM_NUMBER,
	    .range = true,
	    .min = -RANDOM_NUMBER_MAX,
	    .max = RANDOM_NUMBER_MAX};
	long long n = strtoll(random_value(&arena, seed, &v), NULL, 10);
	(void)state;

	assert_true(n >= v.min && n <= v.max);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_vectors, teardown),
	    cmocka_unit_test_teardown(test_ranges, teardown),
	    cmocka_unit_test_teardown(test_widest_range, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
