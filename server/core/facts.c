/*
 * Reading the facts file. Two passes: the lists in the order of the file, each mistake named by its place,
 * then one stable sort by tick into the order in which a live drill would have met the facts.
 */
#include "core/facts.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/facts_item.h"

#include <stdlib.h>
#include <string.h>

/* ---- the lists ---- */

static enum err
read_team(struct facts_reader *r, const struct json_t *item)
{
	struct score_team *team = &r->score_teams[r->at];
	struct id *id = &r->teams.ids[r->at];
	enum err e;

	team->active = true;
	if ((e = item_want_id(r, item, "id", id)) != ERR_OK || (e = item_name(r, item)) != ERR_OK ||
	    (e = item_bool(r, item, "nop", &team->nop)) != ERR_OK ||
	    (e = item_bool(r, item, "active", &team->active)) != ERR_OK ||
	    (e = item_bool(r, item, "attacker", &team->attacker)) != ERR_OK)
		return e;
	if (team->nop && team->attacker)
		return item_refuse(r, "attacker", "a NOP team cannot be an attacker");
	id->index = (uint32_t)r->at;
	r->kept_teams[r->at] = id_keep(r->arena, id);
	team->id = r->kept_teams[r->at].text;
	return ERR_OK;
}

static enum err
read_service(struct facts_reader *r, const struct json_t *item)
{
	struct id *id = &r->services.ids[r->at];
	enum err e;

	if ((e = item_want_id(r, item, "id", id)) != ERR_OK || (e = item_name(r, item)) != ERR_OK ||
	    (e = item_weight(r, item, &r->weights[r->at])) != ERR_OK)
		return e;
	id->index = (uint32_t)r->at;
	r->kept_services[r->at] = id_keep(r->arena, id);
	return ERR_OK;
}

static enum err
read_flag(struct facts_reader *r, const struct json_t *item)
{
	struct fact *fact = &r->items[r->at];
	struct id *id = &r->flags.ids[r->at];
	enum err e;

	fact->kind = FACT_FLAG;
	fact->flag = (uint32_t)r->at;
	if ((e = item_want_id(r, item, "id", id)) != ERR_OK ||
	    (e = item_want_owner(r, item, &fact->team)) != ERR_OK ||
	    (e = item_want_ref(r, item, "service", &r->services, &fact->service)) != ERR_OK ||
	    (e = item_want_tick(r, item, &fact->tick)) != ERR_OK)
		return e;
	id->index = (uint32_t)r->at;
	return ERR_OK;
}

static enum err
read_check(struct facts_reader *r, const struct json_t *item)
{
	struct fact *fact = &r->items[r->flag_count + r->at];
	enum err e;

	fact->kind = FACT_CHECK;
	if ((e = item_want_owner(r, item, &fact->team)) != ERR_OK ||
	    (e = item_want_ref(r, item, "service", &r->services, &fact->service)) != ERR_OK ||
	    (e = item_want_tick(r, item, &fact->tick)) != ERR_OK)
		return e;
	return item_want_status(r, item, &fact->status);
}

static enum err
read_capture(struct facts_reader *r, const struct json_t *item)
{
	struct fact *fact = &r->items[r->flag_count + r->check_count + r->at];
	const struct fact *flag;
	enum err e;

	fact->kind = FACT_CAPTURE;
	if ((e = item_want_ref(r, item, "flag", &r->flags, &fact->flag)) != ERR_OK ||
	    (e = item_want_ref(r, item, "team", &r->teams, &fact->team)) != ERR_OK ||
	    (e = item_want_tick(r, item, &fact->tick)) != ERR_OK)
		return e;
	flag = &r->items[fact->flag];
	if (fact->tick < flag->tick)
		return item_refuse(r, "tick", "%d is before the flag was issued, in tick %d",
		    (int)fact->tick, (int)flag->tick);
	fact->service = flag->service;
	return ERR_OK;
}

