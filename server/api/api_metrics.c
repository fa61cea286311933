/* The server's numbers: the route for organizers, and the listener that needs no role. */
#include "api/metrics.h"
#include "api/routes.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define LISTENER_CONNECTIONS_MAX 16
#define LISTENER_IDLE_SECONDS 10

/* GET /metrics -> 200, the text of base/metric.h. It must tell of a disk that hangs, so it waits for no commit. */
static enum err
metrics_get(struct request *req, struct response *out)
{
	out->content_type = METRIC_TYPE;
	metrics_write(api_metrics(req->api), &out->body);
	return ERR_OK;
}

const struct route route_metrics_get = {
    .method = "GET",
    .path = "/metrics",
    .roles = ROLE_JUDGE | ROLE_DIRECTOR | ROLE_ADMIN,
    .at_once = true,
    .run = metrics_get,
};

/* ---- the listener ---- */

struct metrics_listener {
	const struct metrics *metrics;
	struct http_server *http; /* NULL once it is closing */
	int port;
};

static void
refuse(struct metrics_listener *l, struct http_exchange *x, int status)
{
	static const char text[] = "here is nothing but GET /metrics\n";
	struct http_answer a = {.status = status,
	    .content_type = "text/plain; charset=utf-8",
	    .body = text,
	    .body_len = sizeof text - 1,
	    .body_static = true};

	if (status == 405) {
		a.headers[0][0] = "Allow";
		a.headers[0][1] = "GET, HEAD";
	}
	http_respond(l->http, x, &a);
}

static void
tell(struct metrics_listener *l, struct http_exchange *x)
{
	struct http_answer a = {.status = 200, .content_type = METRIC_TYPE};
	struct buf text;

	buf_init(&text, METRICS_MAX_BYTES);
	metrics_write(l->metrics, &text);
	a.body = text.data;
	a.body_len = text.len;
	if (buf_err(&text) == ERR_OK)
		http_respond(l->http, x, &a);
	else
		refuse(l, x, 500);
	buf_free(&text);
}

/* Everything is answered when its head is there: no body is ever taken. */
static enum err
on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	struct metrics_listener *l = ctx;
	bool reads = strcmp(x->method, "GET") == 0 || strcmp(x->method, "HEAD") == 0;

	(void)body_max;
	if (strcmp(x->path, route_metrics_get.path) != 0)
		refuse(l, x, 404);
	else if (!reads)
		refuse(l, x, 405);
	else
		tell(l, x);
	return ERR_CLOSED;
}

static void
on_nothing(void *ctx, struct http_exchange *x)
{
	(void)ctx;
	(void)x;
}

enum err
metrics_listen(struct loop *loop, const char *address, int port, const struct metrics *m,
    struct metrics_listener **out, struct why *why)
{
	struct metrics_listener *l = mem_alloc(sizeof *l);
	struct http_options o = {.address = address,
	    .port = port,
	    .handler = {.on_head = on_head,
		.on_request = on_nothing,
		.on_gone = on_nothing,
		.ctx = l},
	    .connections_max = LISTENER_CONNECTIONS_MAX,
	    .idle_seconds = LISTENER_IDLE_SECONDS};
	enum err e;

	l->metrics = m;
	if ((e = http_open(loop, &o, &l->http, why)) != ERR_OK) {
		free(l);
		return e;
	}
	l->port = http_port(l->http);
	*out = l;
	return ERR_OK;
}

int
metrics_port(const struct metrics_listener *l)
{
	return l->port;
}

void
metrics_stop(struct metrics_listener *l)
{
	if (l == NULL || l->http == NULL)
		return;
	http_close(l->http);
	l->http = NULL;
}

void
metrics_free(struct metrics_listener *l)
{
	free(l);
}
