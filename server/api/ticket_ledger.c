/* The ledger of tickets (整改台账): one row a ticket, in Chinese or English. */
#include "api/ticket_table.h"

#include <stdio.h>

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

static const struct table_column columns[COLUMNS] = {
    [C_NUMBER] = {{"通知书编号", "Notice number"}, TABLE_TEXT, 20},
    [C_ID] = {{"登记号", "Ticket"}, TABLE_INT, 8},
    [C_AT] = {{"登记时间", "Registered"}, TABLE_MOMENT, 18},
    [C_DEPARTMENT] = {{"部门", "Department"}, TABLE_TEXT, 20},
    [C_SYSTEM] = {{"系统", "System"}, TABLE_TEXT, 20},
    [C_ASSET] = {{"资产", "Asset"}, TABLE_TEXT, 20},
    [C_TITLE] = {{"问题名称", "Problem"}, TABLE_TEXT, 40},
    [C_CLASS] = {{"问题类别", "Class"}, TABLE_TEXT, 16},
    [C_SEVERITY] = {{"严重程度", "Severity"}, TABLE_TEXT, 10},
    [C_SOURCE] = {{"问题来源", "Source"}, TABLE_TEXT, 16},
    [C_IN_CHARGE] = {{"主管责任岗位", "Post in charge"}, TABLE_TEXT, 18},
    [C_RUN_BY] = {{"运维责任岗位", "Post that runs it"}, TABLE_TEXT, 18},
    [C_USED_BY] = {{"使用责任岗位", "Post that uses it"}, TABLE_TEXT, 18},
    [C_EVIDENCE] = {{"问题证据", "Evidence"}, TABLE_TEXT, 40},
    [C_REQUIREMENT] = {{"整改要求", "Requirement"}, TABLE_TEXT, 40},
    [C_STATE] = {{"状态", "State"}, TABLE_TEXT, 14},
    [C_NOTIFIED] = {{"通知时间", "Notified"}, TABLE_MOMENT, 18},
    [C_DUE] = {{"整改期限", "Due"}, TABLE_DATE, 12},
    [C_OVERDUE] = {{"逾期工作日", "Working days overdue"}, TABLE_INT, 12},
    [C_SUPERVISION] = {{"督办级别", "Supervision"}, TABLE_TEXT, 14},
    [C_EXTENSIONS] = {{"延期次数", "Extensions"}, TABLE_INT, 10},
    [C_FEEDBACK] = {{"整改反馈", "Feedback"}, TABLE_TEXT, 40},
    [C_SIGNER] = {{"签字人", "Signed by"}, TABLE_TEXT, 14},
    [C_RETESTER] = {{"复测人", "Retested by"}, TABLE_TEXT, 16},
    [C_RETESTED] = {{"复测时间", "Retested"}, TABLE_MOMENT, 18},
    [C_METHOD] = {{"复测方式", "Way of the retest"}, TABLE_TEXT, 16},
    [C_RESULT] = {{"复测结果", "Result"}, TABLE_TEXT, 14},
    [C_CLOSED] = {{"销号时间", "Closed"}, TABLE_MOMENT, 18},
    [C_REOPENED] = {{"重新打开次数", "Reopened"}, TABLE_INT, 12},
};

const struct table_form ticket_ledger = {
    .csv = "attachment; filename=\"tickets.csv\"",
    .xlsx = "attachment; filename=\"tickets.xlsx\"",
    .sheet = {"整改台账", "Rectification tickets"},
    .columns = columns,
    .count = COLUMNS,
};

/* ---- one row ---- */

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
    struct table *l, const struct ticket_view *v, const struct ticket *t, struct table_cell *row)
{
	const struct drill_config *c = v->g->config;
	char text[TICKET_NUMBER_BYTES + NAME_MAX_BYTES];
	struct ticket_source seen;

	ticket_number(v->g, t, text);
	table_put(l, &row[C_NUMBER], text);
	table_put(l, &row[C_DEPARTMENT], table_says(l, c->teams[t->team].name));
	table_put(
	    l, &row[C_SYSTEM], t->system >= 0 ? table_says(l, c->systems[t->system].name) : "");
	table_put(l, &row[C_ASSET], t->asset);
	table_put(l, &row[C_TITLE], t->title);
	table_put(l, &row[C_CLASS], table_word(l, &terms_weaknesses, (int)t->weakness));
	table_put(l, &row[C_SEVERITY], table_word(l, &terms_severities, (int)t->severity));
	seen = ticket_source_for(v->g, t, v->judge);
	snprintf(text, sizeof text, seen.number > 0 ? "%s %d" : "%s",
	    table_word(l, &terms_ticket_sources, (int)seen.kind), seen.number);
	table_put(l, &row[C_SOURCE], text);
	table_put(l, &row[C_IN_CHARGE], t->in_charge);
	table_put(l, &row[C_RUN_BY], t->run_by);
	table_put(l, &row[C_USED_BY], t->used_by);
	table_put(l, &row[C_EVIDENCE], t->evidence);
	table_put(l, &row[C_REQUIREMENT], t->requirement);
	table_put(l, &row[C_STATE], table_word(l, &terms_ticket_states, (int)t->state));
	table_put(l, &row[C_SUPERVISION], table_word(l, &terms_supervision, t->level));
}

static void
put_answer(struct table *l, const struct ticket *t, struct table_cell *row)
{
	const struct ticket_step *notified = last_step(t, EV_TICKET_NOTIFIED),
				 *feedback = last_step(t, EV_TICKET_FEEDBACK),
				 *retest = last_step(t, EV_TICKET_RETESTED);

	row[C_NOTIFIED].number = notified != NULL ? notified->at_ms : 0;
	if (feedback != NULL) {
		table_put(l, &row[C_FEEDBACK], feedback->text);
		table_put(l, &row[C_SIGNER], feedback->signer);
	}
	if (retest == NULL)
		return;
	table_put(l, &row[C_RETESTER], retest->by);
	row[C_RETESTED].number = retest->at_ms;
	table_put(l, &row[C_METHOD], table_word(l, &terms_retest_methods, (int)retest->method));
	table_put(l, &row[C_RESULT], table_word(l, &terms_retest_results, (int)retest->result));
}

enum err
ledger_add(struct table *l, const struct ticket_view *v, int32_t id, struct why *why)
{
	const struct ticket *t = ticket_find(v->g, id);
	struct table_cell *row = table_row(l);

	row[C_ID].number = id;
	row[C_AT].number = t->at_ms;
	row[C_DUE].number = t->due;
	row[C_OVERDUE].number = ticket_overdue(v->g, t, v->now_ms);
	row[C_EXTENSIONS].number = t->extensions;
	row[C_CLOSED].number = t->closed_ms;
	row[C_REOPENED].number = t->reopened;
	put_what(l, v, t, row);
	put_answer(l, t, row);
	return table_fits(l, why);
}
