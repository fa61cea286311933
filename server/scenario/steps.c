/*
 * The three sections of steps, compiled to the program that docs/challenge.md describes.
 */
#include "scenario/steps.h"

#include "checker/protocol.h"
#include "scenario/challenge.h"
#include <inttypes.h>
#include <string.h>

#define PROGRAM_MAX_BYTES                                                                          \
	(PROGRAM_LINE_MAX_BYTES - 256) /* the line carries the challenge's name too */

static const struct field step_fields[] = {
    {"name", KIND_TEXT, OPTIONAL, offsetof(struct in_step, name), 1, STEP_NAME_MAX_BYTES, NULL},
    {"http", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[0]), 0, 0, NULL},
    {"tcp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[1]), 0, 0, NULL},
    {"tls", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[2]), 0, 0, NULL},
    {"dns", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[3]), 0, 0, NULL},
    {"icmp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[4]), 0, 0, NULL},
    {"mysql", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[5]), 0, 0, NULL},
    {"postgresql", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[6]), 0, 0, NULL},
    {"rdp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[7]), 0, 0, NULL},
    {"ssh", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[8]), 0, 0, NULL},
    {"vnc", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[9]), 0, 0, NULL},
    {"ftp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[10]), 0, 0, NULL},
    {"smb", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[11]), 0, 0, NULL},
    {"sftp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[12]), 0, 0, NULL},
    {"smtp", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[13]), 0, 0, NULL},
    {"imap", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[14]), 0, 0, NULL},
    {"pop3", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[15]), 0, 0, NULL},
    {"ldap", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[16]), 0, 0, NULL},
    {"mqtt", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[17]), 0, 0, NULL},
    {"telnet", KIND_NODE, ONE_OF, offsetof(struct in_step, actions[18]), 0, 0, NULL},
    {"timeout_ms", KIND_INT, OPTIONAL, offsetof(struct in_step, timeout_ms), 1, STEP_TIMEOUT_MS_MAX,
	NULL},
    {"assert", KIND_LIST, OPTIONAL, offsetof(struct in_step, assert_list), 0, ENTRIES_MAX,
	&assert_record},
    {"capture", KIND_NODE, OPTIONAL, offsetof(struct in_step, capture), 0, 0, NULL},
    {"save", KIND_NODE, OPTIONAL, offsetof(struct in_step, save), 0, 0, NULL},
    {"fails", KIND_TEXT, OPTIONAL, offsetof(struct in_step, fails), 1, 16, NULL},
    {"unreachable", KIND_TEXT, OPTIONAL, offsetof(struct in_step, unreachable), 1, 16, NULL},
    {"retry", KIND_INT, OPTIONAL, offsetof(struct in_step, retry), 0, RETRY_MAX, NULL},
    {"each", KIND_NODE, OPTIONAL, offsetof(struct in_step, each), 0, 0, NULL},
    {"steps", KIND_NODE, ONE_OF, offsetof(struct in_step, steps), 0, 0, NULL},
};
static const struct record step_record = RECORD(struct in_step, "a step", step_fields);

