/*
 * kill -9 at any moment loses nothing that was acknowledged. A child appends under load and tells through a
 * pipe what journal_reap has called durable; it is killed twenty times at random, some of them while the
 * write-ahead log is being folded into the file, and the journal goes on each time where it was.
 */
#include "scratch.h"

#include "base/time.h"
#include "store/journal.h"
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

enum { PATIENCE_MS = 300000 }; /* for what must come, from a slow disk of a busy machine */
enum { ROUNDS = 20, BATCH_MAX = 200, FOLD_EVENTS = 8000 };

static int
setup(void **state)
{
	static char dir[SCRATCH_BYTES];

	scratch_make(dir);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	scratch_remove(*state);
	return 0;
}

/* What event number seq says follows from the number, so that a mix-up shows. */
static void
make_event(uint64_t seq, struct event *ev, char message[64])
{
	snprintf(message, 64, "event %llu", (unsigned long long)seq);
	*ev = (struct event){.at_ms = (int64_t)seq * 3,
	    .drill_ms = (int64_t)seq,
	    .kind = EV_CHECK_DONE,
	    .actor = "checker",
	    .u.check = {.system = "library-portal",
		.tick = (int32_t)(seq % 1000),
		.status = ST_OK,
		.message = message,
		.trace = seq % 3 == 0 ? message : "",
		.saved = "",
		.state = ""}};
}

/* ---- the child ---- */

static void
on_committed(void *ctx)
{
	char c = 0;

	if (write(*(int *)ctx, &c, 1) != 1)
		_exit(3);
}

static void
append_some(struct journal *j, uint64_t *next, int count)
{
	char message[64];
	struct event ev;

	for (int i = 0; i < count; i++) {
		make_event(*next, &ev, message);
		if (journal_append(j, &ev) != ERR_OK || ev.seq != (*next)++)
			_exit(4);
	}
}

/* Never returns; after limit events it falls idle, and the log gets folded. */
static void
child(const char *dir, int report, uint64_t next, uint64_t limit)
{
	int wake[2];
	struct journal_options o = {.dir = dir, .notify = on_committed, .ctx = &wake[1]};
	struct journal_progress p = {0};
	struct journal *j = NULL;
	char c;

	srand((unsigned)getpid());
	if (pipe(wake) != 0 || journal_open(&o, &j, NULL) != ERR_OK)
		_exit(5);
	limit += next;
	append_some(j, &next, 1);
	journal_flush(j);
	for (;;) {
		if (next < limit)
			append_some(j, &next, 1 + rand() % BATCH_MAX);
		if (read(wake[0], &c, 1) != 1)
			_exit(6);
		journal_reap(j, &p);
		if (p.failed || write(report, &p.committed, sizeof(p.committed)) < 0)
			_exit(7);
	}
}

/* ---- the parent ---- */

/* Reads reports until one is at least target, or for at most wait_ms; the last one read. */
static uint64_t
listen_until(int fd, uint64_t target, int64_t wait_ms)
{
	int64_t until = time_mono_ms() + wait_ms;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t seen = 0, report;

	while (seen < target) {
		int64_t left = until - time_mono_ms();

		if (left < 0 || poll(&p, 1, (int)left) <= 0)
			break;
		if (read(fd, &report, sizeof(report)) != sizeof(report))
			break;
		seen = report;
	}
	return seen;
}

/* Runs the child, kills it, and returns the last acknowledged sequence number. */
static uint64_t
run_and_kill(const char *dir, uint64_t next, int round)
{
	bool fold = round % 4 == 3;
	uint64_t target = next + (fold ? FOLD_EVENTS - 1 : (uint64_t)(rand() % 20000));
	uint64_t seen, rest;
	int report[2], status;
	pid_t pid;

	assert_int_equal(pipe(report), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(report[0]);
		child(dir, report[1], next, fold ? FOLD_EVENTS : UINT32_MAX);
	}
	close(report[1]);
	seen = listen_until(report[0], target, PATIENCE_MS);
	assert_true(seen >= target);
	if (fold) /* idle for 200 ms, then the fold: kill around its beginning */
		listen_until(report[0], UINT64_MAX, 198 + rand() % 8);
	assert_int_equal(kill(pid, SIGKILL), 0);
	rest = listen_until(report[0], UINT64_MAX, PATIENCE_MS); /* to the end of the pipe */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(report[0]);
	assert_true(WIFSIGNALED(status)); /* and did not stop by itself, having failed */
	return rest > seen ? rest : seen;
}

struct audit {
	uint64_t count;
	uint8_t head[SHA256_BYTES];
	struct hasher *hasher;
};

static enum err
on_row(void *ctx, const struct journal_row *row, struct why *why)
{
	char message[64], want[96];
	struct audit *a = ctx;
	struct event ev;
	uint8_t hash[SHA256_BYTES];

	if (row->seq != a->count + 1)
		return why_set(why, ERR_CORRUPT, "seq %llu after %llu",
		    (unsigned long long)row->seq, (unsigned long long)a->count);
	make_event(row->seq, &ev, message);
	snprintf(want, sizeof(want), "{\"message\":\"%s\",", message);
	if (strncmp(row->body, want, strlen(want)) != 0 || row->at_ms != ev.at_ms ||
	    (row->secret_len > 0) != (row->seq % 3 == 0))
		return why_set(why, ERR_CORRUPT, "seq %llu is another event: %s",
		    (unsigned long long)row->seq, row->body);
	journal_hash(a->hasher, a->head, row, hash);
	memcpy(a->head, hash, sizeof(hash));
	if (memcmp(hash, row->hash, sizeof(hash)) != 0)
		return why_set(why, ERR_CORRUPT, "seq %llu: hash", (unsigned long long)row->seq);
	a->count++;
	return ERR_OK;
}

/* How many events there are, each of them right. */
static uint64_t
audit(const char *dir)
{
	struct journal_options o = {.dir = dir};
	struct audit a = {.hasher = hasher_new()};
	struct journal_progress p;
	struct journal *j = NULL;
	struct why why = {""};

	if (journal_open(&o, &j, &why) != ERR_OK ||
	    journal_read(j, 1, 0, on_row, &a, &why) != ERR_OK)
		fail_msg("%s", why.text);
	journal_reap(j, &p);
	assert_int_equal(p.committed, a.count);
	assert_memory_equal(p.head, a.head, sizeof(a.head));
	journal_close(j);
	hasher_free(a.hasher);
	return a.count;
}

static void
test_nothing_acknowledged_is_lost(void **state)
{
	uint64_t acknowledged, there = 0, before = 0;

	srand((unsigned)time_mono_ns());
	for (int round = 0; round < ROUNDS; round++) {
		acknowledged = run_and_kill(*state, there + 1, round);
		there = audit(*state);
		if (there < acknowledged)
			fail_msg("round %d: %llu were acknowledged, %llu are there", round,
			    (unsigned long long)acknowledged, (unsigned long long)there);
		assert_true(there > before);
		before = there;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_nothing_acknowledged_is_lost, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
