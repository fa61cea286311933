/* Accounts: who there is; new ones; new passwords and tokens, shown once and stored only as hashes. */
#include "api/account_rules.h"
#include "api/routes.h"
#include "api/session.h"
#include "base/mem.h"
#include "net/loop.h"

#include <stdlib.h>
#include <string.h>

#define PASSWORD_RANDOM_BYTES 12 /* 16 characters */
#define TOKEN_RANDOM_BYTES 32

static void
write_account(struct json_writer *w, const struct game *g, const struct account *a)
{
	jw_object(w);
	jw_kv_str(w, "id", a->id);
	jw_kv_str(w, "role", role_name(a->role));
	jw_kv_str(w, "team", a->team >= 0 ? g->config->teams[a->team].id : NULL);
	if (a->department >= 0)
		jw_kv_str(w, "department", g->config->teams[a->department].id);
	jw_kv_bool(w, "has_password", a->password != NULL);
	jw_kv_bool(w, "has_token", a->has_token);
	jw_object_end(w);
}

/* GET /api/v1/accounts -> 200 [Account, ...] */
static enum err
accounts_get(struct request *req, struct response *out)
{
	const struct game *g = api_drill(req->api)->game;
	struct json_writer w;

	jw_begin(&w, &out->body);
	jw_array(&w);
	for (size_t i = 0; i < g->accounts.count; i++)
		write_account(&w, g, g->accounts.items[i]);
	jw_array_end(&w);
	return ERR_OK;
}

const struct route route_accounts_get = {
    .method = "GET",
    .path = "/api/v1/accounts",
    .roles = ROLE_ADMIN,
    .run = accounts_get,
};

static enum err
read_account(struct request *req, const char **id, enum role *role, const char **team,
    const char **department)
{
	static const char *const keys[] = {"department", "id", "role", "team", NULL};
	const struct json_t *body;
	const char *role_text;
	enum err e;

	*team = *department = "";
	if ((e = request_json(req, &body)) != ERR_OK)
		return e;
	if (!jr_is_object(body))
		return why_set(&req->why, ERR_INVALID,
		    "{\"id\", \"role\", \"team\"?, \"department\"?} is expected");
	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "id", ID_MAX_BYTES, id, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "role", 16, &role_text, &req->why)) != ERR_OK)
		return e;
	if (!id_valid(*id))
		return why_set(&req->why, ERR_INVALID,
		    "\"id\": small letters, digits and -, not beginning with -");
	if (account_id_reserved(*id))
		return why_set(&req->why, ERR_INVALID,
		    "\"id\": \"%s\" stands for who acts where no account does; take another one",
		    *id);
	if (!role_parse(role_text, role))
		return why_set(&req->why, ERR_INVALID,
		    "\"role\" must be blue, red, judge, director, leader or admin");
	if (jr_get(body, "team") != NULL &&
	    (e = jr_want_str(body, "team", ID_MAX_BYTES, team, &req->why)) != ERR_OK)
		return e;
	if (jr_get(body, "department") != NULL &&
	    (e = jr_want_str(body, "department", ID_MAX_BYTES, department, &req->why)) != ERR_OK)
		return e;
	e = account_team_fits(api_drill(req->api)->game, *role, *team, &req->why);
	return e != ERR_OK ? e
			   : account_department_fits(
				 api_drill(req->api)->game, *role, *department, &req->why);
}

/* POST /api/v1/accounts  {"id","role","team"?,"department"?} -> 201 Account */
static enum err
accounts_post(struct request *req, struct response *out)
{
	struct drill *d = api_drill(req->api);
	const char *id, *team, *department;
	struct json_writer w;
	enum role role;
	enum err e;

	if ((e = read_account(req, &id, &role, &team, &department)) != ERR_OK ||
	    (e = drill_account_create(d, id, role, role == ROLE_JUDGE ? department : team,
		 req->account->id, &req->why)) != ERR_OK)
		return e;
	out->status = 201;
	jw_begin(&w, &out->body);
	write_account(&w, d->game, accounts_find(&d->game->accounts, id));
	return ERR_OK;
}

