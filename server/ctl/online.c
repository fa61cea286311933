#include "ctl/online.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX_BYTES (64u * 1024 * 1024)
#define SECRET_MAX_BYTES 256
#define CONNECT_SECONDS 10L
#define ANSWER_SECONDS 60L

struct online {
	CURL *curl;
	struct curl_slist *headers;
	char *base; /* scheme, host and port, no slash at the end */
	bool session;
	struct buf answer;
	char problem[CURL_ERROR_SIZE];
};

/* ---- options ---- */

enum online_taken
online_option(struct online_options *o, const struct command *c, char **argv, int *i)
{
	const struct {
		const char *name;
		const char **value;
	} table[] = {
	    {"--url", &o->url},
	    {"--login", &o->login},
	    {"--token-file", &o->token_file},
	    {"--cacert", &o->cacert},
	};

	if (strcmp(argv[*i], "--insecure") == 0) {
		o->insecure = true;
		return ONLINE_TAKEN;
	}
	for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
		if (strcmp(argv[*i], table[k].name) != 0)
			continue;
		if (argv[*i + 1] == NULL) {
			command_usage(c, "%s wants a value", table[k].name);
			return ONLINE_WRONG;
		}
		*table[k].value = argv[++*i];
		return ONLINE_TAKEN;
	}
	return ONLINE_OTHER;
}

/* ---- where the server is ---- */

static bool
host_is_here(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "localhost") == 0 ||
	       strcmp(host, "[::1]") == 0;
}

