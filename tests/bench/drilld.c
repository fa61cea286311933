#include "tests/bench/drilld.h"
#include "base/json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX_BYTES = 1024 * 1024, LOG_LINES = 5 };

__attribute__((noreturn)) static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench: drilld: %s: %s\n", what, why);
	exit(1);
}

/* ---- the process ---- */

__attribute__((noreturn)) static void
become(const char *dir, const char *scenario, const char *challenges, int out)
{
	char data[256], path[256];
	int log_fd;

	snprintf(data, sizeof data, "%s/data", dir);
	snprintf(path, sizeof path, "%s/log", dir);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	dup2(out, STDOUT_FILENO);
	dup2(log_fd, STDERR_FILENO);
	execl("build/drilld", "drilld", "--data", data, "--scenario", scenario, "--challenges",
	    challenges, "--listen", "127.0.0.1:0", (char *)NULL);
	_exit(127);
}

static void
show_log(const char *dir)
{
	char path[256], line[512];
	int lines = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/log", dir);
	if ((f = fopen(path, "re")) == NULL)
		return;
	while (lines++ < LOG_LINES && fgets(line, sizeof line, f) != NULL)
		fputs(line, stderr);
	fclose(f);
}

/* What it prints first: the password, then the address. */
static void
read_greeting(struct drilld *d, const char *dir, FILE *from)
{
	char line[256];

	while (fgets(line, sizeof line, from) != NULL) {
		sscanf(line, "admin password: %63s", d->password);
		if (sscanf(line, "listening on http://127.0.0.1:%d", &d->port) == 1)
			return;
	}
	show_log(dir);
	die("start", "it said why in its log");
}

void
drilld_start(struct drilld *d, const char *dir, const char *scenario, const char *challenges)
{
	int ends[2];
	FILE *from;

	*d = (struct drilld){0};
	if (pipe2(ends, O_CLOEXEC) != 0 || (d->pid = fork()) < 0)
		die("fork", strerror(errno));
	if (d->pid == 0)
		become(dir, scenario, challenges, ends[1]);
	close(ends[1]);
	if ((from = fdopen(ends[0], "r")) == NULL)
		die("fdopen", strerror(errno));
	read_greeting(d, dir, from);
	fclose(from); /* it says no more there */
}

void
drilld_kill(struct drilld *d)
{
	kill(d->pid, SIGKILL);
	waitpid(d->pid, NULL, 0);
}

long
process_rss_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		die(path, strerror(errno));
	while (kib < 0 && fgets(line, sizeof line, f) != NULL)
		sscanf(line, "VmRSS: %ld", &kib);
	fclose(f);
	return kib;
}

/* ---- requests, one at a time ---- */

int
drilld_connect(const struct drilld *d)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)d->port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		die("connect", strerror(errno));
	return fd;
}

/* Head and body, until the server closes. */
static void
exchange(const struct drilld *d, const char *path, const char *body, struct buf *out)
{
	char head[1024], bytes[4096];
	int fd = drilld_connect(d);
	ssize_t n;

	snprintf(head, sizeof head,
	    "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
	    "application/json\r\nCookie: %s\r\nX-CSRF-Token: %s\r\nContent-Length: %zu\r\n\r\n",
	    path, d->cookie, d->csrf, strlen(body));
	if (send(fd, head, strlen(head), MSG_NOSIGNAL) < 0 ||
	    send(fd, body, strlen(body), MSG_NOSIGNAL) < 0)
		die(path, strerror(errno));
	while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0)
		buf_put(out, bytes, (size_t)n);
	close(fd);
	if (n < 0 || buf_err(out) != ERR_OK || out->len == 0)
		die(path, "no answer");
	if (strncmp(out->data, "HTTP/1.1 2", 10) != 0)
		die(path, out->data);
}

void
drilld_post(const struct drilld *d, const char *path, const char *body, struct buf *out)
{
	const char *end;

	buf_reset(out);
	exchange(d, path, body, out);
	if ((end = strstr(out->data, "\r\n\r\n")) == NULL)
		die(path, "an answer without a head");
	buf_shift(out, (size_t)(end + 4 - out->data));
}

void
drilld_member(const struct buf *answer, const char *key, char *out, size_t size)
{
	struct json_t *j;
	const char *text;
	struct why why;
	size_t len;

	if (jr_parse(answer->data, answer->len, &j, &why) != ERR_OK)
		die(key, why.text);
	if (!jr_is_string(jr_get(j, key)))
		die(key, "not in the answer");
	text = jr_string(jr_get(j, key), &len);
	snprintf(out, size, "%.*s", (int)len, text);
	jr_free(j);
}

void
drilld_sign_in(struct drilld *d)
{
	const char *cookie;
	struct buf out;
	char body[128];

	buf_init(&out, ANSWER_MAX_BYTES);
	snprintf(body, sizeof body, "{\"account\":\"admin\",\"password\":\"%s\"}", d->password);
	exchange(d, "/api/v1/session", body, &out);
	if ((cookie = strstr(out.data, "Set-Cookie: ")) == NULL)
		die("session", "no cookie");
	sscanf(cookie, "Set-Cookie: %255[^;]", d->cookie);
	buf_shift(&out, (size_t)(strstr(out.data, "\r\n\r\n") + 4 - out.data));
	drilld_member(&out, "csrf", d->csrf, sizeof d->csrf);
	buf_free(&out);
}
