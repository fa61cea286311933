/*
 * TLS for stream.c: OpenSSL between two BIOs of ours. The one for reading looks at the bytes that libuv has
 * just read, the one for writing gathers records that go out together, so a quiet connection holds no
 * buffer of either kind.
 */
#include "base/log.h"
#include "base/mem.h"
#include "net/stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A body is encrypted in pieces, the next one when the last has gone out. */
#define PIECE_BYTES (64 * 1024)
#define CIPHER_MAX_BYTES (64 * 1024 * 1024)

struct tls {
	SSL *ssl;
	const char *in; /* what has come and OpenSSL has not looked at */
	size_t in_len;
	struct buf out;   /* records on their way to the socket */
	const char *rest; /* of the body, not encrypted yet */
	size_t rest_len;
	char *rest_own;
};

/* ---- the BIO ---- */

static int
bio_read(BIO *b, char *to, size_t max, size_t *got)
{
	struct tls *t = BIO_get_data(b);

	BIO_clear_retry_flags(b);
	if (t->in_len == 0) {
		BIO_set_retry_read(b);
		return 0;
	}
	*got = max < t->in_len ? max : t->in_len;
	memcpy(to, t->in, *got);
	t->in += *got;
	t->in_len -= *got;
	return 1;
}

static int
bio_write(BIO *b, const char *from, size_t len, size_t *put)
{
	struct tls *t = BIO_get_data(b);

	BIO_clear_retry_flags(b);
	buf_put(&t->out, from, len);
	if (t->out.failed)
		return 0;
	*put = len;
	return 1;
}

static long
bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)b;
	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH;
}

static BIO_METHOD *
bio_method(void)
{
	static BIO_METHOD *method; /* made once, by the loop's thread */

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
		BIO_meth_set_read_ex(method, bio_read);
		BIO_meth_set_write_ex(method, bio_write);
		BIO_meth_set_ctrl(method, bio_ctrl);
	}
	return method;
}

/* ---- the context ---- */

static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
    unsigned in_len, void *arg)
{
	static const unsigned char ours[] = "\x02h2\x08http/1.1";

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto((unsigned char **)out, out_len, ours, sizeof ours - 1, in,
		in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301 section 3.2 */
	return SSL_TLSEXT_ERR_OK;
}

static enum err
tls_files(SSL_CTX *ctx, const char *cert, const char *key, struct why *why)
{
	if (access(cert, R_OK) != 0)
		return why_set(why, ERR_INVALID, "TLS certificate %s: %s", cert, strerror(errno));
	if (access(key, R_OK) != 0)
		return why_set(why, ERR_INVALID, "TLS key %s: %s", key, strerror(errno));
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return why_set(
		    why, ERR_INVALID, "TLS certificate %s: not a PEM certificate chain", cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1)
		return ERR_OK;
	if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
	    ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH)
		return why_set(
		    why, ERR_INVALID, "TLS key %s does not match the certificate %s", key, cert);
	return why_set(
	    why, ERR_INVALID, "TLS key %s: not a PEM private key without a password", key);
}

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

enum err
tls_context(const char *cert, const char *key, SSL_CTX **out, struct why *why)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	enum err e;

	if (ctx == NULL)
		return why_set(why, ERR_IO, "OpenSSL cannot make a TLS context");
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20");
	SSL_CTX_set_options(
	    ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	ERR_clear_error();
	if ((e = tls_files(ctx, cert, key, why)) != ERR_OK) {
		SSL_CTX_free(ctx);
		ERR_clear_error();
		return e;
	}
	*out = ctx;
	return ERR_OK;
}

/* ---- a connection ---- */

void
tls_open(struct stream *s)
{
	struct tls *t = mem_alloc(sizeof *t);
	BIO *bio = BIO_new(bio_method());

	buf_init(&t->out, CIPHER_MAX_BYTES);
	t->ssl = SSL_new(s->shared->tls);
	if (bio == NULL || t->ssl == NULL)
		log_die("tls", "out of memory");
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_accept_state(t->ssl);
	s->tls = t;
}

