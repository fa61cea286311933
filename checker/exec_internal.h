/*
 * What exec.c (a program under way: pipes, deadline, end) and exec_host.c (the line to the launcher) share.
 */
#ifndef DRILLD_CHECKER_EXEC_INTERNAL_H
#define DRILLD_CHECKER_EXEC_INTERNAL_H

#include "base/buf.h"
#include "checker/exec.h"
#include "checker/launcher_wire.h"

#define EXEC_READ_BYTES (64 * 1024)

/* PIPE_IN is descriptor 3: what we write, it reads. PIPE_FROM is descriptor 4. */
enum exec_pipe { PIPE_OUT, PIPE_ERR, PIPE_IN, PIPE_FROM, PIPE_COUNT };

struct exec {
	struct exec_host *host;
	uint64_t id;
	bool cancelled;
	bool timed_out, killed;
	int unsent_signal; /* 0: none */
	uint64_t start_ms;
	void (*on_data)(void *ctx, const char *data, size_t len);
	void (*done)(void *ctx, const struct exec_result *r);
	void *ctx;

	struct zygote *zygote; /* the warm interpreter that runs it (warm.c), or NULL */
	struct exec *next_warm;

	struct exec *next_unsent; /* while its start waits for room on the line */
	bool unsent;
	struct buf request;
	int theirs[PIPE_COUNT]; /* the program's ends, until they are sent */

	uv_timer_t timer;
	uv_pipe_t pipes[PIPE_COUNT];
	bool pipe_open[PIPE_COUNT];
	unsigned pipe_count; /* 2, or 4 with descriptors 3 and 4 */
	unsigned handles;    /* not closed yet */
	bool reported;       /* the launcher has said how it ended, or will not any more */

	struct buf kept[2];
	struct buf out, flying; /* for descriptor 3 */
	uv_write_t write;
	bool writing;
};

struct exec_host {
	uv_loop_t *loop;
	int fd;
	uv_poll_t poll;
	int events;
	void (*died)(void *ctx);
	void *ctx;
	struct warm_host *warm;
	bool bubblewrap, dead, closing;
	bool unsent_signals;
	char note[WHY_MAX];
	uint64_t started;
	struct exec *slots[EXEC_JOBS_MAX];  /* id % EXEC_JOBS_MAX */
	unsigned free_slots[EXEC_JOBS_MAX]; /* a stack: [count, EXEC_JOBS_MAX) are free */
	unsigned count;
	unsigned open; /* handles of the host and programs that still hold some */
	struct exec *unsent_first, *unsent_last;
	struct wire_message message;
	char read[EXEC_READ_BYTES];
};

/* ---- exec_host.c ---- */

/* Sends x's start, or queues it until the line has room. */
void host_send_start(struct exec *x);
/* Takes back one that has not been sent. */
void host_take_back(struct exec *x);
void host_send_signal(struct exec *x, int number);
/* The next id and its slot; count is below EXEC_JOBS_MAX. */
void host_take_slot(struct exec_host *h, struct exec *x);
void host_give_slot_back(struct exec *x);
void host_release(struct exec_host *h);
void host_died(struct exec_host *h, const char *why);

/* ---- exec.c ---- */

void exec_close_theirs(struct exec *x);
/* Starts x, whose request is written, without a warm interpreter; also if one has not been able to. ERR_IO */
enum err exec_start_cold(struct exec *x, struct why *why) MUST_CHECK;
/* Frees it if its handles are closed and it has been reported. */
void exec_release(struct exec *x);
/* Bytes of its stdout or stderr, as far as there is room for them. */
void exec_keep(struct exec *x, enum exec_pipe p, const char *data, size_t len);
/* It has ended as r says (started, why, exit_code, signal): the rest is filled in and done called. */
void exec_finish(struct exec *x, struct exec_result *r);

#endif
