/*
 * Files to and from a real server with its api, a drill and a disk, through routes of the test's own: by
 * HTTP/1.1, plain and TLS, with a length and chunked, and by HTTP/2.
 */
#include "site_rig.h"
#include "tests/unit/net/tls_rig.h"

#include "api/transfer.h"
#include "api/upload.h"
#include "base/hash.h"

#include <dirent.h>

#define MIB (1024 * 1024)
#define FILE_MAX (20 * MIB)

/* ---- routes ---- */

static bool closed; /* what a route's own rule would be */

static enum err
may_upload(struct request *req)
{
	return closed ? why_set(&req->why, ERR_CONFLICT, "the drill is over") : ERR_OK;
}

static enum err
files_post(struct request *req, struct response *out)
{
	const struct request_file *f = req->file;

	buf_printf(
	    &out->body, "%s %llu %s %s", f->hash, (unsigned long long)f->bytes, f->type, f->name);
	return ERR_OK;
}

static atomic_int asked; /* for files */

static enum err
file_get(struct request *req, struct response *out)
{
	(void)out;
	asked++;
	return request_send_file(req, req->param[0], "初报 1.txt", "text/plain");
}

static const struct route route_files_post = {
    .method = "POST",
    .path = "/api/v1/files",
    .roles = ROLE_PUBLIC,
    .body_max_bytes = FILE_MAX,
    .upload = may_upload,
    .run = files_post,
};

static const struct route route_secret_post = {
    .method = "POST",
    .path = "/api/v1/secret",
    .roles = ROLE_JUDGE,
    .body_max_bytes = FILE_MAX,
    .upload = may_upload,
    .run = files_post,
};

static const struct route route_order_post = {
    .method = "POST",
    .path = "/api/v1/order",
    .roles = ROLE_DIRECTOR,
    .body_max_bytes = FILE_MAX,
    .upload = may_upload,
    .run = files_post,
};

static const struct route route_file_get = {
    .method = "GET",
    .path = "/api/v1/files/{hash}",
    .roles = ROLE_PUBLIC,
    .run = file_get,
};

const struct route *const routes[] = {
    &route_files_post, &route_secret_post, &route_order_post, &route_file_get, NULL};

/* ---- the server ---- */

static struct rig *
start(bool tls, int idle_seconds, uint64_t reserve_bytes)
{
	struct rig *r = rig_new();

	site = (struct site){.net = r, .drill = replay_new(), .reserve_bytes = reserve_bytes};
	replay_open(site.drill);
	closed = false;
	asked = 0;
	r->options.idle_seconds = idle_seconds;
	if (tls) {
		r->options.tls_cert = cert_file;
		r->options.tls_key = key_file;
	}
	site_start(r);
	return r;
}

