/* HTTPS and HTTP/2, with libcurl and OpenSSL as clients. */
#include "rig.h"

#include "base/buf.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

static char cert_file[] = "/tmp/drill-cert-XXXXXX", key_file[] = "/tmp/drill-key-XXXXXX",
	    other_key_file[] = "/tmp/drill-key-XXXXXX";

/* ---- a certificate of our own ---- */

static FILE *
temp_file(char *name)
{
	int fd = mkstemp(name);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	assert_non_null(f);
	return f;
}

static void
write_key(char *name, EVP_PKEY *key)
{
	FILE *f = temp_file(name);

	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
}

static int
make_certificate(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	FILE *f;

	(void)state;
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"drill", -1, -1, 0);
	X509_set_issuer_name(x, name);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	f = temp_file(cert_file);
	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
	write_key(key_file, key);
	write_key(other_key_file, other);
	X509_free(x);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	return 0;
}

static int
remove_certificate(void **state)
{
	(void)state;
	unlink(cert_file);
	unlink(key_file);
	unlink(other_key_file);
	return 0;
}

static int
start_with(struct rig *r, void **state)
{
	r->options.tls_cert = cert_file;
	r->options.tls_key = key_file;
	rig_start(r);
	*state = r;
	return 0;
}

static int
set_up(void **state)
{
	return start_with(rig_new(), state);
}

/* For what takes too long: nobody has more than two seconds. */
static int
set_up_hasty(void **state)
{
	struct rig *r = rig_new();

	r->options.idle_seconds = 2;
	return start_with(r, state);
}

static int
tear_down(void **state)
{
	rig_stop(*state);
	return 0;
}

/* ---- curl ---- */

struct reply {
	struct buf head, body;
	long status, version;
	CURLcode code;
	struct curl_slist *headers;
	CURL *curl;
};

static size_t
on_bytes(char *data, size_t one, size_t n, void *arg)
{
	buf_put(arg, data, one * n);
	return one * n;
}

static struct reply *
prepare(struct rig *r, const char *path, long version)
{
	struct reply *p = mem_alloc(sizeof *p);
	char url[512];

	snprintf(url, sizeof url, "https://127.0.0.1:%d%s", r->port, path);
	buf_init(&p->head, 65536);
	buf_init(&p->body, 2 * BIG_BYTES);
	p->curl = curl_easy_init();
	curl_easy_setopt(p->curl, CURLOPT_URL, url);
	curl_easy_setopt(p->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(p->curl, CURLOPT_HTTP_VERSION, version);
	curl_easy_setopt(p->curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(p->curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(p->curl, CURLOPT_TIMEOUT, (long)PATIENCE_S);
	curl_easy_setopt(p->curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(p->curl, CURLOPT_WRITEDATA, &p->body);
	curl_easy_setopt(p->curl, CURLOPT_HEADERFUNCTION, on_bytes);
	curl_easy_setopt(p->curl, CURLOPT_HEADERDATA, &p->head);
	return p;
}

static void
header(struct reply *p, const char *line)
{
	p->headers = curl_slist_append(p->headers, line);
	curl_easy_setopt(p->curl, CURLOPT_HTTPHEADER, p->headers);
}

static void
perform(struct reply *p)
{
	p->code = curl_easy_perform(p->curl);
	curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &p->status);
	curl_easy_getinfo(p->curl, CURLINFO_HTTP_VERSION, &p->version);
}

static void
drop(struct reply *p)
{
	curl_easy_cleanup(p->curl);
	curl_slist_free_all(p->headers);
	buf_free(&p->head);
	buf_free(&p->body);
	free(p);
}

static struct reply *
fetch(struct rig *r, const char *path, long version)
{
	struct reply *p = prepare(r, path, version);

	perform(p);
	assert_int_equal(p->code, CURLE_OK);
	assert_int_equal(p->version,
	    version == CURL_HTTP_VERSION_1_1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2_0);
	return p;
}

static const long both[] = {CURL_HTTP_VERSION_2TLS, CURL_HTTP_VERSION_1_1};

/* ---- tests ---- */

static void
headers_of_our_own_arrive_by_both_versions(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < 2; i++) {
		struct reply *p = prepare(r, "/a%20b?q=%31", both[i]);

		header(p, "X-CSRF-Token: c1");
		header(p, "X-Team-Token: t1");
		header(p, "Authorization: Bearer b");
		header(p, "Cookie: a=1");
		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, "body");
		perform(p);
		assert_int_equal(p->code, CURLE_OK);
		assert_has(p->body.data,
		    "method=POST path=/a b query=q=%31 peer=127.0.0.1 tls=1 auth=Bearer b");
		assert_has(p->body.data, "cookie=a=1");
		assert_has(p->body.data, "csrf=c1 team=t1 origin= host=127.0.0.1:");
		assert_has(p->body.data, "body=body");
		assert_non_null(strcasestr(
		    p->head.data, "\r\nstrict-transport-security: max-age=31536000\r\n"));
		assert_non_null(
		    strcasestr(p->head.data, "\r\nx-content-type-options: nosniff\r\n"));
		assert_null(strcasestr(p->head.data, "\r\nserver:"));
		drop(p);
	}
}

static void
large_answers_and_uploads_arrive_whole(void **state)
{
	static const char *const paths[] = {"/big", "/static"};
	struct rig *r = *state;

	for (int i = 0; i < 4; i++) {
		struct reply *p = fetch(r, paths[i / 2], both[i % 2]);

		assert_int_equal(p->body.len, BIG_BYTES);
		assert_memory_equal(p->body.data, r->big, BIG_BYTES);
		drop(p);
	}
	for (int i = 0; i < 2; i++) {
		struct reply *p = prepare(r, "/upload", both[i]);

		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE, (long)BIG_BYTES);
		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, r->big);
		perform(p);
		assert_int_equal(p->code, CURLE_OK);
		assert_string_equal(p->body.data, "5242880");
		drop(p);
	}
}

