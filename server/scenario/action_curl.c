#include "scenario/action_curl.h"
#include "base/certificate.h"
#include "scenario/readfile.h"
#include "scenario/values.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PEM_MAX_BYTES (64u * 1024)
#define TLS_NAMES_MAX 16
#define DAYS_MAX 3650
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

/* ---- files ---- */

/* Down from the folder, never out of it. */
static bool
path_stays(const char *path)
{
	if (path[0] == '/')
		return false;
	for (const char *part = path; part != NULL; part = strchr(part, '/')) {
		part += *part == '/';
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
			return false;
	}
	return true;
}

const char *
folder_text(struct section *s, const char *key, const struct text *name, size_t max)
{
	struct mistakes *m = s->r->mistakes;
	const char *out = NULL;
	char path[PATH_MAX];
	struct buf text;
	struct why why;
	enum err e;

	if (!path_stays(name->s)) {
		mistake_add(m, name->at,
		    "%s: %s leads out of the challenge's folder; name a file in it", key,
		    quoted(m, name->s));
		return NULL;
	}
	if (s->dir == NULL)
		return name->s;
	if (snprintf(path, sizeof(path), "%s/%s", s->dir, name->s) >= (int)sizeof(path))
		return NULL;
	buf_init(&text, max);
	if ((e = file_read(path, &text, &why)) != ERR_OK)
		mistake_add(m, name->at, "%s: the file %s %s", key, quoted(m, name->s),
		    e == ERR_NOT_FOUND ? "is not in the challenge's folder" : why.text);
	else
		out = arena_strndup(s->r->arena, text.len > 0 ? text.data : "", text.len);
	buf_free(&text);
	return out;
}

/* ---- tls ---- */

struct in_tls {
	struct place at;
	struct number verify, days_left;
	struct node name;
	struct text ca, cert, key;
};

static const struct field tls_fields[] = {
    {"verify", KIND_BOOL, OPTIONAL, offsetof(struct in_tls, verify), 0, 0, NULL},
    {"name", KIND_NODE, OPTIONAL, offsetof(struct in_tls, name), 0, 0, NULL},
    {"days_left", KIND_INT, OPTIONAL, offsetof(struct in_tls, days_left), 1, DAYS_MAX, NULL},
    {"ca", KIND_TEXT, OPTIONAL, offsetof(struct in_tls, ca), 1, PATH_MAX - 1, NULL},
    {"cert", KIND_TEXT, OPTIONAL, offsetof(struct in_tls, cert), 1, PATH_MAX - 1, NULL},
    {"key", KIND_TEXT, OPTIONAL, offsetof(struct in_tls, key), 1, PATH_MAX - 1, NULL},
};
static const struct record tls_record = RECORD(struct in_tls, "tls", tls_fields);

/* A name, or a list of them. */
static void
names_write(struct section *s, yaml_node_t *node)
{
	struct field f = {.key = "name", .kind = KIND_TEXT, .min = 1, .max = HOST_MAX_BYTES};
	yaml_node_t *one[] = {node}, **entries = one;
	size_t count = 1;

	if (node->type == YAML_SEQUENCE_NODE &&
	    !entries_read(s->r, node, "name", 1, TLS_NAMES_MAX, &entries, &count))
		count = 0;
	jw_key(s->w, "names");
	jw_array(s->w);
	for (size_t i = 0; i < count; i++) {
		struct text name = {.at = node_place(entries[i])};

		field_read(s->r, entries[i], &f, &name);
		jw_str(s->w, name.s);
	}
	jw_array_end(s->w);
}

static const char *
certificate_text(struct section *s, const char *key, const struct text *name)
{
	const char *pem = name->s != NULL ? folder_text(s, key, name, PEM_MAX_BYTES) : NULL;

	if (pem == NULL || s->dir == NULL || pem_has_certificate(pem))
		return pem;
	mistake_add(s->r->mistakes, name->at, "%s: the file %s holds no certificate in PEM", key,
	    quoted(s->r->mistakes, name->s));
	return NULL;
}

/* The step's own certificate and its key, which belong together. */
static void
own_write(struct section *s, const struct in_tls *in)
{
	const char *cert = certificate_text(s, "cert", &in->cert), *key = NULL;
	struct why why;

	if ((in->cert.at.line != 0) != (in->key.at.line != 0))
		mistake_add(s->r->mistakes, in->at, "tls has only one of cert and key; give both");
	if (in->key.s != NULL)
		key = folder_text(s, "key", &in->key, PEM_MAX_BYTES);
	if (cert == NULL || key == NULL)
		return;
	if (s->dir != NULL && !pem_key_fits(cert, key, &why))
		mistake_add(s->r->mistakes, in->key.at, "key: the file %s %s",
		    quoted(s->r->mistakes, in->key.s), why.text);
	jw_kv_str(s->w, "cert", cert);
	jw_kv_str(s->w, "key", key);
}

static void
tls_write(struct section *s, const struct in_tls *in)
{
	const char *ca = certificate_text(s, "ca", &in->ca);

	if (in->ca.at.line != 0 && in->verify.good && in->verify.v == 0)
		mistake_add(s->r->mistakes, in->verify.at,
		    "verify: a ca is there to verify with; leave one of them out");
	jw_object(s->w);
	own_write(s, in);
	if (ca != NULL)
		jw_kv_str(s->w, "ca", ca);
	if (in->days_left.good)
		jw_kv_int(s->w, "days_left", in->days_left.v);
	if (in->name.node != NULL)
		names_write(s, in->name.node);
	jw_kv_bool(s->w, "verify", in->verify.v == 1);
	jw_object_end(s->w);
}

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
		tls_write(s, &in);
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
