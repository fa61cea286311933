/* Buffers, arenas and errors: what grows is bounded, what is cut is cut between characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

static void
test_buf_grows_to_its_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < 250; i++)
		buf_puts(&b, "1234");
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_int_equal(b.len, 1000);
	assert_int_equal(strlen(b.data), 1000);
	buf_putc(&b, 'x');
	assert_int_equal(buf_err(&b), ERR_LIMIT);
	assert_int_equal(b.len, 1000);
	buf_free(&b);
}

/* After one write that did not fit, none follows: no text with a hole in it. */
static void
test_buf_fails_for_good(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	buf_puts(&b, "abc");
	buf_puts(&b, "too long for it");
	buf_puts(&b, "d");
	assert_string_equal(b.data, "abc");
	assert_int_equal(buf_err(&b), ERR_LIMIT);
	assert_null(buf_room(&b, 1));
	buf_reset(&b);
	buf_printf(&b, "%s-%d", "x", 7);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_string_equal(b.data, "x-7");
	buf_printf(&b, "%20s", "");
	assert_int_equal(buf_err(&b), ERR_LIMIT);
	buf_free(&b);
}

static void
test_buf_huge_lengths(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_puts(&b, "abc");
	assert_null(buf_room(&b, SIZE_MAX));
	assert_int_equal(buf_err(&b), ERR_LIMIT);
	buf_free(&b);
}

static void
test_buf_integers(void **state)
{
	static const int64_t values[] = {0, 7, -1, 10, INT64_MAX, INT64_MIN, 1813453200000};
	char want[32];
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_reset(&b);
		buf_put_int(&b, values[i]);
		snprintf(want, sizeof(want), "%lld", (long long)values[i]);
		assert_string_equal(b.data, want);
	}
	buf_free(&b);
}

static void
test_buf_shift_and_take(void **state)
{
	struct buf b;
	size_t len;
	char *text;

	(void)state;
	buf_init(&b, 100);
	buf_puts(&b, "one\ntwo");
	buf_shift(&b, 4);
	assert_string_equal(b.data, "two");
	buf_shift(&b, 99);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
	buf_puts(&b, "three");
	text = buf_take(&b, &len);
	assert_string_equal(text, "three");
	assert_int_equal(len, 5);
	free(text);
	text = buf_take(&b, &len); /* an empty one is a text too */
	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	free(text);
}

static void
test_arena_memory_is_clear_and_aligned(void **state)
{
	struct arena a = {0};

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 300; n++) {
			unsigned char *p = arena_alloc(&a, n);

			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xff, n);
		}
		arena_reset(&a); /* what is given out again must be clear again */
		assert_int_equal(a.used_bytes, 0);
	}
	arena_free(&a);
}

static void
test_arena_large_and_text(void **state)
{
	struct arena a = {0};
	char *big = arena_alloc(&a, 100000), *text;

	(void)state;
	big[99999] = 'x';
	text = arena_strndup(&a, "abcdef", 3);
	assert_string_equal(text, "abc");
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_int_equal(big[99999], 'x');
	arena_reset(&a);
	arena_free(&a);
	arena_free(&a);
}

static void
test_err_names(void **state)
{
	(void)state;
	for (int e = 0; e < ERR_COUNT; e++) {
		assert_string_not_equal(err_name((enum err)e), "unknown");
		for (int other = 0; other < e; other++)
			assert_string_not_equal(err_name((enum err)e), err_name((enum err)other));
	}
	assert_string_equal(err_name((enum err)ERR_COUNT), "unknown");
}

/* A sentence that is too long ends with a whole character, wherever the cut falls. */
static void
test_why_is_cut_between_characters(void **state)
{
	static const char *const marks[] = {"é", "中", "😀"};
	char long_text[2 * WHY_MAX];
	struct why why;

	(void)state;
	for (size_t m = 0; m < 3; m++) {
		for (size_t pad = 0; pad < 4; pad++) {
			size_t n = pad;

			memset(long_text, 'a', pad);
			while (n + 4 < sizeof(long_text)) {
				memcpy(long_text + n, marks[m], strlen(marks[m]));
				n += strlen(marks[m]);
			}
			long_text[n] = '\0';
			assert_int_equal(why_set(&why, ERR_LIMIT, "%s", long_text), ERR_LIMIT);
			assert_true(utf8_valid(why.text, strlen(why.text)));
			assert_in_range(strlen(why.text), WHY_MAX - 4, WHY_MAX - 1);
		}
	}
	assert_int_equal(why_set(NULL, ERR_IO, "nobody listens"), ERR_IO);
	why_set(&why, ERR_IO, "no \"%.4s\", no \"%s\"", "中中", "\xff");
	assert_string_equal(why.text, "no \"中?\", no \"?\""); /* a sentence is always UTF-8 */
	why_set(&why, ERR_IO, "kept 中");
	assert_string_equal(why.text, "kept 中");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_buf_grows_to_its_maximum),
	    cmocka_unit_test(test_buf_fails_for_good),
	    cmocka_unit_test(test_buf_huge_lengths),
	    cmocka_unit_test(test_buf_integers),
	    cmocka_unit_test(test_buf_shift_and_take),
	    cmocka_unit_test(test_arena_memory_is_clear_and_aligned),
	    cmocka_unit_test(test_arena_large_and_text),
	    cmocka_unit_test(test_err_names),
	    cmocka_unit_test(test_why_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