static void
refusals_are_the_same_by_both_versions(void **state)
{
	static const struct {
		const char *path;
		long status;
		const char *detail;
	} list[] = {
	    {"/%zz", 400, "hexadecimal"},
	    {"/a/../b", 400, "segment"},
	    {"/%2e%2e/b", 400, "segment"},
	    {"/%ff", 400, "UTF-8"},
	    {"/a%00", 400, "control character"},
	};
	struct rig *r = *state;
	static char body[1001], long_header[6000];

	for (size_t i = 0; i < 2 * (sizeof list / sizeof list[0]); i++) {
		struct reply *p = fetch(r, list[i / 2].path, both[i % 2]);

		assert_int_equal(p->status, list[i / 2].status);
		assert_has(p->body.data, list[i / 2].detail);
		drop(p);
	}
	memset(body, 'x', sizeof body);
	memset(long_header, 'h', sizeof long_header - 1);
	memcpy(long_header, "X-Long: ", 8);
	for (int i = 0; i < 2; i++) {
		struct reply *p = prepare(r, "/x", both[i]);

		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE, (long)sizeof body);
		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, body);
		perform(p);
		assert_int_equal(p->status, 413);
		assert_has(p->body.data, "\"title\":\"limit\"");
		drop(p);
		p = prepare(r, "/x", both[i]);
		header(p, long_header);
		perform(p);
		assert_int_equal(p->status, 431);
		drop(p);
		p = prepare(r, "/x", both[i]);
		curl_easy_setopt(p->curl, CURLOPT_CUSTOMREQUEST, "BREW");
		perform(p);
		assert_int_equal(p->status, both[i] == CURL_HTTP_VERSION_1_1 ? 400 : 501);
		drop(p);
	}
	assert_int_equal(r->requests, 0);
}

static void
head_and_no_content_have_no_body(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < 2; i++) {
		struct reply *p = prepare(r, "/big", both[i]);

		curl_easy_setopt(p->curl, CURLOPT_NOBODY, 1L);
		perform(p);
		assert_int_equal(p->code, CURLE_OK);
		assert_int_equal(p->status, 200);
		assert_non_null(strcasestr(p->head.data, "content-length: 5242880\r\n"));
		drop(p);
		p = fetch(r, "/empty", both[i]);
		assert_int_equal(p->status, 204);
		assert_int_equal(p->body.len, 0);
		drop(p);
	}
}

