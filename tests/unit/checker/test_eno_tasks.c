/* What a round of the contract eno does, how it is named, and what its results mean. */
#include "checker/eno_tasks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
make_job(struct job *job, size_t puts, size_t gets)
{
	*job = (struct job){.challenge = "portal",
	    .host = "10.0.0.1",
	    .port = 80,
	    .tick = 9,
	    .team_number = 4,
	    .put_count = puts,
	    .get_count = gets};
	for (size_t i = 0; i < puts; i++)
		job->put[i] = (struct job_flag){9, (int)i, "F{new}", "0123456789abcdef", ""};
	for (size_t i = 0; i < gets; i++)
		job->get[i] = (struct job_flag){8 - (int)i, 1, "F{old}", "fedcba9876543210", ""};
}

static size_t
count_of(const struct eno_tasks *l, enum eno_method m, bool older)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		n += l->items[i].method == m && l->items[i].older == older;
	return n;
}

/* Everything once; groups follow each other; a get needs its put; older flags come newest first. */
static void
test_list(void **state)
{
	struct arena arena = {0};
	struct eno_tasks l;
	struct job job;

	(void)state;
	make_job(&job, 3, 2);
	eno_tasks_list(&job, &(struct eno_variants){2, 3, 4}, &arena, &l);
	assert_int_equal(count_of(&l, ENO_PUTFLAG, false), 3);
	assert_int_equal(count_of(&l, ENO_GETFLAG, false), 3);
	assert_int_equal(count_of(&l, ENO_GETFLAG, true), 2);
	assert_int_equal(count_of(&l, ENO_PUTNOISE, false), 3);
	assert_int_equal(count_of(&l, ENO_GETNOISE, false), 3);
	assert_int_equal(count_of(&l, ENO_HAVOC, false), 4);
	assert_int_equal(l.count, 18);
	for (size_t i = 0; i < l.count; i++) {
		const struct eno_task *t = &l.items[i];

		assert_true(i == 0 || t->group >= l.items[i - 1].group);
		if (t->flag != NULL)
			assert_int_equal(t->variant, t->flag->slot % 2);
		if (t->method != ENO_GETNOISE && (t->method != ENO_GETFLAG || t->older))
			assert_null(t->needs);
		else
			assert_true(t->needs->flag == t->flag && t->needs->index == t->index &&
				    t->needs->group < t->group &&
				    t->needs->method == t->method - 1);
	}
	assert_int_equal(l.items[16].tick, 8);
	assert_int_equal(l.items[17].tick, 7);
	arena_free(&arena);
}

/* The order is drawn from the seeds: the same for the same job, another one in another tick. */
static void
test_order(void **state)
{
	const struct eno_variants v = {1, 20, 20};
	struct arena arena = {0};
	struct eno_tasks a, b, c;
	struct job job, other;
	bool differs = false;

	(void)state;
	make_job(&job, 1, 0);
	make_job(&other, 1, 0);
	other.put[0].seed = "00000000deadbeef";
	eno_tasks_list(&job, &v, &arena, &a);
	eno_tasks_list(&job, &v, &arena, &b);
	eno_tasks_list(&other, &v, &arena, &c);
	for (size_t i = 0; i < a.count; i++) {
		assert_true(a.items[i].method == b.items[i].method &&
			    a.items[i].variant == b.items[i].variant);
		differs = differs || a.items[i].method != c.items[i].method ||
			  a.items[i].variant != c.items[i].variant;
	}
	assert_true(differs);
	arena_free(&arena);
}

static void
test_limits(void **state)
{
	struct arena arena = {0};
	struct eno_tasks l;
	struct job job;

	(void)state;
	make_job(&job, JOB_FLAGS_MAX, JOB_FLAGS_MAX);
	eno_tasks_list(&job,
	    &(struct eno_variants){ENO_VARIANTS_MAX, ENO_VARIANTS_MAX, ENO_VARIANTS_MAX}, &arena,
	    &l);
	assert_int_equal(l.count, 3 * JOB_FLAGS_MAX + 3 * ENO_VARIANTS_MAX);
	eno_tasks_list(&job, &(struct eno_variants){0, 0, 0}, &arena, &l);
	assert_int_equal(l.count, 0);
	arena_free(&arena);
}

