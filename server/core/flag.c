#include "core/flag.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD_BYTES 6
#define TAG_BYTES 12
#define CODE_BYTES 24 /* base64url of both */
#define MESSAGE_MAX (FLAG_PREFIX_MAX_BYTES + 1 + PAYLOAD_BYTES)

struct flag_codec {
	struct mac *mac;
	struct mac *seed_mac;
	char prefix[FLAG_PREFIX_MAX_BYTES + 1];
	size_t prefix_len;
};

struct flag_codec *
flag_codec_new(const char *prefix, const uint8_t *key)
{
	struct flag_codec *c = mem_alloc(sizeof *c);
	uint8_t seed_key[SHA256_BYTES];

	snprintf(c->prefix, sizeof c->prefix, "%s", prefix);
	c->prefix_len = strlen(c->prefix);
	c->mac = mac_new(key, FLAG_KEY_BYTES);
	/* A key of its own: a seed goes out in jobs and must say nothing about tags. */
	mac_tag(c->mac, "seed", 4, seed_key);
	c->seed_mac = mac_new(seed_key, sizeof seed_key);
	mem_wipe(seed_key, sizeof seed_key);
	return c;
}

void
flag_codec_free(struct flag_codec *c)
{
	if (c == NULL)
		return;
	mac_free(c->mac);
	mac_free(c->seed_mac);
	free(c);
}

static void
payload_write(const struct flag *f, uint8_t p[PAYLOAD_BYTES])
{
	p[0] = (uint8_t)(f->tick >> 16);
	p[1] = (uint8_t)(f->tick >> 8);
	p[2] = (uint8_t)f->tick;
	p[3] = (uint8_t)(f->system >> 8);
	p[4] = (uint8_t)f->system;
	p[5] = f->slot;
}

static void
tag_of(struct flag_codec *c, const uint8_t payload[PAYLOAD_BYTES], uint8_t tag[SHA256_BYTES])
{
	uint8_t message[MESSAGE_MAX];

	memcpy(message, c->prefix, c->prefix_len);
	message[c->prefix_len] = '{';
	memcpy(message + c->prefix_len + 1, payload, PAYLOAD_BYTES);
	mac_tag(c->mac, message, c->prefix_len + 1 + PAYLOAD_BYTES, tag);
}

void
flag_write(struct flag_codec *c, const struct flag *f, char out[FLAG_TEXT_BYTES])
{
	uint8_t bytes[PAYLOAD_BYTES + TAG_BYTES], tag[SHA256_BYTES];
	size_t n = c->prefix_len;

	payload_write(f, bytes);
	tag_of(c, bytes, tag);
	memcpy(bytes + PAYLOAD_BYTES, tag, TAG_BYTES);
	memcpy(out, c->prefix, n);
	out[n++] = '{';
	n += base64url_encode(bytes, sizeof bytes, out + n);
	out[n++] = '}';
	out[n] = '\0';
}

bool
flag_read(struct flag_codec *c, const char *text, size_t len, struct flag *out)
{
	uint8_t bytes[PAYLOAD_BYTES + TAG_BYTES], tag[SHA256_BYTES];
	size_t n = c->prefix_len;

	if (len != n + CODE_BYTES + 2 || memcmp(text, c->prefix, n) != 0 || text[n] != '{' ||
	    text[len - 1] != '}')
		return false;
	if (base64url_decode(text + n + 1, CODE_BYTES, bytes, sizeof bytes) != sizeof bytes)
		return false;
	tag_of(c, bytes, tag);
	if (!secret_equal(tag, bytes + PAYLOAD_BYTES, TAG_BYTES))
		return false;
	out->tick = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
	out->system = (uint16_t)(bytes[3] << 8 | bytes[4]);
	out->slot = bytes[5];
	return true;
}

void
flag_seed(struct flag_codec *c, const struct flag *f, char out[17])
{
	uint8_t payload[PAYLOAD_BYTES], tag[SHA256_BYTES];

	payload_write(f, payload);
	mac_tag(c->seed_mac, payload, sizeof payload, tag);
	hex_encode(tag, 8, out);
}

void
flag_regex(const char *prefix, char out[64])
{
	snprintf(out, 64, "%.*s\\{[A-Za-z0-9_-]{%d}\\}", FLAG_PREFIX_MAX_BYTES, prefix, CODE_BYTES);
}
