/* Single events read beside the writer: what is there, what is not yet, and what is damaged. */
#include "journal_rig.h"

#include "store/lookup.h"

struct got {
	uint64_t seq;
	char body[256], secret[256];
};

static enum err
on_found(void *ctx, const struct journal_row *row, struct why *why)
{
	struct got *g = ctx;

	(void)why;
	g->seq = row->seq;
	snprintf(g->body, sizeof(g->body), "%.*s", (int)row->body_len, row->body);
	snprintf(g->secret, sizeof(g->secret), "%.*s", (int)row->secret_len, row->secret);
	return ERR_OK;
}

static enum err
on_refused(void *ctx, const struct journal_row *row, struct why *why)
{
	(void)ctx, (void)row;
	return why_set(why, ERR_LIMIT, "enough");
}

static struct lookup *
open_lookup(const char *dir)
{
	struct lookup *l = NULL;
	struct why why = {""};

	if (lookup_open(dir, &l, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return l;
}

static void
test_beside_the_writer(void **state)
{
	struct journal *j = open_journal(*state);
	struct got got = {0};
	struct why why = {""};
	struct lookup *l;

	for (int32_t t = 1; t <= 50; t++)
		append(j, check(t, "slow", "GET /"));
	drain(j);
	l = open_lookup(*state);
	for (uint64_t seq = 2; seq <= 50; seq += 3) {
		assert_int_equal(lookup_event(l, seq, on_found, &got, &why), ERR_OK);
		assert_int_equal(got.seq, seq);
		assert_non_null(strstr(got.body, "\"message\":\"slow\""));
		assert_non_null(strstr(got.secret, "\"trace\":\"GET /\""));
	}
	/* What is written meanwhile is seen, once it is on disk; reading holds nothing up. */
	append(j, capture(51));
	assert_int_equal(lookup_event(l, 51, on_found, &got, &why), ERR_NOT_FOUND);
	drain(j);
	assert_int_equal(lookup_event(l, 51, on_found, &got, &why), ERR_OK);
	assert_non_null(strstr(got.body, "red-1"));
	assert_int_equal(lookup_event(l, 52, on_found, &got, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "event 52 is not in the journal"));
	assert_int_equal(lookup_event(l, 0, on_found, &got, &why), ERR_NOT_FOUND);
	lookup_close(l);
	append(j, capture(52)); /* the writer's locks are its own still */
	assert_int_equal(drain(j), 52);
	journal_close(j);
}

static void
test_the_callback_has_the_last_word(void **state)
{
	struct journal *j = open_journal(*state);
	struct why why = {""};
	struct lookup *l;

	append(j, capture(1));
	append(j, capture(2));
	drain(j);
	l = open_lookup(*state);
	assert_int_equal(lookup_event(l, 2, on_refused, NULL, &why), ERR_LIMIT);
	assert_string_equal(why.text, "enough");
	lookup_close(l);
	journal_close(j);
}

static void
test_no_journal_there(void **state)
{
	struct lookup *l = NULL;
	struct why why = {""};

	assert_int_not_equal(lookup_open(*state, &l, &why), ERR_OK);
	assert_null(l);
	lookup_close(NULL);
	scratch_write(*state, "journal.db", "hello, this is no database", 26, 0600);
	assert_int_equal(lookup_open(*state, &l, &why), ERR_CORRUPT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_beside_the_writer),
	    TEST(test_the_callback_has_the_last_word),
	    TEST(test_no_journal_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
