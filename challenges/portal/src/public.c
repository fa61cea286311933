/* What every visitor sees: front page, notices, search, signing in and registering. */
#include "pages.h"

#include <stdio.h>
#include <string.h>

#define SNIPPET_MAX_BYTES 240

static void
on_headline(const struct entry *e, void *arg)
{
	struct text *t = arg;

	text_add_string(t, "<li><time>");
	text_add_html(t, e->date);
	text_add_string(t, "</time> <a href=\"/notices/");
	text_add_number(t, e->id);
	text_add_string(t, "\">");
	text_add_html(t, e->title);
	text_add_string(t, "</a></li>\n");
}

static void
on_hit(const struct entry *e, void *arg)
{
	struct text *t = arg;
	char snippet[SNIPPET_MAX_BYTES + 1];
	size_t len = utf8_cut(e->text, SNIPPET_MAX_BYTES);

	memcpy(snippet, e->text, len);
	snippet[len] = '\0';
	on_headline(e, t);
	text_add_string(t, "<li class=\"snippet\">");
	text_add_html(t, snippet);
	text_add_string(t, "</li>\n");
}

static enum MHD_Result
front_get(struct request *r)
{
	struct text list = {.max_bytes = PAGE_MAX_BYTES};
	const struct portal *p = r->portal;
	enum result res = notice_list(p->store, r->lang, on_headline, &list);
	enum MHD_Result sent;

	text_add_string(&list, "");
	if (res == RES_FAILED || list.failed)
		sent = reply_result(r, RES_FAILED);
	else
		sent = reply_page(r, 200, "front",
		    (const struct slot[]){
			{"department", r->lang == LANG_EN ? p->department_en : p->department,
			    false},
			{"notices", list.p, true},
			{NULL, NULL, false},
		    });
	text_free(&list);
	return sent;
}

struct article {
	struct request *request;
	enum MHD_Result sent;
};

static void
on_article(const struct entry *e, void *arg)
{
	struct article *a = arg;

	a->sent = reply_page(a->request, 200, "notice",
	    (const struct slot[]){
		{"title", e->title, false},
		{"date", e->date, false},
		{"text", e->text, false},
		{NULL, NULL, false},
	    });
}

static enum MHD_Result
notice_page_get(struct request *r)
{
	struct article a = {.request = r, .sent = MHD_NO};
	enum result res = notice_get(r->portal->store, r->lang, r->id, on_article, &a);

	return res == RES_OK ? a.sent : reply_result(r, res);
}

static enum MHD_Result
search_get(struct request *r)
{
	struct text hits = {.max_bytes = PAGE_MAX_BYTES};
	const char *words = request_query(r, "q", SEARCH_WORDS_MAX_BYTES);
	enum result res = RES_NONE;
	enum MHD_Result sent;

	if (words == NULL)
		return reply_message(r, MSG_BAD_SEARCH);
	if (*words != '\0')
		res = search_run(r->portal->search, r->lang, words, on_hit, &hits);
	text_add_string(&hits, "");
	if (res == RES_FAILED || hits.failed)
		sent = reply_result(r, RES_FAILED);
	else
		sent = reply_page(r, 200, "search",
		    (const struct slot[]){
			{"words", words, false},
			{"hits", hits.p, true},
			{"none", res == RES_NONE && *words != '\0' ? "" : " hidden", true},
			{NULL, NULL, false},
		    });
	text_free(&hits);
	return sent;
}

static enum MHD_Result
login_get(struct request *r)
{
	return reply_page(r, 200, "login", &(const struct slot){NULL, NULL, false});
}

static enum MHD_Result
register_get(struct request *r)
{
	return reply_page(r, 200, "register", &(const struct slot){NULL, NULL, false});
}

static enum MHD_Result
sign_in(struct request *r, const char *user, const char *password)
{
	char token[SECRET_HEX_BYTES];
	char cookie[160];
	enum result res = session_open(r->portal->store, user, password, token);

	if (res == RES_NONE)
		return reply_message(r, MSG_BAD_LOGIN);
	if (res != RES_OK)
		return reply_result(r, res);
	snprintf(cookie, sizeof cookie,
	    "portal_session=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict", token,
	    SESSION_SECONDS);
	return reply_redirect(r, "/staff", cookie);
}

static enum MHD_Result
login_post(struct request *r)
{
	const char *user = request_field(r, "user");
	const char *password = request_field(r, "password");

	if (strlen(user) > USER_MAX_BYTES || strlen(password) > PASSWORD_MAX_BYTES)
		return reply_message(r, MSG_BAD_LOGIN);
	return sign_in(r, user, password);
}

static bool
user_valid(const char *user)
{
	size_t len = strlen(user);

	return len >= 3 && len <= USER_MAX_BYTES &&
	       strspn(user, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		   len;
}

static enum MHD_Result
register_post(struct request *r)
{
	const char *user = request_field(r, "user");
	const char *name = request_field(r, "name");
	const char *password = request_field(r, "password");
	enum result res;

	if (!user_valid(user))
		return reply_message(r, MSG_BAD_USER);
	if (*name == '\0' || strlen(name) > NAME_MAX_BYTES)
		return reply_message(r, MSG_BAD_NAME);
	if (strlen(password) < PASSWORD_MIN_BYTES || strlen(password) > PASSWORD_MAX_BYTES)
		return reply_message(r, MSG_BAD_PASSWORD);
	if ((res = account_add(r->portal->store, user, name, password)) != RES_OK)
		return reply_result(r, res);
	return sign_in(r, user, password);
}

static enum MHD_Result
style_get(struct request *r)
{
	struct text css = {.max_bytes = SITE_FILE_MAX_BYTES};
	enum MHD_Result sent;

	text_add_string(&css, "");
	if (site_read(r->portal->site, "style.css", &css))
		sent = reply_text(r, 200, "text/css; charset=utf-8", css.p);
	else
		sent = reply_message(r, MSG_FAILED);
	text_free(&css);
	return sent;
}

static enum MHD_Result
health_get(struct request *r)
{
	bool good = store_healthy(r->portal->store);

	return reply_text(r, good ? 200 : 503, "application/json",
	    good ? "{\"status\":\"ok\"}\n" : "{\"status\":\"failed\"}\n");
}

const struct page public_pages[] = {
    {"GET", "/", false, "", false, front_get},
    {"GET", "/notices/", true, "", false, notice_page_get},
    {"GET", "/search", false, "", false, search_get},
    {"GET", "/login", false, "", false, login_get},
    {"POST", "/login", false, "", false, login_post},
    {"GET", "/register", false, "", false, register_get},
    {"POST", "/register", false, "", false, register_post},
    {"GET", "/static/style.css", false, "", false, style_get},
    {"GET", "/health", false, "", false, health_get},
    {NULL, NULL, false, NULL, false, NULL},
};
