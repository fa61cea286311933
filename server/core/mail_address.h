/*
 * What an address for mail may look like: the part of RFC 5321 section 4.1.2 that people use, no more, so that an
 * address fits a command and a header as it is. Pure, any thread.
 */
#ifndef DRILLD_CORE_MAIL_ADDRESS_H
#define DRILLD_CORE_MAIL_ADDRESS_H

#include "base/err.h"

#define MAIL_ADDRESS_MAX_BYTES 254 /* RFC 5321 section 4.5.3.1.3, without the angle brackets */

/*
 * NAME@HOST: NAME is 1 to 64 letters, digits and !#$%&'*+-/=?^_`{|}~, with single dots between; HOST is a name of
 * labels (RFC 1123 section 2.1). ASCII only: SMTPUTF8 is no relay's duty. ERR_INVALID otherwise, with what is wrong
 * as the end of a sentence that begins with the address ("has no @; ...").
 */
enum err mail_address_check(const char *text, struct why *why) MUST_CHECK;

/* What stands behind the @ of an address that passed. */
const char *mail_address_host(const char *address);

#endif
