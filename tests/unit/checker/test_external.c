/* Contracts that start a program: what its end means, what a round does, what an answer says. No process. */
#include "base/json.h"
#include "checker/external_round.h"
#include "core/event.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FLAG "DRILL{abcdefghijklmnopqrstuvwx}"

static struct arena arena;
static struct why why;

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* A job of tick 7 with so many places, and older flags of so many ticks. */
static struct job *
job_of(int places, int older)
{
	struct job *job = arena_alloc(&arena, sizeof *job);
	char text[64];

	*job = (struct job){.challenge = "c", .host = "10.0.0.1", .port = 80, .tick = 7};
	for (int t = 7; t >= 7 - older; t--) {
		for (int s = 0; s < places; s++) {
			struct job_flag *f =
			    t == 7 ? &job->put[job->put_count++] : &job->get[job->get_count++];

			snprintf(text, sizeof text, "DRILL{tick-%d-slot-%d}", t, s);
			*f = (struct job_flag){.tick = t,
			    .slot = s,
			    .flag = arena_strdup(&arena, text),
			    .saved = "{\"placed\":\"1\"}"};
			snprintf(text, sizeof text, "%014d%x%x", 0, t, s);
			f->seed = arena_strdup(&arena, text);
		}
	}
	return job;
}

/* ---- how it ended ---- */

static void
judged(struct exec_result r, enum status status, bool spoken, const char *said)
{
	struct external_verdict v;

	external_judge(&r, 900, &v);
	assert_int_equal(v.status, status);
	assert_int_equal(v.spoken, spoken);
	assert_non_null(strstr(v.said.text, said));
}

static void
ends(void **state)
{
	struct exec_result missing = {.started = false, .exit_code = -1};

	(void)state;
	(void)why_set(&missing.why, ERR_IO, "no such file");
	judged(missing, ST_FAULT, false, "could not be started: no such file");
	judged((struct exec_result){.started = true, .exit_code = 101}, ST_OK, true, "");
	judged((struct exec_result){.started = true, .exit_code = 102}, ST_CORRUPT, true, "gone");
	judged((struct exec_result){.started = true, .exit_code = 103}, ST_MUMBLE, true, "wrongly");
	judged(
	    (struct exec_result){.started = true, .exit_code = 104}, ST_DOWN, true, "not answer");
	judged((struct exec_result){.started = true, .exit_code = 110}, ST_FAULT, true, "itself");
	judged((struct exec_result){.started = true, .exit_code = 111}, ST_FAULT, true, "itself");
	for (int code = 0; code < 256; code++)
		if (!((code >= 101 && code <= 104) || code == 110 || code == 111))
			judged((struct exec_result){.started = true, .exit_code = code}, ST_FAULT,
			    false, "means nothing");
	judged((struct exec_result){.started = true, .exit_code = -1, .signal = SIGSEGV}, ST_FAULT,
	    false, "signal 11");
	judged((struct exec_result){.started = true, .exit_code = -1, .signal = SIGXCPU}, ST_FAULT,
	    false, "CPU time");
	/* However it ended then. */
	judged(
	    (struct exec_result){
		.started = true, .exit_code = -1, .signal = SIGKILL, .timed_out = true},
	    ST_DOWN, false, "timed out after 900 ms");
	judged((struct exec_result){.started = true, .exit_code = 101, .timed_out = true}, ST_DOWN,
	    false, "timed out after 900 ms");
}

/* ---- texts ---- */

static void
text_is(const char *bytes, size_t len, size_t max, bool tail, const char *expected)
{
	struct job job = {.put_count = 1,
	    .put = {{.flag = FLAG}},
	    .get_count = 1,
	    .get = {{.flag = "OLDER{flag}"}}};

	assert_string_equal(external_text(&arena, &job, bytes, len, max, tail), expected);
}

#define TEXT_IS(bytes, max, tail, expected) text_is(bytes, sizeof(bytes) - 1, max, tail, expected)

static void
texts(void **state)
{
	(void)state;
	TEXT_IS("", 9, false, "");
	TEXT_IS(" \r\n\t ", 9, false, "");
	TEXT_IS("plain\n", 9, false, "plain");
	TEXT_IS("two\nlines\n", 99, false, "two lines");
	TEXT_IS("a\0b\xff\x1b[1m", 99, false, "a b? [1m");
	TEXT_IS("got " FLAG "!", 99, false, "got [flag]!");
	TEXT_IS(FLAG FLAG "x OLDER{flag}", 99, false, "[flag][flag]x [flag]");
	/* Taken out before it is cut: no part of a flag is left at the edge. */
	TEXT_IS("0123" FLAG, 10, false, "0123[flag]");
	TEXT_IS(FLAG "0123", 10, true, "[flag]0123");
	TEXT_IS("0123456789", 4, false, "0123");
	TEXT_IS("0123456789", 4, true, "6789");
	TEXT_IS("\xe4\xb8\xad\xe6\x96\x87", 4, false, "\xe4\xb8\xad");
	TEXT_IS("\xe4\xb8\xad\xe6\x96\x87", 4, true, "\xe6\x96\x87");
	TEXT_IS("012  456", 5, false, "012");
	TEXT_IS("012  456", 4, true, "456");
}

