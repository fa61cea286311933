/* What checkers keep of a system: added member by member, whatever the order, never past its limit. */
#include "base/mem.h"
#include "core/event.h"
#include "core/kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_adds_and_replaces(void **state)
{
	char *kept = NULL;

	(void)state;
	assert_int_equal(kept_add(&kept, "{\"b\":\"1\"}"), ERR_OK);
	assert_int_equal(kept_add(&kept, "{\"a\":\"2\",\"b\":\"3\"}"), ERR_OK);
	assert_int_equal(kept_add(&kept, "{}"), ERR_OK);
	assert_string_equal(kept, "{\"a\":\"2\",\"b\":\"3\"}");
	free(kept);
}

static void
test_same_text_whatever_the_order(void **state)
{
	char *x = NULL, *y = NULL;

	(void)state;
	assert_int_equal(kept_add(&x, "{\"a\":\"1\"}"), ERR_OK);
	assert_int_equal(kept_add(&x, "{\"c\":\"3\",\"b\":\"2\"}"), ERR_OK);
	assert_int_equal(kept_add(&y, "{\"b\":\"2\"}"), ERR_OK);
	assert_int_equal(kept_add(&y, "{\"a\":\"1\",\"c\":\"3\"}"), ERR_OK);
	assert_string_equal(x, y);
	free(x);
	free(y);
}

static void
test_refusals_change_nothing(void **state)
{
	static const char *const bad[] = {"", "[]", "{\"a\":1}", "{\"a\":\"x\"", "null"};
	char *kept = NULL;

	(void)state;
	assert_int_equal(kept_add(&kept, "{\"a\":\"1\"}"), ERR_OK);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(kept_add(&kept, bad[i]), ERR_INVALID);
		assert_string_equal(kept, "{\"a\":\"1\"}");
	}
	free(kept);
}

/* One byte under the limit goes in, one over does not, and what was there stays. */
static void
test_limit(void **state)
{
	char *kept = NULL, *more = mem_alloc(STATE_MAX_BYTES + 64);
	size_t frame = strlen("{\"a\":\"1\",\"b\":\"\"}"), room = STATE_MAX_BYTES - frame;
	int n;

	(void)state;
	assert_int_equal(kept_add(&kept, "{\"a\":\"1\"}"), ERR_OK);
	n = sprintf(more, "{\"b\":\"");
	memset(more + n, 'x', room + 1);
	strcpy(more + n + room + 1, "\"}");
	assert_int_equal(kept_add(&kept, more), ERR_LIMIT);
	assert_string_equal(kept, "{\"a\":\"1\"}");
	strcpy(more + n + room, "\"}");
	assert_int_equal(kept_add(&kept, more), ERR_OK);
	assert_int_equal(strlen(kept), STATE_MAX_BYTES);
	free(kept);
	free(more);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_adds_and_replaces),
	    cmocka_unit_test(test_same_text_whatever_the_order),
	    cmocka_unit_test(test_refusals_change_nothing),
	    cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
