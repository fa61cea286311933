/*
 * What the value of an indicator of compromise may look like, by its kind, so that it can be searched for. Pure.
 */
#ifndef DRILLD_CORE_INDICATOR_H
#define DRILLD_CORE_INDICATOR_H

#include "base/err.h"

/*
 * kind: of enum indicator (core/terms.h). ip: an address of either version, with or without a prefix's length; domain: a
 * name of two labels or more, in any script; url: SCHEME://HOST and what follows; email: as mail_address.h; hashes: their
 * hex digits. The others are free. ERR_INVALID says what would be right.
 */
enum err indicator_check(int kind, const char *value, struct why *why) MUST_CHECK;

#endif
