/* Bodies that come in piece by piece and answers that are files, by HTTP/1.1, plain and TLS, and HTTP/2. */
#include "tls_rig.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define BODY_MAX (6 * 1024 * 1024)
#define TAKE_LATER_MS 10
#define HOLD_MS 3500       /* a sweep after its limit of 2 s, before this */
#define PIECE (128 * 1024) /* a file is read by */

/* What the handler has seen; written on the loop's thread, read when the exchange is over. */
static struct {
	struct http_exchange *x;
	size_t received, untaken, most;
	atomic_int pieces;
	uint64_t announced;
	bool armed, whole;
	int64_t hold_until_ms;
	const char *file;
	uint64_t file_bytes;
} seen;

static void
on_take(void *ctx)
{
	struct rig *r = ctx;
	size_t len = seen.untaken;

	seen.armed = false;
	seen.untaken = 0;
	if (seen.x != NULL)
		http_taken(r->server, seen.x, len);
}

static enum err
on_head(void *ctx, struct http_exchange *x, size_t *body_max)
{
	struct rig *r = ctx;

	r->heads++;
	if (strcmp(x->path, "/early") == 0) {
		rig_text(r, x, 403, "early", 5);
		return ERR_FORBIDDEN;
	}
	*body_max = BODY_MAX;
	x->streamed = true;
	seen.x = x;
	seen.received = seen.untaken = seen.most = 0;
	seen.announced = x->announced;
	seen.pieces = 0;
	seen.whole = true;
	seen.hold_until_ms = strcmp(x->path, "/hold") == 0 ? loop_now_ms(r->loop) + HOLD_MS : 0;
	return ERR_OK;
}

static void
on_body(void *ctx, struct http_exchange *x, const char *data, size_t len)
{
	struct rig *r = ctx;

	seen.pieces++;
	seen.whole = seen.whole && seen.received + len <= BIG_BYTES &&
		     memcmp(r->big + seen.received, data, len) == 0;
	seen.received += len;
	seen.untaken += len;
	if (seen.untaken > seen.most)
		seen.most = seen.untaken;
	if (strcmp(x->path, "/refuse") == 0) {
		seen.x = NULL;
		rig_text(r, x, 409, "no", 2);
	} else if (strcmp(x->path, "/now") == 0) {
		on_take(r);
	} else if (!seen.armed) {
		int64_t later = loop_now_ms(r->loop) + TAKE_LATER_MS;

		seen.armed = true;
		timer_at(r->timer, seen.hold_until_ms > later ? seen.hold_until_ms : later);
	}
}

static void
answer_file(struct rig *r, struct http_exchange *x)
{
	struct http_file f = {open(seen.file, O_RDONLY | O_CLOEXEC), seen.file_bytes};
	struct http_answer a = {
	    .status = 200, .content_type = "application/octet-stream", .file = &f, .sandbox = true};

	assert_true(f.fd >= 0);
	http_respond(r->server, x, &a);
}

static void
on_request(void *ctx, struct http_exchange *x)
{
	struct rig *r = ctx;
	char text[64];

	r->requests++;
	seen.x = NULL;
	if (strcmp(x->path, "/file") == 0)
		answer_file(r, x);
	else
		rig_text(r, x, 200, text,
		    (size_t)snprintf(text, sizeof text, "%zu %s", seen.received,
			seen.whole ? "whole" : "broken"));
}

static void
on_gone(void *ctx, struct http_exchange *x)
{
	struct rig *r = ctx;

	(void)x;
	seen.x = NULL;
	r->gone++;
}

static struct rig *
start(bool tls, int idle_seconds)
{
	struct rig *r = rig_new();

	memset(&seen, 0, sizeof seen);
	r->on_timer = on_take;
	r->options.idle_seconds = idle_seconds;
	r->options.handler = (struct http_handler){.on_head = on_head,
	    .on_body = on_body,
	    .on_request = on_request,
	    .on_gone = on_gone,
	    .ctx = r};
	if (tls) {
		r->options.tls_cert = cert_file;
		r->options.tls_key = key_file;
	}
	rig_start(r);
	return r;
}

