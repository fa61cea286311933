/*
 * Preloaded into drilld (LD_PRELOAD): a disk that needs SLOW_DISK_MS for every page that SQLite writes. An answer that
 * does not wait for the commit then comes long before it, and a kill in between loses what was acknowledged. The write
 * is what must be slow, not the flush: what is in the page cache outlives a killed process.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *data, size_t len, off_t at);

ssize_t
pwrite64(int fd, const void *data, size_t len, off_t at)
{
	const char *text = getenv("SLOW_DISK_MS");
	long ms = text != NULL ? atol(text) : 0;
	struct timespec wait = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&wait, NULL);
	return syscall(SYS_pwrite64, fd, data, len, at);
}
