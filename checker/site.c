#include "checker/site.h"
#include "checker/html_chars.h"

#include <string.h>
#include <strings.h>

#define SCHEME_MAX_BYTES 32

/* A URL cut up; what it has not is "". */
struct parts {
	char scheme[SCHEME_MAX_BYTES]; /* lower case */
	bool has_host;
	char
	    host[SITE_HOST_MAX_BYTES]; /* lower case, without port, brackets and a dot at the end */
};

/* The next character, past those that browsers leave out of URLs. '\0' at the end. */
static char
look(struct html_span *u)
{
	while (u->len > 0 && (*u->s == '\t' || *u->s == '\n' || *u->s == '\r')) {
		u->s++;
		u->len--;
	}
	return u->len > 0 ? *u->s : '\0';
}

static void
drop(struct html_span *u)
{
	if (u->len > 0) {
		u->s++;
		u->len--;
	}
}

static bool
slash(char c)
{
	return c == '/' || c == '\\';
}

/* SCHEME: at the beginning; without one u stays where it is. */
static void
take_scheme(struct html_span *u, char *scheme)
{
	struct html_span at = *u;
	size_t n = 0;
	char c = look(&at);

	scheme[0] = '\0';
	if (!html_letter(c))
		return;
	while (html_letter(c) || html_digit(c) || (n > 0 && (c == '+' || c == '-' || c == '.'))) {
		if (n < SCHEME_MAX_BYTES - 1)
			scheme[n++] = html_lower(c);
		drop(&at);
		c = look(&at);
	}
	if (c != ':') {
		scheme[0] = '\0';
		return;
	}
	scheme[n] = '\0';
	drop(&at);
	*u = at;
}

static int
hex_value(char c)
{
	c = html_lower(c);
	return html_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %41 in a host is an A. */
static char
take_char(struct html_span *u)
{
	struct html_span at = *u;
	char c = look(u);
	int high, low;

	drop(u);
	if (c != '%')
		return c;
	at = *u;
	high = hex_value(look(&at));
	drop(&at);
	low = hex_value(look(&at));
	if (high < 0 || low < 0)
		return c;
	drop(&at);
	*u = at;
	return (char)(high << 4 | low);
}

/* USER:PASSWORD@HOST:PORT, to the next slash, ? or #. A host too long is cut: it is nobody's then. */
static void
take_host(struct html_span *u, char *host)
{
	bool bracket = false, port = false;
	size_t n = 0;
	char c;

	while ((c = look(u)) != '\0' && !slash(c) && c != '?' && c != '#') {
		if (c == '@') { /* all so far was a user's name */
			n = 0;
			port = bracket = false;
			drop(u);
			continue;
		}
		c = take_char(u);
		if (c == '[' || c == ']')
			bracket = c == '[';
		else if (c == ':' && !bracket)
			port = true;
		else if (!port && n < SITE_HOST_MAX_BYTES - 1)
			host[n++] = html_lower(c);
	}
	if (n > 0 && host[n - 1] == '.')
		n--;
	host[n] = '\0';
}

static bool
one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static void
cut(struct html_span url, struct parts *out)
{
	static const char *const with_host[] = {"http", "https", "ftp", "ws", "wss", NULL};
	int slashes = 0;

	*out = (struct parts){.has_host = false};
	if (url.len > SITE_URL_MAX_BYTES)
		url.len = SITE_URL_MAX_BYTES;
	while (url.len > 0 && (unsigned char)*url.s <= 0x20)
		drop(&url);
	while (url.len > 0 && (unsigned char)url.s[url.len - 1] <= 0x20)
		url.len--;
	take_scheme(&url, out->scheme);
	if (out->scheme[0] != '\0' && !one_of(out->scheme, with_host))
		return;
	while (slash(look(&url))) {
		slashes++;
		drop(&url);
	}
	out->has_host = out->scheme[0] != '\0' || slashes >= 2;
	if (out->has_host)
		take_host(&url, out->host);
}

/* "*.cdn.example" takes a.cdn.example, not cdn.example itself. */
static bool
allowed(const char *host, const char *pattern)
{
	size_t n = strlen(host), m = strlen(pattern);

	if (strncmp(pattern, "*.", 2) != 0)
		return strcasecmp(host, pattern) == 0;
	return n > m - 1 && strcasecmp(host + n - (m - 1), pattern + 1) == 0;
}

static bool
own_host(const struct site *s, const char *host)
{
	for (size_t i = 0; i < SITE_OWN_MAX; i++)
		if (s->own[i] != NULL && s->own[i][0] != '\0' && strcasecmp(s->own[i], host) == 0)
			return true;
	for (const char *const *a = s->allow; a != NULL && *a != NULL; a++)
		if (allowed(host, *a))
			return true;
	return false;
}

enum url_kind
site_url(const struct site *s, struct html_span url)
{
	static const char *const none[] = {"mailto", "tel", "sms", "about", "cid", "blob", NULL};
	static const char *const code[] = {"javascript", "vbscript", NULL};
	struct parts p;
	const char *host;

	cut(url, &p);
	if (one_of(p.scheme, code))
		return URL_CODE;
	if (one_of(p.scheme, none))
		return URL_NONE;
	if (strcmp(p.scheme, "data") == 0)
		return URL_DATA;
	if (p.scheme[0] != '\0' && !p.has_host)
		return URL_FOREIGN; /* weixin:, intent:, ...: it leads out of the browser */
	host = p.has_host ? p.host : s->base;
	return host[0] == '\0' || own_host(s, host) ? URL_OWN : URL_FOREIGN;
}

void
site_base(struct site *s, struct html_span url)
{
	struct parts p;

	cut(url, &p);
	if (p.has_host)
		strcpy(s->base, p.host);
}
