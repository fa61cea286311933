/* The ledger of tickets (整改台账): one row a ticket, in Chinese or English. */
#include "api/ticket_table.h"
#include "base/csv.h"
#include "base/date.h"
#include "base/mem.h"
#include "store/xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column {
	C_NUMBER,
	C_ID,
	C_AT,
	C_DEPARTMENT,
	C_SYSTEM,
	C_ASSET,
	C_TITLE,
	C_CLASS,
	C_SEVERITY,
	C_SOURCE,
	C_IN_CHARGE,
	C_RUN_BY,
	C_USED_BY,
	C_EVIDENCE,
	C_REQUIREMENT,
	C_STATE,
	C_NOTIFIED,
	C_DUE,
	C_OVERDUE,
	C_SUPERVISION,
	C_EXTENSIONS,
	C_FEEDBACK,
	C_SIGNER,
	C_RETESTER,
	C_RETESTED,
	C_METHOD,
	C_RESULT,
	C_CLOSED,
	C_REOPENED,
	COLUMNS
};

static const struct {
	struct i18n title;
	enum ledger_kind kind;
	int width;
} columns[COLUMNS] = {
    [C_NUMBER] = {{"通知书编号", "Notice number"}, LEDGER_TEXT, 20},
    [C_ID] = {{"登记号", "Ticket"}, LEDGER_INT, 8},
    [C_AT] = {{"登记时间", "Registered"}, LEDGER_MOMENT, 18},
    [C_DEPARTMENT] = {{"部门", "Department"}, LEDGER_TEXT, 20},
    [C_SYSTEM] = {{"系统", "System"}, LEDGER_TEXT, 20},
    [C_ASSET] = {{"资产", "Asset"}, LEDGER_TEXT, 20},
    [C_TITLE] = {{"问题名称", "Problem"}, LEDGER_TEXT, 40},
    [C_CLASS] = {{"问题类别", "Class"}, LEDGER_TEXT, 16},
    [C_SEVERITY] = {{"严重程度", "Severity"}, LEDGER_TEXT, 10},
    [C_SOURCE] = {{"问题来源", "Source"}, LEDGER_TEXT, 16},
    [C_IN_CHARGE] = {{"主管责任岗位", "Post in charge"}, LEDGER_TEXT, 18},
    [C_RUN_BY] = {{"运维责任岗位", "Post that runs it"}, LEDGER_TEXT, 18},
    [C_USED_BY] = {{"使用责任岗位", "Post that uses it"}, LEDGER_TEXT, 18},
    [C_EVIDENCE] = {{"问题证据", "Evidence"}, LEDGER_TEXT, 40},
    [C_REQUIREMENT] = {{"整改要求", "Requirement"}, LEDGER_TEXT, 40},
    [C_STATE] = {{"状态", "State"}, LEDGER_TEXT, 14},
    [C_NOTIFIED] = {{"通知时间", "Notified"}, LEDGER_MOMENT, 18},
    [C_DUE] = {{"整改期限", "Due"}, LEDGER_DATE, 12},
    [C_OVERDUE] = {{"逾期工作日", "Working days overdue"}, LEDGER_INT, 12},
    [C_SUPERVISION] = {{"督办级别", "Supervision"}, LEDGER_TEXT, 14},
    [C_EXTENSIONS] = {{"延期次数", "Extensions"}, LEDGER_INT, 10},
    [C_FEEDBACK] = {{"整改反馈", "Feedback"}, LEDGER_TEXT, 40},
    [C_SIGNER] = {{"签字人", "Signed by"}, LEDGER_TEXT, 14},
    [C_RETESTER] = {{"复测人", "Retested by"}, LEDGER_TEXT, 16},
    [C_RETESTED] = {{"复测时间", "Retested"}, LEDGER_MOMENT, 18},
    [C_METHOD] = {{"复测方式", "Way of the retest"}, LEDGER_TEXT, 16},
    [C_RESULT] = {{"复测结果", "Result"}, LEDGER_TEXT, 14},
    [C_CLOSED] = {{"销号时间", "Closed"}, LEDGER_MOMENT, 18},
    [C_REOPENED] = {{"重新打开次数", "Reopened"}, LEDGER_INT, 12},
};

