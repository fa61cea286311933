#include "base/process.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define STAT_STARTTIME 22 /* proc_pid_stat(5): the field, in clock ticks since the boot */

/* A small file of /proc whole; false if it is not there. */
static bool
read_file(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return false;
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	fclose(f);
	return n > 0;
}

/* "KEY:  NUMBER" of /proc/self/status. */
static uint64_t
status_value(const char *status, const char *key)
{
	const char *at = strstr(status, key);

	return at != NULL ? strtoull(at + strlen(key), NULL, 10) : 0;
}

/*
 * Asking for each number up to the size of the table costs a small part of what listing /proc/self/fd does.
 */
static unsigned
count_fds(uint64_t table_size)
{
	unsigned n = 0;

	for (uint64_t fd = 0; fd < table_size; fd++)
		if (fcntl((int)fd, F_GETFD) != -1)
			n++;
	return n;
}

static double
seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

bool
process_usage(struct process_usage *out)
{
	struct rusage usage;
	struct rlimit limit;
	char status[4096];

	if (!read_file("/proc/self/status", status, sizeof status) ||
	    getrusage(RUSAGE_SELF, &usage) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return false;
	*out = (struct process_usage){
	    .cpu_seconds = seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime),
	    .resident_bytes = 1024 * status_value(status, "\nVmRSS:"),
	    .virtual_bytes = 1024 * status_value(status, "\nVmSize:"),
	    .open_fds = count_fds(status_value(status, "\nFDSize:")),
	    .max_fds = limit.rlim_cur == RLIM_INFINITY ? INFINITY : (double)limit.rlim_cur,
	};
	return true;
}

double
process_start_seconds(void)
{
	struct timespec wall, boot;
	char text[1024], *at;

	/* The second field, the name, may hold spaces; its ')' is the last one. */
	if (!read_file("/proc/self/stat", text, sizeof text) || (at = strrchr(text, ')')) == NULL)
		return 0;
	for (int field = 2; field < STAT_STARTTIME && at != NULL; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL || clock_gettime(CLOCK_REALTIME, &wall) != 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &boot) != 0)
		return 0;
	return (double)(wall.tv_sec - boot.tv_sec) + (double)(wall.tv_nsec - boot.tv_nsec) / 1e9 +
	       strtod(at, NULL) / (double)sysconf(_SC_CLK_TCK);
}

unsigned
process_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 && n < 10000 ? (unsigned)n : 1;
}
