/*
 * fold: how fast a journal on disk becomes the state of the drill again, which is what a restart waits
 * for: read every event, decode it, apply it. The journal is of a made-up drill of 150 teams with 10
 * systems each, written through the journal itself. The reference is bare SQLite stepping through the same
 * rows and columns. Medians of alternating repetitions.
 */
#include "base/time.h"
#include "tests/sample_drill.h"

#include <sqlite3.h>
#include <unistd.h>

enum { TEAMS = 150, SERVICES = 10, TICKS = 300, REPEATS = 5 };

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench_fold: %s: %s\n", what, why);
	exit(1);
}

/* Returns the number of events. */
static uint64_t
write_drill(const char *dir)
{
	struct journal_options o = {.dir = dir};
	struct journal *j;
	struct sample s;
	struct why why;
	uint64_t events;

	if (journal_open(&o, &j, &why) != ERR_OK)
		die("journal_open", why.text);
	sample_open(&s, j, TEAMS, SERVICES, TICKS);
	for (int32_t t = 0; t < TICKS; t++)
		sample_tick(&s, t);
	sample_end(&s);
	sample_drain(&s);
	events = s.seq;
	sample_free(&s);
	journal_close(j);
	return events;
}

/* ---- the fold ---- */

struct fold {
	struct game *game;
	struct arena arena;
	struct drill_config config;
};

static enum err
on_row(void *ctx, const struct journal_row *row, struct why *why)
{
	struct fold *f = ctx;
	struct event ev = {
	    .seq = row->seq, .at_ms = row->at_ms, .drill_ms = row->drill_ms, .actor = row->actor};
	enum err e;

	arena_reset(&f->arena);
	if (!event_kind_parse(row->kind, &ev.kind))
		return why_set(why, ERR_CORRUPT, "kind %s", row->kind);
	e = event_decode(&ev, row->body, row->body_len, row->secret, row->secret_len, &f->arena,
	    &f->config, why);
	return e != ERR_OK ? e : game_apply(f->game, &ev, why);
}

/* Events a second. */
static double
run_fold(const char *dir, uint64_t events)
{
	struct journal_options o = {.dir = dir, .read_only = true};
	struct fold f = {.game = game_new()};
	int64_t began = time_mono_ns();
	struct journal *j;
	struct why why;
	double seconds;

	if (journal_open(&o, &j, &why) != ERR_OK ||
	    journal_read(j, 1, 0, on_row, &f, &why) != ERR_OK)
		die("fold", why.text);
	seconds = (double)(time_mono_ns() - began) / 1e9;
	if (f.game->seq != events || f.game->state != DRILL_ENDED)
		die("fold", "not all events were applied");
	journal_close(j);
	game_free(f.game);
	arena_free(&f.arena);
	config_free(&f.config);
	return (double)events / seconds;
}

/* ---- bare SQLite ---- */

static size_t
touch_row(sqlite3_stmt *st)
{
	size_t bytes = 0;

	for (int c = 0; c < 3; c++)
		bytes += (size_t)(sqlite3_column_int64(st, c) & 1);
	for (int c = 3; c < 7; c++)
		bytes +=
		    sqlite3_column_text(st, c) != NULL ? (size_t)sqlite3_column_bytes(st, c) : 0;
	for (int c = 7; c < 9; c++)
		bytes +=
		    sqlite3_column_blob(st, c) != NULL ? (size_t)sqlite3_column_bytes(st, c) : 0;
	return bytes;
}

static double
run_bare(const char *dir, uint64_t events)
{
	int64_t began = time_mono_ns();
	size_t bytes = 0, rows = 0;
	sqlite3_stmt *st;
	char path[256];
	double seconds;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/journal.db", dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT * FROM events ORDER BY seq", -1, &st, NULL) != SQLITE_OK)
		die("SQLite", sqlite3_errmsg(db));
	while (sqlite3_step(st) == SQLITE_ROW) {
		bytes += touch_row(st);
		rows++;
	}
	seconds = (double)(time_mono_ns() - began) / 1e9;
	if (rows != events || bytes < 32 * rows)
		die("SQLite", "not all rows were read");
	sqlite3_finalize(st);
	sqlite3_close(db);
	return (double)events / seconds;
}

/* ---- the figure ---- */

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
scratch_remove(const char *dir)
{
	static const char *const names[] = {
	    "journal.db", "journal.db-wal", "journal.db-shm", "lock"};
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

int
main(int argc, char **argv)
{
	const char *base = getenv("BENCH_DIR");
	double fold[REPEATS], bare[REPEATS];
	bool wanted = argc < 2;
	uint64_t events;
	char dir[128];

	for (int a = 1; a < argc; a++)
		wanted = wanted || strcmp(argv[a], "fold") == 0;
	if (!wanted)
		return 0;
	snprintf(dir, sizeof(dir), "%s/drill-bench-XXXXXX", base != NULL ? base : "/var/tmp");
	if (mkdtemp(dir) == NULL)
		die(dir, "cannot make it");
	events = write_drill(dir);
	for (int i = 0; i < REPEATS; i++) {
		fold[i] = run_fold(dir, events);
		bare[i] = run_bare(dir, events);
	}
	scratch_remove(dir);
	qsort(fold, REPEATS, sizeof(*fold), compare);
	qsort(bare, REPEATS, sizeof(*bare), compare);
	printf("{\"bench\":\"fold\",\"value\":%.0f,\"unit\":\"events/s\",\"reference\":%.0f,"
	       "\"ratio\":%.3f,\"events\":%llu,\"teams\":%d,\"systems\":%d}\n",
	    fold[REPEATS / 2], bare[REPEATS / 2], fold[REPEATS / 2] / bare[REPEATS / 2],
	    (unsigned long long)events, TEAMS, TEAMS * SERVICES);
	return 0;
}
