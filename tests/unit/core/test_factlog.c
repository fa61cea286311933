/* The log of facts, the cells of checks, the sets of void checks: what goes in comes out, and nothing moves. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "core/cells.h"
#include "core/factlog.h"
#include "core/voids.h"

/* More than two chunks, and the last one partly filled. */
#define MANY 10000

static struct fact
nth_fact(uint32_t n)
{
	return (struct fact){.kind = (enum fact_kind)(n % 4),
	    .tick = (int32_t)(n % TICKS_MAX),
	    .team = n % TEAMS_MAX,
	    .service = n % SERVICES_MAX,
	    .flag = n * 7919,
	    .status = (enum status)(n % ST_COUNT)};
}

static uint32_t
nth_system(uint32_t n)
{
	return n * 31 % SYSTEMS_MAX;
}

static void
assert_fact(const struct fact *f, uint32_t system, uint32_t n)
{
	struct fact want = nth_fact(n);

	assert_true(f->kind == want.kind && f->tick == want.tick && f->team == want.team &&
		    f->service == want.service && f->flag == want.flag &&
		    f->status == want.status && system == nth_system(n));
}

static void
fill(struct factlog *l, uint32_t from, uint32_t to)
{
	for (uint32_t n = from; n < to; n++) {
		struct fact f = nth_fact(n);

		factlog_add(l, &f, nth_system(n));
	}
}

static uint32_t
walk(struct factlog_view v)
{
	uint32_t n = 0, system;
	struct fact f;

	while (factlog_next(&v, &f, &system))
		assert_fact(&f, system, n++);
	return n;
}

static void
test_facts_come_out_as_they_went_in(void **state)
{
	struct factlog l = {0};

	(void)state;
	assert_int_equal(walk(factlog_view(&l)), 0);
	for (uint32_t n = 0; n < MANY; n++) {
		fill(&l, n, n + 1);
		/* at every border of a chunk, and some in between */
		if (n % 4096 < 2 || n % 4096 > 4093 || n % 997 == 0)
			assert_int_equal(walk(factlog_view(&l)), n + 1);
	}
	factlog_close(&l);
	assert_int_equal(l.count, 0);
}

/* A view is of the facts there were, whatever comes after. */
static void
test_a_view_does_not_grow(void **state)
{
	struct factlog l = {0};
	struct factlog_view at_border, early;

	(void)state;
	fill(&l, 0, 100);
	early = factlog_view(&l);
	fill(&l, 100, 4096);
	at_border = factlog_view(&l);
	fill(&l, 4096, MANY);
	assert_int_equal(walk(early), 100);
	assert_int_equal(walk(at_border), 4096);
	factlog_close(&l);
}

static void *
walk_again_and_again(void *view)
{
	const struct factlog_view *v = view;
	size_t facts = 0;

	for (int i = 0; i < 200; i++)
		facts += walk(*v);
	return (void *)(uintptr_t)facts;
}

/* Another thread walks while the loop appends, from within a chunk and at the end of one. */
static void
test_walks_beside_an_appender(void **state)
{
	static const uint32_t lengths[] = {4096, 5000};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct factlog l = {0};
		struct factlog_view v;
		pthread_t thread;
		void *walked;

		fill(&l, 0, lengths[i]);
		v = factlog_view(&l);
		assert_int_equal(pthread_create(&thread, NULL, walk_again_and_again, &v), 0);
		fill(&l, lengths[i], 100 * MANY);
		assert_int_equal(pthread_join(thread, &walked), 0);
		assert_int_equal((uintptr_t)walked, 200 * (uintptr_t)lengths[i]);
		factlog_close(&l);
	}
}

static void
test_cells(void **state)
{
	struct cells c;
	struct cell cell;

	(void)state;
	cells_open(&c, 3);
	assert_int_equal(cells_get(&c, 0, 0).seq, 0);
	assert_int_equal(cells_get(&c, -1, 0).seq, 0);
	for (int32_t t = 0; t < 200; t++) {
		uint64_t began = UINT64_C(5000000000) + (uint64_t)t * 10;

		cells_begin_tick(&c, began);
		cells_put(&c, 1, began + 7, (enum status)(t % ST_COUNT));
	}
	for (int32_t t = 0; t < 200; t++) {
		cell = cells_get(&c, t, 1);
		assert_int_equal(cell.seq, UINT64_C(5000000007) + (uint64_t)t * 10);
		assert_int_equal(cell.status, t % ST_COUNT);
		assert_false(cell.voided);
		assert_int_equal(cells_get(&c, t, 0).seq, 0);
		assert_int_equal(cells_get(&c, t, 2).seq, 0);
	}
	cells_set_voided(&c, 100, 1, true);
	cell = cells_get(&c, 100, 1);
	assert_true(cell.voided && cell.status == (enum status)(100 % ST_COUNT) && cell.seq != 0);
	assert_false(cells_get(&c, 99, 1).voided || cells_get(&c, 101, 1).voided);
	cells_set_voided(&c, 100, 1, false);
	assert_false(cells_get(&c, 100, 1).voided);
	assert_int_equal(cells_get(&c, 200, 1).seq, 0);
	assert_int_equal(cells_get(&c, 0, 3).seq, 0);
	cells_close(&c);
}

static void
test_void_bits(void **state)
{
	uint16_t some[] = {0, 2, 6}, one[] = {1};
	struct check_void a = {.from = 2, .to = 4, .systems = {some, 3}};
	struct check_void b = {.from = 4, .to = 90, .systems = {one, 1}};
	struct void_bits *bits = void_bits_new(10, 7);

	(void)state;
	void_bits_add(bits, &a);
	void_bits_add(bits, &b); /* past the last tick: no further than there are */
	for (int32_t t = -1; t < 12; t++)
		for (uint32_t s = 0; s < 9; s++) {
			bool by_a = t >= 2 && t <= 4 && (s == 0 || s == 2 || s == 6);
			bool by_b = t >= 4 && t <= 9 && s == 1;

			assert_int_equal(void_bits_has(bits, t, s), by_a || by_b);
		}
	void_bits_free(bits);
	void_bits_free(NULL);
	for (uint32_t s = 0; s < 9; s++)
		assert_int_equal(system_list_has(&a.systems, s), s == 0 || s == 2 || s == 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_facts_come_out_as_they_went_in),
	    cmocka_unit_test(test_a_view_does_not_grow),
	    cmocka_unit_test(test_walks_beside_an_appender),
	    cmocka_unit_test(test_cells),
	    cmocka_unit_test(test_void_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
