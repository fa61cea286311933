#include "scenario/executable.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Root's or ours, and nobody else's to write. */
static enum err
check_owner(const char *path, const struct stat *st, struct why *why)
{
	bool sticky = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0;

	if (st->st_uid != 0 && st->st_uid != geteuid())
		return why_set(why, ERR_FORBIDDEN,
		    "%s belongs to user %u; it has to be root's or user %u's", path,
		    (unsigned)st->st_uid, (unsigned)geteuid());
	if (!sticky && (st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return why_set(
		    why, ERR_FORBIDDEN, "%s can be written by others; chmod go-w %s", path, path);
	return ERR_OK;
}

static enum err
check_folders(const char *path, struct why *why)
{
	char folder[PATH_MAX];
	struct stat st;
	char *slash;
	enum err e;

	snprintf(folder, sizeof folder, "%s", path);
	while ((slash = strrchr(folder, '/')) != NULL) {
		slash[slash == folder] = '\0'; /* the root keeps its own */
		if (stat(folder, &st) != 0)
			return why_set(why, ERR_NOT_FOUND, "%s: %s", folder, strerror(errno));
		if ((e = check_owner(folder, &st, why)) != ERR_OK || slash == folder)
			return e;
	}
	return ERR_OK;
}

enum err
executable_check(const char *path, struct why *why)
{
	char real[PATH_MAX];
	struct stat st;
	enum err e;

	if (path[0] != '/')
		return why_set(why, ERR_INVALID, "%s is no absolute path; begin it with /", path);
	if (strlen(path) >= PATH_MAX || realpath(path, real) == NULL || stat(real, &st) != 0)
		return why_set(why, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, ERR_INVALID, "%s is no file", path);
	if (access(real, X_OK) != 0)
		return why_set(
		    why, ERR_FORBIDDEN, "%s cannot be executed; chmod +x %s", path, path);
	if ((e = check_owner(real, &st, why)) != ERR_OK || (e = check_folders(real, why)) != ERR_OK)
		return e;
	return strcmp(real, path) == 0 ? ERR_OK : check_folders(path, why);
}
