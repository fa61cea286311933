#include "store/xlsx.h"

#include "base/date.h"
#include "base/json.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define EXACT_MAX (INT64_C(1) << 53)
#define SERIAL_OF_1970 25569     /* days in a spreadsheet's count */
#define SERIAL_FIRST_GOOD 61     /* 1900-03-01: before it spreadsheets count a day that never was */
#define SERIAL_LAST_GOOD 2958465 /* 9999-12-31 */
#define DAY_MS INT64_C(86400000)
#define ELLIPSIS "…"
#define PATH_BYTES 4096
#define READ_BYTES 65536

struct xlsx {
	int fd; /* the finished file: it has no name */
	char *tmpdir;
	lxw_workbook *book;
	lxw_worksheet *sheet; /* the one being written */
	lxw_format *head, *date, *moment;
	size_t sheets, columns, column;
	lxw_row_t row;
	enum err failed;
	struct why why;
};

/* The first failure stays. */
static void
fail(struct xlsx *x, enum err e, const char *what)
{
	if (x->failed == ERR_OK)
		x->failed = why_set(&x->why, e, "sheet %zu, row %u, column %zu: %s", x->sheets,
		    (unsigned)x->row + 1, x->column + 1, what);
}

static void
check(struct xlsx *x, lxw_error error)
{
	if (error != LXW_NO_ERROR)
		fail(x, ERR_IO, lxw_strerror(error));
}

/* A file without a name, which the library opens once more by its descriptor. */
static int
nameless_file(const char *dir)
{
	char path[PATH_BYTES];
	int fd;

	if (snprintf(path, sizeof(path), "%s/xlsx-XXXXXX", dir) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((fd = mkostemp(path, O_CLOEXEC)) >= 0)
		(void)unlink(path);
	return fd;
}

static lxw_format *
number_format(lxw_workbook *book, const char *format)
{
	lxw_format *f = workbook_add_format(book);

	if (f != NULL)
		format_set_num_format(f, format);
	return f;
}

static bool
open_book(struct xlsx *x)
{
	lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = x->tmpdir};
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", x->fd);
	if ((x->book = workbook_new_opt(path, &options)) == NULL)
		return false;
	x->head = workbook_add_format(x->book);
	x->date = number_format(x->book, "yyyy-mm-dd");
	x->moment = number_format(x->book, "yyyy-mm-dd hh:mm:ss");
	if (x->head == NULL || x->date == NULL || x->moment == NULL)
		return false;
	format_set_bold(x->head);
	return true;
}

enum err
xlsx_open(const char *dir, struct xlsx **out, struct why *why)
{
	struct xlsx *x = mem_alloc(sizeof(*x));

	*out = x;
	x->tmpdir = mem_strdup(dir);
	if ((x->fd = nameless_file(dir)) < 0) {
		x->failed = why_set(&x->why, ERR_IO, "%s: %s", dir, strerror(errno));
	} else if (!open_book(x)) {
		x->failed = why_set(&x->why, ERR_IO, "%s: the workbook cannot be begun", dir);
	}
	return x->failed == ERR_OK ? ERR_OK : why_set(why, x->failed, "%s", x->why.text);
}

/* ---- sheets ---- */

static void
end_sheet(struct xlsx *x)
{
	if (x->sheet != NULL && x->row > 1)
		check(x,
		    worksheet_autofilter(x->sheet, 0, 0, x->row - 1, (lxw_col_t)(x->columns - 1)));
	x->sheet = NULL;
}

static bool
begin_sheet(struct xlsx *x, const char *name, size_t count)
{
	lxw_error error;

	x->row = 0;
	x->column = 0;
	x->columns = count;
	if (x->sheets++ == XLSX_SHEETS_MAX)
		fail(x, ERR_LIMIT, "more sheets than a workbook takes");
	else if (count < 1 || count > XLSX_COLUMNS_MAX)
		fail(x, ERR_LIMIT, "a sheet has at least one column and not more than its limit");
	else if (name[0] == '\0' || !utf8_valid(name, strlen(name)))
		fail(x, ERR_INVALID, "a sheet's name is UTF-8 and not empty");
	else if ((error = workbook_validate_sheet_name(x->book, name)) != LXW_NO_ERROR)
		fail(x, ERR_INVALID, lxw_strerror(error));
	return x->failed == ERR_OK;
}

void
xlsx_sheet(struct xlsx *x, const char *name, const struct xlsx_column *columns, size_t count)
{
	if (x->failed != ERR_OK)
		return;
	end_sheet(x);
	if (!begin_sheet(x, name, count))
		return;
	if ((x->sheet = workbook_add_worksheet(x->book, name)) == NULL) {
		fail(x, ERR_IO, "the sheet cannot be begun");
		return;
	}
	worksheet_freeze_panes(x->sheet, 1, 0);
	for (size_t i = 0; i < count; i++)
		if (columns[i].width > 0)
			check(x, worksheet_set_column(
				     x->sheet, (lxw_col_t)i, (lxw_col_t)i, columns[i].width, NULL));
	for (size_t i = 0; i < count; i++)
		check(x,
		    worksheet_write_string(x->sheet, 0, (lxw_col_t)i, columns[i].title, x->head));
	x->row = 1;
}

/* ---- cells ---- */

/* Room for a cell, and where. */
static bool
next_cell(struct xlsx *x)
{
	if (x->failed != ERR_OK)
		return false;
	if (x->sheet == NULL)
		fail(x, ERR_INVALID, "a cell before the first sheet");
	else if (x->row > XLSX_ROWS_MAX)
		fail(x, ERR_LIMIT, "more rows than a sheet takes");
	else if (x->column == x->columns)
		fail(x, ERR_INVALID, "more cells than the head has columns");
	return x->failed == ERR_OK;
}

