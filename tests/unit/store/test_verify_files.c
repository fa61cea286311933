/* What events name against what lies in blobs: missing, altered, cut, not looked at; memory that a file's size does not change. */
#include "scratch.h"

#include "base/mem.h"
#include "store/blobs.h"
#include "store/verify_files.h"
#include "tests/unit/core/core_rig.h"

#include <fcntl.h>
#include <sys/resource.h>

struct rig {
	char dir[SCRATCH_BYTES];
	struct game *game;
	struct verify_files out;
	struct why why;
};

static int
set_up(void **state)
{
	struct rig *r = mem_alloc(sizeof *r);

	scratch_make(r->dir);
	r->game = core_game();
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	game_free(r->game);
	scratch_remove(r->dir);
	free(r);
	return 0;
}

/* Stores a file of so many bytes of this character, and the event that names it; returns the event's number. */
static uint64_t
store(struct rig *r, char c, size_t bytes, char hash[SHA256_HEX_BYTES])
{
	struct attachment_event a = {.id = (int32_t)r->game->attachments->count + 1,
	    .bytes = (int64_t)bytes,
	    .type = "text/plain",
	    .name = "a.log"};
	struct blob_writer *w;
	struct blobs *b;
	struct blob blob;
	char chunk[64 * 1024];

	memset(chunk, c, sizeof chunk);
	assert_int_equal(blobs_open(r->dir, 0, &b, &r->why), ERR_OK);
	assert_int_equal(blob_begin(b, bytes, &w, &r->why), ERR_OK);
	for (size_t left = bytes, n; left > 0; left -= n) {
		n = left < sizeof chunk ? left : sizeof chunk;
		assert_int_equal(blob_write(w, chunk, n, &r->why), ERR_OK);
	}
	assert_int_equal(blob_commit(w, &blob, &r->why), ERR_OK);
	blobs_close(b);
	memcpy(hash, blob.hash, SHA256_HEX_BYTES);
	a.hash = hash;
	core_must(r->game,
	    (struct event){
		.kind = EV_ATTACHMENT_STORED, .actor = "library-blue", .u.attachment = &a});
	return r->game->seq;
}

static void
path_of(struct rig *r, const char *hash, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/blobs/%.2s/%s", r->dir, hash, hash);
}

static void
damaged(struct rig *r, uint64_t seq, const char *says)
{
	assert_int_equal(verify_files(r->dir, r->game, &r->out, &r->why), ERR_CORRUPT);
	assert_true(r->out.bad_seq == seq);
	if (strstr(r->out.problem, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", r->out.problem, says);
}

static void
whole_files_are_read_once(void **state)
{
	struct rig *r = *state;
	char hash[SHA256_HEX_BYTES];

	store(r, 'a', 300000, hash);
	store(r, 'b', 1, hash);
	store(r, 'a', 300000, hash);
	assert_int_equal(verify_files(r->dir, r->game, &r->out, &r->why), ERR_OK);
	assert_true(r->out.there);
	assert_int_equal(r->out.named, 2);
	assert_int_equal(r->out.whole, 2);
	assert_int_equal(r->out.bytes, 300001);
	assert_int_equal(r->out.bad_seq, 0);
}

/* The first event is told, whichever hash comes first in the order in which they are read. */
static void
the_first_event_is_told(void **state)
{
	struct rig *r = *state;
	char one[SHA256_HEX_BYTES], two[SHA256_HEX_BYTES], path[PATH_MAX];
	uint64_t first = store(r, 'a', 1000, one), second = store(r, 'b', 1000, two);
	int fd;

	store(r, 'a', 1000, one);
	path_of(r, two, path);
	assert_true((fd = open(path, O_WRONLY | O_CLOEXEC)) >= 0);
	assert_int_equal(pwrite(fd, "x", 1, 999), 1);
	damaged(r, second, "was altered");
	assert_int_equal(r->out.whole, 1);
	assert_int_equal(ftruncate(fd, 999), 0);
	close(fd);
	damaged(r, second, "another length");
	path_of(r, one, path);
	assert_int_equal(unlink(path), 0);
	damaged(r, first, "is missing");
	assert_int_equal(mkdir(path, 0700), 0);
	damaged(r, first, "is not a file");
	assert_int_equal(r->out.whole, 0);
}

static void
without_blobs_nothing_is_looked_at_or_made(void **state)
{
	struct rig *r = *state;
	char hash[SHA256_HEX_BYTES], path[PATH_MAX], away[PATH_MAX];

	assert_int_equal(verify_files(r->dir, r->game, &r->out, &r->why), ERR_OK);
	assert_false(r->out.there);
	store(r, 'a', 1000, hash);
	snprintf(path, sizeof path, "%s/blobs", r->dir);
	snprintf(away, sizeof away, "%s/away", r->dir);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(verify_files(r->dir, r->game, &r->out, &r->why), ERR_OK);
	assert_false(r->out.there);
	assert_int_equal(r->out.named, 1);
	assert_int_equal(r->out.whole, 0);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* A server's drafts are its own: to read removes nothing. */
static void
drafts_stay(void **state)
{
	struct rig *r = *state;
	char hash[SHA256_HEX_BYTES], path[PATH_MAX];
	int fd;

	store(r, 'a', 10, hash);
	snprintf(path, sizeof path, "%s/blobs/drafts/0123", r->dir);
	assert_true((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) >= 0);
	close(fd);
	assert_int_equal(verify_files(r->dir, r->game, &r->out, &r->why), ERR_OK);
	assert_int_equal(access(path, F_OK), 0);
}

static long
peak_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void
memory_does_not_grow_with_the_file(void **state)
{
	struct rig *r = *state;
	char hash[SHA256_HEX_BYTES];
	long before;

	store(r, 'a', ATTACHMENT_MAX_BYTES, hash);
	before = peak_kib();
	assert_int_equal(verify_files(r->dir, r->game, &r->out, &r->why), ERR_OK);
	assert_true(r->out.bytes == ATTACHMENT_MAX_BYTES);
	assert_true(peak_kib() - before < 2048);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(whole_files_are_read_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_first_event_is_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		without_blobs_nothing_is_looked_at_or_made, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(drafts_stay, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(memory_does_not_grow_with_the_file, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, core_rig_close);
}