/* ---- forcad ---- */

static const struct external_plan one = {.puts = 1, .gets = 1};

static size_t
count_of(const struct external_actions *a, enum external_mode mode)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		n += a->items[i].mode == mode;
	return n;
}

static void
forcad_rounds(void **state)
{
	struct external_plan plan = {.puts = 2, .gets = 3};
	struct external_actions a, again;
	struct job *job = job_of(4, 5);

	(void)state;
	external_forcad.list(job, &plan, &arena, &a);
	assert_int_equal(a.count, 6);
	assert_int_equal(a.items[0].mode, EXTERNAL_CHECK);
	assert_int_equal(count_of(&a, EXTERNAL_PUT), 2);
	assert_int_equal(count_of(&a, EXTERNAL_GET), 3);
	assert_ptr_not_equal(a.items[1].flag, a.items[2].flag);
	for (size_t i = 1; i < a.count; i++)
		assert_int_equal(a.items[i].vuln, a.items[i].flag->slot + 1);
	for (size_t i = 3; i < a.count; i++) {
		assert_int_equal(a.items[i].older, a.items[i].flag->tick < 7);
		/* Of this tick only what was put. */
		assert_true(a.items[i].older || a.items[i].flag == a.items[1].flag ||
			    a.items[i].flag == a.items[2].flag);
		for (size_t k = 3; k < i; k++)
			assert_int_not_equal(a.items[i].flag->tick, a.items[k].flag->tick);
	}
	external_forcad.list(job, &plan, &arena, &again);
	for (size_t i = 0; i < a.count; i++)
		assert_true(a.items[i].mode == again.items[i].mode &&
			    a.items[i].flag == again.items[i].flag);
}

static void
forcad_choices(void **state)
{
	int places[4] = {0}, ticks[8] = {0};
	struct external_actions a;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct job *job = job_of(4, 5);
		char seed[17];

		snprintf(seed, sizeof seed, "%016x", i);
		job->put[0].seed = seed;
		external_forcad.list(job, &one, &arena, &a);
		assert_int_equal(a.count, 3);
		places[a.items[1].flag->slot]++;
		ticks[a.items[2].flag->tick]++;
	}
	for (int i = 0; i < 4; i++)
		assert_in_range(places[i], 25, 80);
	for (int i = 2; i < 8; i++)
		assert_in_range(ticks[i], 15, 60);
}

static void
forcad_edges(void **state)
{
	struct external_plan many = {.puts = 16, .gets = 16};
	struct external_actions a;

	(void)state;
	external_forcad.list(job_of(1, 0), &one, &arena, &a);
	assert_int_equal(a.count, 3);
	assert_ptr_equal(a.items[1].flag, a.items[2].flag);
	external_forcad.list(job_of(8, 7), &many, &arena, &a);
	assert_int_equal(a.count, 1 + 8 + 8);
	external_forcad.list(job_of(0, 0), &many, &arena, &a);
	assert_int_equal(a.count, 1);
}

static struct exec_result
printed(const char *out, size_t out_len, const char *err)
{
	return (struct exec_result){.started = true,
	    .exit_code = 101,
	    .out = out,
	    .out_len = out_len,
	    .err = err,
	    .err_len = strlen(err)};
}

static enum err
placed(const struct external_contract *c, enum forcad_tag tag, const char *out, size_t out_len,
    const char *err, struct external_placed *p)
{
	struct external_plan plan = {.forcad_tag = tag};
	struct exec_result r = printed(out, out_len, err);

	*p = (struct external_placed){NULL, NULL};
	return c->placed(&plan, &r, &arena, p, &why);
}

