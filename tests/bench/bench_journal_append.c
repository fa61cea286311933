/*
 * journal_append: events made durable through the journal (append, flush, reap) against a bare SQLite loop
 * on one thread that hashes and inserts the same rows, encoded beforehand, in transactions of the same
 * size with the same settings. The journal's transactions have exactly the batch's size: the next batch is
 * encoded while one is away, and handed over only once that one is reaped, as the server does.
 *
 * Figures: journal_append (batches of 100), journal_append_1, journal_append_2000; medians of alternating
 * repetitions.
 */
#include "base/time.h"
#include "store/journal.h"
#include "tests/bench/bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { REPEATS = 5 };

struct figure {
	const char *name;
	size_t batch;
	size_t rows;
};

static const struct figure figures[] = {
    {"journal_append", 100, 60000},
    {"journal_append_1", 1, 4000},
    {"journal_append_2000", 2000, 300000},
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench_journal_append: %s: %s\n", what, why);
	exit(1);
}

/* ---- the journal ---- */

static void
on_committed(void *ctx)
{
	uint64_t one = 1;

	if (write(*(int *)ctx, &one, sizeof(one)) != sizeof(one))
		die("eventfd", "cannot write");
}

static void
append_batch(struct journal *j, size_t from, size_t count)
{
	struct event ev;

	for (size_t i = from; i < from + count; i++) {
		bare_event(i, &ev);
		if (journal_append(j, &ev) != ERR_OK)
			die("journal_append", "refused");
	}
}

/* Rows a second. */
static double
run_journal(const char *dir, const struct figure *f)
{
	int wake = eventfd(0, EFD_CLOEXEC);
	struct journal_options o = {.dir = dir, .notify = on_committed, .ctx = &wake};
	struct journal_progress p = {0};
	struct journal *j;
	struct why why;
	uint64_t woken;
	int64_t began;
	double seconds;

	if (journal_open(&o, &j, &why) != ERR_OK)
		die("journal_open", why.text);
	began = time_mono_ns();
	append_batch(j, 0, f->batch);
	journal_flush(j);
	for (size_t next = f->batch; p.committed < f->rows;) {
		if (next < f->rows)
			append_batch(j, next, f->batch);
		next += f->batch;
		if (read(wake, &woken, sizeof(woken)) != sizeof(woken))
			die("eventfd", "cannot read");
		journal_reap(j, &p);
		if (p.failed)
			die("journal_reap", p.failure);
	}
	seconds = (double)(time_mono_ns() - began) / 1e9;
	journal_close(j);
	close(wake);
	return (double)f->rows / seconds;
}

/* ---- figures ---- */

static void
run_figure(const struct figure *f)
{
	double journal[REPEATS], bare[REPEATS], value, reference;
	char dir[128];

	for (int i = 0; i < REPEATS; i++) {
		scratch_make(dir, sizeof(dir));
		journal[i] = run_journal(dir, f);
		bare[i] = bare_insert(
		    dir, &(struct bare_run){.batch = f->batch, .rows = f->rows, .hashed = true});
		scratch_remove(dir);
	}
	value = median(journal, REPEATS);
	reference = median(bare, REPEATS);
	printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"rows/s\",\"reference\":%.0f,"
	       "\"ratio\":%.3f,\"batch\":%zu}\n",
	    f->name, value, reference, value / reference, f->batch);
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		bool wanted = argc < 2;

		for (int a = 1; a < argc; a++)
			wanted = wanted || strcmp(argv[a], figures[i].name) == 0;
		if (wanted)
			run_figure(&figures[i]);
	}
	return 0;
}
