/* A list of assets that comes in as CSV, with the posts that answer for them. */
#include "api/asset_table.h"
#include "base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum field {
	F_DEPARTMENT,
	F_NAME,
	F_KIND,
	F_ADDRESS,
	F_SYSTEM,
	F_LEVEL,
	F_FILING,
	F_ASSESSED,
	F_DATA,
	F_EXPOSURE,
	F_VENDOR,
	F_DUTIES, /* three fields each: post, holder, phone */
	F_LOGS = F_DUTIES + 3 * DUTIES,
	F_ENCRYPTION,
	F_BACKUP,
	F_RESTORED,
	F_NOTES,
	FIELDS
};

static const struct csv_field fields[FIELDS] = {
    [F_DEPARTMENT] = {"department", "部门", false},
    [F_NAME] = {"name", "资产名称", true},
    [F_KIND] = {"kind", "资产类型", true},
    [F_ADDRESS] = {"address", "地址", false},
    [F_SYSTEM] = {"system", "演练系统", false},
    [F_LEVEL] = {"level", "等保级别", false},
    [F_FILING] = {"filing_number", "备案编号", false},
    [F_ASSESSED] = {"assessed", "最近测评日期", false},
    [F_DATA] = {"data_class", "数据分级", false},
    [F_EXPOSURE] = {"exposure", "暴露面", true},
    [F_VENDOR] = {"vendor", "供应商", false},
    [F_DUTIES] = {"in_charge", "主管责任岗位", false},
    [F_DUTIES + 1] = {"in_charge_holder", "主管责任人", false},
    [F_DUTIES + 2] = {"in_charge_phone", "主管电话", false},
    [F_DUTIES + 3] = {"run_by", "运维责任岗位", false},
    [F_DUTIES + 4] = {"run_by_holder", "运维责任人", false},
    [F_DUTIES + 5] = {"run_by_phone", "运维电话", false},
    [F_DUTIES + 6] = {"used_by", "使用责任岗位", false},
    [F_DUTIES + 7] = {"used_by_holder", "使用责任人", false},
    [F_DUTIES + 8] = {"used_by_phone", "使用电话", false},
    [F_LOGS] = {"log_retention_days", "日志留存天数", false},
    [F_ENCRYPTION] = {"encryption", "加密", false},
    [F_BACKUP] = {"backup", "备份", false},
    [F_RESTORED] = {"restore_tested", "最近恢复测试日期", false},
    [F_NOTES] = {"notes", "备注", false},
};

/* ---- cells ---- */

static const char *
line(struct asset_list *l, size_t field, size_t max_bytes)
{
	return table_in_text(&l->table, field, TEXT_LINE, max_bytes);
}

static bool
filled(const struct asset_list *l, size_t field)
{
	return table_in_cell(&l->table, field)->len > 0;
}

/* A word that may be left out: -1. */
static int
word(struct asset_list *l, size_t field, const struct terms *terms)
{
	return filled(l, field) ? table_in_word(&l->table, field, terms) : -1;
}

/* A number that may be left out: 0, which for these means the same. */
static int64_t
number(struct asset_list *l, size_t field, int max)
{
	const struct csv_cell *c = table_in_cell(&l->table, field);

	if (c->len == 0)
		return 0;
	if (c->len > 6 || strspn(c->s, "0123456789") != c->len || atoi(c->s) > max)
		(void)!why_set(table_in_mistake(&l->table, field), ERR_INVALID,
		    "\"%s\" must be a number from 0 to %d", fields[field].name, max);
	return atoi(c->s);
}

static const char *
date(struct asset_list *l, size_t field)
{
	const struct csv_cell *c = table_in_cell(&l->table, field);
	int32_t value;

	if (c->len > 0 && !date_parse(c->s, &value))
		(void)!why_set(table_in_mistake(&l->table, field), ERR_INVALID,
		    "\"%s\" must be a date such as 2027-06-20", fields[field].name);
	return c->s;
}

