/*
 * Mails as facts: queued, sent, failed, tried again. The queue itself is the outbox (outbox.h), which these events build
 * and a restart finds again; here is whose each mail is and what it is about. Addresses, texts and what relays say are
 * secret.
 */
#ifndef DRILLD_CORE_MAIL_H
#define DRILLD_CORE_MAIL_H

#include "core/outbox.h"
#include "core/record.h"

#define MAIL_ABOUT_MAX_BYTES 32

/* Members that an event has are named with it; the others are zero, texts "". */
struct mail_event {
	int32_t number;
	const char *about;   /* queued: "inject", or another kind of record */
	int32_t ref;         /* queued: the record's number */
	const char *team;    /* queued: to whose address */
	const char *to;      /* queued, secret */
	const char *subject; /* queued, secret */
	const char *text;    /* queued, secret */
	bool permanent;      /* failed: there is no use in trying again */
	const char *error;   /* failed, secret */
};

/* Whose a mail is. */
struct mail_note {
	char *about;
	int32_t ref;
	int team; /* -1: nobody's */
};

struct mails {
	struct outbox outbox;
	struct mail_note *notes; /* by number - 1 */
	size_t count;
	uint64_t sent, attempts_failed; /* since the drill was opened */
};

extern const struct record_family mail_family;

#endif
