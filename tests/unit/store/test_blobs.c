/* Files by their content: whole and durable or not there. */
#include "scratch.h"

#include "base/mem.h"
#include "store/blobs.h"
#include "store/datadir.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct rig {
	char dir[SCRATCH_BYTES];
	struct blobs *blobs;
	struct why why;
};

static int
set_up(void **state)
{
	struct rig *r = mem_alloc(sizeof *r);

	scratch_make(r->dir);
	if (blobs_open(r->dir, 0, &r->blobs, &r->why) != ERR_OK)
		fail_msg("%s", r->why.text);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	blobs_close(r->blobs);
	scratch_remove(r->dir);
	free(r);
	return 0;
}

static void
keep(struct rig *r, const char *text, struct blob *out)
{
	struct blob_writer *w;

	assert_int_equal(blob_begin(r->blobs, 100, &w, &r->why), ERR_OK);
	for (const char *p = text; *p != '\0'; p++)
		assert_int_equal(blob_write(w, p, 1, &r->why), ERR_OK);
	assert_int_equal(blob_commit(w, out, &r->why), ERR_OK);
}

static size_t
count(struct rig *r, const char *name)
{
	char path[PATH_MAX];
	DIR *d;
	size_t n = 0;

	snprintf(path, sizeof path, "%s/blobs/%s", r->dir, name);
	d = opendir(path);
	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
a_file_lies_under_the_hash_of_its_content(void **state)
{
	struct rig *r = *state;
	struct blob b;
	struct stat st;
	char text[16] = "";
	uint64_t bytes;
	int fd;

	assert_false(blob_exists(r->blobs, HELLO));
	keep(r, "hello", &b);
	assert_string_equal(b.hash, HELLO);
	assert_int_equal(b.bytes, 5);
	assert_true(blob_exists(r->blobs, HELLO));
	assert_int_equal(blob_open(r->blobs, HELLO, &fd, &bytes, &r->why), ERR_OK);
	assert_int_equal(bytes, 5);
	assert_int_equal(read(fd, text, sizeof text), 5);
	assert_string_equal(text, "hello");
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(stat(scratch_path(r->dir, "blobs/2c/" HELLO), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(scratch_path(r->dir, "blobs/2c"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(count(r, "drafts"), 0);
}

static struct {
	const char *dir; /* whose syncs are looked at; NULL: nobody's */
	size_t entries;  /* that it had at the last one */
} synced;

/* Instead of the C library's. */
int
fsync(int fd)
{
	struct stat a, b;
	struct dirent *entry;
	DIR *d;

	if (synced.dir != NULL && fstat(fd, &a) == 0 && stat(synced.dir, &b) == 0 &&
	    a.st_ino == b.st_ino && (d = opendir(synced.dir)) != NULL) {
		synced.entries = 0;
		while ((entry = readdir(d)) != NULL)
			synced.entries += entry->d_name[0] != '.';
		closedir(d);
	}
	return (int)syscall(SYS_fsync, fd);
}

/* A shelf that a writer finds is on disk, whichever thread needed it first. */
static void
all_shelves_are_durable_before_there_is_a_writer(void **state)
{
	struct rig *r = *state;
	char dir[PATH_MAX];
	struct blob b;
	struct stat st;

	blobs_close(r->blobs);
	assert_int_equal(rmdir(scratch_path(r->dir, "blobs/00")), 0);
	assert_int_equal(rmdir(scratch_path(r->dir, "blobs/ff")), 0);
	snprintf(dir, sizeof dir, "%s/blobs", r->dir);
	synced.dir = dir;
	assert_int_equal(blobs_open(r->dir, 0, &r->blobs, &r->why), ERR_OK);
	synced.dir = NULL;
	assert_int_equal(synced.entries, 256 + 1); /* and the drafts */
	assert_int_equal(stat(scratch_path(r->dir, "blobs/ff"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	keep(r, "hello", &b);
	assert_int_equal(count(r, ""), 256 + 1);
}

static void
the_same_twice_is_one_file_and_mends_it(void **state)
{
	struct rig *r = *state;
	struct blob b;
	uint64_t bytes;
	int fd;

	keep(r, "hello", &b);
	scratch_write(r->dir, "blobs/2c/" HELLO, "hell", 4, 0600);
	keep(r, "hello", &b);
	assert_int_equal(count(r, "2c"), 1);
	assert_int_equal(blob_open(r->blobs, HELLO, &fd, &bytes, &r->why), ERR_OK);
	assert_int_equal(bytes, 5);
	close(fd);
	keep(r, "", &b);
	assert_string_equal(b.hash, EMPTY);
}

static void
the_limit_is_kept_to_the_byte(void **state)
{
	struct rig *r = *state;
	struct blob_writer *w;
	struct blob b;

	assert_int_equal(blob_begin(r->blobs, 5, &w, &r->why), ERR_OK);
	assert_int_equal(blob_write(w, "hel", 3, &r->why), ERR_OK);
	assert_int_equal(blob_write(w, "lo!", 3, &r->why), ERR_LIMIT);
	assert_non_null(strstr(r->why.text, "at most 5 bytes"));
	assert_int_equal(blob_write(w, "lo", 2, &r->why), ERR_OK);
	assert_int_equal(blob_commit(w, &b, &r->why), ERR_OK);
	assert_string_equal(b.hash, HELLO);
}

static void
what_is_given_up_leaves_nothing(void **state)
{
	struct rig *r = *state;
	struct blob_writer *w;

	assert_int_equal(blob_begin(r->blobs, 100, &w, &r->why), ERR_OK);
	assert_int_equal(blob_write(w, "hello", 5, &r->why), ERR_OK);
	assert_int_equal(count(r, "drafts"), 1);
	blob_abort(w);
	blob_abort(NULL);
	assert_int_equal(count(r, "drafts"), 0);
	assert_int_equal(count(r, "2c"), 0);
}

static void
drafts_that_a_crash_has_left_go_at_the_start(void **state)
{
	struct rig *r = *state;
	struct blob b;

	keep(r, "hello", &b);
	scratch_write(r->dir, "blobs/drafts/0123", "half", 4, 0600);
	blobs_close(r->blobs);
	assert_int_equal(blobs_open(r->dir, 0, &r->blobs, &r->why), ERR_OK);
	assert_int_equal(count(r, "drafts"), 0);
	assert_true(blob_exists(r->blobs, HELLO));
}

static void
only_a_hash_is_a_name(void **state)
{
	static const char *const names[] = {"", "..", "../journal.db", "2c/" HELLO, HELLO "0",
	    "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824", "drafts",
	    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b982"};
	struct rig *r = *state;
	uint64_t bytes;
	struct blob b;
	int fd;

	keep(r, "hello", &b);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(
		    blob_open(r->blobs, names[i], &fd, &bytes, &r->why), ERR_NOT_FOUND);
		assert_non_null(strstr(r->why.text, "SHA-256"));
		assert_false(blob_exists(r->blobs, names[i]));
	}
	assert_int_equal(blob_open(r->blobs, EMPTY, &fd, &bytes, &r->why), ERR_NOT_FOUND);
}

static void
what_is_no_plain_file_is_not_opened(void **state)
{
	struct rig *r = *state;
	char path[PATH_MAX];
	uint64_t bytes;
	struct blob b;
	int fd;

	keep(r, "hello", &b);
	snprintf(path, sizeof path, "%s/blobs/e3/%s", r->dir, EMPTY);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(blob_open(r->blobs, EMPTY, &fd, &bytes, &r->why), ERR_IO);
	assert_false(blob_exists(r->blobs, EMPTY));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(blob_open(r->blobs, EMPTY, &fd, &bytes, &r->why), ERR_CORRUPT);
	/* And a link in the place of a new file is replaced, not followed. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(scratch_path(r->dir, "elsewhere"), path), 0);
	keep(r, "", &b);
	assert_true(blob_exists(r->blobs, EMPTY));
	assert_int_not_equal(access(scratch_path(r->dir, "elsewhere"), F_OK), 0);
}

static bool
is_hello(void *ctx, const char *hash)
{
	(*(int *)ctx)++;
	return strcmp(hash, HELLO) == 0;
}

static void
a_sweep_removes_what_nobody_wants(void **state)
{
	struct rig *r = *state;
	size_t removed = 9;
	int asked = 0;
	struct blob b;

	keep(r, "hello", &b);
	keep(r, "", &b);
	keep(r, "other", &b);
	scratch_write(r->dir, "blobs/2c/README", "x", 1, 0600);
	scratch_write(r->dir, "blobs/notes", "x", 1, 0600);
	assert_int_equal(blobs_sweep(r->blobs, is_hello, &asked, &removed, &r->why), ERR_OK);
	assert_int_equal(removed, 2);
	assert_int_equal(asked, 3);
	assert_true(blob_exists(r->blobs, HELLO));
	assert_false(blob_exists(r->blobs, EMPTY));
	assert_int_equal(access(scratch_path(r->dir, "blobs/2c/README"), F_OK), 0);
}

/* ---- room ---- */

static void
the_journals_reserve_is_left_alone(void **state)
{
	struct rig *r = *state;
	struct blob_writer *w, *other;
	struct statvfs v;
	uint64_t room;

	assert_int_equal(statvfs(r->dir, &v), 0);
	room = (uint64_t)v.f_bavail * v.f_frsize;
	blobs_close(r->blobs);
	/* Others use the disk meanwhile: no exact byte can be held against it. */
	assert_int_equal(blobs_open(r->dir, room / 2, &r->blobs, &r->why), ERR_OK);
	assert_int_equal(blob_begin(r->blobs, room, &w, &r->why), ERR_BUSY);
	assert_non_null(strstr(r->why.text, "disk is full"));
	assert_int_equal(blob_begin(r->blobs, UINT64_MAX, &w, &r->why), ERR_BUSY);
	assert_int_equal(blob_begin(r->blobs, room / 3, &w, &r->why), ERR_OK);
	/* What one was promised is not there for the next. */
	assert_int_equal(blob_begin(r->blobs, room / 3, &other, &r->why), ERR_BUSY);
	blob_abort(w);
	assert_int_equal(blob_begin(r->blobs, room / 3, &w, &r->why), ERR_OK);
	blob_abort(w);
	assert_int_equal(count(r, "drafts"), 0);
}

static void
a_full_disk_is_said_and_leaves_nothing(void **state)
{
	struct rig *r = *state;
	struct blob_writer *w;
	char mib[65536] = "";
	enum err e = ERR_OK;
	struct blob b;

	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", r->dir, "tmpfs", 0, "size=1m") != 0)
		skip(); /* needs a mount namespace */
	blobs_close(r->blobs);
	assert_int_equal(blobs_open(r->dir, 0, &r->blobs, &r->why), ERR_OK);
	assert_int_equal(blob_begin(r->blobs, 500000, &w, &r->why), ERR_OK);
	scratch_write(r->dir, "other", mib, sizeof mib, 0600);
	while (e == ERR_OK) { /* somebody else takes what was promised */
		int fd = open(scratch_path(r->dir, "other"), O_WRONLY | O_APPEND | O_CLOEXEC);

		e = write(fd, mib, sizeof mib) == sizeof mib ? ERR_OK : ERR_IO;
		close(fd);
	}
	assert_int_equal(blob_write(w, mib, sizeof mib, &r->why), ERR_BUSY);
	assert_non_null(strstr(r->why.text, "disk is full"));
	blob_abort(w);
	assert_int_equal(count(r, "drafts"), 0);
	assert_int_equal(unlink(scratch_path(r->dir, "other")), 0);
	keep(r, "hello", &b);
	assert_true(blob_exists(r->blobs, HELLO));
	blobs_close(r->blobs);
	r->blobs = NULL;
	assert_int_equal(umount2(r->dir, MNT_DETACH), 0);
}

static void
what_is_in_the_way_at_the_start_is_named(void **state)
{
	struct rig *r = *state;
	struct blobs *b;

	blobs_close(r->blobs);
	r->blobs = NULL;
	scratch_remove(scratch_path(r->dir, "blobs"));
	scratch_write(r->dir, "blobs", "", 0, 0600);
	assert_int_equal(blobs_open(r->dir, 0, &b, &r->why), ERR_INVALID);
	assert_non_null(strstr(r->why.text, "/blobs is not a directory"));
	assert_null(b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_file_lies_under_the_hash_of_its_content),
	    T(all_shelves_are_durable_before_there_is_a_writer),
	    T(the_same_twice_is_one_file_and_mends_it), T(the_limit_is_kept_to_the_byte),
	    T(what_is_given_up_leaves_nothing), T(drafts_that_a_crash_has_left_go_at_the_start),
	    T(only_a_hash_is_a_name), T(what_is_no_plain_file_is_not_opened),
	    T(a_sweep_removes_what_nobody_wants), T(the_journals_reserve_is_left_alone),
	    T(what_is_in_the_way_at_the_start_is_named),
	    T(a_full_disk_is_said_and_leaves_nothing), /* last: in a mount namespace of its own */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
