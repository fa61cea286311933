/* What the scenario floor compiles, the checker reads: both follow docs/challenge.md, this holds them together. */
#include "checker/program.h"
#include "scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
compiled_is_read(const char *file, const char *challenges)
{
	struct scenario s;
	struct buf mistakes;
	struct why why;

	buf_init(&mistakes, 65536);
	if (scenario_load(file, challenges, &s, &mistakes) != ERR_OK)
		fail_msg("%s", mistakes.data);
	assert_true(s.challenge_count > 0);
	for (size_t i = 0; i < s.challenge_count; i++) {
		const char *text = s.challenges[i].program;
		struct program *p = NULL;

		if (program_read(text, strlen(text), &p, &why) != ERR_OK)
			fail_msg("%s: %s\n%s", s.challenges[i].id, why.text, text);
		program_free(p);
	}
	scenario_free(&s);
	buf_free(&mistakes);
}

static void
test_examples(void **state)
{
	(void)state;
	compiled_is_read("examples/campus.yaml", "challenges");
	compiled_is_read("examples/small.yaml", "challenges");
}

/* Every action over libcurl with every key it has. */
static void
test_curl_actions(void **state)
{
	(void)state;
	compiled_is_read(
	    "tests/unit/checker/fixtures/curl.yaml", "tests/unit/checker/fixtures/challenges");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_examples),
	    cmocka_unit_test(test_curl_actions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
