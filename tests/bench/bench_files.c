/*
 * Attachments: a server of the project's own parts (net/, api/upload.c, store/blobs.c) in a child process, a
 * client on one connection of loopback.
 *
 * upload: MiB/s of files of 20 MiB, checked, hashed and durable before each answer; the reference writes the
 * same bytes into a new file, syncs it, renames it and syncs the directory. download: MiB/s of the same files
 * from the disk (not from its cache); the reference reads them with read(2). files_rss: by how much the
 * server's peak (VmHWM) is higher after a file of 256 MiB went up and down than after one of 1 MiB; the
 * reference is the 1 MiB that it may be. Medians of alternating repetitions.
 */
#include "api/upload.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/http.h"
#include "tests/bench/bare.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1024 * 1024)

enum { FILE_MIB = 20, FILES = 5, REPEATS = 5, LARGE_MIB = 256, RSS_LIMIT_KIB = 1024 };

static char scratch[128], chunk[MIB];

static void
die(const char *what)
{
	fprintf(stderr, "bench_files: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- the server ---- */

static struct {
	struct loop *loop;
	struct http_server *http;
	struct blobs *blobs;
	struct uploads *uploads;
} server;

static void
on_taken(void *ctx, size_t len)
{
	http_taken(server.http, ctx, len);
}

static void
on_done(void *ctx, enum err e, const struct upload_file *f, const struct why *why)
{
	struct http_answer a = {.status = e == ERR_OK ? 200 : 500,
	    .body = e == ERR_OK ? f->blob.hash : why->text,
	    .body_len = strlen(e == ERR_OK ? f->blob.hash : why->text)};

	http_respond(server.http, ctx, &a);
}

static enum err
on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	struct upload_options o = {.name = "capture.log",
	    .type = "",
	    .max_bytes = (uint64_t)LARGE_MIB * MIB,
	    .taken = on_taken,
	    .done = on_done,
	    .ctx = x};
	struct upload *up;
	struct why why;

	(void)ctx;
	if (strcmp(x->method, "POST") != 0)
		return ERR_OK;
	if (upload_begin(server.uploads, &o, &up, &why) != ERR_OK)
		abort();
	x->owner = up;
	x->streamed = true;
	*body_max = o.max_bytes;
	return ERR_OK;
}

static void
on_body(void *ctx, struct http_exchange *x, const char *data, size_t len)
{
	(void)ctx;
	upload_add(x->owner, data, len);
}

static void
on_request(void *ctx, struct http_exchange *x)
{
	struct http_file f;
	struct why why;

	(void)ctx;
	if (x->owner != NULL) {
		upload_end(x->owner);
		return;
	}
	if (blob_open(server.blobs, x->path + 1, &f.fd, &f.bytes, &why) != ERR_OK)
		abort();
	http_respond(server.http, x, &(struct http_answer){.status = 200, .file = &f});
}

static void
on_gone(void *ctx, struct http_exchange *x)
{
	(void)ctx;
	(void)x; /* the benchmark is over */
}

/* In the child: tells its port, and runs until it is killed. */
static void
serve(int tell)
{
	struct http_options o = {.address = "127.0.0.1",
	    .connections_max = 10,
	    .idle_seconds = 60,
	    .handler = {.on_head = on_head,
		.on_body = on_body,
		.on_request = on_request,
		.on_gone = on_gone}};
	struct why why = {""};
	int port;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (loop_open(&server.loop, &why) != ERR_OK ||
	    blobs_open(scratch, 0, &server.blobs, &why) != ERR_OK ||
	    http_open(server.loop, &o, &server.http, &why) != ERR_OK)
		die(why.text);
	server.uploads = uploads_new(server.loop, server.blobs);
	port = http_port(server.http);
	if (write(tell, &port, sizeof port) != sizeof port)
		die("pipe");
	loop_run(server.loop);
}

static pid_t
start(int *port)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) != 0)
		die("pipe");
	if ((pid = fork()) < 0)
		die("fork");
	if (pid == 0)
		serve(fds[1]);
	if (read(fds[0], port, sizeof *port) != sizeof *port)
		die("the server");
	close(fds[0]);
	close(fds[1]);
	return pid;
}

