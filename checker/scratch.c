#include "checker/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SETTLED_MS                                                                                 \
	20 /* more than a tick of the kernel, which is what times of files are read from */
#define BASE_PREFIX "drill-exec-"
#define STALE_ENTRIES_MAX 200000
#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static enum err
failed(struct why *why, const char *what, const char *path)
{
	return why_set(why, ERR_IO, "%s %s: %s", what, path, strerror(errno));
}

void
scratch_close(struct scratch *s)
{
	if (s->fd >= 0) {
		close(s->fd);
		rmdir(s->path);
	}
	s->fd = -1;
}

/* Files are looked at as the owner: whatever a link or a race leads to, only what is his can be touched. */
static bool
become(const struct scratch_owner *owner)
{
	if (!owner->change)
		return true;
	setfsgid(owner->gid);
	setfsuid(owner->uid);
	return (uid_t)setfsuid((uid_t)-1) == owner->uid;
}

static void
come_back(const struct scratch_owner *owner)
{
	if (!owner->change)
		return;
	setfsuid(0);
	setfsgid(0);
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* ---- making, and keeping what is as new ---- */

static bool
changed_at(struct scratch *s, const char *name, struct timespec *out)
{
	struct stat st;

	if (fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	*out = st.st_ctim;
	return true;
}

enum err
scratch_create(struct scratch *s, const char *name, const struct scratch_owner *owner,
    struct scratch_dir *out, struct why *why)
{
	if (mkdirat(s->fd, name, 0700) != 0)
		return failed(why, "cannot make a scratch directory in", s->path);
	if ((!owner->change ||
		fchownat(s->fd, name, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) == 0) &&
	    changed_at(s, name, &out->changed)) {
		snprintf(out->name, sizeof out->name, "%s", name);
		out->settled = false;
		return ERR_OK;
	}
	(void)failed(why, "cannot give away a scratch directory in", s->path);
	unlinkat(s->fd, name, AT_REMOVEDIR);
	return ERR_IO;
}

static bool
is_unchanged(struct scratch *s, const struct scratch_dir *d)
{
	struct timespec now;

	return changed_at(s, d->name, &now) && now.tv_sec == d->changed.tv_sec &&
	       now.tv_nsec == d->changed.tv_nsec;
}

bool
scratch_take(struct scratch *s, struct scratch_dir *d)
{
	struct timespec now;
	int64_t since_ms;

	if (!is_unchanged(s, d))
		return false;
	clock_gettime(CLOCK_REALTIME_COARSE, &now); /* the clock of file systems */
	since_ms = (now.tv_sec - d->changed.tv_sec) * (int64_t)1000 +
		   (now.tv_nsec - d->changed.tv_nsec) / 1000000;
	d->settled = since_ms > SETTLED_MS;
	return true;
}

static bool
is_empty(DIR *d)
{
	struct dirent *entry;

	while ((entry = readdir(d)) != NULL)
		if (!is_dots(entry->d_name))
			return false;
	return true;
}

static bool
is_as_new(struct scratch *s, const char *name, const struct scratch_owner *owner)
{
	struct stat st;
	bool holds = false;
	DIR *d = NULL;
	int fd = -1;

	if (become(owner) && (fd = openat(s->fd, name, OPEN_DIR)) >= 0)
		d = fdopendir(fd);
	if (d != NULL)
		holds = fstat(fd, &st) == 0 && st.st_mode == (S_IFDIR | 0700) &&
			flistxattr(fd, NULL, 0) <= 0 && is_empty(d);
	come_back(owner);
	if (d != NULL)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return holds;
}

bool
scratch_give_back(struct scratch *s, struct scratch_dir *d, const struct scratch_owner *owner)
{
	if (d->settled)
		return is_unchanged(s, d);
	return is_as_new(s, d->name, owner) && changed_at(s, d->name, &d->changed);
}

/* ---- removing ---- */

/* One level of the tree: opened even if its owner has taken his own rights to it away. */
static DIR *
open_level(int parent, const char *name)
{
	int fd = openat(parent, name, OPEN_DIR);
	DIR *d;

	if (fd >= 0 && fchmod(fd, 0700) != 0) {
		close(fd);
		fd = -1;
	}
	if (fd < 0 && fchmodat(parent, name, 0700, 0) == 0)
		fd = openat(parent, name, OPEN_DIR);
	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL && fd >= 0)
		close(fd);
	return d;
}

/* A file or an empty directory. */
static bool
remove_entry(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0)
		return true;
	return (errno == EISDIR || errno == EPERM) && unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

/* Full directories one level down are moved up beside their parent: so depth costs neither stack nor descriptors. */
static bool
move_up(int from, const char *name, int top)
{
	static unsigned long moved;
	char fresh[SCRATCH_NAME_MAX];

	if (fchmodat(from, name, 0700, 0) != 0)
		return false;
	for (;;) {
		snprintf(fresh, sizeof fresh, ".%lu", moved++);
		if (renameat(from, name, top, fresh) == 0)
			return true;
		if (errno != EEXIST && errno != ENOTEMPTY)
			return false;
	}
}

static void
empty_level(DIR *level, int top, struct scratch_work *work)
{
	int fd = dirfd(level);
	struct dirent *entry;

	while (work->left > 0 && (entry = readdir(level)) != NULL) {
		if (is_dots(entry->d_name))
			continue;
		work->left--;
		if (remove_entry(fd, entry->d_name) || move_up(fd, entry->d_name, top))
			work->gained++;
	}
}

/* Once through the top: files go, directories lose their files and hand their own directories up. */
static void
empty_top(DIR *top, struct scratch_work *work)
{
	int fd = dirfd(top);
	struct dirent *entry;
	DIR *level;

	while (work->left > 0 && (entry = readdir(top)) != NULL) {
		if (is_dots(entry->d_name))
			continue;
		work->left--;
		if (remove_entry(fd, entry->d_name)) {
			work->gained++;
		} else if ((level = open_level(fd, entry->d_name)) != NULL) {
			empty_level(level, fd, work);
			closedir(level);
			unlinkat(fd, entry->d_name, AT_REMOVEDIR);
		}
	}
}

static void
empty_all(struct scratch *s, const char *name, struct scratch_work *work)
{
	DIR *top = open_level(s->fd, name);
	unsigned before;

	if (top == NULL)
		return;
	do {
		before = work->gained;
		rewinddir(top);
		empty_top(top, work);
	} while (work->gained > before && work->left > 0);
	closedir(top);
}

bool
scratch_destroy(struct scratch *s, const char *name, const struct scratch_owner *owner,
    struct scratch_work *work)
{
	if (unlinkat(s->fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return true;
	if (work->left > 0 && become(owner))
		empty_all(s, name, work);
	come_back(owner);
	return unlinkat(s->fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

/* ---- the directory that holds them ---- */

/* What a launcher has left behind that was killed: all that can be removed at one go. */
static void
empty_base(struct scratch *stale)
{
	struct scratch_work work = {.left = STALE_ENTRIES_MAX};
	DIR *d = opendir(stale->path);
	struct dirent *entry;
	struct stat st;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct scratch_owner owner;

		if (is_dots(entry->d_name) ||
		    fstatat(stale->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		owner = (struct scratch_owner){geteuid() == 0, st.st_uid, st.st_gid};
		(void)scratch_destroy(stale, entry->d_name, &owner, &work);
	}
	if (d != NULL)
		closedir(d);
}

/* Ours, not young (its launcher may be about to lock it), and nobody holds it. */
static bool
is_stale(int fd, int age_s)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && time(NULL) - st.st_ctime > age_s &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void
remove_stale(const char *folder, int age_s)
{
	DIR *d = opendir(folder);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct scratch stale = {.fd = -1};

		if (strncmp(entry->d_name, BASE_PREFIX, strlen(BASE_PREFIX)) != 0 ||
		    (size_t)snprintf(stale.path, sizeof stale.path, "%s/%s", folder,
			entry->d_name) >= sizeof stale.path ||
		    (stale.fd = open(stale.path, OPEN_DIR)) < 0)
			continue;
		if (is_stale(stale.fd, age_s)) {
			empty_base(&stale);
			scratch_close(&stale);
		} else {
			close(stale.fd);
		}
	}
	if (d != NULL)
		closedir(d);
}

enum err
scratch_open(struct scratch *s, int stale_s, struct why *why)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp == NULL || tmp[0] != '/')
		tmp = "/tmp";
	s->fd = -1;
	if ((size_t)snprintf(s->path, sizeof s->path, "%s/" BASE_PREFIX "XXXXXX", tmp) >=
	    sizeof s->path)
		return why_set(why, ERR_LIMIT, "TMPDIR is longer than %zu bytes", sizeof s->path);
	remove_stale(tmp, stale_s);
	if (mkdtemp(s->path) == NULL)
		return failed(why, "cannot make", s->path);
	if ((s->fd = open(s->path, OPEN_DIR)) < 0 || flock(s->fd, LOCK_EX | LOCK_NB) != 0 ||
	    fchmod(s->fd, 0711) != 0)
		return failed(why, "cannot open", s->path);
	return ERR_OK;
}