/* Files under blobs/NAME of the data directory. */
static size_t
count(const char *name)
{
	char path[256];
	struct dirent *entry;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/blobs/%s", site.drill->dir, name);
	assert_non_null(d = opendir(path));
	while ((entry = readdir(d)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(d);
	return n;
}

static size_t
count_files(void)
{
	char shelf[3];
	size_t n = 0;

	for (unsigned i = 0; i < 256; i++) {
		snprintf(shelf, sizeof shelf, "%02x", i);
		n += count(shelf);
	}
	return n;
}

/* Nothing but what the test has put there, and no draft. */
static void
stop(struct rig *r, size_t files)
{
	rig_stop(r);
	assert_int_equal(count("drafts"), 0);
	assert_int_equal(count_files(), files);
	replay_free(site.drill);
}

/* ---- the client ---- */

static const struct {
	bool tls;
	long version;
} ways[] = {
    {false, CURL_HTTP_VERSION_1_1}, {true, CURL_HTTP_VERSION_1_1}, {true, CURL_HTTP_VERSION_2TLS}};

#define WAYS (sizeof ways / sizeof ways[0])

static char big[FILE_MAX + 1]; /* text */

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

/* announced: with Content-Length. type: a header, or NULL for none. */
static struct reply *
upload(struct rig *r, long version, const char *path, const char *type, const char *data,
    size_t len, bool announced)
{
	struct reply *p = prepare(r, path, version);
	struct source s = {data, len};

	curl_easy_setopt(p->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(p->curl, CURLOPT_READFUNCTION, on_more);
	curl_easy_setopt(p->curl, CURLOPT_READDATA, &s);
	if (announced)
		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
	else
		header(p, "Transfer-Encoding: chunked");
	header(p, "Expect:");
	header(p, type != NULL ? type : "Content-Type:");
	perform(p);
	return p;
}

static void
hash_of(const char *data, size_t len, char hex[SHA256_HEX_BYTES])
{
	uint8_t hash[SHA256_BYTES];

	sha256(data, len, hash);
	hex_encode(hash, sizeof hash, hex);
}

static void
expect(struct reply *p, long status, const char *part)
{
	if (p->status != status || strstr(p->body.len > 0 ? p->body.data : "", part) == NULL)
		fail_msg("wanted %ld \"%s\", got %ld (curl %d): %.600s", status, part, p->status,
		    p->code, p->body.len > 0 ? p->body.data : "");
	drop(p);
}

/* ---- up ---- */

static void
twenty_mib_are_taken_and_one_byte_more_is_not(void **state)
{
	char want[200], hash[SHA256_HEX_BYTES];

	(void)state;
	hash_of(big, FILE_MAX, hash);
	snprintf(want, sizeof want, "%s 20971520 text/plain a b.txt", hash);
	for (size_t i = 0; i < 2 * WAYS; i++) {
		struct rig *r = start(ways[i / 2].tls, 30, 0);
		long version = ways[i / 2].version;
		const char *path = "/api/v1/files?name=a+b%2Etxt";

		expect(upload(r, version, path, "Content-Type: text/plain", big, FILE_MAX, i % 2),
		    200, want);
		expect(upload(r, version, path, NULL, big, FILE_MAX + 1, i % 2), 413,
		    "at most 20971520 bytes");
		stop(r, 1);
	}
}

static void
what_is_said_before_the_body_is_answered_before_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 30, 0);
		long v = ways[i].version;

#define UP(path, type) upload(r, v, path, type, big, FILE_MAX, true)
		expect(UP("/api/v1/files", NULL), 400, "?name=report.pdf");
		expect(UP("/api/v1/files?name=a.txt&x=1", NULL), 400, "?name=report.pdf");
		expect(UP("/api/v1/files?name=%zz", NULL), 400, "hexadecimal");
		expect(UP("/api/v1/files?name=a%00.txt", NULL), 400, "NUL");
		expect(UP("/api/v1/files?name=", NULL), 400, "no name");
		expect(UP("/api/v1/files?name=..%2F..%2Fetc%2Fpasswd.txt", NULL), 400,
		    "\\\"passwd.txt\\\" would be right");
		expect(UP("/api/v1/files?name=a%E2%80%AEtxt.exe", NULL), 400, "turns the writing");
		expect(UP("/api/v1/files?name=a%0Ab.txt", NULL), 400, "not seen");
		expect(UP("/api/v1/files?name=a.exe", NULL), 400, "are not taken");
		expect(UP("/api/v1/files?name=a.png", "Content-Type: text/html"), 400,
		    "Content-Type says text/html; send image/png");
		expect(UP("/api/v1/secret?name=a.txt", NULL), 401, "sign in");
		closed = true;
		expect(UP("/api/v1/files?name=a.txt", NULL), 409, "the drill is over");
		stop(r, 0);
	}
}

static void
bytes_that_lie_are_refused_and_leave_nothing(void **state)
{
	static char late[3 * MIB];

	(void)state;
	memset(late, 'a', sizeof late);
	late[sizeof late - MIB] = '\0';
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 30, 0);
		long v = ways[i].version;
		const char *png = "/api/v1/files?name=a.png", *txt = "/api/v1/files?name=a.txt";

		expect(upload(r, v, png, NULL, "<script>1</script>", 18, true), 400,
		    "\\\".png\\\", but the file is an HTML page");
		expect(upload(r, v, png, NULL, big, FILE_MAX, true), 400, "but the file is text");
		expect(upload(r, v, txt, NULL,
			   "\x7f"
			   "ELF\2\1\1",
			   7, false),
		    400, "a program (ELF)");
		expect(upload(r, v, txt, NULL, late, sizeof late, true), 400, "is not text");
		expect(upload(r, v, txt, NULL, "", 0, true), 400, "empty");
		stop(r, 0);
	}
}