/* ---- the client ---- */

static int
dial(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		die("connect");
	return fd;
}

static void
put(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			die("write");
		data += n;
		len -= (size_t)n;
	}
}

/* An answer's head into head, and what has come of its body with it; returns how much that is. */
static size_t
read_head(int fd, char *head, size_t size, const char **body)
{
	size_t len = 0;
	char *end = NULL;

	while (end == NULL && len < size - 1) {
		ssize_t n = read(fd, head + len, size - 1 - len);

		if (n <= 0)
			die("no answer");
		len += (size_t)n;
		head[len] = '\0';
		end = strstr(head, "\r\n\r\n");
	}
	if (end == NULL || strncmp(head, "HTTP/1.1 200", 12) != 0)
		die(head);
	*body = end + 4;
	return len - (size_t)(*body - head);
}

/* Each file has another first line, so that none is there already. */
static void
upload(int fd, int mib, unsigned serial, char hash[SHA256_HEX_BYTES])
{
	char head[4096], first[32];
	const char *body;
	size_t got;

	put(fd, head,
	    (size_t)snprintf(head, sizeof head,
		"POST /files HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", mib * MIB));
	snprintf(first, sizeof first, "%31u", serial);
	memcpy(chunk, first, sizeof first - 1);
	for (int i = 0; i < mib; i++)
		put(fd, chunk, sizeof chunk);
	got = read_head(fd, head, sizeof head, &body);
	if (got != SHA256_HEX_BYTES - 1)
		die("the answer is no hash");
	memcpy(hash, body, got);
	hash[got] = '\0';
}

static void
download(int fd, int mib, const char *hash)
{
	static char buf[256 * 1024];
	char head[4096];
	const char *body;
	size_t left = (size_t)mib * MIB;

	put(fd, head,
	    (size_t)snprintf(head, sizeof head, "GET /%s HTTP/1.1\r\nHost: h\r\n\r\n", hash));
	left -= read_head(fd, head, sizeof head, &body);
	while (left > 0) {
		ssize_t n = read(fd, buf, sizeof buf);

		if (n <= 0)
			die("the file ends early");
		left -= (size_t)n;
	}
}

/* ---- the disk alone ---- */

/* Under a new name each time, as ours: giving back an old file's blocks would be on top. */
static void
raw_name(int n, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/raw.%d", scratch, n);
}

