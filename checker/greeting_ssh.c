/*
 * SSH: the identification of both sides and the server's KEXINIT, which is not encrypted (RFC 4253 sections 4.2, 6
 * and 7.1). The host key is proved by a key exchange only, which this does not do.
 */
#include "checker/greeting.h"

#include <string.h>

#define LINE_MAX_BYTES 255   /* section 4.2, without CR LF here */
#define LINES_MAX_BYTES 8192 /* of what may precede the identification */
#define PACKET_MAX_BYTES 35000
#define COOKIE_BYTES 16
#define KEXINIT 20

enum stage { HELLO, READ_LINES, READ_PACKET };

static enum greeting_next
look_identification(struct greeting *g, const char *line, size_t len)
{
	const char *version = line + 4, *end = line + len;
	const char *software = memchr(version, '-', (size_t)(end - version)), *comment;

	if (software == NULL)
		return greeting_wrong(g, "the identification of the SSH server is malformed");
	fact_put(g, "version", version, (size_t)(software - version));
	comment = memchr(software, ' ', (size_t)(end - software));
	fact_put(g, "software", software + 1,
	    (size_t)((comment != NULL ? comment : end) - software - 1));
	if (comment != NULL)
		fact_put(g, "comment", comment + 1, (size_t)(end - comment - 1));
	g->stage = READ_PACKET;
	return GREETING_AGAIN;
}

/* The server may send other lines before. */
static enum greeting_next
look_line(struct greeting *g, const char *data, size_t len)
{
	const char *newline = len > 0 ? memchr(data, '\n', len) : NULL;
	size_t line;

	if (g->count + (newline == NULL ? len : 0) > LINES_MAX_BYTES)
		return greeting_wrong(g, "not the greeting of an SSH server");
	if (newline == NULL)
		return GREETING_MORE;
	line = (size_t)(newline - data);
	g->used = line + 1;
	g->count += g->used;
	if (line > 0 && data[line - 1] == '\r')
		line--;
	if (line >= 4 && memcmp(data, "SSH-", 4) == 0)
		return line > LINE_MAX_BYTES
			   ? greeting_wrong(g, "the identification of the SSH server is too long")
			   : look_identification(g, data, line);
	return GREETING_AGAIN;
}

/* The name-lists of KEXINIT, in their order; those of one direction stand for both. */
static enum greeting_next
look_lists(struct greeting *g, const uint8_t *p, size_t len)
{
	static const char *const keys[] = {
	    "kex", "host_key", "cipher", NULL, "mac", NULL, "compression", NULL};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		size_t size;

		if (len < 4 || (size = be32(p)) > len - 4)
			return greeting_wrong(g, "the key exchange of the SSH server is malformed");
		if (keys[i] != NULL)
			fact_put(g, keys[i], p + 4, size);
		p += 4 + size;
		len -= 4 + size;
	}
	return GREETING_DONE;
}

static enum greeting_next
look_packet(struct greeting *g, const uint8_t *data, size_t len)
{
	size_t size, padding;

	if (len < 4)
		return GREETING_MORE;
	size = be32(data);
	if (size < 2 + COOKIE_BYTES || size > PACKET_MAX_BYTES)
		return greeting_wrong(g, "the key exchange of the SSH server is malformed");
	if (len < 4 + size)
		return GREETING_MORE;
	padding = data[4];
	if (data[5] != KEXINIT || padding + 2 + COOKIE_BYTES > size)
		return greeting_wrong(g, "the key exchange of the SSH server is malformed");
	return look_lists(g, data + 6 + COOKIE_BYTES, size - 2 - COOKIE_BYTES - padding);
}

static enum greeting_next
look(struct greeting *g, const uint8_t *data, size_t len)
{
	switch ((enum stage)g->stage) {
	case HELLO:
		buf_puts(g->send, "SSH-2.0-drilld\r\n");
		g->stage = READ_LINES;
		return GREETING_AGAIN;
	case READ_LINES:
		return look_line(g, (const char *)data, len);
	case READ_PACKET:
		break;
	}
	return look_packet(g, data, len);
}

const struct greeting_kind greeting_ssh = {"ssh", look};
