/*
 * event_decode over hostile bodies and secrets. Input: a letter for the kind ('a' + enum), the body, and
 * after the first NUL the secret. What is taken must encode to a text that decodes to the same text again
 * (a canonical form), and the flat reader must take nothing that the general one refuses.
 */
#include "base/flatjson.h"
#include "base/json.h"
#include "core/event.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

struct texts {
	struct buf body, secret;
};

static bool
recode(enum event_kind kind, const char *body, size_t body_len, const char *secret,
    size_t secret_len, struct texts *out)
{
	struct event ev = {.kind = kind};
	struct drill_config config = {0};
	struct arena arena = {0};
	struct why why;
	bool taken;

	buf_init(&out->body, EVENT_BODY_MAX_BYTES);
	buf_init(&out->secret, EVENT_BODY_MAX_BYTES);
	taken =
	    event_decode(&ev, body, body_len, secret, secret_len, &arena, &config, &why) == ERR_OK;
	must(!taken || event_encode(&ev, &out->body, &out->secret) == ERR_OK);
	arena_free(&arena);
	config_free(&config);
	return taken;
}

static void
texts_free(struct texts *t)
{
	buf_free(&t->body);
	buf_free(&t->secret);
}

static void
check_stable(enum event_kind kind, const struct texts *first)
{
	struct texts second;

	must(recode(kind, first->body.data, first->body.len, first->secret.data, first->secret.len,
	    &second));
	must(second.body.len == first->body.len);
	must(memcmp(second.body.data, first->body.data, first->body.len) == 0);
	must(second.secret.len == first->secret.len);
	must(first->secret.len == 0 ||
	     memcmp(second.secret.data, first->secret.data, first->secret.len) == 0);
	texts_free(&second);
}

static void
check_readers(const char *text, size_t len)
{
	struct json_t *tree = NULL;
	struct arena arena = {0};
	struct flat flat;

	if (flat_parse(text, len, &arena, &flat, NULL) == ERR_OK) {
		must(jr_parse(text, len, &tree, NULL) == ERR_OK);
		must(jr_count(tree) == flat.count);
		jr_free(tree);
	}
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data + 1, *cut;
	size_t body_len, secret_len;
	struct texts first;
	enum event_kind kind;

	if (size < 1 || data[0] < 'a' || data[0] >= 'a' + EV_COUNT)
		return 0;
	kind = (enum event_kind)(data[0] - 'a');
	cut = memchr(body, '\0', size - 1);
	body_len = cut != NULL ? (size_t)(cut - body) : size - 1;
	secret_len = cut != NULL ? size - 2 - body_len : 0;
	check_readers(body, body_len);
	if (recode(kind, body, body_len, cut != NULL ? cut + 1 : "", secret_len, &first))
		check_stable(kind, &first);
	texts_free(&first);
	return 0;
}