/* The three ways a body comes in. */
static const struct {
	bool tls;
	long version;
} ways[] = {
    {false, CURL_HTTP_VERSION_1_1}, {true, CURL_HTTP_VERSION_1_1}, {true, CURL_HTTP_VERSION_2TLS}};

#define WAYS (sizeof ways / sizeof ways[0])

/* ---- bodies ---- */

struct source {
	const char *data;
	size_t left;
};

static size_t
on_more(char *to, size_t one, size_t n, void *arg)
{
	struct source *s = arg;
	size_t len = one * n < s->left ? one * n : s->left;

	memcpy(to, s->data, len);
	s->data += len;
	s->left -= len;
	return len;
}

/* Without its length: chunked in HTTP/1.1. */
static struct reply *
send_unannounced(struct rig *r, const char *path, long version, size_t len)
{
	struct reply *p = prepare(r, path, version);
	char *body = mem_resize(NULL, len + 1, 1);
	struct source s = {body, len};

	for (size_t i = 0; i < len; i++)
		body[i] = (char)('a' + i % 26);
	curl_easy_setopt(p->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(p->curl, CURLOPT_READFUNCTION, on_more);
	curl_easy_setopt(p->curl, CURLOPT_READDATA, &s);
	header(p, "Transfer-Encoding: chunked");
	header(p, "Expect:");
	perform(p);
	free(body);
	return p;
}

static struct reply *
send_announced(struct rig *r, const char *path, long version, const char *body, size_t len)
{
	struct reply *p = prepare(r, path, version);

	curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE, (long)len);
	curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, body);
	header(p, "Expect:");
	perform(p);
	return p;
}

static void
expect_whole(struct reply *p)
{
	assert_int_equal(p->code, CURLE_OK);
	assert_int_equal(p->status, 200);
	assert_string_equal(p->body.data, "5242880 whole");
	drop(p);
}

static void
pieces_arrive_in_order_and_the_client_is_held_back(void **state)
{
	static const char *const paths[] = {"/now", "/later"};

	(void)state;
	for (size_t i = 0; i < 2 * WAYS; i++) {
		struct rig *r = start(ways[i / 2].tls, 2);
		const char *path = paths[i % 2];

		expect_whole(send_announced(r, path, ways[i / 2].version, r->big, BIG_BYTES));
		assert_int_equal(seen.announced, BIG_BYTES);
		assert_in_range(seen.most, 1, HTTP_BODY_AHEAD_BYTES);
		if (i % 2 == 1)
			assert_in_range(seen.most, 100 * 1024, HTTP_BODY_AHEAD_BYTES);
		expect_whole(send_unannounced(r, path, ways[i / 2].version, BIG_BYTES));
		assert_true(seen.announced == HTTP_LENGTH_UNKNOWN);
		assert_in_range(seen.most, 1, HTTP_BODY_AHEAD_BYTES);
		assert_int_equal(r->requests, 2);
		assert_int_equal(r->gone, 0);
		rig_stop(r);
	}
}

static void
a_body_that_is_not_there_is_a_request_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 2);
		struct reply *p = send_announced(r, "/now", ways[i].version, "", 0);

		assert_string_equal(p->body.data, "0 whole");
		assert_int_equal(seen.pieces, 0);
		drop(p);
		rig_stop(r);
	}
}

