#include "base/hash.h"
#include "checker/program_read.h"

#include <string.h>

#define STEP_NAME_MAX_BYTES 200
#define ITEM_NAME_MAX_BYTES 512
#define LATENCY_MAX_MS (24 * 60 * 60 * 1000)
#define SIZE_MAX_BYTES (1024 * 1024)

/* ---- http ---- */

static enum err
read_method(struct reading *r, const struct json_t *o, struct http_action *out)
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

/* At most one of body, form and json. */
static enum err
read_body(struct reading *r, const struct json_t *o, struct http_action *out)
{
	const struct json_t *body = jr_get(o, "body"), *json = jr_get(o, "json");
	bool form = jr_get(o, "form") != NULL;

	if ((body != NULL) + (json != NULL) + form > 1)
		return why_set(r->why, ERR_INVALID, "only one of \"body\", \"form\" and \"json\"");
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

/* The template around its variables goes into a header line as it is. */
static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

static enum err
read_headers(struct reading *r, const struct json_t *o, struct http_action *out)
{
	enum err e =
	    reading_pairs(r, o, "headers", STEP_ITEMS_MAX, &out->headers, &out->header_count);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < out->header_count; i++)
		if (!is_token(out->headers[i].name.source) ||
		    has_control(out->headers[i].value.source))
			return why_set(r->why, ERR_INVALID,
			    "header %zu: a name of letters, digits and - and a value on one line "
			    "is "
			    "expected",
			    i + 1);
	return ERR_OK;
}

static enum err
read_path(struct reading *r, const struct json_t *o, struct http_action *out)
{
	enum err e = reading_template(r, jr_get(o, "path"), "\"path\"", &out->path);

	if (e != ERR_OK)
		return e;
	if (out->path.source[0] != '/' || has_control(out->path.source))
		return why_set(
		    r->why, ERR_INVALID, "\"path\" begins with / and has no control characters");
	return ERR_OK;
}

static enum err
read_port(struct reading *r, const struct json_t *o, struct step *out)
{
	int64_t port = 0;
	enum err e;

	if (jr_get(o, "port") != NULL &&
	    (e = jr_want_int(o, "port", 1, 65535, &port, r->why)) != ERR_OK)
		return e;
	out->port = (int)port;
	return ERR_OK;
}

static enum err
read_http(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    "method", "path", "headers", "body", "form", "json", "port", "tls", "follow", NULL};
	struct http_action *http = &out->http;
	int64_t follow = 0;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"http\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = read_method(r, o, http)) != ERR_OK || (e = read_path(r, o, http)) != ERR_OK ||
	    (e = read_headers(r, o, http)) != ERR_OK || (e = read_body(r, o, http)) != ERR_OK ||
	    (e = read_port(r, o, out)) != ERR_OK)
		return e;
	if (jr_get(o, "follow") != NULL &&
	    (e = jr_want_int(o, "follow", 0, FOLLOW_MAX, &follow, r->why)) != ERR_OK)
		return e;
	http->follow = (int)follow;
	http->tls = jr_boolean(jr_get(o, "tls"), false);
	return ERR_OK;
}

/* ---- tcp ---- */

static enum err
read_hex(struct reading *r, const struct json_t *j, struct talk *out)
{
	size_t len;
	const char *hex = jr_string(j, &len);
	uint8_t *bytes;

	if (hex == NULL || len % 2 != 0)
		return why_set(r->why, ERR_INVALID, "\"send_hex\" is an even number of hex digits");
	bytes = arena_alloc(&r->program->arena, len / 2 + 1);
	if (!hex_decode(hex, len, bytes))
		return why_set(
		    r->why, ERR_INVALID, "\"send_hex\" has something else than hex digits");
	out->bytes = (const char *)bytes;
	out->len = len / 2;
	return ERR_OK;
}

