/*
 * charset_to_utf8 and csv_parse over hostile bytes. What is taken as text is UTF-8; a table that is taken and
 * written again is read as the same table, and no cell of it begins a formula; what is refused says where.
 */
#include "base/charset.h"
#include "base/csv.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define OUT_MAX_BYTES (16u * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct csv_limits limits = {.rows = 1000, .columns = 50, .cell_bytes = 2000};
static const struct csv_limits wider = {.rows = 1000, .columns = 50, .cell_bytes = 2001};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
write_table(const struct csv *t, struct buf *out)
{
	struct csv_writer w;

	csv_begin(&w, out);
	for (size_t r = 0; r < t->rows; r++) {
		for (size_t c = 0; c < t->columns; c++)
			csv_text(&w, csv_at(t, r, c)->s);
		csv_row_end(&w);
	}
}

static void
check_no_formula(const struct csv_cell *c)
{
	struct csv_writer w = {.started = false};
	struct buf out;
	char first;

	buf_init(&out, OUT_MAX_BYTES);
	w.out = &out;
	csv_text(&w, c->s);
	first = out.data[out.data[0] == '"'];
	must(first == '\0' || strchr("=+-@\t\r\n", first) == NULL);
	buf_free(&out);
}

/* An apostrophe more than was meant is only in memory between the two. */
static void
check_again(const struct csv *t, struct arena *arena)
{
	struct why why;
	struct csv back;
	struct buf out;

	buf_init(&out, OUT_MAX_BYTES);
	write_table(t, &out);
	must(buf_err(&out) == ERR_OK);
	must(csv_parse(out.data, out.len, &wider, arena, &back, &why) == ERR_OK);
	must(back.rows == t->rows && back.columns == t->columns);
	for (size_t i = 0; i < t->rows * t->columns; i++) {
		must(strcmp(t->cells[i].s, back.cells[i].s) == 0);
		check_no_formula(&t->cells[i]);
	}
	buf_free(&out);
}

static void
check_table(const char *text, size_t len)
{
	struct arena arena = {NULL, 0};
	struct why why = {""};
	struct csv t;

	if (csv_parse(text, len, &limits, &arena, &t, &why) == ERR_OK)
		check_again(&t, &arena);
	else
		must(strncmp(why.text, "line ", 5) == 0 && t.rows == 0);
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = {""};
	struct buf text;

	buf_init(&text, OUT_MAX_BYTES);
	check_table((const char *)data, size);
	if (charset_to_utf8((const char *)data, size, &text, NULL, &why) == ERR_OK) {
		must(utf8_valid(text.data, text.len));
		check_table(text.data, text.len);
	} else {
		must(why.text[0] != '\0' && text.len == 0);
	}
	buf_free(&text);
	return 0;
}
