/*
 * Two threads share a struct journal. The loop thread fills one batch while the writer thread commits the
 * other; `turn` says whose move it is with the batch that is away, and is the only thing they pass back
 * and forth, under the mutex.
 */
#include "store/journal.h"

#include "base/mem.h"
#include "base/time.h"
#include "store/batch.h"
#include "store/datadir.h"
#include "store/db.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * The write-ahead log is folded into the file when the writer has had nothing to do for a moment, or, under
 * load without a pause, when it has grown so far that the fold is rare. SQLite's own rule (every 1,000
 * pages, inside a commit) would make one commit in a few wait for two more syncs.
 */
#define FOLD_IDLE_MS 200
#define FOLD_IDLE_PAGES 256    /* 1 MiB */
#define FOLD_ALWAYS_PAGES 8192 /* 32 MiB */

#define SALTS_AT_ONCE 64

static const double commit_seconds[] = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
static const double batch_events[] = {1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000};

enum turn { TURN_NONE, TURN_WRITER, TURN_LOOP };

/* The writer thread's own: nobody else looks at it between starting and joining the thread. */
struct writer {
	struct db db;
	struct hasher *hasher;
	uint8_t head[SHA256_BYTES];
	uint64_t closing; /* of the batch being written */
	uint8_t closing_hash[SHA256_BYTES];
	uint8_t salts[SALTS_AT_ONCE * SALT_BYTES];
	size_t salts_left;
};

/* What came of a batch. */
struct outcome {
	uint64_t committed;
	uint8_t head[SHA256_BYTES];
	uint64_t closing;
	uint8_t closing_hash[SHA256_BYTES];
	int64_t commit_ns;
	bool failed;
	struct why why;
};

struct journal {
	struct journal_options options;
	char *dir;
	int lock;
	struct db reader;
	bool reader_open;

	/* loop thread */
	struct batch batches[2];
	struct batch *open; /* being filled; the other one is away while turn is not TURN_NONE */
	struct journal_progress progress;
	struct histogram commit_seconds, batch_events;
	uint64_t appended_bytes;

	/* shared, under the mutex */
	pthread_mutex_t mutex;
	pthread_cond_t to_writer;
	pthread_cond_t to_loop;
	enum turn turn;
	bool notifying; /* the writer is in notify: who drains may close what that wakes */
	bool stop;
	struct batch *away;
	struct outcome outcome;

	pthread_t thread;
	struct writer writer;
};

/* ---- the writer thread ---- */

static const uint8_t *
next_salt(struct writer *w)
{
	if (w->salts_left == 0) {
		random_bytes(w->salts, sizeof(w->salts));
		w->salts_left = SALTS_AT_ONCE;
	}
	return w->salts + SALT_BYTES * --w->salts_left;
}

/* head: the chain's end, moved along; it counts only once the commit has succeeded. */
static enum err
write_rows(struct writer *w, const struct batch *b, uint8_t head[SHA256_BYTES], struct why *why)
{
	uint8_t hash[SHA256_BYTES];
	struct journal_row row;
	enum err e;

	for (size_t i = 0; i < b->count; i++) {
		batch_row(b, i, &row);
		row.salt = row.secret_len > 0 ? next_salt(w) : NULL;
		journal_hash(w->hasher, head, &row, hash);
		row.hash = hash;
		if ((e = db_insert(&w->db, &row, why)) != ERR_OK)
			return e;
		memcpy(head, hash, SHA256_BYTES);
		if (event_is_closing(b->records[i].kind)) {
			w->closing = row.seq;
			memcpy(w->closing_hash, hash, SHA256_BYTES);
		}
	}
	return ERR_OK;
}

static enum err
write_batch(struct writer *w, const struct batch *b, struct why *why)
{
	uint8_t head[SHA256_BYTES];
	enum err e;

	memcpy(head, w->head, SHA256_BYTES);
	if ((e = db_begin(&w->db, why)) != ERR_OK)
		return e;
	if ((e = write_rows(w, b, head, why)) != ERR_OK || (e = db_commit(&w->db, why)) != ERR_OK) {
		db_rollback(&w->db);
		return e;
	}
	memcpy(w->head, head, SHA256_BYTES);
	return ERR_OK;
}

static void
commit_batch(struct writer *w, const struct batch *b, struct outcome *out)
{
	const struct record *first = &b->records[0], *last = &b->records[b->count - 1];
	int64_t began = time_mono_ns();
	struct why why;

	if (write_batch(w, b, &why) == ERR_OK) {
		out->committed = last->seq;
		memcpy(out->head, w->head, SHA256_BYTES);
		out->closing = w->closing;
		memcpy(out->closing_hash, w->closing_hash, SHA256_BYTES);
	} else {
		out->failed = true;
		why_set(&out->why, ERR_IO, "events %llu to %llu are not on disk: %s",
		    (unsigned long long)first->seq, (unsigned long long)last->seq, why.text);
	}
	out->commit_ns = time_mono_ns() - began;
}