static void
one_byte_too_many_is_refused_and_the_refusal_arrives(void **state)
{
	char *body = mem_alloc(BODY_MAX + 1);

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 2);
		struct reply *p = send_announced(r, "/now", ways[i].version, body, BODY_MAX + 1);

		assert_int_equal(p->status, 413);
		assert_has(p->body.data, "at most 6291456 bytes");
		assert_int_equal(seen.pieces, 0); /* its length alone was enough */
		drop(p);
		p = send_unannounced(r, "/now", ways[i].version, BODY_MAX + 1);
		assert_int_equal(p->status, 413);
		assert_in_range(seen.received, BODY_MAX - HTTP_BODY_AHEAD_BYTES, BODY_MAX);
		drop(p);
		assert_int_equal(r->gone, 2);
		assert_int_equal(r->requests, 0);
		rig_stop(r);
	}
	free(body);
}

static void
a_refusal_at_the_head_or_at_the_first_piece_arrives(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 2);
		struct reply *p;

		p = send_announced(r, "/early", ways[i].version, r->big, BIG_BYTES);
		assert_int_equal(p->status, 403);
		assert_string_equal(p->body.data, "early");
		drop(p);
		p = send_announced(r, "/refuse", ways[i].version, r->big, BIG_BYTES);
		assert_int_equal(p->status, 409);
		assert_string_equal(p->body.data, "no");
		assert_int_equal(seen.pieces, 1);
		drop(p);
		assert_int_equal(r->gone, 0);
		rig_stop(r);
	}
}

/* Its connection is closed at the end, but not before a slow sender has had time to look. */
static void
who_goes_on_sending_after_a_refusal_is_read_out(void **state)
{
	struct rig *r = start(false, 2);
	int fd = dial(r->port);
	char *a;

	(void)state;
	put(fd, "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
	for (int i = 0; i < 50; i++) {
		put_bytes(fd, r->big, 1000);
		poll(NULL, 0, 100); /* five seconds: longer than it waits for a byte */
	}
	a = read_all(fd, NULL);
	assert_status(a, 403);
	assert_has(a, "Connection: close");
	assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1); /* no reset yet */
	free(a);
	close(fd);
	rig_stop(r);
}

static void
a_request_is_told_to_go_on_only_if_its_body_is_wanted(void **state)
{
	struct rig *r = start(false, 2);
	int fd = dial(r->port);
	char *a;

	(void)state;
	put(fd, "POST /now HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
		"Content-Length: 3\r\n\r\n");
	a = read_answer(fd);
	assert_status(a, 100);
	free(a);
	put(fd, "abcPOST /early HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
		"Content-Length: 3\r\n\r\n");
	a = read_answer(fd);
	assert_status(a, 200);
	free(a);
	a = read_answer(fd);
	assert_status(a, 403);
	free(a);
	close(fd);
	rig_stop(r);
}

static void
a_client_that_leaves_in_the_middle_is_gone_once(void **state)
{
	struct rig *r = start(false, 2);
	int fd;

	(void)state;
	for (int i = 1; i <= 4; i++) {
		fd = dial(r->port);
		put(fd, "POST /later HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
		put_bytes(fd, r->big, i % 2 == 0 ? 100 : 500000);
		if (i <= 2)
			close(fd);
		else
			hang_up(fd);
		rig_await(&r->gone, i);
	}
	assert_int_equal(r->requests, 0);
	rig_stop(r);
}

/* ---- time ---- */

/* Both are let go while their connection still lives: 408 says why. */
static void
a_body_that_stands_still_or_trickles_is_given_up(void **state)
{
	struct rig *r = start(false, 1);
	int fd = dial(r->port), slow;
	char *a;

	(void)state;
	put(fd, "POST /now HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
	put_bytes(fd, r->big, 500000); /* its mean rate is good for half a minute */
	a = read_all(fd, NULL);
	assert_status(a, 408);
	free(a);
	assert_int_equal(r->gone, 1);
	slow = dial(r->port);
	put(slow, "POST /now HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
	for (int i = 0; i < 50 && r->gone == 1; i++) {
		put_bytes(slow, "a", 1); /* never still, but much too slow */
		poll(NULL, 0, 100);
	}
	assert_int_equal(r->gone, 2);
	a = read_all(slow, NULL);
	assert_status(a, 408);
	free(a);
	rig_await(&r->gone, 2);
	close(fd);
	close(slow);
	rig_stop(r);
}

static void
our_own_slowness_is_not_held_against_the_client(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 2);

		expect_whole(send_announced(r, "/hold", ways[i].version, r->big, BIG_BYTES));
		assert_int_equal(r->gone, 0);
		rig_stop(r);
	}
}

/* ---- files ---- */

static char file_name[] = "/tmp/drill-file-XXXXXX";

static unsigned
open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
write_file(struct rig *r, size_t len)
{
	int fd = open(file_name, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, r->big, len), len);
	close(fd);
	seen.file = file_name;
	seen.file_bytes = len;
}

