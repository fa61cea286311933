#include "base/mem.h"
#include "checker/launcher_internal.h"
#include "checker/processes.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define CHILDREN_MAX (2 * EXEC_JOBS_MAX)
#define STOP_PASSES 50 /* each stops all that it sees; a bomb is full after a few */
#define CROWD_MAX 65536

/* Whether a child of ours that is no program belongs to one that is still running. */
static bool
has_program(struct launcher *l, const struct process *p)
{
	unsigned slot = p->uid - l->user.uid;

	if (l->user.each)
		return slot < EXEC_JOBS_MAX && l->jobs[slot].pid != 0;
	return p->session != 0 && job_of(l, p->session) != NULL;
}

/* ---- where all share a user ---- */

/* All processes of the machine, by pid: /proc's order is no promise. */
struct crowd {
	struct process *items;
	size_t count;
};

static void
take(void *ctx, const struct process *p)
{
	struct crowd *c = ctx;

	if (c->count < CROWD_MAX)
		c->items[c->count++] = *p;
}

static int
by_pid(const void *x, const void *y)
{
	const struct process *a = x, *b = y;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

/* Whether it descends from a child of ours that is neither a program nor of one that is running. */
static bool
is_stray(struct launcher *l, const struct crowd *c, const struct process *p)
{
	const pid_t self = getpid();

	for (size_t depth = 0; p != NULL && depth < c->count; depth++) {
		if (p->parent == self)
			return job_of(l, p->pid) == NULL && !has_program(l, p);
		p = bsearch(
		    &(struct process){.pid = p->parent}, c->items, c->count, sizeof *p, by_pid);
	}
	return false;
}

/* One look at all; how many it has signalled. */
static unsigned
signal_strays(struct launcher *l, struct crowd *c, int number)
{
	unsigned n = 0;

	c->count = 0;
	processes_each(take, c);
	qsort(c->items, c->count, sizeof *c->items, by_pid);
	for (size_t i = 0; i < c->count; i++) {
		const struct process *p = &c->items[i];

		if (p->state == 'Z' || (number == SIGSTOP && p->state == 'T') || !is_stray(l, c, p))
			continue;
		kill(p->pid, number);
		n++;
	}
	return n;
}

/*
 * Killed one by one, a bomb's processes make room for new ones under its limit. So they are stopped until none is left
 * that could fork, and then killed.
 */
static void
end_crowd(struct launcher *l)
{
	struct crowd c = {.items = mem_array(CROWD_MAX, sizeof *c.items)};

	for (int pass = 0; pass < STOP_PASSES && signal_strays(l, &c, SIGSTOP) > 0; pass++)
		;
	(void)signal_strays(l, &c, SIGKILL);
	free(c.items);
}

/* ---- all ---- */

/* Gone with one stroke: under bubblewrap with the namespace's first process, else with its uid. */
static void
end_one(struct launcher *l, const struct process *p)
{
	unsigned slot = p->uid - l->user.uid;

	kill(p->pid, SIGKILL);
	if (l->user.each && !l->bubblewrap && slot < EXEC_JOBS_MAX)
		spawn_kill_all_of(p->uid, exec_user_killer(&l->user));
}

/*
 * Whoever flees from a program's group becomes our child when its parents have ended, for we are its reaper: our children
 * are the programs under way (live of them) and those.
 */
void
strays_end(struct launcher *l, unsigned live)
{
	static pid_t children[CHILDREN_MAX];
	size_t n = processes_children(getpid(), children, CHILDREN_MAX);
	struct process p;

	l->strays = false;
	for (size_t i = 0; n > live && i < n; i++) {
		if (job_of(l, children[i]) != NULL || !processes_look(children[i], &p) ||
		    p.state == 'Z' || has_program(l, &p))
			continue;
		l->strays = true;
		if (!l->user.each && !l->bubblewrap) {
			end_crowd(l);
			return;
		}
		end_one(l, &p);
	}
}
