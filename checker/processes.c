#include "checker/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHILDREN_MAX_BYTES (64 * 1024)
#define STATUS_MAX_BYTES 4096

static ssize_t
read_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n, len = 0;

	if (fd < 0)
		return -1;
	while ((size_t)len < size - 1 && (n = read(fd, out + len, size - 1 - (size_t)len)) > 0)
		len += n;
	close(fd);
	out[len] = '\0';
	return len;
}

/* The number behind "Key:\t", or false. The name of a process, which comes first, cannot hold a line's end. */
static bool
number_of(const char *status, const char *key, long *out)
{
	const char *at = strstr(status, key);

	return at != NULL && sscanf(at + strlen(key), "%ld", out) == 1;
}

static char
state_of(const char *status)
{
	const char *at = strstr(status, "\nState:\t");

	return at != NULL ? at[8] : '?';
}

bool
processes_look(pid_t pid, struct process *out)
{
	char path[64], status[STATUS_MAX_BYTES];
	long parent, session, uid, threads;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if (read_file(path, status, sizeof status) <= 0 || !number_of(status, "\nPPid:", &parent) ||
	    !number_of(status, "\nUid:", &uid))
		return false;
	/* A zombie has no threads, a kernel without namespaces no session here: 0 then. */
	if (!number_of(status, "\nThreads:", &threads))
		threads = 0;
	if (!number_of(status, "\nNSsid:", &session))
		session = 0;
	*out = (struct process){.pid = pid,
	    .state = state_of(status),
	    .parent = (pid_t)parent,
	    .session = (pid_t)session,
	    .uid = (uid_t)uid,
	    .threads = (unsigned)threads};
	return true;
}

void
processes_each(void (*each)(void *ctx, const struct process *p), void *ctx)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct process p;

	if (proc == NULL)
		return;
	while ((entry = readdir(proc)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    processes_look((pid_t)atoi(entry->d_name), &p))
			each(ctx, &p);
	closedir(proc);
}

struct children {
	pid_t parent;
	pid_t *out;
	size_t count, max;
};

static void
take_child(void *ctx, const struct process *p)
{
	struct children *c = ctx;

	if (p->parent == c->parent && c->count < c->max)
		c->out[c->count++] = p->pid;
}

/* The kernel lists them itself, unless it was built without. */
size_t
processes_children(pid_t parent, pid_t *out, size_t max)
{
	struct children c = {.parent = parent, .out = out, .max = max};
	char path[64], text[CHILDREN_MAX_BYTES], *at = text, *end;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
	if (read_file(path, text, sizeof text) < 0) {
		if (kill(parent, 0) == 0)
			processes_each(take_child, &c);
		return c.count;
	}
	for (long pid; c.count < max && (pid = strtol(at, &end, 10)) > 0 && end != at; at = end)
		out[c.count++] = (pid_t)pid;
	return c.count;
}
