/* The journal: what is acknowledged is on disk, in order, chained; what is refused leaves no trace. */
#include "journal_rig.h"
#include <pthread.h>

/* ---- opening ---- */

static void
test_made_private_and_empty(void **state)
{
	char dir[SCRATCH_BYTES + 8];
	struct journal_progress p;
	struct journal *j;
	struct stat st;

	snprintf(dir, sizeof(dir), "%s/data", (const char *)*state);
	j = open_journal(dir);
	journal_reap(j, &p);
	assert_int_equal(p.appended, 0);
	assert_int_equal(p.committed, 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(read_all(j).count, 0);
	journal_close(j);
	journal_close(NULL);
}

static void
test_second_server_is_kept_out(void **state)
{
	struct journal *j = open_journal(*state);
	struct why why = {""};
	char pid[16];

	snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
	assert_int_equal(try_open(*state, false, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, pid));
	journal_close(j);
	assert_int_equal(try_open(*state, false, &why), ERR_OK);
}

static void
test_read_only_makes_nothing(void **state)
{
	struct why why = {""};

	assert_int_equal(try_open(*state, true, &why), ERR_NOT_FOUND);
	assert_int_equal(access(scratch_path(*state, "journal.db"), F_OK), -1);
	assert_int_equal(access(scratch_path(*state, "lock"), F_OK), -1);
}

static void
test_missing_parent_is_named(void **state)
{
	struct why why = {""};
	char dir[SCRATCH_BYTES + 16];

	snprintf(dir, sizeof(dir), "%s/no/data", (const char *)*state);
	assert_int_equal(try_open(dir, false, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, dir));
}

static void
expect_refused(const char *dir, enum err e, const char *text)
{
	struct why why = {""};

	assert_int_equal(try_open(dir, false, &why), e);
	assert_non_null(strstr(why.text, text));
	assert_int_equal(try_open(dir, true, &why), e);
	assert_non_null(strstr(why.text, text));
}

static void
test_foreign_files_are_refused(void **state)
{
	const char *dir = *state, *text = "Dear diary, today the portal was defaced.\n";

	scratch_sql(dir, "CREATE TABLE recipes(name TEXT)");
	expect_refused(dir, ERR_CORRUPT, "not a journal");
	scratch_sql(dir, "SELECT name FROM recipes"); /* and left as it was */
	unlink(scratch_path(dir, "journal.db"));
	scratch_write(dir, "journal.db", text, strlen(text), 0600);
	expect_refused(dir, ERR_CORRUPT, "not a journal");
}

static void
test_changed_layout_is_refused(void **state)
{
	journal_close(open_journal(*state));
	scratch_sql(*state, "CREATE TRIGGER t AFTER INSERT ON events BEGIN SELECT 1; END");
	expect_refused(*state, ERR_CORRUPT, "layout");
	scratch_sql(*state, "DROP TRIGGER t; PRAGMA user_version = 2");
	expect_refused(*state, ERR_UNSUPPORTED, "format 2");
	scratch_sql(*state, "PRAGMA user_version = 1");
	assert_int_equal(try_open(*state, false, NULL), ERR_OK);
}

/* ---- appending ---- */

static void
test_round_trip(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_progress p;
	struct seen s;

	append(j, capture(3));
	append(j, check(4, "all well", "GET / 200"));
	assert_int_equal(drain(j), 2);
	s = read_all(j);
	assert_int_equal(s.count, 2);
	assert_true(s.chain_holds);
	assert_string_equal(s.actor, "checker");
	assert_string_equal(s.kind, "check.done");
	assert_non_null(strstr(s.body, "\"message\":\"all well\""));
	assert_null(strstr(s.body, "GET /"));
	assert_non_null(strstr(s.secret, "GET /"));
	journal_reap(j, &p);
	assert_memory_equal(p.head, s.head, sizeof(p.head));
	journal_close(j);

	j = open_journal(*state); /* and the chain goes on where it was */
	journal_reap(j, &p);
	assert_int_equal(p.committed, 2);
	assert_memory_equal(p.head, s.head, sizeof(p.head));
	append(j, capture(5));
	assert_int_equal(drain(j), 3);
	s = read_all(j);
	assert_int_equal(s.count, 3);
	assert_true(s.chain_holds);
	journal_close(j);
}

/* The formula by hand, from the documentation and not from chain.c. */
static void
test_hash_formula(void **state)
{
	static const char header[] =
	    "{\"actor\":\"a\\\"b\",\"at_ms\":5,\"body\":{\"x\":1},\"drill_ms\":-1,"
	    "\"kind\":\"k\",\"seq\":7}";
	static const char salted[] = "0123456789abcdef{\"s\":2}";
	struct journal_row row = {.seq = 7,
	    .at_ms = 5,
	    .drill_ms = -1,
	    .kind = "k",
	    .actor = "a\"b",
	    .body = "{\"x\":1}",
	    .body_len = 7,
	    .secret = "{\"s\":2}",
	    .secret_len = 7,
	    .salt = (const uint8_t *)salted};
	uint8_t links[96], want[32], got[32];
	struct hasher *h = hasher_new();

	(void)state;
	memset(links, 0xab, 32);
	sha256(header, strlen(header), links + 32);
	sha256(salted, strlen(salted), links + 64);
	sha256(links, sizeof(links), want);
	journal_hash(h, links, &row, got);
	assert_memory_equal(got, want, 32);

	row.salt = NULL;
	row.secret_len = 0;
	sha256("", 0, links + 64);
	sha256(links, sizeof(links), want);
	journal_hash(h, links, &row, got);
	assert_memory_equal(got, want, 32);
	hasher_free(h);
}

static void
test_salts_only_with_secrets(void **state)
{
	struct journal *j = open_journal(*state);
	uint8_t salts[200][16];
	struct why why;
	struct seen s;

	for (int i = 0; i < 200; i++)
		append(j, check(i, "", "t"));
	append(j, capture(1));
	drain(j);
	assert_int_equal(read_all(j).with_secret, 200);
	for (uint64_t i = 0; i < 200; i++) {
		assert_int_equal(read_some(j, i + 1, i + 1, &s, &why), ERR_OK);
		memcpy(salts[i], s.salt, 16);
		for (uint64_t k = 0; k < i; k++)
			assert_memory_not_equal(salts[k], salts[i], 16);
	}
	assert_int_equal(read_some(j, 201, 201, &s, &why), ERR_OK);
	assert_string_equal(s.secret, "");
	assert_int_equal(s.with_secret, 0);
	journal_close(j);
}

static void
test_bad_events_leave_no_trace(void **state)
{
	struct journal *j = open_journal(*state);
	size_t len = EVENT_BODY_MAX_BYTES;
	char *huge = calloc(1, len + 1);
	struct event ev = capture(1);
	struct seen s;

	memset(huge, 'x', len);
	append(j, capture(1));
	ev = check(2, huge, "");
	assert_int_equal(journal_append(j, &ev), ERR_LIMIT);
	ev = check(2, "", huge);
	assert_int_equal(journal_append(j, &ev), ERR_LIMIT);
	ev = capture(2);
	ev.actor = "";
	assert_int_equal(journal_append(j, &ev), ERR_INVALID);
	ev.actor = huge;
	assert_int_equal(journal_append(j, &ev), ERR_INVALID);
	ev.actor = "\xff";
	assert_int_equal(journal_append(j, &ev), ERR_INVALID);
	append(j, capture(3));
	assert_int_equal(drain(j), 2);
	s = read_all(j);
	assert_int_equal(s.count, 2);
	assert_true(s.chain_holds);
	assert_non_null(strstr(s.body, "\"tick\":3"));
	free(huge);
	journal_close(j);
}

static void
test_nothing_counts_before_flush(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_progress p;

	append(j, capture(1));
	assert_int_equal(read_all(j).count, 0);
	journal_flush(j);
	journal_drain(j, &p);
	assert_int_equal(p.committed, 1);
	assert_true(p.commit_ns > 0);
	assert_int_equal(read_all(j).count, 1);
	journal_close(j);
}

static void
test_close_writes_what_waits(void **state)
{
	struct journal *j = open_journal(*state);

	for (int i = 0; i < 10; i++)
		append(j, capture(i));
	journal_close(j);
	j = open_journal(*state);
	assert_int_equal(read_all(j).count, 10);
	journal_close(j);
}

/* ---- group commit ---- */

struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool closed; /* the writer is held in notify while it is */
	int entered;
	pthread_t thread;
};

