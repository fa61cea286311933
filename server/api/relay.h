/*
 * The scenario's section `mail` made ready for net/smtp.h: where the password comes from, how we name ourselves. On the
 * loop's thread.
 */
#ifndef DRILLD_API_RELAY_H
#define DRILLD_API_RELAY_H

#include "base/err.h"
#include "net/smtp.h"
#include "scenario/scenario.h"

/*
 * Reads the password and opens the relay. ERR_NOT_FOUND, ERR_INVALID or ERR_FORBIDDEN: the password's variable is not set,
 * its file cannot be read, holds no single line or is open to others. No connection is made yet.
 */
enum err relay_open(struct loop *l, const struct scenario_mail *m, unsigned at_once,
    struct smtp **out, struct why *why) MUST_CHECK;

/* The same without opening: what drilld asks when it starts. */
enum err relay_check(const struct scenario_mail *m, struct why *why) MUST_CHECK;

#endif
