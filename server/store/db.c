#include "store/db.h"

#include "base/mem.h"
#include "store/datadir.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_NAME "journal.db"
#define APPLICATION_ID 0x64726c6a /* "drlj" */
#define FORMAT_VERSION 1
#define BUSY_TIMEOUT_MS 10000 /* somebody's sqlite3 shell may hold the file for a moment */

#define TEXT_OF(x) TEXT_OF_(x)
#define TEXT_OF_(x) #x

static const char table_sql[] = "CREATE TABLE events(seq INTEGER PRIMARY KEY, at_ms INTEGER, "
				"drill_ms INTEGER, kind TEXT, actor TEXT, body TEXT, secret TEXT, "
				"salt BLOB, hash BLOB) STRICT";

/*
 * What SQLite says, in our words where ours are clearer. It does not keep the system's reason when a commit
 * fails; errno still has it, and callers clear errno before they call SQLite.
 */
static enum err
db_error(sqlite3 *handle, int rc, const char *doing, struct why *why)
{
	int last = errno;
	int os = handle != NULL && sqlite3_system_errno(handle) != 0 ? sqlite3_system_errno(handle)
								     : last;

	switch (rc & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_MISMATCH:
		return why_set(why, ERR_CORRUPT,
		    "%s: the file is damaged, cut short or not a journal (%s)", doing,
		    sqlite3_errstr(rc));
	case SQLITE_FULL:
		return why_set(why, ERR_IO, "%s: the disk is full", doing);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return why_set(why, ERR_BUSY, "%s: another program holds the file locked", doing);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		if (os != 0)
			return why_set(
			    why, ERR_IO, "%s: %s (%s)", doing, sqlite3_errstr(rc), strerror(os));
		break;
	default:
		break;
	}
	return why_set(why, ERR_IO, "%s: %s", doing, sqlite3_errstr(rc));
}

static enum err
exec(struct db *db, const char *sql, const char *doing, struct why *why)
{
	int rc;

	errno = 0;
	rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? ERR_OK : db_error(db->handle, rc, doing, why);
}

static enum err
prepare(struct db *db, const char *sql, sqlite3_stmt **out, struct why *why)
{
	int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);

	return rc == SQLITE_OK ? ERR_OK : db_error(db->handle, rc, "cannot use the journal", why);
}

/* The first column of the first row as an integer. */
static enum err
query_int(struct db *db, const char *sql, int64_t *out, struct why *why)
{
	sqlite3_stmt *st;
	enum err e = prepare(db, sql, &st, why);
	int rc;

	if (e != ERR_OK)
		return e;
	rc = sqlite3_step(st);
	*out = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_error(db->handle, rc, "cannot read the journal", why);
	return ERR_OK;
}

/* ---- what kind of file is it ---- */

struct identity {
	int64_t application;
	int64_t version;
	int64_t objects; /* tables, indexes, views, triggers */
	int64_t ours;    /* 1 if the one table is there, word for word */
};

static enum err
identity_read(struct db *db, struct identity *id, struct why *why)
{
	static const char ours[] = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
				   "AND name = 'events' AND sql = ?";
	sqlite3_stmt *st;
	enum err e;
	int rc;

	if ((e = query_int(db, "PRAGMA application_id", &id->application, why)) != ERR_OK ||
	    (e = query_int(db, "PRAGMA user_version", &id->version, why)) != ERR_OK ||
	    (e = query_int(db, "SELECT count(*) FROM sqlite_schema", &id->objects, why)) !=
		ERR_OK ||
	    (e = prepare(db, ours, &st, why)) != ERR_OK)
		return e;
	sqlite3_bind_text(st, 1, table_sql, -1, SQLITE_STATIC);
	rc = sqlite3_step(st);
	id->ours = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? ERR_OK : db_error(db->handle, rc, "cannot read the journal", why);
}

