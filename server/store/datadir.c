#include "store/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum err
datadir_path(const char *dir, const char *name, char *out, size_t size, struct why *why)
{
	int n = snprintf(out, size, "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= size)
		return why_set(why, ERR_LIMIT, "the path of the data directory is too long");
	return ERR_OK;
}

enum err
datadir_sync(const char *dir, struct why *why)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed;

	if (fd < 0)
		return why_set(why, ERR_IO, "cannot open %s: %s", dir, strerror(errno));
	failed = fsync(fd) != 0 ? errno : 0;
	close(fd);
	if (failed != 0)
		return why_set(why, ERR_IO, "cannot sync %s: %s", dir, strerror(failed));
	return ERR_OK;
}

/* A new directory survives a power cut only once its name in the parent does. */
static enum err
sync_parent(const char *dir, struct why *why)
{
	char parent[PATH_MAX];
	enum err e = datadir_path(dir, "..", parent, sizeof(parent), why);

	return e != ERR_OK ? e : datadir_sync(parent, why);
}

enum err
datadir_make(const char *dir, struct why *why)
{
	struct stat st;

	if (mkdir(dir, 0700) == 0)
		return sync_parent(dir, why);
	if (errno != EEXIST)
		return why_set(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    "cannot make the data directory %s: %s", dir, strerror(errno));
	if (stat(dir, &st) != 0)
		return why_set(why, ERR_IO, "cannot look at %s: %s", dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return why_set(
		    why, ERR_INVALID, "%s is not a directory; name the data directory", dir);
	return ERR_OK;
}

static enum err
lock_refused(const char *dir, int fd, struct why *why)
{
	char pid[16] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strcspn(pid, "\n")] = '\0';
	return why_set(why, ERR_BUSY,
	    "another server (pid %s) runs on %s; stop it or name another data directory",
	    pid[0] != '\0' ? pid : "unknown", dir);
}

enum err
datadir_lock(const char *dir, int *fd, struct why *why)
{
	char path[PATH_MAX], pid[16];
	enum err e = datadir_path(dir, "lock", path, sizeof(path), why);
	int lock, n;

	if (e != ERR_OK)
		return e;
	if ((lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
		return why_set(why, ERR_IO, "cannot open %s: %s", path, strerror(errno));
	if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
		e = errno == EWOULDBLOCK
			? lock_refused(dir, lock, why)
			: why_set(why, ERR_IO, "cannot lock %s: %s", path, strerror(errno));
		close(lock);
		return e;
	}
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(lock, 0) != 0 || pwrite(lock, pid, (size_t)n, 0) != n) {
		e = why_set(why, ERR_IO, "cannot write %s: %s", path, strerror(errno));
		close(lock);
		return e;
	}
	*fd = lock;
	return ERR_OK;
}

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0;
}

enum err
datadir_write(const char *dir, const char *name, const void *data, size_t len, struct why *why)
{
	char draft[PATH_MAX], path[PATH_MAX];
	enum err e;
	int fd;

	if ((e = datadir_path(dir, "draft", draft, sizeof(draft), why)) != ERR_OK ||
	    (e = datadir_path(dir, name, path, sizeof(path), why)) != ERR_OK)
		return e;
	if (unlink(draft) != 0 && errno != ENOENT)
		return why_set(why, ERR_IO, "cannot remove %s: %s", draft, strerror(errno));
	if ((fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
		return why_set(why, ERR_IO, "cannot make %s: %s", draft, strerror(errno));
	if (!write_all(fd, data, len))
		e = why_set(why, ERR_IO, "cannot write %s: %s", draft, strerror(errno));
	close(fd);
	if (e == ERR_OK && rename(draft, path) != 0)
		e = why_set(why, ERR_IO, "cannot make %s: %s", path, strerror(errno));
	return e != ERR_OK ? e : datadir_sync(dir, why);
}

bool
datadir_space(const char *dir, uint64_t *size_bytes, uint64_t *free_bytes)
{
	struct statvfs v;

	if (statvfs(dir, &v) != 0)
		return false;
	*size_bytes = (uint64_t)v.f_blocks * v.f_frsize;
	*free_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	return true;
}