static int
begin_upload(struct rig *r, size_t len)
{
	static const char head[] = "POST /api/v1/files?name=a.txt HTTP/1.1\r\nHost: h\r\n"
				   "Content-Length: 20971520\r\n\r\n";
	int fd = dial(r->port);

	put(fd, head);
	put_bytes(fd, big, len);
	return fd;
}

static void
job_count(struct rig *r, void *ctx)
{
	(void)r;
	*(unsigned *)ctx = uploads_count(api_uploads(site.api));
}

static void
await_uploads(struct rig *r, unsigned want)
{
	unsigned n = want + 1;

	for (int i = 0; i < 5000 && n != want; i++) {
		rig_run(r, job_count, &n);
		if (n != want)
			poll(NULL, 0, 1);
	}
	assert_int_equal(n, want);
}

struct connections {
	uint64_t ever;
	unsigned now;
};

static void
job_connections(struct rig *r, void *ctx)
{
	*(struct connections *)ctx =
	    (struct connections){http_stats(r->server)->connections, http_connections(r->server)};
}

/* So many have come, and all have gone. */
static void
await_connections(struct rig *r, uint64_t ever)
{
	struct connections c = {0, 1};

	for (int i = 0; i < 5000 && (c.ever < ever || c.now > 0); i++) {
		rig_run(r, job_connections, &c);
		poll(NULL, 0, 1);
	}
	assert_int_equal(c.ever, ever);
	assert_int_equal(c.now, 0);
}

static void
a_client_that_leaves_in_the_middle_leaves_nothing(void **state)
{
	static const size_t sizes[] = {0, 100, 300000, 5 * MIB, FILE_MAX - 1};
	struct rig *r = start(false, 30, 0);

	(void)state;
	for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
		int fd = begin_upload(r, sizes[i / 2]);

		if (i / 2 == 3) { /* while there is a draft */
			await_uploads(r, 1);
			for (int wait = 0; wait < 5000 && count("drafts") == 0; wait++)
				poll(NULL, 0, 1);
			assert_int_equal(count("drafts"), 1);
		}
		if (i % 2 == 0)
			hang_up(fd);
		else
			close(fd);
		await_connections(r, i + 1);
		await_uploads(r, 0);
		assert_int_equal(count("drafts"), 0);
	}
	stop(r, 0);
}

static void
a_client_that_stands_still_loses_its_place(void **state)
{
	struct rig *r = start(false, 1, 0);
	int fd = begin_upload(r, 3 * MIB);
	char *a = read_all(fd, NULL);

	(void)state;
	assert_status(a, 408);
	free(a);
	close(fd);
	await_uploads(r, 0);
	stop(r, 0);
}

/* A client slower than a fast one, but not too slow, gets through. */
static void
a_slow_client_gets_through(void **state)
{
	struct rig *r = start(false, 1, 0);
	int fd = begin_upload(r, 0);
	char *a;

	(void)state;
	for (size_t at = 0; at < FILE_MAX; at += MIB) {
		put_bytes(fd, big + at, MIB);
		poll(NULL, 0, 120);
	}
	a = read_answer(fd);
	assert_status(a, 200);
	free(a);
	close(fd);
	stop(r, 1);
}

static void
an_account_has_so_many_at_once(void **state)
{
	struct rig *r = start(false, 30, 0);
	int fd[UPLOADS_PER_ACCOUNT];

	(void)state;
	for (int i = 0; i < UPLOADS_PER_ACCOUNT; i++)
		fd[i] = begin_upload(r, 1000);
	await_uploads(r, UPLOADS_PER_ACCOUNT);
	expect(upload(r, ways[0].version, "/api/v1/files?name=a.txt", NULL, "text", 4, true), 429,
	    "at most 4");
	for (int i = 0; i < UPLOADS_PER_ACCOUNT; i++)
		close(fd[i]);
	await_uploads(r, 0);
	expect(upload(r, ways[0].version, "/api/v1/files?name=a.txt", NULL, "text", 4, true), 200,
	    "text/plain a.txt");
	stop(r, 1);
}

