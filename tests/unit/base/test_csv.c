/* CSV as RFC 4180 has it, every mistake at its line and column, limits, and no formula on the way out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/csv.h"

static const struct csv_limits roomy = {.rows = 100, .columns = 20, .cell_bytes = 1000};

/* Cells with | between and / after a row. */
static void
reads(const char *text, const char *expected)
{
	struct arena arena = {NULL, 0};
	struct why why = {""};
	struct csv t;
	struct buf out;

	if (csv_parse(text, strlen(text), &roomy, &arena, &t, &why) != ERR_OK)
		fail_msg("%s: %s", text, why.text);
	buf_init(&out, 65536);
	buf_puts(&out, "");
	for (size_t r = 0; r < t.rows; r++)
		for (size_t c = 0; c < t.columns; c++) {
			assert_int_equal(csv_at(&t, r, c)->len, strlen(csv_at(&t, r, c)->s));
			buf_puts(&out, csv_at(&t, r, c)->s);
			buf_puts(&out, c + 1 < t.columns ? "|" : "/");
		}
	assert_string_equal(out.data, expected);
	buf_free(&out);
	arena_free(&arena);
}

static void
test_reads(void **state)
{
	(void)state;
	reads("", "");
	reads("a,b\r\n1,2\r\n", "a|b/1|2/");
	reads("a,b\n1,2", "a|b/1|2/");
	reads("\xef\xbb\xbf"
	      "a\n",
	    "a/");
	reads("a,,\n,b,\n", "a||/|b|/");
	reads("\n\r\na\n\n\nb\n\n", "a/b/");
	reads("\"\"\n", "/");
	reads("\"a\"\"b\",\"c,d\"\n", "a\"b|c,d/");
	reads("\"two\r\nlines\",x\r\n", "two\r\nlines|x/");
	reads(" a , b \n", " a | b /");
	reads("图书馆,\"网站, \"\"一\"\"\"\n", "图书馆|网站, \"一\"/");
}

static void
refuses(const char *text, enum err want, const char *says)
{
	struct arena arena = {NULL, 0};
	struct csv_limits limits = {.rows = 3, .columns = 3, .cell_bytes = 6};
	struct why why = {""};
	struct csv t;
	enum err e = csv_parse(text, strlen(text), &limits, &arena, &t, &why);

	if (e != want || strstr(why.text, says) != why.text)
		fail_msg("%s: \"%s\", not \"%s\"", text, why.text, says);
	assert_int_equal(t.rows, 0);
	arena_free(&arena);
}

static void
test_mistakes(void **state)
{
	(void)state;
	refuses("a,b\n1,2,3\n", ERR_INVALID,
	    "line 2, column 1: this line has 3 cells, the first one has 2");
	refuses("a,b\n\n1\n", ERR_INVALID, "line 3, column 1: this line has 1 cell,");
	refuses("a,b\"c\n", ERR_INVALID, "line 1, column 4: a quotation mark inside a cell");
	refuses("图,书\"\n", ERR_INVALID, "line 1, column 4: a quotation mark inside");
	refuses("a\n\"b\n", ERR_INVALID, "line 2, column 1: this quotation mark is never closed");
	refuses("\"a\" ,b\n", ERR_INVALID, "line 1, column 4: after a closing quotation mark");
	refuses("\"a\nb\"x\n", ERR_INVALID, "line 2, column 3: after a closing quotation mark");
	refuses("a\rb\n", ERR_INVALID, "line 1, column 2: a carriage return without line feed");
	refuses("a\n\"\xc3\"\n", ERR_INVALID, "line 2, column 2: this is not UTF-8");
	refuses("图\xff\n", ERR_INVALID, "line 1, column 2: this is not UTF-8");
}

static void
test_limits(void **state)
{
	struct csv_limits limits = {.rows = 3, .columns = 3, .cell_bytes = 6};
	struct arena arena = {NULL, 0};
	struct why why;
	struct csv t;

	(void)state;
	assert_int_equal(
	    csv_parse("a,b,123456\n\na,b,c\na,b,c\n\n", 25, &limits, &arena, &t, &why), ERR_OK);
	assert_int_equal(t.rows * 10 + t.columns, 33);
	arena_free(&arena);
	refuses("a\nb\nc\nd\n", ERR_LIMIT, "line 4, column 1: more than 3 lines");
	refuses("a,b,c,d\n", ERR_LIMIT, "line 1, column 7: more than 3 cells in one line");
	refuses("a,1234567\n", ERR_LIMIT, "line 1, column 9: this cell has more than 6 bytes");
	refuses("\"1\n34567\"\n", ERR_LIMIT, "line 2, column 5: this cell has more than 6 bytes");
	assert_int_equal(csv_parse("a\0b", 3, &limits, &arena, &t, &why), ERR_INVALID);
	assert_string_equal(why.text, "line 1, column 2: this is not UTF-8");
	assert_int_equal(
	    csv_parse("", CSV_TEXT_MAX_BYTES + (size_t)1, &limits, &arena, &t, &why), ERR_LIMIT);
	arena_free(&arena);
}

