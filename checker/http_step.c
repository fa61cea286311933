#include "checker/http_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define URL_MAX_BYTES (16 * 1024)
#define HEADER_MAX_BYTES (64 * 1024)
#define READ_BYTES 4096
/* A browser's, so that a system cannot tell its checks by it. */
#define USER_AGENT "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

static const char headers_too_long[] = "the answer's headers are longer than 64 KiB";

/* ---- what comes in ---- */

static size_t
on_header(char *data, size_t one, size_t len, void *client)
{
	struct http_client *c = client;

	(void)one;
	/* An interim response or a redirect's: the last one's headers are the answer's. */
	if (len > 5 && memcmp(data, "HTTP/", 5) == 0)
		buf_reset(&c->answer->headers);
	c->header_bytes += len;
	buf_put(&c->answer->headers, data, len);
	if (c->header_bytes <= HEADERS_MAX_BYTES)
		return len;
	c->over = headers_too_long;
	return 0;
}

static size_t
on_body(char *data, size_t one, size_t len, void *client)
{
	struct http_client *c = client;

	(void)one;
	buf_put(&c->answer->body, data, len);
	if (!c->answer->body.failed)
		return len;
	c->over = "the answer is longer than " BODY_MAX_TEXT;
	return 0;
}

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
			answer_set_site(c->answer, line.data + name_len + 2);
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
	if (!has_header(a, "Content-Type"))
		add_header(c, types[a->body_kind]);
	if (a->body_kind == BODY_FORM)
		return render_form(c, a, vars, why);
	return template_render(
	    &a->body, vars, a->body_kind == BODY_JSON ? ESCAPE_JSON : ESCAPE_NONE, &c->body, why);
}

static void
put_authority(struct buf *url, const struct http_target *t, bool tls)
{
	bool v6 = strchr(t->host, ':') != NULL;

	buf_puts(url, tls ? "https://" : "http://");
	buf_printf(url, v6 ? "[%s]:%d" : "%s:%d", t->host, t->port);
}

static enum err
set_url(struct http_client *c, const struct http_plan *a, const struct http_target *t,
    const struct vars *vars, struct why *why)
{
	struct buf url;
	enum err e;

	buf_init(&url, URL_MAX_BYTES);
	put_authority(&url, t, a->tls);
	if ((e = template_render(&a->path, vars, ESCAPE_URL, &url, why)) == ERR_OK)
		curl_easy_setopt(c->easy, CURLOPT_URL, url.data);
	buf_free(&url);
	return e;
}

/* A name was resolved by the round already: curl connects where that said, Host and SNI stay. */
static void
set_address(struct http_client *c, const struct http_target *t)
{
	char text[400];

	if (strcmp(t->host, t->ip) == 0)
		return;
	snprintf(text, sizeof text, strchr(t->ip, ':') != NULL ? "::[%s]:" : "::%s:", t->ip);
	c->connect_to = curl_slist_append(NULL, text);
	curl_easy_setopt(c->easy, CURLOPT_CONNECT_TO, c->connect_to);
}

/*
 * What is the same for every exchange of a run. Set once: curl_easy_reset of libcurl 7.88 leaks the list
 * behind CURLOPT_COOKIEFILE.
 */
