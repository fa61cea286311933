/* An http action of a compiled program -> struct http_plan. */
#include "checker/http_step.h"
#include "checker/payload.h"
#include "checker/program_read.h"

#include <string.h>

static enum err
read_method(struct reading *r, const struct json_t *o, struct http_plan *out)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
	const char *text = "GET";
	enum err e;

	if (jr_get(o, "method") != NULL &&
	    (e = jr_want_str(o, "method", 16, &text, r->why)) != ERR_OK)
		return e;
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if (strcmp(methods[i], text) == 0) {
			out->method = methods[i];
			return ERR_OK;
		}
	}
	return why_set(r->why, ERR_INVALID,
	    "\"method\" is \"%s\"; GET, HEAD, POST, PUT, PATCH or DELETE is expected", text);
}

/* At most one of body, form, json and upload. */
static enum err
read_body(struct reading *r, const struct json_t *o, struct http_plan *out)
{
	const struct json_t *body = jr_get(o, "body"), *json = jr_get(o, "json");
	bool form = jr_get(o, "form") != NULL, upload = jr_get(o, "upload") != NULL;

	if ((body != NULL) + (json != NULL) + form + upload > 1)
		return why_set(
		    r->why, ERR_INVALID, "only one of \"body\", \"form\", \"json\" and \"upload\"");
	if (upload) {
		out->body_kind = BODY_UPLOAD;
		return payload_read_parts(r, o, "upload", &out->parts, &out->part_count);
	}
	if (body != NULL) {
		out->body_kind = BODY_TEXT;
		return reading_template(r, body, "\"body\"", &out->body);
	}
	if (json != NULL) {
		out->body_kind = BODY_JSON;
		return reading_template(r, json, "\"json\"", &out->body);
	}
	out->body_kind = form ? BODY_FORM : BODY_NONE;
	return reading_pairs(r, o, "form", STEP_ITEMS_MAX, &out->form, &out->form_count);
}

/* A header's name is a token (RFC 9110 section 5.6.2); a wrong one would end the header block early. */
static bool
is_token(const char *s)
{
	static const char chars[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return s[0] != '\0' && s[strspn(s, chars)] == '\0';
}

static enum err
read_headers(struct reading *r, const struct json_t *o, struct http_plan *out)
{
	enum err e =
	    reading_pairs(r, o, "headers", STEP_ITEMS_MAX, &out->headers, &out->header_count);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < out->header_count; i++)
		if (!is_token(out->headers[i].name.source) ||
		    reading_has_control(out->headers[i].value.source))
			return why_set(r->why, ERR_INVALID,
			    "header %zu: a name of letters, digits and - and a value on one line "
			    "is "
			    "expected",
			    i + 1);
	return ERR_OK;
}

static enum err
read_path(struct reading *r, const struct json_t *o, struct http_plan *out)
{
	enum err e = reading_template(r, jr_get(o, "path"), "\"path\"", &out->path);

	if (e != ERR_OK)
		return e;
	if (out->path.source[0] != '/' || reading_has_control(out->path.source))
		return why_set(
		    r->why, ERR_INVALID, "\"path\" begins with / and has no control characters");
	return ERR_OK;
}

enum err
http_plan_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"method", "path", "headers", "body", "form", "json",
	    "upload", "port", "tls", "follow", NULL};
	struct http_plan *http = arena_alloc(&r->program->arena, sizeof *http);
	int64_t follow = 0;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"http\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = read_method(r, o, http)) != ERR_OK || (e = read_path(r, o, http)) != ERR_OK ||
	    (e = read_headers(r, o, http)) != ERR_OK || (e = read_body(r, o, http)) != ERR_OK ||
	    (e = reading_port(r, o, &out->port)) != ERR_OK ||
	    (e = curl_tls_plan_read(r, o, &http->tls)) != ERR_OK)
		return e;
	if (jr_get(o, "follow") != NULL &&
	    (e = jr_want_int(o, "follow", 0, FOLLOW_MAX, &follow, r->why)) != ERR_OK)
		return e;
	http->follow = (int)follow;
	out->plan = http;
	return ERR_OK;
}
