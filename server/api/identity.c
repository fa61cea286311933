#include "api/identity.h"
#include "api/session.h"

#include <string.h>

/* The value of a cookie by name, or NULL; *len without the NUL. */
static const char *
cookie_value(const char *cookies, const char *name, size_t *len)
{
	size_t n = strlen(name);

	for (const char *p = cookies; *p != '\0';) {
		p += strspn(p, " ;");
		*len = strcspn(p, ";");
		if (*len > n && strncmp(p, name, n) == 0 && p[n] == '=') {
			*len -= n + 1;
			return p + n + 1;
		}
		p += *len;
	}
	return NULL;
}

static void
find_token(struct request *r, const char *token)
{
	uint8_t hash[SHA256_BYTES];

	sha256(token, strlen(token), hash);
	r->account = accounts_find_token(&api_drill(r->api)->game->accounts, hash);
}

void
identity_find(struct request *r)
{
	const struct http_exchange *x = r->x;
	const char *cookie;
	size_t len;

	r->role = ROLE_PUBLIC;
	r->team = -1;
	r->account = NULL;
	r->session = NULL;
	if (strncmp(x->authorization, "Bearer ", 7) == 0) {
		find_token(r, x->authorization + 7);
	} else if (x->team_token[0] != '\0') {
		find_token(r, x->team_token);
	} else if ((cookie = cookie_value(x->cookie, "drill_session", &len)) != NULL) {
		r->session =
		    sessions_find(api_sessions(r->api), cookie, len, loop_now_ms(api_loop(r->api)));
		r->account = r->session != NULL ? r->session->account : NULL;
	}
	if (r->account != NULL) {
		r->role = r->account->role;
		r->team = r->account->team;
	}
}

/*
 * Reading is safe, and what anybody may do is not done in a session's name: signing in anew needs no token of
 * the session that was. Whatever else changes something by cookie must prove that our page sent it.
 */
static bool
csrf_holds(const struct request *r)
{
	const char *m = r->x->method;

	if (r->session == NULL || (r->route->roles & ROLE_PUBLIC) || strcmp(m, "GET") == 0 ||
	    strcmp(m, "HEAD") == 0)
		return true;
	return strlen(r->x->csrf_token) == SESSION_TOKEN_BYTES - 1 &&
	       secret_equal(r->x->csrf_token, r->session->csrf, SESSION_TOKEN_BYTES - 1);
}

enum err
identity_authorize(struct request *r)
{
	unsigned roles = r->route->roles;

	/* A board that is not public is for whoever has signed in. */
	if (r->route->public_by_scenario && !api_drill(r->api)->game->config->public_board)
		roles &= ~(unsigned)ROLE_PUBLIC;
	if (!(roles & r->role))
		return r->role == ROLE_PUBLIC ? why_set(&r->why, ERR_UNAUTHORIZED,
						    "sign in, or send Authorization: Bearer TOKEN")
					      : why_set(&r->why, ERR_FORBIDDEN,
						    "role %s may not do this", role_name(r->role));
	if (!csrf_holds(r))
		return why_set(&r->why, ERR_FORBIDDEN,
		    "X-CSRF-Token is missing or not this session's; GET /api/v1/session tells it");
	return ERR_OK;
}

enum err
identity_still_holds(struct request *r)
{
	/* A session's pointer may hang: it ends whenever somebody signs out, elsewhere or anew. */
	if (r->account == NULL)
		return ERR_OK;
	identity_find(r);
	return identity_authorize(r);
}
