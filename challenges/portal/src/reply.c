/* The answers of request.h. */
#include "request.h"

#include <stdlib.h>
#include <string.h>

static void
header(struct MHD_Response *response, const char *name, const char *value)
{
	MHD_add_response_header(response, name, value);
}

/* Takes the text over. */
static enum MHD_Result
reply_queue(struct request *r, unsigned status, const char *type, struct text *body,
    const char *location, const char *cookie)
{
	struct MHD_Response *response;
	enum MHD_Result res;

	response = MHD_create_response_from_buffer(body->len, body->p, MHD_RESPMEM_MUST_FREE);
	if (response == NULL) {
		text_free(body);
		return MHD_NO;
	}
	header(response, "Content-Type", type);
	header(response, "Content-Security-Policy",
	    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
	    "frame-ancestors 'none'");
	header(response, "X-Content-Type-Options", "nosniff");
	header(response, "Referrer-Policy", "same-origin");
	header(response, "Cache-Control", "no-store");
	if (location != NULL)
		header(response, "Location", location);
	if (cookie != NULL)
		header(response, "Set-Cookie", cookie);
	if (r->lang_chosen)
		header(response, "Set-Cookie",
		    r->lang == LANG_EN ? "portal_lang=en; Path=/; SameSite=Lax"
				       : "portal_lang=zh; Path=/; SameSite=Lax");
	if (status == 405)
		header(response, "Allow", "GET, HEAD, POST");
	res = MHD_queue_response(r->connection, status, response);
	MHD_destroy_response(response);
	return res;
}

enum MHD_Result
reply_text(struct request *r, unsigned status, const char *type, const char *body)
{
	struct text t = {.max_bytes = PAGE_MAX_BYTES};

	text_add_string(&t, body);
	return reply_queue(r, status, type, &t, NULL, NULL);
}

enum MHD_Result
reply_redirect(struct request *r, const char *location, const char *cookie)
{
	struct text t = {.max_bytes = PAGE_MAX_BYTES};

	text_add_string(&t, "<!doctype html>\n<a href=\"");
	text_add_html(&t, location);
	text_add_string(&t, "\">");
	text_add_html(&t, location);
	text_add_string(&t, "</a>\n");
	return reply_queue(r, 303, "text/html; charset=utf-8", &t, location, cookie);
}

static bool
layout_render(struct request *r, const char *main_html, struct text *out)
{
	const struct portal *p = r->portal;
	const struct slot slots[] = {
	    {"department", r->lang == LANG_EN ? p->department_en : p->department, false},
	    {"main", main_html, true},
	    {"account", r->signed_in ? r->me.name : "", false},
	    {"signed-in", r->signed_in ? "" : " hidden", true},
	    {"signed-out", r->signed_in ? " hidden" : "", true},
	    {NULL, NULL, false},
	};

	return site_render(p->site, r->lang, "layout", slots, out);
}

enum MHD_Result
reply_page(struct request *r, unsigned status, const char *page, const struct slot *slots)
{
	struct text main_html = {.max_bytes = PAGE_MAX_BYTES};
	struct text html = {.max_bytes = 2 * PAGE_MAX_BYTES};
	bool good = site_render(r->portal->site, r->lang, page, slots, &main_html) &&
		    main_html.p != NULL && layout_render(r, main_html.p, &html);

	text_free(&main_html);
	if (good)
		return reply_queue(r, status, "text/html; charset=utf-8", &html, NULL, NULL);
	text_free(&html);
	return reply_text(
	    r, 500, "text/plain; charset=utf-8", "页面暂不可用 / This page is not available\n");
}

static const struct {
	unsigned status;
	const char *text[LANG_COUNT];
} messages[MSG_COUNT] = {
    [MSG_BAD_REQUEST] = {400,
	{"请求有误，请返回重试。", "The request is malformed. Please go back and try again."}},
    [MSG_BAD_METHOD] = {405, {"不支持的请求方法。", "This method is not supported."}},
    [MSG_NOT_FOUND] = {404, {"您访问的内容不存在。", "There is nothing here."}},
    [MSG_FORBIDDEN] = {403, {"请从本网站提交。", "Please send the form from this site."}},
    [MSG_TOO_LARGE] = {413,
	{"提交的内容过大，最多 64 KiB。", "Too large: at most 64 KiB can be sent."}},
    [MSG_FORM_ONLY] = {415, {"请以表单提交。", "Please send an HTML form."}},
    [MSG_BAD_SEARCH] = {400,
	{"检索词有误，最多 256 字节。", "The search words are malformed or over 256 bytes."}},
    [MSG_BAD_LOGIN] = {403, {"用户名或密码错误。", "The user name or the password is wrong."}},
    [MSG_BAD_USER] = {400,
	{"用户名须为 3 至 40 个字母、数字、点、下划线或连字符。",
	    "A user name has 3 to 40 letters, digits, dots, underscores or hyphens."}},
    [MSG_BAD_NAME] = {400,
	{"姓名不能为空，最多 60 字节。", "The name must not be empty or over 60 bytes."}},
    [MSG_BAD_PASSWORD] = {400, {"密码须为 8 至 128 字节。", "A password has 8 to 128 bytes."}},
    [MSG_BAD_DRAFT] = {400, {"标题和正文不能为空，标题最多 200 字节，正文最多 16384 字节。",
				"Title and text must not be empty, nor over 200 and 16384 bytes."}},
    [MSG_USER_TAKEN] = {409, {"该用户名已被注册。", "This user name is taken."}},
    [MSG_FULL] = {507, {"已达数量上限，请删除旧稿或联系管理员。",
			   "The limit is reached: delete old drafts or ask the administrator."}},
    [MSG_FAILED] = {500, {"系统繁忙，请稍后再试。", "The system is busy. Please try again later."}},
};

enum MHD_Result
reply_message(struct request *r, enum message m)
{
	const struct slot slots[] = {
	    {"text", messages[m].text[r->lang], false}, {NULL, NULL, false}};

	return reply_page(r, messages[m].status, "message", slots);
}

enum MHD_Result
reply_result(struct request *r, enum result res)
{
	return reply_message(r, res == RES_NONE     ? MSG_NOT_FOUND
				: res == RES_FULL   ? MSG_FULL
				: res == RES_EXISTS ? MSG_USER_TAKEN
						    : MSG_FAILED);
}
