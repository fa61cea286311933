/* Workbooks as a reader of the format sees them: typed cells, texts that stay texts, limits, nothing left behind. */
#include "scratch.h"

#include "base/date.h"
#include "base/mem.h"
#include "store/xlsx.h"
#include <sys/resource.h>

#define OUT_MAX_BYTES (64u * 1024 * 1024)

static char dir[SCRATCH_BYTES];

static const struct xlsx_column two[] = {{"编号", 12}, {"Note", 0}};

/* What tests/unit/store/fixtures/read_xlsx.py says of the bytes, one cell a line. */
static void
seen(const struct buf *bytes, struct buf *out)
{
	char command[PATH_MAX + 100], chunk[4096];
	FILE *p;
	size_t n;

	scratch_write(dir, "seen.xlsx", bytes->data, bytes->len, 0600);
	snprintf(command, sizeof(command),
	    "PYTHONIOENCODING=utf-8 python3 tests/unit/store/fixtures/read_xlsx.py %s",
	    scratch_path(dir, "seen.xlsx"));
	p = popen(command, "re");
	assert_non_null(p);
	buf_init(out, OUT_MAX_BYTES);
	while ((n = fread(chunk, 1, sizeof(chunk), p)) > 0)
		buf_put(out, chunk, n);
	assert_int_equal(pclose(p), 0);
}

static void
expect(struct xlsx *x, const char *expected)
{
	struct buf bytes, text;
	struct why why;

	buf_init(&bytes, OUT_MAX_BYTES);
	if (xlsx_close(x, &bytes, &why) != ERR_OK)
		fail_msg("%s", why.text);
	seen(&bytes, &text);
	assert_string_equal(text.data, expected);
	buf_free(&bytes);
	buf_free(&text);
}

static struct xlsx *
begin(const char *sheet)
{
	struct xlsx *x;
	struct why why;

	if (xlsx_open(dir, &x, &why) != ERR_OK)
		fail_msg("%s", why.text);
	xlsx_sheet(x, sheet, two, 2);
	return x;
}

static void
test_typed_cells(void **state)
{
	struct xlsx *x = begin("台账");

	(void)state;
	xlsx_int(x, 7);
	xlsx_text(x, "图书馆 <&\"> 🔒");
	xlsx_row_end(x);
	xlsx_text(x, NULL);
	xlsx_int(x, -1234567890123);
	xlsx_row_end(x);
	xlsx_int(x, (INT64_C(1) << 53) - 1);
	xlsx_int(x, INT64_C(1) << 53);
	xlsx_row_end(x);
	xlsx_date(x, date_from_civil(2026, 10, 1));
	xlsx_date(x, date_from_civil(1900, 2, 28));
	xlsx_row_end(x);
	/* 2026-09-30T16:30:00.999Z, as clocks in Shanghai show it: half past midnight */
	xlsx_moment(x, INT64_C(1790785800999), 480);
	xlsx_moment(x, INT64_C(1790785800000), 0);
	xlsx_row_end(x);
	expect(x, "台账!A1 inlineStr [bold] '编号'\n"
		  "台账!B1 inlineStr [bold] 'Note'\n"
		  "台账!A2 n [General] '7'\n"
		  "台账!B2 inlineStr [General] '图书馆 <&\"> 🔒'\n"
		  "台账!B3 n [General] '-1234567890123'\n"
		  "台账!A4 n [General] '9007199254740991'\n"
		  "台账!B4 inlineStr [General] '9007199254740992'\n"
		  "台账!A5 n [yyyy-mm-dd] '46296'\n"
		  "台账!B5 inlineStr [General] '1900-02-28'\n"
		  "台账!A6 n [yyyy-mm-dd hh:mm:ss] '46296.02083333334'\n"
		  "台账!B6 n [yyyy-mm-dd hh:mm:ss] '46295.6875'\n"
		  "台账 pane ySplit=1\n"
		  "台账 autoFilter ref=A1:B6\n"
		  "台账 col min=1 width=12.7109375\n");
}

