/* The text and its YAML: what is refused before a single key is looked at, and where. */
#include "cases.h"

static const char small[] =
    "drill: {id: a, name: b, duration: 10m, tick: 60s}\n"
    "departments: [{id: d, name: D}]\n"
    "systems: [{id: s, name: S, department: d, challenge: web, address: h}]\n";

/* What is said about the text; NULL-free texts only. */
static void
expect(const char *text, size_t len, const char *expected)
{
	struct scenario s;
	struct buf said;
	enum err e = parse_texts(text, len, good_challenge, &s, &said);

	same_mistakes(text, "F:", said.len > 0 ? said.data : "", expected);
	assert_int_equal(e, *expected == '\0' ? ERR_OK : ERR_INVALID);
	scenario_free(&s);
	buf_free(&said);
}

static void
expect_text(const char *text, const char *expected)
{
	expect(text, strlen(text), expected);
}

static void
bom_and_crlf_are_fine(void **state)
{
	struct buf b;
	(void)state;

	buf_init(&b, TEXT_MAX_BYTES);
	buf_puts(&b, "\xef\xbb\xbf");
	for (const char *c = small; *c != '\0'; c++) {
		if (*c == '\n')
			buf_putc(&b, '\r');
		buf_putc(&b, *c);
	}
	expect(b.data, b.len, "");
	buf_puts(&b, "oops: 1\r\n"); /* and places stay right */
	expect(b.data, b.len, "4:1: \"oops\" is no key");
	buf_free(&b);
	expect_text("\xef\xbb\xbf"
		    "drill: 1",
	    "1:1: a scenario has no departments\n"
	    "1:1: a scenario has no systems\n"
	    "1:8: expected the drill (KEY: VALUE), found \"1\"");
}

static void
bytes_that_are_not_utf8(void **state)
{
	(void)state;
	expect_text("a: 1\nb: 图\xe5\x9b x", "2:5: byte 0xe5 is not UTF-8");
	expect_text("\xff\xfe"
		    "d",
	    "1:1: byte 0xff is not UTF-8");
	expect_text("a: \xc0\x80", "1:4: byte 0xc0 is not UTF-8");
	expect_text("a: \xed\xa0\x80", "1:4: byte 0xed is not UTF-8");
	expect_text("a: \xf4\x90\x80\x80", "1:4: byte 0xf4 is not UTF-8");
	expect_text("a: \xe5", "1:4: byte 0xe5 is not UTF-8");
}

static void
characters_that_may_not_stand_there(void **state)
{
	(void)state;
	expect("a: b\0c", 6, "1:5: character U+0000 may not stand here");
	expect_text("a: 1\r\nb: \x1b[2J", "2:4: character U+001B may not stand here");
	expect_text("a: b\xe2\x80\xa8", "1:5: character U+2028 may not stand here");
	expect_text("a: \"b\\0c\"", "1:4: a text holds a NUL");
}

static void
syntax_errors_say_what_was_probably_meant(void **state)
{
	(void)state;
	expect_text("drill:\n  id: a\n id: b\n", "3:2: not YAML: did not find expected key");
	expect_text(
	    "drill:\n\tid: a\n", "2:1: not YAML: found character that cannot start any token");
	expect_text("a: b: c\n", "1:5: not YAML: mapping values are not allowed");
	expect_text("a: [1, 2\n", "2:1: not YAML: did not find expected ',' or ']'");
	expect_text("a: \"b\n", "2:1: not YAML: found unexpected end of stream");
	expect_text("- a\nb: 1\n", "2:1: not YAML: did not find expected '-' indicator");
	expect_text("a: {id: b\uff0crole: c}\n",
	    "1:15: not YAML: did not find expected ',' or '}', while parsing a flow mapping that "
	    "began on line 1; full-width punctuation stands there");
	expect_text("a: \u56fe\uff0c\u4e66\nb: [1, 2\n",
	    "3:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence that "
	    "began on line 2; entries in [ ]");
}

static void
emptiness_and_other_shapes(void **state)
{
	(void)state;
	expect_text("", "1:1: the file is empty");
	expect_text("# only a comment\n", "1:1: the file is empty");
	expect_text("[]", "1:1: expected a scenario (KEY: VALUE), found a list");
	expect_text("~", "1:1: expected a scenario (KEY: VALUE), found nothing");
	expect_text("{}", "1:1: a scenario has no drill; add `drill: ...`\n"
			  "1:1: a scenario has no departments\n1:1: a scenario has no systems");
}

static void
one_document_without_tricks(void **state)
{
	char text[1024];
	(void)state;

	snprintf(text, sizeof(text), "---\n%s", small);
	expect_text(text, "");
	snprintf(text, sizeof(text), "%s---\n%s", small, small);
	expect_text(text, "4:1: a second document begins");
	expect_text("a: &x 1\nb: *x\n", "1:4: anchors (&x) are not used here");
	expect_text("a: 1\nb: *x\n", "2:4: aliases (*x) are not used here");
	expect_text("a: &x [*x]\n", "1:4: anchors (&x)");
	expect_text("a: !!binary aGk=\n", "1:4: tags (tag:yaml.org,2002:binary) are not used here");
	expect_text("? [a]\n: 1\n", "1:1: a scenario has no drill\n"
				    "1:1: a scenario has no departments\n"
				    "1:1: a scenario has no systems\n"
				    "1:3: a key must be a text, found a list");
}

/* Billions of laughs need anchors; deep nesting needs brackets; both end at once. */
static void
depth_and_size_are_bounded(void **state)
{
	struct buf b;
	(void)state;

	buf_init(&b, TEXT_MAX_BYTES);
	for (int i = 0; i < 100000; i++)
		buf_putc(&b, '[');
	expect(b.data, b.len, "1:25: nested more than 24 deep");
	buf_reset(&b);
	buf_puts(&b, "a: [");
	for (int i = 0; i < 700000; i++)
		buf_puts(&b, "1,");
	expect(b.data, b.len, "1:1199999: more than 600000 values");
	buf_free(&b);
}

static void
mistakes_are_counted_up_to_a_limit(void **state)
{
	struct scenario s;
	struct buf b, said;
	size_t lines = 0;
	(void)state;

	buf_init(&b, TEXT_MAX_BYTES);
	buf_puts(&b, small);
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "k%d: 1\n", i);
	assert_int_equal(parse_texts(b.data, b.len, good_challenge, &s, &said), ERR_INVALID);
	for (const char *c = said.data; *c != '\0'; c++)
		lines += *c == '\n';
	assert_int_equal(lines, MISTAKES_MAX + 1);
	assert_non_null(strstr(said.data, "F: there may be more mistakes; mend these 200 first\n"));
	scenario_free(&s);
	buf_free(&said);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bom_and_crlf_are_fine),
	    cmocka_unit_test(bytes_that_are_not_utf8),
	    cmocka_unit_test(characters_that_may_not_stand_there),
	    cmocka_unit_test(syntax_errors_say_what_was_probably_meant),
	    cmocka_unit_test(emptiness_and_other_shapes),
	    cmocka_unit_test(one_document_without_tricks),
	    cmocka_unit_test(depth_and_size_are_bounded),
	    cmocka_unit_test(mistakes_are_counted_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
