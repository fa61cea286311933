#include "api/api.h"
#include "api/board.h"
#include "api/identity.h"
#include "api/kinds.h"
#include "api/metrics.h"
#include "api/problem.h"
#include "api/route.h"
#include "api/session.h"
#include "api/transfer.h"
#include "api/upload.h"
#include "api/workbook.h"
#include "api/write_brake.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "net/static.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct api {
	struct loop *loop;
	struct drill *drill;
	struct http_server *http;
	struct live_hub *hub;
	struct sessions *sessions;
	struct blobs *blobs;
	struct uploads *uploads;
	struct workbooks *workbooks;
	unsigned files; /* of requests; those on their way out are the server's */
	struct write_brake *brake;
	struct kinds kinds;
	struct metrics metrics;
	/* Answers that wait for the journal, in order of their seq. */
	struct request *first, *last;
	/* The public board as last encoded: thousands may ask for the same one at once. */
	struct buf board;
	uint64_t board_seq;
	int64_t board_ms;
};

#define BOARD_FRESH_MS 200 /* it tells the drill clock, too */

struct api *
api_new(const struct api_options *o)
{
	struct api *a = mem_alloc(sizeof *a);

	a->loop = o->loop;
	a->drill = o->drill;
	a->sessions = sessions_new();
	a->blobs = o->blobs;
	a->uploads = uploads_new(o->loop, o->blobs);
	a->workbooks = workbooks_new();
	a->brake = write_brake_new();
	kinds_open(&a->kinds, routes);
	a->metrics = (struct metrics){.version = o->version,
	    .start_seconds = process_start_seconds(),
	    .drill = o->drill,
	    .sessions = a->sessions,
	    .brake = a->brake,
	    .kinds = &a->kinds};
	buf_init(&a->board, BOARD_MAX_BYTES);
	return a;
}

void
api_free(struct api *a)
{
	if (a == NULL)
		return;
	sessions_free(a->sessions);
	uploads_free(a->uploads);
	workbooks_free(a->workbooks);
	write_brake_free(a->brake);
	blobs_close(a->blobs);
	kinds_close(&a->kinds);
	buf_free(&a->board);
	free(a);
}

void
api_attach(struct api *a, struct http_server *http, struct live_hub *hub)
{
	a->http = http;
	a->hub = hub;
	a->metrics.http = http;
	a->metrics.hub = hub;
}

void
api_attach_checkers(struct api *a, const struct checkers *checkers)
{
	a->metrics.checkers = checkers;
}

const struct metrics *
api_metrics(const struct api *a)
{
	return &a->metrics;
}

struct drill *
api_drill(struct api *a)
{
	return a->drill;
}

struct loop *
api_loop(struct api *a)
{
	return a->loop;
}

void
api_cut_live(struct api *a, const struct account *account)
{
	live_cut(a->hub, account);
}

struct sessions *
api_sessions(struct api *a)
{
	return a->sessions;
}

struct blobs *
api_blobs(struct api *a)
{
	return a->blobs;
}

struct uploads *
api_uploads(struct api *a)
{
	return a->uploads;
}

struct workbooks *
api_workbooks(struct api *a)
{
	return a->workbooks;
}

unsigned
api_files(const struct api *a)
{
	return a->files + http_files(a->http);
}

void
api_file_begins(struct request *req)
{
	req->out.sends_file = true;
	req->api->files++;
}

struct http_server *
api_http(struct api *a)
{
	return a->http;
}

/* ---- which route ---- */

/* Matches one pattern; fills the {segments}. */
static bool
path_matches(struct request *r, const char *pattern)
{
	const char *p = r->x->path;
	size_t n = 0;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '{') {
			if (*pattern != *p++)
				return false;
			continue;
		}
		size_t len = strcspn(p, "/");

		if (len == 0 || n == ROUTE_PARAMS_MAX)
			return false;
		r->param[n++] = arena_strndup(r->x->arena, p, len);
		p += len;
		pattern = strchr(pattern, '}');
	}
	return *p == '\0';
}

static bool
method_matches(const char *have, const char *want)
{
	return strcmp(have, want) == 0 || (strcmp(have, "HEAD") == 0 && strcmp(want, "GET") == 0);
}

