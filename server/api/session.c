#include "api/session.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_RANDOM_BYTES 32
#define BRAKE_SETS 512 /* a power of two */
#define BRAKE_WAYS 8   /* entries of a set; a new one pushes out the one with the fewest failures */
#define BRAKE_KEY_BYTES 16
#define BRAKE_FREE_TRIES 5
#define BRAKE_MAX_SECONDS 60
#define BRAKE_FORGET_MS (15 * 60 * 1000)

/* Consecutive wrong passwords of one account or from one address. */
struct brake {
	uint8_t key[BRAKE_KEY_BYTES];
	int failures;
	int under_way; /* attempts not yet judged; with failures 0: the entry is free */
	int64_t last_ms;
};

struct sessions {
	struct session *oldest, *newest;
	size_t count;
	uint64_t logins[LOGIN_COUNT];
	struct session **buckets;
	struct mac *brake_mac; /* of a key of this run: nobody can pick names that share a set */
	struct brake brakes[BRAKE_SETS][BRAKE_WAYS];
};

/* ---- sessions: a list by age and an open-addressing table by token hash ---- */

#define BUCKETS (4 * 8192) /* over three times SESSIONS_MAX */

struct sessions *
sessions_new(void)
{
	struct sessions *s = mem_alloc(sizeof *s);
	uint8_t key[SHA256_BYTES];

	s->buckets = mem_array(BUCKETS, sizeof *s->buckets);
	random_bytes(key, sizeof key);
	s->brake_mac = mac_new(key, sizeof key);
	mem_wipe(key, sizeof key);
	return s;
}

void
sessions_free(struct sessions *s)
{
	if (s == NULL)
		return;
	while (s->oldest != NULL)
		sessions_end(s, s->oldest);
	mac_free(s->brake_mac);
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

size_t
sessions_count(const struct sessions *s)
{
	return s->count;
}

const uint64_t *
sessions_logins(const struct sessions *s)
{
	return s->logins;
}

/* ---- the brake ---- */

static struct brake *
brake_set(struct sessions *s, char kind, const char *name, uint8_t key[BRAKE_KEY_BYTES])
{
	uint8_t tag[SHA256_BYTES];
	char text[160];
	uint32_t at;

	snprintf(text, sizeof text, "%c%s", kind, name);
	mac_tag(s->brake_mac, text, strlen(text), tag);
	memcpy(key, tag, BRAKE_KEY_BYTES);
	memcpy(&at, tag + BRAKE_KEY_BYTES, sizeof at);
	return s->brakes[at & (BRAKE_SETS - 1)];
}

/* The entry of a set that has this key, or NULL. */
static struct brake *
brake_find(struct brake *set, const uint8_t key[BRAKE_KEY_BYTES], int64_t now_ms)
{
	for (int i = 0; i < BRAKE_WAYS; i++)
		if (set[i].failures + set[i].under_way > 0 &&
		    now_ms - set[i].last_ms <= BRAKE_FORGET_MS &&
		    memcmp(set[i].key, key, BRAKE_KEY_BYTES) == 0)
			return &set[i];
	return NULL;
}

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

/* Only looks: who must wait leaves no trace, and pushes nobody out. */
static int
brake_wait(struct sessions *s, char kind, const char *name, int64_t now_ms)
{
	uint8_t key[BRAKE_KEY_BYTES];
	const struct brake *b = brake_find(brake_set(s, kind, name, key), key, now_ms);
	int over = b != NULL ? b->failures + b->under_way - BRAKE_FREE_TRIES : -1;
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
	int a = brake_wait(s, 'a', account, now_ms);
	int p = brake_wait(s, 'p', peer_key(peer, key), now_ms);

	return a > p ? a : p;
}

/* Whom a new entry pushes out: one that is free or forgotten, else the one that has failed the least. */
static struct brake *
brake_victim(struct brake *set, int64_t now_ms)
{
	struct brake *least = &set[0];

	for (int i = 0; i < BRAKE_WAYS; i++) {
		if (set[i].failures + set[i].under_way == 0 ||
		    now_ms - set[i].last_ms > BRAKE_FORGET_MS)
			return &set[i];
		if (set[i].failures + set[i].under_way < least->failures + least->under_way)
			least = &set[i];
	}
	return least;
}

static struct brake *
brake_of(struct sessions *s, char kind, const char *name, int64_t now_ms)
{
	uint8_t key[BRAKE_KEY_BYTES];
	struct brake *set = brake_set(s, kind, name, key), *b = brake_find(set, key, now_ms);

	if (b == NULL) {
		b = brake_victim(set, now_ms);
		*b = (struct brake){0};
		memcpy(b->key, key, BRAKE_KEY_BYTES);
	}
	b->last_ms = now_ms;
	return b;
}

void
login_begun(struct sessions *s, const char *account, int64_t now_ms)
{
	brake_of(s, 'a', account, now_ms)->under_way++;
}

static void
brake_attempt_over(struct brake *b)
{
	if (b->under_way > 0)
		b->under_way--;
}

void
login_failed(struct sessions *s, const char *account, const char *peer, int64_t now_ms)
{
	struct brake *b = brake_of(s, 'a', account, now_ms);
	char key[64];

	s->logins[LOGIN_WRONG]++;
	brake_attempt_over(b);
	b->failures++;
	brake_of(s, 'p', peer_key(peer, key), now_ms)->failures++;
}

void
login_succeeded(struct sessions *s, const char *account, const char *peer)
{
	char key[64];
	uint8_t id[BRAKE_KEY_BYTES];
	struct brake *b = brake_find(brake_set(s, 'a', account, id), id, 0);

	s->logins[LOGIN_OK]++;
	if (b != NULL) {
		brake_attempt_over(b);
		b->failures = 0;
	}
	b = brake_find(brake_set(s, 'p', peer_key(peer, key), id), id, 0);
	if (b != NULL)
		b->failures = 0;
}

void
login_refused(struct sessions *s, enum login_end how)
{
	s->logins[how]++;
}
