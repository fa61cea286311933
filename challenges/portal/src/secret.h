/*
 * Passwords (scrypt, RFC 7914) and session tokens (256 random bits, kept only as their SHA-256).
 * Used by accounts.c.
 */
#ifndef PORTAL_SECRET_H
#define PORTAL_SECRET_H

#include <stdbool.h>

#define SECRET_HEX_BYTES 65 /* 64 hex digits and NUL */
#define SECRET_STORED_BYTES 128

/* "scrypt$SALT$KEY" in hex. False without randomness or memory. */
bool password_store(const char *password, char out[SECRET_STORED_BYTES]);
/* Constant time. A stored text that is none of ours never matches, and costs as much. */
bool password_matches(const char *password, const char *stored);

bool token_new(char out[SECRET_HEX_BYTES]);
void token_digest(const char *token, char out[SECRET_HEX_BYTES]);

#endif
