/*
 * For the tests of the HTTP server: a real server on a loop of its own thread, and a raw blocking client.
 * The handler answers by path; what it saw is counted in atomics.
 */
#ifndef TESTS_UNIT_NET_RIG_H
#define TESTS_UNIT_NET_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/mem.h"
#include "net/http.h"
#include "net/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BIG_BYTES (5 * 1024 * 1024)
#define HELD_MAX 64
#define PATIENCE_S 60 /* for what must come: a busy machine may take its time */

struct rig {
	struct loop *loop;
	struct http_server *server;
	struct waker *waker;
	struct timer *timer;
	struct http_options options;
	struct http_exchange *held[HELD_MAX]; /* answered by the timer, or by rig_answer_held */
	int held_count;
	pthread_t thread;
	sem_t ready;
	int port;
	enum err opened, closed;
	struct why why;
	atomic_int heads, requests, gone, never;
	atomic_bool quit;
	/* What the waker runs on the loop's thread, once. */
	void (*_Atomic job)(struct rig *r, void *ctx);
	void *job_ctx;
	sem_t job_done;
	void (*on_timer)(void *ctx); /* what the timer does; preset to answering what is held */
	/* On the loop's thread, for an owner above: before and after http_open, and when the loop has ended. */
	void (*opening)(struct rig *r), (*opened_now)(struct rig *r), (*ended)(struct rig *r);
	char big[BIG_BYTES];
};

__attribute__((unused)) static void
rig_text(struct rig *r, struct http_exchange *x, int status, const char *text, size_t len)
{
	struct http_answer a = {
	    .status = status, .content_type = "text/plain", .body = text, .body_len = len};

	http_respond(r->server, x, &a);
}

static void
rig_describe(struct rig *r, struct http_exchange *x)
{
	char text[8192];
	int n = snprintf(text, sizeof text,
	    "method=%s path=%s query=%s peer=%s tls=%d auth=%s cookie=%s type=%s lang=%s inm=%s "
	    "csrf=%s "
	    "team=%s origin=%s host=%s body=%.*s",
	    x->method, x->path, x->query, x->peer, x->tls, x->authorization, x->cookie,
	    x->content_type, x->accept_language, x->if_none_match, x->csrf_token, x->team_token,
	    x->origin, x->host, (int)x->body_len, x->body);

	rig_text(r, x, 200, text, (size_t)n);
}

static enum err
rig_on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	struct rig *r = ctx;

	r->heads++;
	if (strcmp(x->path, "/early") == 0) {
		rig_text(r, x, 403, "early", 5);
		return ERR_FORBIDDEN;
	}
	*body_max = strcmp(x->path, "/upload") == 0 ? BIG_BYTES : 1000;
	return ERR_OK;
}

static void
rig_big(struct rig *r, struct http_exchange *x, bool fixed)
{
	struct http_answer a = {.status = 200,
	    .content_type = "text/html; charset=utf-8",
	    .body = r->big,
	    .body_len = BIG_BYTES,
	    .body_static = fixed,
	    .html = true,
	    .headers = {{"Cache-Control", "max-age=60"}, {"X-Bad", "a\r\nInjected: 1"}}};

	http_respond(r->server, x, &a);
}

static void
rig_on_request(void *ctx, struct http_exchange *x)
{
	struct rig *r = ctx;
	char text[64];

	r->requests++;
	if (strcmp(x->path, "/later") == 0) {
		r->held[r->held_count++] = x;
		timer_at(r->timer, loop_now_ms(r->loop) + 30);
	} else if (strcmp(x->path, "/held") == 0) {
		r->held[r->held_count++] = x;
	} else if (strcmp(x->path, "/never") == 0) {
		x->owner = r;
		r->never++;
	} else if (strcmp(x->path, "/big") == 0 || strcmp(x->path, "/static") == 0) {
		rig_big(r, x, x->path[1] == 's');
	} else if (strcmp(x->path, "/upload") == 0) {
		rig_text(r, x, 200, text, (size_t)snprintf(text, sizeof text, "%zu", x->body_len));
	} else if (strcmp(x->path, "/empty") == 0) {
		http_respond(r->server, x, &(struct http_answer){.status = 204});
	} else {
		rig_describe(r, x);
	}
}

static void
rig_on_gone(void *ctx, struct http_exchange *x)
{
	struct rig *r = ctx;

	if (strcmp(x->path, "/never") == 0 && x->owner != r)
		abort(); /* the owner's field must have stayed */
	r->gone++;
}

/* For rig_run, too. */
static void
rig_answer_held(struct rig *r, void *ctx)
{
	(void)ctx;
	for (int i = 0; i < r->held_count; i++)
		rig_describe(r, r->held[i]);
	r->held_count = 0;
}

static void
rig_on_timer(void *ctx)
{
	rig_answer_held(ctx, NULL);
}

static void
rig_on_wake(void *ctx)
{
	struct rig *r = ctx;
	void (*job)(struct rig *, void *) = atomic_exchange(&r->job, NULL);

	if (job != NULL) {
		job(r, r->job_ctx);
		sem_post(&r->job_done);
	}
	if (!r->quit)
		return;
	http_close(r->server);
	timer_close(r->timer);
	waker_close(r->waker);
}

