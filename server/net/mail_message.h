/*
 * One mail as the text that goes over the wire: headers by RFC 5322 and RFC 2047, a body of UTF-8 in base64, no line
 * over 76 bytes. Pure; any thread. No argument can add a header: a control character is refused, whatever is not plain
 * ASCII is encoded.
 */
#ifndef DRILLD_NET_MAIL_MESSAGE_H
#define DRILLD_NET_MAIL_MESSAGE_H

#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

#define MAIL_MESSAGE_MAX_BYTES (256u * 1024)

struct mail_message {
	const char *from;      /* an address, core/mail_address.h */
	const char *from_name; /* what is shown for it, or NULL */
	const char *to;        /* an address */
	const char *subject;   /* one line */
	const char *text;      /* lines end with LF or CR LF */
	const char *id;        /* "<...@...>" */
	int64_t date_ms;       /* Unix milliseconds */
	int offset_minutes;    /* of the date's zone, east of UTC */
};

/* Appends it to out. ERR_INVALID: an argument is not what it has to be, and which; ERR_LIMIT: too long for out. */
enum err mail_message_write(
    const struct mail_message *m, struct buf *out, struct why *why) MUST_CHECK;

#endif