static void
forcad_answers(void **state)
{
	char text[2000];
	struct external_placed p;

	(void)state;
	assert_int_equal(placed(&external_forcad, FORCAD_DEFAULT, " id 1\n", 6, "e", &p), ERR_OK);
	assert_string_equal(p.id, "id 1");
	assert_null(p.public_id);
	assert_int_equal(placed(&external_forcad, FORCAD_DEFAULT, "", 0, "e", &p), ERR_OK);
	assert_string_equal(p.id, "");
	assert_int_equal(placed(&external_forcad, FORCAD_PFR, "user\n", 5, "secret\n", &p), ERR_OK);
	assert_string_equal(p.id, "secret");
	assert_string_equal(p.public_id, "user\n");
	assert_int_equal(placed(&external_forcad, FORCAD_NFR, "user\n", 5, "secret\n", &p), ERR_OK);
	assert_null(p.id);
	assert_null(p.public_id);
	memset(text, 'x', sizeof text);
	assert_int_equal(
	    placed(&external_forcad, FORCAD_DEFAULT, text, sizeof text, "", &p), ERR_OK);
	assert_int_equal(strlen(p.id), 1024);
	assert_int_equal(placed(&external_forcad, FORCAD_DEFAULT, "a\xff", 2, "", &p), ERR_INVALID);
	assert_int_equal(placed(&external_forcad, FORCAD_DEFAULT, "a\0b", 3, "", &p), ERR_INVALID);
}

/* ---- hackerdom ---- */

static void
informed_is(const char *text, const char *expected)
{
	struct external_memo memo = {.places = -1};
	char said[256] = "";

	external_hackerdom.informed(&memo, text, text != NULL ? strlen(text) : 0);
	for (int i = 0; i < memo.places; i++)
		snprintf(said + strlen(said), sizeof said - strlen(said), "%s%d", i > 0 ? ":" : "",
		    memo.weights[i]);
	assert_string_equal(said, expected);
}

static void
hackerdom_info(void **state)
{
	char long_line[400] = "vulns: 1";

	(void)state;
	informed_is("vulns: 1:2:1\npublic_flag_description: x\n", "1:2:1");
	informed_is("hello\nvulns:3\r\n", "3");
	informed_is("vulns:  1:0:12  ", "1:0:12");
	informed_is("vulns: 99999999999999999999:1", "100000:1");
	informed_is("vulns: one", "");
	informed_is("vulns:", "");
	informed_is("vulns: 1\nvulns: 1:1", "1");
	informed_is(" vulns: 1", "");
	informed_is("vulns", "");
	informed_is("", "");
	informed_is(NULL, "");
	for (int i = 0; i < 64; i++)
		strcat(long_line, ":1");
	informed_is(long_line, "");
}

static void
hackerdom_places(void **state)
{
	struct external_memo memo = {.known = true, .places = 3, .weights = {1, 2, 1}};
	static const int expected[] = {1, 2, 2, 3};
	struct external_plan plan = {.memo = &memo};
	struct job *job = job_of(3, 2);
	struct external_actions a;

	(void)state;
	for (int tick = 0; tick < 8; tick++) {
		job->tick = tick;
		external_hackerdom.list(job, &plan, &arena, &a);
		assert_int_equal(a.count, 4);
		assert_int_equal(a.items[0].mode, EXTERNAL_CHECK);
		assert_int_equal(a.items[1].mode, EXTERNAL_PUT);
		assert_int_equal(a.items[1].vuln, expected[tick % 4]);
		assert_int_equal(a.items[1].flag->slot, expected[tick % 4] - 1);
		assert_int_equal(a.items[2].mode, EXTERNAL_GET);
		assert_ptr_equal(a.items[2].flag, a.items[1].flag);
		assert_true(a.items[3].older);
		assert_int_equal(a.items[3].flag->slot, expected[tick % 4] - 1);
	}
	memo.weights[0] = memo.weights[1] = memo.weights[2] = 0;
	external_hackerdom.list(job, &plan, &arena, &a);
	assert_int_equal(a.items[1].vuln, 1);
}

/* More places than flags: the one flag goes to them in turn, and where it went is remembered. */
static void
hackerdom_one_flag(void **state)
{
	struct external_memo memo = {.known = true, .places = 2, .weights = {1, 1}};
	struct external_plan plan = {.memo = &memo};
	struct job *job = job_of(1, 2);
	struct external_actions a;

	(void)state;
	job->get[0].saved = "{\"placed\":\"1\",\"vuln\":\"2\"}";
	external_hackerdom.list(job, &plan, &arena, &a);
	assert_int_equal(a.items[1].vuln, 2);
	assert_ptr_equal(a.items[1].flag, &job->put[0]);
	assert_ptr_equal(a.items[3].flag, &job->get[0]);
	job->tick = 8;
	external_hackerdom.list(job, &plan, &arena, &a);
	assert_int_equal(a.items[1].vuln, 1);
	assert_ptr_equal(a.items[3].flag, &job->get[1]);
}