#define ALLOW_MAX_BYTES 64 /* all methods that there are */

/* Several routes may match one path, such as /judging/drift and /judging/{id}. */
static void
allow_add(struct buf *allow, const char *method)
{
	if (allow->len > 0 && memmem(allow->data, allow->len, method, strlen(method)) != NULL)
		return;
	if (allow->len > 0)
		buf_puts(allow, ", ");
	buf_puts(allow, method);
	if (strcmp(method, "GET") == 0)
		buf_puts(allow, ", HEAD");
}

static enum err
refuse_method(struct request *r, struct buf *allow)
{
	const char *text = arena_strndup(r->x->arena, allow->data, allow->len);

	response_header(&r->out, "Allow", text);
	return why_set(&r->why, ERR_METHOD, "%s does not take %s; it takes %s", r->x->path,
	    r->x->method, text);
}

static enum err
find_route(struct request *r)
{
	enum err e = ERR_NOT_FOUND;
	struct buf allow;

	buf_init(&allow, ALLOW_MAX_BYTES);
	for (size_t i = 0; routes[i] != NULL; i++) {
		if (!path_matches(r, routes[i]->path))
			continue;
		if (method_matches(r->x->method, routes[i]->method)) {
			r->route = routes[i];
			r->x->kind = r->api->kinds.of_route[i];
			e = ERR_OK;
			break;
		}
		allow_add(&allow, routes[i]->method);
	}
	if (e != ERR_OK)
		e = allow.len > 0
			? refuse_method(r, &allow)
			: why_set(&r->why, ERR_NOT_FOUND,
			      "there is nothing at %s; see /api/v1/openapi.json", r->x->path);
	buf_free(&allow);
	return e;
}

/* ---- answering ---- */

static void
request_free(struct request *r)
{
	jr_free(r->json);
	buf_free(&r->out.body);
	if (r->out.has_file)
		close(r->out.file.fd);
	if (r->out.sends_file)
		r->api->files--;
	free(r);
}

static void
send_answer(struct request *r)
{
	struct response *out = &r->out;
	struct http_answer a = {.status = out->status,
	    .content_type = out->body.len > 0 ? out->content_type : NULL,
	    .body = out->body.data,
	    .body_len = out->body.len};

	if (out->has_file) {
		a.content_type = out->content_type;
		a.file = &out->file;
		a.sandbox = true;
		out->has_file = false; /* the server's now */
	}
	memcpy(a.headers, out->headers, sizeof out->headers);
	log_debug("api", "%s %s from %s: %d", r->x->method, r->x->path, r->x->peer, out->status);
	http_respond(r->api->http, r->x, &a);
	request_free(r);
}

static void
refuse(struct request *r, enum err e)
{
	if (problem_status(e) == 500)
		log_error("api", "%s %s: %s (%s)", r->route->method, r->route->path, r->why.text,
		    err_name(e));
	buf_reset(&r->out.body);
	if (r->route != NULL && r->route->refuse != NULL)
		r->route->refuse(r, e, &r->out);
	else
		problem_write(&r->out, e, &r->why);
}

/* Answers now, or when everything the answer may tell of is on disk. */
static void
answer_when_durable(struct request *r)
{
	struct api *a = r->api;

	if (drill_durable(a->drill)) {
		send_answer(r);
		return;
	}
	r->seq = a->drill->game->seq;
	r->next = NULL;
	if (a->last != NULL)
		a->last->next = r;
	else
		a->first = r;
	a->last = r;
}

static void
complete(struct request *r, enum err e)
{
	if (e == ERR_OK && buf_err(&r->out.body) != ERR_OK)
		e = why_set(&r->why, ERR_LIMIT, "the answer would be too large");
	if (e != ERR_OK)
		refuse(r, e);
	if (r->x == NULL)
		request_free(r); /* nobody waits for it */
	else if (r->route->at_once || e == ERR_CLOSED)
		send_answer(r); /* closed: after a failure nothing will ever be durable again */
	else
		answer_when_durable(r);
}

void
request_finish(struct request *r, enum err e)
{
	r->out.deferred = false;
	complete(r, e);
}

void
api_committed(struct api *a, uint64_t seq)
{
	while (a->first != NULL && a->first->seq <= seq) {
		struct request *r = a->first;

		a->first = r->next;
		if (a->first == NULL)
			a->last = NULL;
		send_answer(r);
	}
}

