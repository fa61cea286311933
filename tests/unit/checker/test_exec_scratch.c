/* Where external programs may write: an empty directory of their own, which is removed, and nowhere else. */
#include "exec_rig.h"

/* How many entries there are below the launcher's own directories, of which empty ones may be kept. */
static int
scratch_entries(void)
{
	struct run *r = run_script("echo \"${HOME%/*}\"");
	char command[256];
	FILE *f;
	int n = -1;

	snprintf(command, sizeof command, "find %.*s -mindepth 2 2>/dev/null | wc -l",
	    (int)r->result.out_len - 1, r->out);
	free(r);
	f = popen(command, "r");
	assert_int_equal(fscanf(f, "%d", &n), 1);
	pclose(f);
	return n;
}

static void
expect_scratch_empty(void)
{
	int64_t until = time_mono_ms() + PATIENCE_MS;

	while (scratch_entries() > 0 && time_mono_ms() < until)
		turn_for(10);
	assert_int_equal(scratch_entries(), 0);
}

static void
test_scratch_is_writable_and_private(void **state)
{
	struct run *r = run_script("stat -c '%a %u' .; id -u; echo x >\"$TMPDIR/f\" && ls -A; "
				   "cd \"$HOME\" && pwd");
	char bits[8];
	unsigned owner, uid;

	(void)state;
	assert_int_equal(sscanf(r->out, "%7s %u\n%u\nf\n", bits, &owner, &uid), 3);
	assert_string_equal(bits, "700");
	assert_int_equal(owner, uid);
	free(r);
	expect_scratch_empty();
}

/* Whatever one has left there the next does not find, in whichever directory it is put. */
static void
test_scratch_begins_as_new(void **state)
{
	static const char *const marks[] = {"echo x >f", "chmod 755 .", "touch a; rm a",
	    "mkdir -p a/b", "touch .hidden", "chmod 000 ."};

	(void)state;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		for (int n = 0; n < 3; n++)
			free(run_script(marks[i]));
		for (int n = 0; n < 3; n++) {
			struct run *r = run_script("stat -c %a .; ls -A");

			assert_string_equal(r->out, "700\n");
			free(r);
		}
	}
}

static void
test_scratch_deep_tree(void **state)
{
	struct run *r =
	    run_script("perl -e 'for (1 .. 3000) { mkdir \"d\" and chdir \"d\" or die } "
		       "open F, \">\", \"f\" or die; print \"made\"'");

	(void)state;
	assert_string_equal(r->out, "made");
	free(r);
	expect_scratch_empty();
}

static void
test_scratch_closed_tree(void **state)
{
	struct run *r =
	    run_script("mkdir -p a/b/c x; echo 1 >a/b/c/f; echo 2 >a/f; ln -s /etc a/link; "
		       "ln -s ../../.. a/b/up; mkfifo a/pipe; chmod 000 a/b/c a/b a x; "
		       "chmod 000 .; echo made");

	(void)state;
	assert_string_equal(r->out, "made\n");
	free(r);
	expect_scratch_empty();
	assert_int_equal(access("/etc/passwd", F_OK), 0);
	assert_int_equal(access(rig.dir, F_OK), 0);
}

/* How long a program takes that comes right after one that has left 10,000 files. */
static int64_t
next_after_many_files(void)
{
	struct run *r, *other;
	int64_t ms;

	r = run_script(
	    "perl -e 'for (1 .. 10000) { open F, \">\", \"f$_\" or die } print \"made\"'");
	assert_string_equal(r->out, "made");
	other = run_script("echo fine");
	assert_string_equal(other->out, "fine\n");
	ms = other->result.ms;
	free(other);
	free(r);
	expect_scratch_empty();
	return ms;
}

/* Removing does not hold the next one up for long; another load of the machine may, but not each time. */
static void
test_scratch_many_files(void **state)
{
	int64_t ms = INT64_MAX;

	(void)state;
	for (int i = 0; i < 5 && ms > 2000; i++)
		ms = next_after_many_files();
	assert_in_range(ms, 0, 2000);
}

/* No program writes into the challenge's folder, nor, under bubblewrap, anywhere but its own. */
static void
test_folder_is_read_only(void **state)
{
	const char *const argv[] = {"sh", "-c",
	    "cat seen; echo x 2>/dev/null >new && echo written; "
	    "echo x 2>/dev/null >/var/tmp/drill-test && echo there; ls -A /tmp",
	    NULL};
	struct exec_options o = options_of(argv);
	struct run *r;

	(void)state;
	if (!mode->root && !bubblewrapped())
		return; /* it is our own folder, and limits alone keep nobody out of what is his */
	rig_file("seen", "seen\n", 0644);
	o.cwd = EXEC_CWD_DIR;
	r = run_wait(run_begin(&o));
	assert_memory_equal(r->out, "seen\n", 5);
	assert_null(strstr(r->out, "written"));
	if (bubblewrapped()) {
		assert_null(strstr(r->out, "there"));
		assert_null(strstr(r->out, "elsewhere"));
	}
	unlink("/var/tmp/drill-test");
	free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_scratch_is_writable_and_private),
	    TEST(test_scratch_begins_as_new),
	    TEST(test_scratch_deep_tree),
	    TEST(test_scratch_closed_tree),
	    TEST(test_scratch_many_files),
	    TEST(test_folder_is_read_only),
	};

	RUN_MODES(tests);
}