static void
hackerdom_answers(void **state)
{
	static const struct {
		const char *out, *id, *public_id;
	} cases[] = {
	    {"", NULL, NULL},
	    {"\n", NULL, NULL},
	    {"0\n", NULL, NULL},
	    {"new id\r\n", "new id", NULL},
	    {" a\n\n", " a\n", NULL},
	    {"{\"public_flag_id\":\"u\",\"k\":1}\n", "{\"public_flag_id\":\"u\",\"k\":1}", "u"},
	    {"{\"public_flag_id\":12}", "{\"public_flag_id\":12}", "12"},
	    {"{\"public_flag_id\":[]}", "{\"public_flag_id\":[]}", NULL},
	    {"[\"public_flag_id\"]", "[\"public_flag_id\"]", NULL},
	};
	struct external_placed p;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(placed(&external_hackerdom, FORCAD_DEFAULT, cases[i].out,
				     strlen(cases[i].out), "", &p),
		    ERR_OK);
		if (cases[i].id == NULL)
			assert_null(p.id);
		else
			assert_string_equal(p.id, cases[i].id);
		if (cases[i].public_id == NULL)
			assert_null(p.public_id);
		else
			assert_string_equal(p.public_id, cases[i].public_id);
	}
	assert_int_equal(
	    placed(&external_hackerdom, FORCAD_DEFAULT, "\xff\n", 2, "", &p), ERR_INVALID);
}

/* ---- ctf01d, ids, calls ---- */

static void
ctf01d_rounds(void **state)
{
	static const struct external_plan plan = {.puts = 0};
	struct external_actions a;

	(void)state;
	external_ctf01d.list(job_of(2, 3), &plan, &arena, &a);
	assert_int_equal(a.count, 2 + 2 + 6);
	assert_int_equal(count_of(&a, EXTERNAL_PUT), 2);
	for (size_t i = 0; i < a.count; i++) {
		assert_int_equal(a.items[i].mode, i < 2 ? EXTERNAL_PUT : EXTERNAL_GET);
		assert_int_equal(a.items[i].older, i >= 4);
		assert_true(i < 5 || a.items[i].flag->tick <= a.items[i - 1].flag->tick);
	}
	external_ctf01d.list(job_of(8, 7), &plan, &arena, &a);
	assert_int_equal(a.count, 8 + 8 + 56);
}

/* Ids are part of the contract: the same flag must have the same after an upgrade, or old flags are lost. */
static void
first_ids(void **state)
{
	struct job_flag flag = {.seed = "0123456789abcdef"};
	char id[EXTERNAL_ID_BYTES];

	(void)state;
	external_forcad.first_id(&flag, id);
	assert_string_equal(id, "9ea3405d6f8b7a779945afed9212b45b640d752f");
	external_hackerdom.first_id(&flag, id);
	assert_string_equal(id, "9ea3-405d-6f8b");
	external_ctf01d.first_id(&flag, id);
	assert_string_equal(id, "kelA6rfGRc");
}

static void
called_with(const struct external_contract *c, bool has_flag, const char *expected)
{
	struct external_call call = {"MODE", "HOST", "PORT", has_flag ? "ID" : "",
	    has_flag ? "FLAG" : "", has_flag ? "2" : "", has_flag};
	const char *args[EXTERNAL_ARGS_MAX];
	size_t count = c->args(&call, args);
	char said[128] = "";

	for (size_t i = 0; i < count; i++)
		snprintf(said + strlen(said), sizeof said - strlen(said), "%s%s", i > 0 ? " " : "",
		    args[i]);
	assert_string_equal(said, expected);
}

static void
calls(void **state)
{
	(void)state;
	called_with(&external_forcad, false, "MODE HOST");
	called_with(&external_exploit, false, "HOST PORT");
	called_with(&external_forcad, true, "MODE HOST ID FLAG 2");
	called_with(&external_hackerdom, false, "MODE HOST");
	called_with(&external_hackerdom, true, "MODE HOST ID FLAG 2");
	called_with(&external_ctf01d, true, "HOST MODE ID FLAG");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends),
	    cmocka_unit_test_teardown(texts, teardown),
	    cmocka_unit_test_teardown(forcad_rounds, teardown),
	    cmocka_unit_test_teardown(forcad_choices, teardown),
	    cmocka_unit_test_teardown(forcad_edges, teardown),
	    cmocka_unit_test_teardown(forcad_answers, teardown),
	    cmocka_unit_test(hackerdom_info),
	    cmocka_unit_test_teardown(hackerdom_places, teardown),
	    cmocka_unit_test_teardown(hackerdom_one_flag, teardown),
	    cmocka_unit_test_teardown(hackerdom_answers, teardown),
	    cmocka_unit_test_teardown(ctf01d_rounds, teardown),
	    cmocka_unit_test(first_ids),
	    cmocka_unit_test(calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