/* A later job's get of a flag has the chain of its put; other flags, teams, systems have others. */
static void
test_chain(void **state)
{
	struct job put, get;
	struct eno_task task = {.method = ENO_PUTFLAG, .tick = 9, .index = 1};
	char a[ENO_CHAIN_BYTES], b[ENO_CHAIN_BYTES];
	int s, r, t, i, end = 0;

	(void)state;
	make_job(&put, 1, 0);
	make_job(&get, 1, 1);
	get.tick = 12;
	eno_tasks_chain(&put, &task, a);
	assert_int_equal(sscanf(a, "flag_s%d_r%d_t%d_i%d%n", &s, &r, &t, &i, &end), 4);
	assert_true(a[end] == '\0' && s >= 0 && r == 10 && t == 4 && i == 1);
	task.method = ENO_GETFLAG;
	eno_tasks_chain(&get, &task, b);
	assert_string_equal(a, b);
	task.index = 0;
	eno_tasks_chain(&get, &task, b);
	assert_string_not_equal(a, b);
	task.index = 1;
	get.port = 81;
	eno_tasks_chain(&get, &task, b);
	assert_string_not_equal(a, b);
	get.port = 80;
	task.method = ENO_PUTNOISE;
	eno_tasks_chain(&get, &task, b);
	assert_true(strncmp(b, "noise_s", 7) == 0);
	task.method = ENO_HAVOC;
	eno_tasks_chain(&get, &task, b);
	assert_true(strncmp(b, "havoc_s", 7) == 0);
}

static void
test_id(void **state)
{
	struct arena arena = {0};
	struct job job;
	struct eno_task task = {.method = ENO_PUTFLAG, .tick = 9};
	int64_t first;

	(void)state;
	make_job(&job, 1, 0);
	first = eno_tasks_id(&job, &task, &arena);
	assert_true(first >= 0 && first < (int64_t)1 << 53);
	assert_true(eno_tasks_id(&job, &task, &arena) == first);
	task.method = ENO_GETFLAG;
	assert_true(eno_tasks_id(&job, &task, &arena) != first);
	job.put[0].seed = "00000000deadbeef";
	task.method = ENO_PUTFLAG;
	assert_true(eno_tasks_id(&job, &task, &arena) != first);
	arena_free(&arena);
}

static void
test_status(void **state)
{
	static const struct {
		enum eno_method method;
		bool older;
		enum status of[ENO_RESULTS]; /* OK, MUMBLE, OFFLINE, INTERNAL_ERROR */
	} rows[] = {
	    {ENO_PUTFLAG, false, {ST_OK, ST_MUMBLE, ST_DOWN, ST_FAULT}},
	    {ENO_GETFLAG, false, {ST_OK, ST_CORRUPT, ST_DOWN, ST_FAULT}},
	    {ENO_GETFLAG, true, {ST_OK, ST_RECOVERING, ST_RECOVERING, ST_FAULT}},
	    {ENO_PUTNOISE, false, {ST_OK, ST_MUMBLE, ST_DOWN, ST_FAULT}},
	    {ENO_GETNOISE, false, {ST_OK, ST_MUMBLE, ST_DOWN, ST_FAULT}},
	    {ENO_HAVOC, false, {ST_OK, ST_MUMBLE, ST_DOWN, ST_FAULT}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int r = 0; r < ENO_RESULTS; r++)
			assert_int_equal(
			    eno_tasks_status(&(struct eno_task){.method = rows[i].method,
						 .older = rows[i].older},
				(enum eno_result)r),
			    rows[i].of[r]);
}

/* From bad to worse; fault only where there is nothing else. */
static void
test_rank(void **state)
{
	static const enum status order[] = {
	    ST_NONE, ST_FAULT, ST_OK, ST_RECOVERING, ST_CORRUPT, ST_MUMBLE, ST_DOWN};

	(void)state;
	for (size_t now = 0; now < 7; now++)
		for (size_t before = 0; before < 7; before++)
			assert_int_equal(
			    eno_tasks_outranks(order[now], order[before]), now > before);
}

static void
test_idle(void **state)
{
	struct eno_task put = {.method = ENO_PUTFLAG};
	struct eno_task get = {.method = ENO_GETFLAG, .needs = &put};
	struct eno_task older = {.method = ENO_GETFLAG, .older = true};
	struct eno_task havoc = {.method = ENO_HAVOC};

	(void)state;
	assert_true(eno_tasks_idle(&get, ST_OK)); /* what was not put is not asked for */
	put.ok = true;
	assert_false(eno_tasks_idle(&get, ST_MUMBLE));
	assert_false(eno_tasks_idle(&older, ST_OK));
	assert_false(eno_tasks_idle(&older, ST_FAULT));
	assert_true(eno_tasks_idle(&older, ST_RECOVERING));
	assert_true(eno_tasks_idle(&older, ST_MUMBLE));
	assert_true(eno_tasks_idle(&havoc, ST_DOWN)); /* nothing is worse */
	assert_false(eno_tasks_idle(&put, ST_DOWN));  /* but later rounds want the flag */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_list),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_chain),
	    cmocka_unit_test(test_id),
	    cmocka_unit_test(test_status),
	    cmocka_unit_test(test_rank),
	    cmocka_unit_test(test_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