/* A part of the URL for the caller to curl_free, or NULL where it has none. */
static char *
url_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;

	return curl_url_get(u, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static enum err
url_check(CURLU *u, const struct online_options *o, bool *here, struct why *why)
{
	char *user = url_part(u, CURLUPART_USER), *path = url_part(u, CURLUPART_PATH);
	char *host = url_part(u, CURLUPART_HOST), *scheme = url_part(u, CURLUPART_SCHEME);
	char *query = url_part(u, CURLUPART_QUERY);
	enum err e = ERR_OK;

	*here = host != NULL && host_is_here(host);
	if (scheme == NULL || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		e = why_set(why, ERR_INVALID, "--url begins with https:// or http://");
	else if (user != NULL)
		e = why_set(why, ERR_INVALID,
		    "no account or password in --url: others on this machine could read it; use "
		    "--login ACCOUNT");
	else if (query != NULL || (path != NULL && strcmp(path, "/") != 0))
		e = why_set(why, ERR_INVALID,
		    "--url names the server alone, as https://drill.example.edu:8443");
	else if (strcmp(scheme, "http") == 0 && !*here && !o->insecure)
		e = why_set(why, ERR_INVALID,
		    "http:// to %s would send secrets in the clear; use https://, or --insecure",
		    host);
	curl_free(user);
	curl_free(path);
	curl_free(host);
	curl_free(scheme);
	curl_free(query);
	return e;
}

static enum err
set_url(struct online *n, const struct online_options *o, struct why *why)
{
	CURLU *u = curl_url();
	bool here = false;
	enum err e;

	if (o->url == NULL)
		e = why_set(why, ERR_INVALID, "--url is missing: where the server is");
	else if (curl_url_set(u, CURLUPART_URL, o->url, 0) != CURLUE_OK)
		e = why_set(why, ERR_INVALID, "--url %.200s is not a URL", o->url);
	else
		e = url_check(u, o, &here, why);
	curl_url_cleanup(u);
	if (e != ERR_OK)
		return e;
	n->base = mem_strdup(o->url);
	n->base[strcspn(n->base, "#")] = '\0';
	if (n->base[strlen(n->base) - 1] == '/')
		n->base[strlen(n->base) - 1] = '\0';
	if (here) /* the environment's proxy must not see what stays on this machine */
		curl_easy_setopt(n->curl, CURLOPT_PROXY, "");
	return ERR_OK;
}

/* ---- one call ---- */

static size_t
on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct buf *answer = ctx;

	buf_put(answer, data, size * count);
	return buf_err(answer) == ERR_OK ? size * count : 0;
}

/* What a terminal would obey becomes a question mark. */
static void
make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

static enum err
refusal_kind(long status)
{
	switch (status) {
	case 401:
		return ERR_UNAUTHORIZED;
	case 403:
		return ERR_FORBIDDEN;
	case 404:
		return ERR_NOT_FOUND;
	case 409:
		return ERR_CONFLICT;
	case 429:
		return ERR_RATE;
	default:
		return status >= 500 ? ERR_IO : ERR_INVALID;
	}
}

/* The server's own sentence, or what stands in its place. */
static enum err
refusal(const struct online *n, long status, struct why *why)
{
	struct json_t *problem = NULL;
	const char *detail = NULL;
	struct why ignored;

	if (n->answer.len > 0 &&
	    jr_parse(n->answer.data, n->answer.len, &problem, &ignored) == ERR_OK)
		detail = jr_string(jr_get(problem, "detail"), NULL);
	if (detail != NULL)
		why_set(why, ERR_OK, "%s", detail);
	else
		why_set(why, ERR_OK, "the server answered %ld without saying why; is it drilld?",
		    status);
	make_printable(why->text);
	jr_free(problem);
	return refusal_kind(status);
}

static enum err
answer_read(struct online *n, struct json_t **out, struct why *why)
{
	long status = 0;
	struct why ignored;

	curl_easy_getinfo(n->curl, CURLINFO_RESPONSE_CODE, &status);
	*out = NULL;
	if (status == 204)
		return ERR_OK;
	if (status < 200 || status > 299)
		return refusal(n, status, why);
	if (n->answer.len == 0 || jr_parse(n->answer.data, n->answer.len, out, &ignored) != ERR_OK)
		return why_set(why, ERR_IO, "the answer is not JSON; is %s drilld?", n->base);
	return ERR_OK;
}

static enum err
call(struct online *n, const char *path, struct json_t **out, struct why *why)
{
	char *url = mem_alloc(strlen(n->base) + strlen(path) + 1);
	CURLcode code;

	strcpy(url, n->base);
	strcat(url, path);
	buf_reset(&n->answer);
	n->problem[0] = '\0';
	curl_easy_setopt(n->curl, CURLOPT_URL, url);
	curl_easy_setopt(n->curl, CURLOPT_HTTPHEADER, n->headers);
	code = curl_easy_perform(n->curl);
	free(url);
	if (code != CURLE_OK)
		return why_set(why, ERR_IO, "%s: %s", n->base,
		    n->problem[0] != '\0' ? n->problem : curl_easy_strerror(code));
	return answer_read(n, out, why);
}

enum err
online_get(struct online *n, const char *path, struct json_t **out, struct why *why)
{
	curl_easy_setopt(n->curl, CURLOPT_HTTPGET, 1L);
	return call(n, path, out, why);
}

enum err
online_post(
    struct online *n, const char *path, const char *body, struct json_t **out, struct why *why)
{
	curl_easy_setopt(n->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(n->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
	curl_easy_setopt(n->curl, CURLOPT_POSTFIELDS, body);
	return call(n, path, out, why);
}

enum err
online_delete(
    struct online *n, const char *path, const char *body, struct json_t **out, struct why *why)
{
	enum err e;

	curl_easy_setopt(n->curl, CURLOPT_CUSTOMREQUEST, "DELETE");
	e = online_post(n, path, body, out, why);
	curl_easy_setopt(n->curl, CURLOPT_CUSTOMREQUEST, NULL);
	return e;
}

/* ---- who asks ---- */

static void
add_header(struct online *n, const char *begin, const char *value)
{
	struct curl_slist *longer;
	struct buf line;

	buf_init(&line, 1024);
	buf_printf(&line, "%s%s", begin, value);
	if ((longer = curl_slist_append(n->headers, line.data)) != NULL)
		n->headers = longer;
	mem_wipe(line.data, line.len);
	buf_free(&line);
}

/* A token is one word of printable ASCII: anything else is another file, or a header smuggled in. */
static enum err
use_token(struct online *n, const char *token, const char *from, struct why *why)
{
	if (token[0] == '\0' || strlen(token) >= SECRET_MAX_BYTES)
		return why_set(why, ERR_INVALID, "%s holds no token", from);
	for (const char *p = token; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return why_set(why, ERR_INVALID, "%s does not hold one token alone", from);
	add_header(n, "Authorization: Bearer ", token);
	return ERR_OK;
}

static enum err
use_token_file(struct online *n, const char *file, struct why *why)
{
	char token[SECRET_MAX_BYTES + 2] = "";
	FILE *in = fopen(file, "re");
	enum err e;

	if (in == NULL)
		return why_set(why, ERR_IO, "%s: %s", file, strerror(errno));
	token[fread(token, 1, sizeof token - 1, in)] = '\0';
	fclose(in);
	for (size_t len = strlen(token); len > 0 && strchr("\r\n", token[len - 1]) != NULL; len--)
		token[len - 1] = '\0';
	e = use_token(n, token, file, why);
	mem_wipe(token, sizeof token);
	return e;
}

static enum err
ask_password(const char *account, char out[SECRET_MAX_BYTES + 1], struct why *why)
{
	const char *known = getenv("DRILL_PASSWORD");
	char prompt[160];

	if (known != NULL) {
		if (strlen(known) > SECRET_MAX_BYTES)
			return why_set(why, ERR_INVALID, "DRILL_PASSWORD is too long");
		strcpy(out, known);
		return ERR_OK;
	}
	snprintf(prompt, sizeof prompt, "Password of %.64s: ", account);
	if (EVP_read_pw_string(out, SECRET_MAX_BYTES, prompt, 0) != 0)
		return why_set(why, ERR_IO, "no password: set DRILL_PASSWORD, or use a terminal");
	return ERR_OK;
}

static enum err
session_begin(struct online *n, const char *account, const char *password, struct why *why)
{
	struct json_t *answer;
	struct json_writer w;
	struct buf body;
	const char *csrf;
	enum err e;

	buf_init(&body, 4096);
	jw_begin(&w, &body);
	jw_object(&w);
	jw_kv_str(&w, "account", account);
	jw_kv_str(&w, "password", password);
	jw_object_end(&w);
	curl_easy_setopt(n->curl, CURLOPT_COOKIEFILE, ""); /* keep cookies, in memory */
	e = online_post(n, "/api/v1/session", body.data, &answer, why);
	mem_wipe(body.data, body.len);
	buf_free(&body);
	if (e != ERR_OK)
		return e;
	csrf = jr_string(jr_get(answer, "csrf"), NULL);
	n->session = csrf != NULL && csrf[0] != '\0';
	if (n->session)
		add_header(n, "X-CSRF-Token: ", csrf);
	jr_free(answer);
	return n->session ? ERR_OK : why_set(why, ERR_IO, "signing in gave no session");
}

static enum err
identify(struct online *n, const struct online_options *o, struct why *why)
{
	const char *token = getenv("DRILL_TOKEN");
	char password[SECRET_MAX_BYTES + 1];
	enum err e;

	if (o->login != NULL && o->token_file != NULL)
		return why_set(why, ERR_INVALID, "--login or --token-file, not both");
	if (o->token_file != NULL)
		return use_token_file(n, o->token_file, why);
	if (o->login == NULL)
		return token == NULL ? ERR_OK : use_token(n, token, "DRILL_TOKEN", why);
	if ((e = ask_password(o->login, password, why)) == ERR_OK)
		e = session_begin(n, o->login, password, why);
	mem_wipe(password, sizeof password);
	return e;
}

/* ---- begin and end ---- */

static struct online *
online_new(void)
{
	struct online *n = mem_alloc(sizeof *n);

	buf_init(&n->answer, ANSWER_MAX_BYTES);
	if ((n->curl = curl_easy_init()) == NULL)
		abort(); /* it fails for want of memory alone */
	curl_easy_setopt(n->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(n->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(n->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(n->curl, CURLOPT_TIMEOUT, ANSWER_SECONDS);
	curl_easy_setopt(n->curl, CURLOPT_ERRORBUFFER, n->problem);
	curl_easy_setopt(n->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(n->curl, CURLOPT_WRITEDATA, &n->answer);
	add_header(n, "Content-Type: ", "application/json");
	return n;
}

int
online_open(const struct command *c, const struct online_options *o, struct online **out)
{
	struct online *n = online_new();
	struct why why;
	enum err e;

	*out = NULL;
	if (o->cacert != NULL)
		curl_easy_setopt(n->curl, CURLOPT_CAINFO, o->cacert);
	if ((e = set_url(n, o, &why)) == ERR_OK && (e = identify(n, o, &why)) == ERR_OK) {
		*out = n;
		return EXIT_HOLDS;
	}
	online_close(n);
	return e == ERR_INVALID ? command_usage(c, "%s", why.text) : online_fail(c, e, &why);
}

void
online_close(struct online *n)
{
	struct json_t *nothing = NULL;
	struct why ignored;

	if (n == NULL)
		return;
	if (n->session) {
		curl_easy_setopt(n->curl, CURLOPT_HTTPGET, 1L);
		curl_easy_setopt(n->curl, CURLOPT_CUSTOMREQUEST, "DELETE");
		/* A session that has ended already, by a new password, is as good as signed out. */
		if (call(n, "/api/v1/session", &nothing, &ignored) == ERR_OK)
			jr_free(nothing);
	}
	curl_slist_free_all(n->headers);
	curl_easy_cleanup(n->curl);
	buf_free(&n->answer);
	free(n->base);
	free(n);
}

/* ---- for the commands ---- */

bool
online_number(const char *text, int64_t *out)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 9 || text[digits] != '\0')
		return false;
	*out = strtoll(text, NULL, 10);
	return true;
}

int
online_value(const struct command *c, const char **out, const char *name, const char *value)
{
	if (value == NULL)
		return command_usage(c, "%s wants a value", name);
	*out = value;
	return EXIT_HOLDS;
}

bool
online_ticks(const char *text, int64_t *from, int64_t *to)
{
	const char *dash = strchr(text, '-');
	char first[16];

	if (dash == NULL)
		return online_number(text, from) && online_number(text, to);
	if ((size_t)(dash - text) >= sizeof first)
		return false;
	memcpy(first, text, (size_t)(dash - text));
	first[dash - text] = '\0';
	return online_number(first, from) && online_number(dash + 1, to) && *from <= *to;
}

int64_t
online_int(const struct json_t *object, const char *key)
{
	return jr_integer(jr_get(object, key), 0);
}

const char *
online_text(const struct json_t *object, const char *key)
{
	const char *text = jr_string(jr_get(object, key), NULL);

	if (text == NULL || text[0] == '\0')
		return "-";
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return "?";
	return text;
}

int
online_fail(const struct command *c, enum err e, const struct why *why)
{
	fprintf(stderr, "drillctl %s: %s%s\n", c->name, why->text,
	    e == ERR_UNAUTHORIZED ? " (drillctl: --login ACCOUNT, --token-file FILE or DRILL_TOKEN)"
				  : "");
	return e == ERR_IO ? EXIT_USAGE : EXIT_FAILS;
}
