#include "core/plan_data.h"
#include "base/buf.h"

#include "base/mem.h"
#include "core/embedded.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct term roles[] = {
    [PLAN_HEAD] = {"department_head", {"部门负责人", "Head of the department"}},
    [PLAN_SECURITY_OFFICER] = {"security_officer",
	{"部门网络安全员", "Department's security officer"}},
    [PLAN_ADMINISTRATOR] = {"administrator", {"系统管理员", "System administrator"}},
    [PLAN_DUTY] = {"duty", {"值班人员", "Person on duty"}},
    [PLAN_USER] = {"user", {"当事用户", "User concerned"}},
    [PLAN_DATA_OWNER] = {"data_owner", {"数据主管部门", "Owner of the data"}},
    [PLAN_CENTRE] = {"centre", {"网络信息中心", "Information and network centre"}},
    [PLAN_OFFICE] = {"office", {"领导小组办公室", "Leading group's office"}},
    [PLAN_PUBLICITY] = {"publicity", {"宣传部门", "Publicity department"}},
};
const struct terms terms_plan_roles = {"role in a plan", roles, PLAN_ROLES};

struct plan_list {
	struct arena arena;
	const struct plan *plans;
	size_t count;
};

static bool
for_class(const struct plan *p, const char *code)
{
	for (size_t i = 0; i < p->class_count; i++)
		if (strcmp(p->classes[i], code) == 0)
			return true;
	return false;
}

/* Against the plans before it: another id, and no class of theirs. */
static enum err
check_apart(const struct plan *plans, size_t i, struct why *why)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(plans[k].id, plans[i].id) == 0)
			return why_set(why, ERR_INVALID, "plan \"%s\" twice", plans[i].id);
		for (size_t c = 0; c < plans[i].class_count; c++)
			if (for_class(&plans[k], plans[i].classes[c]))
				return why_set(why, ERR_INVALID,
				    "class %s: both plan \"%s\" and plan \"%s\" are for it",
				    plans[i].classes[c], plans[k].id, plans[i].id);
	}
	return ERR_OK;
}

static enum err
list_read(const struct json_t *list, struct arena *arena, struct plan *plans, struct why *why)
{
	enum err e;

	for (size_t i = 0; i < jr_count(list); i++)
		if ((e = plan_parse(jr_at(list, i), arena, &plans[i], why)) != ERR_OK ||
		    (e = check_apart(plans, i, why)) != ERR_OK)
			return e;
	return ERR_OK;
}

enum err
plans_parse(
    const char *text, struct arena *arena, const struct plan **out, size_t *count, struct why *why)
{
	const struct json_t *list;
	struct plan *plans;
	struct json_t *j;
	enum err e;

	*out = NULL;
	*count = 0;
	if ((e = jr_parse(text, strlen(text), &j, why)) != ERR_OK)
		return e;
	list = jr_get(j, "plans");
	if (!jr_is_array(list) || jr_count(list) > PLANS_MAX) {
		jr_free(j);
		return why_set(
		    why, ERR_INVALID, "\"plans\" must be a list of at most %d", PLANS_MAX);
	}
	plans = arena_array(arena, jr_count(list), sizeof(*plans));
	if ((e = list_read(list, arena, plans, why)) == ERR_OK) {
		*out = plans;
		*count = jr_count(list);
	}
	jr_free(j);
	return e;
}

static struct plan_list *
list_new(void)
{
	struct plan_list *l = mem_alloc(sizeof(*l));
	enum err e = plans_parse(embedded_plans, &l->arena, &l->plans, &l->count, NULL);

	assert(e == ERR_OK); /* the program's own text, which a test reads too */
	(void)e;
	return l;
}

/* Two threads that come first at once both read them; one of the two lists stays. */
static const struct plan_list *
list_get(void)
{
	static _Atomic(struct plan_list *) shared;
	struct plan_list *l = atomic_load(&shared), *none = NULL;

	if (l != NULL)
		return l;
	l = list_new();
	if (atomic_compare_exchange_strong(&shared, &none, l))
		return l;
	arena_free(&l->arena);
	free(l);
	return none;
}

const struct plan *
plan_defaults(size_t *count)
{
	const struct plan_list *l = list_get();

	*count = l->count;
	return l->plans;
}

const struct plan *
plan_default(const char *id)
{
	const struct plan_list *l = list_get();

	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->plans[i].id, id) == 0)
			return &l->plans[i];
	return NULL;
}

enum err
plan_no_default(const char *id, struct why *why)
{
	size_t count;
	const struct plan *all = plan_defaults(&count);
	struct buf threats;
	enum err e;

	buf_init(&threats, WHY_MAX);
	for (size_t i = 0; i < count; i++)
		buf_printf(&threats, "%s%s", i > 0 ? ", " : "", all[i].id);
	e = why_set(why, ERR_NOT_FOUND, "the campus has no plan for \"%.64s\"; there are: %s", id,
	    threats.data);
	buf_free(&threats);
	return e;
}

const struct plan *
plan_for_class(const char *code)
{
	const struct plan_list *l = list_get();

	for (size_t i = 0; i < l->count; i++)
		if (for_class(&l->plans[i], code))
			return &l->plans[i];
	return NULL;
}

int
plan_step_find(const struct plan *p, const char *id)
{
	for (size_t i = 0; i < p->step_count; i++)
		if (strcmp(p->steps[i].id, id) == 0)
			return (int)i;
	return -1;
}
