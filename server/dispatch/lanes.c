#include "dispatch/lanes.h"
#include "base/mem.h"

#include <limits.h>
#include <stdlib.h>

#define SHARES 8 /* of a pool's places: a department's part, and what is left to waiting suspects */
#define NOBODY UINT32_MAX
#define UNLIMITED UINT_MAX

/* What a department holds of a pool. */
struct use {
	unsigned running;
	unsigned suspects; /* of them */
};

/* Places: all there are, or a group's. */
struct pool {
	unsigned max;
	unsigned systems; /* that may want one */
	unsigned owners;  /* departments they belong to */
	bool ample;       /* a place for every system: nothing has to be shared */
	unsigned share;
	unsigned share_suspects;
	unsigned suspects_max;
	unsigned reserve; /* left to suspects that wait */
	unsigned running;
	unsigned suspects;
	unsigned waiting;
	struct use *uses; /* by owner */
};

/* Systems of one group, department and class that wait; intrusive in seats and, of ready ones, in lanes. */
struct lane {
	uint32_t head, tail; /* systems */
	uint32_t next_ready; /* lane */
	bool ready;          /* in its group's list */
};

struct ready_list {
	uint32_t head, tail; /* lanes */
};

/* One system. */
struct seat {
	uint32_t job;
	uint32_t next; /* in its lane */
	uint32_t group, owner;
	bool waiting;
	bool held;         /* it has its places */
	bool held_suspect; /* as a suspect */
	bool suspect;      /* its last round was slow */
};

struct lanes {
	size_t system_count, group_count, owner_count;
	struct seat *seats;
	struct pool all;
	struct pool *groups;
	struct lane *lanes;               /* [group][owner][class] */
	struct ready_list (*ready)[2];    /* [group][class] */
	const struct check_group *limits; /* NULL: no limits */
	size_t turn;                      /* the group that is looked at first */
};

/* ---- pools ---- */

static void
pool_set_max(struct pool *p, unsigned max)
{
	unsigned parts = p->owners < SHARES ? p->owners : SHARES;

	p->max = max;
	p->ample = max >= p->systems;
	p->share = parts > 0 && max / parts > 0 ? max / parts : 1;
	p->share_suspects = p->share > 1 ? p->share / 2 : 1;
	p->suspects_max = max > 1 ? max / 2 : 1;
	p->reserve = max / SHARES > 0 ? max / SHARES : max > 1;
}

static bool
pool_open(const struct pool *p, bool suspect, bool suspects_wait)
{
	if (p->running >= p->max)
		return false;
	if (p->ample)
		return true;
	if (suspect)
		return p->suspects < p->suspects_max;
	return !suspects_wait || p->running - p->suspects < p->max - p->reserve;
}

/* For the message: also what is left to suspects counts as taken for the others. */
static bool
pool_full(const struct pool *p, bool suspect)
{
	return p->running >= p->max || (!suspect && !pool_open(p, false, true));
}

static bool
pool_share_left(const struct pool *p, uint32_t owner, bool suspect)
{
	const struct use *u = &p->uses[owner];

	if (p->ample)
		return true;
	return u->running < p->share && (!suspect || u->suspects < p->share_suspects);
}

static void
pool_hold(struct pool *p, const struct seat *s)
{
	p->running++;
	p->uses[s->owner].running++;
	p->suspects += s->held_suspect;
	p->uses[s->owner].suspects += s->held_suspect;
}

static void
pool_release(struct pool *p, const struct seat *s)
{
	p->running--;
	p->uses[s->owner].running--;
	p->suspects -= s->held_suspect;
	p->uses[s->owner].suspects -= s->held_suspect;
}

/* ---- lanes ---- */

static uint32_t
lane_of(const struct lanes *l, uint32_t group, uint32_t owner, bool suspect)
{
	return (uint32_t)((group * l->owner_count + owner) * 2 + suspect);
}

static uint32_t
lane_owner(const struct lanes *l, uint32_t lane)
{
	return (uint32_t)(lane / 2 % l->owner_count);
}

static uint32_t
lane_group(const struct lanes *l, uint32_t lane)
{
	return (uint32_t)(lane / 2 / l->owner_count);
}

static bool
lane_eligible(const struct lanes *l, uint32_t lane)
{
	uint32_t owner = lane_owner(l, lane);
	bool suspect = lane % 2;

	return l->lanes[lane].head != NOBODY && pool_share_left(&l->all, owner, suspect) &&
	       pool_share_left(&l->groups[lane_group(l, lane)], owner, suspect);
}