static void
raw_write(int n, int mib)
{
	char draft[PATH_MAX], name[PATH_MAX];
	int fd, dir;

	snprintf(draft, sizeof draft, "%s/raw", scratch);
	raw_name(n, name);
	if ((fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0 ||
	    (dir = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		die(draft);
	for (int i = 0; i < mib; i++)
		put(fd, chunk, sizeof chunk);
	if (fsync(fd) != 0 || rename(draft, name) != 0 || fsync(dir) != 0)
		die(draft);
	close(fd);
	close(dir);
}

static int
open_blob(const char *hash)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s/blobs/%.2s/%s", scratch, hash, hash);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		die(path);
	return fd;
}

static void
forget(const char *hash)
{
	int fd = open_blob(hash);

	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
}

static void
raw_read(const char *hash)
{
	static char buf[256 * 1024];
	int fd = open_blob(hash);

	while (read(fd, buf, sizeof buf) > 0)
		;
	close(fd);
}

/* ---- figures ---- */

static char hashes[FILES][SHA256_HEX_BYTES];
static unsigned serial;

static double
rate(int64_t began_ns)
{
	return (double)FILES * FILE_MIB * 1e9 / (double)(time_mono_ns() - began_ns);
}

static double
upload_once(int fd)
{
	int64_t began = time_mono_ns();

	for (int i = 0; i < FILES; i++)
		upload(fd, FILE_MIB, serial++, hashes[i]);
	return rate(began);
}

static double
raw_write_once(int fd)
{
	char name[PATH_MAX];
	int64_t began = time_mono_ns();
	double mib_a_second;

	(void)fd;
	for (int i = 0; i < FILES; i++)
		raw_write(i, FILE_MIB);
	mib_a_second = rate(began);
	for (int i = 0; i < FILES; i++) {
		raw_name(i, name);
		unlink(name);
	}
	return mib_a_second;
}

static double
download_once(int fd)
{
	int64_t began;

	for (int i = 0; i < FILES; i++)
		forget(hashes[i]);
	began = time_mono_ns();
	for (int i = 0; i < FILES; i++)
		download(fd, FILE_MIB, hashes[i]);
	return rate(began);
}

static double
raw_read_once(int fd)
{
	int64_t began;

	(void)fd;
	for (int i = 0; i < FILES; i++)
		forget(hashes[i]);
	began = time_mono_ns();
	for (int i = 0; i < FILES; i++)
		raw_read(hashes[i]);
	return rate(began);
}

static void
figure(const char *name, int fd, double (*ours)(int fd), double (*raw)(int fd))
{
	double value[REPEATS], reference[REPEATS];

	for (int i = 0; i < REPEATS; i++) {
		value[i] = ours(fd);
		reference[i] = raw(fd);
	}
	printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"MiB/s\",\"reference\":%.0f,"
	       "\"ratio\":%.3f,\"file_mib\":%d,\"files\":%d}\n",
	    name, median(value, REPEATS), median(reference, REPEATS),
	    median(value, REPEATS) / median(reference, REPEATS), FILE_MIB, FILES);
	fflush(stdout);
}

/* The highest that the server's memory has been since the last call. */
static long
peak_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		die(path);
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = atol(line + 6);
	fclose(f);
	snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)pid);
	if ((f = fopen(path, "we")) == NULL || fputs("5", f) < 0 || fclose(f) != 0)
		die(path);
	return kib;
}

static long
peak_of(pid_t pid, int fd, int mib)
{
	char hash[SHA256_HEX_BYTES];

	peak_kib(pid);
	upload(fd, mib, serial++, hash);
	download(fd, mib, hash);
	return peak_kib(pid);
}

static void
figure_rss(pid_t pid, int fd)
{
	long small, large;

	peak_of(pid, fd, 1); /* what is allocated once */
	small = peak_of(pid, fd, 1);
	large = peak_of(pid, fd, LARGE_MIB);
	printf("{\"bench\":\"files_rss\",\"value\":%ld,\"unit\":\"KiB\",\"reference\":%d,"
	       "\"ratio\":%.3f,\"small_mib\":1,\"small_kib\":%ld,\"large_mib\":%d,\"large_kib\":%"
	       "ld}\n",
	    large - small, RSS_LIMIT_KIB, (double)(large - small) / RSS_LIMIT_KIB, small, LARGE_MIB,
	    large);
}

static bool
is_wanted(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

int
main(int argc, char **argv)
{
	int port, fd;
	pid_t pid;

	scratch_make(scratch, sizeof scratch);
	for (size_t i = 0; i < sizeof chunk; i++)
		chunk[i] = (char)(i % 80 == 79 ? '\n' : 'a' + i % 26);
	pid = start(&port);
	fd = dial(port);
	if (is_wanted(argc, argv, "upload"))
		figure("upload", fd, upload_once, raw_write_once);
	if (is_wanted(argc, argv, "download")) {
		upload_once(fd);
		figure("download", fd, download_once, raw_read_once);
	}
	if (is_wanted(argc, argv, "files_rss"))
		figure_rss(pid, fd);
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	scratch_remove(scratch);
	return 0;
}
