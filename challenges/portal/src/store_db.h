/*
 * Between store.c (opening, notices), accounts.c and drafts.c (the rest of store.h), and search.c.
 */
#ifndef PORTAL_STORE_DB_H
#define PORTAL_STORE_DB_H

#include "store.h"

#include <sqlite3.h>

struct store {
	sqlite3 *db;
};

/* Prepares with the values bound from a format of s (const char *) and i (int64_t). NULL on
 * failure, logged. */
sqlite3_stmt *store_query(struct store *s, const char *sql, const char *format, ...);
/* Runs a statement to its end and finishes it. */
enum result store_done(struct store *s, sqlite3_stmt *q);
/* The first column of the first row, or otherwise. */
int64_t store_number(struct store *s, sqlite3_stmt *q, int64_t otherwise);
/* The row q stands on; its strings live until the next step. */
struct entry store_entry(sqlite3_stmt *q);
/* Every row (id, title, text, date) to run; RES_NONE when there was none. */
enum result store_rows(struct store *s, sqlite3_stmt *q, entry_fn *run, void *arg);

#endif
