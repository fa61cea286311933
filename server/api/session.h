/*
 * Browser sessions and the brake on guessing passwords. In memory only: after a restart one signs in
 * again. Bounded: the oldest session of an account, and then of all, makes room. On the loop's thread.
 */
#ifndef DRILLD_API_SESSION_H
#define DRILLD_API_SESSION_H

#include "base/hash.h"
#include "core/account.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SESSION_TOKEN_BYTES 44 /* with the NUL */
#define SESSION_SECONDS (12 * 3600)
#define SESSIONS_PER_ACCOUNT 8
#define SESSIONS_MAX 10000

struct session {
	const struct account *account;
	char csrf[SESSION_TOKEN_BYTES];
	uint8_t hash[SHA256_BYTES]; /* of the cookie's token: a dump of memory opens no session */
	int64_t expires_ms;         /* monotonic */
	struct session *older, *newer;
};

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions *s);

/* A new session; token receives the cookie's value. Never NULL; lives until it expires, is ended or pushed out. */
struct session *sessions_begin(
    struct sessions *s, const struct account *a, int64_t now_ms, char token[SESSION_TOKEN_BYTES]);
struct session *sessions_find(
    struct sessions *s, const char *token, size_t len, int64_t now_ms); /* or NULL */
void sessions_end(struct sessions *s, struct session *session);
void sessions_end_account(struct sessions *s, const struct account *a);

/* What came of an attempt to sign in. */
enum login_end { LOGIN_OK, LOGIN_WRONG, LOGIN_BRAKED, LOGIN_BUSY, LOGIN_COUNT };

/*
 * The brake: after five wrong passwords in a row an account, and an address (IPv6: its /64), must wait 1 s,
 * then 2, 4, ... up to 60 s between attempts. Attempts under way count against their account as if they had
 * failed, so that many at once cannot outrun it; an address may have as many under way as it likes, for a
 * whole class may sit behind one.
 *
 * Seconds still to wait, or 0: then login_begun, and once it is known login_failed or login_succeeded.
 */
int login_wait_seconds(struct sessions *s, const char *account, const char *peer, int64_t now_ms);
void login_begun(struct sessions *s, const char *account, int64_t now_ms);
void login_failed(struct sessions *s, const char *account, const char *peer, int64_t now_ms);
void login_succeeded(struct sessions *s, const char *account, const char *peer);
/* No attempt at all: it must wait (LOGIN_BRAKED), or no room to compare its password (LOGIN_BUSY). */
void login_refused(struct sessions *s, enum login_end how);

/* Sessions now; one that has expired counts until it is cleared away. */
size_t sessions_count(const struct sessions *s);
/* Attempts by what came of them, since the start. */
const uint64_t *sessions_logins(const struct sessions *s);

#endif
