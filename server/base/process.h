/*
 * The machine and what this process uses of it, as the kernel counts it. On any thread.
 */
#ifndef DRILLD_BASE_PROCESS_H
#define DRILLD_BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process_usage {
	double cpu_seconds; /* user and system, of all threads */
	uint64_t resident_bytes;
	uint64_t virtual_bytes;
	unsigned open_fds;
	double max_fds; /* the soft limit; infinite where there is none */
};

/* False where /proc is not there. With tens of thousands of descriptors it takes some milliseconds. */
bool process_usage(struct process_usage *out);

/* When it was started, Unix seconds; 0 where /proc is not there. */
double process_start_seconds(void);

/* Cores of this machine; 1 where nobody says. */
unsigned process_cores(void);

#endif
