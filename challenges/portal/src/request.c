#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TOKEN_DIGITS (SECRET_HEX_BYTES - 1)

static const char *
lookup(const struct request *r, enum MHD_ValueKind kind, const char *name, size_t *len)
{
	const char *value = NULL;

	if (MHD_lookup_connection_value_n(r->connection, kind, name, strlen(name), &value, len) !=
	    MHD_YES)
		return NULL;
	return value;
}

const char *
request_query(const struct request *r, const char *name, size_t max_bytes)
{
	size_t len = 0;
	const char *value = lookup(r, MHD_GET_ARGUMENT_KIND, name, &len);

	if (value == NULL)
		return "";
	return len <= max_bytes && utf8_valid(value, len) ? value : NULL;
}

const char *
request_token(const struct request *r)
{
	size_t len = 0;
	const char *value = lookup(r, MHD_COOKIE_KIND, "portal_session", &len);

	if (value == NULL || len != TOKEN_DIGITS ||
	    strspn(value, "0123456789abcdef") != TOKEN_DIGITS)
		return NULL;
	return value;
}

static bool
lang_parse(const char *name, enum lang *out)
{
	if (name == NULL || (strcmp(name, "zh") != 0 && strcmp(name, "en") != 0))
		return false;
	*out = name[0] == 'e' ? LANG_EN : LANG_ZH;
	return true;
}

void
request_identify(struct request *r)
{
	const char *token = request_token(r);
	size_t len = 0;

	r->lang_chosen = lang_parse(request_query(r, "lang", 2), &r->lang);
	if (!r->lang_chosen &&
	    !lang_parse(lookup(r, MHD_COOKIE_KIND, "portal_lang", &len), &r->lang))
		r->lang = LANG_ZH;
	r->signed_in = token != NULL && session_find(r->portal->store, token, &r->me) == RES_OK;
}

bool
request_same_origin(const struct request *r)
{
	size_t len = 0;
	const char *origin = lookup(r, MHD_HEADER_KIND, "Origin", &len);
	const char *host = lookup(r, MHD_HEADER_KIND, "Host", &len);
	const char *name;

	if (origin == NULL)
		return true; /* no browser; a browser's cookie is SameSite=Strict besides */
	name = strstr(origin, "://");
	return name != NULL && host != NULL && strcasecmp(name + 3, host) == 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Decodes in place. False on a bad escape, NUL, or bytes that are not UTF-8. */
static bool
url_decode(char *s)
{
	char *out = s;

	for (char *in = s; *in != '\0'; in++) {
		if (*in == '%') {
			int high = hex_digit(in[1]);
			int low = high >= 0 ? hex_digit(in[2]) : -1;

			if (low < 0 || (high == 0 && low == 0))
				return false;
			*out++ = (char)(high << 4 | low);
			in += 2;
		} else {
			*out++ = *in == '+' ? ' ' : *in;
		}
	}
	*out = '\0';
	return utf8_valid(s, (size_t)(out - s));
}

bool
request_parse_form(struct request *r)
{
	char *next = r->body.p;

	if (next == NULL)
		return true;
	if (memchr(next, '\0', r->body.len) != NULL)
		return false;
	for (char *pair = strsep(&next, "&"); pair != NULL; pair = strsep(&next, "&")) {
		char *value = strchr(pair, '=');

		if (*pair == '\0')
			continue;
		if (value == NULL || r->field_count == FORM_FIELDS_MAX)
			return false;
		*value++ = '\0';
		if (!url_decode(pair) || !url_decode(value))
			return false;
		r->fields[r->field_count++] = (struct form_field){pair, value};
	}
	return true;
}

const char *
request_field(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->field_count; i++)
		if (strcmp(r->fields[i].name, name) == 0)
			return r->fields[i].value;
	return "";
}
