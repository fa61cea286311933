/* What a launcher that was killed has left is removed by the next one; what another one holds, or is not ours, is not. */
#include "checker/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static struct why why;

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/scratch-test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	return setenv("TMPDIR", folder, 1);
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void
test_make_take_give_back(void **state)
{
	const struct scratch_owner self = {0};
	struct scratch_work work = {.left = 100};
	struct scratch s;
	struct scratch_dir d;
	char path[SCRATCH_PATH_MAX + 16];

	(void)state;
	assert_int_equal(scratch_open(&s, SCRATCH_STALE_S, &why), ERR_OK);
	assert_int_equal(scratch_create(&s, "1", &self, &d, &why), ERR_OK);
	assert_true(scratch_give_back(&s, &d, &self)); /* as new */
	usleep(50000);
	assert_true(scratch_take(&s, &d));
	assert_true(d.settled);
	assert_true(scratch_give_back(&s, &d, &self));
	snprintf(path, sizeof path, "%s/1/f", s.path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	unlink(path);
	assert_false(scratch_take(&s, &d)); /* touched, though it is empty again */
	assert_false(scratch_give_back(&s, &d, &self));
	assert_true(scratch_destroy(&s, "1", &self, &work));
	scratch_close(&s);
	assert_false(is_there(s.path));
}

static void
test_no_more_than_the_work_given(void **state)
{
	const struct scratch_owner self = {0};
	struct scratch_work work = {.left = 10};
	char path[SCRATCH_PATH_MAX + 16];
	struct scratch_dir d;
	struct scratch s;
	int calls = 1;

	(void)state;
	assert_int_equal(scratch_open(&s, SCRATCH_STALE_S, &why), ERR_OK);
	assert_int_equal(scratch_create(&s, "1", &self, &d, &why), ERR_OK);
	for (int i = 0; i < 95; i++) {
		snprintf(path, sizeof path, "%s/1/%d", s.path, i);
		close(open(path, O_CREAT | O_WRONLY, 0600));
	}
	for (; !scratch_destroy(&s, "1", &self, &work); calls++) {
		assert_int_equal(work.gained, 10);
		work = (struct scratch_work){.left = 10};
	}
	assert_int_equal(calls, 10);
	scratch_close(&s);
}

/* A directory as a killed launcher leaves it, with what programs had in theirs. */
static void
leave_behind(const char *base)
{
	char path[256];

	assert_int_equal(mkdir(base, 0711), 0);
	snprintf(path, sizeof path, "%s/12", base);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/12/deep", base);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/12/deep/er", base);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/12/link", base);
	assert_int_equal(symlink(folder, path), 0);
	snprintf(path, sizeof path, "%s/12/deep", base);
	chmod(path, 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65533, 65533), 0);
		path[strlen(path) - strlen("/deep")] = '\0';
		assert_int_equal(chown(path, 65533, 65533), 0);
	}
}

static void
test_stale_ones_go_others_stay(void **state)
{
	struct scratch held, next;
	char left[128], file[128], other[128];

	(void)state;
	assert_int_equal(scratch_open(&held, SCRATCH_STALE_S, &why), ERR_OK);
	snprintf(left, sizeof left, "%s/drill-exec-left01", folder);
	snprintf(file, sizeof file, "%s/drill-exec-a-file", folder);
	snprintf(other, sizeof other, "%s/something-else", folder);
	leave_behind(left);
	assert_int_equal(mkdir(other, 0711), 0);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(scratch_open(&next, SCRATCH_STALE_S, &why), ERR_OK);
	assert_true(is_there(left)); /* it is young */
	scratch_close(&next);
	assert_int_equal(scratch_open(&next, -1, &why), ERR_OK);
	assert_false(is_there(left));
	assert_true(is_there(held.path));
	assert_true(is_there(file));
	assert_true(is_there(other));
	scratch_close(&next);
	scratch_close(&held);
}

static void
test_folder_that_is_not_there(void **state)
{
	struct scratch s;

	(void)state;
	setenv("TMPDIR", "/no/such/folder", 1);
	assert_int_equal(scratch_open(&s, SCRATCH_STALE_S, &why), ERR_IO);
	assert_non_null(strstr(why.text, "/no/such/folder"));
	scratch_close(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_make_take_give_back),
	    TEST(test_no_more_than_the_work_given),
	    TEST(test_stale_ones_go_others_stay),
	    TEST(test_folder_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
