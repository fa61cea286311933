/*
 * What a step does: a conversation over TCP or TLS.
 */
#include "scenario/steps.h"
#include "scenario/tls_keys.h"
#include "scenario/values.h"
#include <ctype.h>
#include <string.h>

struct in_line {
	struct place at;
	struct text send, send_hex, expect, expect_regex;
	struct number starttls;
};

static const struct field line_fields[] = {
    {"send", KIND_RAW, ONE_OF, offsetof(struct in_line, send), 1, STEP_TEXT_MAX_BYTES, NULL},
    {"send_hex", KIND_TEXT, ONE_OF, offsetof(struct in_line, send_hex), 1, STEP_TEXT_MAX_BYTES,
	NULL},
    {"expect", KIND_RAW, ONE_OF, offsetof(struct in_line, expect), 1, STEP_TEXT_MAX_BYTES, NULL},
    {"expect_regex", KIND_TEXT, ONE_OF, offsetof(struct in_line, expect_regex), 1, REGEX_MAX_BYTES,
	NULL},
    {"starttls", KIND_BOOL, ONE_OF, offsetof(struct in_line, starttls), 0, 0, NULL},
};
static const struct record line_record = RECORD(struct in_line, "a line of a talk", line_fields);

const char *
step_hex(struct reader *r, const char *key, const struct text *hex)
{
	char *out = arena_strdup(r->arena, hex->s);
	size_t n = 0;

	for (const char *c = hex->s; *c != '\0'; c++)
		if (*c != ' ')
			out[n++] = (char)tolower((unsigned char)*c);
	out[n] = '\0';
	if (n % 2 != 0 || strspn(out, "0123456789abcdef") != n)
		mistake_add(r->mistakes, hex->at,
		    "%s: %s is not an even number of hex digits, such as \"00 ff 0d 0a\"", key,
		    quoted(r->mistakes, hex->s));
	return out;
}

static void
line_write(struct section *s, const char *kind, const char *text)
{
	jw_array(s->w);
	jw_str(s->w, kind);
	jw_str(s->w, text);
	jw_array_end(s->w);
}

/* A talk goes on under TLS from its one line starttls on. */
struct talking {
	struct section *s;
	bool tls;     /* it is one that may */
	bool started; /* the line was there */
};

static void
starttls_compile(struct talking *t, const struct in_line *in)
{
	struct mistakes *m = t->s->r->mistakes;

	if (!t->tls)
		mistake_add(
		    m, in->starttls.at, "starttls is for tls steps; write tls instead of tcp");
	else if (!in->starttls.v)
		mistake_add(m, in->starttls.at, "starttls: only true means something here");
	else if (t->started)
		mistake_add(m, in->starttls.at,
		    "starttls: the talk is under TLS already; leave this line out");
	t->started = true;
	line_write(t->s, "starttls", "");
}

static void
line_compile(struct talking *t, const struct in_line *in)
{
	struct section *s = t->s;

	if (in->send.s != NULL) {
		template_check(s->r, &s->scope, in->send.at, in->send.s);
		line_write(s, "send", in->send.s);
	} else if (in->send_hex.s != NULL) {
		line_write(s, "send_hex", step_hex(s->r, "send_hex", &in->send_hex));
	} else if (in->expect.s != NULL) {
		template_check(s->r, &s->scope, in->expect.at, in->expect.s);
		line_write(s, "expect", in->expect.s);
	} else if (in->expect_regex.s != NULL) {
		step_regex(s->r, in->expect_regex.at, in->expect_regex.s, 0);
		line_write(s, "expect_regex", in->expect_regex.s);
	} else if (in->starttls.good) {
		starttls_compile(t, in);
	}
}

static void
talk_compile(struct section *s, const struct list *list, bool tls)
{
	const struct in_line *lines = list->items;
	struct talking t = {.s = s, .tls = tls};

	jw_key(s->w, "talk");
	jw_array(s->w);
	for (size_t i = 0; i < list->count; i++)
		line_compile(&t, &lines[i]);
	jw_array_end(s->w);
}

/* ---- tcp ---- */

struct in_tcp {
	struct place at;
	struct number port;
	struct list talk;
};

static const struct field tcp_fields[] = {
    {"port", KIND_INT, OPTIONAL, offsetof(struct in_tcp, port), 1, PORT_MAX, NULL},
    {"talk", KIND_LIST, REQUIRED, offsetof(struct in_tcp, talk), 1, ENTRIES_MAX, &line_record},
};
static const struct record tcp_record = RECORD(struct in_tcp, "a tcp action", tcp_fields);

void
compile_tcp(struct section *s, yaml_node_t *node)
{
	struct in_tcp in = {.at = {0, 0}};

	if (!record_read(s->r, node, &tcp_record, &in))
		return;
	jw_key(s->w, "tcp");
	jw_object(s->w);
	if (in.port.good)
		jw_kv_int(s->w, "port", in.port.v);
	talk_compile(s, &in.talk, false);
	jw_object_end(s->w);
}

/* ---- tls ---- */

struct in_tls {
	struct place at;
	struct number port;
	struct list talk;
	struct in_tls_keys tls;
};

static const struct field tls_fields[] = {
    {"port", KIND_INT, OPTIONAL, offsetof(struct in_tls, port), 1, PORT_MAX, NULL},
    {"talk", KIND_LIST, OPTIONAL, offsetof(struct in_tls, talk), 1, ENTRIES_MAX, &line_record},
    TLS_KEYS_FIELDS(struct in_tls),
};
static const struct record tls_record = RECORD(struct in_tls, "a tls action", tls_fields);

void
compile_tls(struct section *s, yaml_node_t *node)
{
	struct in_tls in = {.at = {0, 0}};

	if (!record_read(s->r, node, &tls_record, &in))
		return;
	jw_key(s->w, "tls");
	jw_object(s->w);
	if (in.port.good)
		jw_kv_int(s->w, "port", in.port.v);
	talk_compile(s, &in.talk, true);
	tls_keys_write(s, &in.tls);
	jw_object_end(s->w);
}
