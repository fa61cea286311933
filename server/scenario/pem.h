/*
 * Certificates and keys that a challenge names, as text: whether they are what they should be, so that the mistake
 * shows before the day. Pure functions. Thread safe.
 */
#ifndef DRILLD_SCENARIO_PEM_H
#define DRILLD_SCENARIO_PEM_H

#include "base/err.h"
#include <stdbool.h>

bool pem_has_certificate(const char *pem);
/* The key is one without a password and the certificate's; why says what is wrong. */
bool pem_key_fits(const char *certificate, const char *key, struct why *why);

#endif