/* Whose list it is says which departments there are. */
static int
department(struct asset_list *l)
{
	int team;

	if (l->team >= 0 && !filled(l, F_DEPARTMENT))
		return l->team;
	if ((team = table_in_department(&l->table, F_DEPARTMENT)) < 0 || l->team < 0 ||
	    team == l->team)
		return team;
	(void)!why_set(table_in_mistake(&l->table, F_DEPARTMENT), ERR_NOT_FOUND,
	    "the list may have your own department's assets alone");
	return -1;
}

/* ---- what there is ---- */

/* A department's name for a post or an asset, as one text. */
static const char *
name_of(const struct asset_list *l, int team, const char *name)
{
	size_t size = strlen(name) + 16;
	char *out = arena_alloc(l->table.arena, size);

	snprintf(out, size, "%d/%s", team, name);
	return out;
}

/* Looked up row by row: among as many as there may be, each search from the beginning would hold up the loop. */
static void
note_known(struct asset_list *l)
{
	const struct game *g = l->table.g;

	for (size_t i = 0; i < g->posts->count; i++) {
		const struct post_entry *p = &g->posts->items[i];

		if (p->retired.by == NULL && (l->team < 0 || l->team == p->team))
			(void)!ids_add(&l->known_posts, name_of(l, p->team, p->title), (int)i + 1);
	}
	for (size_t i = 0; i < g->assets->count; i++) {
		const struct asset_entry *a = &g->assets->items[i];

		if (a->retired.by == NULL && (l->team < 0 || l->team == a->team))
			(void)!ids_add(&l->known_assets, name_of(l, a->team, a->name), (int)i + 1);
	}
}

/* ---- posts ---- */

/* The post of this title: there, or in this list; its holder and phone number as they are known. */
static int32_t
known_post(const struct asset_list *l, int team, const char *title, const char **holder,
    const char **phone)
{
	const struct game *g = l->table.g;
	int32_t id = ids_find(&l->known_posts, name_of(l, team, title));

	if (id > 0 && (size_t)id <= g->posts->count) {
		*holder = post_find(g, id)->holder;
		*phone = post_find(g, id)->phone;
		return id;
	}
	if (id > 0) {
		*holder = l->posts[(size_t)id - g->posts->count - 1].holder;
		*phone = l->posts[(size_t)id - g->posts->count - 1].phone;
	}
	return id > 0 ? id : 0;
}

/* Empty cells say nothing of a post that is known; others must agree with it: a handover is no matter of a list. */
static void
agree(struct asset_list *l, size_t field, const char *known, const char *given)
{
	if (given[0] != '\0' && strcmp(known, given) != 0)
		(void)!why_set(table_in_mistake(&l->table, field), ERR_CONFLICT,
		    "the post has another \"%s\"; a handover is told by the post itself",
		    fields[field].name);
}

static int32_t
new_post(struct asset_list *l, int team, size_t field, const struct post_event *given)
{
	const struct game *g = l->table.g;
	struct post_event *p = &l->posts[l->post_count];

	if (g->posts->of_team[team] + l->new_posts[team] >= POSTS_PER_TEAM_MAX ||
	    g->posts->count + l->post_count >= POSTS_MAX) {
		(void)!why_set(table_in_mistake(&l->table, field), ERR_LIMIT,
		    "at most %d posts, %d of one department", POSTS_MAX, POSTS_PER_TEAM_MAX);
		return 0;
	}
	*p = *given;
	p->id = (int32_t)(g->posts->count + ++l->post_count);
	(void)!ids_add(&l->known_posts, name_of(l, team, p->title), p->id);
	l->new_posts[team]++;
	l->bytes += strlen(p->title) + strlen(p->holder) + strlen(p->phone);
	return p->id;
}

