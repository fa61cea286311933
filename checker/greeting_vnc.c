/* VNC: versions, then the security types that the server offers, or why it offers none (RFC 6143 section 7.1). */
#include "checker/greeting.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define VERSION_BYTES 12 /* "RFB 003.008\n" */
#define REASON_MAX_BYTES 4096

enum stage { READ_VERSION, READ_TYPES, READ_TYPE, READ_REASON };

/* Registered ones of RFC 6143 section 8.1.2 that are met. */
static const char *
type_name(uint8_t type)
{
	switch (type) {
	case 1:
		return "none";
	case 2:
		return "vnc";
	case 5:
		return "ra2";
	case 16:
		return "tight";
	case 18:
		return "tls";
	case 19:
		return "vencrypt";
	case 30:
		return "ard";
	default:
		return NULL;
	}
}

static void
put_type(struct buf *out, uint8_t type)
{
	const char *name = type_name(type);

	if (out->len > 0)
		buf_putc(out, ',');
	if (name != NULL)
		buf_puts(out, name);
	else
		buf_put_int(out, type);
}

static bool
version_valid(const uint8_t *p)
{
	for (size_t i = 0; i < VERSION_BYTES; i++) {
		char form = "RFB ddd.ddd\n"[i];

		if (form == 'd' ? !isdigit(p[i]) : p[i] != (uint8_t)form)
			return false;
	}
	return true;
}

static int
digits(const uint8_t *p)
{
	return (p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0';
}

static enum greeting_next
look_version(struct greeting *g, const uint8_t *data, size_t len)
{
	char version[16];
	int major, minor, ours;

	if (memcmp(data, "RFB ", len < 4 ? len : 4) != 0)
		return greeting_wrong(g, "not the greeting of a VNC server");
	if (len < VERSION_BYTES)
		return GREETING_MORE;
	if (!version_valid(data))
		return greeting_wrong(g, "not the greeting of a VNC server");
	major = digits(data + 4);
	minor = digits(data + 8);
	snprintf(version, sizeof version, "%d.%d", major, minor);
	fact_puts(g, "version", version);
	/* Section 7.1.1: anything else than 3.7 and 3.8 is to be taken for 3.3, but what is newer speaks 3.8. */
	ours = major > 3 || minor >= 8 ? 8 : minor == 7 ? 7 : 3;
	buf_printf(g->send, "RFB 003.%03d\n", ours);
	g->used = VERSION_BYTES;
	g->stage = ours == 3 ? READ_TYPE : READ_TYPES;
	return GREETING_AGAIN;
}

static enum greeting_next
look_types(struct greeting *g, const uint8_t *data, size_t len)
{
	struct buf types;

	if (len < 1)
		return GREETING_MORE;
	if (data[0] == 0) {
		g->used = 1;
		g->stage = READ_REASON;
		return GREETING_AGAIN;
	}
	if (len < 1 + (size_t)data[0])
		return GREETING_MORE;
	buf_init(&types, FACT_MAX_BYTES);
	for (size_t i = 0; i < data[0]; i++)
		put_type(&types, data[1 + i]);
	fact_put(g, "security", types.data, types.len);
	buf_free(&types);
	return GREETING_DONE;
}

/* 3.3: the server decides. */
static enum greeting_next
look_type(struct greeting *g, const uint8_t *data, size_t len)
{
	struct buf types;

	if (len < 4)
		return GREETING_MORE;
	if (be32(data) > 255)
		return greeting_wrong(g, "the greeting of the VNC server is malformed");
	if (be32(data) == 0) {
		g->used = 4;
		g->stage = READ_REASON;
		return GREETING_AGAIN;
	}
	buf_init(&types, FACT_MAX_BYTES);
	put_type(&types, (uint8_t)be32(data));
	fact_put(g, "security", types.data, types.len);
	buf_free(&types);
	return GREETING_DONE;
}

static enum greeting_next
look_reason(struct greeting *g, const uint8_t *data, size_t len)
{
	size_t size;

	if (len < 4)
		return GREETING_MORE;
	if ((size = be32(data)) > REASON_MAX_BYTES)
		return greeting_wrong(g, "the greeting of the VNC server is malformed");
	if (len < 4 + size)
		return GREETING_MORE;
	fact_puts(g, "error", "refused");
	fact_put(g, "message", data + 4, size);
	return GREETING_DONE;
}

static enum greeting_next
look(struct greeting *g, const uint8_t *data, size_t len)
{
	switch ((enum stage)g->stage) {
	case READ_VERSION:
		return look_version(g, data, len);
	case READ_TYPES:
		return look_types(g, data, len);
	case READ_TYPE:
		return look_type(g, data, len);
	case READ_REASON:
		break;
	}
	return look_reason(g, data, len);
}

const struct greeting_kind greeting_vnc = {"vnc", look};
