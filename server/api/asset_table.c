/* The inventory (资产台账): one row an asset in use, in Chinese or English. */
#include "api/asset_table.h"
#include "base/date.h"

#include <string.h>

enum column {
	C_ID,
	C_DEPARTMENT,
	C_NAME,
	C_KIND,
	C_ADDRESS,
	C_SYSTEM,
	C_LEVEL,
	C_FILING,
	C_ASSESSED,
	C_DATA,
	C_EXPOSURE,
	C_VENDOR,
	C_DUTIES, /* three columns each: post, holder, phone */
	C_LOGS = C_DUTIES + 3 * DUTIES,
	C_ENCRYPTION,
	C_BACKUP,
	C_RESTORED,
	C_VERIFIED,
	C_NOTES,
	COLUMNS
};

static const struct table_column columns[COLUMNS] = {
    [C_ID] = {{"资产编号", "Asset"}, TABLE_INT, 8},
    [C_DEPARTMENT] = {{"部门", "Department"}, TABLE_TEXT, 20},
    [C_NAME] = {{"资产名称", "Name"}, TABLE_TEXT, 28},
    [C_KIND] = {{"资产类型", "Kind"}, TABLE_TEXT, 14},
    [C_ADDRESS] = {{"地址", "Address"}, TABLE_TEXT, 28},
    [C_SYSTEM] = {{"演练系统", "System"}, TABLE_TEXT, 20},
    [C_LEVEL] = {{"等保级别", "MLPS level"}, TABLE_INT, 10},
    [C_FILING] = {{"备案编号", "Filing number"}, TABLE_TEXT, 20},
    [C_ASSESSED] = {{"最近测评日期", "Last assessment"}, TABLE_DATE, 14},
    [C_DATA] = {{"数据分级", "Class of data"}, TABLE_TEXT, 12},
    [C_EXPOSURE] = {{"暴露面", "Exposure"}, TABLE_TEXT, 12},
    [C_VENDOR] = {{"供应商", "Vendor"}, TABLE_TEXT, 20},
    [C_DUTIES] = {{"主管责任岗位", "Post in charge"}, TABLE_TEXT, 18},
    [C_DUTIES + 1] = {{"主管责任人", "Holder in charge"}, TABLE_TEXT, 14},
    [C_DUTIES + 2] = {{"主管电话", "Phone in charge"}, TABLE_TEXT, 18},
    [C_DUTIES + 3] = {{"运维责任岗位", "Post that runs it"}, TABLE_TEXT, 18},
    [C_DUTIES + 4] = {{"运维责任人", "Holder that runs it"}, TABLE_TEXT, 14},
    [C_DUTIES + 5] = {{"运维电话", "Phone that runs it"}, TABLE_TEXT, 18},
    [C_DUTIES + 6] = {{"使用责任岗位", "Post that uses it"}, TABLE_TEXT, 18},
    [C_DUTIES + 7] = {{"使用责任人", "Holder that uses it"}, TABLE_TEXT, 14},
    [C_DUTIES + 8] = {{"使用电话", "Phone that uses it"}, TABLE_TEXT, 18},
    [C_LOGS] = {{"日志留存天数", "Days logs are kept"}, TABLE_INT, 12},
    [C_ENCRYPTION] = {{"加密", "Encryption"}, TABLE_TEXT, 14},
    [C_BACKUP] = {{"备份", "Backup"}, TABLE_TEXT, 14},
    [C_RESTORED] = {{"最近恢复测试日期", "Last restore test"}, TABLE_DATE, 14},
    [C_VERIFIED] = {{"核实时间", "Verified"}, TABLE_MOMENT, 18},
    [C_NOTES] = {{"备注", "Notes"}, TABLE_TEXT, 40},
};

const struct table_form asset_table = {
    .csv = "attachment; filename=\"assets.csv\"",
    .xlsx = "attachment; filename=\"assets.xlsx\"",
    .sheet = {"资产台账", "Assets"},
    .columns = columns,
    .count = COLUMNS,
};

static void
put_duties(
    struct table *t, const struct game *g, const struct asset_facts *f, struct table_cell *row)
{
	for (int i = 0; i < DUTIES; i++) {
		const struct post_entry *p = post_find(g, f->posts[i]);
		struct table_cell *cells = &row[C_DUTIES + 3 * i];

		if (p == NULL)
			continue;
		table_put(t, &cells[0], p->title);
		table_put(t, &cells[1], p->holder);
		table_put(t, &cells[2], p->phone);
	}
}

static void
put_line(struct table *t, struct table_cell *cell, const struct json_t *document, const char *key)
{
	const char *text = jr_string(jr_get(document, key), NULL);

	if (text != NULL)
		table_put(t, cell, text);
}

static void
put_date(struct table_cell *cell, const struct json_t *document, const char *key)
{
	const char *text = jr_string(jr_get(document, key), NULL);
	int32_t date = 0;

	if (text != NULL && date_parse(text, &date))
		cell->number = date;
}

static void
put_word(struct table *t, struct table_cell *cell, const struct json_t *document, const char *key,
    const struct terms *terms)
{
	const char *text = jr_string(jr_get(document, key), NULL);
	int value;

	if (text != NULL && term_parse(terms, text, &value))
		table_put(t, cell, table_word(t, terms, value));
}

static void
put_document(struct table *t, struct table_cell *row, const struct json_t *document)
{
	put_line(t, &row[C_FILING], document, "filing_number");
	put_date(&row[C_ASSESSED], document, "assessed");
	put_word(t, &row[C_DATA], document, "data_class", &terms_data_classes);
	put_line(t, &row[C_VENDOR], document, "vendor");
	row[C_LOGS].number = jr_integer(jr_get(document, "log_retention_days"), 0);
	put_word(t, &row[C_ENCRYPTION], document, "encryption", &terms_encryptions);
	put_word(t, &row[C_BACKUP], document, "backup", &terms_backups);
	put_date(&row[C_RESTORED], document, "restore_tested");
	put_line(t, &row[C_NOTES], document, "notes");
}

enum err
asset_table_add(struct table *t, const struct game *g, int32_t id, struct why *why)
{
	const struct asset_entry *a = asset_entry_find(g, id);
	const struct asset_facts *f = &a->facts;
	struct table_cell *row = table_row(t);
	struct json_t *document = NULL;
	int system = game_system(g, f->system);

	row[C_ID].number = id;
	row[C_LEVEL].number = f->level;
	row[C_VERIFIED].number = a->verified_ms;
	table_put(t, &row[C_DEPARTMENT], table_says(t, g->config->teams[a->team].name));
	table_put(t, &row[C_NAME], a->name);
	table_put(t, &row[C_KIND], table_word(t, &terms_asset_kinds, (int)f->kind));
	table_put(t, &row[C_ADDRESS], a->address);
	table_put(t, &row[C_EXPOSURE], table_word(t, &terms_exposures, (int)f->exposure));
	if (system >= 0)
		table_put(t, &row[C_SYSTEM], table_says(t, g->config->systems[system].name));
	put_duties(t, g, f, row);
	if (jr_parse(a->text, strlen(a->text), &document, NULL) == ERR_OK)
		put_document(t, row, document);
	jr_free(document);
	return table_fits(t, why);
}
