/* A list of tickets that comes in as CSV: every cell is looked at, every mistake is named at its place. */
#include "api/ticket_table.h"
#include "base/charset.h"
#include "base/csv.h"

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

struct importer {
	const struct game *g;
	struct arena *arena;
	struct csv table;
	int index[FIELDS];
	size_t row;
	struct ticket_list *out;
	struct why beyond; /* what is not kept */
};

static const struct csv_cell none = {.s = ""};

static const struct csv_cell *
cell(const struct importer *m, enum field f)
{
	return m->index[f] < 0 ? &none : csv_at(&m->table, m->row, (size_t)m->index[f]);
}

/* Where the cell is; of a column that is not there, where the row begins. */
static struct why *
mistake(struct importer *m, enum field f)
{
	const struct csv_cell *at = m->index[f] >= 0 ? cell(m, f) : csv_at(&m->table, m->row, 0);
	struct ticket_list *l = m->out;

	if (l->mistake_count == TICKET_MISTAKES_MAX)
		return &m->beyond;
	l->mistakes[l->mistake_count].line = at->line;
	l->mistakes[l->mistake_count].column = at->column;
	return &l->mistakes[l->mistake_count++].why;
}

/* ---- cells ---- */

static const char *
text(struct importer *m, enum field f, size_t max_bytes)
{
	const struct csv_cell *c = cell(m, f);

	if (c->len > max_bytes)
		(void)!why_set(mistake(m, f), ERR_LIMIT, "\"%s\" has %zu bytes; at most %zu",
		    fields[f].name, c->len, max_bytes);
	return c->s;
}

/* The word itself, or its name in either language. */
static int
word(struct importer *m, enum field f, const struct terms *terms)
{
	const struct csv_cell *c = cell(m, f);
	int v = 0;

	for (int i = 0; i < terms->count; i++)
		if (strcmp(c->s, terms->list[i].label.zh) == 0 ||
		    strcmp(c->s, terms->list[i].label.en) == 0)
			return i;
	if (!term_parse(terms, c->s, &v))
		(void)!term_want(terms, c->s, &v, mistake(m, f));
	return v;
}

static bool
is_named(const char *text_, const char *id, const struct i18n *name)
{
	return strcmp(text_, id) == 0 || strcmp(text_, name->zh) == 0 ||
	       strcmp(text_, name->en) == 0;
}

/* By id or by name in either language; -1 after saying that there is none. */
static int
department(struct importer *m)
{
	const struct drill_config *config = m->g->config;
	const struct csv_cell *c = cell(m, F_DEPARTMENT);

	for (size_t i = 0; i < config->team_count; i++)
		if (config->teams[i].kind == TEAM_BLUE &&
		    is_named(c->s, config->teams[i].id, &config->teams[i].name))
			return (int)i;
	(void)!why_set(
	    mistake(m, F_DEPARTMENT), ERR_NOT_FOUND, "there is no department \"%.64s\"", c->s);
	return -1;
}

/* Of this department; "" for none. */
static const char *
system_of(struct importer *m, int team)
{
	const struct drill_config *config = m->g->config;
	const struct csv_cell *c = cell(m, F_SYSTEM);

	if (c->s[0] == '\0' || team < 0)
		return "";
	for (size_t i = 0; i < config->system_count; i++)
		if (config->systems[i].team == team &&
		    is_named(c->s, config->systems[i].id, &config->systems[i].name))
			return config->systems[i].id;
	(void)!why_set(mistake(m, F_SYSTEM), ERR_NOT_FOUND,
	    "department \"%s\" has no system \"%.64s\"", config->teams[team].id, c->s);
	return "";
}

