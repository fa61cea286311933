/*
 * Reading files and listing folders.
 */
#include "scenario/readfile.h"

#include "core/config.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES (64u * 1024)
#define PATH_BYTES 4096
#define NAMES_MAX 500

static enum err
read_all(int fd, struct buf *out, struct why *why)
{
	char chunk[CHUNK_BYTES];
	ssize_t n;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return why_set(why, ERR_IO, "cannot be read: %s", strerror(errno));
		if (n == 0)
			return ERR_OK;
		buf_put(out, chunk, (size_t)n);
		if (buf_err(out) != ERR_OK)
			return why_set(why, ERR_LIMIT, "is larger than %zu bytes", out->max_bytes);
	}
}

enum err
file_read(const char *path, struct buf *out, struct why *why)
{
	/* A pipe in a challenge's folder that nobody writes to is empty, not something to wait for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum err e;

	buf_puts(out, ""); /* an empty file is an empty text, not NULL */
	if (fd < 0)
		return why_set(why, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO,
		    "cannot be read: %s", strerror(errno));
	(void)fcntl(fd, F_SETFL, O_RDONLY);
	e = read_all(fd, out, why);
	close(fd);
	return e;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t
folder_list(const char *dir, const char *file, struct arena *arena, const char ***names)
{
	char path[PATH_BYTES];
	struct dirent *entry;
	size_t count = 0;
	DIR *d = opendir(dir);

	*names = arena_array(arena, NAMES_MAX, sizeof(**names));
	while (d != NULL && count < NAMES_MAX && (entry = readdir(d)) != NULL) {
		int n = snprintf(path, sizeof(path), "%s/%s/%s", dir, entry->d_name, file);

		if (id_valid(entry->d_name) && n < (int)sizeof(path) && access(path, R_OK) == 0)
			(*names)[count++] = arena_strdup(arena, entry->d_name);
	}
	if (d != NULL)
		closedir(d);
	qsort(*names, count, sizeof(**names), by_name);
	return count;
}
