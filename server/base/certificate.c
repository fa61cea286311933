#include "base/certificate.h"
#include "base/buf.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#define SHOWN_NAMES_BYTES 200

/* ---- what it is ---- */

static void
shown_names(X509 *cert, struct buf *out)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	char common[128] = "";

	for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS)
			continue;
		buf_printf(out, "%s%.*s", out->len > 0 ? ", " : "",
		    ASN1_STRING_length(name->d.dNSName),
		    (const char *)ASN1_STRING_get0_data(name->d.dNSName));
	}
	GENERAL_NAMES_free(names);
	if (out->len > 0)
		return;
	X509_NAME_get_text_by_NID(
	    X509_get_subject_name(cert), NID_commonName, common, sizeof common);
	buf_puts(out, common[0] != '\0' ? common : "nobody");
}

static bool
is_for(X509 *cert, const char *name)
{
	return X509_check_ip_asc(cert, name, 0) == 1 ||
	       X509_check_host(cert, name, strlen(name), 0, NULL) == 1;
}

static bool
name_holds(X509 *cert, const char *name, struct why *said)
{
	struct buf has;

	if (is_for(cert, name))
		return true;
	buf_init(&has, SHOWN_NAMES_BYTES);
	shown_names(cert, &has);
	(void)why_set(said, ERR_OK, "its certificate is for %s, not for %s",
	    has.data != NULL ? has.data : "many others", name);
	buf_free(&has);
	return false;
}

static bool
lasts(X509 *cert, int days_left, struct why *said)
{
	int days = 0, seconds = 0;

	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) != 1)
		(void)why_set(said, ERR_OK, "its certificate has no readable end");
	else if (days < 0 || seconds < 0)
		(void)why_set(said, ERR_OK, "its certificate ended %d day%s ago", -days,
		    days == -1 ? "" : "s");
	else if (days < days_left)
		(void)why_set(said, ERR_OK, "its certificate ends in %d days, at least %d expected",
		    days, days_left);
	else
		return true;
	return false;
}

/* ---- what is demanded ---- */

static bool
demands_any(const struct certificate_demands *d)
{
	return d->verify || d->name_count > 0 || d->lasts;
}

bool
certificate_holds(const struct certificate_demands *d, const char *host, void *x509, long verified,
    struct why *said)
{
	X509 *cert = x509;

	if (!demands_any(d))
		return true;
	if (cert == NULL) {
		(void)why_set(said, ERR_OK, "it has no certificate");
		return false;
	}
	if (d->lasts && !lasts(cert, d->days_left, said))
		return false;
	for (size_t i = 0; i < d->name_count; i++)
		if (!name_holds(cert, d->names[i], said))
			return false;
	if (!d->verify)
		return true;
	if (verified != X509_V_OK) {
		(void)why_set(said, ERR_OK, "its certificate is not trusted: %s",
		    X509_verify_cert_error_string(verified));
		return false;
	}
	return host == NULL || d->name_count > 0 || name_holds(cert, host, said);
}

/* What OpenSSL says of the chain. */
static long
verify_chain(X509_STORE_CTX *store)
{
	int error;

	if (X509_verify_cert(store) == 1)
		return X509_V_OK;
	error = X509_STORE_CTX_get_error(store);
	return error != X509_V_OK ? error : X509_V_ERR_UNSPECIFIED;
}

/* ---- during a handshake ---- */

/* OpenSSL's verification as a whole. */
static int
on_verify(X509_STORE_CTX *store, void *watch)
{
	struct certificate_watch *w = watch;
	long verified = w->demands->verify ? verify_chain(store) : X509_V_OK;
	bool holds = certificate_holds(
	    w->demands, w->host, X509_STORE_CTX_get0_cert(store), verified, &w->said);

	X509_STORE_CTX_set_error(store, holds ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
	return holds;
}

/* An alert that the other end sent: TLS 1.3 refuses a client's certificate only after the handshake. */
static void
on_info(const SSL *ssl, int where, int code)
{
	struct certificate_watch *w = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && code >> 8 == SSL3_AL_FATAL &&
	    w->said.text[0] == '\0')
		(void)why_set(
		    &w->said, ERR_OK, "it breaks TLS off: %s", SSL_alert_desc_string_long(code));
}

void
certificate_watch(void *ssl_ctx, struct certificate_watch *w)
{
	const struct certificate_demands *d = w->demands;
	SSL_CTX *ctx = ssl_ctx;

	SSL_CTX_set_app_data(ctx, w);
	SSL_CTX_set_info_callback(ctx, on_info);
	if (!demands_any(d))
		return;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, on_verify, w);
}
