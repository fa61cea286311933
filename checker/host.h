/*
 * What jobs run on, whatever their contract, and the list of those under way: a job embeds a task, enters it
 * when it begins and leaves when it is over. One a process; the checker's loop thread.
 */
#ifndef DRILLD_CHECKER_HOST_H
#define DRILLD_CHECKER_HOST_H

#include "base/arena.h"
#include "checker/program.h"
#include "checker/protocol.h"
#include <uv.h>

struct task {
	struct task *next, *prev;
	void (*cancel)(struct task *t); /* ends it without a result; it must leave at once */
};

struct host {
	uv_loop_t *loop;
	struct http_engine *http;
	struct exec_host *exec; /* external programs; NULL: none can be run */
	struct task *tasks;     /* those under way */
	unsigned count;
	/* A job has its result (borrowed) and has left. Not called for a cancelled one. */
	void (*finished)(void *ctx, const struct job_result *r);
	void *ctx;
};

void host_enter(struct host *h, struct task *t);
void host_leave(struct host *h, struct task *t);
/* Ends all of them without a result. */
void host_cancel_all(struct host *h);

#endif