/* The post in three cells from field on; 0 for none. */
static int32_t
post(struct asset_list *l, int team, size_t field)
{
	const char *holder, *phone;
	struct post_event p = {.reason = "",
	    .title = line(l, field, POST_TITLE_MAX_BYTES),
	    .holder = line(l, field + 1, POST_HOLDER_MAX_BYTES),
	    .phone = line(l, field + 2, POST_PHONE_MAX_BYTES)};
	int32_t id;

	if (p.phone[0] != '\0' && !phone_valid(p.phone))
		(void)!why_set(table_in_mistake(&l->table, field + 2), ERR_INVALID,
		    "\"%s\" must be a phone number such as +86 10-62551234",
		    fields[field + 2].name);
	if (p.title[0] == '\0' && (p.holder[0] != '\0' || p.phone[0] != '\0'))
		(void)!why_set(table_in_mistake(&l->table, field), ERR_INVALID,
		    "a post is expected: duties belong to posts");
	if (p.title[0] == '\0' || team < 0)
		return 0;
	p.team = l->table.g->config->teams[team].id;
	if ((id = known_post(l, team, p.title, &holder, &phone)) == 0)
		return new_post(l, team, field, &p);
	agree(l, field + 1, holder, p.holder);
	agree(l, field + 2, phone, p.phone);
	return id;
}

/* ---- rows ---- */

static void
put_text(struct json_writer *w, const char *key, const char *text)
{
	if (text[0] != '\0')
		jw_kv_str(w, key, text);
}

static void
put_word(struct json_writer *w, const char *key, const struct terms *terms, int value)
{
	if (value >= 0)
		jw_kv_str(w, key, term_id(terms, value));
}

static void
put_number(struct json_writer *w, const char *key, int64_t value)
{
	if (value > 0)
		jw_kv_int(w, key, value);
}

/* The row as a document, its keys in the table's order. */
static void
write_document(struct asset_list *l, int team, struct json_writer *w)
{
	int32_t posts[DUTIES];

	for (size_t i = 0; i < DUTIES; i++)
		posts[i] = post(l, team, F_DUTIES + 3 * i);
	jw_object(w);
	put_text(w, "address", line(l, F_ADDRESS, ASSET_LINE_MAX_BYTES));
	put_text(w, "assessed", date(l, F_ASSESSED));
	put_word(w, "backup", &terms_backups, word(l, F_BACKUP, &terms_backups));
	put_word(w, "data_class", &terms_data_classes, word(l, F_DATA, &terms_data_classes));
	put_word(w, "encryption", &terms_encryptions, word(l, F_ENCRYPTION, &terms_encryptions));
	put_word(w, "exposure", &terms_exposures,
	    table_in_word(&l->table, F_EXPOSURE, &terms_exposures));
	put_text(w, "filing_number", line(l, F_FILING, 60));
	put_number(w, "in_charge", posts[DUTY_IN_CHARGE]);
	put_word(
	    w, "kind", &terms_asset_kinds, table_in_word(&l->table, F_KIND, &terms_asset_kinds));
	put_number(w, "level", number(l, F_LEVEL, 5));
	put_number(w, "log_retention_days", number(l, F_LOGS, ASSET_DAYS_MAX));
	put_text(w, "name", line(l, F_NAME, ASSET_NAME_MAX_BYTES));
	put_text(w, "notes", table_in_text(&l->table, F_NOTES, TEXT_LINES, ASSET_NOTES_MAX_BYTES));
	put_text(w, "restore_tested", date(l, F_RESTORED));
	put_number(w, "run_by", posts[DUTY_RUN_BY]);
	put_text(w, "system", table_in_system(&l->table, F_SYSTEM, team));
	put_number(w, "used_by", posts[DUTY_USED_BY]);
	put_text(w, "vendor", line(l, F_VENDOR, ASSET_NAME_MAX_BYTES));
	jw_object_end(w);
}

