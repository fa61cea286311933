/* What is counted as what: requests by resource, checks by contract, ticks by their lag. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "api/drill_stats.h"
#include "api/kinds.h"

static const char *
kind_name(const struct kinds *k, size_t route)
{
	return k->names[k->of_route[route]];
}

static void
test_a_resource_is_one_kind(void **state)
{
	static const struct route list = {.path = "/api/v1/accounts"},
				  one = {.path = "/api/v1/accounts/{id}/token"},
				  other = {.path = "/api/v1/flags"}, forcad = {.path = "/flags/"},
				  top = {.path = "/metrics"}, odd = {.path = "/api/v1"};
	static const struct route *const table[] = {&list, &one, &other, &forcad, &top, &odd, NULL};
	struct kinds k;

	(void)state;
	kinds_open(&k, table);
	assert_string_equal(kind_name(&k, 0), "accounts");
	assert_int_equal(k.of_route[0], k.of_route[1]);
	assert_string_equal(kind_name(&k, 2), "flags");
	assert_int_equal(k.of_route[2], k.of_route[3]);
	assert_string_equal(kind_name(&k, 4), "metrics");
	assert_string_equal(kind_name(&k, 5), "api");
	assert_int_equal(k.count, KIND_ROUTES + 4);
	for (unsigned i = 0; i < k.count; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(k.names[i], k.names[j]);
	kinds_close(&k);
}

/* More resources than there is room for: the rest is counted with what no route took. */
static void
test_kinds_are_bounded(void **state)
{
	static char paths[HTTP_KINDS_MAX + 1][32];
	static struct route records[HTTP_KINDS_MAX + 1];
	const struct route *table[HTTP_KINDS_MAX + 2] = {NULL};
	struct kinds k;

	(void)state;
	for (int i = 0; i <= HTTP_KINDS_MAX; i++) {
		snprintf(paths[i], sizeof paths[i], "/api/v1/thing-%d", i);
		records[i].path = paths[i];
		table[i] = &records[i];
	}
	kinds_open(&k, table);
	assert_int_equal(k.count, HTTP_KINDS_MAX);
	assert_int_equal(k.of_route[0], KIND_ROUTES);
	assert_int_equal(k.of_route[HTTP_KINDS_MAX], KIND_NONE);
	kinds_close(&k);
}

static void
test_checks_are_counted_by_contract(void **state)
{
	struct challenge challenge = {.id = "portal"};
	struct scenario_system systems[3] = {
	    {.challenge = "portal"}, {.challenge = "portal"}, {.challenge = "portal"}};
	struct scenario scenario = {.config.system_count = 3,
	    .systems = systems,
	    .challenges = &challenge,
	    .challenge_count = 1};
	struct drill_stats s;

	(void)state;
	drill_stats_open(&s, &scenario);
	assert_int_equal(s.contract_count, 1);
	assert_string_equal(s.contracts[0].name, "steps");
	drill_stats_check(
	    &s, &(struct check_result){.system = 0, .status = ST_OK, .answered = true, .ms = 40});
	drill_stats_check(
	    &s, &(struct check_result){.system = 2, .status = ST_OK, .answered = true, .ms = 60});
	drill_stats_check(&s, &(struct check_result){.system = 1, .status = ST_NONE});
	assert_int_equal(s.contracts[0].results[ST_OK], 2);
	assert_int_equal(s.contracts[0].results[ST_NONE], 1);
	/* What nobody measured has no time. */
	assert_int_equal(histogram_count(&s.contracts[0].seconds), 2);
	assert_true(s.contracts[0].seconds.sum > 0.0999 && s.contracts[0].seconds.sum < 0.1001);
	drill_stats_close(&s);
}

static void
test_ticks_are_counted_by_edge(void **state)
{
	struct scenario scenario = {0};
	struct drill_stats s;

	(void)state;
	drill_stats_open(&s, &scenario);
	drill_stats_tick(&s, TICK_EDGE_BEGIN, 3);
	drill_stats_tick(&s, TICK_EDGE_BEGIN, 40);
	drill_stats_tick(&s, TICK_EDGE_CLOSE, 0);
	assert_int_equal(s.last_lag_ms[TICK_EDGE_BEGIN], 40);
	assert_int_equal(histogram_count(&s.tick_lag[TICK_EDGE_BEGIN]), 2);
	assert_int_equal(histogram_count(&s.tick_lag[TICK_EDGE_CLOSE]), 1);
	drill_stats_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_resource_is_one_kind),
	    cmocka_unit_test(test_kinds_are_bounded),
	    cmocka_unit_test(test_checks_are_counted_by_contract),
	    cmocka_unit_test(test_ticks_are_counted_by_edge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
