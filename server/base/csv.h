/*
 * Tables as CSV (RFC 4180): a reader from memory that names the line and column of what is wrong, and a writer
 * whose cells no spreadsheet takes for a formula.
 *
 * Text in the reader's door is UTF-8 (charset.h makes it so); CRLF, LF or both end a line; lines without anything
 * are passed over; a byte order mark at the beginning too. Lines and columns count from 1, columns in characters.
 * Not thread safe per object.
 */
#ifndef DRILLD_BASE_CSV_H
#define DRILLD_BASE_CSV_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_TEXT_MAX_BYTES (64u * 1024 * 1024)

struct csv_limits {
	size_t rows; /* with the head */
	size_t columns;
	size_t cell_bytes;
};

struct csv_cell {
	const char *s; /* NUL-terminated, no NUL inside */
	size_t len;
	int line, column; /* where it begins: for mistakes in what it says */
};

struct csv {
	struct csv_cell *cells; /* row by row */
	size_t rows, columns;
};

/*
 * Every row has as many cells as the first. All lives in the arena. A cell that csv_text has protected comes back
 * as it was. ERR_INVALID or ERR_LIMIT with "line 3, column 7: ...".
 */
enum err csv_parse(const char *text, size_t len, const struct csv_limits *limits,
    struct arena *arena, struct csv *out, struct why *why) MUST_CHECK;

/* row < rows, column < columns. */
const struct csv_cell *csv_at(const struct csv *t, size_t row, size_t column);

struct csv_field {
	const char *name;  /* what its column's head says: "id" */
	const char *other; /* or this, in another language: "编号"; may be NULL */
	bool required;
};

/*
 * Which column each field is in, by the first row: index[i] for fields[i], -1 for one that is not there. Blanks
 * round a head's text do not count. Refuses a table without a head, unknown and doubled heads, a required one that
 * is not there; an unknown one beyond ASCII is answered with the other names.
 */
enum err csv_head(const struct csv *t, const struct csv_field *fields, size_t count, int *index,
    struct why *why) MUST_CHECK;

/* ---- writing: cells with commas between, CRLF after a row ---- */

struct csv_writer {
	struct buf *out;
	bool started; /* a cell of this row has been written */
};

/* Begins with a byte order mark, by which spreadsheets know UTF-8. */
void csv_begin(struct csv_writer *w, struct buf *out);

/*
 * Quoted where RFC 4180 asks for it. A text that begins with = + - @ TAB CR LF, or with the full-width ＝ ＋ － ＠
 * (some spreadsheets take these as well), gets an apostrophe before it; so does one that begins with an apostrophe
 * and then these, so that reading gives back what was written. NULL is an empty cell.
 */
void csv_text(struct csv_writer *w, const char *s);
void csv_int(struct csv_writer *w, int64_t v);
void csv_row_end(struct csv_writer *w);

#endif
