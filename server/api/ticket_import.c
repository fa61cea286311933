/* A list of tickets that comes in as CSV: every cell is looked at, every mistake is named at its place. */
#include "api/ticket_table.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define CELL_MAX_BYTES TICKET_TEXT_MAX_BYTES

enum field {
	F_DEPARTMENT,
	F_SYSTEM,
	F_ASSET,
	F_TITLE,
	F_CLASS,
	F_SEVERITY,
	F_SOURCE,
	F_IN_CHARGE,
	F_RUN_BY,
	F_USED_BY,
	F_EVIDENCE,
	F_REQUIREMENT,
	FIELDS
};

static const struct csv_field fields[FIELDS] = {
    [F_DEPARTMENT] = {"department", "部门", true},
    [F_SYSTEM] = {"system", "系统", false},
    [F_ASSET] = {"asset", "资产", false},
    [F_TITLE] = {"title", "问题名称", true},
    [F_CLASS] = {"class", "问题类别", true},
    [F_SEVERITY] = {"severity", "严重程度", true},
    [F_SOURCE] = {"source", "问题来源", false},
    [F_IN_CHARGE] = {"in_charge", "主管责任岗位", false},
    [F_RUN_BY] = {"run_by", "运维责任岗位", false},
    [F_USED_BY] = {"used_by", "使用责任岗位", false},
    [F_EVIDENCE] = {"evidence", "问题证据", false},
    [F_REQUIREMENT] = {"requirement", "整改要求", false},
};

/* What follows the label and a blank, "" when nothing does; NULL: it does not begin with the label. */
static const char *
after(const char *text, const char *label)
{
	size_t len = strlen(label);

	if (strncmp(text, label, len) != 0 || (text[len] != '\0' && text[len] != ' '))
		return NULL;
	return text + len + (text[len] == ' ');
}

/* "result:12", or the kind by its name, with a number or without: "攻击成果 12", as the ledger writes it. */
static const char *
source(struct ticket_list *m, int team)
{
	const struct csv_cell *c = table_in_cell(&m->table, F_SOURCE);
	char *out = arena_alloc(m->table.arena, SOURCE_MAX_BYTES);
	struct ticket_source read;
	struct why why;

	if (c->s[0] == '\0')
		return "manual";
	snprintf(out, SOURCE_MAX_BYTES, "%s", c->s);
	for (int i = 0; i < terms_ticket_sources.count; i++) {
		const struct term *t = &terms_ticket_sources.list[i];
		const char *number = after(c->s, t->label.zh);

		if (number == NULL && (number = after(c->s, t->label.en)) == NULL)
			continue;
		snprintf(out, SOURCE_MAX_BYTES, "%s%s%.12s", t->id, number[0] != '\0' ? ":" : "",
		    number);
	}
	if (c->len >= SOURCE_MAX_BYTES || source_read(out, &read, &why) != ERR_OK)
		(void)!source_read(c->s, &read, table_in_mistake(&m->table, F_SOURCE));
	else if (team >= 0 &&
		 ticket_source_allows(m->table.g, &read, team, m->judge, &why) != ERR_OK)
		*table_in_mistake(&m->table, F_SOURCE) = why;
	return out;
}

/* ---- rows ---- */

static void
read_row(struct ticket_list *m)
{
	int team = table_in_department(&m->table, F_DEPARTMENT);
	struct ticket_event x =
	    ticket_event_of((int32_t)(m->table.g->tickets->count + m->count + 1));

	x.department = team >= 0 ? m->table.g->config->teams[team].id : "";
	x.system = table_in_system(&m->table, F_SYSTEM, team);
	x.asset = table_in_text(&m->table, F_ASSET, TEXT_LINE, TICKET_ASSET_MAX_BYTES);
	x.title = table_in_text(&m->table, F_TITLE, TEXT_LINE, TICKET_TITLE_MAX_BYTES);
	if (x.title[0] == '\0')
		(void)!why_set(
		    table_in_mistake(&m->table, F_TITLE), ERR_INVALID, "a title is expected");
	if (table_in_cell(&m->table, F_SYSTEM)->s[0] == '\0' && x.asset[0] == '\0')
		(void)!why_set(
		    table_in_mistake(&m->table, m->table.index[F_SYSTEM] >= 0 ? F_SYSTEM : F_ASSET),
		    ERR_INVALID,
		    "\"system\" is expected: the system that it concerns, or \"asset\"");
	x.weakness = (enum weakness)table_in_word(&m->table, F_CLASS, &terms_weaknesses);
	x.severity = (enum severity)table_in_word(&m->table, F_SEVERITY, &terms_severities);
	x.source = source(m, team);
	x.in_charge = table_in_text(&m->table, F_IN_CHARGE, TEXT_LINE, TICKET_POST_MAX_BYTES);
	x.run_by = table_in_text(&m->table, F_RUN_BY, TEXT_LINE, TICKET_POST_MAX_BYTES);
	x.used_by = table_in_text(&m->table, F_USED_BY, TEXT_LINE, TICKET_POST_MAX_BYTES);
	x.evidence = table_in_text(&m->table, F_EVIDENCE, TEXT_LINES, TICKET_TEXT_MAX_BYTES);
	x.requirement = table_in_text(&m->table, F_REQUIREMENT, TEXT_LINES, TICKET_TEXT_MAX_BYTES);
	m->events[m->count++] = x;
}

enum err
ticket_list_read(const struct game *g, bool judge, const char *data, size_t len,
    struct arena *arena, struct ticket_list *out, struct why *why)
{
	const struct csv_limits limits = {
	    .rows = TICKET_ROWS_MAX + 1, .columns = FIELDS, .cell_bytes = CELL_MAX_BYTES};
	enum err e;

	*out = (struct ticket_list){.judge = judge};
	if ((e = table_in_open(
		 &out->table, g, arena, &ticket_ledger, fields, &limits, data, len, why)) != ERR_OK)
		return e;
	out->events = arena_array(arena, out->table.csv.rows, sizeof *out->events);
	for (out->table.row = 1; out->table.row < out->table.csv.rows; out->table.row++)
		read_row(out);
	return ERR_OK;
}
