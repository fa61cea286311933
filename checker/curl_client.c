#include "checker/curl_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define READ_BYTES 4096

static const char headers_too_long[] = "the answer's headers are longer than 64 KiB";

/* ---- what comes in ---- */

static size_t
on_header(char *data, size_t one, size_t len, void *client)
{
	struct curl_client *c = client;

	(void)one;
	/* An interim response or a redirect's: the last one's headers are the answer's. */
	if (len > 5 && memcmp(data, "HTTP/", 5) == 0)
		buf_reset(&c->answer->headers);
	c->header_bytes += len;
	buf_put(&c->answer->headers, data, len);
	if (c->header_bytes <= HEADERS_MAX_BYTES)
		return len;
	c->over = headers_too_long;
	return 0;
}

static size_t
on_body(char *data, size_t one, size_t len, void *client)
{
	struct curl_client *c = client;

	(void)one;
	buf_put(&c->answer->body, data, len);
	if (!c->answer->body.failed)
		return len;
	c->over = "the answer is longer than " BODY_MAX_TEXT;
	return 0;
}

/* ---- before ---- */

/*
 * What is the same for every exchange of a handle. Set once: curl_easy_reset of libcurl 7.88 leaks the list
 * behind CURLOPT_COOKIEFILE. No TLS session is resumed: a certificate would go unseen.
 */
static void
set_options(struct curl_client *c)
{
	CURL *h = c->easy;

	curl_easy_setopt(h, CURLOPT_PRIVATE, c);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(h, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(h, CURLOPT_BUFFERSIZE, (long)READ_BYTES);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
}

enum err
curl_client_open(struct curl_client *c, struct why *why)
{
	if (c->easy != NULL)
		return ERR_OK;
	if ((c->easy = curl_easy_init()) == NULL)
		return why_set(why, ERR_IO, "curl_easy_init failed");
	set_options(c);
	return ERR_OK;
}

/* A name was resolved by the round already: curl connects where that said, Host and SNI stay. */
static void
set_address(struct curl_client *c, const struct curl_target *t)
{
	char text[400];

	curl_slist_free_all(c->connect_to);
	c->connect_to = NULL;
	if (strcmp(t->host, t->ip) != 0) {
		snprintf(
		    text, sizeof text, strchr(t->ip, ':') != NULL ? "::[%s]:" : "::%s:", t->ip);
		c->connect_to = curl_slist_append(NULL, text);
	}
	curl_easy_setopt(c->easy, CURLOPT_CONNECT_TO, c->connect_to);
}

void
curl_client_aim(struct curl_client *c, const struct curl_target *t, const struct tls_plan *tls)
{
	c->header_bytes = 0;
	c->over = NULL;
	answer_reset(c->answer);
	set_address(c, t);
	curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, t->scheme);
	tls_apply(&c->tls, c->easy, tls, t->host);
}

void
curl_client_authority(struct buf *url, const struct curl_target *t)
{
	bool v6 = strchr(t->host, ':') != NULL;

	buf_printf(url, v6 ? "%s://[%s]:%d" : "%s://%s:%d", t->scheme, t->host, t->port);
}

void
curl_client_escape(struct buf *url, const char *text, size_t len, const char *keep)
{
	static const char plain[] = "-._~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\0' &&
		    (strchr(plain, text[i]) != NULL || strchr(keep, text[i]) != NULL))
			buf_putc(url, text[i]);
		else
			buf_printf(url, "%%%02X", (unsigned char)text[i]);
	}
}

/* ---- after ---- */

