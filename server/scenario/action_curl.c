#include "scenario/action_curl.h"
#include "scenario/folder.h"
#include "scenario/tls_keys.h"
#include "scenario/values.h"

#include <limits.h>
#include <string.h>

#define TYPE_MAX_BYTES 200

/* ---- texts ---- */

void
template_write(struct section *s, const char *key, const struct text *text)
{
	if (text->s == NULL)
		return;
	template_check(s->r, &s->scope, text->at, text->s);
	jw_kv_str(s->w, key, text->s);
}

void
payload_compile(struct section *s, const struct in_payload *in)
{
	if (in->hex.s != NULL)
		jw_kv_str(s->w, "hex", step_hex(s->r, "hex", &in->hex));
	else
		template_write(s, "content", &in->content);
}

/* ---- parts ---- */

struct in_part {
	struct place at;
	struct text name, filename, type;
	struct in_payload payload;
};

static const struct field part_fields[] = {
    {"name", KIND_TEXT, OPTIONAL, offsetof(struct in_part, name), 1, LINE_MAX_BYTES, NULL},
    {"filename", KIND_TEXT, OPTIONAL, offsetof(struct in_part, filename), 1, LINE_MAX_BYTES, NULL},
    {"type", KIND_TEXT, OPTIONAL, offsetof(struct in_part, type), 1, TYPE_MAX_BYTES, NULL},
    {"content", KIND_RAW, ONE_OF, offsetof(struct in_part, payload.content), 0, STEP_TEXT_MAX_BYTES,
	NULL},
    {"hex", KIND_TEXT, ONE_OF, offsetof(struct in_part, payload.hex), 1, STEP_TEXT_MAX_BYTES, NULL},
};
const struct record part_record = RECORD(struct in_part, "a part", part_fields);

void
parts_compile(struct section *s, const char *key, const struct list *parts, bool named)
{
	const struct in_part *part = parts->items;

	jw_key(s->w, key);
	jw_array(s->w);
	for (size_t i = 0; i < parts->count; i++) {
		if (named && part[i].name.at.line == 0)
			mistake_add(s->r->mistakes, part[i].at,
			    "a part of %s has no name; add `name: ...`, the form's member", key);
		jw_object(s->w);
		template_write(s, "filename", &part[i].filename);
		template_write(s, "name", &part[i].name);
		if (part[i].type.s != NULL)
			jw_kv_str(s->w, "type", part[i].type.s);
		payload_compile(s, &part[i].payload);
		jw_object_end(s->w);
	}
	jw_array_end(s->w);
}

/* ---- upload ---- */

static const struct field upload_fields[] = {
    {"path", KIND_TEXT, REQUIRED, offsetof(struct in_upload, path), 1, LINE_MAX_BYTES, NULL},
    {"content", KIND_RAW, ONE_OF, offsetof(struct in_upload, payload.content), 0,
	STEP_TEXT_MAX_BYTES, NULL},
    {"hex", KIND_TEXT, ONE_OF, offsetof(struct in_upload, payload.hex), 1, STEP_TEXT_MAX_BYTES,
	NULL},
};
const struct record upload_record = RECORD(struct in_upload, "an upload", upload_fields);

void
upload_compile(struct section *s, const struct in_upload *in)
{
	jw_key(s->w, "upload");
	jw_object(s->w);
	template_write(s, "path", &in->path);
	payload_compile(s, &in->payload);
	jw_object_end(s->w);
}

/* ---- tls ---- */

struct in_tls {
	struct place at;
	struct in_tls_keys tls;
};

static const struct field tls_fields[] = {TLS_KEYS_FIELDS(struct in_tls)};
static const struct record tls_record = RECORD(struct in_tls, "tls", tls_fields);

void
tls_compile(struct section *s, yaml_node_t *node)
{
	struct field f = {.key = "tls", .kind = KIND_BOOL};
	struct number plain = {.v = 0};
	struct in_tls in = {.at = {0, 0}};

	jw_key(s->w, "tls");
	if (node != NULL && node->type == YAML_MAPPING_NODE) {
		if (!record_read(s->r, node, &tls_record, &in))
			in = (struct in_tls){.at = {0, 0}};
		jw_object(s->w);
		tls_keys_write(s, &in.tls);
		jw_object_end(s->w);
		return;
	}
	if (node != NULL) {
		plain.at = node_place(node);
		field_read(s->r, node, &f, &plain);
	}
	jw_bool(s->w, plain.v == 1);
}

/* ---- what they have in common ---- */

static const struct field login_fields[] = {
    {"user", KIND_TEXT, REQUIRED, offsetof(struct in_login, user), 1, LINE_MAX_BYTES, NULL},
    {"password", KIND_TEXT, REQUIRED, offsetof(struct in_login, password), 1, LINE_MAX_BYTES, NULL},
};
const struct record login_record = RECORD(struct in_login, "a login", login_fields);

static const struct field key_login_fields[] = {
    {"user", KIND_TEXT, REQUIRED, offsetof(struct in_login, user), 1, LINE_MAX_BYTES, NULL},
    {"password", KIND_TEXT, ONE_OF, offsetof(struct in_login, password), 1, LINE_MAX_BYTES, NULL},
    {"key", KIND_TEXT, ONE_OF, offsetof(struct in_login, key), 1, PATH_MAX - 1, NULL},
};
const struct record key_login_record = RECORD(struct in_login, "a login", key_login_fields);

#define KEY_MAX_BYTES (16u * 1024)

static void
login_write(struct section *s, const struct in_login *in)
{
	const char *key;

	jw_key(s->w, "login");
	jw_object(s->w);
	if (in->key.s != NULL && (key = folder_text(s, "key", &in->key, KEY_MAX_BYTES)) != NULL) {
		if (s->dir != NULL && strstr(key, "PRIVATE KEY-----") == NULL)
			mistake_add(s->r->mistakes, in->key.at,
			    "key: the file %s holds no private key",
			    quoted(s->r->mistakes, in->key.s));
		jw_kv_str(s->w, "key", key);
	}
	template_write(s, "password", &in->password);
	template_write(s, "user", &in->user);
	jw_object_end(s->w);
}

void
common_compile(struct section *s, const struct in_common *in, bool with_tls)
{
	jw_kv_str(s->w, "fails", step_result(s->r, &in->fails, "fails", s->fails));
	if (in->login.at.line != 0)
		login_write(s, &in->login);
	if (in->port.good)
		jw_kv_int(s->w, "port", in->port.v);
	if (!with_tls)
		return;
	jw_kv_bool(s->w, "starttls", in->starttls.v == 1);
	tls_compile(s, in->tls.node);
}