/* The list's items one by one, each an object without unknown keys. */
static enum err
read_list(struct facts_reader *r, const struct json_t *root, const char *list,
    const char *const *keys, enum err (*read)(struct facts_reader *, const struct json_t *))
{
	const struct json_t *items = jr_get(root, list);
	struct why inner;
	enum err e;

	r->list = list;
	for (r->at = 0; r->at < jr_count(items); r->at++) {
		const struct json_t *item = jr_at(items, r->at);

		if (!jr_is_object(item))
			return item_refuse(r, NULL, "must be an object");
		if (jr_only_keys(item, keys, &inner) != ERR_OK)
			return item_refuse(r, NULL, "%s", inner.text);
		if ((e = read(r, item)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
count_list(const struct json_t *root, const char *list, size_t max, size_t *out, struct why *why)
{
	const struct json_t *items = jr_get(root, list);

	if (items != NULL && !jr_is_array(items))
		return why_set(why, ERR_INVALID, "%s: must be a list of objects", list);
	*out = jr_count(items);
	if (*out > max)
		return why_set(
		    why, ERR_LIMIT, "%s: %zu of them; at most %zu are taken", list, *out, max);
	return ERR_OK;
}

static enum err
read_lists(struct facts_reader *r, const struct json_t *root)
{
	static const char *const team[] = {"id", "name", "nop", "active", "attacker", NULL};
	static const char *const service[] = {"id", "name", "weight", NULL};
	static const char *const flag[] = {"id", "team", "service", "tick", NULL};
	static const char *const check[] = {"team", "service", "tick", "status", NULL};
	static const char *const capture[] = {"flag", "team", "tick", NULL};
	enum err e;

	if ((e = read_list(r, root, "teams", team, read_team)) != ERR_OK ||
	    (e = id_index_sort(r, "teams", &r->teams)) != ERR_OK ||
	    (e = read_list(r, root, "services", service, read_service)) != ERR_OK ||
	    (e = id_index_sort(r, "services", &r->services)) != ERR_OK ||
	    (e = read_list(r, root, "flags", flag, read_flag)) != ERR_OK ||
	    (e = id_index_sort(r, "flags", &r->flags)) != ERR_OK ||
	    (e = read_list(r, root, "checks", check, read_check)) != ERR_OK)
		return e;
	return read_list(r, root, "captures", capture, read_capture);
}

/* ---- into the order of a drill ---- */

enum { PHASES = 3 }; /* of a tick: flags, checks, captures */

static size_t
slot_of(const struct fact *fact)
{
	static const size_t phase[] = {[FACT_FLAG] = 0, [FACT_CHECK] = 1, [FACT_CAPTURE] = 2};

	return (size_t)fact->tick * PHASES + phase[fact->kind];
}

/* A stable counting sort: order[i] is the item that comes i-th. */
static uint32_t *
order_items(const struct facts_reader *r, size_t count, int32_t ticks)
{
	size_t slots = ((size_t)ticks + 1) * PHASES;
	uint32_t *order = mem_array(count, sizeof(*order));
	size_t *next = mem_array(slots + 1, sizeof(*next));

	for (size_t i = 0; i < count; i++)
		next[slot_of(&r->items[i]) + 1]++;
	for (size_t i = 1; i <= slots; i++)
		next[i] += next[i - 1];
	for (size_t i = 0; i < count; i++)
		order[next[slot_of(&r->items[i])]++] = (uint32_t)i;
	free(next);
	return order;
}

/* In order of ticks the last check of each system is enough to see a second one in a tick. */
static enum err
refuse_second_checks(struct facts_reader *r, const uint32_t *order, size_t count)
{
	int32_t *last = mem_array(r->teams.count * r->services.count, sizeof(*last));
	enum err e = ERR_OK;

	for (size_t i = 0; i < count && e == ERR_OK; i++) {
		const struct fact *fact = &r->items[order[i]];
		int32_t *seen = &last[fact->team * r->services.count + fact->service];

		if (fact->kind != FACT_CHECK)
			continue;
		r->list = "checks";
		r->at = order[i] - r->flag_count;
		if (*seen == fact->tick + 1)
			e = item_refuse(r, NULL,
			    "this team's service has a status for tick %d already",
			    (int)fact->tick);
		*seen = fact->tick + 1;
	}
	free(last);
	return e;
}

/* Copies the items in order, numbers the flags as they are issued, and closes every tick. */
static void
lay_out(struct facts *f, const struct facts_reader *r, const uint32_t *order, size_t count)
{
	uint32_t *issued = mem_array(r->flag_count, sizeof(*issued));
	uint32_t flags = 0;
	size_t i = 0;

	f->list = mem_array(count + (size_t)f->ticks + 1, sizeof(*f->list));
	for (int32_t tick = 0; tick <= f->ticks; tick++) {
		for (; i < count && r->items[order[i]].tick == tick; i++) {
			struct fact *fact = &f->list[f->count++];

			*fact = r->items[order[i]];
			if (fact->kind == FACT_FLAG)
				issued[fact->flag] = flags++;
			if (fact->kind != FACT_CHECK)
				fact->flag = issued[fact->flag];
		}
		f->list[f->count++] = (struct fact){.kind = FACT_CLOSE, .tick = tick};
	}
	free(issued);
}

static enum err
put_in_order(struct facts *f, struct facts_reader *r)
{
	size_t count = r->flag_count + r->check_count + r->capture_count;
	uint32_t *order = order_items(r, count, f->ticks);
	enum err e = refuse_second_checks(r, order, count);

	if (e == ERR_OK)
		lay_out(f, r, order, count);
	free(order);
	return e;
}

/* ---- the file ---- */

static enum err
read_ticks(const struct json_t *root, struct facts_reader *r, struct why *why)
{
	const struct json_t *ticks = jr_get(root, "ticks");
	int64_t max = jr_integer(ticks, -1);

	r->tick_max = TICKS_MAX;
	if (ticks == NULL)
		return ERR_OK;
	if (!jr_is_int(ticks) || max < 0 || max > TICKS_MAX)
		return why_set(
		    why, ERR_INVALID, "ticks: must be a whole number from 0 to %d", TICKS_MAX);
	r->tick_max = (int32_t)max;
	return ERR_OK;
}

static enum err
read_sizes(const struct json_t *root, struct facts_reader *r, struct why *why)
{
	static const char *const keys[] = {
	    "teams", "services", "ticks", "flags", "captures", "checks", NULL};
	enum err e;

	if (!jr_is_object(root))
		return why_set(why, ERR_INVALID, "the facts must be one JSON object");
	if ((e = jr_only_keys(root, keys, why)) != ERR_OK ||
	    (e = read_ticks(root, r, why)) != ERR_OK ||
	    (e = count_list(root, "teams", TEAMS_MAX, &r->teams.count, why)) != ERR_OK ||
	    (e = count_list(root, "services", SERVICES_MAX, &r->services.count, why)) != ERR_OK ||
	    (e = count_list(root, "flags", UINT32_MAX, &r->flag_count, why)) != ERR_OK ||
	    (e = count_list(root, "checks", UINT32_MAX, &r->check_count, why)) != ERR_OK)
		return e;
	return count_list(root, "captures", UINT32_MAX, &r->capture_count, why);
}

/* Sets the tables up, in the facts' arena what stays and on the heap what does not. */
static void
make_tables(struct facts *f, struct facts_reader *r)
{
	r->flags.count = r->flag_count;
	r->arena = &f->arena;
	r->score_teams = arena_array(&f->arena, r->teams.count, sizeof(*r->score_teams));
	r->kept_teams = arena_array(&f->arena, r->teams.count, sizeof(*r->kept_teams));
	r->kept_services = arena_array(&f->arena, r->services.count, sizeof(*r->kept_services));
	r->weights = arena_array(&f->arena, r->services.count, sizeof(*r->weights));
	r->teams.ids = mem_array(r->teams.count, sizeof(*r->teams.ids));
	r->services.ids = mem_array(r->services.count, sizeof(*r->services.ids));
	r->flags.ids = mem_array(r->flags.count, sizeof(*r->flags.ids));
	r->items = mem_array(r->flag_count + r->check_count + r->capture_count, sizeof(*r->items));
	f->teams = r->kept_teams;
	f->services = r->kept_services;
	f->setup = (struct score_setup){.teams = r->score_teams,
	    .team_count = r->teams.count,
	    .service_weights = r->weights,
	    .service_count = r->services.count};
}

static enum err
read_root(struct facts *f, const struct json_t *root, struct why *why)
{
	struct facts_reader r = {
	    .why = why, .teams.noun = "team", .services.noun = "service", .flags.noun = "flag"};
	enum err e;

	if ((e = read_sizes(root, &r, why)) != ERR_OK)
		return e;
	make_tables(f, &r);
	e = read_lists(&r, root);
	f->ticks = jr_get(root, "ticks") == NULL ? r.tick_last : r.tick_max;
	if (e == ERR_OK)
		e = put_in_order(f, &r);
	free(r.teams.ids);
	free(r.services.ids);
	free(r.flags.ids);
	free(r.items);
	return e;
}

enum err
facts_read(const char *text, size_t len, struct facts **out, struct why *why)
{
	struct json_t *root;
	struct facts *f;
	enum err e;

	*out = NULL;
	if ((e = jr_parse(text, len, &root, why)) != ERR_OK)
		return e;
	f = mem_alloc(sizeof(*f));
	e = read_root(f, root, why);
	jr_free(root);
	if (e == ERR_OK)
		*out = f;
	else
		facts_free(f);
	return e;
}

void
facts_free(struct facts *f)
{
	if (f == NULL)
		return;
	arena_free(&f->arena);
	free(f->list);
	free(f);
}