/* ---- what the HTTP server calls ---- */

static struct request *
request_new(struct api *a, struct http_exchange *x)
{
	struct request *r = mem_alloc(sizeof *r);

	r->api = a;
	r->x = x;
	r->out.status = 200;
	r->out.content_type = "application/json";
	buf_init(&r->out.body, RESPONSE_MAX_BYTES);
	x->owner = r;
	return r;
}

/* A route outside /api lies where the page's own addresses are; it comes first. */
static bool
is_read_by_route(const char *path)
{
	for (size_t i = 0; routes[i] != NULL; i++)
		if (strcmp(routes[i]->method, "GET") == 0 && strcmp(routes[i]->path, path) == 0)
			return true;
	return false;
}

/* The page's files need no role and wait for no journal. */
static bool
serve_asset(struct api *a, struct http_exchange *x)
{
	const struct asset *f;
	struct http_answer answer = {.status = 200, .body_static = true};

	if (strcmp(x->method, "GET") != 0 && strcmp(x->method, "HEAD") != 0)
		return false;
	if (is_read_by_route(x->path) || (f = asset_find(x->path)) == NULL)
		return false;
	x->kind = KIND_PAGE;
	answer.headers[0][0] = "ETag";
	answer.headers[0][1] = f->etag;
	answer.headers[1][0] = "Cache-Control";
	answer.headers[1][1] = f->immutable ? "public, max-age=31536000, immutable" : "no-cache";
	if (strcmp(x->if_none_match, f->etag) == 0) {
		answer.status = 304;
	} else {
		answer.content_type = f->type;
		answer.body = f->data;
		answer.body_len = (size_t)(f->end - f->data);
		answer.html = strncmp(f->type, "text/html", 9) == 0;
	}
	http_respond(a->http, x, &answer);
	return true;
}

/* ---- the brake on what participants write ---- */

static bool
is_braked(const struct request *r)
{
	return (r->role & (ROLE_BLUE | ROLE_RED)) && r->account != NULL && !r->route->unbraked &&
	       strcmp(r->route->method, "GET") != 0;
}

/* A body of a length that nobody has told counts as the longest; files have limits of their own. */
static uint64_t
braked_bytes(const struct request *r)
{
	if (r->route->upload != NULL)
		return 0;
	return r->x->announced < r->route->body_max_bytes ? r->x->announced
							  : r->route->body_max_bytes;
}

static enum err
brake(struct request *r)
{
	const size_t size = 16;
	char *text;
	int seconds;

	if (!is_braked(r))
		return ERR_OK;
	seconds = write_brake_begin(
	    r->api->brake, r->account, braked_bytes(r), loop_now_ms(r->api->loop));
	if (seconds == 0)
		return ERR_OK;
	text = arena_alloc(r->x->arena, size);
	snprintf(text, size, "%d", seconds);
	response_header(&r->out, "Retry-After", text);
	return why_set(&r->why, ERR_RATE,
	    "this account writes too much: at most %d times and %d KiB a second go on for long; "
	    "try again in %d s",
	    WRITE_BRAKE_PER_SECOND, WRITE_BRAKE_BYTES_PER_SECOND / 1024, seconds);
}

static enum err
on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	struct api *a = ctx;
	struct request *r;
	enum err e;

	if (serve_asset(a, x))
		return ERR_CLOSED;
	r = request_new(a, x);
	if ((e = find_route(r)) == ERR_OK) {
		identity_find(r);
		e = identity_authorize(r);
	}
	if (e == ERR_OK)
		e = brake(r);
	if (e == ERR_OK && r->route->upload != NULL)
		e = transfer_begin(r);
	if (e != ERR_OK) {
		refuse(r, e);
		send_answer(r);
		return e;
	}
	*body_max = r->route->body_max_bytes;
	return ERR_OK;
}

/* What comes after a refusal that waits for the journal is not wanted, and not taken. */
static void
on_body(void *ctx, struct http_exchange *x, const char *data, size_t len)
{
	struct request *r = x->owner;

	(void)ctx;
	if (r->upload != NULL)
		upload_add(r->upload, data, len);
}