static void
on_notify(void *ctx)
{
	struct gate *g = ctx;

	pthread_mutex_lock(&g->mutex);
	g->entered++;
	g->thread = pthread_self();
	pthread_cond_broadcast(&g->changed);
	while (g->closed)
		pthread_cond_wait(&g->changed, &g->mutex);
	pthread_mutex_unlock(&g->mutex);
}

static void
gate_wait(struct gate *g, int entered)
{
	pthread_mutex_lock(&g->mutex);
	while (g->entered < entered)
		pthread_cond_wait(&g->changed, &g->mutex);
	pthread_mutex_unlock(&g->mutex);
}

static void
gate_open(struct gate *g)
{
	pthread_mutex_lock(&g->mutex);
	g->closed = false;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->mutex);
}

/* While one batch is away the next one grows, and becomes a single commit. */
static void
test_batches_gather_while_the_writer_works(void **state)
{
	struct gate g = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, true, 0, 0};
	struct journal_options o = {.dir = *state, .notify = on_notify, .ctx = &g};
	struct journal_progress p;
	struct journal *j = NULL;
	struct why why;

	assert_int_equal(journal_open(&o, &j, &why), ERR_OK);
	append(j, capture(1));
	journal_flush(j);
	gate_wait(&g, 1); /* the first batch is on disk, the writer held */
	assert_false(pthread_equal(g.thread, pthread_self()));
	for (int i = 0; i < 50; i++) {
		append(j, capture(2 + i));
		journal_flush(j); /* not free before the reap: keeps growing */
	}
	journal_reap(j, &p); /* takes in 1, hands over the 50 */
	assert_int_equal(p.committed, 1);
	assert_int_equal(p.appended, 51);
	gate_open(&g);
	gate_wait(&g, 2);
	journal_reap(j, &p);
	assert_int_equal(p.committed, 51);
	assert_int_equal(g.entered, 2);
	journal_close(j);
}

