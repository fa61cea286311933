/* A disk that is full, a file that is cut or rotten: a clear answer, never a crash, nothing passed off as whole. */
#include "journal_rig.h"
#include <signal.h>
#include <sys/resource.h>

/* ---- failing ---- */

/* A file size limit is what a full disk looks like, and needs no mount. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
test_full_disk_fails_clearly(void **state)
{
	struct journal *j = open_journal(*state);
	struct journal_progress p = {0};
	uint64_t acknowledged = 0;
	struct event ev;
	struct seen s;

	signal(SIGXFSZ, SIG_IGN);
	limit_files(256 * 1024);
	for (int i = 0; i < 10000 && !p.failed; i++) {
		acknowledged = p.committed;
		append(j, check(i, "a message of some length", "and a trace"));
		journal_drain(j, &p);
	}
	limit_files(RLIM_INFINITY);
	assert_true(p.failed);
	assert_true(acknowledged > 10);
	assert_int_equal(p.committed, acknowledged);
	assert_int_equal(p.appended, acknowledged + 1);
	assert_non_null(strstr(p.failure, "not on disk"));
	if (strstr(p.failure, "full") == NULL && strstr(p.failure, "File too large") == NULL)
		fail_msg("%s", p.failure);
	ev = capture(1);
	assert_int_equal(journal_append(j, &ev), ERR_IO);
	journal_flush(j);
	journal_drain(j, &p);
	assert_true(p.failed);
	journal_close(j);

	j = open_journal(*state);
	s = read_all(j);
	assert_int_equal(s.count, acknowledged);
	assert_true(s.chain_holds);
	append(j, capture(1));
	assert_int_equal(drain(j), acknowledged + 1);
	journal_close(j);
}

/* ---- damaged files ---- */

static void
fill(const char *dir, int events)
{
	struct journal *j = open_journal(dir);

	for (int i = 0; i < events; i++)
		append(j, check(i, "a message of some length", "and a trace"));
	drain(j);
	journal_close(j);
}

static enum err
read_damaged(const char *dir, struct seen *s, struct why *why)
{
	struct journal_options o = {.dir = dir, .read_only = true};
	struct journal *j = NULL;
	enum err e = journal_open(&o, &j, why);

	memset(s, 0, sizeof(*s));
	if (e == ERR_OK)
		e = read_some(j, 1, 0, s, why);
	journal_close(j);
	return e;
}

static void
test_cut_file_reads_up_to_the_cut(void **state)
{
	const char *path = scratch_path(*state, "journal.db");
	struct why why = {""};
	struct stat st;
	struct seen s;

	fill(*state, 2000);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2), 0);
	assert_int_equal(read_damaged(*state, &s, &why), ERR_CORRUPT);
	assert_in_range(s.count, 500, 1500);
	assert_true(s.chain_holds);
	assert_non_null(strstr(why.text, "cut short"));
	assert_int_equal(truncate(scratch_path(*state, "journal.db"), 100), 0);
	assert_int_equal(read_damaged(*state, &s, &why), ERR_CORRUPT);
	assert_int_equal(try_open(*state, false, &why), ERR_CORRUPT);
}

/* Whatever the bytes: an answer, never a crash, and never a changed event passed off as whole. */
static void
test_garbage_never_crashes(void **state)
{
	char *whole, *broken;
	struct why why;
	struct stat st;
	struct seen s;
	int noticed = 0, fd;

	fill(*state, 300);
	assert_int_equal(stat(scratch_path(*state, "journal.db"), &st), 0);
	whole = malloc((size_t)st.st_size);
	broken = malloc((size_t)st.st_size);
	fd = open(scratch_path(*state, "journal.db"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, whole, (size_t)st.st_size), st.st_size);
	close(fd);
	srand(1);
	for (int round = 0; round < 300; round++) {
		memcpy(broken, whole, (size_t)st.st_size);
		for (int i = 0; i <= round % 20; i++)
			broken[rand() % (round % 3 == 0 ? 4096 : st.st_size)] = (char)rand();
		scratch_write(*state, "journal.db", broken, (size_t)st.st_size, 0600);
		noticed +=
		    read_damaged(*state, &s, &why) != ERR_OK || !s.chain_holds || s.count != 300;
	}
	assert_true(noticed > 150); /* many bytes of a page mean nothing: free space */
	free(whole);
	free(broken);
}

static void
expect_bad_row(const char *dir, const char *sql, const char *text)
{
	struct why why = {""};
	struct seen s;

	scratch_sql(dir, sql);
	assert_int_equal(read_damaged(dir, &s, &why), ERR_CORRUPT);
	if (strstr(why.text, text) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", why.text, text);
}

static void
test_wrong_columns_are_named(void **state)
{
	fill(*state, 9);
	expect_bad_row(*state, "UPDATE events SET hash = x'00' WHERE seq = 9", "seq 9: hash");
	expect_bad_row(*state, "UPDATE events SET salt = x'0011' WHERE seq = 8", "seq 8: salt");
	expect_bad_row(*state, "UPDATE events SET secret = NULL WHERE seq = 7", "seq 7: secret");
	expect_bad_row(*state, "UPDATE events SET body = NULL WHERE seq = 6", "seq 6: body");
	expect_bad_row(*state, "UPDATE events SET actor = 'a' || char(0) || 'b' WHERE seq = 5",
	    "seq 5: actor");
	expect_bad_row(*state, "UPDATE events SET kind = NULL WHERE seq = 4", "seq 4: kind");
	expect_bad_row(
	    *state, "UPDATE events SET drill_ms = NULL WHERE seq = 3", "seq 3: drill_ms");
	expect_bad_row(*state, "UPDATE events SET at_ms = NULL WHERE seq = 2", "seq 2: at_ms");
	expect_bad_row(*state, "UPDATE events SET seq = -1 WHERE seq = 1", "seq -1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_full_disk_fails_clearly),
	    TEST(test_cut_file_reads_up_to_the_cut),
	    TEST(test_garbage_never_crashes),
	    TEST(test_wrong_columns_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
