#include "checker/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static enum err
failed(struct why *why, const char *what, const char *path)
{
	return why_set(why, ERR_IO, "%s %s: %s", what, path, strerror(errno));
}

enum err
scratch_open(struct scratch *s, struct why *why)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp == NULL || tmp[0] != '/')
		tmp = "/tmp";
	s->fd = -1;
	if ((size_t)snprintf(s->path, sizeof s->path, "%s/drill-exec-XXXXXX", tmp) >=
	    sizeof s->path)
		return why_set(why, ERR_LIMIT, "TMPDIR is longer than %zu bytes", sizeof s->path);
	if (mkdtemp(s->path) == NULL)
		return failed(why, "cannot make", s->path);
	if ((s->fd = open(s->path, OPEN_DIR)) < 0 || fchmod(s->fd, 0711) != 0)
		return failed(why, "cannot open", s->path);
	return ERR_OK;
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

enum err
scratch_make(
    struct scratch *s, const char *name, const struct scratch_owner *owner, struct why *why)
{
	if (mkdirat(s->fd, name, 0700) != 0)
		return failed(why, "cannot make a scratch directory in", s->path);
	if (!owner->change ||
	    fchownat(s->fd, name, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) == 0)
		return ERR_OK;
	(void)failed(why, "cannot give away a scratch directory in", s->path);
	unlinkat(s->fd, name, AT_REMOVEDIR);
	return ERR_IO;
}

/* ---- removing ---- */

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

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
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
static void
move_up(int from, const char *name, int top)
{
	static unsigned long moved;
	char fresh[SCRATCH_NAME_MAX];

	if (fchmodat(from, name, 0700, 0) != 0)
		return;
	do
		snprintf(fresh, sizeof fresh, ".%lu", moved++);
	while (renameat(from, name, top, fresh) != 0 && (errno == EEXIST || errno == ENOTEMPTY));
}

static void
empty_level(DIR *level, int top, unsigned *budget)
{
	int fd = dirfd(level);
	struct dirent *entry;

	while (*budget > 0 && (entry = readdir(level)) != NULL) {
		if (is_dots(entry->d_name))
			continue;
		--*budget;
		if (!remove_entry(fd, entry->d_name))
			move_up(fd, entry->d_name, top);
	}
}

/* Once through the top: files go, directories lose their files and hand their own directories up. */
static void
empty_top(DIR *top, unsigned *budget)
{
	int fd = dirfd(top);
	struct dirent *entry;
	DIR *level;

	while (*budget > 0 && (entry = readdir(top)) != NULL) {
		if (is_dots(entry->d_name))
			continue;
		--*budget;
		if (remove_entry(fd, entry->d_name) ||
		    (level = open_level(fd, entry->d_name)) == NULL)
			continue;
		empty_level(level, fd, budget);
		closedir(level);
		unlinkat(fd, entry->d_name, AT_REMOVEDIR);
	}
}

bool
scratch_remove(
    struct scratch *s, const char *name, const struct scratch_owner *owner, unsigned *budget)
{
	DIR *top = NULL;

	if (unlinkat(s->fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return true;
	if (*budget > 0 && become(owner))
		top = open_level(s->fd, name);
	if (top != NULL) {
		empty_top(top, budget);
		closedir(top);
	}
	come_back(owner);
	return unlinkat(s->fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}
