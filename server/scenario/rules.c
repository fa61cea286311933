/*
 * What a step demands of the answer: assert. rules_page.c has the rules with more to them.
 */
#include "scenario/steps.h"
#include "scenario/values.h"
#include <ctype.h>
#include <string.h>

#define SHA256_DIGITS 64
#define STATUSES_MAX 32

static const struct field assert_fields[] = {
    {"fails", KIND_TEXT, OPTIONAL, offsetof(struct in_assert, fails), 1, 16, NULL},
    {"status", KIND_NODE, ONE_OF, offsetof(struct in_assert, status), 0, 0, NULL},
    {"body_contains", KIND_RAW, ONE_OF, offsetof(struct in_assert, body_contains), 1,
	STEP_TEXT_MAX_BYTES, NULL},
    {"body_lacks", KIND_RAW, ONE_OF, offsetof(struct in_assert, body_lacks), 1, STEP_TEXT_MAX_BYTES,
	NULL},
    {"body_regex", KIND_TEXT, ONE_OF, offsetof(struct in_assert, body_regex), 1, REGEX_MAX_BYTES,
	NULL},
    {"body_regex_lacks", KIND_TEXT, ONE_OF, offsetof(struct in_assert, body_regex_lacks), 1,
	REGEX_MAX_BYTES, NULL},
    {"header", KIND_NODE, ONE_OF, offsetof(struct in_assert, header), 0, 0, NULL},
    {"latency_ms_max", KIND_INT, ONE_OF, offsetof(struct in_assert, latency_ms_max), 1,
	STEP_TIMEOUT_MS_MAX, NULL},
    {"size_min", KIND_INT, ONE_OF, offsetof(struct in_assert, size_min), 0, SIZE_MAX_BYTES, NULL},
    {"size_max", KIND_INT, ONE_OF, offsetof(struct in_assert, size_max), 0, SIZE_MAX_BYTES, NULL},
    {"sha256", KIND_TEXT, ONE_OF, offsetof(struct in_assert, sha256), 1, NAME_MAX_BYTES, NULL},
    {"equals", KIND_NODE, ONE_OF, offsetof(struct in_assert, equals), 0, 0, NULL},
    {"count", KIND_NODE, ONE_OF, offsetof(struct in_assert, count), 0, 0, NULL},
    {"json", KIND_NODE, ONE_OF, offsetof(struct in_assert, json), 0, 0, NULL},
    {"no_foreign", KIND_NODE, ONE_OF, offsetof(struct in_assert, no_foreign), 0, 0, NULL},
    {"no_code", KIND_NODE, ONE_OF, offsetof(struct in_assert, no_code), 0, 0, NULL},
    {"no_hidden", KIND_NODE, ONE_OF, offsetof(struct in_assert, no_hidden), 0, 0, NULL},
    {"allow", KIND_NODE, OPTIONAL, offsetof(struct in_assert, allow), 0, 0, NULL},
};
const struct record assert_record = RECORD(struct in_assert, "a rule of assert", assert_fields);

const char *
step_text(struct reader *r, yaml_node_t *node, const char *key)
{
	struct field f = {.key = key, .kind = KIND_RAW, .max = STEP_TEXT_MAX_BYTES};
	struct text value = {.s = NULL};

	field_read(r, node, &f, &value);
	return value.s;
}

void
step_regex(struct reader *r, struct place at, const char *pattern, size_t groups)
{
	struct why why;

	if (strstr(pattern, "{{") != NULL)
		mistake_add(r->mistakes, at,
		    "the regular expression %s has a {{; templates do not work in one: use "
		    "body_contains, or capture the part and compare it with equals in a later step",
		    quoted(r->mistakes, pattern));
	else if (regex_check(pattern, groups, &why) != ERR_OK)
		mistake_add(r->mistakes, at, "the regular expression %s %s",
		    quoted(r->mistakes, pattern), why.text);
}

/* ---- assert ---- */

const char *
step_result(struct reader *r, const struct text *given, const char *key, const char *otherwise)
{
	static const char *const statuses[] = {"down", "mumble", "corrupt"};
	size_t count = sizeof(statuses) / sizeof(statuses[0]);

	if (given->s == NULL)
		return otherwise;
	for (size_t i = 0; i < count; i++)
		if (strcmp(statuses[i], given->s) == 0)
			return given->s;
	mistake_add(r->mistakes, given->at, "%s: there is no such result %s; %s", key,
	    quoted(r->mistakes, given->s), choices(r->mistakes, given->s, statuses, count));
	return otherwise;
}

void
rule_write(struct section *s, const char *rule)
{
	jw_kv_str(s->w, "rule", rule);
	jw_key(s->w, "value");
}

static void
status_write(struct section *s, yaml_node_t *node)
{
	bool own = s->action != NULL && s->action->status_max > 0;
	struct field f = {.key = "status",
	    .kind = KIND_INT,
	    .min = own ? s->action->status_min : 100,
	    .max = own ? s->action->status_max : 599};
	yaml_node_t *one[] = {node}, **entries = one;
	size_t count = 1;

	rule_write(s, "status");
	jw_array(s->w);
	if (node->type == YAML_SEQUENCE_NODE &&
	    !entries_read(s->r, node, "status", 1, STATUSES_MAX, &entries, &count))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		struct number status = {.v = 0};

		field_read(s->r, entries[i], &f, &status);
		jw_int(s->w, status.v);
	}
	jw_array_end(s->w);
}