void
ledger_open(struct ledger *l, const struct ticket_view *v, bool zh, size_t rows_max)
{
	*l = (struct ledger){.zh = zh, .offset_minutes = v->offset_minutes, .room = rows_max};
	l->cells = mem_array(rows_max * COLUMNS + 1, sizeof *l->cells);
}

void
ledger_free(struct ledger *l)
{
	free(l->cells);
	arena_free(&l->arena);
}

/* ---- one row ---- */

static const char *
in(const struct ledger *l, struct i18n text)
{
	return l->zh ? text.zh : text.en;
}

static const char *
word(const struct ledger *l, const struct terms *terms, int value)
{
	return in(l, term_label(terms, value));
}

static void
put(struct ledger *l, struct ledger_cell *row, enum column c, const char *text)
{
	l->bytes += strlen(text);
	row[c].text = l->bytes <= LEDGER_MAX_BYTES ? arena_strdup(&l->arena, text) : "";
}

/* The last step of a kind, or NULL. */
static const struct ticket_step *
last_step(const struct ticket *t, enum event_kind kind)
{
	for (size_t i = t->step_count; i > 0; i--)
		if (t->steps[i - 1].kind == kind)
			return &t->steps[i - 1];
	return NULL;
}

static void
put_what(
    struct ledger *l, const struct ticket_view *v, const struct ticket *t, struct ledger_cell *row)
{
	const struct drill_config *c = v->g->config;
	char text[TICKET_NUMBER_BYTES + NAME_MAX_BYTES];

	ticket_number(v->g, t, text);
	put(l, row, C_NUMBER, text);
	put(l, row, C_DEPARTMENT, in(l, c->teams[t->team].name));
	put(l, row, C_SYSTEM, t->system >= 0 ? in(l, c->systems[t->system].name) : "");
	put(l, row, C_ASSET, t->asset);
	put(l, row, C_TITLE, t->title);
	put(l, row, C_CLASS, word(l, &terms_weaknesses, (int)t->weakness));
	put(l, row, C_SEVERITY, word(l, &terms_severities, (int)t->severity));
	snprintf(text, sizeof text, t->source.number > 0 ? "%s %d" : "%s",
	    word(l, &terms_ticket_sources, (int)t->source.kind), t->source.number);
	put(l, row, C_SOURCE, text);
	put(l, row, C_IN_CHARGE, t->in_charge);
	put(l, row, C_RUN_BY, t->run_by);
	put(l, row, C_USED_BY, t->used_by);
	put(l, row, C_EVIDENCE, t->evidence);
	put(l, row, C_REQUIREMENT, t->requirement);
	put(l, row, C_STATE, word(l, &terms_ticket_states, (int)t->state));
	put(l, row, C_SUPERVISION, word(l, &terms_supervision, t->level));
}

static void
put_answer(struct ledger *l, const struct ticket *t, struct ledger_cell *row)
{
	const struct ticket_step *notified = last_step(t, EV_TICKET_NOTIFIED),
				 *feedback = last_step(t, EV_TICKET_FEEDBACK),
				 *retest = last_step(t, EV_TICKET_RETESTED);

	row[C_NOTIFIED].number = notified != NULL ? notified->at_ms : 0;
	if (feedback != NULL) {
		put(l, row, C_FEEDBACK, feedback->text);
		put(l, row, C_SIGNER, feedback->signer);
	}
	if (retest == NULL)
		return;
	put(l, row, C_RETESTER, retest->by);
	row[C_RETESTED].number = retest->at_ms;
	put(l, row, C_METHOD, word(l, &terms_retest_methods, (int)retest->method));
	put(l, row, C_RESULT, word(l, &terms_retest_results, (int)retest->result));
}

