/* The expects of a talk: found however the bytes arrive, each after the last one's match. */
#include "checker/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct hearing {
	struct arena arena;
	struct vars vars;
	struct answer answer;
	struct talk_place place;
	struct pattern pattern;
};

static void
begin(struct hearing *h)
{
	memset(h, 0, sizeof *h);
	answer_init(&h->answer);
	vars_set(&h->vars, &h->arena, "flag", "F{1}");
	assert_int_equal(pattern_compile(&h->pattern, "^25[0-9] (ok|fine)$", NULL), ERR_OK);
}

static void
end(struct hearing *h)
{
	pattern_free(&h->pattern);
	answer_free(&h->answer);
	arena_free(&h->arena);
}

static enum talk_found
expect(struct hearing *h, const char *text)
{
	struct talk line = {.kind = TALK_EXPECT};

	template_parse(&line.text, &h->arena, text);
	return talk_find(&h->place, &line, &h->answer, &h->vars);
}

static enum talk_found
expect_line(struct hearing *h)
{
	struct talk line = {.kind = TALK_EXPECT_REGEX, .pattern = &h->pattern};

	return talk_find(&h->place, &line, &h->answer, &h->vars);
}

static void
test_text(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	assert_int_equal(expect(&h, "x"), TALK_NOT_YET);
	for (const char *c = "aaF{1}"; *c != '\0'; c++) {
		assert_int_equal(expect(&h, "{{flag}}"), TALK_NOT_YET);
		buf_putc(&h.answer.body, *c);
	}
	assert_int_equal(expect(&h, "{{flag}}"), TALK_FOUND);
	assert_int_equal(h.place.consumed, h.answer.body.len);
	assert_int_equal(expect(&h, "a"), TALK_NOT_YET); /* it came before the last match */
	assert_int_equal(expect(&h, ""), TALK_FOUND);
	buf_puts(&h.answer.body, "ba");
	assert_int_equal(expect(&h, "a"), TALK_FOUND);
	end(&h);
}

static void
test_pattern(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	buf_puts(&h.answer.body, "250 no\r\n250 ");
	assert_int_equal(expect_line(&h), TALK_NOT_YET);
	buf_puts(&h.answer.body, "fi");
	assert_int_equal(expect_line(&h), TALK_NOT_YET);
	buf_puts(&h.answer.body, "ne\r\n251 ok\r\n");
	assert_int_equal(expect_line(&h), TALK_FOUND);
	assert_int_equal(h.place.consumed, strlen("250 no\r\n250 fine"));
	assert_int_equal(expect_line(&h), TALK_FOUND);
	assert_int_equal(expect_line(&h), TALK_NOT_YET);
	h.answer.regex_ms = 0;
	buf_puts(&h.answer.body, "251 ok\r\n");
	assert_int_equal(expect_line(&h), TALK_TOO_COSTLY);
	end(&h);
}

/* What came before TLS is no answer under it. */
static void
test_skip(void **state)
{
	struct hearing h;

	(void)state;
	begin(&h);
	buf_puts(&h.answer.body, "220 go\r\n250 ok\r\n");
	assert_int_equal(expect(&h, "220"), TALK_FOUND);
	talk_skip(&h.place, &h.answer);
	assert_int_equal(expect(&h, "250"), TALK_NOT_YET);
	assert_int_equal(expect_line(&h), TALK_NOT_YET);
	buf_puts(&h.answer.body, "250 ok\r\n");
	assert_int_equal(expect_line(&h), TALK_FOUND);
	end(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_pattern),
	    cmocka_unit_test(test_skip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
