#include "rig.h"

#include <sys/resource.h>

static int
set_up(void **state)
{
	struct rig *r = rig_new();

	rig_start(r);
	*state = r;
	return 0;
}

/* For what takes too long: nobody has more than two seconds. */
static int
set_up_hasty(void **state)
{
	struct rig *r = rig_new();

	r->options.idle_seconds = 2;
	rig_start(r);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	rig_stop(*state);
	return 0;
}

/* ---- requests and answers ---- */

static void
a_get_is_described_and_answered_with_security_headers(void **state)
{
	struct rig *r = *state;
	char *a = ask(r->port, "GET /a%20b?x=%41&y=1 HTTP/1.1\r\nHost: h:1\r\nX-CSRF-Token: c1\r\n"
			       "x-team-token: t1\r\nCookie: s=1\r\nAccept-Language: "
			       "zh\r\nIf-None-Match: \"e\"\r\n\r\n");

	assert_status(a, 200);
	assert_has(a, "path=/a b query=x=%41&y=1 peer=127.0.0.1 tls=0");
	assert_has(a, "cookie=s=1 type= lang=zh inm=\"e\" csrf=c1 team=t1 origin= host=h:1 body=");
	assert_has(a, "\r\nX-Content-Type-Options: nosniff\r\n");
	assert_has(a, "\r\nReferrer-Policy: no-referrer\r\n");
	assert_has(a, "\r\nCross-Origin-Opener-Policy: same-origin\r\n");
	assert_has(a, "\r\nCross-Origin-Resource-Policy: same-origin\r\n");
	assert_has(a, "\r\nX-Frame-Options: DENY\r\n");
	assert_has(a, "\r\nCache-Control: no-store\r\n");
	assert_has(
	    a, "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n");
	assert_null(strstr(a, "Strict-Transport-Security"));
	assert_null(strstr(a, "\r\nServer:"));
	free(a);
}

static void
bodies_come_by_length_and_chunked(void **state)
{
	struct rig *r = *state;
	static const char by_length[] = "PUT /x HTTP/1.1\r\nHost: h\r\nContent-Type: text/a\r\n"
					"Content-Length: 5\r\n\r\nhello";
	static const char chunked[] =
	    "PATCH /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n";
	static const char without[] = "DELETE /x HTTP/1.1\r\nHost: h\r\n\r\n";
	char *a = ask(r->port, by_length);

	assert_has(a, "method=PUT");
	assert_has(a, "type=text/a");
	assert_has(a, "body=hello");
	free(a);
	a = ask(r->port, chunked);
	assert_has(a, "method=PATCH");
	assert_has(a, "body=hello");
	free(a);
	a = ask(r->port, without);
	assert_has(a, "method=DELETE");
	free(a);
}

static void
a_connection_is_kept_and_pipelined_requests_are_answered_in_order(void **state)
{
	struct rig *r = *state;
	int fd = dial(r->port);
	char *a;

	put(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n"
		"POST /two HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok"
		"GET /early HTTP/1.1\r\nHost: h\r\n\r\n"
		"GET /three HTTP/1.1\r\nHost: h\r\n\r\n");
	a = read_answer(fd);
	assert_has(a, "path=/later");
	free(a);
	a = read_answer(fd);
	assert_has(a, "path=/two");
	assert_has(a, "body=ok");
	free(a);
	a = read_answer(fd);
	assert_status(a, 403);
	free(a);
	a = read_answer(fd);
	assert_has(a, "path=/three");
	assert_null(strstr(a, "Connection: close"));
	free(a);
	put(fd, "GET /four HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	a = read_all(fd, NULL);
	assert_has(a, "path=/four");
	assert_has(a, "Connection: close");
	free(a);
	close(fd);
}

static void
a_request_may_come_in_single_bytes(void **state)
{
	struct rig *r = *state;
	static const char text[] = "POST /p?q HTTP/1.1\r\nHost: example\r\nX-Team-Token: secret\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n";
	int fd = dial(r->port);
	char *a;

	for (size_t i = 0; i + 1 < sizeof text; i++) {
		put_bytes(fd, text + i, 1);
		if (i % 16 == 0)
			poll(NULL, 0, 1); /* so that they do not all arrive as one */
	}
	a = read_answer(fd);
	assert_has(a, "path=/p query=q");
	assert_has(a, "team=secret");
	assert_has(a, "host=example body=body");
	free(a);
	close(fd);
}

static void
head_is_get_without_the_body(void **state)
{
	struct rig *r = *state;
	char *a = ask(r->port, "HEAD /big HTTP/1.1\r\nHost: h\r\n\r\n");

	assert_status(a, 200);
	assert_has(a, "Content-Length: 5242880\r\n");
	assert_string_equal(strstr(a, "\r\n\r\n"), "\r\n\r\n");
	free(a);
}

static void
no_content_has_no_length(void **state)
{
	struct rig *r = *state;
	char *a = ask(r->port, "GET /empty HTTP/1.1\r\nHost: h\r\n\r\n");

	assert_status(a, 204);
	assert_null(strstr(a, "Content-Length"));
	free(a);
}

static void
check_big(struct rig *r, const char *path)
{
	char request[64];
	int fd = dial(r->port);
	size_t len, head;
	char *a;

	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
	    path);
	put(fd, request);
	poll(NULL, 0, 20); /* the kernel's buffers fill, the rest must wait its turn */
	a = read_all(fd, &len);
	head = (size_t)(strstr(a, "\r\n\r\n") + 4 - a);
	assert_int_equal(len - head, BIG_BYTES);
	assert_memory_equal(a + head, r->big, BIG_BYTES);
	a[head] = '\0';
	assert_has(a, "Cache-Control: max-age=60");
	assert_null(strstr(a, "no-store"));
	assert_null(strstr(a, "Injected"));
	assert_has(a, "script-src 'self'; style-src 'self'; img-src 'self' data:");
	free(a);
	close(fd);
}