static enum err
identity_check(const struct identity *id, const char *path, struct why *why)
{
	if (id->application != APPLICATION_ID)
		return why_set(
		    why, ERR_CORRUPT, "%s is a database, but not a journal of drilld", path);
	if (id->version != FORMAT_VERSION)
		return why_set(why, ERR_UNSUPPORTED,
		    "%s has journal format %lld; this program reads format " TEXT_OF(
			FORMAT_VERSION),
		    path, (long long)id->version);
	if (id->objects != 1 || id->ours != 1)
		return why_set(why, ERR_CORRUPT,
		    "%s does not hold the one table of a journal; somebody changed its layout",
		    path);
	return ERR_OK;
}

static bool
identity_blank(const struct identity *id)
{
	return id->application == 0 && id->version == 0 && id->objects == 0;
}

/* ---- opening ---- */

/* The commit hook's place to learn how far the log has grown; nothing is folded in here. */
static int
on_commit(void *ctx, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = ctx;

	(void)handle;
	(void)name;
	if (pages < db->folded_pages) /* the log began anew */
		db->folded_pages = 0;
	db->wal_pages = pages;
	return SQLITE_OK;
}

static enum err
connect(struct db *db, const char *path, int flags, const char *vfs, struct why *why)
{
	int rc;

	memset(db, 0, sizeof(*db));
	errno = 0;
	rc = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, vfs);
	if (rc != SQLITE_OK) {
		enum err e = db_error(db->handle, rc, "cannot open the journal", why);

		db_close(db);
		return e;
	}
	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	return ERR_OK;
}

static enum err
create_table(struct db *db, struct why *why)
{
	char sql[sizeof(table_sql) + 128];

	snprintf(sql, sizeof(sql),
	    "BEGIN IMMEDIATE; %s; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
	    table_sql, APPLICATION_ID, FORMAT_VERSION);
	return exec(db, sql, "cannot make the journal", why);
}

