/*
 * For the tests of this floor: a data directory that goes away afterwards, and raw access to the file
 * in it, as a forger would have it.
 */
#ifndef TESTS_STORE_SCRATCH_H
#define TESTS_STORE_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#define SCRATCH_BYTES 64

static inline void
scratch_make(char dir[SCRATCH_BYTES])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, SCRATCH_BYTES, "%s/drill-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(dir));
}

static inline void
scratch_remove(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		char path[PATH_MAX];
		struct stat st;
		int n;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		n = snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		assert_in_range(n, 1, sizeof(path) - 1);
		assert_int_equal(lstat(path, &st), 0);
		if (S_ISDIR(st.st_mode))
			scratch_remove(path);
		else
			assert_int_equal(unlink(path), 0);
	}
	closedir(d);
	assert_int_equal(rmdir(dir), 0);
}

static inline const char *
scratch_path(const char *dir, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* Runs SQL on DIR/journal.db behind the journal's back. */
static inline void
scratch_sql(const char *dir, const char *sql)
{
	char *error = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(scratch_path(dir, "journal.db"), &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

static inline void
scratch_write(const char *dir, const char *name, const void *data, size_t len, mode_t mode)
{
	int fd = open(scratch_path(dir, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

#endif
