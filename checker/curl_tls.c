#include "checker/curl_tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAYS_MAX 3650
#define SHOWN_NAMES_BYTES 200

/* ---- the certificate ---- */

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
days_hold(X509 *cert, int days_left, struct why *said)
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

static bool
chain_holds(X509_STORE_CTX *store, struct why *said)
{
	if (X509_verify_cert(store) == 1)
		return true;
	(void)why_set(said, ERR_OK, "its certificate is not to be trusted: %s",
	    X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
	return false;
}

static bool
certificate_holds(const struct tls_state *s, X509_STORE_CTX *store, struct why *said)
{
	const struct tls_plan *p = s->plan;
	X509 *cert = X509_STORE_CTX_get0_cert(store);

	if (cert == NULL) {
		(void)why_set(said, ERR_OK, "it has no certificate");
		return false;
	}
	if (p->days_left > 0 && !days_hold(cert, p->days_left, said))
		return false;
	for (size_t i = 0; i < p->name_count; i++)
		if (!name_holds(cert, p->names[i], said))
			return false;
	if (!p->verify)
		return true;
	return chain_holds(store, said) && (p->name_count > 0 || name_holds(cert, s->host, said));
}

/* OpenSSL's verification as a whole. */
static int
on_verify(X509_STORE_CTX *store, void *state)
{
	struct tls_state *s = state;
	bool holds = certificate_holds(s, store, &s->said);

	X509_STORE_CTX_set_error(store, holds ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
	return holds;
}

/* An alert that the other end sent: TLS 1.3 refuses a client's certificate only after the handshake. */
static void
on_info(const SSL *ssl, int where, int code)
{
	struct tls_state *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && code >> 8 == SSL3_AL_FATAL &&
	    s->said.text[0] == '\0')
		(void)why_set(
		    &s->said, ERR_OK, "it breaks TLS off: %s", SSL_alert_desc_string_long(code));
}

/* ---- libcurl ---- */

static CURLcode
on_context(CURL *easy, void *context, void *state)
{
	struct tls_state *s = state;
	const struct tls_plan *p = s->plan;
	SSL_CTX *ctx = context;

	(void)easy;
	SSL_CTX_set_app_data(ctx, s);
	SSL_CTX_set_info_callback(ctx, on_info);
	if (p->verify || p->name_count > 0 || p->days_left > 0) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_cert_verify_callback(ctx, on_verify, s);
	}
	return CURLE_OK;
}

static void
set_blob(CURL *easy, CURLoption option, const char *pem)
{
	struct curl_blob blob = {.flags = CURL_BLOB_COPY};

	if (pem != NULL) {
		blob.data = (void *)pem;
		blob.len = strlen(pem);
	}
	curl_easy_setopt(easy, option, pem != NULL ? &blob : NULL);
}

void
tls_apply(struct tls_state *s, CURL *easy, const struct tls_plan *plan, const char *host)
{
	s->plan = plan;
	s->host = host;
	s->said.text[0] = '\0';
	if (plan == NULL && !s->applied)
		return;
	s->applied = plan != NULL;
	set_blob(easy, CURLOPT_CAINFO_BLOB, plan != NULL ? plan->ca : NULL);
	set_blob(easy, CURLOPT_SSLCERT_BLOB, plan != NULL ? plan->cert : NULL);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, plan != NULL ? plan->key : NULL);
	/* Has curl load whom to trust; the verdict is on_verify's. */
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, plan != NULL && plan->verify ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, plan != NULL ? on_context : NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, s);
}

/* ---- reading ---- */

static enum err
read_names(struct reading *r, const struct json_t *o, struct tls_plan *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "names", TLS_NAMES_MAX, &list, &out->name_count)) != ERR_OK)
		return e;
	out->names = arena_array(&r->program->arena, out->name_count, sizeof *out->names);
	for (size_t i = 0; i < out->name_count; i++) {
		const char *name = jr_string(jr_at(list, i), NULL);

		if (name == NULL || name[0] == '\0' || strlen(name) > 253)
			return why_set(r->why, ERR_INVALID,
			    "an entry of \"names\" is a host's name or address");
		out->names[i] = arena_strdup(&r->program->arena, name);
	}
	return ERR_OK;
}

static enum err
read_pem(struct reading *r, const struct json_t *o, const char *key, const char **out)
{
	const char *text;
	enum err e;

	if (jr_get(o, key) == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, key, PEM_MAX_BYTES, &text, r->why)) == ERR_OK)
		*out = arena_strdup(&r->program->arena, text);
	return e;
}

static enum err
read_demands(struct reading *r, const struct json_t *o, struct tls_plan *out)
{
	static const char *const keys[] = {
	    "verify", "names", "days_left", "ca", "cert", "key", NULL};
	int64_t days = 0;
	enum err e;

	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK || (e = read_names(r, o, out)) != ERR_OK)
		return e;
	if (jr_get(o, "days_left") != NULL &&
	    (e = jr_want_int(o, "days_left", 1, DAYS_MAX, &days, r->why)) != ERR_OK)
		return e;
	if ((e = read_pem(r, o, "ca", &out->ca)) != ERR_OK ||
	    (e = read_pem(r, o, "cert", &out->cert)) != ERR_OK ||
	    (e = read_pem(r, o, "key", &out->key)) != ERR_OK)
		return e;
	if ((out->cert == NULL) != (out->key == NULL))
		return why_set(r->why, ERR_INVALID, "\"cert\" and \"key\" go together");
	out->days_left = (int)days;
	out->verify = out->ca != NULL || jr_boolean(jr_get(o, "verify"), false);
	return ERR_OK;
}

enum err
tls_plan_read(struct reading *r, const struct json_t *o, const struct tls_plan **out)
{
	const struct json_t *tls = jr_get(o, "tls");
	struct tls_plan *plan;

	*out = NULL;
	if (!jr_is_object(tls) && !jr_boolean(tls, false))
		return ERR_OK;
	plan = arena_alloc(&r->program->arena, sizeof *plan);
	*out = plan;
	return jr_is_object(tls) ? read_demands(r, tls, plan) : ERR_OK;
}