/* %s: the protocol. */
static const struct {
	CURLcode code;
	enum status status;
	const char *text;
} endings[] = {
    {CURLE_GOT_NOTHING, ST_MUMBLE, "closed without an answer"},
    {CURLE_PARTIAL_FILE, ST_MUMBLE, "the answer ends early"},
    {CURLE_WEIRD_SERVER_REPLY, ST_MUMBLE, "the answer is not %s"},
    {CURLE_READ_ERROR, ST_MUMBLE, "the answer is not %s"}, /* SMB's word for it */
    {CURLE_UNSUPPORTED_PROTOCOL, ST_MUMBLE, "the answer is not %s"},
    {CURLE_BAD_CONTENT_ENCODING, ST_MUMBLE, "the answer's encoding is broken"},
    {CURLE_SSL_CONNECT_ERROR, ST_MUMBLE, "the TLS handshake failed"},
    {CURLE_PEER_FAILED_VERIFICATION, ST_MUMBLE, "the TLS handshake failed"},
    {CURLE_USE_SSL_FAILED, ST_MUMBLE, "it does not begin TLS when asked to"},
    {CURLE_OPERATION_TIMEDOUT, ST_DOWN, "connection timed out"},
    {CURLE_SSL_CERTPROBLEM, ST_FAULT, "the step's own certificate cannot be used"},
    {CURLE_SSL_CACERT_BADFILE, ST_FAULT, "the step's ca cannot be used"},
    {CURLE_OUT_OF_MEMORY, ST_FAULT, "the checker has no memory left"},
    {CURLE_URL_MALFORMAT, ST_FAULT, "the step's texts make no URL"},
    {CURLE_FAILED_INIT, ST_FAULT, "libcurl could not begin"},
    {CURLE_NOT_BUILT_IN, ST_FAULT, "the checker's libcurl cannot do this"},
};

bool
curl_client_connected(const struct curl_client *c)
{
	curl_off_t us = 0;

	return curl_easy_getinfo(c->easy, CURLINFO_CONNECT_TIME_T, &us) == CURLE_OK && us > 0;
}

static void
mumble(struct outcome *o, const char *text)
{
	o->status = ST_MUMBLE;
	(void)why_set(&o->said, ERR_OK, "%s", text);
}

static void
outcome_of_network(const struct curl_client *c, CURLcode code, struct outcome *o)
{
	long os = 0;

	curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os); /* of connecting only */
	outcome_from_errno(o, os != 0 || code == CURLE_COULDNT_CONNECT ? (int)os : ECONNRESET);
}

static void
outcome_of_code(const struct curl_client *c, CURLcode code, struct outcome *o)
{
	if (code == CURLE_FAILED_INIT &&
	    curl_client_connected(c)) /* what libssh2 calls a failed handshake */
		code = CURLE_WEIRD_SERVER_REPLY;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		if (endings[i].code != code)
			continue;
		o->status = endings[i].status;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)why_set(&o->said, ERR_OK, endings[i].text, c->protocol);
#pragma GCC diagnostic pop
		return;
	}
	/* Whatever else a peer provokes is no want of the checker's. */
	o->status = curl_client_connected(c) ? ST_MUMBLE : ST_FAULT;
	(void)why_set(&o->said, ERR_OK, "%s", curl_easy_strerror(code));
}

void
curl_client_outcome(struct curl_client *c, CURLcode code, struct outcome *o)
{
	/* A header line that never ends has curl give up before on_header sees it, with this code; it is no want of ours. */
	if (c->over == NULL && code == CURLE_OUT_OF_MEMORY && curl_client_connected(c))
		c->over = headers_too_long;
	if (c->over != NULL)
		mumble(o, c->over);
	else if (c->tls.watch.said.text[0] != '\0')
		mumble(o, c->tls.watch.said.text);
	/* Of a reset and of broken chunks curl says the same; a reset in the middle breaks the answer, too. */
	else if (code == CURLE_RECV_ERROR && c->answer->headers.len > 0)
		mumble(o, "the answer breaks off");
	else if (code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR ||
		 code == CURLE_RECV_ERROR)
		outcome_of_network(c, code, o);
	else
		outcome_of_code(c, code, o);
}

void
curl_client_close(struct curl_client *c)
{
	if (c->easy != NULL)
		curl_easy_cleanup(c->easy);
	c->easy = NULL;
	curl_slist_free_all(c->connect_to);
	c->connect_to = NULL;
}
