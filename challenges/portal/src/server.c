#include "server.h"

#include "pages.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A body that is refused is still read so far, so that the sender gets to see the answer. */
#define SWALLOW_MAX_BYTES (4 * 1024 * 1024)

struct connection {
	TAILQ_ENTRY(connection) entry;
	int fd;
	bool listed;
};

struct server {
	struct portal *portal;
	struct MHD_Daemon *daemon;
	int listen_fd;
	TAILQ_HEAD(, connection) connections; /* oldest first; the server's thread only */
	int connection_count;
	atomic_int requests_open;
};

/* ---- requests ---- */

static enum MHD_Result
request_begin(
    struct server *s, struct MHD_Connection *c, const char *method, const char *url, void **slot)
{
	struct request *r = calloc(1, sizeof *r);

	if (r == NULL)
		return MHD_NO;
	r->portal = s->portal;
	r->connection = c;
	r->method = method;
	r->path = url;
	r->body.max_bytes = FORM_MAX_BYTES;
	atomic_fetch_add(&s->requests_open, 1);
	*slot = r;
	return MHD_YES;
}

static enum MHD_Result
request_body(struct request *r, const char *bytes, size_t *len)
{
	text_add(&r->body, bytes, *len);
	r->body_seen += *len;
	*len = 0;
	return r->body_seen <= SWALLOW_MAX_BYTES ? MHD_YES : MHD_NO;
}

static bool
is_form(struct MHD_Connection *c)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *type = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Type");

	return type != NULL && strncasecmp(type, form, sizeof form - 1) == 0 &&
	       (type[sizeof form - 1] == '\0' || strchr("; ", type[sizeof form - 1]) != NULL);
}

static enum MHD_Result
request_run(struct request *r)
{
	if (r->body.failed)
		return reply_message(r, MSG_TOO_LARGE);
	if (!utf8_valid(r->path, strlen(r->path)))
		return reply_message(r, MSG_BAD_REQUEST);
	if (strcmp(r->method, "POST") == 0 && r->body.len > 0) {
		if (!is_form(r->connection))
			return reply_message(r, MSG_FORM_ONLY);
		if (!request_parse_form(r))
			return reply_message(r, MSG_BAD_REQUEST);
	}
	return pages_run(r);
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_len, void **slot)
{
	(void)version;
	if (*slot == NULL)
		return request_begin(arg, c, method, url, slot);
	if (*upload_len != 0)
		return request_body(*slot, upload, upload_len);
	return request_run(*slot);
}

static void
on_completed(void *arg, struct MHD_Connection *c, void **slot, enum MHD_RequestTerminationCode code)
{
	struct server *s = arg;
	struct request *r = *slot;

	(void)c;
	(void)code;
	if (r == NULL)
		return;
	text_free(&r->body);
	free(r);
	*slot = NULL;
	atomic_fetch_sub(&s->requests_open, 1);
}

/* ---- connections ---- */

static void
connection_unlist(struct server *s, struct connection *k)
{
	if (!k->listed)
		return;
	TAILQ_REMOVE(&s->connections, k, entry);
	k->listed = false;
	s->connection_count--;
}

static void
connection_opened(struct server *s, struct MHD_Connection *c, void **slot)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *k = calloc(1, sizeof *k);

	*slot = k;
	if (k == NULL || info == NULL)
		return;
	k->fd = info->connect_fd;
	k->listed = true;
	TAILQ_INSERT_TAIL(&s->connections, k, entry);
	if (++s->connection_count > CONNECTIONS_MAX) {
		struct connection *oldest = TAILQ_FIRST(&s->connections);

		/* the library sees the end of the stream and closes it */
		shutdown(oldest->fd, SHUT_RDWR);
		connection_unlist(s, oldest);
	}
}

static void
on_connection(
    void *arg, struct MHD_Connection *c, void **slot, enum MHD_ConnectionNotificationCode code)
{
	struct server *s = arg;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_opened(s, c, slot);
	} else if (*slot != NULL) {
		connection_unlist(s, *slot);
		free(*slot);
		*slot = NULL;
	}
}

/* ---- start and stop ---- */

static int
listen_open(const char *address, const char *port)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	struct addrinfo *ai;
	int one = 1;
	int fd;

	if (getaddrinfo(address, port, &hints, &ai) != 0) {
		fprintf(stderr,
		    "portal: --address %s: not an IP address such as 127.0.0.1 or ::1\n", address);
		return -1;
	}
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
			   bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, 511) != 0)) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		fprintf(stderr, "portal: listening on %s port %s: %s\n", address, port,
		    strerror(errno));
	freeaddrinfo(ai);
	return fd;
}

struct server *
server_start(struct portal *p, const char *address, const char *port)
{
	struct server *s = calloc(1, sizeof *s);

	if (s == NULL || (s->listen_fd = listen_open(address, port)) < 0) {
		free(s);
		return NULL;
	}
	s->portal = p;
	TAILQ_INIT(&s->connections);
	s->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL,
	    on_request, s, MHD_OPTION_LISTEN_SOCKET, s->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
	    CONNECTIONS_MAX + 64u, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_IDLE_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
	    on_connection, s, MHD_OPTION_END);
	if (s->daemon == NULL) {
		fprintf(stderr, "portal: the HTTP server does not start\n");
		close(s->listen_fd);
		free(s);
		return NULL;
	}
	return s;
}

int
server_port(const struct server *s)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof a;

	if (getsockname(s->listen_fd, (struct sockaddr *)&a, &len) != 0)
		return 0;
	return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
					     : ((struct sockaddr_in *)&a)->sin_port);
}

void
server_stop(struct server *s)
{
	const struct timespec turn = {.tv_nsec = 10 * 1000 * 1000};
	MHD_socket fd = MHD_quiesce_daemon(s->daemon);

	for (int ms = 0; atomic_load(&s->requests_open) > 0 && ms < DRAIN_MAX_MS; ms += 10)
		nanosleep(&turn, NULL);
	MHD_stop_daemon(s->daemon);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
	free(s);
}