static void
header_write(struct section *s, yaml_node_t *node)
{
	struct pair *pairs;
	size_t count;
	const char *regex;

	if (!pairs_read(s->r, node, "header", 1, &pairs, &count))
		return;
	if (count == 0 || !step_token(pairs[0].key.s)) {
		mistake_add(s->r->mistakes, node_place(node),
		    "header: expected {NAME: REGEX}, such as {Content-Type: \"^text/html\"}");
		return;
	}
	if ((regex = step_text(s->r, pairs[0].value, pairs[0].key.s)) != NULL)
		step_regex(s->r, node_place(pairs[0].value), regex, 0);
	jw_kv_str(s->w, "name", pairs[0].key.s);
	rule_write(s, "header");
	jw_str(s->w, regex);
}

static void
equals_write(struct section *s, yaml_node_t *node)
{
	yaml_node_t **entries;
	size_t count = 0;

	rule_write(s, "equals");
	jw_array(s->w);
	if (!entries_read(s->r, node, "equals", 2, 2, &entries, &count))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		const char *text = step_text(s->r, entries[i], "equals");

		template_check(s->r, &s->scope, node_place(entries[i]), text);
		jw_str(s->w, text);
	}
	jw_array_end(s->w);
}

static void
sha256_write(struct section *s, const struct text *digest)
{
	char *lower = arena_strdup(s->r->arena, digest->s);

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	if (strlen(lower) != SHA256_DIGITS || strspn(lower, "0123456789abcdef") != SHA256_DIGITS)
		mistake_add(s->r->mistakes, digest->at, "sha256: %s is not %d hex digits",
		    quoted(s->r->mistakes, digest->s), SHA256_DIGITS);
	rule_write(s, "sha256");
	jw_str(s->w, lower);
}

static void
text_rule_write(struct section *s, const char *rule, const struct text *text)
{
	template_check(s->r, &s->scope, text->at, text->s);
	rule_write(s, rule);
	jw_str(s->w, text->s);
}

static void
regex_rule_write(struct section *s, const char *rule, const struct text *regex)
{
	step_regex(s->r, regex->at, regex->s, 0);
	rule_write(s, rule);
	jw_str(s->w, regex->s);
}

static void
number_rule_write(struct section *s, const char *rule, const struct number *number)
{
	rule_write(s, rule);
	jw_int(s->w, number->v);
}

static void
value_compile(struct section *s, const struct in_assert *in)
{
	if (in->status.node != NULL)
		status_write(s, in->status.node);
	else if (in->body_contains.s != NULL)
		text_rule_write(s, "body_contains", &in->body_contains);
	else if (in->body_lacks.s != NULL)
		text_rule_write(s, "body_lacks", &in->body_lacks);
	else if (in->body_regex.s != NULL)
		regex_rule_write(s, "body_regex", &in->body_regex);
	else if (in->body_regex_lacks.s != NULL)
		regex_rule_write(s, "body_regex_lacks", &in->body_regex_lacks);
	else if (in->header.node != NULL)
		header_write(s, in->header.node);
	else if (in->latency_ms_max.good)
		number_rule_write(s, "latency_ms_max", &in->latency_ms_max);
	else if (in->size_min.good)
		number_rule_write(s, "size_min", &in->size_min);
	else if (in->size_max.good)
		number_rule_write(s, "size_max", &in->size_max);
	else if (in->sha256.s != NULL)
		sha256_write(s, &in->sha256);
	else if (in->equals.node != NULL)
		equals_write(s, in->equals.node);
	else if (in->count.node != NULL)
		rule_count(s, in->count.node);
	else if (in->json.node != NULL)
		rule_json(s, in->json.node);
	else
		rule_page(s, in);
}

static void
assert_compile(struct section *s, const struct in_assert *in)
{
	if (in->allow.node != NULL && in->no_foreign.node == NULL)
		mistake_add(s->r->mistakes, in->allow.at,
		    "allow belongs to no_foreign; leave it out of other rules");
	jw_object(s->w);
	jw_kv_str(s->w, "fails", step_result(s->r, &in->fails, "fails", s->fails));
	value_compile(s, in);
	jw_object_end(s->w);
}

void
rules_assert(struct section *s, const struct in_step *step)
{
	const struct in_assert *rules = step->assert_list.items;

	jw_key(s->w, "assert");
	jw_array(s->w);
	for (size_t i = 0; i < step->assert_list.count; i++) {
		const struct in_assert *a = &rules[i];

		if (s->action != NULL && ((a->status.node != NULL && !s->action->has_status) ||
					     (a->header.node != NULL && !s->action->has_headers)))
			mistake_add(s->r->mistakes, a->at,
			    "%s means nothing for a %s step, which has body_contains, body_lacks, "
			    "body_regex, latency_ms_max, size_max, sha256 and equals",
			    a->status.node != NULL && !s->action->has_status ? "status" : "header",
			    s->action->name);
		assert_compile(s, a);
	}
	jw_array_end(s->w);
}
