#include "api/table.h"
#include "base/date.h"
#include "base/mem.h"

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

enum err
table_answer_csv(struct table *t, struct response *out)
{
	out->content_type = "text/csv; charset=utf-8";
	response_header(out, "Content-Disposition", t->form->csv);
	write_csv(t, &out->body);
	table_free(t);
	return buf_err(&out->body);
}
