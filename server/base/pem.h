/*
 * Whether a text is what it is said to be: certificates or a private key in PEM (RFC 7468). For readers of files that
 * others will use. Thread safe.
 */
#ifndef DRILLD_BASE_PEM_H
#define DRILLD_BASE_PEM_H

#include "base/err.h"

/* One certificate or more. ERR_INVALID: "has no PEM certificate". */
enum err pem_certificates_check(const char *text, struct why *why) MUST_CHECK;

/* A private key without a password, of the first certificate of cert. ERR_INVALID with a sentence. */
enum err pem_key_check(const char *key, const char *cert, struct why *why) MUST_CHECK;

#endif
