/*
 * The policy faust against games worked out by hand: tests/golden/faust.md has the derivations.
 */
#include "golden.h"

static void
scores_as_derived(void **state)
{
	golden_check("faust", state);
}

#define GAME(name)                                                                                 \
	{                                                                                          \
		"faust_" name, scores_as_derived, NULL, NULL, (void *)"faust_" name                \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    GAME("empty"),
	    GAME("no_flags"),
	    GAME("no_captures"),
	    GAME("one_team"),
	    GAME("equal_totals"),
	    GAME("nop"),
	    GAME("k_grows"),
	    GAME("statuses"),
	    GAME("deactivated"),
	    GAME("attackers"),
	    GAME("id_types"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
