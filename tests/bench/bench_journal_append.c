/*
 * journal_append: events made durable through the journal (append, flush, reap) against a bare SQLite loop
 * on one thread that hashes and inserts the same rows, encoded beforehand, in transactions of the same
 * size with the same settings. The journal's transactions have exactly the batch's size: the next batch is
 * encoded while one is away, and handed over only once that one is reaped, as the server does.
 *
 * Figures: journal_append (batches of 100), journal_append_1, journal_append_2000; medians of alternating
 * repetitions.
 */
#include "base/mem.h"
#include "base/time.h"
#include "store/db.h"
#include "store/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { REPEATS = 5, TEXT_BYTES = 512, FOLD_PAGES = 8192 };

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

/* Event i: captures and checks in turn, every fourth with a secret. */
static void
make_event(size_t i, struct event *ev)
{
	*ev = (struct event){.at_ms = 1813459200000 + (int64_t)i, .drill_ms = (int64_t)i};
	if (i % 2 == 0) {
		ev->kind = EV_FLAG_CAPTURED;
		ev->actor = "red-team-3";
		ev->u.capture.team = "red-team-3";
		ev->u.capture.system = "physics-department-portal";
		ev->u.capture.tick = (int32_t)(i / 1000);
		return;
	}
	ev->kind = EV_CHECK_DONE;
	ev->actor = "checker";
	ev->u.check.system = "physics-department-portal";
	ev->u.check.tick = (int32_t)(i / 1000);
	ev->u.check.status = ST_OK;
	ev->u.check.ms = (int32_t)(i % 97);
	ev->u.check.message = "";
	ev->u.check.trace = i % 4 == 1 ? "GET /notes/17: 200, 1832 bytes, flag found" : "";
	ev->u.check.saved = i % 4 == 1 ? "{\"note\":\"17\",\"user\":\"u8124\"}" : "";
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
		make_event(i, &ev);
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

/* ---- bare SQLite ---- */

struct encoded {
	char body[TEXT_BYTES];
	char secret[TEXT_BYTES];
	uint8_t salt[SALT_BYTES];
	struct journal_row row;
};

/* A round of a thousand rows is enough: only numbers differ, and those are set in the loop. */
enum { ENCODED = 1000 };

static struct encoded *
encode_rows(void)
{
	struct encoded *rows = mem_array(ENCODED, sizeof(*rows));
	struct buf body, secret;
	struct event ev;

	buf_init(&body, TEXT_BYTES - 1);
	buf_init(&secret, TEXT_BYTES - 1);
	for (size_t i = 0; i < ENCODED; i++) {
		struct encoded *r = &rows[i];

		make_event(i, &ev);
		buf_reset(&body);
		buf_reset(&secret);
		if (event_encode(&ev, &body, &secret) != ERR_OK)
			die("event_encode", "refused");
		memcpy(r->body, body.data, body.len);
		if (secret.len > 0)
			memcpy(r->secret, secret.data, secret.len);
		random_bytes(r->salt, sizeof(r->salt));
		r->row = (struct journal_row){.kind = event_kind_name(ev.kind),
		    .actor = ev.actor,
		    .body = r->body,
		    .body_len = body.len,
		    .secret = r->secret,
		    .secret_len = secret.len,
		    .salt = secret.len > 0 ? r->salt : NULL};
	}
	buf_free(&body);
	buf_free(&secret);
	return rows;
}

static void
must(int rc, int wanted, sqlite3 *db)
{
	if (rc != wanted)
		die("SQLite", sqlite3_errmsg(db));
}

static void
sql(sqlite3 *db, const char *text)
{
	must(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK, db);
}

static void
insert(sqlite3 *db, sqlite3_stmt *st, const struct journal_row *r)
{
	sqlite3_bind_int64(st, 1, (int64_t)r->seq);
	sqlite3_bind_int64(st, 2, r->at_ms);
	sqlite3_bind_int64(st, 3, r->drill_ms);
	sqlite3_bind_text(st, 4, r->kind, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 5, r->actor, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 6, r->body, (int)r->body_len, SQLITE_STATIC);
	sqlite3_bind_text(st, 7, r->secret, (int)r->secret_len, SQLITE_STATIC);
	sqlite3_bind_blob(st, 8, r->salt, r->salt != NULL ? SALT_BYTES : 0, SQLITE_STATIC);
	sqlite3_bind_blob(st, 9, r->hash, SHA256_BYTES, SQLITE_STATIC);
	must(sqlite3_step(st), SQLITE_DONE, db);
	sqlite3_reset(st);
}

static sqlite3 *
bare_open(const char *dir)
{
	char path[256];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/bare.db", dir);
	must(sqlite3_open_v2(
		 path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL),
	    SQLITE_OK, NULL);
	sql(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"CREATE TABLE events(seq INTEGER PRIMARY KEY, at_ms INTEGER, drill_ms INTEGER, "
		"kind TEXT, actor TEXT, body TEXT, secret TEXT, salt BLOB, hash BLOB) STRICT");
	sqlite3_wal_autocheckpoint(db, FOLD_PAGES);
	return db;
}

static void
bare_rows(sqlite3 *db, const struct encoded *rows, const struct figure *f)
{
	sqlite3_stmt *begin, *commit, *st;
	struct hasher *h = hasher_new();
	uint8_t head[SHA256_BYTES] = {0}, next[SHA256_BYTES];

	sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL);
	sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL);
	sqlite3_prepare_v2(db, "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?)", -1, &st, NULL);
	for (size_t i = 0; i < f->rows; i++) {
		struct journal_row r = rows[i % ENCODED].row;

		if (i % f->batch == 0) {
			must(sqlite3_step(begin), SQLITE_DONE, db);
			sqlite3_reset(begin);
		}
		r.seq = i + 1;
		r.at_ms = 1813459200000 + (int64_t)i;
		r.drill_ms = (int64_t)i;
		journal_hash(h, head, &r, next);
		memcpy(head, next, sizeof(head));
		r.hash = head;
		insert(db, st, &r);
		if ((i + 1) % f->batch == 0) {
			must(sqlite3_step(commit), SQLITE_DONE, db);
			sqlite3_reset(commit);
		}
	}
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_finalize(st);
	hasher_free(h);
}

