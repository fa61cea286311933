/* The staff area: one's own drafts, and signing out. */
#include "pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
on_draft_line(const struct entry *e, void *arg)
{
	struct text *t = arg;

	text_add_string(t, "<li><time>");
	text_add_html(t, e->date);
	text_add_string(t, "</time> <a href=\"/staff/drafts/");
	text_add_number(t, e->id);
	text_add_string(t, "\">");
	text_add_html(t, e->title);
	text_add_string(t, "</a></li>\n");
}

static enum MHD_Result
staff_get(struct request *r)
{
	struct text list = {.max_bytes = PAGE_MAX_BYTES};
	enum result res = draft_list(r->portal->store, r->me.id, on_draft_line, &list);
	enum MHD_Result sent;

	text_add_string(&list, "");
	if (res == RES_FAILED || list.failed)
		sent = reply_result(r, RES_FAILED);
	else
		sent = reply_page(r, 200, "staff",
		    (const struct slot[]){
			{"account", r->me.name, false},
			{"drafts", list.p, true},
			{NULL, NULL, false},
		    });
	text_free(&list);
	return sent;
}

struct shown {
	struct request *request;
	enum MHD_Result sent;
};

static void
on_draft(const struct entry *e, void *arg)
{
	struct shown *shown = arg;
	char id[24];

	snprintf(id, sizeof id, "%" PRId64, e->id);
	shown->sent = reply_page(shown->request, 200, "draft",
	    (const struct slot[]){
		{"id", id, false},
		{"title", e->title, false},
		{"date", e->date, false},
		{"text", e->text, false},
		{NULL, NULL, false},
	    });
}

static enum MHD_Result
draft_page_get(struct request *r)
{
	struct shown shown = {r, MHD_NO};
	enum result res = draft_get(r->portal->store, r->me.id, r->id, on_draft, &shown);

	return res == RES_OK ? shown.sent : reply_result(r, res);
}

static enum MHD_Result
draft_post(struct request *r)
{
	const char *title = request_field(r, "title");
	const char *body = request_field(r, "body");
	char location[64];
	int64_t id = 0;
	enum result res;

	if (*title == '\0' || strlen(title) > TITLE_MAX_BYTES || *body == '\0' ||
	    strlen(body) > BODY_MAX_BYTES)
		return reply_message(r, MSG_BAD_DRAFT);
	if ((res = draft_add(r->portal->store, r->me.id, title, body, &id)) != RES_OK)
		return reply_result(r, res);
	snprintf(location, sizeof location, "/staff/drafts/%" PRId64, id);
	return reply_redirect(r, location, NULL);
}

static enum MHD_Result
draft_delete_post(struct request *r)
{
	enum result res = draft_delete(r->portal->store, r->me.id, r->id);

	return res == RES_OK ? reply_redirect(r, "/staff", NULL) : reply_result(r, res);
}

static enum MHD_Result
logout_post(struct request *r)
{
	enum result res = session_close(r->portal->store, request_token(r));

	if (res != RES_OK)
		return reply_result(r, res);
	return reply_redirect(
	    r, "/", "portal_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
}

const struct page staff_pages[] = {
    {"GET", "/staff", false, "", true, staff_get},
    {"POST", "/staff/drafts", false, "", true, draft_post},
    {"GET", "/staff/drafts/", true, "", true, draft_page_get},
    {"POST", "/staff/drafts/", true, "/delete", true, draft_delete_post},
    {"POST", "/logout", false, "", true, logout_post},
    {NULL, NULL, false, NULL, false, NULL},
};
