/*
 * Bytes to a real server over a socket (a path that begins with /s streams its body): an even first byte and what follows is an HTTP/1.1 connection, an odd
 * one and what follows comes after a WebSocket handshake.
 */
#include "base/log.h"
#include "net/http.h"
#include "net/live.h"
#include "net/loop_uv.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS_MAX 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct loop *loop;
static struct http_server *server;

static void
answer(struct http_exchange *x)
{
	struct http_answer a = {.status = 200,
	    .content_type = "text/plain",
	    .body = x->path,
	    .body_len = strlen(x->path)};

	/* everything the handler is given must be text */
	if (x->path[0] != '/' || strlen(x->query) + strlen(x->host) + strlen(x->cookie) > 100000)
		abort();
	http_respond(server, x, &a);
}

static enum err
on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	(void)ctx;
	*body_max = 64;
	x->streamed = x->path[1] == 's';
	if (x->path[1] != 'e')
		return ERR_OK;
	answer(x);
	return ERR_FORBIDDEN;
}

/* A streamed body is taken piece by piece, or refused in its middle. */
static void
on_body(void *ctx, struct http_exchange *x, const char *data, size_t len)
{
	(void)ctx;
	if (len == 0 || len > 64)
		abort();
	if (data[len - 1] == '!')
		answer(x);
	else
		http_taken(server, x, len);
}

static void
on_request(void *ctx, struct http_exchange *x)
{
	(void)ctx;
	if (x->body_len > 64 || x->body[x->body_len] != '\0')
		abort();
	answer(x);
}

static void
on_gone(void *ctx, struct http_exchange *x)
{
	(void)ctx;
	(void)x;
}

static enum err
on_live(void *ctx, struct http_exchange *x, struct live_join *join, struct why *why)
{
	(void)ctx;
	(void)x;
	(void)join;
	(void)why;
	return ERR_OK;
}

static struct payload *
on_snapshot(void *ctx, int audience, uint64_t *seq)
{
	(void)ctx;
	(void)audience;
	*seq = 1;
	return payload_new("{}", 2);
}

static void
start(void)
{
	struct live_options lo = {
	    .ring_frames = 4, .ring_bytes = 4096, .clients_max = 8, .snapshot = on_snapshot};
	struct http_options ho = {.address = "127.0.0.1",
	    .handler = {.on_head = on_head,
		.on_body = on_body,
		.on_request = on_request,
		.on_gone = on_gone,
		.on_live = on_live},
	    .connections_max = 8,
	    .idle_seconds = 5,
	    .hub = live_new(&lo)};
	struct why why;

	log_set_level(LOG_ERROR);
	if (loop_open(&loop, &why) != ERR_OK || http_open(loop, &ho, &server, &why) != ERR_OK)
		log_die("fuzz", "%s", why.text);
}

static int
dial(void)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(server))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		log_die("fuzz", "cannot connect");
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char handshake[] =
	    "GET /api/v1/live HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct linger now = {.l_onoff = 1};
	char sink[4096];
	int fd;

	if (loop == NULL)
		start();
	if (size == 0 || size > 32768)
		return 0;
	fd = dial();
	if (data[0] & 1)
		send(fd, handshake, sizeof handshake - 1, MSG_NOSIGNAL);
	send(fd, data + 1, size - 1, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < TURNS_MAX && (i < 4 || http_connections(server) > 0); i++) {
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		while (recv(fd, sink, sizeof sink, MSG_DONTWAIT) > 0)
			;
	}
	if (http_connections(server) > 0)
		abort(); /* the peer has said its last word, so must the server */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
	return 0;
}