static enum err
read_talk_line(struct reading *r, const struct json_t *pair, struct talk *out)
{
	static const char *const kinds[] = {[TALK_SEND] = "send",
	    [TALK_SEND_HEX] = "send_hex",
	    [TALK_EXPECT] = "expect",
	    [TALK_EXPECT_REGEX] = "expect_regex"};
	const char *kind = jr_string(jr_at(pair, 0), NULL);
	const struct json_t *text = jr_at(pair, 1);

	for (size_t i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (jr_count(pair) != 2 || strcmp(kinds[i], kind) != 0)
			continue;
		out->kind = (enum talk_kind)i;
		if (out->kind == TALK_SEND_HEX)
			return read_hex(r, text, out);
		if (out->kind == TALK_EXPECT_REGEX)
			return reading_pattern(r, text, &out->pattern);
		return reading_template(r, text, kinds[i], &out->text);
	}
	return why_set(r->why, ERR_INVALID,
	    "an entry of \"talk\" is a pair of send, send_hex, expect or expect_regex and its "
	    "text");
}

static enum err
read_tcp(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"port", "talk", NULL};
	const struct json_t *list;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "\"tcp\" must be an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK || (e = read_port(r, o, out)) != ERR_OK ||
	    (e = reading_list(r, o, "talk", STEP_ITEMS_MAX, &list, &out->talk_count)) != ERR_OK)
		return e;
	out->talk = arena_array(&r->program->arena, out->talk_count, sizeof *out->talk);
	for (size_t i = 0; i < out->talk_count; i++)
		if ((e = read_talk_line(r, jr_at(list, i), &out->talk[i])) != ERR_OK)
			return e;
	return ERR_OK;
}

/* ---- assert ---- */

static enum err
read_statuses(struct reading *r, const struct json_t *list, struct rule *out)
{
	out->status_count = jr_is_array(list) ? jr_count(list) : 0;
	if (out->status_count == 0 || out->status_count > STEP_ITEMS_MAX)
		return why_set(
		    r->why, ERR_INVALID, "\"status\" is a list of 1 to %d numbers", STEP_ITEMS_MAX);
	out->statuses = arena_array(&r->program->arena, out->status_count, sizeof(int));
	for (size_t i = 0; i < out->status_count; i++) {
		int64_t v = jr_integer(jr_at(list, i), 0);

		if (v < 100 || v > 999)
			return why_set(r->why, ERR_INVALID,
			    "a status of \"status\" is a number from 100 to 999");
		out->statuses[i] = (int)v;
	}
	return ERR_OK;
}

static enum err
read_equals(struct reading *r, const struct json_t *list, struct rule *out)
{
	enum err e;

	if (!jr_is_array(list) || jr_count(list) != 2)
		return why_set(r->why, ERR_INVALID, "\"equals\" is a list of two strings");
	if ((e = reading_template(r, jr_at(list, 0), "\"equals\"", &out->text)) != ERR_OK)
		return e;
	return reading_template(r, jr_at(list, 1), "\"equals\"", &out->other);
}

static enum err
read_digest(struct reading *r, const struct json_t *value, struct rule *out)
{
	size_t len = 0;
	const char *hex = jr_string(value, &len);

	if (hex == NULL || len != 2 * sizeof out->sha256 || !hex_decode(hex, len, out->sha256))
		return why_set(r->why, ERR_INVALID, "\"sha256\" is 64 hex digits");
	return ERR_OK;
}

