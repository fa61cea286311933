/*
 * A real build/drill-checker, fed by dispatch over its socketpair as drilld feeds it, for benchmarks; run from
 * the project's root. Whatever goes wrong ends the benchmark with a message.
 */
#ifndef DRILLD_BENCH_CHECKS_FEED_H
#define DRILLD_BENCH_CHECKS_FEED_H

#include "base/buf.h"
#include "dispatch/dispatch.h"

#include <sys/types.h>

/* From now on a benchmark may run so long; then it ends with a message. */
void bench_set_deadline(int64_t ms);
void bench_check_deadline(void);

__attribute__((noreturn)) void bench_die(const char *what); /* with errno's text */

/* A listening socket on 127.0.0.1 + address; *port 0: any, and set. */
int bench_listen(int address, int *port, int backlog);

long bench_resident_kib(pid_t pid);
double bench_median(double *v, size_t n); /* sorts v */

struct feed {
	int fd;
	pid_t pid;
	struct buf in;
	struct buf out;
	struct dispatch *dispatch;
	struct check_target *targets;
	size_t count;
	size_t results; /* of the present tick */
	size_t by_status[ST_COUNT];
	bool tell; /* results other than ok and down are printed */
	/* If set, called for each result. */
	void (*on_result)(void *ctx, const struct check_result *r);
	void *ctx;
};

struct feed_options {
	const char *program; /* compiled, JSON */
	size_t count;        /* systems */
	const char *const *hosts;
	const int *ports;
	size_t host_count; /* system i has hosts[i % host_count], ports[i % host_count] */
	unsigned in_flight;
	int64_t timeout_ms;
};

struct feed *feed_open(const struct feed_options *o);

/* Opens a tick all of whose jobs are due at once. */
void feed_tick(struct feed *f, int32_t tick);
/* One turn: lines out, lines in, what they bring; waits at most a second. */
void feed_turn(struct feed *f);
/* The tick, to its last result. Rounds a second. */
double feed_rate(struct feed *f, int32_t tick);
/* Waits until the checker has ended well. */
void feed_close(struct feed *f);

#endif