/* Thirty streams of one connection, all answered later and together. */
static void
answers_to_many_streams_may_come_later(void **state)
{
	struct rig *r = *state;
	CURLM *multi = curl_multi_init();
	struct reply *p[30];
	int running = 1;
	long version;

	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
	for (int i = 0; i < 30; i++) {
		p[i] = prepare(r, "/later", CURL_HTTP_VERSION_2TLS);
		curl_easy_setopt(p[i]->curl, CURLOPT_PIPEWAIT, 1L);
		curl_multi_add_handle(multi, p[i]->curl);
	}
	while (running > 0) {
		curl_multi_perform(multi, &running);
		curl_multi_poll(multi, NULL, 0, 100, NULL);
	}
	for (int i = 0; i < 30; i++) {
		assert_has(p[i]->body.data, "path=/later");
		curl_easy_getinfo(p[i]->curl, CURLINFO_HTTP_VERSION, &version);
		assert_int_equal(version, CURL_HTTP_VERSION_2_0);
		curl_multi_remove_handle(multi, p[i]->curl);
		drop(p[i]);
	}
	curl_multi_cleanup(multi);
	assert_int_equal(r->gone, 0); /* whoever was answered is not gone */
}

struct leaver {
	struct rig *rig;
	int after; /* so many have asked */
};

static int
on_progress(void *ctx, curl_off_t dl_all, curl_off_t dl, curl_off_t ul_all, curl_off_t ul)
{
	const struct leaver *l = ctx;

	(void)dl_all, (void)dl, (void)ul_all, (void)ul;
	return l->rig->never >= l->after;
}

static void
a_client_that_leaves_first_is_gone_once(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < 2; i++) {
		struct leaver leaver = {r, i + 1};
		struct reply *p = prepare(r, "/never", both[i]);

		curl_easy_setopt(p->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(p->curl, CURLOPT_XFERINFODATA, &leaver);
		curl_easy_setopt(p->curl, CURLOPT_NOPROGRESS, 0L);
		perform(p);
		assert_int_equal(p->code, CURLE_ABORTED_BY_CALLBACK);
		drop(p);
		if (i == 0)
			rig_await(&r->gone, 1);
	}
	/* By HTTP/1.1 curl only closes its direction, which is not leaving; the end of the server is. */
	assert_int_equal(r->never, 2);
}

static void
the_live_path_is_not_for_http2(void **state)
{
	struct rig *r = rig_new();
	struct live_options o = {.ring_frames = 1, .ring_bytes = 1, .clients_max = 1};
	struct reply *p;

	(void)state;
	r->options.tls_cert = cert_file;
	r->options.tls_key = key_file;
	r->options.hub = live_new(&o);
	rig_start(r);
	p = fetch(r, "/api/v1/live", CURL_HTTP_VERSION_2TLS);
	assert_int_equal(p->status, 426);
	drop(p);
	o = (struct live_options){0};
	{
		struct live_hub *hub = r->options.hub;

		rig_stop(r);
		live_free(hub);
	}
}

