/*
 * Hashes, MACs, signatures, random bytes, password hashes: OpenSSL behind plain functions.
 * Failure of a primitive (not of a verification) means a broken OpenSSL: the process aborts with a
 * line. Objects are not thread safe; the free functions are.
 */
#ifndef DRILLD_BASE_HASH_H
#define DRILLD_BASE_HASH_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX_BYTES 65 /* with the NUL */
#define SIGN_BYTES 64
#define SIGN_PUBLIC_BYTES 32
#define SIGN_SECRET_BYTES 32
#define PASSWORD_HASH_BYTES 160

/* ---- SHA-256 (FIPS 180-4), one reusable context per thread ---- */
struct hasher;
struct hasher *hasher_new(void);
void hasher_free(struct hasher *h);
void hasher_begin(struct hasher *h);
void hasher_add(struct hasher *h, const void *data, size_t len);
void hasher_end(struct hasher *h, uint8_t out[SHA256_BYTES]);
void sha256(const void *data, size_t len, uint8_t out[SHA256_BYTES]);

/* MD5 (RFC 1321): only to speak to systems that still want it. */
#define MD5_BYTES 16
void md5(const void *data, size_t len, uint8_t out[MD5_BYTES]);

/* ---- HMAC-SHA256 (RFC 2104) with the key's pads computed once ---- */
struct mac;
struct mac *mac_new(const void *key, size_t len);
void mac_free(struct mac *m);
void mac_tag(struct mac *m, const void *data, size_t len, uint8_t out[SHA256_BYTES]);

/* ---- Ed25519 (RFC 8032) ---- */
struct signer;
void sign_generate(uint8_t secret[SIGN_SECRET_BYTES], uint8_t public_key[SIGN_PUBLIC_BYTES]);
struct signer *signer_new(const uint8_t secret[SIGN_SECRET_BYTES]);
void signer_free(struct signer *s);
void signer_public(const struct signer *s, uint8_t out[SIGN_PUBLIC_BYTES]);
void signer_sign(struct signer *s, const void *data, size_t len, uint8_t out[SIGN_BYTES]);
bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_BYTES], const void *data, size_t len,
    const uint8_t signature[SIGN_BYTES]);

/* ---- passwords: scrypt (RFC 7914), N=2^15 r=8 p=1; 32 MiB and tens of ms: run it on the pool ----
 */
/* Text form `scrypt$15$8$1$SALT$HASH`, salt and hash in base64url. */
void password_hash(const char *password, char out[PASSWORD_HASH_BYTES]);
bool password_matches(const char *password, const char *hash); /* false for a malformed hash too */

/* ---- odds and ends ---- */
bool secret_equal(const void *a, const void *b, size_t len); /* constant time */
void random_bytes(void *out, size_t len);
void hex_encode(const void *data, size_t len, char *out); /* out: 2 * len + 1 */
bool hex_decode(
    const char *hex, size_t hex_len, uint8_t *out); /* lower or upper case; false if malformed */
/* base64url without padding (RFC 4648 section 5). encode: out takes 4 * (len + 2) / 3 + 1 bytes. */
size_t base64url_encode(const void *data, size_t len, char *out);
/* Bytes written, or -1 if malformed, over max, or not the one canonical encoding. */
long base64url_decode(const char *text, size_t text_len, uint8_t *out, size_t max);
/* base64 with padding (RFC 4648 section 4). out takes 4 * ((len + 2) / 3) + 1 bytes; returns its length. */
size_t base64_encode(const void *data, size_t len, char *out);
/* A random token: len random bytes as base64url. out as for base64url_encode. */
void random_token(size_t len, char *out);

#endif
