#include "checker/walk.h"

void
walk_begin(struct walk *w, const struct section *section)
{
	*w = (struct walk){.section = section};
}

/* The innermost loop's body is over, or has not begun: its next element, or what comes after it. */
static void
turn(struct walk *w, struct vars *vars, struct arena *arena)
{
	int d = w->depth - 1;

	if (w->loops[d].i == w->loops[d].count) {
		w->at = w->loops[d].end;
		w->depth--;
		return;
	}
	vars_set(vars, arena, w->loops[d].loop->var, w->loops[d].list->items[w->loops[d].i++]);
	w->at = w->loops[d].first;
}

/* The step before `at` is a loop. */
static enum err
enter(struct walk *w, const struct each *loop, struct vars *vars, struct arena *arena,
    struct why *why)
{
	const struct values *list = vars_list(vars, loop->in);
	size_t count = list != NULL ? list->count : 0;
	int d = w->depth;

	if (list == NULL || count < (size_t)loop->min)
		return why_set(why, ERR_NOT_FOUND, "the answer has fewer entries than expected");
	if (count > (size_t)loop->max)
		count = (size_t)loop->max;
	w->loops[d].loop = loop;
	w->loops[d].list = list;
	w->loops[d].first = w->at;
	w->loops[d].end = w->at + loop->body;
	w->loops[d].count = count;
	w->loops[d].i = 0;
	w->depth++;
	turn(w, vars, arena);
	return ERR_OK;
}

enum err
walk_next(struct walk *w, struct vars *vars, struct arena *arena, const struct step **step,
    struct why *why)
{
	enum err e;

	for (;;) {
		if (w->depth > 0 && w->at == w->loops[w->depth - 1].end) {
			turn(w, vars, arena);
			continue;
		}
		if (w->at == w->section->count) {
			*step = NULL;
			return ERR_OK;
		}
		*step = &w->section->steps[w->at++];
		if ((*step)->loop == NULL)
			return ERR_OK;
		if ((e = enter(w, (*step)->loop, vars, arena, why)) != ERR_OK)
			return e;
	}
}

void
walk_describe(const struct walk *w, struct buf *out)
{
	for (int d = 0; d < w->depth; d++)
		buf_printf(out, "[%zu]", w->loops[d].i);
}
