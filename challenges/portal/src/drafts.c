/* The staff's drafts of store.h: every statement asks for the author too. */
#include "store_db.h"

enum result
draft_add(struct store *s, int64_t account, const char *title, const char *body, int64_t *id)
{
	enum result res;

	if (store_number(s,
		store_query(s, "SELECT count(*) FROM drafts WHERE account = ?", "i", account),
		0) >= DRAFTS_PER_ACCOUNT_MAX)
		return RES_FULL;
	res = store_done(s, store_query(s,
				"INSERT INTO drafts(account, title, body, created) VALUES(?, ?, ?, "
				"date('now', 'localtime'))",
				"iss", account, title, body));
	*id = sqlite3_last_insert_rowid(s->db);
	return res;
}

enum result
draft_get(struct store *s, int64_t account, int64_t id, entry_fn *run, void *arg)
{
	return store_rows(s,
	    store_query(s,
		"SELECT id, title, body, created FROM drafts WHERE id = ? AND account = ?", "ii",
		id, account),
	    run, arg);
}

enum result
draft_delete(struct store *s, int64_t account, int64_t id)
{
	enum result res = store_done(s,
	    store_query(s, "DELETE FROM drafts WHERE id = ? AND account = ?", "ii", id, account));

	return res == RES_OK && sqlite3_changes(s->db) == 0 ? RES_NONE : res;
}

enum result
draft_list(struct store *s, int64_t account, entry_fn *run, void *arg)
{
	return store_rows(s,
	    store_query(s,
		"SELECT id, title, body, created FROM drafts WHERE account = ? ORDER BY id DESC",
		"i", account),
	    run, arg);
}
