/* Signing in and out with a browser. */
#include "api/routes.h"
#include "api/session.h"
#include "base/mem.h"
#include "net/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD_MAX_BYTES 256

static void
write_session(struct response *out, const struct request *req, const struct session *s)
{
	const struct game *g = api_drill(req->api)->game;
	const struct account *a = s != NULL ? s->account : req->account;
	struct json_writer w;

	response_object(out, &w);
	jw_kv_str(&w, "account", a->id);
	jw_kv_str(&w, "role", role_name(a->role));
	jw_kv_str(&w, "team", a->team >= 0 ? g->config->teams[a->team].id : NULL);
	jw_kv_str(&w, "csrf", s != NULL ? s->csrf : "");
	jw_object_end(&w);
}

/* An attempt under way on the pool. */
struct login {
	struct request *req;
	const struct account *account; /* NULL: no such account, which must take as long */
	char name[ID_MAX_BYTES + 1];
	char peer[64];
	char password[PASSWORD_MAX_BYTES + 1];
	char hash[PASSWORD_HASH_BYTES];
	bool tls;
	bool matches;
};

/* Of no password: what an unknown account is compared with. */
static const char no_hash[] = "scrypt$15$8$1$AAAAAAAAAAAAAAAAAAAAAA$"
			      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static void
login_run(void *ctx)
{
	struct login *l = ctx;

	l->matches = password_matches(l->password, l->hash);
}

static void
set_cookie(struct request *req, const char *token, bool tls, int max_age)
{
	char *text;

	if (req->x == NULL)
		return;
	text = arena_alloc(req->x->arena, 200);
	snprintf(text, 200, "drill_session=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s",
	    token, max_age, tls ? "; Secure" : "");
	response_header(&req->out, "Set-Cookie", text);
}

static enum err
login_result(struct login *l)
{
	struct request *req = l->req;
	char token[SESSION_TOKEN_BYTES];
	struct session *s;

	if (!l->matches || l->account == NULL) {
		login_failed(
		    api_sessions(req->api), l->name, l->peer, loop_now_ms(api_loop(req->api)));
		return why_set(&req->why, ERR_UNAUTHORIZED, "account or password is wrong");
	}
	login_succeeded(api_sessions(req->api), l->name, l->peer);
	if (req->x == NULL)
		return ERR_CLOSED; /* the client has left: no session for nobody */
	s = sessions_begin(
	    api_sessions(req->api), l->account, loop_now_ms(api_loop(req->api)), token);
	set_cookie(req, token, l->tls, SESSION_SECONDS);
	write_session(&req->out, req, s);
	mem_wipe(token, sizeof token);
	return ERR_OK;
}

static void
login_done(void *ctx)
{
	struct login *l = ctx;

	request_finish(l->req, login_result(l));
	mem_wipe(l, sizeof *l);
	free(l);
}

static enum err
read_login(struct request *req, const char **name, const char **password)
{
	static const char *const keys[] = {"account", "password", NULL};
	const struct json_t *body;
	enum err e;

	if ((e = request_json(req, &body)) != ERR_OK)
		return e;
	if (!jr_is_object(body))
		return why_set(&req->why, ERR_INVALID, "{\"account\", \"password\"} is expected");
	if ((e = jr_only_keys(body, keys, &req->why)) != ERR_OK ||
	    (e = jr_want_str(body, "account", ID_MAX_BYTES, name, &req->why)) != ERR_OK)
		return e;
	return jr_want_str(body, "password", PASSWORD_MAX_BYTES, password, &req->why);
}

static struct login *
login_new(struct request *req, const char *name, const char *password)
{
	const struct account *a = accounts_find(&api_drill(req->api)->game->accounts, name);
	struct login *l = mem_alloc(sizeof *l);

	l->req = req;
	l->account = a != NULL && a->password != NULL ? a : NULL;
	l->tls = req->x->tls;
	snprintf(l->name, sizeof l->name, "%s", name);
	snprintf(l->peer, sizeof l->peer, "%s", req->x->peer);
	snprintf(l->password, sizeof l->password, "%s", password);
	snprintf(l->hash, sizeof l->hash, "%s", l->account != NULL ? a->password : no_hash);
	return l;
}

static enum err
refuse_for_now(struct request *req, int seconds)
{
	char *text = arena_alloc(req->x->arena, 16);

	login_refused(api_sessions(req->api), LOGIN_BRAKED);
	snprintf(text, 16, "%d", seconds);
	response_header(&req->out, "Retry-After", text);
	return why_set(
	    &req->why, ERR_RATE, "too many attempts to sign in; try again in %d s", seconds);
}

/* POST /api/v1/session  {"account","password"} -> 200 Session, with the cookie */
static enum err
session_post(struct request *req, struct response *out)
{
	struct sessions *sessions = api_sessions(req->api);
	int64_t now = loop_now_ms(api_loop(req->api));
	const char *name, *password;
	struct login *l;
	int wait;
	enum err e;

	if ((e = read_login(req, &name, &password)) != ERR_OK)
		return e;
	if ((wait = login_wait_seconds(sessions, name, req->x->peer, now)) > 0)
		return refuse_for_now(req, wait);
	l = login_new(req, name, password);
	if ((e = loop_work(api_loop(req->api), login_run, login_done, l)) != ERR_OK) {
		login_refused(sessions, LOGIN_BUSY);
		mem_wipe(l, sizeof *l);
		free(l);
		return why_set(&req->why, e, "too many are signing in at once; try again");
	}
	login_begun(sessions, name, now);
	out->deferred = true;
	return ERR_OK;
}

const struct route route_session_post = {
    .method = "POST",
    .path = "/api/v1/session",
    .roles = ROLE_ANY,
    .body_max_bytes = 4096,
    .run = session_post,
};

/* GET /api/v1/session -> 200 Session: who am I */
static enum err
session_get(struct request *req, struct response *out)
{
	write_session(out, req, req->session);
	return ERR_OK;
}

const struct route route_session_get = {
    .method = "GET",
    .path = "/api/v1/session",
    .roles = ROLE_SIGNED_IN,
    .run = session_get,
};

/* DELETE /api/v1/session -> 204 */
static enum err
session_delete(struct request *req, struct response *out)
{
	if (req->session == NULL)
		return why_set(&req->why, ERR_CONFLICT, "signed in by token, not by a session");
	sessions_end(api_sessions(req->api), req->session);
	api_cut_live(req->api, req->account);
	req->session = NULL;
	set_cookie(req, "", req->x->tls, 0);
	out->status = 204;
	return ERR_OK;
}

const struct route route_session_delete = {
    .method = "DELETE",
    .path = "/api/v1/session",
    .roles = ROLE_SIGNED_IN,
    .run = session_delete,
};
