/*
 * The real build/drilld as a child process on a free loopback port, for benchmarks that measure the whole of
 * it; run from the project's root. Whatever goes wrong ends the benchmark with a message.
 */
#ifndef DRILLD_BENCH_DRILLD_H
#define DRILLD_BENCH_DRILLD_H

#include "base/buf.h"

#include <sys/types.h>

struct drilld {
	pid_t pid;
	int port;
	char password[64]; /* of the account admin */
	char cookie[256];
	char csrf[64];
};

/* A new drill in dir/data; what it logs goes to dir/log. Returns once it listens. */
void drilld_start(struct drilld *d, const char *dir, const char *scenario, const char *challenges);
/* By SIGKILL: what it has acknowledged must be there nevertheless. */
void drilld_kill(struct drilld *d);

/* A connection to it. */
int drilld_connect(const struct drilld *d);

/* As admin. The answer's body, if it is a success; anything else ends the benchmark. */
void drilld_sign_in(struct drilld *d);
void drilld_post(const struct drilld *d, const char *path, const char *body, struct buf *out);

/* The text of a member of a small JSON object. */
void drilld_member(const struct buf *answer, const char *key, char *out, size_t size);

/* KiB, the line VmRSS of /proc/PID/status. */
long process_rss_kib(pid_t pid);

#endif
