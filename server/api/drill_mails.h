/*
 * Mails of the drill: what happens is told to departments' addresses, what came of each mail becomes a fact. Addresses
 * are the scenario's; without its section `mail` nothing is queued. On the loop's thread.
 */
#ifndef DRILLD_API_DRILL_MAILS_H
#define DRILLD_API_DRILL_MAILS_H

#include "api/drill.h"

/*
 * One mail to each address of the team (index), about a record; those that the outbox refuses are logged and left out.
 * Where the journal has no room for all of them none is queued: injects and announcements come back to it.
 * Returns how many were queued.
 */
size_t drill_mail_team(struct drill *d, int team, const char *about, int32_t ref,
    const char *subject, const char *text);

/* After an event that was emitted: the mails that go with it. */
void drill_mails_follow(struct drill *d, const struct event *ev);

/* After a restart: what a crash, or a journal without room, kept from being queued. */
void drill_mails_come_back(struct drill *d);
/* The same in a turn of the loop, as soon as the journal has room. */
void drill_mails_turn(struct drill *d);

/* What came of a mail: for mailer.h. */
void drill_mail_sent(struct drill *d, int32_t number);
void drill_mail_failed(struct drill *d, int32_t number, bool permanent, const char *error);

#endif
