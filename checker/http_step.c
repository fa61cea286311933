#include "checker/http_step.h"
#include "checker/payload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define URL_MAX_BYTES (16 * 1024)
#define HEADER_MAX_BYTES (64 * 1024)
/* A browser's, so that a system cannot tell its checks by it. */
#define USER_AGENT "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

/* ---- what goes out ---- */

static bool
has_header(const struct http_plan *a, const char *name)
{
	for (size_t i = 0; i < a->header_count; i++)
		if (strcasecmp(a->headers[i].name.source, name) == 0)
			return true;
	return false;
}

static void
add_header(struct http_client *c, const char *line)
{
	struct curl_slist *longer = curl_slist_append(c->headers, line);

	if (longer != NULL)
		c->headers = longer;
}

static enum err
add_headers(
    struct http_client *c, const struct http_plan *a, const struct vars *vars, struct why *why)
{
	struct buf line;
	enum err e = ERR_OK;

	buf_init(&line, HEADER_MAX_BYTES);
	for (size_t i = 0; i < a->header_count && e == ERR_OK; i++) {
		size_t name_len;

		buf_reset(&line);
		buf_puts(&line, a->headers[i].name.source);
		name_len = line.len;
		buf_puts(&line, ": ");
		e = template_render(&a->headers[i].value, vars, ESCAPE_HEADER, &line, why);
		if (e == ERR_OK && strcasecmp(a->headers[i].name.source, "Host") == 0)
			answer_set_site(c->curl.answer, line.data + name_len + 2);
		/* curl takes "Name:" as "leave it out" and "Name;" as an empty value. */
		if (e == ERR_OK &&
		    line.data[strspn(line.data + name_len + 1, " ") + name_len + 1] == '\0')
			strcpy(line.data + name_len, ";");
		if (e == ERR_OK)
			add_header(c, line.data);
	}
	buf_free(&line);
	return e;
}

static enum err
render_form(
    struct http_client *c, const struct http_plan *a, const struct vars *vars, struct why *why)
{
	enum err e;

	for (size_t i = 0; i < a->form_count; i++) {
		if (i > 0)
			buf_putc(&c->body, '&');
		if ((e = template_render(&a->form[i].name, vars, ESCAPE_FORM, &c->body, why)) !=
		    ERR_OK)
			return e;
		buf_putc(&c->body, '=');
		if ((e = template_render(&a->form[i].value, vars, ESCAPE_FORM, &c->body, why)) !=
		    ERR_OK)
			return e;
	}
	return buf_err(&c->body);
}

static enum err
render_body(
    struct http_client *c, const struct http_plan *a, const struct vars *vars, struct why *why)
{
	static const char *const types[] = {[BODY_TEXT] = "Content-Type: text/plain; charset=utf-8",
	    [BODY_FORM] = "Content-Type: application/x-www-form-urlencoded",
	    [BODY_JSON] = "Content-Type: application/json"};

	buf_free(&c->body);
	buf_init(&c->body, BODY_MAX_BYTES);
	if (a->body_kind == BODY_NONE)
		return ERR_OK;
	if (a->body_kind == BODY_UPLOAD)
		return payload_mime(
		    a->parts, a->part_count, c->curl.easy, vars, NULL, &c->parts, why);
	if (!has_header(a, "Content-Type"))
		add_header(c, types[a->body_kind]);
	if (a->body_kind == BODY_FORM)
		return render_form(c, a, vars, why);
	return template_render(
	    &a->body, vars, a->body_kind == BODY_JSON ? ESCAPE_JSON : ESCAPE_NONE, &c->body, why);
}

static enum err
set_url(struct http_client *c, const struct http_plan *a, const struct curl_target *t,
    const struct vars *vars, struct why *why)
{
	struct buf url;
	enum err e;

	buf_init(&url, URL_MAX_BYTES);
	curl_client_authority(&url, t);
	if ((e = template_render(&a->path, vars, ESCAPE_URL, &url, why)) == ERR_OK)
		curl_easy_setopt(c->curl.easy, CURLOPT_URL, url.data);
	buf_free(&url);
	return e;
}