/* Waits for work; true when the log should be folded in, because none came for a while. */
static bool
writer_wait(struct journal *j)
{
	struct timespec until;

	if (db_unfolded(&j->writer.db) < FOLD_IDLE_PAGES) {
		pthread_cond_wait(&j->to_writer, &j->mutex);
		return false;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += FOLD_IDLE_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	return pthread_cond_timedwait(&j->to_writer, &j->mutex, &until) == ETIMEDOUT &&
	       j->turn != TURN_WRITER && !j->stop;
}

static void
writer_fold(struct journal *j)
{
	pthread_mutex_unlock(&j->mutex);
	db_fold(&j->writer.db);
	pthread_mutex_lock(&j->mutex);
}

static void
writer_commit(struct journal *j)
{
	struct outcome out = {0};

	pthread_mutex_unlock(&j->mutex);
	commit_batch(&j->writer, j->away, &out);
	pthread_mutex_lock(&j->mutex);
	j->outcome = out;
	j->turn = TURN_LOOP;
	pthread_cond_signal(&j->to_loop);
	if (j->options.notify != NULL) {
		j->notifying = true;
		pthread_mutex_unlock(&j->mutex);
		j->options.notify(j->options.ctx);
		pthread_mutex_lock(&j->mutex);
		j->notifying = false;
		pthread_cond_signal(&j->to_loop);
	}
	if (db_unfolded(&j->writer.db) >= FOLD_ALWAYS_PAGES)
		writer_fold(j);
}

static void *
writer_main(void *arg)
{
	struct journal *j = arg;

	pthread_mutex_lock(&j->mutex);
	for (;;) {
		if (j->turn == TURN_WRITER)
			writer_commit(j);
		else if (j->stop)
			break;
		else if (writer_wait(j))
			writer_fold(j);
	}
	pthread_mutex_unlock(&j->mutex);
	return NULL;
}

/* Signals are the loop's: the writer blocks them all, and inherits that from the moment it exists. */
static enum err
writer_start(struct journal *j, struct why *why)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	failed = pthread_create(&j->thread, NULL, writer_main, j);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed != 0)
		return why_set(
		    why, ERR_IO, "cannot start the journal's thread: %s", strerror(failed));
	return ERR_OK;
}

/* ---- opening and closing ---- */

static void
journal_release(struct journal *j)
{
	if (j->reader_open)
		db_close(&j->reader);
	db_close(&j->writer.db);
	hasher_free(j->writer.hasher);
	mem_wipe(j->writer.salts, sizeof(j->writer.salts));
	batch_free(&j->batches[0]);
	batch_free(&j->batches[1]);
	pthread_cond_destroy(&j->to_loop);
	pthread_cond_destroy(&j->to_writer);
	pthread_mutex_destroy(&j->mutex);
	if (j->lock >= 0)
		close(j->lock);
	free(j->dir);
	free(j);
}

