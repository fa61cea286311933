/*
 * What a step does: one HTTP request.
 */
#include "scenario/action_curl.h"
#include "scenario/values.h"
#include <ctype.h>
#include <string.h>

#define FOLLOW_MAX 10
#define PATH_MAX_BYTES 4096

struct in_http {
	struct place at;
	struct text method, path;
	struct node headers;
	struct text body;
	struct node form, json;
	struct list upload;
	struct node tls;
	struct number port, follow;
};

static const struct field http_fields[] = {
    {"method", KIND_TEXT, OPTIONAL, offsetof(struct in_http, method), 1, 16, NULL},
    {"path", KIND_TEXT, REQUIRED, offsetof(struct in_http, path), 1, PATH_MAX_BYTES, NULL},
    {"headers", KIND_NODE, OPTIONAL, offsetof(struct in_http, headers), 0, 0, NULL},
    {"body", KIND_RAW, AT_MOST_ONE, offsetof(struct in_http, body), 0, STEP_TEXT_MAX_BYTES, NULL},
    {"form", KIND_NODE, AT_MOST_ONE, offsetof(struct in_http, form), 0, 0, NULL},
    {"json", KIND_NODE, AT_MOST_ONE, offsetof(struct in_http, json), 0, 0, NULL},
    {"upload", KIND_LIST, AT_MOST_ONE, offsetof(struct in_http, upload), 1, ENTRIES_MAX,
	&part_record},
    {"port", KIND_INT, OPTIONAL, offsetof(struct in_http, port), 1, PORT_MAX, NULL},
    {"tls", KIND_NODE, OPTIONAL, offsetof(struct in_http, tls), 0, 0, NULL},
    {"follow", KIND_INT, OPTIONAL, offsetof(struct in_http, follow), 0, FOLLOW_MAX, NULL},
};
static const struct record http_record = RECORD(struct in_http, "an http action", http_fields);

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
#define METHOD_COUNT (sizeof(methods) / sizeof(methods[0]))

static void
method_check(struct reader *r, const struct text *method)
{
	for (size_t i = 0; i < METHOD_COUNT; i++)
		if (strcmp(methods[i], method->s) == 0)
			return;
	mistake_add(r->mistakes, method->at, "method: %s is none; %s",
	    quoted(r->mistakes, method->s), choices(r->mistakes, method->s, methods, METHOD_COUNT));
}

static void
path_check(struct section *s, const struct text *path)
{
	const char *c = path->s;

	if (*c != '/')
		mistake_add(s->r->mistakes, path->at,
		    "path: %s does not begin with /; write such as /login",
		    quoted(s->r->mistakes, path->s));
	for (; *c != '\0'; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f) {
			mistake_add(s->r->mistakes, path->at,
			    "path: %s has a space or a character that is not ASCII; percent-encode "
			    "it",
			    quoted(s->r->mistakes, path->s));
			break;
		}
	template_check(s->r, &s->scope, path->at, path->s);
}

bool
step_token(const char *s)
{
	return *s != '\0' && s[strspn(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

static bool
header_value_valid(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

void
step_pairs(struct section *s, yaml_node_t *node, const char *what, bool header)
{
	struct pair *pairs = NULL;
	size_t count = 0;

	jw_key(s->w, what);
	jw_array(s->w);
	(void)pairs_read(s->r, node, what, ENTRIES_MAX, &pairs, &count);
	for (size_t i = 0; i < count; i++) {
		const char *value = step_text(s->r, pairs[i].value, pairs[i].key.s);

		if (header && !step_token(pairs[i].key.s))
			mistake_add(s->r->mistakes, pairs[i].key.at,
			    "headers: %s is no header's name; it is made of letters, digits and -",
			    quoted(s->r->mistakes, pairs[i].key.s));
		if (header && value != NULL && !header_value_valid(value))
			mistake_add(s->r->mistakes, node_place(pairs[i].value),
			    "headers: %s has a line break or control character; keep it on one "
			    "line",
			    quoted(s->r->mistakes, value));
		template_check(s->r, &s->scope, pairs[i].key.at, pairs[i].key.s);
		template_check(s->r, &s->scope, node_place(pairs[i].value), value);
		jw_array(s->w);
		jw_str(s->w, pairs[i].key.s);
		jw_str(s->w, value);
		jw_array_end(s->w);
	}
	jw_array_end(s->w);
}

static void
http_write(struct section *s, const struct in_http *in)
{
	if (in->body.s != NULL) {
		template_check(s->r, &s->scope, in->body.at, in->body.s);
		jw_kv_str(s->w, "body", in->body.s);
	}
	jw_kv_int(s->w, "follow", in->follow.v);
	if (in->form.node != NULL)
		step_pairs(s, in->form.node, "form", false);
	if (in->headers.node != NULL)
		step_pairs(s, in->headers.node, "headers", true);
	if (in->json.node != NULL)
		jw_kv_str(s->w, "json", template_json(s->r, &s->scope, in->json.node));
	jw_kv_str(s->w, "method", in->method.s != NULL ? in->method.s : "GET");
	jw_kv_str(s->w, "path", in->path.s);
	if (in->port.good)
		jw_kv_int(s->w, "port", in->port.v);
	tls_compile(s, in->tls.node);
	if (in->upload.at.line != 0)
		parts_compile(s, "upload", &in->upload, true);
}

void
compile_http(struct section *s, yaml_node_t *node)
{
	struct in_http in = {.at = {0, 0}};

	if (!record_read(s->r, node, &http_record, &in))
		return;
	if (in.method.s != NULL)
		method_check(s->r, &in.method);
	if (in.path.s != NULL)
		path_check(s, &in.path);
	jw_key(s->w, "http");
	jw_object(s->w);
	http_write(s, &in);
	jw_object_end(s->w);
}
