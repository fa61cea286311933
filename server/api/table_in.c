/* A table that comes in as CSV: every cell is looked at, every mistake is named at its place. */
#include "api/query.h"
#include "api/table.h"
#include "base/charset.h"

#include <stdlib.h>
#include <string.h>

static const struct csv_cell none = {.s = ""};

/* ---- heads ---- */

static const struct csv_field *
field_of(const struct csv_field *fields, size_t count, const struct table_column *column)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].other != NULL && strcmp(fields[i].other, column->title.zh) == 0)
			return &fields[i];
	return NULL;
}

/* The fields, and after them the columns that only the server fills: a table comes in as it went out. */
static const struct csv_field *
with_own_columns(const struct table_form *form, const struct csv_field *fields, size_t *count,
    struct arena *arena)
{
	struct csv_field *all = arena_array(arena, *count + form->count, sizeof *all);
	size_t n = *count;

	memcpy(all, fields, n * sizeof *all);
	for (size_t i = 0; i < form->count; i++)
		if (field_of(fields, *count, &form->columns[i]) == NULL)
			all[n++] = (struct csv_field){
			    .name = form->columns[i].title.en, .other = form->columns[i].title.zh};
	*count = n;
	return all;
}

/* A head as the table in English has it, by the field's own name. */
static void
rename_heads(struct table_in *t, const struct table_form *form, size_t fields)
{
	for (size_t c = 0; t->csv.rows > 0 && c < t->csv.columns; c++) {
		struct csv_cell *head = &t->csv.cells[c];

		for (size_t i = 0; i < form->count; i++) {
			const struct csv_field *f = field_of(t->fields, fields, &form->columns[i]);

			if (f == NULL || strcmp(head->s, form->columns[i].title.en) != 0)
				continue;
			head->s = f->name;
			head->len = strlen(f->name);
			break;
		}
	}
}

enum err
table_in_open(struct table_in *t, const struct game *g, struct arena *arena,
    const struct table_form *form, const struct csv_field *fields, const struct csv_limits *given,
    const char *text, size_t len, struct why *why)
{
	struct csv_limits wide = *given;
	const struct csv_limits *limits = &wide;
	struct buf utf8;
	enum err e;

	*t = (struct table_in){.g = g, .arena = arena};
	t->fields = with_own_columns(form, fields, &wide.columns, arena);
	t->index = arena_array(arena, limits->columns, sizeof *t->index);
	t->mistakes = arena_array(arena, TABLE_MISTAKES_MAX, sizeof *t->mistakes);
	buf_init(&utf8, CSV_TEXT_MAX_BYTES);
	if ((e = charset_to_utf8(text, len, &utf8, NULL, why)) == ERR_OK &&
	    (e = csv_parse(utf8.data != NULL ? utf8.data : "", utf8.len, limits, arena, &t->csv,
		 why)) == ERR_OK) {
		rename_heads(t, form, given->columns);
		e = csv_head(&t->csv, t->fields, limits->columns, t->index, why);
	}
	buf_free(&utf8);
	return e;
}

const struct csv_cell *
table_in_cell(const struct table_in *t, size_t field)
{
	return t->index[field] < 0 ? &none : csv_at(&t->csv, t->row, (size_t)t->index[field]);
}

/* Where the cell is; of a column that is not there, where the row begins. */
struct why *
table_in_mistake(struct table_in *t, size_t field)
{
	const struct csv_cell *at =
	    t->index[field] >= 0 ? table_in_cell(t, field) : csv_at(&t->csv, t->row, 0);

	if (t->mistake_count == TABLE_MISTAKES_MAX)
		return &t->beyond;
	t->mistakes[t->mistake_count].line = at->line;
	t->mistakes[t->mistake_count].column = at->column;
	return &t->mistakes[t->mistake_count++].why;
}

/* ---- cells ---- */

