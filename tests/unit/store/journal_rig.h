/*
 * For the journal's tests: a journal in a directory of its own, events to put in, and what reading it back
 * shows, the chain included.
 */
#ifndef TESTS_STORE_JOURNAL_RIG_H
#define TESTS_STORE_JOURNAL_RIG_H

#include "scratch.h"
#include "store/journal.h"

static inline int
setup(void **state)
{
	static char dir[SCRATCH_BYTES];

	scratch_make(dir);
	*state = dir;
	return 0;
}

static inline int
teardown(void **state)
{
	scratch_remove(*state);
	return 0;
}

static inline struct journal *
open_journal(const char *dir)
{
	struct journal_options o = {.dir = dir};
	struct journal *j = NULL;
	struct why why = {""};

	if (journal_open(&o, &j, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return j;
}

static inline struct event
capture(int32_t tick)
{
	return (struct event){
	    .at_ms = 1813459200000 + tick,
	    .drill_ms = tick * 100,
	    .kind = EV_FLAG_CAPTURED,
	    .actor = "red-1",
	    .u.capture = {.team = "red-1", .system = "library-portal", .tick = tick},
	};
}

static inline struct event
check(int32_t tick, const char *message, const char *trace)
{
	return (struct event){
	    .at_ms = 1813459200000 + tick,
	    .drill_ms = tick * 100,
	    .kind = EV_CHECK_DONE,
	    .actor = "checker",
	    .u.check = {.system = "library-portal",
		.tick = tick,
		.status = ST_OK,
		.ms = 12,
		.message = message,
		.trace = trace,
		.saved = "{\"user\":\"u1\"}",
		.state = ""},
	};
}

static inline void
append(struct journal *j, struct event ev)
{
	assert_int_equal(journal_append(j, &ev), ERR_OK);
	assert_true(ev.seq > 0);
}

static inline uint64_t
drain(struct journal *j)
{
	struct journal_progress p;

	journal_drain(j, &p);
	if (p.failed)
		fail_msg("%s", p.failure);
	assert_int_equal(p.committed, p.appended);
	return p.committed;
}

static inline enum err
try_open(const char *dir, bool read_only, struct why *why)
{
	struct journal_options o = {.dir = dir, .read_only = read_only};
	struct journal *j = NULL;
	enum err e = journal_open(&o, &j, why);

	journal_close(j);
	return e;
}

/* ---- reading back ---- */

struct seen {
	uint64_t first, last, count, with_secret;
	uint8_t head[SHA256_BYTES];
	uint8_t salt[16];
	bool chain_holds;
	char body[256], secret[256], actor[64], kind[64];
	struct hasher *hasher;
};

static inline enum err
on_row(void *ctx, const struct journal_row *row, struct why *why)
{
	struct seen *s = ctx;
	uint8_t hash[SHA256_BYTES];

	(void)why;
	if (s->count == 0)
		s->first = row->seq;
	else if (row->seq != s->last + 1)
		s->chain_holds = false;
	journal_hash(s->hasher, s->head, row, hash);
	if (memcmp(hash, row->hash, sizeof(hash)) != 0)
		s->chain_holds = false;
	memcpy(s->head, hash, sizeof(hash));
	if (row->salt != NULL) {
		s->with_secret++;
		memcpy(s->salt, row->salt, sizeof(s->salt));
	}
	snprintf(s->body, sizeof(s->body), "%.*s", (int)row->body_len, row->body);
	snprintf(s->secret, sizeof(s->secret), "%.*s", (int)row->secret_len, row->secret);
	snprintf(s->actor, sizeof(s->actor), "%s", row->actor);
	snprintf(s->kind, sizeof(s->kind), "%s", row->kind);
	s->last = row->seq;
	s->count++;
	return ERR_OK;
}

static inline enum err
read_some(struct journal *j, uint64_t from, uint64_t to, struct seen *s, struct why *why)
{
	enum err e;

	memset(s, 0, sizeof(*s));
	s->chain_holds = true;
	s->hasher = hasher_new();
	e = journal_read(j, from, to, on_row, s, why);
	hasher_free(s->hasher);
	return e;
}

static inline struct seen
read_all(struct journal *j)
{
	struct why why = {""};
	struct seen s;

	if (read_some(j, 1, 0, &s, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return s;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
