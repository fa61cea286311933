#include "api/workbook.h"
#include "api/identity.h"
#include "base/mem.h"
#include "net/loop.h"
#include "store/xlsx.h"

#include <stdlib.h>

struct workbook {
	struct request *req;
	enum err (*gather)(struct request *req, struct table *t);
	struct workbook *next;
	const char *dir; /* the drill's */
	struct table table;
	struct buf bytes;
	enum err failed;
	struct why why;
};

struct workbooks {
	struct workbook *under_way; /* NULL: none, and then none waits */
	struct workbook *first, *last;
	size_t waiting;
};

struct workbooks *
workbooks_new(void)
{
	return mem_alloc(sizeof(struct workbooks));
}

void
workbooks_free(struct workbooks *w)
{
	free(w);
}

/* ---- on the pool ---- */

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

static void
workbook_run(void *ctx)
{
	struct workbook *b = ctx;

	b->failed = write_xlsx(&b->table, b->dir, &b->bytes, &b->why);
}

/* ---- one at a time ---- */

static void workbook_done(void *ctx);

/* Its turn has come. After an error there is no table. */
static enum err
begin(struct workbooks *w, struct workbook *b)
{
	struct request *req = b->req;
	enum err e;

	if ((e = b->gather(req, &b->table)) != ERR_OK)
		return e;
	b->dir = api_drill(req->api)->options.dir;
	buf_init(&b->bytes, RESPONSE_MAX_BYTES);
	if (loop_work(api_loop(req->api), workbook_run, workbook_done, b) != ERR_OK) {
		table_free(&b->table);
		return why_set(&req->why, ERR_BUSY, "too much is being made; try again");
	}
	w->under_way = b;
	return ERR_OK;
}

/* The next one whose client is still there. */
static void
begin_next(struct workbooks *w)
{
	while (w->under_way == NULL && w->first != NULL) {
		struct workbook *b = w->first;
		struct request *req = b->req;
		enum err e = ERR_CLOSED; /* it has left: nobody is told */

		w->first = b->next;
		w->waiting--;
		if (req->x != NULL && (e = identity_still_holds(req)) == ERR_OK)
			e = begin(w, b);
		if (e != ERR_OK) {
			free(b);
			request_finish(req, e);
		}
	}
}

static enum err
answer(struct workbook *b)
{
	struct response *out = &b->req->out;

	if (b->failed != ERR_OK) {
		b->req->why = b->why;
		return b->failed;
	}
	out->content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	response_header(out, "Content-Disposition", b->table.form->xlsx);
	buf_put(&out->body, b->bytes.data, b->bytes.len);
	return buf_err(&out->body);
}

static void
workbook_done(void *ctx)
{
	struct workbook *b = ctx;
	struct request *req = b->req;
	struct workbooks *w = api_workbooks(req->api);
	enum err e = answer(b);

	table_free(&b->table);
	buf_free(&b->bytes);
	free(b);
	request_finish(req, e);
	w->under_way = NULL;
	begin_next(w);
}

/* ---- in line ---- */

static enum err
may_wait(const struct workbooks *w, struct request *req)
{
	size_t own = 0;

	for (const struct workbook *b = w->first; b != NULL; b = b->next)
		own += b->req->account == req->account;
	if (own >= WORKBOOKS_PER_ACCOUNT)
		return why_set(&req->why, ERR_RATE,
		    "%zu workbooks of this account wait to be made; take those first", own);
	return w->waiting < WORKBOOKS_WAITING_MAX
		   ? ERR_OK
		   : why_set(&req->why, ERR_BUSY,
			 "%zu workbooks wait to be made; try again, or take the table as CSV",
			 w->waiting);
}

static void
wait_in_line(struct workbooks *w, struct workbook *b)
{
	if (w->first == NULL)
		w->first = b;
	else
		w->last->next = b;
	w->last = b;
	w->waiting++;
}

enum err
workbook_answer(struct request *req, enum err (*gather)(struct request *req, struct table *t))
{
	struct workbooks *w = api_workbooks(req->api);
	struct workbook *b;
	enum err e;

	if (w->under_way != NULL && (e = may_wait(w, req)) != ERR_OK)
		return e;
	b = mem_alloc(sizeof *b);
	b->req = req;
	b->gather = gather;
	if (w->under_way != NULL) {
		wait_in_line(w, b);
	} else if ((e = begin(w, b)) != ERR_OK) {
		free(b);
		return e;
	}
	req->out.deferred = true;
	return ERR_OK;
}