static double
run_bare(const char *dir, const struct encoded *rows, const struct figure *f)
{
	sqlite3 *db = bare_open(dir);
	int64_t began = time_mono_ns();
	double seconds;

	bare_rows(db, rows, f);
	seconds = (double)(time_mono_ns() - began) / 1e9;
	sqlite3_close(db);
	return (double)f->rows / seconds;
}

/* ---- figures ---- */

/* On a disk: a sync into memory costs nothing and would flatter both sides. */
static void
scratch_make(char *dir, size_t size)
{
	const char *base = getenv("BENCH_DIR");

	snprintf(dir, size, "%s/drill-bench-XXXXXX", base != NULL ? base : "/var/tmp");
	if (mkdtemp(dir) == NULL)
		die(dir, "cannot make it");
}

static void
scratch_remove(const char *dir)
{
	static const char *const names[] = {"journal.db", "lock", "bare.db"};
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
run_figure(const struct figure *f, const struct encoded *rows)
{
	double journal[REPEATS], bare[REPEATS];
	char dir[128];

	for (int i = 0; i < REPEATS; i++) {
		scratch_make(dir, sizeof(dir));
		journal[i] = run_journal(dir, f);
		bare[i] = run_bare(dir, rows, f);
		scratch_remove(dir);
	}
	qsort(journal, REPEATS, sizeof(*journal), compare);
	qsort(bare, REPEATS, sizeof(*bare), compare);
	printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"rows/s\",\"reference\":%.0f,"
	       "\"ratio\":%.3f,\"batch\":%zu}\n",
	    f->name, journal[REPEATS / 2], bare[REPEATS / 2],
	    journal[REPEATS / 2] / bare[REPEATS / 2], f->batch);
}

int
main(int argc, char **argv)
{
	struct encoded *rows = encode_rows();

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		bool wanted = argc < 2;

		for (int a = 1; a < argc; a++)
			wanted = wanted || strcmp(argv[a], figures[i].name) == 0;
		if (wanted)
			run_figure(&figures[i], rows);
	}
	free(rows);
	return 0;
}
