/*
 * Debian's nginx as a child process on loopback, for benchmarks: its package is unpacked into build/nginx by
 * tests/bench/nginx.sh, so that no service is installed. Whatever goes wrong ends the benchmark with a message.
 */
#ifndef DRILLD_BENCH_NGINX_H
#define DRILLD_BENCH_NGINX_H

#include <sys/types.h>

struct nginx {
	pid_t pid;
	int port;
	char dir[64]; /* its pages; PUT below /notes/ writes there */
};

/* Listens on a free port of 127.0.0.1 and on; serves a page of 1 KiB at /. */
void nginx_start(struct nginx *n, int addresses);
void nginx_stop(struct nginx *n);

#endif