/* In the order of the rows of step_fields. */
static const struct step_action actions[] = {
    {.name = "http", .compile = compile_http, .has_status = true, .has_headers = true},
    {.name = "tcp", .compile = compile_tcp},
    {.name = "tls", .compile = compile_tls},
    {.name = "dns", .compile = compile_dns, .has_status = true, .status_max = 15},
    {.name = "icmp", .compile = compile_icmp},
    {.name = "mysql", .compile = compile_greeting},
    {.name = "postgresql", .compile = compile_postgresql},
    {.name = "rdp", .compile = compile_greeting},
    {.name = "ssh", .compile = compile_greeting},
    {.name = "vnc", .compile = compile_greeting},
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

/* ---- sections ---- */

static const char *
section_fails(const struct section *s)
{
	return s->kind == SECTION_GET ? "corrupt" : "mumble";
}

/* What its failures mean, as far as the file says so; the checker knows the rest. */
static void
failures_write(struct section *s, const struct in_step *step)
{
	s->fails = step_result(s->r, &step->fails, "fails", section_fails(s));
	if (step->fails.s != NULL)
		jw_kv_str(s->w, "fails", s->fails);
	if (step->retry.good)
		jw_kv_int(s->w, "retry", step->retry.v);
	if (step->unreachable.s != NULL)
		jw_kv_str(s->w, "unreachable",
		    step_result(s->r, &step->unreachable, "unreachable", "down"));
}

static void
timeout_check(struct section *s, const struct number *timeout_ms)
{
	if (timeout_ms->good && timeout_ms->v > s->round_ms)
		mistake_add(s->r->mistakes, timeout_ms->at,
		    "timeout_ms is %" PRId64 ", longer than the %" PRId64
		    " of the whole round; give it at most that",
		    timeout_ms->v, s->round_ms);
}

/* A step that asks something. The most tries it comes to. */
static int64_t
step_write(struct section *s, const struct in_step *step)
{
	int action = step_action(step);
	struct scope used;

	timeout_check(s, &step->timeout_ms);
	s->action = action >= 0 ? &actions[action] : NULL;
	jw_object(s->w);
	jw_kv_str(s->w, "name",
	    step->name.s != NULL ? step->name.s
	    : action >= 0        ? s->action->name
				 : "");
	if (step->timeout_ms.good)
		jw_kv_int(s->w, "timeout_ms", step->timeout_ms.v);
	failures_write(s, step);
	rules_capture(s, step);
	if (action >= 0)
		s->action->compile(s, step->actions[action].node);
	rules_assert(s, step);
	rules_save(s, step);
	jw_object_end(s->w);
	used = s->scope; /* the next step may use what this one captured */
	s->scope = s->after;
	s->after = used;
	return 1 + step->retry.v;
}

static int64_t steps_write(struct section *s, const struct list *list);

/* The steps of a group. */
static int64_t
group_write(struct section *s, const struct in_step *step)
{
	struct field f = {.key = "steps", .kind = KIND_LIST, .min = 1, .max = STEPS_MAX};
	struct list list = {.items = NULL};

	f.record = &step_record;
	field_read(s->r, step->steps.node, &f, &list);
	return steps_write(s, &list);
}

static int64_t
entry_write(struct section *s, const struct in_step *step)
{
	if (step->each.node == NULL && step->steps.node != NULL)
		mistake_add(s->r->mistakes, step->steps.at,
		    "steps within a step go over a list; add `each: {var: ..., in: ..., max: "
		    "...}`");
	s->count++;
	if (step->each.node == NULL)
		return step_write(s, step);
	if (step->steps.node != NULL)
		return loop_compile(s, step, group_write);
	s->count++; /* a group of one */
	return loop_compile(s, step, step_write);
}

/* Returns the most exchanges they come to in a run. */
static int64_t
steps_write(struct section *s, const struct list *list)
{
	const struct in_step *steps = list->items;
	int64_t weight = 0, before;

	for (size_t i = 0; i < list->count; i++) {
		before = weight;
		weight += entry_write(s, &steps[i]);
		if (before <= STEPS_RUN_MAX && weight > STEPS_RUN_MAX)
			mistake_add(s->r->mistakes, steps[i].at,
			    "%s may come to %" PRId64
			    " steps here, with every loop at its max and every retry; at most %d",
			    s->name, weight, STEPS_RUN_MAX);
	}
	return weight;
}

static void
section_compile(struct section *s, const struct list *list)
{
	jw_key(s->w, s->name);
	jw_array(s->w);
	s->count = 0;
	(void)steps_write(s, list);
	if (s->count > STEPS_MAX)
		mistake_add(s->r->mistakes, list->at,
		    "%s has %zu steps with those of its groups (a step with each is a group of "
		    "one); "
		    "it takes at most %d",
		    s->name, s->count, STEPS_MAX);
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
	s->lists.count = 0;
	s->scope.lists = s->after.lists = &s->lists;
	if (kind != SECTION_CHECK)
		scope_add(&s->scope, "flag");
	scope_fill(&s->scope, vars);
	if (kind == SECTION_GET)
		scope_fill(&s->scope, s->saved);
	section_compile(s, list);
}

/* What a program is made from. */
struct source {
	const struct node *vars;  /* or NULL */
	const struct node *steps; /* the three sections, or the list of an exploit's steps */
	bool exploit;
	int64_t round_ms;
	const char *dir;
};

static const struct field exploit_list = {
    .key = "steps", .kind = KIND_LIST, .min = 1, .max = STEPS_MAX, .record = &step_record};

static bool
sections_read(struct reader *r, const struct source *from, struct in_steps *out)
{
	if (from->steps->node == NULL)
		return false;
	if (!from->exploit)
		return record_read(r, from->steps->node, &steps_record, out);
	field_read(r, from->steps->node, &exploit_list, &out->check);
	return true;
}

/* put before get, whatever their order in the file: get uses what put saves. */
static void
program_write(struct reader *r, struct json_writer *w, const struct source *from)
{
	static const char *const built_in[] = {"tick", "host", "port"};
	struct section s = {.r = r, .w = w, .round_ms = from->round_ms, .dir = from->dir};
	struct in_steps steps = {.at = {0, 0}};
	struct scope vars, saved;

	scope_init(&vars, r->arena);
	scope_init(&saved, r->arena);
	scope_init(&s.scope, r->arena);
	scope_init(&s.after, r->arena);
	scope_init(&s.lists, r->arena);
	s.saved = &saved;
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		scope_add(&vars, built_in[i]);
	vars_compile(r, w, from->vars != NULL ? from->vars->node : NULL, &vars);
	if (!sections_read(r, from, &steps))
		return;
	section_run(&s, SECTION_PUT, &steps.put, &vars);
	section_run(&s, SECTION_GET, &steps.get, &vars);
	section_run(&s, SECTION_CHECK, &steps.check, &vars);
}

/* The sections are written in the order of reading; jansson brings the keys into theirs. */
static const char *
source_compile(struct reader *r, const struct source *from)
{
	struct buf text, canonical;
	struct json_t *program = NULL;
	const char *out = NULL;
	struct json_writer w;

	buf_init(&text, PROGRAM_MAX_BYTES);
	buf_init(&canonical, PROGRAM_MAX_BYTES);
	jw_begin(&w, &text);
	jw_object(&w);
	program_write(r, &w, from);
	jw_object_end(&w);
	if (buf_err(&text) != ERR_OK)
		mistake_add(r->mistakes, from->steps->at,
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

const char *
steps_compile(struct reader *r, const struct in_challenge *in, int64_t round_ms, const char *dir)
{
	return source_compile(
	    r, &(struct source){
		   .vars = &in->vars, .steps = &in->steps, .round_ms = round_ms, .dir = dir});
}

const char *
exploit_steps_compile(struct reader *r, const struct node *steps, int64_t round_ms, const char *dir)
{
	return source_compile(
	    r, &(struct source){.steps = steps, .exploit = true, .round_ms = round_ms, .dir = dir});
}