/* What a cell says is found wrong later: it knows where it stood. */
static void
test_places(void **state)
{
	static const char text[] = "id,name\n\n\"x\n\",图\n甲,乙\n";
	struct arena arena = {NULL, 0};
	struct why why;
	struct csv t;

	(void)state;
	assert_int_equal(csv_parse(text, strlen(text), &roomy, &arena, &t, &why), ERR_OK);
	assert_int_equal(csv_at(&t, 1, 0)->line, 3);
	assert_int_equal(csv_at(&t, 1, 0)->column, 1);
	assert_int_equal(csv_at(&t, 1, 1)->line, 4);
	assert_int_equal(csv_at(&t, 1, 1)->column, 3);
	assert_int_equal(csv_at(&t, 2, 1)->line, 5);
	assert_int_equal(csv_at(&t, 2, 1)->column, 3);
	arena_free(&arena);
}

static const struct csv_field fields[] = {
    {"id", "编号", true}, {"name", "名称", true}, {"note", NULL, false}};

static void
head(const char *text, enum err want, int id, int name, int note, const char *says)
{
	struct arena arena = {NULL, 0};
	struct why why = {""};
	struct csv t;
	int index[3];

	assert_int_equal(csv_parse(text, strlen(text), &roomy, &arena, &t, &why), ERR_OK);
	if (csv_head(&t, fields, 3, index, &why) != want || strstr(why.text, says) == NULL)
		fail_msg("%s: \"%s\"", text, why.text);
	if (want == ERR_OK) {
		assert_int_equal(index[0], id);
		assert_int_equal(index[1], name);
		assert_int_equal(index[2], note);
	}
	arena_free(&arena);
}

static void
test_head(void **state)
{
	(void)state;
	head("name,id\n", ERR_OK, 1, 0, -1, "");
	head("note, 编号 ,名称\n", ERR_OK, 1, 2, 0, "");
	head("", ERR_INVALID, 0, 0, 0, "there is no head");
	head("id,nam\n", ERR_INVALID, 0, 0, 0,
	    "line 1, column 4: there is no column \"nam\"; there are: id, name, note");
	head("id,name,编号\n", ERR_INVALID, 0, 0, 0,
	    "line 1, column 9: the column \"id\" is there twice");
	head("\nid,note\n", ERR_INVALID, 0, 0, 0,
	    "line 2, column 1: the column \"name\" is missing");
	head("id,name,\n", ERR_INVALID, 0, 0, 0, "there is no column \"\"");
	head("图图图图图图图图图图图图图图图图\n", ERR_INVALID, 0, 0, 0, "图?\"; there are");
}

/* Written, it has the apostrophe; read again, it is what it was. */
static void
test_formulas(void **state)
{
	static const struct {
		const char *text, *written;
	} cells[] = {
	    {"=1+1", "'=1+1"},
	    {"+86 10", "'+86 10"},
	    {"-5", "'-5"},
	    {"@sum", "'@sum"},
	    {"\tx", "'\tx"},
	    {"\rx", "\"'\rx\""},
	    {"\nx", "\"'\nx\""},
	    {"＝1", "'＝1"},
	    {"'=1", "''=1"},
	    {"''=1", "'''=1"},
	    {"'", "'"},
	    {"'a", "'a"},
	    {"a=1", "a=1"},
	    {"=\"a\",b", "\"'=\"\"a\"\",b\""},
	};
	struct arena arena = {NULL, 0};
	struct csv_writer w;
	struct csv t;
	struct why why;
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		buf_init(&out, 1000);
		csv_begin(&w, &out);
		csv_text(&w, "x");
		csv_text(&w, cells[i].text);
		csv_row_end(&w);
		assert_memory_equal(out.data, "\xef\xbb\xbfx,", 5);
		assert_int_equal(out.len, 5 + strlen(cells[i].written) + 2);
		assert_memory_equal(out.data + 5, cells[i].written, strlen(cells[i].written));
		assert_int_equal(csv_parse(out.data, out.len, &roomy, &arena, &t, &why), ERR_OK);
		assert_string_equal(csv_at(&t, 0, 1)->s, cells[i].text);
		buf_free(&out);
	}
	arena_free(&arena);
}

static void
test_writes(void **state)
{
	struct csv_writer w;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	csv_begin(&w, &out);
	csv_text(&w, NULL);
	csv_text(&w, "");
	csv_int(&w, -7);
	csv_text(&w, "a\"b");
	csv_row_end(&w);
	csv_text(&w, "");
	csv_row_end(&w);
	csv_int(&w, 5);
	csv_row_end(&w);
	assert_string_equal(out.data, "\xef\xbb\xbf\"\",,-7,\"a\"\"b\"\r\n\"\"\r\n5\r\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads),
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_formulas),
	    cmocka_unit_test(test_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