/* "result:12", or the kind by its name, with a number or without: "攻击成果 12", as the ledger writes it. */
static const char *
source(struct importer *m)
{
	const struct csv_cell *c = cell(m, F_SOURCE);
	size_t len = strcspn(c->s, " ");
	char *out = arena_alloc(m->arena, SOURCE_MAX_BYTES);
	struct ticket_source read;
	struct why why;

	if (c->s[0] == '\0')
		return "manual";
	snprintf(out, SOURCE_MAX_BYTES, "%s", c->s);
	for (int i = 0; i < terms_ticket_sources.count; i++) {
		const struct term *t = &terms_ticket_sources.list[i];
		bool zh = strlen(t->label.zh) == len && memcmp(c->s, t->label.zh, len) == 0;

		if (!zh && strcmp(c->s, t->label.en) != 0)
			continue;
		snprintf(out, SOURCE_MAX_BYTES, "%s%s%.12s", t->id,
		    zh && c->s[len] == ' ' ? ":" : "",
		    zh && c->s[len] == ' ' ? c->s + len + 1 : "");
	}
	if (c->len >= SOURCE_MAX_BYTES || source_read(out, &read, &why) != ERR_OK)
		(void)!source_read(c->s, &read, mistake(m, F_SOURCE));
	return out;
}

/* ---- rows ---- */

static void
read_row(struct importer *m)
{
	int team = department(m);
	struct ticket_event x =
	    ticket_event_of((int32_t)(m->g->tickets->count + m->out->count + 1));

	x.department = team >= 0 ? m->g->config->teams[team].id : "";
	x.system = system_of(m, team);
	x.asset = text(m, F_ASSET, TICKET_ASSET_MAX_BYTES);
	x.title = text(m, F_TITLE, TICKET_TITLE_MAX_BYTES);
	if (x.title[0] == '\0')
		(void)!why_set(mistake(m, F_TITLE), ERR_INVALID, "a title is expected");
	if (cell(m, F_SYSTEM)->s[0] == '\0' && x.asset[0] == '\0')
		(void)!why_set(mistake(m, F_SYSTEM), ERR_INVALID,
		    "the system that it concerns is expected, or the asset");
	x.weakness = (enum weakness)word(m, F_CLASS, &terms_weaknesses);
	x.severity = (enum severity)word(m, F_SEVERITY, &terms_severities);
	x.source = source(m);
	x.in_charge = text(m, F_IN_CHARGE, TICKET_POST_MAX_BYTES);
	x.run_by = text(m, F_RUN_BY, TICKET_POST_MAX_BYTES);
	x.used_by = text(m, F_USED_BY, TICKET_POST_MAX_BYTES);
	x.evidence = text(m, F_EVIDENCE, TICKET_TEXT_MAX_BYTES);
	x.requirement = text(m, F_REQUIREMENT, TICKET_TEXT_MAX_BYTES);
	m->out->events[m->out->count++] = x;
}

static enum err
read_table(struct importer *m, const char *data, size_t len, struct why *why)
{
	const struct csv_limits limits = {
	    .rows = TICKET_ROWS_MAX + 1, .columns = FIELDS, .cell_bytes = CELL_MAX_BYTES};
	enum err e;

	if ((e = csv_parse(data, len, &limits, m->arena, &m->table, why)) != ERR_OK ||
	    (e = csv_head(&m->table, fields, FIELDS, m->index, why)) != ERR_OK)
		return e;
	m->out->events = arena_array(m->arena, m->table.rows, sizeof *m->out->events);
	m->out->mistakes = arena_array(m->arena, TICKET_MISTAKES_MAX, sizeof *m->out->mistakes);
	for (m->row = 1; m->row < m->table.rows; m->row++)
		read_row(m);
	return ERR_OK;
}

enum err
ticket_list_read(const struct game *g, const char *data, size_t len, struct arena *arena,
    struct ticket_list *out, struct why *why)
{
	struct importer m = {.g = g, .arena = arena, .out = out};
	struct buf utf8;
	enum err e;

	*out = (struct ticket_list){.count = 0};
	buf_init(&utf8, CSV_TEXT_MAX_BYTES);
	if ((e = charset_to_utf8(data, len, &utf8, NULL, why)) == ERR_OK)
		e = read_table(&m, utf8.data != NULL ? utf8.data : "", utf8.len, why);
	buf_free(&utf8);
	return e;
}