/* Whatever a text looks like, it is one: no formula, no link, no number, and every character as it was. */
static void
test_texts_stay_texts(void **state)
{
	static const char *const texts[] = {"=1+1", "+86", "-5", "@x", "123", "http://a.example/",
	    "{=A1}", "=HYPERLINK(\"http://a\")", " both ", "a\tb\nc", "\x01\x1f",
	    "_x0041_ _x005f_x0041_ _x41_", "_x004g_x0041_"};
	struct xlsx *x = begin("s");
	struct buf expected;

	(void)state;
	buf_init(&expected, OUT_MAX_BYTES);
	buf_puts(&expected, "s!A1 inlineStr [bold] '编号'\ns!B1 inlineStr [bold] 'Note'\n");
	for (size_t i = 0; i < 13; i++) {
		const char *shown = i == 9 ? "a\\tb\\nc" : i == 10 ? "\\x01\\x1f" : texts[i];

		xlsx_text(x, texts[i]);
		xlsx_row_end(x);
		buf_printf(&expected, "s!A%zu inlineStr [General] '%s'\n", i + 2, shown);
	}
	buf_puts(
	    &expected, "s pane ySplit=1\ns autoFilter ref=A1:B14\ns col min=1 width=12.7109375\n");
	expect(x, expected.data);
	buf_free(&expected);
}

static void
test_sheets(void **state)
{
	struct xlsx *x = begin("one");

	(void)state;
	xlsx_text(x, "1");
	xlsx_row_end(x);
	xlsx_sheet(x, "two", two + 1, 1);
	expect(x, "one!A1 inlineStr [bold] '编号'\none!B1 inlineStr [bold] 'Note'\n"
		  "one!A2 inlineStr [General] '1'\none pane ySplit=1\none autoFilter ref=A1:B2\n"
		  "one col min=1 width=12.7109375\n"
		  "two!A1 inlineStr [bold] 'Note'\ntwo pane ySplit=1\n");
}

/* A cell holds 32,767 units of UTF-16; a lock is two of them. */
static void
test_long_text_is_cut(void **state)
{
	char *exact = mem_alloc(32767 + 4), *locks = mem_alloc(4 * 16384 + 1);
	struct buf bytes, text;
	struct xlsx *x = begin("s");
	struct why why;
	size_t count = 0;

	(void)state;
	memset(exact, 'a', 32767);
	for (size_t i = 0; i < 16384; i++)
		memcpy(locks + 4 * i, "🔒", 4);
	xlsx_text(x, exact);
	xlsx_text(x, locks);
	xlsx_row_end(x);
	strcat(exact, "b");
	xlsx_text(x, exact);
	xlsx_row_end(x);
	buf_init(&bytes, OUT_MAX_BYTES);
	assert_int_equal(xlsx_close(x, &bytes, &why), ERR_OK);
	seen(&bytes, &text);
	assert_non_null(strstr(text.data, "aaa'\n"));
	assert_non_null(strstr(text.data, "aaa…'\n"));
	assert_null(strstr(text.data, "ab"));
	for (const char *s = text.data; (s = strstr(s, "🔒")) != NULL; s += 4)
		count++;
	assert_int_equal(count, 16383);
	assert_non_null(strstr(text.data, "🔒…'\n"));
	buf_free(&bytes);
	buf_free(&text);
	free(exact);
	free(locks);
}

static void
refused(struct xlsx *x, struct buf *out, enum err want, const char *says)
{
	struct why why = {""};
	enum err e = xlsx_close(x, out, &why);

	if (e != want || strstr(why.text, says) == NULL)
		fail_msg("%s \"%s\", not \"%s\"", err_name(e), why.text, says);
}

static void
refused_sheet(const char *name, size_t columns, enum err want, const char *says)
{
	struct xlsx_column many[XLSX_COLUMNS_MAX + 1];
	struct xlsx *x = begin("first");

	for (size_t i = 0; i <= XLSX_COLUMNS_MAX; i++)
		many[i] = (struct xlsx_column){"t", 0};
	xlsx_sheet(x, name, many, columns);
	xlsx_text(x, "more"); /* harmless after a failure */
	xlsx_row_end(x);
	refused(x, NULL, want, says);
}

