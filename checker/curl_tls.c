#include "checker/curl_tls.h"

#include <string.h>

#define DAYS_MAX 3650
#define HOST_NAME_MAX_BYTES 253

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

static enum err
read_names(struct reading *r, const struct json_t *o, struct tls_plan *out)
{
	const struct json_t *list;
	const char **names;
	size_t count;
	enum err e;

	if ((e = reading_list(r, o, "names", TLS_NAMES_MAX, &list, &count)) != ERR_OK)
		return e;
	names = arena_array(&r->program->arena, count, sizeof *names);
	for (size_t i = 0; i < count; i++) {
		const char *name = jr_string(jr_at(list, i), NULL);

		if (name == NULL || name[0] == '\0' || strlen(name) > HOST_NAME_MAX_BYTES)
			return why_set(r->why, ERR_INVALID,
			    "an entry of \"names\" is a host's name or address");
		names[i] = arena_strdup(&r->program->arena, name);
	}
	out->demands.names = names;
	out->demands.name_count = count;
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
	out->demands.days_left = (int)days;
	out->demands.verify = out->ca != NULL || jr_boolean(jr_get(o, "verify"), false);
	return ERR_OK;
}

enum err
curl_tls_plan_read(struct reading *r, const struct json_t *o, const struct tls_plan **out)
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
