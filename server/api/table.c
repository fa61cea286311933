#include "api/table.h"
#include "base/date.h"
#include "base/mem.h"
#include "net/loop.h"
#include "store/xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- gathering ---- */

void
table_open(
    struct table *t, const struct table_form *form, bool zh, int offset_minutes, size_t rows_max)
{
	*t = (struct table){
	    .form = form, .zh = zh, .offset_minutes = offset_minutes, .room = rows_max};
	t->cells = mem_array(rows_max * form->count + 1, sizeof *t->cells);
}

void
table_free(struct table *t)
{
	free(t->cells);
	arena_free(&t->arena);
}

struct table_cell *
table_row(struct table *t)
{
	return &t->cells[t->rows++ * t->form->count];
}

void
table_put(struct table *t, struct table_cell *cell, const char *text)
{
	t->bytes += strlen(text);
	cell->text = t->bytes <= TABLE_MAX_BYTES ? arena_strdup(&t->arena, text) : "";
}

const char *
table_says(const struct table *t, struct i18n text)
{
	return t->zh ? text.zh : text.en;
}

const char *
table_word(const struct table *t, const struct terms *terms, int value)
{
	return table_says(t, term_label(terms, value));
}

enum err
table_fits(const struct table *t, struct why *why)
{
	return t->bytes <= TABLE_MAX_BYTES
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT,
			 "so many texts are more than %u MiB; take them in parts, such as "
			 "?department=ID",
			 TABLE_MAX_BYTES / 1024 / 1024);
}

/* ---- as CSV ---- */

static void
csv_moment(struct csv_writer *w, int64_t ms, int offset_minutes)
{
	char day[DATE_BYTES], text[2 * DATE_BYTES + 16];
	int32_t date = date_at(ms, offset_minutes);
	int minute = (int)((ms - date_begins_ms(date, offset_minutes)) / 60000);

	date_format(date, day);
	snprintf(text, sizeof text, "%.10s %02d:%02d", day, minute / 60, minute % 60);
	csv_text(w, text);
}

static void
csv_cell_out(struct csv_writer *w, const struct table *t, enum table_kind kind,
    const struct table_cell *cell)
{
	char text[DATE_BYTES];

	if (kind == TABLE_TEXT) {
		csv_text(w, cell->text);
	} else if (kind == TABLE_INT) {
		csv_int(w, cell->number);
	} else if (cell->number == 0) {
		csv_text(w, NULL);
	} else if (kind == TABLE_MOMENT) {
		csv_moment(w, cell->number, t->offset_minutes);
	} else {
		date_format((int32_t)cell->number, text);
		csv_text(w, text);
	}
}

static void
write_csv(const struct table *t, struct buf *out)
{
	const struct table_column *columns = t->form->columns;
	struct csv_writer w;

	csv_begin(&w, out);
	for (size_t c = 0; c < t->form->count; c++)
		csv_text(&w, table_says(t, columns[c].title));
	csv_row_end(&w);
	for (size_t i = 0; i < t->rows; i++) {
		for (size_t c = 0; c < t->form->count; c++)
			csv_cell_out(&w, t, columns[c].kind, &t->cells[i * t->form->count + c]);
		csv_row_end(&w);
	}
}

static void
as_file(struct response *out, const char *type, const char *disposition)
{
	out->content_type = type;
	response_header(out, "Content-Disposition", disposition);
}

enum err
table_answer_csv(struct table *t, struct response *out)
{
	as_file(out, "text/csv; charset=utf-8", t->form->csv);
	write_csv(t, &out->body);
	table_free(t);
	return buf_err(&out->body);
}

/* ---- as a workbook ---- */

static void
xlsx_cell_out(
    struct xlsx *x, const struct table *t, enum table_kind kind, const struct table_cell *cell)
{
	if (kind == TABLE_TEXT)
		xlsx_text(x, cell->text);
	else if (kind == TABLE_INT)
		xlsx_int(x, cell->number);
	else if (cell->number == 0)
		xlsx_text(x, NULL);
	else if (kind == TABLE_MOMENT)
		xlsx_moment(x, cell->number, t->offset_minutes);
	else
		xlsx_date(x, (int32_t)cell->number);
}

/* dir is for temporary files. */
static enum err
write_xlsx(const struct table *t, const char *dir, struct buf *out, struct why *why)
{
	const struct table_form *form = t->form;
	struct xlsx_column heads[XLSX_COLUMNS_MAX];
	struct xlsx *x;
	enum err e;

	if ((e = xlsx_open(dir, &x, why)) != ERR_OK) {
		(void)!xlsx_close(x, NULL, why);
		return e;
	}
	for (size_t c = 0; c < form->count; c++)
		heads[c] = (struct xlsx_column){
		    table_says(t, form->columns[c].title), form->columns[c].width};
	xlsx_sheet(x, table_says(t, form->sheet), heads, form->count);
	for (size_t i = 0; i < t->rows; i++) {
		for (size_t c = 0; c < form->count; c++)
			xlsx_cell_out(x, t, form->columns[c].kind, &t->cells[i * form->count + c]);
		xlsx_row_end(x);
	}
	return xlsx_close(x, out, why);
}

/* A workbook under way: compressing takes its time, so it is made on the pool. */
struct workbook {
	struct request *req;
	const char *dir; /* the drill's */
	struct table table;
	struct buf bytes;
	enum err failed;
	struct why why;
};

static void
workbook_run(void *ctx)
{
	struct workbook *b = ctx;

	b->failed = write_xlsx(&b->table, b->dir, &b->bytes, &b->why);
}

static void
workbook_free(struct workbook *b)
{
	table_free(&b->table);
	buf_free(&b->bytes);
	free(b);
}

static enum err
workbook_end(struct workbook *b)
{
	struct response *out = &b->req->out;

	if (b->failed != ERR_OK) {
		b->req->why = b->why;
		return b->failed;
	}
	as_file(out, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	    b->table.form->xlsx);
	buf_put(&out->body, b->bytes.data, b->bytes.len);
	return buf_err(&out->body);
}

static void
workbook_done(void *ctx)
{
	struct workbook *b = ctx;
	struct request *req = b->req;
	enum err e = workbook_end(b);

	workbook_free(b);
	request_finish(req, e);
}

enum err
table_answer_xlsx(struct table *t, struct request *req, struct response *out)
{
	struct workbook *b = mem_alloc(sizeof *b);

	b->req = req;
	b->dir = api_drill(req->api)->options.dir;
	b->table = *t;
	buf_init(&b->bytes, RESPONSE_MAX_BYTES);
	if (loop_work(api_loop(req->api), workbook_run, workbook_done, b) != ERR_OK) {
		workbook_free(b);
		return why_set(&req->why, ERR_BUSY, "too much is being made; try again");
	}
	out->deferred = true;
	return ERR_OK;
}
