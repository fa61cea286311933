/*
 * each: a step, or a group of steps, once for every element of a captured list.
 */
#include "scenario/steps.h"
#include <string.h>

struct in_each {
	struct place at;
	struct text var, in;
	struct number min, max;
};

static const struct field each_fields[] = {
    {"var", KIND_TEXT, REQUIRED, offsetof(struct in_each, var), 1, NAME_MAX_BYTES, NULL},
    {"in", KIND_TEXT, REQUIRED, offsetof(struct in_each, in), 1, NAME_MAX_BYTES, NULL},
    {"min", KIND_INT, OPTIONAL, offsetof(struct in_each, min), 0, LOOP_MAX, NULL},
    {"max", KIND_INT, REQUIRED, offsetof(struct in_each, max), 1, LOOP_MAX, NULL},
};
static const struct record each_record = RECORD(struct in_each, "each", each_fields);

static void
list_check(struct section *s, const struct text *in)
{
	if (scope_has(&s->lists, in->s, strlen(in->s)))
		return;
	if (scope_has(&s->scope, in->s, strlen(in->s)))
		mistake_add(s->r->mistakes, in->at,
		    "in: %s is one value; a list comes from a capture with `all: true`", in->s);
	else
		mistake_add(s->r->mistakes, in->at, "in: there is no list %s at this point; %s",
		    quoted(s->r->mistakes, in->s),
		    choices(s->r->mistakes, in->s, s->lists.names, s->lists.count));
}

static void
each_check(struct section *s, const struct in_each *each)
{
	if (each->in.s != NULL)
		list_check(s, &each->in);
	if (each->min.good && each->max.good && each->min.v > each->max.v)
		mistake_add(s->r->mistakes, each->min.at, "min is more than max");
	if (s->loops == LOOPS_DEEP_MAX)
		mistake_add(s->r->mistakes, each->at,
		    "each stands within %d others; at most %d may stand within each other",
		    s->loops, LOOPS_DEEP_MAX);
	if (each->var.s != NULL && variable_check(s->r, each->var.at, each->var.s) &&
	    scope_has(&s->lists, each->var.s, strlen(each->var.s)))
		mistake_add(s->r->mistakes, each->var.at,
		    "%s is a list already; choose another name", each->var.s);
}

static void
each_write(struct section *s, const struct in_each *each)
{
	jw_key(s->w, "each");
	jw_object(s->w);
	jw_kv_str(s->w, "in", each->in.s);
	jw_kv_int(s->w, "max", each->max.v);
	jw_kv_int(s->w, "min", each->min.v);
	jw_kv_str(s->w, "var", each->var.s);
	jw_object_end(s->w);
}

/* A group has steps that do something, it does nothing itself. */
static void
group_check(struct section *s, const struct in_step *step)
{
	const struct {
		const char *key;
		struct place at;
	} others[] = {{"timeout_ms", step->timeout_ms.at}, {"retry", step->retry.at},
	    {"unreachable", step->unreachable.at}, {"assert", step->assert_list.at},
	    {"capture", step->capture.at}, {"save", step->save.at}};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].at.line != 0)
			mistake_add(s->r->mistakes, others[i].at,
			    "%s belongs to the steps of a group, not to the group", others[i].key);
}

int64_t
loop_compile(struct section *s, const struct in_step *step,
    int64_t (*write)(struct section *s, const struct in_step *step))
{
	struct in_each each = {.at = {0, 0}};
	size_t names, lists = s->lists.count;
	int64_t weight;

	if (step->steps.node != NULL)
		group_check(s, step);
	if (record_read(s->r, step->each.node, &each_record, &each))
		each_check(s, &each);
	jw_object(s->w);
	each_write(s, &each);
	if (step->fails.s != NULL) /* a step that is its own group says itself whether it is good */
		jw_kv_str(s->w, "fails",
		    step->steps.node != NULL ? step_result(s->r, &step->fails, "fails", "mumble")
					     : step->fails.s);
	jw_kv_str(s->w, "name", step->name.s != NULL ? step->name.s : "each");
	jw_key(s->w, "steps");
	jw_array(s->w);
	/* What is known within is known no longer after it: the list may have been empty. */
	names = s->scope.count;
	if (each.var.s != NULL)
		scope_add(&s->scope, each.var.s);
	s->loops++;
	weight = write(s, step) * (each.max.good ? each.max.v : 1);
	s->loops--;
	s->scope.count = names;
	s->lists.count = lists;
	jw_array_end(s->w);
	jw_object_end(s->w);
	return weight;
}