void
request_run(struct request *r)
{
	const struct journal *journal = r->api->drill->journal;
	uint64_t before = journal_appended_bytes(journal);
	enum err e;

	if ((e = identity_still_holds(r)) == ERR_OK)
		e = r->route->run(r, &r->out);
	if (is_braked(r))
		write_brake_add(
		    r->api->brake, r->account, journal_appended_bytes(journal) - before);
	if (e == ERR_OK && r->out.deferred)
		return;
	complete(r, e);
}

static void
on_request(void *ctx, struct http_exchange *x)
{
	struct request *r = x->owner;

	(void)ctx;
	if (r->route->upload == NULL)
		request_run(r);
	else if (r->upload != NULL)
		upload_end(r->upload); /* request_run follows */
}

static void
unlink_waiting(struct api *a, struct request *r)
{
	struct request **at = &a->first, *before = NULL;

	for (; *at != NULL; before = *at, at = &(*at)->next)
		if (*at == r) {
			*at = r->next;
			if (a->last == r)
				a->last = before;
			return;
		}
}

/* The client has left: a deferred request is forgotten when its work is done, any other one now. */
static void
on_gone(void *ctx, struct http_exchange *x)
{
	struct request *r = x->owner;

	if (r == NULL)
		return;
	if (r->upload != NULL)
		upload_abort(r->upload);
	if (r->out.deferred) {
		r->x = NULL;
		return;
	}
	unlink_waiting(ctx, r);
	request_free(r);
}

/* ---- live ---- */

static enum err
since_of(const char *query, uint64_t *since, struct why *why)
{
	char *end;

	*since = UINT64_MAX;
	if (query[0] == '\0')
		return ERR_OK;
	if (strncmp(query, "since=", 6) != 0 || query[6] < '0' || query[6] > '9' ||
	    strlen(query + 6) > 19)
		return why_set(why, ERR_INVALID, "?since=SEQ, the last event that you have");
	*since = strtoull(query + 6, &end, 10);
	return *end == '\0'
		   ? ERR_OK
		   : why_set(why, ERR_INVALID, "since=\"%.20s\" is not a number", query + 6);
}

static enum err
on_live(void *ctx, struct http_exchange *x, struct live_join *join, struct why *why)
{
	struct api *a = ctx;
	struct request r = {.api = a, .x = x, .team = -1};

	x->kind = KIND_LIVE;
	identity_find(&r);
	if (r.role == ROLE_PUBLIC && !a->drill->game->config->public_board)
		return why_set(why, ERR_UNAUTHORIZED, "this board is for whoever has signed in");
	join->audience = request_audience(&r);
	join->owner = r.account;
	return since_of(x->query, &join->since, why);
}

struct http_handler
api_handler(struct api *a)
{
	return (struct http_handler){.on_head = on_head,
	    .on_body = on_body,
	    .on_request = on_request,
	    .on_gone = on_gone,
	    .on_live = on_live,
	    .ctx = a};
}

void
api_board(struct api *a, int audience, struct buf *out)
{
	int64_t now = loop_now_ms(a->loop);

	if (audience != LIVE_PUBLIC) {
		board_write(a->drill, audience, out);
		return;
	}
	if (a->board.len == 0 || a->board_seq != a->drill->game->seq ||
	    now - a->board_ms > BOARD_FRESH_MS) {
		buf_reset(&a->board);
		board_write(a->drill, LIVE_PUBLIC, &a->board);
		a->board_seq = a->drill->game->seq;
		a->board_ms = now;
	}
	buf_put(out, a->board.data, a->board.len);
}

struct payload *
api_snapshot(void *ctx, int audience, uint64_t *seq)
{
	struct api *a = ctx;
	struct payload *p = NULL;
	struct buf out;

	drill_settle(a->drill);
	if (!drill_durable(a->drill))
		return NULL; /* the journal has failed: the server is stopping */
	*seq = a->drill->game->seq;
	buf_init(&out, BOARD_MAX_BYTES);
	buf_puts(&out, "{\"type\":\"snapshot\",\"board\":");
	api_board(a, audience, &out);
	buf_putc(&out, '}');
	if (buf_err(&out) == ERR_OK)
		p = payload_new(out.data, out.len);
	buf_free(&out);
	return p;
}
