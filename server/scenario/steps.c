/*
 * vars and the three sections of steps, compiled to the program that docs/challenge.md describes.
 */
#include "scenario/steps.h"

#include "checker/protocol.h"
#include "scenario/challenge.h"
#include <inttypes.h>
#include <string.h>

#define RANDOM_LENGTH_MAX 256
#define PROGRAM_MAX_BYTES                                                                          \
	(PROGRAM_LINE_MAX_BYTES - 256) /* the line carries the challenge's name too */

static const struct field step_fields[] = {
    {"name", KIND_TEXT, OPTIONAL, offsetof(struct in_step, name), 1, STEP_NAME_MAX_BYTES, NULL},
    {"http", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[0]), 0, 0, NULL},
    {"tcp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[1]), 0, 0, NULL},
    {"ftp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[2]), 0, 0, NULL},
    {"smb", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[3]), 0, 0, NULL},
    {"sftp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[4]), 0, 0, NULL},
    {"smtp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[5]), 0, 0, NULL},
    {"imap", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[6]), 0, 0, NULL},
    {"pop3", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[7]), 0, 0, NULL},
    {"ldap", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[8]), 0, 0, NULL},
    {"mqtt", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[9]), 0, 0, NULL},
    {"telnet", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[10]), 0, 0, NULL},
    {"timeout_ms", KIND_INT, OPTIONAL, offsetof(struct in_step, timeout_ms), 1, STEP_TIMEOUT_MS_MAX,
	NULL},
    {"assert", KIND_LIST, OPTIONAL, offsetof(struct in_step, assert_list), 0, ENTRIES_MAX,
	&assert_record},
    {"capture", KIND_NODE, OPTIONAL, offsetof(struct in_step, capture), 0, 0, NULL},
    {"save", KIND_NODE, OPTIONAL, offsetof(struct in_step, save), 0, 0, NULL},
};
static const struct record step_record = RECORD(struct in_step, "a step", step_fields);

/* In the order of the rows of step_fields. */
static const struct step_action actions[] = {
    {.name = "http", .compile = compile_http, .has_status = true, .has_headers = true},
    {.name = "tcp", .compile = compile_tcp},
    {.name = "ftp", .compile = compile_ftp, .has_status = true},
    {.name = "smb", .compile = compile_smb},
    {.name = "sftp", .compile = compile_sftp},
    {.name = "smtp", .compile = compile_smtp, .has_status = true},
    {.name = "imap", .compile = compile_imap},
    {.name = "pop3", .compile = compile_pop3},
    {.name = "ldap", .compile = compile_ldap},
    {.name = "mqtt", .compile = compile_mqtt},
    {.name = "telnet", .compile = compile_telnet},
};

/* The action that a step has, or -1 (a mistake already named). */
static int
step_action(const struct in_step *step)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (step->actions[i].node != NULL)
			return (int)i;
	return -1;
}

struct in_steps {
	struct place at;
	struct list put, get, check;
};

static const struct field steps_fields[] = {
    {"put", KIND_LIST, REQUIRED, offsetof(struct in_steps, put), 1, STEPS_MAX, &step_record},
    {"get", KIND_LIST, REQUIRED, offsetof(struct in_steps, get), 1, STEPS_MAX, &step_record},
    {"check", KIND_LIST, REQUIRED, offsetof(struct in_steps, check), 1, STEPS_MAX, &step_record},
};
static const struct record steps_record = RECORD(struct in_steps, "steps", steps_fields);

/* ---- vars ---- */

struct in_var {
	struct place at;
	struct text random;
	struct number length;
};

static const struct field var_fields[] = {
    {"random", KIND_TEXT, REQUIRED, offsetof(struct in_var, random), 1, 16, NULL},
    {"length", KIND_INT, OPTIONAL, offsetof(struct in_var, length), 1, RANDOM_LENGTH_MAX, NULL},
};
static const struct record var_record = RECORD(struct in_var, "a variable", var_fields);

static const char *const randoms[] = {"name", "text", "hex", "number"};
#define RANDOM_COUNT (sizeof(randoms) / sizeof(randoms[0]))

static void
var_compile(struct reader *r, struct json_writer *w, const struct pair *p, struct scope *vars)
{
	struct in_var in = {.at = {0, 0}};
	bool known = false;

	if (variable_check(r, p->key.at, p->key.s))
		scope_add(vars, p->key.s);
	if (!record_read(r, p->value, &var_record, &in))
		return;
	for (size_t i = 0; i < RANDOM_COUNT; i++)
		known = known || (in.random.s != NULL && strcmp(randoms[i], in.random.s) == 0);
	if (in.random.s != NULL && !known)
		mistake_add(r->mistakes, in.random.at, "random: there is no kind %s; %s",
		    quoted(r->mistakes, in.random.s),
		    choices(r->mistakes, in.random.s, randoms, RANDOM_COUNT));
	if (known && in.length.at.line != 0 && strcmp(in.random.s, "name") == 0)
		mistake_add(
		    r->mistakes, in.length.at, "length: a random name has its own; leave it out");
	jw_object(w);
	if (in.length.good)
		jw_kv_int(w, "length", in.length.v);
	jw_kv_str(w, "name", p->key.s);
	jw_kv_str(w, "random", in.random.s);
	jw_object_end(w);
}

