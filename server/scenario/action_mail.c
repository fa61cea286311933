/*
 * The actions of mail: smtp, imap, pop3.
 */
#include "scenario/action_curl.h"
#include "scenario/values.h"

#include <string.h>

/* ---- smtp ---- */

struct in_smtp {
	struct in_common common;
	struct text from, helo, message, body;
	struct node to, headers;
	struct list attach;
};

static const struct field smtp_fields[] = {
    {"from", KIND_TEXT, REQUIRED, offsetof(struct in_smtp, from), 1, LINE_MAX_BYTES, NULL},
    {"to", KIND_NODE, REQUIRED, offsetof(struct in_smtp, to), 0, 0, NULL},
    {"message", KIND_RAW, ONE_OF, offsetof(struct in_smtp, message), 1, STEP_TEXT_MAX_BYTES, NULL},
    {"body", KIND_RAW, ONE_OF, offsetof(struct in_smtp, body), 0, STEP_TEXT_MAX_BYTES, NULL},
    {"headers", KIND_NODE, OPTIONAL, offsetof(struct in_smtp, headers), 0, 0, NULL},
    {"attach", KIND_LIST, OPTIONAL, offsetof(struct in_smtp, attach), 1, ENTRIES_MAX, &part_record},
    {"helo", KIND_TEXT, OPTIONAL, offsetof(struct in_smtp, helo), 1, HOST_MAX_BYTES, NULL},
    COMMON_LOGIN(struct in_smtp),
    COMMON_PORT(struct in_smtp),
    COMMON_TLS(struct in_smtp),
    COMMON_FAILS(struct in_smtp),
};
static const struct record smtp_record = RECORD(struct in_smtp, "an smtp action", smtp_fields);

/* An address, or a list of them. */
static void
to_write(struct section *s, yaml_node_t *node)
{
	struct field f = {.key = "to", .kind = KIND_TEXT, .min = 1, .max = LINE_MAX_BYTES};
	yaml_node_t *one[] = {node}, **entries = one;
	size_t count = 1;

	if (node->type == YAML_SEQUENCE_NODE &&
	    !entries_read(s->r, node, "to", 1, ENTRIES_MAX, &entries, &count))
		count = 0;
	jw_key(s->w, "to");
	jw_array(s->w);
	for (size_t i = 0; i < count; i++) {
		struct text to = {.at = node_place(entries[i])};

		field_read(s->r, entries[i], &f, &to);
		template_check(s->r, &s->scope, to.at, to.s);
		jw_str(s->w, to.s);
	}
	jw_array_end(s->w);
}

/* A whole message has its headers and parts in it. */
static void
stranger_check(struct section *s, const struct in_smtp *in, struct place at, const char *key)
{
	if (in->message.at.line != 0 && at.line != 0)
		mistake_add(s->r->mistakes, at,
		    "%s: message is the whole mail already; write it there, or body instead of "
		    "message",
		    key);
}

static void
smtp_write(struct section *s, const struct in_smtp *in)
{
	common_compile(s, &in->common, true);
	stranger_check(s, in, in->headers.at, "headers");
	stranger_check(s, in, in->attach.at, "attach");
	template_write(s, "from", &in->from);
	template_write(s, "helo", &in->helo);
	template_write(s, "message", &in->message);
	template_write(s, "body", &in->body);
	if (in->to.node != NULL)
		to_write(s, in->to.node);
	if (in->headers.node != NULL)
		step_pairs(s, in->headers.node, "headers", true);
	if (in->attach.at.line != 0)
		parts_compile(s, "attach", &in->attach, false);
}

void
compile_smtp(struct section *s, yaml_node_t *node)
{
	struct in_smtp in = {.common = {.at = {0, 0}}};

	if (!record_read(s->r, node, &smtp_record, &in))
		return;
	jw_key(s->w, "smtp");
	jw_object(s->w);
	smtp_write(s, &in);
	jw_object_end(s->w);
}

/* ---- imap and pop3 ---- */

struct in_mailbox {
	struct in_common common;
	struct text folder, section, fetch, search, append, command, retr, delete_;
};

static const struct field imap_fields[] = {
    {"login", KIND_RECORD, REQUIRED, offsetof(struct in_mailbox, common.login), 0, 0,
	&login_record},
    {"folder", KIND_TEXT, OPTIONAL, offsetof(struct in_mailbox, folder), 1, LINE_MAX_BYTES, NULL},
    {"fetch", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_mailbox, fetch), 1, LINE_MAX_BYTES, NULL},
    {"search", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_mailbox, search), 1, LINE_MAX_BYTES,
	NULL},
    {"append", KIND_RAW, AT_MOST_ONE, offsetof(struct in_mailbox, append), 1, STEP_TEXT_MAX_BYTES,
	NULL},
    {"command", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_mailbox, command), 1, LINE_MAX_BYTES,
	NULL},
    {"section", KIND_TEXT, OPTIONAL, offsetof(struct in_mailbox, section), 1, LINE_MAX_BYTES, NULL},
    COMMON_PORT(struct in_mailbox),
    COMMON_TLS(struct in_mailbox),
    COMMON_FAILS(struct in_mailbox),
};
static const struct record imap_record = RECORD(struct in_mailbox, "an imap action", imap_fields);

static const struct field pop3_fields[] = {
    {"login", KIND_RECORD, REQUIRED, offsetof(struct in_mailbox, common.login), 0, 0,
	&login_record},
    {"retr", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_mailbox, retr), 1, 64, NULL},
    {"delete", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_mailbox, delete_), 1, 64, NULL},
    COMMON_PORT(struct in_mailbox),
    COMMON_TLS(struct in_mailbox),
    COMMON_FAILS(struct in_mailbox),
};
static const struct record pop3_record = RECORD(struct in_mailbox, "a pop3 action", pop3_fields);

static void
mailbox_compile(struct section *s, yaml_node_t *node, const char *name, const struct record *record)
{
	struct in_mailbox in = {.common = {.at = {0, 0}}};

	if (!record_read(s->r, node, record, &in))
		return;
	if (in.section.at.line != 0 && in.fetch.at.line == 0)
		mistake_add(s->r->mistakes, in.section.at,
		    "section: says which part of a mail to fetch; add `fetch: ...`");
	jw_key(s->w, name);
	jw_object(s->w);
	common_compile(s, &in.common, true);
	template_write(s, "folder", &in.folder);
	template_write(s, "section", &in.section);
	template_write(s, "fetch", &in.fetch);
	template_write(s, "search", &in.search);
	template_write(s, "append", &in.append);
	template_write(s, "command", &in.command);
	template_write(s, "retr", &in.retr);
	template_write(s, "delete", &in.delete_);
	jw_object_end(s->w);
}

void
compile_imap(struct section *s, yaml_node_t *node)
{
	mailbox_compile(s, node, "imap", &imap_record);
}

void
compile_pop3(struct section *s, yaml_node_t *node)
{
	mailbox_compile(s, node, "pop3", &pop3_record);
}