static void *
rig_thread(void *arg)
{
	struct rig *r = arg;

	if (loop_open(&r->loop, &r->why) != ERR_OK)
		abort();
	if (r->opening != NULL)
		r->opening(r);
	r->opened = http_open(r->loop, &r->options, &r->server, &r->why);
	if (r->opened == ERR_OK) {
		r->port = http_port(r->server);
		r->waker = waker_new(r->loop, rig_on_wake, r);
		r->timer = timer_new(r->loop, r->on_timer, r);
		if (r->opened_now != NULL)
			r->opened_now(r);
	}
	sem_post(&r->ready);
	loop_run(r->loop);
	if (r->ended != NULL)
		r->ended(r);
	r->closed = loop_close(r->loop);
	return NULL;
}

/* Its limits of time are beyond what a test takes: who tests one sets a short one. */
static struct rig *
rig_new(void)
{
	struct rig *r = mem_alloc(sizeof *r);

	for (size_t i = 0; i < BIG_BYTES; i++)
		r->big[i] = (char)('a' + i % 26);
	r->options = (struct http_options){.address = "127.0.0.1",
	    .connections_max = 2000,
	    .idle_seconds = PATIENCE_S,
	    .ping_seconds = PATIENCE_S};
	r->options.handler = (struct http_handler){
	    .on_head = rig_on_head, .on_request = rig_on_request, .on_gone = rig_on_gone, .ctx = r};
	r->on_timer = rig_on_timer;
	sem_init(&r->ready, 0, 0);
	sem_init(&r->job_done, 0, 0);
	return r;
}

__attribute__((unused)) static void
rig_start(struct rig *r)
{
	assert_int_equal(pthread_create(&r->thread, NULL, rig_thread, r), 0);
	sem_wait(&r->ready);
	if (r->opened != ERR_OK)
		fail_msg("http_open: %s", r->why.text);
}

/* Runs job on the loop's thread and waits for it. */
__attribute__((unused)) static void
rig_run(struct rig *r, void (*job)(struct rig *r, void *ctx), void *ctx)
{
	r->job_ctx = ctx;
	r->job = job;
	waker_wake(r->waker);
	sem_wait(&r->job_done);
}

/* Ends it, and holds it to having left nothing open. */
__attribute__((unused)) static void
rig_stop(struct rig *r)
{
	r->quit = true;
	waker_wake(r->waker);
	pthread_join(r->thread, NULL);
	assert_int_equal(r->closed, ERR_OK);
	sem_destroy(&r->ready);
	sem_destroy(&r->job_done);
	free(r);
}

/* Waits until the counter has the value. */
__attribute__((unused)) static void
rig_await(atomic_int *counter, int value)
{
	for (int i = 0; i < PATIENCE_S * 1000 && *counter != value; i++)
		poll(NULL, 0, 1);
	assert_int_equal(*counter, value);
}

/* ---- the client ---- */

static int
dial(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct timeval limit = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static void
put_bytes(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(fd, data, len, MSG_NOSIGNAL);
		if (n <= 0)
			return; /* the server has had enough; what it said is read next */
		data += n;
		len -= (size_t)n;
	}
}

__attribute__((unused)) static void
put(int fd, const char *text)
{
	put_bytes(fd, text, strlen(text));
}

/* The server has closed it, with or without a reset; that nothing came for long is no end. */
__attribute__((unused)) static void
assert_ended(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
}

/* Until the server closes; the text is the caller's. */
__attribute__((unused)) static char *
read_all(int fd, size_t *len)
{
	size_t cap = 65536, n = 0;
	char *text = mem_alloc(cap + 1);
	ssize_t got;

	while ((got = recv(fd, text + n, cap - n, 0)) > 0) {
		n += (size_t)got;
		if (n == cap)
			text = mem_resize(text, (cap *= 2) + 1, 1);
	}
	text[n] = '\0';
	if (len != NULL)
		*len = n;
	return text;
}

/* One answer by its Content-Length (or its head alone); the text is the caller's. */
__attribute__((unused)) static char *
read_answer(int fd)
{
	size_t n = 0, cap = 16 * 1024, want = SIZE_MAX;
	char *text = mem_alloc(cap + 1), *end, *at;

	while (n < want) {
		size_t ask = want == SIZE_MAX ? 1 : want - n;

		while (n + ask > cap)
			text = mem_resize(text, (cap *= 2) + 1, 1);
		ssize_t got = recv(fd, text + n, ask, 0);

		if (got <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
		if (want == SIZE_MAX && n >= 4 &&
		    (end = strstr(text + n - 4, "\r\n\r\n")) != NULL) {
			at = strstr(text, "Content-Length: ");
			want = n + (at != NULL ? strtoul(at + 16, NULL, 10) : 0);
		}
	}
	text[n] = '\0';
	return text;
}

/* Sends the text on a connection of its own and gives what comes back until the end. */
__attribute__((unused)) static char *
ask_once(int port, const char *text, size_t len)
{
	int fd = dial(port);
	char *answer;

	put_bytes(fd, text, len);
	shutdown(fd, SHUT_WR);
	answer = read_all(fd, NULL);
	close(fd);
	return answer;
}

__attribute__((unused)) static char *
ask(int port, const char *text)
{
	return ask_once(port, text, strlen(text));
}

/* Closes with a reset, as a crashed client does. */
__attribute__((unused)) static void
hang_up(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

__attribute__((unused)) static void
assert_status(const char *answer, int status)
{
	char want[32];

	snprintf(want, sizeof want, "HTTP/1.1 %d ", status);
	if (strncmp(answer, want, strlen(want)) != 0)
		fail_msg("wanted %d, got: %.1500s", status, answer);
}

__attribute__((unused)) static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in: %.1500s", part, text);
}

#endif
