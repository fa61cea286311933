/* Accounts and sessions of store.h. */
#include "store_db.h"

#include <stdio.h>
#include <time.h>

enum result
account_add(struct store *s, const char *user, const char *name, const char *password)
{
	char stored[SECRET_STORED_BYTES];

	/* Accounts are never deleted, so the largest id counts them. */
	if (store_number(s, store_query(s, "SELECT coalesce(max(id), 0) FROM accounts", ""), 0) >=
	    ACCOUNTS_MAX)
		return RES_FULL;
	if (store_number(
		s, store_query(s, "SELECT 1 FROM accounts WHERE user = ?", "s", user), 0) == 1)
		return RES_EXISTS;
	if (!password_store(password, stored))
		return RES_FAILED;
	return store_done(
	    s, store_query(s, "INSERT INTO accounts(user, name, password) VALUES(?, ?, ?)", "sss",
		   user, name, stored));
}

static enum result
session_insert(struct store *s, int64_t account, const char *digest)
{
	int64_t now = time(NULL);
	enum result res;

	res = store_done(
	    s, store_query(s,
		   "DELETE FROM sessions WHERE account = ?1 AND (expires < ?2 OR digest NOT IN"
		   " (SELECT digest FROM sessions WHERE account = ?1 ORDER BY expires DESC, rowid "
		   "DESC LIMIT ?3))",
		   "iii", account, now, (int64_t)(SESSIONS_PER_ACCOUNT_MAX - 1)));
	if (res != RES_OK)
		return res;
	return store_done(
	    s, store_query(s, "INSERT INTO sessions(digest, account, expires) VALUES(?, ?, ?)",
		   "sii", digest, account, now + SESSION_SECONDS));
}

enum result
session_open(struct store *s, const char *user, const char *password, char token[SECRET_HEX_BYTES])
{
	sqlite3_stmt *q =
	    store_query(s, "SELECT id, password FROM accounts WHERE user = ?", "s", user);
	char stored[SECRET_STORED_BYTES] = "";
	char digest[SECRET_HEX_BYTES];
	int64_t account = 0;

	if (q == NULL)
		return RES_FAILED;
	if (sqlite3_step(q) == SQLITE_ROW) {
		account = sqlite3_column_int64(q, 0);
		snprintf(stored, sizeof stored, "%s", (const char *)sqlite3_column_text(q, 1));
	}
	sqlite3_finalize(q);
	/* Also for an unknown user: the time taken does not tell who has an account. */
	if (!password_matches(password, stored) || account == 0)
		return RES_NONE;
	if (!token_new(token))
		return RES_FAILED;
	token_digest(token, digest);
	return session_insert(s, account, digest);
}

enum result
session_find(struct store *s, const char *token, struct account *out)
{
	char digest[SECRET_HEX_BYTES];
	sqlite3_stmt *q;
	enum result res = RES_NONE;

	token_digest(token, digest);
	q = store_query(s,
	    "SELECT a.id, a.user, a.name FROM sessions s JOIN accounts a ON a.id = s.account"
	    " WHERE s.digest = ? AND s.expires > ?",
	    "si", digest, (int64_t)time(NULL));
	if (q == NULL)
		return RES_FAILED;
	if (sqlite3_step(q) == SQLITE_ROW) {
		out->id = sqlite3_column_int64(q, 0);
		snprintf(
		    out->user, sizeof out->user, "%s", (const char *)sqlite3_column_text(q, 1));
		snprintf(
		    out->name, sizeof out->name, "%s", (const char *)sqlite3_column_text(q, 2));
		res = RES_OK;
	}
	sqlite3_finalize(q);
	return res;
}

enum result
session_close(struct store *s, const char *token)
{
	char digest[SECRET_HEX_BYTES];

	token_digest(token, digest);
	return store_done(s, store_query(s, "DELETE FROM sessions WHERE digest = ?", "s", digest));
}