static void
set_options(struct http_client *c, bool cookies)
{
	CURL *h = c->easy;

	curl_easy_setopt(h, CURLOPT_PRIVATE, c);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(h, CURLOPT_BUFFERSIZE, (long)READ_BYTES);
	curl_easy_setopt(h, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
	if (cookies)
		curl_easy_setopt(h, CURLOPT_COOKIEFILE, "");
}

/* Sets all that depends on the method, for the handle may have made another exchange before. */
static void
set_method(struct http_client *c, const char *method, bool body)
{
	bool head = strcmp(method, "HEAD") == 0;

	if (head) {
		curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
	} else if (body || strcmp(method, "POST") == 0) {
		curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(
		    c->easy, CURLOPT_POSTFIELDS, c->body.data != NULL ? c->body.data : "");
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE, (long)c->body.len);
	} else {
		curl_easy_setopt(c->easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, head ? NULL : method);
}

static enum err
prepare(struct http_client *c, const struct http_plan *a, const struct http_target *t,
    const struct vars *vars, struct why *why)
{
	enum err e;

	set_address(c, t);
	add_header(c, "Expect:"); /* no wait for a 100 (Continue) that few systems send */
	if ((e = set_url(c, a, t, vars, why)) != ERR_OK ||
	    (e = add_headers(c, a, vars, why)) != ERR_OK ||
	    (e = render_body(c, a, vars, why)) != ERR_OK)
		return e;
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
	set_method(c, a->method, a->body_kind != BODY_NONE);
	return ERR_OK;
}

static void
drop_lists(struct http_client *c)
{
	curl_slist_free_all(c->headers);
	curl_slist_free_all(c->connect_to);
	c->headers = c->connect_to = NULL;
}

enum err
http_client_start(struct http_client *c, const struct http_plan *plan,
    const struct http_target *target, const struct vars *vars, struct why *why)
{
	enum err e;

	if (c->easy == NULL) {
		if ((c->easy = curl_easy_init()) == NULL)
			return why_set(why, ERR_IO, "curl_easy_init failed");
		set_options(c, target->cookies || plan->follow > 0);
	}
	drop_lists(c);
	c->header_bytes = 0;
	c->over = NULL;
	c->follow_left = plan->follow;
	answer_reset(c->answer);
	if ((e = prepare(c, plan, target, vars, why)) != ERR_OK)
		return e;
	c->busy = http_engine_add(c->engine, c);
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

	curl_easy_getinfo(c->easy, CURLINFO_EFFECTIVE_METHOD, &method);
	if (method == NULL || strcmp(method, "HEAD") == 0)
		return;
	if (status != 303 && !((status == 301 || status == 302) && strcmp(method, "POST") == 0))
		return;
	buf_reset(&c->body);
	set_method(c, "GET", false);
}

enum redirect { REDIRECT_NONE, REDIRECT_STARTED, REDIRECT_ELSEWHERE };

static enum redirect
redirect(struct http_client *c)
{
	char *to = NULL, *from = NULL;
	int status = c->answer->status;

	curl_easy_getinfo(c->easy, CURLINFO_REDIRECT_URL, &to);
	curl_easy_getinfo(c->easy, CURLINFO_EFFECTIVE_URL, &from);
	if (to == NULL || from == NULL || c->follow_left == 0 || status == 304)
		return REDIRECT_NONE;
	if (!same_origin(from, to))
		return REDIRECT_ELSEWHERE;
	c->follow_left--;
	answer_reset(c->answer);
	redirect_method(c, status);
	curl_easy_setopt(c->easy, CURLOPT_URL, to);
	c->busy = http_engine_add(c->engine, c);
	return c->busy ? REDIRECT_STARTED : REDIRECT_NONE;
}

static const struct {
	CURLcode code;
	enum status status;
	const char *text;
} endings[] = {
    {CURLE_GOT_NOTHING, ST_MUMBLE, "closed without an answer"},
    {CURLE_PARTIAL_FILE, ST_MUMBLE, "the answer ends early"},
    {CURLE_WEIRD_SERVER_REPLY, ST_MUMBLE, "the answer is not HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, ST_MUMBLE, "the answer is not HTTP"},
    {CURLE_BAD_CONTENT_ENCODING, ST_MUMBLE, "the answer's encoding is broken"},
    {CURLE_SSL_CONNECT_ERROR, ST_MUMBLE, "the TLS handshake failed"},
    {CURLE_PEER_FAILED_VERIFICATION, ST_MUMBLE, "the TLS handshake failed"},
    {CURLE_OPERATION_TIMEDOUT, ST_DOWN, "connection timed out"},
    {CURLE_OUT_OF_MEMORY, ST_FAULT, "the checker has no memory left"},
    {CURLE_URL_MALFORMAT, ST_FAULT, "the step's path makes no URL"},
};

static bool
has_connected(const struct http_client *c)
{
	curl_off_t us = 0;

	return curl_easy_getinfo(c->easy, CURLINFO_CONNECT_TIME_T, &us) == CURLE_OK && us > 0;
}

static void
outcome_from_curl(struct http_client *c, CURLcode code, struct outcome *o)
{
	long os = 0;

	if (c->over != NULL) {
		o->status = ST_MUMBLE;
		(void)why_set(&o->said, ERR_OK, "%s", c->over);
		return;
	}
	/* A header line that never ends has curl give up before on_header sees it, with this code; it is no want of ours. */
	if (code == CURLE_OUT_OF_MEMORY && has_connected(c)) {
		o->status = ST_MUMBLE;
		(void)why_set(&o->said, ERR_OK, "%s", headers_too_long);
		return;
	}
	/* Of a reset and of broken chunks curl says the same; a reset in the middle breaks the answer, too. */
	if (code == CURLE_RECV_ERROR && c->answer->headers.len > 0) {
		o->status = ST_MUMBLE;
		(void)why_set(&o->said, ERR_OK, "the answer breaks off");
		return;
	}
	if (code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) {
		curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os); /* of connecting only */
		outcome_from_errno(
		    o, os != 0 || code == CURLE_COULDNT_CONNECT ? (int)os : ECONNRESET);
		return;
	}
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		if (endings[i].code != code)
			continue;
		o->status = endings[i].status;
		(void)why_set(&o->said, ERR_OK, "%s", endings[i].text);
		return;
	}
	o->status = ST_FAULT;
	(void)why_set(&o->said, ERR_OK, "%s", curl_easy_strerror(code));
}

void
http_client_finished(struct http_client *c, CURLcode code)
{
	struct outcome o = {.status = ST_OK};
	long status = 0;

	c->busy = false;
	if (code == CURLE_OK) {
		curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
		c->answer->status = (int)status;
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
		outcome_from_curl(c, code, &o);
	}
	c->done(c->ctx, &o);
}

void
http_client_cancel(struct http_client *c)
{
	if (!c->busy)
		return;
	http_engine_remove(c->engine, c);
	c->busy = false;
}

void
http_client_close(struct http_client *c)
{
	http_client_cancel(c);
	if (c->easy != NULL)
		curl_easy_cleanup(c->easy);
	c->easy = NULL;
	drop_lists(c);
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
	struct http_target target = {
	    .host = x->host, .ip = x->ip, .port = x->port, .cookies = x->cookies};
	enum err e;

	x->http->done = on_client_done;
	x->http->ctx = x;
	x->http->answer = x->answer;
	o->status = ST_FAULT;
	e = http_client_start(x->http, x->step->plan, &target, x->vars, &o->said);
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
