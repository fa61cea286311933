/*
 * rest_rss: what drilld, just started with the demo's scenario and with nobody connected, holds in memory
 * (VmRSS of its own process; the checker's is told beside it). The reference is the 32 MiB it may have.
 */
#include "tests/bench/bare.h"
#include "tests/bench/drilld.h"

#include <stdio.h>
#include <unistd.h>

enum { LIMIT_KIB = 32 * 1024, SETTLE_US = 500000 };

/* Its one child, the checker. */
static pid_t
child_of(pid_t pid)
{
	char path[64];
	int child = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	if (fscanf(f, "%d", &child) != 1)
		child = 0;
	fclose(f);
	return child;
}

int
main(void)
{
	struct drilld d;
	char dir[128];
	long server, checker;
	pid_t child;

	scratch_make(dir, sizeof dir);
	drilld_start(&d, dir, "demo/scenario.yaml", "challenges");
	usleep(SETTLE_US); /* for the checker to have started, too */
	server = process_rss_kib(d.pid);
	child = child_of(d.pid);
	checker = child > 0 ? process_rss_kib(child) : 0;
	drilld_kill(&d);
	scratch_remove(dir);
	printf("{\"bench\":\"rest_rss\",\"value\":%ld,\"unit\":\"KiB\",\"reference\":%d,"
	       "\"ratio\":%.3f,\"checker_kib\":%ld}\n",
	    server, LIMIT_KIB, (double)server / LIMIT_KIB, checker);
	return 0;
}