const struct route route_accounts_post = {
    .method = "POST",
    .path = "/api/v1/accounts",
    .roles = ROLE_ADMIN,
    .body_max_bytes = 4096,
    .run = accounts_post,
};

static enum err
find_account(struct request *req, struct account **out)
{
	*out = accounts_find(&api_drill(req->api)->game->accounts, req->param[0]);
	return *out != NULL
		   ? ERR_OK
		   : why_set(&req->why, ERR_NOT_FOUND, "no account \"%.64s\"", req->param[0]);
}

/* ---- passwords: hashing takes tens of milliseconds, so it runs on the pool ---- */

struct new_password {
	struct request *req;
	struct account *account;
	char actor[ID_MAX_BYTES + 1];
	char password[32];
	char hash[PASSWORD_HASH_BYTES];
};

static void
hash_run(void *ctx)
{
	struct new_password *n = ctx;

	password_hash(n->password, n->hash);
}

static void
hash_done(void *ctx)
{
	struct new_password *n = ctx;
	struct request *req = n->req;
	struct json_writer w;
	enum err e = ERR_CLOSED; /* the client has left: no password that nobody has seen */

	if (req->x != NULL)
		e = drill_account_secret(api_drill(req->api), EV_ACCOUNT_PASSWORD, n->account->id,
		    n->hash, n->actor, &req->why);
	if (e == ERR_OK) {
		sessions_end_account(api_sessions(req->api), n->account);
		api_cut_live(req->api, n->account);
		response_object(&req->out, &w);
		jw_kv_str(&w, "password", n->password);
		jw_object_end(&w);
	}
	request_finish(req, e);
	mem_wipe(n, sizeof *n);
	free(n);
}

/* POST /api/v1/accounts/{id}/password -> 200 {"password"}: a new random one; its sessions end */
static enum err
password_post(struct request *req, struct response *out)
{
	struct new_password *n;
	struct account *a;
	enum err e;

	if ((e = find_account(req, &a)) != ERR_OK)
		return e;
	n = mem_alloc(sizeof *n);
	n->req = req;
	n->account = a;
	memcpy(n->actor, req->account->id, strlen(req->account->id));
	random_token(PASSWORD_RANDOM_BYTES, n->password);
	if ((e = loop_work(api_loop(req->api), hash_run, hash_done, n)) != ERR_OK) {
		free(n);
		return why_set(&req->why, e, "too many passwords at once; try again");
	}
	out->deferred = true;
	return ERR_OK;
}

const struct route route_account_password_post = {
    .method = "POST",
    .path = "/api/v1/accounts/{id}/password",
    .roles = ROLE_ADMIN,
    .body_max_bytes = 1024,
    .run = password_post,
};

/* POST /api/v1/accounts/{id}/token -> 200 {"token"}: a new one; the old one is void */
static enum err
token_post(struct request *req, struct response *out)
{
	char token[64], hex[SHA256_HEX_BYTES];
	uint8_t hash[SHA256_BYTES];
	struct json_writer w;
	struct account *a;
	enum err e;

	if ((e = find_account(req, &a)) != ERR_OK)
		return e;
	random_token(TOKEN_RANDOM_BYTES, token);
	sha256(token, strlen(token), hash);
	hex_encode(hash, sizeof hash, hex);
	if ((e = drill_account_secret(api_drill(req->api), EV_ACCOUNT_TOKEN, a->id, hex,
		 req->account->id, &req->why)) != ERR_OK)
		return e;
	api_cut_live(req->api, a);
	response_object(out, &w);
	jw_kv_str(&w, "token", token);
	jw_object_end(&w);
	mem_wipe(token, sizeof token);
	return ERR_OK;
}

const struct route route_account_token_post = {
    .method = "POST",
    .path = "/api/v1/accounts/{id}/token",
    .roles = ROLE_ADMIN,
    .body_max_bytes = 1024,
    .run = token_post,
};