/*
 * How many bytes of the text fit into the units, whole characters only: each is one unit of UTF-16, those of four
 * bytes are two.
 */
static size_t
bytes_within(const char *s, size_t units)
{
	size_t used = 0, i = 0;

	while (s[i] != '\0') {
		unsigned char c = (unsigned char)s[i];
		size_t bytes = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if ((used += bytes == 4 ? 2 : 1) > units)
			break;
		i += bytes;
	}
	return i;
}

static bool
is_escape(const char *s)
{
	return s[0] == '_' && s[1] == 'x' && strspn(s + 2, "0123456789ABCDEFabcdef") >= 4 &&
	       s[6] == '_';
}

/* ECMA-376 part 1, 22.9.2.19: _x0041_ stands for A, so a text that has it gets its _ escaped. */
static void
escape(const char *s, struct buf *out)
{
	for (; *s != '\0'; s++)
		if (is_escape(s))
			buf_puts(out, "_x005F_");
		else
			buf_putc(out, *s);
}

static void
write_text(struct xlsx *x, const char *s)
{
	struct buf text;

	buf_init(&text, 7 * strlen(s) + sizeof(ELLIPSIS));
	escape(s, &text);
	if (text.data[bytes_within(text.data, XLSX_TEXT_MAX_UNITS)] != '\0') {
		text.len = bytes_within(text.data, XLSX_TEXT_MAX_UNITS - 1);
		buf_puts(&text, ELLIPSIS);
	}
	check(x, worksheet_write_string(x->sheet, x->row, (lxw_col_t)x->column, text.data, NULL));
	buf_free(&text);
}

void
xlsx_text(struct xlsx *x, const char *s)
{
	if (!next_cell(x))
		return;
	if (s != NULL && !utf8_valid(s, strlen(s)))
		fail(x, ERR_INVALID, "this text is not UTF-8");
	else if (s != NULL && s[0] != '\0')
		write_text(x, s);
	x->column++;
}

static void
write_number(struct xlsx *x, double v, lxw_format *format)
{
	if (!next_cell(x))
		return;
	check(x, worksheet_write_number(x->sheet, x->row, (lxw_col_t)x->column, v, format));
	x->column++;
}

void
xlsx_int(struct xlsx *x, int64_t v)
{
	char text[24];

	if (v > -EXACT_MAX && v < EXACT_MAX) {
		write_number(x, (double)v, NULL);
		return;
	}
	snprintf(text, sizeof(text), "%" PRId64, v);
	xlsx_text(x, text);
}

void
xlsx_date(struct xlsx *x, int32_t date)
{
	int64_t serial = (int64_t)date + SERIAL_OF_1970;
	char text[DATE_BYTES];

	if (serial >= SERIAL_FIRST_GOOD && serial <= SERIAL_LAST_GOOD) {
		write_number(x, (double)serial, x->date);
		return;
	}
	date_format(date, text);
	xlsx_text(x, text);
}

void
xlsx_moment(struct xlsx *x, int64_t wall_ms, int offset_minutes)
{
	int32_t date = date_at(wall_ms, offset_minutes);
	int64_t serial = (int64_t)date + SERIAL_OF_1970;
	int64_t since = wall_ms - date_begins_ms(date, offset_minutes);

	if (serial < SERIAL_FIRST_GOOD || since >= DAY_MS) { /* or after what has a date */
		xlsx_date(x, date);
		return;
	}
	/* Whole seconds, as the cell shows: a fraction would show the next one half a second early. */
	write_number(x, (double)serial + (double)(since / 1000) / 86400.0, x->moment);
}

void
xlsx_row_end(struct xlsx *x)
{
	if (x->failed != ERR_OK || x->sheet == NULL)
		return;
	x->row++;
	x->column = 0;
}

/* ---- the end ---- */

static enum err
read_back(struct xlsx *x, struct buf *out)
{
	char *chunk = mem_alloc(READ_BYTES);
	off_t at = 0;
	ssize_t n;

	while ((n = pread(x->fd, chunk, READ_BYTES, at)) > 0 && !out->failed) {
		buf_put(out, chunk, (size_t)n);
		at += n;
	}
	free(chunk);
	if (n < 0)
		return why_set(&x->why, ERR_IO, "the finished workbook: %s", strerror(errno));
	if (out->failed)
		return why_set(
		    &x->why, ERR_LIMIT, "the workbook has more than %zu bytes", out->max_bytes);
	return ERR_OK;
}

/* Closing frees the book as well; without a sheet it would make one up, which is for nobody. */
static void
finish(struct xlsx *x)
{
	lxw_error error;

	if (x->failed == ERR_OK && x->sheets == 0)
		fail(x, ERR_INVALID, "a workbook has at least one sheet");
	if (x->failed == ERR_OK)
		end_sheet(x);
	if (x->failed != ERR_OK) {
		lxw_workbook_free(x->book);
		return;
	}
	if ((error = workbook_close(x->book)) != LXW_NO_ERROR)
		fail(x, ERR_IO, lxw_strerror(error));
}

enum err
xlsx_close(struct xlsx *x, struct buf *out, struct why *why)
{
	enum err e;

	if (x == NULL)
		return ERR_OK;
	if (x->book != NULL)
		finish(x);
	if (x->failed == ERR_OK && out != NULL)
		x->failed = read_back(x, out);
	e = x->failed;
	if (e != ERR_OK)
		(void)why_set(why, e, "%s", x->why.text);
	if (x->fd >= 0)
		close(x->fd);
	free(x->tmpdir);
	free(x);
	return e;
}
