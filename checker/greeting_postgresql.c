/*
 * PostgreSQL: asks for TLS, takes it where it is offered, names a user and a database, and reads how it would have
 * to sign in, or the error (postgresql.org/docs/15: protocol-flow, protocol-message-formats).
 */
#include "checker/greeting.h"

#include <string.h>

#define MESSAGE_MAX_BYTES 16384
#define HEADER_BYTES 5 /* a letter, and a length that counts itself */

enum stage { ASK_TLS, READ_TLS, BEGIN, READ_ANSWER };

static void
put_be32(struct buf *out, uint32_t v)
{
	const uint8_t bytes[] = {
	    (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	buf_put(out, bytes, sizeof bytes);
}

static void
put_text(struct buf *out, const char *s)
{
	buf_put(out, s, strlen(s) + 1);
}

static void
send_startup(struct greeting *g)
{
	size_t user = strlen(g->user), database = strlen(g->database);

	put_be32(g->send, (uint32_t)(8 + 5 + user + 1 + 9 + database + 1 + 1));
	put_be32(g->send, 3 << 16); /* protocol 3.0 */
	put_text(g->send, "user");
	put_text(g->send, g->user);
	put_text(g->send, "database");
	put_text(g->send, g->database);
	put_text(g->send, "");
}

/* S: yes, N: no, E: a server that is older, or has no room. */
static enum greeting_next
look_tls(struct greeting *g, const uint8_t *data, size_t len)
{
	if (len == 0)
		return GREETING_MORE;
	if (data[0] == 'E') {
		g->stage = READ_ANSWER;
		return GREETING_AGAIN;
	}
	if (data[0] != 'S' && data[0] != 'N')
		return greeting_wrong(g, "not the answer of a PostgreSQL server");
	fact_puts(g, "tls", data[0] == 'S' ? "yes" : "no");
	g->used = 1;
	g->stage = BEGIN;
	return data[0] == 'S' ? GREETING_SECURE : GREETING_AGAIN;
}

/* The fields of an ErrorResponse: a letter and a text each, a NUL at the end. */
static enum greeting_next
look_error(struct greeting *g, const char *p, size_t len)
{
	while (len > 1 && *p != '\0') {
		size_t text = strnlen(p + 1, len - 1);

		if (*p == 'C')
			fact_put(g, "error", p + 1, text);
		else if (*p == 'M')
			fact_put(g, "message", p + 1, text);
		if (text + 2 > len)
			break;
		p += text + 2;
		len -= text + 2;
	}
	return GREETING_DONE;
}

/* The names of SASL mechanisms, each ending with a NUL, one more at the end. */
static void
put_mechanisms(struct greeting *g, const char *p, size_t len)
{
	struct buf names;

	buf_init(&names, FACT_MAX_BYTES);
	while (len > 0 && *p != '\0') {
		size_t name = strnlen(p, len);

		if (names.len > 0)
			buf_putc(&names, ',');
		buf_put(&names, p, name);
		if (name == len)
			break;
		p += name + 1;
		len -= name + 1;
	}
	fact_put(g, "mechanisms", names.len > 0 ? names.data : "", names.len);
	buf_free(&names);
}

static enum greeting_next
look_auth(struct greeting *g, const uint8_t *p, size_t len)
{
	static const char *const ways[] = {[0] = "none",
	    [2] = "kerberos",
	    [3] = "password",
	    [5] = "md5",
	    [7] = "gss",
	    [9] = "sspi",
	    [10] = "sasl"};
	uint32_t way;

	if (len < 4)
		return greeting_wrong(g, "not the answer of a PostgreSQL server");
	way = be32(p);
	if (way < sizeof ways / sizeof ways[0] && ways[way] != NULL)
		fact_puts(g, "auth", ways[way]);
	else
		fact_int(g, "auth", way);
	if (way == 10)
		put_mechanisms(g, (const char *)p + 4, len - 4);
	return GREETING_DONE;
}

static enum greeting_next
look_answer(struct greeting *g, const uint8_t *data, size_t len)
{
	size_t size;

	if (len == 0)
		return GREETING_MORE;
	if (data[0] != 'R' && data[0] != 'E' && data[0] != 'v')
		return greeting_wrong(g, "not the answer of a PostgreSQL server");
	if (len < HEADER_BYTES)
		return GREETING_MORE;
	size = be32(data + 1);
	if (size < 4 || size > MESSAGE_MAX_BYTES)
		return greeting_wrong(g, "not the answer of a PostgreSQL server");
	if (len < 1 + size)
		return GREETING_MORE;
	if (data[0] == 'R')
		return look_auth(g, data + HEADER_BYTES, size - 4);
	if (data[0] == 'E')
		return look_error(g, (const char *)data + HEADER_BYTES, size - 4);
	g->used = 1 + size; /* NegotiateProtocolVersion: the answer comes after it */
	return GREETING_AGAIN;
}

static enum greeting_next
look(struct greeting *g, const uint8_t *data, size_t len)
{
	switch ((enum stage)g->stage) {
	case ASK_TLS:
		put_be32(g->send, 8);
		put_be32(g->send, 80877103); /* SSLRequest */
		g->stage = READ_TLS;
		return GREETING_AGAIN;
	case READ_TLS:
		return look_tls(g, data, len);
	case BEGIN:
		send_startup(g);
		g->stage = READ_ANSWER;
		return GREETING_AGAIN;
	case READ_ANSWER:
		break;
	}
	return look_answer(g, data, len);
}

const struct greeting_kind greeting_postgresql = {"postgresql", look};
