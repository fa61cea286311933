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

/* Makes it with a new name in $TMPDIR or /tmp, mode 0711. ERR_IO. */
enum err scratch_open(struct scratch *s, struct why *why) MUST_CHECK;
void scratch_close(struct scratch *s); /* removes it, if nothing is in it any more */

/* name: a file name. Mode 0700. ERR_IO. */
enum err scratch_make(struct scratch *s, const char *name, const struct scratch_owner *owner,
    struct why *why) MUST_CHECK;

/*
 * Removes up to budget entries of name, as its owner, and takes them off the budget; true when the directory is gone.
 * False: call again, for more is left, or somebody is still making files in it.
 */
bool scratch_remove(
    struct scratch *s, const char *name, const struct scratch_owner *owner, unsigned *budget);

#endif
