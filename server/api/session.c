#include "api/session.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_RANDOM_BYTES 32
#define BRAKE_ENTRIES                                                                              \
	4096 /* a power of two; colliding keys share a brake by pushing each other out */
#define BRAKE_FREE_TRIES 5
#define BRAKE_MAX_SECONDS 60
#define BRAKE_FORGET_MS (15 * 60 * 1000)

/* Consecutive wrong passwords of one account or from one address. */
struct brake {
	uint8_t key[16];
	int failures;
	int64_t last_ms;
};

struct sessions {
	struct session *oldest, *newest;
	size_t count;
	struct session **buckets;
	struct brake brakes[BRAKE_ENTRIES];
	char brake_salt
	    [SESSION_TOKEN_BYTES]; /* so that nobody can work out whose brake a name pushes out */
};

/* ---- sessions: a list by age and an open-addressing table by token hash ---- */

#define BUCKETS (4 * 8192) /* over three times SESSIONS_MAX */

struct sessions *
sessions_new(void)
{
	struct sessions *s = mem_alloc(sizeof *s);

	s->buckets = mem_array(BUCKETS, sizeof *s->buckets);
	random_token(TOKEN_RANDOM_BYTES, s->brake_salt);
	return s;
}

void
sessions_free(struct sessions *s)
{
	if (s == NULL)
		return;
	while (s->oldest != NULL)
		sessions_end(s, s->oldest);
	free(s->buckets);
	free(s);
}

static size_t
home_of(const uint8_t hash[SHA256_BYTES])
{
	uint32_t h;

	memcpy(&h, hash, sizeof h);
	return h & (BUCKETS - 1);
}

static size_t
bucket_of(const struct sessions *s, const uint8_t hash[SHA256_BYTES])
{
	size_t i = home_of(hash);

	while (s->buckets[i] != NULL && !secret_equal(s->buckets[i]->hash, hash, SHA256_BYTES))
		i = (i + 1) & (BUCKETS - 1);
	return i;
}

/* Closes the gap at i by moving back entries that probed past it (Knuth 6.4, algorithm R). */
static void
bucket_remove(struct sessions *s, size_t i)
{
	size_t j = i;

	for (;;) {
		size_t home;

		s->buckets[i] = NULL;
		do {
			j = (j + 1) & (BUCKETS - 1);
			if (s->buckets[j] == NULL)
				return;
			home = home_of(s->buckets[j]->hash);
		} while (((j - home) & (BUCKETS - 1)) < ((j - i) & (BUCKETS - 1)));
		s->buckets[i] = s->buckets[j];
		i = j;
	}
}

void
sessions_end(struct sessions *s, struct session *session)
{
	bucket_remove(s, bucket_of(s, session->hash));
	if (session->older != NULL)
		session->older->newer = session->newer;
	else
		s->oldest = session->newer;
	if (session->newer != NULL)
		session->newer->older = session->older;
	else
		s->newest = session->older;
	s->count--;
	mem_wipe(session, sizeof *session);
	free(session);
}

void
sessions_end_account(struct sessions *s, const struct account *a)
{
	struct session *next;

	for (struct session *i = s->oldest; i != NULL; i = next) {
		next = i->newer;
		if (i->account == a)
			sessions_end(s, i);
	}
}

static void
make_room(struct sessions *s, const struct account *a, int64_t now_ms)
{
	struct session *first = NULL, *next;
	size_t own = 0;

	for (struct session *i = s->oldest; i != NULL; i = next) {
		next = i->newer;
		if (i->expires_ms <= now_ms) {
			sessions_end(s, i);
		} else if (i->account == a) {
			own++;
			if (first == NULL)
				first = i;
		}
	}
	if (own >= SESSIONS_PER_ACCOUNT)
		sessions_end(s, first);
	if (s->count >= SESSIONS_MAX)
		sessions_end(s, s->oldest);
}

struct session *
sessions_begin(
    struct sessions *s, const struct account *a, int64_t now_ms, char token[SESSION_TOKEN_BYTES])
{
	struct session *n = mem_alloc(sizeof *n);

