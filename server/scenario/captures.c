/*
 * What a step takes from the answer and keeps: capture, save.
 */
#include "scenario/steps.h"
#include "scenario/values.h"
#include <string.h>

struct in_capture {
	struct place at;
	struct text json, regex, header, cookie, form, otherwise;
	struct number all;
};

static const struct field capture_fields[] = {
    {"json", KIND_RAW, ONE_OF, offsetof(struct in_capture, json), 0, REGEX_MAX_BYTES, NULL},
    {"regex", KIND_TEXT, ONE_OF, offsetof(struct in_capture, regex), 1, REGEX_MAX_BYTES, NULL},
    {"header", KIND_TEXT, ONE_OF, offsetof(struct in_capture, header), 1, NAME_MAX_BYTES, NULL},
    {"cookie", KIND_TEXT, ONE_OF, offsetof(struct in_capture, cookie), 1, NAME_MAX_BYTES, NULL},
    {"form", KIND_TEXT, ONE_OF, offsetof(struct in_capture, form), 1, NAME_MAX_BYTES, NULL},
    {"all", KIND_BOOL, OPTIONAL, offsetof(struct in_capture, all), 0, 0, NULL},
    {"default", KIND_RAW, OPTIONAL, offsetof(struct in_capture, otherwise), 0, CAPTURE_MAX_BYTES,
	NULL},
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

void
step_pointer(struct reader *r, struct place at, const char *key, const char *pointer)
{
	if (!pointer_valid(pointer))
		mistake_add(r->mistakes, at,
		    "%s: %s is no JSON pointer (RFC 6901); write such as /items/0/id", key,
		    quoted(r->mistakes, pointer));
}

static void
capture_write(struct section *s, const struct in_capture *in, const char *var, const char *from,
    const char *arg)
{
	jw_object(s->w);
	if (in->all.v == 1)
		jw_kv_bool(s->w, "all", true);
	jw_kv_str(s->w, "arg", arg);
	if (in->otherwise.s != NULL)
		jw_kv_str(s->w, "default", in->otherwise.s);
	jw_kv_str(s->w, "from", from);
	jw_kv_str(s->w, "var", var);
	jw_object_end(s->w);
}

/* A header's name or a cookie's. */
static void
token_check(struct section *s, const struct text *token, const char *from)
{
	if (!step_token(token->s))
		mistake_add(s->r->mistakes, token->at, "%s: %s is no name of a %s", from,
		    quoted(s->r->mistakes, token->s), from);
	if (s->action != NULL && !s->action->has_headers)
		mistake_add(s->r->mistakes, token->at,
		    "%s means nothing for a %s step, which has json and regex", from,
		    s->action->name);
}

static void
capture_source(struct section *s, const struct in_capture *in, const char *var)
{
	const struct text *token = in->header.s != NULL ? &in->header : &in->cookie;

	if (in->json.s != NULL) {
		step_pointer(s->r, in->json.at, "json", in->json.s);
		capture_write(s, in, var, "json", in->json.s);
	} else if (in->regex.s != NULL) {
		step_regex(s->r, in->regex.at, in->regex.s, 1);
		capture_write(s, in, var, "regex", in->regex.s);
	} else if (in->form.s != NULL) {
		capture_write(s, in, var, "form", in->form.s);
	} else if (token->s != NULL) {
		const char *from = token == &in->header ? "header" : "cookie";

		token_check(s, token, from);
		capture_write(s, in, var, from, token->s);
	}
}

/* A name stands for one value or for a list, as long as it is known. */
static void
capture_name(struct section *s, const struct pair *p, bool list)
{
	const char *name = p->key.s;
	const struct scope *other = list ? &s->scope : &s->lists;

	if (!variable_check(s->r, p->key.at, name))
		return;
	if (scope_has(other, name, strlen(name)))
		mistake_add(s->r->mistakes, p->key.at, "%s is %s already; choose another name",
		    name, list ? "one value" : "a list");
	scope_add(list ? &s->lists : &s->after, name);
}

static void
capture_compile(struct section *s, const struct pair *p)
{
	struct in_capture in = {.at = {0, 0}};
	bool good = record_read(s->r, p->value, &capture_record, &in);

	capture_name(s, p, in.all.v == 1);
	if (!good)
		return;
	if (in.all.v == 1 && in.otherwise.at.line != 0)
		mistake_add(s->r->mistakes, in.otherwise.at,
		    "default is for one value: a list without any is empty, see min of each");
	capture_source(s, &in, p->key.s);
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
	for (size_t i = 0; i < count; i++)
		capture_compile(s, &pairs[i]);
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
	else if (step->save.node != NULL && s->loops > 0)
		mistake_add(s->r->mistakes, step->save.at,
		    "save is not for steps that go over a list: which of the values to keep would "
		    "be "
		    "left to the system");
	jw_key(s->w, "save");
	jw_array(s->w);
	if (step->save.node != NULL)
		(void)pairs_read(s->r, step->save.node, "save", ENTRIES_MAX, &pairs, &count);
	for (size_t i = 0; i < count; i++)
		save_pair(s, &pairs[i]);
	jw_array_end(s->w);
}