static void
job_files(struct rig *r, void *ctx)
{
	*(unsigned *)ctx = http_files(r->server);
}

static unsigned
files_now(struct rig *r)
{
	unsigned n;

	rig_run(r, job_files, &n);
	return n;
}

static void
a_file_is_sent_whole_with_what_keeps_it_harmless(void **state)
{
	static const size_t sizes[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, BIG_BYTES};

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 2);
		unsigned before = open_descriptors();
		struct reply *p;

		for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
			write_file(r, sizes[k]);
			p = fetch(r, "/file", ways[i].version);
			assert_int_equal(p->status, 200);
			assert_int_equal(p->body.len, sizes[k]);
			assert_true(sizes[k] == 0 || memcmp(p->body.data, r->big, sizes[k]) == 0);
			assert_non_null(strcasestr(
			    p->head.data, "content-security-policy: sandbox; default-src 'none'"));
			assert_non_null(
			    strcasestr(p->head.data, "x-content-type-options: nosniff"));
			drop(p);
		}
		p = prepare(r, "/file", ways[i].version);
		curl_easy_setopt(p->curl, CURLOPT_NOBODY, 1L);
		perform(p);
		assert_int_equal(p->code, CURLE_OK);
		assert_non_null(strcasestr(p->head.data, "content-length: 5242880\r\n"));
		drop(p);
		assert_int_equal(files_now(r), 0);
		for (int wait = 0; wait < 1000 && open_descriptors() != before; wait++)
			poll(NULL, 0, 1); /* the connections go, too */
		assert_int_equal(open_descriptors(), before);
		rig_stop(r);
	}
}

static void
a_connection_goes_on_after_a_file(void **state)
{
	struct rig *r = start(false, 2);
	int fd = dial(r->port);
	char *a;

	(void)state;
	write_file(r, 1000000);
	put(fd, "GET /file HTTP/1.1\r\nHost: h\r\n\r\nGET /file HTTP/1.1\r\nHost: h\r\n\r\n"
		"GET /early HTTP/1.1\r\nHost: h\r\n\r\n");
	for (int i = 0; i < 2; i++) {
		a = read_answer(fd);
		assert_status(a, 200);
		assert_memory_equal(strstr(a, "\r\n\r\n") + 4, r->big, 1000000);
		free(a);
	}
	a = read_answer(fd);
	assert_status(a, 403);
	free(a);
	close(fd);
	rig_stop(r);
}

/* The length was promised: that the file has become shorter can only be told by cutting it off. */
static void
a_file_that_is_shorter_than_promised_is_cut_off(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 2);
		struct reply *p = prepare(r, "/file", ways[i].version);

		write_file(r, 300000);
		seen.file_bytes = 400000;
		perform(p);
		assert_int_not_equal(p->code, CURLE_OK);
		assert_int_equal(p->body.len, 300000);
		drop(p);
		p = fetch(r, "/early", ways[i].version);
		assert_int_equal(p->status, 403);
		drop(p);
		rig_stop(r);
	}
}

