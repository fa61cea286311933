/*
 * Scratch directories: made empty for a program, removed with whatever it has left in them. What is removed was
 * made by a program that may be hostile: no symbolic link is followed, no recursion, two descriptors whatever the
 * depth, and a bounded number of entries a call. For the launcher, one thread.
 */
#ifndef DRILLD_CHECKER_SCRATCH_H
#define DRILLD_CHECKER_SCRATCH_H

#include "base/err.h"
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#define SCRATCH_STALE_S 60 /* a young one may be about to be locked */
#define SCRATCH_NAME_MAX 32
#define SCRATCH_PATH_MAX (PATH_MAX / 2)

/* The directory that holds them all. */
struct scratch {
	int fd;
	char path[SCRATCH_PATH_MAX];
};

/* Whom a directory belongs to; change false: ourselves. */
struct scratch_owner {
	bool change;
	uid_t uid;
	gid_t gid;
};

/*
 * Makes it with a new name in $TMPDIR or /tmp, mode 0711, locked as long as it is open. Removes there what others that were
 * killed have left: directories of this kind and user, older than stale_s seconds, that nobody has locked. ERR_IO.
 */
enum err scratch_open(struct scratch *s, int stale_s, struct why *why) MUST_CHECK;
void scratch_close(struct scratch *s); /* removes it, if nothing is in it any more */

/*
 * One program's directory. Most programs leave theirs as they got it: it is then kept for the next one of the same
 * owner, for making and removing directories costs a disk's file system as much as starting a program.
 */
struct scratch_dir {
	char name[SCRATCH_NAME_MAX]; /* "": there is none */
	struct timespec changed;     /* its ctime when it was known to be new or as new */
	bool settled; /* taken so long after that any change since has another ctime */
};

/* Makes one, mode 0700; name: a file name. ERR_IO. */
enum err scratch_create(struct scratch *s, const char *name, const struct scratch_owner *owner,
    struct scratch_dir *out, struct why *why) MUST_CHECK;

/* For another program, if nothing has happened to it since it was given back. False: it has to be removed. */
bool scratch_take(struct scratch *s, struct scratch_dir *d);

/* The program has ended. True: it is empty and as new, with no attribute changed. False: it has to be removed. */
bool scratch_give_back(struct scratch *s, struct scratch_dir *d, const struct scratch_owner *owner);

/* What a call may do: entries it may look at, and how many it has removed or moved. */
struct scratch_work {
	unsigned left;
	unsigned gained;
};

/*
 * Removes entries of name, as its owner, while work.left lasts; true when the directory is gone. False: call again, for
 * more is left, or (nothing gained) somebody is still making files in it.
 */
bool scratch_destroy(struct scratch *s, const char *name, const struct scratch_owner *owner,
    struct scratch_work *work);

#endif
