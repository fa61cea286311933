/*
 * The mails of a drill: which wait, which went out, which were given up. Part of the fold: built by events alone, so a
 * restart finds the same queue. Pure; on whatever thread owns the game.
 *
 * At least once: a mail is `queued` until an event says that the relay took it. A crash in between sends it again with
 * the same Message-ID and the same Date, by which mail systems know a repeat.
 *
 * Addresses, texts and what relays answer are personal: they belong into the secret part of events. A bundle without
 * secrets folds all the same: its mails have no address and are never due.
 */
#ifndef DRILLD_CORE_OUTBOX_H
#define DRILLD_CORE_OUTBOX_H

#include "base/err.h"
#include "core/mail_address.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAIL_SUBJECT_MAX_BYTES 500
#define MAIL_TEXT_MAX_BYTES (64 * 1024)
#define MAIL_ERROR_MAX_BYTES 300
#define MAIL_ID_MAX_BYTES 400 /* a Message-ID, with its angle brackets */
#define MAILS_MAX 100000
#define MAILS_WAITING_MAX 10000
#define MAIL_ATTEMPTS_MAX 16

enum mail_state {
	MAIL_QUEUED, /* waits for its first or next try */
	MAIL_SENT,   /* a relay took it */
	MAIL_FAILED, /* given up: refused for good, or tried MAIL_ATTEMPTS_MAX times */
	MAIL_STATE_COUNT
};

struct mail {
	int32_t number; /* 1, 2, ... */
	enum mail_state state;
	int32_t attempts;    /* that ended; since it was last queued */
	uint64_t seq;        /* of the event that queued it (again) */
	int64_t queued_ms;   /* wall time of the event that queued it first */
	int64_t next_ms;     /* queued: wall time before which it is not tried */
	int64_t settled_ms;  /* sent, failed: wall time of that event; else 0 */
	const char *to;      /* one address */
	const char *subject; /* one line of UTF-8 */
	const char *text;    /* UTF-8 with LF; "" once it was sent */
	const char *error;   /* what the last attempt came to, or "" */
};

/* Zero-initialised is a valid empty one. Private but for the counts. */
struct outbox {
	struct mail **mails; /* by number */
	size_t count, room;
	int32_t *waiting; /* numbers of queued mails, rising */
	size_t waiting_count, waiting_room;
	size_t counts[MAIL_STATE_COUNT];
	uint64_t newest; /* seq of the last event that queued one */
};

void outbox_free(struct outbox *o);

/* "queued", "sent", "failed" */
const char *mail_state_name(enum mail_state s);

/*
 * May these be queued as n mails? Asked before the event is made. ERR_INVALID: address, subject or text break a rule
 * (control characters are refused, so that no header can be forged); ERR_LIMIT: too long, or too many.
 */
enum err outbox_may_add(const struct outbox *o, const char *to, const char *subject,
    const char *text, size_t n, struct why *why) MUST_CHECK;
/* The number that the next mail gets. */
int32_t outbox_next_number(const struct outbox *o);

/*
 * For the events mail.queued, mail.sent, mail.failed and mail.again; at_ms is the event's wall time. Strings are
 * copied. ERR_CONFLICT, ERR_NOT_FOUND, or as outbox_may_add: the event does not fit, nothing has changed. All three texts
 * may be "" (the secret is gone).
 */
enum err outbox_add(struct outbox *o, int32_t number, uint64_t seq, int64_t at_ms, const char *to,
    const char *subject, const char *text, struct why *why) MUST_CHECK;
enum err outbox_note_sent(
    struct outbox *o, int32_t number, int64_t at_ms, struct why *why) MUST_CHECK;
/* permanent: there is no use in trying again. error is cut at MAIL_ERROR_MAX_BYTES. */
enum err outbox_note_failed(struct outbox *o, int32_t number, int64_t at_ms, bool permanent,
    const char *error, struct why *why) MUST_CHECK;
/* A failed one is to be tried again, from the beginning of its attempts. */
enum err outbox_note_again(
    struct outbox *o, int32_t number, uint64_t seq, int64_t at_ms, struct why *why) MUST_CHECK;

/* By number, or NULL. */
const struct mail *outbox_get(const struct outbox *o, int32_t number);

/*
 * The mail to send at now_ms: the one due longest whose event is on disk (seq <= durable) and whose number is not among
 * those under way. NULL: none; *again_ms is when to ask again, INT64_MAX for not before something changes.
 */
const struct mail *outbox_due(const struct outbox *o, int64_t now_ms, uint64_t durable,
    const int32_t *under_way, size_t under_way_count, int64_t *again_ms);

/* How long to wait after the attempt-th attempt (1, 2, ...): 15 s, doubled each time, at most 15 min. */
int64_t outbox_delay_ms(int32_t attempt);

/* "<DRILL.NUMBER.QUEUED@HOST>": the same for each attempt and after each restart. */
void outbox_message_id(
    const struct mail *m, const char *drill_id, const char *host, char out[MAIL_ID_MAX_BYTES]);

#endif