/* A name is a department's once. */
static void
check_name(struct asset_list *l, int team)
{
	const char *name = table_in_cell(&l->table, F_NAME)->s;

	if (name[strspn(name, " \t")] == '\0') {
		(void)!why_set(
		    table_in_mistake(&l->table, F_NAME), ERR_INVALID, "a name is expected");
		return;
	}
	if (ids_find(&l->known_assets, name_of(l, team, name)) >= 0)
		(void)!why_set(table_in_mistake(&l->table, F_NAME), ERR_CONFLICT,
		    "the department has an asset of this name already, there or in a row above");
}

static void
check_room(struct asset_list *l, int team)
{
	const struct assets *all = l->table.g->assets;

	if (all->of_team[team] + ++l->new_assets[team] > ASSET_ENTRIES_PER_TEAM_MAX ||
	    all->count + l->asset_count >= ASSET_ENTRIES_MAX)
		(void)!why_set(table_in_mistake(&l->table, F_NAME), ERR_LIMIT,
		    "at most %d assets, %d of one department", ASSET_ENTRIES_MAX,
		    ASSET_ENTRIES_PER_TEAM_MAX);
}

/* The document once more through its own table: what its cells let through, it may yet refuse. */
static void
add_asset(struct asset_list *l, int team, const struct buf *text)
{
	struct asset_event *a = &l->assets[l->asset_count];
	struct arena *arena = l->table.arena;
	struct json_t *document = NULL;
	struct buf stored;
	struct why why;

	buf_init(&stored, ASSET_TEXT_MAX_BYTES);
	if (jr_parse(text->data, text->len, &document, &why) == ERR_OK &&
	    document_check(asset_entry_fields, document, DOCUMENT_WHOLE, &stored, &why) == ERR_OK) {
		*a = (struct asset_event){
		    .id = (int32_t)(l->table.g->assets->count + l->asset_count + 1),
		    .team = l->table.g->config->teams[team].id,
		    .version = 1,
		    .text = arena_strndup(arena, stored.data, stored.len),
		    .reason = ""};
		asset_read_facts(document, arena, &a->facts);
		(void)!ids_add(
		    &l->known_assets, name_of(l, team, table_in_cell(&l->table, F_NAME)->s), a->id);
		l->asset_count++;
		l->bytes += stored.len;
	} else {
		*table_in_mistake(&l->table, F_NAME) = why;
	}
	jr_free(document);
	buf_free(&stored);
}

static void
read_row(struct asset_list *l)
{
	size_t before = l->table.mistake_count;
	int team = department(l);
	struct json_writer w;
	struct buf text;

	if (team >= 0) {
		check_name(l, team);
		check_room(l, team);
	}
	buf_init(&text, ASSET_TEXT_MAX_BYTES);
	jw_begin(&w, &text);
	write_document(l, team, &w);
	if (l->table.mistake_count == before && before < TABLE_MISTAKES_MAX)
		add_asset(l, team, &text);
	buf_free(&text);
}

enum err
asset_list_read(const struct game *g, int team, const char *data, size_t len, struct arena *arena,
    struct asset_list *out, struct why *why)
{
	const struct csv_limits limits = {
	    .rows = ASSET_ROWS_MAX + 1, .columns = FIELDS, .cell_bytes = ASSET_NOTES_MAX_BYTES};
	size_t rows;
	enum err e;

	*out = (struct asset_list){.team = team};
	if ((e = table_in_open(
		 &out->table, g, arena, &asset_table, fields, &limits, data, len, why)) != ERR_OK)
		return e;
	rows = out->table.csv.rows;
	out->posts = arena_array(arena, rows * DUTIES, sizeof *out->posts);
	out->assets = arena_array(arena, rows, sizeof *out->assets);
	out->new_posts = arena_array(arena, g->config->team_count, sizeof *out->new_posts);
	out->new_assets = arena_array(arena, g->config->team_count, sizeof *out->new_assets);
	note_known(out);
	for (out->table.row = 1; out->table.row < rows; out->table.row++)
		read_row(out);
	ids_free(&out->known_posts);
	ids_free(&out->known_assets);
	return ERR_OK;
}
