/* Hashes, MACs, signatures, passwords and encodings against the published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/hash.h"

static void
assert_hex(const uint8_t *data, size_t len, const char *want)
{
	char hex[257];

	hex_encode(data, len, hex);
	assert_string_equal(hex, want);
}

static void
unhex(const char *hex, uint8_t *out)
{
	assert_true(hex_decode(hex, strlen(hex), out));
}

/* FIPS 180-4, NIST's examples. */
static void
test_sha256(void **state)
{
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	struct hasher *h = hasher_new();
	uint8_t out[SHA256_BYTES];

	(void)state;
	sha256("abc", 3, out);
	assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256("", 0, out);
	assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t cut = 0; cut <= strlen(two_blocks); cut++) { /* one context, used again */
		hasher_begin(h);
		hasher_add(h, two_blocks, cut);
		hasher_add(h, two_blocks + cut, strlen(two_blocks) - cut);
		hasher_end(h, out);
		assert_hex(
		    out, 32, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	}
	hasher_free(h);
}

static void
assert_mac(const uint8_t *key, size_t key_len, const char *text, size_t len, const char *want)
{
	struct mac *m = mac_new(key, key_len);
	uint8_t out[SHA256_BYTES];

	for (int again = 0; again < 2; again++) {
		mac_tag(m, text, len, out);
		assert_hex(out, 32, want);
	}
	mac_free(m);
}