static struct journal *
journal_new(const struct journal_options *o)
{
	struct journal *j = mem_alloc(sizeof(*j));
	pthread_condattr_t monotonic;

	j->options = *o;
	j->dir = mem_strdup(o->dir);
	j->options.dir = j->dir;
	j->lock = -1;
	batch_init(&j->batches[0]);
	batch_init(&j->batches[1]);
	j->open = &j->batches[0];
	HISTOGRAM_INIT(&j->commit_seconds, commit_seconds);
	HISTOGRAM_INIT(&j->batch_events, batch_events);
	j->writer.hasher = hasher_new();
	pthread_mutex_init(&j->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&j->to_writer, &monotonic);
	pthread_cond_init(&j->to_loop, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return j;
}

static enum err
reader_ready(struct journal *j, struct why *why)
{
	enum err e;

	if (j->reader_open)
		return ERR_OK;
	if ((e = db_open_reader(j->dir, &j->reader, why)) == ERR_OK)
		j->reader_open = true;
	return e;
}

static enum err
open_for_writing(struct journal *j, struct why *why)
{
	struct writer *w = &j->writer;
	enum err e;

	if ((e = datadir_make(j->dir, why)) != ERR_OK ||
	    (e = datadir_lock(j->dir, &j->lock, why)) != ERR_OK ||
	    (e = db_open_writer(j->dir, &w->db, why)) != ERR_OK ||
	    (e = db_last(&w->db, &j->progress.committed, w->head, why)) != ERR_OK)
		return e;
	j->progress.appended = j->progress.committed;
	memcpy(j->progress.head, w->head, SHA256_BYTES);
	return writer_start(j, why);
}

enum err
journal_open(const struct journal_options *o, struct journal **out, struct why *why)
{
	struct journal *j = journal_new(o);
	enum err e = o->read_only ? reader_ready(j, why) : open_for_writing(j, why);

	*out = NULL;
	if (e != ERR_OK) {
		journal_release(j);
		return e;
	}
	*out = j;
	return ERR_OK;
}

void
journal_close(struct journal *j)
{
	struct journal_progress last;

	if (j == NULL)
		return;
	if (!j->options.read_only) {
		journal_drain(j, &last);
		pthread_mutex_lock(&j->mutex);
		j->stop = true;
		pthread_cond_signal(&j->to_writer);
		pthread_mutex_unlock(&j->mutex);
		pthread_join(j->thread, NULL);
	}
	journal_release(j);
}

/* ---- the loop's side ---- */

enum err
journal_read(struct journal *j, uint64_t from, uint64_t to,
    enum err (*on_row)(void *ctx, const struct journal_row *row, struct why *why), void *ctx,
    struct why *why)
{
	enum err e = reader_ready(j, why);

	return e != ERR_OK ? e : db_read(&j->reader, from, to, on_row, ctx, why);
}

bool
journal_has_room(const struct journal *j)
{
	return batch_has_room(j->open);
}

bool
journal_has_room_for(const struct journal *j, size_t bytes)
{
	return batch_bytes(j->open) + bytes < BATCH_MAX_BYTES;
}

bool
journal_crowded(const struct journal *j)
{
	return batch_crowded(j->open);
}

enum err
journal_append(struct journal *j, struct event *ev)
{
	size_t before = batch_bytes(j->open);
	enum err e;

	if (j->options.read_only)
		return ERR_UNSUPPORTED;
	if (j->progress.failed)
		return ERR_IO;
	if ((e = batch_add(j->open, ev, j->progress.appended + 1)) != ERR_OK)
		return e;
	ev->seq = ++j->progress.appended;
	j->appended_bytes += batch_bytes(j->open) - before;
	return ERR_OK;
}

uint64_t
journal_appended_bytes(const struct journal *j)
{
	return j->appended_bytes;
}

/* Both under the mutex. */
static void
take_in(struct journal *j)
{
	struct journal_progress *p = &j->progress;

	if (j->turn != TURN_LOOP)
		return;
	j->turn = TURN_NONE;
	histogram_add(&j->commit_seconds, (double)j->outcome.commit_ns / 1e9);
	histogram_add(&j->batch_events, (double)j->away->count);
	batch_reset(j->away);
	p->commit_ns = j->outcome.commit_ns;
	if (j->outcome.failed) {
		p->failed = true;
		memcpy(p->failure, j->outcome.why.text, sizeof(p->failure));
		batch_reset(j->open); /* it follows what was lost */
		return;
	}
	p->committed = j->outcome.committed;
	memcpy(p->head, j->outcome.head, SHA256_BYTES);
	p->closing = j->outcome.closing;
	memcpy(p->closing_hash, j->outcome.closing_hash, SHA256_BYTES);
}

static void
hand_over(struct journal *j)
{
	if (j->turn != TURN_NONE || j->progress.failed || j->open->count == 0)
		return;
	j->away = j->open;
	j->open = j->away == &j->batches[0] ? &j->batches[1] : &j->batches[0];
	j->turn = TURN_WRITER;
	pthread_cond_signal(&j->to_writer);
}

void
journal_flush(struct journal *j)
{
	pthread_mutex_lock(&j->mutex);
	hand_over(j);
	pthread_mutex_unlock(&j->mutex);
}

void
journal_reap(struct journal *j, struct journal_progress *out)
{
	pthread_mutex_lock(&j->mutex);
	take_in(j);
	hand_over(j);
	pthread_mutex_unlock(&j->mutex);
	*out = j->progress;
}

void
journal_stats(struct journal *j, struct journal_stats *out)
{
	*out = (struct journal_stats){.commit_seconds = j->commit_seconds,
	    .batch_events = j->batch_events,
	    .waiting_bytes = batch_bytes(j->open)};
	pthread_mutex_lock(&j->mutex);
	if (j->turn != TURN_NONE) /* the writer only reads it, as we do */
		out->waiting_bytes += batch_bytes(j->away);
	pthread_mutex_unlock(&j->mutex);
}

void
journal_drain(struct journal *j, struct journal_progress *out)
{
	pthread_mutex_lock(&j->mutex);
	take_in(j);
	hand_over(j);
	while (j->turn != TURN_NONE || j->notifying) {
		while (j->turn == TURN_WRITER || j->notifying)
			pthread_cond_wait(&j->to_loop, &j->mutex);
		take_in(j);
		hand_over(j);
	}
	pthread_mutex_unlock(&j->mutex);
	*out = j->progress;
}
