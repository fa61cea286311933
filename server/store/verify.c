#include "store/verify.h"

#include "base/mem.h"
#include "store/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define U64(x) ((unsigned long long)(x))

/* A closing (event_is_closing) that a checkpoint may come to sign. */
struct closing {
	uint64_t seq;
	char head[SHA256_HEX_BYTES];
	char scores[SHA256_HEX_BYTES];
};

struct walk {
	struct game *game;
	struct verify_report *out;
	struct hasher *hasher;
	struct arena arena;
	struct drill_config config; /* of drill.opened: the game keeps a copy of its own */
	uint8_t head[SHA256_BYTES];
	struct buf body, secret, message;
	struct closing *closings; /* since the last checkpoint; game_apply bounds ticks and voids */
	size_t closing_count;
};

static enum err damage(struct walk *w, uint64_t seq, const char *fmt, ...) PRINTF_LIKE(3, 4);

static enum err
damage(struct walk *w, uint64_t seq, const char *fmt, ...)
{
	va_list ap;

	w->out->bad_seq = seq;
	va_start(ap, fmt);
	vsnprintf(w->out->problem, sizeof(w->out->problem), fmt, ap);
	va_end(ap);
	/* It may quote what a forger wrote, and is printed on a terminal. */
	for (char *c = w->out->problem; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return ERR_CORRUPT;
}

/* ---- the chain ---- */

static enum err
check_chain(struct walk *w, const struct journal_row *row, uint8_t hash[SHA256_BYTES])
{
	uint64_t expected = w->out->events + 1;

	if (row->seq > expected + 1)
		return damage(
		    w, expected, "it is missing, and so is all up to seq %llu", U64(row->seq - 1));
	if (row->seq != expected)
		return damage(w, expected, "it is missing; the next event there is has seq %llu",
		    U64(row->seq));
	journal_hash(w->hasher, w->head, row, hash);
	if (memcmp(hash, row->hash, SHA256_BYTES) != 0)
		return damage(w, row->seq,
		    "the hash does not match the event and the hash before it: the event was "
		    "changed, "
		    "moved or put in after it was written");
	return ERR_OK;
}

/* ---- the event itself ---- */

static bool
same_text(const struct buf *a, const char *b, size_t len)
{
	return a->len == len && (len == 0 || memcmp(a->data, b, len) == 0);
}

/* Two spellings of one fact would be two hashes of it: only the canonical one counts. */
static enum err
check_canonical(struct walk *w, const struct journal_row *row, const struct event *ev)
{
	buf_reset(&w->body);
	buf_reset(&w->secret);
	if (event_encode(ev, &w->body, &w->secret) != ERR_OK)
		return damage(w, row->seq, "the event cannot be written again");
	if (!same_text(&w->body, row->body, row->body_len))
		return damage(w, row->seq, "the body is not in canonical form");
	if (!same_text(&w->secret, row->secret, row->secret_len))
		return damage(w, row->seq, "the secret is not in canonical form");
	return ERR_OK;
}

static enum err
decode(struct walk *w, const struct journal_row *row, struct event *ev)
{
	struct why why;

	*ev = (struct event){
	    .seq = row->seq, .at_ms = row->at_ms, .drill_ms = row->drill_ms, .actor = row->actor};
	if (!event_kind_parse(row->kind, &ev->kind))
		return damage(w, row->seq, "its kind is not known to this program");
	if (ev->kind == EV_DRILL_OPENED && w->game->config != NULL)
		return damage(w, row->seq, "the drill is opened a second time");
	if (event_decode(ev, row->body, row->body_len, row->secret, row->secret_len, &w->arena,
		&w->config, &why) != ERR_OK)
		return damage(w, row->seq, "%s: %s", row->kind, why.text);
	return check_canonical(w, row, ev);
}

/* ---- checkpoints ---- */

static void
remember_closing(struct walk *w, const struct event *ev, const uint8_t hash[SHA256_BYTES])
{
	struct closing *c;

	if (!event_is_closing(ev->kind))
		return;
	w->closings = mem_resize(w->closings, w->closing_count + 1, sizeof(*w->closings));
	c = &w->closings[w->closing_count++];
	c->seq = ev->seq;
	hex_encode(hash, SHA256_BYTES, c->head);
	game_score_digest(w->game, c->scores);
}

static const struct closing *
closing_find(const struct walk *w, uint64_t seq)
{
	for (size_t i = 0; i < w->closing_count; i++)
		if (w->closings[i].seq == seq)
			return &w->closings[i];
	return NULL;
}

static bool
signature_holds(struct walk *w, const struct event *ev)
{
	const struct drill_config *config = w->game->config;
	uint8_t key[SIGN_PUBLIC_BYTES], sig[SIGN_BYTES];
	const char *hex = ev->u.checkpoint.sig;

	if (strlen(hex) != 2 * sizeof(sig) || !hex_decode(hex, 2 * sizeof(sig), sig) ||
	    strlen(config->sign_key) != 2 * sizeof(key) ||
	    !hex_decode(config->sign_key, 2 * sizeof(key), key))
		return false;
	buf_reset(&w->message);
	checkpoint_message(config->id, ev->u.checkpoint.upto, ev->u.checkpoint.head,
	    ev->u.checkpoint.scores, &w->message);
	return !w->message.failed && sign_verify(key, w->message.data, w->message.len, sig);
}

static enum err
check_checkpoint(struct walk *w, const struct event *ev)
{
	uint64_t upto = ev->u.checkpoint.upto;
	const struct closing *c;

	if (w->game->config == NULL)
		return damage(w, ev->seq, "a checkpoint before drill.opened, which names the key");
	if (!signature_holds(w, ev))
		return damage(w, ev->seq,
		    "the checkpoint's signature is wrong: not made with this drill's key");
	if ((c = closing_find(w, upto)) == NULL)
		return damage(w, ev->seq,
		    "the checkpoint signs seq %llu, which is no tick.closed, drill.ended, "
		    "void.adopted or void.dropped since the last checkpoint",
		    U64(upto));
	if (strcmp(c->head, ev->u.checkpoint.head) != 0)
		return damage(w, ev->seq,
		    "the checkpoint signs another hash for seq %llu: the events before it were "
		    "rewritten after it was signed",
		    U64(upto));
	if (strcmp(c->scores, ev->u.checkpoint.scores) != 0)
		return damage(w, ev->seq,
		    "the checkpoint signs other scores than the events up to seq %llu give",
		    U64(upto));
	return ERR_OK;
}

static void
count_checkpoint(struct walk *w, const struct event *ev)
{
	size_t kept = 0;

	w->out->checkpoints++;
	w->out->last_checkpoint = ev->u.checkpoint.upto;
	for (size_t i = 0; i < w->closing_count; i++)
		if (w->closings[i].seq > ev->u.checkpoint.upto)
			w->closings[kept++] = w->closings[i];
	w->closing_count = kept;
}

/* ---- the walk ---- */

static enum err
on_row(void *ctx, const struct journal_row *row, struct why *why)
{
	struct walk *w = ctx;
	uint8_t hash[SHA256_BYTES];
	struct event ev;
	enum err e;

	arena_reset(&w->arena);
	if ((e = check_chain(w, row, hash)) != ERR_OK || (e = decode(w, row, &ev)) != ERR_OK)
		return e;
	if (ev.kind == EV_CHECKPOINT && (e = check_checkpoint(w, &ev)) != ERR_OK)
		return e;
	if (game_apply(w->game, &ev, why) != ERR_OK)
		return damage(
		    w, ev.seq, "%s cannot follow what was before: %s", row->kind, why->text);
	if (ev.kind == EV_CHECKPOINT)
		count_checkpoint(w, &ev);
	remember_closing(w, &ev, hash);
	memcpy(w->head, hash, SHA256_BYTES);
	w->out->events++;
	return ERR_OK;
}

static void
walk_begin(struct walk *w, struct game *game, struct verify_report *out)
{
	memset(w, 0, sizeof(*w));
	w->game = game;
	w->out = out;
	w->hasher = hasher_new();
	buf_init(&w->body, EVENT_BODY_MAX_BYTES);
	buf_init(&w->secret, EVENT_BODY_MAX_BYTES);
	buf_init(&w->message, 4096);
}

static void
walk_end(struct walk *w)
{
	hex_encode(w->head, SHA256_BYTES, w->out->head);
	hasher_free(w->hasher);
	arena_free(&w->arena);
	config_free(&w->config);
	buf_free(&w->body);
	buf_free(&w->secret);
	buf_free(&w->message);
	free(w->closings);
}

enum err
verify_dir(const char *dir, struct game *game, struct verify_report *out, struct why *why)
{
	struct journal_options o = {.dir = dir, .read_only = true};
	struct journal *j;
	struct walk w;
	enum err e;

	memset(out, 0, sizeof(*out));
	walk_begin(&w, game, out);
	if ((e = journal_open(&o, &j, why)) == ERR_OK) {
		e = journal_read(j, 1, 0, on_row, &w, why);
		journal_close(j);
	}
	/* What the file itself refuses to give is damage too, right after what it gave. */
	if (e == ERR_CORRUPT && out->bad_seq == 0)
		damage(&w, out->events + 1, "%s", why->text);
	walk_end(&w);
	return e;
}
