/* Flags prove themselves: only what this drill's key made, letter for letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "core/flag.h"
#include <regex.h>

static const uint8_t key[FLAG_KEY_BYTES] = "0123456789abcdef0123456789abcde";

static int
setup(void **state)
{
	*state = flag_codec_new("DRILL", key);
	return 0;
}

static int
teardown(void **state)
{
	flag_codec_free(*state);
	return 0;
}

static void
test_round_trip(void **state)
{
	static const struct flag flags[] = {
	    {0, 0, 0}, {1, 2, 3}, {TICKS_MAX, 9999, 7}, {(1 << 24) - 1, 65535, 255}};
	char text[FLAG_TEXT_BYTES];
	struct flag back;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		flag_write(*state, &flags[i], text);
		assert_int_equal(strlen(text), 5 + 24 + 2);
		assert_true(flag_read(*state, text, strlen(text), &back));
		assert_int_equal(back.tick, flags[i].tick);
		assert_int_equal(back.system, flags[i].system);
		assert_int_equal(back.slot, flags[i].slot);
	}
}

/*
 * The layout is a promise: flags handed out before an update must be good after it. By hand:
 * HMAC-SHA256(key, "DRILL{" 00 01 02 03 04 05), first 12 bytes, after the six bytes of the payload.
 */
static void
test_layout_is_constant(void **state)
{
	const struct flag f = {.tick = 0x000102, .system = 0x0304, .slot = 5};
	static const uint8_t message[] = "DRILL{\x00\x01\x02\x03\x04\x05";
	struct mac *mac = mac_new(key, sizeof(key));
	uint8_t tag[SHA256_BYTES], bytes[18] = {0, 1, 2, 3, 4, 5};
	char text[FLAG_TEXT_BYTES], want[FLAG_TEXT_BYTES] = "DRILL{";

	mac_tag(mac, message, 12, tag);
	mac_free(mac);
	memcpy(bytes + 6, tag, 12);
	base64url_encode(bytes, sizeof(bytes), want + 6);
	strcat(want, "}");
	flag_write(*state, &f, text);
	assert_string_equal(text, want);
	assert_int_equal(strncmp(text, "DRILL{AAECAwQF", 14), 0);
}

static void
test_one_wrong_bit_anywhere(void **state)
{
	const struct flag f = {.tick = 17, .system = 4, .slot = 1};
	char text[FLAG_TEXT_BYTES];
	struct flag out;
	size_t len;

	flag_write(*state, &f, text);
	len = strlen(text);
	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			text[i] ^= (char)(1 << bit);
			assert_false(flag_read(*state, text, len, &out));
			text[i] ^= (char)(1 << bit);
		}
	assert_true(flag_read(*state, text, len, &out));
	assert_false(flag_read(*state, text, len - 1, &out));
	assert_false(flag_read(*state, text, len + 1, &out));
	assert_false(flag_read(*state, text, 0, &out));
}

static void
test_other_drills_flags(void **state)
{
	const struct flag f = {.tick = 17, .system = 4, .slot = 1};
	uint8_t other_key[FLAG_KEY_BYTES];
	struct flag_codec *codecs[2];
	char text[FLAG_TEXT_BYTES];
	struct flag out;

	memcpy(other_key, key, sizeof(key));
	other_key[31] ^= 1;
	codecs[0] = flag_codec_new("DRILL", other_key);
	codecs[1] = flag_codec_new("DRIL2", key);
	for (int i = 0; i < 2; i++) {
		flag_write(codecs[i], &f, text);
		assert_true(flag_read(codecs[i], text, strlen(text), &out));
		assert_false(flag_read(*state, text, strlen(text), &out));
		memcpy(text, "DRILL", 5); /* the prefix is in the tag, not only in front */
		assert_false(flag_read(*state, text, strlen(text), &out));
		flag_codec_free(codecs[i]);
	}
}

/* A seed is the flag's own, always the same, and not a part of the flag. */
static void
test_seed(void **state)
{
	const struct flag f = {.tick = 17, .system = 4, .slot = 1}, g = {.tick = 17, .system = 4};
	char seed[17], again[17], other[17], text[FLAG_TEXT_BYTES], hex[37];
	uint8_t bytes[18];

	flag_seed(*state, &f, seed);
	flag_seed(*state, &f, again);
	flag_seed(*state, &g, other);
	assert_int_equal(strlen(seed), 16);
	assert_string_equal(seed, again);
	assert_string_not_equal(seed, other);
	flag_write(*state, &f, text);
	assert_int_equal(base64url_decode(text + 6, 24, bytes, sizeof(bytes)), 18);
	hex_encode(bytes, sizeof(bytes), hex);
	assert_null(strstr(hex, seed));
}

static void
test_regex_finds_flags(void **state)
{
	const struct flag f = {.tick = 17, .system = 4, .slot = 1};
	char pattern[64], text[FLAG_TEXT_BYTES], page[128];
	regmatch_t at;
	regex_t re;

	flag_regex("DRILL", pattern);
	assert_string_equal(pattern, "DRILL\\{[A-Za-z0-9_-]{24}\\}");
	flag_write(*state, &f, text);
	snprintf(page, sizeof(page), "<p>%s</p>", text);
	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED), 0);
	assert_int_equal(regexec(&re, page, 1, &at, 0), 0);
	assert_int_equal(at.rm_so, 3);
	assert_int_equal(at.rm_eo - at.rm_so, strlen(text));
	regfree(&re);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_round_trip),
	    TEST(test_layout_is_constant),
	    TEST(test_one_wrong_bit_anywhere),
	    TEST(test_other_drills_flags),
	    TEST(test_seed),
	    TEST(test_regex_finds_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