	make_room(s, a, now_ms);
	random_token(TOKEN_RANDOM_BYTES, token);
	random_token(TOKEN_RANDOM_BYTES, n->csrf);
	sha256(token, strlen(token), n->hash);
	n->account = a;
	n->expires_ms = now_ms + (int64_t)SESSION_SECONDS * 1000;
	n->older = s->newest;
	if (s->newest != NULL)
		s->newest->newer = n;
	else
		s->oldest = n;
	s->newest = n;
	s->buckets[bucket_of(s, n->hash)] = n;
	s->count++;
	return n;
}

struct session *
sessions_find(struct sessions *s, const char *token, size_t len, int64_t now_ms)
{
	uint8_t hash[SHA256_BYTES];
	struct session *found;

	if (len != SESSION_TOKEN_BYTES - 1)
		return NULL;
	sha256(token, len, hash);
	found = s->buckets[bucket_of(s, hash)];
	if (found != NULL && found->expires_ms <= now_ms) {
		sessions_end(s, found);
		return NULL;
	}
	return found;
}

/* ---- the brake ---- */

static struct brake *
brake_of(struct sessions *s, char kind, const char *name, int64_t now_ms)
{
	uint8_t hash[SHA256_BYTES];
	char text[200];
	struct brake *b;
	uint32_t at;

	snprintf(text, sizeof text, "%s%c%s", s->brake_salt, kind, name);
	sha256(text, strlen(text), hash);
	memcpy(&at, hash + 16, sizeof at);
	b = &s->brakes[at & (BRAKE_ENTRIES - 1)];
	if (memcmp(b->key, hash, sizeof b->key) != 0 || now_ms - b->last_ms > BRAKE_FORGET_MS) {
		*b = (struct brake){.last_ms = now_ms};
		memcpy(b->key, hash, sizeof b->key);
	}
	return b;
}

/*
 * An IPv6 site has 2^64 addresses to guess from: its /64 counts as one. By its bytes, for its text leaves out
 * zeros now here, now there. An IPv4 address is itself, also in its IPv6 clothes (RFC 4291 section 2.5.5.2).
 */
static const char *
peer_key(const char *peer, char out[64])
{
	struct in6_addr v6;

	if (inet_pton(AF_INET6, peer, &v6) != 1)
		return peer;
	if (IN6_IS_ADDR_V4MAPPED(&v6))
		inet_ntop(AF_INET, v6.s6_addr + 12, out, 64);
	else
		hex_encode(v6.s6_addr, 8, out);
	return out;
}

static int
brake_wait(const struct brake *b, int64_t now_ms)
{
	int over = b->failures - BRAKE_FREE_TRIES;
	int64_t wait, left;

	if (over < 0)
		return 0;
	wait = over < 6 ? 1 << over : BRAKE_MAX_SECONDS;
	if (wait > BRAKE_MAX_SECONDS)
		wait = BRAKE_MAX_SECONDS;
	left = b->last_ms + wait * 1000 - now_ms;
	return left > 0 ? (int)((left + 999) / 1000) : 0;
}

int
login_wait_seconds(struct sessions *s, const char *account, const char *peer, int64_t now_ms)
{
	char key[64];
	int a = brake_wait(brake_of(s, 'a', account, now_ms), now_ms);
	int p = brake_wait(brake_of(s, 'p', peer_key(peer, key), now_ms), now_ms);

	return a > p ? a : p;
}

static void
brake_press(struct brake *b, int64_t now_ms)
{
	b->failures++;
	b->last_ms = now_ms;
}

void
login_failed(struct sessions *s, const char *account, const char *peer, int64_t now_ms)
{
	char key[64];

	brake_press(brake_of(s, 'a', account, now_ms), now_ms);
	brake_press(brake_of(s, 'p', peer_key(peer, key), now_ms), now_ms);
}

void
login_succeeded(struct sessions *s, const char *account, const char *peer)
{
	char key[64];

	brake_of(s, 'a', account, 0)->failures = 0;
	brake_of(s, 'p', peer_key(peer, key), 0)->failures = 0;
}
