/*
 * Tables that offices exchange. Out: rows that are gathered on the loop's thread and written as CSV or as a workbook (api/workbook.h), with heads and words in Chinese or English. In: a CSV in UTF-8 or GB18030, each cell of which is looked at,
 * so that every mistake is told at its place and nothing is taken unless all can be.
 */
#ifndef DRILLD_API_TABLE_H
#define DRILLD_API_TABLE_H

#include "api/route.h"
#include "base/csv.h"
#include "base/text.h"
#include "core/game.h"
#include "core/terms.h"

/* ---- out ---- */

#define TABLE_MAX_BYTES (48u * 1024 * 1024) /* of texts */

enum table_kind { TABLE_TEXT, TABLE_INT, TABLE_DATE, TABLE_MOMENT };

struct table_column {
	struct i18n title;
	enum table_kind kind;
	int width; /* in characters */
};

/* What tables of a kind are like; static. */
struct table_form {
	const char *csv, *xlsx; /* Content-Disposition: attachment; filename="tickets.csv" */
	struct i18n sheet;
	const struct table_column *columns;
	size_t count;
};

struct table_cell {
	const char *text; /* TABLE_TEXT */
	int64_t number;   /* the others; a date or moment of 0 is an empty cell */
};

struct table {
	const struct table_form *form;
	struct arena arena; /* all of it; table_free */
	bool zh;
	int offset_minutes;
	struct table_cell *cells; /* row by row */
	size_t rows, room;
	size_t bytes;
};

void table_open(
    struct table *t, const struct table_form *form, bool zh, int offset_minutes, size_t rows_max);
void table_free(struct table *t);

/* The next row, empty; at most rows_max times. */
struct table_cell *table_row(struct table *t);
/* A copy of the text. */
void table_put(struct table *t, struct table_cell *cell, const char *text);
const char *table_says(const struct table *t, struct i18n text);
const char *table_word(const struct table *t, const struct terms *terms, int value);

/* ERR_LIMIT past TABLE_MAX_BYTES. Ask after each row. */
enum err table_fits(const struct table *t, struct why *why) MUST_CHECK;

/* The table as the answer; it is freed. As a workbook: api/workbook.h. */
enum err table_answer_csv(struct table *t, struct response *out) MUST_CHECK;

/* ---- in ---- */

#define TABLE_MISTAKES_MAX 100

struct table_mistake {
	int line, column; /* from 1 */
	struct why why;
};

struct table_in {
	const struct game *g;
	struct arena *arena; /* all of it lives there */
	const struct csv_field *fields;
	struct csv csv;
	int *index; /* by field */
	size_t row; /* the one that is read: 1.. */
	struct table_mistake *mistakes;
	size_t mistake_count; /* of those kept; there may be more past TABLE_MISTAKES_MAX */
	struct why beyond;
};

/*
 * ERR_INVALID or ERR_LIMIT with why where it is no such table at all. limits.columns is the count of fields. form is how
 * such tables go out: its heads are known as well, and columns of it that no field has (by its Chinese name) are passed over.
 */
enum err table_in_open(struct table_in *t, const struct game *g, struct arena *arena,
    const struct table_form *form, const struct csv_field *fields, const struct csv_limits *limits,
    const char *text, size_t len, struct why *why) MUST_CHECK;

/* The cell of the present row, an empty one where the table has no such column. */
const struct csv_cell *table_in_cell(const struct table_in *t, size_t field);

/* Where to say what is wrong with it. */
struct why *table_in_mistake(struct table_in *t, size_t field);

const char *table_in_text(struct table_in *t, size_t field, enum text_kind kind, size_t max_bytes);
/* A value by its word or its name in either language. */
int table_in_word(struct table_in *t, size_t field, const struct terms *terms);
/* By id or by name in either language; -1 after saying that there is none. */
int table_in_department(struct table_in *t, size_t field);
/* Of this department; "" for none. */
const char *table_in_system(struct table_in *t, size_t field, int team);

/* The answer that tells every mistake, by its place: an RFC 9457 problem document with one more member. */
void table_in_refuse(struct table_in *t, const char *detail, struct response *out);

/* ?dry_run=1: look, and change nothing. The whole query of an import. */
enum err table_in_dry_run(struct request *req, bool *dry) MUST_CHECK;

#endif
