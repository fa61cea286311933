/*
 * What a step demands of the answer, takes from it and keeps: assert, capture, save.
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
    {"header", KIND_NODE, ONE_OF, offsetof(struct in_assert, header), 0, 0, NULL},
    {"latency_ms_max", KIND_INT, ONE_OF, offsetof(struct in_assert, latency_ms_max), 1,
	STEP_TIMEOUT_MS_MAX, NULL},
    {"size_max", KIND_INT, ONE_OF, offsetof(struct in_assert, size_max), 0, SIZE_MAX_BYTES, NULL},
    {"sha256", KIND_TEXT, ONE_OF, offsetof(struct in_assert, sha256), 1, NAME_MAX_BYTES, NULL},
    {"equals", KIND_NODE, ONE_OF, offsetof(struct in_assert, equals), 0, 0, NULL},
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
fails_compile(struct section *s, const struct text *fails)
{
	static const char *const statuses[] = {"down", "mumble", "corrupt"};
	size_t count = sizeof(statuses) / sizeof(statuses[0]);

	if (fails->s == NULL)
		return s->kind == SECTION_GET ? "corrupt" : "mumble";
	for (size_t i = 0; i < count; i++)
		if (strcmp(statuses[i], fails->s) == 0)
			return fails->s;
	mistake_add(s->r->mistakes, fails->at, "fails: there is no such result %s; %s",
	    quoted(s->r->mistakes, fails->s), choices(s->r->mistakes, fails->s, statuses, count));
	return "mumble";
}

static void
rule_write(struct section *s, const char *rule)
{
	jw_kv_str(s->w, "rule", rule);
	jw_key(s->w, "value");
}

static void
status_write(struct section *s, yaml_node_t *node)
{
	struct field f = {.key = "status", .kind = KIND_INT, .min = 100, .max = 599};
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
assert_compile(struct section *s, const struct in_assert *in)
{
	jw_object(s->w);
	jw_kv_str(s->w, "fails", fails_compile(s, &in->fails));
	if (in->status.node != NULL)
		status_write(s, in->status.node);
	else if (in->body_contains.s != NULL)
		text_rule_write(s, "body_contains", &in->body_contains);
	else if (in->body_lacks.s != NULL)
		text_rule_write(s, "body_lacks", &in->body_lacks);
	else if (in->body_regex.s != NULL) {
		step_regex(s->r, in->body_regex.at, in->body_regex.s, 0);
		rule_write(s, "body_regex");
		jw_str(s->w, in->body_regex.s);
	} else if (in->header.node != NULL)
		header_write(s, in->header.node);
	else if (in->latency_ms_max.good) {
		rule_write(s, "latency_ms_max");
		jw_int(s->w, in->latency_ms_max.v);
	} else if (in->size_max.good) {
		rule_write(s, "size_max");
		jw_int(s->w, in->size_max.v);
	} else if (in->sha256.s != NULL)
		sha256_write(s, &in->sha256);
	else if (in->equals.node != NULL)
		equals_write(s, in->equals.node);
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

/* ---- capture ---- */

struct in_capture {
	struct place at;
	struct text json, regex, header, cookie;
};

static const struct field capture_fields[] = {
    {"json", KIND_RAW, ONE_OF, offsetof(struct in_capture, json), 0, REGEX_MAX_BYTES, NULL},
    {"regex", KIND_TEXT, ONE_OF, offsetof(struct in_capture, regex), 1, REGEX_MAX_BYTES, NULL},
    {"header", KIND_TEXT, ONE_OF, offsetof(struct in_capture, header), 1, NAME_MAX_BYTES, NULL},
    {"cookie", KIND_TEXT, ONE_OF, offsetof(struct in_capture, cookie), 1, NAME_MAX_BYTES, NULL},
};
static const struct record capture_record =
    RECORD(struct in_capture, "a source of capture", capture_fields);