static void
test_full_is_busy_and_recovers(void **state)
{
	struct gate g = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, true, 0, 0};
	struct journal_options o = {.dir = *state, .notify = on_notify, .ctx = &g};
	char *text = calloc(1, (4u << 20) + 1);
	struct journal *j = NULL;
	struct event ev;
	struct why why;
	int taken = 0;
	enum err e;

	memset(text, 'x', 4u << 20);
	assert_int_equal(journal_open(&o, &j, &why), ERR_OK);
	append(j, capture(0));
	journal_flush(j);
	gate_wait(&g, 1);
	assert_true(journal_has_room_for(j, 63u << 20));
	assert_false(journal_has_room_for(j, 64u << 20));
	do {
		ev = check(1, text, "");
		e = journal_append(j, &ev);
		taken += e == ERR_OK;
	} while (e == ERR_OK && taken < 1000);
	assert_int_equal(e, ERR_BUSY);
	assert_in_range(taken, 15, 17); /* 64 MiB of 4 MiB events */
	assert_false(journal_has_room_for(j, 0));
	gate_open(&g);
	assert_int_equal(drain(j), 1 + (uint64_t)taken);
	append(j, capture(2));
	assert_int_equal(drain(j), 2 + (uint64_t)taken);
	free(text);
	journal_close(j);
}

/* ---- reading ---- */

static enum err
stop_at_three(void *ctx, const struct journal_row *row, struct why *why)
{
	++*(int *)ctx;
	return row->seq == 3 ? why_set(why, ERR_CLOSED, "enough") : ERR_OK;
}

static void
test_ranges(void **state)
{
	struct journal *j = open_journal(*state);
	struct why why = {""};
	struct seen s;
	int calls = 0;

	for (int i = 1; i <= 10; i++)
		append(j, capture(i));
	drain(j);
	assert_int_equal(read_some(j, 4, 6, &s, &why), ERR_OK);
	assert_int_equal(s.first, 4);
	assert_int_equal(s.count, 3);
	assert_int_equal(read_some(j, 9, 0, &s, &why), ERR_OK);
	assert_int_equal(s.last, 10);
	assert_int_equal(s.count, 2);
	assert_int_equal(read_some(j, 11, 0, &s, &why), ERR_OK);
	assert_int_equal(s.count, 0);
	assert_int_equal(read_some(j, UINT64_MAX, UINT64_MAX, &s, &why), ERR_OK);
	assert_int_equal(s.count, 0);
	assert_int_equal(journal_read(j, 1, 0, stop_at_three, &calls, &why), ERR_CLOSED);
	assert_int_equal(calls, 3);
	assert_string_equal(why.text, "enough");
	journal_close(j);
}

