/* The fold's tables: ids to indices, and who has taken which flag of the ticks that still count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "core/captures.h"
#include "core/ids.h"

static void
test_ids_many(void **state)
{
	static char names[5000][16];
	struct ids t = {0};

	(void)state;
	assert_int_equal(ids_find(&t, "x"), -1);
	for (int i = 0; i < 5000; i++) {
		snprintf(names[i], sizeof(names[i]), "s%d", i);
		assert_true(ids_add(&t, names[i], i));
	}
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(ids_find(&t, names[i]), i);
		assert_false(ids_add(&t, names[i], 7)); /* there already, and stays as it was */
		assert_int_equal(ids_find(&t, names[i]), i);
	}
	assert_int_equal(ids_find(&t, "s5000"), -1);
	assert_int_equal(ids_find(&t, ""), -1);
	ids_free(&t);
	assert_int_equal(ids_find(&t, "s1"), -1);
}

static void
test_captures_many(void **state)
{
	struct captures c;

	(void)state;
	captures_open(&c, 3);
	captures_begin_tick(&c, 0);
	assert_false(captures_has(&c, 0, 0, 0));
	for (uint32_t place = 0; place < 200; place++)
		for (uint32_t team = place % 2; team < 50; team += 2) {
			captures_add(&c, 0, place, team);
			captures_add(&c, 0, place, team); /* a repeat counts once */
		}
	assert_int_equal(c.ring[0].count, 200 * 25);
	for (uint32_t place = 0; place < 200; place++)
		for (uint32_t team = 0; team < 50; team++)
			assert_int_equal(captures_has(&c, 0, place, team), team % 2 == place % 2);
	captures_close(&c);
}

/* A tick is forgotten when the one that takes its place begins, and no later tick inherits its captures. */
static void
test_captures_leave_the_window(void **state)
{
	struct captures c;

	(void)state;
	captures_open(&c, 3);
	for (int32_t tick = 0; tick < 3; tick++) {
		captures_begin_tick(&c, tick);
		captures_add(&c, tick, (uint32_t)tick, 9);
	}
	for (uint32_t tick = 0; tick < 3; tick++)
		assert_true(captures_has(&c, (int32_t)tick, tick, 9));
	captures_begin_tick(&c, 3);
	assert_false(captures_has(&c, 3, 0, 9));
	assert_false(captures_has(&c, 0, 0, 9));
	assert_true(captures_has(&c, 1, 1, 9));
	assert_false(captures_has(&c, 1, 9, 1)); /* place and team are not to be swapped */
	captures_close(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ids_many),
	    cmocka_unit_test(test_captures_many),
	    cmocka_unit_test(test_captures_leave_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
