#include "checker/eno_client.h"
#include "checker/eno_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HTTP_PORT "80"
#define BODY_VARIABLE "body"

enum { PLAN_GET, PLAN_POST };

/* ---- where it is ---- */

/* A part of the URL in the client's arena, or otherwise if it has none. */
static const char *
url_part(struct eno_client *c, CURLU *u, CURLUPart part, const char *otherwise)
{
	char *text = NULL;
	const char *kept = otherwise;

	if (curl_url_get(u, part, &text, 0) == CURLUE_OK)
		kept = arena_strdup(&c->arena, text);
	curl_free(text);
	return kept;
}

/* "[::1]" -> "::1" */
static const char *
bare_host(struct eno_client *c, const char *host)
{
	size_t len = strlen(host);

	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		return arena_strndup(&c->arena, host + 1, len - 2);
	return host;
}

static const char *
below(struct eno_client *c, const char *path, const char *name)
{
	size_t len = strlen(path), size;
	char *text;

	while (len > 0 && path[len - 1] == '/')
		len--;
	size = len + 1 + strlen(name) + 1;
	text = arena_alloc(&c->arena, size);
	snprintf(text, size, "%.*s/%s", (int)len, path, name);
	return text;
}

static void
make_plans(struct eno_client *c, const char *path)
{
	struct http_plan *get = &c->plans[PLAN_GET], *post = &c->plans[PLAN_POST];

	*get = (struct http_plan){.method = "GET", .body_kind = BODY_NONE};
	template_parse(&get->path, &c->arena, below(c, path, "service"));
	*post = (struct http_plan){.method = "POST", .body_kind = BODY_TEXT, .header_count = 1};
	template_parse(&post->path, &c->arena, below(c, path, ""));
	template_parse(&post->body, &c->arena, "{{" BODY_VARIABLE "}}");
	post->headers = arena_alloc(&c->arena, sizeof *post->headers);
	template_parse(&post->headers->name, &c->arena, "Content-Type");
	template_parse(&post->headers->value, &c->arena, "application/json");
}

static void
on_exchanged(void *ctx, const struct outcome *o)
{
	struct eno_client *c = ctx;
	enum err e = ERR_IO;
	struct why why = {{0}};

	if (c->answer.body.failed)
		(void)why_set(&why, e, "its answer is longer than " ENO_ANSWER_MAX_TEXT);
	else if (o->status != ST_OK)
		why = o->said;
	else if (c->answer.status != 200)
		(void)why_set(&why, e, "it answered with status %d", c->answer.status);
	else
		e = ERR_OK;
	c->done(c->ctx, e, &why);
}

static enum err
find_service(struct eno_client *c, CURLU *u, const char *url, struct why *why)
{
	const char *host;

	if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    strcmp(url_part(c, u, CURLUPART_SCHEME, ""), "http") != 0 ||
	    (host = url_part(c, u, CURLUPART_HOST, NULL)) == NULL)
		return why_set(why, ERR_INVALID,
		    "\"%.200s\" is no address; such as http://127.0.0.1:3031 is expected", url);
	/* A name is left to curl, which asks for it in a thread. */
	c->exchange.host = c->exchange.ip = bare_host(c, host);
	c->exchange.port = atoi(url_part(c, u, CURLUPART_PORT, HTTP_PORT));
	make_plans(c, url_part(c, u, CURLUPART_PATH, "/"));
	return ERR_OK;
}

enum err
eno_client_open(struct eno_client *c, struct host *host, const char *url, struct why *why)
{
	CURLU *u = curl_url();
	enum err e;

	answer_init(&c->answer);
	buf_init(&c->answer.body, ENO_ANSWER_MAX_BYTES);
	c->http.engine = host->curl;
	c->step = (struct step){.action = &action_http};
	c->exchange = (struct exchange){.loop = host->loop,
	    .step = &c->step,
	    .vars = &c->vars,
	    .answer = &c->answer,
	    .http = &c->http,
	    .done = on_exchanged,
	    .ctx = c};
	e = find_service(c, u, url, why);
	curl_url_cleanup(u);
	return e;
}

/* ---- a call ---- */

enum err
eno_client_call(struct eno_client *c, const char *body, struct why *why)
{
	struct outcome o;
	enum err e;

	arena_reset(&c->call_arena);
	c->vars = (struct vars){0};
	if (body != NULL)
		vars_set(&c->vars, &c->call_arena, BODY_VARIABLE, body);
	c->step.plan = &c->plans[body != NULL ? PLAN_POST : PLAN_GET];
	answer_reset(&c->answer);
	if ((e = action_http.start(&c->exchange, &o)) != ERR_OK)
		return why_set(why, e, "%s", o.said.text);
	return ERR_OK;
}

void
eno_client_cancel(struct eno_client *c)
{
	if (c->exchange.under_way != NULL)
		action_http.cancel(&c->exchange);
}

void
eno_client_close(struct eno_client *c)
{
	eno_client_cancel(c);
	http_client_close(&c->http);
	answer_free(&c->answer);
	arena_free(&c->call_arena);
	arena_free(&c->arena);
}
