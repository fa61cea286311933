/*
 * The rules of assert that are mappings or lists: count, json, and those on pages.
 */
#include "scenario/steps.h"
#include "scenario/values.h"
#include <string.h>

#define MEMBERS_MAX 64
#define ALLOW_MAX 64

/* ---- count ---- */

struct in_count {
	struct place at;
	struct text regex, json;
	struct number min, max;
};

static const struct field count_fields[] = {
    {"regex", KIND_TEXT, ONE_OF, offsetof(struct in_count, regex), 1, REGEX_MAX_BYTES, NULL},
    {"json", KIND_RAW, ONE_OF, offsetof(struct in_count, json), 0, REGEX_MAX_BYTES, NULL},
    {"min", KIND_INT, OPTIONAL, offsetof(struct in_count, min), 0, COUNT_MAX, NULL},
    {"max", KIND_INT, OPTIONAL, offsetof(struct in_count, max), 0, COUNT_MAX, NULL},
};
static const struct record count_record = RECORD(struct in_count, "a count", count_fields);

static void
count_write(struct section *s, const struct in_count *in)
{
	rule_write(s, "count");
	jw_object(s->w);
	if (in->json.s != NULL)
		jw_kv_str(s->w, "json", in->json.s);
	jw_kv_int(s->w, "max", in->max.good ? in->max.v : COUNT_MAX);
	jw_kv_int(s->w, "min", in->min.v);
	if (in->regex.s != NULL)
		jw_kv_str(s->w, "regex", in->regex.s);
	jw_object_end(s->w);
}

void
rule_count(struct section *s, yaml_node_t *node)
{
	struct in_count in = {.at = {0, 0}};

	if (!record_read(s->r, node, &count_record, &in))
		return;
	if (in.regex.s != NULL)
		step_regex(s->r, in.regex.at, in.regex.s, 0);
	if (in.json.s != NULL)
		step_pointer(s->r, in.json.at, "json", in.json.s);
	if (in.min.at.line == 0 && in.max.at.line == 0)
		mistake_add(
		    s->r->mistakes, in.at, "a count has neither min nor max; give one of them");
	if (in.min.good && in.max.good && in.min.v > in.max.v)
		mistake_add(s->r->mistakes, in.min.at, "min is more than max");
	count_write(s, &in);
}

/* ---- json ---- */

/* {POINTER: VALUE}: [[POINTER, TEXT], ...]. */
void
rule_json(struct section *s, yaml_node_t *node)
{
	struct pair *pairs = NULL;
	size_t count = 0;

	rule_write(s, "json");
	jw_array(s->w);
	if (pairs_read(s->r, node, "json", MEMBERS_MAX, &pairs, &count) && count == 0)
		mistake_add(s->r->mistakes, node_place(node),
		    "json: expected {POINTER: VALUE}, such as {/user/name: \"{{user}}\"}");
	for (size_t i = 0; i < count; i++) {
		step_pointer(s->r, pairs[i].key.at, "json", pairs[i].key.s);
		jw_array(s->w);
		jw_str(s->w, pairs[i].key.s);
		jw_str(s->w, template_json(s->r, &s->scope, pairs[i].value));
		jw_array_end(s->w);
	}
	jw_array_end(s->w);
}

/* ---- pages ---- */

#define PARTS_MAX 8

static const struct page_rule {
	const char *name;
	const char *parts[PARTS_MAX + 1]; /* as in checker/page.c */
} page_rules[] = {
    {"no_foreign",
	{"scripts", "frames", "links", "images", "styles", "forms", "objects", "redirects", NULL}},
    {"no_code", {"scripts", "handlers", "urls", NULL}},
    {"no_hidden", {"links", "frames", NULL}},
};

static size_t
part_count(const struct page_rule *rule)
{
	size_t n = 0;

	while (rule->parts[n] != NULL)
		n++;
	return n;
}

static void
part_write(struct section *s, const struct page_rule *rule, yaml_node_t *node)
{
	struct field f = {.key = rule->name, .kind = KIND_TEXT, .min = 1, .max = NAME_MAX_BYTES};
	struct text part = {.s = NULL};
	bool known = false;

	field_read(s->r, node, &f, &part);
	for (size_t i = 0; part.s != NULL && rule->parts[i] != NULL; i++)
		known = known || strcmp(rule->parts[i], part.s) == 0;
	if (part.s != NULL && !known)
		mistake_add(s->r->mistakes, part.at, "%s: there is no kind of content %s; %s",
		    rule->name, quoted(s->r->mistakes, part.s),
		    choices(s->r->mistakes, part.s, rule->parts, part_count(rule)));
	jw_str(s->w, part.s);
}

/* A list of kinds, or the word all. */
static void
parts_write(struct section *s, const struct page_rule *rule, yaml_node_t *node)
{
	yaml_node_t **entries = NULL;
	const char *word = node_scalar(node);
	size_t count = 0;

	rule_write(s, rule->name);
	jw_array(s->w);
	if (word != NULL && strcmp(word, "all") == 0) {
		for (size_t i = 0; rule->parts[i] != NULL; i++)
			jw_str(s->w, rule->parts[i]);
	} else if (word != NULL) {
		mistake_add(s->r->mistakes, node_place(node),
		    "%s: expected all, or a list such as [%s, %s], found %s", rule->name,
		    rule->parts[0], rule->parts[1], node_found(s->r->mistakes, node));
	} else if (entries_read(s->r, node, rule->name, 1, PARTS_MAX, &entries, &count)) {
		for (size_t i = 0; i < count; i++)
			part_write(s, rule, entries[i]);
	}
	jw_array_end(s->w);
}

/* HOST or *.HOST, without scheme and port. */
static void
host_write(struct section *s, yaml_node_t *node)
{
	struct field f = {.key = "allow", .kind = KIND_TEXT, .min = 1, .max = HOST_MAX_BYTES};
	struct text host = {.s = NULL};
	struct address address;
	struct why why;

	field_read(s->r, node, &f, &host);
	if (host.s != NULL && (address_parse(host.s + (strncmp(host.s, "*.", 2) == 0 ? 2 : 0),
				   &address, &why) != ERR_OK ||
				  address.port != 0))
		mistake_add(s->r->mistakes, host.at,
		    "allow: %s is no host; write such as cdn.example.org or *.example.org",
		    quoted(s->r->mistakes, host.s));
	else if (host.s != NULL && strncmp(host.s, "*.", 2) != 0)
		host.s = arena_strdup(s->r->arena, address.host); /* without brackets */
	jw_str(s->w, host.s);
}

static void
allow_write(struct section *s, yaml_node_t *node)
{
	yaml_node_t **entries = NULL;
	size_t count = 0;

	jw_key(s->w, "allow");
	jw_array(s->w);
	(void)!entries_read(s->r, node, "allow", 1, ALLOW_MAX, &entries, &count);
	for (size_t i = 0; i < count; i++)
		host_write(s, entries[i]);
	jw_array_end(s->w);
}

void
rule_page(struct section *s, const struct in_assert *in)
{
	yaml_node_t *const nodes[] = {in->no_foreign.node, in->no_code.node, in->no_hidden.node};

	if (in->allow.node != NULL)
		allow_write(s, in->allow.node);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		if (nodes[i] == NULL)
			continue;
		parts_write(s, &page_rules[i], nodes[i]);
		return;
	}
}
