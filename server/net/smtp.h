/*
 * Sends mails to one relay: SMTP (RFC 5321), with TLS from the start or by STARTTLS (RFC 3207), over libcurl.
 *
 * Each mail under way has a thread of its own: libcurl waits for the relay inside of its calls, and on the pool a relay
 * that keeps silent would hold up sign-ins. Whatever is here is called on the loop's thread and does not wait; results
 * come on it, too. A connection carries one mail.
 */
#ifndef DRILLD_NET_SMTP_H
#define DRILLD_NET_SMTP_H

#include "base/err.h"
#include "net/loop.h"
#include "net/mail_message.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMTP_AT_ONCE_MAX 16

enum smtp_tls {
	SMTP_TLS_REQUIRED, /* STARTTLS, and a certificate that stands for the host; or nothing is sent */
	SMTP_TLS_IMPLICIT, /* TLS from the first byte (smtps), the same certificate */
	SMTP_TLS_NONE,
};

struct smtp_relay {
	const char *host; /* a name, or an IP address without brackets */
	int port;
	enum smtp_tls tls;
	const char *ca;       /* file of certificates to trust instead of the system's, or NULL */
	const char *helo;     /* how we name ourselves: a host name */
	const char *user;     /* NULL: no sign-in */
	const char *password; /* with user */
	int64_t connect_ms;   /* until the relay lets us begin a mail */
	int64_t total_ms;     /* for all of one mail */
};

enum smtp_outcome {
	SMTP_SENT,      /* the relay took it: 250 after its text */
	SMTP_LATER,     /* no connection, no TLS, no sign-in, 4xx: it may go another time */
	SMTP_REFUSED,   /* 5xx for this mail: it never will */
	SMTP_CANCELLED, /* cut off by smtp_close: nobody knows */
};

struct smtp_result {
	enum smtp_outcome outcome;
	int code; /* the relay's last answer, or 0 */
	/* Why not sent, for a person: our words, then the relay's, which may name the address. No control characters. */
	struct why said;
	/* The same without the relay's words: may go into the log. */
	struct why logged;
};

typedef void smtp_done(void *ctx, const struct smtp_result *r);

struct smtp;

/* Copies the relay. at_once: mails under way, 1..SMTP_AT_ONCE_MAX. */
enum err smtp_open(struct loop *l, const struct smtp_relay *relay, unsigned at_once,
    struct smtp **out, struct why *why) MUST_CHECK;

/*
 * Begins to send; done follows once, never from within this call. ERR_BUSY: at_once are under way; ERR_INVALID,
 * ERR_LIMIT: the mail is none (mail_message.h); ERR_IO: no thread; done is not called then.
 */
enum err smtp_send(struct smtp *s, const struct mail_message *m, smtp_done *done, void *ctx,
    struct why *why) MUST_CHECK;

/* Mails under way. */
unsigned smtp_under_way(const struct smtp *s);

/*
 * Takes no more and cuts what is under way: their done follows, then closed, then it is gone. closed is called on a later
 * turn of the loop, with nothing under way too.
 */
void smtp_close(struct smtp *s, void (*closed)(void *ctx), void *ctx);

#endif
