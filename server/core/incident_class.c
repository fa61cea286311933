#include "core/incident_class.h"

#include "base/mem.h"
#include "core/embedded.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum column { CODE, GROUP, GROUP_ZH, GROUP_EN, ID, NAME_ZH, NAME_EN, COLUMNS };

struct table {
	struct arena arena;
	const struct incident_class *list;
	size_t count;
};

/* Cuts a line at its tabs, in place. False if there are not exactly COLUMNS filled cells. */
static bool
cut(char *line, char *cell[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		cell[i] = strsep(&line, "\t");
		if (cell[i] == NULL || cell[i][0] == '\0')
			return false;
	}
	return line == NULL;
}

static enum err
row_check(const struct incident_class *before, char *const cell[COLUMNS], int line, struct why *why)
{
	const char *code = cell[CODE];

	if (strspn(code, "0123456789") != INCIDENT_CODE_BYTES || code[INCIDENT_CODE_BYTES] != '\0')
		return why_set(
		    why, ERR_INVALID, "line %d: \"%.20s\" is no code of four digits", line, code);
	if (before == NULL)
		return ERR_OK;
	if (strcmp(before->code, code) >= 0)
		return why_set(
		    why, ERR_INVALID, "line %d: %s does not follow %s", line, code, before->code);
	if (strncmp(before->code, code, 2) == 0 &&
	    (strcmp(before->group, cell[GROUP]) != 0 ||
		strcmp(before->group_name.zh, cell[GROUP_ZH]) != 0 ||
		strcmp(before->group_name.en, cell[GROUP_EN]) != 0))
		return why_set(why, ERR_INVALID,
		    "line %d: the class of %s has another name than in the line before", line,
		    code);
	return ERR_OK;
}

static enum err
table_read(char *text, struct incident_class *list, size_t *count, struct why *why)
{
	char *line, *cell[COLUMNS];
	enum err e;

	(void)strsep(&text, "\n"); /* the head line */
	for (int n = 2; (line = strsep(&text, "\n")) != NULL && (*line != '\0' || text != NULL);
	     n++) {
		if (*count == INCIDENT_CLASSES_MAX)
			return why_set(why, ERR_LIMIT, "line %d: more than %d subclasses", n,
			    INCIDENT_CLASSES_MAX);
		if (!cut(line, cell))
			return why_set(why, ERR_INVALID,
			    "line %d: it takes %d cells, none of them empty, with tabs between", n,
			    COLUMNS);
		if ((e = row_check(*count > 0 ? &list[*count - 1] : NULL, cell, n, why)) != ERR_OK)
			return e;
		list[(*count)++] = (struct incident_class){
		    .code = cell[CODE],
		    .group = cell[GROUP],
		    .group_name = {cell[GROUP_ZH], cell[GROUP_EN]},
		    .id = cell[ID],
		    .name = {cell[NAME_ZH], cell[NAME_EN]},
		};
	}
	return ERR_OK;
}

enum err
incident_classes_parse(const char *text, struct arena *arena, const struct incident_class **out,
    size_t *count, struct why *why)
{
	struct incident_class *list = arena_array(arena, INCIDENT_CLASSES_MAX, sizeof(*list));

	*count = 0;
	*out = list;
	return table_read(arena_strdup(arena, text), list, count, why);
}

static struct table *
table_new(void)
{
	struct table *t = mem_alloc(sizeof(*t));
	enum err e =
	    incident_classes_parse(embedded_gbt20986, &t->arena, &t->list, &t->count, NULL);

	assert(e == ERR_OK); /* the program's own text, which a test reads too */
	(void)e;
	return t;
}

/* Two threads that come first at once both read it; one of the two tables stays. */
static const struct table *
table_get(void)
{
	static _Atomic(struct table *) shared;
	struct table *t = atomic_load(&shared), *none = NULL;

	if (t != NULL)
		return t;
	t = table_new();
	if (atomic_compare_exchange_strong(&shared, &none, t))
		return t;
	arena_free(&t->arena);
	free(t);
	return none;
}

const struct incident_class *
incident_classes(size_t *count)
{
	const struct table *t = table_get();

	*count = t->count;
	return t->list;
}

static int
by_code(const void *key, const void *item)
{
	return strcmp(key, ((const struct incident_class *)item)->code);
}

const struct incident_class *
incident_class_find(const char *code)
{
	const struct table *t = table_get();

	return bsearch(code, t->list, t->count, sizeof(t->list[0]), by_code);
}