static void
test_refused(void **state)
{
	struct buf small;
	struct xlsx *x;
	struct why why;

	(void)state;
	refused_sheet("second", XLSX_COLUMNS_MAX, ERR_OK, "");
	refused_sheet("second", XLSX_COLUMNS_MAX + 1, ERR_LIMIT, "sheet 2");
	refused_sheet("second", 0, ERR_LIMIT, "at least one column");
	refused_sheet("", 1, ERR_INVALID, "a sheet's name is UTF-8 and not empty");
	refused_sheet("\xff", 1, ERR_INVALID, "a sheet's name is UTF-8");
	refused_sheet("a/b", 1, ERR_INVALID, "sheet 2");
	refused_sheet("'a", 1, ERR_INVALID, "apostrophe");
	refused_sheet("First", 1, ERR_INVALID, "already in use");
	refused_sheet("12345678901234567890123456789012", 1, ERR_INVALID, "31 characters");
	x = begin("s");
	xlsx_text(x, "\xff");
	refused(x, NULL, ERR_INVALID, "sheet 1, row 2, column 1: this text is not UTF-8");
	x = begin("s");
	for (int i = 0; i < 3; i++)
		xlsx_int(x, i);
	refused(x, NULL, ERR_INVALID, "sheet 1, row 2, column 3: more cells than the head");
	assert_int_equal(xlsx_open(dir, &x, &why), ERR_OK);
	xlsx_int(x, 1);
	refused(x, NULL, ERR_INVALID, "before the first sheet");
	assert_int_equal(xlsx_open(dir, &x, &why), ERR_OK);
	refused(x, NULL, ERR_INVALID, "at least one sheet");
	buf_init(&small, 1000);
	refused(begin("s"), &small, ERR_LIMIT, "the workbook has more than 1000 bytes");
	buf_free(&small);
	assert_int_equal(xlsx_open("/no/such/folder", &x, &why), ERR_IO);
	assert_string_equal(why.text, "/no/such/folder: No such file or directory");
	refused(x, NULL, ERR_IO, "No such file");
	assert_int_equal(xlsx_close(NULL, NULL, &why), ERR_OK);
}

static void
test_too_many_sheets(void **state)
{
	struct xlsx *x = begin("first");
	char name[16];

	(void)state;
	for (int i = 1; i <= XLSX_SHEETS_MAX; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		xlsx_sheet(x, name, two, 2);
	}
	refused(x, NULL, ERR_LIMIT, "sheet 33, row 1, column 1: more sheets");
}

static long
resident_max_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static size_t
files_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

/* The largest sheet: memory does not grow with its rows, one more row is refused, no file stays. */
static void
test_largest_sheet(void **state)
{
	char text[2001];
	struct xlsx *x = begin("s");
	long before = 0, after;

	(void)state;
	memset(text, 'a', 2000);
	text[2000] = '\0';
	for (int i = 0; i < XLSX_ROWS_MAX; i++) {
		if (i == 1000)
			before = resident_max_kib();
		xlsx_int(x, i);
		xlsx_text(x, i < 20000 ? text : "");
		xlsx_row_end(x);
	}
	after = resident_max_kib();
	assert_true(after - before < 16 * 1024); /* of 40 MB of text */
	xlsx_int(x, 1);
	refused(x, NULL, ERR_LIMIT, "sheet 1, row 200002, column 1: more rows");
	assert_int_equal(files_in(dir), 1); /* seen.xlsx */
}

static int
make(void **state)
{
	(void)state;
	scratch_make(dir);
	return 0;
}

static int
drop(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_typed_cells),
	    cmocka_unit_test(test_texts_stay_texts),
	    cmocka_unit_test(test_sheets),
	    cmocka_unit_test(test_long_text_is_cut),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_too_many_sheets),
	    cmocka_unit_test(test_largest_sheet),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
