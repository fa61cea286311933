#include "search.h"

#include "store_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A search of a site of this size takes a few milliseconds; nobody may hold up the visitors for
 * longer. */
#define SEARCH_MAX_MS 250
#define SEARCH_CLOCK_STEPS 1000
#define SEARCH_TEXT_MAX_BYTES (64 * 1024)

struct search {
	sqlite3 *db;
	int64_t deadline_ms;
};

static int64_t
clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
on_progress(void *arg)
{
	const struct search *s = arg;

	return clock_ms() > s->deadline_ms;
}

struct search *
search_open(const char *dir)
{
	struct search *s = calloc(1, sizeof *s);
	char path[4096];

	if (s == NULL)
		return NULL;
	snprintf(path, sizeof path, "%s/portal.db", dir);
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK ||
	    sqlite3_exec(s->db,
		"PRAGMA query_only=1; PRAGMA trusted_schema=0; PRAGMA temp_store=MEMORY", NULL,
		NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "portal: search: %s\n", sqlite3_errmsg(s->db));
		search_close(s);
		return NULL;
	}
	sqlite3_busy_timeout(s->db, 2000);
	sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, SEARCH_TEXT_MAX_BYTES);
	sqlite3_limit(s->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 2 * SEARCH_WORDS_MAX_BYTES);
	sqlite3_progress_handler(s->db, SEARCH_CLOCK_STEPS, on_progress, s);
	return s;
}

void
search_close(struct search *s)
{
	sqlite3_close(s->db);
	free(s);
}

static sqlite3_stmt *
search_prepare(struct search *s, enum lang lang, const char *words)
{
	const char *l = lang == LANG_EN ? "en" : "zh";
	sqlite3_stmt *q = NULL;
	char *sql;

	sql = sqlite3_mprintf("SELECT id, title_%s, body_%s, published FROM notices"
			      " WHERE (title_%s LIKE '%%%s%%' OR body_%s LIKE '%%%s%%')"
			      " ORDER BY published DESC",
	    l, l, l, words, l, words);
	if (sql != NULL && sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK)
		fprintf(stderr, "portal: search: %s\n", sqlite3_errmsg(s->db));
	sqlite3_free(sql);
	return q;
}

enum result
search_run(struct search *s, enum lang lang, const char *words, entry_fn *run, void *arg)
{
	sqlite3_stmt *q = search_prepare(s, lang, words);
	int rc = SQLITE_DONE;
	int rows = 0;

	if (q == NULL)
		return RES_FAILED;
	s->deadline_ms = clock_ms() + SEARCH_MAX_MS;
	while (rows < SEARCH_ROWS_MAX && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		struct entry e = store_entry(q);

		run(&e, arg);
		rows++;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		fprintf(stderr, "portal: search: %s\n", sqlite3_errmsg(s->db));
	sqlite3_finalize(q);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		return RES_FAILED;
	return rows > 0 ? RES_OK : RES_NONE;
}
