#include "store/batch.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define KEEP_BYTES (1u << 20) /* what an empty batch may hold on to */

void
batch_init(struct batch *b)
{
	memset(b, 0, sizeof(*b));
	/* The event that crosses the mark still fits: batch_add refuses the one after it. */
	buf_init(&b->text, BATCH_MAX_BYTES + 2 * EVENT_BODY_MAX_BYTES);
	buf_init(&b->secrets, BATCH_MAX_BYTES + 2 * EVENT_BODY_MAX_BYTES);
}

void
batch_free(struct batch *b)
{
	buf_free(&b->text);
	if (b->secrets.data != NULL)
		mem_wipe(b->secrets.data, b->secrets.cap);
	buf_free(&b->secrets);
	free(b->records);
	b->records = NULL;
	b->count = b->capacity = 0;
}

void
batch_reset(struct batch *b)
{
	if (b->text.cap + b->secrets.cap + b->capacity * sizeof(*b->records) > KEEP_BYTES) {
		batch_free(b);
		batch_init(b);
		return;
	}
	buf_reset(&b->text);
	buf_reset(&b->secrets);
	b->count = 0;
}

size_t
batch_bytes(const struct batch *b)
{
	return b->text.len + b->secrets.len + b->count * sizeof(*b->records);
}

static void
buf_cut(struct buf *b, size_t len)
{
	b->len = len;
	b->failed = false;
	if (b->data != NULL)
		b->data[len] = '\0';
}

/* Hashed as canonical JSON and stored as SQLite text: both want short, valid UTF-8. */
static bool
actor_valid(const char *actor)
{
	size_t len = actor != NULL ? strnlen(actor, ID_MAX_BYTES + 1) : 0;

	return len > 0 && len <= ID_MAX_BYTES && utf8_valid(actor, len);
}

static struct record *
record_next(struct batch *b)
{
	if (b->count == b->capacity) {
		b->capacity = b->capacity == 0 ? 64 : b->capacity * 2;
		b->records = mem_resize(b->records, b->capacity, sizeof(*b->records));
	}
	return &b->records[b->count];
}

/* Encodes behind what is there; the caller cuts both buffers back on an error. */
static enum err
record_fill(struct batch *b, struct record *r, const struct event *ev)
{
	enum err e;

	r->actor = b->text.len;
	buf_put(&b->text, ev->actor, strlen(ev->actor) + 1);
	r->body = b->text.len;
	r->secret = b->secrets.len;
	if ((e = event_encode(ev, &b->text, &b->secrets)) != ERR_OK)
		return e;
	if (b->text.failed || b->secrets.failed)
		return ERR_LIMIT;
	r->body_len = b->text.len - r->body;
	r->secret_len = b->secrets.len - r->secret;
	if (r->body_len > EVENT_BODY_MAX_BYTES || r->secret_len > EVENT_BODY_MAX_BYTES)
		return ERR_LIMIT;
	return ERR_OK;
}

bool
batch_has_room(const struct batch *b)
{
	return batch_bytes(b) < BATCH_MAX_BYTES;
}

bool
batch_crowded(const struct batch *b)
{
	return batch_bytes(b) >= BATCH_MAX_BYTES / 4 * 3;
}

enum err
batch_add(struct batch *b, const struct event *ev, uint64_t seq)
{
	size_t text = b->text.len, secrets = b->secrets.len;
	struct record *r;
	enum err e;

	if (!actor_valid(ev->actor))
		return ERR_INVALID;
	if (!batch_has_room(b))
		return ERR_BUSY;
	r = record_next(b);
	if ((e = record_fill(b, r, ev)) != ERR_OK) {
		buf_cut(&b->text, text);
		buf_cut(&b->secrets, secrets);
		return e;
	}
	r->seq = seq;
	r->at_ms = ev->at_ms;
	r->drill_ms = ev->drill_ms;
	r->kind = ev->kind;
	b->count++;
	return ERR_OK;
}

void
batch_row(const struct batch *b, size_t i, struct journal_row *row)
{
	const struct record *r = &b->records[i];

	*row = (struct journal_row){
	    .seq = r->seq,
	    .at_ms = r->at_ms,
	    .drill_ms = r->drill_ms,
	    .kind = event_kind_name(r->kind),
	    .actor = b->text.data + r->actor,
	    .body = b->text.data + r->body,
	    .body_len = r->body_len,
	    .secret = r->secret_len > 0 ? b->secrets.data + r->secret : "",
	    .secret_len = r->secret_len,
	};
}