static void
old_versions_of_tls_are_refused(void **state)
{
	struct rig *r = *state;
	struct reply *p = prepare(r, "/", CURL_HTTP_VERSION_1_1);

	curl_easy_setopt(
	    p->curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_1 | CURL_SSLVERSION_MAX_TLSv1_1);
	curl_easy_setopt(p->curl, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
	perform(p);
	assert_int_equal(p->code, CURLE_SSL_CONNECT_ERROR);
	drop(p);
	p = prepare(r, "/old", CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(
	    p->curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2);
	perform(p);
	assert_int_equal(p->code, CURLE_OK);
	assert_has(p->body.data, "path=/old");
	drop(p);
}

/* ---- hostile bytes ---- */

static SSL *
tls_dial(struct rig *r, SSL_CTX *ctx)
{
	SSL *ssl = SSL_new(ctx);
	int fd = dial(r->port);

	SSL_set_alpn_protos(ssl, (const uint8_t *)"\x02h2", 3);
	SSL_set_fd(ssl, fd);
	assert_int_equal(SSL_connect(ssl), 1);
	return ssl;
}

static void
tls_hang_up(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_free(ssl);
	close(fd);
}

static void
a_stream_that_is_reset_is_gone_though_its_connection_stays(void **state)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
	/* HEADERS with END_STREAM and END_HEADERS: GET, https, /never, authority h; then RST_STREAM, CANCEL */
	static const char get[] = "\0\0\x0d\x01\x05\0\0\0\x01\x82\x87\x04\x06/never\x01\x01h";
	static const char reset[] = "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08";
	struct rig *r = *state;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = tls_dial(r, ctx);

	SSL_write(ssl, preface, sizeof preface - 1);
	SSL_write(ssl, get, sizeof get - 1);
	rig_await(&r->never, 1);
	SSL_write(ssl, reset, sizeof reset - 1);
	rig_await(&r->gone, 1);
	tls_hang_up(ssl);
	SSL_CTX_free(ctx);
}

static void
garbage_does_not_stop_the_server(void **state)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
	struct rig *r = *state;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	uint32_t seed = 3;
	char noise[300];
	struct reply *p;
	SSL *ssl;
	int fd;

	for (int i = 0; i < 150; i++) {
		ssl = tls_dial(r, ctx);
		SSL_write(ssl, preface, sizeof preface - 1);
		for (size_t k = 0; k < sizeof noise; k++)
			noise[k] = (char)((seed = seed * 1664525 + 1013904223) >> 16);
		for (size_t k = 0; k + 9 < sizeof noise && i % 2 == 0; k += 40) {
			memcpy(noise + k, "\0\0\x1f",
			    3); /* frames of the right length, with any content */
			noise[k + 3] = (char)(noise[k + 3] & 15);
			memcpy(noise + k + 5, "\0\0\0\1", 4);
		}
		SSL_write(ssl, noise, sizeof noise);
		if (i % 3 == 0)
			SSL_read(ssl, noise, sizeof noise);
		tls_hang_up(ssl);
		fd = dial(r->port); /* and what is no TLS at all */
		put_bytes(fd, noise, sizeof noise);
		if (i % 3 == 0)
			hang_up(fd);
		else
			close(fd);
	}
	p = fetch(r, "/still", CURL_HTTP_VERSION_2TLS);
	assert_has(p->body.data, "path=/still");
	drop(p);
	SSL_CTX_free(ctx);
	ERR_clear_error();
}

/* ---- the live socket ---- */

static struct payload *
on_snapshot(void *ctx, int audience, uint64_t *seq)
{
	struct rig *r = ctx;

	(void)audience;
	*seq = 1;
	return payload_new(r->big, 300000);
}

static enum err
on_live(void *ctx, struct http_exchange *x, struct live_join *join, struct why *why)
{
	(void)ctx;
	(void)join;
	return x->tls ? ERR_OK : why_set(why, ERR_FORBIDDEN, "not by TLS");
}

static void
a_live_client_may_come_by_tls(void **state)
{
	static const char request[] =
	    "GET /api/v1/live HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	static const char frame[] = "\x81\x7f\0\0\0\0\0\x04\x93\xe0"; /* 300,000 bytes of text */
	struct rig *r = rig_new();
	struct live_options o = {
	    .ring_frames = 1, .ring_bytes = 1, .clients_max = 1, .snapshot = on_snapshot, .ctx = r};
	struct live_hub *hub = live_new(&o);
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	static char got[310000];
	size_t len = 0;
	char *end = NULL;
	SSL *ssl;
	int n = 1;

	(void)state;
	r->options.tls_cert = cert_file;
	r->options.tls_key = key_file;
	r->options.hub = hub;
	r->options.handler.on_live = on_live;
	rig_start(r);
	ssl = SSL_new(ctx); /* no ALPN at all: HTTP/1.1 */
	SSL_set_fd(ssl, dial(r->port));
	assert_int_equal(SSL_connect(ssl), 1);
	SSL_write(ssl, request, sizeof request - 1);
	while (n > 0 && (end == NULL || len < (size_t)(end - got) + 4 + 10 + 300000)) {
		n = SSL_read(ssl, got + len, (int)(sizeof got - len - 1));
		len += n > 0 ? (size_t)n : 0;
		if (end == NULL)
			end = strstr(got, "\r\n\r\n");
	}
	assert_status(got, 101);
	assert_memory_equal(end + 4, frame, 10);
	assert_memory_equal(end + 14, r->big, 300000);
	tls_hang_up(ssl);
	SSL_CTX_free(ctx);
	rig_stop(r);
	live_free(hub);
}