const char *
table_in_text(struct table_in *t, size_t field, enum text_kind kind, size_t max_bytes)
{
	const struct csv_cell *c = table_in_cell(t, field);
	struct why why;

	if (c->len > max_bytes)
		(void)!why_set(table_in_mistake(t, field), ERR_LIMIT,
		    "\"%s\" has %zu bytes; at most %zu", t->fields[field].name, c->len, max_bytes);
	else if (text_check(c->s, c->len, kind, &why) != ERR_OK)
		(void)!why_set(table_in_mistake(t, field), ERR_INVALID, "\"%s\" %s",
		    t->fields[field].name, why.text);
	return c->s;
}

int
table_in_word(struct table_in *t, size_t field, const struct terms *terms)
{
	const struct csv_cell *c = table_in_cell(t, field);
	int v = 0;

	for (int i = 0; i < terms->count; i++)
		if (strcmp(c->s, terms->list[i].label.zh) == 0 ||
		    strcmp(c->s, terms->list[i].label.en) == 0)
			return i;
	if (!term_parse(terms, c->s, &v))
		(void)!term_want(terms, c->s, &v, table_in_mistake(t, field));
	return v;
}

static bool
is_named(const char *text, const char *id, const struct i18n *name)
{
	return strcmp(text, id) == 0 || strcmp(text, name->zh) == 0 || strcmp(text, name->en) == 0;
}

int
table_in_department(struct table_in *t, size_t field)
{
	const struct drill_config *config = t->g->config;
	const struct csv_cell *c = table_in_cell(t, field);

	for (size_t i = 0; i < config->team_count; i++)
		if (config->teams[i].kind == TEAM_BLUE &&
		    is_named(c->s, config->teams[i].id, &config->teams[i].name))
			return (int)i;
	(void)!why_set(
	    table_in_mistake(t, field), ERR_NOT_FOUND, "there is no department \"%.64s\"", c->s);
	return -1;
}

const char *
table_in_system(struct table_in *t, size_t field, int team)
{
	const struct drill_config *config = t->g->config;
	const struct csv_cell *c = table_in_cell(t, field);

	if (c->s[0] == '\0' || team < 0)
		return "";
	for (size_t i = 0; i < config->system_count; i++)
		if (config->systems[i].team == team &&
		    is_named(c->s, config->systems[i].id, &config->systems[i].name))
			return config->systems[i].id;
	(void)!why_set(table_in_mistake(t, field), ERR_NOT_FOUND,
	    "department \"%s\" has no system \"%.64s\"", config->teams[team].id, c->s);
	return "";
}

/* ---- the request and its answer ---- */

static int
by_place(const void *a, const void *b)
{
	const struct table_mistake *x = a, *y = b;

	return x->line != y->line ? x->line - y->line : x->column - y->column;
}

void
table_in_refuse(struct table_in *t, const char *detail, struct response *out)
{
	struct json_writer w;

	qsort(t->mistakes, t->mistake_count, sizeof *t->mistakes, by_place);
	out->status = 400;
	out->content_type = "application/problem+json";
	response_object(out, &w);
	jw_kv_str(&w, "type", "about:blank");
	jw_kv_str(&w, "title", "invalid");
	jw_kv_int(&w, "status", 400);
	jw_kv_str(&w, "detail", detail);
	jw_key(&w, "mistakes");
	jw_array(&w);
	for (size_t i = 0; i < t->mistake_count; i++) {
		jw_object(&w);
		jw_kv_int(&w, "line", t->mistakes[i].line);
		jw_kv_int(&w, "column", t->mistakes[i].column);
		jw_kv_str(&w, "text", t->mistakes[i].why.text);
		jw_object_end(&w);
	}
	jw_array_end(&w);
	jw_object_end(&w);
}

enum err
table_in_dry_run(struct request *req, bool *dry)
{
	const char *value;
	const struct query_filter names[] = {{"dry_run", &value}, {NULL, NULL}};
	enum err e;

	if ((e = query_read(req, names, NULL)) != ERR_OK)
		return e;
	*dry = value != NULL && strcmp(value, "1") == 0;
	return value == NULL || *dry
		   ? ERR_OK
		   : why_set(&req->why, ERR_INVALID, "?dry_run= must be 1, or not be there");
}
