/*
 * Reading rows: everything that comes out of the file is held against its type before anybody sees it,
 * because a damaged or forged file is read through here as well.
 */
#include "store/db.h"

#include <string.h>

enum column { C_SEQ, C_AT, C_DRILL, C_KIND, C_ACTOR, C_BODY, C_SECRET, C_SALT, C_HASH };

#define SELECT_EVENTS                                                                              \
	"SELECT seq, at_ms, drill_ms, kind, actor, body, secret, salt, hash FROM events "

static enum err
bad_column(const struct journal_row *row, const char *column, const char *right, struct why *why)
{
	return why_set(why, ERR_CORRUPT, "seq %llu: %s is not %s", (unsigned long long)row->seq,
	    column, right);
}

static enum err
read_header(sqlite3_stmt *st, struct journal_row *row, struct why *why)
{
	int64_t seq = sqlite3_column_int64(st, C_SEQ);

	if (seq < 1)
		return why_set(why, ERR_CORRUPT,
		    "a row has seq %lld, and the first event is seq 1: put in by hand, or the file "
		    "is damaged",
		    (long long)seq);
	row->seq = (uint64_t)seq;
	if (sqlite3_column_type(st, C_AT) != SQLITE_INTEGER)
		return bad_column(row, "at_ms", "an integer", why);
	if (sqlite3_column_type(st, C_DRILL) != SQLITE_INTEGER)
		return bad_column(row, "drill_ms", "an integer", why);
	row->at_ms = sqlite3_column_int64(st, C_AT);
	row->drill_ms = sqlite3_column_int64(st, C_DRILL);
	return ERR_OK;
}

/* A text without NUL inside, or NULL. */
static const char *
read_text(sqlite3_stmt *st, enum column c, size_t *len)
{
	const char *s;

	if (sqlite3_column_type(st, c) != SQLITE_TEXT)
		return NULL;
	if ((s = (const char *)sqlite3_column_text(st, c)) == NULL)
		return NULL;
	*len = (size_t)sqlite3_column_bytes(st, c);
	return memchr(s, '\0', *len) == NULL ? s : NULL;
}

static enum err
read_texts(sqlite3_stmt *st, struct journal_row *row, struct why *why)
{
	size_t len;

	if ((row->kind = read_text(st, C_KIND, &len)) == NULL)
		return bad_column(row, "kind", "a text", why);
	if ((row->actor = read_text(st, C_ACTOR, &len)) == NULL)
		return bad_column(row, "actor", "a text", why);
	if ((row->body = read_text(st, C_BODY, &row->body_len)) == NULL)
		return bad_column(row, "body", "a text", why);
	if ((row->secret = read_text(st, C_SECRET, &row->secret_len)) == NULL)
		return bad_column(row, "secret", "a text", why);
	return ERR_OK;
}

static const uint8_t *
read_blob(sqlite3_stmt *st, enum column c, int bytes)
{
	if (sqlite3_column_type(st, c) != SQLITE_BLOB || sqlite3_column_bytes(st, c) != bytes)
		return NULL;
	return sqlite3_column_blob(st, c);
}

static enum err
read_blobs(sqlite3_stmt *st, struct journal_row *row, struct why *why)
{
	row->salt = NULL;
	if (sqlite3_column_type(st, C_SALT) != SQLITE_NULL &&
	    (row->salt = read_blob(st, C_SALT, SALT_BYTES)) == NULL)
		return bad_column(row, "salt", "16 bytes", why);
	if ((row->hash = read_blob(st, C_HASH, SHA256_BYTES)) == NULL)
		return bad_column(row, "hash", "32 bytes", why);
	return ERR_OK;
}

static enum err
read_row(sqlite3_stmt *st, struct journal_row *row, struct why *why)
{
	enum err e;

	if ((e = read_header(st, row, why)) != ERR_OK || (e = read_texts(st, row, why)) != ERR_OK)
		return e;
	return read_blobs(st, row, why);
}

static enum err
read_failed(struct db *db, int rc, struct why *why)
{
	if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB)
		return why_set(why, ERR_CORRUPT,
		    "cannot be read: the file is damaged or cut short here (%s)",
		    sqlite3_errstr(rc));
	return why_set(why, ERR_IO, "cannot read the journal: %s", sqlite3_errmsg(db->handle));
}

enum err
db_read(struct db *db, uint64_t from, uint64_t to,
    enum err (*on_row)(void *ctx, const struct journal_row *row, struct why *why), void *ctx,
    struct why *why)
{
	struct journal_row row;
	sqlite3_stmt *st;
	enum err e = ERR_OK;
	int rc = sqlite3_prepare_v2(
	    db->handle, SELECT_EVENTS "WHERE seq BETWEEN ? AND ? ORDER BY seq", -1, &st, NULL);

	if (rc != SQLITE_OK)
		return read_failed(db, rc, why);
	/* From the start means from the very first row, whatever number a forger gave it. */
	sqlite3_bind_int64(st, 1,
	    from <= 1          ? INT64_MIN
	    : from > INT64_MAX ? INT64_MAX
			       : (int64_t)from);
	sqlite3_bind_int64(st, 2, to == 0 || to > INT64_MAX ? INT64_MAX : (int64_t)to);
	while (e == ERR_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		if ((e = read_row(st, &row, why)) == ERR_OK)
			e = on_row(ctx, &row, why);
	if (e == ERR_OK && rc != SQLITE_DONE)
		e = read_failed(db, rc, why);
	sqlite3_finalize(st);
	return e;
}

enum err
db_last(struct db *db, uint64_t *seq, uint8_t head[SHA256_BYTES], struct why *why)
{
	struct journal_row row;
	sqlite3_stmt *st;
	enum err e = ERR_OK;
	int rc = sqlite3_prepare_v2(
	    db->handle, SELECT_EVENTS "ORDER BY seq DESC LIMIT 1", -1, &st, NULL);

	*seq = 0;
	memset(head, 0, SHA256_BYTES);
	if (rc != SQLITE_OK)
		return read_failed(db, rc, why);
	if ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if ((e = read_row(st, &row, why)) == ERR_OK) {
			*seq = row.seq;
			memcpy(head, row.hash, SHA256_BYTES);
		}
	} else if (rc != SQLITE_DONE) {
		e = read_failed(db, rc, why);
	}
	sqlite3_finalize(st);
	return e;
}
