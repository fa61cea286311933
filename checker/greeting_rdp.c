/*
 * RDP: an X.224 connection request that offers TLS, CredSSP (NLA) and its successor, and the confirm that says
 * which one it shall be ([MS-RDPBCGR] 2.2.1.1 and 2.2.1.2, in TPKT of RFC 1006).
 */
#include "checker/greeting.h"

#define TPKT_BYTES 4
#define CONFIRM_BYTES 7 /* of X.224, its length byte included */
#define NEGOTIATION_BYTES 8
#define NEG_RESPONSE 2
#define NEG_FAILURE 3

static const char *
protocol_name(uint32_t selected)
{
	switch (selected) {
	case 0:
		return "rdp";
	case 1:
		return "tls";
	case 2:
		return "nla";
	case 4:
		return "rdstls";
	case 8:
		return "nla-ex";
	default:
		return "unknown";
	}
}

static const char *
failure_name(uint32_t code)
{
	static const char *const names[] = {[1] = "tls required",
	    [2] = "tls not allowed",
	    [3] = "no certificate",
	    [4] = "inconsistent flags",
	    [5] = "nla required",
	    [6] = "tls with user authentication required"};

	return code < sizeof names / sizeof names[0] && names[code] != NULL ? names[code]
									    : "unknown";
}

static enum greeting_next
look_negotiation(struct greeting *g, const uint8_t *p, size_t len)
{
	uint32_t value;

	if (len == 0) { /* a server of before 2003: its own encryption, no negotiation */
		fact_puts(g, "protocol", protocol_name(0));
		fact_puts(g, "nla", "no");
		return GREETING_DONE;
	}
	if (len < NEGOTIATION_BYTES || (p[0] != NEG_RESPONSE && p[0] != NEG_FAILURE) ||
	    le16(p + 2) != NEGOTIATION_BYTES)
		return greeting_wrong(g, "the answer of the RDP server is malformed");
	value = le32(p + 4);
	if (p[0] == NEG_FAILURE) {
		fact_int(g, "error", value);
		fact_puts(g, "message", failure_name(value));
		return GREETING_DONE;
	}
	fact_puts(g, "protocol", protocol_name(value));
	fact_puts(g, "nla", value == 2 || value == 8 ? "yes" : "no");
	return GREETING_DONE;
}

static enum greeting_next
look_confirm(struct greeting *g, const uint8_t *data, size_t len)
{
	size_t size;

	if (len > 0 && data[0] != 3)
		return greeting_wrong(g, "not the answer of an RDP server");
	if (len < TPKT_BYTES)
		return GREETING_MORE;
	size = be16(data + 2);
	if (size < TPKT_BYTES + CONFIRM_BYTES || size > 512)
		return greeting_wrong(g, "not the answer of an RDP server");
	if (len < size)
		return GREETING_MORE;
	if ((data[5] & 0xf0) != 0xd0)
		return greeting_wrong(g, "the RDP server refuses the connection");
	return look_negotiation(
	    g, data + TPKT_BYTES + CONFIRM_BYTES, size - TPKT_BYTES - CONFIRM_BYTES);
}

static enum greeting_next
look(struct greeting *g, const uint8_t *data, size_t len)
{
	static const uint8_t request[] = {0x03, 0x00, 0x00, 0x13,          /* TPKT, 19 bytes */
	    0x0e, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00,                      /* CR */
	    0x01, 0x00, 0x08, 0x00, 0x01 | 0x02 | 0x08, 0x00, 0x00, 0x00}; /* what we can do */

	if (g->stage++ == 0) {
		buf_put(g->send, request, sizeof request);
		return GREETING_AGAIN;
	}
	return look_confirm(g, data, len);
}

const struct greeting_kind greeting_rdp = {"rdp", look};
