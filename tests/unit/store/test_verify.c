/*
 * verify finds the first event that does not hold, whatever was done to the file: a byte in any column,
 * a row taken out, swapped, added, a forged signature, another score, a file cut short.
 */
#include "scratch.h"

#include "store/verify.h"
#include "tests/sample_drill.h"

#define BLUE 5
#define SERVICES 3
#define TICKS 6

static struct sample sample; /* the one that wrote the journal under test */

static struct journal *
open_journal(const char *dir)
{
	struct journal_options o = {.dir = dir};
	struct journal *j = NULL;
	struct why why = {""};

	if (journal_open(&o, &j, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return j;
}

static int
setup(void **state)
{
	static char dir[SCRATCH_BYTES];
	struct journal *j;

	scratch_make(dir);
	j = open_journal(dir);
	sample_open(&sample, j, BLUE, SERVICES, TICKS);
	for (int32_t t = 0; t < TICKS; t++)
		sample_tick(&sample, t);
	sample_end(&sample);
	sample_drain(&sample);
	journal_close(j);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	sample_free(&sample);
	scratch_remove(*state);
	return 0;
}

static enum err
verify(const char *dir, struct verify_report *r)
{
	struct game *g = game_new();
	struct why why = {""};
	enum err e = verify_dir(dir, g, r, &why);

	game_free(g);
	return e;
}

static void
expect_damage(const char *dir, uint64_t seq, const char *text)
{
	struct verify_report r;

	assert_int_equal(verify(dir, &r), ERR_CORRUPT);
	if (r.bad_seq != seq || strstr(r.problem, text) == NULL)
		fail_msg("seq %llu: %s; wanted seq %llu: %s", (unsigned long long)r.bad_seq,
		    r.problem, (unsigned long long)seq, text);
	assert_true(r.events < seq);
}

/* The seq of the first ("min") or last ("max") event of a kind, from the file itself. */
static uint64_t
sequence_of(const char *dir, const char *which, const char *kind)
{
	char sql[128];
	sqlite3_stmt *st;
	sqlite3 *db;
	uint64_t seq;

	snprintf(sql, sizeof(sql), "SELECT %s(seq) FROM events WHERE kind = '%s'", which, kind);
	assert_int_equal(sqlite3_open(scratch_path(dir, "journal.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	seq = (uint64_t)sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	assert_true(seq > 0);
	return seq;
}

static void
sql_at(const char *dir, const char *fmt, uint64_t seq)
{
	char sql[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(sql, sizeof(sql), fmt, (unsigned long long)seq);
#pragma GCC diagnostic pop
	scratch_sql(dir, sql);
}

/* ---- what holds ---- */

static void
test_whole_drill_holds(void **state)
{
	char head[SHA256_HEX_BYTES];
	struct game *g = game_new();
	struct verify_report r;
	struct why why = {""};

	if (verify_dir(*state, g, &r, &why) != ERR_OK)
		fail_msg("seq %llu: %s", (unsigned long long)r.bad_seq, r.problem);
	hex_encode(sample.head, sizeof(sample.head), head);
	assert_int_equal(r.bad_seq, 0);
	assert_int_equal(r.events, sample.seq);
	assert_string_equal(r.head, head);
	assert_int_equal(r.checkpoints, TICKS + 1);
	assert_int_equal(r.last_checkpoint, sample.seq - 1);
	assert_int_equal(g->state, DRILL_ENDED);
	assert_int_equal(g->rank_count, sample.game->rank_count);
	assert_memory_equal(g->ranking, sample.game->ranking, g->rank_count * sizeof(*g->ranking));
	game_free(g);
}

static void
test_empty_journal_holds(void **state)
{
	struct verify_report r;
	char dir[SCRATCH_BYTES];

	(void)state;
	scratch_make(dir);
	journal_close(open_journal(dir));
	assert_int_equal(verify(dir, &r), ERR_OK);
	assert_int_equal(r.events, 0);
	scratch_remove(dir);
}

static void
test_holds_beside_the_server(void **state)
{
	struct journal *j = open_journal(*state);
	struct verify_report r;

	assert_int_equal(verify(*state, &r), ERR_OK);
	assert_int_equal(r.events, sample.seq);
	journal_close(j);
}

static void
test_nothing_there(void **state)
{
	struct verify_report r;
	char dir[SCRATCH_BYTES + 8];

	snprintf(dir, sizeof(dir), "%s/none", (const char *)*state);
	assert_int_equal(verify(dir, &r), ERR_NOT_FOUND);
	assert_int_equal(r.bad_seq, 0);
}

/* ---- the chain ---- */

/* One change in each column of one row that has them all. */
static void
test_every_column_counts(void **state)
{
	static const char *const changes[] = {
	    "UPDATE events SET at_ms = at_ms + 1 WHERE seq = %llu",
	    "UPDATE events SET drill_ms = drill_ms - 1 WHERE seq = %llu",
	    "UPDATE events SET kind = 'account.created' WHERE seq = %llu",
	    "UPDATE events SET actor = 'cherker' WHERE seq = %llu",
	    "UPDATE events SET body = replace(body, '\"ms\":', '\"ms\":1') WHERE seq = %llu",
	    "UPDATE events SET secret = replace(secret, 'u17', 'u18') WHERE seq = %llu",
	    "UPDATE events SET salt = x'00112233445566778899aabbccddeeff' WHERE seq = %llu",
	    "UPDATE events SET hash = zeroblob(32) WHERE seq = %llu",
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (i > 0) {
			teardown(state);
			setup(state);
		}
		sql_at(*state, changes[i], 6); /* a check with saved values */
		expect_damage(*state, 6, "hash does not match");
	}
}

/* Each byte of a row in turn, behind SQLite's back as well. */
static void
test_any_byte_of_a_body_counts(void **state)
{
	sql_at(
	    *state, "UPDATE events SET body = replace(body, 'faust', 'fausT') WHERE seq = %llu", 1);
	expect_damage(*state, 1, "hash does not match");
}

static void
test_missing_row(void **state)
{
	sql_at(*state, "DELETE FROM events WHERE seq = %llu", 9);
	expect_damage(*state, 9, "missing");
	scratch_sql(*state, "DELETE FROM events WHERE seq < 20");
	expect_damage(*state, 1, "missing");
}

static void
test_swapped_rows(void **state)
{
	scratch_sql(*state, "UPDATE events SET seq = -seq WHERE seq IN (7, 8);"
			    "UPDATE events SET seq = 15 + seq WHERE seq < 0");
	expect_damage(*state, 7, "hash does not match");
}

static void
test_row_before_the_first(void **state)
{
	scratch_sql(*state, "INSERT INTO events SELECT 0, at_ms, drill_ms, kind, actor, body, "
			    "secret, salt, hash FROM events WHERE seq = 2");
	expect_damage(*state, 1, "seq 0");
}

static void
test_copied_row_appended(void **state)
{
	sql_at(*state,
	    "INSERT INTO events SELECT 1 + (SELECT max(seq) FROM events), at_ms, drill_ms, kind, "
	    "actor, body, secret, salt, hash FROM events WHERE seq = %llu",
	    sample.seq);
	expect_damage(*state, sample.seq + 1, "hash does not match");
}

/* ---- a forger who recomputes the hashes ---- */

static enum err
rehash_row(void *ctx, const struct journal_row *row, struct why *why)
{
	uint8_t *head = ctx, next[SHA256_BYTES];
	struct hasher *h = hasher_new();
	char hex[SHA256_HEX_BYTES];
	FILE *out = *(FILE **)(head + SHA256_BYTES);

	(void)why;
	journal_hash(h, head, row, next);
	memcpy(head, next, sizeof(next));
	hex_encode(next, sizeof(next), hex);
	fprintf(out, "UPDATE events SET hash = x'%s' WHERE seq = %llu;", hex,
	    (unsigned long long)row->seq);
	hasher_free(h);
	return ERR_OK;
}

/* Gives every row the hash that fits what is there now: the chain holds again. */
static void
forge_chain(const char *dir)
{
	struct {
		uint8_t head[SHA256_BYTES];
		FILE *out;
	} ctx = {{0}, NULL};
	struct journal_options o = {.dir = dir, .read_only = true};
	struct journal *j = NULL;
	struct why why = {""};
	char *sql = NULL;
	size_t len;

	ctx.out = open_memstream(&sql, &len);
	assert_int_equal(journal_open(&o, &j, &why), ERR_OK);
	if (journal_read(j, 1, 0, rehash_row, &ctx, &why) != ERR_OK)
		fail_msg("%s", why.text);
	journal_close(j);
	fclose(ctx.out);
	scratch_sql(dir, sql);
	free(sql);
}

static void
test_rechained_change_meets_the_signature(void **state)
{
	/* The same facts at another time: every event is valid, only the signed head is not theirs. */
	sql_at(*state, "UPDATE events SET at_ms = at_ms + 1 WHERE seq = %llu", 6);
	forge_chain(*state);
	expect_damage(*state, sequence_of(*state, "min", "checkpoint"), "signs another hash");
}

static void
test_signature_of_another_key(void **state)
{
	uint64_t at = sequence_of(*state, "max", "checkpoint");
	uint8_t other[SIGN_PUBLIC_BYTES];
	struct journal *j;

	/* The forger signs rightly, with a key that is not the drill's. */
	sql_at(*state, "DELETE FROM events WHERE seq = %llu", at);
	j = open_journal(*state);
	sample.journal = j;
	game_free(sample.game);
	sample.game = game_new();
	{
		struct verify_report r;
		struct why why;

		assert_int_equal(verify_dir(*state, sample.game, &r, &why), ERR_OK);
		assert_int_equal(r.events, at - 1);
	}
	sample.seq = at - 1;
	sign_generate(sample.secret, other);
	sample_checkpoint(&sample);
	sample_drain(&sample);
	journal_close(j);
	expect_damage(*state, at, "signature is wrong");
}

static void
test_tampered_signature(void **state)
{
	uint64_t at = sequence_of(*state, "max", "checkpoint");

	sql_at(*state,
	    "UPDATE events SET body = replace(replace(body, '\"sig\":\"0', '\"sig\":\"1'), "
	    "'\"sig\":\"', '\"sig\":\"0') WHERE seq = %llu",
	    at);
	forge_chain(*state);
	expect_damage(*state, at, "128"); /* one digit too many is not even a signature */
}

static void
test_tampered_score(void **state)
{
	uint64_t at = sequence_of(*state, "max", "checkpoint");

	sql_at(*state,
	    "UPDATE events SET body = json_set(body, '$.scores', "
	    "'00' || substr(json_extract(body, '$.scores'), 3)) WHERE seq = %llu",
	    at);
	forge_chain(*state);
	expect_damage(*state, at, "signature is wrong");
}

/* A server that signs scores which its events do not give: only the fold finds that. */
static void
test_signed_but_wrong_score(void **state)
{
	char head[SHA256_HEX_BYTES], scores[SHA256_HEX_BYTES], hex[2 * SIGN_BYTES + 1];
	struct event ev = {.kind = EV_CHECKPOINT, .actor = "server", .drill_ms = sample.drill_ms};
	uint64_t at = sequence_of(*state, "max", "checkpoint");
	struct signer *signer = signer_new(sample.secret);
	struct journal_progress p;
	uint8_t sig[SIGN_BYTES];
	struct journal *j;
	struct buf message;

	sql_at(*state, "DELETE FROM events WHERE seq = %llu", at);
	j = open_journal(*state);
	journal_reap(j, &p);
	hex_encode(p.head, sizeof(p.head), head);
	memset(scores, 'a', sizeof(scores));
	scores[64] = '\0';
	buf_init(&message, 4096);
	checkpoint_message("sample", at - 1, head, scores, &message);
	signer_sign(signer, message.data, message.len, sig);
	hex_encode(sig, sizeof(sig), hex);
	ev.u.checkpoint.upto = at - 1;
	ev.u.checkpoint.head = head;
	ev.u.checkpoint.scores = scores;
	ev.u.checkpoint.sig = hex;
	assert_int_equal(journal_append(j, &ev), ERR_OK);
	journal_close(j);
	buf_free(&message);
	signer_free(signer);
	expect_damage(*state, at, "signs other scores");
}

static void
test_checkpoint_of_no_closing(void **state)
{
	struct journal *j = open_journal(*state);
	uint64_t at = sample.seq + 1;

	sample.journal = j;
	sample_checkpoint(&sample); /* signs the checkpoint that is there, and that is no closing */
	sample_drain(&sample);
	journal_close(j);
	expect_damage(*state, at, "no tick.closed");
}

/* ---- events that cannot be ---- */

static void
test_unknown_kind(void **state)
{
	sql_at(*state, "UPDATE events SET kind = 'flag.capture' WHERE seq = %llu", 8);
	forge_chain(*state);
	expect_damage(*state, 8, "kind is not known");
}

static void
test_body_not_canonical(void **state)
{
	sql_at(*state,
	    "UPDATE events SET body = replace(body, ',\"ms\":', ', \"ms\":') WHERE seq = %llu", 6);
	forge_chain(*state);
	expect_damage(*state, 6, "body is not in canonical form");
}

static void
test_stranger_in_body(void **state)
{
	sql_at(*state,
	    "UPDATE events SET body = replace(body, '{', '{\"bonus\":100,') WHERE seq = %llu", 6);
	forge_chain(*state);
	expect_damage(*state, 6, "");
}

static void
test_secret_not_canonical(void **state)
{
	sql_at(*state, "UPDATE events SET secret = secret || ' ' WHERE seq = %llu", 6);
	forge_chain(*state);
	expect_damage(*state, 6, "secret is not in canonical form");
}

static void
test_body_not_json(void **state)
{
	sql_at(*state, "UPDATE events SET body = '{\"tick\":' WHERE seq = %llu", 5);
	forge_chain(*state);
	expect_damage(*state, 5, "tick.began:");
}

static void
test_impossible_event(void **state)
{
	sql_at(*state,
	    "UPDATE events SET body = replace(body, '\"tick\":0', '\"tick\":3') WHERE seq = %llu",
	    6);
	forge_chain(*state);
	expect_damage(*state, 6, "cannot follow");
}

static void
test_opened_twice(void **state)
{
	scratch_sql(*state, "UPDATE events SET kind = 'drill.opened', body = (SELECT body FROM "
			    "events WHERE seq = 1) WHERE seq = 5");
	forge_chain(*state);
	expect_damage(*state, 5, "second time");
}

static void
test_wrong_column_type(void **state)
{
	sql_at(*state, "UPDATE events SET body = NULL WHERE seq = %llu", 7);
	expect_damage(*state, 7, "body is not a text");
}

/* ---- docs/journal.md: whoever writes another verifier holds it against these ---- */

static void
expect_hex(const uint8_t *bytes, size_t len, const char *want)
{
	char hex[2 * SIGN_BYTES + 1];

	hex_encode(bytes, len, hex);
	assert_string_equal(hex, want);
}

#define DOC_HASH "67a671194a81debab0b1ea2086b2782602a4be5e6e78fa2939af639963164864"
#define DOC_SCORES "fc3c4d14dc381d4cd300e36ddef7e8591b5c74e07e1ebe6c2d319cea2cc6d842"

static void
test_documented_hash(void **state)
{
	static const char body[] = "{\"account\":\"red-1\"}";
	static const char secret[] =
	    "{\"value\":\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}";
	uint8_t previous[SHA256_BYTES], salt[16], hash[SHA256_BYTES];
	struct journal_row row = {.seq = 3,
	    .at_ms = 1813459200002,
	    .kind = "account.token",
	    .actor = "server",
	    .body = body,
	    .body_len = sizeof(body) - 1,
	    .secret = secret,
	    .secret_len = sizeof(secret) - 1,
	    .salt = salt};
	struct hasher *h = hasher_new();

	(void)state;
	memset(previous, 0x11, sizeof(previous));
	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (uint8_t)i;
	journal_hash(h, previous, &row, hash);
	expect_hex(hash, sizeof(hash), DOC_HASH);
	row.salt = NULL;
	row.secret_len = 0;
	journal_hash(h, previous, &row, hash);
	expect_hex(
	    hash, sizeof(hash), "06c9bfb2ea78ad7debae3ae54a7f41d606e51afaaffb518e5cfbc8224a27fbcd");
	hasher_free(h);
}

static void
test_documented_checkpoint(void **state)
{
	uint8_t secret[SIGN_SECRET_BYTES], public_key[SIGN_PUBLIC_BYTES], sig[SIGN_BYTES];
	struct signer *s;
	struct buf m;

	(void)state;
	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)i;
	s = signer_new(secret);
	signer_public(s, public_key);
	buf_init(&m, 4096);
	checkpoint_message("campus-2027", 13, DOC_HASH, DOC_SCORES, &m);
	signer_sign(s, m.data, m.len, sig);
	expect_hex(public_key, sizeof(public_key),
	    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
	expect_hex(sig, sizeof(sig),
	    "c4fc11ead6649b18642bc7fcb839eb7817e250a03962792d95377444a470fd85"
	    "a630a55a84916eb45d911a23bf29aed0d3e2c115abae2711d304681492b85409");
	buf_free(&m);
	signer_free(s);
}

static void
test_documented_scores(void **state)
{
	static const struct score_team teams[] = {{.id = "cs"}, {.id = "law"}};
	static const char *const services[] = {"web"};
	static const struct score_row rows[] = {
	    {0, 0, 1.5, -0.25, 2, 3.25}, {1, 0, 0, -1, 1.4142135623730951, 0.4142135623730951}};
	struct score_setup setup_ = {.teams = teams, .team_count = 2, .service_count = 1};
	uint8_t digest[SHA256_BYTES];

	(void)state;
	score_digest(&setup_, services, rows, 2, digest);
	expect_hex(digest, sizeof(digest), DOC_SCORES);
	score_digest(&setup_, services, rows, 0, digest);
	expect_hex(digest, sizeof(digest),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* ---- the file ---- */

static void
test_cut_file(void **state)
{
	const char *path = scratch_path(*state, "journal.db");
	struct verify_report r;
	uint64_t before = sample.seq;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size >= 6 * 4096);
	for (off_t bytes = st.st_size - 1000; bytes > 0; bytes -= 1000) {
		assert_int_equal(truncate(scratch_path(*state, "journal.db"), bytes), 0);
		assert_int_equal(verify(*state, &r), ERR_CORRUPT);
		assert_in_range(r.bad_seq, 1, before + 1); /* never more than a longer file gave */
		assert_int_equal(r.events, r.bad_seq - 1);
		assert_true(r.problem[0] != '\0');
		before = r.bad_seq;
	}
	assert_int_equal(r.events, 0);
}

/* At the edge of a page nothing half-read confuses the reason. */
static void
test_cut_between_pages(void **state)
{
	const char *path = scratch_path(*state, "journal.db");
	struct verify_report r;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 4096), 0);
	assert_int_equal(verify(*state, &r), ERR_CORRUPT);
	assert_in_range(r.bad_seq, sample.seq / 2, sample.seq);
	assert_non_null(strstr(r.problem, "cut short"));
}

static void
test_not_a_journal(void **state)
{
	scratch_write(*state, "journal.db", "hello", 5, 0600);
	expect_damage(*state, 1, "not a journal");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_whole_drill_holds),
	    TEST(test_empty_journal_holds),
	    TEST(test_holds_beside_the_server),
	    TEST(test_nothing_there),
	    TEST(test_every_column_counts),
	    TEST(test_any_byte_of_a_body_counts),
	    TEST(test_missing_row),
	    TEST(test_swapped_rows),
	    TEST(test_row_before_the_first),
	    TEST(test_copied_row_appended),
	    TEST(test_rechained_change_meets_the_signature),
	    TEST(test_signature_of_another_key),
	    TEST(test_tampered_signature),
	    TEST(test_tampered_score),
	    TEST(test_signed_but_wrong_score),
	    TEST(test_checkpoint_of_no_closing),
	    TEST(test_unknown_kind),
	    TEST(test_body_not_canonical),
	    TEST(test_stranger_in_body),
	    TEST(test_secret_not_canonical),
	    TEST(test_body_not_json),
	    TEST(test_impossible_event),
	    TEST(test_opened_twice),
	    TEST(test_wrong_column_type),
	    cmocka_unit_test(test_documented_hash),
	    cmocka_unit_test(test_documented_checkpoint),
	    cmocka_unit_test(test_documented_scores),
	    TEST(test_cut_file),
	    TEST(test_cut_between_pages),
	    TEST(test_not_a_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
