#include "checker/tls_client.h"
#include "base/mem.h"
#include "checker/tls_plan.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

struct tls_wishes {
	SSL_CTX *ctx;
	struct tls_plan plan;
};

struct tls_client {
	const struct tls_wishes *wishes;
	SSL *ssl;
	bool ready;
};

/* ---- wishes ---- */

/* Without it OpenSSL would ask the terminal for the password of an encrypted key. */
static int
no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

/* Every certificate of the text, by add; how many there were. */
static int
each_certificate(SSL_CTX *ctx, const char *text, bool (*add)(SSL_CTX *ctx, X509 *x, int n))
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	int n = 0;
	X509 *x;

	while ((x = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
		bool fine = add(ctx, x, n);

		X509_free(x);
		if (!fine)
			break;
		n++;
	}
	BIO_free(bio);
	ERR_clear_error();
	return n;
}

static bool
add_authority(SSL_CTX *ctx, X509 *x, int n)
{
	(void)n;
	return X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x) == 1;
}

/* The first is the client's own, the others are on the way to an authority. */
static bool
add_own(SSL_CTX *ctx, X509 *x, int n)
{
	return n == 0 ? SSL_CTX_use_certificate(ctx, x) == 1 : SSL_CTX_add1_chain_cert(ctx, x) == 1;
}

static bool
use_key(SSL_CTX *ctx, const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	bool fine = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_clear_error();
	return fine;
}

static enum err
use_files(struct reading *r, struct tls_wishes *out)
{
	const struct tls_plan *p = &out->plan;

	if (p->ca != NULL && each_certificate(out->ctx, p->ca, add_authority) == 0)
		return why_set(r->why, ERR_INVALID, "\"ca\" is no text of PEM certificates");
	if (p->ca == NULL && p->demands.verify)
		SSL_CTX_set_default_verify_paths(out->ctx);
	if (p->cert != NULL && each_certificate(out->ctx, p->cert, add_own) == 0)
		return why_set(r->why, ERR_INVALID, "\"cert\" is no text of PEM certificates");
	if (p->key != NULL && !use_key(out->ctx, p->key))
		return why_set(r->why, ERR_INVALID,
		    "\"key\" is no PEM private key without a password that matches \"cert\"");
	return ERR_OK;
}

static void
wishes_free(void *arg)
{
	struct tls_wishes *w = arg;

	SSL_CTX_free(w->ctx);
}

enum err
tls_wishes_read(struct reading *r, const struct json_t *o, const struct tls_wishes **out)
{
	struct tls_wishes *w = arena_alloc(&r->program->arena, sizeof *w);
	enum err e;

	*out = w;
	w->ctx = SSL_CTX_new(TLS_client_method());
	if (w->ctx == NULL)
		return why_set(r->why, ERR_IO, "OpenSSL cannot make a TLS context");
	reading_dispose(r, wishes_free, w);
	SSL_CTX_set_options(
	    w->ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(w->ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(w->ctx, SSL_SESS_CACHE_OFF);
	if ((e = tls_plan_read_keys(r, o, &w->plan)) != ERR_OK)
		return e;
	return use_files(r, w);
}

/* ---- a connection ---- */

static bool
is_address(const char *s)
{
	struct in6_addr any;

	return inet_pton(AF_INET, s, &any) == 1 || inet_pton(AF_INET6, s, &any) == 1;
}

struct tls_client *
tls_client_new(const struct tls_wishes *wishes, const char *host)
{
	struct tls_client *c = mem_alloc(sizeof *c);
	const struct certificate_demands *d = &wishes->plan.demands;
	const char *name = d->name_count > 0 ? d->names[0] : host;
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

	c->wishes = wishes;
	c->ssl = SSL_new(wishes->ctx);
	if (c->ssl == NULL || in == NULL || out == NULL)
		abort(); /* out of memory, as in base/mem.h */
	SSL_set_bio(c->ssl, in, out);
	SSL_set_connect_state(c->ssl);
	if (!is_address(name)) /* RFC 6066 section 3: literal addresses are not permitted */
		SSL_set_tlsext_host_name(c->ssl, name);
	ERR_clear_error();
	return c;
}

void
tls_client_free(struct tls_client *c)
{
	if (c == NULL)
		return;
	SSL_free(c->ssl);
	free(c);
}

bool
tls_client_ready(const struct tls_client *c)
{
	return c->ready;
}

void
tls_client_feed(struct tls_client *c, const char *data, size_t len)
{
	BIO_write(SSL_get_rbio(c->ssl), data, (int)len);
}

void
tls_client_drain(struct tls_client *c, struct buf *out)
{
	BIO *bio = SSL_get_wbio(c->ssl);
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	if (len > 0)
		buf_put(out, data, (size_t)len);
	(void)BIO_reset(bio);
}

bool
tls_client_write(struct tls_client *c, const void *data, size_t len)
{
	ERR_clear_error();
	return SSL_write(c->ssl, data, (int)len) == (int)len;
}

/* ---- events ---- */

static enum tls_event
broken(const struct tls_client *c, struct outcome *o)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	o->status = ST_MUMBLE;
	(void)why_set(&o->said, ERR_OK,
	    c->ready ? "the TLS connection broke: %s" : "the TLS handshake failed: %s",
	    reason != NULL ? reason : "no reason given");
	ERR_clear_error();
	return TLS_FAILED;
}

static enum tls_event
handshake_step(struct tls_client *c, struct outcome *o)
{
	int n = SSL_do_handshake(c->ssl);

	if (n != 1)
		return SSL_get_error(c->ssl, n) == SSL_ERROR_WANT_READ ? TLS_WAIT : broken(c, o);
	c->ready = true;
	if (certificate_holds(&c->wishes->plan.demands, NULL, SSL_get0_peer_certificate(c->ssl),
		SSL_get_verify_result(c->ssl), &o->said))
		return TLS_READY;
	o->status = ST_MUMBLE;
	return TLS_FAILED;
}

enum tls_event
tls_client_step(struct tls_client *c, char *data, size_t max, size_t *len, struct outcome *o)
{
	int n;

	*len = 0;
	ERR_clear_error();
	if (!c->ready)
		return handshake_step(c, o);
	n = SSL_read(c->ssl, data, (int)max);
	if (n > 0) {
		*len = (size_t)n;
		return TLS_DATA;
	}
	switch (SSL_get_error(c->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WAIT;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_ENDED;
	default:
		return broken(c, o);
	}
}