static void
who_does_not_fetch_a_file_is_dropped(void **state)
{
	static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
				    "\0\0\x06\x04\0\0\0\0\0"     /* SETTINGS */
				    "\0\x04\0\0\0\0"             /* INITIAL_WINDOW_SIZE 0 */
				    "\0\0\x0c\x01\x05\0\0\0\x01" /* HEADERS, a whole request */
				    "\x82\x87\x04\x05/file\x01\x01h";
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct rig *r = start(false, 1);
	int fd = dial(r->port), small = 4096;
	SSL *ssl;

	(void)state;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	write_file(r, BIG_BYTES);
	put(fd, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
	rig_await(&r->requests, 1);
	assert_int_equal(files_now(r), 1);
	for (int i = 0; i < 5000 && files_now(r) > 0; i++)
		poll(NULL, 0, 1);
	assert_int_equal(files_now(r), 0);
	close(fd);
	rig_stop(r);

	r = start(true, 1);
	write_file(r, BIG_BYTES);
	ssl = SSL_new(ctx);
	SSL_set_alpn_protos(ssl, (const uint8_t *)"\x02h2", 3);
	SSL_set_fd(ssl, dial(r->port));
	assert_int_equal(SSL_connect(ssl), 1);
	SSL_write(ssl, hello, sizeof hello - 1);
	rig_await(&r->requests, 1);
	assert_int_equal(files_now(r), 1);
	for (int i = 0; i < 5000 && files_now(r) > 0; i++)
		poll(NULL, 0, 1);
	assert_int_equal(files_now(r), 0);
	fd = SSL_get_fd(ssl);
	SSL_free(ssl);
	close(fd);
	SSL_CTX_free(ctx);
	rig_stop(r);
}

/* In the middle of a read or a write: rig_stop holds the loop to having nothing left. */
static void
who_leaves_while_a_file_is_sent_costs_nothing(void **state)
{
	struct rig *r = start(false, 2);

	(void)state;
	write_file(r, BIG_BYTES);
	for (int i = 0; i < 20; i++) {
		int fd = dial(r->port);
		char some[1000];

		put(fd, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
		if (i % 2 == 0)
			assert_true(recv(fd, some, sizeof some, 0) > 0);
		hang_up(fd);
	}
	rig_await(&r->requests, 20);
	for (int i = 0; i < 5000 && files_now(r) > 0; i++)
		poll(NULL, 0, 1);
	assert_int_equal(files_now(r), 0);
	rig_stop(r);
}

static int
make_files(void **state)
{
	int fd = mkstemp(file_name);

	if (fd < 0)
		return -1;
	close(fd);
	return make_certificate(state);
}

static int
remove_files(void **state)
{
	unlink(file_name);
	return remove_certificate(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_arrive_in_order_and_the_client_is_held_back),
	    cmocka_unit_test(a_body_that_is_not_there_is_a_request_at_once),
	    cmocka_unit_test(one_byte_too_many_is_refused_and_the_refusal_arrives),
	    cmocka_unit_test(a_refusal_at_the_head_or_at_the_first_piece_arrives),
	    cmocka_unit_test(who_goes_on_sending_after_a_refusal_is_read_out),
	    cmocka_unit_test(a_request_is_told_to_go_on_only_if_its_body_is_wanted),
	    cmocka_unit_test(a_client_that_leaves_in_the_middle_is_gone_once),
	    cmocka_unit_test(a_body_that_stands_still_or_trickles_is_given_up),
	    cmocka_unit_test(our_own_slowness_is_not_held_against_the_client),
	    cmocka_unit_test(a_file_is_sent_whole_with_what_keeps_it_harmless),
	    cmocka_unit_test(a_connection_goes_on_after_a_file),
	    cmocka_unit_test(a_file_that_is_shorter_than_promised_is_cut_off),
	    cmocka_unit_test(who_does_not_fetch_a_file_is_dropped),
	    cmocka_unit_test(who_leaves_while_a_file_is_sent_costs_nothing),
	};

	curl_global_init(CURL_GLOBAL_ALL);
	return cmocka_run_group_tests(tests, make_files, remove_files);
}
