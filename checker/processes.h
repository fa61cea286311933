/*
 * What /proc says of processes: whose children they are, and who runs as whom. For the launcher.
 */
#ifndef DRILLD_CHECKER_PROCESSES_H
#define DRILLD_CHECKER_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
	pid_t pid;
	pid_t parent;
	pid_t session;
	uid_t uid; /* its real one */
	unsigned threads;
	char state; /* as /proc has it: R S D T Z ... */
};

/* The children of a process, zombies among them; at most max, how many is returned. */
size_t processes_children(pid_t parent, pid_t *out, size_t max);

/* False: it is gone. */
bool processes_look(pid_t pid, struct process *out);

/* Calls each for every process there is. */
void processes_each(void (*each)(void *ctx, const struct process *p), void *ctx);

#endif