static enum err
read_rule_value(struct reading *r, const struct json_t *o, struct rule *out)
{
	const struct json_t *value = jr_get(o, "value");
	enum err e;

	switch (out->kind) {
	case RULE_STATUS:
		return read_statuses(r, value, out);
	case RULE_BODY_CONTAINS:
	case RULE_BODY_LACKS:
		return reading_template(r, value, "\"value\"", &out->text);
	case RULE_BODY_REGEX:
		return reading_pattern(r, value, &out->pattern);
	case RULE_HEADER:
		if ((e = jr_want_str(o, "name", ITEM_NAME_MAX_BYTES, &out->name, r->why)) != ERR_OK)
			return e;
		out->name = arena_strdup(&r->program->arena, out->name);
		return reading_pattern(r, value, &out->pattern);
	case RULE_LATENCY_MS_MAX:
		return jr_want_int(o, "value", 1, LATENCY_MAX_MS, &out->number, r->why);
	case RULE_SIZE_MAX:
		return jr_want_int(o, "value", 0, SIZE_MAX_BYTES, &out->number, r->why);
	case RULE_SHA256:
		return read_digest(r, value, out);
	case RULE_EQUALS:
		return read_equals(r, value, out);
	}
	return ERR_INVALID;
}

static enum err
read_fails(struct reading *r, const struct json_t *o, struct rule *out)
{
	const char *text;
	enum err e;

	out->fails = r->section == SECTION_GET ? ST_CORRUPT : ST_MUMBLE;
	if (jr_get(o, "fails") == NULL)
		return ERR_OK;
	if ((e = jr_want_str(o, "fails", 16, &text, r->why)) != ERR_OK)
		return e;
	if (!status_parse(text, &out->fails) ||
	    (out->fails != ST_DOWN && out->fails != ST_MUMBLE && out->fails != ST_CORRUPT))
		return why_set(r->why, ERR_INVALID,
		    "\"fails\" is \"%s\"; down, mumble or corrupt is expected", text);
	return ERR_OK;
}

static enum err
read_rule(struct reading *r, const struct json_t *o, enum action action, struct rule *out)
{
	static const char *const keys[] = {"rule", "value", "name", "fails", NULL};
	static const char *const kinds[] = {[RULE_STATUS] = "status",
	    [RULE_BODY_CONTAINS] = "body_contains",
	    [RULE_BODY_LACKS] = "body_lacks",
	    [RULE_BODY_REGEX] = "body_regex",
	    [RULE_HEADER] = "header",
	    [RULE_LATENCY_MS_MAX] = "latency_ms_max",
	    [RULE_SIZE_MAX] = "size_max",
	    [RULE_SHA256] = "sha256",
	    [RULE_EQUALS] = "equals"};
	const char *kind;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "an entry of \"assert\" is an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = jr_want_str(o, "rule", 32, &kind, r->why)) != ERR_OK ||
	    (e = read_fails(r, o, out)) != ERR_OK)
		return e;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i], kind) != 0)
			continue;
		out->kind = (enum rule_kind)i;
		if (action == ACTION_TCP && (i == RULE_STATUS || i == RULE_HEADER))
			return why_set(r->why, ERR_INVALID, "\"%s\" is for http steps", kind);
		return read_rule_value(r, o, out);
	}
	return why_set(r->why, ERR_INVALID, "unknown rule \"%s\"", kind);
}

/* ---- capture ---- */

static enum err
read_capture(struct reading *r, const struct json_t *o, enum action action, struct capture *out)
{
	static const char *const keys[] = {"var", "from", "arg", NULL};
	static const char *const sources[] = {[CAPTURE_JSON] = "json",
	    [CAPTURE_REGEX] = "regex",
	    [CAPTURE_HEADER] = "header",
	    [CAPTURE_COOKIE] = "cookie"};
	const char *from, *arg;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "an entry of \"capture\" is an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = reading_name(r, jr_get(o, "var"), "capture", &out->var)) != ERR_OK ||
	    (e = jr_want_str(o, "from", 16, &from, r->why)) != ERR_OK ||
	    (e = jr_want_text(o, "arg", PATTERN_TEXT_MAX_BYTES, &arg, r->why)) != ERR_OK)
		return e;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		if (strcmp(sources[i], from) != 0)
			continue;
		out->from = (enum capture_from)i;
		out->arg = arena_strdup(&r->program->arena, arg);
		if (action == ACTION_TCP && (i == CAPTURE_HEADER || i == CAPTURE_COOKIE))
			return why_set(r->why, ERR_INVALID, "\"%s\" is for http steps", from);
		if (out->from == CAPTURE_JSON && arg[0] != '\0' && arg[0] != '/')
			return why_set(r->why, ERR_INVALID, "a JSON pointer begins with /");
		if (out->from != CAPTURE_REGEX)
			return ERR_OK;
		if ((e = reading_pattern(r, jr_get(o, "arg"), &out->pattern)) != ERR_OK)
			return e;
		if (out->pattern->regex.re_nsub == 0)
			return why_set(r->why, ERR_INVALID,
			    "the regular expression of a capture has a group (...): what is "
			    "captured");
		return ERR_OK;
	}
	return why_set(r->why, ERR_INVALID,
	    "a capture from \"%s\"; json, regex, header or cookie is expected", from);
}