/* Puts a lane that may go on at the end of its group's list. */
static void
lane_rouse(struct lanes *l, uint32_t lane)
{
	struct ready_list *list = &l->ready[lane_group(l, lane)][lane % 2];
	struct lane *to = &l->lanes[lane];

	if (to->ready || !lane_eligible(l, lane))
		return;
	to->ready = true;
	to->next_ready = NOBODY;
	if (list->head == NOBODY)
		list->head = lane;
	else
		l->lanes[list->tail].next_ready = lane;
	list->tail = lane;
}

static void
ready_drop(struct lanes *l, struct ready_list *list)
{
	struct lane *lane = &l->lanes[list->head];

	lane->ready = false;
	list->head = lane->next_ready;
}

/* The group's next lane, or NOBODY. Those that cannot go on any more leave here; what ends rouses them. */
static uint32_t
ready_first(struct lanes *l, size_t group, bool suspect)
{
	struct ready_list *list = &l->ready[group][suspect];

	while (list->head != NOBODY && !lane_eligible(l, list->head))
		ready_drop(l, list);
	return list->head;
}

static void
rouse_owner(struct lanes *l, uint32_t owner)
{
	for (uint32_t g = 0; g < l->group_count; g++)
		for (int suspect = 0; suspect < 2; suspect++)
			lane_rouse(l, lane_of(l, g, owner, suspect));
}

static void
lane_push(struct lanes *l, uint32_t system)
{
	struct seat *s = &l->seats[system];
	uint32_t number = lane_of(l, s->group, s->owner, s->suspect);
	struct lane *lane = &l->lanes[number];

	s->next = NOBODY;
	if (lane->head == NOBODY)
		lane->head = system;
	else
		l->seats[lane->tail].next = system;
	lane->tail = system;
	lane_rouse(l, number);
}

static void
lanes_empty(struct lanes *l)
{
	for (size_t i = 0; i < l->group_count * l->owner_count * 2; i++)
		l->lanes[i] = (struct lane){NOBODY, NOBODY, NOBODY, false};
	for (size_t g = 0; g < l->group_count; g++)
		l->ready[g][0] = l->ready[g][1] = (struct ready_list){NOBODY, NOBODY};
}

/* ---- life ---- */

static void
count_owners(struct lanes *l, struct pool *p, long group)
{
	bool *seen = mem_array(l->owner_count, sizeof *seen);

	p->uses = mem_array(l->owner_count, sizeof *p->uses);
	for (size_t i = 0; i < l->system_count; i++) {
		const struct seat *s = &l->seats[i];

		if (group >= 0 && s->group != (uint32_t)group)
			continue;
		p->systems++;
		p->owners += !seen[s->owner];
		seen[s->owner] = true;
	}
	free(seen);
}

static unsigned
group_max(const struct lanes *l, size_t group)
{
	return l->limits != NULL && l->limits[group].max > 0 ? l->limits[group].max : UNLIMITED;
}

struct lanes *
lanes_new(const struct check_target *targets, size_t target_count, const struct check_group *groups,
    size_t group_count)
{
	struct lanes *l = mem_alloc(sizeof *l);

	l->system_count = target_count;
	l->group_count = group_count > 0 ? group_count : 1;
	l->limits = group_count > 0 ? groups : NULL;
	l->owner_count = 1;
	l->seats = mem_array(target_count + 1, sizeof *l->seats);
	for (size_t i = 0; i < target_count; i++) {
		const struct check_target *t = &targets[i];

		l->seats[i] = (struct seat){.group = t->group, .owner = t->owner};
		if (t->owner >= l->owner_count)
			l->owner_count = (size_t)t->owner + 1;
	}
	count_owners(l, &l->all, -1);
	pool_set_max(&l->all, 0);
	l->groups = mem_array(l->group_count, sizeof *l->groups);
	for (size_t g = 0; g < l->group_count; g++) {
		count_owners(l, &l->groups[g], (long)g);
		pool_set_max(&l->groups[g], group_max(l, g));
	}
	l->lanes = mem_array(l->group_count * l->owner_count * 2, sizeof *l->lanes);
	l->ready = mem_array(l->group_count, sizeof *l->ready);
	lanes_empty(l);
	return l;
}

void
lanes_free(struct lanes *l)
{
	if (l == NULL)
		return;
	for (size_t g = 0; g < l->group_count; g++)
		free(l->groups[g].uses);
	free(l->groups);
	free(l->all.uses);
	free(l->seats);
	free(l->lanes);
	free(l->ready);
	free(l);
}

void
lanes_set_places(struct lanes *l, unsigned places)
{
	pool_set_max(&l->all, places);
	for (uint32_t i = 0; i < l->group_count * l->owner_count * 2; i++)
		lane_rouse(l, i); /* the shares are others now */
}

