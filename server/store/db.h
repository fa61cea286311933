/*
 * SQLite under the journal: one file, one table, prepared statements. The only header of this floor that
 * knows sqlite3.h. A struct db is a connection and belongs to one thread at a time: the writer's is
 * opened by the loop thread and handed to the writer thread; readers have their own.
 */
#ifndef DRILLD_STORE_DB_H
#define DRILLD_STORE_DB_H

#include "base/err.h"
#include "base/hash.h"
#include "store/journal.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define SALT_BYTES 16

struct db {
	sqlite3 *handle;
	sqlite3_stmt *begin, *insert, *commit, *rollback;
	int wal_pages;    /* in the write-ahead log */
	int folded_pages; /* of these, already folded into the file */
};

/*
 * Opens DIR/journal.db for writing and makes it if it is missing or empty; the name is durable when this
 * returns. ERR_CORRUPT if it is something else or damaged.
 */
enum err db_open_writer(const char *dir, struct db *out, struct why *why) MUST_CHECK;

/*
 * Opens DIR/journal.db for reading, beside a writer or on a medium that cannot be written. ERR_NOT_FOUND
 * if there is none, ERR_CORRUPT if it is not a journal.
 */
enum err db_open_reader(const char *dir, struct db *out, struct why *why) MUST_CHECK;
/*
 * The same beside a writer in this very process. No other way than the plain one is tried: closing a file that
 * was opened around SQLite's locks would drop those of the writer, which belong to the process.
 */
enum err db_open_beside(const char *dir, struct db *out, struct why *why) MUST_CHECK;
void db_close(struct db *db);

/* Sequence number and hash of the last event; 0 and zero bytes in an empty journal. */
enum err db_last(
    struct db *db, uint64_t *seq, uint8_t head[SHA256_BYTES], struct why *why) MUST_CHECK;

/* One transaction: begin, insert each row, commit, or rollback after an error. */
enum err db_begin(struct db *db, struct why *why) MUST_CHECK;
enum err db_insert(struct db *db, const struct journal_row *row, struct why *why) MUST_CHECK;
enum err db_commit(struct db *db, struct why *why) MUST_CHECK;
void db_rollback(struct db *db);

/* Pages of the write-ahead log that are not in the file yet. */
int db_unfolded(const struct db *db);

/* Folds them into the file, as far as readers let it. Failing is harmless: they stay in the log. */
void db_fold(struct db *db);

/* As journal_read. */
enum err db_read(struct db *db, uint64_t from, uint64_t to,
    enum err (*on_row)(void *ctx, const struct journal_row *row, struct why *why), void *ctx,
    struct why *why) MUST_CHECK;

#endif
