/*
 * Who may be checked next: the places that checks hold, and the queues of those that wait for one.
 *
 * A check holds a place of all places (those of the ready workers together) and one of its group's (its
 * contract's limit) from its beginning until its end is known, also when its tick has closed meanwhile:
 * its system is not begun again before. Where there are fewer places than systems,
 *
 *   - a department holds at most an eighth of them (a larger part if there are fewer than eight
 * departments, at least one), its suspects at most half of that;
 *   - suspects hold at most half of them. A suspect is a system whose last round was slow;
 *   - while suspects wait, an eighth of the places is left to them, so that being slow gets nobody out of
 * being checked;
 *   - among those that wait, the others go before suspects, departments take turns, and within a
 * department it goes by the moments.
 *
 * Whoever may not begin blocks nobody: one queue per group, department and class ("lane"), of which only
 * those that may begin are looked at. Every call costs a few steps per group, however many wait.
 *
 * Used by dispatch.c alone, on the loop's thread. Systems are indices into dispatch_options.targets.
 */
#ifndef DRILLD_DISPATCH_LANES_H
#define DRILLD_DISPATCH_LANES_H

#include "dispatch/dispatch.h"

struct lanes;

/* targets and groups are borrowed. Without groups all systems are in one that has no limit of its own. */
struct lanes *lanes_new(const struct check_target *targets, size_t target_count,
    const struct check_group *groups, size_t group_count);
void lanes_free(struct lanes *l);

/* How many places there are in all: of the ready workers together. */
void lanes_set_places(struct lanes *l, unsigned places);

/* The system's moment has come: it waits. One job a system until lanes_clear. */
void lanes_wait(struct lanes *l, uint32_t system, uint32_t job);
/* The next that may begin, which holds its places from here on; false: nobody may. */
bool lanes_take(struct lanes *l, uint32_t *job);
/* Its round is over, or did not begin after all: its places are free. */
void lanes_release(struct lanes *l, uint32_t system);
/* Whether its last round was slow: how it queues from its next lanes_wait on. */
void lanes_judge(struct lanes *l, uint32_t system, bool slow);
/* Its round goes on after its tick: as a suspect's. */
void lanes_overdue(struct lanes *l, uint32_t system);
/* The tick is over: nobody waits any more; who holds places keeps them. */
void lanes_clear(struct lanes *l);

/* What keeps a system that waits, or would now, from beginning. */
enum lanes_block {
	BLOCK_NONE,
	BLOCK_OWN_ROUND,   /* its round of an earlier tick is not over */
	BLOCK_NO_WORKER,   /* there is no place at all */
	BLOCK_PLACES,      /* all are taken */
	BLOCK_GROUP,       /* all of its group are taken */
	BLOCK_SHARE,       /* its department's share of all */
	BLOCK_GROUP_SHARE, /* its department's share of its group's */
	BLOCK_SUSPECTS,    /* suspects hold their half, of all or of its group's */
	BLOCK_COUNT
};
enum lanes_block lanes_block(const struct lanes *l, uint32_t system);

/* Of group g, or of all with g == -1. */
struct dispatch_figures lanes_figures(const struct lanes *l, int g);
/* A department's share of the group's places. */
unsigned lanes_share(const struct lanes *l, unsigned g);

#endif
