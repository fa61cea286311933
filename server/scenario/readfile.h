/*
 * Files and folders as the scenario reader needs them: whole, and never more than the buffer's maximum.
 */
#ifndef DRILLD_SCENARIO_READFILE_H
#define DRILLD_SCENARIO_READFILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the file's bytes. ERR_NOT_FOUND, ERR_IO: it cannot be read; ERR_LIMIT: larger than out's
 * maximum; each with a sentence.
 */
enum err file_read(const char *path, struct buf *out, struct why *why) MUST_CHECK;

/* The names in dir that are ids and hold a file of that name, sorted; 0 where dir cannot be read. */
size_t folder_list(const char *dir, const char *file, struct arena *arena, const char ***names);

#endif