static enum err
writer_prepare(struct db *db, struct why *why)
{
	enum err e;

	if ((e = prepare(db, "BEGIN IMMEDIATE", &db->begin, why)) != ERR_OK ||
	    (e = prepare(db, "COMMIT", &db->commit, why)) != ERR_OK ||
	    (e = prepare(db, "ROLLBACK", &db->rollback, why)) != ERR_OK)
		return e;
	return prepare(
	    db, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", &db->insert, why);
}

static enum err
writer_setup(struct db *db, const char *path, struct why *why)
{
	struct identity id;
	enum err e = identity_read(db, &id, why);

	if (e != ERR_OK)
		return e;
	if (!identity_blank(&id) && (e = identity_check(&id, path, why)) != ERR_OK)
		return e;
	/* Only now, knowing that the file is ours: this writes to it. */
	e = exec(db,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
	    "PRAGMA journal_size_limit = 67108864",
	    "cannot set up the journal", why);
	if (e == ERR_OK && identity_blank(&id))
		e = create_table(db, why);
	return e != ERR_OK ? e : writer_prepare(db, why);
}

enum err
db_open_writer(const char *dir, struct db *out, struct why *why)
{
	char path[PATH_MAX];
	enum err e = datadir_path(dir, FILE_NAME, path, sizeof(path), why);

	if (e != ERR_OK)
		return e;
	e = connect(out, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL, why);
	if (e != ERR_OK)
		return e;
	if ((e = writer_setup(out, path, why)) == ERR_OK)
		e = datadir_sync(dir, why);
	if (e != ERR_OK) {
		db_close(out);
		return e;
	}
	sqlite3_wal_hook(out->handle, on_commit, out);
	return ERR_OK;
}

static enum err
reader_try(struct db *db, const char *path, const char *vfs, const char *setup, struct why *why)
{
	struct identity id;
	enum err e = connect(db, path, SQLITE_OPEN_READONLY, vfs, why);

	if (e != ERR_OK)
		return e;
	/* So that a file that was cut short can be read up to the cut instead of not at all. */
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
	if ((setup == NULL || (e = exec(db, setup, "cannot open the journal", why)) == ERR_OK) &&
	    (e = identity_read(db, &id, why)) == ERR_OK)
		e = identity_check(&id, path, why);
	if (e != ERR_OK)
		db_close(db);
	return e;
}

enum err
db_open_reader(const char *dir, struct db *out, struct why *why)
{
	char path[PATH_MAX];
	struct stat st;
	enum err e = datadir_path(dir, FILE_NAME, path, sizeof(path), why);

	memset(out, 0, sizeof(*out));
	if (e != ERR_OK)
		return e;
	if (stat(path, &st) != 0)
		return why_set(why, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO,
		    "cannot read %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, ERR_IO, "%s is not a file", path);
	if ((e = reader_try(out, path, NULL, NULL, why)) != ERR_IO)
		return e;
	/*
	 * Where the shared index of the log can be neither made nor written, nobody can be writing
	 * either: keep the index in memory and take no locks. The log itself is still read.
	 */
	return reader_try(out, path, "unix-none", "PRAGMA locking_mode = EXCLUSIVE", why);
}

enum err
db_open_beside(const char *dir, struct db *out, struct why *why)
{
	char path[PATH_MAX];
	enum err e = datadir_path(dir, FILE_NAME, path, sizeof(path), why);

	memset(out, 0, sizeof(*out));
	return e != ERR_OK ? e : reader_try(out, path, NULL, NULL, why);
}

void
db_close(struct db *db)
{
	sqlite3_finalize(db->begin);
	sqlite3_finalize(db->insert);
	sqlite3_finalize(db->commit);
	sqlite3_finalize(db->rollback);
	sqlite3_close(db->handle);
	memset(db, 0, sizeof(*db));
}

/* ---- writing ---- */

static enum err
run(struct db *db, sqlite3_stmt *st, const char *doing, struct why *why)
{
	enum err e = ERR_OK;
	int rc;

	errno = 0;
	rc = sqlite3_step(st);
	if (rc != SQLITE_DONE)
		e = db_error(db->handle, rc, doing, why);
	sqlite3_reset(st);
	return e;
}

enum err
db_begin(struct db *db, struct why *why)
{
	return run(db, db->begin, "cannot begin to write", why);
}

enum err
db_insert(struct db *db, const struct journal_row *row, struct why *why)
{
	sqlite3_stmt *st = db->insert;
	enum err e;

	sqlite3_bind_int64(st, 1, (int64_t)row->seq);
	sqlite3_bind_int64(st, 2, row->at_ms);
	sqlite3_bind_int64(st, 3, row->drill_ms);
	sqlite3_bind_text(st, 4, row->kind, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 5, row->actor, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 6, row->body, (int)row->body_len, SQLITE_STATIC);
	sqlite3_bind_text(st, 7, row->secret, (int)row->secret_len, SQLITE_STATIC);
	if (row->salt != NULL)
		sqlite3_bind_blob(st, 8, row->salt, SALT_BYTES, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, 8);
	sqlite3_bind_blob(st, 9, row->hash, SHA256_BYTES, SQLITE_STATIC);
	e = run(db, st, "cannot write", why);
	return e;
}

enum err
db_commit(struct db *db, struct why *why)
{
	return run(db, db->commit, "cannot commit", why);
}

void
db_rollback(struct db *db)
{
	/* SQLite has rolled back by itself after the graver errors; then there is nothing to do. */
	if (sqlite3_get_autocommit(db->handle) == 0) {
		sqlite3_step(db->rollback);
		sqlite3_reset(db->rollback);
	}
}

int
db_unfolded(const struct db *db)
{
	return db->wal_pages - db->folded_pages;
}

void
db_fold(struct db *db)
{
	int folded;

	if (sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &folded) ==
	    SQLITE_OK)
		db->folded_pages = folded;
}
