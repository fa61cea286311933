/*
 * A relay on loopback for the tests of mail: a thread for each connection. What it does with a mail is told by the
 * beginning of the address that it is for:
 *   ok      takes it                              no      550 to the address
 *   wait    451 to the address                    once    451 to the first attempt of all, takes the next
 *   full    452 after the text                    bad     554 after the text
 *   cut     closes after the text                 hang    answers the address never
 *   leave   takes it, but never answers QUIT      shout   550 with an answer of 3000 bytes and control characters
 */
#ifndef TESTS_UNIT_NET_SMTP_PEER_H
#define TESTS_UNIT_NET_SMTP_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PEER_ARCHIVE_BYTES (8 * 1024 * 1024)

struct smtp_peer {
	int fd, port;
	pthread_t thread;
	atomic_bool stop;
	const char *greeting; /* NULL: silent; "": closes at once */
	atomic_int connections, open, most_open, taken, attempts;
	pthread_mutex_t lock;
	char *archive; /* the texts of all mails that were taken */
	size_t archive_len;
};

struct smtp_talk {
	struct smtp_peer *peer;
	int fd;
	char to[300];
	char *text;
	size_t text_len;
	bool in_text;
};

static inline void
peer_say(const struct smtp_talk *t, const char *line)
{
	char out[4096];
	int n = snprintf(out, sizeof out, "%s\r\n", line);

	(void)!send(t->fd, out, (size_t)n, MSG_NOSIGNAL);
}

static inline bool
peer_for(const struct smtp_talk *t, const char *what)
{
	return strncmp(t->to, what, strlen(what)) == 0;
}

static inline void
peer_address(struct smtp_talk *t, const char *line)
{
	char loud[3100];
	bool first = false;

	snprintf(
	    t->to, sizeof t->to, "%.290s", strchr(line, '<') != NULL ? strchr(line, '<') + 1 : "");
	if (peer_for(t, "once"))
		first = atomic_fetch_add(&t->peer->attempts, 1) == 0;
	if (peer_for(t, "shout")) {
		memset(loud, 'a', 3000);
		memcpy(loud, "550 \x1b[2J\xff\xc2\x9b", 11);
		loud[3000] = '\0';
		peer_say(t, loud);
	} else if (peer_for(t, "no")) {
		peer_say(t, "550 5.1.1 no such user");
	} else if (peer_for(t, "wait") || first) {
		peer_say(t, "451 4.7.1 come again");
	} else if (!peer_for(t, "hang")) {
		peer_say(t, "250 ok");
	}
}

static inline void
peer_keep(struct smtp_talk *t)
{
	struct smtp_peer *p = t->peer;

	pthread_mutex_lock(&p->lock);
	if (p->archive_len + t->text_len < PEER_ARCHIVE_BYTES) {
		memcpy(p->archive + p->archive_len, t->text, t->text_len);
		p->archive_len += t->text_len;
	}
	pthread_mutex_unlock(&p->lock);
	atomic_fetch_add(&p->taken, 1);
}

/* False: the connection is over. */
static inline bool
peer_text(struct smtp_talk *t, const char *line)
{
	size_t len = strlen(line);

	if (strcmp(line, ".") != 0) {
		if (t->text_len + len + 2 < 300 * 1024) {
			memcpy(t->text + t->text_len, line, len);
			t->text[t->text_len + len] = '\n';
			t->text_len += len + 1;
		}
		return true;
	}
	t->in_text = false;
	if (peer_for(t, "cut"))
		return false;
	if (peer_for(t, "full")) {
		peer_say(t, "452 no room");
	} else if (peer_for(t, "bad")) {
		peer_say(t, "554 looks like spam");
	} else {
		peer_keep(t);
		peer_say(t, "250 kept");
	}
	return true;
}

static inline bool
peer_line(struct smtp_talk *t, const char *line)
{
	if (t->in_text)
		return peer_text(t, line);
	if (strncmp(line, "EHLO", 4) == 0) {
		peer_say(t, "250 peer");
	} else if (strncmp(line, "MAIL", 4) == 0) {
		peer_say(t, "250 ok");
	} else if (strncmp(line, "RCPT", 4) == 0) {
		peer_address(t, line);
	} else if (strncmp(line, "DATA", 4) == 0) {
		t->in_text = true;
		t->text_len = 0;
		peer_say(t, "354 go on");
	} else if (strncmp(line, "QUIT", 4) == 0) {
		if (peer_for(t, "leave"))
			return true;
		peer_say(t, "221 bye");
		return false;
	} else {
		peer_say(t, "500 what?");
	}
	return true;
}

static inline void
peer_talk(struct smtp_talk *t)
{
	char in[8192];
	size_t len = 0;
	char *end;

	if (t->peer->greeting != NULL)
		peer_say(t, t->peer->greeting);
	while (!atomic_load(&t->peer->stop)) {
		ssize_t n = recv(t->fd, in + len, sizeof in - 1 - len, 0);

		if (n == 0)
			return;
		len += n > 0 ? (size_t)n : 0;
		in[len] = '\0';
		while ((end = strstr(in, "\r\n")) != NULL) {
			*end = '\0';
			if (!peer_line(t, in))
				return;
			len -= (size_t)(end + 2 - in);
			memmove(in, end + 2, len + 1);
		}
	}
}

static inline void *
peer_connection(void *arg)
{
	struct smtp_talk *t = arg;
	struct smtp_peer *p = t->peer;
	struct timeval tv = {.tv_usec = 50000};
	int open = atomic_fetch_add(&p->open, 1) + 1;

	if (open > atomic_load(&p->most_open))
		atomic_store(&p->most_open, open);
	setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	t->text = malloc(300 * 1024);
	if (p->greeting == NULL || p->greeting[0] != '\0')
		peer_talk(t);
	close(t->fd);
	free(t->text);
	free(t);
	atomic_fetch_sub(&p->open, 1); /* last: peer_close waits for it */
	return NULL;
}

static inline void *
peer_run(void *arg)
{
	struct smtp_peer *p = arg;
	pthread_attr_t detached;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	while (!atomic_load(&p->stop)) {
		int fd = accept(p->fd, NULL, NULL);
		struct smtp_talk *t;
		pthread_t thread;

		if (fd < 0)
			continue;
		atomic_fetch_add(&p->connections, 1);
		t = calloc(1, sizeof *t);
		*t = (struct smtp_talk){.peer = p, .fd = fd};
		if (pthread_create(&thread, &detached, peer_connection, t) != 0)
			abort();
	}
	pthread_attr_destroy(&detached);
	return NULL;
}

static inline void
peer_open(struct smtp_peer *p)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct timeval tv = {.tv_usec = 50000};
	socklen_t len = sizeof a;

	*p = (struct smtp_peer){.greeting = "220 peer"};
	p->archive = calloc(1, PEER_ARCHIVE_BYTES);
	pthread_mutex_init(&p->lock, NULL);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(p->fd, 128), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &len), 0);
	setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv); /* of accept */
	p->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, peer_run, p), 0);
}

static inline void
peer_close(struct smtp_peer *p)
{
	atomic_store(&p->stop, true);
	pthread_join(p->thread, NULL);
	while (atomic_load(&p->open) > 0)
		usleep(1000);
	close(p->fd);
	pthread_mutex_destroy(&p->lock);
	free(p->archive);
}

#endif
