#include "store_db.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of all connections together. */
#define HEAP_MAX_BYTES (64 * 1024 * 1024)

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS accounts(id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL "
    "UNIQUE,"
    " name TEXT NOT NULL, password TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS sessions(digest TEXT PRIMARY KEY, account INTEGER NOT NULL,"
    " expires INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS sessions_account ON sessions(account);"
    "CREATE TABLE IF NOT EXISTS drafts(id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT "
    "NULL,"
    " title TEXT NOT NULL, body TEXT NOT NULL, created TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS drafts_account ON drafts(account);"
    "CREATE TABLE IF NOT EXISTS notices(id INTEGER PRIMARY KEY, title_zh TEXT NOT NULL, title_en "
    "TEXT NOT NULL,"
    " body_zh TEXT NOT NULL, body_en TEXT NOT NULL, published TEXT NOT NULL) STRICT;";

static const char seed[] =
    "INSERT OR IGNORE INTO notices VALUES"
    "(1,'关于开展网络安全自查工作的通知','Notice on the network security self-inspection',"
    "'各教研室、实验室：请于本月底前完成网站、信息系统和重要数据的自查，填写自查表并由负责人签字后"
    "报学院办公室。',"
    "'All groups and laboratories: please complete the self-inspection of websites, information "
    "systems and "
    "important data by the end of this month, and hand the signed checklist to the department "
    "office.',"
    "'2026-05-11'),"
    "(2,'机房停电检修安排','Power maintenance in the machine room',"
    "'本周六上午八点至十二点机房停电检修，届时教学服务器暂停服务，请提前保存数据。',"
    "'The machine room is without power on Saturday from 8:00 to 12:00. Teaching servers will be "
    "off; "
    "please save your data beforehand.','2026-05-18'),"
    "(3,'暑期社会实践项目申报开始','Applications open for the summer field projects',"
    "'请有意参加的同学在教务系统提交申报书，指导教师意见由教研室统一收齐。',"
    "'Students who want to take part hand in their proposals in the academic system; advisers'' "
    "comments are "
    "collected by each group.','2026-05-25'),"
    "(4,'谨防钓鱼邮件','Beware of phishing mail',"
    "'近期发现冒充信息中心的钓鱼邮件。不要点击其中的链接，收到后请转发至学院安全员。',"
    "'Phishing mail in the name of the information centre is going round. Do not follow its links; "
    "forward it "
    "to the department''s security officer.','2026-06-01');";

static void
store_log(struct store *s, const char *what)
{
	fprintf(stderr, "portal: %s: %s\n", what, sqlite3_errmsg(s->db));
}

static bool
store_prepare_tables(struct store *s)
{
	char pragma[256];

	snprintf(pragma, sizeof pragma,
	    "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA "
	    "temp_store=MEMORY;"
	    " PRAGMA trusted_schema=0; PRAGMA max_page_count=%d;",
	    DATABASE_MAX_BYTES / 4096);
	return sqlite3_exec(s->db, pragma, NULL, NULL, NULL) == SQLITE_OK &&
	       sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK &&
	       sqlite3_exec(s->db, seed, NULL, NULL, NULL) == SQLITE_OK;
}

struct store *
store_open(const char *dir)
{
	struct store *s = calloc(1, sizeof *s);
	char path[4096];

	sqlite3_hard_heap_limit64(HEAP_MAX_BYTES);
	if (s == NULL || snprintf(path, sizeof path, "%s/portal.db", dir) >= (int)sizeof path) {
		fprintf(stderr, "portal: the data directory's name is too long\n");
		free(s);
		return NULL;
	}
	if (sqlite3_open_v2(path, &s->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(s->db, 2000) != SQLITE_OK || !store_prepare_tables(s)) {
		store_log(s, path);
		store_close(s);
		return NULL;
	}
	return s;
}

void
store_close(struct store *s)
{
	sqlite3_close(s->db);
	free(s);
}

sqlite3_stmt *
store_query(struct store *s, const char *sql, const char *format, ...)
{
	sqlite3_stmt *q;
	va_list ap;
	int rc = SQLITE_OK;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK) {
		store_log(s, "prepare");
		return NULL;
	}
	va_start(ap, format);
	for (int i = 1; *format != '\0' && rc == SQLITE_OK; i++, format++) {
		if (*format == 's')
			rc =
			    sqlite3_bind_text(q, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		else
			rc = sqlite3_bind_int64(q, i, va_arg(ap, int64_t));
	}
	va_end(ap);
	if (rc == SQLITE_OK)
		return q;
	store_log(s, "bind");
	sqlite3_finalize(q);
	return NULL;
}

enum result
store_done(struct store *s, sqlite3_stmt *q)
{
	int rc;

	if (q == NULL)
		return RES_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW)
		;
	if (rc != SQLITE_DONE && rc != SQLITE_CONSTRAINT)
		store_log(s, "write");
	sqlite3_finalize(q);
	return rc == SQLITE_DONE         ? RES_OK
	       : rc == SQLITE_CONSTRAINT ? RES_EXISTS
	       : rc == SQLITE_FULL       ? RES_FULL
					 : RES_FAILED;
}

int64_t
store_number(struct store *s, sqlite3_stmt *q, int64_t otherwise)
{
	int64_t n = otherwise;
	int rc;

	if (q == NULL)
		return otherwise;
	if ((rc = sqlite3_step(q)) == SQLITE_ROW)
		n = sqlite3_column_int64(q, 0);
	else if (rc != SQLITE_DONE)
		store_log(s, "read");
	sqlite3_finalize(q);
	return n;
}

static const char *
column_text(sqlite3_stmt *q, int column)
{
	const char *s = (const char *)sqlite3_column_text(q, column);

	return s != NULL ? s : "";
}

struct entry
store_entry(sqlite3_stmt *q)
{
	return (struct entry){
	    .id = sqlite3_column_int64(q, 0),
	    .title = column_text(q, 1),
	    .text = column_text(q, 2),
	    .date = column_text(q, 3),
	};
}

enum result
store_rows(struct store *s, sqlite3_stmt *q, entry_fn *run, void *arg)
{
	enum result res = RES_NONE;
	int rc;

	if (q == NULL)
		return RES_FAILED;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		struct entry e = store_entry(q);

		run(&e, arg);
		res = RES_OK;
	}
	if (rc != SQLITE_DONE) {
		store_log(s, "read");
		res = RES_FAILED;
	}
	sqlite3_finalize(q);
	return res;
}

bool
store_healthy(struct store *s)
{
	return store_number(s, store_query(s, "SELECT count(*) FROM notices", ""), -1) >= 0;
}

enum result
notice_get(struct store *s, enum lang lang, int64_t id, entry_fn *run, void *arg)
{
	const char *sql = lang == LANG_EN
			      ? "SELECT id, title_en, body_en, published FROM notices WHERE id = ?"
			      : "SELECT id, title_zh, body_zh, published FROM notices WHERE id = ?";

	return store_rows(s, store_query(s, sql, "i", id), run, arg);
}

enum result
notice_list(struct store *s, enum lang lang, entry_fn *run, void *arg)
{
	const char *sql = lang == LANG_EN ? "SELECT id, title_en, body_en, published FROM notices "
					    "ORDER BY published DESC LIMIT 20"
					  : "SELECT id, title_zh, body_zh, published FROM notices "
					    "ORDER BY published DESC LIMIT 20";

	return store_rows(s, store_query(s, sql, ""), run, arg);
}
