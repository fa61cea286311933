#include "scenario/tls_keys.h"

#include "base/pem.h"
#include "scenario/readfile.h"
#include "scenario/values.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PEM_MAX_BYTES (64 * 1024)

/* In the challenge's folder or below it: what a challenge needs comes with it. */
static bool
path_inside(const char *path)
{
	return path[0] != '/' && strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0 &&
	       strstr(path, "/../") == NULL;
}

/* The file's text, or NULL after naming what is wrong with it. "" in the fuzzer, which has no folder. */
static const char *
file_text(struct section *s, const struct text *file, const char *what)
{
	char path[PATH_MAX];
	const char *out = NULL;
	struct buf text;
	struct why why;

	if (!path_inside(file->s)) {
		mistake_add(s->r->mistakes, file->at,
		    "%s: %s is not inside the challenge's folder; name a file of it", what,
		    quoted(s->r->mistakes, file->s));
		return NULL;
	}
	if (s->dir == NULL)
		return NULL;
	buf_init(&text, PEM_MAX_BYTES);
	if (snprintf(path, sizeof(path), "%s/%s", s->dir, file->s) >= (int)sizeof(path))
		mistake_add(s->r->mistakes, file->at, "%s: the path is too long", what);
	else if (file_read(path, &text, &why) != ERR_OK)
		mistake_add(s->r->mistakes, file->at, "%s: %s %s", what,
		    quoted(s->r->mistakes, file->s), why.text);
	else
		out = arena_strndup(s->r->arena, text.data, text.len);
	buf_free(&text);
	return out;
}

static void
wrong_file(struct section *s, const struct text *file, const char *what, const struct why *why)
{
	mistake_add(s->r->mistakes, file->at, "%s: %s %s", what, quoted(s->r->mistakes, file->s),
	    why->text);
}

/* Writes the certificates of a file; their text, or NULL after a mistake. */
static const char *
certificates_write(struct section *s, const struct text *file, const char *what)
{
	const char *text = file_text(s, file, what);
	struct why why;

	if (text != NULL && pem_certificates_check(text, &why) != ERR_OK) {
		wrong_file(s, file, what, &why);
		return NULL;
	}
	if (text != NULL)
		jw_kv_str(s->w, what, text);
	return text;
}

static void
key_write(struct section *s, const struct in_tls_keys *in, const char *cert)
{
	const char *text = file_text(s, &in->key, "key");
	struct why why;

	if (text == NULL || cert == NULL)
		return;
	if (pem_key_check(text, cert, &why) != ERR_OK)
		wrong_file(s, &in->key, "key", &why);
	jw_kv_str(s->w, "key", text);
}

static void
name_check(struct section *s, const struct text *name)
{
	struct address a;
	struct why why;

	if (address_parse(name->s, &a, &why) != ERR_OK || a.port != 0)
		mistake_add(s->r->mistakes, name->at,
		    "name: %s is no host's name or address; write such as www.example.org",
		    quoted(s->r->mistakes, name->s));
}

void
tls_keys_write(struct section *s, const struct in_tls_keys *in)
{
	const char *cert = NULL;

	if (in->ca.s != NULL)
		(void)certificates_write(s, &in->ca, "ca");
	if (in->cert.s != NULL)
		cert = certificates_write(s, &in->cert, "cert");
	if (in->days_left.good)
		jw_kv_int(s->w, "days_left", in->days_left.v);
	if (in->key.s != NULL)
		key_write(s, in, cert);
	if (in->cert.at.line != 0 && in->key.at.line == 0)
		mistake_add(s->r->mistakes, in->cert.at,
		    "cert: a certificate of one's own needs its key; add `key: ...`");
	if (in->key.at.line != 0 && in->cert.at.line == 0)
		mistake_add(s->r->mistakes, in->key.at,
		    "key: a key needs its certificate; add `cert: ...`");
	if (in->name.s != NULL) {
		name_check(s, &in->name);
		jw_kv_str(s->w, "name", in->name.s);
	}
	if (in->ca.at.line != 0 && in->verify.good && !in->verify.v)
		mistake_add(s->r->mistakes, in->ca.at,
		    "ca: has no meaning with verify: false; leave one of them out");
	jw_kv_bool(s->w, "verify", in->verify.good ? in->verify.v != 0 : in->ca.s != NULL);
}