/* RFC 4231 sections 4.2, 4.3, 4.4 and 4.7 (a key longer than a block). */
static void
test_hmac_sha256(void **state)
{
	uint8_t key[131], data[50];

	(void)state;
	memset(key, 0x0b, 20);
	assert_mac(key, 20, "Hi There", 8,
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_mac((const uint8_t *)"Jefe", 4, "what do ya want for nothing?", 28,
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	memset(data, 0xdd, sizeof(data));
	assert_mac(key, 20, (const char *)data, sizeof(data),
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	assert_mac(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54,
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 8032 section 7.1, tests 2 and 3; and that one bit anywhere makes it wrong. */
static void
test_ed25519(void **state)
{
	static const char *const vectors[][4] = {
	    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t secret[32], public_key[32], message[8], sig[64], own[32];
		size_t len = strlen(vectors[i][2]) / 2;
		struct signer *s;

		unhex(vectors[i][0], secret);
		unhex(vectors[i][1], public_key);
		unhex(vectors[i][2], message);
		s = signer_new(secret);
		signer_public(s, own);
		assert_memory_equal(own, public_key, 32);
		signer_sign(s, message, len, sig);
		assert_hex(sig, 64, vectors[i][3]);
		assert_true(sign_verify(public_key, message, len, sig));
		for (size_t bit = 0; bit < 512; bit++) {
			sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_false(sign_verify(public_key, message, len, sig));
			sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		message[0] ^= 1;
		assert_false(sign_verify(public_key, message, len, sig));
		signer_free(s);
	}
}

static void
test_generated_keys_differ(void **state)
{
	uint8_t a[32], b[32], public_a[32], public_b[32], sig[64];
	struct signer *s;

	(void)state;
	sign_generate(a, public_a);
	sign_generate(b, public_b);
	assert_memory_not_equal(a, b, 32);
	s = signer_new(a);
	signer_sign(s, "x", 1, sig);
	assert_true(sign_verify(public_a, "x", 1, sig));
	assert_false(sign_verify(public_b, "x", 1, sig));
	signer_free(s);
}

/* RFC 7914 section 12, third vector's parameters are ours to read: N=16384 (2^14), r=8, p=1, first 32 bytes. */
static void
test_scrypt(void **state)
{
	static const char *const malformed[] = {"", "scrypt", "scrypt$14$8$1$", "scrypt$14$8$1$AA",
	    "scrypt$99$8$1$AA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "scrypt$14$8$1$AA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ",
	    "scrypt$14$8$1$AB$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "md5$x"};
	static const char expected[] =
	    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
	char text[PASSWORD_HASH_BYTES], salt[32], hash[64];
	uint8_t bytes[32];

	(void)state;
	unhex(expected, bytes);
	base64url_encode("SodiumChloride", 14, salt);
	base64url_encode(bytes, 32, hash);
	snprintf(text, sizeof(text), "scrypt$14$8$1$%s$%s", salt, hash);
	assert_true(password_matches("pleaseletmein", text));
	assert_false(password_matches("pleaseletmeiN", text));
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		assert_false(password_matches("", malformed[i]));
}

static void
test_password_round_trip(void **state)
{
	char a[PASSWORD_HASH_BYTES], b[PASSWORD_HASH_BYTES];

	(void)state;
	password_hash("密码 correct horse", a);
	password_hash("密码 correct horse", b);
	assert_string_not_equal(a, b); /* a salt each */
	assert_int_equal(strncmp(a, "scrypt$15$8$1$", 14), 0);
	assert_true(password_matches("密码 correct horse", a));
	assert_false(password_matches("密码 correct hors", a));
}

/* RFC 4648 section 10, in the alphabet of section 5 and without padding. */
static void
test_base64url(void **state)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"},
	    {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "-_-_"}};
	static const char *const malformed[] = {
	    "Z", "Zg==", "Zh", "Zm9", "Zm9v Yg", "Zm+/", "Zm9vYh", "Zm9vY"};
	uint8_t out[16];
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t len = strlen(vectors[i][0]);

		assert_int_equal(base64url_encode(vectors[i][0], len, text), strlen(vectors[i][1]));
		assert_string_equal(text, vectors[i][1]);
		assert_int_equal(base64url_decode(text, strlen(text), out, len), len);
		assert_memory_equal(out, vectors[i][0], len);
		if (len > 0)
			assert_int_equal(base64url_decode(text, strlen(text), out, len - 1), -1);
	}
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		if (base64url_decode(malformed[i], strlen(malformed[i]), out, sizeof(out)) != -1)
			fail_msg("\"%s\" was taken", malformed[i]);
}

static void
test_hex(void **state)
{
	uint8_t out[4];

	(void)state;
	assert_true(hex_decode("00fFAb", 6, out));
	assert_memory_equal(out, "\x00\xff\xab", 3);
	assert_true(hex_decode("", 0, out));
	assert_false(hex_decode("0", 1, out));
	assert_false(hex_decode("0g", 2, out));
	assert_false(hex_decode(" 0", 2, out));
}

static void
test_odds_and_ends(void **state)
{
	char a[64], b[64];

	(void)state;
	assert_true(secret_equal("abc", "abc", 3));
	assert_false(secret_equal("abc", "abd", 3));
	assert_true(secret_equal("abc", "xyz", 0));
	random_token(32, a);
	random_token(32, b);
	assert_int_equal(strlen(a), 43);
	assert_string_not_equal(a, b);
}

/* RFC 4648 section 10. */
static void
test_base64(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(base64_encode(cases[i].text, strlen(cases[i].text), out),
		    strlen(cases[i].want));
		assert_string_equal(out, cases[i].want);
	}
}

/* RFC 1321 appendix A.5. */
static void
test_md5(void **state)
{
	uint8_t digest[MD5_BYTES];

	(void)state;
	md5("", 0, digest);
	assert_hex(digest, MD5_BYTES, "d41d8cd98f00b204e9800998ecf8427e");
	md5("message digest", 14, digest);
	assert_hex(digest, MD5_BYTES, "f96b697d7cb7938d525a2f31aaf161d0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sha256),
	    cmocka_unit_test(test_hmac_sha256),
	    cmocka_unit_test(test_ed25519),
	    cmocka_unit_test(test_generated_keys_differ),
	    cmocka_unit_test(test_scrypt),
	    cmocka_unit_test(test_password_round_trip),
	    cmocka_unit_test(test_base64url),
	    cmocka_unit_test(test_hex),
	    cmocka_unit_test(test_odds_and_ends),
	    cmocka_unit_test(test_base64),
	    cmocka_unit_test(test_md5),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
