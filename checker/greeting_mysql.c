/*
 * MySQL and MariaDB: the server speaks first, a handshake of protocol 10 or an error
 * (dev.mysql.com/doc/dev/mysql-server: page_protocol_connection_phase_packets_protocol_handshake_v10 and
 * page_protocol_basic_err_packet).
 */
#include "checker/greeting.h"

#include <string.h>

#define HEADER_BYTES 4
#define PACKET_MAX_BYTES 4096
#define PROTOCOL 10
#define ERROR 0xff
/* Behind the version: thread id 4, data 8, filler 1, flags 2, charset 1, status 2, flags 2, data length 1, filler 10. */
#define FIXED_BYTES 31
#define FLAG_TLS 0x800u
#define FLAG_PLUGIN_AUTH 0x80000u

static enum greeting_next
look_error(struct greeting *g, const uint8_t *p, size_t len)
{
	if (len < 3)
		return greeting_wrong(g, "not the greeting of a MySQL server");
	fact_int(g, "error", le16(p + 1));
	p += 3;
	len -= 3;
	if (len >= 6 && *p == '#') { /* an SQLSTATE of five characters */
		p += 6;
		len -= 6;
	}
	fact_put(g, "message", p, len);
	return GREETING_DONE;
}

/* The name of the way to sign in: after a second part of random data, at least 13 bytes, which ends with a NUL. */
static void
look_auth(struct greeting *g, const uint8_t *p, size_t len, size_t data_len)
{
	size_t skip = data_len > 21 ? data_len - 8 : 13;

	if (len > skip)
		fact_put(g, "auth", p + skip, strnlen((const char *)p + skip, len - skip));
}

static enum greeting_next
look_handshake(struct greeting *g, const uint8_t *p, size_t len)
{
	size_t version = strnlen((const char *)p + 1, len - 1);
	const uint8_t *fixed;
	uint32_t flags;

	if (len < 1 + version + 1 + FIXED_BYTES)
		return greeting_wrong(g, "the greeting of the MySQL server is too short");
	fixed = p + 1 + version + 1;
	flags = le16(fixed + 13) | le16(fixed + 18) << 16;
	fact_int(g, "protocol", PROTOCOL);
	fact_put(g, "version", p + 1, version);
	fact_puts(g, "tls", flags & FLAG_TLS ? "yes" : "no");
	if (flags & FLAG_PLUGIN_AUTH)
		look_auth(g, fixed + FIXED_BYTES, len - (1 + version + 1 + FIXED_BYTES), fixed[20]);
	return GREETING_DONE;
}

static enum greeting_next
look(struct greeting *g, const uint8_t *data, size_t len)
{
	size_t size;

	if (len < HEADER_BYTES)
		return GREETING_MORE;
	size = le16(data) | (size_t)data[2] << 16;
	if (size == 0 || size > PACKET_MAX_BYTES || data[3] != 0)
		return greeting_wrong(g, "not the greeting of a MySQL server");
	if (len > HEADER_BYTES && data[4] != PROTOCOL && data[4] != ERROR)
		return greeting_wrong(g, "not the greeting of a MySQL server");
	if (len < HEADER_BYTES + size)
		return GREETING_MORE;
	return data[4] == ERROR ? look_error(g, data + HEADER_BYTES, size)
				: look_handshake(g, data + HEADER_BYTES, size);
}

const struct greeting_kind greeting_mysql = {"mysql", look};
