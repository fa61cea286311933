/*
 * A child process in a session of its own, with an environment of PATH, LANG and what is given. Either it speaks lines
 * over a socketpair, its fd 3, beside 0 (null) and 2 (our stderr); or it is an ordinary program, whose output, its 1
 * and 2, comes over a pipe. All on the loop's thread.
 */
#ifndef DRILLD_NET_CHILD_H
#define DRILLD_NET_CHILD_H

#include "base/err.h"
#include "net/loop.h"
#include <stddef.h>
#include <stdint.h>

struct child;

struct child_options {
	const char *const *argv; /* argv[0] is the path; borrowed during child_spawn only */
	const char *const *env;  /* more of NAME=VALUE, NULL at the end; or NULL; borrowed, too */
	/* An ordinary program: its output as it comes. The line's members do not count then; child_send says ERR_CLOSED. */
	void (*on_output)(void *ctx, const char *data, size_t len);
	size_t line_max_bytes; /* a longer line from the child ends it: on_exit follows */
	size_t
	    queue_max_bytes; /* unsent bytes towards the child; past it child_send says ERR_BUSY */
	void (*on_line)(
	    void *ctx, const char *line, size_t len); /* without the newline; not NUL-terminated */
	/* Once, last. status: exit code, or 128 + signal. The child object is freed after it
	 * returns. */
	void (*on_exit)(void *ctx, int status);
	void *ctx;
};

enum err child_spawn(
    struct loop *l, const struct child_options *o, struct child **out, struct why *why) MUST_CHECK;

/* Queues one line (the newline is added). */
enum err child_send(struct child *c, const char *line, size_t len) MUST_CHECK;

/* Closes its input, SIGTERM, after grace_ms SIGKILL; on_exit follows when it has been reaped. */
void child_stop(struct child *c, int64_t grace_ms);
int child_pid(const struct child *c);

#endif