static void
a_large_answer_goes_out_in_pieces(void **state)
{
	check_big(*state, "/big");
	check_big(*state, "/static");
}

static void
a_client_that_has_only_closed_its_own_direction_is_answered(void **state)
{
	struct rig *r = *state;
	char *a = ask(r->port, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");

	assert_has(a, "path=/later");
	free(a);
}

static void
a_client_that_leaves_first_is_gone_once(void **state)
{
	struct rig *r = *state;
	int fd = dial(r->port), half = dial(r->port);

	put(fd, "GET /never HTTP/1.1\r\nHost: h\r\n\r\n");
	put(half, "POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
	rig_await(&r->never, 1);
	rig_await(&r->heads, 2);
	hang_up(fd);
	rig_await(&r->gone, 1);
	close(half);
	rig_await(&r->gone, 2);
}

static void
an_exchange_that_is_open_at_the_end_is_gone(void **state)
{
	struct rig *r = rig_new();
	int fd;

	(void)state;
	rig_start(r);
	fd = dial(r->port);
	put(fd, "GET /never HTTP/1.1\r\nHost: h\r\n\r\n");
	rig_await(&r->never, 1);
	r->quit = true;
	waker_wake(r->waker);
	pthread_join(r->thread, NULL);
	assert_int_equal(r->gone, 1);
	assert_int_equal(r->closed, ERR_OK);
	close(fd);
	free(r);
}

static void
expect_continue_is_granted(void **state)
{
	struct rig *r = *state;
	int fd = dial(r->port);
	char *a;

	put(fd, "POST /c HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	a = read_answer(fd);
	assert_string_equal(a, "HTTP/1.1 100 Continue\r\n\r\n");
	free(a);
	put(fd, "ok");
	a = read_answer(fd);
	assert_has(a, "body=ok");
	free(a);
	close(fd);
}

static void
an_upload_of_several_mebibytes_arrives_whole(void **state)
{
	struct rig *r = *state;
	int fd = dial(r->port);
	char *a;

	put(fd, "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 5242880\r\n\r\n");
	put_bytes(fd, r->big, BIG_BYTES);
	a = read_answer(fd);
	assert_has(a, "\r\n\r\n5242880");
	free(a);
	close(fd);
}

/* ---- refusals ---- */

struct refusal {
	const char *text;
	int status;
	const char *detail;
};

static void
check_refusals(struct rig *r, const struct refusal *list, size_t count)
{
	char *a;

	for (size_t i = 0; i < count; i++) {
		a = ask(r->port, list[i].text);
		assert_status(a, list[i].status);
		assert_has(a, "Content-Type: application/problem+json\r\n");
		assert_has(a, "Connection: close\r\n");
		assert_has(a, list[i].detail);
		assert_has(a, "\"type\":\"about:blank\"");
		free(a);
	}
}

#define H " HTTP/1.1\r\nHost: h\r\n\r\n"

static void
malformed_requests_get_a_400_that_says_why(void **state)
{
	static const struct refusal list[] = {
	    {"GET /%" H, 400, "hexadecimal"},
	    {"GET /%4" H, 400, "hexadecimal"},
	    {"GET /%zz" H, 400, "hexadecimal"},
	    {"GET /a%00b" H, 400, "control character"},
	    {"GET /%0d%0aX:1" H, 400, "control character"},
	    {"GET /../etc/passwd" H, 400, "segment"},
	    {"GET /a/%2e%2E/b" H, 400, "segment"},
	    {"GET /a%2f..%2fb" H, 400, "segment"},
	    {"GET /a/." H, 400, "segment"},
	    {"GET /%ff" H, 400, "UTF-8"},
	    {"GET /%c0%af" H, 400, "UTF-8"},
	    {"GET /a#b" H, 400, "fragment"},
	    {"OPTIONS *" H, 400, "begin with /"},
	    {"GET http://h" H, 400, "begin with /"},
	    {"NONSENSE" H, 400, "invalid HTTP method"},
	    {"\x16\x03\x01\x02\x01\x01", 400, "invalid HTTP method"},
	    {"GET / HTTP/1.1\r\n\r\n", 400, "Host"},
	    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "twice"},
	    {"GET / HTTP/1.1\r\nHost: h\r\nBad Name: 1\r\n\r\n", 400, "a header's name"},
	    {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400, "a header's name"},
	    {"GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400, "folded"},
	    {"GET / HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n", 400, "LF"},
	    {"GET / HTTP/1.1\r\nHost: h\r\n\rX", 400, "CR without LF"},
	    {"GET /\xc3\xa9" H, 400, "percent-encoded"},
	    {"GET /a\x0c" H, 400, "percent-encoded"},
	    {"GET / HTTP/1.1\r\nHost: h\r\nCookie: \xff\r\n\r\n", 400, "UTF-8"},
	    {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505, "HTTP/1.1 and HTTP/1.0"},
	    {"TRACE /" H, 501, "methods are GET"},
	    {"CONNECT h:1" H, 501, "methods are GET"},
	};

	check_refusals(*state, list, sizeof list / sizeof list[0]);
	assert_int_equal(((struct rig *)*state)->heads, 0);
}

/* RFC 9112 section 6: two ways to read where a request ends are two requests to somebody. */
static void
ambiguous_lengths_are_refused(void **state)
{
	static const struct refusal list[] = {
	    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: "
	     "chunked\r\n\r\n0\r\n\r\n",
		400, "either one Content-Length or"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: "
	     "3\r\n\r\n0\r\n\r\n",
		400, "either one Content-Length or"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
		400, "either one Content-Length or"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 4\r\n\r\nabcd", 400,
		"content-length"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\nabcd", 400, "content-length"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400,
		"content-length"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501,
		"only transfer coding"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
		501, "only transfer coding"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501,
		"only transfer coding"},
	    {"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501,
		"only transfer coding"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400,
		"a header's name"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\rXab\r\n0\r\n\r\n",
		400, "chunk"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n",
		400, "chunk"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\rX",
		400, "CR without LF"},
	    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400,
		"chunk size"},
	};

	check_refusals(*state, list, sizeof list / sizeof list[0]);
}

static void
bodies_over_the_limit_get_413(void **state)
{
	static const struct refusal list[] = {
	    {"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", 413,
		"{\"detail\":\"the body of this POST may have at most 1000 bytes\",\"status\":413,"
		"\"title\":\"limit\""},
	    {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", 413,
		"limit"},
	};
	struct rig *r = *state;
	char text[2000];
	size_t n = strlen(list[1].text);

	check_refusals(r, list, 1);
	memcpy(text, list[1].text, n);
	memset(text + n, 'x', 1001);
	text[n + 1001] = '\0';
	check_refusals(r, &(struct refusal){text, 413, "at most 1000 bytes"}, 1);
	assert_int_equal(r->requests, 0);
	rig_await(&r->gone, 2); /* both had been taken by on_head */
}

static void
headers_over_the_limits_get_431_and_targets_414(void **state)
{
	struct rig *r = *state;
	char *text = mem_alloc(100000), *p;

	p = text + sprintf(text, "GET / HTTP/1.1\r\nHost: h\r\nX-Long: ");
	memset(p, 'a', 5000);
	strcpy(p + 5000, "\r\n\r\n");
	check_refusals(r, &(struct refusal){text, 431, "longer than 4096"}, 1);

	p = text + sprintf(text, "GET / HTTP/1.1\r\nHost: h\r\n");
	memset(p, 'n', 5000);
	strcpy(p + 5000, ": 1\r\n\r\n");
	check_refusals(r, &(struct refusal){text, 431, "longer than 4096"}, 1);

	p = text + sprintf(text, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (int i = 0; i < 70; i++)
		p += sprintf(p, "a%d: b\r\n", i);
	strcpy(p, "\r\n");
	check_refusals(r, &(struct refusal){text, 431, "more than 64"}, 1);

	p = text + sprintf(text, "GET /");
	memset(p, 'p', 1100);
	strcpy(p + 1100, H);
	check_refusals(r, &(struct refusal){text, 414, "path is longer"}, 1);

	p = text + sprintf(text, "GET /?");
	memset(p, 'q', 5000);
	strcpy(p + 5000, H);
	check_refusals(r, &(struct refusal){text, 414, "target is longer"}, 1);
	free(text);
}

static void
an_early_answer_to_a_body_closes(void **state)
{
	struct rig *r = *state;
	int fd = dial(r->port);
	char *a;

	put(fd, "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n\r\nab");
	a = read_all(fd, NULL);
	assert_status(a, 403);
	assert_has(a, "Connection: close");
	assert_int_equal(r->gone, 0);
	free(a);
	close(fd);
}

static void
slow_clients_are_dropped(void **state)
{
	struct rig *r = *state;
	int slow = dial(r->port), idle = dial(r->port), body = dial(r->port);
	char *a;

	put(slow, "GET / HTTP/1.1\r\nHo");
	put(body, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
	a = read_all(slow, NULL);
	assert_status(a, 408);
	free(a);
	a = read_all(body, NULL);
	assert_status(a, 408);
	free(a);
	rig_await(&r->gone, 1);
	a = read_all(idle, NULL);
	assert_string_equal(a, "");
	free(a);
	close(slow);
	close(idle);
	close(body);
}

static void
count_connections(struct rig *r, void *ctx)
{
	*(unsigned *)ctx = http_connections(r->server);
}

static void
a_reader_that_stops_reading_is_dropped(void **state)
{
	struct rig *r = *state;
	int fd = dial(r->port), size = 4096;
	unsigned open = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	put(fd, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
	for (int i = 0; i < PATIENCE_S * 10 && open > 0; i++) {
		poll(NULL, 0, 100);
		rig_run(r, count_connections, &open);
	}
	assert_int_equal(open, 0);
	close(fd);
}

static void
a_thousand_requests_at_once_make_progress(void **state)
{
	struct rig *r = *state;
	static int fds[1000];
	struct rlimit lim = {4096, 4096};
	char *a;

	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
	for (int i = 0; i < 1000; i++) {
		fds[i] = dial(r->port);
		put(fds[i], "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n1");
	}
	rig_await(&r->heads, 1000);
	for (int i = 0; i < 1000; i++)
		put(fds[i], "2");
	for (int i = 0; i < 1000; i++) {
		a = read_answer(fds[i]);
		assert_has(a, "body=12");
		free(a);
		close(fds[i]);
	}
}

static void
connections_over_the_maximum_are_closed(void **state)
{
	struct rig *r = rig_new();
	int one, two;
	char *a;

	(void)state;
	r->options.connections_max = 1;
	rig_start(r);
	one = dial(r->port);
	put(one, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
	a = read_answer(one);
	assert_has(a, "path=/a");
	free(a);
	two = dial(r->port);
	a = read_all(two, NULL);
	assert_string_equal(a, "");
	free(a);
	close(one);
	close(two);
	rig_stop(r);
}

static void
stop_accepting_then_answer(struct rig *r, void *ctx)
{
	http_stop_accepting(r->server);
	rig_answer_held(r, ctx);
}

static void
a_server_that_accepts_no_more_finishes_what_is_open(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)r->port)};
	int fd = dial(r->port), late = socket(AF_INET, SOCK_STREAM, 0);
	char *a;

	put(fd, "GET /never HTTP/1.1\r\nHost: h\r\n\r\n");
	rig_await(&r->never, 1);
	hang_up(fd);
	fd = dial(r->port);
	put(fd, "GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
	rig_await(&r->requests, 2);
	rig_run(r, stop_accepting_then_answer, NULL);
	a = read_all(fd, NULL);
	assert_has(a, "path=/held");
	assert_has(a, "Connection: close");
	free(a);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(late, (struct sockaddr *)&to, sizeof to), -1);
	close(late);
	close(fd);
}

/* ---- opening ---- */

static void
expect_open(struct http_options o, enum err e, const char *part)
{
	struct loop *l;
	struct http_server *s;
	struct why why = {""};

	assert_int_equal(loop_open(&l, &why), ERR_OK);
	assert_int_equal(http_open(l, &o, &s, &why), e);
	assert_has(why.text, part);
	loop_run(l);
	assert_int_equal(loop_close(l), ERR_OK);
}

static void
what_keeps_it_from_listening_is_named(void **state)
{
	struct rig *r = *state;
	struct http_options o = r->options;

	o.address = "localhost";
	expect_open(o, ERR_INVALID, "\"localhost\" is not an IPv4 or IPv6 address");
	o.address = "127.0.0.1";
	o.port = 70000;
	expect_open(o, ERR_INVALID, "port 70000");
	o.port = r->port;
	expect_open(o, ERR_IO, "address already in use");
	o.port = 0;
	o.tls_cert = "/nonexistent/cert.pem";
	o.tls_key = "/nonexistent/key.pem";
	expect_open(o, ERR_INVALID, "/nonexistent/cert.pem: No such file");
}

/* ---- garbage ---- */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Valid beginnings, then noise: the server may say anything but must stay. */
static void
garbage_does_not_stop_the_server(void **state)
{
	static const char *const starts[] = {"", "GET / HTTP/1.1\r\n",
	    "GET /a HTTP/1.1\r\nHost: h\r\n",
	    "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
	    "PRI * HTTP/2.0\r\n\r\nSM",
	    "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n"};
	struct rig *r = *state;
	uint32_t seed = 20270620;
	char noise[600];
	char *a;

	for (int i = 0; i < 600; i++) {
		const char *start = starts[next_random(&seed) % 6];
		size_t n = strlen(start), len = next_random(&seed) % 500;

		memcpy(noise, start, n);
		for (size_t k = 0; k < len; k++)
			noise[n + k] = next_random(&seed) % 4 == 0
					   ? "\r\n: /%0a"[next_random(&seed) % 8]
					   : (char)next_random(&seed);
		a = ask_once(r->port, noise, n + len);
		assert_true(a[0] == '\0' || strncmp(a, "HTTP/1.1 ", 9) == 0);
		free(a);
	}
	a = ask(r->port, "GET /still HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_has(a, "path=/still");
	free(a);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define HASTY(f) cmocka_unit_test_setup_teardown(f, set_up_hasty, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_get_is_described_and_answered_with_security_headers),
	    T(bodies_come_by_length_and_chunked),
	    T(a_connection_is_kept_and_pipelined_requests_are_answered_in_order),
	    T(a_request_may_come_in_single_bytes),
	    T(head_is_get_without_the_body),
	    T(no_content_has_no_length),
	    T(a_large_answer_goes_out_in_pieces),
	    T(a_client_that_has_only_closed_its_own_direction_is_answered),
	    T(a_client_that_leaves_first_is_gone_once),
	    cmocka_unit_test(an_exchange_that_is_open_at_the_end_is_gone),
	    T(expect_continue_is_granted),
	    T(an_upload_of_several_mebibytes_arrives_whole),
	    T(malformed_requests_get_a_400_that_says_why),
	    T(ambiguous_lengths_are_refused),
	    T(bodies_over_the_limit_get_413),
	    T(headers_over_the_limits_get_431_and_targets_414),
	    T(an_early_answer_to_a_body_closes),
	    HASTY(slow_clients_are_dropped),
	    HASTY(a_reader_that_stops_reading_is_dropped),
	    T(a_thousand_requests_at_once_make_progress),
	    cmocka_unit_test(connections_over_the_maximum_are_closed),
	    T(a_server_that_accepts_no_more_finishes_what_is_open),
	    T(what_keeps_it_from_listening_is_named),
	    T(garbage_does_not_stop_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