static void
test_read_beside_the_writer(void **state)
{
	struct journal_options o = {.dir = *state, .read_only = true};
	struct journal *j = open_journal(*state), *reader = NULL;
	struct why why;

	append(j, capture(1));
	drain(j);
	assert_int_equal(journal_open(&o, &reader, &why), ERR_OK);
	assert_int_equal(read_all(reader).count, 1);
	append(j, capture(2));
	drain(j);
	assert_int_equal(read_all(reader).count, 2);
	journal_close(j);
	assert_int_equal(read_all(reader).count, 2);
	journal_close(reader);
}

/*
 * A copy taken while the server ran (file and log, no index of the log), in a directory that the reader
 * may not write to: what is only in the log counts too.
 */
static void
test_read_only_copy_with_log(void **state)
{
	char copy[SCRATCH_BYTES], command[512];
	struct journal_options o = {.dir = copy, .read_only = true};
	struct journal *j = open_journal(*state), *reader = NULL;
	bool root = geteuid() == 0;
	struct why why = {""};

	append(j, capture(1));
	append(j, check(1, "m", "t"));
	drain(j);
	scratch_make(copy);
	snprintf(command, sizeof(command),
	    "cp %s/journal.db %s/journal.db-wal %s && chmod 444 %s/* && chmod 555 %s",
	    (const char *)*state, (const char *)*state, copy, copy, copy);
	assert_int_equal(system(command), 0);
	journal_close(j);
	if (root) /* permissions bind others only */
		assert_int_equal(seteuid(65534), 0);
	if (journal_open(&o, &reader, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(read_all(reader).count, 2);
	journal_close(reader);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(access(scratch_path(copy, "journal.db-shm"), F_OK), -1);
	assert_int_equal(chmod(copy, 0700), 0);
	scratch_remove(copy);
}

/* One commit, two events; memory of what waits is given back when they are on disk. */
static void
test_commits_are_measured(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_stats s;

	journal_stats(j, &s);
	assert_int_equal(s.waiting_bytes, 0);
	assert_int_equal(histogram_count(&s.commit_seconds), 0);
	append(j, capture(1));
	append(j, capture(2));
	journal_stats(j, &s);
	assert_in_range(s.waiting_bytes, 100, 10000);
	drain(j);
	journal_stats(j, &s);
	assert_int_equal(s.waiting_bytes, 0);
	assert_int_equal(histogram_count(&s.commit_seconds), 1);
	assert_true(s.commit_seconds.sum > 0);
	assert_int_equal(histogram_count(&s.batch_events), 1);
	assert_true(s.batch_events.sum == 2);
	journal_close(j);
}

/* What is away with the writer still waits. */
static void
test_bytes_wait_until_they_are_reaped(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_stats before, away;

	append(j, capture(1));
	journal_stats(j, &before);
	journal_flush(j);
	journal_stats(j, &away);
	assert_int_equal(away.waiting_bytes, before.waiting_bytes);
	drain(j);
	journal_close(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_made_private_and_empty),
	    TEST(test_second_server_is_kept_out),
	    TEST(test_read_only_makes_nothing),
	    TEST(test_missing_parent_is_named),
	    TEST(test_foreign_files_are_refused),
	    TEST(test_changed_layout_is_refused),
	    TEST(test_round_trip),
	    TEST(test_hash_formula),
	    TEST(test_salts_only_with_secrets),
	    TEST(test_bad_events_leave_no_trace),
	    TEST(test_nothing_counts_before_flush),
	    TEST(test_close_writes_what_waits),
	    TEST(test_batches_gather_while_the_writer_works),
	    TEST(test_full_is_busy_and_recovers),
	    TEST(test_commits_are_measured),
	    TEST(test_bytes_wait_until_they_are_reaped),
	    TEST(test_ranges),
	    TEST(test_read_beside_the_writer),
	    TEST(test_read_only_copy_with_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