void
tls_free(struct stream *s)
{
	struct tls *t = s->tls;

	if (t == NULL)
		return;
	SSL_free(t->ssl);
	buf_free(&t->out);
	free(t->rest_own);
	free(t);
	s->tls = NULL;
}

static void
flush(struct stream *s)
{
	struct tls *t = s->tls;
	size_t len;
	char *data;

	if (t->out.failed) {
		stream_fail(s);
		return;
	}
	if (t->out.len == 0)
		return;
	data = buf_take(&t->out, &len);
	stream_raw(s, data, len, data);
}

static void
ready(struct stream *s)
{
	const unsigned char *name;
	unsigned len;

	s->secure = true;
	SSL_get0_alpn_selected(s->tls->ssl, &name, &len);
	s->shared->ops->on_secure(s, len == 2 && memcmp(name, "h2", 2) == 0);
}

/* Hands on what can be decrypted; false when the connection is of no more use. */
static bool
decrypt(struct stream *s)
{
	struct tls *t = s->tls;
	int n;

	for (;;) {
		ERR_clear_error();
		n = SSL_read(t->ssl, s->shared->plain, sizeof s->shared->plain);
		if (!s->secure && SSL_is_init_finished(t->ssl))
			ready(s);
		if (n <= 0)
			break;
		s->shared->ops->on_data(s, s->shared->plain, (size_t)n);
		if (uv_is_closing((uv_handle_t *)&s->tcp))
			return true;
	}
	n = SSL_get_error(t->ssl, n);
	if (n == SSL_ERROR_ZERO_RETURN && !s->ended) {
		s->ended = true;
		uv_read_stop((uv_stream_t *)&s->tcp);
		s->reading = false;
		s->shared->ops->on_end(s);
	}
	return n == SSL_ERROR_WANT_READ || n == SSL_ERROR_WANT_WRITE || n == SSL_ERROR_ZERO_RETURN;
}

void
tls_input(struct stream *s, const char *data, size_t len)
{
	struct tls *t = s->tls;
	bool fine;

	t->in = data;
	t->in_len = len;
	fine = decrypt(s);
	t->in = NULL;
	t->in_len = 0;
	if (uv_is_closing((uv_handle_t *)&s->tcp))
		return;
	flush(s); /* an alert says why, when it is not fine */
	if (!fine) {
		s->failed = true;
		s->shared->ops->on_failed(s);
	}
}

static void
encrypt(struct stream *s, const char *data, size_t len)
{
	if (len == 0 || s->failed)
		return;
	ERR_clear_error();
	if (SSL_write(s->tls->ssl, data, (int)len) <= 0)
		stream_fail(s);
}

bool
tls_pending(const struct stream *s)
{
	return s->tls->rest_len > 0;
}

/* Encrypts one more piece of the body and lets it go. */
static void
piece(struct stream *s)
{
	struct tls *t = s->tls;
	size_t n = t->rest_len < PIECE_BYTES ? t->rest_len : PIECE_BYTES;

	encrypt(s, t->rest, n);
	t->rest += n;
	t->rest_len -= n;
	if (t->rest_len == 0) {
		free(t->rest_own);
		t->rest_own = NULL;
	}
	flush(s);
}

void
tls_pump(struct stream *s)
{
	while (s->tls->rest_len > 0 && s->flights == 0 && !s->failed)
		piece(s);
}

void
tls_send(struct stream *s, const char *head, size_t head_len, const char *body, size_t body_len,
    enum stream_keep keep)
{
	struct tls *t = s->tls;
	size_t now = body_len < PIECE_BYTES ? body_len : PIECE_BYTES;

	encrypt(s, head, head_len);
	encrypt(s, body, now);
	flush(s);
	if (now == body_len || s->failed)
		return;
	t->rest = body + now;
	t->rest_len = body_len - now;
	if (keep == STREAM_COPY) {
		t->rest_own = mem_resize(NULL, t->rest_len, 1);
		memcpy(t->rest_own, t->rest, t->rest_len);
		t->rest = t->rest_own;
	}
	tls_pump(s);
}

void
tls_shutdown(struct stream *s)
{
	if (!s->secure)
		return;
	ERR_clear_error();
	SSL_shutdown(s->tls->ssl);
	flush(s);
}
