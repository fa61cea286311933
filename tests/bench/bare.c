#include "tests/bench/bare.h"
#include "base/mem.h"
#include "base/time.h"
#include "store/db.h"
#include "store/journal.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 512, FOLD_PAGES = 8192 };

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(1);
}

void
bare_event(size_t i, struct event *ev)
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
	ev->u.check.state = "";
	ev->u.check.saved = i % 4 == 1 ? "{\"note\":\"17\",\"user\":\"u8124\"}" : "";
}

/* ---- rows, encoded beforehand ---- */

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

		bare_event(i, &ev);
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

/* ---- bare SQLite ---- */

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
bare_open(const char *path)
{
	sqlite3 *db;

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
bare_rows(sqlite3 *db, const struct encoded *rows, const struct bare_run *run)
{
	sqlite3_stmt *begin, *commit, *st;
	struct hasher *h = hasher_new();
	uint8_t head[SHA256_BYTES] = {0}, next[SHA256_BYTES];

	sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL);
	sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL);
	sqlite3_prepare_v2(db, "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?)", -1, &st, NULL);
	for (size_t i = 0; i < run->rows; i++) {
		struct journal_row r = rows[(run->captures ? 2 * i : i) % ENCODED].row;

		if (i % run->batch == 0) {
			must(sqlite3_step(begin), SQLITE_DONE, db);
			sqlite3_reset(begin);
		}
		if (run->secret != NULL) {
			r.secret = run->secret;
			r.secret_len = strlen(run->secret);
			r.salt = rows[0].salt;
		}
		r.seq = i + 1;
		r.at_ms = 1813459200000 + (int64_t)i;
		r.drill_ms = (int64_t)i;
		if (run->hashed) {
			journal_hash(h, head, &r, next);
			memcpy(head, next, sizeof(head));
		}
		r.hash = head;
		insert(db, st, &r);
		if ((i + 1) % run->batch == 0) {
			must(sqlite3_step(commit), SQLITE_DONE, db);
			sqlite3_reset(commit);
		}
	}
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_finalize(st);
	hasher_free(h);
}

double
bare_insert(const char *dir, const struct bare_run *run)
{
	static struct encoded *rows;
	char path[256];
	sqlite3 *db;
	int64_t began;
	double seconds;

	if (rows == NULL)
		rows = encode_rows();
	snprintf(path, sizeof(path), "%s/bare.db", dir);
	db = bare_open(path);
	began = time_mono_ns();
	bare_rows(db, rows, run);
	seconds = (double)(time_mono_ns() - began) / 1e9;
	sqlite3_close(db);
	unlink(path);
	return (double)run->rows / seconds;
}

/* ---- what benchmarks share ---- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
scratch_remove(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The newest one: a benchmark that gives up leaves nothing behind. */
static char kept[256];

static void
remove_kept(void)
{
	scratch_remove(kept);
}

void
scratch_make(char *dir, size_t size)
{
	const char *base = getenv("BENCH_DIR");

	snprintf(dir, size, "%s/drill-bench-XXXXXX", base != NULL ? base : "/var/tmp");
	if (mkdtemp(dir) == NULL)
		die(dir, "cannot make it");
	if (kept[0] == '\0')
		atexit(remove_kept);
	snprintf(kept, sizeof(kept), "%s", dir);
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double
median(double *v, size_t count)
{
	qsort(v, count, sizeof(*v), compare);
	return v[count / 2];
}
