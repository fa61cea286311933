/*
 * flag_read over hostile texts. What is taken must be written back as the very same text, so no flag has two
 * spellings; and nothing that differs from a genuine flag in one byte may be taken. Input: a text, whose first
 * bytes also choose a genuine flag, a place in it and what to put there.
 */
#include "core/flag.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct flag_codec *codec;

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_canonical(const char *text, size_t len)
{
	char again[FLAG_TEXT_BYTES];
	struct flag f;

	if (!flag_read(codec, text, len, &f))
		return;
	must(f.tick >= 0 && f.tick < 1 << 24);
	flag_write(codec, &f, again);
	must(strlen(again) == len && memcmp(again, text, len) == 0);
}

/* A genuine flag with one byte of it replaced is none, unless it is replaced by itself. */
static void
check_one_byte(const uint8_t data[3])
{
	struct flag f = {.tick = data[0], .system = data[0] * 7u, .slot = data[0] % SLOTS_MAX}, out;
	char genuine[FLAG_TEXT_BYTES], text[FLAG_TEXT_BYTES];
	size_t len, at;

	flag_write(codec, &f, genuine);
	len = strlen(genuine);
	memcpy(text, genuine, sizeof(text));
	at = data[1] % len;
	text[at] = (char)data[2];
	must(flag_read(codec, text, len, &out) == (text[at] == genuine[at]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[FLAG_KEY_BYTES] = {1, 2, 3};

	if (codec == NULL)
		codec = flag_codec_new("DRILL", key);
	check_canonical((const char *)data, size);
	if (size >= 3)
		check_one_byte(data);
	return 0;
}
