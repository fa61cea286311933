/* Accounts as tables: who there is as CSV or as a workbook, and a list that comes in as CSV. Passwords and tokens never. */
#include "api/account_rules.h"
#include "api/query.h"
#include "api/routes.h"
#include "api/table.h"
#include "api/workbook.h"
#include "core/ids.h"

#include <string.h>

#define ACCOUNT_ROWS_MAX 5000
#define ACCOUNT_EVENT_BYTES 1024

/* ---- out ---- */

enum column { C_ID, C_ROLE, C_TEAM, C_DEPARTMENT, COLUMNS };

static const struct table_column columns[COLUMNS] = {
    [C_ID] = {{"账号", "id"}, TABLE_TEXT, 24},
    [C_ROLE] = {{"角色", "role"}, TABLE_TEXT, 12},
    [C_TEAM] = {{"队伍", "team"}, TABLE_TEXT, 24},
    [C_DEPARTMENT] = {{"所属部门", "department"}, TABLE_TEXT, 24},
};

static const struct table_form form = {
    .csv = "attachment; filename=\"accounts.csv\"",
    .xlsx = "attachment; filename=\"accounts.xlsx\"",
    .sheet = {"账号", "Accounts"},
    .columns = columns,
    .count = COLUMNS,
};

/* As the import reads it. */
static enum err
gather(struct request *req, struct table *t)
{
	const struct game *g = api_drill(req->api)->game;
	const char *lang;
	const struct query_filter names[] = {{"lang", &lang}, {NULL, NULL}};
	bool zh = true;
	enum err e;

	if ((e = query_read(req, names, NULL)) != ERR_OK ||
	    (e = query_lang(req, lang, &zh)) != ERR_OK)
		return e;
	table_open(t, &form, zh, 0, g->accounts.count);
	for (size_t i = 0; i < g->accounts.count; i++) {
		const struct account *a = g->accounts.items[i];
		struct table_cell *row = table_row(t);

		table_put(t, &row[C_ID], a->id);
		table_put(t, &row[C_ROLE], role_name(a->role));
		table_put(t, &row[C_TEAM], a->team >= 0 ? g->config->teams[a->team].id : "");
		table_put(t, &row[C_DEPARTMENT],
		    a->department >= 0 ? g->config->teams[a->department].id : "");
	}
	return ERR_OK;
}

/* GET /api/v1/accounts.csv?lang=zh|en -> 200 text/csv */
static enum err
accounts_csv_get(struct request *req, struct response *out)
{
	struct table t;
	enum err e = gather(req, &t);

	return e != ERR_OK ? e : table_answer_csv(&t, out);
}

const struct route route_accounts_csv_get = {
    .method = "GET",
    .path = "/api/v1/accounts.csv",
    .roles = ROLE_ADMIN,
    .run = accounts_csv_get,
};

/* GET /api/v1/accounts.xlsx?lang=zh|en -> 200, a workbook */
static enum err
accounts_xlsx_get(struct request *req, struct response *out)
{
	(void)out;
	return workbook_answer(req, gather);
}

const struct route route_accounts_xlsx_get = {
    .method = "GET",
    .path = "/api/v1/accounts.xlsx",
    .roles = ROLE_ADMIN,
    .run = accounts_xlsx_get,
};

/* ---- in ---- */

enum field { F_ID, F_ROLE, F_TEAM, F_DEPARTMENT, FIELDS };

static const struct csv_field fields[FIELDS] = {
    [F_ID] = {"id", "账号", true},
    [F_ROLE] = {"role", "角色", true},
    [F_TEAM] = {"team", "队伍", false},
    [F_DEPARTMENT] = {"department", "所属部门", false},
};

struct new_account {
	const char *id, *team, *department; /* the judge's own */
	enum role role;
};

struct account_list {
	struct table_in table;
	struct ids ids; /* of the rows so far */
	struct new_account *accounts;
	size_t count;
};

