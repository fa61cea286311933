#include "scenario/tls_keys.h"
#include "base/pem.h"
#include "scenario/folder.h"
#include "scenario/values.h"

#define PEM_MAX_BYTES (64 * 1024)
#define NAMES_MAX 16

/* ---- files ---- */

static void
wrong_file(struct section *s, const struct text *file, const char *what, const struct why *why)
{
	mistake_add(s->r->mistakes, file->at, "%s: the file %s %s", what,
	    quoted(s->r->mistakes, file->s), why->text);
}

/* Writes the certificates of a file; their text, or NULL if there are none. */
static const char *
certificates_write(struct section *s, const struct text *file, const char *what)
{
	const char *text = file->s != NULL ? folder_text(s, what, file, PEM_MAX_BYTES) : NULL;
	struct why why;

	if (text == NULL)
		return NULL;
	if (s->dir != NULL && pem_certificates_check(text, &why) != ERR_OK) {
		wrong_file(s, file, what, &why);
		return NULL;
	}
	jw_kv_str(s->w, what, text);
	return text;
}

static void
key_write(struct section *s, const struct text *file, const char *cert)
{
	const char *text = file->s != NULL ? folder_text(s, "key", file, PEM_MAX_BYTES) : NULL;
	struct why why;

	if (text == NULL || cert == NULL)
		return;
	if (s->dir != NULL && pem_key_check(text, cert, &why) != ERR_OK)
		wrong_file(s, file, "key", &why);
	jw_kv_str(s->w, "key", text);
}

/* The step's own certificate and its key, which belong together. */
static void
own_write(struct section *s, const struct in_tls_keys *in)
{
	key_write(s, &in->key, certificates_write(s, &in->cert, "cert"));
	if (in->cert.at.line != 0 && in->key.at.line == 0)
		mistake_add(s->r->mistakes, in->cert.at,
		    "cert: a certificate of one's own needs its key; add `key: ...`");
	if (in->key.at.line != 0 && in->cert.at.line == 0)
		mistake_add(s->r->mistakes, in->key.at,
		    "key: a key needs its certificate; add `cert: ...`");
}

/* ---- names ---- */

static void
name_check(struct section *s, const struct text *name)
{
	struct address a;
	struct why why;

	if (name->s != NULL && (address_parse(name->s, &a, &why) != ERR_OK || a.port != 0))
		mistake_add(s->r->mistakes, name->at,
		    "name: %s is no host's name or address; write such as www.example.org",
		    quoted(s->r->mistakes, name->s));
}

/* A name, or a list of them. */
static void
names_write(struct section *s, yaml_node_t *node)
{
	struct field f = {.key = "name", .kind = KIND_TEXT, .min = 1, .max = HOST_MAX_BYTES};
	yaml_node_t *one[] = {node}, **entries = one;
	size_t count = 1;

	if (node->type == YAML_SEQUENCE_NODE &&
	    !entries_read(s->r, node, "name", 1, NAMES_MAX, &entries, &count))
		count = 0;
	jw_key(s->w, "names");
	jw_array(s->w);
	for (size_t i = 0; i < count; i++) {
		struct text name = {.at = node_place(entries[i])};

		field_read(s->r, entries[i], &f, &name);
		name_check(s, &name);
		jw_str(s->w, name.s);
	}
	jw_array_end(s->w);
}

/* ---- all ---- */

void
tls_keys_write(struct section *s, const struct in_tls_keys *in)
{
	(void)certificates_write(s, &in->ca, "ca");
	own_write(s, in);
	if (in->days_left.good)
		jw_kv_int(s->w, "days_left", in->days_left.v);
	if (in->name.node != NULL)
		names_write(s, in->name.node);
	if (in->ca.at.line != 0 && in->verify.good && !in->verify.v)
		mistake_add(s->r->mistakes, in->ca.at,
		    "ca: has no meaning with verify: false; leave one of them out");
	jw_kv_bool(s->w, "verify", in->verify.good ? in->verify.v != 0 : in->ca.s != NULL);
}