/* Whoever opens no window for what it has asked for must not make us keep the answer for ever. */
static void
an_answer_that_is_not_fetched_is_given_up(void **state)
{
	static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
				    "\0\0\x06\x04\0\0\0\0\0"     /* SETTINGS */
				    "\0\x04\0\0\0\0"             /* INITIAL_WINDOW_SIZE 0 */
				    "\0\0\x0b\x01\x05\0\0\0\x01" /* HEADERS, a whole request */
				    "\x82\x87\x04\x04/big\x01\x01h";
	static const char cancel[] = "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08"; /* RST_STREAM */
	struct rig *r = *state;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = tls_dial(r, ctx);
	char got[4096];
	size_t len = 0;
	int n = 1;

	assert_int_equal(SSL_connect(ssl), 1);
	SSL_write(ssl, hello, sizeof hello - 1);
	while (n > 0 && len < sizeof got && memmem(got, len, cancel, sizeof cancel - 1) == NULL) {
		n = SSL_read(ssl, got + len, (int)(sizeof got - len));
		len += n > 0 ? (size_t)n : 0;
	}
	assert_non_null(memmem(got, len, cancel, sizeof cancel - 1));
	tls_hang_up(ssl);
	SSL_CTX_free(ctx);
}

/* ---- files ---- */

static void
expect_open(const char *cert, const char *key, const char *part)
{
	struct http_options o = {
	    .address = "127.0.0.1", .tls_cert = cert, .tls_key = key, .idle_seconds = 1};
	struct loop *l;
	struct http_server *s;
	struct why why = {""};

	assert_int_equal(loop_open(&l, &why), ERR_OK);
	assert_int_equal(http_open(l, &o, &s, &why), ERR_INVALID);
	assert_has(why.text, part);
	assert_int_equal(loop_close(l), ERR_OK);
}

static void
what_is_wrong_with_the_files_is_said(void **state)
{
	(void)state;
	expect_open("/nonexistent.pem", key_file, "TLS certificate /nonexistent.pem: No such file");
	expect_open(cert_file, "/nonexistent.pem", "TLS key /nonexistent.pem: No such file");
	expect_open(key_file, key_file, "not a PEM certificate");
	expect_open(cert_file, cert_file, "not a PEM private key");
	expect_open(cert_file, other_key_file, "does not match the certificate");
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define HASTY(f) cmocka_unit_test_setup_teardown(f, set_up_hasty, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(headers_of_our_own_arrive_by_both_versions),
	    T(large_answers_and_uploads_arrive_whole),
	    T(refusals_are_the_same_by_both_versions),
	    T(head_and_no_content_have_no_body),
	    T(answers_to_many_streams_may_come_later),
	    T(a_stream_that_is_reset_is_gone_though_its_connection_stays),
	    T(a_client_that_leaves_first_is_gone_once),
	    cmocka_unit_test(the_live_path_is_not_for_http2),
	    T(old_versions_of_tls_are_refused),
	    cmocka_unit_test(a_live_client_may_come_by_tls),
	    T(garbage_does_not_stop_the_server),
	    HASTY(an_answer_that_is_not_fetched_is_given_up),
	    cmocka_unit_test(what_is_wrong_with_the_files_is_said),
	};

	curl_global_init(CURL_GLOBAL_ALL);
	return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
