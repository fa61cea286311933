/*
 * The hash chain: docs/journal.md tells it to whoever writes another verifier.
 */
#include "base/json.h"
#include "store/db.h"
#include "store/journal.h"

#include <string.h>

#define HEADER_MAX_BYTES 1024 /* everything but body and actor */

/* {"actor":...,"at_ms":...,"body":{...},"drill_ms":...,"kind":...,"seq":...} */
static void
write_header(const struct journal_row *row, struct buf *out)
{
	struct json_writer w;

	jw_begin(&w, out);
	jw_object(&w);
	jw_kv_str(&w, "actor", row->actor);
	jw_kv_int(&w, "at_ms", row->at_ms);
	jw_key(&w, "body");
	jw_raw(&w, row->body, row->body_len);
	jw_kv_int(&w, "drill_ms", row->drill_ms);
	jw_kv_str(&w, "kind", row->kind);
	jw_kv_int(&w, "seq", (int64_t)row->seq);
	jw_object_end(&w);
}

static void
hash_secret(struct hasher *h, const struct journal_row *row, uint8_t out[SHA256_BYTES])
{
	hasher_begin(h);
	if (row->salt != NULL)
		hasher_add(h, row->salt, SALT_BYTES);
	if (row->secret_len > 0)
		hasher_add(h, row->secret, row->secret_len);
	hasher_end(h, out);
}

void
journal_hash(struct hasher *h, const uint8_t previous[SHA256_BYTES], const struct journal_row *row,
    uint8_t out[SHA256_BYTES])
{
	uint8_t links[3 * SHA256_BYTES];
	/* A damaged row may hold any actor and kind: six bytes is the longest escape of one. */
	size_t most =
	    row->body_len + 6 * (strlen(row->actor) + strlen(row->kind)) + HEADER_MAX_BYTES;
	struct buf text;

	buf_init(&text, most);
	(void)buf_room(&text, row->body_len + 256); /* one allocation for nearly every event */
	write_header(row, &text);
	memcpy(links, previous, SHA256_BYTES);
	hasher_begin(h);
	hasher_add(h, text.data, text.len);
	hasher_end(h, links + SHA256_BYTES);
	buf_free(&text);
	hash_secret(h, row, links + 2 * SHA256_BYTES);
	hasher_begin(h);
	hasher_add(h, links, sizeof(links));
	hasher_end(h, out);
}