static void
vars_compile(struct reader *r, struct json_writer *w, yaml_node_t *node, struct scope *vars)
{
	struct pair *pairs = NULL;
	size_t count = 0;

	jw_key(w, "vars");
	jw_array(w);
	if (node != NULL)
		(void)pairs_read(r, node, "vars", VARS_MAX, &pairs, &count);
	for (size_t i = 0; i < count; i++)
		var_compile(r, w, &pairs[i], vars);
	jw_array_end(w);
}

/* ---- sections ---- */

static void
step_write(struct section *s, const struct in_step *step)
{
	int action = step_action(step);

	s->action = action >= 0 ? &actions[action] : NULL;
	jw_object(s->w);
	jw_kv_str(s->w, "name",
	    step->name.s != NULL ? step->name.s
	    : action >= 0        ? s->action->name
				 : "");
	if (step->timeout_ms.good)
		jw_kv_int(s->w, "timeout_ms", step->timeout_ms.v);
	rules_capture(s, step);
	if (action >= 0)
		s->action->compile(s, step->actions[action].node);
	rules_assert(s, step);
	rules_save(s, step);
	jw_object_end(s->w);
}

static void
section_compile(struct section *s, const struct list *list)
{
	const struct in_step *steps = list->items;

	jw_key(s->w, s->name);
	jw_array(s->w);
	for (size_t i = 0; i < list->count; i++) {
		struct scope used;

		if (steps[i].timeout_ms.good && steps[i].timeout_ms.v > s->round_ms)
			mistake_add(s->r->mistakes, steps[i].timeout_ms.at,
			    "timeout_ms is %" PRId64 ", longer than the %" PRId64
			    " of the whole round; give it at most that",
			    steps[i].timeout_ms.v, s->round_ms);
		step_write(s, &steps[i]);
		used = s->scope; /* the next step may use what this one captured */
		s->scope = s->after;
		s->after = used;
	}
	jw_array_end(s->w);
}

static void
scope_fill(struct scope *to, const struct scope *from)
{
	for (size_t i = 0; i < from->count; i++)
		scope_add(to, from->names[i]);
}

/* One section with its own names: flag is known where a flag is placed or read. */
static void
section_run(
    struct section *s, enum section_kind kind, const struct list *list, const struct scope *vars)
{
	static const char *const names[] = {"put", "get", "check"};

	s->kind = kind;
	s->name = names[kind];
	s->scope.count = 0;
	if (kind != SECTION_CHECK)
		scope_add(&s->scope, "flag");
	scope_fill(&s->scope, vars);
	if (kind == SECTION_GET)
		scope_fill(&s->scope, s->saved);
	section_compile(s, list);
}

/* put before get, whatever their order in the file: get uses what put saves. */
static void
program_write(struct reader *r, struct json_writer *w, const struct in_challenge *in,
    int64_t round_ms, const char *dir)
{
	static const char *const built_in[] = {"tick", "host", "port"};
	struct section s = {.r = r, .w = w, .round_ms = round_ms, .dir = dir};
	struct in_steps steps = {.at = {0, 0}};
	struct scope vars, saved;

	scope_init(&vars, r->arena);
	scope_init(&saved, r->arena);
	scope_init(&s.scope, r->arena);
	scope_init(&s.after, r->arena);
	s.saved = &saved;
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		scope_add(&vars, built_in[i]);
	vars_compile(r, w, in->vars.node, &vars);
	if (in->steps.node == NULL || !record_read(r, in->steps.node, &steps_record, &steps))
		return;
	section_run(&s, SECTION_PUT, &steps.put, &vars);
	section_run(&s, SECTION_GET, &steps.get, &vars);
	section_run(&s, SECTION_CHECK, &steps.check, &vars);
}

/* The sections are written in the order of reading; jansson brings the keys into theirs. */
const char *
steps_compile(struct reader *r, const struct in_challenge *in, int64_t round_ms, const char *dir)
{
	struct buf text, canonical;
	struct json_t *program = NULL;
	const char *out = NULL;
	struct json_writer w;

	buf_init(&text, PROGRAM_MAX_BYTES);
	buf_init(&canonical, PROGRAM_MAX_BYTES);
	jw_begin(&w, &text);
	jw_object(&w);
	program_write(r, &w, in, round_ms, dir);
	jw_object_end(&w);
	if (buf_err(&text) != ERR_OK)
		mistake_add(r->mistakes, in->steps.at,
		    "steps are longer than %d bytes when compiled; shorten their texts",
		    PROGRAM_MAX_BYTES);
	else if (r->mistakes->count == 0 &&
		 jr_parse(text.data, text.len, &program, NULL) == ERR_OK &&
		 jr_canonical(program, &canonical) == ERR_OK)
		out = arena_strndup(r->arena, canonical.data, canonical.len);
	jr_free(program);
	buf_free(&canonical);
	buf_free(&text);
	return out;
}
