#include "secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define SALT_BYTES 16
#define KEY_BYTES 32
/* 2 MiB and about 5 ms: the site has one thread, and a sign-in must not hold up the visitors. */
#define SCRYPT_N 2048
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SCRYPT_MEMORY_MAX_BYTES (8 * 1024 * 1024)

static void
hex_write(const unsigned char *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* The salt goes into the key derivation as its hex text. */
static bool
password_key(const char *password, const char *salt, char out[2 * KEY_BYTES + 1])
{
	unsigned char key[KEY_BYTES];

	if (EVP_PBE_scrypt(password, strlen(password), (const unsigned char *)salt, strlen(salt),
		SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_MEMORY_MAX_BYTES, key, sizeof key) != 1)
		return false;
	hex_write(key, sizeof key, out);
	return true;
}

bool
password_store(const char *password, char out[SECRET_STORED_BYTES])
{
	unsigned char salt[SALT_BYTES];
	char salt_hex[2 * SALT_BYTES + 1];
	char key_hex[2 * KEY_BYTES + 1];

	if (RAND_bytes(salt, sizeof salt) != 1)
		return false;
	hex_write(salt, sizeof salt, salt_hex);
	if (!password_key(password, salt_hex, key_hex))
		return false;
	snprintf(out, SECRET_STORED_BYTES, "scrypt$%s$%s", salt_hex, key_hex);
	return true;
}

bool
password_matches(const char *password, const char *stored)
{
	char salt_hex[2 * SALT_BYTES + 1] = "00000000000000000000000000000000";
	char want[2 * KEY_BYTES + 1] = "";
	char key_hex[2 * KEY_BYTES + 1];
	bool known = sscanf(stored, "scrypt$%32[0-9a-f]$%64[0-9a-f]", salt_hex, want) == 2 &&
		     strlen(want) == 2 * KEY_BYTES;

	if (!password_key(password, salt_hex, key_hex))
		return false;
	return known && CRYPTO_memcmp(want, key_hex, 2 * KEY_BYTES) == 0;
}

bool
token_new(char out[SECRET_HEX_BYTES])
{
	unsigned char bytes[32];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return false;
	hex_write(bytes, sizeof bytes, out);
	return true;
}

void
token_digest(const char *token, char out[SECRET_HEX_BYTES])
{
	unsigned char digest[32] = {0};

	EVP_Digest(token, strlen(token), digest, NULL, EVP_sha256(), NULL);
	hex_write(digest, sizeof digest, out);
}
