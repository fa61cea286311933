#include "base/hash.h"
#include "base/mem.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRYPT_LOG_N 15
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SCRYPT_SALT_BYTES 16
#define SCRYPT_HASH_BYTES 32
#define HMAC_BLOCK_BYTES 64

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "OpenSSL failed in %s\n", what);
	abort();
}

/* ---- SHA-256 ---- */

struct hasher {
	EVP_MD_CTX *ctx;
};

/* Fetched once: EVP_sha256() would be looked up by name again for every hash. */
static EVP_MD *
sha256_method(void)
{
	static EVP_MD *method;
	EVP_MD *md = __atomic_load_n(&method, __ATOMIC_ACQUIRE), *expected = NULL;

	if (md != NULL)
		return md;
	md = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(md != NULL, "EVP_MD_fetch");
	if (!__atomic_compare_exchange_n(
		&method, &expected, md, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		EVP_MD_free(md);
		return expected;
	}
	return md;
}

struct hasher *
hasher_new(void)
{
	struct hasher *h = mem_alloc(sizeof *h);

	h->ctx = EVP_MD_CTX_new();
	must(h->ctx != NULL, "EVP_MD_CTX_new");
	return h;
}

void
hasher_free(struct hasher *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
hasher_begin(struct hasher *h)
{
	must(EVP_DigestInit_ex2(h->ctx, sha256_method(), NULL) == 1, "EVP_DigestInit_ex2");
}

void
hasher_add(struct hasher *h, const void *data, size_t len)
{
	must(EVP_DigestUpdate(h->ctx, data, len) == 1, "EVP_DigestUpdate");
}

void
hasher_end(struct hasher *h, uint8_t out[SHA256_BYTES])
{
	must(EVP_DigestFinal_ex(h->ctx, out, NULL) == 1, "EVP_DigestFinal_ex");
}

void
sha256(const void *data, size_t len, uint8_t out[SHA256_BYTES])
{
	must(EVP_Digest(data, len, out, NULL, sha256_method(), NULL) == 1, "EVP_Digest");
}

void
md5(const void *data, size_t len, uint8_t out[MD5_BYTES])
{
	must(EVP_Digest(data, len, out, NULL, EVP_md5(), NULL) == 1, "EVP_Digest");
}

/* ---- HMAC: inner and outer contexts with the key's pads already absorbed ---- */

struct mac {
	EVP_MD_CTX *inner, *outer, *work;
};

static EVP_MD_CTX *
padded_context(const uint8_t key[HMAC_BLOCK_BYTES], uint8_t pad)
{
	uint8_t block[HMAC_BLOCK_BYTES];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(ctx != NULL, "EVP_MD_CTX_new");
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = key[i] ^ pad;
	must(EVP_DigestInit_ex2(ctx, sha256_method(), NULL) == 1, "EVP_DigestInit_ex2");
	must(EVP_DigestUpdate(ctx, block, sizeof block) == 1, "EVP_DigestUpdate");
	mem_wipe(block, sizeof block);
	return ctx;
}

struct mac *
mac_new(const void *key, size_t len)
{
	struct mac *m = mem_alloc(sizeof *m);
	uint8_t block[HMAC_BLOCK_BYTES] = {0};

	if (len > sizeof block)
		sha256(key, len, block);
	else
		memcpy(block, key, len);
	m->inner = padded_context(block, 0x36);
	m->outer = padded_context(block, 0x5c);
	m->work = EVP_MD_CTX_new();
	must(m->work != NULL, "EVP_MD_CTX_new");
	mem_wipe(block, sizeof block);
	return m;
}

void
mac_free(struct mac *m)
{
	if (m == NULL)
		return;
	EVP_MD_CTX_free(m->inner);
	EVP_MD_CTX_free(m->outer);
	EVP_MD_CTX_free(m->work);
	free(m);
}

void
mac_tag(struct mac *m, const void *data, size_t len, uint8_t out[SHA256_BYTES])
{
	uint8_t digest[SHA256_BYTES];

	must(EVP_MD_CTX_copy_ex(m->work, m->inner) == 1, "EVP_MD_CTX_copy_ex");
	must(EVP_DigestUpdate(m->work, data, len) == 1, "EVP_DigestUpdate");
	must(EVP_DigestFinal_ex(m->work, digest, NULL) == 1, "EVP_DigestFinal_ex");
	must(EVP_MD_CTX_copy_ex(m->work, m->outer) == 1, "EVP_MD_CTX_copy_ex");
	must(EVP_DigestUpdate(m->work, digest, sizeof digest) == 1, "EVP_DigestUpdate");
	must(EVP_DigestFinal_ex(m->work, out, NULL) == 1, "EVP_DigestFinal_ex");
}

/* ---- Ed25519 ---- */

struct signer {
	EVP_PKEY *key;
};

struct signer *
signer_new(const uint8_t secret[SIGN_SECRET_BYTES])
{
	struct signer *s = mem_alloc(sizeof *s);

	s->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, SIGN_SECRET_BYTES);
	must(s->key != NULL, "EVP_PKEY_new_raw_private_key");
	return s;
}

void
signer_free(struct signer *s)
{
	if (s == NULL)
		return;
	EVP_PKEY_free(s->key);
	free(s);
}

void
signer_public(const struct signer *s, uint8_t out[SIGN_PUBLIC_BYTES])
{
	size_t n = SIGN_PUBLIC_BYTES;

	must(EVP_PKEY_get_raw_public_key(s->key, out, &n) == 1, "EVP_PKEY_get_raw_public_key");
}

void
sign_generate(uint8_t secret[SIGN_SECRET_BYTES], uint8_t public_key[SIGN_PUBLIC_BYTES])
{
	size_t len = SIGN_PUBLIC_BYTES;
	struct signer *s;

	random_bytes(secret, SIGN_SECRET_BYTES);
	s = signer_new(secret);
	must(EVP_PKEY_get_raw_public_key(s->key, public_key, &len) == 1,
	    "EVP_PKEY_get_raw_public_key");
	signer_free(s);
}

void
signer_sign(struct signer *s, const void *data, size_t len, uint8_t out[SIGN_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = SIGN_BYTES;

	must(ctx != NULL, "EVP_MD_CTX_new");
	must(EVP_DigestSignInit(ctx, NULL, NULL, NULL, s->key) == 1, "EVP_DigestSignInit");
	must(EVP_DigestSign(ctx, out, &n, data, len) == 1, "EVP_DigestSign");
	EVP_MD_CTX_free(ctx);
}

bool
sign_verify(const uint8_t public_key[SIGN_PUBLIC_BYTES], const void *data, size_t len,
    const uint8_t signature[SIGN_BYTES])
{
	EVP_PKEY *key =
	    EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGN_PUBLIC_BYTES);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = key != NULL && ctx != NULL &&
		    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestVerify(ctx, signature, SIGN_BYTES, data, len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return good;
}

/* ---- passwords ---- */

static bool
scrypt(const char *password, const uint8_t *salt, size_t salt_len, unsigned log_n, unsigned r,
    unsigned p, uint8_t *out, size_t len)
{
	bool done = EVP_PBE_scrypt(password, strlen(password), salt, salt_len, 1ull << log_n, r, p,
			64u * 1024 * 1024, out, len) == 1;

	/* Pool threads end without telling OpenSSL: what it keeps per thread is given back here. */
	OPENSSL_thread_stop();
	return done;
}

void
password_hash(const char *password, char out[PASSWORD_HASH_BYTES])
{
	uint8_t salt[SCRYPT_SALT_BYTES], hash[SCRYPT_HASH_BYTES];
	char salt_text[32], hash_text[64];

	random_bytes(salt, sizeof salt);
	must(scrypt(
		 password, salt, sizeof salt, SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P, hash, sizeof hash),
	    "EVP_PBE_scrypt");
	base64url_encode(salt, sizeof salt, salt_text);
	base64url_encode(hash, sizeof hash, hash_text);
	snprintf(out, PASSWORD_HASH_BYTES, "scrypt$%d$%d$%d$%s$%s", SCRYPT_LOG_N, SCRYPT_R,
	    SCRYPT_P, salt_text, hash_text);
}

bool
password_matches(const char *password, const char *hash)
{
	uint8_t salt[64], want[SCRYPT_HASH_BYTES], got[SCRYPT_HASH_BYTES];
	char salt_text[48], hash_text[64];
	unsigned log_n, r, p;
	long salt_len, want_len;
	int end = 0;

	if (sscanf(hash, "scrypt$%2u$%2u$%2u$%40[A-Za-z0-9_-]$%60[A-Za-z0-9_-]%n", &log_n, &r, &p,
		salt_text, hash_text, &end) != 5 ||
	    hash[end] != '\0' || log_n < 1 || log_n > 16 || r < 1 || r > 8 || p < 1 || p > 4)
		return false;
	salt_len = base64url_decode(salt_text, strlen(salt_text), salt, sizeof salt);
	want_len = base64url_decode(hash_text, strlen(hash_text), want, sizeof want);
	if (salt_len < 0 || want_len != SCRYPT_HASH_BYTES)
		return false;
	if (!scrypt(password, salt, (size_t)salt_len, log_n, r, p, got, sizeof got))
		return false;
	return secret_equal(got, want, sizeof got);
}

/* ---- odds and ends ---- */

bool
secret_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
random_bytes(void *out, size_t len)
{
	must(RAND_bytes(out, (int)len) == 1, "RAND_bytes");
}

size_t
base64_encode(const void *data, size_t len, char *out)
{
	return (size_t)EVP_EncodeBlock((unsigned char *)out, data, (int)len);
}

void
random_token(size_t len, char *out)
{
	uint8_t bytes[64];

	must(len <= sizeof bytes, "random_token: too long");
	random_bytes(bytes, len);
	base64url_encode(bytes, len, out);
	mem_wipe(bytes, sizeof bytes);
}