enum err
ledger_add(struct ledger *l, const struct ticket_view *v, int32_t id, struct why *why)
{
	const struct ticket *t = ticket_find(v->g, id);
	struct ledger_cell *row = &l->cells[l->rows * COLUMNS];

	if (l->rows == l->room)
		return why_set(why, ERR_LIMIT, "more tickets than there were");
	row[C_ID].number = id;
	row[C_AT].number = t->at_ms;
	row[C_DUE].number = t->due;
	row[C_OVERDUE].number = ticket_overdue(v->g, t, v->now_ms);
	row[C_EXTENSIONS].number = t->extensions;
	row[C_CLOSED].number = t->closed_ms;
	row[C_REOPENED].number = t->reopened;
	put_what(l, v, t, row);
	put_answer(l, t, row);
	l->rows++;
	return l->bytes <= LEDGER_MAX_BYTES
		   ? ERR_OK
		   : why_set(why, ERR_LIMIT,
			 "so many texts are more than %u MiB; take them in parts, such as "
			 "?department=ID",
			 LEDGER_MAX_BYTES / 1024 / 1024);
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
csv_cell_out(struct csv_writer *w, const struct ledger *l, size_t c, const struct ledger_cell *cell)
{
	char text[DATE_BYTES];

	if (columns[c].kind == LEDGER_TEXT) {
		csv_text(w, cell->text);
	} else if (columns[c].kind == LEDGER_INT) {
		csv_int(w, cell->number);
	} else if (cell->number == 0) {
		csv_text(w, NULL);
	} else if (columns[c].kind == LEDGER_MOMENT) {
		csv_moment(w, cell->number, l->offset_minutes);
	} else {
		date_format((int32_t)cell->number, text);
		csv_text(w, text);
	}
}

void
ledger_csv(const struct ledger *l, struct buf *out)
{
	struct csv_writer w;

	csv_begin(&w, out);
	for (size_t c = 0; c < COLUMNS; c++)
		csv_text(&w, in(l, columns[c].title));
	csv_row_end(&w);
	for (size_t i = 0; i < l->rows; i++) {
		for (size_t c = 0; c < COLUMNS; c++)
			csv_cell_out(&w, l, c, &l->cells[i * COLUMNS + c]);
		csv_row_end(&w);
	}
}

/* ---- as a workbook ---- */

static void
xlsx_cell_out(struct xlsx *x, const struct ledger *l, size_t c, const struct ledger_cell *cell)
{
	if (columns[c].kind == LEDGER_TEXT)
		xlsx_text(x, cell->text);
	else if (columns[c].kind == LEDGER_INT)
		xlsx_int(x, cell->number);
	else if (cell->number == 0)
		xlsx_text(x, NULL);
	else if (columns[c].kind == LEDGER_MOMENT)
		xlsx_moment(x, cell->number, l->offset_minutes);
	else
		xlsx_date(x, (int32_t)cell->number);
}

enum err
ledger_xlsx(const struct ledger *l, const char *dir, struct buf *out, struct why *why)
{
	struct xlsx_column heads[COLUMNS];
	struct xlsx *x;
	enum err e;

	if ((e = xlsx_open(dir, &x, why)) != ERR_OK)
		return e;
	for (size_t c = 0; c < COLUMNS; c++)
		heads[c] = (struct xlsx_column){in(l, columns[c].title), columns[c].width};
	xlsx_sheet(x, l->zh ? "整改台账" : "Rectification tickets", heads, COLUMNS);
	for (size_t i = 0; i < l->rows; i++) {
		for (size_t c = 0; c < COLUMNS; c++)
			xlsx_cell_out(x, l, c, &l->cells[i * COLUMNS + c]);
		xlsx_row_end(x);
	}
	return xlsx_close(x, out, why);
}