/* What is the same for every exchange of a run. */
static enum err
open_client(struct http_client *c, bool cookies, struct why *why)
{
	bool fresh = c->curl.easy == NULL;
	enum err e = curl_client_open(&c->curl, why);

	if (e != ERR_OK || !fresh)
		return e;
	curl_easy_setopt(c->curl.easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c->curl.easy, CURLOPT_USERAGENT, USER_AGENT);
	if (cookies)
		curl_easy_setopt(c->curl.easy, CURLOPT_COOKIEFILE, "");
	return ERR_OK;
}

/* Sets all that depends on the method, for the handle may have made another exchange before. */
static void
set_method(struct http_client *c, const char *method, bool body)
{
	bool head = strcmp(method, "HEAD") == 0;

	if (head) {
		curl_easy_setopt(c->curl.easy, CURLOPT_NOBODY, 1L);
	} else if (c->parts != NULL) {
		curl_easy_setopt(c->curl.easy, CURLOPT_MIMEPOST, c->parts);
	} else if (body || strcmp(method, "POST") == 0) {
		curl_easy_setopt(c->curl.easy, CURLOPT_POST, 1L);
		curl_easy_setopt(
		    c->curl.easy, CURLOPT_POSTFIELDS, c->body.data != NULL ? c->body.data : "");
		curl_easy_setopt(c->curl.easy, CURLOPT_POSTFIELDSIZE, (long)c->body.len);
	} else {
		curl_easy_setopt(c->curl.easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(c->curl.easy, CURLOPT_CUSTOMREQUEST, head ? NULL : method);
}

static enum err
prepare(struct http_client *c, const struct http_plan *a, const struct curl_target *t,
    const struct vars *vars, struct why *why)
{
	enum err e;

	add_header(c, "Expect:"); /* no wait for a 100 (Continue) that few systems send */
	if ((e = set_url(c, a, t, vars, why)) != ERR_OK ||
	    (e = add_headers(c, a, vars, why)) != ERR_OK ||
	    (e = render_body(c, a, vars, why)) != ERR_OK)
		return e;
	curl_easy_setopt(c->curl.easy, CURLOPT_HTTPHEADER, c->headers);
	set_method(c, a->method, a->body_kind != BODY_NONE);
	return ERR_OK;
}

/* What the last exchange sent. */
static void
drop_sent(struct http_client *c)
{
	curl_slist_free_all(c->headers);
	curl_mime_free(c->parts);
	c->headers = NULL;
	c->parts = NULL;
}

static void http_client_finished(struct curl_client *client, CURLcode code);

enum err
http_client_start(
    struct http_client *c, const struct http_plan *plan, const struct exchange *x, struct why *why)
{
	struct curl_target target = {.scheme = plan->tls != NULL ? "https" : "http",
	    .host = x->host,
	    .ip = x->ip,
	    .port = x->port};
	enum err e;

	if ((e = open_client(c, x->cookies || plan->follow > 0, why)) != ERR_OK)
		return e;
	c->curl.finished = http_client_finished;
	c->curl.protocol = "HTTP";
	drop_sent(c);
	c->follow_left = plan->follow;
	curl_client_aim(&c->curl, &target, plan->tls);
	if ((e = prepare(c, plan, &target, x->vars, why)) != ERR_OK)
		return e;
	c->busy = curl_engine_add(c->engine, &c->curl);
	return c->busy ? ERR_OK : why_set(why, ERR_IO, "curl_multi_add_handle failed");
}

/* ---- how it ends ---- */

static bool
same_part(CURLU *a, CURLU *b, CURLUPart part, unsigned flags)
{
	char *x = NULL, *y = NULL;
	bool same = curl_url_get(a, part, &x, flags) == CURLUE_OK &&
		    curl_url_get(b, part, &y, flags) == CURLUE_OK && strcasecmp(x, y) == 0;

	curl_free(x);
	curl_free(y);
	return same;
}

/* Scheme, host and port agree (RFC 6454's origin). */
static bool
same_origin(const char *x, const char *y)
{
	CURLU *a = curl_url(), *b = curl_url();
	bool same = curl_url_set(a, CURLUPART_URL, x, 0) == CURLUE_OK &&
		    curl_url_set(b, CURLUPART_URL, y, 0) == CURLUE_OK &&
		    same_part(a, b, CURLUPART_SCHEME, 0) && same_part(a, b, CURLUPART_HOST, 0) &&
		    same_part(a, b, CURLUPART_PORT, CURLU_DEFAULT_PORT);

	curl_url_cleanup(a);
	curl_url_cleanup(b);
	return same;
}

/* After 303, and after 301 and 302 to a POST, browsers go on with GET (RFC 9110 section 15.4). */
static void
redirect_method(struct http_client *c, int status)
{
	char *method = NULL;

	curl_easy_getinfo(c->curl.easy, CURLINFO_EFFECTIVE_METHOD, &method);
	if (method == NULL || strcmp(method, "HEAD") == 0)
		return;
	if (status != 303 && !((status == 301 || status == 302) && strcmp(method, "POST") == 0))
		return;
	buf_reset(&c->body);
	curl_easy_setopt(c->curl.easy, CURLOPT_MIMEPOST, NULL);
	curl_mime_free(c->parts);
	c->parts = NULL;
	set_method(c, "GET", false);
}

enum redirect { REDIRECT_NONE, REDIRECT_STARTED, REDIRECT_ELSEWHERE };

static enum redirect
redirect(struct http_client *c)
{
	char *to = NULL, *from = NULL;
	int status = c->curl.answer->status;

	curl_easy_getinfo(c->curl.easy, CURLINFO_REDIRECT_URL, &to);
	curl_easy_getinfo(c->curl.easy, CURLINFO_EFFECTIVE_URL, &from);
	if (to == NULL || from == NULL || c->follow_left == 0 || status == 304)
		return REDIRECT_NONE;
	if (!same_origin(from, to))
		return REDIRECT_ELSEWHERE;
	c->follow_left--;
	answer_reset(c->curl.answer);
	redirect_method(c, status);
	curl_easy_setopt(c->curl.easy, CURLOPT_URL, to);
	c->busy = curl_engine_add(c->engine, &c->curl);
	return c->busy ? REDIRECT_STARTED : REDIRECT_NONE;
}

static void
http_client_finished(struct curl_client *client, CURLcode code)
{
	struct http_client *c = (struct http_client *)client; /* its first member */
	struct outcome o = {.status = ST_OK};
	long status = 0;

	c->busy = false;
	if (code == CURLE_OK) {
		curl_easy_getinfo(c->curl.easy, CURLINFO_RESPONSE_CODE, &status);
		c->curl.answer->status = (int)status;
		switch (redirect(c)) {
		case REDIRECT_STARTED:
			return;
		case REDIRECT_ELSEWHERE:
			o.status = ST_MUMBLE;
			(void)why_set(&o.said, ERR_OK, "redirects to another system");
			break;
		case REDIRECT_NONE:
			break;
		}
	} else {
		curl_client_outcome(&c->curl, code, &o);
	}
	c->done(c->ctx, &o);
}

void
http_client_cancel(struct http_client *c)
{
	if (!c->busy)
		return;
	curl_engine_remove(c->engine, &c->curl);
	c->busy = false;
}

void
http_client_close(struct http_client *c)
{
	http_client_cancel(c);
	curl_client_close(&c->curl);
	drop_sent(c);
	buf_free(&c->body);
}

/* ---- the action ---- */

static void
on_client_done(void *ctx, const struct outcome *o)
{
	struct exchange *x = ctx;

	x->under_way = NULL;
	x->done(x->ctx, o);
}

static enum err
http_start(struct exchange *x, struct outcome *o)
{
	enum err e;

	x->http->done = on_client_done;
	x->http->ctx = x;
	x->http->curl.answer = x->answer;
	o->status = ST_FAULT;
	e = http_client_start(x->http, x->step->plan, x, &o->said);
	if (e == ERR_OK)
		x->under_way = x->http;
	return e;
}

static void
http_cancel(struct exchange *x)
{
	http_client_cancel(x->http);
	x->under_way = NULL;
}

static void
http_describe(const struct step *step, struct buf *out)
{
	const struct http_plan *plan = step->plan;

	buf_printf(out, "%s %.200s", plan->method, plan->path.source);
}

const struct action action_http = {
    .name = "http",
    .has_status = true,
    .has_headers = true,
    .read = http_plan_read,
    .start = http_start,
    .cancel = http_cancel,
    .describe = http_describe,
};
