#include "base/csv.h"

#include "base/json.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define BOM "\xef\xbb\xbf"
#define HEAD_SHOWN 40 /* bytes of a head in a sentence */

struct csv_reader {
	const char *s, *end;
	int line, column; /* of *s */
	const struct csv_limits *limits;
	struct arena *arena;
	struct csv *out;
	struct why *why;
	size_t capacity; /* of cells, while they grow */
	struct csv_cell *cells;
	size_t in_row; /* cells of this row */
	struct buf cell;
};

static enum err
wrong(struct csv_reader *r, int line, int column, enum err e, const char *what)
{
	return why_set(r->why, e, "line %d, column %d: %s", line, column, what);
}

/* The byte at s, or -1 at the end. */
static int
peek(const struct csv_reader *r)
{
	return r->s < r->end ? (unsigned char)*r->s : -1;
}

/* One byte on; the continuation bytes of a character are in its column. */
static void
step(struct csv_reader *r)
{
	unsigned char c = (unsigned char)*r->s++;

	if (c == '\n') {
		r->line++;
		r->column = 1;
	} else if (r->s == r->end || ((unsigned char)*r->s & 0xc0) != 0x80) {
		r->column++;
	}
}

static bool
at_line_end(const struct csv_reader *r)
{
	int c = peek(r);

	return c == '\n' || c == -1 || (c == '\r' && r->s + 1 < r->end && r->s[1] == '\n');
}

static void
line_end(struct csv_reader *r)
{
	if (peek(r) == '\r')
		step(r);
	if (peek(r) == '\n')
		step(r);
}

static enum err
put(struct csv_reader *r)
{
	buf_putc(&r->cell, *r->s);
	if (r->cell.failed)
		return why_set(r->why, ERR_LIMIT,
		    "line %d, column %d: this cell has more than %zu bytes", r->line, r->column,
		    r->limits->cell_bytes);
	step(r);
	return ERR_OK;
}

/* From after the opening quote to after the closing one. */
static enum err
quoted_cell(struct csv_reader *r)
{
	int line = r->line, column = r->column;
	enum err e;

	for (step(r);;) {
		int c = peek(r);

		if (c == -1)
			return wrong(
			    r, line, column, ERR_INVALID, "this quotation mark is never closed");
		if (c == '"') {
			step(r);
			if (peek(r) != '"')
				break;
		}
		if ((e = put(r)) != ERR_OK)
			return e;
	}
	if (peek(r) != ',' && !at_line_end(r))
		return wrong(r, r->line, r->column, ERR_INVALID,
		    "after a closing quotation mark comes a comma or the end of the line; a "
		    "quotation mark inside a cell is written twice");
	return ERR_OK;
}