/* More at once than may use the pool; some leave. All others arrive, and the rest of the server answers. */
static void
many_at_once_share_the_pool(void **state)
{
	struct rig *r = start(false, 30, 0);
	int fd[UPLOADS_PER_ACCOUNT];

	(void)state;
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < UPLOADS_PER_ACCOUNT; i++)
			fd[i] = begin_upload(r, MIB);
		for (int i = 0; i < UPLOADS_PER_ACCOUNT; i++) {
			if (i % 2 == 0) {
				char *a;

				put_bytes(fd[i], big + MIB, FILE_MAX - MIB);
				a = read_answer(fd[i]);
				assert_status(a, 200);
				free(a);
			}
			close(fd[i]);
		}
		await_uploads(r, 0);
	}
	stop(r, 1);
}

static void
job_token(struct rig *r, void *token)
{
	struct account_table *all = &site.drill->drill->game->accounts;
	uint8_t hash[SHA256_BYTES];

	(void)r;
	sha256(token, strlen(token), hash);
	accounts_set_token(all, accounts_find(all, "boss"), hash);
}

/* Sends all but the last byte, lets the director have a new token, and sends it; the status. */
static void
order(struct rig *r, char *token, char *after, int status)
{
	int fd = dial(r->port);
	char *a;

	rig_run(r, job_token, token);
	put(fd, "POST /api/v1/order?name=a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
		"Authorization: Bearer first\r\n\r\ntext");
	await_uploads(r, 1);
	rig_run(r, job_token, after);
	put(fd, "!");
	a = read_answer(fd);
	assert_status(a, status);
	free(a);
	close(fd);
	await_uploads(r, 0);
}

static void
a_token_that_is_replaced_meanwhile_counts_no_more(void **state)
{
	struct rig *r = start(false, 30, 0);

	(void)state;
	order(r, "first", "second", 401);
	order(r, "first", "first", 200);
	stop(r, 1);
}

static void
a_disk_without_room_is_said(void **state)
{
	struct rig *r = start(false, 30, UINT64_MAX / 2);

	(void)state;
	expect(upload(r, ways[0].version, "/api/v1/files?name=a.txt", NULL, big, FILE_MAX, true),
	    503, "disk is full");
	stop(r, 0);
}

