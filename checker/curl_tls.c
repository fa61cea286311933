#include "checker/curl_tls.h"

#include <string.h>

/* ---- libcurl ---- */

static CURLcode
on_context(CURL *easy, void *context, void *state)
{
	struct tls_state *s = state;

	(void)easy;
	certificate_watch(context, &s->watch);
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
	s->watch.demands = plan != NULL ? &plan->demands : NULL;
	s->watch.host = host;
	s->watch.said.text[0] = '\0';
	if (plan == NULL && !s->applied)
		return;
	s->applied = plan != NULL;
	set_blob(easy, CURLOPT_CAINFO_BLOB, plan != NULL ? plan->ca : NULL);
	set_blob(easy, CURLOPT_SSLCERT_BLOB, plan != NULL ? plan->cert : NULL);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, plan != NULL ? plan->key : NULL);
	/* Has curl load whom to trust; the verdict is on_verify's. */
	curl_easy_setopt(
	    easy, CURLOPT_SSL_VERIFYPEER, plan != NULL && plan->demands.verify ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, plan != NULL ? on_context : NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, s);
}

/* ---- reading ---- */

enum err
curl_tls_plan_read(struct reading *r, const struct json_t *o, const struct tls_plan **out)
{
	static const char *const keys[] = {TLS_PLAN_KEYS, NULL};
	const struct json_t *tls = jr_get(o, "tls");
	struct tls_plan *plan;
	enum err e;

	*out = NULL;
	if (!jr_is_object(tls) && !jr_boolean(tls, false))
		return ERR_OK;
	plan = arena_alloc(&r->program->arena, sizeof *plan);
	*out = plan;
	if (!jr_is_object(tls))
		return ERR_OK;
	if ((e = jr_only_keys(tls, keys, r->why)) != ERR_OK)
		return e;
	return tls_plan_read_keys(r, tls, plan);
}
