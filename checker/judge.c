#include "checker/judge.h"
#include "core/event.h"

static bool
rules_hold(const struct judgement *j, struct outcome *o, struct why *detail)
{
	for (size_t i = 0; i < j->step->rule_count; i++) {
		const struct rule *rule = &j->step->rules[i];

		if (rule_holds(rule, j->answer, j->vars, &o->said, detail))
			continue;
		o->status = rule->fails;
		return false;
	}
	return true;
}

static bool
captures_found(const struct judgement *j, struct outcome *o, struct why *detail)
{
	for (size_t i = 0; i < j->step->capture_count; i++) {
		const struct capture *c = &j->step->captures[i];

		if (capture_take(c, j->answer, j->run_arena, j->vars, &o->said) == ERR_OK)
			continue;
		(void)why_set(detail, ERR_OK, "capture %s from \"%.200s\"", c->var, c->arg);
		o->status = j->step->fails;
		return false;
	}
	return true;
}

static enum err
save_value(const struct judgement *j, const struct named *save, struct why *detail)
{
	struct buf text;
	enum err e;

	buf_init(&text, SAVED_MAX_BYTES);
	e = template_render(&save->value, j->vars, ESCAPE_NONE, &text, detail);
	if (e == ERR_OK)
		e = saved_set(j->saved, j->arena, j->run->flag->slot, save->name.source,
		    text.data != NULL ? text.data : "");
	buf_free(&text);
	return e;
}

/* Values come from the answer, so being too long is the system's doing; missing ones are the program's. */
static void
values_saved(const struct judgement *j, struct outcome *o, struct why *detail)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < j->step->save_count && e == ERR_OK; i++)
		e = save_value(j, &j->step->saves[i], detail);
	if (e == ERR_OK)
		return;
	o->status = e == ERR_LIMIT ? ST_MUMBLE : ST_FAULT;
	(void)why_set(&o->said, ERR_OK,
	    e == ERR_LIMIT ? "the values to keep are longer than 4096 bytes"
			   : "a value to keep is missing");
}

void
judge_step(const struct judgement *j, struct outcome *o, struct why *detail)
{
	if (rules_hold(j, o, detail) && captures_found(j, o, detail))
		values_saved(j, o, detail);
	answer_drop_json(j->answer);
}
