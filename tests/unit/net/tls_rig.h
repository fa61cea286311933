/*
 * For tests of HTTPS and HTTP/2: a certificate of our own, and libcurl as the client of a rig.
 */
#ifndef TESTS_UNIT_NET_TLS_RIG_H
#define TESTS_UNIT_NET_TLS_RIG_H

#include "tests/unit/net/rig.h"

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

	snprintf(url, sizeof url, "%s://127.0.0.1:%d%s",
	    r->options.tls_cert != NULL ? "https" : "http", r->port, path);
	buf_init(&p->head, 65536);
	buf_init(&p->body, 2 * BIG_BYTES);
	p->curl = curl_easy_init();
	curl_easy_setopt(p->curl, CURLOPT_URL, url);
	curl_easy_setopt(p->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(p->curl, CURLOPT_HTTP_VERSION, version);
	curl_easy_setopt(p->curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(p->curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(p->curl, CURLOPT_TIMEOUT_MS, 60000L);
	curl_easy_setopt(p->curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(p->curl, CURLOPT_WRITEDATA, &p->body);
	curl_easy_setopt(p->curl, CURLOPT_HEADERFUNCTION, on_bytes);
	curl_easy_setopt(p->curl, CURLOPT_HEADERDATA, &p->head);
	return p;
}

__attribute__((unused)) static void
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

__attribute__((unused)) static struct reply *
fetch(struct rig *r, const char *path, long version)
{
	struct reply *p = prepare(r, path, version);

	perform(p);
	assert_int_equal(p->code, CURLE_OK);
	assert_int_equal(p->version,
	    version == CURL_HTTP_VERSION_1_1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2_0);
	return p;
}

__attribute__((unused)) static const long both[] = {CURL_HTTP_VERSION_2TLS, CURL_HTTP_VERSION_1_1};

#endif