static enum err
plain_cell(struct csv_reader *r)
{
	enum err e;

	while (peek(r) != ',' && !at_line_end(r)) {
		if (peek(r) == '"')
			return wrong(r, r->line, r->column, ERR_INVALID,
			    "a quotation mark inside a cell: the whole cell goes in quotation "
			    "marks and this one is written twice");
		if (peek(r) == '\r')
			return wrong(r, r->line, r->column, ERR_INVALID,
			    "a carriage return without line feed; lines end with CR LF or LF");
		if ((e = put(r)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* ---- formulas ---- */

/* After any apostrophes, what a spreadsheet takes for the beginning of a formula. */
static bool
looks_like_formula(const char *s)
{
	static const char *const begins[] = {
	    "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};

	s += strspn(s, "'");
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(s, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

/* ---- rows ---- */

static enum err
keep_cell(struct csv_reader *r, int line, int column)
{
	const char *s = r->cell.data;
	size_t len = r->cell.len, count = r->out->rows * r->out->columns + r->in_row;

	if (r->in_row == r->limits->columns)
		return why_set(r->why, ERR_LIMIT,
		    "line %d, column %d: more than %zu cells in one line", line, column,
		    r->limits->columns);
	if (count == r->capacity) {
		r->capacity = r->capacity == 0 ? 64 : r->capacity * 2;
		r->cells = mem_resize(r->cells, r->capacity, sizeof(*r->cells));
	}
	if (s[0] == '\'' && looks_like_formula(s)) {
		s++;
		len--;
	}
	r->cells[count] = (struct csv_cell){
	    .s = arena_strndup(r->arena, s, len), .len = len, .line = line, .column = column};
	r->in_row++;
	return ERR_OK;
}

static enum err
read_row(struct csv_reader *r)
{
	enum err e;

	for (;;) {
		int line = r->line, column = r->column;

		buf_reset(&r->cell);
		buf_put(&r->cell, "", 0);
		e = peek(r) == '"' ? quoted_cell(r) : plain_cell(r);
		if (e != ERR_OK || (e = keep_cell(r, line, column)) != ERR_OK)
			return e;
		if (peek(r) != ',')
			break;
		step(r);
	}
	line_end(r);
	return ERR_OK;
}

static enum err
close_row(struct csv_reader *r, int line)
{
	if (r->out->rows == 0)
		r->out->columns = r->in_row;
	if (r->in_row != r->out->columns)
		return why_set(r->why, ERR_INVALID,
		    "line %d, column 1: this line has %zu cell%s, the first one has %zu", line,
		    r->in_row, r->in_row == 1 ? "" : "s", r->out->columns);
	r->out->rows++;
	r->in_row = 0;
	return ERR_OK;
}

static enum err
read_rows(struct csv_reader *r)
{
	enum err e;

	while (r->s < r->end) {
		int line = r->line;

		if (at_line_end(r)) {
			line_end(r);
			continue;
		}
		if (r->out->rows == r->limits->rows)
			return why_set(r->why, ERR_LIMIT,
			    "line %d, column 1: more than %zu lines with cells", line,
			    r->limits->rows);
		if ((e = read_row(r)) != ERR_OK || (e = close_row(r, line)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* The rest of the reader knows nothing of bad UTF-8 and NUL. */
static enum err
check_encoding(const char *text, size_t len, struct why *why)
{
	size_t good = utf8_prefix(text, len);
	int line = 1, column = 1;

	if (good == len)
		return ERR_OK;
	for (size_t i = 0; i < good; i++)
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			column++;
		}
	return why_set(why, ERR_INVALID, "line %d, column %d: this is not UTF-8", line, column);
}

enum err
csv_parse(const char *text, size_t len, const struct csv_limits *limits, struct arena *arena,
    struct csv *out, struct why *why)
{
	struct csv_reader r = {
	    .line = 1, .column = 1, .limits = limits, .arena = arena, .out = out, .why = why};
	enum err e;

	*out = (struct csv){.cells = NULL};
	if (len > CSV_TEXT_MAX_BYTES)
		return why_set(
		    why, ERR_LIMIT, "%zu bytes; a table has at most %u", len, CSV_TEXT_MAX_BYTES);
	r.s = len >= 3 && memcmp(text, BOM, 3) == 0 ? text + 3 : text;
	r.end = text + len;
	if ((e = check_encoding(r.s, (size_t)(r.end - r.s), why)) != ERR_OK)
		return e;
	buf_init(&r.cell, limits->cell_bytes);
	e = read_rows(&r);
	if (e == ERR_OK && out->rows > 0) {
		out->cells = arena_array(arena, out->rows * out->columns, sizeof(*out->cells));
		memcpy(out->cells, r.cells, out->rows * out->columns * sizeof(*out->cells));
	} else {
		*out = (struct csv){.cells = NULL};
	}
	free(r.cells);
	buf_free(&r.cell);
	return e;
}

const struct csv_cell *
csv_at(const struct csv *t, size_t row, size_t column)
{
	return &t->cells[row * t->columns + column];
}

/* ---- the head ---- */

/* The cell's text without blanks round it is exactly name. */
static bool
says(const struct csv_cell *c, const char *name)
{
	size_t from = strspn(c->s, " "), len = c->len - from;

	while (len > 0 && c->s[from + len - 1] == ' ')
		len--;
	return name != NULL && strlen(name) == len && memcmp(c->s + from, name, len) == 0;
}

static const char *
field_name(const struct csv_field *f, bool other)
{
	return other && f->other != NULL ? f->other : f->name;
}

/* Whether the head is written in the other language: what is beyond ASCII is no name of ours. */
static bool
is_other(const struct csv_cell *c)
{
	for (size_t i = 0; i < c->len; i++)
		if ((unsigned char)c->s[i] >= 0x80)
			return true;
	return false;
}

static enum err
unknown_head(
    const struct csv_cell *c, const struct csv_field *fields, size_t count, struct why *why)
{
	bool other = is_other(c);
	struct buf names;
	enum err e;

	buf_init(&names, WHY_MAX);
	buf_puts(&names, count == 0 ? "none" : "");
	for (size_t i = 0; i < count; i++)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "", field_name(&fields[i], other));
	e = why_set(why, ERR_INVALID,
	    "line %d, column %d: there is no column \"%.*s\"; there are: %s", c->line, c->column,
	    HEAD_SHOWN, c->s, names.data);
	buf_free(&names);
	return e;
}

static enum err
place_head(const struct csv *t, size_t column, const struct csv_field *fields, size_t count,
    int *index, struct why *why)
{
	const struct csv_cell *c = csv_at(t, 0, column);

	for (size_t i = 0; i < count; i++) {
		if (!says(c, fields[i].name) && !says(c, fields[i].other))
			continue;
		if (index[i] >= 0)
			return why_set(why, ERR_INVALID,
			    "line %d, column %d: the column \"%s\" is there twice", c->line,
			    c->column, fields[i].name);
		index[i] = (int)column;
		return ERR_OK;
	}
	return unknown_head(c, fields, count, why);
}

enum err
csv_head(
    const struct csv *t, const struct csv_field *fields, size_t count, int *index, struct why *why)
{
	enum err e;

	for (size_t i = 0; i < count; i++)
		index[i] = -1;
	if (t->rows == 0)
		return why_set(why, ERR_INVALID,
		    "line 1, column 1: there is no head; the first line names the columns");
	for (size_t c = 0; c < t->columns; c++)
		if ((e = place_head(t, c, fields, count, index, why)) != ERR_OK)
			return e;
	for (size_t i = 0; i < count; i++)
		if (fields[i].required && index[i] < 0)
			return why_set(why, ERR_INVALID,
			    "line %d, column 1: the column \"%s\" is missing",
			    csv_at(t, 0, 0)->line, fields[i].name);
	return ERR_OK;
}

/* ---- writing ---- */

void
csv_begin(struct csv_writer *w, struct buf *out)
{
	*w = (struct csv_writer){.out = out};
	buf_puts(out, BOM);
}

static void
separate(struct csv_writer *w)
{
	if (w->started)
		buf_putc(w->out, ',');
	w->started = true;
}

void
csv_text(struct csv_writer *w, const char *s)
{
	const char *apostrophe = s != NULL && looks_like_formula(s) ? "'" : "";
	bool first = !w->started;

	separate(w);
	if (s == NULL)
		s = "";
	/* An empty text that begins a row is in quotation marks: alone it would be no row. */
	if (s[strcspn(s, ",\"\r\n")] == '\0' && (s[0] != '\0' || !first)) {
		buf_puts(w->out, apostrophe);
		buf_puts(w->out, s);
		return;
	}
	buf_putc(w->out, '"');
	buf_puts(w->out, apostrophe);
	for (; *s != '\0'; s++) {
		if (*s == '"')
			buf_putc(w->out, '"');
		buf_putc(w->out, *s);
	}
	buf_putc(w->out, '"');
}

void
csv_int(struct csv_writer *w, int64_t v)
{
	separate(w);
	buf_put_int(w->out, v);
}

void
csv_row_end(struct csv_writer *w)
{
	buf_puts(w->out, "\r\n");
	w->started = false;
}
