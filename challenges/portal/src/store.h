/*
 * What the site keeps, in DIR/portal.db (SQLite): accounts, sessions, notices, and the staff's
 * drafts. Used by the pages, on the server's one thread. Every statement binds its values.
 */
#ifndef PORTAL_STORE_H
#define PORTAL_STORE_H

#include "secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USER_MAX_BYTES 40
#define NAME_MAX_BYTES 60
#define PASSWORD_MIN_BYTES 8
#define PASSWORD_MAX_BYTES 128
#define TITLE_MAX_BYTES 200
#define BODY_MAX_BYTES 16384
#define ACCOUNTS_MAX 50000
#define DRAFTS_PER_ACCOUNT_MAX 64
#define SESSIONS_PER_ACCOUNT_MAX 8
#define SESSION_SECONDS (8 * 3600)
#define DATABASE_MAX_BYTES (256 * 1024 * 1024)

struct store;

enum result {
	RES_OK,
	RES_NONE,   /* no such thing, or not yours */
	RES_EXISTS, /* the name is taken */
	RES_FULL,   /* a limit above is reached */
	RES_FAILED, /* the database does not work; logged */
};

struct account {
	int64_t id;
	char user[USER_MAX_BYTES + 1];
	char name[NAME_MAX_BYTES + 1];
};

enum lang { LANG_ZH, LANG_EN, LANG_COUNT };

/* A row handed to a callback; the strings live until it returns. */
struct entry {
	int64_t id;
	const char *title;
	const char *text;
	const char *date; /* YYYY-MM-DD */
};
typedef void entry_fn(const struct entry *e, void *arg);

/* NULL when DIR/portal.db cannot be opened or is not ours; says why on stderr. */
struct store *store_open(const char *dir);
void store_close(struct store *s);
bool store_healthy(struct store *s);

/* The caller has checked the lengths and the characters. */
enum result account_add(struct store *s, const char *user, const char *name, const char *password);
/* RES_NONE for an unknown user and a wrong password alike. */
enum result session_open(
    struct store *s, const char *user, const char *password, char token[SECRET_HEX_BYTES]);
enum result session_find(struct store *s, const char *token, struct account *out);
enum result session_close(struct store *s, const char *token);

enum result draft_add(
    struct store *s, int64_t account, const char *title, const char *body, int64_t *id);
/* A draft of another account is RES_NONE, as one that does not exist. */
enum result draft_get(struct store *s, int64_t account, int64_t id, entry_fn *run, void *arg);
enum result draft_delete(struct store *s, int64_t account, int64_t id);
enum result draft_list(struct store *s, int64_t account, entry_fn *run, void *arg);

enum result notice_get(struct store *s, enum lang lang, int64_t id, entry_fn *run, void *arg);
enum result notice_list(struct store *s, enum lang lang, entry_fn *run, void *arg);

#endif