/* ---- waiting and holding ---- */

void
lanes_wait(struct lanes *l, uint32_t system, uint32_t job)
{
	struct seat *s = &l->seats[system];

	s->job = job;
	s->waiting = true;
	l->all.waiting++;
	l->groups[s->group].waiting++;
	if (!s->held) /* else lanes_release queues it */
		lane_push(l, system);
}

/* Whether a suspect of any group could begin if there were a place for it. */
static bool
suspects_want_places(struct lanes *l)
{
	for (size_t g = 0; g < l->group_count; g++)
		if (ready_first(l, g, true) != NOBODY && pool_open(&l->groups[g], true, false))
			return true;
	return false;
}

static uint32_t
take_from(struct lanes *l, uint32_t number)
{
	struct lane *lane = &l->lanes[number];
	uint32_t system = lane->head;
	struct seat *s = &l->seats[system];

	lane->head = s->next;
	s->waiting = false;
	l->all.waiting--;
	l->groups[s->group].waiting--;
	s->held = true;
	s->held_suspect = number % 2;
	pool_hold(&l->all, s);
	pool_hold(&l->groups[s->group], s);
	return system;
}

static bool
take_class(struct lanes *l, bool suspect, uint32_t *job)
{
	bool all_wanted = !suspect && suspects_want_places(l);

	if (!pool_open(&l->all, suspect, all_wanted))
		return false;
	for (size_t i = 0; i < l->group_count; i++) {
		size_t g = (l->turn + i) % l->group_count;
		uint32_t lane = ready_first(l, g, suspect);
		bool wanted = !suspect && ready_first(l, g, true) != NOBODY;

		if (lane == NOBODY || !pool_open(&l->groups[g], suspect, wanted))
			continue;
		ready_drop(l, &l->ready[g][suspect]);
		*job = l->seats[take_from(l, lane)].job;
		lane_rouse(l, lane);
		l->turn = g + 1;
		return true;
	}
	return false;
}

bool
lanes_take(struct lanes *l, uint32_t *job)
{
	return l->all.waiting > 0 && (take_class(l, false, job) || take_class(l, true, job));
}

void
lanes_release(struct lanes *l, uint32_t system)
{
	struct seat *s = &l->seats[system];

	pool_release(&l->all, s);
	pool_release(&l->groups[s->group], s);
	s->held = false;
	if (s->waiting)
		lane_push(l, system);
	rouse_owner(l, s->owner);
}

void
lanes_judge(struct lanes *l, uint32_t system, bool slow)
{
	l->seats[system].suspect = slow;
}

void
lanes_overdue(struct lanes *l, uint32_t system)
{
	struct seat *s = &l->seats[system];

	s->suspect = true;
	pool_release(&l->all, s);
	pool_release(&l->groups[s->group], s);
	s->held_suspect = true;
	pool_hold(&l->all, s);
	pool_hold(&l->groups[s->group], s);
}

void
lanes_clear(struct lanes *l)
{
	for (size_t i = 0; i < l->system_count; i++)
		l->seats[i].waiting = false;
	l->all.waiting = 0;
	for (size_t g = 0; g < l->group_count; g++)
		l->groups[g].waiting = 0;
	lanes_empty(l);
}

/* ---- questions ---- */

enum lanes_block
lanes_block(const struct lanes *l, uint32_t system)
{
	const struct seat *s = &l->seats[system];
	const struct pool *group = &l->groups[s->group];

	if (s->held)
		return BLOCK_OWN_ROUND;
	if (l->all.max == 0)
		return BLOCK_NO_WORKER;
	if (pool_full(group, s->suspect))
		return BLOCK_GROUP;
	if (pool_full(&l->all, s->suspect))
		return BLOCK_PLACES;
	if (!pool_share_left(group, s->owner, s->suspect))
		return BLOCK_GROUP_SHARE;
	if (!pool_share_left(&l->all, s->owner, s->suspect))
		return BLOCK_SHARE;
	if (!pool_open(group, s->suspect, false) || !pool_open(&l->all, s->suspect, false))
		return BLOCK_SUSPECTS;
	return BLOCK_NONE;
}

static struct dispatch_figures
pool_figures(const struct pool *p)
{
	return (struct dispatch_figures){.places = p->max < UNLIMITED ? p->max : 0,
	    .running = p->running,
	    .waiting = p->waiting};
}

struct dispatch_figures
lanes_figures(const struct lanes *l, int g)
{
	return pool_figures(g < 0 ? &l->all : &l->groups[g]);
}

unsigned
lanes_share(const struct lanes *l, unsigned g)
{
	return l->groups[g].share;
}
