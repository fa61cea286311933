/*
 * Tables as an XLSX workbook, with libxlsxwriter in its constant-memory mode: a row goes to a temporary file when
 * the next one begins, so memory does not grow with the rows.
 *
 * For exports. Writes files and compresses: it belongs on a thread that may wait (loop_work), not on the loop. One
 * object, one thread. A text is written as a text whatever it begins with: nothing becomes a formula, a link or a
 * number. The first failure is kept and comes back from xlsx_close, so that the calls between need no checks.
 */
#ifndef DRILLD_STORE_XLSX_H
#define DRILLD_STORE_XLSX_H

#include "base/buf.h"
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define XLSX_SHEETS_MAX 32
#define XLSX_ROWS_MAX 200000 /* of a sheet, without its head */
#define XLSX_COLUMNS_MAX 100
#define XLSX_SHEET_NAME_MAX 31    /* characters */
#define XLSX_TEXT_MAX_UNITS 32767 /* of UTF-16: what a cell holds */

struct xlsx;

struct xlsx_column {
	const char *title;
	int width; /* in characters, 1 to 255; 0: as the program likes */
};

/* dir: where the temporary files go, unlinked at once. ERR_IO. xlsx_close ends it in either case. */
enum err xlsx_open(const char *dir, struct xlsx **out, struct why *why) MUST_CHECK;

/*
 * Begins the next sheet: a bold head that stays in sight, filters on it. The name is 1 to XLSX_SHEET_NAME_MAX
 * characters without [ ] : * ? / \, not beginning or ending with an apostrophe, another than those before,
 * capitals apart.
 */
void xlsx_sheet(struct xlsx *x, const char *name, const struct xlsx_column *columns, size_t count);

/*
 * The next cell of the row. NULL and "" are an empty one. A text that is longer than a cell holds is cut and ends
 * with an ellipsis; one that is not UTF-8 is a failure. An integer that a spreadsheet would round (2^53 and more)
 * is written as text; so is a date that it does not know (before 1900-03-01).
 */
void xlsx_text(struct xlsx *x, const char *s);
void xlsx_int(struct xlsx *x, int64_t v);
void xlsx_date(struct xlsx *x, int32_t date); /* base/date.h */
void xlsx_moment(
    struct xlsx *x, int64_t wall_ms, int offset_minutes); /* as local clocks showed it */
void xlsx_row_end(struct xlsx *x);

/*
 * Finishes the workbook and appends its bytes to out, which the caller has given its maximum; out NULL throws it
 * away. x is gone afterwards (NULL is fine). ERR_LIMIT (a limit above, or out's), ERR_INVALID, ERR_IO.
 */
enum err xlsx_close(struct xlsx *x, struct buf *out, struct why *why) MUST_CHECK;

#endif