static void
a_server_that_stops_drops_what_is_under_way(void **state)
{
	struct rig *r = start(false, 30, 0);
	int fd[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		fd[i] = begin_upload(r, (size_t)(1 + i) * MIB);
	await_uploads(r, 3);
	stop(r, 0);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

/* ---- down ---- */

static void
what_went_up_comes_down_and_is_never_shown(void **state)
{
	char hash[SHA256_HEX_BYTES], path[128];

	(void)state;
	hash_of(big, FILE_MAX, hash);
	snprintf(path, sizeof path, "/api/v1/files/%s", hash);
	for (size_t i = 0; i < WAYS; i++) {
		struct rig *r = start(ways[i].tls, 30, 0);
		struct reply *p;

		expect(upload(r, ways[i].version, "/api/v1/files?name=a.txt", NULL, big, FILE_MAX,
			   true),
		    200, hash);
		p = prepare(r, path, ways[i].version);
		p->body.max_bytes = 2 * FILE_MAX;
		perform(p);
		assert_int_equal(p->status, 200);
		assert_int_equal(p->body.len, FILE_MAX);
		assert_memory_equal(p->body.data, big, FILE_MAX);
		assert_non_null(strcasestr(p->head.data,
		    "content-disposition: attachment; filename=\"__ 1.txt\"; "
		    "filename*=UTF-8''%E5%88%9D%E6%8A%A5%201.txt\r\n"));
		assert_non_null(strcasestr(p->head.data, "content-type: text/plain\r\n"));
		assert_non_null(strcasestr(p->head.data, "x-content-type-options: nosniff\r\n"));
		assert_non_null(strcasestr(p->head.data, "content-security-policy: sandbox;"));
		assert_non_null(strcasestr(p->head.data, "cache-control: no-store\r\n"));
		drop(p);
		p = prepare(r, path, ways[i].version);
		curl_easy_setopt(p->curl, CURLOPT_NOBODY, 1L);
		perform(p);
		assert_int_equal(p->status, 200);
		assert_non_null(strcasestr(p->head.data, "content-length: 20971520\r\n"));
		drop(p);
		stop(r, 1);
	}
}

static void
a_file_that_is_lost_is_our_failure(void **state)
{
	struct rig *r = start(false, 30, 0);
	char hash[SHA256_HEX_BYTES], path[128];

	(void)state;
	hash_of("x", 1, hash);
	snprintf(path, sizeof path, "/api/v1/files/%s", hash);
	expect(fetch(r, path, ways[0].version), 500, "there is no file");
	stop(r, 0);
}

#define STUCK 100

static void
job_files(struct rig *r, void *ctx)
{
	*(unsigned *)ctx = http_files(r->server);
}

static void
await_files(struct rig *r, unsigned want)
{
	unsigned n = want + 1;

	for (int i = 0; i < PATIENCE_S * 1000 && n != want; i++) {
		rig_run(r, job_files, &n);
		poll(NULL, 0, 1);
	}
	assert_int_equal(n, want);
}

/* Asks for the file; what comes is not read. */
static int
begin_download(struct rig *r, const char *hash)
{
	int fd = dial(r->port), before = asked;
	char text[200];

	snprintf(text, sizeof text, "GET /api/v1/files/%s HTTP/1.1\r\nHost: h\r\n\r\n", hash);
	put(fd, text);
	rig_await(&asked, before + 1);
	return fd;
}

static void
expect_answer(int fd, int status)
{
	char *a = read_answer(fd);

	assert_status(a, status);
	free(a);
	close(fd);
}

/* Those that the pool still looks up are counted, too. */
static void
so_many_files_are_on_their_way_and_no_more(void **state)
{
	struct rig *r = start(false, 30, 0);
	char large[SHA256_HEX_BYTES], small[SHA256_HEX_BYTES];
	int fd[DOWNLOADS_MAX];

	(void)state;
	hash_of(big, FILE_MAX, large);
	hash_of("text", 4, small);
	expect(upload(r, ways[0].version, "/api/v1/files?name=a.txt", NULL, big, FILE_MAX, true),
	    200, large);
	expect(upload(r, ways[0].version, "/api/v1/files?name=a.txt", NULL, "text", 4, true), 200,
	    small);
	for (int i = 0; i < STUCK; i++)
		fd[i] = begin_download(r, large);
	await_files(r, STUCK);
	pool_hold(r);
	for (int i = STUCK; i < DOWNLOADS_MAX; i++)
		fd[i] = begin_download(r, small);
	expect_answer(begin_download(r, small), 503);
	pool_let_go();
	for (int i = STUCK; i < DOWNLOADS_MAX; i++)
		expect_answer(fd[i], 200);
	for (int i = 0; i < STUCK; i++)
		hang_up(fd[i]);
	await_files(r, 0);
	expect_answer(begin_download(r, small), 200);
	stop(r, 2);
}

static int
prepare_all(void **state)
{
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)('a' + i % 25);
	return make_certificate(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(twenty_mib_are_taken_and_one_byte_more_is_not),
	    cmocka_unit_test(what_is_said_before_the_body_is_answered_before_it),
	    cmocka_unit_test(bytes_that_lie_are_refused_and_leave_nothing),
	    cmocka_unit_test(a_client_that_leaves_in_the_middle_leaves_nothing),
	    cmocka_unit_test(a_client_that_stands_still_loses_its_place),
	    cmocka_unit_test(a_slow_client_gets_through),
	    cmocka_unit_test(an_account_has_so_many_at_once),
	    cmocka_unit_test(many_at_once_share_the_pool),
	    cmocka_unit_test(a_token_that_is_replaced_meanwhile_counts_no_more),
	    cmocka_unit_test(a_disk_without_room_is_said),
	    cmocka_unit_test(a_server_that_stops_drops_what_is_under_way),
	    cmocka_unit_test(what_went_up_comes_down_and_is_never_shown),
	    cmocka_unit_test(so_many_files_are_on_their_way_and_no_more),
	    cmocka_unit_test(a_file_that_is_lost_is_our_failure),
	};

	curl_global_init(CURL_GLOBAL_ALL);
	return cmocka_run_group_tests(tests, prepare_all, remove_certificate);
}
