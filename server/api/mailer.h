/*
 * Sends what the drill's outbox (core/outbox.h) holds, a few mails at a time, and says what came of each, so that the
 * drill can make events of it. It keeps no state that matters: after a restart the fold says what is to be sent.
 * On the loop's thread.
 */
#ifndef DRILLD_API_MAILER_H
#define DRILLD_API_MAILER_H

#include "base/err.h"
#include "core/outbox.h"
#include "net/loop.h"
#include "scenario/scenario.h"
#include <stdbool.h>
#include <stdint.h>

#define MAILER_AT_ONCE 4

struct mailer_options {
	struct loop *loop;
	const struct scenario_mail *mail; /* mail->host is not NULL; lives as long as the mailer */
	const char *drill_id;             /* in the Message-IDs */
	int offset_minutes;               /* of the zone in which dates are written */
	const struct outbox *outbox;      /* the fold's; lives as long */
	int64_t (*wall_ms)(void *ctx);
	/*
	 * What came of a mail. Each must have changed the outbox when it returns (mail.sent, mail.failed emitted and applied);
	 * if not, nothing more is sent: the journal has failed. error may name the address: for an event's secret part.
	 */
	void (*sent)(void *ctx, int32_t number);
	void (*failed)(void *ctx, int32_t number, bool permanent, const char *error);
	void *ctx;
};

struct mailer;

/* ERR_NOT_FOUND, ERR_INVALID, ERR_FORBIDDEN: as relay_open. */
enum err mailer_new(
    const struct mailer_options *o, struct mailer **out, struct why *why) MUST_CHECK;

/*
 * Everything up to this sequence number is on disk: mails that were queued by then may go. Called after each commit and
 * once after coming back.
 */
void mailer_committed(struct mailer *m, uint64_t seq);

/*
 * Begins no more, gives what is under way grace_ms to end (its results are reported), then cuts it: that stays queued.
 * stopped is called once, on a later turn of the loop; then mailer_free.
 */
void mailer_stop(struct mailer *m, int64_t grace_ms, void (*stopped)(void *ctx), void *ctx);
void mailer_free(struct mailer *m);

/* Mails under way. */
unsigned mailer_under_way(const struct mailer *m);

#endif