/* RFC 6901 section 3. */
static bool
pointer_valid(const char *s)
{
	if (*s != '\0' && *s != '/')
		return false;
	for (; (s = strchr(s, '~')) != NULL; s++)
		if (s[1] != '0' && s[1] != '1')
			return false;
	return true;
}

static void
capture_write(struct json_writer *w, const char *var, const char *from, const char *arg)
{
	jw_object(w);
	jw_kv_str(w, "arg", arg);
	jw_kv_str(w, "from", from);
	jw_kv_str(w, "var", var);
	jw_object_end(w);
}

static void
capture_source(struct section *s, const struct pair *p)
{
	struct in_capture in = {.at = {0, 0}};
	const struct text *token;

	if (!record_read(s->r, p->value, &capture_record, &in))
		return;
	token = in.header.s != NULL ? &in.header : &in.cookie;
	if (in.json.s != NULL) {
		if (!pointer_valid(in.json.s))
			mistake_add(s->r->mistakes, in.json.at,
			    "json: %s is no JSON pointer (RFC 6901); write such as /items/0/id",
			    quoted(s->r->mistakes, in.json.s));
		capture_write(s->w, p->key.s, "json", in.json.s);
	} else if (in.regex.s != NULL) {
		step_regex(s->r, in.regex.at, in.regex.s, 1);
		capture_write(s->w, p->key.s, "regex", in.regex.s);
	} else if (token->s != NULL) {
		const char *from = token == &in.header ? "header" : "cookie";

		if (!step_token(token->s))
			mistake_add(s->r->mistakes, token->at, "%s: %s is no name of a %s", from,
			    quoted(s->r->mistakes, token->s), from);
		if (s->action != NULL && !s->action->has_headers)
			mistake_add(s->r->mistakes, token->at,
			    "%s means nothing for a %s step, which has json and regex", from,
			    s->action->name);
		capture_write(s->w, p->key.s, from, token->s);
	}
}

void
rules_capture(struct section *s, const struct in_step *step)
{
	struct pair *pairs = NULL;
	size_t count = 0;

	memcpy(s->after.names, s->scope.names, s->scope.count * sizeof(*s->scope.names));
	s->after.count = s->scope.count;
	jw_key(s->w, "capture");
	jw_array(s->w);
	if (step->capture.node != NULL)
		(void)pairs_read(s->r, step->capture.node, "capture", ENTRIES_MAX, &pairs, &count);
	for (size_t i = 0; i < count; i++) {
		if (variable_check(s->r, pairs[i].key.at, pairs[i].key.s))
			scope_add(&s->after, pairs[i].key.s);
		capture_source(s, &pairs[i]);
	}
	jw_array_end(s->w);
}

/* ---- save ---- */

static void
save_pair(struct section *s, const struct pair *p)
{
	const char *value = step_text(s->r, p->value, p->key.s);

	if (variable_check(s->r, p->key.at, p->key.s))
		scope_add(s->saved, p->key.s);
	template_check(s->r, &s->after, node_place(p->value), value);
	if (s->saved->count > SAVES_MAX) {
		mistake_add(s->r->mistakes, p->key.at,
		    "save: more than %d names in put; keep fewer", SAVES_MAX);
		s->saved->count--;
	}
	jw_array(s->w);
	jw_str(s->w, p->key.s);
	jw_str(s->w, value);
	jw_array_end(s->w);
}

void
rules_save(struct section *s, const struct in_step *step)
{
	struct pair *pairs = NULL;
	size_t count = 0;

	if (step->save.node != NULL && s->kind != SECTION_PUT)
		mistake_add(s->r->mistakes, step->save.at,
		    "save is for steps of put; in %s a value lives until the section ends: use "
		    "capture",
		    s->name);
	jw_key(s->w, "save");
	jw_array(s->w);
	if (step->save.node != NULL)
		(void)pairs_read(s->r, step->save.node, "save", ENTRIES_MAX, &pairs, &count);
	for (size_t i = 0; i < count; i++)
		save_pair(s, &pairs[i]);
	jw_array_end(s->w);
}