static void
check_id(struct account_list *l, const char *id)
{
	if (!id_valid(id))
		(void)!why_set(table_in_mistake(&l->table, F_ID), ERR_INVALID,
		    "\"id\": small letters, digits and -, not beginning with -");
	else if (accounts_find(&l->table.g->accounts, id) != NULL)
		(void)!why_set(table_in_mistake(&l->table, F_ID), ERR_CONFLICT,
		    "there is an account \"%s\" already", id);
	else if (!ids_add(&l->ids, id, (int)l->table.row))
		(void)!why_set(table_in_mistake(&l->table, F_ID), ERR_CONFLICT,
		    "account \"%s\" is in a row above", id);
}

static void
read_row(struct account_list *l)
{
	struct new_account a = {.id = table_in_cell(&l->table, F_ID)->s,
	    .team = table_in_cell(&l->table, F_TEAM)->s,
	    .department = table_in_cell(&l->table, F_DEPARTMENT)->s};
	struct why why;

	check_id(l, a.id);
	if (!role_parse(table_in_cell(&l->table, F_ROLE)->s, &a.role))
		(void)!why_set(table_in_mistake(&l->table, F_ROLE), ERR_INVALID,
		    "\"role\" must be blue, red, judge, director, leader or admin");
	else if (account_team_fits(l->table.g, a.role, a.team, &why) != ERR_OK)
		*table_in_mistake(&l->table, F_TEAM) = why;
	else if (account_department_fits(l->table.g, a.role, a.department, &why) != ERR_OK)
		*table_in_mistake(&l->table, F_DEPARTMENT) = why;
	l->accounts[l->count++] = a;
}

static enum err
read_list(struct request *req, struct account_list *l)
{
	const struct csv_limits limits = {
	    .rows = ACCOUNT_ROWS_MAX + 1, .columns = FIELDS, .cell_bytes = 256};
	struct arena *arena = req->x->arena;
	enum err e;

	*l = (struct account_list){.count = 0};
	if ((e = table_in_open(&l->table, api_drill(req->api)->game, arena, &form, fields, &limits,
		 req->x->body, req->x->body_len, &req->why)) != ERR_OK)
		return e;
	l->accounts = arena_array(arena, l->table.csv.rows, sizeof *l->accounts);
	for (l->table.row = 1; l->table.row < l->table.csv.rows; l->table.row++)
		read_row(l);
	ids_free(&l->ids);
	return ERR_OK;
}

static enum err
has_room(struct request *req, const struct account_list *l)
{
	const struct drill *d = api_drill(req->api);

	if (d->game->accounts.count + l->count > ACCOUNTS_MAX)
		return why_set(&req->why, ERR_LIMIT,
		    "%zu accounts more would be too many: at most %d", l->count, ACCOUNTS_MAX);
	return journal_has_room_for(d->journal, l->count * ACCOUNT_EVENT_BYTES)
		   ? ERR_OK
		   : why_set(&req->why, ERR_BUSY, "too much is waiting for the disk; try again");
}

static enum err
create_all(struct request *req, const struct account_list *l)
{
	enum err e = has_room(req, l);

	for (size_t i = 0; e == ERR_OK && i < l->count; i++) {
		const struct new_account *a = &l->accounts[i];

		e = drill_account_create(api_drill(req->api), a->id, a->role,
		    a->role == ROLE_JUDGE ? a->department : a->team, req->account->id, &req->why);
	}
	return e;
}

/* POST /api/v1/accounts/import?dry_run=1  text/csv -> 200 {"accounts", "dry_run"}; 400 with every mistake */
static enum err
accounts_import_post(struct request *req, struct response *out)
{
	struct account_list list;
	struct json_writer w;
	bool dry = false;
	enum err e;

	if ((e = table_in_dry_run(req, &dry)) != ERR_OK || (e = read_list(req, &list)) != ERR_OK)
		return e;
	if (list.table.mistake_count > 0) {
		table_in_refuse(&list.table, "no account was created: the list has mistakes", out);
		return ERR_OK;
	}
	if (!dry && (e = create_all(req, &list)) != ERR_OK)
		return e;
	response_object(out, &w);
	jw_kv_int(&w, "accounts", (int64_t)list.count);
	jw_kv_bool(&w, "dry_run", dry);
	jw_object_end(&w);
	return ERR_OK;
}

const struct route route_accounts_import_post = {
    .method = "POST",
    .path = "/api/v1/accounts/import",
    .roles = ROLE_ADMIN,
    .body_max_bytes = 1024 * 1024,
    .run = accounts_import_post,
};