/* ---- a step ---- */

static enum err
read_rules(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "assert", STEP_ITEMS_MAX, &list, &out->rule_count)) != ERR_OK)
		return e;
	out->rules = arena_array(&r->program->arena, out->rule_count, sizeof *out->rules);
	for (size_t i = 0; i < out->rule_count; i++)
		if ((e = read_rule(r, jr_at(list, i), out->action, &out->rules[i])) != ERR_OK)
			return e;
	return ERR_OK;
}

static enum err
read_captures(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct json_t *list;
	enum err e;

	if ((e = reading_list(r, o, "capture", STEP_ITEMS_MAX, &list, &out->capture_count)) !=
	    ERR_OK)
		return e;
	out->captures = arena_array(&r->program->arena, out->capture_count, sizeof *out->captures);
	for (size_t i = 0; i < out->capture_count; i++)
		if ((e = read_capture(r, jr_at(list, i), out->action, &out->captures[i])) != ERR_OK)
			return e;
	return ERR_OK;
}

static enum err
read_saves(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct json_t *list = jr_get(o, "save");
	enum err e;

	if ((e = reading_pairs(r, o, "save", SAVES_MAX, &out->saves, &out->save_count)) != ERR_OK)
		return e;
	if (out->save_count > 0 && r->section != SECTION_PUT)
		return why_set(r->why, ERR_INVALID, "\"save\" is for steps of put");
	for (size_t i = 0; i < out->save_count; i++) {
		const char *name;

		if ((e = reading_name(r, jr_at(jr_at(list, i), 0), "saved value", &name)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
read_action(struct reading *r, const struct json_t *o, struct step *out)
{
	const struct json_t *http = jr_get(o, "http"), *tcp = jr_get(o, "tcp");

	if ((http != NULL) == (tcp != NULL))
		return why_set(
		    r->why, ERR_INVALID, "exactly one of \"http\" and \"tcp\" is expected");
	out->action = http != NULL ? ACTION_HTTP : ACTION_TCP;
	return http != NULL ? read_http(r, http, out) : read_tcp(r, tcp, out);
}

enum err
program_read_step(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {
	    "name", "timeout_ms", "http", "tcp", "assert", "capture", "save", NULL};
	const char *name;
	enum err e;

	if (!jr_is_object(o))
		return why_set(r->why, ERR_INVALID, "a step is an object");
	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = jr_want_str(o, "name", STEP_NAME_MAX_BYTES, &name, r->why)) != ERR_OK)
		return e;
	if (has_control(name))
		return why_set(r->why, ERR_INVALID, "a step's name is one line");
	out->name = arena_strdup(&r->program->arena, name);
	if (jr_get(o, "timeout_ms") != NULL &&
	    (e = jr_want_int(o, "timeout_ms", 1, STEP_TIMEOUT_MAX_MS, &out->timeout_ms, r->why)) !=
		ERR_OK)
		return e;
	if ((e = read_action(r, o, out)) != ERR_OK || (e = read_rules(r, o, out)) != ERR_OK ||
	    (e = read_captures(r, o, out)) != ERR_OK)
		return e;
	return read_saves(r, o, out);
}
